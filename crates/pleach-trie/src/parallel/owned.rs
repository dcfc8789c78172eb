//! Parallel iterators that use a map up.

use crate::{PathMap, PathSet};
use pleach_ptr::{Allocator, Global, PtrKind, Slim};
use rayon::iter::plumbing::{Consumer, Producer, ProducerCallback, UnindexedConsumer, bridge};
use rayon::prelude::*;
use std::fmt;

/// So many entries of a map, from its front; all of them, unless they cannot be counted.
struct Part<V, K: PtrKind, A: Allocator> {
    map: PathMap<V, K, A>,
    ahead: usize,
}

impl<V, K, A> Producer for Part<V, K, A>
where
    V: Clone + Send + Sync,
    K: PtrKind,
    A: Allocator + Clone + Send,
{
    type Item = (Vec<u8>, V);
    type IntoIter = Self;

    fn into_iter(self) -> Self {
        self
    }

    fn split_at(mut self, index: usize) -> (Self, Self) {
        let after = match self.map.trie.nth(index as u64) {
            Some(key) => self.map.split_off(key),
            None => PathMap::with_kind_in(self.map.trie.allocator().clone()),
        };
        let ahead = self.ahead - index;
        let part = |map, ahead| Self { map, ahead };
        (part(self.map, index), part(after, ahead))
    }
}

impl<V: Clone, K: PtrKind, A: Allocator> Iterator for Part<V, K, A> {
    type Item = (Vec<u8>, V);

    fn next(&mut self) -> Option<Self::Item> {
        self.ahead = self.ahead.checked_sub(1)?;
        self.map.pop_first()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.ahead, Some(self.ahead))
    }
}

impl<V: Clone, K: PtrKind, A: Allocator> DoubleEndedIterator for Part<V, K, A> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.ahead = self.ahead.checked_sub(1)?;
        self.map.pop_last()
    }
}

impl<V: Clone, K: PtrKind, A: Allocator> ExactSizeIterator for Part<V, K, A> {}

/// Entries of a map that is used up, in parallel, in byte order where order matters: what
/// `into_par_iter` of a [`PathMap`] returns.
///
/// The map is split by moving whole branches. Values move where no other map shares them, and are
/// cloned where one does; those that are never asked for drop with the iterator.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
/// use rayon::prelude::*;
///
/// let map = PathMap::from([("a", "one".to_string()), ("b", "two".to_string())]);
/// let values: Vec<String> = map.into_par_iter().map(|(_, value)| value).collect();
/// assert_eq!(values, ["one", "two"]);
/// ```
pub struct IntoIter<V, K: PtrKind = Slim, A: Allocator = Global> {
    map: PathMap<V, K, A>,
}

impl<V, K, A> ParallelIterator for IntoIter<V, K, A>
where
    V: Clone + Send + Sync,
    K: PtrKind,
    A: Allocator + Clone + Send,
{
    type Item = (Vec<u8>, V);

    fn drive_unindexed<C: UnindexedConsumer<Self::Item>>(self, consumer: C) -> C::Result {
        bridge(self, consumer)
    }

    fn opt_len(&self) -> Option<usize> {
        Some(self.len())
    }
}

impl<V, K, A> IndexedParallelIterator for IntoIter<V, K, A>
where
    V: Clone + Send + Sync,
    K: PtrKind,
    A: Allocator + Clone + Send,
{
    fn len(&self) -> usize {
        self.map.len()
    }

    fn drive<C: Consumer<Self::Item>>(self, consumer: C) -> C::Result {
        bridge(self, consumer)
    }

    fn with_producer<CB: ProducerCallback<Self::Item>>(self, callback: CB) -> CB::Output {
        let ahead = self.map.len();
        callback.callback(Part {
            map: self.map,
            ahead,
        })
    }
}

/// Keys of a set that is used up, in parallel, in byte order where order matters: what
/// `into_par_iter` of a [`PathSet`] returns.
///
/// # Examples
/// ```
/// use pleach_trie::PathSet;
/// use rayon::prelude::*;
///
/// let keys: Vec<_> = PathSet::from(["b", "a"]).into_par_iter().collect();
/// assert_eq!(keys, [b"a", b"b"]);
/// ```
pub struct IntoKeys<V, K: PtrKind = Slim, A: Allocator = Global> {
    entries: IntoIter<V, K, A>,
}

impl<V, K, A> ParallelIterator for IntoKeys<V, K, A>
where
    V: Clone + Send + Sync,
    K: PtrKind,
    A: Allocator + Clone + Send,
{
    type Item = Vec<u8>;

    fn drive_unindexed<C: UnindexedConsumer<Self::Item>>(self, consumer: C) -> C::Result {
        bridge(self, consumer)
    }

    fn opt_len(&self) -> Option<usize> {
        Some(self.len())
    }
}

impl<V, K, A> IndexedParallelIterator for IntoKeys<V, K, A>
where
    V: Clone + Send + Sync,
    K: PtrKind,
    A: Allocator + Clone + Send,
{
    fn len(&self) -> usize {
        self.entries.len()
    }

    fn drive<C: Consumer<Self::Item>>(self, consumer: C) -> C::Result {
        bridge(self, consumer)
    }

    fn with_producer<CB: ProducerCallback<Self::Item>>(self, callback: CB) -> CB::Output {
        self.entries.map(|(key, _)| key).with_producer(callback)
    }
}

impl<V, K, A> IntoParallelIterator for PathMap<V, K, A>
where
    V: Clone + Send + Sync,
    K: PtrKind,
    A: Allocator + Clone + Send,
{
    type Item = (Vec<u8>, V);
    type Iter = IntoIter<V, K, A>;

    fn into_par_iter(self) -> IntoIter<V, K, A> {
        IntoIter { map: self }
    }
}

impl<K: PtrKind, A: Allocator + Clone + Send> IntoParallelIterator for PathSet<K, A> {
    type Item = Vec<u8>;
    type Iter = IntoKeys<(), K, A>;

    fn into_par_iter(self) -> IntoKeys<(), K, A> {
        let entries = self.into_map().into_par_iter();
        IntoKeys { entries }
    }
}

impl<V, K: PtrKind, A: Allocator + Clone> Clone for IntoIter<V, K, A> {
    /// The same entries, which the two then share.
    fn clone(&self) -> Self {
        Self {
            map: self.map.clone(),
        }
    }
}

impl<V, K: PtrKind, A: Allocator + Clone> Clone for IntoKeys<V, K, A> {
    /// The same keys.
    fn clone(&self) -> Self {
        Self {
            entries: self.entries.clone(),
        }
    }
}

impl<V: fmt::Debug, K: PtrKind, A: Allocator> fmt::Debug for IntoIter<V, K, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.map.iter().fmt(f)
    }
}

impl<V, K: PtrKind, A: Allocator> fmt::Debug for IntoKeys<V, K, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.entries.map.keys().fmt(f)
    }
}
