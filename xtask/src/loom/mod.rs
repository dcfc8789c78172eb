//! `cargo xtask loom`: the concurrency models, and whether they would fail.

mod models;
mod weaken;

use anyhow::{Result, ensure};
use clap::Args;

use self::models::{Model, Suite};
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

/// Runs the models of every crate that has some, in a target folder of their own.
pub(crate) fn run(options: &Options) -> Result<()> {
    let workspace = Workspace::load()?;
    let suites = Suite::build_all(&workspace)?;
    if options.weaken {
        return weaken::run(&workspace, &suites);
    }
    let bound = options.slice.then_some("2");
    let run = run_all(&suites, bound, &options.args)?;
    ensure!(
        run.failed.is_empty(),
        "xtask loom: the models of {} failed",
        run.failed.join(", ")
    );
    println!("xtask loom: {}, all passed", run.figures);
    Ok(())
}

/// What a run of all models came to.
struct Run {
    figures: String,
    failed: Vec<String>,
}

/// Runs the suites one after the other, and prints a table of their models.
fn run_all(suites: &[Suite], bound: Option<&str>, args: &[String]) -> Result<Run> {
    let mut models = Vec::new();
    let mut failed = Vec::new();
    let start = std::time::Instant::now();
    for suite in suites {
        let report = suite.run(bound, args)?;
        if !report.passed {
            eprintln!("{}", report.output);
            failed.push(suite.package.clone());
        }
        models.extend(report.models);
    }
    print_table(&models);
    let executions: u64 = models.iter().map(|model| model.executions).sum();
    let figures = format!(
        "{} models in {} crates, {executions} executions in {:.1} s",
        models.len(),
        suites.len(),
        start.elapsed().as_secs_f64()
    );
    Ok(Run { figures, failed })
}

fn print_table(models: &[Model]) {
    let width = models.iter().map(|m| m.name.len()).max().unwrap_or(0);
    println!(
        "{:width$}  {:>10}  {:>9}  bound",
        "model", "executions", "seconds"
    );
    for model in models {
        println!(
            "{:width$}  {:>10}  {:>9}  {:>5}",
            model.name, model.executions, model.seconds, model.bound
        );
    }
}
