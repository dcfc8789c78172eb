//! The group `algebra`: unions, intersections and differences of maps that share much or nothing.

mod measure;
mod shape;
mod sides;

use crate::data::{DataSet, SetName};
use crate::race::{Case, Group, Lane, Request, Row};
use clap::ValueEnum;
use measure::{Data, sample};
use shape::Shape;
use sides::{Flat, Roaring};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Keys of the generated sets.
const GENERATED: usize = 500_000;
const QUICK_GENERATED: usize = 50_000;
/// Nanoseconds that a column costs per key and round, on a usual machine, maps and checks included.
const COST: u64 = 3_000;

/// What two maps make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    /// All keys of both.
    Join,
    /// The keys that both have.
    Meet,
    /// The keys that the second does not have.
    Subtract,
    /// The keys that start with a key of the second.
    Restrict,
    /// What was added, removed and changed.
    Diff,
    /// Many maps made into one.
    JoinAll,
}

/// The rows, each an operation on a pair of maps.
const CELLS: [(Op, Shape, Row); 18] = {
    use {Op::*, Shape::*};
    const fn row(key: &'static str, title: &'static str) -> Row {
        Row::time(key, title)
    }
    [
        (Join, Halves, row("join-halves", "join, disjoint halves")),
        (Join, Half, row("join-half", "join, 50 % shared keys")),
        (Join, Hundredth, row("join-1", "join, 1 % shared keys")),
        (Join, Edits(10), row("join-10", "join, 10 edits")),
        (Join, Edits(1_000), row("join-1k", "join, 1,000 edits")),
        (
            Join,
            Edits(100_000),
            row("join-100k", "join, 100,000 edits"),
        ),
        (Join, Itself, row("join-self", "join, itself")),
        (JoinAll, Parts, row("join-many", "join of 100 maps")),
        (Meet, Half, row("meet-half", "meet, 50 % shared keys")),
        (Meet, Hundredth, row("meet-1", "meet, 1 % shared keys")),
        (Meet, Edits(1_000), row("meet-1k", "meet, 1,000 edits")),
        (Meet, Itself, row("meet-self", "meet, itself")),
        (
            Subtract,
            Half,
            row("subtract-half", "subtract, 50 % shared keys"),
        ),
        (
            Subtract,
            Edits(1_000),
            row("subtract-1k", "subtract, 1,000 edits"),
        ),
        (Restrict, Prefixes, row("restrict", "restrict to prefixes")),
        (Diff, Edits(10), row("diff-10", "diff, 10 edits")),
        (Diff, Edits(1_000), row("diff-1k", "diff, 1,000 edits")),
        (
            Diff,
            Edits(100_000),
            row("diff-100k", "diff, 100,000 edits"),
        ),
    ]
};

/// The cases: data sets.
pub(crate) fn cases(request: &Request) -> Vec<Case> {
    let usual = |set| match set {
        SetName::Words => true,
        SetName::Wn | SetName::Rand => !request.quick,
        SetName::Seq => true,
        SetName::Cities | SetName::Names => false,
    };
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
    ];
    if set.is_fixed() {
        lanes.push(Lane::peer("btree", sample::<BTreeMap<[u8; 8], u64>>));
        lanes.push(Lane::peer("imbl", sample::<imbl::OrdMap<[u8; 8], u64>>));
    } else {
        lanes.push(Lane::peer("btree", sample::<BTreeMap<Box<[u8]>, u64>>));
        lanes.push(Lane::peer("imbl", sample::<imbl::OrdMap<Arc<[u8]>, u64>>));
    }
    lanes.push(Lane::mark("flat", sample::<Flat>));
    if set == SetName::Seq {
        lanes.push(Lane::mark("roaring", sample::<Roaring>));
    }
    let len = if set.is_generated() {
        len
    } else {
        set.expected_len()
    };
    let rows: Vec<Row> = CELLS
        .iter()
        .filter(|(_, shape, _)| shape.fits(len))
        // Heads of keys are no keys where all have one length.
        .filter(|(_, shape, _)| *shape != Shape::Prefixes || !set.is_fixed())
        .map(|&(.., row)| row)
        .collect();
    let cost = len as u64 * COST;
    let load = move || {
        let set = DataSet::with_len(set, len)?;
        Ok((set.about(), Data::new(set)))
    };
    Case::new(
        Group::Algebra,
        set.name(),
        &rows,
        lanes,
        (rounds, cost),
        load,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_side_passes_every_cell() {
        for set in [SetName::Seq, SetName::Names] {
            crate::race::tests::passes_every_cell(&[case(set, 4_000, 1)]);
        }
    }
}
