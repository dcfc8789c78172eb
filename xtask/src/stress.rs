//! `cargo xtask stress`: more threads than cores at every type that threads share.

use std::time::Instant;

use anyhow::{Result, ensure};
use clap::Args;

use crate::command::Cargo;
use crate::workspace::Workspace;

/// How long.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Seconds for each test program
    #[arg(long, default_value_t = 30)]
    seconds: u64,
}

/// Runs the tests whose names begin with `stress`, of every crate that has one so named, optimised, with the structure checked.
pub(crate) fn run(options: &Options) -> Result<()> {
    let workspace = Workspace::load()?;
    let packages = workspace.packages_with_test("stress");
    ensure!(!packages.is_empty(), "no crate has a test named stress");
    let start = Instant::now();
    let mut cargo = Cargo::new("test --release --all-features --test stress*");
    for package in &packages {
        cargo = cargo.args(["--package", package.name.as_str()]);
    }
    let mut runs = 0;
    cargo
        .args(["--", "--nocapture"])
        .env("PLEACH_STRESS_SECONDS", options.seconds.to_string())
        // What is retired beside a reader that stalls.
        .env("PLEACH_STRESS_RETIRED", "10000000")
        .run_lines(&workspace, |line| {
            runs += usize::from(line.contains("stress "));
        })?;
    println!(
        "xtask stress: {runs} runs in {} crates, {} s each crate, {:.1} s in all, every map equal to its model",
        packages.len(),
        options.seconds,
        start.elapsed().as_secs_f64()
    );
    Ok(())
}
