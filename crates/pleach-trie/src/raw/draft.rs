//! What a head needs of tries: drafts to work on, and to know where a change copies nothing.

use super::bytes::strip;
use super::cursor::{Source, SourceMut};
use super::node::Node;
use super::trie::Trie;
use pleach_ptr::{Allocator, PtrKind};

/// A trie to work on, which will be put in the place of another one if anything was changed.
pub(crate) struct Draft<V, K: PtrKind, A: Allocator> {
    trie: Trie<V, K, A>,
    edited: bool,
}

impl<V, K: PtrKind, A: Allocator> Draft<V, K, A> {
    /// A draft that is as it began.
    pub(crate) fn new(trie: Trie<V, K, A>) -> Self {
        let edited = false;
        Self { trie, edited }
    }

    /// Whether it was asked for to be changed.
    pub(crate) fn is_edited(&self) -> bool {
        self.edited
    }
}

// SAFETY: the cursor owns the trie; only `edit` reaches `trie_mut`.
unsafe impl<V, K: PtrKind, A: Allocator> Source for Draft<V, K, A> {
    type V = V;
    type K = K;
    type A = A;
    const EAGER: bool = false;
    fn trie(&self) -> &Trie<V, K, A> {
        &self.trie
    }
}

// SAFETY: as above.
unsafe impl<V, K: PtrKind, A: Allocator> SourceMut for Draft<V, K, A> {
    fn trie_mut(&mut self) -> &mut Trie<V, K, A> {
        self.edited = true;
        &mut self.trie
    }
}

impl<V, K: PtrKind, A: Allocator> Trie<V, K, A> {
    /// Whether `own(path)` would copy nothing: then taking and placing at `path` runs no code of the
    /// values.
    pub(crate) fn owns(&self, path: &[u8]) -> bool {
        let (mut next, mut rest) = (self.root(), path);
        while let Some(ptr) = next.filter(|_| !rest.is_empty()) {
            if !K::is_unique(ptr) {
                return false;
            }
            // SAFETY: R1.
            let Node::Inner(inner) = (unsafe { Node::<V, K>::new(ptr) }) else {
                return true;
            };
            let Some((&byte, below)) = strip(rest, inner.prefix()).and_then(<[u8]>::split_first)
            else {
                return true;
            };
            next = inner.child_at(byte);
            rest = below;
        }
        true
    }
}
