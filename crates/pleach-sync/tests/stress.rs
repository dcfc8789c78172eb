//! More threads than cores at tokens: readers, writers and reclaimers that come and go, stall and panic,
//! and a ledger of every value.
//!
//! Runs for a second; `PLEACH_STRESS_SECONDS` says otherwise, and `PLEACH_STRESS_SEED` repeats what each
//! thread draws, if not how the threads meet. `PLEACH_STRESS_RETIRED` says how many items are retired
//! under a stalled reader.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed, Ordering::SeqCst};
use std::thread;
use std::time::Instant;

use pleach_sync::ConcurrencyLevel::{self, MultiWriteMultiRead, OneWriteMultiRead};
use pleach_sync::{Policy, Retired, SyncError, TokenManager, Versioned};
use pleach_testkit::stress::{Draws, Stress, THREADS, variable};

/// What a value says of itself while it is alive, and after.
const ALIVE: u64 = 0x5eed_5eed_5eed_5eed;
const DROPPED: u64 = 0xdead_dead_dead_dead;

/// A value on the heap that knows whether it is alive, and is counted.
struct Value<'l> {
    state: Box<AtomicU64>,
    number: u64,
    live: &'l AtomicU64,
}

impl<'l> Value<'l> {
    fn new(live: &'l AtomicU64, number: u64) -> Self {
        live.fetch_add(1, Relaxed);
        Self {
            state: Box::new(AtomicU64::new(ALIVE)),
            number,
            live,
        }
    }

    fn number(&self) -> u64 {
        assert_eq!(self.state.load(Relaxed), ALIVE, "read after it was dropped");
        self.number
    }
}

impl Drop for Value<'_> {
    fn drop(&mut self) {
        assert_eq!(self.state.swap(DROPPED, Relaxed), ALIVE, "dropped twice");
        self.live.fetch_sub(1, Relaxed);
    }
}

/// What a thread did.
#[derive(Default)]
struct Figures {
    reads: u64,
    writes: u64,
    panics: u64,
}

struct World<'l> {
    tokens: TokenManager,
    value: Versioned<Value<'l>>,
    live: &'l AtomicU64,
}

impl World<'_> {
    /// Reads for a while: numbers never fall, and what was read stays whole.
    fn read(&self, draws: &mut Draws) -> u64 {
        let mut token = self.tokens.reader_token().unwrap();
        let mut last = 0;
        for _ in 0..draws.below(8) {
            let first = self.value.read(&token).unwrap();
            for _ in 0..draws.below(4) {
                thread::yield_now();
            }
            assert!(first.number() >= last, "it went back");
            last = first.number();
        }
        if draws.below(4) == 0 {
            token.idle();
            assert_eq!(self.value.read(&token).err(), Some(SyncError::IdleToken));
            token.resume();
            assert!(self.value.read(&token).unwrap().number() >= last);
        }
        last
    }

    /// Adds one; panics on the way if it is drawn, and then has changed nothing.
    fn write(&self, draws: &mut Draws) -> bool {
        let fails = draws.below(8) == 0;
        let write = || {
            let token = self.tokens.writer_token().unwrap();
            self.value.update(&token, 64, |value| {
                if fails {
                    resume_unwind(Box::new("drawn"));
                }
                Ok(Value::new(self.live, value.number() + 1))
            })
        };
        match catch_unwind(AssertUnwindSafe(write)) {
            Ok(result) => result.unwrap(),
            Err(_) => assert!(fails),
        }
        !fails
    }

    fn work(&self, mut draws: Draws, end: Instant) -> Figures {
        let mut figures = Figures::default();
        while Instant::now() < end {
            match draws.below(16) {
                0..8 => {
                    self.read(&mut draws);
                    figures.reads += 1;
                }
                8..13 => match self.write(&mut draws) {
                    true => figures.writes += 1,
                    false => figures.panics += 1,
                },
                13 => drop(self.value.reclaim()),
                // A thread that ends at once, idle slots and all.
                14 => thread::scope(|scope| {
                    let mut draws = Draws::new(draws.number());
                    scope.spawn(move || self.read(&mut draws)).join().unwrap();
                    figures.reads += 1;
                }),
                // One that dies with both of its tokens in hand.
                _ => thread::scope(|scope| {
                    let died = scope.spawn(|| {
                        let _reader = self.tokens.reader_token().unwrap();
                        let _writer = self.tokens.writer_token().unwrap();
                        resume_unwind(Box::new("drawn"));
                    });
                    assert!(died.join().is_err());
                    figures.panics += 1;
                }),
            }
        }
        figures
    }
}

fn stress(level: ConcurrencyLevel, stress: Stress) {
    let live = AtomicU64::new(0);
    let tokens = TokenManager::new(level);
    let value = Versioned::new(&tokens, Value::new(&live, 0));
    let world = World {
        tokens,
        value,
        live: &live,
    };
    let end = stress.end();
    let mut total = Figures::default();
    thread::scope(|scope| {
        let world = &world;
        let threads: Vec<_> = stress
            .draws()
            .map(|draws| scope.spawn(move || world.work(draws, end)))
            .collect();
        for thread in threads {
            let figures = thread.join().expect("a thread found a difference");
            total.reads += figures.reads;
            total.writes += figures.writes;
            total.panics += figures.panics;
        }
    });
    while world.value.reclaim() > 0 {}
    let stats = world.tokens.stats();
    assert_eq!((stats.readers_active, stats.writers_active), (0, 0));
    assert_eq!(
        (stats.retired, stats.reclaimed),
        (total.writes, total.writes)
    );
    assert_eq!((stats.pending_bytes, live.load(SeqCst)), (0, 1));
    assert_eq!(
        world.value.with(Value::number),
        total.writes,
        "updates are lost"
    );
    // At most two tokens at once in each thread, and in one more that it has begun.
    assert!(stats.slots <= 3 * THREADS, "{} slots", stats.slots);
    drop(world);
    assert_eq!(live.load(SeqCst), 0, "values are left");
    println!(
        "stress tokens, {level:?}: {THREADS} threads, {} reads, {} writes, {} panics, {} slots, nothing left, seed {}",
        total.reads, total.writes, total.panics, stats.slots, stress.seed
    );
}

#[test]
fn stress_tokens_come_and_go() {
    let half = Stress::from_env().half();
    stress(OneWriteMultiRead, half);
    stress(MultiWriteMultiRead, half);
}

/// A reader stalls while items are retired; others come and go beside it, and keep nothing.
#[test]
fn stress_a_reader_stalls() {
    let count: u64 = variable("PLEACH_STRESS_RETIRED").unwrap_or(100_000);
    let tokens =
        TokenManager::with_policy(OneWriteMultiRead, Policy::Backpressure { limit: count * 8 });
    let retired = Retired::new(&tokens);
    let stop = AtomicBool::new(false);
    for n in 0..100 {
        retired.retire(n, 8);
    }
    thread::scope(|scope| {
        let stalled = tokens.reader_token().unwrap();
        for _ in 0..2 {
            scope.spawn(|| {
                while !stop.load(Relaxed) {
                    drop(tokens.reader_token());
                }
            });
        }
        for n in 0..count {
            retired.retire(n, 8);
            retired.reclaim();
        }
        stop.store(true, Relaxed);
        while retired.reclaim() > 0 {}
        let stats = tokens.stats();
        assert_eq!(
            retired.len() as u64,
            count,
            "all that came after it waits, and nothing else"
        );
        assert_eq!(stats.pending_bytes, count * 8);
        assert_eq!(stats.oldest_reader.unwrap().behind, count);
        assert_eq!(retired.admit(), Ok(()));
        retired.retire(0, 8);
        assert!(matches!(
            retired.admit(),
            Err(SyncError::Backpressure { .. })
        ));
        drop(stalled);
    });
    assert_eq!(retired.admit(), Ok(()));
    while retired.reclaim() > 0 {}
    assert_eq!((retired.len(), tokens.stats().pending_bytes), (0, 0));
    println!("stress stalled reader: {count} items waited for it, and were freed after it");
}
