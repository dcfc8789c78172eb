//! Level 5: all memory at construction, and bounded steps from then on.

mod store;

use std::ptr::NonNull;

use pleach_atomic::cell::UnsafeCell;

use crate::config::FiveLevelPoolConfig;
use crate::error::{AllocError, FreeError, PoolError};
use crate::handle::Handle;
use crate::level::ConcurrencyLevel;
use crate::pool::sealed::{Level, Shape};
use crate::stats::PoolStats;

pub(crate) use self::store::FixedStore;

/// Level 5: a pool that has all of its memory from the beginning.
///
/// After construction it makes no call to an allocator or to the system: its pages have been
/// written to, its tables are as long as they will ever be. To allocate and to free are O(1) in the
/// worst case, with free neighbours joined at once. A full pool answers
/// [`AllocError::Capacity`], and says what it could give instead.
///
/// Blocks are multiples of 64 bytes, with 16 bytes of tables for each. The pool can be sent to
/// another thread, and not be shared:
///
/// ```compile_fail
/// use pleach_pool::{FiveLevelPoolConfig, FixedCapacityPool, Pool};
///
/// let pool = FixedCapacityPool::new(FiveLevelPoolConfig::realtime()).unwrap();
/// std::thread::scope(|scope| {
///     scope.spawn(|| pool.alloc(1)); // `UnsafeCell<FixedStore>` cannot be shared safely
/// });
/// ```
#[derive(Debug)]
pub struct FixedCapacityPool {
    /// Borrowed within one call of a method, and none calls user code: so never twice.
    store: UnsafeCell<FixedStore>,
}

impl FixedCapacityPool {
    /// Makes a pool of [`fixed_bytes`](FiveLevelPoolConfig::fixed_bytes), and writes to all of them.
    ///
    /// # Errors
    ///
    /// If the configuration cannot be, or the system has not so much memory.
    pub fn new(config: FiveLevelPoolConfig) -> Result<Self, PoolError> {
        let store = UnsafeCell::new(FixedStore::new(&config)?);
        Ok(Self { store })
    }

    #[inline]
    fn with<R>(&self, f: impl FnOnce(&mut FixedStore) -> R) -> R {
        // SAFETY: the pool is not shared between threads, and `f` is a method of the store, which
        // does not come back here.
        self.store.with_mut(|store| f(unsafe { &mut *store }))
    }
}

impl Level for FixedCapacityPool {
    #[inline]
    fn take(&self, size: usize, align: usize) -> Result<NonNull<[u8]>, AllocError> {
        let (block, bytes) = self.with(|store| store.take(size, align))?;
        Ok(NonNull::slice_from_raw_parts(block, bytes))
    }

    #[inline]
    unsafe fn give(&self, block: NonNull<u8>, _size: usize, _align: usize) {
        self.with(|store| store.give(block));
    }

    fn is_same_place(&self, old: Shape, new: Shape) -> bool {
        FixedStore::is_same_place(old, new)
    }

    fn name(&self, size: usize, align: usize) -> Result<Handle, AllocError> {
        self.with(|store| store.alloc(size, align))
    }

    fn unname(&self, handle: Handle) -> Result<(), FreeError> {
        self.with(|store| store.free(handle))
    }

    fn bytes(&self, handle: Handle) -> Option<NonNull<[u8]>> {
        self.with(|store| store.bytes(handle))
    }

    fn figures(&self) -> PoolStats {
        self.with(|store| store.stats())
    }

    fn current(&self) -> ConcurrencyLevel {
        ConcurrencyLevel::FixedCapacity
    }

    /// There is nothing that could go back.
    fn shrink(&self) -> usize {
        0
    }
}
