//! `cargo xtask loom`: the models that run under every schedule, and whether they would fail.

use anyhow::{Result, ensure};
use clap::Args;

use crate::ledger::{Code, Ledger, Site};
use crate::models::{Checker, Models, Mutant};
use crate::workspace::Workspace;

/// What to run, and how far.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Go as far as preemption bound 2 and no further: the slice that CI runs
    #[arg(long)]
    slice: bool,
    /// Weaken each ordering, and plant each bug, one at a time: the models have to fail
    #[arg(long, conflicts_with_all = ["slice", "args"])]
    weaken: bool,
    /// Arguments of the test programs, such as a model's name
    #[arg(
        value_name = "ARGS",
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    args: Vec<String>,
}

const LOOM: Checker = Checker {
    name: "loom",
    cfg: "pleach_loom",
    note: "bound",
};

/// Runs the models of every crate that has some.
pub(crate) fn run(options: &Options) -> Result<()> {
    let workspace = Workspace::load()?;
    let models = Models::build(&workspace, &LOOM)?;
    if options.weaken {
        return weaken(&workspace, &models);
    }
    let bound = options.slice.then_some(("LOOM_MAX_PREEMPTIONS", "2"));
    let run = models.run(bound, &options.args)?;
    println!("xtask loom: {}, all passed", run.figures);
    Ok(())
}

/// Runs the models as they are, and then against each weaker ordering and each planted bug.
fn weaken(workspace: &Workspace, models: &Models) -> Result<()> {
    let (code, ledger) = (Code::read(workspace)?, Ledger::read(workspace)?);
    let differences = code.differences(&ledger);
    ensure!(
        differences.is_empty(),
        "the code and its ledger differ:\n{}",
        differences.join("\n")
    );
    let sound = models.run(None, &[])?;
    let killed = models.kill(&mutants(&code, &ledger))?;
    println!("xtask loom --weaken: {killed}; {}", sound.figures);
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
    let planted = code.planted.iter().map(|site| Mutant::planted(site, None));
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
