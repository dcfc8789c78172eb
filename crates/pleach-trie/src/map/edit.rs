//! Changes that maps and write zippers have in common, put together from those of [`Trie`].
//!
//! Each leaves a valid trie wherever the user's code panics, and each keeps to what the zippers'
//! documentation says of locations: replacing what is at a location never removes the location.

use crate::ByteMask;
use crate::raw::{Cursor, Trie};
use pleach_ptr::{Allocator, PtrKind};

impl<V: Clone, K: PtrKind, A: Allocator + Clone> Trie<V, K, A> {
    /// Replaces what is at and below `path`, value included. A location stays one; an empty
    /// `subtrie` makes no new one.
    pub(crate) fn graft(&mut self, path: &[u8], subtrie: Self) {
        let existed = self.exists(path);
        if !subtrie.is_empty() {
            self.put(path, subtrie);
        } else if existed {
            let old = self.take(path);
            self.create(path);
            drop(old);
        }
    }

    /// Moves out what is below `path`, but not the value there. A location stays one. Where nothing
    /// is below, no node is touched.
    pub(crate) fn take_branches(&mut self, path: &[u8]) -> Self {
        if Cursor::new(&*self, path).mask().is_empty_mask() {
            return Self::new(self.allocator().clone());
        }
        self.own(path);
        let value = self.remove(path);
        let branches = self.take(path);
        match value {
            Some(value) => drop(self.insert(path, value)),
            None => drop(self.create(path)),
        }
        branches
    }

    /// Replaces what is below `path`, but not the value there. A location stays one; no `branches`
    /// make no new one.
    pub(crate) fn put_branches(&mut self, path: &[u8], mut branches: Self) {
        self.own(path);
        if let Some(value) = self.remove(path) {
            branches.insert(&[], value);
        }
        self.graft(path, branches);
    }

    /// Removes the children of `path` in `mask`, and what is below them. A location stays one.
    pub(crate) fn remove_children(&mut self, path: &[u8], mask: ByteMask) {
        if mask.is_empty_mask() || !self.exists(path) {
            return;
        }
        self.own(path);
        let mut child = [path, &[0]].concat();
        for byte in mask {
            child[path.len()] = byte;
            if self.exists(&child) {
                let old = self.take(&child);
                self.create(path);
                drop(old);
            }
        }
    }

    /// Replaces what is at and below the child `byte` of `path`; without a `child`, it goes.
    pub(crate) fn graft_child(&mut self, path: &[u8], byte: u8, child: Option<Self>) {
        let Some(child) = child else {
            return self.remove_children(path, ByteMask::from(byte));
        };
        let path = [path, &[byte]].concat();
        let bare = child.is_empty();
        self.graft(&path, child);
        if bare {
            self.create(&path);
        }
    }
}
