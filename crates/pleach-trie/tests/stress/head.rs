//! More threads than cores at one head: taking related and unrelated paths in every way there is,
//! writing, reading, panicking and forgetting.
//!
//! Each key of three bytes has two values, which every writer changes together. So a commit that is
//! seen in part, or lost, shows.

use pleach_ptr::{PtrKind, Slim, Standard};
use pleach_testkit::stress::{Draws, Stress, THREADS};
use pleach_trie::PathMap;
use pleach_trie::zipper::*;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicIsize, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

/// Values that are alive. Relaxed: to count must not order what is tested.
static VALUES: AtomicIsize = AtomicIsize::new(0);

/// How many children a branch has.
const FAN: usize = 3;

/// A number on the heap, counted, so that one freed early or twice shows.
struct Number(Box<u64>);

impl Number {
    fn new(number: u64) -> Self {
        VALUES.fetch_add(1, Relaxed);
        Self(Box::new(number))
    }
}

impl Clone for Number {
    fn clone(&self) -> Self {
        Self::new(*self.0)
    }
}

impl Drop for Number {
    fn drop(&mut self) {
        VALUES.fetch_sub(1, Relaxed);
        *self.0 = u64::MAX;
    }
}

/// What a thread did.
#[derive(Default)]
struct Figures {
    commits: u64,
    conflicts: u64,
    looks: u64,
}

/// Asserts that both values of each key are the same, and returns the sum of the first ones.
fn sum(z: &mut (impl ZipperIteration + ZipperValues<Number>)) -> u64 {
    let (mut first, mut second) = (0, 0);
    let mut more = z.is_val() || z.to_next_val();
    while more {
        let number = *z.val().expect("the walk stops at values").0;
        match z.path().last() {
            Some(b'x') => first += number,
            _ => second += number,
        }
        more = z.to_next_val();
    }
    assert_eq!(first, second, "a commit in part");
    first
}

fn work<K: PtrKind>(head: &ZipperHead<'_, Number, K>, mut draws: Draws, end: Instant) -> Figures {
    let mut figures = Figures::default();
    let mut last = 0;
    while Instant::now() < end {
        let key: Vec<u8> = (0..3).map(|_| draws.index(FAN) as u8).collect();
        let (path, rest) = key.split_at(draws.index(4));
        let limit = Duration::from_micros(draws.below(200));
        let writer = match draws.below(8) {
            0..=2 => head.write_zipper_at_exclusive_path(path).ok(),
            3..=4 => Some(head.acquire_write(path)),
            5 => head.acquire_write_timeout(path, limit).ok(),
            6 => {
                if let Ok(mut z) = head.read_zipper_at_path(path) {
                    let mut same = z.clone();
                    assert_eq!(sum(&mut z), sum(&mut same));
                    figures.looks += 1;
                }
                continue;
            }
            _ => {
                let now = sum(&mut head.read_zipper());
                assert!(now >= last, "back in time");
                last = now;
                figures.looks += 1;
                continue;
            }
        };
        let Some(mut z) = writer else {
            figures.conflicts += 1;
            continue;
        };
        for end in ["x", "y"] {
            z.move_to_path([rest, end.as_bytes()].concat());
            *z.get_val_or_set_mut_with(|| Number::new(0)).0 += 1;
        }
        if draws.below(8) == 0 {
            let panicked = catch_unwind(AssertUnwindSafe(|| {
                let _z = z;
                resume_unwind(Box::new("on purpose"));
            }));
            assert!(panicked.is_err());
            continue;
        }
        drop(z);
        figures.commits += 1;
    }
    figures
}

fn stress<K: PtrKind>(name: &str, stress: Stress) {
    let mut map: PathMap<Number, K> = PathMap::default();
    let head = map.zipper_head();
    let end = stress.end();
    let mut total = Figures::default();
    thread::scope(|scope| {
        let threads: Vec<_> = stress
            .draws()
            .map(|draws| {
                let head = &head;
                scope.spawn(move || work(head, draws, end))
            })
            .collect();
        for thread in threads {
            let figures = thread.join().expect("a thread found a difference");
            total.commits += figures.commits;
            total.conflicts += figures.conflicts;
            total.looks += figures.looks;
        }
    });
    assert!(head.write_zipper().is_ok(), "no path is held");
    assert_eq!(sum(&mut head.read_zipper()), total.commits);
    drop(head);
    super::common::check(&map);
    drop(map);
    assert_eq!(VALUES.load(Relaxed), 0, "values are left");
    println!(
        "stress head, {name}: {THREADS} threads, {} commits, {} conflicts, {} looks, nothing lost, seed {}",
        total.commits, total.conflicts, total.looks, stress.seed
    );
}

#[test]
fn stress_head() {
    let half = Stress::from_env().half();
    stress::<Slim>("slim", half);
    stress::<Standard>("standard", half);
}
