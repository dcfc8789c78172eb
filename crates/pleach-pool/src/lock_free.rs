//! Level 3: lock-free lists of small blocks.

use std::ptr::NonNull;

use pleach_atomic::sync::counted::Arc;

use crate::config::FiveLevelPoolConfig;
use crate::error::{AllocError, FreeError, PoolError};
use crate::handle::Handle;
use crate::level::ConcurrencyLevel;
use crate::pool::sealed::{Level, Shape};
use crate::shared::{Core, Door};
use crate::stats::PoolStats;

/// Level 3: a pool whose small blocks (up to 8 KiB) are allocated and freed without locks.
///
/// A free block is in a list of its class; its link lies in a table beside the blocks, and the head
/// of a list carries a tag that tells it from an earlier head of the same name. A thread that is
/// interrupted holds up nobody. Blocks beyond 8 KiB take one lock, and so does a pool that is about
/// to report that it is full.
#[derive(Debug)]
pub struct LockFreePool {
    core: Arc<Core>,
}

impl LockFreePool {
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

impl Level for LockFreePool {
    #[inline]
    fn take(&self, size: usize, align: usize) -> Result<NonNull<[u8]>, AllocError> {
        let (block, bytes) = self.core.take(Door::LockFree, size, align)?;
        Ok(NonNull::slice_from_raw_parts(block, bytes))
    }

    #[inline]
    unsafe fn give(&self, block: NonNull<u8>, size: usize, align: usize) {
        // SAFETY: the caller's promise.
        unsafe { self.core.give(Door::LockFree, block, size, align) };
    }

    fn is_same_place(&self, old: Shape, new: Shape) -> bool {
        self.core.is_same_kind(old, new)
    }

    #[inline]
    fn name(&self, size: usize, align: usize) -> Result<Handle, AllocError> {
        self.core.alloc(Door::LockFree, size, align)
    }

    #[inline]
    fn unname(&self, handle: Handle) -> Result<(), FreeError> {
        self.core.free(Door::LockFree, handle)
    }

    fn bytes(&self, handle: Handle) -> Option<NonNull<[u8]>> {
        self.core.bytes(handle)
    }

    fn figures(&self) -> PoolStats {
        self.core.stats()
    }

    fn current(&self) -> ConcurrencyLevel {
        ConcurrencyLevel::MultiThreadLockFree
    }

    fn shrink(&self) -> usize {
        self.core.trim()
    }
}
