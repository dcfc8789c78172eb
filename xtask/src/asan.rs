//! `cargo xtask asan`: the tests with the address sanitizer, and its leak check.

use std::time::Instant;

use anyhow::{Result, ensure};

use crate::command::Cargo;
use crate::tally::Tally;
use crate::workspace::Workspace;

/// A sanitizer needs the target named, so that build scripts and macros go without it.
pub(crate) const TARGET: &str = "x86_64-unknown-linux-gnu";

/// Runs the libraries' tests, all or those that `args` select, in a target folder of their own.
pub(crate) fn run(args: &[String]) -> Result<()> {
    ensure!(
        cfg!(all(target_arch = "x86_64", target_os = "linux")),
        "the address sanitizer is set up for {TARGET} alone"
    );
    let workspace = Workspace::load()?;
    let start = Instant::now();
    let mut tally = Tally::default();
    library_tests(&workspace)
        .args(["--target", TARGET, "--"])
        .args(args)
        // The stable toolchain has the sanitizer; the flag for it is not stable yet.
        .env("RUSTC_BOOTSTRAP", "1")
        .flags("RUSTFLAGS", "-Zsanitizer=address")
        // Instrumented code is slow: fewer cases, unless the caller asks for more.
        .default_env("PROPTEST_CASES", "32")
        .target_dir(workspace.target_dir("asan"))
        .run_lines(&workspace, |line| tally.add(line))?;
    println!(
        "xtask asan: {tally} in {:.1} s, no bad access, no leak",
        start.elapsed().as_secs_f64()
    );
    Ok(())
}

/// The tests of all libraries, to the end.
pub(crate) fn library_tests(workspace: &Workspace) -> Cargo {
    let mut cargo = Cargo::new("test --lib --tests --no-fail-fast --all-features");
    for library in workspace.libraries() {
        cargo = cargo.args(["--package", library.name.as_str()]);
    }
    cargo
}
