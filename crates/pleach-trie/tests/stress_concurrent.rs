//! More threads than cores at one concurrent trie: each edits a part of its own beside a model, moves
//! amounts between keys that all share, and looks at snapshots.
//!
//! Runs for a second; `PLEACH_STRESS_SECONDS` says otherwise, and `PLEACH_STRESS_SEED` repeats what each
//! thread draws, if not how the threads meet.

use pleach_sync::ConcurrencyLevel::{self, MultiWriteMultiRead, OneWriteMultiRead};
use pleach_sync::SyncError;
use pleach_testkit::stress::{Draws, Stress, THREADS};
use pleach_trie::{CompressedSparseTrie, PathMap};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicIsize, Ordering::Relaxed};
use std::thread;
use std::time::Instant;

/// Keys that all threads write to; their values add up to zero.
const ACCOUNTS: u64 = 12;

/// Values that are alive. Relaxed: to count must not order what is tested.
static VALUES: AtomicIsize = AtomicIsize::new(0);

/// A value on the heap, counted, so that one freed early or twice shows.
#[derive(Debug)]
struct Boxed(Box<i64>);

impl Boxed {
    fn new(number: i64) -> Self {
        VALUES.fetch_add(1, Relaxed);
        Self(Box::new(number))
    }
}

impl Clone for Boxed {
    fn clone(&self) -> Self {
        Self::new(*self.0)
    }
}

impl Drop for Boxed {
    fn drop(&mut self) {
        VALUES.fetch_sub(1, Relaxed);
        *self.0 = i64::MIN;
    }
}

/// What a thread did.
#[derive(Default)]
struct Figures {
    edits: u64,
    batches: u64,
    conflicts: u64,
    snapshots: u64,
}

type Model = BTreeMap<Vec<u8>, i64>;

fn account(n: u64) -> String {
    format!("account/{n}")
}

fn check_snapshot(map: &PathMap<Boxed>, part: &str, model: &Model) {
    let accounts = map.prefix("account/").map(|(_, value)| *value.0);
    assert_eq!(accounts.sum::<i64>(), 0, "half of a batch is seen");
    let found = map.prefix(part).map(|(key, value)| (key, *value.0));
    let expected = model.iter().map(|(key, value)| (key.clone(), *value));
    assert!(found.eq(expected), "part {part} differs from its model");
    #[cfg(feature = "testing")]
    map.check().expect("the structure is well formed");
}

/// Edits of the thread's own part, with those of a model.
fn edit(draws: &mut Draws, part: &str) -> (Vec<u8>, Option<i64>) {
    let key = format!("{part}{}", draws.below(60)).into_bytes();
    let value = draws.below(1000) as i64;
    (key, (draws.below(3) > 0).then_some(value))
}

fn change(model: &mut Model, key: Vec<u8>, value: Option<i64>) {
    match value {
        Some(value) => drop(model.insert(key, value)),
        None => drop(model.remove(&key)),
    }
}

/// A batch over the own part, and perhaps two accounts; it may be thrown away, or panic.
fn batch(
    trie: &CompressedSparseTrie<Boxed>,
    part: &str,
    model: &mut Model,
    draws: &mut Draws,
    figures: &mut Figures,
) {
    let edits: Vec<_> = (0..draws.below(40)).map(|_| edit(draws, part)).collect();
    let transfer = (draws.below(2) == 0).then(|| {
        let from = draws.below(ACCOUNTS);
        (
            account(from),
            account((from + 1) % ACCOUNTS),
            draws.below(9) as i64,
        )
    });
    let end = draws.below(8);
    let run = || {
        trie.with_writer_token(|trie, token| {
            for (key, value) in &edits {
                match value {
                    Some(value) => drop(trie.insert_with_token(key, Boxed::new(*value), token)?),
                    None => drop(trie.remove_with_token(key, token)?),
                }
            }
            if let Some((from, to, amount)) = &transfer {
                for (name, amount) in [(from, -amount), (to, *amount)] {
                    let old = trie.get(name).map_or(0, |value| *value.0);
                    trie.insert_with_token(name, Boxed::new(old + amount), token)?;
                    thread::yield_now();
                }
            }
            match end {
                0 => Err(SyncError::Discarded),
                1 => resume_unwind(Box::new("drawn")),
                _ => Ok(()),
            }
        })
    };
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(())) => {
            figures.batches += 1;
            for (key, value) in edits {
                change(model, key, value);
            }
        }
        Ok(Err(SyncError::Conflict)) => {
            assert!(transfer.is_some(), "nobody else has this part");
            figures.conflicts += 1;
        }
        Ok(Err(error)) => assert_eq!((error, end), (SyncError::Discarded, 0)),
        Err(_) => assert_eq!(end, 1),
    }
}

fn work(
    trie: &CompressedSparseTrie<Boxed>,
    thread: usize,
    mut draws: Draws,
    end: Instant,
) -> Figures {
    let part = format!("part/{thread}/");
    let mut model = Model::new();
    let mut kept = (PathMap::new(), Model::new());
    let mut figures = Figures::default();
    while Instant::now() < end {
        match draws.below(8) {
            0..4 => {
                let (key, value) = edit(&mut draws, &part);
                let old = match value {
                    Some(value) => trie.insert(&key, Boxed::new(value)).unwrap(),
                    None => trie.remove(&key).unwrap(),
                };
                assert_eq!(old.map(|value| *value.0), model.get(&key).copied());
                change(&mut model, key, value);
                figures.edits += 1;
            }
            4 | 5 => batch(trie, &part, &mut model, &mut draws, &mut figures),
            6 => {
                let token = trie.tokens().reader_token().unwrap();
                let name = account(draws.below(ACCOUNTS));
                let value = trie.get_with_token(&name, &token);
                let before = value.map(|value| *value.0);
                thread::yield_now();
                assert_ne!(before, Some(i64::MIN), "read after it was dropped");
                assert_eq!(value.map(|value| *value.0), before);
            }
            _ => {
                check_snapshot(&kept.0, &part, &kept.1);
                kept = (trie.snapshot(), model.clone());
                check_snapshot(&kept.0, &part, &kept.1);
                figures.snapshots += 1;
            }
        }
    }
    figures
}

fn stress(level: ConcurrencyLevel, stress: Stress) {
    let trie = CompressedSparseTrie::new(level).unwrap();
    let end = stress.end();
    let mut total = Figures::default();
    thread::scope(|scope| {
        let trie = &trie;
        let threads: Vec<_> = stress
            .draws()
            .enumerate()
            .map(|(i, draws)| scope.spawn(move || work(trie, i, draws, end)))
            .collect();
        for thread in threads {
            let figures = thread.join().expect("a thread found a difference");
            total.edits += figures.edits;
            total.batches += figures.batches;
            total.conflicts += figures.conflicts;
            total.snapshots += figures.snapshots;
        }
    });
    while trie.reclaim() > 0 {}
    let stats = trie.tokens().stats();
    assert_eq!((stats.readers_active, stats.writers_active), (0, 0));
    assert_eq!((stats.retired, stats.pending_bytes), (stats.reclaimed, 0));
    assert!(level == MultiWriteMultiRead || total.conflicts == 0);
    drop(trie);
    assert_eq!(VALUES.load(Relaxed), 0, "values are left");
    println!(
        "stress trie, {level:?}: {THREADS} threads, {} edits, {} batches, {} conflicts, {} snapshots, nothing left, seed {}",
        total.edits, total.batches, total.conflicts, total.snapshots, stress.seed
    );
}

#[test]
fn stress_writers_beside_readers() {
    let half = Stress::from_env().half();
    stress(OneWriteMultiRead, half);
    stress(MultiWriteMultiRead, half);
}
