//! The committed trie, as zippers see it.

use super::commit::{Shares, change, lock};
use super::door::Handle;
use crate::raw::Trie;
use pleach_atomic::sync::Mutex;
use pleach_ptr::{Allocator, PtrKind};
use std::borrow::BorrowMut;

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
        let (branch, before) = change(self, path, |trie: &mut Trie<V, K, A>| {
            let replaced = trie.take(path);
            if !branch.is_empty() {
                trie.put(path, branch);
            } else if exists {
                trie.create(path);
            }
            Some(replaced)
        });
        Removed { branch, before }
    }

    fn prune(&self, path: &[u8], floor: usize) -> Removed<V, K, A> {
        let (_, before) = change(self, path, |trie: &mut Trie<V, K, A>| {
            trie.prune(path, floor)
        });
        let branch = None;
        Removed { branch, before }
    }
}

impl<V: Clone, K: PtrKind, A: Allocator + Clone> Shares for Trie<V, K, A> {
    fn owns(&self, path: &[u8]) -> bool {
        Self::owns(self, path)
    }

    fn own(&mut self, path: &[u8]) {
        Self::own(self, path);
    }

    fn is_same(&self, other: &Self) -> bool {
        self.ptr_eq(other)
    }
}
