//! One sample of each row, with its outcome checked.

use crate::clock::{at_once, timed};
use crate::data::{DataSet, Key, Keys};
use crate::race::Sheet;
use anyhow::{Result, ensure};
use pleach::PathMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// The keys.
#[derive(Debug)]
pub(crate) struct Data(pub(crate) DataSet);

/// Keys and values that become visible together, where the library can do that.
pub(crate) type Batch<'a> = [(Key<'a>, u64)];

/// A map that is read while it changes.
pub(crate) trait Live: Sync {
    /// An empty one.
    fn fresh() -> Self;
    /// The value of a key.
    fn find(&self, key: Key<'_>) -> Option<u64>;
    /// The sum of the values of keys that are looked up together, in one version where the library
    /// has versions.
    fn find_all(&self, keys: &[Key<'_>]) -> u64;
    /// Inserts, or sets anew.
    fn write(&self, batch: &Batch<'_>);
}

/// Samples the rows that the sheet asks for.
pub(crate) fn sample<M: Live>(Data(set): &Data, sheet: &mut Sheet<'_>) -> Result<()> {
    let sum: u64 = (0..set.sorted.len() as u64).sum();
    let find_all =
        |map: &M, keys: &Keys| -> u64 { keys.iter().filter_map(|(key, _)| map.find(key)).sum() };
    let mut built = None;
    for (key, batch) in [("write-1", 1), ("write-100", 100), ("write-1k", 1_000)] {
        // The map of the largest batches is read afterwards.
        if sheet.wants(key) || batch == 1_000 {
            let batches = batches(&set.shuffled, batch);
            let (map, time) = timed(set.shuffled.len(), || {
                let map = M::fresh();
                for batch in &batches {
                    map.write(batch);
                }
                map
            });
            let values = find_all(&map, &set.hits);
            ensure!(values == sum, "{key}: the values add up to {values}");
            sheet.note(key, time);
            built = Some(map);
        }
    }
    let Some(map) = built else { return Ok(()) };
    let orders = [&set.hits, &set.shuffled];
    for (key, threads) in [("get-one-thread", 1), ("get-two-threads", 2)] {
        sheet.cell(key, || {
            let (sums, wall) = at_once(threads, |thread| find_all(&map, orders[thread]));
            ensure!(
                sums.iter().all(|&values| values == sum),
                "the values add up to {sums:?}"
            );
            Ok(wall.as_nanos() as f64 / (threads * set.hits.len()) as f64)
        })?;
    }
    sheet.cell("get-held", || {
        let groups: Vec<_> = set.hits.groups(8).collect();
        let (values, time) = timed(set.hits.len(), || {
            groups.iter().map(|keys| map.find_all(keys)).sum::<u64>()
        });
        ensure!(values == sum, "the values add up to {values}");
        Ok(time)
    })?;
    drop(map);
    if sheet.wants("beside-read") || sheet.wants("beside-write") {
        let (read, write) = beside::<M>(set)?;
        sheet.note("beside-read", read);
        sheet.note("beside-write", write);
    }
    Ok(())
}

/// One thread reads half of the keys again and again while the other writes the other half in
/// batches of 100: wall time of a lookup, and of an insert.
fn beside<M: Live>(set: &DataSet) -> Result<(f64, f64)> {
    let half = |odd: u64| {
        let mut keys = Keys::default();
        for (key, value) in set.shuffled.iter().filter(|(_, value)| value % 2 == odd) {
            keys.push(key.bytes(), value);
        }
        keys
    };
    let (old, new) = (half(0), half(1));
    let (old_batches, new_batches) = (batches(&old, 1_000), batches(&new, 100));
    let map = M::fresh();
    old_batches.iter().for_each(|batch| map.write(batch));
    let written = AtomicBool::new(false);
    let (figures, _) = at_once(2, |thread| {
        let start = Instant::now();
        let (mut sum, mut passes, mut count) = (0, 0, 0);
        if thread == 0 {
            // Whole passes, so that what is read can be checked.
            while passes == 0 || !written.load(Ordering::Relaxed) {
                sum += old.iter().filter_map(|(key, _)| map.find(key)).sum::<u64>();
                count += old.len();
                passes += 1;
            }
        } else {
            for batch in &new_batches {
                map.write(batch);
                count += batch.len();
            }
            written.store(true, Ordering::Relaxed);
        }
        (
            start.elapsed().as_nanos() as f64 / count as f64,
            sum,
            passes,
        )
    });
    let sum_of = |keys: &Keys| keys.iter().map(|(_, value)| value).sum::<u64>();
    let (sum, passes) = (figures[0].1, figures[0].2);
    ensure!(sum == sum_of(&old) * passes, "the values add up to {sum}");
    let values: u64 = new.iter().filter_map(|(key, _)| map.find(key)).sum();
    ensure!(values == sum_of(&new), "new values add up to {values}");
    Ok((figures[0].0, figures[1].0))
}

fn batches(keys: &Keys, len: usize) -> Vec<Vec<(Key<'_>, u64)>> {
    let entries: Vec<_> = keys.iter().collect();
    entries.chunks(len).map(<[_]>::to_vec).collect()
}

/// The map itself, which one thread has for itself.
pub(crate) fn bare(Data(set): &Data, sheet: &mut Sheet<'_>) -> Result<()> {
    let (map, time) = timed(set.shuffled.len(), || {
        let mut map = PathMap::<u64>::new();
        for (key, value) in set.shuffled.iter() {
            map.insert(key.bytes(), value);
        }
        map
    });
    sheet.note("write-1", time);
    let (found, time) = timed(set.hits.len(), || {
        let keys = set.hits.iter();
        keys.filter_map(|(key, _)| map.get(key.bytes()))
            .sum::<u64>()
    });
    ensure!(
        found == (0..map.len() as u64).sum::<u64>(),
        "the values add up to {found}"
    );
    sheet.note("get-one-thread", time);
    Ok(())
}
