//! Memory pools in five levels of concurrency, from one thread to a cache for each.
//!
//! A pool takes memory from the system in large pieces and hands it out in blocks. How much it has
//! to do for that depends on how many threads share it, and on what may happen in the worst case;
//! so there are five, with one interface ([`Pool`]), and one more that chooses among them.
//!
//! **Use it** for many small blocks with a common fate (the nodes of a tree, the messages of a
//! queue) that you want apart from everything else: counted, limited, given back together, or within
//! a bounded time. **Do not use it** as a general allocator for a whole program, which needs no
//! limits and no figures, or for blocks of one type that are never freed singly (an arena such as
//! `bumpalo` is faster).
//!
//! # Three ways in
//!
//! ```
//! use allocator_api2::vec::Vec;
//! use pleach_pool::{FiveLevelPoolConfig, LockFreePool, Pool, PoolBox};
//!
//! let pool = LockFreePool::new(FiveLevelPoolConfig::performance_optimized())?;
//!
//! // A guard owns a value, derefs to it, and frees its block.
//! let mut point = PoolBox::new_in([0.0, 1.0], &pool)?;
//! point[0] = 0.5;
//!
//! // A collection takes the pool as its allocator.
//! let mut numbers = Vec::new_in(&pool);
//! numbers.extend(0..1000);
//!
//! // A handle is a `Copy` name, recognised when it is old or another pool's.
//! let handle = pool.alloc(1024)?;
//! pool.free(handle)?;
//! assert!(pool.free(handle).is_err());
//!
//! assert_eq!(pool.stats().live_blocks, 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Which level
//!
//! | level | type | between threads | small blocks | when |
//! |---|---|---|---|---|
//! | 1 | [`NoLockingPool`] | nothing; `!Sync` | push and pop of a stack | one thread |
//! | 2 | [`MutexBasedPool`] | a lock for each size class | a lock and a list | few threads, nothing set aside |
//! | 3 | [`LockFreePool`] | lock-free lists | one compare-and-swap | nobody may hold up others |
//! | 4 | [`ThreadLocalPool`] | level 3, behind a magazine for each thread | push and pop, no locked instruction | many threads |
//! | 5 | [`FixedCapacityPool`] | nothing; `!Sync` | O(1) in the worst case | bounded time and memory |
//! | 2 to 5, or 1 behind a lock | [`AdaptiveFiveLevelPool`] | as its level | as its level | not known yet |
//!
//! Levels 2 to 4 are three doors to one structure, so the adaptive pool goes from one to another with
//! one store while threads use it.
//!
//! # Promises
//!
//! - A block is given out once at a time, aligned as asked, and keeps its address until it is freed.
//! - No byte of a block is read or written by the pool; links and generations lie beside blocks.
//! - A handle frees the block that it was made for, in that life of the block, once. Blocks of guards
//!   and collections have no handle and are freed by nobody else.
//! - The bytes of a guard are accessed without asking the pool.
//! - What is free is to be had: sizes may alternate, threads may end, one thread may free what another
//!   allocates. Before a pool reports that it is full it empties the magazines of all threads and
//!   takes empty spans back from their classes.
//! - [`PoolStats`] means the same at all levels, and adds up.
//! - Nothing overflows: sizes near `usize::MAX` are [`AllocError::TooLarge`] in all builds.
//!
//! What is not promised: that memory is zero, that a pool without a maximum never grows, or that a
//! large block (beyond 8 KiB) of levels 3 and 4 is allocated without a lock.
//!
//! # How it works
//!
//! ```text
//!   segment  | header | span of 64 KiB: blocks of one class | span | span | ...
//!   beside   | links, generations: a word for each block
//!
//!   level 4  magazine of the thread   -> addresses of free blocks, by class
//!   level 3  list of the class        -> (tag, index) of the first; links beside the blocks
//!            cursor of the class      -> (span, next slot that nobody had yet)
//!            list of free spans       -> segments appended by compare-and-swap
//! ```
//!
//! A block's class follows from its layout, so blocks have no headers. See
//! `docs/decisions/0007-pools.md` for the layout of memory and why it is so.
//!
//! # How it is checked
//!
//! Random scripts run at all levels, with the statistics checked after each step; stress tests have
//! short threads, producers and consumers, and levels that change under load. Loom models run the
//! code that ships with spans of four blocks; each memory ordering has a name and a row in
//! `docs/memory-ordering.md`. Level 5 is run with a counting allocator, and where the kernel
//! allows no system call. `docs/verification.md` lists the traps that have a test.
//!
//! Unsafe code cites the invariants **M**, **A**, **W**, **T**, **L**, **B**, **O** and **G** of the
//! modules `region`, `arena`, `words`, `segment`, `list`, `small`, `local` and `guard`.

#![deny(unsafe_code)]

#[allow(unsafe_code, reason = "hands raw blocks on")]
mod adaptive;
#[allow(unsafe_code, reason = "implements an unsafe trait over raw blocks")]
mod allocator;
#[allow(unsafe_code, reason = "owns raw blocks for one thread")]
mod arena;
#[allow(unsafe_code, reason = "hands raw blocks on")]
mod cached;
mod class;
mod config;
mod error;
#[allow(unsafe_code, reason = "owns raw blocks for one thread")]
mod fixed;
#[allow(unsafe_code, reason = "owns values in raw blocks")]
mod guard;
mod handle;
mod level;
#[allow(unsafe_code, reason = "hands raw blocks on")]
mod local;
#[allow(unsafe_code, reason = "hands raw blocks on")]
mod lock_free;
#[allow(unsafe_code, reason = "hands raw blocks on")]
mod locked;
mod memory;
mod pool;
#[allow(unsafe_code, reason = "owns raw blocks for many threads")]
mod shared;
mod stats;

pub use adaptive::{AdaptiveFiveLevelPool, LevelError, Reason, Signals};
pub use allocator::PoolArc;
pub use cached::ThreadLocalPool;
pub use config::FiveLevelPoolConfig;
pub use error::{AllocError, ConfigError, FreeError, PoolError};
pub use fixed::FixedCapacityPool;
pub use guard::{PoolBox, PoolSlice};
pub use handle::Handle;
pub use level::ConcurrencyLevel;
pub use local::NoLockingPool;
pub use lock_free::LockFreePool;
pub use locked::MutexBasedPool;
pub use pool::Pool;
pub use stats::PoolStats;
