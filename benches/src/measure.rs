//! The cells: each times one use of a map and checks its outcome.

use crate::data::{DataSet, Keys};
use crate::engines::{Engine, Value};
use crate::heap;
use anyhow::{Result, ensure};
use clap::ValueEnum;
use rustix::time::{ClockId, clock_gettime};
use std::hint::black_box;
use std::time::Duration;

/// One row of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Cell {
    /// All keys into an empty map, in random order.
    Insert,
    /// Each key once, in another random order.
    Hit,
    /// As many absent keys that resemble present ones.
    Miss,
    /// All keys in order, as slices.
    Iterate,
    /// All keys in order, each as a vector.
    Owned,
    /// A clone and new keys into it, per new key.
    Snapshot,
    /// Giving the map back, per key.
    Drop,
    /// Heap bytes that the map requested, per key.
    Bytes,
}

impl Cell {
    /// The row's title.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Insert => "insert, shuffled",
            Self::Hit => "get, hit",
            Self::Miss => "get, miss",
            Self::Iterate => "iterate, borrowed keys",
            Self::Owned => "iterate, owned keys",
            Self::Snapshot => "snapshot + 1,000 edits",
            Self::Drop => "drop",
            Self::Bytes => "heap bytes per key",
        }
    }
}

/// One sample of each cell.
pub(crate) type Samples = Vec<(Cell, f64)>;

/// The measurements of one engine with one type of value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Runner {
    /// Builds a map and takes one sample of each timed cell, in nanoseconds per operation.
    pub(crate) round: fn(&DataSet, &[Cell]) -> Result<Samples>,
    /// Heap bytes per key. Checks the map's keys and values one by one as well.
    pub(crate) bytes: fn(&DataSet) -> Result<f64>,
    /// Repeats one cell for as long as told; returns its fastest sample.
    pub(crate) profile: fn(&DataSet, Cell, Duration) -> Result<f64>,
}

impl Runner {
    /// The measurements of `E`.
    pub(crate) fn of<V: Value, E: Engine<V>>() -> Self {
        Self {
            round: round::<V, E>,
            bytes: bytes::<V, E>,
            profile: profile::<V, E>,
        }
    }
}

fn round<V: Value, E: Engine<V>>(set: &DataSet, cells: &[Cell]) -> Result<Samples> {
    let (map, insert) = build::<V, E>(set)?;
    let mut samples = vec![(Cell::Insert, insert)];
    for cell in [
        Cell::Hit,
        Cell::Miss,
        Cell::Iterate,
        Cell::Owned,
        Cell::Snapshot,
    ] {
        if cells.contains(&cell) {
            samples.push((cell, read(&map, set, cell)?));
        }
    }
    samples.push((Cell::Drop, give_back(map, set)));
    samples.retain(|(cell, _)| cells.contains(cell));
    Ok(samples)
}

fn bytes<V: Value, E: Engine<V>>(set: &DataSet) -> Result<f64> {
    let (built, requested) = heap::requested_by(|| build::<V, E>(set));
    let (map, _) = built?;
    let mut expected = set.sorted.iter();
    let mut agree = true;
    map.visit(|key, value| {
        agree &= expected.next().is_some_and(|(wanted, index)| {
            wanted.bytes() == key && V::at(index).number() == value.number()
        });
    });
    ensure!(
        agree && expected.next().is_none(),
        "the map does not hold the set's keys in order"
    );
    Ok(requested as f64 / set.sorted.len() as f64)
}

fn profile<V: Value, E: Engine<V>>(set: &DataSet, cell: Cell, limit: Duration) -> Result<f64> {
    let (map, _) = build::<V, E>(set)?;
    let end = thread_time() + limit;
    let mut best = f64::INFINITY;
    while thread_time() < end {
        let sample = match cell {
            Cell::Insert => build::<V, E>(set)?.1,
            Cell::Drop => give_back(build::<V, E>(set)?.0, set),
            Cell::Bytes => bytes::<V, E>(set)?,
            _ => read(&map, set, cell)?,
        };
        best = best.min(sample);
    }
    Ok(best)
}

fn build<V: Value, E: Engine<V>>(set: &DataSet) -> Result<(E, f64)> {
    let ((map, new), insert) = timed(set.shuffled.len(), || {
        let mut map = E::default();
        let new = insert_all(&mut map, &set.shuffled);
        (map, new)
    });
    ensure!(
        new == set.sorted.len() && map.size() == new,
        "insert: {new} keys were new"
    );
    Ok((map, insert))
}

fn insert_all<V: Value, E: Engine<V>>(map: &mut E, keys: &Keys) -> usize {
    keys.iter()
        .map(|(key, index)| usize::from(map.put(key, V::at(index))))
        .sum()
}

/// Times a cell that leaves the map as it is.
fn read<V: Value, E: Engine<V>>(map: &E, set: &DataSet, cell: Cell) -> Result<f64> {
    let keys = set.sorted.len();
    let values: u64 = set
        .sorted
        .iter()
        .map(|(_, index)| V::at(index).number())
        .sum();
    match cell {
        Cell::Hit | Cell::Miss => {
            let (probes, expected) = if cell == Cell::Hit {
                (&set.hits, values)
            } else {
                (&set.misses, 0)
            };
            let (sum, time) = timed(probes.len(), || {
                probes
                    .iter()
                    .filter_map(|(key, _)| map.find(key))
                    .map(V::number)
                    .sum::<u64>()
            });
            ensure!(
                sum == expected,
                "{}: the values add up to {sum}",
                cell.title()
            );
            Ok(time)
        }
        Cell::Snapshot => snapshots(map, set),
        _ => {
            let expected = set
                .sorted
                .iter()
                .fold(values, |sum, (key, _)| sum + touch(key.bytes()));
            let mut sum = 0;
            let ((), time) = timed(keys, || {
                if cell == Cell::Iterate {
                    map.visit(|key, value| sum += touch(key) + value.number());
                } else {
                    map.visit_owned(|key, value| sum += touch(&key) + value.number());
                }
            });
            ensure!(sum == expected, "{}: the checksum is {sum}", cell.title());
            Ok(time)
        }
    }
}

/// Mean over a few snapshots, one alive at a time. Nothing walks the map between them, since that
/// would leave its nodes in the caches.
fn snapshots<V: Value, E: Engine<V>>(map: &E, set: &DataSet) -> Result<f64> {
    let mut sum = 0.0;
    for edits in &set.edits {
        let ((_snapshot, new), time) = timed(edits.len(), || {
            let mut snapshot = map.clone();
            let new = insert_all(&mut snapshot, edits);
            (snapshot, new)
        });
        ensure!(new == edits.len(), "snapshot: {new} keys were new");
        sum += time;
    }
    let size = map.size();
    ensure!(
        size == set.sorted.len(),
        "after the snapshots the map holds {size} keys"
    );
    Ok(sum / set.edits.len() as f64)
}

/// A use of a key that needs it to be in memory.
#[inline]
fn touch(key: &[u8]) -> u64 {
    let key = black_box(key);
    key.len() as u64 + key.last().map_or(0, |&byte| u64::from(byte))
}

fn give_back<E>(map: E, set: &DataSet) -> f64 {
    timed(set.sorted.len(), || drop(map)).1
}

/// Runs `work`; returns its result and its processor time in nanoseconds per operation.
fn timed<T>(operations: usize, work: impl FnOnce() -> T) -> (T, f64) {
    let start = thread_time();
    let result = black_box(work());
    let time = thread_time() - start;
    (result, time.as_nanos() as f64 / operations as f64)
}

/// Processor time of this thread: what other processes do to the clock stays out of it.
fn thread_time() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        now.tv_sec.unsigned_abs(),
        u32::try_from(now.tv_nsec).unwrap_or(0),
    )
}
