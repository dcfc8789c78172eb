//! Iterators that borrow a map exclusively.

use super::{Span, hint};
use crate::map::saturate;
use crate::raw::{Trie, WalkMut};
use pleach_ptr::{Allocator, Global, PtrKind, Slim};
use std::fmt;
use std::iter::FusedIterator;

/// Entries in byte order, with values to change: what
/// [`PathMap::iter_mut`](crate::PathMap::iter_mut) returns.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
///
/// let mut map = PathMap::from([("a", 1), ("b", 2)]);
/// let mut entries = map.iter_mut();
/// let (first, last) = (entries.next().unwrap(), entries.next_back().unwrap());
/// std::mem::swap(first.1, last.1);
/// assert!(map.values().eq(&[2, 1]));
/// ```
pub struct IterMut<'a, V, K: PtrKind = Slim, A: Allocator = Global> {
    walk: Option<WalkMut<'a, V, K, A>>,
}

impl<'a, V: Clone, K: PtrKind, A: Allocator> IterMut<'a, V, K, A> {
    pub(crate) fn new(trie: &'a mut Trie<V, K, A>) -> Self {
        let count = trie.count();
        let walk = Some(WalkMut::new(trie, &[], None, count));
        Self { walk }
    }
}

impl<V, K: PtrKind, A: Allocator> IterMut<'_, V, K, A> {
    /// Values ahead; saturates.
    fn ahead(&self) -> u64 {
        self.walk.as_ref().map_or(0, WalkMut::left)
    }
}

impl<'a, V: Clone, K: PtrKind, A: Allocator> Iterator for IterMut<'a, V, K, A> {
    type Item = (Vec<u8>, &'a mut V);

    fn next(&mut self) -> Option<Self::Item> {
        let (key, value) = self.walk.as_mut()?.next()?;
        Some((key.to_vec(), value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        hint(self.ahead())
    }
}

impl<V: Clone, K: PtrKind, A: Allocator> DoubleEndedIterator for IterMut<'_, V, K, A> {
    fn next_back(&mut self) -> Option<Self::Item> {
        let (key, value) = self.walk.as_mut()?.next_back()?;
        Some((key.to_vec(), value))
    }
}

/// Entries of a range of keys in byte order, with values to change: what
/// [`PathMap::range_mut`](crate::PathMap::range_mut) returns.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
///
/// let mut map = PathMap::from([("a", 1), ("b", 2), ("c", 3)]);
/// let mut entries = map.range_mut("b"..);
/// assert_eq!(entries.len(), 2);
/// *entries.next_back().unwrap().1 = 0;
/// assert!(map.values().eq(&[1, 2, 0]));
/// ```
pub struct RangeMut<'a, V, K: PtrKind = Slim, A: Allocator = Global> {
    entries: IterMut<'a, V, K, A>,
}

impl<'a, V: Clone, K: PtrKind, A: Allocator> RangeMut<'a, V, K, A> {
    /// The entries whose keys are in `span`.
    pub(crate) fn new(trie: &'a mut Trie<V, K, A>, span: &Span<'_>) -> Self {
        let (low, high) = span.bounds();
        let count = span.count(trie);
        let walk = Some(WalkMut::new(trie, low, high, count));
        Self {
            entries: IterMut { walk },
        }
    }
}

impl<'a, V: Clone, K: PtrKind, A: Allocator> Iterator for RangeMut<'a, V, K, A> {
    type Item = (Vec<u8>, &'a mut V);

    fn next(&mut self) -> Option<Self::Item> {
        self.entries.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.entries.size_hint()
    }
}

impl<V: Clone, K: PtrKind, A: Allocator> DoubleEndedIterator for RangeMut<'_, V, K, A> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.entries.next_back()
    }
}

/// Values to change, in the order of their keys: what
/// [`PathMap::values_mut`](crate::PathMap::values_mut) returns.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
///
/// let mut map = PathMap::from([("a", 1), ("b", 2)]);
/// for value in map.values_mut().rev().take(1) {
///     *value = 0;
/// }
/// assert!(map.values().eq(&[1, 0]));
/// ```
pub struct ValuesMut<'a, V, K: PtrKind = Slim, A: Allocator = Global> {
    entries: IterMut<'a, V, K, A>,
}

impl<'a, V: Clone, K: PtrKind, A: Allocator> ValuesMut<'a, V, K, A> {
    pub(crate) fn new(trie: &'a mut Trie<V, K, A>) -> Self {
        let entries = IterMut::new(trie);
        Self { entries }
    }
}

impl<'a, V: Clone, K: PtrKind, A: Allocator> Iterator for ValuesMut<'a, V, K, A> {
    type Item = &'a mut V;

    fn next(&mut self) -> Option<&'a mut V> {
        Some(self.entries.walk.as_mut()?.next()?.1)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.entries.size_hint()
    }
}

impl<V: Clone, K: PtrKind, A: Allocator> DoubleEndedIterator for ValuesMut<'_, V, K, A> {
    fn next_back(&mut self) -> Option<Self::Item> {
        Some(self.entries.walk.as_mut()?.next_back()?.1)
    }
}

impl<V: Clone, K: PtrKind, A: Allocator> ExactSizeIterator for IterMut<'_, V, K, A> {
    fn len(&self) -> usize {
        saturate(self.ahead())
    }
}

impl<V: Clone, K: PtrKind, A: Allocator> FusedIterator for IterMut<'_, V, K, A> {}

impl<V: Clone, K: PtrKind, A: Allocator> ExactSizeIterator for RangeMut<'_, V, K, A> {
    fn len(&self) -> usize {
        self.entries.len()
    }
}

impl<V: Clone, K: PtrKind, A: Allocator> FusedIterator for RangeMut<'_, V, K, A> {}

impl<V: Clone, K: PtrKind, A: Allocator> ExactSizeIterator for ValuesMut<'_, V, K, A> {
    fn len(&self) -> usize {
        self.entries.len()
    }
}

impl<V: Clone, K: PtrKind, A: Allocator> FusedIterator for ValuesMut<'_, V, K, A> {}

impl<V, K: PtrKind, A: Allocator> Default for IterMut<'_, V, K, A> {
    /// No entries.
    fn default() -> Self {
        Self { walk: None }
    }
}

impl<V, K: PtrKind, A: Allocator> Default for RangeMut<'_, V, K, A> {
    /// No entries.
    fn default() -> Self {
        Self {
            entries: IterMut::default(),
        }
    }
}

impl<V, K: PtrKind, A: Allocator> Default for ValuesMut<'_, V, K, A> {
    /// No values.
    fn default() -> Self {
        Self {
            entries: IterMut::default(),
        }
    }
}

impl<V, K: PtrKind, A: Allocator> fmt::Debug for IterMut<'_, V, K, A> {
    /// Tells how many entries are to come: they themselves are on loan.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct("IterMut");
        fields.field("ahead", &self.ahead()).finish_non_exhaustive()
    }
}

impl<V, K: PtrKind, A: Allocator> fmt::Debug for RangeMut<'_, V, K, A> {
    /// Tells how many entries are to come: they themselves are on loan.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct("RangeMut");
        fields
            .field("ahead", &self.entries.ahead())
            .finish_non_exhaustive()
    }
}

impl<V, K: PtrKind, A: Allocator> fmt::Debug for ValuesMut<'_, V, K, A> {
    /// Tells how many values are to come: they themselves are on loan.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct("ValuesMut");
        fields
            .field("ahead", &self.entries.ahead())
            .finish_non_exhaustive()
    }
}
