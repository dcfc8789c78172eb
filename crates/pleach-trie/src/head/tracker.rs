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
use crate::raw::OwnPath;
#[cfg(any(pleach_loom, pleach_shuttle))]
use pleach_atomic::model::planted;
use std::collections::BTreeMap;
use std::task::Waker;

/// A place in the queue.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Clone, Copy)]
pub(super) struct Ticket(u64);

/// What came of asking to be let in. The wakers are no longer needed.
#[derive(Debug)]
pub(super) enum Entry {
    /// The path is held.
    Entered(Waker),
    /// This is the place in the queue.
    Queued(Ticket, Option<Waker>),
}

/// Somebody in the queue.
#[derive(Debug)]
struct Waiter {
    path: OwnPath,
    access: Access,
    /// None once the path has been handed over.
    waker: Option<Waker>,
}

/// What a tracker hands back to be woken, or only dropped, where no lock is held.
#[derive(Debug, Default)]
#[must_use]
pub(super) struct Wakers {
    wake: Vec<Waker>,
    #[allow(dead_code, reason = "it is there to be dropped")]
    spare: Option<Waker>,
}

impl Wakers {
    /// Wakes whose turn it is, and drops the rest.
    pub(super) fn wake(self) {
        #[cfg(any(pleach_loom, pleach_shuttle))]
        if planted("lost_wakeup") {
            return;
        }
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
pub(super) struct Tracker {
    held: Paths,
    queue: BTreeMap<Ticket, Waiter>,
    next: u64,
}

impl Tracker {
    /// Takes the path, if no held path excludes it.
    ///
    /// # Errors
    /// Names those that do.
    pub(super) fn try_enter(&mut self, path: &[u8], access: Access) -> Result<(), PathConflict> {
        let conflicting_paths = self.held.in_the_way(path, access);
        if conflicting_paths.is_empty() {
            self.held.add(OwnPath::from_slice(path), access);
            return Ok(());
        }
        Err(PathConflict {
            attempted_path: path.to_vec(),
            conflicting_paths,
        })
    }

    /// Counts one more reader of a path that has one.
    pub(super) fn join(&mut self, path: &[u8]) {
        debug_assert!(self.held.is_free(path, Access::Read));
        self.held.add(OwnPath::from_slice(path), Access::Read);
    }

    /// Gives a path back, and hands over what that makes free.
    pub(super) fn leave(&mut self, path: OwnPath, access: Access) -> Wakers {
        self.held.remove(path, access);
        self.hand_over()
    }

    /// Takes the path if it is free and nobody waits for one that excludes it.
    pub(super) fn enter(&mut self, path: &[u8], access: Access) -> bool {
        let ahead = self.ahead_of(Ticket(self.next));
        let free = self.held.is_free(path, access) && ahead.is_free(path, access);
        if free {
            self.held.add(OwnPath::from_slice(path), access);
        }
        free
    }

    /// As [`enter`](Self::enter), but where that does not do, joins the queue, and `waker` is called
    /// when the path has been handed over.
    pub(super) fn enter_or_queue(&mut self, path: &[u8], access: Access, waker: Waker) -> Entry {
        if self.enter(path, access) {
            return Entry::Entered(waker);
        }
        let ticket = Ticket(self.next);
        self.next += 1;
        let waiter = Waiter {
            path: OwnPath::from_slice(path),
            access,
            waker: Some(waker),
        };
        self.queue.insert(ticket, waiter);
        Entry::Queued(ticket, None)
    }

    /// Leaves the queue if the path has been handed over. If not, `waker` takes the place of the one
    /// before.
    pub(super) fn enter_if_served(&mut self, ticket: Ticket, waker: Waker) -> Entry {
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
    pub(super) fn give_up(&mut self, ticket: Ticket) -> Wakers {
        let Some(waiter) = self.queue.remove(&ticket) else {
            return Wakers::default();
        };
        if waiter.waker.is_none() {
            #[cfg(any(pleach_loom, pleach_shuttle))]
            if planted("kept_turn") {
                return Wakers::default();
            }
            return self.leave(waiter.path, waiter.access);
        }
        Wakers {
            spare: waiter.waker,
            ..self.hand_over()
        }
    }

    /// What excludes the path of a waiter: held paths, and those of earlier waiters.
    pub(super) fn conflict(&self, ticket: Ticket, path: &[u8], access: Access) -> PathConflict {
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
                self.held.add(OwnPath::from_slice(path), waiter.access);
                wakers.wake.extend(waiter.waker.take());
            } else {
                ahead.add(path, waiter.access);
            }
        }
        wakers
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pleach_atomic::atomic::{AtomicUsize, Ordering};
    use proptest::prelude::*;
    use std::sync::Arc;
    use std::task::Wake;

    /// Counts how often it was woken.
    #[derive(Default)]
    struct Bell(AtomicUsize);

    impl Wake for Bell {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    impl Bell {
        fn rung(&self) -> usize {
            self.0.load(Ordering::Relaxed)
        }
    }

    const W: Access = Access::Write;
    const R: Access = Access::Read;

    fn noop() -> Waker {
        Waker::noop().clone()
    }

    /// Joins the queue; the path must not be had at once.
    fn queue(tracker: &mut Tracker, path: &str, access: Access, bell: &Arc<Bell>) -> Ticket {
        match tracker.enter_or_queue(path.as_bytes(), access, Arc::clone(bell).into()) {
            Entry::Queued(ticket, None) => ticket,
            entry => panic!("{path} gave {entry:?}"),
        }
    }

    fn is_served(tracker: &mut Tracker, ticket: Ticket) -> bool {
        matches!(tracker.enter_if_served(ticket, noop()), Entry::Entered(_))
    }

    fn leave(tracker: &mut Tracker, path: &str, access: Access) {
        tracker.leave(path.as_bytes().into(), access).wake();
    }

    #[test]
    fn a_conflict_names_every_path_in_the_way_once() {
        let mut tracker = Tracker::default();
        for (path, access) in [("ab", R), ("ab", R), ("a", R), ("abc", R), ("b", W)] {
            tracker.try_enter(path.as_bytes(), access).unwrap();
        }
        let conflict = tracker.try_enter(b"ab", W).unwrap_err();
        assert_eq!(conflict.attempted_path, b"ab");
        assert_eq!(conflict.conflicting_paths, [&b"a"[..], b"ab", b"abc"]);
        assert_eq!(
            conflict.to_string(),
            "Path [97, 98] conflicts with existing zippers at [[97], [97, 98], [97, 98, 99]]"
        );
        assert_eq!(
            tracker.try_enter(b"", R).unwrap_err().conflicting_paths,
            [b"b"]
        );
    }

    #[test]
    fn a_path_goes_to_the_first_who_waits_and_nobody_else_wakes() {
        let mut tracker = Tracker::default();
        let bells: [Arc<Bell>; 3] = Default::default();
        tracker.try_enter(b"a", W).unwrap();
        let first = queue(&mut tracker, "ab", W, &bells[0]);
        let second = queue(&mut tracker, "a", W, &bells[1]);
        let third = queue(&mut tracker, "ac", R, &bells[2]);
        assert!(!is_served(&mut tracker, first));
        leave(&mut tracker, "a", W);
        assert_eq!(
            bells.each_ref().map(|bell| bell.rung()),
            [0, 0, 0],
            "its waker was replaced"
        );
        assert!(is_served(&mut tracker, first));
        assert!(!is_served(&mut tracker, second) && !is_served(&mut tracker, third));
        leave(&mut tracker, "ab", W);
        assert!(is_served(&mut tracker, second));
        leave(&mut tracker, "a", W);
        assert!(is_served(&mut tracker, third));
    }

    #[test]
    fn who_comes_later_does_not_overtake_on_a_related_path_and_does_on_another() {
        let mut tracker = Tracker::default();
        let bell = Arc::default();
        tracker.try_enter(b"ab", W).unwrap();
        let waiting = queue(&mut tracker, "a", W, &bell);
        // Free by itself, but the earlier waiter wants what is above it.
        let behind = queue(&mut tracker, "ac", R, &bell);
        assert!(matches!(
            tracker.enter_or_queue(b"b", W, noop()),
            Entry::Entered(_)
        ));
        // Who asks without waiting does not look at the queue.
        tracker.try_enter(b"ad", W).unwrap();
        leave(&mut tracker, "ad", W);
        leave(&mut tracker, "ab", W);
        assert_eq!(bell.rung(), 1);
        assert!(is_served(&mut tracker, waiting) && !is_served(&mut tracker, behind));
    }

    #[test]
    fn readers_are_let_in_together() {
        let mut tracker = Tracker::default();
        let bells: [Arc<Bell>; 4] = Default::default();
        tracker.try_enter(b"", W).unwrap();
        queue(&mut tracker, "a", R, &bells[0]);
        queue(&mut tracker, "ab", R, &bells[1]);
        queue(&mut tracker, "a", W, &bells[2]);
        queue(&mut tracker, "a", R, &bells[3]);
        leave(&mut tracker, "", W);
        assert_eq!(bells.each_ref().map(|bell| bell.rung()), [1, 1, 0, 0]);
        leave(&mut tracker, "a", R);
        assert_eq!(bells[2].rung(), 0);
        leave(&mut tracker, "ab", R);
        assert_eq!(bells.each_ref().map(|bell| bell.rung()), [1, 1, 1, 0]);
    }

    #[test]
    fn who_gives_up_makes_way_and_gives_back_what_was_handed_over() {
        let mut tracker = Tracker::default();
        let bells: [Arc<Bell>; 3] = Default::default();
        tracker.try_enter(b"ab", W).unwrap();
        let first = queue(&mut tracker, "a", W, &bells[0]);
        let second = queue(&mut tracker, "ac", W, &bells[1]);
        tracker.give_up(first).wake();
        assert_eq!(
            bells[1].rung(),
            1,
            "nobody earlier wants what is above it any more"
        );
        let third = queue(&mut tracker, "acd", W, &bells[2]);
        tracker.give_up(second).wake();
        assert_eq!(bells[2].rung(), 1, "the path had been handed over");
        assert!(is_served(&mut tracker, third));
        leave(&mut tracker, "acd", W);
        leave(&mut tracker, "ab", W);
        assert!(tracker.try_enter(b"", W).is_ok() && tracker.queue.is_empty());
    }

    #[test]
    fn a_late_waiter_learns_who_is_ahead() {
        let mut tracker = Tracker::default();
        let bell = Arc::default();
        tracker.try_enter(b"ab", W).unwrap();
        queue(&mut tracker, "a", W, &bell);
        let late = queue(&mut tracker, "ac", W, &bell);
        queue(&mut tracker, "acd", W, &bell);
        let conflict = tracker.conflict(late, b"ac", W);
        assert_eq!(conflict.conflicting_paths, [b"a"]);
    }

    #[test]
    fn thousands_of_holders_and_waiters_come_and_go() {
        let mut tracker = Tracker::default();
        let key = |i: u32| i.to_be_bytes();
        for i in 0..5_000 {
            tracker.try_enter(&key(i), W).unwrap();
        }
        let tickets: Vec<_> = (0..500)
            .map(|i| match tracker.enter_or_queue(&key(i), W, noop()) {
                Entry::Queued(ticket, None) => ticket,
                entry => panic!("{entry:?}"),
            })
            .collect();
        assert_eq!(
            tracker
                .try_enter(b"", R)
                .unwrap_err()
                .conflicting_paths
                .len(),
            5_000
        );
        for (i, ticket) in (0..).zip(tickets) {
            tracker.leave(key(i)[..].into(), W).wake();
            assert!(is_served(&mut tracker, ticket));
        }
        for i in 0..5_000 {
            tracker.leave(key(i)[..].into(), W).wake();
        }
        assert!(tracker.try_enter(b"", W).is_ok() && tracker.queue.is_empty());
    }

    /// Something that happens at a tracker: at a path, or to the holder or waiter of this number.
    #[derive(Clone, Debug)]
    enum Event {
        Try(Vec<u8>, Access),
        Queue(Vec<u8>, Access),
        Leave(usize),
        GiveUp(usize),
    }

    fn event() -> impl Strategy<Value = Event> {
        let path = || prop::collection::vec(0_u8..2, 0..4);
        let access = || prop_oneof![Just(R), Just(W)];
        prop_oneof![
            2 => (path(), access()).prop_map(|(path, access)| Event::Try(path, access)),
            4 => (path(), access()).prop_map(|(path, access)| Event::Queue(path, access)),
            4 => (0_usize..8).prop_map(Event::Leave),
            1 => (0_usize..8).prop_map(Event::GiveUp),
        ]
    }

    fn exclude((path, access): &(Vec<u8>, Access), other: &(Vec<u8>, Access)) -> bool {
        let related = path.starts_with(&other.0) || other.0.starts_with(path);
        related && (*access == W || other.1 == W)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..Default::default() })]

        /// Against lists that are searched from end to end: nobody is let in who is kept out, nobody
        /// waits who need not, and each is told so by the call that made the path free.
        #[test]
        fn the_same_as_two_lists(events in prop::collection::vec(event(), 0..60)) {
            type Claim = (Vec<u8>, Access);
            let mut tracker = Tracker::default();
            let mut held: Vec<Claim> = Vec::new();
            let mut queue: Vec<(Claim, Ticket, Arc<Bell>)> = Vec::new();
            for event in events {
                match event {
                    Event::Try(path, access) => {
                        let claim = (path, access);
                        let free = !held.iter().any(|other| exclude(other, &claim));
                        prop_assert_eq!(tracker.try_enter(&claim.0, access).is_ok(), free);
                        held.extend(free.then_some(claim));
                    }
                    Event::Queue(path, access) => {
                        let claim = (path, access);
                        let bell = Arc::<Bell>::default();
                        let earlier = queue.iter().map(|(claim, ..)| claim);
                        let free = !held.iter().chain(earlier).any(|other| exclude(other, &claim));
                        match tracker.enter_or_queue(&claim.0, access, bell.clone().into()) {
                            Entry::Entered(_) => {
                                prop_assert!(free, "{claim:?} was let in");
                                held.push(claim);
                            }
                            Entry::Queued(ticket, _) => {
                                prop_assert!(!free, "{claim:?} was not let in");
                                queue.push((claim, ticket, bell));
                            }
                        }
                    }
                    Event::Leave(i) if i < held.len() => {
                        let (path, access) = held.swap_remove(i);
                        tracker.leave(path.into(), access).wake();
                    }
                    Event::GiveUp(i) if i < queue.len() => {
                        let (_, ticket, bell) = queue.remove(i);
                        tracker.give_up(ticket).wake();
                        prop_assert_eq!(bell.rung(), 0);
                    }
                    _ => {}
                }
                let mut left: Vec<(Claim, Ticket, Arc<Bell>)> = Vec::new();
                for (claim, ticket, bell) in queue {
                    let ahead = left.iter().map(|(claim, ..)| claim);
                    let free = !held.iter().chain(ahead).any(|other| exclude(other, &claim));
                    prop_assert_eq!(bell.rung(), usize::from(free), "{:?}", claim);
                    if free {
                        prop_assert!(is_served(&mut tracker, ticket));
                        held.push(claim);
                    } else {
                        left.push((claim, ticket, bell));
                    }
                }
                queue = left;
            }
        }
    }
}
