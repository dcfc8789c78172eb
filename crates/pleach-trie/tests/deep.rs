//! Keys of a megabyte and tries as deep, on a stack of 256 KiB; wide fans; the empty key.

use pleach_ptr::{PtrKind, Slim, Standard};
use pleach_testkit::deep::{MIB, aperiodic, on_a_small_stack};
use pleach_trie::PathMap;
use pleach_trie::zipper::*;

/// Keys of about a megabyte, in order: they share starts, end beside each other, or extend one
/// another.
fn long_keys() -> Vec<Vec<u8>> {
    let whole = aperiodic(MIB);
    let mut keys: Vec<Vec<u8>> = [0, 1, 255, 256, MIB / 2, MIB - 1, MIB]
        .map(|len| whole[..len].to_vec())
        .to_vec();
    for at in [300, MIB / 3, MIB - 300, MIB - 1] {
        let mut fork = whole.clone();
        fork[at] ^= 0xFF;
        keys.push(fork);
    }
    keys.push([&whole[..], b"and more"].concat());
    keys.sort();
    keys
}

fn map_of<K: PtrKind>(keys: &[Vec<u8>]) -> PathMap<usize, K> {
    keys.iter().enumerate().map(|(i, key)| (key, i)).collect()
}

fn run_map_calls<K: PtrKind>() {
    let keys = long_keys();
    let mut map: PathMap<usize, K> = PathMap::default();
    for (i, key) in keys.iter().enumerate().rev() {
        assert_eq!(map.insert(key, i), None);
        assert_eq!(map.insert(key, i), Some(i));
    }
    assert!(map.iter().map(|(key, _)| key).eq(keys.iter().cloned()));
    assert!(map.values().copied().eq(0..keys.len()));
    assert_eq!(
        map.prefix(&keys[3]).count(),
        keys.iter().filter(|k| k.starts_with(&keys[3])).count()
    );
    let frozen = map.clone();
    for (i, key) in keys.iter().enumerate() {
        assert_eq!(map.get(key), Some(&i));
        assert!(!map.contains([&key[..], b"!"].concat()));
        *map.get_mut(key).expect("a key of the map") += 100;
    }
    let nowhere = [&aperiodic(MIB)[..], &aperiodic(MIB)[..]].concat();
    assert!(map.create_path(&nowhere) && map.path_exists_at(&nowhere));
    assert!(map.prune_path(&nowhere) > MIB / 2);
    let second = map.clone();
    assert!(map.remove_branches_at(aperiodic(MIB / 2), true));
    assert_eq!(
        map.get(aperiodic(MIB / 2)),
        Some(
            &(100
                + keys
                    .iter()
                    .position(|k| *k == aperiodic(MIB / 2))
                    .unwrap_or_default())
        )
    );
    for key in &keys {
        map.remove(key);
    }
    assert!(map.is_empty());
    assert!(frozen.values().copied().eq(0..keys.len()));
    drop(frozen);
    assert!(second.values().copied().eq(100..100 + keys.len()));
}

fn run_zipper_calls<K: PtrKind>() {
    let keys = long_keys();
    let map: PathMap<usize, K> = map_of(&keys);
    let mut z = map.read_zipper_at_path(aperiodic(100));
    let mut seen = usize::from(z.is_val());
    while z.to_next_val() {
        seen += 1;
    }
    assert_eq!(
        seen,
        keys.iter()
            .filter(|key| key.starts_with(&aperiodic(100)))
            .count()
    );
    z.descend_to(&aperiodic(MIB)[100..]);
    assert!(z.path_exists() && z.origin_path() == aperiodic(MIB));
    assert!(z.ascend_until() && z.ascend(MIB / 4) && z.ascend_until_branch());
    z.reset();
    assert_eq!(z.descend_to_existing(&aperiodic(2 * MIB)[100..]), MIB - 100);
    z.reset();
    assert!(z.descend_until() && z.descend_last_path());
    z.reset();
    assert!(z.descend_first_k_path(MIB - 200) && z.to_next_k_path(MIB - 200));
    for _ in 0..1000 {
        z.to_next_step();
    }

    let mut w = map.clone().into_write_zipper(aperiodic(50));
    w.descend_to(&aperiodic(MIB / 2)[50..]);
    let below = w.val_count();
    let taken = w.take_map(true).expect("a location");
    assert_eq!(taken.len(), below);
    w.reset();
    w.descend_to(aperiodic(MIB));
    w.graft_map(taken.clone());
    assert_eq!(w.val_count(), below);
    assert!(w.insert_prefix(aperiodic(MIB)) && w.remove_prefix(MIB / 2));
    w.graft(&taken.read_zipper());
    assert!(w.remove_branches(true));
    w.prune_ascend();
    drop(w.into_map());
    assert_eq!(map.len(), keys.len());
}

#[test]
fn long_keys_slim() {
    on_a_small_stack(run_map_calls::<Slim>);
    on_a_small_stack(run_zipper_calls::<Slim>);
}

#[test]
fn long_keys_standard() {
    on_a_small_stack(run_map_calls::<Standard>);
    on_a_small_stack(run_zipper_calls::<Standard>);
}

/// Each graft of the map below its own last key doubles it, so that all prefixes of one key are keys.
fn nested<K: PtrKind>(doublings: u32) -> PathMap<usize, K> {
    let mut map = PathMap::default();
    map.insert(b"n", 0);
    for i in 0..doublings {
        let copy = map.clone();
        let mut z = map.write_zipper();
        z.descend_to(vec![b'n'; 1 << i]);
        z.graft_map(copy);
        z.set_val(0);
    }
    map
}

fn run_nested<K: PtrKind>() {
    const DOUBLINGS: u32 = 17;
    const DEPTH: usize = 1 << DOUBLINGS;
    let mut map = nested::<K>(DOUBLINGS);
    assert_eq!(map.len(), DEPTH);
    let mut z = map.read_zipper();
    for len in 1..=DEPTH {
        assert!(z.to_next_val());
        assert_eq!(z.path().len(), len);
    }
    assert!(!z.to_next_val());
    let deepest = vec![b'n'; DEPTH];
    assert!(map.contains(&deepest) && !map.contains([&deepest[..], b"n"].concat()));
    let frozen = map.clone();
    map.insert([&deepest[..], b"!"].concat(), 1);
    assert_eq!(map.remove(&deepest), Some(0));
    assert_eq!((map.len(), frozen.len()), (DEPTH, DEPTH));
    drop(frozen);
    let half = vec![b'n'; DEPTH / 2];
    assert!(map.remove_branches_at(&half, true));
    assert_eq!(map.len(), DEPTH / 2);
}

#[test]
fn a_hundred_thousand_nested_keys_slim() {
    on_a_small_stack(run_nested::<Slim>);
}

#[test]
fn a_hundred_thousand_nested_keys_standard() {
    on_a_small_stack(run_nested::<Standard>);
}

/// Every key has all its prefixes beside it, put in one by one, shared and unshared.
#[test]
fn nested_keys_one_by_one() {
    on_a_small_stack(|| {
        let mut map = PathMap::new();
        let key = aperiodic(3000);
        let mut kept = Vec::new();
        for len in 0..=key.len() {
            map.insert(&key[..len], len);
            if len % 500 == 0 {
                kept.push(map.clone());
            }
        }
        assert!(map.values().copied().eq(0..=key.len()));
        for len in (0..=key.len()).rev().step_by(2) {
            assert_eq!(map.remove(&key[..len]), Some(len));
        }
        assert_eq!(map.len(), key.len() / 2);
        assert!(
            kept.iter()
                .map(PathMap::len)
                .eq((0..7).map(|i| i * 500 + 1))
        );
    });
}

fn run_fans<K: PtrKind>() {
    let pairs = || (0..=u16::MAX).map(|n| n.wrapping_mul(40_503));
    let mut map: PathMap<u16, K> = PathMap::default();
    for n in pairs() {
        map.insert(n.to_be_bytes(), n);
    }
    assert_eq!(map.len(), 1 << 16);
    assert!(map.values().copied().eq(0..=u16::MAX));
    let z = map.read_zipper();
    assert_eq!(
        (z.child_count(), z.child_mask()),
        (256, pleach_trie::ByteMask::FULL)
    );
    let frozen = map.clone();
    for n in pairs().filter(|n| n % 3 != 0) {
        assert_eq!(map.remove(n.to_be_bytes()), Some(n));
    }
    assert!(map.values().copied().eq((0..=u16::MAX).step_by(3)));
    for n in pairs() {
        assert_eq!(map.get(n.to_be_bytes()).is_some(), n % 3 == 0);
        map.remove(n.to_be_bytes());
    }
    assert!(map.is_empty());
    assert!(frozen.values().copied().eq(0..=u16::MAX));
}

#[test]
fn fans_of_256_slim() {
    run_fans::<Slim>();
}

#[test]
fn fans_of_256_standard() {
    run_fans::<Standard>();
}

#[test]
fn the_empty_key_is_a_key() {
    let mut map = PathMap::new();
    assert!(map.path_exists_at("") && !map.contains("") && map.is_empty());
    assert_eq!(map.insert("", 1), None);
    assert_eq!(
        (map.len(), map.is_empty(), map.get("")),
        (1, false, Some(&1))
    );
    let copy = map.clone();
    map.insert("below", 2);
    assert!(map.keys().eq([b"".to_vec(), b"below".to_vec()]));
    assert_eq!(map.remove(""), Some(1));
    assert!(map.path_exists_at("") && map.contains("below"));
    assert_eq!(map.remove("below"), Some(2));
    assert!(map.is_empty() && !copy.is_empty());
}
