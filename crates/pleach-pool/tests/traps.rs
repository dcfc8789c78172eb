//! What other pools fell into, one test each; `docs/verification.md` lists those that are elsewhere.

#![cfg(not(any(pleach_loom, pleach_shuttle)))]

mod common;

use std::collections::BTreeSet;
use std::sync::mpsc;
use std::thread;

use common::{Visit, assert_adds_up, assert_empty, at_all_levels, at_shared_levels, config};
use pleach_pool::{Handle, Pool, PoolBox, PoolSlice, ThreadLocalPool};

/// The address of a block.
fn address<P: Pool>(pool: &P, handle: Handle) -> usize {
    // SAFETY: the handle is in use, and the pointer is not.
    unsafe { pool.as_ptr(handle) }.addr().get()
}

/// Writes a byte all over a block.
fn fill<P: Pool>(pool: &P, handle: Handle, byte: u8) {
    // SAFETY: the block is in use, by us alone.
    let block = unsafe { pool.as_ptr(handle) };
    // SAFETY: it has so many bytes.
    unsafe { block.cast::<u8>().write_bytes(byte, block.len()) };
}

/// Whether a block has this byte all over, which somebody has written.
fn is_filled<P: Pool>(pool: &P, handle: Handle, byte: u8) -> bool {
    // SAFETY: the block is in use, by us alone, and its bytes were written in an earlier life.
    let block = unsafe { pool.as_ptr(handle).as_ref() };
    block.iter().all(|&other| other == byte)
}

/// Blocks keep their bytes while they are free: no link is in them.
#[test]
fn no_byte_of_a_free_block_is_written() {
    struct Test;
    impl Visit for Test {
        fn visit<P: Pool>(&self, pool: &P) {
            let handles: Vec<_> = (0..200).map(|_| pool.alloc(48).unwrap()).collect();
            let places: BTreeSet<_> = handles.iter().map(|&h| address(pool, h)).collect();
            for &handle in &handles {
                fill(pool, handle, 0xA5);
            }
            for handle in handles {
                pool.free(handle).unwrap();
            }
            let again: Vec<_> = (0..200).map(|_| pool.alloc(48).unwrap()).collect();
            let mut seen = 0;
            for &handle in &again {
                if places.contains(&address(pool, handle)) {
                    assert!(is_filled(pool, handle, 0xA5), "{}", pool.level());
                    seen += 1;
                }
            }
            assert!(seen > 100, "{seen} blocks came back");
            again.into_iter().for_each(|h| pool.free(h).unwrap());
            assert_empty(pool);
        }
    }
    at_all_levels(&config(4), &Test);
}

/// A block that was taken for a few bytes serves the largest request of its class the next time.
#[test]
fn a_block_is_as_large_as_its_class() {
    struct Test;
    impl Visit for Test {
        fn visit<P: Pool>(&self, pool: &P) {
            for (small, large) in [(1, 16), (113, 128), (257, 288), (7681, 8192)] {
                let handles: Vec<_> = (0..16).map(|_| pool.alloc(small).unwrap()).collect();
                handles.into_iter().for_each(|h| pool.free(h).unwrap());
                let handles: Vec<_> = (0..16_u8).zip((0..16).map(|_| pool.alloc(large))).collect();
                for (byte, handle) in &handles {
                    let handle = *handle.as_ref().unwrap();
                    // SAFETY: in use.
                    assert!(unsafe { pool.as_ptr(handle) }.len() >= large);
                    fill(pool, handle, *byte);
                }
                for (byte, handle) in handles {
                    let handle = handle.unwrap();
                    assert!(is_filled(pool, handle, byte), "{small} {large}");
                    pool.free(handle).unwrap();
                }
            }
            assert_empty(pool);
        }
    }
    at_all_levels(&config(4), &Test);
}

/// What a thread took is there when the thread is gone and another has what it kept aside.
#[test]
fn blocks_outlive_the_thread_that_took_them() {
    let pool = ThreadLocalPool::new(config(4)).unwrap();
    let take = |byte: u8| -> Vec<_> {
        let block = || PoolSlice::filled_in(100, byte, &pool).unwrap();
        (0..50).map(|_| block()).collect()
    };
    thread::scope(|scope| {
        let first = scope.spawn(|| take(1)).join().unwrap();
        let second = scope.spawn(|| take(2)).join().unwrap();
        let mut both = first
            .iter()
            .map(|b| (b, 1))
            .chain(second.iter().map(|b| (b, 2)));
        assert!(both.all(|(block, byte)| block.iter().all(|&other| other == byte)));
    });
    assert_empty(&pool);
}

/// A thread that goes back and forth between two pools takes from each what is its own.
#[test]
fn a_thread_keeps_two_pools_apart() {
    let [a, b] = [(); 2].map(|()| ThreadLocalPool::new(config(2)).unwrap());
    let take = |pool| PoolBox::new_in([0_u64; 8], pool).unwrap();
    let address = |block: &PoolBox<[u64; 8], &ThreadLocalPool>| block.as_ptr().addr();
    let mut places = [BTreeSet::new(), BTreeSet::new()];
    for _ in 0..50 {
        let (in_a, in_b) = (take(&a), take(&b));
        places[0].insert(address(&in_a));
        places[1].insert(address(&in_b));
        assert_eq!((a.stats().live_blocks, b.stats().live_blocks), (1, 1));
    }
    assert!(places[0].is_disjoint(&places[1]));
    assert!(a.stats().cached_bytes > 0 && b.stats().cached_bytes > 0);
    assert_empty(&a);
    assert_empty(&b);
}

/// The rest of a large block and its neighbours are put together again, under the lock that has
/// just been taken.
#[test]
fn the_rest_of_a_large_block_is_free_at_once() {
    struct Test;
    impl Visit for Test {
        fn visit<P: Pool>(&self, pool: &P) {
            for round in 0..3 {
                let whole = pool.alloc(60 << 10).unwrap();
                let place = address(pool, whole);
                pool.free(whole).unwrap();
                let parts = [20 << 10, 20 << 10, 20 << 10].map(|size| pool.alloc(size).unwrap());
                for n in [1, 0, 2] {
                    pool.free(parts[n]).unwrap();
                }
                let whole = pool.alloc(60 << 10).unwrap();
                assert_eq!(
                    address(pool, whole),
                    place,
                    "round {round}, {}",
                    pool.level()
                );
                pool.free(whole).unwrap();
            }
            assert_empty(pool);
        }
    }
    at_all_levels(&config(2), &Test);
}

/// Every byte of what a pool took from the system is accounted for.
#[test]
fn bytes_are_exact() {
    struct Test;
    impl Visit for Test {
        fn visit<P: Pool>(&self, pool: &P) {
            assert_eq!(pool.stats().committed_bytes, 0);
            let handles = [pool.alloc(100).unwrap(), pool.alloc(3000).unwrap()];
            let stats = pool.stats();
            let segment = 256 << 10;
            assert_eq!(stats.committed_bytes, segment);
            // 100 bytes at an alignment of 16 are a block of 112, 3,000 one of 3,072.
            assert_eq!((stats.live_blocks, stats.live_bytes), (2, 112 + 3072));
            // The header of 4 KiB; the first span has 60 KiB, the second one 64.
            let tails = (60 << 10) % 112 + (64 << 10) % 3072;
            assert_eq!(stats.slack_bytes, 4096 + tails, "{}", pool.level());
            let rest = segment - stats.slack_bytes - stats.live_bytes;
            assert_eq!(stats.free_bytes + stats.cached_bytes, rest);
            handles.into_iter().for_each(|h| pool.free(h).unwrap());
            assert_eq!(pool.trim(), segment);
            assert_eq!(pool.stats().committed_bytes, 0);
        }
    }
    at_shared_levels(&config(2), &Test);
    Test.visit(&pleach_pool::NoLockingPool::new(config(2)).unwrap());
}

/// Handles go from thread to thread where one processor runs them all.
#[test]
#[cfg(target_os = "linux")]
fn handles_work_on_one_processor() {
    use pleach_pool::{AdaptiveFiveLevelPool, ConcurrencyLevel};
    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

    struct Test;
    impl Visit for Test {
        fn visit<P: Pool>(&self, pool: &P) {
            let mut kept = Vec::new();
            for n in 0..5000 {
                kept.push(pool.alloc(1 + n % 500).unwrap());
                if kept.len() > 100 {
                    pool.free(kept.swap_remove(n % 100)).unwrap();
                }
            }
            kept.into_iter().for_each(|h| pool.free(h).unwrap());
            assert_empty(pool);
        }
    }
    // In a thread of its own, whose children have its processors.
    let alone = thread::spawn(|| {
        let all = sched_getaffinity(None).unwrap();
        let mut one = CpuSet::new();
        one.set((0..CpuSet::MAX_CPU).find(|&cpu| all.is_set(cpu)).unwrap());
        sched_setaffinity(None, &one).unwrap();
        at_all_levels(&config(4), &Test);
        let pool = AdaptiveFiveLevelPool::new(config(4)).unwrap();
        assert_eq!(pool.current_level(), ConcurrencyLevel::MultiThreadMutex);
        let pool = ThreadLocalPool::new(config(4)).unwrap();
        thread::scope(|scope| {
            let (send, receive) = mpsc::sync_channel(10);
            let pool = &pool;
            let consumer = scope.spawn(move || {
                for handle in receive {
                    pool.free(handle).unwrap();
                }
            });
            for n in 0..5000 {
                send.send(pool.alloc(1 + n % 500).unwrap()).unwrap();
            }
            drop(send);
            consumer.join().unwrap();
        });
        assert_adds_up(&pool);
        assert_empty(&pool);
    });
    alone.join().unwrap();
}
