//! What can be refused, and why.

use thiserror::Error;

/// Why a token, or an operation under one, was refused. What was asked for has not happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SyncError {
    /// Nothing is written at level 0.
    #[error("level 0 has no writers")]
    ReadOnly,
    /// Levels 1 and 2 belong to the thread that made the manager, and this is another.
    #[error("the manager belongs to another thread")]
    WrongThread,
    /// This thread holds the writer token, and has to use that one.
    #[error("this thread holds the writer token")]
    WriterHeld,
    /// Another thread holds the writer token, or waits for it.
    #[error("another thread holds the writer token, or waits for it")]
    Busy,
    /// Level 1 has no writer beside readers.
    #[error("{active} reader tokens are active")]
    ReadersActive {
        /// How many.
        active: usize,
    },
    /// The token is another manager's.
    #[error("the token is another manager's")]
    ForeignToken,
    /// The token is idle: it protects nothing.
    #[error("the token is idle")]
    IdleToken,
    /// More is waiting for its readers than the policy allows.
    #[error("{pending} bytes wait for their readers, and no more than {limit} may")]
    Backpressure {
        /// Bytes that wait.
        pending: u64,
        /// Bytes that may.
        limit: u64,
    },
    /// Another writer has changed what this one read or wrote; to be tried again from the beginning.
    #[error("another writer was faster")]
    Conflict,
    /// What a closure returns that wants its own edits thrown away.
    #[error("the edits were to be thrown away")]
    Discarded,
}
