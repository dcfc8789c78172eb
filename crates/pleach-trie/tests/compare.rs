//! Equality, order and hashes of maps against those of std's maps, and indexing.

use pleach_ptr::{Global, PtrKind, Slim, Standard};
use pleach_testkit::{Key, keys};
use pleach_trie::PathMap;
use proptest::collection::vec;
use proptest::prelude::*;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

type Naive = BTreeMap<Key, u64>;

fn naive(keys: &[Key]) -> Naive {
    keys.iter().cloned().zip(0..).collect()
}

fn hash_of(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// Maps of the same entries, that came to be in several ways, and dangle here and there.
fn relatives<K: PtrKind>(naive: &Naive, paths: &[Key]) -> Vec<PathMap<u64, K>> {
    let sorted: PathMap<u64, K> = naive.iter().map(|(key, value)| (key, *value)).collect();
    let backwards: PathMap<u64, K> = naive.iter().rev().map(|(k, v)| (k, *v)).collect();
    let mut dangling = backwards.clone();
    let mut shrunk = PathMap::<u64, K>::with_kind_in(Global);
    for path in paths {
        dangling.create_path(path);
        shrunk.insert(path, 0);
    }
    let mut edited = sorted.clone();
    shrunk.extend(naive.iter().map(|(key, value)| (key, *value)));
    for (i, path) in paths.iter().enumerate() {
        if !naive.contains_key(path) {
            shrunk.remove_val_at(path, i % 2 == 0);
            edited.insert(path, 0);
            edited.remove(path);
        }
    }
    vec![sorted, backwards, dangling, shrunk, edited]
}

fn comparing<K: PtrKind>(a: &Naive, b: &Naive, paths: &[Key]) {
    let (left, right) = (relatives::<K>(a, paths), relatives::<K>(b, paths));
    for map in &left {
        for same in &left {
            assert_eq!(map, same);
            assert_eq!(map.cmp(same), a.cmp(a));
            assert_eq!(map.partial_cmp(same), a.partial_cmp(a));
        }
        assert_eq!(hash_of(map), hash_of(a));
        assert!(right.iter().all(|other| (map == other) == (a == b)));
        for other in &right[..2] {
            assert_eq!(map.cmp(other), a.cmp(b));
            assert_eq!(other.partial_cmp(map), b.partial_cmp(a));
        }
    }
    // Most of the nodes in common.
    let mut edited = left[0].clone();
    let missing = |(key, _): &(&Key, &u64)| !b.contains_key(*key);
    for (key, _) in a.iter().filter(missing) {
        edited.remove(key);
    }
    let fewer: Naive = edited.iter().map(|(key, value)| (key, *value)).collect();
    assert_eq!(edited.cmp(&left[0]), fewer.cmp(a));
    edited.extend(b.iter().map(|(key, value)| (key, *value)));
    for map in &right {
        assert_eq!(&edited, map);
    }
    for map in &left {
        assert_eq!(edited.cmp(map), b.cmp(a));
        assert_eq!(&edited == map, a == b);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..Default::default() })]

    #[test]
    fn comparisons_agree(
        keys in keys::key_set(),
        other in keys::key_set(),
        paths in vec(keys::any_key(), 0..4),
        edits in vec((keys::pick(), any::<Option<u64>>()), 0..4),
    ) {
        let a = naive(&keys);
        comparing::<Slim>(&a, &naive(&other), &paths);
        comparing::<Standard>(&a, &naive(&other), &paths);
        let mut b = a.clone();
        for (pick, value) in edits {
            match value {
                Some(value) => drop(b.insert(pick.from(&keys), value)),
                None => drop(b.remove(&pick.from(&keys))),
            }
        }
        comparing::<Slim>(&a, &b, &paths);
        comparing::<Standard>(&a, &b, &paths);
    }
}

/// `count` numbers in order, as eight bytes each.
fn numbers<K: PtrKind>(count: u64) -> PathMap<u64, K> {
    (0..count).map(|n| (n.to_be_bytes(), n)).collect()
}

#[test]
fn large_maps_compare_like_their_entries() {
    fn run<K: PtrKind>() {
        let map = numbers::<K>(40_000);
        let rebuilt: PathMap<u64, K> = (0..40_000)
            .rev()
            .map(|n: u64| (n.to_be_bytes(), n))
            .collect();
        assert_eq!(map, rebuilt);
        assert_eq!(hash_of(&map), hash_of(&rebuilt));
        for n in [0, 255, 256, 300, 39_999_u64] {
            let key = n.to_be_bytes();
            for base in [&map, &rebuilt] {
                let (mut more, mut less, mut longer) = (base.clone(), base.clone(), base.clone());
                *more.get_mut(key).expect("a key") += 1;
                less.remove(key);
                longer.insert([&key[..], b"0"].concat(), 0);
                assert!(more != map && more > map);
                assert!(map < more);
                // The next key is there instead, or none.
                assert_eq!(less > map, n < 39_999);
                assert!(less != map && longer != map && less != longer);
                assert_eq!(longer < map, n < 39_999);
            }
        }
    }
    run::<Slim>();
    run::<Standard>();
}

#[test]
fn values_without_an_order_have_none() {
    let nan = PathMap::from([("a", 1.0), ("b", f64::NAN)]);
    let other = PathMap::from([("a", 1.0), ("b", f64::NAN)]);
    assert!(nan != other && nan.partial_cmp(&other).is_none());
    assert!(nan < PathMap::from([("a", 2.0)]));
    // What is shared is the same, as for pointers to one place.
    assert!(nan == nan.clone() && nan.partial_cmp(&nan.clone()).is_some());
}

#[test]
fn long_keys_compare_in_little_time() {
    let start = "x".repeat(200_000);
    let build = |value: u64| -> PathMap<u64> {
        let keys = (0..300).map(|n| format!("{start}{n}"));
        keys.zip(std::iter::repeat(value)).collect()
    };
    let (a, b, c) = (build(1), build(1), build(2));
    assert!(a == b && a < c);
    assert_eq!(
        a.longest_prefix(&format!("{start}77x")).map(|(_, v)| *v),
        Some(1)
    );
}

/// A number that counts how often it is compared.
#[derive(Clone)]
struct Compared(u64, Rc<Cell<u64>>);

impl PartialEq for Compared {
    fn eq(&self, other: &Self) -> bool {
        self.1.update(|count| count + 1);
        self.0 == other.0
    }
}

#[test]
fn shared_branches_are_not_compared() {
    let count = Rc::new(Cell::new(0));
    let map: PathMap<Compared> = (0..100_000_u64)
        .map(|n| (n.to_be_bytes(), Compared(n, Rc::clone(&count))))
        .collect();
    let mut edited = map.clone();
    assert!(edited == map);
    assert_eq!(count.get(), 0);
    for n in [7, 50_000_u64] {
        let value = edited.remove(n.to_be_bytes()).expect("a key");
        edited.insert(n.to_be_bytes(), value);
    }
    assert!(edited == map);
    assert!(count.get() < 2_000, "{} comparisons", count.get());
}

#[test]
#[should_panic = "no value at b\"a\\xff\""]
fn an_index_without_a_value_says_which() {
    let map = PathMap::from([("a", 1)]);
    let _ = map[b"a\xff"];
}

#[test]
fn every_sort_of_key_is_an_index() {
    let map = PathMap::from([("a", 1), ("", 2)]);
    assert_eq!((map["a"], map[b"a"], map[&[97]]), (1, 1, 1));
    assert_eq!(
        (map[&String::from("a")], map[&vec![b'a']], map[&b"a"[..]]),
        (1, 1, 1)
    );
    assert_eq!(map[""], 2);
}
