//! More threads than cores at pools: short threads, messages, levels that change under load.
//!
//! Sized for a second or two; `PLEACH_STRESS_SECONDS` makes the rounds more, until they take about
//! as long as it says.

#![cfg(not(any(pleach_loom, pleach_shuttle)))]

mod common;

use std::env;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Barrier, mpsc};
use std::thread;

use common::{assert_adds_up, assert_empty, config};
use pleach_pool::{
    AdaptiveFiveLevelPool, ConcurrencyLevel, FiveLevelPoolConfig, Handle, NoLockingPool, Pool,
    PoolBox, PoolSlice, ThreadLocalPool,
};

/// Some, scaled by how long the test may take.
fn scaled(count: usize) -> usize {
    let seconds = env::var("PLEACH_STRESS_SECONDS").ok();
    let seconds = seconds.map_or(1, |text| text.parse().expect("seconds are a number"));
    count * usize::max(seconds, 1)
}

// A scope ends when its threads have returned, which is before they have flushed what they cached:
// every thread here is joined, which waits for that.

/// Numbers that are not in order, the same in each run.
fn draw(state: &mut u64) -> usize {
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1);
    (*state >> 33) as usize
}

/// Ten thousand threads, one after the other, each of which leaves nothing in a pool that a few of
/// their magazines would fill.
#[test]
fn stress_short_threads_strand_nothing() {
    let pool = ThreadLocalPool::new(config(2)).unwrap();
    let threads = scaled(1_000).max(10_000 * usize::from(!cfg!(debug_assertions)));
    for n in 0..threads {
        thread::scope(|scope| {
            let thread = scope.spawn(|| {
                let size = 16 << (n % 10);
                let blocks: Vec<_> = (0..8)
                    .map(|_| PoolSlice::filled_in(size, 7_u8, &pool).unwrap())
                    .collect();
                assert!(
                    blocks
                        .iter()
                        .all(|block| block.iter().all(|&byte| byte == 7))
                );
            });
            thread.join().unwrap();
        });
    }
    let stats = pool.stats();
    assert_eq!((stats.cached_bytes, stats.allocs), (0, 8 * threads as u64));
    assert_empty(&pool);
    println!("stress short threads: {threads}");
}

/// What idle threads keep aside is there for one that needs it.
#[test]
fn stress_idle_magazines_are_emptied_before_a_pool_is_full() {
    let pool = ThreadLocalPool::new(FiveLevelPoolConfig {
        magazine_bytes: 64 << 10,
        ..config(2)
    })
    .unwrap();
    let (filled, done) = (Barrier::new(5), Barrier::new(5));
    thread::scope(|scope| {
        let idle = [(); 4].map(|()| {
            scope.spawn(|| {
                let blocks: Vec<_> = (0..900)
                    .map(|_| PoolBox::new_in([0_u8; 64], &pool).unwrap())
                    .collect();
                drop(blocks);
                filled.wait();
                done.wait();
            })
        });
        filled.wait();
        assert!(pool.stats().cached_bytes > 64 << 10);
        // Beyond what is free without them, in another size.
        let blocks: Vec<_> = (0..)
            .map_while(|_| PoolBox::new_in([0_u8; 1024], &pool).ok())
            .collect();
        assert!(blocks.len() * 1024 > 480 << 10, "{}", blocks.len());
        assert_eq!(pool.stats().cached_bytes, 0);
        drop(blocks);
        done.wait();
        for thread in idle {
            thread.join().unwrap();
        }
    });
    assert_empty(&pool);
}

/// One thread allocates, the other one frees: a million messages through a small pool.
#[test]
fn stress_producer_and_consumer() {
    for level in [2, 3, 4] {
        let level = ConcurrencyLevel::ALL[level - 1];
        let pool = AdaptiveFiveLevelPool::with_level(config(4), level).unwrap();
        let messages = scaled(if cfg!(debug_assertions) {
            50_000
        } else {
            300_000
        });
        thread::scope(|scope| {
            let (send, receive) = mpsc::sync_channel::<PoolBox<[usize; 12], _>>(1000);
            let pool = &pool;
            let producer = scope.spawn(move || {
                for n in 0..messages {
                    send.send(PoolBox::new_in([n; 12], pool).unwrap()).unwrap();
                }
            });
            for n in 0..messages {
                assert_eq!(*receive.recv().unwrap(), [n; 12]);
            }
            producer.join().unwrap();
        });
        assert_empty(&pool);
        println!("stress producer and consumer at {level}: {messages} messages");
    }
}

/// Threads draw sizes, keep blocks, check their bytes, swap them with others, while the level
/// changes, the pool is trimmed, and handles are freed twice.
#[test]
fn stress_levels_change_under_load() {
    let level = ConcurrencyLevel::ThreadLocal;
    let pool = AdaptiveFiveLevelPool::with_level(config(64), level).unwrap();
    let steps = scaled(if cfg!(debug_assertions) {
        10_000
    } else {
        60_000
    });
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..8)
            .map(|worker| {
                scope.spawn({
                    let pool = &pool;
                    move || work(pool, worker, steps)
                })
            })
            .collect();
        let switch = scope.spawn(|| {
            let levels = &ConcurrencyLevel::ALL[1..4];
            for n in 0.. {
                pool.set_level(levels[n % 3]).unwrap();
                if n % 16 == 0 {
                    pool.trim();
                    let _ = pool.stats();
                }
                if done.load(Relaxed) {
                    break;
                }
                thread::yield_now();
            }
        });
        for worker in workers {
            worker.join().unwrap();
        }
        done.store(true, Relaxed);
        switch.join().unwrap();
    });
    let stats = pool.stats();
    assert!(stats.level_changes > 2);
    assert_adds_up(&pool);
    assert_empty(&pool);
    println!(
        "stress levels: {} changes, {} blocks",
        stats.level_changes, stats.allocs
    );
}

fn work(pool: &AdaptiveFiveLevelPool, worker: usize, steps: usize) {
    let mut state = worker as u64;
    let mut kept: Vec<PoolSlice<usize, &AdaptiveFiveLevelPool>> = Vec::new();
    let mut named: Vec<Handle> = Vec::new();
    for step in 0..steps {
        match draw(&mut state) % 5 {
            0 | 1 => {
                let len = 1 + draw(&mut state) % [4, 40, 400, 3000][step % 4];
                if let Ok(block) = PoolSlice::filled_in(len, worker, pool) {
                    kept.push(block);
                }
            }
            2 => named.extend(pool.alloc(1 + draw(&mut state) % 3000)),
            3 if !named.is_empty() => {
                let handle = named.swap_remove(draw(&mut state) % named.len());
                pool.free(handle).unwrap();
                pool.free(handle).unwrap_err();
            }
            _ if !kept.is_empty() => {
                let block = kept.swap_remove(draw(&mut state) % kept.len());
                assert!(
                    block.iter().all(|&value| value == worker),
                    "another thread wrote here"
                );
            }
            _ => {}
        }
        if kept.len() > 100 {
            kept.drain(..50);
        }
    }
    named
        .into_iter()
        .for_each(|handle| pool.free(handle).unwrap());
}

/// Pools come and go while threads that used them live on, and end after them.
#[test]
fn stress_pools_go_before_their_threads() {
    for _ in 0..scaled(50) {
        let (send, receive) = mpsc::channel::<Arc<ThreadLocalPool>>();
        let worker = thread::spawn(move || {
            for pool in receive {
                let block = PoolBox::new_in([1_u64; 4], pool).unwrap();
                assert_eq!(*block, [1; 4]);
            }
        });
        for _ in 0..10 {
            let pool = Arc::new(ThreadLocalPool::new(config(2)).unwrap());
            send.send(Arc::clone(&pool)).unwrap();
            drop(PoolBox::new_in(5_u64, &*pool).unwrap());
        }
        drop(send);
        worker.join().unwrap();
    }
}

/// A pool of level 1 moves between threads, with what is in it.
#[test]
fn stress_a_pool_of_one_thread_moves() {
    let mut pool = NoLockingPool::new(config(4)).unwrap();
    let mut handles = Vec::new();
    for n in 0..scaled(50) {
        (pool, handles) = thread::spawn(move || {
            handles.push(pool.alloc(100 + n % 100).unwrap());
            if handles.len() > 10 {
                pool.free(handles.remove(0)).unwrap();
            }
            (pool, handles)
        })
        .join()
        .unwrap();
    }
    handles
        .into_iter()
        .for_each(|handle| pool.free(handle).unwrap());
    assert_empty(&pool);
}
