//! The workspace's own commands: `cargo xtask <verb>`.
//!
//! One verb a file. Depends on no crate of the workspace, so that it builds when they do not.

mod asan;
mod bench;
mod ci;
mod command;
mod count;
mod demo;
mod fuzz;
mod ledger;
mod loom;
mod models;
mod shuttle;
mod source;
mod stress;
mod tally;
mod test;
mod tidy;
mod tsan;
mod workspace;

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

/// The commands of this workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Options {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Check all that a change has to pass: format, lints, tests, doctests, docs, examples
    Test,
    /// Load a knowledge graph into tries and report what was measured (`demo --help` for more)
    #[command(disable_help_flag = true)]
    Demo(Rest),
    /// Measure beside the peers: `bench [trie|threads|algebra|pool|sync|intern] [--quick]`, `bench gate`
    #[command(disable_help_flag = true)]
    Bench(Rest),
    /// Check rules of the house: layers, ledger, links, sizes, atomics through one door
    Tidy,
    /// Run the concurrency models, or see whether they would fail (`--weaken`)
    Loom(loom::Options),
    /// Run the scenarios too large for loom, under random schedules, and each planted bug
    Shuttle(shuttle::Options),
    /// Count the atomic read-modify-writes of reading and writing, in a build that does
    Count,
    /// Run the libraries' tests with the address sanitizer; arguments go to the test programs
    Asan(Rest),
    /// Run the libraries' tests with the thread sanitizer, std and all; skipped where that cannot be had
    Tsan(tsan::Options),
    /// Run the fuzz targets for a while; skipped where cargo-fuzz is not installed
    Fuzz(fuzz::Options),
    /// Let more threads than cores loose on every type that threads share
    Stress(stress::Options),
    /// Run what every change has to pass: test, slices of loom and shuttle, stress, demo
    Ci(ci::Options),
}

/// Arguments that are passed on as they are.
#[derive(Debug, Args)]
struct Rest {
    /// Passed on as they are
    #[arg(
        value_name = "ARGS",
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    args: Vec<String>,
}

fn main() -> ExitCode {
    let result = match Options::parse().verb {
        Verb::Test => test::run(),
        Verb::Demo(rest) => demo::run(&rest.args),
        Verb::Bench(rest) => bench::run(&rest.args),
        Verb::Tidy => tidy::run(),
        Verb::Loom(options) => loom::run(&options),
        Verb::Shuttle(options) => shuttle::run(&options),
        Verb::Count => count::run(),
        Verb::Asan(rest) => asan::run(&rest.args),
        Verb::Tsan(options) => tsan::run(&options),
        Verb::Fuzz(options) => fuzz::run(&options),
        Verb::Stress(options) => stress::run(&options),
        Verb::Ci(options) => ci::run(&options),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
