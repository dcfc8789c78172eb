//! Values that can be joined, and pairs of maps of them.

use pleach_ptr::PtrKind;
use pleach_testkit::keys::{Pick, pick};
use pleach_testkit::{Key, Model};
use pleach_trie::PathMap;
use pleach_trie::algebra::*;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use std::collections::BTreeSet;
use std::fmt::Debug;

/// Values of the tests of set algebra.
pub(crate) trait Value:
    Lattice + DistributiveLattice + Clone + PartialEq + Debug + 'static
{
    /// One of a few values.
    fn of(seed: u64) -> Self;
}

impl Value for () {
    fn of(_: u64) {}
}

impl Value for u64 {
    fn of(seed: u64) -> Self {
        seed % 3
    }
}

impl Value for String {
    fn of(seed: u64) -> Self {
        format!("value {}", seed % 3)
    }
}

impl Value for bool {
    fn of(seed: u64) -> Self {
        seed.is_multiple_of(2)
    }
}

impl Value for BTreeSet<u64> {
    fn of(seed: u64) -> Self {
        (0..3).filter(|bit| seed >> bit & 1 == 1).collect()
    }
}

impl Value for Option<u64> {
    fn of(seed: u64) -> Self {
        (seed % 4).checked_sub(1)
    }
}

/// Counts: a value that is not idempotent.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Count(pub(crate) u64);

impl Lattice for Count {
    const IDEMPOTENT: bool = false;

    fn pjoin(&self, other: &Self) -> AlgebraicResult<Self> {
        match (self.0, other.0) {
            (_, 0) => AlgebraicResult::Identity(SELF_IDENT),
            (0, _) => AlgebraicResult::Identity(COUNTER_IDENT),
            (a, b) => AlgebraicResult::Element(Self(a.wrapping_add(b))),
        }
    }

    fn pmeet(&self, other: &Self) -> AlgebraicResult<Self> {
        AlgebraicResult::Element(Self(self.0.wrapping_mul(other.0)))
    }
}

impl DistributiveLattice for Count {
    fn psubtract(&self, other: &Self) -> AlgebraicResult<Self> {
        match self.0.saturating_sub(other.0) {
            0 => AlgebraicResult::None,
            left => AlgebraicResult::Element(Self(left)),
        }
    }
}

impl Value for Count {
    fn of(seed: u64) -> Self {
        Self(seed % 3)
    }
}

/// How to make a map.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    keys: Vec<(Pick, u64)>,
    paths: Vec<Pick>,
    /// The map is an edited clone of another one, and not of an empty one.
    clone: bool,
    removed: Vec<Index>,
}

/// Plans of a few or of many keys.
pub(crate) fn plan() -> impl Strategy<Value = Plan> {
    let keys = prop_oneof![
        vec((pick(), any::<u64>()), 0..6),
        vec((pick(), any::<u64>()), 0..90),
    ];
    let removed = vec(any::<Index>(), 0..4);
    (keys, vec(pick(), 0..5), any::<bool>(), removed).prop_map(|(keys, paths, clone, removed)| {
        Plan {
            keys,
            paths,
            clone,
            removed,
        }
    })
}

/// A map and its oracle.
pub(crate) type Both<V, K> = (PathMap<V, K>, Model<V>);

/// What a plan makes of some keys, and of another map.
pub(crate) fn build<V: Value, K: PtrKind>(
    plan: &Plan,
    keys: &[Key],
    other: &Both<V, K>,
) -> Both<V, K> {
    let (mut map, mut model) = match plan.clone {
        true => other.clone(),
        false => (PathMap::default(), Model::new()),
    };
    for (pick, seed) in &plan.keys {
        let key = pick.from(keys);
        map.insert(&key, V::of(*seed));
        model.insert(&key, V::of(*seed));
    }
    for pick in &plan.paths {
        let path = pick.from(keys);
        map.create_path(&path);
        model.create_path(&path);
    }
    for index in &plan.removed {
        let key = index.get(keys);
        let prune = index.index(2) == 0;
        map.remove_val_at(key, prune);
        model.remove_val_at(key, prune);
    }
    (map, model)
}

/// Two maps, the second perhaps made of the first.
pub(crate) fn build_two<V: Value, K: PtrKind>(keys: &[Key], plans: &[Plan; 2]) -> [Both<V, K>; 2] {
    let empty = (PathMap::default(), Model::new());
    let first = build(&plans[0], keys, &empty);
    let second = build(&plans[1], keys, &first);
    [first, second]
}

/// Asserts that a map is what the oracle says, in all locations.
#[track_caller]
pub(crate) fn assert_is<V: Value, K: PtrKind>(map: &PathMap<V, K>, model: &Model<V>, what: &str) {
    super::check(map);
    let walked = super::zip::locations(map);
    assert!(walked == *model, "{what} is {walked:?}, and not {model:?}");
    assert_eq!(map.len(), model.val_count(), "{what}");
    assert_eq!(map.is_empty(), model.is_empty(), "{what}");
}

/// The status that an operation must have.
pub(crate) fn status<V: Value>(before: &Model<V>, after: &Model<V>) -> AlgebraicStatus {
    match () {
        () if after.is_empty() => AlgebraicStatus::None,
        () if before == after => AlgebraicStatus::Identity,
        () => AlgebraicStatus::Element,
    }
}

/// Whether values say of a result that it equals an argument where it does.
pub(crate) fn is_exact<V: Value>() -> bool {
    V::of(1).pmeet(&V::of(1)).is_identity()
}
