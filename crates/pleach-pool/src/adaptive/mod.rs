//! The pool that chooses its level, and changes it while it is used.

mod choice;

use std::ptr::NonNull;

use pleach_atomic::atomic::{AtomicU32, Ordering};
use pleach_atomic::stat::Tally;
use pleach_atomic::sync::counted::Arc;
use pleach_atomic::sync::{Mutex, MutexGuard};
use pleach_atomic::thread;
use thiserror::Error;

pub use self::choice::{Reason, Signals};

use self::choice::Watch;
use crate::arena::Arena;
use crate::config::FiveLevelPoolConfig;
use crate::error::{AllocError, FreeError, PoolError};
use crate::fixed::FixedStore;
use crate::handle::Handle;
use crate::level::ConcurrencyLevel;
use crate::pool::Pool;
use crate::pool::sealed::{Level, Shape};
use crate::shared::{Core, Door, Observed};
use crate::stats::PoolStats;

/// A pool of any level, chosen by the machine and the configuration, and then by what it sees.
///
/// It is `Sync` whatever its level. Levels 2 to 4 are three doors to one structure, so the pool goes
/// from one to another with one store: no block moves, every handle stays valid, and threads that
/// are in the middle of something finish it by the old door. Levels 1 and 5 are chosen once; their
/// structures then stand behind one lock (their own types, [`NoLockingPool`](crate::NoLockingPool)
/// and [`FixedCapacityPool`](crate::FixedCapacityPool), have none, and cannot be shared).
///
/// # Which level
///
/// | cores | level |
/// |---|---|
/// | 1 | 2: the least memory, and threads seldom meet |
/// | 2 to 4 | 3 if [`typical_block_bytes`](FiveLevelPoolConfig::typical_block_bytes) is at most 1 KiB, else 2 |
/// | 5 to 16 | 4 if [`expected_bytes`](FiveLevelPoolConfig::expected_bytes) is 64 MiB or more, else 3 |
/// | more | 4 |
/// | any, with [`fixed`](FiveLevelPoolConfig::fixed) | 5 |
///
/// From then on the pool looks at itself every few thousand operations: how often threads were in
/// each other's way, how many there are, how often magazines missed, how much of the memory is in
/// use. It changes the level when three looks in a row suggest the same one, and rests after that.
/// [`with_level`](Self::with_level) leaves the level to the caller.
///
/// # Examples
///
/// ```
/// use pleach_pool::{AdaptiveFiveLevelPool, ConcurrencyLevel, FiveLevelPoolConfig};
///
/// let pool = AdaptiveFiveLevelPool::new(FiveLevelPoolConfig::performance_optimized())?;
/// println!("{}, since {}", pool.current_level(), pool.reason());
///
/// let handle = pool.alloc(1024)?;
/// pool.set_level(ConcurrencyLevel::ThreadLocal)?;
/// pool.free(handle)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct AdaptiveFiveLevelPool {
    structure: Structure,
    /// The number of the level.
    level: AtomicU32,
    /// Whether the pool changes it by itself.
    adapts: bool,
    watched: Mutex<Watched>,
    level_changes: Tally,
}

#[derive(Debug)]
enum Structure {
    Single(Box<Mutex<Arena>>),
    Shared(Arc<Core>),
    Fixed(Box<Mutex<FixedStore>>),
}

/// What the pool remembers of what it saw.
#[derive(Debug)]
struct Watched {
    watch: Watch,
    last: Observed,
    reason: Reason,
}

/// A level that a pool cannot go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a pool at {from} cannot go to {to}: only levels 2 to 4 share a structure")]
pub struct LevelError {
    /// The level that it is at.
    pub from: ConcurrencyLevel,
    /// The level that was asked for.
    pub to: ConcurrencyLevel,
}

/// How many operations (of all threads; some are not counted) lie between two looks.
const INTERVAL: u64 = 4096;

impl AdaptiveFiveLevelPool {
    /// Makes a pool at the level that fits the machine and the configuration.
    ///
    /// # Errors
    ///
    /// If the configuration cannot be, or there is no memory.
    pub fn new(config: FiveLevelPoolConfig) -> Result<Self, PoolError> {
        let cores = config.cores.unwrap_or_else(cores);
        let (level, reason) = choice::initial(&config, cores);
        Self::make(&config, level, reason)
    }

    /// Makes a pool at a level, which it does not leave by itself.
    ///
    /// # Errors
    ///
    /// If the configuration cannot be, or there is no memory.
    pub fn with_level(
        config: FiveLevelPoolConfig,
        level: ConcurrencyLevel,
    ) -> Result<Self, PoolError> {
        Self::make(&config, level, Reason::Chosen)
    }

    fn make(
        config: &FiveLevelPoolConfig,
        level: ConcurrencyLevel,
        reason: Reason,
    ) -> Result<Self, PoolError> {
        config.validate()?;
        let structure = match level {
            ConcurrencyLevel::SingleThread => {
                Structure::Single(Box::new(Mutex::new(Arena::new(config))))
            }
            ConcurrencyLevel::FixedCapacity => {
                Structure::Fixed(Box::new(Mutex::new(FixedStore::new(config)?)))
            }
            _ => Structure::Shared(Core::new(config)?),
        };
        Ok(Self {
            structure,
            level: AtomicU32::new(level.number()),
            adapts: reason != Reason::Chosen && level.is_switchable(),
            watched: Mutex::new(Watched {
                watch: Watch::default(),
                last: Observed::default(),
                reason,
            }),
            level_changes: Tally::new(0),
        })
    }

    /// Allocates a block; [`Pool::alloc`] without the trait.
    ///
    /// # Errors
    ///
    /// See [`AllocError`].
    pub fn alloc(&self, size: usize) -> Result<Handle, AllocError> {
        Pool::alloc(self, size)
    }

    /// Frees the block of a handle; [`Pool::free`] without the trait.
    ///
    /// # Errors
    ///
    /// See [`FreeError`].
    pub fn free(&self, handle: Handle) -> Result<(), FreeError> {
        Pool::free(self, handle)
    }

    /// The level that the pool is at now.
    #[must_use]
    pub fn current_level(&self) -> ConcurrencyLevel {
        // Relaxed: each level is right at any time.
        let number = self.level.load(Ordering::Relaxed);
        ConcurrencyLevel::ALL[number as usize - 1]
    }

    /// Why it is at this level.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.lock().reason
    }

    /// How often the level was changed.
    #[must_use]
    pub fn level_changes(&self) -> u64 {
        self.level_changes.get()
    }

    /// Goes to another of the levels 2 to 4 while the pool is used: one store, after which what
    /// magazines hold is given back if the new level has none. A pool that adapts may leave it
    /// again.
    ///
    /// # Errors
    ///
    /// If this level or the other one is not one of the three.
    pub fn set_level(&self, level: ConcurrencyLevel) -> Result<(), LevelError> {
        let from = self.current_level();
        if from == level {
            return Ok(());
        }
        if !from.is_switchable() || !level.is_switchable() {
            return Err(LevelError { from, to: level });
        }
        self.go_to(level, Reason::Chosen, &mut self.lock());
        Ok(())
    }

    /// Looks at signals as the pool does at its own every few thousand operations, and changes the
    /// level if they and those before them suggest it. Returns the level.
    ///
    /// For schedulers that know more than the pool, and for tests. A pool whose level was chosen
    /// stays there.
    pub fn consider(&self, signals: &Signals) -> ConcurrencyLevel {
        if self.adapts {
            self.consider_with(signals, &mut self.lock());
        }
        self.current_level()
    }

    fn consider_with(&self, signals: &Signals, watched: &mut Watched) {
        let change = watched.watch.consider(self.current_level(), signals);
        if let Some((level, reason)) = change {
            self.go_to(level, reason, watched);
        }
    }

    fn go_to(&self, level: ConcurrencyLevel, reason: Reason, watched: &mut Watched) {
        watched.reason = reason;
        self.level_changes.add(1);
        // Relaxed: what a thread does by one door is right beside what another does by another.
        self.level.store(level.number(), Ordering::Relaxed);
        if let (Structure::Shared(core), true) =
            (&self.structure, level != ConcurrencyLevel::ThreadLocal)
        {
            core.drain();
        }
    }

    /// Counts an operation, and looks after some.
    #[inline]
    fn tick(&self, core: &Core) {
        if self.adapts && core.tick().is_multiple_of(INTERVAL) {
            self.look(core);
        }
    }

    #[cold]
    fn look(&self, core: &Core) {
        let Ok(mut watched) = self.watched.try_lock() else {
            return;
        };
        let now = core.observe();
        let last = std::mem::replace(&mut watched.last, now);
        let signals = Signals {
            operations: now.operations.saturating_sub(last.operations),
            contended: now.contended.saturating_sub(last.contended),
            refills: now.refills.saturating_sub(last.refills),
            threads: now.threads,
            committed_bytes: now.committed,
            live_bytes: now.live,
        };
        self.consider_with(&signals, &mut watched);
    }

    fn lock(&self) -> MutexGuard<'_, Watched> {
        self.watched.lock().expect("nothing panics under this lock")
    }

    #[inline]
    fn door(&self) -> Door {
        match self.current_level() {
            ConcurrencyLevel::MultiThreadMutex => Door::Locked,
            ConcurrencyLevel::ThreadLocal => Door::Cached,
            _ => Door::LockFree,
        }
    }
}

/// How many cores this process may use.
fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// The lock of a structure without one of its own.
fn locked<T>(structure: &Mutex<T>) -> MutexGuard<'_, T> {
    structure.lock().expect("nothing panics under this lock")
}

impl Level for AdaptiveFiveLevelPool {
    #[inline]
    fn take(&self, size: usize, align: usize) -> Result<NonNull<[u8]>, AllocError> {
        let (block, bytes) = match &self.structure {
            Structure::Single(arena) => locked(arena).take(size, align)?,
            Structure::Shared(core) => {
                self.tick(core);
                core.take(self.door(), size, align)?
            }
            Structure::Fixed(store) => locked(store).take(size, align)?,
        };
        Ok(NonNull::slice_from_raw_parts(block, bytes))
    }

    #[inline]
    unsafe fn give(&self, block: NonNull<u8>, size: usize, align: usize) {
        match &self.structure {
            // SAFETY: the caller's promise.
            Structure::Single(arena) => unsafe { locked(arena).give(block, size, align) },
            // SAFETY: the caller's promise.
            Structure::Shared(core) => unsafe { core.give(self.door(), block, size, align) },
            Structure::Fixed(store) => locked(store).give(block),
        }
    }

    fn is_same_place(&self, old: Shape, new: Shape) -> bool {
        match &self.structure {
            Structure::Single(arena) => locked(arena).is_same_kind(old, new),
            Structure::Shared(core) => core.is_same_kind(old, new),
            Structure::Fixed(_) => FixedStore::is_same_place(old, new),
        }
    }

    fn name(&self, size: usize, align: usize) -> Result<Handle, AllocError> {
        match &self.structure {
            Structure::Single(arena) => locked(arena).alloc(size, align),
            Structure::Shared(core) => {
                self.tick(core);
                core.alloc(self.door(), size, align)
            }
            Structure::Fixed(store) => locked(store).alloc(size, align),
        }
    }

    fn unname(&self, handle: Handle) -> Result<(), FreeError> {
        match &self.structure {
            Structure::Single(arena) => locked(arena).free(handle),
            Structure::Shared(core) => core.free(self.door(), handle),
            Structure::Fixed(store) => locked(store).free(handle),
        }
    }

    fn bytes(&self, handle: Handle) -> Option<NonNull<[u8]>> {
        match &self.structure {
            Structure::Single(arena) => locked(arena).bytes(handle),
            Structure::Shared(core) => core.bytes(handle),
            Structure::Fixed(store) => locked(store).bytes(handle),
        }
    }

    fn figures(&self) -> PoolStats {
        let mut stats = match &self.structure {
            Structure::Single(arena) => locked(arena).stats(),
            Structure::Shared(core) => core.stats(),
            Structure::Fixed(store) => locked(store).stats(),
        };
        stats.level_changes = self.level_changes();
        stats
    }

    fn current(&self) -> ConcurrencyLevel {
        self.current_level()
    }

    fn shrink(&self) -> usize {
        match &self.structure {
            Structure::Single(arena) => locked(arena).trim(),
            Structure::Shared(core) => core.trim(),
            Structure::Fixed(_) => 0,
        }
    }
}
