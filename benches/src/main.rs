//! Measures Pleach beside its neighbours, in one process, with rotating order.
//!
//! `docs/benchmarks.md` tells what a cell is, how it is measured and where the method is biased.

mod data;
mod engines;
mod heap;
mod measure;
mod report;

use anyhow::{Context, Result, bail};
use clap::{Parser, ValueEnum};
use data::{DataSet, SetName};
use engines::EngineName;
use heap::Counting;
use measure::Cell;
use report::{Machine, Run, SetReport};
use std::path::PathBuf;
use std::time::Duration;

#[global_allocator]
static GLOBAL: Counting = Counting;

/// Measures Pleach beside its neighbours.
#[derive(Debug, Parser)]
struct Args {
    /// What to measure.
    #[arg(value_enum)]
    suite: Suite,
    /// Data sets.
    #[arg(long, value_enum, value_delimiter = ',', default_values = ["words", "cities", "wn", "rand"])]
    sets: Vec<SetName>,
    /// Engines.
    #[arg(long, value_enum, value_delimiter = ',', default_values = ["pleach", "pathmap", "blart", "btree"])]
    only: Vec<EngineName>,
    /// Cells, in the order of the table.
    #[arg(long, value_enum, value_delimiter = ',')]
    cells: Vec<Cell>,
    /// Rounds, each with every engine in another order.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Three rounds of words and cities.
    #[arg(long, conflicts_with_all = ["sets", "rounds"])]
    quick: bool,
    /// Values of type `()` in place of `u64`.
    #[arg(long)]
    unit: bool,
    /// Writes every sample to a file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Repeats one cell of one engine, for a profiler to watch.
    #[arg(long, num_args = 3, conflicts_with = "json", value_names = ["ENGINE", "CELL", "SET"])]
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

/// A group of cells with its own engines and data.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Suite {
    /// Ordered maps of byte strings.
    Trie,
}

fn main() -> Result<()> {
    let mut args = Args::parse();
    let Suite::Trie = args.suite;
    if args.quick {
        args.rounds = 3;
        args.sets = vec![SetName::Words, SetName::Cities];
    }
    if args.cells.is_empty() {
        args.cells = Cell::value_variants().to_vec();
    }
    match &args.profile {
        Some(words) => profile(&args, words),
        None => compare(&args),
    }
}

fn compare(args: &Args) -> Result<()> {
    let value = if args.unit { "()" } else { "u64" };
    println!(
        "{value} values; nanoseconds of processor time per operation, minimum / median of {} rounds\n",
        args.rounds
    );
    let mut reports = Vec::new();
    for &name in &args.sets {
        let report = measure_set(args, &DataSet::prepare(name)?)?;
        println!("{}", report.table(&args.only, &args.cells));
        reports.push(report);
    }
    let machine = Machine::here();
    println!("{machine}");
    if let Some(file) = &args.json {
        let json = serde_json::to_string_pretty(&Run::new(machine, value, &reports))?;
        std::fs::write(file, json + "\n")
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(())
}

/// One pass for the memory, then the rounds.
fn measure_set(args: &Args, set: &DataSet) -> Result<SetReport> {
    let mut report = SetReport::new(set);
    let failed = |engine: EngineName| format!("{} on {}", engine.name(), set.name.name());
    for &engine in &args.only {
        let bytes =
            (engine.runner(set.name, args.unit).bytes)(set).with_context(|| failed(engine))?;
        report.add(engine, Cell::Bytes, bytes);
    }
    let mut order = args.only.clone();
    for round in 1..=args.rounds {
        eprintln!("{}: round {round} of {}", set.name.name(), args.rounds);
        for &engine in &order {
            let sample = engine.runner(set.name, args.unit).round;
            for (cell, figure) in sample(set, &args.cells).with_context(|| failed(engine))? {
                report.add(engine, cell, figure);
            }
        }
        order.rotate_left(1);
    }
    Ok(report)
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
