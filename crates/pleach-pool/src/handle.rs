//! Names of blocks: which pool, which block, and which of its lives.

use std::fmt;

use pleach_atomic::stat::Tally;

/// The name of a block that a pool has given out.
///
/// It is `Copy`, and worth nothing by itself: it gives bytes only through
/// [`Pool::as_ptr`](crate::Pool::as_ptr), and a pool recognises one that is another pool's or
/// whose block has been freed, for as long as the pool lives.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Handle {
    pool: PoolId,
    index: u32,
    generation: Generation,
}

impl Handle {
    pub(crate) const fn new(pool: PoolId, index: u32, generation: Generation) -> Self {
        Self {
            pool,
            index,
            generation,
        }
    }

    /// The block and its life, if the handle is of this pool.
    #[inline]
    pub(crate) fn resolve(self, pool: PoolId) -> Option<(u32, Generation)> {
        (self.pool == pool).then_some((self.index, self.generation))
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (pool, generation) = (self.pool.0, self.generation.0 / 2);
        write!(f, "Handle({pool}:{:#x}.{generation})", self.index)
    }
}

/// A number that no two pools of a process have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct PoolId(u64);

impl PoolId {
    /// No pool's.
    pub(crate) const NONE: Self = Self(0);

    pub(crate) fn fresh() -> Self {
        static LAST: Tally = Tally::new(1);
        Self(LAST.add(1))
    }
}

/// The word that each block has beside it: which of its lives it is in, and whether a handle names
/// it in this one.
///
/// Odd while a handle names the block, even otherwise: free, or in the hands of a guard or of the
/// allocator face, whose blocks no handle names. So those two never touch it, and a handle, which
/// was made from an odd word, frees nothing else than its own block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Generation(u32);

impl Generation {
    /// A block whose lives are used up. It is not given out again.
    pub(crate) const RETIRED: Self = Self(u32::MAX - 1);

    pub(crate) const fn from_word(word: u32) -> Self {
        Self(word)
    }

    pub(crate) const fn word(self) -> u32 {
        self.0
    }

    /// Tells whether a handle names the block.
    pub(crate) const fn is_named(self) -> bool {
        self.0 & 1 == 1
    }

    /// From unnamed to named and back: the next half of a life.
    pub(crate) const fn next(self) -> Self {
        debug_assert!(self.0 < Self::RETIRED.0, "a retired block has no next life");
        Self(self.0 + 1)
    }

    /// Tells whether this was the last life.
    pub(crate) const fn is_retired(self) -> bool {
        self.0 == Self::RETIRED.0
    }
}

#[cfg(all(test, not(any(pleach_loom, pleach_shuttle))))]
mod tests {
    use super::*;

    #[test]
    fn lives_go_from_unnamed_to_named_and_end() {
        let first = Generation::from_word(0);
        assert!(!first.is_named() && first.next().is_named());
        let last = Generation::from_word(u32::MAX - 2);
        assert!(last.is_named() && !last.is_retired());
        assert!(last.next().is_retired() && !last.next().is_named());
    }

    #[test]
    fn a_handle_is_four_words_of_32_bits() {
        assert_eq!(size_of::<Handle>(), 16);
        assert_ne!(PoolId::fresh(), PoolId::fresh());
        assert_ne!(PoolId::fresh(), PoolId::NONE);
    }
}
