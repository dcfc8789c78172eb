//! Numbers that are shown or told apart, and decide nothing.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// A count for statistics, or a source of serial numbers.
///
/// It is std's in every build, and relaxed: a model is not to try schedules over it, and nothing may
/// be ordered by it. So whatever reads one may only show it, or tell two numbers apart.
///
/// # Examples
///
/// ```
/// use pleach_atomic::stat::Tally;
///
/// static CALLS: Tally = Tally::new(0);
/// assert_eq!(CALLS.add(1), 0);
/// assert_eq!(CALLS.get(), 1);
/// ```
#[derive(Debug, Default)]
pub struct Tally(AtomicU64);

impl Tally {
    /// Makes a count that begins at `value`.
    #[must_use]
    pub const fn new(value: u64) -> Self {
        Self(AtomicU64::new(value))
    }

    /// Adds, wrapping around, and returns what was there.
    #[inline]
    pub fn add(&self, n: u64) -> u64 {
        self.0.fetch_add(n, Relaxed)
    }

    /// Subtracts, wrapping around, and returns what was there.
    #[inline]
    pub fn sub(&self, n: u64) -> u64 {
        self.0.fetch_sub(n, Relaxed)
    }

    /// Adds one without a locked instruction, for a count that one thread at a time writes.
    #[inline]
    pub fn bump(&self) {
        self.0.store(self.get().wrapping_add(1), Relaxed);
    }

    /// What is there.
    #[must_use]
    #[inline]
    pub fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}
