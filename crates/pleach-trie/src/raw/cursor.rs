//! A cursor: a path buffer and a stack of positions in the nodes along it.

use super::Trie;
use crate::ByteMask;
use pleach_ptr::{Allocator, PtrKind};

/// Where a cursor finds its trie.
///
/// # Safety
/// `trie` returns the same trie each time, and while the cursor lives that trie changes only
/// through [`Cursor::edit`].
pub(crate) unsafe trait Source {
    /// Value type.
    type V;
    /// Pointer kind.
    type K: PtrKind;
    /// Allocator.
    type A: Allocator;
    /// The trie.
    fn trie(&self) -> &Trie<Self::V, Self::K, Self::A>;
}

/// A source that may be changed through its cursor.
///
/// # Safety
/// `trie_mut` returns the trie that [`Source::trie`] returns.
pub(crate) unsafe trait SourceMut: Source {
    /// The trie.
    fn trie_mut(&mut self) -> &mut Trie<Self::V, Self::K, Self::A>;
}

// SAFETY: a shared borrow keeps the trie unchanged.
unsafe impl<V, K: PtrKind, A: Allocator> Source for &Trie<V, K, A> {
    type V = V;
    type K = K;
    type A = A;
    fn trie(&self) -> &Trie<V, K, A> { self }
}

// SAFETY: an exclusive borrow; only `edit` reaches `trie_mut`.
unsafe impl<V, K: PtrKind, A: Allocator> Source for &mut Trie<V, K, A> {
    type V = V;
    type K = K;
    type A = A;
    fn trie(&self) -> &Trie<V, K, A> { self }
}

// SAFETY: as above.
unsafe impl<V, K: PtrKind, A: Allocator> SourceMut for &mut Trie<V, K, A> {
    fn trie_mut(&mut self) -> &mut Trie<V, K, A> { self }
}

// SAFETY: the cursor owns the trie; only `edit` reaches `trie_mut`.
unsafe impl<V, K: PtrKind, A: Allocator> Source for Trie<V, K, A> {
    type V = V;
    type K = K;
    type A = A;
    fn trie(&self) -> &Trie<V, K, A> { self }
}

// SAFETY: as above.
unsafe impl<V, K: PtrKind, A: Allocator> SourceMut for Trie<V, K, A> {
    fn trie_mut(&mut self) -> &mut Trie<V, K, A> { self }
}

/// A place in a trie, or off it, that can move.
pub(crate) struct Cursor<S: Source> {
    source: S,
}

impl<S: Source> Cursor<S> {
    /// A cursor whose root is `root`, which need not be a location, and whose focus is its root.
    pub(crate) fn new(_source: S, _root: &[u8]) -> Self { todo!() }
    pub(crate) fn source(&self) -> &S { &self.source }
    pub(crate) fn into_source(self) -> S { todo!() }
    /// Bytes from the trie's root to the focus.
    pub(crate) fn origin_path(&self) -> &[u8] { todo!() }
    /// How many of them lie above the cursor's root.
    pub(crate) fn root_len(&self) -> usize { todo!() }
    /// Bytes from the cursor's root to the focus.
    pub(crate) fn path(&self) -> &[u8] { todo!() }
    /// Whether the focus is a location.
    pub(crate) fn exists(&self) -> bool { todo!() }
    /// The value at the focus.
    pub(crate) fn value(&self) -> Option<&S::V> { todo!() }
    /// The value at `rel` below the focus.
    pub(crate) fn value_at(&self, _rel: &[u8]) -> Option<&S::V> { todo!() }
    /// Values at and below the focus; saturates. O(1) in the size of the subtrie.
    pub(crate) fn count(&self) -> u64 { todo!() }
    /// The bytes that follow the focus.
    pub(crate) fn mask(&self) -> ByteMask { todo!() }
    /// Identity of the node whose root the focus is, and whether it has more than one owner.
    /// `None` inside a node and off the trie.
    pub(crate) fn node(&self) -> Option<(usize, bool)> { todo!() }
    /// Appends `key`; may leave the trie.
    pub(crate) fn descend(&mut self, _key: &[u8]) { todo!() }
    /// Appends as much of `key` as exists; returns how many bytes that is.
    pub(crate) fn descend_existing(&mut self, _key: &[u8]) -> usize { todo!() }
    /// As `descend_existing`, but stops at the first value strictly below the start.
    pub(crate) fn descend_to_value(&mut self, _key: &[u8]) -> usize { todo!() }
    /// Where exactly one child follows: moves down until a value, a branch or a leaf, at most
    /// `max` bytes. Returns the bytes moved.
    pub(crate) fn descend_until(&mut self, _max: usize) -> usize { todo!() }
    /// Moves up `n` bytes; `n` is at most `path().len()`.
    pub(crate) fn ascend(&mut self, _n: usize) { todo!() }
    /// Moves up to the nearest strict ancestor that branches, has a value (if `values`), or is the
    /// cursor's root. False at the root.
    pub(crate) fn ascend_until(&mut self, _values: bool) -> bool { todo!() }
    /// To the next value after the focus in depth-first order; false, and at the root, if none is left.
    pub(crate) fn next_value(&mut self) -> bool { todo!() }
    /// Capacity for paths of `path_len` bytes (from the trie's root) and `depth` nodes.
    pub(crate) fn reserve(&mut self, _path_len: usize, _depth: usize) -> Result<(), std::collections::TryReserveError> { todo!() }
}

impl<'a, V, K: PtrKind, A: Allocator> Cursor<&'a Trie<V, K, A>> {
    /// The value at the focus, for as long as the trie is borrowed.
    pub(crate) fn get(&self) -> Option<&'a V> { todo!() }
}

impl<S: SourceMut> Cursor<S> {
    /// The trie to change, and the focus as a path from its root.
    pub(crate) fn edit(&mut self) -> (&mut Trie<S::V, S::K, S::A>, &[u8]) { todo!() }
}

impl<S: Source + Clone> Clone for Cursor<S> {
    fn clone(&self) -> Self { todo!() }
}
