//! Lattices of std's maps: key by key.

use super::{AlgebraicResult, COUNTER_IDENT, DistributiveLattice, Lattice, SELF_IDENT};
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};

/// The little that the operations need to know of a map.
trait Map: FromIterator<(Self::Key, Self::Value)> {
    type Key: Clone;
    type Value: Clone;

    fn get(&self, key: &Self::Key) -> Option<&Self::Value>;

    fn iter<'m>(&'m self) -> impl Iterator<Item = (&'m Self::Key, &'m Self::Value)>
    where
        Self::Key: 'm,
        Self::Value: 'm;
}

impl<K: Hash + Eq + Clone, V: Clone, S: BuildHasher + Default> Map for HashMap<K, V, S> {
    type Key = K;
    type Value = V;

    fn get(&self, key: &K) -> Option<&V> {
        self.get(key)
    }

    fn iter<'m>(&'m self) -> impl Iterator<Item = (&'m K, &'m V)>
    where
        K: 'm,
        V: 'm,
    {
        self.iter()
    }
}

impl<K: Ord + Clone, V: Clone> Map for BTreeMap<K, V> {
    type Key = K;
    type Value = V;

    fn get(&self, key: &K) -> Option<&V> {
        self.get(key)
    }

    fn iter<'m>(&'m self) -> impl Iterator<Item = (&'m K, &'m V)>
    where
        K: 'm,
        V: 'm,
    {
        self.iter()
    }
}

/// What becomes of two maps: `keep` tells whether keys of the left alone and of the right alone stay,
/// `both` what becomes of two values. Nothing is cloned if the result equals one of the two.
fn combine<M: Map>(
    left: &M,
    right: &M,
    keep: (bool, bool),
    both: impl Fn(&M::Value, &M::Value) -> AlgebraicResult<M::Value>,
) -> AlgebraicResult<M> {
    let mut mask = SELF_IDENT | COUNTER_IDENT;
    let mut kept = Vec::new();
    for (key, a) in left.iter() {
        let Some(b) = right.get(key) else {
            mask &= if keep.0 { SELF_IDENT } else { COUNTER_IDENT };
            kept.extend(keep.0.then_some((key, Ok(a))));
            continue;
        };
        match both(a, b) {
            AlgebraicResult::None => mask = 0,
            AlgebraicResult::Identity(same) => {
                mask &= same;
                let value = if same & SELF_IDENT != 0 { a } else { b };
                kept.push((key, Ok(value)));
            }
            AlgebraicResult::Element(value) => {
                mask = 0;
                kept.push((key, Err(value)));
            }
        }
    }
    for (key, b) in right.iter().filter(|(key, _)| left.get(key).is_none()) {
        mask &= if keep.1 { COUNTER_IDENT } else { SELF_IDENT };
        kept.extend(keep.1.then_some((key, Ok(b))));
    }
    match mask {
        0 if kept.is_empty() => AlgebraicResult::None,
        0 => {
            let value = |value: Result<&M::Value, _>| value.map_or_else(|own| own, M::Value::clone);
            let entries = kept
                .into_iter()
                .map(|(key, kept)| (key.clone(), value(kept)));
            AlgebraicResult::Element(entries.collect())
        }
        _ if kept.is_empty() && mask != SELF_IDENT | COUNTER_IDENT => AlgebraicResult::None,
        mask => AlgebraicResult::Identity(mask),
    }
}

/// The difference of two maps: none if nothing is left.
fn difference<M: Map>(
    left: &M,
    right: &M,
    both: impl Fn(&M::Value, &M::Value) -> AlgebraicResult<M::Value>,
) -> AlgebraicResult<M> {
    if left.iter().next().is_none() {
        return AlgebraicResult::None;
    }
    match combine(left, right, (true, false), both) {
        AlgebraicResult::Identity(mask) => AlgebraicResult::Identity(mask & SELF_IDENT),
        result => result,
    }
}

impl<K: Hash + Eq + Clone, V: Lattice + Clone, S: BuildHasher + Default> Lattice
    for HashMap<K, V, S>
{
    const IDEMPOTENT: bool = V::IDEMPOTENT;

    fn pjoin(&self, other: &Self) -> AlgebraicResult<Self> {
        combine(self, other, (true, true), V::pjoin)
    }

    fn pmeet(&self, other: &Self) -> AlgebraicResult<Self> {
        combine(self, other, (false, false), V::pmeet)
    }
}

impl<K: Hash + Eq + Clone, V: DistributiveLattice + Clone, S: BuildHasher + Default>
    DistributiveLattice for HashMap<K, V, S>
{
    const IDEMPOTENT: bool = V::IDEMPOTENT;

    fn psubtract(&self, other: &Self) -> AlgebraicResult<Self> {
        difference(self, other, V::psubtract)
    }
}

impl<K: Ord + Clone, V: Lattice + Clone> Lattice for BTreeMap<K, V> {
    const IDEMPOTENT: bool = V::IDEMPOTENT;

    fn pjoin(&self, other: &Self) -> AlgebraicResult<Self> {
        combine(self, other, (true, true), V::pjoin)
    }

    fn pmeet(&self, other: &Self) -> AlgebraicResult<Self> {
        combine(self, other, (false, false), V::pmeet)
    }
}

impl<K: Ord + Clone, V: DistributiveLattice + Clone> DistributiveLattice for BTreeMap<K, V> {
    const IDEMPOTENT: bool = V::IDEMPOTENT;

    fn psubtract(&self, other: &Self) -> AlgebraicResult<Self> {
        difference(self, other, V::psubtract)
    }
}
