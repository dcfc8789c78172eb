//! `cargo xtask demo`: the knowledge graph, optimised.

use anyhow::Result;

use crate::command::Cargo;
use crate::workspace::Workspace;

/// Builds the demo and runs it with `args`.
pub(crate) fn run(args: &[String]) -> Result<()> {
    let workspace = Workspace::load()?;
    Cargo::new("run --release --package pleach-demo --")
        .args(args)
        .run(&workspace)
}
