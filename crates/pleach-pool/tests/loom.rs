//! Models of the pools that threads share: every schedule of two threads, by loom.
//!
//! Run with `RUSTFLAGS="--cfg pleach_loom" cargo test -p pleach-pool --release --test loom`, in a
//! target directory of its own. A span has four blocks here and a segment two spans; there are two
//! classes, and the tags of lists begin where they wrap around.
//!
//! Each block has a watched cell beside it, which whoever has the block writes to. A block that two
//! have, or that is given on before its user is done, is a data race.

#![cfg(pleach_loom)]

use std::collections::{BTreeMap, BTreeSet};
use std::ptr::NonNull;
use std::sync::Mutex;

use allocator_api2::alloc::{Allocator, Layout};
use pleach_atomic::cell::UnsafeCell;
use pleach_atomic::model::check;
use pleach_atomic::sync::Arc;
use pleach_atomic::thread;
use pleach_pool::{
    AdaptiveFiveLevelPool, ConcurrencyLevel, FiveLevelPoolConfig, FreeError, LockFreePool,
    MutexBasedPool, Pool, ThreadLocalPool,
};

/// A layout of the smaller class.
const LAYOUT: Layout = Layout::new::<[u64; 2]>();

fn config() -> FiveLevelPoolConfig {
    let config = FiveLevelPoolConfig::memory_optimized();
    FiveLevelPoolConfig {
        max_bytes: Some(2 * config.segment_bytes),
        magazine_bytes: 4 * LAYOUT.size(),
        ..config
    }
}

/// A block in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Block(usize);

/// A pool whose blocks have cells.
struct Watched<P> {
    pool: P,
    /// Not loom's: to find a cell must not order what the pool has to order.
    cells: Mutex<BTreeMap<Block, Arc<Cell>>>,
    pointers: Mutex<BTreeMap<Block, Pointer>>,
}

struct Cell(UnsafeCell<u32>);

// SAFETY: who has a block writes its cell; loom checks that nobody else does.
unsafe impl Sync for Cell {}
// SAFETY: as above.
unsafe impl Send for Cell {}

struct Pointer(NonNull<u8>);

// SAFETY: whoever takes it out has the block.
unsafe impl Send for Pointer {}

impl<P: Pool + Allocator> Watched<P> {
    /// Makes a pool of which `ready` blocks have been used and freed.
    fn new(pool: P, ready: usize) -> Arc<Self> {
        let watched = Self {
            pool,
            cells: Mutex::default(),
            pointers: Mutex::default(),
        };
        let blocks: Vec<_> = (0..ready).map(|_| watched.take()).collect();
        blocks
            .into_iter()
            .rev()
            .for_each(|block| watched.give(block));
        Arc::new(watched)
    }

    fn try_take(&self) -> Option<Block> {
        let pointer = self.pool.allocate(LAYOUT).ok()?.cast::<u8>();
        let block = Block(pointer.addr().get());
        let old = self
            .pointers
            .lock()
            .unwrap()
            .insert(block, Pointer(pointer));
        assert!(old.is_none(), "a block is given out twice");
        self.write(block, 1);
        Some(block)
    }

    fn take(&self) -> Block {
        self.try_take().expect("there is room")
    }

    fn give(&self, block: Block) {
        self.write(block, 2);
        let pointer = self.pointers.lock().unwrap().remove(&block);
        let Pointer(pointer) = pointer.expect("the block is in use");
        // SAFETY: the block is in use, by us.
        unsafe { self.pool.deallocate(pointer, LAYOUT) };
    }

    fn write(&self, block: Block, value: u32) {
        let mut cells = self.cells.lock().unwrap();
        let new = || Arc::new(Cell(UnsafeCell::new(0)));
        let cell = Arc::clone(cells.entry(block).or_insert_with(new));
        drop(cells);
        // SAFETY: who has the block is alone; loom checks it.
        cell.0.with_mut(|cell| unsafe { *cell = value });
    }

    /// All blocks are back.
    fn finish(&self) {
        assert!(self.pointers.lock().unwrap().is_empty());
        let stats = self.pool.stats();
        assert_eq!(stats.live_blocks, 0);
        assert!(stats.adds_up(), "{stats:?}");
    }
}

fn lock_free() -> LockFreePool {
    LockFreePool::new(config()).unwrap()
}

fn cached() -> ThreadLocalPool {
    ThreadLocalPool::new(config()).unwrap()
}

/// Runs `other` beside `here`, on one pool.
fn beside<P: Pool + Allocator + Send + Sync + 'static, T: Send + 'static>(
    watched: &Arc<Watched<P>>,
    other: impl FnOnce(&Watched<P>) -> T + Send + 'static,
    here: impl FnOnce(&Watched<P>) -> T,
) -> (T, T) {
    let shared = Arc::clone(watched);
    let other = thread::spawn(move || other(&shared));
    let here = here(watched);
    (here, other.join().unwrap())
}

#[test]
fn pop_against_pop() {
    check("pop_against_pop", || {
        let watched = Watched::new(lock_free(), 2);
        let (a, b) = beside(&watched, Watched::take, Watched::take);
        assert_ne!(a, b);
        watched.give(a);
        watched.give(b);
        watched.finish();
    });
}

#[test]
fn a_head_that_has_come_back_is_another() {
    check("a_head_that_has_come_back_is_another", || {
        let watched = Watched::new(lock_free(), 2);
        let (a, b) = beside(&watched, Watched::take, |watched| {
            let (first, second) = (watched.take(), watched.take());
            watched.give(first);
            second
        });
        let c = watched.take();
        assert_eq!(BTreeSet::from([a, b, c]).len(), 3);
        [a, b, c].into_iter().for_each(|block| watched.give(block));
        watched.finish();
    });
}

#[test]
fn push_against_push_and_pop() {
    check("push_against_push_and_pop", || {
        let watched = Watched::new(lock_free(), 2);
        beside(
            &watched,
            |watched| watched.give(watched.take()),
            |watched| watched.give(watched.take()),
        );
        watched.finish();
    });
}

#[test]
fn pop_against_grow() {
    check("pop_against_grow", || {
        let watched = Watched::new(lock_free(), 0);
        let (a, b) = beside(&watched, Watched::take, Watched::take);
        assert_ne!(a, b);
        watched.give(a);
        watched.give(b);
        watched.finish();
    });
}

#[test]
fn one_lock_for_a_class() {
    check("one_lock_for_a_class", || {
        let pool = MutexBasedPool::new(config()).unwrap();
        let watched = Watched::new(pool, 1);
        beside(
            &watched,
            |watched| watched.give(watched.take()),
            |watched| watched.give(watched.take()),
        );
        watched.finish();
    });
}

#[test]
fn two_free_one_handle() {
    check("two_free_one_handle", || {
        let watched = Watched::new(lock_free(), 0);
        let handle = watched.pool.alloc(16).unwrap();
        let (a, b) = beside(
            &watched,
            move |watched| watched.pool.free(handle),
            |watched| watched.pool.free(handle),
        );
        let results = [a, b];
        assert!(results.contains(&Ok(())) && results.contains(&Err(FreeError::Stale)));
        let (a, b) = (watched.take(), watched.take());
        assert_ne!(a, b, "freed twice");
        watched.give(a);
        watched.give(b);
        watched.finish();
    });
}

#[test]
fn a_stale_free_against_the_next_life() {
    check("a_stale_free_against_the_next_life", || {
        let watched = Watched::new(lock_free(), 0);
        let old = watched.pool.alloc(16).unwrap();
        watched.pool.free(old).unwrap();
        let (_, new) = beside(
            &watched,
            |watched| Some(watched.pool.alloc(16).unwrap()),
            |watched| {
                assert_eq!(watched.pool.free(old), Err(FreeError::Stale));
                None
            },
        );
        watched.pool.free(new.unwrap()).unwrap();
        watched.finish();
    });
}

#[test]
fn two_name_the_first_blocks_of_a_span() {
    check("two_name_the_first_blocks_of_a_span", || {
        let watched = Watched::new(lock_free(), 2);
        let (a, b) = beside(
            &watched,
            |watched| watched.pool.alloc(16).unwrap(),
            |watched| watched.pool.alloc(16).unwrap(),
        );
        assert_ne!(a, b);
        watched.pool.free(a).unwrap();
        watched.pool.free(b).unwrap();
        watched.finish();
    });
}

/// A block is taken and given back while another thread trims.
fn trim_beside_use<P: Pool + Allocator + Send + Sync + 'static>(pool: P) {
    let watched = Watched::new(pool, 1);
    beside(
        &watched,
        |watched| assert_eq!(watched.pool.trim() % 16, 0),
        |watched| watched.give(watched.take()),
    );
    watched.finish();
}

#[test]
fn owner_against_visitor() {
    check("owner_against_visitor", || trim_beside_use(cached()));
}

#[test]
fn remote_free_against_the_end_of_the_owner() {
    check("remote_free_against_the_end_of_the_owner", || {
        let watched = Watched::new(cached(), 0);
        let block = watched.take();
        beside(
            &watched,
            |watched| watched.give(watched.take()),
            |watched| watched.give(block),
        );
        watched.finish();
    });
}

#[test]
fn a_local_goes_from_thread_to_thread() {
    check("a_local_goes_from_thread_to_thread", || {
        let watched = Watched::new(cached(), 0);
        beside(
            &watched,
            |watched| watched.give(watched.take()),
            |watched| watched.give(watched.take()),
        );
        watched.finish();
    });
}

#[test]
fn the_pool_goes_while_a_thread_ends() {
    check("the_pool_goes_while_a_thread_ends", || {
        let watched = Watched::new(cached(), 0);
        let shared = Arc::clone(&watched);
        let other = thread::spawn(move || shared.give(shared.take()));
        watched.give(watched.take());
        drop(watched);
        other.join().unwrap();
    });
}

#[test]
fn the_last_block_goes_to_one() {
    check("the_last_block_goes_to_one", || {
        let watched = Watched::new(lock_free(), 0);
        let blocks: Vec<_> = (0..13).map(|_| watched.take()).collect();
        let (a, b) = beside(&watched, Watched::try_take, Watched::try_take);
        assert!(a.is_some() != b.is_some(), "one block for two threads");
        blocks
            .into_iter()
            .chain(a)
            .chain(b)
            .for_each(|block| watched.give(block));
        watched.finish();
    });
}

#[test]
fn trim_against_take() {
    check("trim_against_take", || trim_beside_use(lock_free()));
}

#[test]
fn a_level_changes_under_use() {
    check("a_level_changes_under_use", || {
        let level = ConcurrencyLevel::ThreadLocal;
        let pool = AdaptiveFiveLevelPool::with_level(config(), level).unwrap();
        let watched = Watched::new(pool, 1);
        let handle = watched.pool.alloc(16).unwrap();
        beside(
            &watched,
            |watched| watched.give(watched.take()),
            |watched| {
                watched
                    .pool
                    .set_level(ConcurrencyLevel::MultiThreadMutex)
                    .unwrap();
                watched.pool.free(handle).unwrap();
            },
        );
        watched.finish();
    });
}
