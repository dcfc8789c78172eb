//! More threads than cores at one map: how much they get done together, and how evenly.
//!
//! For each way to write, and each number of threads: writes per millisecond, and the share of the
//! thread that did least in that of the one that did most. Arguments: seconds for each line (0.02),
//! and the numbers of threads (2 4 8 16).

use pleach::PathMap;
use pleach::zipper::*;
use std::sync::RwLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Lets so many threads write for a while; tells how often each of them did.
fn race(threads: usize, time: Duration, write: impl Fn(usize, u64) -> bool + Sync) -> Vec<u64> {
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let work = |thread| {
            let mut done = 0;
            while !over.load(Ordering::Relaxed) {
                done += u64::from(write(thread, done));
            }
            done
        };
        let threads: Vec<_> = (0..threads)
            .map(|thread| scope.spawn(move || work(thread)))
            .collect();
        thread::sleep(time);
        over.store(true, Ordering::Relaxed);
        let joined = threads.into_iter().map(|thread| thread.join());
        joined.map(|done| done.expect("no write fails")).collect()
    })
}

fn report(way: &str, threads: usize, race: impl FnOnce() -> Vec<u64>) {
    let start = Instant::now();
    let done = race();
    let total: u64 = done.iter().sum();
    let (least, most) = (
        done.iter().min().unwrap_or(&0),
        done.iter().max().unwrap_or(&0),
    );
    println!(
        "{way:24} {threads:3} threads {:7.0} writes/ms, least/most {:.2}",
        total as f64 / start.elapsed().as_secs_f64() / 1e3,
        *least as f64 / (*most).max(1) as f64
    );
}

/// A path of the thread's own, and one of a thousand keys below it.
fn key(thread: usize, i: u64) -> [u8; 9] {
    let mut key = [thread as u8; 9];
    key[1..].copy_from_slice(&(i.wrapping_mul(0x9e37_79b9_7f4a_7c15) % 1_000).to_be_bytes());
    key
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let seconds = arguments.next().and_then(|text| text.parse().ok());
    let time = Duration::from_secs_f64(seconds.unwrap_or(0.02));
    let numbers: Vec<usize> = arguments.filter_map(|text| text.parse().ok()).collect();
    let numbers = if numbers.is_empty() {
        vec![2, 4, 8, 16]
    } else {
        numbers
    };
    for &threads in &numbers {
        let mut map = PathMap::new();
        let head = map.zipper_head();
        report("head, keys of one's own", threads, || {
            race(threads, time, |thread, i| {
                head.acquire_write(key(thread, i)).set_val(i);
                true
            })
        });
        report("head, one path, waiting", threads, || {
            race(threads, time, |thread, i| {
                head.acquire_write("same").set_val(i + thread as u64);
                true
            })
        });
        report("head, one path, trying", threads, || {
            race(threads, time, |_, i| {
                let writer = head.write_zipper_at_exclusive_path("same");
                writer.map(|mut writer| writer.set_val(i)).is_ok()
            })
        });
        let locked = RwLock::new(PathMap::new());
        report("RwLock, keys of one's own", threads, || {
            race(threads, time, |thread, i| {
                let mut map = locked.write().expect("no thread panics");
                map.insert(key(thread, i), i);
                true
            })
        });
    }
}
