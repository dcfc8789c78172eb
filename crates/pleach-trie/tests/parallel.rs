//! Parallel iterators and parallel collecting against the sequential ones, on small pools of threads.

#![cfg(feature = "rayon")]

mod common;

use common::check;
use pleach_ptr::{Global, PtrKind, Slim, Standard};
use pleach_testkit::{Key, keys};
use pleach_trie::zipper::*;
use pleach_trie::{PathMap, PathSet, parallel};
use proptest::prelude::*;
use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use static_assertions::{assert_impl_all, assert_not_impl_any};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, LazyLock};

/// Values that may be sent, but not shared.
type Unsharable = Cell<u8>;

assert_impl_all!(parallel::Iter<'static, u64>: Send, Sync, Clone, IndexedParallelIterator);
assert_impl_all!(parallel::Keys<'static, u64>: Send, Sync, Clone, IndexedParallelIterator);
assert_impl_all!(parallel::Values<'static, u64>: Send, Sync, Clone, IndexedParallelIterator);
assert_impl_all!(parallel::IterMut<'static, u64>: Send, IndexedParallelIterator);
assert_impl_all!(parallel::ValuesMut<'static, u64>: Send, IndexedParallelIterator);
assert_impl_all!(parallel::IntoIter<u64, Standard>: Send, Clone, IndexedParallelIterator);
assert_impl_all!(parallel::IntoKeys<(), Standard>: Send, Clone, IndexedParallelIterator);
assert_not_impl_any!(parallel::Iter<'static, Unsharable>: Send, ParallelIterator);
assert_not_impl_any!(parallel::Values<'static, Unsharable>: Send, ParallelIterator);
assert_not_impl_any!(parallel::IntoIter<Unsharable>: Send, ParallelIterator);
assert_not_impl_any!(PathMap<Unsharable>: FromParallelIterator<(Key, Unsharable)>);

/// Pools of 1, 2 and 4 threads.
fn pools() -> impl Iterator<Item = &'static ThreadPool> {
    static POOLS: LazyLock<[ThreadPool; 3]> = LazyLock::new(|| {
        let pool = |threads| ThreadPoolBuilder::new().num_threads(threads).build();
        [1, 2, 4].map(|threads| pool(threads).expect("threads"))
    });
    POOLS.iter()
}

/// Values that are alive, and when a clone panics.
#[derive(Default)]
struct Home {
    alive: Arc<()>,
    clones_to_panic: AtomicU64,
}

impl Home {
    fn value(self: &Arc<Self>, id: u64) -> Value {
        Value {
            id,
            home: self.clone(),
            _alive: self.alive.clone(),
        }
    }

    fn alive(&self) -> usize {
        Arc::strong_count(&self.alive) - 1
    }
}

/// A number whose clones and drops are counted, on any thread.
struct Value {
    id: u64,
    home: Arc<Home>,
    _alive: Arc<()>,
}

impl Clone for Value {
    fn clone(&self) -> Self {
        let fuse = &self.home.clones_to_panic;
        if fuse.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1)) == Ok(1) {
            resume_unwind(Box::new("the fuse"));
        }
        self.home.value(self.id)
    }
}

/// Runs `act` in a catch, and tells whether it panicked.
fn panics(act: impl FnOnce()) -> bool {
    catch_unwind(AssertUnwindSafe(act)).is_err()
}

/// `count` keys, of `spread` stems of some length, in an order that jumps about, some of them again.
fn many(count: u64, spread: u64, stem: usize) -> Vec<Key> {
    let key = |n: u64| {
        let n = n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
        let stem = format!("{:0stem$}/", n % spread);
        [stem.as_bytes(), &n.to_be_bytes()[4..]].concat()
    };
    (0..count).map(|n| key(n % (count - count / 8))).collect()
}

/// Keys of all shapes, few or many.
fn shapes() -> impl Strategy<Value = Vec<Key>> {
    let large = (1..12_000_u64, 1..300_u64, 0..300_usize)
        .prop_map(|(count, spread, stem)| many(count, spread, stem));
    prop_oneof![2 => keys::key_set(), 1 => large]
}

/// The iterators of a map against those of std's.
fn walks<K: PtrKind>(keys: &[Key], least: usize) {
    let mut map = PathMap::<u64, K>::default();
    map.extend(keys.iter().zip(0..));
    map.create_path("nothing/there");
    let model: BTreeMap<Key, u64> = keys.iter().cloned().zip(0..).collect();
    let expected: Vec<(Key, &u64)> = model.iter().map(|(k, v)| (k.clone(), v)).collect();
    for pool in pools() {
        pool.install(|| {
            // Pieces of one entry, of a few, and as rayon likes.
            let walk = || map.par_iter().with_max_len(least);
            assert_eq!(map.par_iter().len(), model.len());
            assert_eq!(walk().collect::<Vec<_>>(), expected);
            assert_eq!(map.par_iter().collect::<Vec<_>>(), expected);
            assert!(walk().map(|(key, _)| key).eq(map.par_keys()));
            assert_eq!(map.par_values().with_max_len(least).count(), model.len());
            assert!(
                map.par_values()
                    .map(|value| *value)
                    .eq(model.values().copied().collect::<Vec<_>>())
            );
            let mut reversed = walk().rev().collect::<Vec<_>>();
            reversed.reverse();
            assert_eq!(reversed, expected);
            walk().enumerate().for_each(|(i, (key, value))| {
                assert_eq!((i, map.get(&key)), (map.rank(&key), Some(value)));
            });
            let unindexed: Vec<_> = walk().filter(|(_, value)| **value % 3 == 0).collect();
            assert!(
                unindexed
                    .into_iter()
                    .eq(expected.iter().filter(|e| *e.1 % 3 == 0).cloned())
            );
            let pairs = map.par_values().zip(map.par_values().rev()).count();
            assert_eq!(pairs, model.len());
            assert_eq!(
                map.par_values().find_last(|_| true),
                map.values().next_back()
            );
        });
    }
}

/// Using a map up, which may share its nodes with another.
fn drains<K: PtrKind>(keys: &[Key], least: usize, shared: bool) {
    let home = Arc::new(Home::default());
    let model: BTreeMap<Key, u64> = keys.iter().cloned().zip(0..).collect();
    for pool in pools() {
        pool.install(|| {
            let mut map = PathMap::<Value, K>::default();
            map.extend(keys.iter().zip((0..).map(|id| home.value(id))));
            map.create_path("nothing/there");
            assert_eq!(home.alive(), model.len());
            let kept = shared.then(|| map.clone());
            let entries: Vec<_> = map.clone().into_par_iter().with_max_len(least).collect();
            assert!(entries.iter().map(|(k, v)| (k, &v.id)).eq(&model));
            drop(entries);
            let mut entries: Vec<_> = map
                .clone()
                .into_par_iter()
                .with_max_len(least)
                .rev()
                .collect();
            entries.reverse();
            assert!(entries.iter().map(|(k, v)| (k, &v.id)).eq(&model));
            drop(entries);
            // Some are never asked for.
            let one = map
                .into_par_iter()
                .with_max_len(least)
                .find_any(|(_, value)| value.id % 5 == 0);
            assert_eq!(one.is_some(), model.values().any(|id| id % 5 == 0));
            drop(one);
            match kept {
                Some(map) => {
                    check(&map);
                    assert!(map.iter().map(|(k, v)| (k, v.id)).eq(model.clone()));
                    assert_eq!(home.alive(), model.len());
                }
                None => assert_eq!(home.alive(), 0),
            }
        });
        assert_eq!(home.alive(), 0);
    }
}

/// Values changed, beside a snapshot.
fn changes<K: PtrKind>(keys: &[Key]) {
    let mut map = PathMap::<u64, K>::default();
    map.extend(keys.iter().zip(0..));
    let before = map.clone();
    pools().last().expect("three").install(|| {
        map.par_iter_mut()
            .for_each(|(key, value)| *value += key.len() as u64);
        map.par_values_mut()
            .with_max_len(1)
            .for_each(|value| *value += 1);
    });
    check(&map);
    assert_eq!(map.len(), before.len());
    for (key, value) in &map {
        assert_eq!(before.get(&key), Some(&(value - 1 - key.len() as u64)));
    }
}

/// Collecting, and extending a map that shares all it has.
fn collects<K: PtrKind>(keys: &[Key], old: &[Key]) {
    let home = Arc::new(Home::default());
    let collected: BTreeMap<&Key, u64> = keys.iter().zip(0..).collect();
    for pool in pools() {
        pool.install(|| {
            let entries = || {
                keys.par_iter()
                    .enumerate()
                    .map(|(id, key)| (key, home.value(id as u64)))
            };
            let map: PathMap<Value, K> = entries().collect();
            check(&map);
            assert!(
                map.iter()
                    .map(|(k, v)| (k, v.id))
                    .eq(collected.iter().map(|(k, v)| (k.to_vec(), *v)))
            );
            assert_eq!(home.alive(), collected.len());
            drop(map);

            let mut map = PathMap::<Value, K>::default();
            map.extend(old.iter().zip((1 << 32..).map(|id| home.value(id))));
            map.create_path("nothing/there");
            map.create_path([7; 300]);
            let before = map.clone();
            let mut expected = map.clone();
            expected.extend(keys.iter().zip((0..).map(|id| home.value(id))));
            map.par_extend(entries());
            check(&map);
            assert_eq!(map.len(), expected.len());
            assert!(
                map.iter()
                    .map(|(k, v)| (k, v.id))
                    .eq(expected.iter().map(|(k, v)| (k, v.id)))
            );
            assert!(map.path_exists_at("nothing/there") && map.path_exists_at([7; 300]));
            let older: BTreeMap<_, _> = old.iter().cloned().zip(1 << 32..).collect();
            assert!(before.iter().map(|(k, v)| (k, v.id)).eq(older));
            check(&before);
        });
        assert_eq!(home.alive(), 0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..Default::default() })]

    #[test]
    fn iterators_are_the_sequential_ones(keys in shapes(), least in 1..200_usize) {
        walks::<Slim>(&keys, least);
        walks::<Standard>(&keys, least);
    }

    #[test]
    fn a_map_is_used_up_once(keys in shapes(), least in 1..200_usize, shared in any::<bool>()) {
        drains::<Slim>(&keys, least, shared);
        drains::<Standard>(&keys, least, shared);
    }

    #[test]
    fn values_change_here_alone(keys in shapes()) {
        changes::<Slim>(&keys);
        changes::<Standard>(&keys);
    }

    #[test]
    fn the_last_of_equal_keys_stays(keys in shapes(), old in shapes()) {
        collects::<Slim>(&keys, &old);
        collects::<Standard>(&keys, &old);
    }

    #[test]
    fn sets_too(keys in shapes()) {
        let expected: PathSet = keys.iter().collect();
        for pool in pools() {
            pool.install(|| {
                let set: PathSet = keys.par_iter().collect();
                assert_eq!(set, expected);
                assert!(set.par_iter().eq(expected.clone().into_par_iter()));
                let mut set = PathSet::from(["else"]);
                set.par_extend(&keys);
                assert!(keys.iter().all(|key| set.contains(key)) && set.contains("else"));
            });
        }
    }
}

#[test]
fn pieces_are_no_longer_than_asked_for() {
    let map: PathMap<u64> = many(4_000, 3, 5).iter().zip(0..).collect();
    for pool in pools() {
        for most in [1, 7, 1_000] {
            let walk = map.par_iter().with_max_len(most);
            let sizes: Vec<usize> = pool.install(|| walk.fold(|| 0, |n, _| n + 1).collect());
            assert_eq!(sizes.iter().sum::<usize>(), map.len());
            assert!(sizes.iter().all(|size| (1..=most).contains(size)));
        }
    }
}

#[test]
fn references_may_be_copied_values_of_slices() {
    let mut map = PathMap::<u64>::new();
    let entries: Vec<(Key, u64)> = many(5_000, 9, 2).into_iter().zip(0..).collect();
    map.par_extend(entries.par_iter().map(|(key, value)| (key, value)));
    assert_eq!(map, entries.into_iter().collect());
}

/// A closure that panics takes no value with it, wherever the iterator has got to.
#[test]
fn closures_that_panic_leak_nothing() {
    let home = Arc::new(Home::default());
    let keys = many(6_000, 40, 3);
    for pool in pools() {
        for at in [0, 17, 2_500, 4_999] {
            let map: PathMap<Value> = keys.iter().zip((0..).map(|id| home.value(id))).collect();
            let snapshot = map.clone();
            let stop = |id: u64| {
                if id == at {
                    resume_unwind(Box::new("planned"))
                }
            };
            // Keys that come twice have their later numbers.
            let at_hand = map.values().any(|value| value.id == at);
            assert_eq!(
                at_hand,
                panics(|| pool.install(|| map.par_values().for_each(|v| stop(v.id))))
            );
            let used_up = || pool.install(|| map.into_par_iter().for_each(|(_, v)| stop(v.id)));
            assert_eq!(at_hand, panics(used_up));
            assert_eq!(home.alive(), snapshot.len());

            let mut extended = snapshot.clone();
            let failed = panics(|| {
                pool.install(|| {
                    extended.par_extend(keys.par_iter().enumerate().map(|(id, key)| {
                        stop(id as u64);
                        (key, home.value(id as u64))
                    }));
                })
            });
            assert!(failed && extended.ptr_eq(&snapshot));
            drop((extended, snapshot));
            assert_eq!(home.alive(), 0);
        }
    }
}

/// A `Clone` that panics, at any time: the map is valid, with old values and new ones, and the maps that
/// share its nodes are as they were.
#[test]
fn clones_that_panic_leave_a_valid_map() {
    let home = Arc::new(Home::default());
    let old = many(3_000, 40, 3);
    let keys: Vec<Key> = many(6_000, 50, 3).into_iter().rev().collect();
    let snapshot: PathMap<Value> = old.iter().zip((0..).map(|id| home.value(id))).collect();
    let alive = home.alive();
    for pool in pools() {
        let mut fuses = (1..).map(|n: u64| n * n);
        loop {
            let mut map = snapshot.clone();
            home.clones_to_panic
                .store(fuses.next().expect("endless"), Relaxed);
            let failed = panics(|| {
                pool.install(|| {
                    map.par_extend(keys.par_iter().map(|key| (key, home.value(u64::MAX))));
                })
            });
            home.clones_to_panic.store(0, Relaxed);
            check(&map);
            assert_eq!(map.len(), map.iter().count());
            for (key, value) in &map {
                let old = snapshot.get(&key).map(|value| value.id);
                assert!(value.id == u64::MAX || Some(value.id) == old);
            }
            check(&snapshot);
            drop(map);
            assert_eq!(home.alive(), alive);
            if !failed {
                break;
            }
        }
    }
}

/// A map of more keys than can be counted: it can be searched.
#[test]
fn a_map_beyond_counting() {
    let mut map = PathMap::from([("0", 7), ("1", 7)]);
    for _ in 0..65 {
        let below = map.clone();
        map = PathMap::new();
        map.write_zipper_at_path("0").graft_map(below.clone());
        map.write_zipper_at_path("1").graft_map(below);
    }
    let below = map.clone();
    map = PathMap::from([("a", 1), ("x", 2), ("y", 3), ("z", 4)]);
    map.write_zipper_at_path("m/").graft_map(below);
    assert_eq!(map.len(), usize::MAX);
    for pool in pools() {
        pool.install(|| {
            let last = map.last_key_value();
            assert_eq!(map.par_iter().len(), usize::MAX);
            assert_eq!(
                map.par_iter().find_first(|_| true),
                Some((b"a".to_vec(), &1))
            );
            assert_eq!(map.par_iter().rev().find_first(|_| true), last);
            assert!(map.par_iter().find_any(|(_, value)| **value == 7).is_some());
            assert_eq!(
                map.par_values().position_first(|value| *value == 7),
                Some(1)
            );
            let some: Vec<_> = map.par_keys().take(1_000).collect();
            assert!(map.keys().take(1_000).eq(some));
            let third = map.par_iter().enumerate().skip(3).find_first(|_| true);
            assert_eq!(
                third.map(|(i, entry)| (i, entry.0)),
                Some((3, map.nth(3).unwrap().0))
            );
            assert!(
                map.clone()
                    .into_par_iter()
                    .enumerate()
                    .find_any(|_| true)
                    .is_some()
            );
            let some: Vec<_> = map.clone().into_par_iter().take(1_000).collect();
            assert!(
                some.into_iter()
                    .eq(map.iter().take(1_000).map(|(k, v)| (k, *v)))
            );
            assert!(
                map.clone()
                    .into_par_iter()
                    .rev()
                    .find_any(|_| true)
                    .is_some()
            );
            let mut more = map.clone();
            more.par_extend(many(5_000, 9, 2).into_par_iter().map(|key| (key, 5)));
            assert_eq!((more.len(), more.get("z")), (usize::MAX, Some(&4)));
        });
    }
    let mut none = PathMap::<u8, Slim, Global>::new();
    assert_eq!(none.par_iter().count() + none.par_iter_mut().count(), 0);
    none.par_extend(Vec::<(Key, u8)>::new());
    assert!(none.is_empty() && none.clone().into_par_iter().max().is_none());
}
