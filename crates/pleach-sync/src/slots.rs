//! Where readers say at which version they entered: a slot for each token, in a list that only grows.
//!
//! ```text
//!   slot:  FREE ──claim──► IDLE ──enter──► version ──leave──► IDLE ──give back──► FREE
//! ```
//!
//! All of a slot's life is in one word, so that its changes are in one order for everybody. Only the
//! thread that claimed a slot writes to it; reclaimers read all of them.
//!
//! # Invariants
//!
//! - **L1** A node of the list is reached from its head, does not change while it is, and is freed
//!   only when the list is dropped.

use std::iter;
use std::ptr;

use pleach_atomic::atomic::{AtomicPtr, AtomicU64, Ordering};
use pleach_atomic::cell::UnsafeCell as UnsafeShared;
use pleach_atomic::stat::Tally;
use pleach_atomic::sync::Arc;
use pleach_atomic::{fence, ord};

/// A slot that no thread has.
const FREE: u64 = u64::MAX;

/// A slot that some thread has, but no active token.
const IDLE: u64 = 0;

/// The first version. Versions are neither of the two above.
pub(crate) const FIRST_VERSION: u64 = 1;

/// The place of one token. On lines of its own: its reader writes it for every token.
#[derive(Debug)]
#[repr(align(128))]
pub(crate) struct Slot {
    entry: AtomicU64,
    /// How many tokens it has served.
    served: Tally,
}

impl Slot {
    fn new() -> Self {
        Self {
            entry: AtomicU64::new(IDLE),
            served: Tally::new(0),
        }
    }

    /// Protects everything that is reachable from now on; returns the version it is entered under.
    ///
    /// Called by the thread that has the slot, while it is idle.
    #[inline]
    pub(crate) fn enter(&self, version: &AtomicU64) -> u64 {
        // Relaxed: an old number protects more than it has to.
        let seen = version.load(Ordering::Relaxed);
        // Release (SYNC-1): who finds this token sees the reads of former ones done; pairs with SYNC-6.
        self.entry.store(seen, ord("SYNC-1", Ordering::Release));
        // SeqCst (SYNC-2): either a reclaimer finds this token, or we see what it saw unlinked;
        // pairs with SYNC-5.
        fence("SYNC-2", Ordering::SeqCst);
        // Acquire (SYNC-3): under a version we see all that was unlinked before it; pairs with SYNC-9.
        let now = version.load(ord("SYNC-3", Ordering::Acquire));
        if now != seen {
            // Relaxed: the fence above publishes what SYNC-1 does.
            self.entry.store(now, Ordering::Relaxed);
        }
        self.served.bump();
        now
    }

    /// Ends the protection.
    #[inline]
    pub(crate) fn leave(&self) {
        // Release (SYNC-4): our reads are over for who finds the slot idle; pairs with SYNC-6.
        self.entry.store(IDLE, ord("SYNC-4", Ordering::Release));
    }

    /// Lets other threads have the slot, which is idle.
    pub(crate) fn give_back(&self) {
        // Release (SYNC-7): as SYNC-4, also for the next owner; pairs with SYNC-6 and SYNC-8.
        self.entry.store(FREE, ord("SYNC-7", Ordering::Release));
    }

    /// The version under which a token is active.
    fn active(&self) -> Option<u64> {
        // Acquire (SYNC-6): what we free was read before we found its reader gone; pairs with
        // SYNC-1, SYNC-4 and SYNC-7.
        match self.entry.load(ord("SYNC-6", Ordering::Acquire)) {
            FREE | IDLE => None,
            entry => Some(entry),
        }
    }

    fn claim(&self) -> bool {
        let entry = &self.entry;
        // Relaxed: a look, to spare the exchange below.
        if entry.load(Ordering::Relaxed) != FREE {
            return false;
        }
        // Acquire (SYNC-8): our next SYNC-1 publishes the former owner's reads too; pairs with SYNC-7.
        let order = ord("SYNC-8", Ordering::Acquire);
        entry
            .compare_exchange(FREE, IDLE, order, Ordering::Relaxed)
            .is_ok()
    }
}

/// All slots of a manager.
#[derive(Debug)]
pub(crate) struct Slots {
    head: AtomicPtr<Node>,
}

#[derive(Debug)]
struct Node(UnsafeShared<Link>);

#[derive(Debug)]
struct Link {
    slot: Arc<Slot>,
    /// The node that was first before this one.
    next: *mut Node,
}

// SAFETY: nodes are only read while the list is shared (L1), and slots are for all threads.
unsafe impl Send for Slots {}
// SAFETY: as above.
unsafe impl Sync for Slots {}

impl Slots {
    pub(crate) fn new() -> Self {
        Self {
            head: AtomicPtr::new(ptr::null_mut()),
        }
    }

    /// A slot for the calling thread: one that others gave back, or a new one.
    pub(crate) fn claim(&self) -> Arc<Slot> {
        match self.iter().find(|slot| slot.claim()) {
            Some(slot) => Arc::clone(slot),
            None => self.push(Slot::new()),
        }
    }

    /// The lowest version under which a token is active, no higher than `most`.
    pub(crate) fn lowest(&self, most: u64) -> u64 {
        let active = self.iter().filter_map(|slot| slot.active());
        active.fold(most, u64::min)
    }

    /// The versions under which tokens are active.
    pub(crate) fn active(&self) -> impl Iterator<Item = u64> {
        self.iter().filter_map(|slot| slot.active())
    }

    /// How many slots there are, and how many tokens they have served.
    pub(crate) fn served(&self) -> (usize, u64) {
        self.iter().fold((0, 0), |(slots, served), slot| {
            (slots + 1, served + slot.served.get())
        })
    }

    fn push(&self, slot: Slot) -> Arc<Slot> {
        let slot = Arc::new(slot);
        let link = Link {
            slot: Arc::clone(&slot),
            next: ptr::null_mut(),
        };
        let node = Box::into_raw(Box::new(Node(UnsafeShared::new(link))));
        let mut head = self.head.load(Ordering::Relaxed);
        loop {
            // SAFETY: ours alone until the exchange below succeeds.
            unsafe { (*node).0.with_mut(|link| (*link).next = head) };
            // Release (SYNC-10): the node is whole for who finds it; pairs with SYNC-11.
            let order = ord("SYNC-10", Ordering::Release);
            match self
                .head
                .compare_exchange(head, node, order, Ordering::Relaxed)
            {
                Ok(_) => return slot,
                Err(other) => head = other,
            }
        }
    }

    fn iter<'a>(&'a self) -> impl Iterator<Item = &'a Arc<Slot>> {
        // Acquire (SYNC-11): the nodes are whole, the older ones too; pairs with SYNC-10.
        let mut node = self.head.load(ord("SYNC-11", Ordering::Acquire));
        iter::from_fn(move || {
            // SAFETY: L1; `self` is borrowed.
            let found: &'a Node = unsafe { node.as_ref() }?;
            // SAFETY: L1: nobody writes to a node in the list.
            let link: &'a Link = found.0.with(|link| unsafe { &*link });
            node = link.next;
            Some(&link.slot)
        })
    }
}

impl Drop for Slots {
    fn drop(&mut self) {
        let mut node = self.head.load(Ordering::Relaxed);
        while !node.is_null() {
            // SAFETY: L1; it was made of a box, and nobody else is left.
            let link = unsafe { Box::from_raw(node) }.0.into_inner();
            node = link.next;
        }
    }
}
