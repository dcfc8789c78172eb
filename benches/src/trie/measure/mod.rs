//! The cells: each times one use of a map and checks its outcome.

mod cell;

pub(crate) use cell::Cell;

use crate::allocator;
use crate::clock::{at_once, thread_time, timed};
use crate::data::{DataSet, Keys, SCAN_LIMIT};
use crate::race::Sheet;
use crate::trie::engines::{Engine, Value};
use anyhow::{Result, ensure};
use clap::ValueEnum;
use std::hint::black_box;
use std::time::Duration;

/// One sample of each cell.
type Samples = Vec<(Cell, f64)>;

/// The measurements of one engine with one type of value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Runner {
    /// Takes one sample of each cell that the sheet asks for.
    pub(crate) sample: fn(&DataSet, &mut Sheet<'_>) -> Result<()>,
    /// Repeats one cell for as long as told; returns its fastest sample.
    pub(crate) profile: fn(&DataSet, Cell, Duration) -> Result<f64>,
}

impl Runner {
    /// The measurements of `E`.
    pub(crate) fn of<V: Value, E: Engine<V>>() -> Self {
        Self {
            sample: sample::<V, E>,
            profile: profile::<V, E>,
        }
    }
}

fn sample<V: Value, E: Engine<V>>(set: &DataSet, sheet: &mut Sheet<'_>) -> Result<()> {
    let cells = Cell::value_variants().iter().copied();
    let cells: Vec<_> = cells.filter(|cell| sheet.wants(cell.row().key)).collect();
    if cells == [Cell::Bytes] {
        return sheet.cell(Cell::Bytes.row().key, || bytes::<V, E>(set));
    }
    for (cell, figure) in round::<V, E>(set, &cells)? {
        sheet.note(cell.row().key, figure);
    }
    Ok(())
}

/// Builds a map and takes one sample of each timed cell, in nanoseconds per operation.
fn round<V: Value, E: Engine<V>>(set: &DataSet, cells: &[Cell]) -> Result<Samples> {
    let mut samples = Vec::new();
    if cells.contains(&Cell::Sorted) || cells.contains(&Cell::Remove) {
        let (mut map, sorted) = build::<V, E>(set, &set.sorted)?;
        samples.push((Cell::Sorted, sorted));
        if cells.contains(&Cell::Remove) {
            samples.push((Cell::Remove, remove_all(&mut map, &set.hits)?));
        }
    }
    if cells.contains(&Cell::Bulk) {
        samples.push((Cell::Bulk, load::<V, E>(set)?));
    }
    let (map, insert) = build::<V, E>(set, &set.shuffled)?;
    samples.push((Cell::Insert, insert));
    for cell in [
        Cell::Hit,
        Cell::Batch,
        Cell::Miss,
        Cell::Scan,
        Cell::Iterate,
        Cell::Owned,
        Cell::Snapshot,
        Cell::SnapshotMany,
        Cell::OneThread,
        Cell::TwoThreads,
    ] {
        if cells.contains(&cell) {
            samples.push((cell, read(&map, set, cell)?));
        }
    }
    samples.push((Cell::Drop, give_back(map, set)));
    samples.retain(|(cell, _)| cells.contains(cell));
    Ok(samples)
}

/// Heap bytes per key. Checks the map's keys and values one by one as well.
fn bytes<V: Value, E: Engine<V>>(set: &DataSet) -> Result<f64> {
    let (built, requested) = allocator::requested_by(|| build::<V, E>(set, &set.shuffled));
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
    let (map, _) = build::<V, E>(set, &set.shuffled)?;
    let end = thread_time() + limit;
    let mut best = f64::INFINITY;
    while thread_time() < end {
        let sample = match cell {
            Cell::Sorted => build::<V, E>(set, &set.sorted)?.1,
            Cell::Insert => build::<V, E>(set, &set.shuffled)?.1,
            Cell::Bulk => load::<V, E>(set)?,
            Cell::Remove => remove_all(&mut build::<V, E>(set, &set.sorted)?.0, &set.hits)?,
            Cell::Drop => give_back(build::<V, E>(set, &set.shuffled)?.0, set),
            Cell::Bytes => bytes::<V, E>(set)?,
            _ => read(&map, set, cell)?,
        };
        best = best.min(sample);
    }
    Ok(best)
}

/// A map of all keys, inserted in the order of `keys`, and the time per key.
fn build<V: Value, E: Engine<V>>(set: &DataSet, keys: &Keys) -> Result<(E, f64)> {
    let ((map, new), insert) = timed(keys.len(), || {
        let mut map = E::default();
        let new = insert_all(&mut map, keys);
        (map, new)
    });
    ensure!(
        new == set.sorted.len() && map.size() == new,
        "insert: {new} keys were new"
    );
    Ok((map, insert))
}

/// The time per key of loading all keys in order.
fn load<V: Value, E: Engine<V>>(set: &DataSet) -> Result<f64> {
    let (map, time) = timed(set.sorted.len(), || E::load(&set.sorted));
    let (size, sum) = (map.size(), find_all(&map, &set.sorted));
    ensure!(
        size == set.sorted.len() && sum == values_of::<V>(&set.sorted),
        "load: {size} keys, and the values add up to {sum}"
    );
    Ok(time)
}

/// Takes all keys out; the time per key.
fn remove_all<V: Value, E: Engine<V>>(map: &mut E, keys: &Keys) -> Result<f64> {
    let (sum, time) = timed(keys.len(), || {
        let values = keys.iter().filter_map(|(key, _)| map.take(key));
        values.map(V::number).sum::<u64>()
    });
    let left = map.size();
    ensure!(
        left == 0 && sum == values_of::<V>(keys),
        "remove: {left} keys stay, and the values add up to {sum}"
    );
    Ok(time)
}

/// Looks all keys up; the sum of the values found.
fn find_all<V: Value, E: Engine<V>>(map: &E, keys: &Keys) -> u64 {
    let values = keys.iter().filter_map(|(key, _)| map.find(key));
    values.map(V::number).sum()
}

/// The sum of the values that belong to `keys`.
fn values_of<V: Value>(keys: &Keys) -> u64 {
    keys.iter().map(|(_, index)| V::at(index).number()).sum()
}

fn insert_all<V: Value, E: Engine<V>>(map: &mut E, keys: &Keys) -> usize {
    keys.iter()
        .map(|(key, index)| usize::from(map.put(key, V::at(index))))
        .sum()
}

/// Times a cell that leaves the map as it is.
fn read<V: Value, E: Engine<V>>(map: &E, set: &DataSet, cell: Cell) -> Result<f64> {
    match cell {
        Cell::Hit => lookups::<V, E>(map, &set.hits, values_of::<V>(&set.hits)),
        Cell::Batch => batches(map, &set.hits),
        Cell::Miss => lookups::<V, E>(map, &set.misses, 0),
        Cell::Scan => scans(map, set),
        Cell::Snapshot => snapshots(map, set, &set.edits),
        Cell::SnapshotMany => snapshots(map, set, std::slice::from_ref(&set.many_edits)),
        Cell::OneThread => readers::<V, E>(map, set, 1),
        Cell::TwoThreads => readers::<V, E>(map, set, 2),
        _ => iteration(map, set, cell),
    }
}

fn lookups<V: Value, E: Engine<V>>(map: &E, probes: &Keys, expected: u64) -> Result<f64> {
    let (sum, time) = timed(probes.len(), || find_all(map, probes));
    ensure!(sum == expected, "get: the values add up to {sum}");
    Ok(time)
}

/// Looks all keys up, so many at a time.
fn batches<V: Value, E: Engine<V>>(map: &E, probes: &Keys) -> Result<f64> {
    const BATCH: usize = 1_024;
    let (sum, time) = timed(probes.len(), || {
        let groups = probes.groups(BATCH);
        groups.map(|group| map.find_group(&group)).sum::<u64>()
    });
    let expected = values_of::<V>(probes);
    ensure!(
        sum == expected,
        "get in batches: the values add up to {sum}"
    );
    Ok(time)
}

/// Lookups by threads that share the map: wall time per lookup of any of them.
fn readers<V: Value, E: Engine<V>>(map: &E, set: &DataSet, threads: usize) -> Result<f64> {
    // Two threads with one order would fetch for each other.
    let orders = [&set.hits, &set.shuffled];
    let (sums, wall) = at_once(threads, |number| {
        find_all(map, orders[number % orders.len()])
    });
    let expected = values_of::<V>(&set.sorted);
    ensure!(
        sums.iter().all(|&sum| sum == expected),
        "get by {threads} threads: the values add up to {sums:?}"
    );
    Ok(wall.as_nanos() as f64 / (threads * set.sorted.len()) as f64)
}

fn scans<V: Value, E: Engine<V>>(map: &E, set: &DataSet) -> Result<f64> {
    let places = || set.scans.iter().cloned().flatten();
    let mut sum = 0;
    let ((), time) = timed(places().count(), || {
        for (prefix, _) in set.prefixes.iter() {
            map.scan(prefix, SCAN_LIMIT, |rest, value| {
                black_box(touch(rest));
                sum += value.number();
            });
        }
    });
    let expected: u64 = places().map(|place| V::at(place).number()).sum();
    ensure!(sum == expected, "scan: the values add up to {sum}");
    Ok(time)
}

fn iteration<V: Value, E: Engine<V>>(map: &E, set: &DataSet, cell: Cell) -> Result<f64> {
    let touched: u64 = set.sorted.iter().map(|(key, _)| touch(key.bytes())).sum();
    let mut sum = 0;
    let ((), time) = timed(set.sorted.len(), || {
        if cell == Cell::Iterate {
            map.visit(|key, value| sum += touch(key) + value.number());
        } else {
            map.visit_owned(|key, value| sum += touch(&key) + value.number());
        }
    });
    ensure!(
        sum == touched + values_of::<V>(&set.sorted),
        "{}: the checksum is {sum}",
        cell.title()
    );
    Ok(time)
}

/// Mean over a few snapshots, one alive at a time. Nothing walks the map between them, since that
/// would leave its nodes in the caches.
fn snapshots<V: Value, E: Engine<V>>(map: &E, set: &DataSet, edits: &[Keys]) -> Result<f64> {
    let mut sum = 0.0;
    for edits in edits {
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
    Ok(sum / edits.len() as f64)
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
