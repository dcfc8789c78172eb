//! One writer at a time, first come first served.

use pleach_atomic::sync::{Condvar, Mutex};
use pleach_atomic::thread::{self, ThreadId};

use crate::SyncError;
use crate::lock::lock;

/// A door for one writer; others wait in the order in which they came.
#[derive(Debug)]
pub(crate) struct Gate {
    turns: Mutex<Turns>,
    next: Condvar,
}

#[derive(Debug, Default)]
struct Turns {
    /// The turn of whoever comes next.
    coming: u64,
    /// The turn of whoever is inside, or may go in.
    serving: u64,
    /// Who is inside.
    holder: Option<ThreadId>,
}

impl Gate {
    pub(crate) fn new() -> Self {
        Self {
            turns: Mutex::new(Turns::default()),
            next: Condvar::new(),
        }
    }

    /// Goes in, after those who came before.
    pub(crate) fn enter(&self) -> Result<(), SyncError> {
        let me = thread::current().id();
        let mut turns = lock(&self.turns);
        if turns.holder == Some(me) {
            return Err(SyncError::WriterHeld);
        }
        let turn = turns.coming;
        turns.coming += 1;
        while turns.serving != turn {
            turns = self
                .next
                .wait(turns)
                .unwrap_or_else(|poisoned| poisoned.into_inner());
        }
        turns.holder = Some(me);
        Ok(())
    }

    /// Goes in if nobody is there and nobody waits.
    pub(crate) fn try_enter(&self) -> Result<(), SyncError> {
        let me = thread::current().id();
        let mut turns = lock(&self.turns);
        if turns.coming != turns.serving {
            return Err(match turns.holder == Some(me) {
                true => SyncError::WriterHeld,
                false => SyncError::Busy,
            });
        }
        turns.coming += 1;
        turns.holder = Some(me);
        Ok(())
    }

    /// Goes out.
    pub(crate) fn leave(&self) {
        let mut turns = lock(&self.turns);
        turns.holder = None;
        turns.serving += 1;
        let waiting = turns.coming != turns.serving;
        drop(turns);
        if waiting {
            self.next.notify_all();
        }
    }

    /// Whether somebody is inside.
    pub(crate) fn is_held(&self) -> bool {
        lock(&self.turns).holder.is_some()
    }
}
