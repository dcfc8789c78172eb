//! Waiting without the system's help: a queue under a lock.

use std::collections::VecDeque;
use std::time::Instant;

use pleach_atomic::atomic::{AtomicU32, Ordering};
use pleach_atomic::sync::{Condvar, Mutex, MutexGuard};

use super::{TimedOut, WaitOk};
use crate::lock::lock;

/// Those who wait, in the order in which they came.
#[derive(Debug)]
pub(super) struct Parking {
    queue: Mutex<Queue>,
    woken: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    next: u64,
    /// A number for each: whoever does not find its own any more has been woken.
    waiting: VecDeque<u64>,
}

impl Parking {
    pub(super) fn new() -> Self {
        Self {
            queue: Mutex::new(Queue::default()),
            woken: Condvar::new(),
        }
    }

    pub(super) fn park(
        &self,
        word: &AtomicU32,
        expected: u32,
        deadline: Option<Instant>,
    ) -> Result<WaitOk, TimedOut> {
        let mut queue = lock(&self.queue);
        // Relaxed: who changed the word before waking has given us the lock since, or will look for us.
        if word.load(Ordering::Relaxed) != expected {
            return Ok(WaitOk::ValueChanged);
        }
        let number = queue.next;
        queue.next += 1;
        queue.waiting.push_back(number);
        loop {
            let expired;
            (queue, expired) = self.sleep(queue, deadline);
            let Some(at) = queue.waiting.iter().position(|other| *other == number) else {
                return Ok(WaitOk::Woken);
            };
            if expired {
                queue.waiting.remove(at);
                return Err(TimedOut);
            }
        }
    }

    pub(super) fn unpark(&self, _word: &AtomicU32, n: u32) -> u32 {
        let mut queue = lock(&self.queue);
        let woken = queue.waiting.len().min(n as usize);
        queue.waiting.drain(..woken);
        drop(queue);
        if woken > 0 {
            self.woken.notify_all();
        }
        woken as u32
    }

    /// Gives the lock away until something happens; says whether the time is up.
    #[cfg(not(pleach_loom))]
    fn sleep<'q>(
        &self,
        queue: MutexGuard<'q, Queue>,
        deadline: Option<Instant>,
    ) -> (MutexGuard<'q, Queue>, bool) {
        let Some(deadline) = deadline else {
            let woken = self.woken.wait(queue);
            return (
                woken.unwrap_or_else(|poisoned| poisoned.into_inner()),
                false,
            );
        };
        let left = deadline.saturating_duration_since(Instant::now());
        let woken = self.woken.wait_timeout(queue, left);
        let (queue, _) = woken.unwrap_or_else(|poisoned| poisoned.into_inner());
        (queue, Instant::now() >= deadline)
    }

    /// As above; a model knows no time, so a deadline may have come at once.
    #[cfg(pleach_loom)]
    fn sleep<'q>(
        &'q self,
        queue: MutexGuard<'q, Queue>,
        deadline: Option<Instant>,
    ) -> (MutexGuard<'q, Queue>, bool) {
        if deadline.is_some() {
            drop(queue);
            return (lock(&self.queue), true);
        }
        let woken = self.woken.wait(queue);
        (
            woken.unwrap_or_else(|poisoned| poisoned.into_inner()),
            false,
        )
    }
}
