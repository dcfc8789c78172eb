//! `cargo xtask loom --weaken`: each ordering made weaker, each planted bug let out, one at a time.

use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};

use super::models::{Suite, Verdict};
use crate::ledger::{Code, Ledger, Site};
use crate::workspace::Workspace;

/// A change to the code that the models have to notice.
struct Mutant {
    /// What the table calls it.
    name: String,
    /// The crate whose models have to fail, by its folder.
    folder: String,
    variable: &'static str,
    value: String,
    /// Why no model can fail, if the ledger says so.
    excuse: Option<String>,
}

/// No mutant gets more: one that is not decided by then counts as one that survived.
const LIMIT: Duration = Duration::from_secs(300);

/// Runs the models as they are, and then against each mutant.
pub(super) fn run(workspace: &Workspace, suites: &[Suite]) -> Result<()> {
    let start = Instant::now();
    let (code, ledger) = (Code::read(workspace)?, Ledger::read(workspace)?);
    let differences = code.differences(&ledger);
    ensure!(
        differences.is_empty(),
        "the code and its ledger differ:\n{}",
        differences.join("\n")
    );
    let sound = super::run_all(suites, None, &[])?;
    ensure!(
        sound.failed.is_empty(),
        "the models of {} fail as they are",
        sound.failed.join(", ")
    );

    let mutants = mutants(&code, &ledger);
    let (mut killed, mut excused, mut survivors) = (0, 0, Vec::new());
    println!();
    for mutant in &mutants {
        let begin = Instant::now();
        let Some(suite) = suites.iter().find(|s| s.folder_name() == mutant.folder) else {
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
        "xtask loom --weaken: survived or wrongly excused: {}",
        survivors.join(", ")
    );
    println!(
        "xtask loom --weaken: {} mutants, {killed} killed, {excused} excused, 0 survived, in {:.1} s; {}",
        mutants.len(),
        start.elapsed().as_secs_f64(),
        sound.figures
    );
    Ok(())
}

fn mutants(code: &Code, ledger: &Ledger) -> Vec<Mutant> {
    let orderings = code.orderings.iter().flat_map(|site| {
        steps(site).map(|step| Mutant {
            name: format!("{}{step}", site.id),
            folder: site.folder.clone(),
            variable: "PLEACH_WEAKEN",
            value: format!("{}{step}", site.id),
            excuse: ledger.excuse(&site.id),
        })
    });
    let planted = code.planted.iter().map(|site| Mutant {
        name: site.id.clone(),
        folder: site.folder.clone(),
        variable: "PLEACH_MUTANT",
        value: site.id.clone(),
        excuse: None,
    });
    orderings.chain(planted).collect()
}

/// The ways to make a site one step weaker, as `PLEACH_WEAKEN` spells them.
fn steps(site: &Site) -> impl Iterator<Item = &'static str> + use<> {
    let steps: &[&str] = match site.acquires_and_releases {
        true => &[":acquire", ":release"],
        false => &[""],
    };
    steps.iter().copied()
}
