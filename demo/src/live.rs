//! A snapshot that readers query while a writer edits the live graph.
//!
//! A clone of the three maps is the snapshot. The writer's edits copy the nodes on their paths and
//! leave the snapshot's nodes alone, so readers need no lock, and every answer must stay what it was
//! before the first edit. The readers check each one.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use pleach::zipper::{ZipperIteration, ZipperMoving};

use crate::graph::Graph;
use crate::parallel;
use crate::pattern::Pattern;
use crate::query::{self, Answer, Rng, Shape};
use crate::triple::{Order, Triple};

/// How many different queries the readers ask, over and over.
const QUERY_COUNT: usize = 512;

/// A reader's query reads no more answers than this.
const ANSWERS_MAX: usize = 100;

/// The writer reports its progress each time it has made this many edits.
const REPORT_EVERY: usize = 1024;

/// What happened between the readers and the writer.
#[derive(Debug)]
pub(crate) struct LiveRun {
    /// Reader threads.
    pub(crate) readers: usize,
    /// Queries they asked of the snapshot while the writer wrote.
    pub(crate) queries: usize,
    /// Queries whose answer was not what it had been before the edits.
    pub(crate) changed_answers: usize,
    /// Whether the whole snapshot is, in each order, what it was before the edits.
    pub(crate) snapshot_is_intact: bool,
    /// Triples the writer added to the live graph.
    pub(crate) inserted: usize,
    /// Triples it took out.
    pub(crate) removed: usize,
    /// Whether the live graph holds, in each order, just what the edits leave.
    pub(crate) live_is_right: bool,
    /// From the first edit to the last.
    pub(crate) elapsed: Duration,
    /// Bytes of the live graph's nodes after the edits.
    pub(crate) live_bytes: usize,
    /// Those of them that the snapshot does not hold: what the edits cost while it lives.
    pub(crate) own_bytes: usize,
}

/// Edits `graph` while reader threads query a snapshot of it.
///
/// `edited` hears of the edits.
pub(crate) fn run(
    graph: &mut Graph,
    triples: &[Triple<'_>],
    threads: usize,
    edits: usize,
    edited: impl Fn(usize),
) -> LiveRun {
    let readers = threads.max(2);
    let snapshot = graph.clone();
    let queries = queries_with_answers(&snapshot, triples);
    let content = Order::ALL.map(|order| content(&snapshot, order));

    let done = AtomicBool::new(false);
    let read = |reader| read_until(&done, &snapshot, &queries, reader);
    let (edits, elapsed, readings) = thread::scope(|scope| {
        let handles: Vec<_> = (0..readers)
            .map(|reader| scope.spawn(move || read(reader)))
            .collect();
        let raise_when_done = RaiseOnDrop(&done);
        let start = Instant::now();
        let edits = edit(graph, triples, edits, edited);
        let elapsed = start.elapsed();
        drop(raise_when_done);
        let readings: Vec<Reading> = handles
            .into_iter()
            .map(|handle| handle.join().unwrap_or_else(|panic| resume_unwind(panic)))
            .collect();
        (edits, elapsed, readings)
    });
    let memory = graph.memory();

    let orders = parallel::map(threads, &Order::ALL, |&order| {
        let before = content[order as usize];
        let is_intact = self::content(&snapshot, order) == before;
        let is_right = self::content(graph, order) == before.after(&edits);
        (is_intact, is_right)
    });

    LiveRun {
        readers,
        queries: readings.iter().map(|reading| reading.queries).sum(),
        changed_answers: readings.iter().map(|reading| reading.changed).sum(),
        snapshot_is_intact: orders.iter().all(|&(is_intact, _)| is_intact),
        inserted: edits.inserted.count,
        removed: edits.removed.count,
        live_is_right: orders.iter().all(|&(_, is_right)| is_right),
        elapsed,
        live_bytes: memory.total.bytes,
        own_bytes: memory.total.bytes - memory.shared.bytes,
    }
}

/// Raises a flag when it goes out of scope, by a panic too, so that readers never wait for nothing.
struct RaiseOnDrop<'f>(&'f AtomicBool);

impl Drop for RaiseOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

/// A multiset of triples in two numbers, which do not depend on their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Content {
    count: usize,
    hash_sum: u64,
}

impl Content {
    fn add(&mut self, triple: &Triple<'_>) {
        let mut hasher = DefaultHasher::new();
        triple.hash(&mut hasher);
        self.count += 1;
        self.hash_sum = self.hash_sum.wrapping_add(hasher.finish());
    }

    /// What edits make of this content.
    fn after(self, edits: &Edits) -> Self {
        let Edits { inserted, removed } = edits;
        Self {
            count: (self.count + inserted.count).wrapping_sub(removed.count),
            hash_sum: (self.hash_sum.wrapping_add(inserted.hash_sum))
                .wrapping_sub(removed.hash_sum),
        }
    }
}

/// All triples in the map of one order.
fn content(graph: &Graph, order: Order) -> Content {
    let mut content = Content::default();
    let mut zipper = graph.map(order).read_zipper();
    while zipper.to_next_val() {
        if let Some(triple) = graph.triple(order, zipper.path()) {
            content.add(&triple);
        }
    }
    content
}

/// What a writer did.
#[derive(Debug, Default)]
struct Edits {
    inserted: Content,
    removed: Content,
}

/// Takes out random triples and adds new ones put together from two random ones, in turn.
fn edit(graph: &mut Graph, triples: &[Triple<'_>], count: usize, edited: impl Fn(usize)) -> Edits {
    let mut rng = Rng(2);
    let mut edits = Edits::default();
    for round in 0..count {
        let (Some(one), Some(other)) = (rng.pick(triples), rng.pick(triples)) else {
            break;
        };
        if round % 2 == 0 {
            if graph.remove(one) {
                edits.removed.add(one);
            }
        } else {
            let object = other.object;
            let mixed = Triple { object, ..*one };
            if graph.insert(&mixed) {
                edits.inserted.add(&mixed);
            }
        }
        if (round + 1) % REPORT_EVERY == 0 {
            edited(REPORT_EVERY);
        }
    }
    edits
}

/// Random queries of all shapes, each with the answer that `graph` gives now.
fn queries_with_answers(graph: &Graph, triples: &[Triple<'_>]) -> Vec<(Pattern, Answer)> {
    let mut rng = Rng(3);
    let shapes = Shape::ALL.into_iter().cycle().take(QUERY_COUNT);
    shapes
        .filter_map(|shape| {
            let pattern = shape.pattern(rng.pick(triples)?);
            let answer = query::ask(graph, &pattern, ANSWERS_MAX);
            Some((pattern, answer))
        })
        .collect()
}

/// What one reader saw.
#[derive(Debug, Default)]
struct Reading {
    queries: usize,
    changed: usize,
}

/// Asks all the queries, over and over until `done`, and compares the answers with the expected.
fn read_until(
    done: &AtomicBool,
    snapshot: &Graph,
    queries: &[(Pattern, Answer)],
    reader: usize,
) -> Reading {
    let mut reading = Reading::default();
    // Readers start at different queries, so that they are not all at the same place.
    let (late, early) = queries.split_at((reader * 7) % queries.len().max(1));
    loop {
        for (pattern, expected) in early.iter().chain(late) {
            reading.queries += 1;
            if query::ask(snapshot, pattern, ANSWERS_MAX) != *expected {
                reading.changed += 1;
            }
        }
        if done.load(Relaxed) {
            return reading;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_see_the_snapshot_and_the_writer_its_edits() {
        let names: Vec<String> = (0..200).map(|n| format!("node/{n}")).collect();
        let triples: Vec<_> = names
            .iter()
            .zip(names.iter().skip(1))
            .map(|(subject, object)| Triple {
                subject: subject.as_bytes(),
                predicate: b"next",
                object: object.as_bytes(),
            })
            .collect();
        let mut graph = Graph::default();
        for triple in &triples {
            graph.insert(triple);
        }
        let run = run(&mut graph, &triples, 2, 300, |_| ());
        assert_eq!(run.readers, 2);
        assert!(run.queries >= 2 * QUERY_COUNT);
        assert_eq!(run.changed_answers, 0);
        assert!(run.snapshot_is_intact && run.live_is_right);
        assert!(run.inserted > 0 && run.removed > 0);
        assert_eq!(graph.len(), triples.len() + run.inserted - run.removed);
    }

    #[test]
    fn an_empty_graph_has_nothing_to_edit() {
        let run = run(&mut Graph::default(), &[], 1, 100, |_| ());
        assert_eq!((run.inserted, run.removed, run.queries), (0, 0, 0));
        assert!(run.snapshot_is_intact && run.live_is_right);
    }

    #[test]
    fn a_lost_triple_is_noticed() {
        let triple = |subject| Triple {
            subject,
            predicate: b"p".as_slice(),
            object: b"o",
        };
        let mut graph = Graph::default();
        graph.insert(&triple(b"a"));
        let before = content(&graph, Order::Osp);
        graph.insert(&triple(b"b"));
        assert_ne!(content(&graph, Order::Osp), before);
        assert_eq!(content(&graph, Order::Osp), content(&graph, Order::Pos));
    }
}
