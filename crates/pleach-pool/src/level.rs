//! How many threads may meet in a pool, and how they do.

use std::fmt;

/// The five ways in which a pool keeps threads apart.
///
/// # Examples
///
/// ```
/// use pleach_pool::ConcurrencyLevel;
///
/// assert_eq!(ConcurrencyLevel::ThreadLocal.number(), 4);
/// assert!(ConcurrencyLevel::MultiThreadMutex.is_switchable());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ConcurrencyLevel {
    /// Level 1: one thread at a time, nothing between threads.
    SingleThread,
    /// Level 2: a lock for each size class.
    MultiThreadMutex,
    /// Level 3: lock-free lists of small blocks.
    MultiThreadLockFree,
    /// Level 4: level 3 behind a cache for each thread.
    ThreadLocal,
    /// Level 5: all memory at construction, bounded steps.
    FixedCapacity,
}

impl ConcurrencyLevel {
    /// All levels, from 1 to 5.
    pub const ALL: [Self; 5] = [
        Self::SingleThread,
        Self::MultiThreadMutex,
        Self::MultiThreadLockFree,
        Self::ThreadLocal,
        Self::FixedCapacity,
    ];

    /// The number of the level, from 1 to 5.
    #[must_use]
    pub const fn number(self) -> u32 {
        self as u32 + 1
    }

    /// Tells whether a pool at this level can go to another one while it is used: levels 2 to 4.
    #[must_use]
    pub const fn is_switchable(self) -> bool {
        matches!(
            self,
            Self::MultiThreadMutex | Self::MultiThreadLockFree | Self::ThreadLocal
        )
    }
}

impl fmt::Display for ConcurrencyLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self {
            Self::SingleThread => "one thread",
            Self::MultiThreadMutex => "locks",
            Self::MultiThreadLockFree => "lock-free lists",
            Self::ThreadLocal => "thread caches",
            Self::FixedCapacity => "fixed capacity",
        };
        write!(f, "level {} ({what})", self.number())
    }
}
