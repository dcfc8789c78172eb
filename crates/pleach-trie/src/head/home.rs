//! The committed trie, and how an edit gets there.
//!
//! # No code of the values under the lock
//!
//! To put a branch in its place, nodes on the way to it that somebody else owns too (a snapshot, say)
//! have to be copied first, and a copy clones values. So a change first looks whether all nodes on
//! its way are the trie's own. If so it is made at once, and moves pointers. If not, the trie is
//! cloned, which is one count, the lock is let go, and the nodes are copied in the clone. Then the
//! lock is taken again: if the trie is still the one that was cloned, the clone takes its place and
//! is changed; if not, somebody else has committed meanwhile, and it all begins anew. What the
//! change takes out is dropped by the caller, after the lock.
//!
//! Somebody's change succeeds each time, so that all of them get on; one may be overtaken for as
//! long as others commit faster than it copies.

use super::door::Handle;
use crate::raw::Trie;
use pleach_atomic::sync::{Mutex, MutexGuard};
use pleach_ptr::{Allocator, PtrKind};
use std::borrow::BorrowMut;
use std::sync::PoisonError;

/// The trie of a head, for its zippers: whoever keeps it, and wherever.
pub(crate) trait Home<V, K: PtrKind, A: Allocator>: Send + Sync {
    /// The trie as it is now.
    fn snapshot(&self) -> Trie<V, K, A>;

    /// Puts what `draft` has at `path` in the place of what is there.
    fn commit(&self, path: &[u8], draft: &mut Trie<V, K, A>) -> Removed<V, K, A>;

    /// Takes away `path` if it dangles, and what dangles above it, down to `floor` bytes.
    fn prune(&self, path: &[u8], floor: usize) -> Removed<V, K, A>;
}

/// A home that is lent to a zipper.
pub(crate) type HomeOf<'h, V, K, A> = Handle<'h, dyn Home<V, K, A> + 'h>;

/// What a change has taken out, to be dropped where that is harmless.
#[must_use]
#[allow(dead_code, reason = "it is there to be dropped")]
pub(crate) struct Removed<V, K: PtrKind, A: Allocator> {
    branch: Option<Trie<V, K, A>>,
    before: Option<Trie<V, K, A>>,
}

impl<S, V, K, A> Home<V, K, A> for Mutex<S>
where
    S: BorrowMut<Trie<V, K, A>> + Send,
    V: Clone + Send + Sync,
    K: PtrKind,
    A: Allocator + Clone + Send,
{
    fn snapshot(&self) -> Trie<V, K, A> {
        (*lock(self)).borrow().clone()
    }

    fn commit(&self, path: &[u8], draft: &mut Trie<V, K, A>) -> Removed<V, K, A> {
        let exists = draft.exists(path);
        let branch = draft.take(path);
        change(self, path, |trie| {
            let replaced = trie.take(path);
            if !branch.is_empty() {
                trie.put(path, branch);
            } else if exists {
                trie.create(path);
            }
            Some(replaced)
        })
    }

    fn prune(&self, path: &[u8], floor: usize) -> Removed<V, K, A> {
        change(self, path, |trie| {
            trie.prune(path, floor);
            None
        })
    }
}

/// No change of a trie leaves it half changed, so that a poisoned one is as good.
fn lock<S>(home: &Mutex<S>) -> MutexGuard<'_, S> {
    home.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Calls `change` under the lock, on a trie that owns the nodes along `path`.
fn change<S, V, K, A>(
    home: &Mutex<S>,
    path: &[u8],
    change: impl FnOnce(&mut Trie<V, K, A>) -> Option<Trie<V, K, A>>,
) -> Removed<V, K, A>
where
    S: BorrowMut<Trie<V, K, A>>,
    V: Clone,
    K: PtrKind,
    A: Allocator + Clone,
{
    loop {
        let seen = {
            let mut guard = lock(home);
            let trie = (*guard).borrow_mut();
            if trie.owns(path) {
                let branch = change(trie);
                return Removed {
                    branch,
                    before: None,
                };
            }
            trie.clone()
        };
        let mut copy = seen.clone();
        copy.own(path);
        let mut guard = lock(home);
        let trie = (*guard).borrow_mut();
        if trie.ptr_eq(&seen) {
            let before = std::mem::replace(trie, copy);
            let branch = change(trie);
            drop(guard);
            return Removed {
                branch,
                before: Some(before),
            };
        }
    }
}
