//! What a thread has of a pool for itself: its counts, and its magazines of free blocks.
//!
//! # Invariants
//!
//! - **O1** A local is owned by one thread at a time. Only it calls `enter`, and it does so without
//!   calling anything that could enter again.
//! - **O2** The magazines are touched by the owner between `enter` and the end of the entry, and by
//!   a visitor between `ask` with `wait` and `dismiss`; never by both. The owner says that it is
//!   busy and then looks whether it is wanted, a visitor says that it is wanted and then looks
//!   whether the owner is busy, with a fence between each; so at least one of them sees the other.
//!   A visitor waits, an owner goes away: it uses the shared lists for that one time.
//! - **O3** One visitor at a time: it holds the registry's lock.

use std::ptr::NonNull;

use pleach_atomic::atomic::{AtomicBool, Ordering};
use pleach_atomic::cell::UnsafeCell;
#[cfg(any(pleach_loom, pleach_shuttle))]
use pleach_atomic::model::planted;
use pleach_atomic::stat::Tally;
use pleach_atomic::{hint, ord, thread};

use super::fence::Fences;
use crate::class::{CLASSES, Class};

/// The share of one thread.
#[derive(Debug)]
#[repr(align(128))]
pub(super) struct Local {
    /// The owner is at its magazines.
    busy: AtomicBool,
    /// A visitor wants to be, or is.
    wanted: AtomicBool,
    fences: Fences,
    magazines: UnsafeCell<[Magazine; CLASSES]>,
    pub(super) counts: [Counts; CLASSES],
    pub(super) contended: Tally,
    /// How often a magazine was empty or full.
    pub(super) refills: Tally,
    /// What the adaptive pool counts its looks by.
    pub(super) ticks: Tally,
}

// SAFETY: the magazines are touched as O2 says; the rest is atomic. The blocks in them belong to
// the pool, which any thread may use.
unsafe impl Sync for Local {}
// SAFETY: as above.
unsafe impl Send for Local {}

/// What is counted of a class. Written by one thread, or for all those that have no local.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) allocs: Tally,
    pub(super) frees: Tally,
}

/// Free blocks of a class. There is never room for more than the limit allows.
#[derive(Debug, Default)]
pub(super) struct Magazine {
    pub(super) free: Vec<NonNull<u8>>,
}

impl Magazine {
    /// Puts a block in, if there is room. Tells whether there was.
    #[inline]
    pub(super) fn keep(&mut self, block: NonNull<u8>) -> bool {
        let has_room = self.has_room();
        if has_room {
            self.free.push(block);
        }
        has_room
    }

    /// Tells whether there is room.
    #[inline]
    pub(super) fn has_room(&self) -> bool {
        self.free.len() < self.free.capacity()
    }

    /// Makes more room, within the limit. Tells whether there is some.
    pub(super) fn grow(&mut self, limit: usize) -> bool {
        let room = (2 * self.free.capacity()).max(4).min(limit);
        let more = room.saturating_sub(self.free.len());
        self.free.reserve_exact(more);
        more > 0
    }
}

/// The owner's time at its magazines.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    local: &'a Local,
}

impl Local {
    pub(super) fn new(fences: Fences) -> Self {
        Self {
            busy: AtomicBool::new(false),
            wanted: AtomicBool::new(false),
            fences,
            magazines: UnsafeCell::new(std::array::from_fn(|_| Magazine::default())),
            counts: std::array::from_fn(|_| Counts::default()),
            contended: Tally::new(0),
            refills: Tally::new(0),
            ticks: Tally::new(0),
        }
    }

    /// Lets the owner at its magazines, unless a visitor wants to be there.
    #[inline]
    pub(super) fn enter(&self) -> Option<Entry<'_>> {
        // Relaxed: the fence orders it before the load below.
        self.busy.store(true, Ordering::Relaxed);
        self.fences.light();
        // Acquire (POOL-17): what the last visitor did is done; pairs with POOL-20.
        if self.wanted.load(ord("POOL-17", Ordering::Acquire)) {
            // Relaxed: nothing was touched.
            self.busy.store(false, Ordering::Relaxed);
            return None;
        }
        Some(Entry { local: self })
    }

    /// Takes a block from the owner's magazine, if there is one and no visitor.
    #[inline]
    pub(super) fn take(&self, class: Class) -> Option<NonNull<u8>> {
        let block = self
            .enter()?
            .magazine(class, |magazine| magazine.free.pop())?;
        self.counts[class.index()].allocs.bump();
        Some(block)
    }

    /// Puts a block into the owner's magazine, if there is room and no visitor.
    #[inline]
    pub(super) fn keep(&self, class: Class, block: NonNull<u8>) -> bool {
        let kept = self
            .enter()
            .is_some_and(|mut entry| entry.magazine(class, |magazine| magazine.keep(block)));
        if kept {
            self.counts[class.index()].frees.bump();
        }
        kept
    }

    /// Waits, as the owner, until no visitor is there. To try to enter instead could go on for ever:
    /// each try makes a visitor wait.
    pub(super) fn await_dismissal(&self) {
        // Relaxed: `enter` acquires.
        while self.wanted.load(Ordering::Relaxed) {
            hint::spin_loop();
            thread::yield_now();
        }
    }

    /// Says that a visitor wants to be at the magazines: the first half of a visit.
    pub(super) fn ask(&self) {
        // Relaxed: the visitor's fence comes next.
        self.wanted.store(true, Ordering::Relaxed);
    }

    /// Waits until the owner is not at its magazines, after `ask` and a heavy fence.
    pub(super) fn wait(&self) {
        #[cfg(any(pleach_loom, pleach_shuttle))]
        if planted("pool_visit_unasked") {
            return;
        }
        // Acquire (POOL-19): what the owner did is done; pairs with POOL-18.
        while self.busy.load(ord("POOL-19", Ordering::Acquire)) {
            hint::spin_loop();
            thread::yield_now();
        }
    }

    /// Visits the magazines, between `wait` and `dismiss`.
    ///
    /// # Safety
    ///
    /// The caller has asked and waited, has not dismissed yet, and is the only visitor.
    pub(super) unsafe fn visit<R>(&self, f: impl FnOnce(&mut [Magazine; CLASSES]) -> R) -> R {
        // SAFETY: O2: the owner is away and stays away; O3.
        self.magazines
            .with_mut(|magazines| f(unsafe { &mut *magazines }))
    }

    /// Ends a visit.
    pub(super) fn dismiss(&self) {
        // Release (POOL-20): what the visitor did, before the owner is back; pairs with POOL-17.
        self.wanted.store(false, ord("POOL-20", Ordering::Release));
    }
}

impl Entry<'_> {
    /// The magazine of a class.
    #[inline(always)]
    pub(super) fn magazine<R>(&mut self, class: Class, f: impl FnOnce(&mut Magazine) -> R) -> R {
        self.local.magazines.with_mut(|magazines| {
            // SAFETY: O1 and O2: the owner is in, nobody else is, and `f` does not enter.
            let magazines = unsafe { &mut *magazines };
            f(&mut magazines[class.index()])
        })
    }
}

impl Drop for Entry<'_> {
    #[inline]
    fn drop(&mut self) {
        // Release (POOL-18): what we did, before a visitor comes; pairs with POOL-19.
        self.local
            .busy
            .store(false, ord("POOL-18", Ordering::Release));
    }
}
