//! `cargo xtask shuttle`: the models that run under random schedules, and whether they would fail.

use anyhow::Result;
use clap::Args;

use crate::ledger::{Code, Ledger};
use crate::models::{Checker, Models, Mutant};
use crate::workspace::Workspace;

/// What to run, and how far.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Run few executions of each model, and no planted bugs: the slice that CI runs
    #[arg(long)]
    slice: bool,
    /// Arguments of the test programs, such as a model's name; then no planted bugs are run
    #[arg(
        value_name = "ARGS",
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    args: Vec<String>,
}

const SHUTTLE: Checker = Checker {
    name: "shuttle",
    cfg: "pleach_shuttle",
    note: "seed",
};

/// Runs the models of every crate that has some, and then against each planted bug.
pub(crate) fn run(options: &Options) -> Result<()> {
    let workspace = Workspace::load()?;
    let models = Models::build(&workspace, &SHUTTLE)?;
    let iterations = options.slice.then_some(("PLEACH_ITERATIONS", "1000"));
    let run = models.run(iterations, &options.args)?;
    if options.slice || !options.args.is_empty() {
        println!("xtask shuttle: {}, all passed", run.figures);
        return Ok(());
    }
    let (code, ledger) = (Code::read(&workspace)?, Ledger::read(&workspace)?);
    let killed = models.kill(&mutants(&code, &ledger, &models))?;
    println!("xtask shuttle: {}, all passed; {killed}", run.figures);
    Ok(())
}

/// The planted bugs of the crates that have models. Orderings are no bugs here: to shuttle, all are
/// as strong as can be.
fn mutants(code: &Code, ledger: &Ledger, models: &Models) -> Vec<Mutant> {
    let sites = code.planted.iter().filter(|site| models.has(&site.folder));
    sites
        .map(|site| Mutant::planted(site, ledger.for_loom_alone(&site.id)))
        .collect()
}
