//! Values that bite: each is dropped exactly once, cloned no more than needed, and never copied as
//! bytes.

#![deny(unsafe_code)]

#[allow(unsafe_code, reason = "an allocator that counts is an unsafe trait")]
mod common;

use common::ledger::Ledger;
use common::{apply, assert_values, map_of, model_of, zip};
use pleach_ptr::{PtrKind, Slim, Standard};
use pleach_testkit::values::{
    Aligned128, Big, Counted, CountedId, NotCopy, ReentrantDrop, Seeded, clones, live,
};
use pleach_testkit::{EditScript, Key, MapScript, Op, edit_script, map_script};
use pleach_trie::PathMap;
use pleach_trie::zipper::*;
use proptest::prelude::*;
use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

/// Asserts that nothing is left on this thread: no value and no block.
#[track_caller]
fn assert_nothing_left() {
    assert_eq!(live(), 0, "values that were not dropped");
    assert_eq!(Ledger::First.bytes(), 0, "blocks that were not freed");
    assert_eq!(Ledger::Second.bytes(), 0, "blocks that were not freed");
}

/// Runs a script on a map that is shared from one `Freeze` to the next. While it is not, there are as
/// many values as the map says.
fn account<V: Seeded + Debug, K: PtrKind>(script: &MapScript) {
    let mut map: PathMap<V, K, Ledger> = map_of(&script.keys);
    let mut model = model_of(&script.keys);
    let mut frozen = None;
    for op in &script.ops {
        let (outcome, expected) = (apply(op, &mut map), op.apply(&mut model));
        assert!(outcome.agrees(&expected), "{op:?}");
        drop(outcome);
        assert_values(&map, &model);
        match frozen {
            None => assert_eq!(live(), map.len() as u64, "{op:?}"),
            Some(_) => assert!(live() >= map.len() as u64, "{op:?}"),
        }
        if matches!(op, Op::Freeze) {
            frozen = match frozen {
                None => Some((map.clone(), model.clone())),
                Some(_) => None,
            };
        }
    }
    if let Some((map, model)) = frozen {
        assert_values(&map, &model);
    }
    assert_eq!(live(), map.len() as u64);
    drop(map);
    assert_nothing_left();
}

/// Runs a script of edits, with grafts, takes and clones, and drops everything, the map first or last.
fn account_edits<V: Seeded + Debug, K: PtrKind>(script: &EditScript, map_first: bool) {
    let mut maps = zip::edit::<V, K, Ledger>(script);
    if map_first {
        drop(maps.pop());
    }
    drop(maps);
    assert_nothing_left();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..Default::default() })]

    #[test]
    fn empty_values_are_counted(script in map_script(40)) {
        account::<Counted, Slim>(&script);
        account::<Counted, Standard>(&script);
    }

    #[test]
    fn numbers_are_counted(script in map_script(40)) {
        account::<CountedId, Slim>(&script);
        account::<CountedId, Standard>(&script);
    }

    #[test]
    fn wide_alignment_is_kept(script in map_script(40)) {
        account::<Aligned128, Slim>(&script);
        account::<Aligned128, Standard>(&script);
    }

    #[test]
    fn large_values_are_whole(script in map_script(20)) {
        account::<Big, Slim>(&script);
    }

    #[test]
    fn zippers_leave_nothing(script in edit_script(40), map_first in any::<bool>()) {
        account_edits::<CountedId, Slim>(&script, map_first);
        account_edits::<Counted, Standard>(&script, map_first);
        account_edits::<Aligned128, Slim>(&script, map_first);
    }
}

/// `count` keys that fill buckets and burst them.
fn numbered(count: u32) -> Vec<Key> {
    (0..count)
        .map(|i| format!("key/{i:04}").into_bytes())
        .collect()
}

#[test]
fn reading_clones_no_value() {
    let map: PathMap<CountedId> = map_of(&numbered(200));
    let before = clones();
    let snapshot = map.clone();
    assert_eq!(map.iter().chain(snapshot.iter()).count(), 400);
    let mut zipper = snapshot.read_zipper_at_path("key/");
    let witness = zipper.witness();
    assert_eq!(zipper.iter_with_witness(&witness).count(), 200);
    while zipper.to_next_val() {
        assert!(zipper.is_val());
    }
    drop(snapshot.into_read_zipper("key"));
    assert_eq!(clones(), before);
}

#[test]
fn an_owned_map_clones_no_value() {
    let mut map: PathMap<CountedId> = map_of(&numbered(200));
    for key in numbered(150) {
        map.remove(&key);
    }
    let mut zipper = map.write_zipper_at_path("key/");
    let taken = zipper.take_map(true).expect("there are keys");
    zipper.descend_to("moved");
    zipper.graft_map(taken);
    drop(zipper);
    assert_eq!((map.len(), clones()), (50, 0));
}

/// A bucket holds 32 values: an edit of a shared one must not copy them all when they are large.
#[test]
fn an_edit_clones_few_large_values() {
    const FEW: u64 = 4;
    for count in [1, 8, 31, 32, 33, 200] {
        let keys = numbered(count);
        let edits: [fn(&mut PathMap<Big>, &Key); 5] = [
            |map, key| drop(map.insert(key, Big::seeded(7))),
            |map, key| drop(map.insert([&key[..], b"/new"].concat(), Big::seeded(7))),
            |map, key| *map.get_mut(key).expect("a key of the map") = Big::seeded(7),
            |map, key| drop(map.remove(key)),
            |map, key| assert!(map.create_path([&key[..], b"/path"].concat())),
        ];
        for (i, edit) in edits.into_iter().enumerate() {
            let mut map: PathMap<Big> = map_of(&keys);
            let frozen = map.clone();
            let before = clones();
            edit(&mut map, &keys[keys.len() / 2]);
            let cloned = clones() - before;
            assert!(
                cloned <= FEW,
                "edit {i} of {count} keys cloned {cloned} values"
            );
            assert_values(&frozen, &model_of(&keys));
        }
    }
}

/// Without a destructor and yet not `Copy`: two places hold one serial number only if they are one.
#[test]
fn values_are_cloned_and_not_copied() {
    fn run<K: PtrKind>(keys: &[Key]) {
        let mut map: PathMap<NotCopy, K> = map_of(keys);
        let mut kept = Vec::new();
        for (i, key) in keys.iter().enumerate().step_by(3) {
            kept.push(map.clone());
            match i % 4 {
                0 => drop(map.remove(key)),
                1 => drop(map.insert(key, NotCopy::seeded(1))),
                2 => drop(map.insert([&key[..], b"more"].concat(), NotCopy::seeded(1))),
                _ => drop(map.write_zipper_at_path(key).take_map(false)),
            }
        }
        kept.push(map);
        let mut places = HashMap::new();
        for value in kept.iter().flat_map(|map| map.values()) {
            let place = std::ptr::from_ref(value).addr();
            let first = *places.entry(value.serial()).or_insert(place);
            assert_eq!(
                first,
                place,
                "serial number {} in two places",
                value.serial()
            );
        }
    }
    let fan: Vec<Key> = (0..=255).map(|byte| vec![byte]).collect();
    for keys in [numbered(20), numbered(32), numbered(150), fan] {
        run::<Slim>(&keys);
        run::<Standard>(&keys);
    }
}

#[test]
fn drops_may_use_another_map() {
    let other = Arc::new(Mutex::new(PathMap::<u64>::new()));
    let value = |number: u64| {
        let other = Arc::clone(&other);
        ReentrantDrop::new(move || {
            let mut other = other.lock().expect("no test panics with it");
            let snapshot = other.clone();
            let count = snapshot.get(number.to_be_bytes()).copied().unwrap_or(0);
            other.insert(number.to_be_bytes(), count + 1);
        })
    };
    let mut map = PathMap::new();
    for (number, key) in (0..).zip(numbered(100)) {
        map.insert(key, value(number));
    }
    map.insert("key/0001", value(100));
    map.remove("key/0002");
    let shared = map.clone();
    map.remove_branches_at("key/003", true);
    let mut zipper = map.write_zipper_at_path("key/00");
    zipper.take_map(true);
    zipper.graft(&shared.read_zipper_at_path("key/004"));
    drop(zipper);
    drop(shared);
    map.clear();
    let dropped = other.lock().expect("no test panics with it");
    assert_eq!(dropped.len(), 101, "every value was dropped at least once");
}

/// Two allocators that do not free each other's blocks: a graft copies.
#[test]
fn grafts_between_allocators_share_nothing() {
    fn run<K: PtrKind>(source_first: bool) {
        let keys = numbered(100);
        let mut source = PathMap::<CountedId, K, Ledger>::with_kind_in(Ledger::Second);
        let mut map = PathMap::<CountedId, K, Ledger>::with_kind_in(Ledger::First);
        for (seed, key) in (0..).zip(&keys) {
            source.insert(key, CountedId::seeded(seed));
        }
        source.create_path("key/nothing/here");
        let before = Ledger::Second.bytes();
        map.write_zipper().graft(&source.read_zipper());
        assert_eq!(Ledger::Second.bytes(), before);
        assert_eq!(live(), 200);
        map.write_zipper_at_path("copy").graft_map(source.clone());
        assert_eq!((map.len(), live()), (200, 300));
        assert!(map.path_exists_at("copykey/nothing/here"));
        if source_first {
            drop(source);
            assert_eq!((Ledger::Second.bytes(), map.iter().count()), (0, 200));
        } else {
            drop(map);
            assert_eq!((Ledger::First.bytes(), source.iter().count()), (0, 100));
        }
    }
    for source_first in [false, true] {
        run::<Slim>(source_first);
        run::<Standard>(source_first);
        assert_nothing_left();
    }
}

/// A count that a later walk would have to correct: values at one place, reached by two paths.
#[test]
fn shared_subtries_count_once_a_path() {
    fn run<K: PtrKind>() {
        let mut map: PathMap<CountedId, K, Ledger> = map_of(&numbered(50));
        let (copy, before) = (map.clone(), clones());
        map.write_zipper_at_path("again/")
            .graft(&copy.read_zipper());
        assert_eq!((map.len(), live()), (100, 50 + clones() - before));
        drop(copy);
        assert_eq!(
            map.remove("again/key/0007").map(|value| value.is(7)),
            Some(true)
        );
        assert_eq!(map.len(), 99);
        assert!(map.contains("key/0007"));
    }
    run::<Slim>();
    run::<Standard>();
    assert_nothing_left();
}
