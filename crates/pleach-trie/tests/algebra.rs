//! Set algebra of maps against the oracle, in all locations and values, with what it says of its
//! results; and its laws.

mod common;

use common::lattice::{Both, Count, Plan, Value, assert_is, build_two, is_exact, plan, status};
use pleach_ptr::{PtrKind, Slim, Standard};
use pleach_testkit::keys::{key_set, mask};
use pleach_testkit::{Key, Model, Rule};
use pleach_trie::PathMap;
use pleach_trie::algebra::*;
use pleach_trie::map::Merged;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// An operation in place, and what it must make.
type InPlace<'m, V, K> = (
    fn(&mut PathMap<V, K>, &PathMap<V, K>) -> AlgebraicStatus,
    &'m Model<V>,
);

/// An operation by keys, lazily and not.
type ByKeys<V, K> = (
    Rule,
    fn(&PathMap<V, K>, &PathMap<V, K>) -> PathMap<V, K>,
    for<'m> fn(&'m PathMap<V, K>, &'m PathMap<V, K>) -> Merged<'m, V, K>,
);

fn run<V: Value, K: PtrKind>(keys: &[Key], plans: &[Plan; 2]) {
    run_on(build_two::<V, K>(keys, plans));
}

fn run_on<V: Value, K: PtrKind>([first, second]: [Both<V, K>; 2]) {
    for ((a, x), (b, y)) in [(&first, &second), (&second, &first), (&first, &first)] {
        let joined = x.combine(y, Rule::Union, |a, b| a.pjoin(b).into_option([a, b]));
        let met = x.combine(y, Rule::Intersection, |a, b| a.pmeet(b).into_option([a, b]));
        let left = x.combine(y, Rule::Difference, |a, b| {
            a.psubtract(b).into_option([a, b])
        });
        let restricted = x.combine(y, Rule::Restriction, |_, _| None);
        assert_is(&a.join(b), &joined, "the join");
        assert_is(&a.meet(b), &met, "the meet");
        assert_is(&a.subtract(b), &left, "the difference");
        assert_is(&a.restrict(b), &restricted, "the restriction");
        let in_place: [InPlace<'_, V, K>; 4] = [
            (PathMap::join_assign, &joined),
            (PathMap::meet_assign, &met),
            (PathMap::subtract_assign, &left),
            (PathMap::restrict_assign, &restricted),
        ];
        for (operation, expected) in in_place {
            let mut map = a.clone();
            let said = operation(&mut map, b);
            assert_is(&map, expected, "the result in place");
            if is_exact::<V>() {
                assert_eq!(said, status(x, expected), "of {x:?} and {y:?}");
            }
            if said.is_identity() {
                assert!(map.ptr_eq(a), "unchanged, and yet another node");
            }
        }
        by_keys(a, x, b, y);
        differences(a, x, b, y);
    }
    assert_is(&first.0, &first.1, "the first map");
    assert_is(&second.0, &second.1, "the second map");
}

/// The operations that go by the keys alone.
fn by_keys<V: Value, K: PtrKind>(a: &PathMap<V, K>, x: &Model<V>, b: &PathMap<V, K>, y: &Model<V>) {
    let operations: [ByKeys<V, K>; 4] = [
        (Rule::Union, PathMap::union, PathMap::union_iter),
        (
            Rule::Intersection,
            PathMap::intersection,
            PathMap::intersection_iter,
        ),
        (
            Rule::Difference,
            PathMap::difference,
            PathMap::difference_iter,
        ),
        (
            Rule::SymmetricDifference,
            PathMap::symmetric_difference,
            PathMap::symmetric_difference_iter,
        ),
    ];
    for (rule, operation, lazy) in operations {
        let stays = matches!(rule, Rule::Union | Rule::Intersection);
        let expected = x.combine(y, rule, |a, _| stays.then(|| a.clone()));
        assert_is(&operation(a, b), &expected, "a result by keys");
        let entries = expected.iter().map(|(key, value)| (key.to_vec(), value));
        assert!(lazy(a, b).eq(entries), "{rule:?} of {x:?} and {y:?}");
    }
    let mut calls = 0;
    let mut pair = |a: &V, b: &V| {
        calls += 1;
        (a != b).then(|| b.clone())
    };
    let expected = x.combine(y, Rule::SymmetricDifference, &mut pair);
    let found = a.symmetric_difference_with(b, &mut pair);
    assert_is(&found, &expected, "the symmetric difference by a function");
    let found = a.difference_with(b, &mut pair);
    let expected = x.combine(y, Rule::Difference, &mut pair);
    assert_is(&found, &expected, "the difference by a function");
    let common = a.intersection_iter(b).count();
    assert_eq!(calls, 4 * common, "each pair is asked for once");
    let found = a.union_with(b, |_, b| b.clone());
    assert_eq!(found, b.union(a));
    let found = a.intersection_with(b, |_, b| b.clone());
    assert_eq!(found, b.intersection(a));
}

/// What is told of differences, and what is made of them.
fn differences<V: Value, K: PtrKind>(
    a: &PathMap<V, K>,
    x: &Model<V>,
    b: &PathMap<V, K>,
    y: &Model<V>,
) {
    let changed = |&(key, value): &(&[u8], &V)| y.get(key) != Some(value);
    let added = |&(key, _): &(&[u8], &V)| !x.contains(key);
    let mut expected: BTreeMap<&[u8], (Option<&V>, Option<&V>)> = BTreeMap::new();
    for (key, value) in x.iter().filter(changed) {
        expected.insert(key, (Some(value), y.get(key)));
    }
    for (key, value) in y.iter().filter(added) {
        expected.insert(key, (None, Some(value)));
    }
    let found: Vec<_> = a.diff(b).collect();
    assert!(
        found
            .iter()
            .map(|(key, _)| &key[..])
            .eq(expected.keys().copied()),
        "{found:?}"
    );
    for (key, change) in &found {
        let pair = (change.old_value(), change.new_value());
        assert_eq!(pair, expected[&key[..]]);
        assert_eq!(change.reversed().reversed(), *change);
    }
    let mut copy = a.clone();
    copy.apply(a.diff(b));
    assert_eq!(copy, *b);
    copy.apply(
        a.diff(b)
            .map(|(key, change)| (key, change.reversed().cloned())),
    );
    assert_eq!(copy, *a);
    assert_eq!(PathMap::merge(a, a, b, |_, _, _, _| unreachable!()), *b);
    assert_eq!(PathMap::merge(a, b, a, |_, _, _, _| unreachable!()), *b);
    assert_eq!(PathMap::merge(a, b, b, |_, _, _, _| unreachable!()), *b);
}

/// Maps of many keys that end in one byte, which are kept in leaves of their own kind.
fn fans<V: Value, K: PtrKind>(stem: &[u8], bytes: &[BTreeSet<u8>; 2]) {
    let build = |(bytes, factor): (&BTreeSet<u8>, u64)| -> Both<V, K> {
        let key = |&byte| [stem, &[byte]].concat();
        let value = |&byte| V::of(u64::from(byte) / 50 * factor);
        let entries = || bytes.iter().map(|byte| (key(byte), value(byte)));
        (entries().collect(), entries().collect())
    };
    run_on([(&bytes[0], 1), (&bytes[1], 2)].map(build));
}

/// The merge of the changes of two maps, key by key.
fn merges<V: Value, K: PtrKind>(keys: &[Key], plans: &[Plan; 2]) {
    let [base, left] = build_two::<V, K>(keys, plans);
    let [_, right] = build_two::<V, K>(keys, &[plans[0].clone(), plans[0].clone()]);
    let merged = PathMap::merge(&base.0, &left.0, &right.0, |_, _, ours, _| ours.cloned());
    let mut expected = BTreeMap::new();
    for key in [&base.1, &left.1, &right.1]
        .iter()
        .flat_map(|model| model.iter().map(|(key, _)| key))
    {
        let (old, ours, theirs) = (base.1.get(key), left.1.get(key), right.1.get(key));
        let value = if ours == old { theirs } else { ours };
        expected.extend(value.map(|value| (key.to_vec(), value)));
    }
    assert!(merged.iter().eq(expected));
}

/// The laws of a lattice whose joins and meets keep their keys.
fn laws<V: Value, K: PtrKind>(keys: &[Key], plans: &[Plan; 3], commutes: bool) {
    let [(a, _), (b, _)] = build_two::<V, K>(keys, &[plans[0].clone(), plans[1].clone()]);
    let [_, (c, _)] = build_two::<V, K>(keys, &[plans[0].clone(), plans[2].clone()]);
    let empty = PathMap::default();
    let rebuilt: PathMap<V, K> = a.iter().map(|(key, value)| (key, value.clone())).collect();
    assert_eq!(a.join(&b).join(&c), a.join(&b.join(&c)));
    assert_eq!(a.meet(&b).meet(&c), a.meet(&b.meet(&c)));
    assert_eq!(a.join(&rebuilt), a);
    assert_eq!(a.meet(&rebuilt), a);
    assert_eq!(a.join(&a.meet(&b)), a);
    assert_eq!(a.meet(&a.join(&b)), a);
    assert_eq!(a.meet(&b.join(&c)), a.meet(&b).join(&a.meet(&c)));
    assert_eq!(a.join(&b.meet(&c)), a.join(&b).meet(&a.join(&c)));
    assert_eq!(a.join(&empty), a);
    assert_eq!(empty.join(&a), a);
    assert_eq!(a.meet(&empty), empty);
    assert_eq!(empty.meet(&a), empty);
    assert_eq!(a.subtract(&empty), a);
    assert_eq!(empty.subtract(&a), empty);
    assert!(a.subtract(&a).is_empty() && a.subtract(&rebuilt).values().next().is_none());
    assert_eq!(a.subtract(&b.difference(&a)), a);
    assert_eq!(a.union(&b), a.join(&b.difference(&a)));
    assert_eq!(
        a.symmetric_difference(&b),
        a.difference(&b).union(&b.difference(&a))
    );
    let covered = |key: &[u8]| (0..=key.len()).any(|len| b.contains(&key[..len]));
    let filtered = a.iter().filter(|(key, _)| covered(key));
    assert!(a.restrict(&b).iter().eq(filtered));
    let all = [&a, &b, &c, &a];
    assert_eq!(PathMap::join_all(all), a.join(&b).join(&c));
    match commutes {
        true => {
            assert_eq!(a.join(&b), b.join(&a));
            assert_eq!(a.meet(&b), b.meet(&a));
        }
        false => {
            assert!(a.join(&b).keys().eq(b.join(&a).keys()));
            assert!(a.meet(&b).keys().eq(b.meet(&a).keys()));
            assert!(
                a.join(&b)
                    .iter()
                    .all(|(key, value)| a.get(&key).unwrap_or(value) == value)
            );
            assert!(
                a.meet(&b)
                    .iter()
                    .all(|(key, value)| a.get(&key) == Some(value))
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..Default::default() })]

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

    #[test]
    fn fans_of_integers(a in mask(), b in mask(), few in mask()) {
        let most = |bytes: &BTreeSet<u8>| (0..=255).filter(|byte| !bytes.contains(byte)).collect();
        fans::<u64, Slim>(b"", &[a.clone(), b.clone()]);
        fans::<bool, Standard>(b"stem", &[most(&few), b]);
        fans::<Count, Slim>(b"s", &[a, most(&few)]);
        fans::<(), Slim>(b"", &[most(&few), most(&few)]);
    }

    #[test]
    fn merges_keep_the_changes_of_both(keys in key_set(), a in plan(), b in plan()) {
        merges::<u64, Slim>(&keys, &[a, b]);
    }

    #[test]
    fn laws_of_units(keys in key_set(), a in plan(), b in plan(), c in plan()) {
        laws::<(), Slim>(&keys, &[a, b, c], true);
    }

    #[test]
    fn laws_of_integers(keys in key_set(), a in plan(), b in plan(), c in plan()) {
        laws::<u64, Slim>(&keys, &[a, b, c], false);
    }

    #[test]
    fn laws_of_booleans(keys in key_set(), a in plan(), b in plan(), c in plan()) {
        laws::<bool, Slim>(&keys, &[a, b, c], true);
    }
}

/// The laws of the values themselves, for all of a few.
#[test]
fn values_keep_the_laws() {
    fn check<V: Value>(seeds: u64, commutes: bool) {
        let join = |a: &V, b: &V| a.pjoin(b).into_option([a, b]);
        let meet = |a: &V, b: &V| a.pmeet(b).into_option([a, b]);
        for (a, b) in (0..seeds).flat_map(|a| (0..seeds).map(move |b| (V::of(a), V::of(b)))) {
            assert_eq!(join(&a, &a).as_ref(), Some(&a));
            assert_eq!(meet(&a, &a).as_ref(), Some(&a));
            assert_eq!(a.psubtract(&a), AlgebraicResult::None);
            if commutes {
                assert_eq!(join(&a, &b), join(&b, &a));
                assert_eq!(meet(&a, &b), meet(&b, &a));
            }
            let results = [(a.pjoin(&b), join(&a, &b)), (a.pmeet(&b), meet(&a, &b))];
            for (result, value) in results {
                if let (Some(mask), Some(value)) = (result.identity_mask(), value) {
                    assert_eq!(mask & SELF_IDENT != 0, a == value);
                    assert!(mask & COUNTER_IDENT == 0 || b == value);
                } else {
                    assert!(!result.is_identity());
                }
            }
            for c in (0..seeds).map(V::of) {
                let left = join(&a, &b).and_then(|ab| join(&ab, &c));
                assert_eq!(left, join(&b, &c).and_then(|bc| join(&a, &bc)));
                let left = meet(&a, &b).and_then(|ab| meet(&ab, &c));
                assert_eq!(left, meet(&b, &c).and_then(|bc| meet(&a, &bc)));
            }
        }
    }
    check::<()>(1, true);
    check::<u64>(3, false);
    check::<String>(3, false);
    check::<bool>(2, true);
    check::<BTreeSet<u64>>(8, true);
    check::<Option<u64>>(4, false);
}
