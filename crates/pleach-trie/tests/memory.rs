//! What maps say of their memory, against an allocator that counts; and pictures of them.

mod common;

use common::ledger::Ledger;
use common::{apply, map_of};
use pleach_ptr::{PtrKind, Slim, Standard};
use pleach_testkit::values::{Aligned128, Big, Seeded};
use pleach_testkit::{MapScript, Op, keys, map_script};
use pleach_trie::map::{Memory, Nodes};
use pleach_trie::zipper::*;
use pleach_trie::{PathMap, PathSet};
use proptest::prelude::*;
use std::thread;

type Counted<V, K> = PathMap<V, K, Ledger>;

/// Asserts what holds of every report, and that its bytes are what the allocator gave out.
#[track_caller]
fn assert_sound(memory: Memory, bytes: usize) {
    assert_eq!(memory.total.bytes, bytes);
    let mut kinds = memory.sparse;
    for kind in [memory.wide, memory.bucket, memory.dense] {
        kinds += kind;
    }
    assert_eq!(kinds, memory.total);
    assert!(memory.shared.count <= memory.total.count);
    assert!(memory.shared.bytes <= memory.total.bytes);
    assert!(memory.values <= memory.keys);
    assert!(memory.values == 0 || memory.nodes_per_lookup() >= 1.0);
}

/// Runs a script and keeps its snapshots; what maps say agrees with the ledger at each step, and as
/// they go, one after another.
fn run<V: Seeded, K: PtrKind>(script: &MapScript) {
    let mut map: Counted<V, K> = map_of(&script.keys);
    let mut kept: Vec<Counted<V, K>> = Vec::new();
    for op in &script.ops {
        apply(op, &mut map);
        let memory = map.memory();
        if kept.is_empty() {
            assert_sound(memory, Ledger::First.bytes());
            assert_eq!(memory.shared, Nodes::default());
            assert_eq!((memory.values, memory.keys), (map.len(), map.len()));
        }
        assert_sound(Memory::of(kept.iter().chain([&map])), Ledger::First.bytes());
        if matches!(op, Op::Freeze) {
            kept.push(map.clone());
            assert_eq!(map.memory().shared, memory.total);
            assert_eq!(map.memory_shared_with(&kept[kept.len() - 1]), memory.total);
        }
    }
    kept.push(map);
    while let Some(map) = kept.pop() {
        let (memory, before) = (map.memory(), Ledger::First.bytes());
        let shared = kept.last().map(|last| last.memory_shared_with(&map));
        drop(map);
        let own = before - Ledger::First.bytes();
        assert_eq!(memory.total.bytes - memory.shared.bytes, own);
        assert_sound(Memory::of(&kept), Ledger::First.bytes());
        if let ([_], Some(shared)) = (&kept[..], shared) {
            assert_eq!(memory.shared, shared);
        }
    }
    assert_eq!(Ledger::First.bytes(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    #[test]
    fn integers(script in map_script(40)) {
        run::<u64, Slim>(&script);
        run::<u64, Standard>(&script);
    }

    #[test]
    fn values_of_other_sizes(script in map_script(40)) {
        run::<(), Slim>(&script);
        run::<Aligned128, Slim>(&script);
        run::<Big, Slim>(&script);
    }

    #[test]
    fn grafted_branches_count_once(keys in keys::key_set(), at in keys::any_key(), to in keys::any_key()) {
        let source: Counted<u64, Slim> = map_of(&keys);
        let mut map = source.clone();
        for path in [&at, &to, &at] {
            map.write_zipper_at_path(path).graft(&source.read_zipper());
            assert_sound(Memory::of([&map, &source]), Ledger::First.bytes());
        }
        drop(source);
        assert_sound(map.memory(), Ledger::First.bytes());
    }
}

/// Every `step`th number of two bytes.
fn numbers(step: usize) -> PathMap<u64> {
    let keys = (0..1_u64 << 16).step_by(step);
    keys.map(|n| (n.to_be_bytes()[6..].to_vec(), n)).collect()
}

#[test]
fn the_kinds_of_nodes_are_told_apart() {
    let nothing = PathMap::<u64>::new().memory();
    assert_eq!(nothing, Memory::default());
    assert_eq!(
        (nothing.bytes_per_key(), nothing.nodes_per_lookup()),
        (0.0, 0.0)
    );

    // 256 leaves of 256 values, and one node that leads to them.
    let full = numbers(1).memory();
    let counts = |memory: Memory| {
        [memory.sparse, memory.wide, memory.bucket, memory.dense].map(|nodes| nodes.count)
    };
    assert_eq!(counts(full), [0, 1, 0, 256]);
    assert_eq!((full.total.count, full.nodes_per_lookup()), (257, 2.0));

    // 40 words with 70 continuations each: buckets have room for 64 of them.
    let word = |n: usize| [b"word", &[b'A' + n as u8][..]].concat();
    let long = |n: usize| [&word(n / 70)[..], b"/", &word(n % 70), b"!!"].concat();
    let words: PathMap<u64> = (0..2800).map(|n| (long(n), n as u64)).collect();
    let memory = words.memory();
    assert_eq!(counts(memory), [1, 40, 2800, 0]);
    assert_eq!(memory.nodes_per_lookup(), 3.0);

    // A value at a branch is nearer than those below it.
    let mut fan: PathMap<u64> = (0..63).map(|n| ([b"x", &[n][..]].concat(), 1)).collect();
    fan.insert("x", 2);
    let memory = fan.memory();
    assert_eq!(memory.values, 64);
    assert!(memory.nodes_per_lookup() <= 2.0 - 1.0 / 64.0);
}

#[test]
fn the_same_map_twice_is_one() {
    let map = numbers(3);
    assert_eq!(Memory::of([&map, &map]).total, map.memory().total);
    assert_eq!(map.memory_shared_with(&map), map.memory().total);
    assert_eq!(map.memory_shared_with(&numbers(3)), Nodes::default());
    assert_eq!(map.memory_shared_with(&PathMap::new()), Nodes::default());
}

#[test]
fn what_an_edit_copied_is_shared_no_longer() {
    let map = numbers(1);
    let mut edited = map.clone();
    *edited.get_mut([7, 7]).unwrap() = 0;
    let (before, after) = (map.memory(), edited.memory());
    assert_eq!(before, after);
    assert_eq!(after.shared.count, after.total.count - 2);
    assert_eq!(edited.memory_shared_with(&map), after.shared);
    drop(map);
    assert_eq!(edited.memory().shared, Nodes::default());
}

/// A map grafted below itself, over and over: more keys than can be counted, in few nodes.
fn folded() -> PathMap<u64> {
    let mut map = PathMap::from([("a", 1), ("b", 2)]);
    for _ in 0..100 {
        let below = map.clone();
        map.write_zipper_at_path("b").graft(&below.read_zipper());
        map.write_zipper_at_path("a").graft(&below.read_zipper());
    }
    map
}

#[test]
fn more_keys_than_can_be_counted() {
    let map = folded();
    let memory = map.memory();
    assert_eq!(memory.keys, usize::MAX);
    assert!(memory.values < 1000 && memory.total.count < 1000);
    assert!(memory.shared.count > 90);
    let picture = map.tree().to_string();
    assert_eq!(picture.lines().count(), 65);
    assert_eq!(
        picture.lines().last(),
        Some("… more values than can be counted")
    );
}

#[test]
fn keys_are_as_long_as_they_like() {
    let key = vec![b'x'; 1 << 20];
    let mut map = PathMap::from([(&key[..], 1), (&key[..1000], 2)]);
    map.insert([&key[..], b"!"].concat(), 3);
    let look = move || {
        let memory = map.memory();
        assert!(memory.nodes_per_lookup() > 1000.0 && memory.values == 3);
        assert!(map.tree().lines(usize::MAX).to_string().len() > key.len());
    };
    let small = thread::Builder::new().stack_size(64 << 10).spawn(look);
    small.unwrap().join().unwrap();
}

#[test]
fn sets_count_as_maps() {
    let set = PathSet::from(["a", "b"]);
    assert_eq!(set.memory(), set.as_map().memory());
    assert_eq!(set.memory().keys, 2);
}

#[track_caller]
fn assert_drawn<V: std::fmt::Debug>(map: &PathMap<V>, lines: &[&str]) {
    let picture = map.tree().to_string();
    assert_eq!(picture.lines().collect::<Vec<_>>(), lines);
}

#[test]
fn pictures() {
    let mut map = PathMap::<&str>::new();
    assert_drawn(&map, &["empty"]);

    map.insert("", "root");
    map.insert("\"\n", "odd");
    map.create_path("bare");
    assert_drawn(
        &map,
        &[
            "bucket \"\"",
            r#"  "" → "root""#,
            r#"  "\"\n" → "odd""#,
            r#"  "bare""#,
        ],
    );

    let mut map: PathMap<u8> = (0..70).map(|n| (format!("log/{n:02}"), n)).collect();
    map.insert("log", 7);
    let snapshot = map.clone();
    map.insert("log/1", 9);
    assert_eq!(
        Vec::from_iter(map.tree().nodes().to_string().lines()),
        [
            r#"sparse "log", 72 values"#,
            r#"  '/' sparse "", 71 values"#,
            r#"    '0' bucket "", 10 values, shared"#,
            r#"    '1' bucket "", 11 values"#,
            r#"    '2' bucket "", 10 values, shared"#,
            r#"    '3' bucket "", 10 values, shared"#,
            r#"    '4' bucket "", 10 values, shared"#,
            r#"    '5' bucket "", 10 values, shared"#,
            r#"    '6' bucket "", 10 values, shared"#,
        ]
    );
    assert_eq!(
        Vec::from_iter(snapshot.tree().lines(5).to_string().lines()),
        [
            r#"sparse "log", 71 values"#,
            r#"  "" → 7"#,
            r#"  '/' sparse "", 70 values"#,
            r#"    '0' bucket "", shared"#,
            r#"      "0" → 0"#,
            "… 69 more values",
        ]
    );
}

#[test]
fn pictures_end() {
    let map: PathMap<u16> = (0..1000).map(|n: u16| (n.to_be_bytes(), n)).collect();
    for most in [0, 1, 2, 10, 64, 1000, 1004, 1005, 1006] {
        let picture = map.tree().lines(most).to_string();
        let lines = Vec::from_iter(picture.lines());
        let shown = lines.iter().filter(|line| line.contains('→')).count();
        assert_eq!(
            lines.len(),
            most.min(1005) + usize::from(most < 1005),
            "{most}"
        );
        let noun = if shown == 999 { "value" } else { "values" };
        match lines.last().unwrap().strip_prefix("… ") {
            Some(rest) => assert_eq!(rest, format!("{} more {noun}", 1000 - shown)),
            None => assert_eq!(shown, 1000),
        }
    }
}
