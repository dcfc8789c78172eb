//! Waiting by system call.

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use pleach_atomic::atomic::AtomicU32;
use rustix::io::Errno;
use rustix::thread::futex::{self, Flags};
use rustix::time::{ClockId, Timespec, clock_gettime};

use super::{TimedOut, WaitOk};

/// The system knows who waits.
#[derive(Debug)]
pub(super) struct Parking;

impl Parking {
    pub(super) const fn new() -> Self {
        Self
    }

    pub(super) fn park(
        &self,
        word: &AtomicU32,
        expected: u32,
        deadline: Option<Instant>,
    ) -> Result<WaitOk, TimedOut> {
        let deadline = deadline.and_then(on_the_system_clock);
        loop {
            let all = NonZeroU32::MAX;
            let wait = futex::wait_bitset(word, Flags::PRIVATE, expected, deadline.as_ref(), all);
            match wait {
                Ok(()) => return Ok(WaitOk::Woken),
                Err(Errno::AGAIN) => return Ok(WaitOk::ValueChanged),
                Err(Errno::TIMEDOUT) => return Err(TimedOut),
                // A signal: the deadline stays where it is.
                Err(Errno::INTR) => {}
                // Nothing else can be wrong with a word that is there; the caller looks again.
                Err(_) => return Ok(WaitOk::Woken),
            }
        }
    }

    pub(super) fn unpark(&self, word: &AtomicU32, n: u32) -> u32 {
        // The system reads a signed number.
        let n = n.min(i32::MAX as u32);
        let woken = futex::wake(word, Flags::PRIVATE, n).unwrap_or(0);
        u32::try_from(woken).unwrap_or(u32::MAX)
    }
}

/// A point in time as the system counts it; none if that is too far away.
fn on_the_system_clock(deadline: Instant) -> Option<Timespec> {
    let now = clock_gettime(ClockId::Monotonic);
    let now = Duration::new(now.tv_sec.try_into().ok()?, now.tv_nsec.try_into().ok()?);
    let left = deadline.saturating_duration_since(Instant::now());
    Timespec::try_from(now.checked_add(left)?).ok()
}
