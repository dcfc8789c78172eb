//! What all levels promise: handles, errors, statistics and limits.

#![cfg(not(any(pleach_loom, pleach_shuttle)))]

mod common;

use std::ptr::NonNull;

use common::{Visit, assert_adds_up, assert_empty, at_all_levels, config};
use pleach_pool::{
    AllocError, FiveLevelPoolConfig, FixedCapacityPool, FreeError, Handle, LockFreePool,
    MutexBasedPool, NoLockingPool, Pool, PoolStats, ThreadLocalPool,
};

fn bytes<P: Pool>(pool: &P, handle: Handle) -> NonNull<[u8]> {
    // SAFETY: the tests pass handles of blocks in use.
    unsafe { pool.as_ptr(handle) }
}

struct Sizes;

impl Visit for Sizes {
    fn visit<P: Pool>(&self, pool: &P) {
        let mut handles = Vec::new();
        for size in (1..300).chain([1000, 4096, 8192, 8193, 10_000, 65_537, 100_000, 300_000]) {
            let handle = pool.alloc(size).unwrap();
            let block = bytes(pool, handle);
            assert!(block.len() >= size);
            assert!(block.cast::<u8>().addr().get().is_multiple_of(16));
            if pool.level().number() != 5 && size > 128 {
                assert!((block.len() - size) * 8 <= size, "{size}: {}", block.len());
            }
            // SAFETY: the block is ours.
            unsafe { block.cast::<u8>().write_bytes(size as u8, block.len()) };
            handles.push((size, handle));
        }
        assert_adds_up(pool);
        let stats = pool.stats();
        let (blocks, asked) = (handles.len(), handles.iter().map(|(size, _)| size).sum());
        assert_eq!((stats.live_blocks, stats.allocs), (blocks, blocks as u64));
        assert!(stats.live_bytes >= asked);
        for (size, handle) in handles {
            let block = bytes(pool, handle);
            // SAFETY: the block is ours, and was written.
            let bytes = unsafe { block.as_ref() };
            assert!(bytes.iter().all(|&byte| byte == size as u8));
            pool.free(handle).unwrap();
            assert_eq!(pool.free(handle), Err(FreeError::Stale));
        }
        assert_empty(pool);
    }
}

#[test]
fn blocks_of_all_sizes_keep_their_bytes_and_are_freed_once() {
    at_all_levels(&config(16), &Sizes);
}

struct Refusals;

impl Visit for Refusals {
    fn visit<P: Pool>(&self, pool: &P) {
        let before = pool.stats();
        assert_eq!(pool.alloc(0), Err(AllocError::ZeroSize));
        for size in [
            usize::MAX,
            usize::MAX - 1,
            usize::MAX - 4096,
            usize::MAX / 2 + 1,
        ] {
            let result = pool.alloc(size);
            assert!(matches!(result, Err(AllocError::TooLarge { asked, .. }) if asked == size));
        }
        for asked in [0, 3, 8192, 1 << 40, usize::MAX] {
            let error = AllocError::OverAligned { asked, max: 4096 };
            assert_eq!(pool.alloc_aligned(100, asked), Err(error));
        }
        for size in [
            before.capacity_bytes + 1,
            before.capacity_bytes * 2,
            1 << 34,
        ] {
            let result = pool.alloc(size);
            assert!(matches!(result, Err(AllocError::Capacity { asked, .. }) if asked == size));
        }
        let after = pool.stats();
        assert_eq!(after.failed - before.failed, 7);
        let places = |stats: PoolStats| (stats.committed_bytes, stats.live_blocks, stats.allocs);
        assert_eq!(places(after), places(before));
    }
}

#[test]
fn what_cannot_be_is_refused_and_changes_nothing() {
    at_all_levels(&config(4), &Refusals);
}

struct Alignments;

impl Visit for Alignments {
    fn visit<P: Pool>(&self, pool: &P) {
        let mut handles = Vec::new();
        for log in 0..=12 {
            for size in [1, 17, 100, 5000, 9000, 20_000, 200_000] {
                let align = 1 << log;
                let handle = pool.alloc_aligned(size, align).unwrap();
                let address = bytes(pool, handle).cast::<u8>().addr().get();
                assert!(address.is_multiple_of(align), "{size} {align}");
                handles.push(handle);
            }
        }
        handles
            .into_iter()
            .for_each(|handle| pool.free(handle).unwrap());
        assert_empty(pool);
    }
}

#[test]
fn blocks_are_aligned_as_asked() {
    at_all_levels(&config(64), &Alignments);
}

struct Full;

impl Visit for Full {
    fn visit<P: Pool>(&self, pool: &P) {
        let mut first = 0;
        for round in 0..3 {
            for size in [64, 640, 6400] {
                let mut handles = Vec::new();
                let error = loop {
                    match pool.alloc(size) {
                        Ok(handle) => handles.push(handle),
                        Err(error) => break error,
                    }
                };
                let AllocError::Capacity {
                    asked,
                    largest_free,
                    ..
                } = error
                else {
                    panic!("{error}");
                };
                assert!(asked == size && largest_free < size, "{error}");
                let stats = pool.stats();
                assert!(stats.committed_bytes <= stats.capacity_bytes);
                assert!(
                    stats.live_bytes * 10 >= stats.capacity_bytes * 8,
                    "{}: {stats:?}",
                    pool.level()
                );
                assert_adds_up(pool);
                // The same number each time, whatever sizes came between: nothing is stranded.
                if size == 64 {
                    if round == 0 {
                        first = handles.len();
                    }
                    assert_eq!(handles.len(), first, "{}", pool.level());
                }
                // One block back is one block to be had.
                pool.free(handles.pop().unwrap()).unwrap();
                handles.push(pool.alloc(size).unwrap());
                assert!(pool.alloc(size).is_err());
                handles
                    .into_iter()
                    .for_each(|handle| pool.free(handle).unwrap());
            }
        }
        assert_empty(pool);
    }
}

#[test]
fn alternating_sizes_strand_no_memory() {
    at_all_levels(&config(4), &Full);
}

#[test]
fn a_handle_of_another_pool_is_foreign() {
    let mine = NoLockingPool::new(config(2)).unwrap();
    let shared = LockFreePool::new(config(2)).unwrap();
    let fixed = FixedCapacityPool::new(config(2)).unwrap();
    let handle = mine.alloc(10).unwrap();
    let other = shared.alloc(10).unwrap();
    assert_eq!(shared.free(handle), Err(FreeError::Foreign));
    assert_eq!(fixed.free(handle), Err(FreeError::Foreign));
    assert_eq!(mine.free(other), Err(FreeError::Foreign));
    assert_eq!(shared.stats().live_blocks, 1);
    mine.free(handle).unwrap();
}

struct Reuse;

impl Visit for Reuse {
    fn visit<P: Pool>(&self, pool: &P) {
        for size in [100, 10_000, 200_000] {
            let old = pool.alloc(size).unwrap();
            pool.free(old).unwrap();
            let new = pool.alloc(size).unwrap();
            assert_ne!(old, new, "the block has another life");
            assert_eq!(pool.free(old), Err(FreeError::Stale));
            // Not even when the memory has gone back and come again.
            pool.free(new).unwrap();
            pool.trim();
            assert_eq!(pool.free(new), Err(FreeError::Stale));
            let again = pool.alloc(size).unwrap();
            assert_eq!(pool.free(old), Err(FreeError::Stale));
            assert_eq!(pool.free(new), Err(FreeError::Stale));
            pool.free(again).unwrap();
        }
    }
}

#[test]
fn a_handle_frees_nothing_but_its_own_life_of_a_block() {
    at_all_levels(&config(4), &Reuse);
}

struct Trim;

impl Visit for Trim {
    fn visit<P: Pool>(&self, pool: &P) {
        let handles: Vec<_> = (0..3000)
            .map(|n| pool.alloc(100 + n % 900).unwrap())
            .collect();
        let large = pool.alloc(50_000).unwrap();
        let huge = pool.alloc(200_000).unwrap();
        let committed = pool.stats().committed_bytes;
        handles
            .into_iter()
            .for_each(|handle| pool.free(handle).unwrap());
        pool.free(large).unwrap();
        pool.free(huge).unwrap();
        pool.trim();
        let stats = pool.stats();
        match pool.level().number() {
            5 => assert_eq!(stats.committed_bytes, committed),
            _ => assert_eq!(stats.committed_bytes, 0, "{stats:?}"),
        }
        assert_adds_up(pool);
        pool.free(pool.alloc(100).unwrap()).unwrap();
        assert_empty(pool);
    }
}

#[test]
fn empty_segments_go_back() {
    at_all_levels(&config(32), &Trim);
}

#[test]
fn trim_leaves_what_is_in_use() {
    let pool = ThreadLocalPool::new(config(32)).unwrap();
    let handles: Vec<_> = (0..20_000).map(|_| pool.alloc(64).unwrap()).collect();
    let (keep, free): (Vec<_>, Vec<_>) = handles
        .into_iter()
        .enumerate()
        .partition(|(n, _)| n % 5000 == 0);
    for (n, handle) in &keep {
        // SAFETY: the block is ours.
        unsafe { bytes(&pool, *handle).cast::<usize>().write(*n) };
    }
    free.into_iter()
        .for_each(|(_, handle)| pool.free(handle).unwrap());
    let committed = pool.stats().committed_bytes;
    assert!(pool.trim() > 0 && pool.stats().committed_bytes < committed);
    for (n, handle) in keep {
        // SAFETY: as above.
        assert_eq!(unsafe { bytes(&pool, handle).cast::<usize>().read() }, n);
        pool.free(handle).unwrap();
    }
    assert_empty(&pool);
}

#[test]
fn a_huge_block_goes_back_at_once_and_its_number_is_used_again() {
    for round in 0..3 {
        let pool = MutexBasedPool::new(FiveLevelPoolConfig::memory_optimized()).unwrap();
        for n in 1..200 {
            let handle = pool.alloc(n * 100_000).unwrap();
            assert_eq!(
                bytes(&pool, handle).len(),
                (n * 100_000_usize).next_multiple_of(4096),
                "{round}"
            );
            pool.free(handle).unwrap();
        }
        assert_eq!(pool.stats().committed_bytes % (256 << 10), 0);
        assert_empty(&pool);
    }
}

/// Blocks beyond 4 GiB of a pool: their memory is reserved and not touched.
#[test]
#[cfg(target_pointer_width = "64")]
fn offsets_beyond_32_bits_are_not_cut() {
    struct Far;
    impl Visit for Far {
        fn visit<P: Pool>(&self, pool: &P) {
            let large: Vec<_> = (0..6).map(|_| pool.alloc((1 << 30) + 1).unwrap()).collect();
            let medium: Vec<_> = (0..5000).map(|_| pool.alloc(1 << 20).unwrap()).collect();
            let small = pool.alloc(100).unwrap();
            let mut addresses: Vec<_> = large
                .iter()
                .chain(&medium)
                .map(|&handle| {
                    (
                        bytes(pool, handle).cast::<u8>().addr().get(),
                        bytes(pool, handle).len(),
                    )
                })
                .collect();
            addresses.sort_unstable();
            assert!(
                addresses.is_sorted_by(|a, b| a.0 + a.1 <= b.0),
                "blocks overlap"
            );
            // SAFETY: the blocks are ours.
            unsafe { bytes(pool, small).cast::<u64>().write(7) };
            for handle in large.into_iter().chain(medium) {
                pool.free(handle).unwrap();
            }
            // SAFETY: as above.
            assert_eq!(unsafe { bytes(pool, small).cast::<u64>().read() }, 7);
            pool.free(small).unwrap();
            assert_empty(pool);
        }
    }
    let config = FiveLevelPoolConfig {
        huge_pages: false,
        ..FiveLevelPoolConfig::performance_optimized()
    };
    Far.visit(&NoLockingPool::new(config.clone()).unwrap());
    Far.visit(&LockFreePool::new(config).unwrap());
}

#[test]
fn huge_pages_are_told_as_they_are() {
    let mut config = FiveLevelPoolConfig::performance_optimized();
    for ask in [true, false] {
        config.huge_pages = ask;
        let pool = NoLockingPool::new(config.clone()).unwrap();
        let handle = pool.alloc(100).unwrap();
        let stats = pool.stats();
        assert!(ask || stats.huge_page_bytes == 0);
        assert!([0, stats.committed_bytes].contains(&stats.huge_page_bytes));
        pool.free(handle).unwrap();
    }
}
