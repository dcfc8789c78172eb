//! Which level, and why: rules without a pool, so that they can be tried.

use std::fmt;

use crate::config::FiveLevelPoolConfig;
use crate::level::ConcurrencyLevel::{
    self, FixedCapacity, MultiThreadLockFree, MultiThreadMutex, ThreadLocal,
};

/// Why a pool is at its level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The caller said so.
    Chosen,
    /// The configuration asks for a fixed capacity.
    Fixed,
    /// There is one core: threads meet when one is interrupted and not otherwise.
    OneCore,
    /// There are few cores, and blocks are small: a lock would cost more than what it guards.
    FewCoresSmallBlocks,
    /// There are few cores, and blocks are large.
    FewCoresLargeBlocks,
    /// There are many cores, and little memory to set aside for each.
    ManyCoresLittleMemory,
    /// There are many cores and much memory.
    ManyCores,
    /// Threads were in each other's way.
    Contention,
    /// No thread was in another's way for long, and one thread is left.
    Quiet,
    /// Magazines were empty or full too often to be worth their memory.
    MagazineMisses,
    /// Little of the memory was in use, and much of it set aside for threads.
    LittleInUse,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Chosen => "the caller chose it",
            Self::Fixed => "a fixed capacity was asked for",
            Self::OneCore => "there is one core",
            Self::FewCoresSmallBlocks => "few cores, small blocks",
            Self::FewCoresLargeBlocks => "few cores, large blocks",
            Self::ManyCoresLittleMemory => "many cores, little memory",
            Self::ManyCores => "many cores",
            Self::Contention => "threads were in each other's way",
            Self::Quiet => "one thread is left",
            Self::MagazineMisses => "the magazines missed too often",
            Self::LittleInUse => "little of the memory was in use",
        })
    }
}

/// What was observed of a pool during an interval.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Signals {
    /// Blocks given out and taken back.
    pub operations: u64,
    /// How often a thread found a lock taken, or another thread faster.
    pub contended: u64,
    /// How often a magazine was empty or full.
    pub refills: u64,
    /// Threads that have used the pool and have not ended.
    pub threads: usize,
    /// Bytes taken from the system.
    pub committed_bytes: usize,
    /// Bytes of blocks in use.
    pub live_bytes: usize,
}

/// Blocks up to here are small to [`initial`].
const SMALL_BLOCK: usize = 1024;

/// From here on there is memory to set aside.
const MUCH_MEMORY: usize = 64 << 20;

/// How many intervals in a row have to suggest a level before it is taken.
const PATIENCE: u32 = 3;

/// How many intervals after a change nothing is changed.
const REST: u32 = 4;

/// The level to begin with.
pub(super) fn initial(config: &FiveLevelPoolConfig, cores: usize) -> (ConcurrencyLevel, Reason) {
    match cores {
        _ if config.fixed => (FixedCapacity, Reason::Fixed),
        0 | 1 => (MultiThreadMutex, Reason::OneCore),
        2..=4 if config.typical_block_bytes <= SMALL_BLOCK => {
            (MultiThreadLockFree, Reason::FewCoresSmallBlocks)
        }
        2..=4 => (MultiThreadMutex, Reason::FewCoresLargeBlocks),
        5..=16 if config.expected_bytes < MUCH_MEMORY => {
            (MultiThreadLockFree, Reason::ManyCoresLittleMemory)
        }
        _ => (ThreadLocal, Reason::ManyCores),
    }
}

/// What one interval suggests, if it is not to stay.
fn suggestion(current: ConcurrencyLevel, signals: &Signals) -> Option<(ConcurrencyLevel, Reason)> {
    let per_mille = |n: u64| n.saturating_mul(1000) / signals.operations.max(1);
    let contended = per_mille(signals.contended);
    match current {
        MultiThreadMutex if contended > 10 => Some((MultiThreadLockFree, Reason::Contention)),
        MultiThreadLockFree if contended > 50 => Some((ThreadLocal, Reason::Contention)),
        MultiThreadLockFree if contended == 0 && signals.threads <= 1 => {
            Some((MultiThreadMutex, Reason::Quiet))
        }
        ThreadLocal if per_mille(signals.refills) > 250 => {
            Some((MultiThreadLockFree, Reason::MagazineMisses))
        }
        ThreadLocal if signals.threads > 1 && signals.live_bytes < signals.committed_bytes / 16 => {
            Some((MultiThreadLockFree, Reason::LittleInUse))
        }
        _ => None,
    }
}

/// Suggestions, and the patience to wait until they last.
#[derive(Debug, Default)]
pub(super) struct Watch {
    suggested: Option<ConcurrencyLevel>,
    streak: u32,
    rest: u32,
}

impl Watch {
    /// What an interval leads to: a change, if it suggests what those before it did.
    pub(super) fn consider(
        &mut self,
        current: ConcurrencyLevel,
        signals: &Signals,
    ) -> Option<(ConcurrencyLevel, Reason)> {
        if self.rest > 0 {
            self.rest -= 1;
            return None;
        }
        let suggestion = suggestion(current, signals);
        let level = suggestion.map(|(level, _)| level);
        self.streak = match level == self.suggested {
            true => self.streak + 1,
            false => 1,
        };
        self.suggested = level;
        if self.streak < PATIENCE {
            return None;
        }
        if suggestion.is_some() {
            *self = Self {
                rest: REST,
                ..Self::default()
            };
        }
        suggestion
    }
}

#[cfg(all(test, not(any(pleach_loom, pleach_shuttle))))]
mod tests {
    use super::*;

    #[test]
    fn the_first_level_follows_the_cores() {
        let performance = FiveLevelPoolConfig::performance_optimized();
        let memory = FiveLevelPoolConfig::memory_optimized();
        let realtime = FiveLevelPoolConfig::realtime();
        let large = FiveLevelPoolConfig {
            typical_block_bytes: 4096,
            ..performance.clone()
        };
        let level = |config, cores| initial(config, cores).0;
        assert_eq!(level(&performance, 1), MultiThreadMutex);
        assert_eq!(level(&performance, 2), MultiThreadLockFree);
        assert_eq!(level(&large, 4), MultiThreadMutex);
        assert_eq!(level(&performance, 5), ThreadLocal);
        assert_eq!(level(&memory, 16), MultiThreadLockFree);
        assert_eq!(level(&memory, 17), ThreadLocal);
        for cores in [1, 4, 100] {
            assert_eq!(level(&realtime, cores), FixedCapacity);
        }
    }

    fn contended() -> Signals {
        Signals {
            operations: 1000,
            contended: 100,
            threads: 4,
            ..Signals::default()
        }
    }

    #[test]
    fn a_level_changes_when_a_suggestion_lasts_and_then_rests() {
        let mut watch = Watch::default();
        assert_eq!(watch.consider(MultiThreadMutex, &contended()), None);
        assert_eq!(watch.consider(MultiThreadMutex, &contended()), None);
        let change = watch.consider(MultiThreadMutex, &contended());
        assert_eq!(change, Some((MultiThreadLockFree, Reason::Contention)));
        for _ in 0..REST + PATIENCE - 1 {
            assert_eq!(watch.consider(MultiThreadLockFree, &contended()), None);
        }
        let change = watch.consider(MultiThreadLockFree, &contended());
        assert_eq!(change, Some((ThreadLocal, Reason::Contention)));
    }

    #[test]
    fn a_suggestion_that_comes_and_goes_changes_nothing() {
        let mut watch = Watch::default();
        let calm = Signals {
            operations: 1000,
            threads: 4,
            ..Signals::default()
        };
        for _ in 0..20 {
            assert_eq!(watch.consider(MultiThreadMutex, &contended()), None);
            assert_eq!(watch.consider(MultiThreadMutex, &contended()), None);
            assert_eq!(watch.consider(MultiThreadMutex, &calm), None);
        }
    }

    #[test]
    fn each_signal_leads_somewhere() {
        let quiet = Signals {
            operations: 1000,
            threads: 1,
            ..Signals::default()
        };
        let to = |current, signals| suggestion(current, &signals);
        assert_eq!(
            to(MultiThreadLockFree, quiet),
            Some((MultiThreadMutex, Reason::Quiet))
        );
        let misses = Signals {
            refills: 300,
            live_bytes: 1,
            ..quiet
        };
        assert_eq!(
            to(ThreadLocal, misses),
            Some((MultiThreadLockFree, Reason::MagazineMisses))
        );
        let idle = Signals {
            threads: 2,
            committed_bytes: 1 << 20,
            live_bytes: 1,
            ..quiet
        };
        assert_eq!(
            to(ThreadLocal, idle),
            Some((MultiThreadLockFree, Reason::LittleInUse))
        );
        assert_eq!(to(FixedCapacity, contended()), None);
    }
}
