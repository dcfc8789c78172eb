//! `cargo xtask tsan`: the tests with the thread sanitizer, which needs a std built with it.
//!
//! Stable toolchains come without the sources of std. Debian's `rustc-web` has them, with a clang of
//! the same LLVM; its packages are unpacked into the target folder, and not installed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::asan::{TARGET, library_tests};
use crate::tally::Tally;
use crate::workspace::Workspace;

/// What to run.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Fetch the packages first, with apt-get, and unpack them into the target folder
    #[arg(long)]
    fetch: bool,
    /// Arguments of the test programs, such as a test's name
    #[arg(
        value_name = "ARGS",
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    args: Vec<String>,
}

/// The compiler, the sources of std, and a linker that knows the sanitizer.
const PACKAGES: [&str; 13] = [
    "rustc-web",
    "rust-web-src",
    "libstd-rust-web-dev",
    "libstd-rust-web-1.96",
    "clang-22",
    "libclang-rt-22-dev",
    "libclang-common-22-dev",
    "libclang-cpp22",
    "libclang1-22",
    "libllvm22",
    "lld-22",
    "llvm-22-linker-tools",
    "libz3-4",
];

/// Runs the libraries' tests, all or those that `args` select, or says why not.
pub(crate) fn run(options: &Options) -> Result<()> {
    let workspace = Workspace::load()?;
    let folder = workspace.target_dir("tsan-toolchain");
    if options.fetch
        && let Err(error) = fetch(&folder)
    {
        println!("xtask tsan: SKIPPED, the packages cannot be had: {error:#}");
        return Ok(());
    }
    let Some(toolchain) = Toolchain::find(&folder) else {
        println!(
            "xtask tsan: SKIPPED, no std instrumented for it can be built: {} is not there; \
             `cargo xtask tsan --fetch` unpacks Debian's rustc-web and clang-22 into it",
            folder.display()
        );
        return Ok(());
    };
    let flags = format!(
        "-Zsanitizer=thread -Zexternal-clangrt -Clinker={} -Clink-arg=-fsanitize=thread \
         --cfg pleach_tsan",
        toolchain.linker.display()
    );
    let start = Instant::now();
    let mut tally = Tally::default();
    library_tests(&workspace)
        .args(["--release", "-Zbuild-std", "--target", TARGET, "--"])
        .args(options.args.iter().cloned())
        .env("RUSTC", toolchain.compiler.display().to_string())
        .env("LD_LIBRARY_PATH", toolchain.libraries)
        .env("RUSTC_BOOTSTRAP", "1")
        .flags("RUSTFLAGS", &flags)
        // One race is enough to know.
        .default_env("TSAN_OPTIONS", "halt_on_error=1")
        .default_env("PROPTEST_CASES", "8")
        .target_dir(workspace.target_dir("tsan"))
        .run_lines(&workspace, |line| tally.add(line))?;
    println!(
        "xtask tsan: {tally} in {:.1} s, no race",
        start.elapsed().as_secs_f64()
    );
    Ok(())
}

/// An unpacked toolchain.
struct Toolchain {
    compiler: PathBuf,
    linker: PathBuf,
    /// Where the two find their shared libraries.
    libraries: String,
}

impl Toolchain {
    fn find(folder: &Path) -> Option<Self> {
        let compiler = folder.join("usr/bin/rustc");
        let linker = folder.join("usr/bin/clang-22");
        let libraries = ["usr/lib/x86_64-linux-gnu", "usr/lib/llvm-22/lib"];
        let libraries = libraries.map(|inner| folder.join(inner).display().to_string());
        (compiler.exists() && linker.exists()).then(|| Self {
            compiler,
            linker,
            libraries: libraries.join(":"),
        })
    }
}

/// Downloads the packages and unpacks them.
fn fetch(folder: &Path) -> Result<()> {
    let packages = folder.join("packages");
    fs::create_dir_all(&packages)?;
    let mut download = Command::new("apt-get");
    run_tool(
        download
            .arg("download")
            .args(PACKAGES)
            .current_dir(&packages),
    )?;
    for entry in fs::read_dir(&packages)? {
        let package = entry?.path();
        run_tool(Command::new("dpkg-deb").arg("-x").arg(package).arg(folder))?;
    }
    fs::remove_dir_all(packages)?;
    Ok(())
}

fn run_tool(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command
        .status()
        .with_context(|| format!("{name} could not be started"))?;
    ensure!(status.success(), "{name} failed ({status})");
    Ok(())
}
