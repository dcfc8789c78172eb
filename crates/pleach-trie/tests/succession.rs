//! Versions of the concurrent trie take over what they share with the one before, where nobody else has a share:
//! beside snapshots that are edited and dropped, removals that join nodes, and clones that panic.

use pleach_sync::ConcurrencyLevel::*;
use pleach_sync::{ConcurrencyLevel, SyncError};
use pleach_trie::{CompressedSparseTrie, PathMap};
use proptest::prelude::*;
use proptest::sample::Index;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;

const WRITING: [ConcurrencyLevel; 4] = [
    SingleThreadStrict,
    SingleThreadShared,
    OneWriteMultiRead,
    MultiWriteMultiRead,
];

type Model = BTreeMap<Vec<u8>, u64>;

/// Keys of a trie that removals join and gather: a branch of two of which one goes, chains, and few long
/// keys that fit one leaf without one of them.
fn joints() -> Vec<Vec<u8>> {
    let mut keys = vec![b"pair/a".to_vec(), b"pair".to_vec(), b"deep".to_vec()];
    for i in 0..60_u8 {
        keys.push([b"pair/b", &[i, i][..]].concat());
        keys.push([&[b'c'; 300][..], &[b'/', i / 8, i]].concat());
        keys.push(vec![b'w', i.wrapping_mul(37), i % 3]);
    }
    for i in 0..5_u8 {
        keys.push([&b"long/"[..], &[i; 60]].concat());
        keys.push([&b"deep/"[..], &[i / 2; 50], &[i; 50]].concat());
    }
    keys
}

/// A value that shows when it is left over.
#[derive(Clone, Debug)]
struct Held {
    number: u64,
    _alive: Arc<()>,
}

/// A step beside snapshots.
#[derive(Clone, Debug)]
enum Sharing {
    Edit(Vec<u8>, Option<u64>),
    /// Edits, at which of them a snapshot is taken (if beyond, of what others see), and whether they
    /// are kept.
    Batch(Vec<(Vec<u8>, Option<u64>)>, Option<usize>, bool),
    Snapshot,
    Drop(Index),
    EditKept(Index, Vec<u8>, Option<u64>),
}

/// Keys for wide nodes with narrow ones below, and for chains.
fn wide_key() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        2 => prop::collection::vec(0..3_u8, 0..7),
        4 => (any::<u8>(), 0..4_u8, 0..3_u8).prop_map(|(a, b, c)| [&[b'w', a][..], &vec![b; usize::from(c)]].concat()),
        1 => (0..9_u8, 0..60_u8).prop_map(|(a, b)| [&[a; 40][..], &[b'/', b]].concat()),
    ]
}

fn sharing() -> impl Strategy<Value = Sharing> {
    let edit = || (wide_key(), any::<Option<u64>>());
    let batch = (
        prop::collection::vec(edit(), 0..15),
        prop::option::of(0..30_usize),
        any::<bool>(),
    );
    prop_oneof![
        4 => edit().prop_map(|(key, new)| Sharing::Edit(key, new)),
        3 => batch.prop_map(|(edits, look, keep)| Sharing::Batch(edits, look, keep)),
        2 => Just(Sharing::Snapshot),
        2 => any::<Index>().prop_map(Sharing::Drop),
        2 => (any::<Index>(), edit()).prop_map(|(i, (key, new))| Sharing::EditKept(i, key, new)),
    ]
}

fn change(model: &mut Model, key: Vec<u8>, new: Option<u64>) -> Option<u64> {
    match new {
        Some(number) => model.insert(key, number),
        None => model.remove(&key),
    }
}

thread_local! {
    /// How many clones of [`Fragile`] there are before one panics.
    static CLONES: Cell<usize> = const { Cell::new(usize::MAX) };
}

/// A value whose clone panics when its turn has come.
#[derive(Debug)]
struct Fragile(Held);

impl Clone for Fragile {
    fn clone(&self) -> Self {
        let left = CLONES.get();
        CLONES.set(left.wrapping_sub(1));
        assert_ne!(left, 0, "its turn has come");
        Self(self.0.clone())
    }
}

/// Whichever clone panics: nothing is published, nothing is lost, and the next edit is made.
#[test]
fn a_clone_that_panics_leaves_the_version() {
    let alive = Arc::new(());
    let value = |number| {
        Fragile(Held {
            number,
            _alive: Arc::clone(&alive),
        })
    };
    let trie = CompressedSparseTrie::new(OneWriteMultiRead).unwrap();
    let mut model = Model::new();
    for (key, i) in joints().into_iter().zip(0..) {
        trie.insert(&key, value(i)).unwrap();
        model.insert(key, i);
    }
    for key in ["pair/a", "pair/c", "deep/", "long/new"] {
        for remove in [false, true] {
            for clones in 0.. {
                CLONES.set(clones);
                let edit = || match remove {
                    true => trie.remove(key),
                    false => trie.insert(key, value(1)),
                };
                let done = catch_unwind(AssertUnwindSafe(edit)).is_ok();
                CLONES.set(usize::MAX);
                if done {
                    change(&mut model, key.into(), (!remove).then_some(1));
                }
                let map = trie.snapshot();
                let found = map.iter().map(|(key, value)| (key, value.0.number));
                assert!(found.eq(model.iter().map(|(key, number)| (key.clone(), *number))));
                if done {
                    break;
                }
            }
        }
    }
    while trie.reclaim() > 0 {}
    drop(trie);
    assert_eq!(Arc::strong_count(&alive), 1, "values are left");
}

/// What a removal joins and gathers is not what others see: thrown away, it leaves no trace; and kept, it
/// leaves what another removal finds.
#[test]
fn removals_do_not_touch_what_is_published() {
    for level in WRITING {
        let alive = Arc::new(());
        let keys = joints();
        let held = |i| Held {
            number: i,
            _alive: Arc::clone(&alive),
        };
        let trie = CompressedSparseTrie::new(level).unwrap();
        for (i, key) in keys.iter().enumerate() {
            trie.insert(key, held(i as u64)).unwrap();
        }
        let mut model: Model = keys.iter().cloned().zip(0..).collect();
        let same = |model: &Model| {
            let map = trie.snapshot();
            let found = map.iter().map(|(key, value)| (key, value.number));
            assert!(found.eq(model.iter().map(|(key, number)| (key.clone(), *number))));
            #[cfg(feature = "testing")]
            map.check().unwrap();
        };
        for step in [1, 7, 11, 13] {
            for i in 0..keys.len() {
                let key = &keys[i * step % keys.len()];
                let refused = trie.with_writer_token(|trie, token| {
                    trie.remove_with_token(key, token)?;
                    Err::<(), _>(SyncError::Discarded)
                });
                assert_eq!(refused, Err(SyncError::Discarded));
                assert!(trie.get(key).is_some());
                trie.remove(key).unwrap();
                let number = model.remove(key).unwrap();
                if i % 5 == 0 {
                    same(&model);
                }
                if i % 2 == 0 {
                    trie.insert(key, held(number)).unwrap();
                    model.insert(key.clone(), number);
                }
            }
            same(&model);
            for (key, i) in keys.iter().zip(0..) {
                trie.insert(key, held(i)).unwrap();
                model.insert(key.clone(), i);
            }
        }
        drop(trie);
        assert_eq!(Arc::strong_count(&alive), 1, "values are left");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Snapshots that are taken anywhere, edited, and dropped at any time, beside a trie that takes over
    /// what only it has; in the end nothing is left.
    #[test]
    fn what_snapshots_share_is_left_to_them(
        level in 0..4_usize,
        start in prop::collection::btree_map(wide_key(), any::<u64>(), 0..300),
        steps in prop::collection::vec(sharing(), 0..60),
    ) {
        let alive = Arc::new(());
        let value = |number: &u64| Held { number: *number, _alive: Arc::clone(&alive) };
        let map: PathMap<Held> = start.iter().map(|(key, number)| (key, value(number))).collect();
        let trie = CompressedSparseTrie::new(WRITING[level]).unwrap();
        trie.with_writer_token(|trie, token| {
            for (key, number) in &start {
                trie.insert_with_token(key, value(number), token)?;
            }
            Ok(())
        }).unwrap();
        let mut model = start;
        let mut kept = vec![(map, model.clone())];
        let same = |map: &PathMap<Held>, model: &Model| {
            assert!(map.iter().map(|(key, value)| (key, &value.number)).eq(model.iter().map(|(key, number)| (key.clone(), number))));
            #[cfg(feature = "testing")]
            map.check().unwrap();
        };
        for step in steps {
            match step {
                Sharing::Edit(key, new) => {
                    let old = match &new {
                        Some(number) => trie.insert(&key, value(number)).unwrap(),
                        None => trie.remove(&key).unwrap(),
                    };
                    prop_assert_eq!(old.map(|old| old.number), change(&mut model, key, new));
                }
                Sharing::Batch(edits, look, keep) => {
                    let mut edited = model.clone();
                    let result = trie.with_writer_token(|trie, token| {
                        for (i, (key, new)) in edits.into_iter().enumerate() {
                            if look == Some(i) {
                                kept.push((trie.snapshot(), edited.clone()));
                            }
                            let old = match &new {
                                Some(number) => trie.insert_with_token(&key, value(number), token)?,
                                None => trie.remove_with_token(&key, token)?,
                            };
                            assert_eq!(old.map(|old| old.number), change(&mut edited, key, new));
                        }
                        if look >= Some(15) {
                            // Edited before the batch ends: its root has a copy, and shares the rest.
                            let (mut map, mut copy) = (thread::scope(|scope| scope.spawn(|| trie.snapshot()).join().unwrap()), model.clone());
                            map.insert("w", value(&7));
                            copy.insert(b"w".to_vec(), 7);
                            kept.push((map, copy));
                        }
                        if keep { Ok(()) } else { Err(SyncError::Discarded) }
                    });
                    prop_assert_eq!(result.is_ok(), keep);
                    if keep {
                        model = edited;
                    }
                }
                Sharing::Snapshot => kept.push((trie.snapshot(), model.clone())),
                Sharing::Drop(i) => {
                    let i = i.index(kept.len().max(1));
                    if i < kept.len() {
                        let (map, model) = kept.swap_remove(i);
                        same(&map, &model);
                    }
                }
                Sharing::EditKept(i, key, new) => {
                    let i = i.index(kept.len().max(1));
                    if let Some((map, model)) = kept.get_mut(i) {
                        match &new {
                            Some(number) => drop(map.insert(&key, value(number))),
                            None => drop(map.remove(&key)),
                        }
                        change(model, key, new);
                    }
                }
            }
            prop_assert_eq!(trie.len(), model.len());
        }
        same(&trie.snapshot(), &model);
        for (map, model) in &kept {
            same(map, model);
        }
        drop(trie);
        for (map, model) in kept {
            same(&map, &model);
        }
        prop_assert_eq!(Arc::strong_count(&alive), 1, "values are left");
    }
}
