//! Maps and sets as those use them who come from std's: what infers, what collects, what needs no bound.

use pleach::algebra::{AlgebraicStatus, DistributiveLattice, Lattice};
use pleach::map::Entry;
use pleach::ptr::{Global, PtrKind, SharedAllocator, Standard};
use pleach::{PathMap, PathSet};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Debug;
use std::ops::Bound;
use std::rc::Rc;

const EMPTY: PathMap<u32> = PathMap::new();
static SET: PathSet = PathSet::new();

#[test]
fn maps_are_made_in_many_ways() {
    assert!(EMPTY.is_empty() && SET.is_empty());
    let mut map = PathMap::new();
    map.insert("a", 1);
    assert_eq!(map, PathMap::single("a", 1));
    assert_eq!(map, PathMap::from([("a", 1)]));
    assert_eq!(map, vec![(String::from("a"), 1)].into_iter().collect());
    assert_eq!(map, PathMap::from_iter([(Cow::Borrowed(&b"a"[..]), 1)]));

    let standard: PathMap<i32, Standard> = map.iter().map(|(key, value)| (key, *value)).collect();
    assert!(standard.iter().eq(map.iter()));
    let mut own = PathMap::<i32, Standard, Global>::with_kind_in(Global);
    own.extend(map.clone());
    assert_eq!(own, standard);

    let numbers = |words: &[&'static str]| -> Result<PathMap<u8>, std::num::ParseIntError> {
        words
            .iter()
            .map(|word| Ok((*word, word.parse()?)))
            .collect()
    };
    assert_eq!(numbers(&["1", "2"]).unwrap().len(), 2);
    assert!(numbers(&["1", "x"]).is_err());
}

#[test]
fn keys_are_whatever_lends_bytes() {
    let mut map = PathMap::new_in(Global);
    map.insert([1_u8, 2], 0);
    let (bytes, text) = (&[1_u8, 2, 3], String::from("text"));
    map.insert(bytes, 1);
    map.insert(vec![0; 3], 2);
    map.insert(&text, 3);
    map.insert(Box::<[u8]>::from([1]), 4);
    map.insert(Rc::<[u8]>::from(&b"counted"[..]), 5);
    assert_eq!((map[&bytes[..2]], map[&text], map[b"counted"]), (0, 3, 5));
    assert_eq!((map[&vec![0; 3]], map[&[1_u8][..]]), (2, 4));
    assert_eq!(map.get_many(&[b"text".to_vec(), vec![9]]), [Some(&3), None]);
    assert!(map.get_many(&Vec::<String>::new()).is_empty());
}

#[test]
fn loops_and_adapters_are_those_of_std() {
    let mut counts: PathMap<usize> = PathMap::new();
    for word in "the quick brown the lazy the".split(' ') {
        *counts.entry(word).or_default() += 1;
    }
    for (_, count) in &mut counts {
        *count *= 10;
    }
    let mut sum = 0;
    for (key, count) in &counts {
        assert_eq!(counts.get(&key), Some(count));
        sum += count;
    }
    assert_eq!(sum, 60);
    let hashed: HashMap<Vec<u8>, usize> = counts.clone().into_iter().collect();
    let sorted: BTreeMap<Vec<u8>, usize> = counts.iter().map(|(k, v)| (k, *v)).collect();
    assert_eq!(hashed.into_iter().collect::<PathMap<_>>(), counts);
    let mut again = PathMap::new();
    again.extend(&sorted);
    again.extend(sorted.iter());
    assert_eq!(again, counts);
    let (long, short): (PathMap<_>, PathMap<_>) =
        counts.into_iter().partition(|(key, _)| key.len() > 4);
    assert_eq!((long.len(), short.len()), (2, 2));
}

#[test]
fn every_bound_selects_what_std_selects() {
    let keys = ["", "\0", "a", "a\0", "ab", "abc", "b", "c"];
    let map: PathMap<usize> = keys.into_iter().zip(0..).collect();
    let oracle: BTreeMap<Vec<u8>, usize> = map.iter().map(|(k, v)| (k, *v)).collect();
    let bounds = ["", "\0", "\0\0", "a", "aa", "ab", "c", "d"].map(|key| key.as_bytes().to_vec());
    let bounds: Vec<Bound<&Vec<u8>>> = bounds
        .iter()
        .flat_map(|key| [Bound::Included(key), Bound::Excluded(key)])
        .chain([Bound::Unbounded])
        .collect();
    for (low, high) in bounds
        .iter()
        .flat_map(|low| bounds.iter().map(move |high| (*low, *high)))
    {
        let range = (low, high);
        let expected: Vec<_> = oracle
            .iter()
            .filter(|(key, _)| std::ops::RangeBounds::<Vec<u8>>::contains(&range, *key))
            .map(|(key, value)| (key.clone(), value))
            .collect();
        let found = map.range::<Vec<u8>, _>(range);
        assert_eq!(found.len(), expected.len(), "{range:?}");
        assert_eq!(map.count_range::<Vec<u8>, _>(range), expected.len());
        assert!(found.clone().eq(expected.iter().cloned()), "{range:?}");
        assert!(found.rev().eq(expected.into_iter().rev()), "{range:?}");
    }
}

#[test]
fn the_first_and_the_last_entry_can_be_changed_and_taken() {
    let mut map: PathMap<u32> = (0..100_u32).map(|n| (n.to_be_bytes(), n)).collect();
    let snapshot = map.clone();
    for n in 0..50_u32 {
        let mut first = map.first_entry().unwrap();
        assert_eq!((first.key(), *first.get()), (&n.to_be_bytes()[..], n));
        *first.get_mut() += 1;
        assert_eq!(first.remove(), n + 1);
        assert_eq!(map.last_entry().unwrap().remove_entry().1, 99 - n);
    }
    assert!(map.first_entry().is_none() && map.last_entry().is_none());
    map.create_path("dangling");
    assert!(map.first_entry().is_none() && map.last_entry().is_none());
    assert_eq!(snapshot.len(), 100);
    match map.entry("") {
        Entry::Vacant(entry) => entry.insert(7),
        Entry::Occupied(_) => unreachable!(),
    };
    assert_eq!(map.first_entry().unwrap().key(), b"");
    assert_eq!(map.last_entry().unwrap().insert(8), 7);
}

/// Neither to clone a map nor to read it asks anything of the values.
#[test]
fn values_need_not_be_cloned_to_be_read() {
    struct Plain;
    let map: PathMap<Plain> = PathMap::new();
    let clone = map.clone();
    assert!(map.ptr_eq(&clone) && clone.get("a").is_none());
    assert_eq!(
        (clone.len(), clone.iter().len(), clone.range("a"..).len()),
        (0, 0, 0)
    );

    let boxed: PathMap<Box<dyn Fn() -> u8>> = PathMap::default();
    assert!(boxed.is_empty());
    let text = String::from("borrowed");
    let borrowed: PathMap<&dyn Debug> = PathMap::single("a", &text as &dyn Debug);
    assert_eq!(format!("{:?}", borrowed["a"]), "\"borrowed\"");
}

#[test]
fn maps_are_values_themselves() {
    let nested = PathMap::single("a", PathMap::single("b", 1));
    assert_eq!(nested["a"]["b"], 1);
    let hashed = HashMap::from([(PathMap::single("b", 1), "b")]);
    assert_eq!(hashed[&PathMap::single("b", 1)], "b");
    let sorted = BTreeSet::from([PathSet::from(["b"]), PathSet::from(["a"]), PathSet::new()]);
    assert!(sorted.first().is_some_and(PathSet::is_empty));
}

/// The laws that generic code may count on, for maps of any kind in any allocator.
fn laws<V, K, A>(a: &PathMap<V, K, A>, b: &PathMap<V, K, A>)
where
    V: Lattice + DistributiveLattice + Clone + Eq + Debug,
    K: PtrKind,
    A: SharedAllocator + Default,
{
    let joined = a.join(b);
    assert_eq!(a.pjoin(b).into_option([a, b]).unwrap_or_default(), joined);
    assert_eq!(
        a.pmeet(b).into_option([a, b]).unwrap_or_default(),
        a.meet(b)
    );
    let subtracted = a.psubtract(b).into_option([a, b]);
    assert_eq!(subtracted.unwrap_or_default(), a.subtract(b));
    assert_eq!(a.meet(&joined), *a);
    assert!(a.subtract(a).is_empty());
    let mut own = a.clone();
    let status = Lattice::join_into(&mut own, b.clone());
    assert_eq!(own, joined);
    let expected = match (joined.is_empty(), joined == *a) {
        (true, _) => AlgebraicStatus::None,
        (false, true) => AlgebraicStatus::Identity,
        (false, false) => AlgebraicStatus::Element,
    };
    assert_eq!(status, expected);
}

#[test]
fn generic_code_combines_maps() {
    fn all<K: PtrKind>() {
        let maps = [&[][..], &["a"], &["a", "ab", "b"], &["ab", "c", ""]];
        let maps = maps.map(|keys| keys.iter().map(|key| (key, 1_u64)).collect());
        for (a, b) in maps.iter().flat_map(|a| maps.iter().map(move |b| (a, b))) {
            laws::<u64, K, Global>(a, b);
        }
    }
    all::<pleach::ptr::Slim>();
    all::<Standard>();
}

#[test]
fn sets_have_the_names_of_sets() {
    let mut a: PathSet = ["b", "a"].into_iter().collect();
    a.extend(vec![String::from("c")]);
    let b = PathSet::from(["b", "x"]);
    assert_eq!(&a | &b, PathSet::from(["a", "b", "c", "x"]));
    assert_eq!(&a & &b, PathSet::from(["b"]));
    assert_eq!(&a - &b, PathSet::from(["a", "c"]));
    assert_eq!(&a ^ &b, (&a - &b).union(&(&b - &a)));
    assert!((&a & &b).is_subset(&a) && a.is_superset(&(&a & &b)));
    assert!((&a - &b).is_disjoint(&b));
    let map: PathMap<()> = a.clone().into_map();
    assert_eq!(PathSet::from(map), a);
    for key in &a {
        assert!(a.contains(&key));
    }
    assert!(a.into_iter().eq([b"a", b"b", b"c"]));
}
