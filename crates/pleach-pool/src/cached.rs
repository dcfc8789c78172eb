//! Level 4: level 3 behind a cache for each thread.

use std::ptr::NonNull;

use pleach_atomic::sync::counted::Arc;

use crate::config::FiveLevelPoolConfig;
use crate::error::{AllocError, FreeError, PoolError};
use crate::handle::Handle;
use crate::level::ConcurrencyLevel;
use crate::pool::sealed::{Level, Shape};
use crate::shared::{Core, Door};
use crate::stats::PoolStats;

/// Level 4: a pool with a cache of free blocks for each thread and class, a *magazine*.
///
/// To allocate or free a small block by a guard or the allocator face is, on a hit, to pop from or
/// push to the own magazine: no locked instruction. [`free`](crate::Pool::free) of a handle pays
/// one. An empty magazine is filled from the lists of level 3, and a full one goes back there by
/// half, in batches.
///
/// What waits in magazines is told as [`cached_bytes`](crate::PoolStats::cached_bytes), and is at
/// most [`magazine_bytes`](crate::FiveLevelPoolConfig::magazine_bytes) for each class of each
/// thread. A thread that ends leaves nothing in them, and a pool that would be full empties those
/// of all threads first.
#[derive(Debug)]
pub struct ThreadLocalPool {
    core: Arc<Core>,
}

impl ThreadLocalPool {
    /// Makes a pool, which takes nothing from the system until it is used, but for a table of its
    /// segments.
    ///
    /// # Errors
    ///
    /// If the configuration cannot be, or there is no memory for the table.
    pub fn new(config: FiveLevelPoolConfig) -> Result<Self, PoolError> {
        let core = Core::new(&config)?;
        Ok(Self { core })
    }
}

impl Level for ThreadLocalPool {
    #[inline]
    fn take(&self, size: usize, align: usize) -> Result<NonNull<[u8]>, AllocError> {
        let (block, bytes) = self.core.take(Door::Cached, size, align)?;
        Ok(NonNull::slice_from_raw_parts(block, bytes))
    }

    #[inline]
    unsafe fn give(&self, block: NonNull<u8>, size: usize, align: usize) {
        // SAFETY: the caller's promise.
        unsafe { self.core.give(Door::Cached, block, size, align) };
    }

    fn is_same_place(&self, old: Shape, new: Shape) -> bool {
        self.core.is_same_kind(old, new)
    }

    #[inline]
    fn name(&self, size: usize, align: usize) -> Result<Handle, AllocError> {
        self.core.alloc(Door::Cached, size, align)
    }

    #[inline]
    fn unname(&self, handle: Handle) -> Result<(), FreeError> {
        self.core.free(Door::Cached, handle)
    }

    fn bytes(&self, handle: Handle) -> Option<NonNull<[u8]>> {
        self.core.bytes(handle)
    }

    fn figures(&self) -> PoolStats {
        self.core.stats()
    }

    fn current(&self) -> ConcurrencyLevel {
        ConcurrencyLevel::ThreadLocal
    }

    fn shrink(&self) -> usize {
        self.core.trim()
    }
}
