//! One sample of each row, with its outcome checked.

use super::shape::{Pair, Shape};
use super::{CELLS, Op};
use crate::clock::timed_often;
use crate::data::{DataSet, Keys};
use crate::race::Sheet;
use anyhow::{Result, ensure};
use std::collections::BTreeSet;

/// A map with operations on pairs of maps, used as its own documentation advises.
pub(crate) trait Side: Clone {
    /// A map of keys that come in order.
    fn load(keys: &Keys) -> Self;
    /// The map with `new` keys in it, a snapshot where the library has them; `all` are the keys
    /// that it then has, in order.
    fn edited(&self, new: &Keys, all: &Keys) -> Self;
    /// Number of keys, and the sum of their values if there are values.
    fn sum(&self) -> (usize, Option<u64>);
    /// What an operation makes of two maps; `None` if the library has no such operation, and it
    /// takes more than a merge of two iterators to write one.
    fn apply(&self, op: Op, other: &Self) -> Option<Self>;
    /// The number of changes from `self` to `other`, each with its key and value looked at.
    fn changes(&self, other: &Self) -> Option<usize>;
    /// All maps in one.
    fn join_all(maps: &[Self]) -> Option<Self>;
}

/// A set of keys, from which pairs of maps are made.
#[derive(Debug)]
pub(crate) struct Data {
    set: DataSet,
    /// Heads of keys, sorted, each with the number of its keys and the sum of their values.
    prefixes: Keys,
    restricted: (usize, u64),
}

impl Data {
    /// Prepares what does not depend on the side.
    pub(crate) fn new(set: DataSet) -> Self {
        let heads: BTreeSet<&[u8]> = set.prefixes.iter().map(|(key, _)| key.bytes()).collect();
        let mut prefixes = Keys::default();
        for (head, place) in heads.iter().zip(0..) {
            prefixes.push(head, place);
        }
        let head_of = |key: &[u8]| (0..=key.len()).any(|end| heads.contains(&key[..end]));
        let kept = set.sorted.iter().filter(|(key, _)| head_of(key.bytes()));
        let restricted = kept.fold((0, 0), |(len, sum), (_, value)| (len + 1, sum + value));
        Self {
            set,
            prefixes,
            restricted,
        }
    }

    fn of(&self, places: impl IntoIterator<Item = usize>) -> Keys {
        let mut keys = Keys::default();
        for place in places {
            keys.push(self.set.sorted.get(place).bytes(), place as u64);
        }
        keys
    }
}

/// Samples the rows that the sheet asks for, shape by shape.
pub(crate) fn sample<S: Side>(data: &Data, sheet: &mut Sheet<'_>) -> Result<()> {
    let mut shapes: Vec<Shape> = Vec::new();
    for &(_, shape, row) in &CELLS {
        if sheet.wants(row.key) && !shapes.contains(&shape) {
            shapes.push(shape);
        }
    }
    for shape in shapes {
        let pair = shape.pair(data.set.sorted.len());
        if shape == Shape::Parts {
            sheet_of_parts::<S>(data, sheet)?;
            continue;
        }
        let first = S::load(&data.of(pair.first.iter().copied()));
        let second = second_of(data, shape, &pair, &first);
        for &(op, _, row) in CELLS.iter().filter(|&&(_, other, _)| other == shape) {
            if sheet.wants(row.key)
                && let Some(figure) = figure(data, op, shape, &pair, (&first, &second))?
            {
                sheet.note(row.key, figure);
            }
        }
    }
    Ok(())
}

fn second_of<S: Side>(data: &Data, shape: Shape, pair: &Pair, first: &S) -> S {
    if shape == Shape::Prefixes {
        return S::load(&data.prefixes);
    }
    let all = data.of(pair.second.iter().copied());
    if !shape.is_snapshot() {
        return S::load(&all);
    }
    let mut old = pair.first.iter().copied().peekable();
    let new = pair.second.iter().copied();
    let new: Vec<_> = new
        .filter(|place| old.next_if_eq(place).is_none())
        .collect();
    first.edited(&data.of(new), &all)
}

/// Nanoseconds per key of both maps, per edit of a snapshot, or of the whole if a map meets itself.
fn figure<S: Side>(
    data: &Data,
    op: Op,
    shape: Shape,
    pair: &Pair,
    (first, second): (&S, &S),
) -> Result<Option<f64>> {
    let operations = match shape {
        Shape::Edits(edits) => edits,
        Shape::Itself => 1,
        _ => pair.first.len() + pair.second.len(),
    };
    if op == Op::Diff {
        let (changes, time) = timed_often(operations, || first.changes(second));
        let Some(changes) = changes else {
            return Ok(None);
        };
        ensure!(changes == operations, "diff: {changes} changes");
        return Ok(Some(time));
    }
    let (made, time) = timed_often(operations, || first.apply(op, second));
    let Some(made) = made else { return Ok(None) };
    let expected = match op {
        Op::Restrict => data.restricted,
        op => expected(op, pair),
    };
    check(op, &made, expected)?;
    Ok(Some(time))
}

fn sheet_of_parts<S: Side>(data: &Data, sheet: &mut Sheet<'_>) -> Result<()> {
    const PARTS: usize = 100;
    let len = data.set.sorted.len();
    // A step that no pattern of the keys follows.
    let part = |place: usize| place.wrapping_mul(0x9e37_79b9).rotate_right(16) % PARTS;
    let maps: Vec<S> = (0..PARTS)
        .map(|number| S::load(&data.of((0..len).filter(|&place| part(place) == number))))
        .collect();
    let (made, time) = timed_often(len, || S::join_all(&maps));
    if let Some(made) = made {
        check(Op::JoinAll, &made, (len, (0..len as u64).sum()))?;
        sheet.note("join-many", time);
    }
    Ok(())
}

fn check<S: Side>(op: Op, made: &S, (len, sum): (usize, u64)) -> Result<()> {
    let (keys, values) = made.sum();
    ensure!(
        keys == len && values.is_none_or(|values| values == sum),
        "{op:?}: {keys} keys where {len} are due, or other values"
    );
    Ok(())
}

/// The keys that an operation leaves and the sum of their values, found by a merge of places.
fn expected(op: Op, pair: &Pair) -> (usize, u64) {
    let (mut len, mut sum) = (0, 0);
    let mut note = |place: usize, keep: bool| {
        len += usize::from(keep);
        sum += place as u64 * u64::from(keep);
    };
    let mut second = pair.second.iter().copied().peekable();
    for &place in &pair.first {
        while let Some(alone) = second.next_if(|&other| other < place) {
            note(alone, op == Op::Join);
        }
        let both = second.next_if_eq(&place).is_some();
        note(
            place,
            if both {
                op != Op::Subtract
            } else {
                op != Op::Meet
            },
        );
    }
    second.for_each(|alone| note(alone, op == Op::Join));
    (len, sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_expected_follows_the_definitions() {
        let pair = Pair {
            first: vec![1, 2, 5],
            second: vec![2, 3, 7],
        };
        assert_eq!(expected(Op::Join, &pair), (5, 18));
        assert_eq!(expected(Op::Meet, &pair), (1, 2));
        assert_eq!(expected(Op::Subtract, &pair), (2, 6));
    }
}
