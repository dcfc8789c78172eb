//! Level 5 after its construction: no allocator, no system.

#![cfg(not(any(pleach_loom, pleach_shuttle)))]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

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

/// Runs itself in a process where the kernel ends the thread at any system call but `read`, `write`
/// and `exit`, once the pool is made.
#[test]
#[cfg(target_os = "linux")]
fn no_system_call_after_construction() {
    use std::io::{self, Read, Write};
    use std::process::{Command, Stdio};
    use std::sync::mpsc;
    use std::time::Duration;

    use rustix::thread::{SecureComputingMode, set_secure_computing_mode};

    const MARK: &str = "PLEACH_POOL_CONFINED";
    const DONE: &[u8] = b"exercised";
    if std::env::var_os(MARK).is_some() {
        let pool = pool();
        set_secure_computing_mode(SecureComputingMode::Strict).unwrap();
        exercise(&pool);
        // Standard error has no buffer.
        io::stderr().write_all(DONE).unwrap();
        return;
    }
    let mut confined = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "no_system_call_after_construction",
            "--nocapture",
        ])
        .env(MARK, "1")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = confined.stderr.take().unwrap();
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let mut word = [0; DONE.len()];
        send.send(said.read_exact(&mut word).map(|()| word))
    });
    // The other threads of a process outlive the one that is ended: so it is not waited for.
    let word = receive.recv_timeout(Duration::from_secs(20));
    confined.kill().unwrap();
    confined.wait().unwrap();
    assert_eq!(word.expect("it was ended").unwrap(), DONE);
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
