//! Counters of the processor, in place of the clock.

use anyhow::{Context, Result};
use perf_event::events::Hardware;
use perf_event::{Builder, Counter};
use std::cell::RefCell;

/// What the processor counts while a thread runs, the kernel's part left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Event {
    /// Instructions that were carried out.
    Instructions,
    /// Branches that went another way than predicted.
    BranchMisses,
    /// Reads that missed the caches, as the processor's generic event has it.
    CacheMisses,
}

impl Event {
    /// All of them, in the order of the tables.
    pub(crate) const ALL: [Self; 3] = [Self::Instructions, Self::BranchMisses, Self::CacheMisses];

    /// Name in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Instructions => "instructions",
            Self::BranchMisses => "branch misses",
            Self::CacheMisses => "cache misses",
        }
    }

    fn hardware(self) -> Hardware {
        match self {
            Self::Instructions => Hardware::INSTRUCTIONS,
            Self::BranchMisses => Hardware::BRANCH_MISSES,
            Self::CacheMisses => Hardware::CACHE_MISSES,
        }
    }
}

thread_local! {
    /// The counter that stands in for this thread's clock.
    static COUNTER: RefCell<Option<Counter>> = const { RefCell::new(None) };
}

/// Runs `pass`, in which [`timed`](super::timed) returns counts of `event` and not nanoseconds.
///
/// # Errors
///
/// If the system does not let this process count, and as `pass` does.
pub(crate) fn counting<T>(event: Event, pass: impl FnOnce() -> Result<T>) -> Result<T> {
    let counter = Builder::new(event.hardware())
        .exclude_kernel(true)
        .exclude_hv(true)
        .build()
        .with_context(|| {
            let event = event.name();
            format!("this machine, or its system, does not let a process count {event}; run without --counters")
        })?;
    COUNTER.set(Some(counter));
    let result = pass();
    COUNTER.take();
    result
}

/// What happens while `work` runs, if this thread counts.
pub(super) fn counted<T>(work: impl FnOnce() -> T) -> Result<(T, u64), impl FnOnce() -> T> {
    let Some(mut counter) = COUNTER.take() else {
        return Err(work);
    };
    let count = counter.reset().and_then(|()| counter.enable());
    let result = work();
    let count = count
        .and_then(|()| counter.disable())
        .and_then(|()| counter.read());
    COUNTER.set(Some(counter));
    Ok((result, count.expect("a counter that was opened counts")))
}
