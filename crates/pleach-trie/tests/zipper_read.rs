//! Every movement of every zipper against the naive path zipper, from roots in the trie and off it.

mod common;

use common::run::{build, read as run};
use common::zip::{assert_stands, assert_value, locations, step};
use pleach_ptr::{PtrKind, Slim, Standard};
use pleach_testkit::{ModelZipper, ReadScript, ReadStep, read_script};
use pleach_trie::PathMap;
use pleach_trie::zipper::*;
use proptest::prelude::*;

/// At each place of the script: forks, submaps, values that outlive the zipper, witnesses.
fn run_places<K: PtrKind>(script: &ReadScript) {
    let (map, model) = build::<u64, K>(script);
    let mut z = map.read_zipper_at_path(&script.root);
    let mut owned = map.clone().into_read_zipper(&script.root);
    let mut oracle = ModelZipper::new(model, &script.root);
    let witness = z.witness();
    let owned_witness = owned.witness();
    for movement in &script.steps {
        let ReadStep::Move(movement) = movement else {
            continue;
        };
        step::<u64>(movement, &mut z);
        step::<u64>(movement, &mut owned);
        movement.apply(&mut oracle);

        let fork = z.fork_read_zipper();
        assert_stands(&fork, &oracle.fork());
        let expected = oracle.make_map().unwrap_or_default();
        assert_eq!(locations(&z.make_map()), expected);

        assert_value(z.get_val(), oracle.val());
        assert_value(z.get_val_at("ab"), oracle.val_at(b"ab"));
        assert_value(z.get_val_with_witness(&witness), oracle.val());
        assert_value(owned.get_val_with_witness(&owned_witness), oracle.val());
        let expected = oracle.iter();
        assert!(z.iter_with_witness(&witness).eq(expected.iter().cloned()));
        assert!(owned.iter_with_witness(&owned_witness).eq(expected));
        assert_eq!(z.path(), oracle.path(), "looking does not move");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    #[test]
    fn units_slim(script in read_script(50)) {
        run::<(), Slim>(&script);
    }

    #[test]
    fn integers_slim(script in read_script(50)) {
        run::<u64, Slim>(&script);
    }

    #[test]
    fn integers_standard(script in read_script(50)) {
        run::<u64, Standard>(&script);
    }

    #[test]
    fn strings_standard(script in read_script(50)) {
        run::<String, Standard>(&script);
    }

    #[test]
    fn places_slim(script in read_script(30)) {
        run_places::<Slim>(&script);
    }

    #[test]
    fn places_standard(script in read_script(30)) {
        run_places::<Standard>(&script);
    }

    #[test]
    fn whole_walks_meet_everything_once(script in read_script(0)) {
        let (map, model) = build::<u64, Slim>(&script);
        let mut z = map.read_zipper_at_path(&script.root);
        let mut oracle = ModelZipper::new(model.clone(), &script.root);
        while oracle.to_next_step() {
            prop_assert!(z.to_next_step());
            prop_assert_eq!(z.path(), oracle.path());
        }
        prop_assert!(!z.to_next_step() && z.at_root());
        while oracle.to_next_val() {
            prop_assert_eq!(z.to_next_get_val(), oracle.val());
            prop_assert_eq!(z.path(), oracle.path());
        }
        prop_assert!(z.to_next_get_val().is_none() && z.at_root());
    }
}

#[test]
fn a_value_outlives_the_zipper_and_its_moves() {
    let map = PathMap::from([("here", 1), ("there", 2)]);
    let value = {
        let mut z = map.read_zipper();
        z.descend_to("here");
        let value = z.get_val();
        z.reset();
        value
    };
    assert_eq!(value, Some(&1));
}

#[test]
fn a_value_outlives_an_owned_zipper_under_its_witness() {
    let map = PathMap::from([("here", String::from("v"))]);
    let mut z = map.into_read_zipper("");
    let witness = z.witness();
    z.descend_to("here");
    let value = z.get_val_with_witness(&witness);
    z.reset();
    drop(z);
    assert_eq!(value.map(String::as_str), Some("v"));
}

#[test]
fn the_witness_of_another_root_is_no_witness() {
    let map = PathMap::from([("a", String::from("v")), ("b", String::from("w"))]);
    let other = PathMap::from([("a", String::from("v"))]);
    let mut z = map.into_read_zipper("");
    z.descend_to("a");
    let foreign = other.into_read_zipper("").witness();
    assert_eq!(z.get_val_with_witness(&foreign), None);
    assert_eq!(z.iter_with_witness(&foreign).count(), 0);
    assert!(z.get_val_with_witness(&z.witness()).is_some());
}

#[test]
fn sharing_shows_at_nodes() {
    let map: PathMap<u64> = (0..1000_u64).map(|n| (n.to_be_bytes(), n)).collect();
    assert!(!map.read_zipper().is_shared());
    assert_eq!(map.read_zipper().shared_node_id(), None);
    let copy = map.clone();
    let (z, w) = (map.read_zipper(), copy.read_zipper());
    assert!(z.is_shared() && z.shared_node_id().is_some());
    assert_eq!(z.shared_node_id(), w.shared_node_id());
}

#[test]
fn a_reserved_path_buffer_keeps_its_address() {
    let map = PathMap::from([("a", 1)]);
    let mut z = map.read_zipper();
    z.reserve_buffers(1 << 20, 1 << 10);
    let address = z.origin_path().as_ptr();
    z.descend_to(vec![b'x'; 1 << 20]);
    assert_eq!(z.origin_path().as_ptr(), address);
    z.reset();
    z.reserve_buffers(1 << 10, 1);
    z.descend_to("a");
    assert_eq!((z.origin_path().as_ptr(), z.val()), (address, Some(&1)));
}
