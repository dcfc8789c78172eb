//! Blocks that are known by a handle.

use super::Work;
use super::heaps::{Configured, Heap, Level};
use crate::clock::{at_once, timed};
use crate::race::Sheet;
use anyhow::{Result, ensure};
use pleach::pool::Handle;
use std::cell::{Cell, RefCell};
use std::hint::black_box;
use zipora::memory::five_level_pool as zipora_pools;
use zipora_pools::{
    FiveLevelPoolConfig as ZiporaConfig, LockFreePool, MemOffset, MutexBasedPool, NoLockingPool,
    ThreadLocalPool,
};

const BATCH: usize = 1_000;
const SMALL: usize = 64;

/// A pool that names its blocks.
pub(crate) trait Keyed {
    /// A name.
    type Key;
    /// A new pool.
    fn fresh() -> Self;
    /// Takes a block of 64 bytes.
    fn take(&self) -> Self::Key;
    /// Gives a block back; whether it was there.
    fn give(&self, key: Self::Key) -> bool;
}

impl<P: Configured> Keyed for Level<P> {
    type Key = Handle;

    fn fresh() -> Self {
        <Self as Heap>::fresh()
    }

    #[inline]
    fn take(&self) -> Handle {
        self.0.alloc(SMALL).expect("there is memory")
    }

    #[inline]
    fn give(&self, key: Handle) -> bool {
        self.0.free(key).is_ok()
    }
}

/// `slab`: one thread, and keys that do not notice when their block is another's.
pub(crate) struct Slab(RefCell<slab::Slab<[u8; SMALL]>>);

impl Keyed for Slab {
    type Key = usize;

    fn fresh() -> Self {
        Self(RefCell::default())
    }

    fn take(&self) -> usize {
        self.0.borrow_mut().insert([0; SMALL])
    }

    fn give(&self, key: usize) -> bool {
        self.0.borrow_mut().try_remove(key).is_some()
    }
}

/// `sharded-slab`: many threads, keys with a generation.
pub(crate) struct Sharded(sharded_slab::Slab<[u8; SMALL]>);

impl Keyed for Sharded {
    type Key = usize;

    fn fresh() -> Self {
        Self(sharded_slab::Slab::new())
    }

    fn take(&self) -> usize {
        self.0.insert([0; SMALL]).expect("there is room")
    }

    fn give(&self, key: usize) -> bool {
        self.0.remove(key)
    }
}

/// zipora's level 1, whose methods want it for themselves.
pub(crate) struct Zipora1(Cell<Option<NoLockingPool>>);
/// zipora's level 2.
pub(crate) struct Zipora2(MutexBasedPool);
/// zipora's level 3.
pub(crate) struct Zipora3(LockFreePool);
/// zipora's level 4.
pub(crate) struct Zipora4(ThreadLocalPool);

const ZIPORA: &str = "zipora's own configuration has room";

fn zipora_config() -> ZiporaConfig {
    ZiporaConfig::performance_optimized()
}

impl Keyed for Zipora1 {
    type Key = MemOffset;

    fn fresh() -> Self {
        Self(Cell::new(NoLockingPool::new(zipora_config()).ok()))
    }

    fn take(&self) -> MemOffset {
        let mut pool = self.0.take().expect(ZIPORA);
        let offset = pool.alloc(SMALL).expect(ZIPORA);
        self.0.set(Some(pool));
        offset
    }

    fn give(&self, key: MemOffset) -> bool {
        let mut pool = self.0.take().expect(ZIPORA);
        let freed = pool.free(key, SMALL).is_ok();
        self.0.set(Some(pool));
        freed
    }
}

/// The levels of zipora that threads share.
macro_rules! zipora_level {
    ($($level:ty, $pool:ty;)*) => {$(
        impl Keyed for $level {
            type Key = MemOffset;

            fn fresh() -> Self {
                Self(<$pool>::new(zipora_config()).expect(ZIPORA))
            }

            fn take(&self) -> MemOffset {
                self.0.alloc(SMALL).expect(ZIPORA)
            }

            fn give(&self, key: MemOffset) -> bool {
                self.0.free(key, SMALL).is_ok()
            }
        }
    )*};
}

zipora_level! {
    Zipora2, MutexBasedPool;
    Zipora3, LockFreePool;
    Zipora4, ThreadLocalPool;
}

/// The samples of one thread.
pub(crate) fn alone<K: Keyed>(work: &Work, sheet: &mut Sheet<'_>) -> Result<()> {
    sheet.cell("pair-one-thread", || {
        let pool = K::fresh();
        let (freed, time) = timed(work.blocks, || pairs(&pool, work.blocks));
        ensure!(freed == work.blocks, "{freed} blocks were freed");
        Ok(time)
    })?;
    for (key, last_first) in [("lifo", true), ("fifo", false)] {
        sheet.cell(key, || {
            let pool = K::fresh();
            let rounds = work.blocks / BATCH;
            let mut held = Vec::with_capacity(BATCH);
            let (freed, time) = timed(rounds * BATCH, || {
                let mut freed = 0;
                for _ in 0..rounds {
                    held.extend((0..BATCH).map(|_| black_box(pool.take())));
                    let give = |key| usize::from(pool.give(key));
                    freed += if last_first {
                        held.drain(..).rev().map(give).sum::<usize>()
                    } else {
                        held.drain(..).map(give).sum()
                    };
                }
                freed
            });
            ensure!(freed == rounds * BATCH, "{freed} blocks were freed");
            Ok(time)
        })?;
    }
    Ok(())
}

/// The samples of one thread and of two, wall time of these.
pub(crate) fn shared<K: Keyed + Sync>(work: &Work, sheet: &mut Sheet<'_>) -> Result<()> {
    alone::<K>(work, sheet)?;
    sheet.cell("pair-two-threads", || {
        let pool = K::fresh();
        let (freed, wall) = at_once(2, |_| pairs(&pool, work.blocks));
        ensure!(freed == [work.blocks; 2], "{freed:?} blocks were freed");
        Ok(wall.as_nanos() as f64 / (2 * work.blocks) as f64)
    })
}

fn pairs<K: Keyed>(pool: &K, count: usize) -> usize {
    (0..count)
        .map(|_| usize::from(pool.give(black_box(pool.take()))))
        .sum()
}
