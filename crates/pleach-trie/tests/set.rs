//! The set against std's.

mod common;

use common::check;
use pleach_ptr::{PtrKind, Slim, Standard};
use pleach_testkit::{Key, keys};
use pleach_trie::set::{CommonPrefixes, Iter, Range};
use pleach_trie::{PathMap, PathSet};
use proptest::collection::vec;
use proptest::prelude::*;
use static_assertions::assert_impl_all;
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

assert_impl_all!(PathSet: Send, Sync, Unpin, Clone, Default, Ord);
assert_impl_all!(PathSet<Standard>: Send, Sync, Unpin, Clone, Default, Ord);
assert_impl_all!(CommonPrefixes<'static, 'static>: Send, Sync, Clone, Default);
assert_impl_all!(Iter<'static>: Send, Sync, Clone, Default);
assert_impl_all!(Range<'static>: Send, Sync, Clone, Default);

type Naive = BTreeSet<Key>;

#[track_caller]
fn assert_is<K: PtrKind>(set: &PathSet<K>, naive: &Naive) {
    check(set.as_map());
    assert_eq!(set.len(), naive.len());
    assert!(set.iter().eq(naive.iter().cloned()), "{set:?}, {naive:?}");
    assert!(set.into_iter().rev().eq(naive.iter().rev().cloned()));
    assert!(set.clone().into_iter().eq(naive.iter().cloned()));
    assert_eq!(set.first().as_ref(), naive.first());
    assert_eq!(set.last().as_ref(), naive.last());
}

fn hash_of(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

fn start<K: PtrKind>(keys: &[Key]) -> (PathSet<K>, Naive) {
    let set: PathSet<K> = keys.iter().collect();
    let naive = keys.iter().cloned().collect();
    assert_is(&set, &naive);
    (set, naive)
}

fn run<K: PtrKind>(keys: &[Key], other: &[Key], picks: &[Key]) {
    let (mut set, mut naive) = start::<K>(keys);
    let (frozen, first) = (set.clone(), naive.clone());
    for (i, key) in picks.iter().enumerate() {
        assert_eq!(set.contains(key), naive.contains(key));
        match i % 2 {
            0 => assert_eq!(set.insert(key), naive.insert(key.clone())),
            _ => assert_eq!(set.remove(key), naive.remove(key)),
        }
        let before = naive.range(..key.clone()).count();
        assert_eq!(
            (set.rank(key), set.count_range::<Key, _>(..key)),
            (before, before)
        );
        assert_eq!(set.nth(before).as_ref(), naive.range(key.clone()..).next());
        assert!(
            set.range::<Key, _>(key..)
                .rev()
                .eq(naive.range(key.clone()..).rev().cloned())
        );
        let below = naive.iter().filter(|k| k.starts_with(key)).cloned();
        assert!(set.prefix(key).eq(below));
        let above: Vec<_> = (0..=key.len())
            .map(|len| &key[..len])
            .filter(|start| naive.contains(*start))
            .collect();
        assert!(set.common_prefixes(key).eq(above.iter().copied()));
        assert_eq!(set.longest_prefix(key), above.last().copied());
    }
    assert_is(&set, &naive);

    let (kept, kept_naive) = (set.clone(), naive.clone());
    let keep = |key: &[u8]| !key.len().is_multiple_of(3);
    set.retain(keep);
    naive.retain(|key| keep(key));
    assert_is(&set, &naive);
    assert_eq!(set == kept, naive == kept_naive);
    assert_eq!(set.cmp(&kept), naive.cmp(&kept_naive));
    assert_eq!(hash_of(&set) == hash_of(&kept), naive == kept_naive);

    let (mut more, mut more_naive) = start::<K>(other);
    set.append(&mut more);
    naive.append(&mut more_naive);
    assert_is(&set, &naive);
    assert!(more.is_empty());
    for key in picks {
        let (after, after_naive) = (set.split_off(key), naive.split_off(key));
        assert_is(&after, &after_naive);
        assert_is(&set, &naive);
        set.extend(after.iter());
        naive.extend(after_naive);

        let split = set.clone().split_prefix(key);
        let below: Naive = naive
            .iter()
            .filter(|k| k.starts_with(key))
            .cloned()
            .collect();
        assert_is(&split, &below);
        assert_eq!(set.remove_prefix(key), below.len());
        naive.retain(|k| !k.starts_with(key));
        assert_is(&set, &naive);
        set.append(&mut split.clone());
        naive.extend(below);
        assert_is(&set, &naive);
    }
    assert_eq!(set.pop_first(), naive.pop_first());
    assert_eq!(set.pop_last(), naive.pop_last());
    assert_is(&set, &naive);
    set.clear();
    assert!(set.is_empty() && set.ptr_eq(&PathSet::default()));
    assert_is(&frozen, &first);
    assert_is(&kept, &kept_naive);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    #[test]
    fn sets_agree(
        keys in keys::key_set(),
        other in keys::key_set(),
        picks in vec(keys::pick(), 0..12),
    ) {
        let picks: Vec<_> = picks.iter().map(|pick| pick.from(&keys)).collect();
        run::<Slim>(&keys, &other, &picks);
        run::<Standard>(&keys, &other, &picks);
    }
}

#[test]
fn a_set_is_a_map_of_nothing() {
    let mut set = PathSet::from(["b", "a", "b"]);
    assert_eq!(format!("{set:?}"), "{b\"a\", b\"b\"}");
    set.as_map_mut().create_path("c");
    assert_eq!(set, PathSet::from(["a", "b"]));
    let map = set.clone().into_map();
    assert!(map.path_exists_at("c"));
    assert!(PathSet::from(map).ptr_eq(&set));
    assert_eq!(PathSet::from(PathMap::<()>::new()), PathSet::new());
}

#[test]
fn iterators_say_how_many_are_left() {
    let set = PathSet::from(["tea", "ten", "to"]);
    let mut keys = set.prefix("te");
    assert_eq!((keys.len(), keys.size_hint()), (2, (2, Some(2))));
    assert_eq!(keys.next(), Some(b"tea".to_vec()));
    assert_eq!(format!("{keys:?}"), "[b\"ten\"]");
    assert_eq!((keys.next(), keys.len()), (Some(b"ten".to_vec()), 0));
    assert!(keys.next().is_none() && keys.next().is_none());
    assert_eq!(format!("{:?}", set.common_prefixes("today")), "[b\"to\"]");
}
