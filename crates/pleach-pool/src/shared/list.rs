//! A lock-free stack of indices, whose links lie elsewhere.
//!
//! This is R. K. Treiber's stack (*Systems programming: coping with parallelism*, 1986) with the
//! counted head of IBM's System/370 manual: one word holds the index of the first and a tag that
//! every removal counts up, so that a head that has gone and come back is not taken for one that
//! has stayed (ABA).
//!
//! ```text
//!   |  tag: 32  |  index: 32  |
//! ```
//!
//! # Invariants
//!
//! - **L1** A link is written only by who has its block, before the block is pushed.
//! - **L2** Every change of the head is a read-modify-write operation, so that a push heads a release
//!   sequence that lasts: whoever finds a block sees what happened before it was pushed.

use pleach_atomic::atomic::{AtomicU32, AtomicU64, Ordering};
#[cfg(any(pleach_loom, pleach_shuttle))]
use pleach_atomic::model::planted;
use pleach_atomic::{hint, ord};

use crate::memory::geometry::NIL;

/// The most that are taken at a time.
pub(super) const BATCH_MAX: usize = pleach_atomic::scaled(64, 2);

/// The stack.
#[derive(Debug)]
pub(super) struct List(AtomicU64);

/// A head: the tag and the index of the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Head(u64);

impl Head {
    const fn new(tag: u32, index: u32) -> Self {
        Self((tag as u64) << 32 | index as u64)
    }

    const fn index(self) -> u32 {
        self.0 as u32
    }

    const fn tag(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// The head after a removal.
    fn without(self, rest: u32) -> Self {
        #[cfg(any(pleach_loom, pleach_shuttle))]
        if planted("pool_untagged") {
            return Self::new(self.tag(), rest);
        }
        Self::new(self.tag().wrapping_add(1), rest)
    }
}

impl List {
    pub(super) fn new() -> Self {
        // In models the first removal wraps the tag around.
        let tag = if cfg!(any(pleach_loom, pleach_shuttle)) {
            u32::MAX
        } else {
            0
        };
        Self(AtomicU64::new(Head::new(tag, NIL).0))
    }

    /// Pushes a chain whose links are written, but for the last one. `lost` counts lost races.
    #[inline]
    pub(super) fn push(&self, first: u32, last_link: &AtomicU32, lost: &mut u32) {
        // Relaxed: only the index is used, and only if the head is still the same.
        let mut head = Head(self.0.load(Ordering::Relaxed));
        loop {
            // Relaxed: L1; POOL-11 publishes it.
            last_link.store(head.index(), Ordering::Relaxed);
            // Release (POOL-11): the links, and all that was done with the blocks; pairs with
            // POOL-12, 13 and 14.
            let pushed = self.0.compare_exchange(
                head.0,
                Head::new(head.tag(), first).0,
                ord("POOL-11", Ordering::Release),
                Ordering::Relaxed,
            );
            match pushed {
                Ok(_) => return,
                Err(other) => head = Head(other),
            }
            *lost += 1;
            hint::spin_loop();
        }
    }

    /// Pops the first. `link` finds the link of an index, which may be an old one.
    #[inline]
    pub(super) fn pop<'a>(
        &self,
        link: impl Fn(u32) -> Option<&'a AtomicU32>,
        lost: &mut u32,
    ) -> Option<u32> {
        // Acquire (POOL-12): the link, and all that was done with the block; pairs with POOL-11.
        let mut head = Head(self.0.load(ord("POOL-12", Ordering::Acquire)));
        loop {
            let first = head.index();
            if first == NIL {
                return None;
            }
            // Relaxed: if the head has changed meanwhile this is old news, and not used.
            let rest = link(first).map_or(NIL, |link| link.load(Ordering::Relaxed));
            // Relaxed on success: the load that read this head acquired. Acquire (POOL-13) on
            // failure, as POOL-12.
            let popped = self.0.compare_exchange(
                head.0,
                head.without(rest).0,
                Ordering::Relaxed,
                ord("POOL-13", Ordering::Acquire),
            );
            match popped {
                Ok(_) => return Some(first),
                Err(other) => head = Head(other),
            }
            *lost += 1;
            hint::spin_loop();
        }
    }

    /// Pops up to `most` at once into `batch`. Returns how many.
    pub(super) fn pop_many<'a>(
        &self,
        most: usize,
        batch: &mut [u32; BATCH_MAX],
        link: impl Fn(u32) -> Option<&'a AtomicU32>,
        lost: &mut u32,
    ) -> usize {
        // Acquire (POOL-12): as in `pop`.
        let mut head = Head(self.0.load(ord("POOL-12", Ordering::Acquire)));
        loop {
            let mut next = head.index();
            let mut count = 0;
            while next != NIL && count < most.min(BATCH_MAX) {
                batch[count] = next;
                count += 1;
                // Relaxed: as in `pop`. What is not a chain any more still ends.
                next = link(next).map_or(NIL, |link| link.load(Ordering::Relaxed));
            }
            if count == 0 {
                return 0;
            }
            // As in `pop`.
            let popped = self.0.compare_exchange(
                head.0,
                head.without(next).0,
                Ordering::Relaxed,
                ord("POOL-13", Ordering::Acquire),
            );
            match popped {
                Ok(_) => return count,
                Err(other) => head = Head(other),
            }
            *lost += 1;
            hint::spin_loop();
        }
    }

    /// Takes the whole chain. Returns its first.
    pub(super) fn take_all(&self) -> u32 {
        let mut head = Head(self.0.load(Ordering::Relaxed));
        loop {
            // Acquire (POOL-14): as POOL-12, for all of the chain.
            let taken = self.0.compare_exchange(
                head.0,
                head.without(NIL).0,
                ord("POOL-14", Ordering::Acquire),
                Ordering::Relaxed,
            );
            match taken {
                Ok(_) => return head.index(),
                Err(other) => head = Head(other),
            }
        }
    }

    /// Tells whether it was empty a moment ago.
    pub(super) fn is_empty(&self) -> bool {
        Head(self.0.load(Ordering::Relaxed)).index() == NIL
    }
}
