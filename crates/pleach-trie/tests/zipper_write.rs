//! Scripts of edits through write zippers against the oracle, with clones frozen on the way.

mod common;

use common::zip::{apply_edit, assert_stands, edit};
use common::{assert_same, map_of, model_of};
use pleach_ptr::{Global, PtrKind, Slim, Standard};
use pleach_testkit::values::Seeded;
use pleach_testkit::{EditScript, ModelZipper, edit_script};
use pleach_trie::PathMap;
use pleach_trie::zipper::*;
use proptest::prelude::*;
use std::fmt::Debug;

/// Runs the script on an owned zipper, which is one from beginning to end.
fn run_owned<V: Seeded + Debug, K: PtrKind>(script: &EditScript) {
    let map: PathMap<V, K> = map_of(&script.keys);
    let mut oracle = ModelZipper::new(model_of(&script.keys), &script.root);
    let before = (map.clone(), oracle.model().clone());
    let kept = [map_of(&script.other), map.clone()];
    let models = [model_of(&script.other), before.1.clone()];
    let mut z = map.into_write_zipper(&script.root);
    for edit in &script.edits {
        let outcome = apply_edit(edit, &mut z, &kept);
        let expected = edit.apply(&mut oracle, &models);
        assert!(
            outcome.agrees(&expected),
            "{edit:?} gave {outcome:?} for {expected:?}"
        );
        assert_stands(&z, &oracle);
        if oracle.model().locations().count() > common::zip::LOCATIONS_MAX {
            break;
        }
    }
    assert_same(&z.into_map(), oracle.model());
    assert_same(&before.0, &before.1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    #[test]
    fn units_slim(script in edit_script(60)) {
        edit::<(), Slim, Global>(&script);
    }

    #[test]
    fn integers_slim(script in edit_script(60)) {
        edit::<u64, Slim, Global>(&script);
    }

    #[test]
    fn integers_standard(script in edit_script(60)) {
        edit::<u64, Standard, Global>(&script);
    }

    #[test]
    fn strings_slim(script in edit_script(60)) {
        edit::<String, Slim, Global>(&script);
    }

    #[test]
    fn owned_slim(script in edit_script(60)) {
        run_owned::<u64, Slim>(&script);
    }

    #[test]
    fn owned_standard(script in edit_script(60)) {
        run_owned::<String, Standard>(&script);
    }

    #[test]
    fn what_is_taken_and_put_back_is_the_same(script in edit_script(0), prune in any::<bool>()) {
        let mut map: PathMap<u64> = map_of(&script.keys);
        let mut z = map.write_zipper_at_path(&script.root);
        let taken = z.take_map(prune);
        prop_assert_eq!(taken.is_some(), model_of(&script.keys).exists(&script.root));
        prop_assert_eq!(z.val_count(), 0);
        if let Some(taken) = taken {
            z.graft_map(taken);
        }
        drop(z);
        assert_same(&map, &model_of(&script.keys));
    }
}

/// A zipper over a map of these entries that stands at `path`.
fn at<'m>(map: &'m mut PathMap<u64>, path: &str) -> WriteZipper<'m, u64> {
    let mut z = map.write_zipper();
    z.descend_to(path);
    z
}

fn keys(map: &PathMap<u64>) -> Vec<String> {
    map.keys()
        .map(|key| String::from_utf8(key).expect("keys of these tests are text"))
        .collect()
}

#[test]
fn a_zipper_that_writes_nothing_leaves_no_path() {
    let mut map = PathMap::<u64>::new();
    let mut z = map.write_zipper_at_path("far/away");
    z.descend_to("and/further");
    assert_eq!(z.set_val(None), None);
    assert!(z.get_val_mut().is_none());
    assert!(z.take_map(true).is_none());
    z.graft_map(PathMap::new());
    assert!(!z.remove_branches(true) && z.prune_ascend() == 0);
    drop(z);
    assert!(map.is_empty() && map.ptr_eq(&PathMap::new()));
}

#[test]
fn pruning_stops_at_the_root_of_the_zipper() {
    let mut map = PathMap::from([("abcd", 1)]);
    let mut z = map.write_zipper_at_path("ab");
    z.descend_to("cd");
    assert_eq!(z.remove_val(true), Some(1));
    drop(z);
    assert!(map.path_exists_at("ab") && !map.path_exists_at("abc"));
}

#[test]
fn set_val_takes_a_value_or_an_option() {
    let mut map = PathMap::new();
    let mut z = at(&mut map, "k");
    assert_eq!(z.set_val(1), None);
    assert_eq!(z.set_val(Some(2)), Some(1));
    assert_eq!(z.set_val(None), Some(2));
    assert!(z.path_exists() && !z.is_val());
}

#[test]
fn a_graft_replaces_the_value_and_keeps_the_location() {
    let mut map = PathMap::from([("k", 5), ("ky", 6)]);
    let source = PathMap::from([("x", 7)]);
    at(&mut map, "k").graft(&source.read_zipper());
    assert_eq!(keys(&map), ["kx"]);
    at(&mut map, "k").graft(&source.read_zipper_at_path("nowhere"));
    assert!(map.path_exists_at("k") && map.values().next().is_none());
    at(&mut map, "new").graft_map(PathMap::new());
    assert!(!map.path_exists_at("n"));
}

#[test]
fn prefixes_are_removed_and_inserted_without_the_value() {
    let mut map = PathMap::from([("ab", 1), ("abc", 2), ("ax", 3)]);
    let mut z = at(&mut map, "ab");
    assert!(z.remove_prefix(1));
    assert_eq!(z.path(), b"a");
    assert!(z.insert_prefix("zz") && z.insert_prefix(""));
    assert!(!z.remove_prefix(2) && z.at_root());
    drop(z);
    assert_eq!(keys(&map), ["zzc"]);
}

/// Too few maps and empty maps both leave nothing below their bytes; nothing panics.
#[test]
fn child_maps_may_be_few_or_empty() {
    let mut map = PathMap::from([("ax", 1), ("bx", 2), ("cx", 3), ("dx", 4)]);
    let maps = [PathMap::from([("", 5)]), PathMap::new()];
    let mask = || b"abc".iter().copied().collect();
    at(&mut map, "").graft_child_maps(mask(), maps.clone(), false);
    assert_eq!(keys(&map), ["a", "dx"]);
    at(&mut map, "").graft_child_maps(mask(), maps, true);
    assert_eq!(keys(&map), ["a"]);
}

#[test]
fn a_dense_fan_takes_child_maps() {
    let mut map: PathMap<u64> = (0..=255_u8).map(|byte| ([byte, 0], 0)).collect();
    let maps = (0..=255).map(|n| PathMap::from([("new", n)]));
    let mut z = map.write_zipper();
    z.graft_child_maps(pleach_trie::ByteMask::FULL, maps, true);
    assert_eq!((z.child_count(), z.val_count()), (256, 256));
    drop(z);
    assert!(map.values().copied().eq(0..=255));
}

/// A forgotten zipper must not make `len` lie. It stands at the root, where it owns no memory that
/// would leak.
#[test]
fn a_forgotten_zipper_leaves_the_count_true() {
    let mut map = PathMap::from([("a", 1)]);
    let mut z = map.write_zipper();
    z.set_val(2);
    let maps = [PathMap::from([("x", 3), ("y", 4)])];
    z.graft_child_maps(pleach_trie::ByteMask::from(b'b'), maps, false);
    std::mem::forget(z);
    assert_eq!((map.len(), map.iter().count()), (4, 4));
}

#[test]
fn a_map_grafted_below_itself_saturates() {
    let mut map = PathMap::from([("", 0), ("a", 1)]);
    for _ in 0..80 {
        let copy = map.clone();
        let mut z = map.write_zipper();
        let children = (0..=255).map(|_| copy.clone());
        z.graft_child_maps(pleach_trie::ByteMask::FULL, children, true);
    }
    assert_eq!(map.len(), usize::MAX);
    assert_eq!(map.iter().take(1000).count(), 1000);
    // Each node once, though the paths to them are past counting.
    common::check(&map);
    let copy = map.clone();
    map.remove_branches_at([7_u8], true);
    assert!(copy.path_exists_at([7_u8, 7]) && !map.path_exists_at([7_u8, 7]));
}
