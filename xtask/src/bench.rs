//! `cargo xtask bench`: the benchmarks, with the target features that a peer asks for.

use anyhow::Result;

use crate::command::Cargo;
use crate::workspace::Workspace;

/// Builds the benchmarks for this machine, in a target folder of their own, and runs them.
pub(crate) fn run(args: &[String]) -> Result<()> {
    let workspace = Workspace::load()?;
    let mut flags = "-C target-cpu=native".to_owned();
    if cfg!(target_arch = "x86_64") {
        // Crate pathmap does not compile without these.
        flags.push_str(" -C target-feature=+aes,+sse2");
    }
    Cargo::new("run --profile bench --package pleach-benches --")
        .args(args)
        .flags("RUSTFLAGS", &flags)
        .target_dir(workspace.target_dir("bench-build"))
        .run(&workspace)
}
