//! Every schedule within a bound, by loom.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use loom::model::Builder;

/// How often a thread may be interrupted where it could have gone on, unless the environment
/// variable `LOOM_MAX_PREEMPTIONS` says otherwise.
pub const PREEMPTION_BOUND: usize = 3;

/// How many steps of all threads one execution may have.
const BRANCHES_MAX: usize = 20_000;

/// Runs `model` under every schedule within the preemption bound, prints how many there were, how
/// long they took and the bound, and returns their number.
///
/// # Panics
///
/// If the model panics, deadlocks, races or leaks under one of them.
pub fn check(name: &str, model: impl Fn() + Send + Sync + 'static) -> usize {
    check_within(PREEMPTION_BOUND, name, model)
}

/// Runs `model` as [`check`] does, within a bound of its own: for a model whose schedules at the usual
/// one are too many to wait for.
///
/// # Panics
///
/// As [`check`].
pub fn check_within(bound: usize, name: &str, model: impl Fn() + Send + Sync + 'static) -> usize {
    let mut builder = Builder::new();
    // loom's own limit, a thousand, is for shorter models than those of pools.
    builder.max_branches = builder.max_branches.max(BRANCHES_MAX);
    let bound = *builder.preemption_bound.get_or_insert(bound);
    let start = Instant::now();
    let executions = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&executions);
    builder.check(move || {
        counter.fetch_add(1, Ordering::Relaxed);
        model();
    });
    let executions = executions.load(Ordering::Relaxed);
    let seconds = start.elapsed().as_secs_f64();
    println!("model {name}: {executions} executions, {seconds:.3} s, bound {bound}");
    executions
}
