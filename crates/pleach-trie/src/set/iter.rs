//! Iterators over the keys of a set: those of the map, without its values.

use crate::map::{self, Literal};
use pleach_ptr::{Allocator, Global, PtrKind, Slim};
use std::fmt;
use std::iter::FusedIterator;

/// Keys in byte order, each a new `Vec`: what [`PathSet::iter`](crate::PathSet::iter) and
/// [`PathSet::prefix`](crate::PathSet::prefix) return.
///
/// # Examples
/// ```
/// use pleach_trie::PathSet;
///
/// let set = PathSet::from(["a", "b"]);
/// let mut keys = set.iter();
/// assert_eq!(keys.next_back(), Some(b"b".to_vec()));
/// assert_eq!(keys.len(), 1);
/// ```
pub struct Iter<'a, K: PtrKind = Slim, A: Allocator = Global> {
    entries: map::Iter<'a, (), K, A>,
}

impl<'a, K: PtrKind, A: Allocator> Iter<'a, K, A> {
    pub(super) fn new(entries: map::Iter<'a, (), K, A>) -> Self {
        Self { entries }
    }
}

impl<K: PtrKind, A: Allocator> Iterator for Iter<'_, K, A> {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        Some(self.entries.next()?.0)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.entries.size_hint()
    }
}

impl<K: PtrKind, A: Allocator> DoubleEndedIterator for Iter<'_, K, A> {
    fn next_back(&mut self) -> Option<Vec<u8>> {
        Some(self.entries.next_back()?.0)
    }
}

impl<K: PtrKind, A: Allocator> ExactSizeIterator for Iter<'_, K, A> {
    fn len(&self) -> usize {
        self.entries.len()
    }
}

impl<K: PtrKind, A: Allocator> FusedIterator for Iter<'_, K, A> {}

impl<K: PtrKind, A: Allocator> Clone for Iter<'_, K, A> {
    fn clone(&self) -> Self {
        Self::new(self.entries.clone())
    }
}

impl<K: PtrKind, A: Allocator> Default for Iter<'_, K, A> {
    /// No keys.
    fn default() -> Self {
        Self::new(map::Iter::default())
    }
}

impl<K: PtrKind, A: Allocator> fmt::Debug for Iter<'_, K, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone().map(Literal)).finish()
    }
}

/// Keys between two bounds in byte order, each a new `Vec`: what
/// [`PathSet::range`](crate::PathSet::range) returns.
///
/// # Examples
/// ```
/// use pleach_trie::PathSet;
///
/// let set = PathSet::from(["a", "b", "c"]);
/// assert_eq!(set.range("b"..).next_back(), Some(b"c".to_vec()));
/// ```
pub struct Range<'a, K: PtrKind = Slim, A: Allocator = Global> {
    entries: map::Range<'a, (), K, A>,
}

impl<'a, K: PtrKind, A: Allocator> Range<'a, K, A> {
    pub(super) fn new(entries: map::Range<'a, (), K, A>) -> Self {
        Self { entries }
    }
}

impl<K: PtrKind, A: Allocator> Iterator for Range<'_, K, A> {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        Some(self.entries.next()?.0)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.entries.size_hint()
    }
}

impl<K: PtrKind, A: Allocator> DoubleEndedIterator for Range<'_, K, A> {
    fn next_back(&mut self) -> Option<Vec<u8>> {
        Some(self.entries.next_back()?.0)
    }
}

impl<K: PtrKind, A: Allocator> ExactSizeIterator for Range<'_, K, A> {
    fn len(&self) -> usize {
        self.entries.len()
    }
}

impl<K: PtrKind, A: Allocator> FusedIterator for Range<'_, K, A> {}

impl<K: PtrKind, A: Allocator> Clone for Range<'_, K, A> {
    fn clone(&self) -> Self {
        Self::new(self.entries.clone())
    }
}

impl<K: PtrKind, A: Allocator> Default for Range<'_, K, A> {
    /// No keys.
    fn default() -> Self {
        Self::new(map::Range::default())
    }
}

impl<K: PtrKind, A: Allocator> fmt::Debug for Range<'_, K, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone().map(Literal)).finish()
    }
}

/// The keys that some key starts with, shortest first: what
/// [`PathSet::common_prefixes`](crate::PathSet::common_prefixes) returns.
///
/// # Examples
/// ```
/// use pleach_trie::PathSet;
///
/// let set = PathSet::from(["a", "ab", "b"]);
/// assert_eq!(set.common_prefixes("abc").next_back(), Some(&b"ab"[..]));
/// ```
#[derive(Clone, Default)]
pub struct CommonPrefixes<'k, 'a> {
    entries: map::CommonPrefixes<'k, 'a, ()>,
}

impl<'k, 'a> CommonPrefixes<'k, 'a> {
    pub(super) fn new(entries: map::CommonPrefixes<'k, 'a, ()>) -> Self {
        Self { entries }
    }
}

impl<'k> Iterator for CommonPrefixes<'k, '_> {
    type Item = &'k [u8];

    fn next(&mut self) -> Option<&'k [u8]> {
        Some(self.entries.next()?.0)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.entries.size_hint()
    }
}

impl DoubleEndedIterator for CommonPrefixes<'_, '_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        Some(self.entries.next_back()?.0)
    }
}

impl ExactSizeIterator for CommonPrefixes<'_, '_> {}

impl FusedIterator for CommonPrefixes<'_, '_> {}

impl fmt::Debug for CommonPrefixes<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone().map(Literal)).finish()
    }
}
