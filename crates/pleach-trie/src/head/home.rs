//! The committed trie, as zippers see it.

use super::commit::{self, Shares, Way, lock};
use super::door::Handle;
use crate::raw::{Change, Origin, OwnPath, Pending, Trie};
use pleach_atomic::sync::Mutex;
use pleach_ptr::{Allocator, PtrKind};
use std::borrow::BorrowMut;

/// The trie of a head, for its zippers: whoever keeps it, and wherever.
pub(crate) trait Home<V, K: PtrKind, A: Allocator>: Send + Sync {
    /// The trie as it is now.
    fn snapshot(&self) -> Trie<V, K, A>;

    /// What is at and below `path` now, in a trie of its own, but for one value that is put in.
    fn draft(&self, path: &[u8], value: Option<Pending<'_, V>>) -> Trie<V, K, A>;

    /// A copy of the value at `path` now.
    fn value(&self, path: &[u8]) -> Option<V>;

    /// Applies a change of what is at and below `path`.
    fn commit(&self, path: &[u8], change: Change<'_, V, K, A>) -> Removed<V, K, A>;

    /// Takes away `path` if it dangles, and what dangles above it, down to `floor` bytes.
    fn prune(&self, path: &[u8], floor: usize) -> Removed<V, K, A>;
}

/// A home that is lent to a zipper.
pub(crate) type HomeOf<'h, V, K, A> = Handle<'h, dyn Home<V, K, A> + 'h>;

/// Where a writer's draft comes from, and where it is put.
pub(crate) struct Site<'h, V, K: PtrKind, A: Allocator> {
    home: HomeOf<'h, V, K, A>,
    path: OwnPath,
}

impl<'h, V, K: PtrKind, A: Allocator> Site<'h, V, K, A> {
    pub(super) fn new(home: HomeOf<'h, V, K, A>, path: OwnPath) -> Self {
        Self { home, path }
    }

    /// From the trie's root.
    pub(crate) fn path(&self) -> &[u8] {
        &self.path
    }

    /// Applies a change that was worked out on a draft.
    pub(crate) fn commit(&self, change: Change<'_, V, K, A>) -> Removed<V, K, A> {
        self.home.commit(&self.path, change)
    }
}

impl<V, K: PtrKind, A: Allocator> Origin for Site<'_, V, K, A> {
    type V = V;
    type K = K;
    type A = A;

    fn trie(&self, value: Option<Pending<'_, V>>) -> Trie<V, K, A> {
        self.home.draft(&self.path, value)
    }

    fn value(&self, path: &[u8]) -> Option<V> {
        self.home.value(path)
    }
}

/// What a change has taken out, to be dropped where that is harmless.
#[must_use]
#[allow(dead_code, reason = "it is there to be dropped")]
pub(crate) struct Removed<V, K: PtrKind, A: Allocator> {
    value: Option<V>,
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

    fn draft(&self, path: &[u8], value: Option<Pending<'_, V>>) -> Trie<V, K, A> {
        let stub = (*lock(self)).borrow().stub(path);
        let mut draft = stub.draft(path);
        if let Some((path, value)) = value {
            draft.own_through(path);
            value.set(draft.set(path, value.take()));
        }
        draft
    }

    fn value(&self, path: &[u8]) -> Option<V> {
        let stub = (*lock(self)).borrow().stub(path);
        stub.value(path).cloned()
    }

    fn commit(&self, path: &[u8], change: Change<'_, V, K, A>) -> Removed<V, K, A> {
        let (path, value) = match change {
            Change::Value(path, value) => (path, value),
            Change::ValueOf(path, draft) => (path, draft.remove(path)),
            Change::Whole(draft) => return replace(self, path, draft),
        };
        let way = Way {
            path,
            through: true,
        };
        let set = |trie: &mut Trie<V, K, A>| trie.set(path, value);
        let (value, before) = commit::change(self, way, set);
        Removed {
            value,
            branch: None,
            before,
        }
    }

    fn prune(&self, path: &[u8], floor: usize) -> Removed<V, K, A> {
        // What dangles has no values, which might have to be cloned.
        let way = Way {
            path,
            through: false,
        };
        let prune = |trie: &mut Trie<V, K, A>| trie.prune(path, floor);
        let (_, before) = commit::change(self, way, prune);
        Removed {
            value: None,
            branch: None,
            before,
        }
    }
}

/// Puts what `draft` has at `path` in the place of what is there.
fn replace<S, V, K, A>(home: &Mutex<S>, path: &[u8], draft: &mut Trie<V, K, A>) -> Removed<V, K, A>
where
    S: BorrowMut<Trie<V, K, A>>,
    V: Clone,
    K: PtrKind,
    A: Allocator + Clone,
{
    let exists = draft.exists(path);
    let branch = draft.take(path);
    let dangles = exists && branch.is_empty();
    let way = Way {
        path,
        through: false,
    };
    let (replaced, before) = commit::change(home, way, |trie: &mut Trie<V, K, A>| {
        let replaced = trie.swap(path, branch);
        if dangles {
            trie.create(path);
        }
        replaced
    });
    Removed {
        value: None,
        branch: Some(replaced),
        before,
    }
}

impl<V: Clone, K: PtrKind, A: Allocator + Clone> Shares for Trie<V, K, A> {
    fn owns(&self, way: Way<'_>) -> bool {
        Self::owns(self, way.path, way.through)
    }

    fn own(&mut self, way: Way<'_>) {
        match way.through {
            true => self.own_through(way.path),
            false => Self::own(self, way.path),
        }
    }

    fn is_same(&self, other: &Self) -> bool {
        self.ptr_eq(other)
    }
}
