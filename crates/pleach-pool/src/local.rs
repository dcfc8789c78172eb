//! Level 1: one thread, nothing between threads.

use std::ptr::NonNull;

use pleach_atomic::cell::UnsafeCell;

use crate::arena::Arena;
use crate::config::FiveLevelPoolConfig;
use crate::error::{AllocError, FreeError, PoolError};
use crate::handle::Handle;
use crate::level::ConcurrencyLevel;
use crate::pool::sealed::{Level, Shape};
use crate::stats::PoolStats;

/// Level 1: a pool for one thread at a time.
///
/// It has no atomics and no locks: to allocate a small block is to pop its address from a stack.
/// It can be sent to another thread, and not be shared:
///
/// ```compile_fail
/// use pleach_pool::{FiveLevelPoolConfig, NoLockingPool, Pool};
///
/// let pool = NoLockingPool::new(FiveLevelPoolConfig::default()).unwrap();
/// std::thread::scope(|scope| {
///     scope.spawn(|| pool.alloc(1)); // `UnsafeCell<Arena>` cannot be shared between threads safely
/// });
/// ```
#[derive(Debug)]
pub struct NoLockingPool {
    /// Borrowed within one call of a method, and none calls user code: so never twice.
    arena: UnsafeCell<Arena>,
}

impl NoLockingPool {
    /// Makes a pool, which takes nothing from the system until it is used.
    ///
    /// # Errors
    ///
    /// If the configuration cannot be.
    pub fn new(config: FiveLevelPoolConfig) -> Result<Self, PoolError> {
        config.validate()?;
        let arena = UnsafeCell::new(Arena::new(&config));
        Ok(Self { arena })
    }

    #[inline]
    fn with<R>(&self, f: impl FnOnce(&mut Arena) -> R) -> R {
        // SAFETY: the pool is not shared between threads, and `f` is a method of the arena, which
        // does not come back here.
        self.arena.with_mut(|arena| f(unsafe { &mut *arena }))
    }
}

impl Level for NoLockingPool {
    #[inline]
    fn take(&self, size: usize, align: usize) -> Result<NonNull<[u8]>, AllocError> {
        let (block, bytes) = self.with(|arena| arena.take(size, align))?;
        Ok(NonNull::slice_from_raw_parts(block, bytes))
    }

    #[inline]
    unsafe fn give(&self, block: NonNull<u8>, size: usize, align: usize) {
        // SAFETY: the caller's promise.
        self.with(|arena| unsafe { arena.give(block, size, align) });
    }

    fn is_same_place(&self, old: Shape, new: Shape) -> bool {
        self.with(|arena| arena.is_same_kind(old, new))
    }

    #[inline]
    fn name(&self, size: usize, align: usize) -> Result<Handle, AllocError> {
        self.with(|arena| arena.alloc(size, align))
    }

    #[inline]
    fn unname(&self, handle: Handle) -> Result<(), FreeError> {
        self.with(|arena| arena.free(handle))
    }

    fn bytes(&self, handle: Handle) -> Option<NonNull<[u8]>> {
        self.with(|arena| arena.bytes(handle))
    }

    fn figures(&self) -> PoolStats {
        self.with(|arena| arena.stats())
    }

    fn current(&self) -> ConcurrencyLevel {
        ConcurrencyLevel::SingleThread
    }

    fn shrink(&self) -> usize {
        self.with(Arena::trim)
    }
}
