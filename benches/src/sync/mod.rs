//! The group `sync`: what it costs to read beside writers, and maps that are read while they change.

mod enter;
mod live;
mod measure;

use crate::data::{DataSet, SetName};
use crate::race::{About, Case, Group, Lane, Request, Row};
use clap::ValueEnum;
use enter::Rounds;
use live::{Level3, Level4};
use measure::{Data, sample};
use std::collections::BTreeMap;

/// Keys of the generated sets.
const GENERATED: usize = 500_000;
const QUICK_GENERATED: usize = 50_000;
/// Nanoseconds that a column costs per key and round, on a usual machine.
const COST: u64 = 9_000;

/// Rows of entering and leaving.
const ENTER: [Row; 2] = [
    Row::time("enter-1", "enter and leave, 1 thread"),
    Row::time("enter-2", "enter and leave, 2 threads"),
];

/// Rows of maps that are read while they change.
const LIVE: [Row; 8] = [
    Row::time("get-one-thread", "get, 1 thread"),
    Row::time("get-two-threads", "get, 2 threads"),
    Row::time("get-held", "get, 8 at a time"),
    Row::time("write-1", "insert, one at a time"),
    Row::time("write-100", "insert, batches of 100"),
    Row::time("write-1k", "insert, batches of 1,000"),
    Row::time("beside-read", "get beside a writer"),
    Row::time("beside-write", "insert beside a reader"),
];

/// The cases: tokens, then data sets.
pub(crate) fn cases(request: &Request) -> Vec<Case> {
    let mut cases = Vec::new();
    if request.wants("tokens", true) {
        cases.push(tokens(request.size(200_000, 2_000_000), request.rounds));
    }
    let usual = |set| match set {
        SetName::Rand => true,
        SetName::Names => request.quick,
        SetName::Words => !request.quick,
        _ => false,
    };
    let sets = SetName::value_variants().iter().copied();
    let sets = sets.filter(|&set| request.wants(set.name(), usual(set)));
    let len = request.size(QUICK_GENERATED, GENERATED);
    cases.extend(sets.map(|set| live(set, len, request.rounds)));
    cases
}

fn tokens(count: usize, rounds: usize) -> Case {
    let lanes: Vec<Lane<Rounds>> = vec![
        Lane::ours("level 3", enter::level_3),
        Lane::ours("level 4", enter::level_4),
        Lane::peer("crossbeam-epoch", enter::epoch),
        Lane::peer("seize", enter::seize),
        Lane::peer("arc-swap", enter::arc_swap),
        Lane::peer("left-right", enter::left_right),
        Lane::peer("RwLock", enter::rw_lock),
        // Readers of one thread alone.
        Lane::mark("level 2, local", enter::local),
    ];
    let cost = count as u64 * 60;
    let line = format!("{count} times, with what is protected read once");
    let load = move || {
        let (line, text) = (line.clone(), None);
        Ok((About { line, text }, Rounds(count)))
    };
    Case::new(Group::Sync, "tokens", &ENTER, lanes, (rounds, cost), load)
}

/// `len` counts for generated sets alone.
fn live(set: SetName, len: usize, rounds: usize) -> Case {
    let mut lanes: Vec<Lane<Data>> = vec![
        Lane::ours("level 3", sample::<Level3>),
        Lane::ours("level 4", sample::<Level4>),
    ];
    if set.is_fixed() {
        lanes.push(Lane::peer(
            "RwLock<btree>",
            sample::<live::Locked<BTreeMap<[u8; 8], u64>>>,
        ));
        lanes.push(Lane::peer(
            "arc-swap imbl",
            sample::<live::Swapped<[u8; 8]>>,
        ));
        lanes.push(Lane::peer("skiplist", sample::<live::Skip<[u8; 8]>>));
        lanes.push(Lane::peer("scc", sample::<live::Tree<[u8; 8]>>));
        lanes.push(Lane::peer("congee", sample::<live::Art>));
    } else {
        lanes.push(Lane::peer(
            "RwLock<btree>",
            sample::<live::Locked<BTreeMap<Box<[u8]>, u64>>>,
        ));
        lanes.push(Lane::peer(
            "arc-swap imbl",
            sample::<live::Swapped<std::sync::Arc<[u8]>>>,
        ));
        lanes.push(Lane::peer("skiplist", sample::<live::Skip<Box<[u8]>>>));
        lanes.push(Lane::peer("scc", sample::<live::Tree<Box<[u8]>>>));
    }
    lanes.push(Lane::mark(
        "RwLock<pleach>",
        sample::<live::Locked<pleach::PathMap<u64>>>,
    ));
    lanes.push(Lane::mark("bare pleach", measure::bare));
    let len = if set.is_generated() {
        len
    } else {
        set.expected_len()
    };
    let load = move || {
        let set = DataSet::with_len(set, len)?;
        Ok((set.about(), Data(set)))
    };
    let cost = len as u64 * COST;
    Case::new(Group::Sync, set.name(), &LIVE, lanes, (rounds, cost), load)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_read_passes_every_cell() {
        let sets = [SetName::Rand, SetName::Names].map(|set| live(set, 2_500, 1));
        let cases: Vec<_> = sets.into_iter().chain([tokens(2_000, 1)]).collect();
        crate::race::tests::passes_every_cell(&cases);
    }
}
