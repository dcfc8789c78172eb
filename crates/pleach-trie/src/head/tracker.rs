//! Who holds a path, and who waits for one.
//!
//! Plain data: no lock, no thread, no trie. Whoever keeps a tracker among threads puts it under a
//! lock ([`Door`](super::Door)), hands it wakers that were cloned before, and wakes and drops after
//! what it hands back: wakers are the user's code.
//!
//! # The queue
//!
//! Those who wait are served in the order of their arrival wherever their paths exclude each other:
//! nobody is let in before somebody who came earlier and whom it would keep out. Others pass. A path
//! is handed to the waiter when it becomes free, not when the waiter wakes up, so that nobody slips
//! in between. Who asks without waiting does not look at the queue.

use super::PathConflict;
use super::paths::{Access, Paths};
use std::collections::BTreeMap;
use std::task::Waker;

/// A place in the queue.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Clone, Copy)]
pub struct Ticket(u64);

/// What came of asking to be let in. The wakers are no longer needed.
#[derive(Debug)]
pub enum Entry {
    /// The path is held.
    Entered(Waker),
    /// This is the place in the queue.
    Queued(Ticket, Option<Waker>),
}

/// Somebody in the queue.
#[derive(Debug)]
struct Waiter {
    path: Box<[u8]>,
    access: Access,
    /// None once the path has been handed over.
    waker: Option<Waker>,
}

/// What a tracker hands back to be woken, or only dropped, where no lock is held.
#[derive(Debug, Default)]
#[must_use]
pub struct Wakers {
    wake: Vec<Waker>,
    #[allow(dead_code, reason = "it is there to be dropped")]
    spare: Option<Waker>,
}

impl Wakers {
    /// Wakes whose turn it is, and drops the rest.
    pub fn wake(self) {
        self.wake.into_iter().for_each(Waker::wake);
    }
}

/// The paths of a head: those held, and those waited for.
///
/// Invariants, between calls:
/// - **Q1** No held path excludes another, but for paths that were entered unchecked.
/// - **Q2** A waiter whose path has not been handed over is excluded by a held path, or by an earlier
///   waiter in the same situation.
#[derive(Debug, Default)]
pub struct Tracker {
    held: Paths,
    queue: BTreeMap<Ticket, Waiter>,
    next: u64,
}

impl Tracker {
    /// Takes the path, if no held path excludes it.
    ///
    /// # Errors
    /// Names those that do.
    pub fn try_enter(&mut self, path: &[u8], access: Access) -> Result<(), PathConflict> {
        let conflicting_paths = self.held.in_the_way(path, access);
        if conflicting_paths.is_empty() {
            self.held.add(path.into(), access);
            return Ok(());
        }
        Err(PathConflict {
            attempted_path: path.to_vec(),
            conflicting_paths,
        })
    }

    /// Counts one more reader of a path that has one.
    pub fn join(&mut self, path: &[u8]) {
        debug_assert!(self.held.is_free(path, Access::Read));
        self.held.add(path.into(), Access::Read);
    }

    /// Gives a path back, and hands over what that makes free.
    pub fn leave(&mut self, path: Box<[u8]>, access: Access) -> Wakers {
        self.held.remove(path, access);
        self.hand_over()
    }

    /// Takes the path if it is free and nobody earlier waits for one that excludes it. If not, joins
    /// the queue, and `waker` is called when the path has been handed over.
    pub fn enter_or_queue(&mut self, path: &[u8], access: Access, waker: Waker) -> Entry {
        let ticket = Ticket(self.next);
        if self.held.is_free(path, access) && self.ahead_of(ticket).is_free(path, access) {
            self.held.add(path.into(), access);
            return Entry::Entered(waker);
        }
        self.next += 1;
        let waiter = Waiter {
            path: path.into(),
            access,
            waker: Some(waker),
        };
        self.queue.insert(ticket, waiter);
        Entry::Queued(ticket, None)
    }

    /// Leaves the queue if the path has been handed over. If not, `waker` takes the place of the one
    /// before.
    pub fn enter_if_served(&mut self, ticket: Ticket, waker: Waker) -> Entry {
        let waiter = self.queue.get_mut(&ticket);
        match waiter.and_then(|waiter| waiter.waker.as_mut()) {
            Some(before) => Entry::Queued(ticket, Some(std::mem::replace(before, waker))),
            None => {
                self.queue.remove(&ticket);
                Entry::Entered(waker)
            }
        }
    }

    /// Leaves the queue. A path that has been handed over meanwhile is given back.
    pub fn give_up(&mut self, ticket: Ticket) -> Wakers {
        let Some(waiter) = self.queue.remove(&ticket) else {
            return Wakers::default();
        };
        if waiter.waker.is_none() {
            return self.leave(waiter.path, waiter.access);
        }
        Wakers {
            spare: waiter.waker,
            ..self.hand_over()
        }
    }

    /// What excludes the path of a waiter: held paths, and those of earlier waiters.
    pub fn conflict(&self, ticket: Ticket, path: &[u8], access: Access) -> PathConflict {
        let mut conflicting_paths = self.held.in_the_way(path, access);
        conflicting_paths.extend(self.ahead_of(ticket).in_the_way(path, access));
        conflicting_paths.sort_unstable();
        conflicting_paths.dedup();
        PathConflict {
            attempted_path: path.to_vec(),
            conflicting_paths,
        }
    }

    /// The paths that earlier waiters have not been handed yet. Time in their number.
    fn ahead_of(&self, ticket: Ticket) -> Paths<&[u8]> {
        let mut ahead = Paths::default();
        for (_, waiter) in self.queue.range(..ticket) {
            if waiter.waker.is_some() {
                ahead.add(&*waiter.path, waiter.access);
            }
        }
        ahead
    }

    /// Hands paths to those whose turn has come. Time in the number of those who wait.
    fn hand_over(&mut self) -> Wakers {
        let mut wakers = Wakers::default();
        let mut ahead = Paths::default();
        for waiter in self.queue.values_mut() {
            let path = &*waiter.path;
            if waiter.waker.is_none() {
                continue;
            }
            if self.held.is_free(path, waiter.access) && ahead.is_free(path, waiter.access) {
                self.held.add(path.into(), waiter.access);
                wakers.wake.extend(waiter.waker.take());
            } else {
                ahead.add(path, waiter.access);
            }
        }
        wakers
    }
}
