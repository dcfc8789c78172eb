//! [`Futex`]: a word to wait on.
//!
//! On Linux the system keeps the queue of those who wait; elsewhere, and with feature
//! `portable-futex`, the futex does it itself with a lock and a condition variable.

#[cfg_attr(
    all(
        target_os = "linux",
        not(any(feature = "portable-futex", pleach_loom, pleach_shuttle))
    ),
    path = "linux.rs"
)]
#[cfg_attr(
    any(
        not(target_os = "linux"),
        feature = "portable-futex",
        pleach_loom,
        pleach_shuttle
    ),
    path = "portable.rs"
)]
mod parking;

use std::time::{Duration, Instant};

use pleach_atomic::atomic::{AtomicU32, Ordering};
use pleach_atomic::fence;
use thiserror::Error;

use self::parking::Parking;

/// A word of 32 bits that threads can wait on until another wakes them.
///
/// To wait is to say what the word is believed to be: if it is something else by then, the wait is
/// over before it begins, so that no wake-up is lost between the look and the sleep. Whoever changes
/// the word wakes those who wait for that. A wake-up orders nothing by itself: read the
/// [word](Self::word) with the ordering that is needed.
///
/// To wake where nobody waits costs a fence and a load, and no system call.
///
/// # Examples
///
/// ```
/// use pleach_sync::Futex;
/// use pleach_sync::Ordering::{Acquire, Release};
///
/// let ready = Futex::new(0);
/// std::thread::scope(|scope| {
///     scope.spawn(|| {
///         while ready.word().load(Acquire) == 0 {
///             ready.wait(0, None).unwrap();
///         }
///     });
///     ready.word().store(1, Release);
///     ready.wake(u32::MAX);
/// });
/// ```
#[derive(Debug)]
pub struct Futex {
    word: AtomicU32,
    waiters: AtomicU32,
    parking: Parking,
}

/// Why a wait is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitOk {
    /// It was woken, perhaps by nobody in particular.
    Woken,
    /// The word was not what it was believed to be.
    ValueChanged,
}

/// The time is up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("nobody woke the waiting thread in time")]
pub struct TimedOut;

impl Futex {
    /// A word.
    #[must_use]
    pub fn new(value: u32) -> Self {
        Self {
            word: AtomicU32::new(value),
            waiters: AtomicU32::new(0),
            parking: Parking::new(),
        }
    }

    /// The word, to read and to change.
    #[must_use]
    pub fn word(&self) -> &AtomicU32 {
        &self.word
    }

    /// Sleeps until woken, unless the word is not `expected`.
    ///
    /// Without a `timeout`, or with one beyond what clocks can count, for as long as it takes; with
    /// one of zero not at all. A signal neither ends the wait nor makes it longer.
    ///
    /// # Errors
    ///
    /// [`TimedOut`] when the time is up.
    pub fn wait(&self, expected: u32, timeout: Option<Duration>) -> Result<WaitOk, TimedOut> {
        FutexWaiter::new(self).wait(expected, timeout)
    }

    /// As [`wait`](Self::wait), up to a point in time.
    ///
    /// # Errors
    ///
    /// [`TimedOut`] when it is reached.
    pub fn wait_until(&self, expected: u32, deadline: Instant) -> Result<WaitOk, TimedOut> {
        FutexWaiter::new(self).wait_until(expected, deadline)
    }

    /// Wakes up to `n` of the threads that wait, those first that came first where this crate keeps
    /// the queue; returns how many.
    pub fn wake(&self, n: u32) -> u32 {
        // SeqCst (FUTEX-2): who is not counted yet sees what the word is now; pairs with FUTEX-1.
        fence("FUTEX-2", Ordering::SeqCst);
        // Relaxed: the fence orders it.
        if self.waiters.load(Ordering::Relaxed) == 0 {
            return 0;
        }
        self.parking.unpark(&self.word, n)
    }
}

impl Default for Futex {
    /// A word of zero.
    fn default() -> Self {
        Self::new(0)
    }
}

/// A thread that may wait on a futex, as long as it is registered: those who wake look for it.
///
/// [`Futex::wait`] registers for one wait. Whoever waits again and again can stay registered.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use pleach_sync::{Futex, FutexWaiter, TimedOut, WaitOk};
///
/// let futex = Futex::new(7);
/// let waiter = FutexWaiter::new(&futex);
/// assert_eq!(waiter.wait(8, None), Ok(WaitOk::ValueChanged));
/// assert_eq!(waiter.wait(7, Some(Duration::ZERO)), Err(TimedOut));
/// ```
#[derive(Debug)]
pub struct FutexWaiter<'f> {
    futex: &'f Futex,
}

impl<'f> FutexWaiter<'f> {
    /// Registers.
    #[must_use]
    pub fn new(futex: &'f Futex) -> Self {
        // Relaxed: the fence orders it.
        futex.waiters.fetch_add(1, Ordering::Relaxed);
        // SeqCst (FUTEX-1): who does not count us changed the word before we look; pairs with FUTEX-2.
        fence("FUTEX-1", Ordering::SeqCst);
        Self { futex }
    }

    /// As [`Futex::wait`].
    ///
    /// # Errors
    ///
    /// [`TimedOut`] when the time is up.
    pub fn wait(&self, expected: u32, timeout: Option<Duration>) -> Result<WaitOk, TimedOut> {
        match timeout {
            Some(Duration::ZERO) => self.poll(expected),
            Some(timeout) => self.park(expected, Instant::now().checked_add(timeout)),
            None => self.park(expected, None),
        }
    }

    /// As [`Futex::wait_until`].
    ///
    /// # Errors
    ///
    /// [`TimedOut`] when it is reached.
    pub fn wait_until(&self, expected: u32, deadline: Instant) -> Result<WaitOk, TimedOut> {
        self.park(expected, Some(deadline))
    }

    fn poll(&self, expected: u32) -> Result<WaitOk, TimedOut> {
        // Relaxed: a look; see the type's documentation.
        match self.futex.word.load(Ordering::Relaxed) == expected {
            true => Err(TimedOut),
            false => Ok(WaitOk::ValueChanged),
        }
    }

    fn park(&self, expected: u32, deadline: Option<Instant>) -> Result<WaitOk, TimedOut> {
        let Futex { word, parking, .. } = self.futex;
        parking.park(word, expected, deadline)
    }
}

impl Drop for FutexWaiter<'_> {
    fn drop(&mut self) {
        // Relaxed: whoever counts us too long makes a call for nothing.
        self.futex.waiters.fetch_sub(1, Ordering::Relaxed);
    }
}
