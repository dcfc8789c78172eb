//! `pathmap::PathMap`, whose operations also skip what two maps share.

use super::super::Op;
use super::super::measure::Side;
use crate::data::Keys;
use pathmap::PathMap;
use pathmap::zipper::{ZipperReadOnlyIteration, ZipperValues};

impl Side for PathMap<u64> {
    fn load(keys: &Keys) -> Self {
        let mut map = Self::new();
        for (key, value) in keys.iter() {
            map.insert(key.bytes(), value);
        }
        map
    }

    fn edited(&self, new: &Keys, _: &Keys) -> Self {
        let mut map = self.clone();
        for (key, value) in new.iter() {
            map.insert(key.bytes(), value);
        }
        map
    }

    fn sum(&self) -> (usize, Option<u64>) {
        let mut zipper = self.read_zipper();
        // The walk leaves out the place where it starts.
        let mut total = zipper.val().map_or((0, 0), |&value| (1, value));
        while let Some(&value) = zipper.to_next_get_val() {
            total = (total.0 + 1, total.1 + value);
        }
        (total.0, Some(total.1))
    }

    fn apply(&self, op: Op, other: &Self) -> Option<Self> {
        Some(match op {
            Op::Join => self.join(other),
            Op::Meet => self.meet(other),
            Op::Subtract => self.subtract(other),
            Op::Restrict => self.restrict(other),
            Op::Diff | Op::JoinAll => return None,
        })
    }

    fn changes(&self, _: &Self) -> Option<usize> {
        None
    }

    fn join_all(maps: &[Self]) -> Option<Self> {
        maps.iter().cloned().reduce(|all, map| all.join(&map))
    }
}
