//! Level 2: a lock for each size class.

use std::ptr::NonNull;

use pleach_atomic::sync::counted::Arc;

use crate::config::FiveLevelPoolConfig;
use crate::error::{AllocError, FreeError, PoolError};
use crate::handle::Handle;
use crate::level::ConcurrencyLevel;
use crate::pool::sealed::{Level, Shape};
use crate::shared::{Core, Door};
use crate::stats::PoolStats;

/// Level 2: a pool behind one lock for each size class.
///
/// Threads that ask for different sizes do not meet. The choice where threads are few, or hold
/// blocks for long: nothing is kept aside for anybody, and a thread that waits sleeps.
#[derive(Debug)]
pub struct MutexBasedPool {
    core: Arc<Core>,
}

impl MutexBasedPool {
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

impl Level for MutexBasedPool {
    #[inline]
    fn take(&self, size: usize, align: usize) -> Result<NonNull<[u8]>, AllocError> {
        let (block, bytes) = self.core.take(Door::Locked, size, align)?;
        Ok(NonNull::slice_from_raw_parts(block, bytes))
    }

    #[inline]
    unsafe fn give(&self, block: NonNull<u8>, size: usize, align: usize) {
        // SAFETY: the caller's promise.
        unsafe { self.core.give(Door::Locked, block, size, align) };
    }

    fn is_same_place(&self, old: Shape, new: Shape) -> bool {
        self.core.is_same_kind(old, new)
    }

    #[inline]
    fn name(&self, size: usize, align: usize) -> Result<Handle, AllocError> {
        self.core.alloc(Door::Locked, size, align)
    }

    #[inline]
    fn unname(&self, handle: Handle) -> Result<(), FreeError> {
        self.core.free(Door::Locked, handle)
    }

    fn bytes(&self, handle: Handle) -> Option<NonNull<[u8]>> {
        self.core.bytes(handle)
    }

    fn figures(&self) -> PoolStats {
        self.core.stats()
    }

    fn current(&self) -> ConcurrencyLevel {
        ConcurrencyLevel::MultiThreadMutex
    }

    fn shrink(&self) -> usize {
        self.core.trim()
    }
}
