//! `pleach::PathMap`.

use super::super::Op;
use super::super::measure::Side;
use crate::data::Keys;
use pleach::PathMap;

impl Side for PathMap<u64> {
    fn load(keys: &Keys) -> Self {
        keys.iter().collect()
    }

    fn edited(&self, new: &Keys, _: &Keys) -> Self {
        let mut map = self.clone();
        for (key, value) in new.iter() {
            map.insert(key.bytes(), value);
        }
        map
    }

    fn sum(&self) -> (usize, Option<u64>) {
        (self.len(), Some(self.values().sum()))
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

    fn changes(&self, other: &Self) -> Option<usize> {
        Some(self.diff(other).count())
    }

    fn join_all(maps: &[Self]) -> Option<Self> {
        Some(Self::join_all(maps))
    }
}
