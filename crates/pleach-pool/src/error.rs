//! What can go wrong, with what is needed to understand it.

use thiserror::Error;

/// Why a pool gave no block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AllocError {
    /// A raw block of no bytes was asked for. (Guards of nothing need no block and do not fail.)
    #[error("a block of no bytes was asked for")]
    ZeroSize,
    /// The alignment is not a power of two, or more than pools serve.
    #[error("an alignment of {asked} was asked for; powers of two up to {max} are served")]
    OverAligned {
        /// The alignment asked for.
        asked: usize,
        /// The largest one that is served.
        max: usize,
    },
    /// More bytes than a block of this pool can ever have.
    #[error("{asked} bytes were asked for; a block has {max} at most")]
    TooLarge {
        /// The bytes asked for.
        asked: usize,
        /// The largest size that is served.
        max: usize,
    },
    /// The pool is full: its maximum is reached, and what its caches held did not help.
    #[error(
        "no room for {asked} bytes: {free_total} are free, {largest_free} of them in one place"
    )]
    Capacity {
        /// The bytes asked for.
        asked: usize,
        /// All bytes that are free, in whatever pieces.
        free_total: usize,
        /// The largest block that could be had instead.
        largest_free: usize,
    },
    /// The system gave no memory.
    #[error("the system gave no memory for {asked} bytes")]
    OutOfMemory {
        /// The bytes asked for.
        asked: usize,
    },
}

/// Why a pool did not free a block. It is then unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FreeError {
    /// The handle is another pool's.
    #[error("the handle is another pool's")]
    Foreign,
    /// The block was freed before.
    #[error("the block of this handle was freed before")]
    Stale,
}

/// Which field of a configuration cannot be, and why.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{field} is {value}, and has to be {expected}")]
pub struct ConfigError {
    /// The field's name.
    pub field: &'static str,
    /// What it says.
    pub value: usize,
    /// What it may say.
    pub expected: String,
}

/// Why a pool was not made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PoolError {
    /// The configuration cannot be.
    #[error("the configuration cannot be: {0}")]
    Config(#[from] ConfigError),
    /// The system gave no memory.
    #[error("the system gave no memory for a pool of {bytes} bytes")]
    OutOfMemory {
        /// The bytes that were to be allocated at once.
        bytes: usize,
    },
}
