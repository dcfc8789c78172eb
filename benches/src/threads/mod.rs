//! The group `threads`: maps that threads read, fill and copy at once.

mod maps;
mod measure;

use crate::data::{DataSet, SetName};
use crate::race::{Case, Group, Lane, Request, Row};
use clap::ValueEnum;
use maps::Locked;
use measure::{Data, sample};
use std::collections::BTreeMap;

/// Keys of the generated sets.
const GENERATED: usize = 1_000_000;
const QUICK_GENERATED: usize = 100_000;
/// Nanoseconds that a column costs per key and round, on a usual machine.
const COST: u64 = 4_000;

/// The rows.
const ROWS: [Row; 10] = [
    Row::time("get-one-thread", "get, 1 thread"),
    Row::time("get-two-threads", "get, 2 threads"),
    Row::time("fill-one-thread", "disjoint inserts, 1 thread"),
    Row::time("fill-two-threads", "disjoint inserts, 2 threads"),
    Row::time("writer", "make and drop a writer"),
    Row::time("commit", "make a writer, insert, drop it"),
    Row::time("copy-one-thread", "copy with witness, 1 thread"),
    Row::time("copy-two-threads", "copy with witness, 2 threads"),
    Row::time("collect-one-thread", "parallel collect, 1 thread"),
    Row::time("collect-two-threads", "parallel collect, 2 threads"),
];

/// The cases: data sets.
pub(crate) fn cases(request: &Request) -> Vec<Case> {
    let usual = |set| matches!(set, SetName::Words | SetName::Rand);
    let sets = SetName::value_variants().iter().copied();
    let sets = sets.filter(|&set| request.wants(set.name(), usual(set)));
    let len = request.size(QUICK_GENERATED, GENERATED);
    sets.map(|set| case(set, len, request.rounds)).collect()
}

/// `len` counts for generated sets alone.
fn case(set: SetName, len: usize, rounds: usize) -> Case {
    let mut lanes: Vec<Lane<Data>> = vec![
        Lane::ours("pleach", sample::<pleach::PathMap<u64>>),
        Lane::peer("pathmap", sample::<pathmap::PathMap<u64>>),
        Lane::peer("RwLock<pathmap>", sample::<Locked<pathmap::PathMap<u64>>>),
    ];
    lanes.push(if set.is_fixed() {
        Lane::peer("RwLock<btree>", sample::<Locked<BTreeMap<[u8; 9], u64>>>)
    } else {
        Lane::peer("RwLock<btree>", sample::<Locked<BTreeMap<Box<[u8]>, u64>>>)
    });
    lanes.push(Lane::mark(
        "RwLock<pleach>",
        sample::<Locked<pleach::PathMap<u64>>>,
    ));
    let len = if set.is_generated() {
        len
    } else {
        set.expected_len()
    };
    let cost = len as u64 * COST;
    let load = move || {
        let set = DataSet::with_len(set, len)?;
        Ok((set.about(), Data::new(&set)))
    };
    Case::new(
        Group::Threads,
        set.name(),
        &ROWS,
        lanes,
        (rounds, cost),
        load,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_map_passes_every_cell() {
        for set in [SetName::Rand, SetName::Names] {
            crate::race::tests::passes_every_cell(&[case(set, 2_000, 1)]);
        }
    }
}
