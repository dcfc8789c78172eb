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
use pleach_testkit::values::Seeded;
use pleach_testkit::{Edit, Key, Model, ModelZipper, Op, Origin};
use pleach_trie::PathMap;
use std::env;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicIsize, Ordering::Relaxed};
use std::sync::{Arc, RwLock};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

/// Eight for each core of a small machine: most threads are interrupted where they stand.
const THREADS: usize = 16;

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

/// The numbers of one thread (splitmix64).
struct Draws(u64);

impl Draws {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    /// A key out of a few hundred of several shapes.
    fn key(&mut self) -> Key {
        let n = self.below(48) as u8;
        match self.below(4) {
            0 => vec![b's', n * 5],
            1 => (0..n % 7).map(|i| b'a' + (n >> i) % 2).collect(),
            2 => u64::from(n).to_be_bytes().to_vec(),
            _ => (0..30 + n % 8).map(|i| i / 29).collect(),
        }
    }

    fn op(&mut self) -> Op {
        let key = self.key();
        let seed = self.next() % 1_000;
        match self.below(16) {
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
        let op = draws.op();
        let outcome = apply(&op, &mut pair.map);
        assert!(outcome.agrees(&op.apply(model)), "{op:?}");
        return;
    }
    let root = draws.key();
    let origin = Origin {
        map: 0,
        path: draws.key(),
    };
    let graft = Edit::Graft(origin);
    let mut oracle = ModelZipper::new(std::mem::take(model), &root);
    let mut z = pair.map.write_zipper_at_path(&root);
    zip::apply_edit(&graft, &mut z, std::slice::from_ref(&other.map));
    graft.apply(&mut oracle, &[Model::clone(&other.model)]);
    *model = oracle.into_model();
}

/// One thread: takes clones from the slots, edits them, compares them, and puts some back.
fn work<K: PtrKind>(slots: &[RwLock<Pair<K>>], seed: u64, end: Instant) -> Figures
where
    PathMap<Boxed, K, Counting>: Send + Sync,
{
    let mut draws = Draws(seed);
    let mut figures = Figures::default();
    let mut kept: Vec<Pair<K>> = (0..4).map(|_| Pair::default()).collect();
    while Instant::now() < end {
        let slot = &slots[draws.below(SLOTS)];
        let mut pair = slot.read().expect("nobody panicked").clone();
        let old = draws.below(kept.len());
        for _ in 0..draws.below(6) {
            edit(&mut pair, &kept[old], &mut draws);
            figures.edits += 1;
        }
        assert_values(&pair.map, &pair.model);
        if draws.below(2) == 0 {
            let mut put = pair.clone();
            let slot = &slots[draws.below(SLOTS)];
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
fn stress<K: PtrKind>(name: &str, seconds: f64, seed: u64)
where
    PathMap<Boxed, K, Counting>: Send + Sync,
{
    let slots: Vec<_> = (0..SLOTS)
        .map(|_| RwLock::new(Pair::<K>::default()))
        .collect();
    let shared = &slots[..];
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    let mut total = Figures::default();
    thread::scope(|scope| {
        let seeds = (0..THREADS as u64).map(|i| seed.wrapping_add(i << 32));
        let threads: Vec<_> = seeds
            .map(|seed| scope.spawn(move || work(shared, seed, end)))
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
        "stress maps, {name}: {THREADS} threads, {} rounds, {} edits, {} comparisons, nothing left, seed {seed}",
        total.rounds, total.edits, total.comparisons
    );
}

fn variable<T: std::str::FromStr>(name: &str) -> Option<T> {
    env::var(name).ok()?.parse().ok()
}

#[test]
fn maps_go_from_thread_to_thread() {
    let seconds: f64 = variable("PLEACH_STRESS_SECONDS").unwrap_or(1.0);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let time = now.map_or(0, |time| time.as_nanos() as u64);
    let seed = variable("PLEACH_STRESS_SEED").unwrap_or(time);
    println!("seed {seed}");
    stress::<Slim>("slim", seconds / 2.0, seed);
    stress::<Standard>("standard", seconds / 2.0, seed);
}
