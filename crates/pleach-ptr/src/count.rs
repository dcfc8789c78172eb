//! The count of owners in a block's first word.
//!
//! # Counting
//!
//! - A *clone* adds one. It is made from a pointer that is alive, so the count cannot fall to
//!   zero meanwhile and there is nothing to wait for: relaxed.
//! - A *release* subtracts one. Whoever takes the last one away frees the block, so everything
//!   the other owners did has to be over for it: the subtraction releases, the last owner
//!   acquires.
//! - A release that reads one is made by the only owner: another one could only be made by
//!   cloning its own pointer, which it is giving up. It frees the block without a locked
//!   instruction. Trees that are not shared, which is most of them, are dropped that way.
//!
//! # Saturation
//!
//! ```text
//!   0        1 ................ 2^31        3 * 2^30        2^32
//!   |  gone  |   exact count    |<--- saturated: for ever --->|
//!                               ^ SATURATED_MIN  ^ SATURATED
//! ```
//!
//! A count of 2^31 *saturates*: the clone that reaches it sets it to `SATURATED`, and so does
//! every later operation that finds it there. The block then has no last owner and is never
//! freed. A leak is the price; the alternatives are an abort, or memory freed under its owners.
//!
//! *It never frees early.* As long as nobody has stored `SATURATED`, the count is exact: each
//! owner is counted once. A release stores only if it saw `SATURATED_MIN` or more, so the clone
//! that first reached `SATURATED_MIN` exists, and that clone holds two owners (its source and its
//! result) until its own store is done. So before the first store by a clone the count is at
//! least two, and nobody takes it to zero. In particular a slow release, its subtraction done and
//! its store still to come, never stores into freed memory: the block it saw saturated is one
//! that will not be freed.
//!
//! A block that is *sealed* is saturated on purpose: by who had all its owners to themselves, and frees
//! it without counting when nobody can reach it any more.
//!
//! *It never comes back.* After the first store, each operation that moves the count by one also
//! stores `SATURATED` right after, or takes it back. The count can be off by no more than the operations that are
//! between their two steps, one for each thread. To leave the upper half it would have to be off
//! by 2^30. That many threads do not fit in an address space with so much as a page of stack
//! each on a 32-bit machine, nor under any kernel's limit on a 64-bit one.

use pleach_atomic::atomic::{AtomicU32, Ordering};
#[cfg(any(pleach_loom, pleach_shuttle))]
use pleach_atomic::model::planted;
use pleach_atomic::{acquire_fence, ord, scaled_u32};

/// The first count that is saturated. Models have few owners; shuttle's have more than loom's.
const SATURATED_MIN: u32 = scaled_u32(1 << 31, if cfg!(pleach_shuttle) { 256 } else { 4 });

/// What a saturated count is set to: as far from zero as from where it began.
const SATURATED: u32 = scaled_u32(3 << 30, if cfg!(pleach_shuttle) { 512 } else { 8 });

/// The count of a block's owners. Opens every block.
///
/// It counts for the [`Slim`](crate::Slim) kind. [`Standard`](crate::Standard) leaves it alone.
#[derive(Debug)]
#[repr(transparent)]
pub struct Count(AtomicU32);

#[cfg(not(pleach_loom))]
const _: () = assert!(size_of::<Count>() == 4);

impl Count {
    /// Makes the count of a new block, which has one owner.
    #[cfg(not(pleach_loom))]
    #[must_use]
    #[inline]
    pub const fn new() -> Self {
        Self(AtomicU32::new(1))
    }

    /// Makes the count of a new block, which has one owner.
    #[cfg(pleach_loom)]
    #[must_use]
    pub fn new() -> Self {
        Self(AtomicU32::new(1))
    }

    /// Adds an owner.
    #[inline]
    pub(crate) fn retain(&self) {
        // Relaxed: made from an owner, which keeps the block alive; nothing is published.
        if self.0.fetch_add(1, Ordering::Relaxed) >= SATURATED_MIN - 1 {
            self.saturate();
        }
    }

    /// Adds an owner, unless the count is sealed or saturated.
    ///
    /// Who is refused sees all that came before the seal.
    #[inline]
    pub(crate) fn try_retain(&self) -> bool {
        // Acquire (PTR-6): what was done before the seal is seen by who finds it; pairs with PTR-5.
        let owners = self.0.fetch_add(1, ord("PTR-6", Ordering::Acquire));
        if owners < SATURATED_MIN - 1 {
            return true;
        }
        // Relaxed: subtracted and not stored, so that who reads this reads on from the seal.
        self.0.fetch_sub(1, Ordering::Relaxed);
        false
    }

    /// Takes the block out of counting if it has so many owners, who all give it up by this: the count
    /// is saturated from then on. The one who is told so has the block, and sees all that former
    /// owners did.
    #[inline]
    pub(crate) fn seal(&self, owners: u32) -> bool {
        #[cfg(any(pleach_loom, pleach_shuttle))]
        if planted("seal_unasked") {
            self.saturate();
            return true;
        }
        // AcqRel (PTR-5): acquires as PTR-4 does, from PTR-1; who is refused by PTR-6 sees what we did.
        let order = ord("PTR-5", Ordering::AcqRel);
        self.0
            .compare_exchange(owners, SATURATED, order, Ordering::Relaxed)
            .is_ok()
    }

    /// Gives up an owner. True for the last one, who sees all that the others did.
    #[inline]
    pub(crate) fn release(&self) -> bool {
        // Acquire (PTR-3): the only owner left sees what the others did; pairs with PTR-1.
        if self.0.load(ord("PTR-3", Ordering::Acquire)) == 1 {
            return true;
        }
        // Release (PTR-1): what we did is over for whoever is last; pairs with PTR-2, 3 and 4.
        let owners = self.0.fetch_sub(1, ord("PTR-1", Ordering::Release));
        #[cfg(any(pleach_loom, pleach_shuttle))]
        if owners == 2 && planted("double_free") {
            return true;
        }
        if owners != 1 {
            if owners >= SATURATED_MIN {
                self.saturate();
            }
            return false;
        }
        // Acquire (PTR-2): the last owner sees what the others did; pairs with PTR-1.
        acquire_fence("PTR-2", |order| self.0.load(order));
        true
    }

    /// Tells whether the caller is the only owner, who then sees all that former owners did.
    #[inline]
    pub(crate) fn is_unique(&self) -> bool {
        #[cfg(any(pleach_loom, pleach_shuttle))]
        if planted("write_unasked") {
            return true;
        }
        // Acquire (PTR-4): who may now write sees the reads of the others done; pairs with PTR-1.
        self.0.load(ord("PTR-4", Ordering::Acquire)) == 1
    }

    /// Makes a count of more owners than a test can make.
    #[cfg(all(test, not(pleach_loom)))]
    pub(crate) fn set(&self, owners: u32) {
        self.0.store(owners, Ordering::Relaxed);
    }

    /// Sets the count to the middle of its saturated half.
    #[cold]
    fn saturate(&self) {
        #[cfg(any(pleach_loom, pleach_shuttle))]
        if planted("lost_pin") {
            return;
        }
        // Relaxed: nobody ever frees this block, so nobody has to see anything.
        self.0.store(SATURATED, Ordering::Relaxed);
    }
}

impl Default for Count {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(all(test, not(pleach_loom)))]
mod tests {
    use super::*;

    fn count_of(owners: u32) -> Count {
        let count = Count::new();
        count.set(owners);
        count
    }

    fn owners(count: &Count) -> u32 {
        count.0.load(Ordering::Relaxed)
    }

    #[test]
    fn owners_are_counted_and_the_last_is_told() {
        let count = Count::default();
        assert!(count.is_unique());
        count.retain();
        count.retain();
        assert!(!count.is_unique());
        assert!(!count.release());
        assert!(!count.release());
        assert!(count.is_unique());
        assert!(count.release());
    }

    #[test]
    fn below_the_edge_the_count_is_exact() {
        let count = count_of((1 << 31) - 2);
        count.retain();
        assert_eq!(owners(&count), (1 << 31) - 1);
        assert!(!count.release());
        assert!(!count.release());
        assert_eq!(owners(&count), (1 << 31) - 3);
    }

    #[test]
    fn the_clone_that_reaches_the_edge_saturates() {
        let count = count_of((1 << 31) - 1);
        count.retain();
        assert_eq!(owners(&count), 3 << 30);
    }

    #[test]
    fn a_saturated_count_is_pinned_from_anywhere() {
        for start in [1 << 31, (1 << 31) + 1, 3 << 30, u32::MAX - 1, u32::MAX] {
            let cloned = count_of(start);
            cloned.retain();
            assert_eq!(owners(&cloned), 3 << 30);

            let released = count_of(start);
            assert!(!released.release());
            assert!(!released.is_unique());
            assert_eq!(owners(&released), 3 << 30);
        }
    }
}
