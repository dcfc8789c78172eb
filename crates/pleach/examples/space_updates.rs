//! Many threads add to one space: through a head, and, for comparison, behind a lock.
//!
//! Behind the lock threads work one after the other, whatever they add. Through the head each has its
//! exclusive paths, and only making and dropping a zipper concerns the others.

#![forbid(unsafe_code)]

use pleach::PathMap;
use pleach::zipper::*;
use std::sync::RwLock;
use std::thread;
use std::time::{Duration, Instant};

const THREADS: usize = 2;
const PATTERNS: u32 = 200_000;

/// What to insert, dealt out by the first byte.
fn partitions() -> Vec<Vec<Vec<u8>>> {
    let mut partitions = vec![Vec::new(); THREADS];
    for i in 0..PATTERNS {
        let pattern = i.wrapping_mul(0x9e37_79b1).to_be_bytes().to_vec();
        partitions[usize::from(pattern[0]) % THREADS].push(pattern);
    }
    for partition in &mut partitions {
        partition.sort();
    }
    partitions
}

/// One writer for each first byte that occurs.
fn through_a_head(space: &mut PathMap<()>, partitions: &[Vec<Vec<u8>>]) {
    let head = space.zipper_head();
    thread::scope(|s| {
        for partition in partitions {
            let head = &head;
            s.spawn(move || {
                for group in partition.chunk_by(|a, b| a[0] == b[0]) {
                    let first = group[0][0];
                    let mut z = head
                        .write_zipper_at_exclusive_path([first])
                        .expect("each first byte belongs to one thread");
                    for pattern in group {
                        z.move_to_path(&pattern[1..]);
                        z.set_val(());
                    }
                }
            });
        }
    });
}

/// One insertion at a time, each behind the lock.
fn behind_a_lock(space: &RwLock<PathMap<()>>, partitions: &[Vec<Vec<u8>>]) {
    thread::scope(|s| {
        for partition in partitions {
            s.spawn(move || {
                for pattern in partition {
                    space.write().expect("nobody panics").insert(pattern, ());
                }
            });
        }
    });
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    (work(), start.elapsed())
}

fn main() {
    let partitions = partitions();

    let mut space = PathMap::new();
    let ((), head) = timed(|| through_a_head(&mut space, &partitions));

    let locked = RwLock::new(PathMap::new());
    let ((), lock) = timed(|| behind_a_lock(&locked, &partitions));
    let locked = locked.into_inner().expect("nobody panicked");

    assert_eq!(space.val_count(), PATTERNS as usize);
    assert!(space == locked, "both ways lead to the same space");

    // Queries need neither: a space that nobody changes is read by as many as like to.
    let found: usize = thread::scope(|s| {
        let space = &space;
        let count = |part: &[Vec<u8>]| {
            part.iter()
                .filter(|pattern| space.contains(pattern))
                .count()
        };
        let threads: Vec<_> = partitions
            .iter()
            .map(|part| s.spawn(move || count(part)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("a query does not panic"))
            .sum()
    });
    assert_eq!(found, PATTERNS as usize);

    println!("{PATTERNS} patterns by {THREADS} threads");
    println!("through a head: {head:>8.1?}");
    println!("behind a lock:  {lock:>8.1?}");
}
