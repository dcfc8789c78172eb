//! What set algebra shares and what it makes anew: nodes counted by their blocks.

#![deny(unsafe_code)]

#[allow(unsafe_code, reason = "an allocator that counts is an unsafe trait")]
mod common;

use common::check;
use common::lattice::{Count, Value};
use common::ledger::Ledger;
use pleach_ptr::{PtrKind, Slim, Standard};
use pleach_trie::PathMap;
use pleach_trie::algebra::*;
use pleach_trie::zipper::*;

type Map<V, K> = PathMap<V, K, Ledger>;

/// The integers below `end` that `keep` keeps, as keys of four bytes.
fn numbers<V: Value, K: PtrKind>(end: u32, keep: impl Fn(u32) -> bool) -> Map<V, K> {
    let kept = (0..end).filter(|&n| keep(n));
    kept.map(|n| (n.wrapping_mul(0x9E37_79B1).to_be_bytes(), V::of(n.into())))
        .collect()
}

/// How many blocks `act` allocates, freed or not.
fn blocks<T>(act: impl FnOnce() -> T) -> (T, usize) {
    let before = Ledger::First.blocks();
    let result = act();
    (result, Ledger::First.blocks() - before)
}

fn identities<V: Value, K: PtrKind>() {
    let map = numbers::<V, K>(20_000, |_| true);
    let less = numbers::<V, K>(20_000, |n| n % 2 == 0);
    let empty = Map::default();
    // Equal in all values, but in nodes of its own.
    let again = numbers::<V, K>(20_000, |_| true);
    let snapshot = map.clone();
    type Same<'m, V, K> = (&'static str, &'m dyn Fn() -> Map<V, K>, &'m Map<V, K>);
    let cases: [Same<'_, V, K>; 14] = [
        ("join with itself", &|| map.join(&snapshot), &map),
        ("join with an equal one", &|| map.join(&again), &map),
        ("join with less", &|| map.join(&less), &map),
        ("join with nothing", &|| map.join(&empty), &map),
        ("join of nothing", &|| empty.join(&map), &map),
        ("meet with itself", &|| map.meet(&snapshot), &map),
        ("meet with an equal one", &|| map.meet(&again), &map),
        ("meet with more", &|| less.meet(&map), &less),
        ("subtract nothing", &|| map.subtract(&empty), &map),
        ("subtract itself", &|| map.subtract(&snapshot), &empty),
        ("subtract an equal one", &|| map.subtract(&again), &empty),
        ("restrict by itself", &|| map.restrict(&snapshot), &map),
        ("union with less", &|| map.union(&less), &map),
        (
            "difference of less and more",
            &|| less.difference(&map),
            &empty,
        ),
    ];
    for (what, act, expected) in cases {
        let (result, made) = blocks(act);
        assert_eq!(made, 0, "{what}");
        assert!(result.ptr_eq(expected), "{what}");
    }
    let (joined, made) = blocks(|| less.join(&map));
    assert_eq!(joined, map);
    assert!(made == 0 || V::of(1).pjoin(&V::of(2)).identity_mask() == Some(SELF_IDENT));
}

#[test]
fn what_equals_an_argument_is_that_argument() {
    identities::<(), Slim>();
    identities::<u64, Slim>();
    identities::<u64, Standard>();
    identities::<bool, Slim>();
    identities::<String, Standard>();
}

/// Two snapshots that differ in a few edits: no more nodes than the edits' paths have.
fn edits<K: PtrKind>() {
    let base = numbers::<u64, K>(50_000, |_| true);
    for k in [1_u32, 10, 100] {
        let (mut left, mut right) = (base.clone(), base.clone());
        for i in 0..k {
            left.insert((i * 7919).to_be_bytes(), 7);
            right.insert((i * 104_729 + 1).to_be_bytes(), 8);
            right.remove((i * 31).wrapping_mul(0x9E37_79B1).to_be_bytes());
        }
        let most = 6 * 3 * k as usize;
        type Operation<K> = fn(&Map<u64, K>, &Map<u64, K>) -> Map<u64, K>;
        let operations: [Operation<K>; 6] = [
            PathMap::join,
            PathMap::meet,
            PathMap::subtract,
            PathMap::union,
            PathMap::difference,
            PathMap::symmetric_difference,
        ];
        for operation in operations {
            let (result, made) = blocks(|| operation(&left, &right));
            assert!(made <= most, "{made} nodes for {k} edits");
            check(&result);
        }
        let (count, made) = blocks(|| left.diff(&right).count());
        assert!(made == 0 && count <= 3 * k as usize && count >= k as usize);
    }
}

#[test]
fn snapshots_cost_what_differs() {
    edits::<Slim>();
    edits::<Standard>();
}

/// A branch that only one side has is in the result as it is.
#[test]
fn branches_of_one_side_are_shared() {
    let part = numbers::<u64, Slim>(5_000, |_| true);
    let mut left = Map::<u64, Slim>::default();
    left.write_zipper_at_path("left/").graft_map(part.clone());
    let mut right = Map::<u64, Slim>::default();
    right.write_zipper_at_path("right/").graft_map(part.clone());
    let (joined, made) = blocks(|| left.join(&right));
    assert!(made <= 3, "{made}");
    assert_eq!(joined.len(), 2 * part.len());
    assert!(joined.difference(&left) == right && joined.restrict(&left) == left);
    let id = |map: &Map<u64, Slim>, path: &str| {
        let mut z = map.read_zipper();
        z.descend_to(path);
        (z.is_shared(), z.shared_node_id())
    };
    assert_eq!(id(&joined, "right/"), id(&right, "right/"));
    assert_eq!(id(&joined, "left/"), id(&left, "left/"));
    assert!(id(&joined, "left/").0);
}

/// Shared nodes of values that are not idempotent are looked into.
#[test]
fn counts_of_shared_nodes_are_added() {
    let map = numbers::<Count, Slim>(3_000, |_| true);
    let twice = map.join(&map.clone());
    assert!(
        twice
            .values()
            .zip(map.values())
            .all(|(twice, once)| twice.0 == 2 * once.0)
    );
    let mut edited = map.clone();
    edited.insert("new", Count(1));
    let sum = edited.join(&map);
    assert_eq!(sum.len(), map.len() + 1);
    assert_eq!(sum.get("new"), Some(&Count(1)));
    assert!(map.iter().all(|(key, once)| sum[&key].0 == 2 * once.0));
}

/// Maps of two allocators share nothing, and outlive each other.
#[test]
fn foreign_maps_are_copied() {
    let own = numbers::<String, Slim>(2_000, |n| n % 3 != 0);
    let mut foreign = PathMap::<String, Slim, Ledger>::with_kind_in(Ledger::Second);
    for (key, value) in &numbers::<String, Slim>(2_000, |n| n % 3 != 1) {
        foreign.insert(key, value.clone());
    }
    foreign.create_path("dangling");
    let near: Map<String, Slim> = foreign
        .iter()
        .map(|(key, value)| (key, value.clone()))
        .collect();
    let bytes = Ledger::Second.bytes();
    let results = [
        (own.join(&foreign), own.join(&near)),
        (own.meet(&foreign), own.meet(&near)),
        (own.subtract(&foreign), own.subtract(&near)),
        (own.restrict(&foreign), own.restrict(&near)),
        (
            own.symmetric_difference(&foreign),
            own.symmetric_difference(&near),
        ),
        (Map::default().join(&foreign), near.clone()),
    ];
    assert_eq!(
        Ledger::Second.bytes(),
        bytes,
        "nothing is made where it does not belong"
    );
    let mut zipped = own.clone();
    zipped
        .write_zipper_at_path("x")
        .join_into(&foreign.read_zipper());
    drop(foreign);
    assert_eq!(Ledger::Second.bytes(), 0);
    for (found, expected) in &results {
        check(found);
        assert_eq!(found, expected);
    }
    assert_eq!(zipped.len(), own.len() + near.len());
    drop((own, near, results, zipped));
    assert_eq!(Ledger::First.bytes(), 0);
}

/// Small results are leaves, not the skeleton of what they came from.
#[test]
fn small_results_are_small() {
    let map = numbers::<u64, Slim>(20_000, |_| true);
    let few = numbers::<u64, Slim>(20_000, |n| n % 3_000 == 0);
    let (met, made) = blocks(|| map.meet(&few));
    assert!(met == few && made <= 2 * few.len());
    let before = Ledger::First.bytes();
    let copy = map.meet(&few.join(&numbers(1, |_| true)));
    assert!(Ledger::First.bytes() - before < 1_000);
    drop(copy);
    let odd = numbers::<u64, Slim>(20_000, |n| n % 2 == 1);
    let even = numbers::<u64, Slim>(20_000, |n| n % 2 == 0);
    assert!(odd.meet(&even).is_empty() && odd.intersection(&even).is_empty());
}
