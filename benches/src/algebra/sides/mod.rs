//! The maps under test.

mod btree;
mod flat;
mod imbl;
mod pathmap;
mod pleach;
mod roaring;

pub(crate) use flat::Flat;
pub(crate) use roaring::Roaring;

use super::Op;
use std::cmp::Ordering;
use std::iter::Peekable;

/// Entries of two sorted sequences, pair by pair: the plain way to all operations.
pub(crate) struct Merge<I: Iterator, J: Iterator> {
    first: Peekable<I>,
    second: Peekable<J>,
}

impl<K: Ord, V, I: Iterator<Item = (K, V)>, J: Iterator<Item = (K, V)>> Merge<I, J> {
    /// Both sequences ascend.
    pub(crate) fn new(first: I, second: J) -> Self {
        let (first, second) = (first.peekable(), second.peekable());
        Self { first, second }
    }

    /// The entries that stay under an operation, the first sequence's where both have one.
    pub(crate) fn of(self, op: Op) -> impl Iterator<Item = (K, V)> {
        self.filter_map(move |(first, second)| match (op, first, second) {
            (Op::Meet, Some(_), None) | (Op::Subtract, Some(_), Some(_)) => None,
            (_, Some(entry), _) => Some(entry),
            (Op::Join, None, entry) => entry,
            _ => None,
        })
    }
}

impl<K: Ord, V, I: Iterator<Item = (K, V)>, J: Iterator<Item = (K, V)>> Iterator for Merge<I, J> {
    type Item = (Option<(K, V)>, Option<(K, V)>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let order = match (self.first.peek(), self.second.peek()) {
            (Some((first, _)), Some((second, _))) => first.cmp(second),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return None,
        };
        Some(match order {
            Ordering::Less => (self.first.next(), None),
            Ordering::Equal => (self.first.next(), self.second.next()),
            Ordering::Greater => (None, self.second.next()),
        })
    }
}

/// The number of entries that differ between two sorted sequences.
pub(crate) fn changes<K: Ord, V: PartialEq>(
    first: impl Iterator<Item = (K, V)>,
    second: impl Iterator<Item = (K, V)>,
) -> usize {
    Merge::new(first, second)
        .filter(|(first, second)| match (first, second) {
            (Some((_, first)), Some((_, second))) => first != second,
            _ => true,
        })
        .count()
}
