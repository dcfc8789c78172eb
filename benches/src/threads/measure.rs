//! One sample of each row, with its outcome checked.

use crate::clock::{at_once, timed_often};
use crate::data::{DataSet, Keys};
use crate::race::Sheet;
use anyhow::{Result, ensure};
use rayon::ThreadPoolBuilder;
use std::time::{Duration, Instant};

/// Parts of the key space, each filled by one thread.
pub(super) const PARTS: usize = 2;

/// Keys in two parts, each with a first byte of its own.
#[derive(Debug)]
pub(crate) struct Data {
    /// The keys of each part, in random order, without the part's byte.
    pub(super) inner: [Keys; PARTS],
    /// The same with the part's byte.
    pub(super) whole: [Keys; PARTS],
    /// All keys with their part's byte, in other random orders, one a thread.
    orders: [Keys; PARTS],
    len: usize,
    sum: u64,
}

impl Data {
    /// The parts of a set.
    pub(crate) fn new(set: &DataSet) -> Self {
        let part_of = |value: u64| (value % PARTS as u64) as u8;
        let part = |part: usize, prefixed: bool| {
            let mut keys = Keys::default();
            for (key, value) in set.shuffled.iter() {
                if usize::from(part_of(value)) == part {
                    keys.push(&prefix(key.bytes(), prefixed.then_some(part as u8)), value);
                }
            }
            keys
        };
        let order = |order: &Keys| {
            let mut keys = Keys::default();
            for (key, value) in order.iter() {
                keys.push(&prefix(key.bytes(), Some(part_of(value))), value);
            }
            keys
        };
        let len = set.sorted.len();
        Self {
            inner: [0, 1].map(|number| part(number, false)),
            whole: [0, 1].map(|number| part(number, true)),
            orders: [order(&set.hits), order(&set.shuffled)],
            len,
            sum: (0..len as u64).sum(),
        }
    }
}

fn prefix(key: &[u8], part: Option<u8>) -> Vec<u8> {
    part.into_iter().chain(key.iter().copied()).collect()
}

/// A map that threads use at once.
pub(crate) trait Shared: Sized + Send + Sync {
    /// An empty map, filled by so many threads, each with parts of its own; and the wall time.
    fn filled(data: &Data, threads: usize) -> (Self, Duration);
    /// The value of a key.
    fn find(&self, key: &[u8]) -> Option<u64>;
    /// Number of keys.
    fn size(&self) -> usize;
    /// Makes a writer on one key's path and drops it, after an insert if there is a value; `None`
    /// if there are no writers.
    fn writer(&self, _: &dyn Fn(&dyn Writers) -> f64) -> Option<f64>
    where
        Self: Clone,
    {
        None
    }
    /// A map of entries in random order, collected by rayon; `None` if it cannot be.
    fn collected(_: &[(&[u8], u64)]) -> Option<Self> {
        None
    }
    /// A map of the keys whose values fall to a thread, copied through a witness; `None` if there
    /// are none.
    fn copied(&self, _: &dyn Fn(u64) -> bool) -> Option<Self> {
        None
    }
}

/// What hands out writers.
pub(crate) trait Writers {
    /// Makes a writer at a path and drops it; with a value, after it wrote that there.
    fn write(&self, path: &[u8], value: Option<u64>);
}

/// Samples the rows that the sheet asks for.
pub(crate) fn sample<M: Shared + Clone>(data: &Data, sheet: &mut Sheet<'_>) -> Result<()> {
    let per_key = |wall: Duration| wall.as_nanos() as f64 / data.len as f64;
    let filled = |threads| -> Result<(M, f64)> {
        let (map, wall) = M::filled(data, threads);
        let (sum, size) = (found(&map, &data.orders[0]), map.size());
        ensure!(
            sum == data.sum && size == data.len,
            "{size} keys are there, and the values add up to {sum}"
        );
        Ok((map, per_key(wall)))
    };
    let (map, fill) = filled(1)?;
    sheet.note("fill-one-thread", fill);
    sheet.cell("fill-two-threads", || Ok(filled(2)?.1))?;
    for (key, threads) in [("get-one-thread", 1), ("get-two-threads", 2)] {
        sheet.cell(key, || {
            let (sums, wall) = at_once(threads, |thread| found(&map, &data.orders[thread]));
            ensure!(
                sums.iter().all(|&sum| sum == data.sum),
                "the values add up to {sums:?}"
            );
            Ok(per_key(wall) / threads as f64)
        })?;
    }
    for (key, threads) in [("copy-one-thread", 1), ("copy-two-threads", 2)] {
        if sheet.wants(key)
            && let Some(figure) = copies(&map, data, threads)?
        {
            sheet.note(key, figure);
        }
    }
    for (key, threads) in [("collect-one-thread", 1), ("collect-two-threads", 2)] {
        if sheet.wants(key)
            && let Some(figure) = collection::<M>(data, threads)?
        {
            sheet.note(key, figure);
        }
    }
    writers(&map, data, sheet)
}

/// Wall time per key of a parallel collection.
fn collection<M: Shared>(data: &Data, threads: usize) -> Result<Option<f64>> {
    let entries = data.orders[0]
        .iter()
        .map(|(key, value)| (key.bytes(), value));
    let entries: Vec<_> = entries.collect();
    let pool = ThreadPoolBuilder::new().num_threads(threads).build()?;
    let (map, time) = pool.install(|| {
        let start = Instant::now();
        (M::collected(&entries), start.elapsed())
    });
    let Some(map) = map else { return Ok(None) };
    let (sum, size) = (found(&map, &data.orders[1]), map.size());
    ensure!(
        sum == data.sum && size == data.len,
        "{size} keys are there, and the values add up to {sum}"
    );
    Ok(Some(time.as_nanos() as f64 / data.len as f64))
}

fn found<M: Shared>(map: &M, keys: &Keys) -> u64 {
    keys.iter()
        .filter_map(|(key, _)| map.find(key.bytes()))
        .sum()
}

/// Wall time per key that is copied; all threads walk the whole map.
fn copies<M: Shared>(map: &M, data: &Data, threads: usize) -> Result<Option<f64>> {
    let (copies, wall) = at_once(threads, |thread| {
        map.copied(&|value| value as usize % threads == thread)
    });
    let sizes: Option<Vec<usize>> = copies
        .iter()
        .map(|copy| Some(copy.as_ref()?.size()))
        .collect();
    let Some(sizes) = sizes else { return Ok(None) };
    let size: usize = sizes.iter().sum();
    ensure!(size == data.len, "{size} keys are in the copies");
    Ok(Some(wall.as_nanos() as f64 / data.len as f64))
}

fn writers<M: Shared + Clone>(map: &M, data: &Data, sheet: &mut Sheet<'_>) -> Result<()> {
    const PATHS: usize = 1_000;
    let paths: Vec<_> = data.whole[0].iter().take(PATHS).collect();
    for (key, inserts) in [("writer", false), ("commit", true)] {
        if !sheet.wants(key) {
            continue;
        }
        let time = map.writer(&|writers| {
            let ((), time) = timed_often(paths.len(), || {
                for &(path, value) in &paths {
                    writers.write(path.bytes(), inserts.then_some(value + 1));
                }
            });
            time
        });
        if let Some(time) = time {
            sheet.note(key, time);
        }
    }
    ensure!(
        found(map, &data.orders[0]) == data.sum,
        "a writer wrote into another map"
    );
    Ok(())
}
