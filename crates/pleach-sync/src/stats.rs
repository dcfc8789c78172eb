//! What there is to know of tokens, and what happens where readers stay for long.

use std::fmt;
use std::time::Duration;

/// What happens when too much waits for its readers, because one of them stays.
///
/// No policy frees anything that a reader may still see.
#[derive(Default)]
pub enum Policy {
    /// Everything is kept for as long as it takes.
    #[default]
    Grow,
    /// Writers are refused ([`SyncError::Backpressure`](crate::SyncError::Backpressure)) while more
    /// than `limit` bytes wait and none of them can be freed.
    Backpressure {
        /// In bytes, as the structure weighs what it retires.
        limit: u64,
    },
    /// `call` is told before each write while more than `limit` bytes wait and none of them can be
    /// freed; the write then goes on.
    Notify {
        /// In bytes, as the structure weighs what it retires.
        limit: u64,
        /// Called by the thread that writes, which holds its writer token.
        call: Box<dyn Fn(&Stall) + Send + Sync>,
    },
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Grow => f.write_str("Grow"),
            Self::Backpressure { limit } => write!(f, "Backpressure {{ limit: {limit} }}"),
            Self::Notify { limit, .. } => write!(f, "Notify {{ limit: {limit}, .. }}"),
        }
    }
}

/// That readers keep more from being freed than they should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stall {
    /// Bytes that wait for readers.
    pub pending_bytes: u64,
    /// How many stamps ago the oldest active reader entered.
    pub behind: u64,
}

/// What a [`TokenManager`](crate::TokenManager) knows.
///
/// The numbers are taken one after the other, while others go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenStats {
    /// The version: one more with every batch of retired items.
    pub version: u64,
    /// Reader tokens that are active, leaked ones included.
    pub readers_active: usize,
    /// Writer tokens that are held.
    pub writers_active: usize,
    /// Slots for reader tokens, used or not. They are never fewer.
    pub slots: usize,
    /// Reader tokens given so far.
    pub tokens: u64,
    /// Those of them for which the thread had a slot at hand.
    pub tokens_cached: u64,
    /// Items retired so far.
    pub retired: u64,
    /// Items freed so far.
    pub reclaimed: u64,
    /// Bytes that wait for readers.
    pub pending_bytes: u64,
    /// Writes refused by [`Policy::Backpressure`].
    pub refused: u64,
    /// The active reader that entered first, if there is one.
    pub oldest_reader: Option<OldestReader>,
}

/// The active reader that entered first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OldestReader {
    /// The version under which it entered.
    pub entered: u64,
    /// How many stamps were given since.
    pub behind: u64,
    /// How long a reader of that version has been the oldest, since statistics were first asked for
    /// and found it: tokens read no clock.
    pub seen_for: Duration,
}
