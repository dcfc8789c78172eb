//! `roaring::RoaringTreemap`: sets of u64 without values, compressed.

use super::super::Op;
use super::super::measure::Side;
use crate::data::Keys;
use roaring::RoaringTreemap;

/// A set of keys of eight bytes.
#[derive(Clone, Debug)]
pub(crate) struct Roaring(RoaringTreemap);

fn number(key: &[u8]) -> u64 {
    u64::from_be_bytes(key.try_into().expect("the set has keys of eight bytes"))
}

impl Side for Roaring {
    fn load(keys: &Keys) -> Self {
        Self(keys.iter().map(|(key, _)| number(key.bytes())).collect())
    }

    fn edited(&self, _: &Keys, all: &Keys) -> Self {
        Self::load(all)
    }

    fn sum(&self) -> (usize, Option<u64>) {
        (usize::try_from(self.0.len()).unwrap_or(usize::MAX), None)
    }

    fn apply(&self, op: Op, other: &Self) -> Option<Self> {
        Some(Self(match op {
            Op::Join => &self.0 | &other.0,
            Op::Meet => &self.0 & &other.0,
            Op::Subtract => &self.0 - &other.0,
            Op::Restrict | Op::Diff | Op::JoinAll => return None,
        }))
    }

    fn changes(&self, other: &Self) -> Option<usize> {
        Some((&self.0 ^ &other.0).iter().count())
    }

    fn join_all(_: &[Self]) -> Option<Self> {
        None
    }
}
