//! Measures Pleach beside its neighbours, in one process, with rotating order.
//!
//! `docs/benchmarks.md` tells what a cell is, how it is measured and where the method is biased.

mod allocator;
mod data;
mod engines;
mod lines;
mod measure;
mod plot;
mod report;
mod trie;

use allocator::{Allocator, Counting};
use anyhow::{Context, Result, bail, ensure};
use clap::{Parser, ValueEnum};
use data::{DataSet, SetName};
use engines::EngineName;
use measure::Cell;
use report::{Machine, Run};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use trie::{Plan, Step};

#[global_allocator]
static GLOBAL: Counting = Counting;

/// Measures Pleach beside its neighbours; `gate` in place of a group counts instructions.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask bench", bin_name = "cargo xtask bench")]
struct Args {
    /// What to measure; all groups there are, unless told otherwise.
    #[arg(value_enum)]
    groups: Vec<Group>,
    /// Data sets; without growth curves.
    #[arg(long, value_enum, value_delimiter = ',')]
    sets: Vec<SetName>,
    /// Engines; all of them, unless told otherwise.
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<EngineName>,
    /// Cells; without growth curves.
    #[arg(long, value_enum, value_delimiter = ',')]
    cells: Vec<Cell>,
    /// Rounds, each with every engine in another order.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Three rounds of words and cities, growth to 100,000 keys.
    #[arg(long, conflicts_with_all = ["sets", "rounds"])]
    quick: bool,
    /// Values of type `()` in place of `u64`.
    #[arg(long)]
    unit: bool,
    /// The allocator of all engines.
    #[arg(long, value_enum, default_value = "mimalloc")]
    allocator: Allocator,
    /// Writes the tables into docs/benchmarks.md.
    #[arg(long)]
    update_docs: bool,
    /// Repeats one cell of one engine, for a profiler to watch.
    #[arg(long, num_args = 3, conflicts_with = "update_docs", value_names = ["ENGINE", "CELL", "SET"])]
    profile: Option<Vec<String>>,
    /// How long to repeat it.
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 10,
        requires = "profile"
    )]
    seconds: u64,
}

/// Cells that belong together, with engines and data of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Group {
    /// Ordered maps of byte strings.
    Trie,
    /// Maps that threads read and write at once.
    Threads,
    /// Unions, intersections, differences.
    Algebra,
    /// Allocators.
    Pool,
    /// Tokens, versions, reclamation.
    Sync,
    /// Symbol tables.
    Intern,
}

fn main() -> Result<()> {
    let args = Args::parse();
    for &group in &args.groups {
        ensure!(
            group == Group::Trie,
            "the group `{}` has no cells yet: what it measures is not built",
            group
                .to_possible_value()
                .context("a group has a name")?
                .get_name()
        );
    }
    args.allocator.install()?;
    match &args.profile {
        Some(words) => profile(&args, words),
        None => race(&args),
    }
}

/// Measures, and reports in the terminal, as a page and as JSON.
fn race(args: &Args) -> Result<()> {
    let start = Instant::now();
    let rounds = if args.quick { 3 } else { args.rounds };
    ensure!(rounds > 0, "no round, no figure");
    let overhead = allocator::overhead();
    let machine = Machine::here(args.allocator.name(), overhead, rounds)?;
    let plan = plan(args, rounds);
    let value = if args.unit { "()" } else { "u64" };
    println!(
        "{value} values; nanoseconds per operation, minimum / median; {}",
        args.allocator.name()
    );
    println!("expected to take {}\n", minutes(plan.duration()));
    let reports = plan.run(|report| println!("{}", report::table(report, &plan.engines)))?;
    let (growth, sets) = reports
        .into_iter()
        .zip(&plan.steps)
        .partition::<Vec<_>, _>(|(_, step)| step.is_growth());
    let run = Run {
        machine,
        engines: plan.engines,
        sets: sets.into_iter().map(|(report, _)| report).collect(),
        growth: growth.into_iter().map(|(report, _)| report).collect(),
    };
    if args.update_docs {
        report::update_docs(&run)?;
    }
    println!("where we lose (ratio to the best peer):");
    for loss in run.losses() {
        println!("  {loss}");
    }
    println!("\ntook {}", minutes(start.elapsed()));
    let page = save(&run)?;
    println!("{}", page.display());
    Ok(())
}

fn plan(args: &Args, rounds: usize) -> Plan {
    let narrowed = !args.sets.is_empty() || !args.cells.is_empty();
    let sets = match args.sets.as_slice() {
        [] if args.quick => &[SetName::Words, SetName::Cities],
        [] => [SetName::Words, SetName::Cities, SetName::Wn, SetName::Rand].as_slice(),
        sets => sets,
    };
    let cells = or_all(&args.cells);
    let whole = sets.iter().map(|&set| Step::whole(set, &cells, rounds));
    let growth = Step::growth(args.quick, rounds).filter(|_| !narrowed);
    Plan {
        engines: or_all(&args.only),
        unit: args.unit,
        steps: whole.chain(growth).collect(),
    }
}

/// What was asked for, or everything there is.
fn or_all<T: ValueEnum>(asked: &[T]) -> Vec<T> {
    let all = if asked.is_empty() {
        T::value_variants()
    } else {
        asked
    };
    all.to_vec()
}

fn minutes(duration: Duration) -> String {
    let seconds = duration.as_secs();
    format!("{} min {} s", seconds / 60, seconds % 60)
}

/// Writes page and samples; the page's path. The xtask says where to.
fn save(run: &Run) -> Result<PathBuf> {
    let folder = std::env::var_os("PLEACH_BENCH_OUT").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/bench"),
        PathBuf::from,
    );
    let page = folder.join("index.html");
    let write = || -> Result<()> {
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("samples.json"), run.json()? + "\n")?;
        Ok(std::fs::write(&page, report::page(run)?)?)
    };
    write().with_context(|| format!("cannot write to {}", folder.display()))?;
    Ok(page)
}

fn profile(args: &Args, words: &[String]) -> Result<()> {
    let [engine, cell, set] = words else {
        bail!("--profile takes an engine, a cell and a set")
    };
    let engine = named::<EngineName>(engine)?;
    let cell = named::<Cell>(cell)?;
    let set = DataSet::prepare(named::<SetName>(set)?)?;
    let run = engine.runner(set.name, args.unit).profile;
    let best = run(&set, cell, Duration::from_secs(args.seconds))?;
    println!(
        "{}, {}, {}: {best:.2}",
        engine.name(),
        cell.title(),
        set.name.name()
    );
    Ok(())
}

fn named<T: ValueEnum>(word: &str) -> Result<T> {
    match T::from_str(word, true) {
        Ok(value) => Ok(value),
        Err(problem) => bail!("`{word}`: {problem}"),
    }
}
