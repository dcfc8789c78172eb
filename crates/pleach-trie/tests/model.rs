//! The map against the oracle, call by call, and its clones against their moment.

mod common;

use common::{apply, assert_around, assert_same, assert_values, map_of, model_of};
use pleach_ptr::{PtrKind, Slim, Standard};
use pleach_testkit::values::Seeded;
use pleach_testkit::{MapScript, Op, keys, map_script};
use pleach_trie::PathMap;
use proptest::collection::vec;
use proptest::prelude::*;
use std::fmt::Debug;

/// Runs the script on a map and on the model. Clones are kept and compared at the end.
fn run<V: Seeded + Debug, K: PtrKind>(script: &MapScript) {
    let mut map: PathMap<V, K> = map_of(&script.keys);
    let mut model = model_of(&script.keys);
    assert_same(&map, &model);
    let mut frozen = vec![(map.clone(), model.clone())];
    for op in &script.ops {
        let (outcome, expected) = (apply(op, &mut map), op.apply(&mut model));
        assert!(
            outcome.agrees(&expected),
            "{op:?} gave {outcome:?} for {expected:?}"
        );
        assert_values(&map, &model);
        assert_around(&map, &model, op.key());
        if matches!(op, Op::Freeze) {
            frozen.push((map.clone(), model.clone()));
            assert!(map.ptr_eq(&frozen[frozen.len() - 1].0));
        }
    }
    assert_same(&map, &model);
    drop(map);
    for (map, model) in &frozen {
        assert_same(map, model);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    #[test]
    fn units_slim(script in map_script(50)) {
        run::<(), Slim>(&script);
    }

    #[test]
    fn units_standard(script in map_script(50)) {
        run::<(), Standard>(&script);
    }

    #[test]
    fn integers_slim(script in map_script(50)) {
        run::<u64, Slim>(&script);
    }

    #[test]
    fn integers_standard(script in map_script(50)) {
        run::<u64, Standard>(&script);
    }

    #[test]
    fn strings_slim(script in map_script(50)) {
        run::<String, Slim>(&script);
    }

    #[test]
    fn strings_standard(script in map_script(50)) {
        run::<String, Standard>(&script);
    }

    #[test]
    fn iterators_agree_with_the_model(keys in keys::key_set(), picks in vec(keys::pick(), 1..20)) {
        let map: PathMap<u64> = map_of(&keys);
        let model = model_of(&keys);
        prop_assert!(map.keys().eq(model.iter().map(|(key, _)| key.to_vec())));
        prop_assert!(map.values().eq(model.iter().map(|(_, value)| value)));
        for prefix in picks.iter().map(|pick| pick.from(&keys)) {
            let expected = model.prefix(&prefix).map(|(key, value)| (key.to_vec(), value));
            prop_assert!(map.prefix(&prefix).eq(expected), "the keys below {:?}", prefix);
        }
    }

    #[test]
    fn the_order_of_insertion_does_not_show(keys in keys::key_set()) {
        let entries = || keys.iter().zip(0_u64..);
        let last_wins = model_of(&keys);
        let collected: PathMap<u64> = entries().collect();
        assert_same(&collected, &last_wins);
        let sorted: PathMap<u64> = last_wins.iter().map(|(key, value)| (key, *value)).collect();
        assert_same(&sorted, &last_wins);
        let mut backwards = PathMap::<u64>::new();
        for (key, value) in last_wins.iter().collect::<Vec<_>>().into_iter().rev() {
            backwards.insert(key, *value);
        }
        assert_same(&backwards, &last_wins);
    }

    #[test]
    fn a_map_whose_keys_all_left_is_empty(keys in keys::key_set(), shared in any::<bool>()) {
        let mut map: PathMap<u64> = map_of(&keys);
        let frozen = shared.then(|| map.clone());
        for key in &keys {
            map.remove(key);
        }
        prop_assert!(map.is_empty() && map.ptr_eq(&PathMap::new()));
        if let Some(frozen) = frozen {
            assert_same(&frozen, &model_of(&keys));
        }
    }
}
