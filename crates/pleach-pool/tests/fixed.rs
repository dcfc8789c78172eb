//! Level 5 after its construction: no allocator, no system.

#![cfg(not(any(pleach_loom, pleach_shuttle)))]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::env;
use std::process::Command;

use pleach_pool::{AllocError, FiveLevelPoolConfig, FixedCapacityPool, Pool, PoolBox, PoolSlice};

/// The system's allocator; counts the calls of each thread.
struct Counting;

thread_local! {
    static CALLS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: hands everything on.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        CALLS.set(CALLS.get() + 1);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        CALLS.set(CALLS.get() + 1);
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(block, layout) };
    }
}

#[global_allocator]
static GLOBAL: Counting = Counting;

fn pool() -> FixedCapacityPool {
    FixedCapacityPool::new(FiveLevelPoolConfig {
        fixed_bytes: 1 << 20,
        ..FiveLevelPoolConfig::realtime()
    })
    .unwrap()
}

/// All that can be done with a pool, until it is full and beyond.
fn exercise(pool: &FixedCapacityPool) {
    let mut handles = [None; 1000];
    for round in 0..20 {
        for (n, place) in handles.iter_mut().enumerate() {
            *place = pool
                .alloc_aligned(1 + (n * 37 + round) % 3000, 16 << (n % 9))
                .ok();
        }
        for handle in handles.iter().step_by(3).chain(handles.iter()).flatten() {
            // Every third is freed twice.
            let _ = pool.free(*handle);
        }
        let _guard = PoolBox::new_in([round; 100], pool);
        let _slice = PoolSlice::filled_in(100, round, pool);
        assert!(pool.stats().adds_up());
        assert!(matches!(
            pool.alloc(2 << 20),
            Err(AllocError::Capacity { .. })
        ));
    }
    assert_eq!(pool.stats().live_blocks, 0);
}

#[test]
fn no_allocation_after_construction() {
    let pool = pool();
    let before = CALLS.get();
    exercise(&pool);
    assert_eq!(CALLS.get(), before);
    assert!(before > 0, "the counter counts");
}

/// Runs itself under `strace`, between two marks. Says so where there is none.
#[test]
#[cfg(target_os = "linux")]
fn no_system_call_after_construction() {
    const MARK: &str = "PLEACH_POOL_MARK";
    if env::var_os(MARK).is_some() {
        let pool = pool();
        let _ = std::fs::metadata("/pleach-pool-begins");
        exercise(&pool);
        let _ = std::fs::metadata("/pleach-pool-ends");
        return;
    }
    let traced = Command::new("strace")
        .args(["-f", "-qq"])
        .arg(env::current_exe().unwrap())
        .args([
            "--exact",
            "no_system_call_after_construction",
            "--test-threads=1",
        ])
        .env(MARK, "1")
        .output();
    let traced = match traced {
        Ok(traced) if traced.status.success() => traced,
        other => {
            println!("SKIPPED: strace does not run here: {other:?}");
            return;
        }
    };
    let trace = String::from_utf8_lossy(&traced.stderr);
    let (_, after) = trace
        .split_once("/pleach-pool-begins")
        .expect("the first mark");
    let (between, _) = after
        .split_once("/pleach-pool-ends")
        .expect("the second mark");
    // The end of the first mark's own line, and the beginning of the second's.
    let calls: Vec<_> = between.lines().skip(1).collect();
    assert_eq!(calls.len(), 1, "{calls:#?}");
}

#[test]
fn the_whole_capacity_can_be_one_block() {
    let pool = pool();
    let all = pool.alloc(1 << 20).unwrap();
    let full = AllocError::Capacity {
        asked: 1,
        free_total: 0,
        largest_free: 0,
    };
    assert_eq!(pool.alloc(1), Err(full));
    pool.free(all).unwrap();
    assert_eq!(pool.stats().largest_free, 1 << 20);
}

#[test]
fn what_it_holds_is_exact_to_the_byte() {
    let pool = pool();
    let stats = pool.stats();
    assert_eq!(
        (stats.committed_bytes, stats.free_bytes),
        (1 << 20, 1 << 20)
    );
    // Twelve bytes of tags and four of generation for each unit, and the tags of 65 that mark ends.
    let units = (1 << 20) / 64;
    assert_eq!(stats.overhead_bytes, units * 16 + 65 * 12);
    let handles = [1, 64, 65, 1000].map(|size| pool.alloc(size).unwrap());
    assert_eq!(pool.stats().live_bytes, 64 + 64 + 128 + 1024);
    for handle in handles {
        pool.free(handle).unwrap();
    }
    assert_eq!(pool.stats().free_bytes, 1 << 20);
}
