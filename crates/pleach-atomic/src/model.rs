//! Model checking: run a closure under every schedule that loom can tell apart.

use std::env;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use loom::model::Builder;

/// How often a thread may be interrupted where it could have gone on, unless the environment
/// variable `LOOM_MAX_PREEMPTIONS` says otherwise.
pub const PREEMPTION_BOUND: usize = 3;

/// Runs `model` under every schedule within the preemption bound, prints how many there were, how
/// long they took and the bound, and returns their number.
///
/// # Panics
///
/// If the model panics, deadlocks, races or leaks under one of them.
pub fn check(name: &str, model: impl Fn() + Send + Sync + 'static) -> usize {
    let mut builder = Builder::new();
    let bound = *builder.preemption_bound.get_or_insert(PREEMPTION_BOUND);
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

/// Tells whether the environment variable `PLEACH_MUTANT` names this planted bug.
///
/// A planted bug stands behind `cfg(pleach_loom)`, so that no other build has it, and in the
/// ledger, `docs/memory-ordering.md`. A suite of models that passes with one has not looked.
#[must_use]
pub fn planted(id: &str) -> bool {
    static SELECTED: OnceLock<Option<String>> = OnceLock::new();
    let selected = SELECTED.get_or_init(|| env::var("PLEACH_MUTANT").ok());
    selected.as_deref() == Some(id)
}
