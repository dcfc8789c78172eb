//! The map against the oracle, call by call, and its clones against their moment.

mod common;

use common::run::map as run;
use common::{assert_same, map_of, model_of};
use pleach_ptr::{Slim, Standard};
use pleach_testkit::{keys, map_script};
use pleach_trie::PathMap;
use proptest::collection::vec;
use proptest::prelude::*;

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
