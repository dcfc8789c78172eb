//! Changing a value that others may read versions of, without running its code under a lock.
//!
//! To put a branch of a trie in its place, nodes on the way to it that somebody else owns too (a
//! snapshot, say) have to be copied first, and a copy clones values, which is the user's code. So a
//! change first looks whether the value owns what is on its way. If so it is made at once, and moves
//! pointers. If not, the value is cloned, which is one count, the lock is let go, and the clone makes
//! its own what it needs. Then the lock is taken again: if the value is still the one that was cloned,
//! the clone takes its place and is changed; if not, somebody else has committed meanwhile, and it
//! all begins anew.
//!
//! The one that was cloned is alive until it has been compared, so that no other can be mistaken for
//! it. Somebody's change succeeds each time, so that all together get on; one may be overtaken for as
//! long as others commit faster than it copies.

use pleach_atomic::sync::{Mutex, MutexGuard};
use std::borrow::BorrowMut;
use std::sync::PoisonError;

/// Where a value is changed.
#[derive(Clone, Copy, Debug)]
pub struct Way<'p> {
    /// The path that leads there.
    pub path: &'p [u8],
    /// Whether the part that begins where the path ends is changed, too, and not only replaced.
    pub through: bool,
}

/// A value that clones in no time, sharing its parts.
pub trait Shares: Clone {
    /// Whether no clone has a share in what is on the way.
    fn owns(&self, way: Way<'_>) -> bool;

    /// Copies what is on the way and others have a share in.
    fn own(&mut self, way: Way<'_>);

    /// Whether this is the other's clone, and neither has been changed.
    fn is_same(&self, other: &Self) -> bool;
}

/// Takes the lock. No change leaves a value half changed, so that a poisoned one is as good.
pub fn lock<S>(home: &Mutex<S>) -> MutexGuard<'_, S> {
    home.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Calls `change` under the lock, once, on a value that owns what is on the way. What that
/// returns has to be dropped where it is harmless, and so has the value before, if it was replaced.
pub fn change<S, T, R>(
    home: &Mutex<S>,
    way: Way<'_>,
    change: impl FnOnce(&mut T) -> R,
) -> (R, Option<T>)
where
    S: BorrowMut<T>,
    T: Shares,
{
    loop {
        let seen = {
            let mut guard = lock(home);
            let value = (*guard).borrow_mut();
            if value.owns(way) {
                return (change(value), None);
            }
            value.clone()
        };
        let mut copy = seen.clone();
        copy.own(way);
        let mut guard = lock(home);
        let value = (*guard).borrow_mut();
        if is_current(value, &seen) {
            let before = std::mem::replace(value, copy);
            return (change(value), Some(before));
        }
    }
}

/// Whether nobody has committed since `seen` was cloned.
fn is_current<T: Shares>(value: &T, seen: &T) -> bool {
    #[cfg(any(pleach_loom, pleach_shuttle))]
    if pleach_atomic::model::planted("lost_commit") {
        return true;
    }
    value.is_same(seen)
}
