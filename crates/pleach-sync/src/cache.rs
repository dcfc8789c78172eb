//! What a thread keeps for its next token: idle slots, and which writer tokens it holds.

use std::cell::{Cell, RefCell};

use pleach_atomic::sync::Arc;
use pleach_atomic::thread::thread_local;

use crate::slots::Slot;

#[cfg(not(any(pleach_loom, pleach_shuttle)))]
thread_local! {
    static LOCAL: Local = const { Local::new() };
}

#[cfg(any(pleach_loom, pleach_shuttle))]
thread_local! {
    static LOCAL: Local = Local::new();
}

/// A slot that this thread has and no token uses, with its manager's number.
type Idle = (u64, Arc<Slot>);

struct Local {
    /// The one that became idle last, or none: most threads read one structure at a time.
    last: Cell<Option<Idle>>,
    /// The others.
    idle: RefCell<Vec<Idle>>,
    /// Writer tokens that this thread holds: their managers' numbers and their own.
    writing: RefCell<Vec<(u64, u64)>>,
}

impl Local {
    const fn new() -> Self {
        Self {
            last: Cell::new(None),
            idle: RefCell::new(Vec::new()),
            writing: RefCell::new(Vec::new()),
        }
    }

    /// A slot that is not the last one.
    #[cold]
    fn take_other(&self, manager: u64) -> Option<Arc<Slot>> {
        let idle = &mut self.idle.borrow_mut();
        let at = idle.iter().rposition(|(owner, _)| *owner == manager)?;
        Some(idle.swap_remove(at).1)
    }
}

impl Drop for Local {
    /// The thread ends: others may have its idle slots. Those of leaked tokens are not among them.
    fn drop(&mut self) {
        let idle = self.idle.take();
        for (_, slot) in idle.into_iter().chain(self.last.take()) {
            slot.give_back();
        }
    }
}

/// An idle slot of this thread, if it has one for the manager.
#[inline]
pub(crate) fn take(manager: u64) -> Option<Arc<Slot>> {
    let take = |local: &Local| match local.last.take() {
        Some((owner, slot)) if owner == manager => Some(slot),
        other => {
            local.last.set(other);
            local.take_other(manager)
        }
    };
    LOCAL.try_with(take).ok().flatten()
}

/// Keeps an idle slot for this thread's next token; a thread at its end gives it back.
#[inline]
pub(crate) fn put(manager: u64, slot: Arc<Slot>) {
    let mut slot = Some(slot);
    let put = |local: &Local| {
        let new = slot.take().map(|slot| (manager, slot));
        if let Some(other) = local.last.replace(new) {
            local.idle.borrow_mut().push(other);
        }
    };
    if LOCAL.try_with(put).is_err()
        && let Some(slot) = slot
    {
        slot.give_back();
    }
}

/// Drops the slots whose manager is gone: nobody else has them.
pub(crate) fn forget_the_dead() {
    let forget = |local: &Local| {
        let alive = |(_, slot): &Idle| Arc::strong_count(slot) > 1;
        local.last.set(local.last.take().filter(alive));
        local.idle.borrow_mut().retain(alive);
    };
    // A thread at its end has none left.
    let _ = LOCAL.try_with(forget);
}

/// Notes that this thread holds a writer token.
pub(crate) fn begin_writing(manager: u64, token: u64) {
    let begin = |local: &Local| local.writing.borrow_mut().push((manager, token));
    // At a thread's end, the gate alone knows of it.
    let _ = LOCAL.try_with(begin);
}

/// Takes the note back.
pub(crate) fn end_writing(token: u64) {
    let end = |local: &Local| {
        let mut writing = local.writing.borrow_mut();
        writing.retain(|(_, other)| *other != token);
    };
    let _ = LOCAL.try_with(end);
}

/// The writer tokens of a manager that this thread holds, the newest first.
#[inline]
pub(crate) fn find_writing(manager: u64, mut is: impl FnMut(u64) -> bool) -> Option<u64> {
    let find = |local: &Local| {
        let writing = local.writing.borrow();
        let mut own = writing.iter().rev().filter(|(owner, _)| *owner == manager);
        own.find(|(_, token)| is(*token)).map(|(_, token)| *token)
    };
    LOCAL.try_with(find).ok().flatten()
}
