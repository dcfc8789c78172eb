//! Model checking: run a closure under every schedule that loom can tell apart.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use loom::model::Builder;

/// How often a thread may be interrupted where it could have gone on, unless the environment
/// variable `LOOM_MAX_PREEMPTIONS` says otherwise.
pub const PREEMPTION_BOUND: usize = 3;

/// Runs `model` under every schedule within the preemption bound, prints how many there were, and
/// returns that number.
///
/// # Panics
///
/// If the model panics, deadlocks, races or leaks under one of them.
pub fn check(name: &str, model: impl Fn() + Send + Sync + 'static) -> usize {
    let mut builder = Builder::new();
    builder.preemption_bound = builder.preemption_bound.or(Some(PREEMPTION_BOUND));
    let executions = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&executions);
    builder.check(move || {
        counter.fetch_add(1, Ordering::Relaxed);
        model();
    });
    let executions = executions.load(Ordering::Relaxed);
    println!("model {name}: {executions} executions");
    executions
}
