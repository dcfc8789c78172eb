//! The names of std's maps, and what tries add to them, against std's maps.

#![deny(unsafe_code)]

#[allow(unsafe_code, reason = "an allocator that counts is an unsafe trait")]
mod common;

use common::ledger::Ledger;
use common::{assert_same, assert_values, check, map_of, model_of};
use pleach_ptr::{PtrKind, Slim, Standard};
use pleach_testkit::values::{CountedId, Seeded, clones, live, panic_at_clone};
use pleach_testkit::{Key, Model, keys};
use pleach_trie::PathMap;
use pleach_trie::map::{CommonPrefixes, Entry, ExtractIf};
use proptest::collection::vec;
use proptest::prelude::*;
use static_assertions::{assert_impl_all, assert_not_impl_any};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};

assert_impl_all!(Entry<'static, u64>: Send, Sync, Debug);
assert_not_impl_any!(Entry<'static, Cell<u8>>: Send, Sync);
assert_impl_all!(ExtractIf<'static, u64, fn(&[u8], &mut u64) -> bool>: Send, Sync, Debug);
assert_not_impl_any!(ExtractIf<'static, Cell<u8>, fn(&[u8], &mut Cell<u8>) -> bool>: Send, Sync);
assert_impl_all!(CommonPrefixes<'static, 'static, u64>: Send, Sync, Clone, Default, Debug);

type Naive = BTreeMap<Key, u64>;

fn naive(keys: &[Key]) -> Naive {
    keys.iter().cloned().zip(0..).collect()
}

/// Asserts that the map is well formed and has these entries, and no others.
#[track_caller]
fn assert_is<V: Seeded, K: PtrKind>(map: &PathMap<V, K>, naive: &Naive) {
    let model: Model<u64> = naive.iter().map(|(key, seed)| (key, *seed)).collect();
    check(map);
    assert_eq!(map.len(), naive.len());
    let mut expected = model.iter();
    for (key, value) in map.iter() {
        let (path, seed) = expected.next().expect("a key that should be gone");
        assert_eq!(key, path);
        assert!(value.is(*seed), "the value at {path:?}");
    }
    assert_eq!(expected.next(), None, "a key that is missing");
}

/// A map with paths that dangle, a model of it, and a clone to be kept as it is.
struct Scene<V, K: PtrKind> {
    map: PathMap<V, K>,
    naive: Naive,
    frozen: Option<(PathMap<V, K>, Model<u64>)>,
}

impl<V: Seeded + Debug, K: PtrKind> Scene<V, K> {
    fn new(keys: &[Key], paths: &[Key], shared: bool) -> Self {
        let (mut map, mut model) = (map_of(keys), model_of(keys));
        for path in paths {
            map.create_path(path);
            model.create_path(path);
        }
        let frozen = shared.then(|| (map.clone(), model));
        let naive = naive(keys);
        Self { map, naive, frozen }
    }

    #[track_caller]
    fn assert_is(&self) {
        assert_is(&self.map, &self.naive);
        if let Some((map, model)) = &self.frozen {
            assert_same(map, model);
        }
    }
}

/// What a test does to the entry of one key.
#[derive(Clone, Copy, Debug)]
enum Touch {
    OrInsert,
    OrInsertWith,
    OrInsertWithKey,
    OrDefault,
    AndModify,
    InsertEntry,
    Get,
    Insert,
    Remove,
    RemoveEntry,
    IntoKey,
}

const TOUCHES: [Touch; 11] = [
    Touch::OrInsert,
    Touch::OrInsertWith,
    Touch::OrInsertWithKey,
    Touch::OrDefault,
    Touch::AndModify,
    Touch::InsertEntry,
    Touch::Get,
    Touch::Insert,
    Touch::Remove,
    Touch::RemoveEntry,
    Touch::IntoKey,
];

/// The same lines for the entries of both maps, which have the same names but for the key's type.
macro_rules! touch {
    ($entry:ident, $map:expr, $touch:expr, $key:expr, $seed:expr) => {{
        let entry = $map.entry($key.clone());
        assert_eq!(entry.key()[..], $key[..]);
        match ($touch, entry) {
            (Touch::OrInsert, entry) => Some(*entry.or_insert($seed)),
            (Touch::OrInsertWith, entry) => Some(*entry.or_insert_with(|| $seed)),
            (Touch::OrInsertWithKey, entry) => {
                let value = entry.or_insert_with_key(|key| key.len() as u64);
                *value += $seed;
                Some(*value)
            }
            (Touch::OrDefault, entry) => Some(*entry.or_default()),
            (Touch::AndModify, entry) => {
                let entry = entry.and_modify(|value| *value += 1);
                match entry {
                    $entry::Occupied(entry) => Some(*entry.into_mut()),
                    $entry::Vacant(entry) => {
                        *entry.insert($seed) += 1;
                        None
                    }
                }
            }
            (Touch::InsertEntry, entry) => {
                let mut entry = entry.insert_entry($seed);
                *entry.get_mut() += 1;
                Some(*entry.get())
            }
            (Touch::Get, $entry::Occupied(entry)) => Some(*entry.get()),
            (Touch::Insert, $entry::Occupied(mut entry)) => Some(entry.insert($seed)),
            (Touch::Remove, $entry::Occupied(entry)) => Some(entry.remove()),
            (Touch::RemoveEntry, $entry::Occupied(entry)) => {
                let (key, value) = entry.remove_entry();
                assert_eq!(&key, $key);
                Some(value)
            }
            (Touch::IntoKey, $entry::Vacant(entry)) => Some(entry.into_key().len() as u64),
            (Touch::Insert, $entry::Vacant(entry)) => Some(*entry.insert_entry($seed).get()),
            _ => None,
        }
    }};
}

fn entries<K: PtrKind>(keys: &[Key], paths: &[Key], touches: &[(usize, Key, u64)], shared: bool) {
    use std::collections::btree_map::Entry as NaiveEntry;

    let mut scene = Scene::<u64, K>::new(keys, paths, shared);
    for (touch, key, seed) in touches {
        let touch = TOUCHES[touch % TOUCHES.len()];
        let got = touch!(Entry, scene.map, touch, key, *seed);
        let expected = touch!(NaiveEntry, scene.naive, touch, key, *seed);
        assert_eq!(got, expected, "{touch:?} of {key:?}");
        check(&scene.map);
    }
    scene.assert_is();
}

fn keep(key: &[u8], value: &mut u64, salt: u64) -> bool {
    *value += 1;
    !(*value ^ salt ^ key.len() as u64).is_multiple_of(3)
}

fn retaining<K: PtrKind>(keys: &[Key], paths: &[Key], salt: u64, shared: bool) {
    let mut scene = Scene::<u64, K>::new(keys, paths, shared);
    let (mut seen, mut expected) = (Vec::new(), Vec::new());
    scene.map.retain(|key, value| {
        seen.push(key.to_vec());
        keep(key, value, salt)
    });
    scene.naive.retain(|key, value| {
        expected.push(key.clone());
        keep(key, value, salt)
    });
    assert_eq!(seen, expected);
    scene.assert_is();
}

/// Takes at most `most` out, and drops the iterator.
fn extracting<K: PtrKind>(keys: &[Key], paths: &[Key], salt: u64, most: usize, shared: bool) {
    let mut scene = Scene::<u64, K>::new(keys, paths, shared);
    let mut extract = scene.map.extract_if(|key, value| !keep(key, value, salt));
    let (_, most_left) = extract.size_hint();
    assert!(most_left.is_some_and(|left| left == scene.naive.len()));
    let taken: Vec<_> = extract.by_ref().take(most).collect();
    if taken.len() < most {
        assert!(extract.next().is_none() && extract.next().is_none());
    }
    let expected: Vec<_> = scene
        .naive
        .extract_if(.., |key, value| !keep(key, value, salt))
        .take(most)
        .collect();
    assert_eq!(taken, expected);
    scene.assert_is();
}

fn splitting<K: PtrKind>(keys: &[Key], paths: &[Key], at: &Key, shared: bool) {
    let mut scene = Scene::<String, K>::new(keys, paths, shared);
    let mut after = scene.map.split_off(at);
    let naive = scene.naive.split_off(at);
    assert_is(&after, &naive);
    scene.assert_is();
    scene.map.append(&mut after);
    assert!(after.is_empty());
    scene.naive.extend(naive);
    scene.assert_is();
    for path in paths {
        assert!(
            scene.map.path_exists_at(path),
            "{path:?} was split off and not put back"
        );
    }
}

fn appending<K: PtrKind>(keys: &[Key], other: &[Key], paths: &[Key], shared: bool) {
    let mut scene = Scene::<String, K>::new(keys, &[], shared);
    let mut from = Scene::<String, K>::new(other, paths, shared);
    scene.map.append(&mut from.map);
    scene.naive.append(&mut from.naive);
    scene.assert_is();
    from.assert_is();
    assert!(from.map.is_empty());
    for path in paths {
        assert!(scene.map.path_exists_at(path), "{path:?} was not moved");
    }
}

fn starting<'m>(naive: &'m Naive, path: &'m [u8]) -> impl Iterator<Item = (&'m Key, &'m u64)> {
    naive.iter().filter(|(key, _)| key.starts_with(path))
}

fn prefixes<K: PtrKind>(keys: &[Key], paths: &[Key], picks: &[Key], shared: bool) {
    for pick in picks {
        let mut scene = Scene::<u64, K>::new(keys, paths, shared);
        let expected: Vec<_> = (0..=pick.len())
            .filter_map(|len| Some((&pick[..len], scene.naive.get(&pick[..len])?)))
            .collect();
        let found = scene.map.common_prefixes(pick);
        assert_eq!(found.len(), expected.len());
        assert!(found.clone().eq(expected.iter().copied()));
        assert!(found.rev().eq(expected.iter().rev().copied()));
        assert_eq!(scene.map.longest_prefix(pick), expected.last().copied());

        let moved: Naive = starting(&scene.naive, pick)
            .map(|(k, v)| (k.clone(), *v))
            .collect();
        let existed = scene.map.path_exists_at(pick);
        let mut copy = scene.map.clone();
        let split = copy.split_prefix(pick);
        assert_is(&split, &moved);
        assert_eq!(split.path_exists_at(pick), existed || pick.is_empty());
        assert_eq!(scene.map.remove_prefix(pick), moved.len());
        assert_eq!(scene.map, copy);
        assert!(pick.is_empty() || !copy.path_exists_at(pick));
        scene.naive.retain(|key, _| !key.starts_with(pick));
        scene.assert_is();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    #[test]
    fn entries_agree(
        keys in keys::key_set(),
        paths in vec(keys::any_key(), 0..4),
        picks in vec((0..TOUCHES.len(), keys::pick(), 0..1_000_u64), 1..60),
        shared in any::<bool>(),
    ) {
        let touches: Vec<_> = picks.into_iter().map(|(t, pick, n)| (t, pick.from(&keys), n)).collect();
        entries::<Slim>(&keys, &paths, &touches, shared);
        entries::<Standard>(&keys, &paths, &touches, shared);
    }

    #[test]
    fn retain_agrees(
        keys in keys::key_set(),
        paths in vec(keys::any_key(), 0..4),
        salt in 0..3_u64,
        shared in any::<bool>(),
    ) {
        retaining::<Slim>(&keys, &paths, salt, shared);
        retaining::<Standard>(&keys, &paths, salt, shared);
    }

    #[test]
    fn extract_if_agrees(
        keys in keys::key_set(),
        paths in vec(keys::any_key(), 0..4),
        salt in 0..3_u64,
        most in prop_oneof![0..20_usize, Just(usize::MAX)],
        shared in any::<bool>(),
    ) {
        extracting::<Slim>(&keys, &paths, salt, most, shared);
        extracting::<Standard>(&keys, &paths, salt, most, shared);
    }

    #[test]
    fn split_off_agrees(
        keys in keys::key_set(),
        paths in vec(keys::any_key(), 0..4),
        picks in vec(keys::pick(), 1..4),
        shared in any::<bool>(),
    ) {
        for at in picks.iter().map(|pick| pick.from(&keys)) {
            splitting::<Slim>(&keys, &paths, &at, shared);
            splitting::<Standard>(&keys, &paths, &at, shared);
        }
    }

    #[test]
    fn append_agrees(
        keys in keys::key_set(),
        other in keys::key_set(),
        paths in vec(keys::any_key(), 0..4),
        shared in any::<bool>(),
    ) {
        appending::<Slim>(&keys, &other, &paths, shared);
        appending::<Standard>(&keys, &other, &paths, shared);
        let both = [&keys[..], &other[..]].concat();
        appending::<Slim>(&both, &other, &paths, shared);
        appending::<Slim>(&other, &both, &paths, shared);
    }

    #[test]
    fn prefixes_agree(
        keys in keys::key_set(),
        paths in vec(keys::any_key(), 0..4),
        picks in vec(keys::pick(), 1..4),
        shared in any::<bool>(),
    ) {
        let picks: Vec<_> = picks.iter().map(|pick| pick.from(&keys)).collect();
        prefixes::<Slim>(&keys, &paths, &picks, shared);
        prefixes::<Standard>(&keys, &paths, &picks, shared);
    }

    #[test]
    fn many_look_ups_are_as_many_single_ones(keys in keys::key_set(), picks in vec(keys::pick(), 0..50)) {
        let map: PathMap<u64> = map_of(&keys);
        let picks: Vec<_> = picks.iter().map(|pick| pick.from(&keys)).collect();
        let single: Vec<_> = picks.iter().map(|key| map.get(key)).collect();
        prop_assert_eq!(map.get_many(&picks), single);
    }
}

/// `count` numbers in order, as eight bytes each.
fn numbers<V: Seeded, K: PtrKind>(count: u64) -> PathMap<V, K> {
    (0..count)
        .map(|n| (n.to_be_bytes(), V::seeded(n)))
        .collect()
}

#[test]
fn what_moves_nothing_or_everything_copies_nothing() {
    let mut map = numbers::<u64, Slim>(1_000);
    let snapshot = map.clone();
    assert!(map.split_off([1]).is_empty());
    assert!(map.split_prefix([1]).is_empty());
    assert_eq!(map.remove_prefix([1]), 0);
    assert!(map.ptr_eq(&snapshot));
    let mut all = PathMap::new();
    all.append(&mut map);
    assert!(map.is_empty() && all.ptr_eq(&snapshot));
    all.append(&mut snapshot.clone());
    assert!(all.ptr_eq(&snapshot));
    assert!(all.split_off("").ptr_eq(&snapshot) && all.is_empty());
}

/// Whatever clone panics: what is left is well formed, and nothing is lost or dropped twice.
#[test]
fn clones_that_panic_leave_valid_maps() {
    type Map = PathMap<CountedId>;
    let changes: [fn(&mut Map, &mut Map); 6] = [
        |map, other| map.append(other),
        |map, other| *other = map.split_off(256_u64.to_be_bytes()),
        |map, other| *other = map.split_prefix([0; 7]),
        |map, other| other.retain(|key, _| key[7] % 3 == 0 && map.contains(key)),
        |map, _| drop(map.extract_if(|key, _| key[7] % 3 == 0).nth(50)),
        |map, _| {
            drop(
                map.entry(b"new")
                    .or_insert_with(|| CountedId::seeded(1))
                    .clone(),
            )
        },
    ];
    for change in changes {
        let mut fuse = 1;
        loop {
            let (mut map, mut other) = (numbers(300), Map::new());
            other.extend((0..200_u64).map(|n| ((n * 3).to_be_bytes(), CountedId::seeded(n))));
            let frozen = (map.clone(), other.clone());
            panic_at_clone(fuse);
            let panicked = catch_unwind(AssertUnwindSafe(|| change(&mut map, &mut other))).is_err();
            panic_at_clone(0);
            check(&map);
            check(&other);
            assert_eq!(
                (frozen.0.iter().count(), frozen.1.iter().count()),
                (300, 200)
            );
            assert!(map.iter().count() == map.len() && other.iter().count() == other.len());
            drop((map, other, frozen));
            assert_eq!(live(), 0);
            if !panicked {
                break;
            }
            fuse += 1;
        }
    }
}

/// Two allocators that do not free each other's blocks: what is appended is copied.
#[test]
fn maps_of_two_allocators_share_nothing() {
    type Map = PathMap<CountedId, Slim, Ledger>;
    let mut map = Map::with_kind_in(Ledger::First);
    let mut other = Map::with_kind_in(Ledger::Second);
    map.extend((0..500_u64).map(|n| (n.to_be_bytes(), CountedId::seeded(n))));
    other.extend((400..2_000_u64).map(|n| (n.to_be_bytes(), CountedId::seeded(n))));
    map.append(&mut other);
    assert_eq!(Ledger::Second.bytes(), 0);
    assert_eq!((map.len(), live(), other.len()), (2_000, 2_000, 0));
    drop(map);
    assert_eq!((Ledger::First.bytes(), live()), (0, 0));
}

#[test]
fn moves_clone_no_value() {
    fn run<K: PtrKind>() {
        let (mut map, before) = (numbers::<CountedId, K>(5_000), clones());
        let mut after = map.split_off(2_500_u64.to_be_bytes());
        assert_eq!((map.len(), after.len()), (2_500, 2_500));
        let mut middle = map.split_prefix(&256_u64.to_be_bytes()[..7]);
        assert_eq!(middle.len(), 256);
        map.append(&mut middle);
        map.append(&mut after);
        assert_eq!((map.len(), live()), (5_000, 5_000));
        let odd = map.extract_if(|key, _| key[7] % 2 == 1);
        assert_eq!(odd.count(), 2_500);
        map.append(&mut numbers(3_000));
        assert_eq!((map.len(), live()), (4_000, 4_000));
        assert_eq!(clones(), before);
        drop(map);
        assert_eq!(live(), 0);
    }
    run::<Slim>();
    run::<Standard>();
}

#[test]
fn a_predicate_that_panics_leaves_what_it_has_not_seen() {
    let mut map = numbers::<u64, Slim>(1_000);
    let caught = catch_unwind(AssertUnwindSafe(|| {
        map.retain(|_, value| {
            assert!(*value < 500, "enough");
            *value += 1;
            false
        });
    }));
    assert!(caught.is_err());
    check(&map);
    assert!(map.values().copied().eq(500..1_000));

    let mut extract = map.extract_if(|_, value| {
        assert_ne!(*value, 700, "not this one");
        *value > 600
    });
    let mut taken = Vec::new();
    loop {
        match catch_unwind(AssertUnwindSafe(|| extract.next())) {
            Ok(Some((_, value))) => taken.push(value),
            Ok(None) => break,
            Err(_) => {}
        }
    }
    assert!(taken.into_iter().eq((601..700).chain(701..1_000)));
    assert!(map.values().copied().eq((500..=600).chain([700])));
}

#[test]
fn retaining_all_of_a_set_copies_nothing() {
    let set: pleach_trie::PathSet = (0..1_000_u64).map(u64::to_be_bytes).collect();
    let mut copy = set.clone();
    copy.retain(|_| true);
    assert!(copy.ptr_eq(&set));
}

#[test]
fn entries_show_what_they_are() {
    let mut map = PathMap::from([("a", 1)]);
    let occupied = format!("{:?}", map.entry("a"));
    assert_eq!(
        occupied,
        "Entry(OccupiedEntry { key: b\"a\", value: 1, .. })"
    );
    let vacant = format!("{:?}", map.entry("\n"));
    assert_eq!(vacant, "Entry(VacantEntry(b\"\\n\"))");
}

#[test]
fn an_entry_of_a_snapshot_leaves_the_other_alone() {
    let mut map = PathMap::from([("a", 1), ("b", 2)]);
    let snapshot = map.clone();
    drop(map.entry("a"));
    assert!(
        map.ptr_eq(&snapshot),
        "an entry that is not used changes nothing"
    );
    *map.entry("a").or_default() = 5;
    assert_eq!((map["a"], snapshot["a"]), (5, 1));
}

#[test]
fn locations_move_with_their_branches() {
    let mut map = PathMap::from([("tea", 1), ("ten", 2), ("to", 3)]);
    map.create_path("tent/");
    let split = map.split_prefix("ten");
    assert!(split.path_exists_at("tent/") && !map.path_exists_at("ten"));
    assert_eq!(map.remove_prefix(""), 2);
    assert!(map.is_empty());
    let mut bare = PathMap::<u64>::new();
    bare.create_path("te/nt");
    assert!(bare.split_prefix("te/").path_exists_at("te/nt"));
    assert!(bare.is_empty());
    bare.create_path("te/nt");
    let after = bare.split_off("s");
    assert!(bare.is_empty() && after.path_exists_at("te/nt"));
    assert_values(&after, &{
        let mut model = Model::new();
        model.create_path(b"te/nt");
        model
    });
}
