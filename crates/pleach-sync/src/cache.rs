//! What a thread keeps for its next token: idle slots, and which writer tokens it holds.

use std::cell::RefCell;

use pleach_atomic::sync::Arc;
use pleach_atomic::thread::thread_local;

use crate::slots::Slot;

thread_local! {
    static LOCAL: RefCell<Local> = RefCell::new(Local::default());
}

#[derive(Default)]
struct Local {
    /// Slots that this thread has and no token uses, each with its manager's number.
    idle: Vec<(u64, Arc<Slot>)>,
    /// Writer tokens that this thread holds: their managers' numbers and their own.
    writing: Vec<(u64, u64)>,
}

impl Drop for Local {
    /// The thread ends: others may have its idle slots. Those of leaked tokens are not among them.
    fn drop(&mut self) {
        for (_, slot) in self.idle.drain(..) {
            slot.give_back();
        }
    }
}

/// An idle slot of this thread, if it has one for the manager.
#[inline]
pub(crate) fn take(manager: u64) -> Option<Arc<Slot>> {
    let take = |local: &RefCell<Local>| {
        let idle = &mut local.borrow_mut().idle;
        let at = idle.iter().rposition(|(owner, _)| *owner == manager)?;
        Some(idle.swap_remove(at).1)
    };
    LOCAL.try_with(take).ok().flatten()
}

/// Keeps an idle slot for this thread's next token; a thread at its end gives it back.
#[inline]
pub(crate) fn put(manager: u64, slot: Arc<Slot>) {
    let mut slot = Some(slot);
    let put = |local: &RefCell<Local>| {
        let idle = &mut local.borrow_mut().idle;
        idle.extend(slot.take().map(|slot| (manager, slot)));
    };
    if LOCAL.try_with(put).is_err()
        && let Some(slot) = slot
    {
        slot.give_back();
    }
}

/// Drops the slots whose manager is gone: nobody else has them.
pub(crate) fn forget_the_dead() {
    let forget = |local: &RefCell<Local>| {
        let idle = &mut local.borrow_mut().idle;
        idle.retain(|(_, slot)| Arc::strong_count(slot) > 1);
    };
    // A thread at its end has none left.
    let _ = LOCAL.try_with(forget);
}

/// Notes that this thread holds a writer token.
pub(crate) fn begin_writing(manager: u64, token: u64) {
    let begin = |local: &RefCell<Local>| local.borrow_mut().writing.push((manager, token));
    // At a thread's end, the gate alone knows of it.
    let _ = LOCAL.try_with(begin);
}

/// Takes the note back.
pub(crate) fn end_writing(token: u64) {
    let end = |local: &RefCell<Local>| {
        let writing = &mut local.borrow_mut().writing;
        writing.retain(|(_, other)| *other != token);
    };
    let _ = LOCAL.try_with(end);
}

/// The writer tokens of a manager that this thread holds, the newest first.
#[inline]
pub(crate) fn find_writing(manager: u64, mut is: impl FnMut(u64) -> bool) -> Option<u64> {
    let find = |local: &RefCell<Local>| {
        let writing = &local.borrow().writing;
        let mut own = writing.iter().rev().filter(|(owner, _)| *owner == manager);
        own.find(|(_, token)| is(*token)).map(|(_, token)| *token)
    };
    LOCAL.try_with(find).ok().flatten()
}
