//! The concurrent trie against `BTreeMap`, level by level, and what batches promise.

use pleach_sync::ConcurrencyLevel::*;
use pleach_sync::{ConcurrencyLevel, Policy, SyncError, TokenManager};
use pleach_trie::{CompressedSparseTrie, LocalTrie, PathMap};
use proptest::prelude::*;
use static_assertions::{assert_impl_all, assert_not_impl_any};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

assert_impl_all!(CompressedSparseTrie<u64>: Send, Sync);
assert_not_impl_any!(CompressedSparseTrie<Cell<u8>>: Send, Sync);
assert_not_impl_any!(LocalTrie<u64>: Send, Sync);

const WRITING: [ConcurrencyLevel; 4] = [
    SingleThreadStrict,
    SingleThreadShared,
    OneWriteMultiRead,
    MultiWriteMultiRead,
];

fn trie_of(level: ConcurrencyLevel, entries: &[(&str, u64)]) -> CompressedSparseTrie<u64> {
    let trie = CompressedSparseTrie::new(level).unwrap();
    for (key, value) in entries {
        trie.insert(key, *value).unwrap();
    }
    trie
}

/// Runs `f` in another thread.
fn elsewhere<R: Send>(f: impl FnOnce() -> R + Send) -> R {
    thread::scope(|scope| scope.spawn(f).join().unwrap())
}

/// A step of a script.
#[derive(Clone, Debug)]
enum Step {
    Insert(Vec<u8>, u64),
    Remove(Vec<u8>),
    /// Edits of a batch, and whether it is kept.
    Batch(Vec<(Vec<u8>, Option<u64>)>, bool),
    Snapshot,
}

fn key() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(0..3_u8, 0..6),
        (0..64_u8).prop_map(|n| vec![b'k', n]),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let edit = (key(), any::<Option<u64>>());
    prop_oneof![
        4 => (key(), any::<u64>()).prop_map(|(key, value)| Step::Insert(key, value)),
        2 => key().prop_map(Step::Remove),
        2 => (prop::collection::vec(edit, 0..20), any::<bool>())
            .prop_map(|(edits, keep)| Step::Batch(edits, keep)),
        1 => Just(Step::Snapshot),
    ]
}

type Model = BTreeMap<Vec<u8>, u64>;

fn assert_same(map: &PathMap<u64>, model: &Model) {
    assert!(
        map.iter()
            .eq(model.iter().map(|(key, value)| (key.clone(), value)))
    );
    #[cfg(feature = "testing")]
    map.check().unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn it_is_a_map(level in 0..4_usize, steps in prop::collection::vec(step(), 0..60)) {
        let trie = CompressedSparseTrie::new(WRITING[level]).unwrap();
        let mut model = Model::new();
        let mut kept = Vec::new();
        for step in steps {
            match step {
                Step::Insert(key, value) => {
                    prop_assert_eq!(trie.insert(&key, value), Ok(model.insert(key, value)));
                }
                Step::Remove(key) => {
                    prop_assert_eq!(trie.remove(&key), Ok(model.remove(&key)));
                }
                Step::Batch(edits, keep) => {
                    let mut edited = model.clone();
                    let result = trie.with_writer_token(|trie, token| {
                        for (key, value) in &edits {
                            let (old, expected) = match value {
                                Some(value) => (
                                    trie.insert_with_token(key, *value, token)?,
                                    edited.insert(key.clone(), *value),
                                ),
                                None => (trie.remove_with_token(key, token)?, edited.remove(key)),
                            };
                            assert_eq!(old, expected);
                            assert_eq!(trie.get(key), edited.get(key).copied());
                        }
                        assert_same(&trie.snapshot(), &edited);
                        if keep { Ok(()) } else { Err(SyncError::Discarded) }
                    });
                    prop_assert_eq!(result.is_ok(), keep);
                    if keep {
                        model = edited;
                    }
                }
                Step::Snapshot => kept.push((trie.snapshot(), model.clone())),
            }
            prop_assert_eq!(trie.len(), model.len());
        }
        assert_same(&trie.snapshot(), &model);
        assert!(trie.iter().eq(model));
        for (map, model) in kept {
            assert_same(&map, &model);
        }
    }

    /// Two batches at once at level 4: whichever commits last is put upon the other, or refused.
    #[test]
    fn batches_are_serial(
        start in prop::collection::btree_map(key(), any::<u64>(), 0..80),
        edits in prop::collection::vec((key(), any::<Option<u64>>(), any::<bool>()), 0..60),
        reads in prop::collection::vec(key(), 0..3),
        known in any::<bool>(),
    ) {
        let trie = CompressedSparseTrie::new(MultiWriteMultiRead).unwrap();
        for (key, value) in &start {
            trie.insert(key, *value).unwrap();
        }
        let (mut model, mut touched) = (start, Vec::new());
        let mut single = Vec::new();
        let result = trie.with_writer_token(|trie, token| {
            for key in &reads {
                assert_eq!(trie.get(key), model.get(key).copied());
            }
            for (key, value, ours) in &edits {
                if !ours {
                    single.push((key, value));
                    continue;
                }
                match value {
                    Some(value) => drop(trie.insert_with_token(key, *value, token)?),
                    None => drop(trie.remove_with_token(key, token)?),
                }
                touched.push(key.clone());
            }
            let others = |values: &[(&Vec<u8>, &Option<u64>)]| {
                for (key, value) in values {
                    match value {
                        Some(value) => drop(trie.insert(key, *value).unwrap()),
                        None => drop(trie.remove(key).unwrap()),
                    }
                }
            };
            match known {
                true => elsewhere(|| others(&single)),
                // In one batch of its own.
                false => elsewhere(|| {
                    trie.with_writer_token(|trie, token| {
                        for (key, value) in &single {
                            match value {
                                Some(value) => drop(trie.insert_with_token(key, *value, token)?),
                                None => drop(trie.remove_with_token(key, token)?),
                            }
                        }
                        Ok(())
                    })
                    .unwrap();
                }),
            }
            Ok(())
        });
        let overlap = single.iter().any(|(key, _)| touched.contains(key) || reads.contains(key));
        for (key, value) in &single {
            match value {
                Some(value) => drop(model.insert((*key).clone(), *value)),
                None => drop(model.remove(*key)),
            }
        }
        if result.is_ok() {
            for (key, value, _) in edits.iter().filter(|(_, _, ours)| *ours) {
                match value {
                    Some(value) => drop(model.insert(key.clone(), *value)),
                    None => drop(model.remove(key)),
                }
            }
        }
        match result {
            Ok(()) => {}
            Err(error) => {
                prop_assert_eq!(error, SyncError::Conflict);
                prop_assert!(overlap, "nothing was in the way");
            }
        }
        assert_same(&trie.snapshot(), &model);
    }
}

#[test]
fn level_0_reads_and_refuses() {
    let map = PathMap::from([("a", 1_u64)]);
    let trie = CompressedSparseTrie::from_map(NoWriteReadOnly, map).unwrap();
    assert_eq!(
        (trie.get("a"), trie.len(), trie.is_empty()),
        (Some(1), 1, false)
    );
    assert_eq!(trie.insert("b", 2), Err(SyncError::ReadOnly));
    assert_eq!(trie.remove("a"), Err(SyncError::ReadOnly));
    let refused = trie.with_writer_token(|_, _| Ok(()));
    assert_eq!(refused, Err(SyncError::ReadOnly));
    trie.with_reader_token(|trie, token| {
        assert_eq!(trie.get_with_token("a", token), Some(&1));
        Ok(())
    })
    .unwrap();
}

#[test]
fn levels_1_and_2_are_written_by_their_thread() {
    for level in [SingleThreadStrict, SingleThreadShared] {
        let trie = trie_of(level, &[("a", 1)]);
        let wrong = SyncError::WrongThread;
        assert_eq!(elsewhere(|| trie.insert("b", 2)), Err(wrong));
        assert_eq!(elsewhere(|| trie.remove("a")), Err(wrong));
        assert_eq!(
            elsewhere(|| trie.with_writer_token(|_, _| Ok(()))),
            Err(wrong)
        );
        assert_eq!(
            elsewhere(|| trie.with_reader_token(|_, _| Ok(()))),
            Err(wrong)
        );
        let token = trie.tokens().reader_token().unwrap();
        let held = trie.get_with_token("a", &token);
        match level {
            SingleThreadStrict => {
                let active = SyncError::ReadersActive { active: 1 };
                assert_eq!(trie.insert("a", 2), Err(active));
            }
            _ => assert_eq!(trie.insert("a", 2), Ok(Some(1))),
        }
        assert_eq!(held, Some(&1));
    }
}

#[test]
fn a_foreign_token_is_refused() {
    let trie = trie_of(OneWriteMultiRead, &[("a", 1)]);
    let other = TokenManager::new(OneWriteMultiRead);
    let token = other.reader_token().unwrap();
    assert_eq!(trie.get_with_token("a", &token), None);
    assert!(matches!(
        trie.snapshot_with_token(&token),
        Err(SyncError::ForeignToken)
    ));
    let token = other.writer_token().unwrap();
    let foreign = Err(SyncError::ForeignToken);
    assert_eq!(trie.insert_with_token("a", 2, &token), foreign);
    assert_eq!(trie.remove_with_token("a", &token), foreign);
    let mut own = trie.tokens().writer_token().unwrap();
    assert_eq!(trie.insert_with_token("a", 2, &own), Ok(Some(1)));
    own.idle();
    assert_eq!(
        trie.insert_with_token("a", 3, &own),
        Err(SyncError::IdleToken)
    );
    assert_eq!(trie.get("a"), Some(2));
}

#[test]
fn a_writer_without_its_token_is_told() {
    for level in [OneWriteMultiRead, MultiWriteMultiRead] {
        let trie = trie_of(level, &[("a", 1)]);
        trie.with_writer_token(|trie, token| {
            let held = Err(SyncError::WriterHeld);
            assert_eq!(trie.insert("b", 2), held);
            assert_eq!(trie.remove("a"), held);
            assert_eq!(trie.with_writer_token(|_, _| Ok(None)), held);
            trie.insert_with_token("b", 2, token)?;
            Ok(())
        })
        .unwrap();
        assert_eq!(trie.get("b"), Some(2));
    }
}

#[test]
fn a_batch_is_seen_by_its_thread_and_then_by_all_at_once() {
    for level in [OneWriteMultiRead, MultiWriteMultiRead] {
        let trie = trie_of(level, &[("a", 1)]);
        let before = trie.snapshot();
        trie.with_writer_token(|trie, token| {
            trie.insert_with_token("b", 2, token)?;
            trie.remove_with_token("a", token)?;
            assert!(trie.contains("b") && !trie.contains("a"));
            assert_eq!((trie.get("b"), trie.len()), (Some(2), 1));
            assert!(trie.iter().eq([(b"b".to_vec(), 2)]));
            elsewhere(|| {
                assert_eq!(
                    (trie.get("a"), trie.get("b"), trie.len()),
                    (Some(1), None, 1)
                );
                assert!(trie.snapshot().ptr_eq(&before));
            });
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{level:?}: {error}"));
        assert_eq!((trie.get("a"), trie.get("b")), (None, Some(2)));
        assert_eq!(before.get("a"), Some(&1));
    }
}

#[test]
fn errors_and_panics_discard_a_batch() {
    for level in WRITING {
        let trie = trie_of(level, &[("a", 1)]);
        let result = trie.with_writer_token(|trie, token| {
            trie.insert_with_token("a", 2, token)?;
            Err::<(), _>(SyncError::Discarded)
        });
        assert_eq!(
            (result, trie.get("a")),
            (Err(SyncError::Discarded), Some(1))
        );
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            trie.with_writer_token(|trie, token| -> Result<(), _> {
                trie.insert_with_token("a", 2, token)?;
                panic!("in the closure");
            })
        }));
        assert!(panicked.is_err());
        assert_eq!((trie.get("a"), trie.insert("a", 3)), (Some(1), Ok(Some(1))));
    }
}

#[test]
fn values_live_as_long_as_their_token() {
    let drops = AtomicUsize::new(0);
    struct Counted<'c>(&'c AtomicUsize, u32);
    impl Clone for Counted<'_> {
        fn clone(&self) -> Self {
            Self(self.0, self.1)
        }
    }
    impl Drop for Counted<'_> {
        fn drop(&mut self) {
            self.0.fetch_add(1, SeqCst);
        }
    }
    let trie = CompressedSparseTrie::new(OneWriteMultiRead).unwrap();
    trie.insert("a", Counted(&drops, 7)).map(drop).unwrap();
    let token = trie.tokens().reader_token().unwrap();
    let value = trie.get_with_token("a", &token).unwrap();
    trie.remove("a").map(drop).unwrap();
    let before = drops.load(SeqCst);
    trie.reclaim();
    assert_eq!(
        (value.1, drops.load(SeqCst)),
        (7, before),
        "kept by the token"
    );
    drop(token);
    assert_eq!(trie.reclaim(), 1);
    assert_eq!(drops.load(SeqCst), before + 1);
}

#[test]
fn level_3_writers_wait_for_each_other_and_readers_do_not() {
    let trie = trie_of(OneWriteMultiRead, &[("n", 0)]);
    let start = Barrier::new(5);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                start.wait();
                for _ in 0..100 {
                    trie.with_writer_token(|trie, token| {
                        let n = trie.get("n").unwrap();
                        trie.insert_with_token("n", n + 1, token).map(drop)
                    })
                    .unwrap();
                }
            });
        }
        start.wait();
        let mut last = 0;
        while last < 400 {
            let n = trie.get("n").unwrap();
            assert!(n >= last);
            last = n;
        }
    });
}

#[test]
fn level_4_refuses_what_others_have_changed_and_it_can_be_tried_again() {
    let trie = trie_of(MultiWriteMultiRead, &[("n", 0)]);
    let conflicts = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..100 {
                    let add = || {
                        trie.with_writer_token(|trie, token| {
                            let n = trie.get("n").unwrap();
                            thread::yield_now();
                            trie.insert_with_token("n", n + 1, token).map(drop)
                        })
                    };
                    while let Err(error) = add() {
                        assert_eq!(error, SyncError::Conflict);
                        conflicts.fetch_add(1, SeqCst);
                    }
                }
            });
        }
    });
    assert_eq!(trie.get("n"), Some(400));
    println!("{conflicts:?} conflicts");
}

#[test]
fn level_4_writers_have_each_a_part() {
    let trie = CompressedSparseTrie::new(MultiWriteMultiRead).unwrap();
    let trie = &trie;
    thread::scope(|scope| {
        for part in 0..4_u64 {
            scope.spawn(move || {
                for batch in 0..20_u64 {
                    trie.with_writer_token(|trie, token| {
                        for n in 0..100_u64 {
                            let key = format!("part {part}/{batch}/{n}");
                            trie.insert_with_token(key, n, token)?;
                        }
                        Ok(())
                    })
                    .expect("nobody else is here");
                }
            });
        }
    });
    let map = trie.snapshot();
    assert_eq!(map.len(), 8000);
    #[cfg(feature = "testing")]
    map.check().unwrap();
    assert_eq!(map.get("part 3/19/99"), Some(&99));
}

/// A disjoint batch takes its branch over by its node, whatever others did elsewhere.
#[test]
fn a_branch_that_nobody_else_changed_moves_whole() {
    let trie = CompressedSparseTrie::new(MultiWriteMultiRead).unwrap();
    for n in 0..5000_u64 {
        trie.insert(format!("left/{n}"), n).map(drop).unwrap();
        trie.insert(format!("right/{n}"), n).map(drop).unwrap();
    }
    let mut edited = None;
    trie.with_writer_token(|trie, token| {
        for n in 0..5000_u64 {
            trie.insert_with_token(format!("left/{n}"), n + 1, token)?;
        }
        edited = elsewhere(|| {
            trie.insert("right/7", 0).unwrap();
            None::<()>
        });
        Ok(())
    })
    .unwrap();
    let map = trie.snapshot();
    assert_eq!(
        (map.get("left/7"), map.get("right/7")),
        (Some(&8), Some(&0))
    );
    assert_eq!(map.len(), 10_000);
    #[cfg(feature = "testing")]
    map.check().unwrap();
}

#[test]
fn backpressure_holds_writers_and_never_readers() {
    let policy = Policy::Backpressure { limit: 4096 };
    let trie = CompressedSparseTrie::with_policy(OneWriteMultiRead, policy).unwrap();
    trie.insert("a", 1).unwrap();
    let token = trie.tokens().reader_token().unwrap();
    let value = trie.get_with_token("a", &token).unwrap();
    let refused = (0..10).find_map(|n| trie.insert("a", n).err());
    assert!(matches!(
        refused,
        Some(SyncError::Backpressure { limit: 4096, .. })
    ));
    assert_eq!(*value, 1);
    drop(token);
    assert!(trie.insert("a", 9).is_ok());
    assert_eq!(trie.tokens().stats().pending_bytes, 0);
}

#[test]
fn a_clone_that_writes_is_refused_and_does_not_deadlock() {
    struct Meddler<'a>(&'a AtomicUsize, Option<&'a CompressedSparseTrie<u64>>);
    impl Clone for Meddler<'_> {
        fn clone(&self) -> Self {
            if let Some(trie) = self.1 {
                let held = trie.insert("from a clone", 1) == Err(SyncError::WriterHeld);
                self.0.fetch_add(usize::from(held), SeqCst);
            }
            Self(self.0, self.1)
        }
    }
    let refused = AtomicUsize::new(0);
    let other = CompressedSparseTrie::new(OneWriteMultiRead).unwrap();
    let trie = CompressedSparseTrie::new(OneWriteMultiRead).unwrap();
    trie.insert("a", Meddler(&refused, Some(&other)))
        .map(drop)
        .unwrap();
    let _held = other.tokens().writer_token().unwrap();
    trie.insert("b", Meddler(&refused, None)).map(drop).unwrap();
    assert!(
        refused.load(SeqCst) > 0,
        "to copy a shared node clones its values"
    );
}
