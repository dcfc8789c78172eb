//! `cargo xtask test`: what a change has to pass, stage by stage.

use std::time::Instant;

use anyhow::{Context, Result};

use crate::command::Cargo;
use crate::workspace::Workspace;

/// A name and what it runs.
struct Stage {
    name: String,
    cargo: Cargo,
}

/// Runs all stages and stops at the first that fails.
pub(crate) fn run() -> Result<()> {
    let workspace = Workspace::load()?;
    let stages = stages(&workspace);
    let start = Instant::now();
    for (passed, Stage { name, cargo }) in stages.iter().enumerate() {
        println!("==> {name}: {cargo}");
        let begin = Instant::now();
        cargo.run(&workspace).with_context(|| {
            format!(
                "xtask test: stage `{name}` failed, {passed} of {} passed before it",
                stages.len()
            )
        })?;
        println!(
            "==> {name}: passed in {:.1} s",
            begin.elapsed().as_secs_f64()
        );
    }
    println!(
        "xtask test: all {} stages passed in {:.1} s",
        stages.len(),
        start.elapsed().as_secs_f64()
    );
    Ok(())
}

fn stages(workspace: &Workspace) -> Vec<Stage> {
    let stage = |name: &str, cargo: Cargo| Stage {
        name: name.to_owned(),
        cargo,
    };
    // Doctests are a stage of their own, since nextest does not run them.
    let tests = if Cargo::new("nextest --version").succeeds(workspace) {
        "nextest run --all-features --no-tests pass"
    } else {
        "test --all-features --lib --bins --tests"
    };
    let lints = "clippy --all-targets --all-features -- -D warnings";
    let docs = Cargo::new("doc --no-deps --all-features").flags("RUSTDOCFLAGS", "-D warnings");
    let mut stages = vec![
        stage("fmt", Cargo::new("fmt --all --check")),
        stage("tidy", Cargo::new("run --quiet --package xtask -- tidy")),
        stage("clippy", Cargo::new(lints)),
        stage("tests", Cargo::new(tests)),
        stage("doctests", Cargo::new("test --doc --all-features")),
        stage("docs", docs),
    ];
    stages.extend(workspace.examples().map(|(package, name)| {
        let example = Cargo::new("run --quiet --all-features");
        stage(
            &format!("example {name}"),
            example.args(["--package", package, "--example", name]),
        )
    }));
    stages
}
