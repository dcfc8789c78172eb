//! Building from entries in order against inserting them one by one.

#![deny(unsafe_code)]

#[allow(unsafe_code, reason = "an allocator that counts is an unsafe trait")]
mod common;

use common::ledger::Ledger;
use common::{assert_values, check};
use pleach_ptr::{PtrKind, Slim, Standard};
use pleach_testkit::values::{Big, CountedId, Seeded, clones, live};
use pleach_testkit::{Key, Model, keys};
use pleach_trie::{PathMap, PathSet};
use proptest::prelude::*;
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The entries whose keys are these, as an iterator makes them.
fn entries<V: Seeded>(keys: &[Key]) -> impl Iterator<Item = (&Key, V)> {
    keys.iter().zip((0..).map(V::seeded))
}

/// Collects `keys` and what follows them, and compares with the model and with insertion.
fn collects<V: Seeded + Debug, K: PtrKind>(keys: &[Key]) {
    let model: Model<u64> = keys.iter().zip(0..).collect();
    let mut map: PathMap<V, K, Ledger> = entries(keys).collect();
    assert_values(&map, &model);
    for key in keys {
        assert!(map.path_exists_at(key));
    }
    let before = Ledger::First.bytes();
    let mut inserted = PathMap::<V, K, Ledger>::default();
    for (key, value) in entries(keys) {
        inserted.insert(key, value);
    }
    check(&inserted);
    let (bulk, single) = (before, Ledger::First.bytes() - before);
    // Long prefixes are cut at other places: a link of a chain more or less.
    let slack = single / 20 + 512;
    assert!(
        bulk <= single + slack,
        "{bulk} bytes in bulk, {single} one by one"
    );
    // What was built can be edited like any other map.
    for (i, key) in keys.iter().enumerate() {
        if i % 3 == 0 {
            assert!(map.remove(key).is_some() || keys[..i].contains(key));
        } else {
            map.insert([key, &b"more"[..]].concat(), V::seeded(0));
        }
        check(&map);
    }
    drop((map, inserted));
    assert_eq!((live(), Ledger::First.bytes()), (0, 0));
}

/// Sorted keys of many shapes, perhaps with some out of place.
fn sorted() -> impl Strategy<Value = Vec<Key>> {
    (keys::key_set(), any::<bool>(), any::<prop::sample::Index>()).prop_map(
        |(mut keys, disorder, at)| {
            keys.sort_unstable();
            if disorder && !keys.is_empty() {
                let moved = keys.remove(at.index(keys.len()));
                keys.push(moved);
            }
            keys
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    #[test]
    fn collecting_is_inserting(keys in sorted()) {
        collects::<u64, Slim>(&keys);
        collects::<CountedId, Standard>(&keys);
        collects::<Big, Slim>(&keys);
    }

    #[test]
    fn a_set_collects_too(keys in sorted()) {
        let set: PathSet = keys.iter().collect();
        let mut expected = keys.clone();
        expected.sort_unstable();
        expected.dedup();
        prop_assert!(set.iter().eq(expected));
    }

    #[test]
    fn dense_and_large_collections(step in 1..300_usize, count in 0..5_000_usize) {
        let keys: Vec<Key> = (0..count)
            .map(|i| (i * step).to_be_bytes().to_vec())
            .collect();
        let map: PathMap<usize> = keys.iter().zip(0..).collect();
        check(&map);
        prop_assert!(map.iter().map(|(key, _)| key).eq(keys));
        prop_assert!(map.values().copied().eq(0..count));
    }

    #[test]
    fn an_iterator_that_panics_leaves_what_it_gave(keys in sorted(), at in any::<prop::sample::Index>()) {
        let at = at.index(keys.len() + 1);
        let mut map = PathMap::<CountedId>::new();
        let extended = catch_unwind(AssertUnwindSafe(|| {
            map.extend(entries(&keys).enumerate().map(|(i, entry)| {
                assert!(i < at, "planned");
                entry
            }));
        }));
        prop_assert_eq!(extended.is_err(), at < keys.len());
        let model: Model<u64> = keys[..at].iter().zip(0..).collect();
        assert_values(&map, &model);
        drop(map);
        prop_assert_eq!(live(), 0);
    }
}

#[test]
fn long_keys_become_chains() {
    let stem = |len: usize| -> Key { (0..len).map(|i| (i % 7) as u8).collect() };
    let mut keys: Vec<Key> = [0, 1, 255, 256, 511, 5_000, 100_000]
        .iter()
        .flat_map(|&len| [b'a', b'b', b'c'].map(|end| [stem(len), vec![end]].concat()))
        .collect();
    keys.sort_unstable();
    collects::<u64, Slim>(&keys);
    collects::<CountedId, Standard>(&keys);
}

#[test]
fn moving_in_clones_nothing() {
    let mut keys: Vec<Key> = (0..3_000_u32).map(|i| i.to_string().into_bytes()).collect();
    keys.sort_unstable();
    let before = clones();
    let map: PathMap<CountedId> = entries(&keys).collect();
    assert_eq!((clones(), map.len()), (before, keys.len()));
}

#[test]
fn a_copy_into_another_allocator_keeps_dangling_paths() {
    let mut source = PathMap::<u64, Slim, Ledger>::with_kind_in(Ledger::First);
    for i in 0..200_u64 {
        source.insert(i.to_string(), i);
        source.create_path(format!("{i}/nothing"));
    }
    let mut target = PathMap::<u64, Slim, Ledger>::with_kind_in(Ledger::Second);
    {
        use pleach_trie::zipper::*;
        target.write_zipper_at_path("at").graft_map(source.clone());
    }
    check(&target);
    assert_eq!(target.len(), 200);
    assert!((0..200).all(|i| target.path_exists_at(format!("at{i}/nothing"))));
}
