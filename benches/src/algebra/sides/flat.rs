//! Sorted keys one after the other in one block of memory: no map, but a merge of two such blocks is
//! as fast as memory is.

use super::super::Op;
use super::super::measure::Side;
use super::{Merge, changes};
use crate::data::Keys;

/// Keys in order, their ends, their values.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flat {
    bytes: Vec<u8>,
    entries: Vec<(usize, u64)>,
}

impl Flat {
    fn iter(&self) -> impl Iterator<Item = (&[u8], u64)> {
        let mut start = 0;
        self.entries.iter().map(move |&(end, value)| {
            let key = &self.bytes[start..end];
            start = end;
            (key, value)
        })
    }
}

impl<'a> FromIterator<(&'a [u8], u64)> for Flat {
    fn from_iter<I: IntoIterator<Item = (&'a [u8], u64)>>(entries: I) -> Self {
        let mut flat = Self::default();
        for (key, value) in entries {
            flat.bytes.extend_from_slice(key);
            flat.entries.push((flat.bytes.len(), value));
        }
        flat
    }
}

impl Side for Flat {
    fn load(keys: &Keys) -> Self {
        let mut flat = Self::default();
        for (key, value) in keys.iter() {
            flat.bytes.extend_from_slice(key.bytes());
            flat.entries.push((flat.bytes.len(), value));
        }
        flat
    }

    fn edited(&self, _: &Keys, all: &Keys) -> Self {
        Self::load(all)
    }

    fn sum(&self) -> (usize, Option<u64>) {
        let sum = self.entries.iter().map(|&(_, value)| value).sum();
        (self.entries.len(), Some(sum))
    }

    fn apply(&self, op: Op, other: &Self) -> Option<Self> {
        match op {
            Op::Diff | Op::JoinAll => None,
            Op::Restrict => {
                let mut prefixes = other.iter().map(|(prefix, _)| prefix).peekable();
                let kept = self.iter().filter(|(key, _)| {
                    let before = |prefix: &&[u8]| *prefix < *key && !key.starts_with(prefix);
                    while prefixes.next_if(before).is_some() {}
                    prefixes
                        .peek()
                        .is_some_and(|prefix| key.starts_with(prefix))
                });
                Some(kept.collect())
            }
            op => Some(Merge::new(self.iter(), other.iter()).of(op).collect()),
        }
    }

    fn changes(&self, other: &Self) -> Option<usize> {
        Some(changes(self.iter(), other.iter()))
    }

    fn join_all(_: &[Self]) -> Option<Self> {
        None
    }
}
