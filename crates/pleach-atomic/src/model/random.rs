//! Many schedules, drawn at random, by shuttle.

use std::env;
use std::hash::{BuildHasher, RandomState};
use std::time::Instant;

use shuttle::rand::{Rng, thread_rng};
use shuttle::scheduler::{RandomScheduler, Schedule, Scheduler, Task, TaskId};
use shuttle::{Config, Runner};

use crate::imp::alloc;

/// Stack of a thread: twice what the tries promise to make do with, since nothing is optimized for
/// small stacks in a harness.
const STACK: usize = 512 << 10;

/// Runs `model` under as many random schedules as `iterations` says, and prints how many there
/// were, how long they took and the seed they began with.
///
/// The environment variable `PLEACH_ITERATIONS` says another number. After a failure, shuttle
/// prints the seed of the schedule that failed; the variable `SHUTTLE_RANDOM_SEED` repeats it.
///
/// # Panics
///
/// If the model panics, deadlocks or leaks under one of them, if it frees a block of
/// [`Global`](alloc::Global) twice or uses an atomic in one that was freed, or if accesses to a
/// [cell](crate::cell::UnsafeCell) overlap of which one writes.
pub fn random(name: &str, iterations: usize, model: impl Fn() + Send + Sync + 'static) {
    let iterations = variable("PLEACH_ITERATIONS").unwrap_or(iterations);
    let seed = variable("SHUTTLE_RANDOM_SEED").unwrap_or_else(|| RandomState::new().hash_one(0));
    let mut config = Config::new();
    config.stack_size = STACK;
    // One failure is told; what other threads make of the ruins is not.
    config
        .ungraceful_shutdown_config
        .immediately_return_on_panic = true;
    // What a test that failed before on this thread has left behind is no leak of ours.
    alloc::forget();
    let start = Instant::now();
    let scheduler = Watched(RandomScheduler::new_from_seed(seed, iterations));
    let executions = Runner::new(scheduler, config).run(model);
    let seconds = start.elapsed().as_secs_f64();
    println!("model {name}: {executions} executions, {seconds:.3} s, seed {seed}");
}

/// Draws a number less than `bound`, inside a model: the same when a schedule is repeated.
///
/// # Panics
///
/// If `bound` is zero.
#[must_use]
pub fn below(bound: usize) -> usize {
    thread_rng().gen_range(0..bound)
}

/// Reads a number from the environment.
fn variable<T: std::str::FromStr>(name: &str) -> Option<T> {
    let text = env::var(name).ok()?;
    let Ok(number) = text.parse() else {
        panic!("{name} is not a number: {text}");
    };
    Some(number)
}

/// A scheduler that looks for leaks after each execution.
struct Watched(RandomScheduler);

impl Scheduler for Watched {
    fn new_execution(&mut self) -> Option<Schedule> {
        let leaked = alloc::forget();
        assert_eq!(leaked, 0, "blocks are left behind");
        self.0.new_execution()
    }

    fn next_task(
        &mut self,
        runnable: &[&Task],
        current: Option<TaskId>,
        is_yielding: bool,
    ) -> Option<TaskId> {
        self.0.next_task(runnable, current, is_yielding)
    }

    fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }
}
