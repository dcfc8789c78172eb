//! Set algebra against the oracle, in all locations and values; its laws; and what it says of its
//! results.

mod common;

use common::{check, zip};
use pleach_ptr::{Global, PtrKind, Slim, Standard};
use pleach_testkit::keys::{Pick, key_set, pick};
use pleach_testkit::{Key, Model, RULES, Rule};
use pleach_trie::algebra::*;
use pleach_trie::{PathMap, PathSet};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use std::collections::BTreeSet;
use std::fmt::Debug;

/// Values of these tests.
trait Value: Lattice + DistributiveLattice + Clone + PartialEq + Debug + 'static {
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
struct Count(u64);

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

/// What is in a map: keys with seeds, and locations without a value.
#[derive(Clone, Debug)]
struct Plan {
    keys: Vec<(Pick, u64)>,
    paths: Vec<Pick>,
    /// Edits of a clone of the first map, and not of an empty one.
    clone: bool,
    removed: Vec<Index>,
}

fn plan() -> impl Strategy<Value = Plan> {
    let keys = prop_oneof![
        vec((pick(), any::<u64>()), 0..6),
        vec((pick(), any::<u64>()), 0..90),
    ];
    (
        keys,
        vec(pick(), 0..5),
        any::<bool>(),
        vec(any::<Index>(), 0..4),
    )
        .prop_map(|(keys, paths, clone, removed)| Plan {
            keys,
            paths,
            clone,
            removed,
        })
}

type Both<V, K> = (PathMap<V, K>, Model<V>);

fn build<V: Value, K: PtrKind>(plan: &Plan, keys: &[Key], first: &Both<V, K>) -> Both<V, K> {
    let (mut map, mut model) = match plan.clone {
        true => first.clone(),
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
        map.remove_val_at(key, index.index(2) == 0);
        model.remove_val_at(key, index.index(2) == 0);
    }
    (map, model)
}

#[track_caller]
fn assert_is<V: Value, K: PtrKind>(map: &PathMap<V, K>, model: &Model<V>, what: &str) {
    check(map);
    let walked = zip::locations(map);
    assert!(walked == *model, "{what} is {walked:?}, and not {model:?}");
    assert_eq!(map.len(), model.val_count(), "{what}");
    assert_eq!(map.is_empty(), model.is_empty(), "{what}");
}

/// The status that an operation must have.
fn status<V: Value>(before: &Model<V>, after: &Model<V>) -> AlgebraicStatus {
    match () {
        () if after.is_empty() => AlgebraicStatus::None,
        () if before == after => AlgebraicStatus::Identity,
        () => AlgebraicStatus::Element,
    }
}

fn run<V: Value, K: PtrKind>(keys: &[Key], plans: &[Plan; 2]) {
    let empty = (PathMap::default(), Model::new());
    let first = build::<V, K>(&plans[0], keys, &empty);
    let second = build::<V, K>(&plans[1], keys, &first);
    for (a, b) in [(&first, &second), (&second, &first), (&first, &first)] {
        let ((a, x), (b, y)) = (a, b);
        let joined = x.combine(y, Rule::Union, |a, b| a.pjoin(b).into_option([a, b]));
        let met = x.combine(y, Rule::Intersection, |a, b| a.pmeet(b).into_option([a, b]));
        let left = x.combine(y, Rule::Difference, |a, b| {
            a.psubtract(b).into_option([a, b])
        });
        let restricted = x.combine(y, Rule::Restriction, |_, _| None);
        assert_is(&a.join(b), &joined, "the join");
        assert_is(&a.meet(b), &met, "the meet");
        assert_is(&a.subtract(b), &left, "what is left");
        assert_is(
            &a.restrict(b),
            &restricted,
            &format!("{x:?} restricted by {y:?}"),
        );
        for rule in RULES {
            let keep =
                |a: &V, _: &V| matches!(rule, Rule::Union | Rule::Intersection).then(|| a.clone());
            let expected = x.combine(y, rule, keep);
            let map = match rule {
                Rule::Union => a.union(b),
                Rule::Intersection => a.intersection(b),
                Rule::Difference => a.difference(b),
                Rule::SymmetricDifference => a.symmetric_difference(b),
                Rule::Restriction => continue,
            };
            assert_is(&map, &expected, "a result by keys");
        }
        type InPlace<V, K> = fn(&mut PathMap<V, K>, &PathMap<V, K>) -> AlgebraicStatus;
        let in_place: [(InPlace<V, K>, _); 4] = [
            (PathMap::join_assign, &joined),
            (PathMap::meet_assign, &met),
            (PathMap::subtract_assign, &left),
            (PathMap::restrict_assign, &restricted),
        ];
        for (operation, expected) in in_place {
            let mut map = a.clone();
            let said = operation(&mut map, b);
            assert_is(&map, expected, "the result in place");
            // `Count` makes new values also where they equal old ones.
            if V::of(1).pmeet(&V::of(1)).is_identity() {
                assert_eq!(said, status(x, expected), "of {x:?} and {y:?}");
            }
            if said.is_identity() {
                assert!(map.ptr_eq(a), "unchanged, and yet another node");
            }
        }
    }
    assert_is(&first.0, &first.1, "the first map");
    assert_is(&second.0, &second.1, "the second map");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..Default::default() })]

    #[test]
    fn units(keys in key_set(), a in plan(), b in plan()) {
        run::<(), Slim>(&keys, &[a, b]);
    }

    #[test]
    fn integers(keys in key_set(), a in plan(), b in plan()) {
        run::<u64, Slim>(&keys, &[a, b]);
    }

    #[test]
    fn integers_standard(keys in key_set(), a in plan(), b in plan()) {
        run::<u64, Standard>(&keys, &[a, b]);
    }

    #[test]
    fn strings(keys in key_set(), a in plan(), b in plan()) {
        run::<String, Slim>(&keys, &[a, b]);
    }

    #[test]
    fn booleans(keys in key_set(), a in plan(), b in plan()) {
        run::<bool, Standard>(&keys, &[a, b]);
    }

    #[test]
    fn sets(keys in key_set(), a in plan(), b in plan()) {
        run::<BTreeSet<u64>, Slim>(&keys, &[a, b]);
    }

    #[test]
    fn options(keys in key_set(), a in plan(), b in plan()) {
        run::<Option<u64>, Slim>(&keys, &[a, b]);
    }

    #[test]
    fn counts(keys in key_set(), a in plan(), b in plan()) {
        run::<Count, Slim>(&keys, &[a, b]);
    }
}
