//! Pools as allocators of collections.

use std::ops::Deref;
use std::ptr::{self, NonNull};
use std::sync::Arc;

use pleach_atomic::alloc::{AllocError as Refused, Allocator, Layout, SharedAllocator};

use crate::adaptive::AdaptiveFiveLevelPool;
use crate::cached::ThreadLocalPool;
use crate::fixed::FixedCapacityPool;
use crate::local::NoLockingPool;
use crate::lock_free::LockFreePool;
use crate::locked::MutexBasedPool;
use crate::pool::Pool;

/// A counted pointer to a pool that is an allocator: for collections that are to keep their pool
/// alive.
///
/// `Arc<P>` itself cannot be one, since neither `Arc` nor the trait is of this crate.
///
/// # Examples
///
/// ```
/// use allocator_api2::vec::Vec;
/// use pleach_pool::{FiveLevelPoolConfig, PoolArc, ThreadLocalPool};
///
/// let pool = PoolArc::new(ThreadLocalPool::new(FiveLevelPoolConfig::default())?);
/// let mut numbers = Vec::new_in(pool.clone());
/// drop(pool);
/// numbers.extend(0..100); // in the pool, which lives as long as they do
/// assert_eq!(numbers.iter().sum::<i32>(), 4950);
/// # Ok::<(), pleach_pool::PoolError>(())
/// ```
#[derive(Debug)]
pub struct PoolArc<P>(Arc<P>);

impl<P> PoolArc<P> {
    /// Moves a pool behind a counted pointer.
    #[must_use]
    pub fn new(pool: P) -> Self {
        Self(Arc::new(pool))
    }

    /// The counted pointer, for guards.
    #[must_use]
    pub fn into_inner(this: Self) -> Arc<P> {
        this.0
    }
}

impl<P> Clone for PoolArc<P> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<P> From<Arc<P>> for PoolArc<P> {
    fn from(pool: Arc<P>) -> Self {
        Self(pool)
    }
}

impl<P> Deref for PoolArc<P> {
    type Target = P;

    fn deref(&self) -> &P {
        &self.0
    }
}

#[inline]
fn allocate<P: Pool>(pool: &P, layout: Layout) -> Result<NonNull<[u8]>, Refused> {
    if layout.size() == 0 {
        let address = ptr::without_provenance_mut(layout.align());
        let block = NonNull::new(address).ok_or(Refused)?;
        return Ok(NonNull::slice_from_raw_parts(block, 0));
    }
    pool.take(layout.size(), layout.align())
        .map_err(|_| Refused)
}

/// # Safety
///
/// As for [`Allocator::deallocate`].
#[inline]
unsafe fn deallocate<P: Pool>(pool: &P, block: NonNull<u8>, layout: Layout) {
    if layout.size() > 0 {
        // SAFETY: the caller's promise; the block is not of no bytes, so from `take`.
        unsafe { pool.give(block, layout.size(), layout.align()) };
    }
}

/// Moves a block to where one of another layout lies, which is often the same place.
///
/// # Safety
///
/// As for [`Allocator::grow`] and [`Allocator::shrink`].
#[inline]
unsafe fn reallocate<P: Pool>(
    pool: &P,
    block: NonNull<u8>,
    old: Layout,
    new: Layout,
) -> Result<NonNull<[u8]>, Refused> {
    let shape = |layout: Layout| (layout.size(), layout.align());
    if old.size() > 0 && new.size() > 0 && pool.is_same_place(shape(old), shape(new)) {
        return Ok(NonNull::slice_from_raw_parts(block, new.size()));
    }
    let moved = allocate(pool, new)?;
    let bytes = old.size().min(new.size());
    // SAFETY: both blocks have so many bytes, and the new one is nobody else's.
    unsafe { block.copy_to_nonoverlapping(moved.cast(), bytes) };
    // SAFETY: the caller's promise.
    unsafe { deallocate(pool, block, old) };
    Ok(moved)
}

/// The allocator face of a type that is or points to a pool.
macro_rules! allocator_face {
    ($(($($generics:tt)*) $type:ty, $pool:expr;)*) => {$(
        // SAFETY: a block stays where it is until it is given back, since segments do not move and
        // no block is given out twice (A1, B1); moving the pool moves none of them. Layouts that
        // are served from the same place are interchangeable.
        unsafe impl<$($generics)*> Allocator for $type {
            #[inline]
            fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, Refused> {
                allocate($pool(self), layout)
            }

            #[inline]
            unsafe fn deallocate(&self, block: NonNull<u8>, layout: Layout) {
                // SAFETY: the caller's promise.
                unsafe { deallocate($pool(self), block, layout) };
            }

            #[inline]
            unsafe fn grow(
                &self,
                block: NonNull<u8>,
                old: Layout,
                new: Layout,
            ) -> Result<NonNull<[u8]>, Refused> {
                // SAFETY: the caller's promise.
                unsafe { reallocate($pool(self), block, old, new) }
            }

            #[inline]
            unsafe fn shrink(
                &self,
                block: NonNull<u8>,
                old: Layout,
                new: Layout,
            ) -> Result<NonNull<[u8]>, Refused> {
                // SAFETY: the caller's promise.
                unsafe { reallocate($pool(self), block, old, new) }
            }
        }
    )*};
}

allocator_face! {
    () NoLockingPool, std::convert::identity;
    () MutexBasedPool, std::convert::identity;
    () LockFreePool, std::convert::identity;
    () ThreadLocalPool, std::convert::identity;
    () FixedCapacityPool, std::convert::identity;
    () AdaptiveFiveLevelPool, std::convert::identity;
    (P: Pool) PoolArc<P>, Deref::deref;
}

/// References to pools, which tell pools apart by their addresses.
macro_rules! shared_by_address {
    ($($pool:ty),*) => {$(
        // SAFETY: two references to one pool free the same memory, which lives as long as the pool,
        // and that is borrowed by both. A pool of no bytes does not exist, so addresses differ.
        unsafe impl SharedAllocator for &$pool {
            #[inline]
            fn same(&self, other: &Self) -> bool {
                ptr::eq(*self, *other)
            }
        }
    )*};
}

shared_by_address!(
    NoLockingPool,
    MutexBasedPool,
    LockFreePool,
    ThreadLocalPool,
    FixedCapacityPool,
    AdaptiveFiveLevelPool
);

// SAFETY: as for references; each pointer keeps the pool alive.
unsafe impl<P: Pool> SharedAllocator for PoolArc<P> {
    #[inline]
    fn same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}
