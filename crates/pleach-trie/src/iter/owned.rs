//! Iterators that use a map up.

use super::hint;
use crate::PathMap;
use pleach_ptr::{Allocator, Global, PtrKind, Slim};
use std::fmt;
use std::iter::FusedIterator;

/// Entries of a map that is used up, in byte order: what
/// [`PathMap::into_iter`](crate::PathMap#impl-IntoIterator-for-PathMap<V,+K,+A>) returns.
///
/// Each step takes one entry out. Values move where no other map shares them, and are cloned where
/// one does; those that are never asked for drop with the iterator.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
///
/// let map = PathMap::from([("a", "one".to_string()), ("b", "two".to_string())]);
/// let mut entries = map.into_iter();
/// assert_eq!(entries.next_back(), Some((b"b".to_vec(), "two".to_string())));
/// assert_eq!(entries.len(), 1);
/// ```
pub struct IntoIter<V, K: PtrKind = Slim, A: Allocator = Global> {
    map: PathMap<V, K, A>,
}

impl<V, K: PtrKind, A: Allocator> IntoIter<V, K, A> {
    pub(crate) const fn new(map: PathMap<V, K, A>) -> Self {
        Self { map }
    }
}

impl<V: Clone, K: PtrKind, A: Allocator> Iterator for IntoIter<V, K, A> {
    type Item = (Vec<u8>, V);

    fn next(&mut self) -> Option<Self::Item> {
        self.map.pop_first()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        hint(self.map.trie.count())
    }
}

impl<V: Clone, K: PtrKind, A: Allocator> DoubleEndedIterator for IntoIter<V, K, A> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.map.pop_last()
    }
}

/// Keys of a map that is used up, in byte order: what
/// [`PathMap::into_keys`](crate::PathMap::into_keys) returns.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
///
/// let map = PathMap::from([("b", 2), ("a", 1)]);
/// assert!(map.into_keys().eq([b"a", b"b"]));
/// ```
pub struct IntoKeys<V, K: PtrKind = Slim, A: Allocator = Global> {
    entries: IntoIter<V, K, A>,
}

impl<V, K: PtrKind, A: Allocator> IntoKeys<V, K, A> {
    pub(crate) const fn new(map: PathMap<V, K, A>) -> Self {
        let entries = IntoIter::new(map);
        Self { entries }
    }
}

impl<V: Clone, K: PtrKind, A: Allocator> Iterator for IntoKeys<V, K, A> {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        Some(self.entries.next()?.0)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.entries.size_hint()
    }
}

impl<V: Clone, K: PtrKind, A: Allocator> DoubleEndedIterator for IntoKeys<V, K, A> {
    fn next_back(&mut self) -> Option<Vec<u8>> {
        Some(self.entries.next_back()?.0)
    }
}

/// Values of a map that is used up, in the order of their keys: what
/// [`PathMap::into_values`](crate::PathMap::into_values) returns.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
///
/// let map = PathMap::from([("b", 2), ("a", 1)]);
/// assert!(map.into_values().eq([1, 2]));
/// ```
pub struct IntoValues<V, K: PtrKind = Slim, A: Allocator = Global> {
    entries: IntoIter<V, K, A>,
}

impl<V, K: PtrKind, A: Allocator> IntoValues<V, K, A> {
    pub(crate) const fn new(map: PathMap<V, K, A>) -> Self {
        let entries = IntoIter::new(map);
        Self { entries }
    }
}

impl<V: Clone, K: PtrKind, A: Allocator> Iterator for IntoValues<V, K, A> {
    type Item = V;

    fn next(&mut self) -> Option<V> {
        Some(self.entries.next()?.1)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.entries.size_hint()
    }
}

impl<V: Clone, K: PtrKind, A: Allocator> DoubleEndedIterator for IntoValues<V, K, A> {
    fn next_back(&mut self) -> Option<V> {
        Some(self.entries.next_back()?.1)
    }
}

impl<V: Clone, K: PtrKind, A: Allocator> ExactSizeIterator for IntoIter<V, K, A> {
    fn len(&self) -> usize {
        self.map.len()
    }
}

impl<V: Clone, K: PtrKind, A: Allocator> FusedIterator for IntoIter<V, K, A> {}

impl<V: Clone, K: PtrKind, A: Allocator> ExactSizeIterator for IntoKeys<V, K, A> {
    fn len(&self) -> usize {
        self.entries.len()
    }
}

impl<V: Clone, K: PtrKind, A: Allocator> FusedIterator for IntoKeys<V, K, A> {}

impl<V: Clone, K: PtrKind, A: Allocator> ExactSizeIterator for IntoValues<V, K, A> {
    fn len(&self) -> usize {
        self.entries.len()
    }
}

impl<V: Clone, K: PtrKind, A: Allocator> FusedIterator for IntoValues<V, K, A> {}

impl<V, K: PtrKind, A: Allocator + Default> Default for IntoIter<V, K, A> {
    /// No entries.
    fn default() -> Self {
        Self {
            map: PathMap::default(),
        }
    }
}

impl<V, K: PtrKind, A: Allocator + Default> Default for IntoKeys<V, K, A> {
    /// No keys.
    fn default() -> Self {
        Self {
            entries: IntoIter::default(),
        }
    }
}

impl<V, K: PtrKind, A: Allocator + Default> Default for IntoValues<V, K, A> {
    /// No values.
    fn default() -> Self {
        Self {
            entries: IntoIter::default(),
        }
    }
}

impl<V: fmt::Debug, K: PtrKind, A: Allocator> fmt::Debug for IntoIter<V, K, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.map.iter()).finish()
    }
}

impl<V, K: PtrKind, A: Allocator> fmt::Debug for IntoKeys<V, K, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.entries.map.keys()).finish()
    }
}

impl<V: fmt::Debug, K: PtrKind, A: Allocator> fmt::Debug for IntoValues<V, K, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.entries.map.values()).finish()
    }
}
