//! `cargo xtask fuzz`: the fuzz targets, for a while, and the canary, which has to be found out.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::workspace::Workspace;

/// What to run, and how long.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Seconds for each target
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Install cargo-fuzz first, if it is missing
    #[arg(long)]
    install: bool,
    /// Targets; all, if none is named
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
}

/// The crate of the targets.
const FOLDER: &str = "crates/pleach-testkit/fuzz";

/// The target with a planted bug.
const CANARY: &str = "canary";

/// What a target did.
struct Run {
    passed: bool,
    executions: u64,
    /// Inputs that reach something new.
    corpus: usize,
}

/// Runs the targets one after the other.
pub(crate) fn run(options: &Options) -> Result<()> {
    let workspace = Workspace::load()?;
    if options.install && !installed() {
        let status = cargo("install --locked cargo-fuzz").status()?;
        ensure!(status.success(), "cargo-fuzz could not be installed");
    }
    if !installed() {
        println!(
            "xtask fuzz: SKIPPED, cargo-fuzz is not installed; `cargo xtask fuzz --install` does it"
        );
        return Ok(());
    }
    let folder = workspace.root().join(FOLDER);
    let targets = match options.targets.is_empty() {
        true => targets(&folder)?,
        false => options.targets.clone(),
    };
    let start = Instant::now();
    let (mut executions, mut failed) = (0, Vec::new());
    for target in &targets {
        let run = fuzz(&workspace, &folder, target, options.seconds)?;
        let verdict = match (run.passed, target == CANARY) {
            (true, false) => "nothing found",
            (false, true) => "found, as it has to be",
            (true, true) => "NOT FOUND",
            (false, false) => "FAILED",
        };
        println!(
            "{target:10}  {:>10} executions  {:>6} inputs  {verdict}",
            run.executions, run.corpus
        );
        executions += run.executions;
        if run.passed == (target == CANARY) {
            failed.push(target.as_str());
        }
    }
    ensure!(
        failed.is_empty(),
        "xtask fuzz: {} failed; the inputs are in {FOLDER}/artifacts",
        failed.join(", ")
    );
    println!(
        "xtask fuzz: {} targets, {executions} executions in {:.1} s, as expected",
        targets.len(),
        start.elapsed().as_secs_f64()
    );
    Ok(())
}

/// A cargo that is not told of the workspace.
fn cargo(words: &str) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(words.split(' '));
    command
}

fn installed() -> bool {
    let output = cargo("fuzz --version").output();
    output.is_ok_and(|output| output.status.success())
}

/// Runs a target, from its seeds and what earlier runs added, for so many seconds at most.
fn fuzz(workspace: &Workspace, folder: &Path, target: &str, seconds: u64) -> Result<Run> {
    let corpus = workspace.target_dir("fuzz-corpus").join(target);
    fs::create_dir_all(&corpus)?;
    let log = corpus.with_extension("log");
    let seeds = folder.join("seeds").join(target);
    let mut command = cargo("fuzz run --fuzz-dir");
    command.arg(folder);
    command
        .arg("--target-dir")
        .arg(workspace.target_dir("fuzz"));
    command.arg(target).arg(&corpus);
    command.args(seeds.exists().then_some(&seeds));
    command.args(["--", "-max_len=512", "-len_control=0", "-timeout=20"]);
    command.args([
        "-print_final_stats=1",
        &format!("-max_total_time={seconds}"),
    ]);
    // The stable toolchain has what libFuzzer needs; the flags for it are not stable yet.
    command.env("RUSTC_BOOTSTRAP", "1").stdout(Stdio::null());
    let status = command
        .stderr(fs::File::create(&log)?)
        .status()
        .context("`cargo fuzz` could not be started")?;
    let text = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
    ensure!(
        text.contains("INFO: Seed:"),
        "{target} was not built or not started:\n{text}"
    );
    if !status.success() && target != CANARY {
        eprintln!("{text}");
    }
    Ok(Run {
        passed: status.success(),
        executions: executions(&text),
        corpus: fs::read_dir(&corpus)?.count(),
    })
}

/// The number that libFuzzer prints at the end, or else with its last event.
fn executions(log: &str) -> u64 {
    let last = log.lines().rev().find_map(|line| {
        let (number, _) = line.strip_prefix('#')?.split_once('\t')?;
        number.trim().parse().ok()
    });
    let stat = log.lines().find_map(|line| {
        let number = line.strip_prefix("stat::number_of_executed_units:")?;
        number.trim().parse().ok()
    });
    stat.or(last).unwrap_or(0)
}

/// The targets, the canary first: where nothing is found, nothing else counts.
fn targets(folder: &Path) -> Result<Vec<String>> {
    let mut targets = vec![CANARY.to_owned()];
    let entries = fs::read_dir(folder.join("fuzz_targets"))?;
    let paths = entries.map(|entry| Ok(entry?.path()));
    for path in paths.collect::<Result<Vec<PathBuf>>>()? {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        if name != CANARY {
            targets.push(name.into_owned());
        }
    }
    targets[1..].sort();
    Ok(targets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn executions_are_read_from_either_kind_of_end() {
        let crash = "INFO: Seed: 1\n#2\tINITED cov: 1\n#1048\tNEW    cov: 7\n==9== ERROR: deadly";
        assert_eq!(executions(crash), 1048);
        let end = "#2\tINITED cov: 1\nstat::number_of_executed_units: 18283\n";
        assert_eq!(executions(end), 18_283);
    }
}
