//! Whose local is whose: the locals of a pool, and how a thread finds its own.
//!
//! A thread keeps a list of the pools that it has used, and beside it the last one, which it finds
//! again by a comparison. Pools are told apart by numbers that are never used twice, so what is
//! left of a pool that is gone is not mistaken for another one's. When a thread ends, its locals
//! are emptied and wait for other threads.

use std::cell::{Cell, RefCell};
use std::ptr;
use std::sync::Arc;

use pleach_atomic::sync::Mutex;
use pleach_atomic::sync::counted::Weak;
use pleach_atomic::thread;

use super::Core;
use super::fence::Fences;
use super::local::Local;
use crate::handle::PoolId;

/// The locals of a pool.
#[derive(Debug)]
pub(super) struct Registry {
    fences: Fences,
    locals: Mutex<Locals>,
}

#[derive(Debug, Default)]
struct Locals {
    all: Vec<Arc<Local>>,
    /// Those of `all` that no thread owns.
    idle: Vec<Arc<Local>>,
}

/// What a thread has of one pool.
struct Membership {
    pool: PoolId,
    core: Weak<Core>,
    local: Arc<Local>,
}

/// All pools that a thread has used, until it ends.
struct Memberships(Vec<Membership>);

/// The pool that a thread has used last.
#[derive(Clone, Copy)]
struct Last {
    pool: PoolId,
    local: *const Local,
}

const NOTHING: Last = Last {
    pool: PoolId::NONE,
    local: ptr::null(),
};

#[cfg(not(any(pleach_loom, pleach_shuttle)))]
thread::thread_local! {
    static LAST: Cell<Last> = const { Cell::new(NOTHING) };
    static MEMBERSHIPS: RefCell<Memberships> = const { RefCell::new(Memberships(Vec::new())) };
}

#[cfg(any(pleach_loom, pleach_shuttle))]
thread::thread_local! {
    static LAST: Cell<Last> = Cell::new(NOTHING);
    static MEMBERSHIPS: RefCell<Memberships> = RefCell::new(Memberships(Vec::new()));
}

impl Drop for Memberships {
    fn drop(&mut self) {
        // From here on this thread uses the shared lists.
        let _ = LAST.try_with(|last| last.set(NOTHING));
        for Membership { core, local, .. } in self.0.drain(..) {
            if let Some(core) = core.upgrade() {
                core.flush(&local);
                core.registry.leave(local);
            }
        }
    }
}

impl Registry {
    pub(super) fn new() -> Self {
        Self {
            fences: Fences::new(),
            locals: Mutex::new(Locals::default()),
        }
    }

    /// How many threads have a local, and how many did at the same time.
    pub(super) fn threads(&self) -> usize {
        let locals = self.lock();
        locals.all.len() - locals.idle.len()
    }

    /// Bytes of all locals.
    pub(super) fn bytes(&self) -> usize {
        self.lock().all.len() * size_of::<Local>()
    }

    /// Calls `f` for all locals, whose owners go on.
    pub(super) fn look(&self, f: impl FnMut(&Local)) {
        self.lock().all.iter().map(|local| &**local).for_each(f);
    }

    /// Calls `f` for all magazines while their owners are away. Must not be called by an owner that
    /// is at its own.
    pub(super) fn visit(
        &self,
        mut f: impl FnMut(&Local, &mut [super::local::Magazine; crate::class::CLASSES]),
    ) {
        let locals = self.lock();
        for local in &locals.all {
            local.ask();
        }
        self.fences.heavy();
        for local in &locals.all {
            local.wait();
            // SAFETY: asked above, before the fence, and waited; the lock is held.
            unsafe { local.visit(|magazines| f(local, magazines)) };
            local.dismiss();
        }
    }

    fn join(&self) -> Arc<Local> {
        let mut locals = self.lock();
        if let Some(local) = locals.idle.pop() {
            return local;
        }
        let local = Arc::new(Local::new(self.fences));
        locals.all.push(Arc::clone(&local));
        local
    }

    fn leave(&self, local: Arc<Local>) {
        self.lock().idle.push(local);
    }

    fn lock(&self) -> pleach_atomic::sync::MutexGuard<'_, Locals> {
        self.locals.lock().expect("nothing panics under this lock")
    }
}

impl Core {
    /// The calling thread's local, unless the thread is about to end.
    #[inline]
    pub(super) fn local(&self) -> Option<&Local> {
        self.last_local().or_else(|| self.find_local())
    }

    /// The calling thread's local, if this is the pool that it has used last.
    #[inline]
    pub(super) fn last_local(&self) -> Option<&Local> {
        let last = LAST.try_with(Cell::get).unwrap_or(NOTHING);
        if last.pool != self.id {
            return None;
        }
        // SAFETY: it was taken from an `Arc` that this pool's registry keeps, and pools have
        // different numbers, so it lives as long as `self`.
        Some(unsafe { &*last.local })
    }

    #[cold]
    fn find_local(&self) -> Option<&Local> {
        let local = MEMBERSHIPS.try_with(|memberships| {
            let memberships = &mut memberships.borrow_mut().0;
            if let Some(found) = memberships.iter().find(|m| m.pool == self.id) {
                return Arc::as_ptr(&found.local);
            }
            memberships.retain(|membership| membership.core.strong_count() > 0);
            let local = self.registry.join();
            let address = Arc::as_ptr(&local);
            memberships.push(Membership {
                pool: self.id,
                core: Weak::clone(&self.me),
                local,
            });
            address
        });
        let local = local.ok()?;
        let pool = self.id;
        LAST.try_with(|last| last.set(Last { pool, local })).ok()?;
        // SAFETY: as in `local`.
        Some(unsafe { &*local })
    }
}
