//! The test programs of models: building, running and reading what they print.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::Checker;
use crate::command::Cargo;
use crate::workspace::Workspace;

/// The models of one crate.
pub(super) struct Suite {
    /// The crate.
    pub(super) package: String,
    /// Its folder.
    folder: PathBuf,
    program: PathBuf,
}

/// What a model printed of itself.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Model {
    pub(super) name: String,
    pub(super) executions: u64,
    pub(super) seconds: String,
    /// Its bound or its seed.
    pub(super) note: String,
}

/// What came of a whole suite.
pub(super) struct Report {
    pub(super) models: Vec<Model>,
    pub(super) passed: bool,
    /// All that was printed, errors last. Models that have to fail have some, too.
    pub(super) output: String,
}

/// What came of a suite that was run to its first failure.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The model that failed, or `?` where the program died without saying.
    Failed(String),
    /// All models passed.
    Passed,
    /// Not decided in time.
    TimedOut,
}

impl Suite {
    /// Builds the models of every crate that has a test named like the checker.
    pub(super) fn build_all(workspace: &Workspace, checker: &Checker) -> Result<Vec<Self>> {
        let target = checker.name;
        let packages = workspace.packages_with_test(target);
        ensure!(!packages.is_empty(), "no crate has a test named {target}");
        let mut cargo = Cargo::new("test --release --no-run --test").args([target]);
        for package in &packages {
            cargo = cargo.args(["--package", package.name.as_str()]);
        }
        let programs = cargo
            .flags("RUSTFLAGS", &format!("--cfg {}", checker.cfg))
            .target_dir(workspace.target_dir(target))
            .test_programs(workspace)?;
        packages
            .into_iter()
            .map(|package| {
                let program = programs
                    .iter()
                    .find(|(id, _)| *id == package.id)
                    .with_context(|| format!("cargo built no models for {}", package.name))?;
                let folder = package.manifest_path.parent();
                Ok(Self {
                    package: package.name.to_string(),
                    folder: folder.context("a manifest is in a folder")?.into(),
                    program: program.1.clone(),
                })
            })
            .collect()
    }

    /// The name of the crate's folder below `crates`.
    pub(super) fn folder_name(&self) -> String {
        let name = self.folder.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    /// Runs all models, or those that `args` select, with a variable set.
    pub(super) fn run(&self, variable: Option<(&str, &str)>, args: &[String]) -> Result<Report> {
        let mut command = self.command();
        command.args(args).envs(variable);
        let output = command
            .output()
            .with_context(|| format!("the models of {} could not be started", self.package))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok(Report {
            models: text
                .lines()
                .filter_map(|line| Model::read(&self.package, line))
                .collect(),
            passed: output.status.success(),
            output: text + &String::from_utf8_lossy(&output.stderr),
        })
    }

    /// Runs the models with a variable set, to the first that fails, but not for longer than `limit`.
    pub(super) fn run_until_failure(
        &self,
        variable: &str,
        value: &str,
        limit: Duration,
    ) -> Result<Verdict> {
        let mut child = self
            .command()
            .env(variable, value)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("the models of {} could not be started", self.package))?;
        let stdout = child.stdout.take().context("the output is piped")?;
        let reader = thread::spawn(move || {
            let lines = BufReader::new(stdout).lines().map_while(Result::ok);
            lines.into_iter().find_map(|line| failed_test(&line))
        });
        let start = Instant::now();
        while !reader.is_finished() && start.elapsed() < limit {
            thread::sleep(Duration::from_millis(5));
        }
        if !reader.is_finished() {
            child.kill()?;
            child.wait()?;
            return Ok(Verdict::TimedOut);
        }
        let failed = reader.join().expect("reading lines does not panic");
        if let Some(name) = failed {
            // It may have ended by itself meanwhile.
            let _ = child.kill();
            child.wait()?;
            return Ok(Verdict::Failed(name));
        }
        // A second panic in one test aborts the program before it names the test.
        Ok(match child.wait()?.success() {
            true => Verdict::Passed,
            false => Verdict::Failed("?".to_owned()),
        })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(&self.folder).arg("--nocapture");
        for name in ["PLEACH_WEAKEN", "PLEACH_MUTANT"] {
            command.env_remove(name);
        }
        command
    }
}

impl Model {
    /// Reads `model NAME: N executions, S s, bound B` or `seed B`, which may stand behind the
    /// harness's words.
    fn read(package: &str, line: &str) -> Option<Self> {
        let (_, line) = line.split_once("model ")?;
        let (name, rest) = line.split_once(": ")?;
        let (executions, rest) = rest.split_once(" executions, ")?;
        let (seconds, note) = rest.split_once(" s, ")?;
        let (_, note) = note.split_once(' ')?;
        Some(Self {
            name: format!("{package}::{name}"),
            executions: executions.parse().ok()?,
            seconds: seconds.to_owned(),
            note: note.to_owned(),
        })
    }
}

/// The name in `test NAME ... FAILED`.
fn failed_test(line: &str) -> Option<String> {
    let (test, _) = line.strip_suffix("FAILED")?.rsplit_once(" ... ")?;
    let (_, name) = test.rsplit_once("test ")?;
    Some(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_read_also_behind_other_words() {
        let line = "test x ... model drop_against_drop: 2492 executions, 0.120 s, bound 3";
        let model = Model::read("pleach-ptr", line).unwrap();
        assert_eq!(model.name, "pleach-ptr::drop_against_drop");
        assert_eq!(
            (model.executions, &*model.seconds, &*model.note),
            (2492, "0.120", "3")
        );
        let line = "model eight: 200 executions, 0.1 s, seed 77";
        assert_eq!(Model::read("p", line).unwrap().note, "77");
        assert_eq!(Model::read("p", "test model_x ... ok"), None);
    }

    #[test]
    fn the_failed_test_is_named() {
        let line = "test drop_against_drop ... FAILED";
        assert_eq!(failed_test(line).as_deref(), Some("drop_against_drop"));
        assert_eq!(failed_test("test drop_against_drop ... ok"), None);
        assert_eq!(failed_test("test result: FAILED. 1 passed; 1 failed"), None);
    }
}
