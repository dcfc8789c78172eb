//! What the order of keys gives, against a `BTreeMap`: walks from both ends, ranges, positions, and
//! walks that change a map or use it up.

mod common;

use common::check;
use pleach_ptr::{PtrKind, Slim, Standard};
use pleach_testkit::Key;
use pleach_testkit::deep::on_a_small_stack;
use pleach_testkit::keys::{self, Pick};
use pleach_testkit::values::{CountedId, Seeded, clones, live, panic_at_clone};
use pleach_trie::zipper::*;
use pleach_trie::{PathMap, map};
use proptest::collection::vec;
use proptest::prelude::*;
use static_assertions::{assert_impl_all, assert_not_impl_any};
use std::cell::Cell;
use std::collections::{BTreeMap, VecDeque};
use std::fmt::Debug;
use std::ops::{Bound, RangeBounds};
use std::panic::{AssertUnwindSafe, catch_unwind};

type Oracle = BTreeMap<Key, u64>;

/// A map with locations that lead to no value, and how to walk it.
#[derive(Debug)]
struct Scene {
    keys: Vec<Key>,
    bare: Vec<Pick>,
    picks: Vec<Pick>,
    /// Whether a step is one from the front, over and over.
    turns: Vec<bool>,
}

fn scene() -> impl Strategy<Value = Scene> {
    let turns = vec(any::<bool>(), 1..12);
    let (bare, picks) = (vec(keys::pick(), 0..20), vec(keys::pick_step(), 2..8));
    (keys::key_set(), bare, picks, turns).prop_map(|(keys, bare, picks, turns)| Scene {
        keys,
        bare,
        picks,
        turns,
    })
}

impl Scene {
    /// The map; some of its keys have left it, but their locations have not.
    fn map<V: Seeded, K: PtrKind>(&self) -> PathMap<V, K> {
        let mut map = PathMap::default();
        for (key, seed) in self.keys.iter().zip(0..) {
            map.insert(key, V::seeded(seed));
        }
        for key in self.bare.iter().map(|pick| pick.from(&self.keys)) {
            map.remove_val_at(&key, false);
            map.create_path([&key[..], b"!"].concat());
        }
        map
    }

    fn oracle(&self) -> Oracle {
        let mut oracle: Oracle = self.keys.iter().cloned().zip(0..).collect();
        for pick in &self.bare {
            oracle.remove(&pick.from(&self.keys));
        }
        oracle
    }

    fn turns(&self) -> impl Iterator<Item = bool> {
        self.turns.iter().copied().cycle()
    }

    fn picks(&self) -> impl Iterator<Item = Key> {
        self.picks.iter().map(|pick| pick.from(&self.keys))
    }

    /// Ranges with all kinds of bounds, inverted ones too.
    fn ranges(&self) -> impl Iterator<Item = (Bound<Key>, Bound<Key>)> {
        let both = |key: Key| [Bound::Included(key.clone()), Bound::Excluded(key)];
        let bounds = Vec::from_iter(self.picks().flat_map(both).chain([Bound::Unbounded]));
        let lows = bounds.clone().into_iter();
        lows.flat_map(move |low| {
            bounds
                .clone()
                .into_iter()
                .map(move |high| (low.clone(), high))
        })
    }
}

fn owned((key, value): (&Key, &u64)) -> (Key, u64) {
    (key.clone(), *value)
}

/// Asserts that the walk yields what is expected, in whatever turns its ends are moved, and that it
/// knows how much is left.
#[track_caller]
fn assert_meets<I, T>(mut walk: I, expected: impl IntoIterator<Item = T>, scene: &Scene)
where
    I: DoubleEndedIterator<Item = T> + ExactSizeIterator,
    T: PartialEq + Debug,
{
    let mut expected = VecDeque::from_iter(expected);
    for front in scene.turns() {
        let left = expected.len();
        assert_eq!((walk.len(), walk.size_hint()), (left, (left, Some(left))));
        let (found, awaited) = match front {
            true => (walk.next(), expected.pop_front()),
            false => (walk.next_back(), expected.pop_back()),
        };
        assert_eq!(found, awaited);
        if found.is_none() {
            break;
        }
    }
    assert_eq!((walk.next(), walk.next_back(), walk.len()), (None, None, 0));
}

fn borrowed<K: PtrKind>(scene: &Scene) {
    let (map, oracle) = (scene.map::<u64, K>(), scene.oracle());
    let entries = || oracle.iter().map(owned);
    assert_meets(map.iter().map(|(k, v)| (k, *v)), entries(), scene);
    assert_meets(map.keys(), oracle.keys().cloned(), scene);
    assert_meets(map.values(), oracle.values(), scene);
    assert!(map.iter().rev().map(|(k, v)| (k, *v)).eq(entries().rev()));
    assert!(map.values().rev().eq(oracle.values().rev()));
    for prefix in scene.picks() {
        let below = entries().filter(|(key, _)| key.starts_with(&prefix));
        assert_meets(map.prefix(&prefix).map(|(k, v)| (k, *v)), below, scene);
    }
    // A clone goes its own way.
    let mut walk = map.iter();
    walk.next();
    walk.next_back();
    let copy = walk.clone();
    assert!(walk.by_ref().eq(copy));
    assert_eq!(walk.next_back(), None);
}

fn ranges<K: PtrKind>(scene: &Scene) {
    let (map, oracle) = (scene.map::<u64, K>(), scene.oracle());
    for range in scene.ranges() {
        let within = oracle
            .iter()
            .map(owned)
            .filter(|(key, _)| range.contains(key));
        let within = Vec::from_iter(within);
        assert_eq!(map.count_range(range.clone()), within.len(), "{range:?}");
        let walk = map.range(range).map(|(key, value)| (key, *value));
        assert_meets(walk, within, scene);
    }
    assert!(map.range::<[u8], _>(..).eq(map.iter()));
}

fn positions<K: PtrKind>(scene: &Scene) {
    let (map, oracle) = (scene.map::<u64, K>(), scene.oracle());
    for (i, (key, value)) in oracle.iter().enumerate() {
        assert_eq!(map.nth(i), Some((key.clone(), value)));
        assert_eq!(map.rank(key), i);
        assert_eq!(map.sample(&mut |n| n * 3 + i), Some((key.clone(), value)));
    }
    for i in [oracle.len(), oracle.len() + 1, usize::MAX - 1, usize::MAX] {
        assert_eq!(map.nth(i), None);
    }
    for path in scene.picks() {
        assert_eq!(map.rank(&path), oracle.range(..path).count());
    }
    let ends = [map.first_key_value(), map.last_key_value()];
    let expected = [oracle.first_key_value(), oracle.last_key_value()];
    assert_eq!(ends, expected.map(|end| end.map(|(k, v)| (k.clone(), v))));
    assert_eq!(map.sample(&mut |n| n - 1), map.last_key_value());
}

fn changed<K: PtrKind>(scene: &Scene, shared: bool) {
    let (mut map, mut oracle) = (scene.map::<u64, K>(), scene.oracle());
    let frozen = shared.then(|| map.clone());
    let before = oracle.clone();
    // All references are alive at once, and each is written when all have been handed out.
    let mut lent = Vec::new();
    let mut walk = map.iter_mut();
    for front in scene.turns() {
        let left = oracle.len() - lent.len();
        assert_eq!((walk.len(), walk.size_hint()), (left, (left, Some(left))));
        match if front { walk.next() } else { walk.next_back() } {
            Some(entry) => lent.push(entry),
            None => break,
        }
    }
    assert!(walk.next().is_none() && walk.next_back().is_none());
    assert_eq!(lent.len(), oracle.len());
    for (key, value) in lent {
        assert_eq!(oracle.get(&key), Some(&*value), "{key:?}");
        *value += 1_000;
    }
    oracle.values_mut().for_each(|value| *value += 1_000);
    check(&map);
    assert!(
        map.iter()
            .map(|(k, v)| (k, *v))
            .eq(oracle.iter().map(owned))
    );
    let paths = || scene.bare.iter().map(|pick| pick.from(&scene.keys));
    assert!(paths().all(|path| map.path_exists_at([&path[..], b"!"].concat())));
    for (value, front) in map.values_mut().zip(scene.turns()) {
        *value += u64::from(front);
    }
    if let Some(frozen) = frozen {
        check(&frozen);
        assert!(
            frozen
                .iter()
                .map(|(k, v)| (k, *v))
                .eq(before.iter().map(owned))
        );
    }
}

fn changed_within<K: PtrKind>(scene: &Scene, shared: bool) {
    let (mut map, mut oracle) = (scene.map::<u64, K>(), scene.oracle());
    let frozen = shared.then(|| (map.clone(), oracle.clone()));
    for (step, range) in (1_000_000..).step_by(1_000_000).zip(scene.ranges()) {
        let within = oracle.iter_mut().filter(|(key, _)| range.contains(*key));
        let mut within = VecDeque::from_iter(within);
        // All references are alive at once, and each is written when all have been handed out.
        let mut lent = Vec::new();
        let mut walk = map.range_mut(range.clone());
        for front in scene.turns() {
            let left = within.len();
            assert_eq!((walk.len(), walk.size_hint()), (left, (left, Some(left))));
            let (found, awaited) = match front {
                true => (walk.next(), within.pop_front()),
                false => (walk.next_back(), within.pop_back()),
            };
            let Some(((key, value), (path, expected))) = found.zip(awaited) else {
                break;
            };
            assert_eq!((&key, &*value), (path, &*expected), "{range:?}");
            lent.push((value, expected));
        }
        assert!(within.is_empty() && walk.next().is_none() && walk.next_back().is_none());
        for (value, expected) in lent {
            *value += step;
            *expected += step;
        }
    }
    check(&map);
    for (map, oracle) in frozen.into_iter().chain([(map, oracle)]) {
        let entries = oracle.iter().map(owned);
        assert!(map.iter().map(|(k, v)| (k, *v)).eq(entries));
    }
}

fn used_up<K: PtrKind>(scene: &Scene, shared: bool) {
    let (map, oracle) = (scene.map::<CountedId, K>(), scene.oracle());
    let frozen = shared.then(|| map.clone());
    let mut walk = map.clone().into_iter();
    drop(map);
    let mut expected = VecDeque::from_iter(&oracle);
    let half = oracle.len() / 2;
    for front in scene.turns().take(half) {
        let (entry, awaited) = match front {
            true => (walk.next(), expected.pop_front()),
            false => (walk.next_back(), expected.pop_back()),
        };
        let ((key, value), awaited) = entry.zip(awaited).expect("an entry");
        assert!(key == *awaited.0 && value.is(*awaited.1), "{key:?}");
        assert_eq!(walk.len(), expected.len());
        drop(value);
        if !shared {
            assert_eq!(live(), walk.len() as u64, "each value moves");
        }
    }
    drop(walk);
    if let Some(frozen) = frozen {
        assert_eq!(live(), frozen.len() as u64);
        assert!(frozen.into_keys().eq(oracle.keys().cloned()));
    }
    assert_eq!(live(), 0);

    let ids = scene.map::<u64, K>();
    assert_meets(ids.clone().into_iter(), oracle.iter().map(owned), scene);
    assert_meets(ids.clone().into_keys(), oracle.keys().cloned(), scene);
    assert_meets(ids.into_values(), oracle.values().copied(), scene);
}

fn popped<K: PtrKind>(scene: &Scene) {
    let (mut map, mut oracle) = (scene.map::<u64, K>(), scene.oracle());
    for front in scene.turns() {
        let (popped, expected) = match front {
            true => (map.pop_first(), oracle.pop_first()),
            false => (map.pop_last(), oracle.pop_last()),
        };
        assert_eq!((&popped, map.len()), (&expected, oracle.len()));
        check(&map);
        if popped.is_none() {
            break;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    #[test]
    fn ends_meet(scene in scene()) {
        borrowed::<Slim>(&scene);
        borrowed::<Standard>(&scene);
    }

    #[test]
    fn ranges_hold_what_lies_between_their_bounds(scene in scene()) {
        ranges::<Slim>(&scene);
        ranges::<Standard>(&scene);
    }

    #[test]
    fn ranks_and_positions_are_inverse(scene in scene()) {
        positions::<Slim>(&scene);
        positions::<Standard>(&scene);
    }

    #[test]
    fn all_values_change_and_clones_do_not(scene in scene(), shared in any::<bool>()) {
        changed::<Slim>(&scene, shared);
        changed::<Standard>(&scene, shared);
    }

    #[test]
    fn values_within_bounds_change(scene in scene(), shared in any::<bool>()) {
        changed_within::<Slim>(&scene, shared);
        changed_within::<Standard>(&scene, shared);
    }

    #[test]
    fn values_leave_once(scene in scene(), shared in any::<bool>()) {
        used_up::<Slim>(&scene, shared);
        used_up::<Standard>(&scene, shared);
    }

    #[test]
    fn both_ends_can_be_popped(scene in scene()) {
        popped::<Slim>(&scene);
        popped::<Standard>(&scene);
    }

    #[test]
    fn a_clone_that_panics_costs_a_walk_no_more_than_a_step(scene in scene(), fuse in 1..40_u64) {
        let mut map = scene.map::<CountedId, Slim>();
        let frozen = map.clone();
        let mut walk = map.iter_mut();
        panic_at_clone(fuse);
        let mut lent = 0;
        for front in scene.turns() {
            let step = || if front { walk.next().is_some() } else { walk.next_back().is_some() };
            match catch_unwind(AssertUnwindSafe(step)) {
                Ok(true) => lent += 1,
                Ok(false) => break,
                Err(_) => lent += 1,
            }
        }
        panic_at_clone(0);
        prop_assert_eq!(lent, frozen.len());
        check(&map);
        prop_assert!(map.iter().eq(frozen.iter()));
        drop((map, frozen));
        prop_assert_eq!(live(), 0);
    }
}

#[test]
fn only_what_a_walk_comes_to_is_copied() {
    let mut map: PathMap<CountedId> = PathMap::new();
    for n in 0..10_000_u64 {
        map.insert(n.to_be_bytes(), CountedId::seeded(n));
    }
    let frozen = map.clone();
    let before = clones();
    let mut walk = map.values_mut();
    assert!(walk.next().is_some() && walk.next_back().is_some());
    assert!((1..=512).contains(&(clones() - before)));
    drop(walk);
    let before = clones();
    assert_eq!(map.values_mut().len(), 10_000);
    assert!(map.iter_mut().next().is_some() && map.iter_mut().next_back().is_some());
    assert_eq!(clones(), before, "the nodes are owned already");
    drop(frozen);
}

/// A map of 2^66 keys below `m/`, with `a`, `x`, `y` and `z` beside them.
fn boundless<K: PtrKind>() -> PathMap<u64, K> {
    let mut below: PathMap<u64, K> = PathMap::default();
    below.insert("", 7);
    for _ in 0..66 {
        let mut twice: PathMap<u64, K> = PathMap::default();
        twice.write_zipper_at_path("0").graft_map(below.clone());
        twice.write_zipper_at_path("1").graft_map(below);
        below = twice;
    }
    let mut map: PathMap<u64, K> = PathMap::default();
    map.write_zipper_at_path("m/").graft_map(below);
    map.extend([("a", 1), ("x", 2), ("y", 3), ("z", 4)]);
    map
}

fn run_boundless<K: PtrKind>() {
    let mut map = boundless::<K>();
    let key = |tail: &str| tail.as_bytes().to_vec();
    let (least, greatest) = (
        key(&format!("m/{}", "0".repeat(66))),
        key(&format!("m/{}", "1".repeat(66))),
    );
    assert_eq!((map.len(), map.iter().len()), (usize::MAX, usize::MAX));
    assert_eq!(map.iter().size_hint(), (usize::MAX, None));
    assert!(map.keys().take(2).eq([key("a"), least.clone()]));
    let last: Vec<_> = map.keys().rev().take(4).collect();
    assert_eq!(last, [key("z"), key("y"), key("x"), greatest.clone()]);
    assert_eq!(map.last_key_value(), Some((key("z"), &4)));
    assert_eq!(map.nth(1), Some((least.clone(), &7)));
    assert_eq!((map.rank("b"), map.rank("x")), (1, usize::MAX));
    assert!(map.sample(&mut |n| n - 1).is_some() && map.sample(&mut |_| usize::MAX).is_some());

    // Bounds beyond the counts.
    assert_eq!(map.count_range("x".."z"), 2);
    assert_eq!(
        (map.count_range("a".."z"), map.count_range("z".."a")),
        (usize::MAX, 0)
    );
    assert_eq!(map.count_range("z"..="y") + map.range("z".."x").count(), 0);
    assert!(map.range("x".."z").map(|(_, v)| *v).eq([2, 3]));
    assert!(map.range("n"..="z").rev().map(|(_, v)| *v).eq([4, 3, 2]));
    assert!(map.range(&greatest[..]..).map(|(_, v)| *v).eq([7, 2, 3, 4]));
    assert!(map.range(..&greatest[..]).next_back().is_some());
    // Ends too far apart to ever meet.
    let mut walk = map.range("m/".."z");
    for _ in 0..3 {
        assert!(walk.next().is_some() && walk.next_back().is_some());
    }
    assert_eq!(walk.len(), usize::MAX);

    let frozen = map.clone();
    let mut walk = map.iter_mut();
    assert_eq!(walk.size_hint(), (usize::MAX, None));
    let mut lent: Vec<_> = walk.by_ref().take(100).collect();
    lent.extend(walk.by_ref().rev().take(100));
    lent.iter_mut().for_each(|(_, value)| **value += 10);
    assert!(map.values().rev().take(4).eq(&[14, 13, 12, 17]));
    assert!(map.values().take(101).skip(99).eq(&[17, 7]));
    assert!(frozen.values().rev().take(4).eq(&[4, 3, 2, 7]));
    assert_eq!(
        (map.pop_first(), map.pop_last()),
        (Some((key("a"), 11)), Some((key("z"), 14)))
    );
    let mut walk = map.into_iter();
    assert_eq!(walk.size_hint(), (usize::MAX, None));
    assert_eq!(
        (walk.next(), walk.next_back()),
        (Some((least, 17)), Some((key("y"), 13)))
    );
}

#[test]
fn more_keys_than_can_be_counted_slim() {
    run_boundless::<Slim>();
}

#[test]
fn more_keys_than_can_be_counted_standard() {
    run_boundless::<Standard>();
}

fn run_long_keys<K: PtrKind>() {
    const MIB: usize = 1 << 20;
    let whole: Vec<u8> = (0..MIB)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    let fork = |at: usize| [&whole[..at], &[whole[at] ^ 0xFF], &whole[at + 1..]].concat();
    let mut keys: Vec<Key> = [0, 1, 255, 256, MIB / 2, MIB - 1, MIB]
        .map(|n| whole[..n].to_vec())
        .into();
    keys.extend([300, MIB / 3, MIB - 300, MIB - 1].map(fork));
    keys.sort();
    let mut map: PathMap<u64, K> = PathMap::default();
    map.extend(keys.iter().zip(0..));
    map.create_path([&fork(MIB / 5)[..], &whole].concat());
    map.create_path(fork(2 * MIB / 3));
    let frozen = map.clone();
    assert!(map.keys().rev().eq(keys.iter().rev().cloned()));
    for (i, key) in keys.iter().enumerate() {
        assert_eq!(
            (map.rank(key), map.nth(i).map(|(key, _)| key)),
            (i, Some(key.clone()))
        );
        assert_eq!(map.range(&key[..]..).len(), keys.len() - i);
        assert!(
            map.range(..&key[..])
                .rev()
                .map(|(key, _)| key)
                .eq(keys[..i].iter().rev().cloned())
        );
    }
    let mut walk = map.values_mut();
    while let (Some(a), Some(b)) = (walk.next(), walk.next_back()) {
        std::mem::swap(a, b);
    }
    assert!(map.values().rev().copied().eq(0..keys.len() as u64));
    let mut walk = map.into_iter();
    assert_eq!(walk.next_back(), Some((keys[keys.len() - 1].clone(), 0)));
    assert!(
        walk.map(|(key, _)| key)
            .eq(keys[..keys.len() - 1].iter().cloned())
    );
    assert!(frozen.into_values().eq(0..keys.len() as u64));
}

#[test]
fn keys_of_a_megabyte_slim() {
    on_a_small_stack(run_long_keys::<Slim>);
}

#[test]
fn keys_of_a_megabyte_standard() {
    on_a_small_stack(run_long_keys::<Standard>);
}

#[test]
fn empty_maps_and_default_iterators_yield_nothing() {
    let mut map: PathMap<u8> = PathMap::new();
    assert!(map.iter().next_back().is_none() && map.iter_mut().next_back().is_none());
    assert_eq!(
        (map.nth(0), map.rank("a"), map.count_range("a"..)),
        (None, 0, 0)
    );
    assert!(map.first_key_value().is_none() && map.last_key_value().is_none());
    assert!(map.pop_first().is_none() && map.pop_last().is_none());
    assert!(
        map.sample(&mut |_| unreachable!("nothing to choose from"))
            .is_none()
    );
    map.create_path("nothing/here");
    assert!(map.values_mut().next().is_none() && map.clone().into_iter().next().is_none());
    assert!(map.first_key_value().is_none() && map.last_key_value().is_none());

    assert_eq!(map::Iter::<u8>::default().next_back(), None);
    assert_eq!(map::Range::<u8>::default().next(), None);
    assert_eq!(map::IterMut::<u8>::default().next_back(), None);
    assert_eq!(map::RangeMut::<u8>::default().next_back(), None);
    assert_eq!(map::ValuesMut::<u8>::default().next(), None);
    assert_eq!(map::IntoIter::<u8>::default().next(), None);
    assert_eq!(map::IntoKeys::<u8>::default().next_back(), None);
    assert_eq!(map::IntoValues::<u8>::default().len(), 0);
}

#[test]
fn iterators_show_what_is_ahead() {
    let mut map = PathMap::from([("a", 1), ("b", 2), ("c", 3)]);
    let mut entries = map.iter();
    entries.next_back();
    assert_eq!(format!("{entries:?}"), "[([97], 1), ([98], 2)]");
    assert_eq!(format!("{:?}", map.range("b"..)), "[([98], 2), ([99], 3)]");
    let within = format!("{:?}", map.range_mut("b"..));
    assert_eq!(within, "RangeMut { ahead: 2, .. }");
    assert_eq!(
        format!("{:?}", map.values_mut()),
        "ValuesMut { ahead: 3, .. }"
    );
    assert_eq!(format!("{:?}", map.into_values()), "[1, 2, 3]");
}

#[test]
fn for_loops_take_maps_as_they_come() {
    let mut map = PathMap::from([("a", 1), ("b", 2)]);
    for (key, value) in &mut map {
        *value += i32::from(key[0]);
    }
    let mut sum = 0;
    for (_, value) in &map {
        sum += value;
    }
    for (_, value) in map {
        sum -= value;
    }
    assert_eq!(sum, 0);
}

assert_impl_all!(map::Range<'static, u64>: Send, Sync, Clone);
assert_impl_all!(map::IterMut<'static, u64>: Send, Sync);
assert_impl_all!(map::RangeMut<'static, u64>: Send, Sync);
assert_impl_all!(map::ValuesMut<'static, u64, Standard>: Send, Sync);
assert_impl_all!(map::IntoIter<u64>: Send, Sync);
assert_not_impl_any!(map::Range<'static, Cell<u8>>: Send, Sync);
assert_not_impl_any!(map::IterMut<'static, Cell<u8>>: Send, Sync);
assert_not_impl_any!(map::RangeMut<'static, Cell<u8>>: Send, Sync);
assert_not_impl_any!(map::IterMut<'static, u64>: Clone);
assert_not_impl_any!(map::IntoIter<Cell<u8>>: Send, Sync);
