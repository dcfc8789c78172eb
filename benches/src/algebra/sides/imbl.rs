//! `imbl::OrdMap`, by its own operations.

use super::super::Op;
use super::super::measure::Side;
use crate::data::Keys;
use crate::trie::OwnedKey;
use imbl::OrdMap;
use std::borrow::Borrow;

impl<K: OwnedKey + Borrow<[u8]>> Side for OrdMap<K, u64> {
    fn load(keys: &Keys) -> Self {
        let entries = keys.iter();
        entries
            .map(|(key, value)| (K::copy_of(key.bytes()), value))
            .collect()
    }

    fn edited(&self, new: &Keys, _: &Keys) -> Self {
        let mut map = self.clone();
        for (key, value) in new.iter() {
            map.insert(K::copy_of(key.bytes()), value);
        }
        map
    }

    fn sum(&self) -> (usize, Option<u64>) {
        (self.len(), Some(self.values().sum()))
    }

    fn apply(&self, op: Op, other: &Self) -> Option<Self> {
        let (first, second) = (self.clone(), other.clone());
        Some(match op {
            Op::Join => first.union(second),
            Op::Meet => first.intersection(second),
            Op::Subtract => first.relative_complement(second),
            Op::Restrict | Op::Diff | Op::JoinAll => return None,
        })
    }

    fn changes(&self, other: &Self) -> Option<usize> {
        Some(self.diff(other).count())
    }

    fn join_all(maps: &[Self]) -> Option<Self> {
        Some(Self::unions(maps.iter().cloned()))
    }
}
