//! `cargo xtask bench`: the race against the peers, and the gate of instruction counts.

use anyhow::Result;

use crate::command::Cargo;
use crate::workspace::Workspace;

/// Runs the gate if `gate` is the first word, and the race otherwise; each is built in a target
/// folder of its own.
pub(crate) fn run(args: &[String]) -> Result<()> {
    let workspace = Workspace::load()?;
    match args {
        [gate, args @ ..] if gate == "gate" => run_gate(&workspace, args),
        args => race(&workspace, args),
    }
}

/// The race, built for this machine, with the target features that a peer asks for.
fn race(workspace: &Workspace, args: &[String]) -> Result<()> {
    let mut flags = "-C target-cpu=native".to_owned();
    if cfg!(target_arch = "x86_64") {
        // Crate pathmap does not compile without these.
        flags.push_str(" -C target-feature=+aes,+sse2");
    }
    let report = workspace.target_dir("bench");
    Cargo::new("run --profile bench --package pleach-benches --bin pleach-benches --")
        .args(args)
        .flags("RUSTFLAGS", &flags)
        .env("PLEACH_BENCH_OUT", report.to_string_lossy())
        .target_dir(workspace.target_dir("bench-build"))
        .run(workspace)
}

/// The gate, built for any machine: a count of instructions shall not depend on this one, and
/// valgrind does not know the newest of them.
fn run_gate(workspace: &Workspace, args: &[String]) -> Result<()> {
    Cargo::new("run --profile bench --package pleach-benches --no-default-features --bin gate --")
        .args(args)
        .target_dir(workspace.target_dir("gate-build"))
        .run(workspace)
}
