//! The tracker among threads: taking a path at once, waiting for it, giving it back.

use super::PathConflict;
use super::paths::Access;
use super::tracker::{Entry, Ticket, Tracker, Wakers};
use crate::raw::OwnPath;
use pleach_atomic::sync::{Condvar, Mutex, MutexGuard};
use std::fmt;
use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

/// Something borrowed or shared.
#[derive(Debug)]
pub enum Handle<'h, T: ?Sized> {
    /// Borrowed.
    Borrowed(&'h T),
    /// Shared.
    Shared(Arc<T>),
}

impl<T: ?Sized> Deref for Handle<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        match self {
            Self::Borrowed(it) => it,
            Self::Shared(it) => it,
        }
    }
}

impl<T: ?Sized> Clone for Handle<'_, T> {
    fn clone(&self) -> Self {
        match self {
            Self::Borrowed(it) => Self::Borrowed(it),
            Self::Shared(it) => Self::Shared(Arc::clone(it)),
        }
    }
}

/// Where paths are asked for: a [`Tracker`] under a lock.
///
/// The lock is held for the tracker's own work, and never while the user's code runs: wakers are
/// cloned before, called and dropped after.
#[derive(Debug)]
pub struct Door {
    tracker: Mutex<Tracker>,
    /// Where the paths begin, from the trie's root.
    root: Box<[u8]>,
}

impl Door {
    /// A door before what is at and below `root`.
    pub fn new(root: &[u8]) -> Self {
        Self {
            tracker: Mutex::new(Tracker::default()),
            root: root.into(),
        }
    }

    /// Where the paths begin, from the trie's root.
    pub fn root(&self) -> &[u8] {
        &self.root
    }

    /// Takes the path, if no held path excludes it.
    ///
    /// # Errors
    /// Names those that do.
    pub fn try_enter<'h>(
        this: Handle<'h, Self>,
        path: &[u8],
        access: Access,
    ) -> Result<Claim<'h>, PathConflict> {
        this.lock().try_enter(path, access)?;
        Ok(Claim::new(this, OwnPath::from_slice(path), access))
    }

    /// Takes the path as soon as its turn comes.
    pub fn enter<'h>(this: Handle<'h, Self>, path: &[u8], access: Access) -> Entering<'h> {
        Entering {
            door: this,
            path: Some(OwnPath::from_slice(path)),
            access,
            ticket: None,
        }
    }

    /// No method of the tracker panics half-way, so that a poisoned one is as good.
    fn lock(&self) -> MutexGuard<'_, Tracker> {
        self.tracker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the tracker, and wakes whom that concerns once it is unlocked.
    fn change(&self, change: impl FnOnce(&mut Tracker) -> Wakers) {
        let wakers = change(&mut self.lock());
        wakers.wake();
    }
}

/// A path that is held until this is dropped.
pub struct Claim<'h> {
    door: Handle<'h, Door>,
    path: OwnPath,
    access: Access,
}

impl<'h> Claim<'h> {
    fn new(door: Handle<'h, Door>, path: OwnPath, access: Access) -> Self {
        Self { door, path, access }
    }

    /// The path.
    pub fn path(&self) -> &[u8] {
        &self.path
    }

    /// One more claim on a path that is held to read.
    pub fn join(&self) -> Self {
        debug_assert_eq!(self.access, Access::Read);
        self.door.lock().join(&self.path);
        Self::new(self.door.clone(), self.path.clone(), self.access)
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        let path = std::mem::take(&mut self.path);
        self.door.change(|tracker| tracker.leave(path, self.access));
    }
}

impl fmt::Debug for Claim<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claim")
            .field("path", &self.path)
            .field("access", &self.access)
            .finish_non_exhaustive()
    }
}

/// Waits for a path; queues when it is first polled, and leaves the queue when it is dropped.
pub struct Entering<'h> {
    door: Handle<'h, Door>,
    /// None once the path is the claim's.
    path: Option<OwnPath>,
    access: Access,
    ticket: Option<Ticket>,
}

impl<'h> Entering<'h> {
    /// Waits on this thread.
    pub fn wait(self) -> Claim<'h> {
        let claim = self.wait_until(None);
        claim.expect("without a deadline, the wait ends with the path")
    }

    /// Waits on this thread, but not longer than `limit`.
    ///
    /// # Errors
    /// If the path is not free by then: names the paths that exclude it, held or waited for earlier.
    pub fn wait_for(self, limit: Duration) -> Result<Claim<'h>, PathConflict> {
        self.wait_until(Instant::now().checked_add(limit))
    }

    fn wait_until(mut self, deadline: Option<Instant>) -> Result<Claim<'h>, PathConflict> {
        if let Some(path) = self
            .path
            .take_if(|path| self.door.lock().enter(path, self.access))
        {
            return Ok(Claim::new(self.door.clone(), path, self.access));
        }
        let sleeper = Arc::new(Sleeper::default());
        let waker = Waker::from(Arc::clone(&sleeper));
        loop {
            if let Some(claim) = self.try_claim(&waker) {
                return Ok(claim);
            }
            if !sleeper.sleep(deadline) {
                return self.late();
            }
        }
    }

    /// What becomes of a waiter whose time is over.
    fn late(mut self) -> Result<Claim<'h>, PathConflict> {
        let claim = self.try_claim(Waker::noop());
        match (claim, self.ticket, &self.path) {
            (None, Some(ticket), Some(path)) => {
                Err(self.door.lock().conflict(ticket, path, self.access))
            }
            (claim, ..) => Ok(claim.expect("who has no claim has a place in the queue")),
        }
    }

    /// Asks whether it is our turn; if not, `waker` is called when it is.
    fn try_claim(&mut self, waker: &Waker) -> Option<Claim<'h>> {
        let waker = waker.clone();
        let path = self.path.as_deref().expect("polled after it was ready");
        let entered = match self.ticket {
            None => self.door.lock().enter_or_queue(path, self.access, waker),
            Some(ticket) => self.door.lock().enter_if_served(ticket, waker),
        };
        match entered {
            Entry::Entered(spare) => {
                drop(spare);
                self.ticket = None;
                let path = self.path.take()?;
                Some(Claim::new(self.door.clone(), path, self.access))
            }
            Entry::Queued(ticket, spare) => {
                drop(spare);
                self.ticket = Some(ticket);
                None
            }
        }
    }
}

impl<'h> Future for Entering<'h> {
    type Output = Claim<'h>;

    /// # Panics
    /// If it is polled after it was ready.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Claim<'h>> {
        let claim = self.try_claim(context.waker());
        claim.map_or(Poll::Pending, Poll::Ready)
    }
}

impl Drop for Entering<'_> {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            self.door.change(|tracker| tracker.give_up(ticket));
        }
    }
}

impl fmt::Debug for Entering<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entering")
            .field("path", &self.path)
            .field("access", &self.access)
            .finish_non_exhaustive()
    }
}

/// A thread that sleeps until it is woken.
#[derive(Debug, Default)]
struct Sleeper {
    woken: Mutex<bool>,
    bell: Condvar,
}

impl Sleeper {
    /// Sleeps until woken, or until `deadline`; false if that came first.
    fn sleep(&self, deadline: Option<Instant>) -> bool {
        let mut woken = self.woken.lock().unwrap_or_else(PoisonError::into_inner);
        while !*woken {
            woken = match deadline {
                None => self
                    .bell
                    .wait(woken)
                    .unwrap_or_else(PoisonError::into_inner),
                Some(deadline) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return false;
                    }
                    let waited = self.bell.wait_timeout(woken, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
        *woken = false;
        true
    }
}

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        *self.woken.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.bell.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pleach_atomic::atomic::{AtomicUsize, Ordering};
    use pleach_atomic::thread;

    fn door() -> Door {
        Door::new(&[])
    }

    fn enter<'h>(door: &'h Door, path: &str, access: Access) -> Entering<'h> {
        Door::enter(Handle::Borrowed(door), path.as_bytes(), access)
    }

    fn poll<'h>(entering: &mut Entering<'h>) -> Option<Claim<'h>> {
        entering.try_claim(Waker::noop())
    }

    #[test]
    fn threads_that_wait_all_get_their_turn_alone() {
        let shared = Arc::new((door(), AtomicUsize::new(0)));
        let threads: Vec<_> = (0..8)
            .map(|i| {
                let shared = Arc::clone(&shared);
                thread::spawn(move || {
                    let (door, inside) = &*shared;
                    for _ in 0..200 {
                        let claim = enter(door, ["a", "ab"][i % 2], Access::Write).wait();
                        assert_eq!(inside.fetch_add(1, Ordering::Relaxed), 0);
                        inside.fetch_sub(1, Ordering::Relaxed);
                        drop(claim);
                    }
                })
            })
            .collect();
        for thread in threads {
            thread.join().expect("nobody was inside beside another");
        }
    }

    #[test]
    fn a_wait_ends_at_its_limit_and_leaves_nothing_behind() {
        let door = door();
        let held = enter(&door, "ab", Access::Write).wait();
        let conflict = enter(&door, "a", Access::Read).wait_for(Duration::from_millis(5));
        assert_eq!(conflict.unwrap_err().conflicting_paths, [b"ab"]);
        drop(held);
        assert!(
            enter(&door, "", Access::Write)
                .wait_for(Duration::ZERO)
                .is_ok()
        );
    }

    #[test]
    fn a_future_that_is_dropped_leaves_the_queue_before_its_turn_and_after() {
        let door = door();
        let held = enter(&door, "a", Access::Write).wait();
        let mut early = enter(&door, "a", Access::Write);
        let mut late = enter(&door, "a", Access::Write);
        let mut last = enter(&door, "a", Access::Write);
        assert!(poll(&mut early).is_none() && poll(&mut late).is_none());
        assert!(poll(&mut last).is_none());
        drop(early);
        drop(held);
        // It has been its turn, but nobody asked.
        drop(late);
        assert!(poll(&mut last).is_some());
    }

    #[test]
    #[should_panic(expected = "polled after it was ready")]
    fn a_future_is_ready_once() {
        let door = door();
        let mut entering = enter(&door, "a", Access::Write);
        drop(poll(&mut entering));
        poll(&mut entering);
    }

    /// A waker that uses the door wherever it is called, cloned or dropped.
    struct Nosy(Arc<Door>);

    impl Wake for Nosy {
        fn wake(self: Arc<Self>) {
            drop(self);
        }
    }

    impl Drop for Nosy {
        fn drop(&mut self) {
            drop(Door::try_enter(
                Handle::Borrowed(&self.0),
                b"x",
                Access::Write,
            ));
        }
    }

    #[test]
    fn no_waker_runs_under_the_lock() {
        let door = Arc::new(door());
        let held = Door::try_enter(Handle::Shared(door.clone()), b"a", Access::Write);
        let mut waiting = Door::enter(Handle::Shared(door.clone()), b"a", Access::Write);
        for _ in 0..3 {
            let nosy = Waker::from(Arc::new(Nosy(door.clone())));
            assert!(waiting.try_claim(&nosy).is_none());
        }
        let nosy = Waker::from(Arc::new(Nosy(door.clone())));
        let mut given_up = Door::enter(Handle::Shared(door.clone()), b"a", Access::Write);
        assert!(given_up.try_claim(&nosy).is_none());
        drop((nosy, given_up));
        drop(held);
        assert!(waiting.try_claim(Waker::noop()).is_some());
    }
}
