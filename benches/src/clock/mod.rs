//! Clocks: processor time for one thread, wall time for several, and the processor's own counters.

mod counter;

pub(crate) use counter::{Event, counting};

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use rustix::time::{ClockId, clock_gettime};
use std::hint::black_box;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

/// Runs `work`; returns its result and its processor time in nanoseconds per operation, or what the
/// thread counts in place of time.
pub(crate) fn timed<T>(operations: usize, work: impl FnOnce() -> T) -> (T, f64) {
    let work = || black_box(work());
    let (result, sum) = match counter::counted(work) {
        Ok((result, count)) => (result, count as f64),
        Err(work) => {
            let start = thread_time();
            let result = work();
            let time = thread_time() - start;
            (result, time.as_nanos() as f64)
        }
    };
    (result, sum / operations as f64)
}

/// As [`timed`]; what is over soon is repeated until the clock can tell how long it takes, after a
/// first time that may have paid for what an allocator had put off. What it makes is dropped after the
/// clock stopped.
pub(crate) fn timed_often<T>(operations: usize, work: impl Fn() -> T) -> (T, f64) {
    const ENOUGH: f64 = 1e6;
    const MOST: f64 = 1e4;
    const LONG: f64 = 1e8;
    let (mut result, mut time) = timed(operations, &work);
    if time * (operations as f64) < LONG {
        drop(result);
        let again = timed(operations, &work);
        (result, time) = (again.0, time.min(again.1));
    }
    let times = ENOUGH / (time * operations as f64).max(1.0);
    if times < 2.0 {
        return (result, time);
    }
    let times = times.min(MOST) as usize;
    let mut made = Vec::with_capacity(times);
    let ((), time) = timed(operations * times, || {
        made.extend((0..times).map(|_| black_box(work())));
    });
    (result, time)
}

/// Processor time of this thread: what other processes do to the clock stays out of it.
pub(crate) fn thread_time() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        now.tv_sec.unsigned_abs(),
        u32::try_from(now.tv_nsec).unwrap_or(0),
    )
}

/// Runs `work` on `threads` threads at once, each told its number; returns their results and the
/// wall time, from the first start to the last end.
pub(crate) fn at_once<T: Send>(
    threads: usize,
    work: impl Fn(usize) -> T + Sync,
) -> (Vec<T>, Duration) {
    let barrier = Barrier::new(threads);
    let run = |number| {
        pin(number);
        barrier.wait();
        let start = Instant::now();
        let result = black_box(work(number));
        (result, start, Instant::now())
    };
    let runs: Vec<_> = thread::scope(|scope| {
        let handles: Vec<_> = (0..threads)
            .map(|number| scope.spawn(move || run(number)))
            .collect();
        let joined = handles.into_iter().map(|handle| handle.join());
        joined
            .map(|result| result.expect("a measuring thread panicked"))
            .collect()
    });
    let start = runs.iter().map(|&(_, start, _)| start).min();
    let end = runs.iter().map(|&(_, _, end)| end).max();
    let wall = start.zip(end).map_or(Duration::ZERO, |(s, e)| e - s);
    (runs.into_iter().map(|(result, ..)| result).collect(), wall)
}

/// Keeps this thread on one processor, another for each number. Where the system does not allow
/// it, the thread goes where it is sent.
fn pin(number: usize) {
    let Ok(allowed) = sched_getaffinity(None) else {
        return;
    };
    let allowed: Vec<usize> = (0..CpuSet::MAX_CPU)
        .filter(|&cpu| allowed.is_set(cpu))
        .collect();
    if let Some(&cpu) = allowed.get(number % allowed.len().max(1)) {
        let mut own = CpuSet::new();
        own.set(cpu);
        // A thread that stays free still measures.
        let _ = sched_setaffinity(None, &own);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn what_is_over_soon_is_repeated_and_comes_to_an_end() {
        let runs = Cell::new(0);
        let ((), time) = timed_often(1, || runs.set(runs.get() + 1));
        assert!(runs.get() > 100, "{} runs", runs.get());
        assert!(time < 1e5, "{time} ns for nothing");
    }
}
