//! An owned root: the unit that maps, zippers and subtries are made of.

use pleach_ptr::{Allocator, PtrKind, SharedAllocator};
use std::marker::PhantomData;

/// A trie of values below an implied root location, with the allocator of its nodes.
pub(crate) struct Trie<V, K: PtrKind, A: Allocator> {
    root: Option<K::Ptr>,
    alloc: A,
    marker: PhantomData<V>,
}

impl<V, K: PtrKind, A: Allocator> Trie<V, K, A> {
    /// The empty trie, which owns no node.
    pub(crate) const fn new(alloc: A) -> Self { Self { root: None, alloc, marker: PhantomData } }
    /// The allocator of the nodes.
    pub(crate) fn allocator(&self) -> &A { &self.alloc }
    /// No location but the root, and no value there.
    pub(crate) fn is_empty(&self) -> bool { self.root.is_none() }
    /// Number of values; saturates.
    pub(crate) fn count(&self) -> u64 { todo!() }
    /// Same root node (two empty tries are the same).
    pub(crate) fn ptr_eq(&self, _other: &Self) -> bool { todo!() }
    /// The value at `path`.
    pub(crate) fn get(&self, _path: &[u8]) -> Option<&V> { todo!() }
    /// Whether `path` is a location; the root always is.
    pub(crate) fn exists(&self, _path: &[u8]) -> bool { todo!() }
    /// Drops everything.
    pub(crate) fn clear(&mut self) { todo!() }
}

impl<V: Clone, K: PtrKind, A: Allocator> Trie<V, K, A> {
    /// The value at `path`, on nodes that are this trie's own.
    pub(crate) fn get_mut(&mut self, _path: &[u8]) -> Option<&mut V> { todo!() }
    /// Sets the value at `path`; the old one comes back.
    pub(crate) fn insert(&mut self, _path: &[u8], _value: V) -> Option<V> { todo!() }
    /// The value at `path`, made by `make` where there is none.
    pub(crate) fn get_or_insert_with(&mut self, _path: &[u8], _make: impl FnOnce() -> V) -> &mut V { todo!() }
    /// Takes the value at `path` out; the location stays, dangling if nothing is below.
    pub(crate) fn remove(&mut self, _path: &[u8]) -> Option<V> { todo!() }
    /// Makes `path` a location; true if it was none.
    pub(crate) fn create(&mut self, _path: &[u8]) -> bool { todo!() }
    /// If `path` is dangling (a location without value or children), removes it and the dangling
    /// locations this leaves above it, never at or above `floor` bytes. Returns the bytes removed.
    pub(crate) fn prune(&mut self, _path: &[u8], _floor: usize) -> usize { todo!() }
}

impl<V: Clone, K: PtrKind, A: Allocator + Clone> Trie<V, K, A> {
    /// What is at and below `path`, sharing nodes.
    pub(crate) fn subtrie(&self, _path: &[u8]) -> Self { todo!() }
    /// Moves out what is at and below `path`. The location `path` and what dangles above it go too.
    pub(crate) fn take(&mut self, _path: &[u8]) -> Self { todo!() }
    /// Replaces what is at and below `path`. Where `subtrie` is empty, this is `take`.
    /// `subtrie` must live in the same allocator (see `rehome`).
    pub(crate) fn put(&mut self, _path: &[u8], _subtrie: Self) { todo!() }
}

impl<V: Clone, K: PtrKind, A: SharedAllocator> Trie<V, K, A> {
    /// The same trie in `alloc`: itself if its allocator is the same, a copy value by value if not.
    pub(crate) fn rehome(self, _alloc: &A) -> Self { todo!() }
}

impl<V, K: PtrKind, A: Allocator + Clone> Clone for Trie<V, K, A> {
    /// O(1): counts one more owner of the root node.
    fn clone(&self) -> Self { todo!() }
}

impl<V, K: PtrKind, A: Allocator> Drop for Trie<V, K, A> {
    fn drop(&mut self) {}
}
