//! More threads than cores at shared maps: cloning, editing, reading and dropping, each beside a
//! model of its own.
//!
//! Runs for a second; `PLEACH_STRESS_SECONDS` says otherwise, and `PLEACH_STRESS_SEED` repeats what
//! each thread draws, if not how the threads meet.

mod common;
#[path = "stress/head.rs"]
mod head;

use common::{apply, assert_same, assert_values, zip};
use pleach_ptr::{AllocError, Allocator, Global, Layout, PtrKind, SharedAllocator, Slim, Standard};
use pleach_testkit::stress::{Draws, Stress, THREADS};
use pleach_testkit::values::Seeded;
use pleach_testkit::{Edit, Key, Model, ModelZipper, Op, Origin};
use pleach_trie::PathMap;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicIsize, Ordering::Relaxed};
use std::sync::{Arc, RwLock};
use std::thread;
use std::time::Instant;

/// Places through which maps go from thread to thread.
const SLOTS: usize = 6;

/// A map that would have more locations is cleared.
const LOCATIONS_MAX: usize = 1_500;

/// Values and bytes of nodes that are alive. Relaxed: to count must not order what is tested.
static VALUES: AtomicIsize = AtomicIsize::new(0);
static BYTES: AtomicIsize = AtomicIsize::new(0);

/// A value on the heap, counted, so that one freed early or twice shows.
#[derive(Debug)]
struct Boxed(Box<u64>);

impl Seeded for Boxed {
    fn seeded(seed: u64) -> Self {
        VALUES.fetch_add(1, Relaxed);
        Self(Box::new(seed))
    }

    fn is(&self, seed: u64) -> bool {
        *self.0 == seed
    }
}

impl Clone for Boxed {
    fn clone(&self) -> Self {
        Self::seeded(*self.0)
    }
}

impl Drop for Boxed {
    fn drop(&mut self) {
        VALUES.fetch_sub(1, Relaxed);
        *self.0 = u64::MAX;
    }
}

/// The global allocator, counted.
#[derive(Clone, Copy, Debug, Default)]
struct Counting;

// SAFETY: every block is the global allocator's; this only counts.
unsafe impl Allocator for Counting {
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        BYTES.fetch_add(layout.size() as isize, Relaxed);
        Global.allocate(layout)
    }

    unsafe fn deallocate(&self, block: NonNull<u8>, layout: Layout) {
        BYTES.fetch_sub(layout.size() as isize, Relaxed);
        // SAFETY: the caller's promise, and the block came from `Global`.
        unsafe { Global.deallocate(block, layout) }
    }
}

// SAFETY: all blocks are the global allocator's, whichever copy is asked.
unsafe impl SharedAllocator for Counting {
    fn same(&self, _: &Self) -> bool {
        true
    }
}

/// A map and what has to be in it.
struct Pair<K: PtrKind> {
    map: PathMap<Boxed, K, Counting>,
    model: Arc<Model<u64>>,
}

impl<K: PtrKind> Clone for Pair<K> {
    fn clone(&self) -> Self {
        Self {
            map: self.map.clone(),
            model: Arc::clone(&self.model),
        }
    }
}

impl<K: PtrKind> Default for Pair<K> {
    fn default() -> Self {
        Self {
            map: PathMap::default(),
            model: Arc::default(),
        }
    }
}

/// A key out of a few hundred of several shapes.
fn key(draws: &mut Draws) -> Key {
    let n = draws.below(48) as u8;
    match draws.below(4) {
        0 => vec![b's', n * 5],
        1 => (0..n % 7).map(|i| b'a' + (n >> i) % 2).collect(),
        2 => u64::from(n).to_be_bytes().to_vec(),
        _ => (0..30 + n % 8).map(|i| i / 29).collect(),
    }
}

fn op(draws: &mut Draws) -> Op {
    let key = key(draws);
    let seed = draws.below(1_000);
    match draws.below(16) {
        0..=6 => Op::Insert(key, seed),
        7..=10 => Op::Remove(key),
        11 => Op::GetMut(key, seed),
        12 => Op::RemoveBranchesAt(key, true),
        13 => Op::CreatePath(key),
        14 => Op::PrunePath(key),
        _ => {
            let entry = |byte| ([&key[..], &[byte]].concat(), seed);
            Op::Extend((0..40).map(entry).collect())
        }
    }
}

/// What a thread did.
#[derive(Default)]
struct Figures {
    rounds: u64,
    edits: u64,
    comparisons: u64,
}

/// Makes one edit of a map and of its model.
fn edit<K: PtrKind>(pair: &mut Pair<K>, other: &Pair<K>, draws: &mut Draws) {
    let model = Arc::make_mut(&mut pair.model);
    if model.locations().count() > LOCATIONS_MAX {
        pair.map.clear();
        model.clear();
    }
    if draws.below(8) > 0 {
        let op = op(draws);
        let outcome = apply(&op, &mut pair.map);
        assert!(outcome.agrees(&op.apply(model)), "{op:?}");
        return;
    }
    let root = key(draws);
    let origin = Origin {
        map: 0,
        path: key(draws),
    };
    let graft = Edit::Graft(origin);
    let mut oracle = ModelZipper::new(std::mem::take(model), &root);
    let mut z = pair.map.write_zipper_at_path(&root);
    zip::apply_edit(&graft, &mut z, std::slice::from_ref(&other.map));
    graft.apply(&mut oracle, &[Model::clone(&other.model)]);
    *model = oracle.into_model();
}

/// One thread: takes clones from the slots, edits them, compares them, and puts some back.
fn work<K: PtrKind>(slots: &[RwLock<Pair<K>>], mut draws: Draws, end: Instant) -> Figures
where
    PathMap<Boxed, K, Counting>: Send + Sync,
{
    let mut figures = Figures::default();
    let mut kept: Vec<Pair<K>> = (0..4).map(|_| Pair::default()).collect();
    while Instant::now() < end {
        let slot = &slots[draws.index(SLOTS)];
        let mut pair = slot.read().expect("nobody panicked").clone();
        let old = draws.index(kept.len());
        for _ in 0..draws.below(6) {
            edit(&mut pair, &kept[old], &mut draws);
            figures.edits += 1;
        }
        assert_values(&pair.map, &pair.model);
        if draws.below(2) == 0 {
            let mut put = pair.clone();
            let slot = &slots[draws.index(SLOTS)];
            std::mem::swap(&mut *slot.write().expect("nobody panicked"), &mut put);
        }
        if draws.below(4) == 0 {
            // Several threads may read through one map at once.
            let shared = slot.read().expect("nobody panicked");
            assert_values(&shared.map, &shared.model);
            figures.comparisons += 1;
        }
        let before = std::mem::replace(&mut kept[old], pair);
        assert_same(&before.map, &before.model);
        figures.comparisons += 2;
        figures.rounds += 1;
    }
    for pair in &kept {
        assert_same(&pair.map, &pair.model);
    }
    figures
}

/// Lets all threads loose on maps of one kind of pointer.
fn stress<K: PtrKind>(name: &str, stress: Stress)
where
    PathMap<Boxed, K, Counting>: Send + Sync,
{
    let slots: Vec<_> = (0..SLOTS)
        .map(|_| RwLock::new(Pair::<K>::default()))
        .collect();
    let shared = &slots[..];
    let end = stress.end();
    let mut total = Figures::default();
    thread::scope(|scope| {
        let threads: Vec<_> = stress
            .draws()
            .map(|draws| scope.spawn(move || work(shared, draws, end)))
            .collect();
        for thread in threads {
            let figures = thread.join().expect("a thread found a difference");
            total.rounds += figures.rounds;
            total.edits += figures.edits;
            total.comparisons += figures.comparisons;
        }
    });
    drop(slots);
    assert_eq!(VALUES.load(Relaxed), 0, "values are left");
    assert_eq!(BYTES.load(Relaxed), 0, "bytes of nodes are left");
    println!(
        "stress maps, {name}: {THREADS} threads, {} rounds, {} edits, {} comparisons, nothing left, seed {}",
        total.rounds, total.edits, total.comparisons, stress.seed
    );
}

#[test]
fn maps_go_from_thread_to_thread() {
    let half = Stress::from_env().half();
    stress::<Slim>("slim", half);
    stress::<Standard>("standard", half);
}
