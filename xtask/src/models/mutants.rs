//! Mutants: changes to the code that the models have to notice, one at a time.

use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};

use super::Models;
use super::suite::Verdict;
use crate::ledger::Site;

/// A change to the code that the models have to notice.
pub(crate) struct Mutant {
    /// What the table calls it.
    pub(crate) name: String,
    /// The crate whose models have to fail, by its folder.
    pub(crate) folder: String,
    pub(crate) variable: &'static str,
    pub(crate) value: String,
    /// Why no model can fail, if the ledger says so.
    pub(crate) excuse: Option<String>,
}

impl Mutant {
    /// A bug planted in the code, which `PLEACH_MUTANT` lets out.
    pub(crate) fn planted(site: &Site, excuse: Option<String>) -> Self {
        Self {
            name: site.id.clone(),
            folder: site.folder.clone(),
            variable: "PLEACH_MUTANT",
            value: site.id.clone(),
            excuse,
        }
    }
}

/// No mutant gets more: one that is not decided by then counts as one that survived.
const LIMIT: Duration = Duration::from_secs(300);

impl Models {
    /// Runs the models against each mutant, prints what came of it, and returns the figures.
    ///
    /// # Errors
    ///
    /// When one survives, or is excused and does not.
    pub(crate) fn kill(&self, mutants: &[Mutant]) -> Result<String> {
        let start = Instant::now();
        let (mut killed, mut excused, mut survivors) = (0, 0, Vec::new());
        println!();
        for mutant in mutants {
            let begin = Instant::now();
            let Some(suite) = self.suite(&mutant.folder) else {
                bail!(
                    "{} is in {}, which has no models",
                    mutant.name,
                    mutant.folder
                );
            };
            let verdict = suite.run_until_failure(mutant.variable, &mutant.value, LIMIT)?;
            let words = match (verdict, &mutant.excuse) {
                (Verdict::Failed(model), None) => {
                    killed += 1;
                    format!("killed by {model}")
                }
                (Verdict::Failed(model), Some(_)) => {
                    survivors.push(&*mutant.name);
                    format!("excused, but killed by {model}: the ledger is out of date")
                }
                (_, Some(reason)) => {
                    excused += 1;
                    format!("excused: {reason}")
                }
                (Verdict::Passed, None) => {
                    survivors.push(&*mutant.name);
                    "SURVIVED".to_owned()
                }
                (Verdict::TimedOut, None) => {
                    survivors.push(&*mutant.name);
                    format!("SURVIVED {} s, undecided", LIMIT.as_secs())
                }
            };
            let seconds = begin.elapsed().as_secs_f64();
            println!("{:24}  {seconds:>7.2} s  {words}", mutant.name);
        }
        ensure!(
            survivors.is_empty(),
            "xtask {}: survived or wrongly excused: {}",
            self.checker.name,
            survivors.join(", ")
        );
        Ok(format!(
            "{} mutants, {killed} killed, {excused} excused, 0 survived, in {:.1} s",
            mutants.len(),
            start.elapsed().as_secs_f64()
        ))
    }
}
