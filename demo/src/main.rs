//! A knowledge graph in three tries: loaded on all cores, queried, snapshotted and edited.
//!
//! Every number of the report is measured by the run that prints it.
#![forbid(unsafe_code)]

mod build;
mod closure;
mod graph;
mod live;
mod load;
mod names;
mod parallel;
mod pattern;
mod query;
mod report;
mod triple;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use clap::Parser;
use pleach::intern::SharedMapping;

use closure::Direction;
use graph::Graph;
use names::Names;
use pattern::{Pattern, Term};
use query::{Latency, Shape};
use report::{Form, Report, Stage, count, duration, plural};
use triple::{Order, Triple};

/// The relation whose closure is shown.
const HYPERNYM: &str = "hypernym";

/// How many answers of the shown pattern, and nodes of the closure, are printed.
const SHOWN_MAX: usize = 5;

/// Loads a graph of triples into three tries (SPO, POS, OSP) on all cores, its fields as text and as
/// symbols, answers patterns, follows
/// a relation, takes a snapshot and reads it while the live graph is edited. Reports what it measured.
#[derive(Debug, Parser)]
#[command(name = "pleach-demo", version)]
struct Options {
    /// A file of lines `subject TAB predicate TAB object`, plain or compressed with zstd; WordNet 3.1
    /// if not given
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,

    /// Threads that parse, build and read; as many as there are cores if not given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,

    /// Timed queries for each of the eight shapes of pattern
    #[arg(long, value_name = "N", default_value_t = 2000,
          value_parser = clap::value_parser!(u32).range(..=1_000_000))]
    queries: u32,

    /// Edits that the writer makes while the snapshot is read
    #[arg(long, value_name = "N", default_value_t = 5000)]
    edits: u32,

    /// A pattern to answer: `?` is any field, `dog.n.*` one that begins with `dog.n.`
    #[arg(long, num_args = 3, value_names = ["SUBJECT", "PREDICATE", "OBJECT"],
          default_values = ["?", HYPERNYM, "dog.n.*"])]
    pattern: Vec<String>,

    /// Where the closure of `hypernym` starts, `*` at the end as in a pattern; if not given,
    /// `dog.n.*`, or the first node that has a hypernym
    #[arg(long, value_name = "NODE")]
    closure_from: Option<String>,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads our output has seen enough.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody can be told if stderr is closed too.
            let _ = writeln!(io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// Cores this process may use.
fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

fn run(options: &Options) -> Result<()> {
    let threads = options.threads.map_or_else(cores, usize::from);
    let (queries, edits) = (options.queries as usize, options.edits as usize);
    let mut out = io::stdout().lock();

    let stage = Stage::begin("read", 1);
    let source = load::read(options.data.as_deref())?;
    stage.end(format_args!(
        "{}: {}",
        source.name,
        plural(source.text.len(), "byte")
    ));

    let stage = Stage::begin("parse", source.text.len());
    let triples = load::parse(&source, threads, |bytes| stage.advance(bytes))?;
    let parse_time = stage.end(plural(triples.len(), "line"));

    // As text first, which goes again: the two forms are not in memory together.
    let as_text = build_and_ask(Names::Text, &triples, threads, queries);
    let text = Form {
        load_time: parse_time + as_text.build_time,
        maps_bytes: as_text.graph.memory().total.bytes,
        names_bytes: 0,
        order_bytes: 0,
        latencies: as_text.latencies,
    };
    drop(as_text.graph);
    let names = SharedMapping::new();
    let built = build_and_ask(Names::Symbols(names.clone()), &triples, threads, queries);
    let mut graph = built.graph;
    let loaded = graph.len();
    let stage = Stage::begin("order", 1);
    let in_order = names.ordered();
    stage.end(format_args!(
        "{} in a trie, for `*`",
        plural(in_order.len(), "name")
    ));
    let symbols = Form {
        load_time: parse_time + built.build_time,
        maps_bytes: graph.memory().total.bytes,
        names_bytes: names.memory().total(),
        order_bytes: in_order.memory().total.bytes,
        latencies: built.latencies,
    };

    let stage = Stage::begin("count", 1);
    let firsts = parallel::map(threads, &Order::ALL, |&order| {
        graph.count_first_fields(order)
    });
    stage.end("what stands first in each order");

    show_pattern(&graph, &options.pattern, &mut out)?;
    show_closure(&graph, options.closure_from.as_deref(), &mut out)?;

    let stage = Stage::begin("edit", edits);
    let live = live::run(&mut graph, &triples, threads, edits, |edits| {
        stage.advance(edits)
    });
    stage.end(format_args!(
        "beside {}, and both graphs checked",
        plural(live.readers, "reader")
    ));

    let is_sound = live.changed_answers == 0 && live.snapshot_is_intact && live.live_is_right;
    let report = Report {
        source: source.name.clone(),
        threads,
        lines: triples.len(),
        text_bytes: source.text.len(),
        triples: loaded,
        subjects: firsts[Order::Spo as usize],
        predicates: firsts[Order::Pos as usize],
        objects: firsts[Order::Osp as usize],
        names: names.len(),
        text,
        symbols,
        live,
    };
    report.write(&mut out)?;
    ensure!(
        is_sound,
        "the snapshot or the live graph is not what it has to be"
    );
    Ok(())
}

/// A graph, how long it took to build, and how long its answers take.
struct Built {
    graph: Graph,
    build_time: Duration,
    latencies: Vec<Latency>,
}

/// Builds the graph in one form, and asks it.
fn build_and_ask(names: Names, triples: &[Triple<'_>], threads: usize, queries: usize) -> Built {
    let form = match &names {
        Names::Text => "text",
        Names::Symbols(_) => "symbols",
    };
    let stage = Stage::begin("build", triples.len().saturating_mul(Order::ALL.len()));
    let graph = build::build(names, triples, threads, |keys| stage.advance(keys));
    let loaded = plural(graph.len(), "triple");
    let build_time = stage.end(format_args!("{loaded} in three orders, fields as {form}"));

    let stage = Stage::begin("query", queries.saturating_mul(Shape::ALL.len()));
    let latencies = query::measure(&graph, triples, queries, || stage.advance(1));
    stage.end(format_args!("{} of each shape", count(queries)));
    Built {
        graph,
        build_time,
        latencies,
    }
}

/// Answers one pattern and prints the first answers.
fn show_pattern(graph: &Graph, terms: &[String], out: &mut impl Write) -> Result<()> {
    let [subject, predicate, object] = terms else {
        bail!("a pattern has three parts");
    };
    let pattern = Pattern([subject, predicate, object].map(|term| Term::parse(term)));
    let start = Instant::now();
    let mut answers = 0;
    let mut shown = Vec::new();
    let mut matches = graph.match_pattern(&pattern);
    while let Some(triple) = matches.next() {
        answers += 1;
        if shown.len() < SHOWN_MAX {
            shown.push(triple.to_string());
        }
    }
    let time = duration(start.elapsed());
    writeln!(out, "\n{pattern}: {} in {time}", plural(answers, "answer"))?;
    write_some(&shown, answers, out)
}

/// Follows `hypernym` both ways from the chosen nodes and prints how far it leads.
fn show_closure(graph: &Graph, from: Option<&str>, out: &mut impl Write) -> Result<()> {
    let relation = HYPERNYM.as_bytes();
    let mut term = Term::parse(from.unwrap_or("dog.n.*"));
    let mut start = closure::subjects(graph, &term, relation);
    if start.is_empty() && from.is_none() {
        let all = Pattern([Term::Any, Term::Exact(relation.to_vec()), Term::Any]);
        if let Some(triple) = graph.match_pattern(&all).next() {
            term = Term::Exact(triple.subject.to_vec());
            start.insert(triple.subject, ());
        }
    }
    if start.is_empty() {
        writeln!(
            out,
            "\nNo closure: no triple ({term}, {HYPERNYM}, ?) in the data"
        )?;
        return Ok(());
    }
    for (direction, which) in [
        (Direction::Forward, "above"),
        (Direction::Backward, "below"),
    ] {
        let clock = Instant::now();
        let reached = closure::closure(graph, &start, relation, direction);
        let time = duration(clock.elapsed());
        writeln!(
            out,
            "\nclosure of {HYPERNYM}, {which} {term} ({}): {} within {}, in {time}",
            plural(start.len(), "node"),
            plural(reached.nodes.len(), "node"),
            plural(reached.depth, "step"),
        )?;
        let shown: Vec<String> = reached
            .nodes
            .keys()
            .take(SHOWN_MAX)
            .map(|node| String::from_utf8_lossy(&node).into_owned())
            .collect();
        write_some(&shown, reached.nodes.len(), out)?;
    }
    Ok(())
}

/// Prints the first of `total` things, a line each.
fn write_some(shown: &[String], total: usize, out: &mut impl Write) -> Result<()> {
    for line in shown {
        writeln!(out, "  {line}")?;
    }
    if total > shown.len() {
        writeln!(out, "  and {} more", count(total - shown.len()))?;
    }
    Ok(())
}
