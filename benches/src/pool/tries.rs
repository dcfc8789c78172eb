//! Maps that live in a pool.

use super::heaps::Heap;
use crate::clock::timed;
use crate::data::{DataSet, Keys, SetName};
use crate::race::Sheet;
use anyhow::{Result, ensure};
use pleach::PathMap;
use pleach::ptr::Slim;

/// Keys of a map, and what is put into its snapshots.
#[derive(Debug)]
pub(crate) struct Data(DataSet);

impl Data {
    /// So many made-up names.
    pub(crate) fn new(keys: usize) -> Self {
        let set = DataSet::with_len(SetName::Names, keys);
        Self(set.expect("generated sets need no file"))
    }
}

/// Builds a map in a heap, takes snapshots of it and gives it back.
pub(crate) fn sample<H: Heap>(data: &Data, sheet: &mut Sheet<'_>) -> Result<()> {
    let (heap, set) = (H::fresh(), &data.0);
    let (map, time) = timed(set.shuffled.len(), || {
        let mut map = PathMap::<u64, Slim, &H::Face>::with_kind_in(heap.face());
        insert(&mut map, &set.shuffled);
        map
    });
    ensure!(
        map.len() == set.sorted.len(),
        "the map has {} keys",
        map.len()
    );
    sheet.note("build", time);
    sheet.cell("snapshot", || {
        let mut sum = 0.0;
        for edits in &set.edits {
            let (snapshot, time) = timed(edits.len(), || {
                let mut snapshot = map.clone();
                insert(&mut snapshot, edits);
                snapshot
            });
            let len = snapshot.len() - map.len();
            ensure!(len == edits.len(), "{len} keys were new");
            sum += time;
        }
        Ok(sum / set.edits.len() as f64)
    })?;
    let sum: u64 = set
        .sorted
        .iter()
        .map(|(key, _)| map.get(key.bytes()).copied().unwrap_or(0))
        .sum();
    let expected: u64 = (0..set.sorted.len() as u64).sum();
    ensure!(sum == expected, "the values add up to {sum}");
    sheet.note("drop", timed(set.sorted.len(), || drop(map)).1);
    Ok(())
}

fn insert<A: pleach::ptr::Allocator + Clone>(map: &mut PathMap<u64, Slim, A>, keys: &Keys) {
    for (key, value) in keys.iter() {
        map.insert(key.bytes(), value);
    }
}
