//! `cargo xtask loom`: the concurrency models.

use anyhow::Result;

use crate::command::Cargo;
use crate::workspace::Workspace;

/// Runs the models, all or those that `args` select, in a target folder of their own.
pub(crate) fn run(args: &[String]) -> Result<()> {
    let workspace = Workspace::load()?;
    Cargo::new("test --release --package pleach-ptr --test loom --")
        .args(args)
        .flags("RUSTFLAGS", "--cfg pleach_loom")
        .target_dir(workspace.target_dir("loom"))
        .run(&workspace)
}
