//! Set algebra of keys of a megabyte on a stack of 256 KiB, and of shapes that tempt to quadratic
//! time.

mod common;

use common::check;
use pleach_ptr::{PtrKind, Slim, Standard};
use pleach_testkit::deep::{MIB, aperiodic, on_a_small_stack};
use pleach_trie::algebra::*;
use pleach_trie::zipper::*;
use pleach_trie::{PathMap, PathSet};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Keys of about a megabyte that share starts, end beside each other, or extend one another: those
/// whose number `which` takes.
fn long_keys(which: impl Fn(usize) -> bool) -> BTreeMap<Vec<u8>, u64> {
    let whole = aperiodic(MIB);
    let starts = [0, 1, 255, 256, 700, MIB / 2, MIB - 1, MIB].map(|len| whole[..len].to_vec());
    let forks = [300, 555, MIB / 3, MIB - 300, MIB - 1].map(|at| {
        let mut fork = whole.clone();
        fork[at] ^= 0xFF;
        fork
    });
    let keys = starts.into_iter().chain(forks).zip(0..);
    keys.filter(|(_, i)| which(*i))
        .map(|(key, i)| (key, i as u64))
        .collect()
}

fn deep<K: PtrKind>() {
    type Which = fn(usize) -> bool;
    let pairs: [(Which, Which); 3] = [
        (|i| i % 2 == 0, |i| i % 2 == 1),
        (|i| i % 3 != 0, |i| i % 3 != 1),
        (|i| i == 12, |i| i == 7),
    ];
    for (left, right) in pairs {
        let (x, y) = (long_keys(left), long_keys(right));
        let a: PathMap<u64, K> = x.iter().map(|(key, value)| (key, *value)).collect();
        let b: PathMap<u64, K> = y.iter().map(|(key, value)| (key, *value)).collect();
        let of = |keep: &dyn Fn(bool, bool) -> bool| {
            let all = x.iter().chain(&y);
            all.filter(|(key, _)| keep(x.contains_key(*key), y.contains_key(*key)))
                .map(|(key, value)| (key, *value))
                .collect::<PathMap<u64, K>>()
        };
        let results = [
            (a.join(&b), of(&|_, _| true)),
            (a.meet(&b), of(&|a, b| a && b)),
            (a.difference(&b), of(&|a, b| a && !b)),
            (a.symmetric_difference(&b), of(&|a, b| a != b)),
        ];
        for (found, expected) in &results {
            check(found);
            assert!(found == expected);
        }
        assert_eq!(a.union_iter(&b).count(), results[0].1.len());
        assert_eq!(a.intersection_iter(&b).count(), results[1].1.len());
        let covered = |key: &[u8]| y.keys().any(|start| key.starts_with(start));
        let restricted = a.restrict(&b);
        check(&restricted);
        assert!(
            restricted
                .keys()
                .eq(x.keys().filter(|key| covered(key)).cloned())
        );
        let mut copy = a.clone();
        copy.apply(a.diff(&b));
        assert!(copy == b);
        assert!(PathMap::merge(&a, &b, &a, |_, _, _, _| None) == b);
        assert!(PathMap::join_all([&a, &b, &a]) == results[0].1);
        zippers(&a, &b);
    }
}

fn zippers<K: PtrKind>(a: &PathMap<u64, K>, b: &PathMap<u64, K>) {
    for focus in [0, 300, MIB - 1] {
        let source = b.read_zipper_at_path(aperiodic(focus));
        type Edit<K> = fn(&mut WriteZipper<'_, u64, K>, &ReadZipper<'_, u64, K>);
        let edits: [Edit<K>; 7] = [
            |z, source| _ = z.join_into(source),
            |z, source| _ = z.meet_into(source, true),
            |z, source| _ = z.subtract_into(source, true),
            |z, source| _ = z.restrict(source),
            |z, source| _ = z.restricting(source),
            |z, _| _ = z.join_k_path_into(MIB / 4, false),
            |z, _| _ = z.meet_k_path_into(3, true),
        ];
        for edit in edits {
            let mut map = a.clone();
            edit(&mut map.write_zipper_at_path(aperiodic(focus)), &source);
            check(&map);
        }
    }
}

#[test]
fn keys_of_a_megabyte_slim() {
    on_a_small_stack(deep::<Slim>);
}

#[test]
fn keys_of_a_megabyte_standard() {
    on_a_small_stack(deep::<Standard>);
}

/// Set algebra of shapes that differ in kind: chains, fans, buckets, prefixes of each other.
#[test]
fn no_shape_takes_quadratic_time() {
    let chain = |len: usize| (0..len).map(aperiodic).collect::<PathSet>();
    let comb = |len: usize, byte: u8| {
        let key = |n: usize| [&aperiodic(n)[..], &[byte, byte, byte]].concat();
        (0..len).map(key).collect::<PathSet>()
    };
    let fan: PathSet = (0..=u16::MAX).map(|n| n.to_be_bytes()).collect();
    let bucket: PathSet = (0..32_u8).map(|n| [n; 8]).collect();
    let single: PathSet = [aperiodic(500)].into_iter().collect();
    let shapes = [
        chain(500),
        comb(500, 1),
        comb(500, 2),
        fan,
        bucket,
        single,
        PathSet::new(),
    ];
    let start = Instant::now();
    for a in &shapes {
        for b in &shapes {
            let (union, both) = (a | b, a & b);
            assert_eq!(union.len() + both.len(), a.len() + b.len());
            assert_eq!((a - b).len() + both.len(), a.len());
            assert_eq!((a ^ b).len() + both.len(), union.len());
            assert!(both.is_subset(a) && a.is_superset(&both) && union.is_superset(b));
            assert_eq!(a.is_disjoint(b), both.is_empty());
            let (a, b) = (a.as_map(), b.as_map());
            for result in [a.join(b), a.meet(b), a.subtract(b), a.restrict(b)] {
                check(&result);
            }
            assert_eq!(a.pjoin(b).is_none(), a.is_empty() && b.is_empty());
        }
    }
    // Quadratic time would be minutes, also where nothing is optimized.
    assert!(start.elapsed() < Duration::from_secs(120));
}
