//! `cargo xtask ci`: what every change has to pass, the stages of `.ci/run`.

use std::time::Instant;

use anyhow::{Context, Result};
use clap::Args;

use crate::command::Cargo;
use crate::workspace::Workspace;

/// Which stages.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Leave out the verb `test`, for a script that has called it
    #[arg(long)]
    after_test: bool,
}

/// The verbs in order, the one that tells most first.
const VERBS: [&str; 5] = [
    "test",
    "loom --slice",
    "shuttle --slice",
    "stress --seconds 10",
    "demo",
];

/// Runs the verbs and stops at the first that fails.
pub(crate) fn run(options: &Options) -> Result<()> {
    let workspace = Workspace::load()?;
    let start = Instant::now();
    let verbs = &VERBS[usize::from(options.after_test)..];
    for verb in verbs {
        println!("==> cargo xtask {verb}");
        let xtask = Cargo::new("run --quiet --package xtask --").args(verb.split(' '));
        xtask
            .run(&workspace)
            .with_context(|| format!("xtask ci: `{verb}` failed"))?;
    }
    println!(
        "xtask ci: {} passed in {:.1} s",
        verbs.join(", "),
        start.elapsed().as_secs_f64()
    );
    Ok(())
}
