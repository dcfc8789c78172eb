//! Measures Pleach beside its neighbours, in one process, with rotating order.
//!
//! `docs/benchmarks.md` tells what a cell is, how it is measured and where the method is biased.

mod algebra;
mod allocator;
mod clock;
mod data;
mod intern;
mod lines;
mod plot;
mod pool;
mod race;
mod report;
mod sync;
mod threads;
mod trie;

use allocator::{Allocator, Counting};
use anyhow::{Context, Result, ensure};
use clap::{Parser, ValueEnum};
use race::{Case, Group, Request};
use report::{Machine, Run};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

#[global_allocator]
static GLOBAL: Counting = Counting;

/// Measures Pleach beside its neighbours; `gate` in place of a group counts instructions.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask bench", bin_name = "cargo xtask bench")]
struct Args {
    /// What to measure; all groups there are, unless told otherwise.
    #[arg(value_enum)]
    groups: Vec<Group>,
    /// Data sets, by the names of the tables; without growth curves.
    #[arg(long, value_delimiter = ',')]
    sets: Vec<String>,
    /// Engines, by the names of the columns; all of them, unless told otherwise.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Cells, by the names in samples.json; without growth curves.
    #[arg(long, value_delimiter = ',')]
    cells: Vec<String>,
    /// Rounds, each with every engine in another order.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Two rounds of little data, growth to 100,000 keys.
    #[arg(long, conflicts_with_all = ["sets", "rounds"])]
    quick: bool,
    /// Values of type `()` in place of `u64`.
    #[arg(long)]
    unit: bool,
    /// The processor's counters as well: instructions, branch misses and cache misses per operation.
    #[arg(long)]
    counters: bool,
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

/// The cases of a group.
fn cases(group: Group, request: &Request) -> Vec<Case> {
    match group {
        Group::Trie => trie::cases(request),
        Group::Algebra => algebra::cases(request),
        Group::Intern => intern::cases(request),
        Group::Pool => pool::cases(request),
        Group::Threads => threads::cases(request),
        Group::Sync => sync::cases(request),
    }
}

fn main() -> Result<()> {
    let args = Args::parse();
    args.allocator.install()?;
    match &args.profile {
        Some(words) => {
            let limit = Duration::from_secs(args.seconds);
            println!("{}", trie::profile(words, args.unit, limit)?);
            Ok(())
        }
        None => race(&args),
    }
}

/// Measures, and reports in the terminal, as a page and as JSON.
fn race(args: &Args) -> Result<()> {
    let start = Instant::now();
    let rounds = if args.quick { 2 } else { args.rounds };
    ensure!(rounds > 0, "no round, no figure");
    let groups = match args.groups.as_slice() {
        [] => Group::value_variants(),
        groups => groups,
    };
    let request = Request {
        sets: args.sets.clone(),
        cells: args.cells.clone(),
        only: args.only.clone(),
        rounds,
        quick: args.quick,
        unit: args.unit,
        counters: args.counters,
    };
    if args.counters {
        // Known before an hour has gone by.
        for event in clock::Event::ALL {
            clock::counting(event, || Ok(()))?;
        }
    }
    let cases = request.cases(groups)?;
    let overhead = allocator::overhead();
    let machine = Machine::here(args.allocator.name(), overhead, rounds)?;
    let value = if args.unit { "()" } else { "u64" };
    println!(
        "{value} values; nanoseconds per operation, minimum / median; {}",
        args.allocator.name()
    );
    println!("expected to take {}\n", minutes(race::duration(&cases)));
    let cases = race::run(&cases, |case| {
        println!("{}", report::table(case));
        if let Some(table) = report::counts_table(case) {
            println!("{table}");
        }
    })?;
    let run = Run { machine, cases };
    if args.update_docs {
        report::update_docs(&run)?;
    }
    println!("where we lose (ratio to the best peer):");
    for (group, cases) in run.groups() {
        for loss in report::losses(cases) {
            println!("  {}: {loss}", group.name());
        }
    }
    println!("\ntook {}", minutes(start.elapsed()));
    let page = save(&run)?;
    println!("{}", page.display());
    Ok(())
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
