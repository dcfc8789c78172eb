//! Counters: one word, or one a thread.

use std::fmt;

use pleach_atomic::atomic::{AtomicU64, Ordering::Relaxed};
use pleach_atomic::scaled;
use pleach_atomic::stat::Tally;
use pleach_atomic::thread::thread_local;

/// A number that threads count with.
///
/// Every operation is relaxed: each addition counts, and nothing else is ordered by it. What one
/// thread wrote before it counted may not be seen by another that reads the count; an [`AtomicFlag`]
/// is for that.
///
/// [`AtomicFlag`]: crate::AtomicFlag
///
/// # Examples
///
/// ```
/// use pleach_sync::AtomicCounter;
///
/// let counter = AtomicCounter::new(5);
/// assert_eq!(counter.fetch_add(2), 5);
/// assert_eq!(counter.fetch_max(3), 7);
/// assert_eq!(counter.get(), 7);
/// ```
#[derive(Debug)]
pub struct AtomicCounter(AtomicU64);

impl AtomicCounter {
    /// A counter that begins at `value`.
    #[cfg(not(pleach_loom))]
    #[must_use]
    pub const fn new(value: u64) -> Self {
        Self(AtomicU64::new(value))
    }

    /// A counter that begins at `value`.
    #[cfg(pleach_loom)]
    #[must_use]
    pub fn new(value: u64) -> Self {
        Self(AtomicU64::new(value))
    }

    /// Adds, wrapping around, and returns the old value.
    pub fn fetch_add(&self, n: u64) -> u64 {
        self.0.fetch_add(n, Relaxed)
    }

    /// Subtracts, wrapping around, and returns the old value.
    pub fn fetch_sub(&self, n: u64) -> u64 {
        self.0.fetch_sub(n, Relaxed)
    }

    /// Raises it to `n` if it is lower, and returns the old value.
    pub fn fetch_max(&self, n: u64) -> u64 {
        self.0.fetch_max(n, Relaxed)
    }

    /// Lowers it to `n` if it is higher, and returns the old value.
    pub fn fetch_min(&self, n: u64) -> u64 {
        self.0.fetch_min(n, Relaxed)
    }

    /// Replaces it, and returns the old value.
    pub fn swap(&self, n: u64) -> u64 {
        self.0.swap(n, Relaxed)
    }

    /// Replaces it.
    pub fn set(&self, n: u64) {
        self.0.store(n, Relaxed);
    }

    /// What it is.
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

impl Default for AtomicCounter {
    fn default() -> Self {
        Self::new(0)
    }
}

/// How many parts a striped counter has.
const STRIPES: usize = scaled(16, 2);

/// The next thread's number.
static THREADS: Tally = Tally::new(0);

thread_local! {
    static STRIPE: usize = THREADS.add(1) as usize % STRIPES;
}

/// A part of a counter, on a line of its own.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Stripe(AtomicCounter);

/// A number that many threads count with at once: 2 KiB, so that they seldom write to the same line.
///
/// Counting costs what it costs one thread alone; [`get`](Self::get) adds up all parts, and what is
/// counted meanwhile may be in the sum or not. Relaxed, as [`AtomicCounter`] is.
///
/// # Examples
///
/// ```
/// use pleach_sync::StripedCounter;
///
/// let hits = StripedCounter::new();
/// std::thread::scope(|scope| {
///     for _ in 0..4 {
///         scope.spawn(|| hits.add(1));
///     }
/// });
/// assert_eq!(hits.get(), 4);
/// ```
#[derive(Default)]
pub struct StripedCounter {
    stripes: [Stripe; STRIPES],
}

impl StripedCounter {
    /// A counter that begins at zero.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds, wrapping around.
    pub fn add(&self, n: u64) {
        // A thread at its end has no number any more.
        let stripe = STRIPE.try_with(|stripe| *stripe).unwrap_or(0);
        self.stripes[stripe].0.fetch_add(n);
    }

    /// The sum, wrapping around.
    #[must_use]
    pub fn get(&self) -> u64 {
        let parts = self.stripes.iter().map(|stripe| stripe.0.get());
        parts.fold(0, u64::wrapping_add)
    }
}

impl fmt::Debug for StripedCounter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StripedCounter").field(&self.get()).finish()
    }
}
