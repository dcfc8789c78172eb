//! `BTreeMap`: two iterators merged into a new map.

use super::super::Op;
use super::super::measure::Side;
use super::{Merge, changes};
use crate::data::Keys;
use crate::trie::OwnedKey;
use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::ops::Bound;

impl<K: OwnedKey + Borrow<[u8]>> Side for BTreeMap<K, u64> {
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
        let owned = |(key, value): (&K, &u64)| (key.clone(), *value);
        match op {
            Op::Diff | Op::JoinAll => None,
            // Keys that start with one prefix stand together; the prefixes have one length.
            Op::Restrict => {
                let within = |prefix: &K| {
                    let prefix = prefix.clone();
                    let start = (Bound::Included(prefix.as_ref()), Bound::Unbounded);
                    let keys = self.range::<[u8], _>(start);
                    keys.take_while(move |(key, _)| key.as_ref().starts_with(prefix.as_ref()))
                };
                Some(other.keys().flat_map(within).map(owned).collect())
            }
            op => Some(
                Merge::new(self.iter(), other.iter())
                    .of(op)
                    .map(owned)
                    .collect(),
            ),
        }
    }

    fn changes(&self, other: &Self) -> Option<usize> {
        Some(changes(self.iter(), other.iter()))
    }

    fn join_all(maps: &[Self]) -> Option<Self> {
        let mut all = Self::new();
        for map in maps {
            all.append(&mut map.clone());
        }
        Some(all)
    }
}
