//! `cargo xtask count`: how many atomic read-modify-writes operations take.

use anyhow::{Result, ensure};

use crate::command::Cargo;
use crate::workspace::Workspace;

/// Runs the tests named `count` in the counting build, in a target folder of their own.
pub(crate) fn run() -> Result<()> {
    let workspace = Workspace::load()?;
    let packages = workspace.packages_with_test("count");
    ensure!(!packages.is_empty(), "no crate has a test named count");
    let mut cargo = Cargo::new("test --test count");
    for package in &packages {
        cargo = cargo.args(["--package", package.name.as_str()]);
    }
    let mut counts = 0;
    cargo
        .args(["--", "--nocapture", "--test-threads=1"])
        .flags("RUSTFLAGS", "--cfg pleach_count")
        .target_dir(workspace.target_dir("count"))
        .run_lines(&workspace, |line| {
            counts += usize::from(line.contains("count ") && line.contains(": "));
        })?;
    println!("xtask count: {counts} operations take as many read-modify-writes as expected");
    Ok(())
}
