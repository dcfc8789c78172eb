//! Guards and the allocator face: types, panics, nothing at all, and who may go where.

#![cfg(not(any(pleach_loom, pleach_shuttle)))]

mod common;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use allocator_api2::alloc::{Allocator, Layout};
use allocator_api2::{boxed::Box, vec::Vec};
use common::{Visit, assert_empty, at_all_levels, config};
use pleach_pool::{
    AdaptiveFiveLevelPool, AllocError, FixedCapacityPool, LockFreePool, MutexBasedPool,
    NoLockingPool, Pool, PoolArc, PoolBox, PoolSlice, ThreadLocalPool,
};
use static_assertions::{assert_impl_all, assert_not_impl_any};

assert_impl_all!(NoLockingPool: Send);
assert_impl_all!(FixedCapacityPool: Send);
assert_not_impl_any!(NoLockingPool: Sync);
assert_not_impl_any!(FixedCapacityPool: Sync);
assert_impl_all!(MutexBasedPool: Send, Sync);
assert_impl_all!(LockFreePool: Send, Sync);
assert_impl_all!(ThreadLocalPool: Send, Sync);
assert_impl_all!(AdaptiveFiveLevelPool: Send, Sync);
assert_impl_all!(PoolBox<u8, &'static ThreadLocalPool>: Send, Sync);
assert_not_impl_any!(PoolBox<u8, &'static NoLockingPool>: Send, Sync);
assert_not_impl_any!(PoolBox<std::rc::Rc<u8>, &'static ThreadLocalPool>: Send, Sync);

struct Guards;

impl Visit for Guards {
    fn visit<P: Pool>(&self, pool: &P) {
        let dropped = AtomicUsize::new(0);
        struct Counted<'a>(&'a AtomicUsize, bool);
        impl Drop for Counted<'_> {
            fn drop(&mut self) {
                self.0.fetch_add(1, Relaxed);
                assert!(!self.1, "as planned");
            }
        }

        let mut guard = PoolBox::new_in(Counted(&dropped, false), pool).unwrap();
        guard.1 = true;
        assert_eq!(pool.stats().live_blocks, 1);
        catch_unwind(AssertUnwindSafe(|| drop(guard))).unwrap_err();
        assert_eq!(
            (dropped.load(Relaxed), pool.stats().live_blocks),
            (1, 0),
            "freed all the same"
        );

        let guard = PoolBox::new_in(std::string::String::from("moved out"), pool).unwrap();
        assert_eq!(PoolBox::into_inner(guard), "moved out");
        assert_eq!(pool.stats().live_blocks, 0);

        let slice = PoolSlice::from_fn_in(1000, pool, |n| n * n).unwrap();
        assert!(slice.iter().enumerate().all(|(n, &value)| value == n * n));
        drop(slice);

        dropped.store(0, Relaxed);
        let half = catch_unwind(AssertUnwindSafe(|| {
            PoolSlice::from_fn_in(10, pool, |n| {
                assert!(n < 5, "as planned");
                Counted(&dropped, false)
            })
        }));
        assert!(half.is_err());
        assert_eq!((dropped.load(Relaxed), pool.stats().live_blocks), (5, 0));

        let before = pool.stats().allocs;
        let nothing = PoolBox::new_in((), pool).unwrap();
        let empty = PoolSlice::<u64, _>::from_fn_in(0, pool, |_| unreachable!()).unwrap();
        assert!(empty.is_empty() && size_of_val(&*nothing) == 0);
        assert_eq!(pool.stats().allocs, before);

        let too_long = PoolSlice::<u64, _>::from_fn_in(usize::MAX / 4, pool, |_| 0);
        assert!(matches!(too_long, Err(AllocError::TooLarge { .. })));
        drop((nothing, empty));
        assert_empty(pool);
    }
}

#[test]
fn guards_own_and_free() {
    at_all_levels(&config(8), &Guards);
}

/// Collections of another crate.
fn collections<A: Allocator + Clone, P: Pool>(alloc: A, pool: &P) {
    let mut numbers = Vec::new_in(alloc.clone());
    for n in 0..20_000_u32 {
        numbers.push(n);
    }
    numbers.truncate(100);
    numbers.shrink_to_fit();
    let boxed = Box::new_in([7_u128; 9], alloc.clone());
    assert!((&raw const *boxed).is_aligned());
    assert!(numbers.iter().copied().eq(0..100) && *boxed == [7; 9]);
    let zeros = alloc.allocate_zeroed(Layout::new::<[u8; 500]>()).unwrap();
    // SAFETY: allocated above, and zeroed.
    let bytes = unsafe { zeros.as_ref() };
    assert!(bytes[..500].iter().all(|&byte| byte == 0));
    // SAFETY: allocated above with this layout.
    unsafe { alloc.deallocate(zeros.cast(), Layout::new::<[u8; 500]>()) };
    let none = alloc.allocate(Layout::new::<()>()).unwrap();
    assert_eq!(none.len(), 0);
    // SAFETY: as above.
    unsafe { alloc.deallocate(none.cast(), Layout::new::<()>()) };
    drop((numbers, boxed));
    assert_empty(pool);
}

#[test]
fn collections_live_in_pools() {
    let pool = NoLockingPool::new(config(8)).unwrap();
    collections(&pool, &pool);
    let pool = MutexBasedPool::new(config(8)).unwrap();
    collections(&pool, &pool);
    let pool = LockFreePool::new(config(8)).unwrap();
    collections(&pool, &pool);
    let pool = FixedCapacityPool::new(config(8)).unwrap();
    collections(&pool, &pool);
    let pool = PoolArc::new(ThreadLocalPool::new(config(8)).unwrap());
    collections(pool.clone(), &*pool);
}

/// No handle names the block of a guard, so none frees it, not even one that did before.
#[test]
fn a_handle_does_not_free_the_block_of_a_guard() {
    let pool = LockFreePool::new(config(2)).unwrap();
    let handle = pool.alloc(64).unwrap();
    // SAFETY: the block is in use.
    let address = unsafe { pool.as_ptr(handle) }.cast();
    pool.free(handle).unwrap();
    let guard = PoolBox::new_in([1_u64; 8], &pool).unwrap();
    assert_eq!(std::ptr::from_ref(&*guard).cast::<u8>(), address.as_ptr());
    pool.free(handle).unwrap_err();
    assert_eq!(*guard, [1; 8]);
}

#[test]
fn a_guard_keeps_a_counted_pool() {
    let pool = Arc::new(ThreadLocalPool::new(config(2)).unwrap());
    let guard = PoolBox::new_in(5, Arc::clone(&pool)).unwrap();
    drop(pool);
    assert_eq!(*guard, 5);
    assert_eq!(PoolBox::pool(&guard).stats().live_blocks, 1);
}
