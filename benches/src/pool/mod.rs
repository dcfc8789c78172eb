//! The group `pool`: blocks of memory, by pointer and by handle, and maps that live in pools.

mod blocks;
mod handles;
mod heaps;
mod latency;
mod tries;

use crate::race::{About, Case, Group, Lane, Request, Row};
use heaps::{Direct, Level};
use mimalloc::MiMalloc;
use pleach::pool::{
    FixedCapacityPool, LockFreePool, MutexBasedPool, NoLockingPool, ThreadLocalPool,
};
use snmalloc_rs::SnMalloc;
use std::alloc::System;
use tikv_jemallocator::Jemalloc;

/// How much work a sample is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Work {
    /// Blocks that are taken and given back.
    pub(crate) blocks: usize,
    /// Blocks of the mix that live at once.
    pub(crate) live: usize,
}

/// Rows of blocks that are known by their address.
const BLOCKS: [Row; 8] = [
    Row::time("pair-one-thread", "pair of 64 B, 1 thread"),
    Row::time("pair-two-threads", "pair of 64 B, 2 threads"),
    Row::time("lifo", "1,000 of 64 B, last first"),
    Row::time("fifo", "1,000 of 64 B, first first"),
    Row::time("mix-one-thread", "size mix, written, 1 thread"),
    Row::time("mix-two-threads", "size mix, written, 2 threads"),
    Row::time("pass", "producer to consumer"),
    Row::time("pass-back", "producer to consumer and back"),
];

/// Rows of blocks that are known by a handle.
const HANDLES: [Row; 4] = [
    Row::time("pair-one-thread", "pair of 64 B, 1 thread"),
    Row::time("pair-two-threads", "pair of 64 B, 2 threads"),
    Row::time("lifo", "1,000 of 64 B, last first"),
    Row::time("fifo", "1,000 of 64 B, first first"),
];

/// Rows of single operations.
const LATENCY: [Row; 3] = [
    Row::time("median", "half take no longer than"),
    Row::time("rare", "all but one in 10,000"),
    Row::time("slowest", "the slowest"),
];

/// Rows of maps.
const TRIES: [Row; 3] = [
    Row::time("build", "insert, shuffled"),
    Row::time("snapshot", "snapshot + 1,000 edits"),
    Row::time("drop", "drop"),
];

/// The cases: kinds of use.
pub(crate) fn cases(request: &Request) -> Vec<Case> {
    let work = Work {
        blocks: request.size(200_000, 2_000_000),
        live: request.size(20_000, 100_000),
    };
    let keys = request.size(50_000, 250_000);
    let cases = [
        blocks(work, request),
        handles(work, request),
        latency(work, request),
        tries(keys, request),
    ];
    let wanted = |case: &Case| request.wants(case.name, true);
    cases.into_iter().filter(wanted).collect()
}

fn blocks(work: Work, request: &Request) -> Case {
    let lanes: Vec<Lane<Work>> = vec![
        Lane::ours("level 1", blocks::alone::<Level<NoLockingPool>>),
        Lane::ours("level 2", blocks::shared::<Level<MutexBasedPool>>),
        Lane::ours("level 3", blocks::shared::<Level<LockFreePool>>),
        Lane::ours("level 4", blocks::shared::<Level<ThreadLocalPool>>),
        Lane::ours("level 5", blocks::alone::<Level<FixedCapacityPool>>),
        Lane::peer("system", blocks::shared::<Direct<System>>),
        Lane::peer("mimalloc", blocks::shared::<Direct<MiMalloc>>),
        Lane::peer("jemalloc", blocks::shared::<Direct<Jemalloc>>),
        Lane::peer("snmalloc", blocks::shared::<Direct<SnMalloc>>),
        // Its blocks are not given back one by one.
        Lane::mark("bumpalo", blocks::bumped),
    ];
    let line = format!(
        "{} blocks; {} of the mix live at once",
        work.blocks, work.live
    );
    case("blocks", &BLOCKS, lanes, request, work.blocks, move || {
        (line.clone(), work)
    })
}

fn handles(work: Work, request: &Request) -> Case {
    let lanes: Vec<Lane<Work>> = vec![
        Lane::ours("level 1", handles::alone::<Level<NoLockingPool>>),
        Lane::ours("level 2", handles::shared::<Level<MutexBasedPool>>),
        Lane::ours("level 3", handles::shared::<Level<LockFreePool>>),
        Lane::ours("level 4", handles::shared::<Level<ThreadLocalPool>>),
        Lane::ours("level 5", handles::alone::<Level<FixedCapacityPool>>),
        Lane::peer("sharded-slab", handles::shared::<handles::Sharded>),
        Lane::peer("zipora 1", handles::alone::<handles::Zipora1>),
        Lane::peer("zipora 2", handles::shared::<handles::Zipora2>),
        Lane::peer("zipora 3", handles::shared::<handles::Zipora3>),
        Lane::peer("zipora 4", handles::shared::<handles::Zipora4>),
        // One type of value, and a key that is used again at once names another block.
        Lane::mark("slab", handles::alone::<handles::Slab>),
    ];
    let line = format!("{} blocks", work.blocks);
    case(
        "handles",
        &HANDLES,
        lanes,
        request,
        work.blocks,
        move || (line.clone(), work),
    )
}

fn latency(work: Work, request: &Request) -> Case {
    let lanes: Vec<Lane<Work>> = vec![
        Lane::ours("level 5", latency::blocks::<Level<FixedCapacityPool>>),
        Lane::ours("level 1", latency::blocks::<Level<NoLockingPool>>),
        Lane::ours("level 4", latency::blocks::<Level<ThreadLocalPool>>),
        Lane::peer("system", latency::blocks::<Direct<System>>),
        Lane::peer("mimalloc", latency::blocks::<Direct<MiMalloc>>),
        Lane::peer("jemalloc", latency::blocks::<Direct<Jemalloc>>),
        Lane::peer("snmalloc", latency::blocks::<Direct<SnMalloc>>),
        // The floor: below it nothing can be told.
        Lane::mark("no block", latency::nothing),
    ];
    let line = format!("one block replaced, of {} that live at once", work.live);
    case(
        "latency",
        &LATENCY,
        lanes,
        request,
        work.blocks,
        move || (line.clone(), work),
    )
}

fn tries(keys: usize, request: &Request) -> Case {
    let lanes: Vec<Lane<tries::Data>> = vec![
        Lane::ours("level 1", tries::sample::<Level<NoLockingPool>>),
        Lane::ours("level 2", tries::sample::<Level<MutexBasedPool>>),
        Lane::ours("level 3", tries::sample::<Level<LockFreePool>>),
        Lane::ours("level 4", tries::sample::<Level<ThreadLocalPool>>),
        Lane::ours("level 5", tries::sample::<Level<FixedCapacityPool>>),
        Lane::peer("system", tries::sample::<Direct<System>>),
        Lane::peer("mimalloc", tries::sample::<Direct<MiMalloc>>),
        Lane::peer("jemalloc", tries::sample::<Direct<Jemalloc>>),
        Lane::peer("snmalloc", tries::sample::<Direct<SnMalloc>>),
    ];
    let line = format!("a `PathMap` of {keys} names in each of them");
    // Nodes and keys cost more than blocks.
    case("tries", &TRIES, lanes, request, 6 * keys, move || {
        (line.clone(), tries::Data::new(keys))
    })
}

/// A case that takes so many operations.
fn case<D: 'static>(
    name: &'static str,
    rows: &[Row],
    lanes: Vec<Lane<D>>,
    request: &Request,
    operations: usize,
    load: impl Fn() -> (String, D) + 'static,
) -> Case {
    /// Nanoseconds of an operation in a row, on a usual machine.
    const COST: u64 = 60;
    let cost = operations as u64 * rows.len() as u64 * COST;
    let load = move || {
        let (line, data) = load();
        let text = None;
        Ok((About { line, text }, data))
    };
    Case::new(Group::Pool, name, rows, lanes, (request.rounds, cost), load)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_heap_passes_every_cell() {
        let request = Request {
            rounds: 1,
            ..Request::default()
        };
        let work = Work {
            blocks: 4_000,
            live: 300,
        };
        let cases = [
            blocks(work, &request),
            handles(work, &request),
            latency(work, &request),
            tries(3_000, &request),
        ];
        crate::race::tests::passes_every_cell(&cases);
    }
}
