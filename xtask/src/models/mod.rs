//! The models of the crates, under either checker: every one of them, and every mutant.

mod mutants;
mod suite;

use std::time::Instant;

use anyhow::{Result, ensure};

pub(crate) use self::mutants::Mutant;
use self::suite::{Model, Suite};
use crate::workspace::Workspace;

/// A model checker, as the crates know it.
pub(crate) struct Checker {
    /// The name of its verb, of the test targets that hold its models, and of its target folder.
    pub(crate) name: &'static str,
    /// What builds the crates for it.
    pub(crate) cfg: &'static str,
    /// What a model prints of itself behind executions and seconds.
    pub(crate) note: &'static str,
}

/// The models of all crates that have some.
pub(crate) struct Models {
    checker: &'static Checker,
    suites: Vec<Suite>,
}

/// What a run of all models came to.
pub(crate) struct Run {
    pub(crate) figures: String,
}

impl Models {
    /// Builds them in a target folder of their own.
    pub(crate) fn build(workspace: &Workspace, checker: &'static Checker) -> Result<Self> {
        let suites = Suite::build_all(workspace, checker)?;
        Ok(Self { checker, suites })
    }

    /// Whether the crate in this folder has models.
    pub(crate) fn has(&self, folder: &str) -> bool {
        self.suite(folder).is_some()
    }

    /// Runs the suites one after the other, with a variable set, and prints a table of the models.
    ///
    /// # Errors
    ///
    /// When a model fails, after all have been run.
    pub(crate) fn run(&self, variable: Option<(&str, &str)>, args: &[String]) -> Result<Run> {
        let mut models = Vec::new();
        let mut failed = Vec::new();
        let start = Instant::now();
        for suite in &self.suites {
            let report = suite.run(variable, args)?;
            if !report.passed {
                eprintln!("{}", report.output);
                failed.push(suite.package.as_str());
            }
            models.extend(report.models);
        }
        print_table(&models, self.checker.note);
        ensure!(
            failed.is_empty(),
            "xtask {}: the models of {} failed",
            self.checker.name,
            failed.join(", ")
        );
        let executions: u64 = models.iter().map(|model| model.executions).sum();
        let figures = format!(
            "{} models in {} crates, {executions} executions in {:.1} s",
            models.len(),
            self.suites.len(),
            start.elapsed().as_secs_f64()
        );
        Ok(Run { figures })
    }

    fn suite(&self, folder: &str) -> Option<&Suite> {
        self.suites.iter().find(|s| s.folder_name() == folder)
    }
}

fn print_table(models: &[Model], note: &str) {
    let width = models.iter().map(|m| m.name.len()).max().unwrap_or(0);
    println!(
        "{:width$}  {:>10}  {:>9}  {note}",
        "model", "executions", "seconds"
    );
    for model in models {
        println!(
            "{:width$}  {:>10}  {:>9}  {:>5}",
            model.name, model.executions, model.seconds, model.note
        );
    }
}
