//! Iterators that borrow a map.

use super::hint;
use super::walk::{Span, Walk};
use crate::map::saturate;
use crate::raw::Trie;
use pleach_ptr::{Allocator, Global, PtrKind, Slim};
use std::fmt;
use std::iter::FusedIterator;

/// Entries in byte order, each key a new `Vec`: what [`PathMap::iter`](crate::PathMap::iter) and
/// [`PathMap::prefix`](crate::PathMap::prefix) return.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
///
/// let map = PathMap::from([("a", 1), ("b", 2), ("c", 3)]);
/// let mut entries = map.iter();
/// assert_eq!(entries.next(), Some((b"a".to_vec(), &1)));
/// assert_eq!(entries.next_back(), Some((b"c".to_vec(), &3)));
/// assert_eq!(entries.len(), 1);
/// ```
pub struct Iter<'a, V, K: PtrKind = Slim, A: Allocator = Global> {
    walk: Walk<'a, V, K, A>,
    /// Bytes of the whole path that are left out of the keys.
    skip: usize,
}

impl<'a, V, K: PtrKind, A: Allocator> Iter<'a, V, K, A> {
    /// The entries at and below `path`, without the first `skip` bytes of their keys; `skip` is at
    /// most the length of `path`.
    pub(crate) fn new(trie: &'a Trie<V, K, A>, path: &[u8], skip: usize) -> Self {
        let walk = Walk::below(trie, path);
        Self { walk, skip }
    }

    /// The entries at these positions, of which there are as many.
    #[cfg(feature = "rayon")]
    pub(crate) fn positions(trie: &'a Trie<V, K, A>, at: std::ops::Range<u64>) -> Self {
        let walk = Walk::positions(trie, at);
        Self { walk, skip: 0 }
    }
}

impl<'a, V, K: PtrKind, A: Allocator> Iterator for Iter<'a, V, K, A> {
    type Item = (Vec<u8>, &'a V);

    fn next(&mut self) -> Option<Self::Item> {
        let value = self.walk.next()?;
        Some((self.walk.front_key()[self.skip..].to_vec(), value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        hint(self.walk.ahead())
    }
}

impl<V, K: PtrKind, A: Allocator> DoubleEndedIterator for Iter<'_, V, K, A> {
    fn next_back(&mut self) -> Option<Self::Item> {
        let value = self.walk.next_back()?;
        Some((self.walk.back_key()[self.skip..].to_vec(), value))
    }
}

/// Entries of a range of keys in byte order, each key a new `Vec`: what
/// [`PathMap::range`](crate::PathMap::range) returns.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
///
/// let map = PathMap::from([("a", 1), ("b", 2), ("c", 3)]);
/// let mut entries = map.range("b"..);
/// assert_eq!(entries.len(), 2);
/// assert_eq!(entries.next_back(), Some((b"c".to_vec(), &3)));
/// ```
pub struct Range<'a, V, K: PtrKind = Slim, A: Allocator = Global> {
    walk: Walk<'a, V, K, A>,
}

impl<'a, V, K: PtrKind, A: Allocator> Range<'a, V, K, A> {
    /// The entries whose keys are in `span`.
    pub(crate) fn new(trie: &'a Trie<V, K, A>, span: &Span<'_>) -> Self {
        let walk = Walk::across(trie, span);
        Self { walk }
    }
}

impl<'a, V, K: PtrKind, A: Allocator> Iterator for Range<'a, V, K, A> {
    type Item = (Vec<u8>, &'a V);

    fn next(&mut self) -> Option<Self::Item> {
        let value = self.walk.next()?;
        Some((self.walk.front_key().to_vec(), value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        hint(self.walk.ahead())
    }
}

impl<V, K: PtrKind, A: Allocator> DoubleEndedIterator for Range<'_, V, K, A> {
    fn next_back(&mut self) -> Option<Self::Item> {
        let value = self.walk.next_back()?;
        Some((self.walk.back_key().to_vec(), value))
    }
}

/// Keys in byte order, each a new `Vec`: what [`PathMap::keys`](crate::PathMap::keys) returns.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
///
/// let map = PathMap::from([("b", 2), ("a", 1)]);
/// assert_eq!(map.keys().next(), Some(b"a".to_vec()));
/// ```
pub struct Keys<'a, V, K: PtrKind = Slim, A: Allocator = Global> {
    entries: Iter<'a, V, K, A>,
}

impl<'a, V, K: PtrKind, A: Allocator> Keys<'a, V, K, A> {
    pub(crate) fn new(trie: &'a Trie<V, K, A>) -> Self {
        let entries = Iter::new(trie, &[], 0);
        Self { entries }
    }
}

impl<V, K: PtrKind, A: Allocator> Iterator for Keys<'_, V, K, A> {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        Some(self.entries.next()?.0)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.entries.size_hint()
    }
}

impl<V, K: PtrKind, A: Allocator> DoubleEndedIterator for Keys<'_, V, K, A> {
    fn next_back(&mut self) -> Option<Vec<u8>> {
        Some(self.entries.next_back()?.0)
    }
}

/// Values in the order of their keys: what [`PathMap::values`](crate::PathMap::values) returns.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
///
/// let map = PathMap::from([("b", 2), ("a", 1)]);
/// assert!(map.values().rev().eq(&[2, 1]));
/// ```
pub struct Values<'a, V, K: PtrKind = Slim, A: Allocator = Global> {
    walk: Walk<'a, V, K, A>,
}

impl<'a, V, K: PtrKind, A: Allocator> Values<'a, V, K, A> {
    pub(crate) fn new(trie: &'a Trie<V, K, A>) -> Self {
        let walk = Walk::below(trie, &[]);
        Self { walk }
    }

    /// The values at these positions, of which there are as many.
    #[cfg(feature = "rayon")]
    pub(crate) fn positions(trie: &'a Trie<V, K, A>, at: std::ops::Range<u64>) -> Self {
        let walk = Walk::positions(trie, at);
        Self { walk }
    }
}

impl<'a, V, K: PtrKind, A: Allocator> Iterator for Values<'a, V, K, A> {
    type Item = &'a V;

    fn next(&mut self) -> Option<&'a V> {
        self.walk.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        hint(self.walk.ahead())
    }
}

impl<V, K: PtrKind, A: Allocator> DoubleEndedIterator for Values<'_, V, K, A> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.walk.next_back()
    }
}

impl<V, K: PtrKind, A: Allocator> ExactSizeIterator for Iter<'_, V, K, A> {
    fn len(&self) -> usize {
        saturate(self.walk.ahead())
    }
}

impl<V, K: PtrKind, A: Allocator> FusedIterator for Iter<'_, V, K, A> {}

impl<V, K: PtrKind, A: Allocator> ExactSizeIterator for Range<'_, V, K, A> {
    fn len(&self) -> usize {
        saturate(self.walk.ahead())
    }
}

impl<V, K: PtrKind, A: Allocator> FusedIterator for Range<'_, V, K, A> {}

impl<V, K: PtrKind, A: Allocator> ExactSizeIterator for Keys<'_, V, K, A> {
    fn len(&self) -> usize {
        self.entries.len()
    }
}

impl<V, K: PtrKind, A: Allocator> FusedIterator for Keys<'_, V, K, A> {}

impl<V, K: PtrKind, A: Allocator> ExactSizeIterator for Values<'_, V, K, A> {
    fn len(&self) -> usize {
        saturate(self.walk.ahead())
    }
}

impl<V, K: PtrKind, A: Allocator> FusedIterator for Values<'_, V, K, A> {}

impl<V, K: PtrKind, A: Allocator> Clone for Iter<'_, V, K, A> {
    fn clone(&self) -> Self {
        Self {
            walk: self.walk.clone(),
            skip: self.skip,
        }
    }
}

impl<V, K: PtrKind, A: Allocator> Clone for Range<'_, V, K, A> {
    fn clone(&self) -> Self {
        Self {
            walk: self.walk.clone(),
        }
    }
}

impl<V, K: PtrKind, A: Allocator> Clone for Keys<'_, V, K, A> {
    fn clone(&self) -> Self {
        Self {
            entries: self.entries.clone(),
        }
    }
}

impl<V, K: PtrKind, A: Allocator> Clone for Values<'_, V, K, A> {
    fn clone(&self) -> Self {
        Self {
            walk: self.walk.clone(),
        }
    }
}

impl<V, K: PtrKind, A: Allocator> Default for Iter<'_, V, K, A> {
    /// No entries.
    fn default() -> Self {
        Self {
            walk: Walk::OVER,
            skip: 0,
        }
    }
}

impl<V, K: PtrKind, A: Allocator> Default for Range<'_, V, K, A> {
    /// No entries.
    fn default() -> Self {
        Self { walk: Walk::OVER }
    }
}

impl<V, K: PtrKind, A: Allocator> Default for Keys<'_, V, K, A> {
    /// No keys.
    fn default() -> Self {
        Self {
            entries: Iter::default(),
        }
    }
}

impl<V, K: PtrKind, A: Allocator> Default for Values<'_, V, K, A> {
    /// No values.
    fn default() -> Self {
        Self { walk: Walk::OVER }
    }
}

impl<V: fmt::Debug, K: PtrKind, A: Allocator> fmt::Debug for Iter<'_, V, K, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

impl<V: fmt::Debug, K: PtrKind, A: Allocator> fmt::Debug for Range<'_, V, K, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

impl<V, K: PtrKind, A: Allocator> fmt::Debug for Keys<'_, V, K, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

impl<V: fmt::Debug, K: PtrKind, A: Allocator> fmt::Debug for Values<'_, V, K, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}
