//! Memory pools in five levels of concurrency.

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
