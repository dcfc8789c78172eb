//! Iterators over the entries of a trie, in byte order.

use crate::map::saturate;
use crate::raw::{Cursor, Trie};
use pleach_ptr::{Allocator, Global, PtrKind, Slim};
use std::fmt;
use std::iter::FusedIterator;

/// The walk that the iterators of this module share: values at and below some path, in order.
struct Walk<'a, V, K: PtrKind, A: Allocator> {
    /// Where the walk is; none when it is over.
    cursor: Option<Cursor<&'a Trie<V, K, A>>>,
    /// Whether the root of the walk is behind it.
    started: bool,
    /// Values ahead; `u64::MAX` stands for any number from there on.
    ahead: u64,
}

impl<'a, V, K: PtrKind, A: Allocator> Walk<'a, V, K, A> {
    const OVER: Self = Self {
        cursor: None,
        started: true,
        ahead: 0,
    };

    fn new(trie: &'a Trie<V, K, A>, path: &[u8]) -> Self {
        let cursor = Cursor::new(trie, path);
        Self {
            ahead: cursor.count(),
            cursor: Some(cursor),
            started: false,
        }
    }

    /// Moves to the next value.
    fn step(&mut self) -> Option<&'a V> {
        let cursor = self.cursor.as_mut()?;
        let mut found = match std::mem::replace(&mut self.started, true) {
            true => None,
            false => cursor.get(),
        };
        if found.is_none() && cursor.next_value() {
            found = cursor.get();
        }
        match found {
            None => *self = Self::OVER,
            Some(_) if self.ahead == u64::MAX => {}
            Some(_) => self.ahead -= 1,
        }
        found
    }

    /// The key of the value that the last step found.
    fn key(&self) -> &[u8] {
        self.cursor.as_ref().map_or(&[], Cursor::origin_path)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let len = saturate(self.ahead);
        (
            len,
            (self.ahead < u64::MAX && len < usize::MAX).then_some(len),
        )
    }

    fn len(&self) -> usize {
        saturate(self.ahead)
    }
}

impl<V, K: PtrKind, A: Allocator> Clone for Walk<'_, V, K, A> {
    fn clone(&self) -> Self {
        Self {
            cursor: self.cursor.clone(),
            ..*self
        }
    }
}

/// Entries in byte order, each key a new `Vec`: what [`PathMap::iter`](crate::PathMap::iter) and
/// [`PathMap::prefix`](crate::PathMap::prefix) return.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
///
/// let map = PathMap::from([("a", 1), ("b", 2)]);
/// let mut entries = map.iter();
/// assert_eq!(entries.next(), Some((b"a".to_vec(), &1)));
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
        let walk = Walk::new(trie, path);
        Self { walk, skip }
    }
}

impl<'a, V, K: PtrKind, A: Allocator> Iterator for Iter<'a, V, K, A> {
    type Item = (Vec<u8>, &'a V);

    fn next(&mut self) -> Option<Self::Item> {
        let value = self.walk.step()?;
        Some((self.walk.key()[self.skip..].to_vec(), value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.walk.size_hint()
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

/// Values in the order of their keys: what [`PathMap::values`](crate::PathMap::values) returns.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
///
/// let map = PathMap::from([("b", 2), ("a", 1)]);
/// assert_eq!(map.values().sum::<i32>(), 3);
/// ```
pub struct Values<'a, V, K: PtrKind = Slim, A: Allocator = Global> {
    walk: Walk<'a, V, K, A>,
}

impl<'a, V, K: PtrKind, A: Allocator> Values<'a, V, K, A> {
    pub(crate) fn new(trie: &'a Trie<V, K, A>) -> Self {
        let walk = Walk::new(trie, &[]);
        Self { walk }
    }
}

impl<'a, V, K: PtrKind, A: Allocator> Iterator for Values<'a, V, K, A> {
    type Item = &'a V;

    fn next(&mut self) -> Option<&'a V> {
        self.walk.step()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.walk.size_hint()
    }
}

impl<V, K: PtrKind, A: Allocator> ExactSizeIterator for Iter<'_, V, K, A> {
    fn len(&self) -> usize {
        self.walk.len()
    }
}

impl<V, K: PtrKind, A: Allocator> ExactSizeIterator for Keys<'_, V, K, A> {
    fn len(&self) -> usize {
        self.entries.len()
    }
}

impl<V, K: PtrKind, A: Allocator> ExactSizeIterator for Values<'_, V, K, A> {
    fn len(&self) -> usize {
        self.walk.len()
    }
}

impl<V, K: PtrKind, A: Allocator> FusedIterator for Iter<'_, V, K, A> {}

impl<V, K: PtrKind, A: Allocator> FusedIterator for Keys<'_, V, K, A> {}

impl<V, K: PtrKind, A: Allocator> FusedIterator for Values<'_, V, K, A> {}

impl<V, K: PtrKind, A: Allocator> Clone for Iter<'_, V, K, A> {
    fn clone(&self) -> Self {
        Self {
            walk: self.walk.clone(),
            skip: self.skip,
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
