//! Eight threads with maps that share their nodes, under random schedules: cloning, editing,
//! comparing and dropping, each map beside a model.
//!
//! Run with `cargo xtask shuttle`. The nodes are laid out as they ship; every block of memory is
//! watched, and so is every access to a value.

#![cfg(pleach_shuttle)]

mod common;
#[path = "shuttle/head.rs"]
mod head;

use std::fmt;
use std::sync::Arc;

use common::{apply, assert_same, assert_values, zip};
use pleach_atomic::cell::UnsafeCell;
use pleach_atomic::model::{below, random};
use pleach_atomic::sync::RwLock;
use pleach_atomic::thread;
use pleach_testkit::values::Seeded;
use pleach_testkit::{Edit, Key, Model, ModelZipper, Op, Origin};
use pleach_trie::PathMap;

/// How many threads there are in a scenario, the first included.
const THREADS: usize = 8;

/// Places through which maps go from thread to thread.
const SLOTS: usize = 2;

/// What each thread does with its map.
const STEPS: usize = 6;

/// What a value is overwritten with when it is dropped.
const DROPPED: u64 = 0xdead;

/// A value that the scheduler watches: to read, to write, to clone and to drop it are accesses.
struct Watched(UnsafeCell<u64>);

// SAFETY: the cell is written through `&mut self` alone.
unsafe impl Sync for Watched {}

impl Watched {
    fn get(&self) -> u64 {
        // SAFETY: nobody writes while `self` is borrowed; the cell tells if somebody does.
        let value = self.0.with(|value| unsafe { *value });
        assert_ne!(value, DROPPED, "used after it was dropped");
        value
    }
}

impl Seeded for Watched {
    fn seeded(seed: u64) -> Self {
        Self(UnsafeCell::new(seed))
    }

    fn is(&self, seed: u64) -> bool {
        self.get() == seed
    }
}

impl Clone for Watched {
    fn clone(&self) -> Self {
        Self::seeded(self.get())
    }
}

impl PartialEq for Watched {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.get();
        // SAFETY: `self` is borrowed exclusively.
        self.0.with_mut(|value| unsafe { *value = DROPPED });
    }
}

/// A map and what has to be in it.
#[derive(Clone, Default)]
struct Pair {
    map: PathMap<Watched>,
    model: Model<u64>,
}

/// One of a few keys: bytes of one node, a branching text, a long chain.
fn key() -> Key {
    let n = u8::try_from(below(12)).expect("small");
    match below(3) {
        0 => vec![b's', n * 20],
        1 => (0..n % 5).map(|i| b'a' + (n >> i) % 2).collect(),
        _ => vec![b'l'; 30 + usize::from(n % 3)],
    }
}

fn op() -> Op {
    let (key, seed) = (key(), below(1_000) as u64);
    match below(8) {
        0..=2 => Op::Insert(key, seed),
        3..=4 => Op::Remove(key),
        5 => Op::GetMut(key, seed),
        6 => Op::RemoveBranchesAt(key, true),
        _ => {
            let entry = |byte| ([&key[..], &[byte]].concat(), seed);
            Op::Extend((0..8).map(entry).collect())
        }
    }
}

impl Pair {
    /// A map with nodes of several kinds.
    fn first() -> Self {
        let mut pair = Self::default();
        let wide = (0..6).map(|byte| (vec![b's', byte * 40], 1));
        let rest = [(b"ab".to_vec(), 2), (vec![b'l'; 31], 3)];
        pair.edit(&Op::Extend(wide.chain(rest).collect()));
        pair
    }

    /// Makes one call, and compares what it says.
    fn edit(&mut self, op: &Op) {
        let outcome = apply(op, &mut self.map);
        assert!(outcome.agrees(&op.apply(&mut self.model)), "{op:?}");
    }

    /// Takes over what is below a path in another map.
    fn graft(&mut self, other: &Self) {
        let (root, path) = (key(), key());
        let graft = Edit::Graft(Origin { map: 0, path });
        let mut oracle = ModelZipper::new(std::mem::take(&mut self.model), &root);
        let mut z = self.map.write_zipper_at_path(&root);
        zip::apply_edit(&graft, &mut z, std::slice::from_ref(&other.map));
        graft.apply(&mut oracle, std::slice::from_ref(&other.model));
        drop(z);
        self.model = oracle.into_model();
    }
}

/// Runs one thread for each number below `THREADS`, number 0 here, and waits for all.
fn on_threads<T: Send + 'static>(work: impl Fn(usize) -> T + Clone + Send + 'static) -> Vec<T> {
    let others: Vec<_> = (1..THREADS)
        .map(|number| {
            let work = work.clone();
            thread::spawn(move || work(number))
        })
        .collect();
    let mut results = vec![work(0)];
    results.extend(others.into_iter().map(|other| other.join().unwrap()));
    results
}

/// What a thread does with its map, and with those that others have left in the slots.
fn work(slots: &[RwLock<Pair>], mut own: Pair) {
    for _ in 0..STEPS {
        let slot = &slots[below(slots.len())];
        match below(6) {
            0 => {
                let taken = slot.read().unwrap().clone();
                let same = own.model.iter().eq(taken.model.iter());
                assert_eq!(own.map == taken.map, same, "equal maps");
                own = taken;
            }
            1 => {
                let mut put = own.clone();
                std::mem::swap(&mut *slot.write().unwrap(), &mut put);
                assert_values(&put.map, &put.model);
            }
            2 => {
                let taken = slot.read().unwrap().clone();
                own.graft(&taken);
                assert_values(&taken.map, &taken.model);
            }
            // Several threads may read through one map at once.
            3 => {
                let shared = slot.read().unwrap();
                assert_values(&shared.map, &shared.model);
            }
            _ => own.edit(&op()),
        }
    }
    assert_same(&own.map, &own.model);
}

#[test]
fn maps_that_pass_between_threads_stay_equal_to_their_models() {
    let name = "maps_that_pass_between_threads_stay_equal_to_their_models";
    random(name, 2_000, || {
        let first = Pair::first();
        let slots: Arc<[_; SLOTS]> = Arc::new([(); SLOTS].map(|()| RwLock::new(first.clone())));
        let threads = Arc::clone(&slots);
        on_threads(move |_| work(&threads[..], first.clone()));
        for slot in &*slots {
            let pair = slot.read().unwrap();
            assert_same(&pair.map, &pair.model);
        }
    });
}

#[test]
fn each_thread_edits_a_snapshot_of_one_map() {
    random("each_thread_edits_a_snapshot_of_one_map", 2_000, || {
        let mut first = Pair::first();
        let before = first.clone();
        let edited = {
            let before = before.clone();
            on_threads(move |number| {
                let mut own = before.clone();
                let path = vec![b's', u8::try_from(number * 40 % 256).expect("reduced")];
                own.edit(&Op::Insert(path, 100));
                own.edit(&op());
                own
            })
        };
        first.edit(&op());
        for pair in edited.iter().chain([&before, &first]) {
            assert_same(&pair.map, &pair.model);
        }
    });
}
