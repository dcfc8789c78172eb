//! Parallel iterators that borrow a map.

use crate::map::saturate;
use crate::raw::Trie;
use crate::{PathMap, PathSet, map};
use pleach_ptr::{Allocator, Global, PtrKind, Slim};
use rayon::iter::plumbing::{Consumer, Producer, ProducerCallback, UnindexedConsumer, bridge};
use rayon::prelude::*;
use std::fmt;
use std::ops::Range;

/// A range of positions in a map, to be walked by the iterator that `walk` makes.
struct Positions<'a, I, V, K: PtrKind, A: Allocator> {
    trie: &'a Trie<V, K, A>,
    at: Range<u64>,
    walk: fn(&'a Trie<V, K, A>, Range<u64>) -> I,
}

impl<'a, I, V, K: PtrKind, A: Allocator> Positions<'a, I, V, K, A> {
    /// All positions.
    fn all(trie: &'a Trie<V, K, A>, walk: fn(&'a Trie<V, K, A>, Range<u64>) -> I) -> Self {
        // As many as rayon is told of.
        let count = saturate(trie.count()) as u64;
        Self {
            trie,
            at: 0..count,
            walk,
        }
    }
}

impl<I, V, K, A> Producer for Positions<'_, I, V, K, A>
where
    I: DoubleEndedIterator + ExactSizeIterator,
    V: Send + Sync,
    K: PtrKind,
    A: Allocator + Send + Sync,
{
    type Item = I::Item;
    type IntoIter = I;

    fn into_iter(self) -> I {
        (self.walk)(self.trie, self.at)
    }

    fn split_at(self, index: usize) -> (Self, Self) {
        let middle = self.at.start + index as u64;
        let part = |at| Self { at, ..self };
        (part(self.at.start..middle), part(middle..self.at.end))
    }
}

/// Entries in parallel, in byte order where order matters: what `par_iter` of a [`PathMap`] returns.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
/// use rayon::prelude::*;
///
/// let map = PathMap::from([("a", 1), ("b", 2), ("c", 3)]);
/// let entries: Vec<_> = map.par_iter().filter(|(_, value)| **value != 2).collect();
/// assert_eq!(entries, [(b"a".to_vec(), &1), (b"c".to_vec(), &3)]);
/// ```
pub struct Iter<'a, V, K: PtrKind = Slim, A: Allocator = Global> {
    map: &'a PathMap<V, K, A>,
}

impl<'a, V, K, A> ParallelIterator for Iter<'a, V, K, A>
where
    V: Send + Sync,
    K: PtrKind,
    A: Allocator + Send + Sync,
{
    type Item = (Vec<u8>, &'a V);

    fn drive_unindexed<C: UnindexedConsumer<Self::Item>>(self, consumer: C) -> C::Result {
        bridge(self, consumer)
    }

    fn opt_len(&self) -> Option<usize> {
        Some(self.len())
    }
}

impl<V, K, A> IndexedParallelIterator for Iter<'_, V, K, A>
where
    V: Send + Sync,
    K: PtrKind,
    A: Allocator + Send + Sync,
{
    fn len(&self) -> usize {
        self.map.len()
    }

    fn drive<C: Consumer<Self::Item>>(self, consumer: C) -> C::Result {
        bridge(self, consumer)
    }

    fn with_producer<CB: ProducerCallback<Self::Item>>(self, callback: CB) -> CB::Output {
        callback.callback(Positions::all(&self.map.trie, map::Iter::positions))
    }
}

/// Keys in parallel, in byte order where order matters: what [`PathMap::par_keys`], and `par_iter` of
/// a [`PathSet`], return.
///
/// # Examples
/// ```
/// use pleach_trie::PathSet;
/// use rayon::prelude::*;
///
/// let set = PathSet::from(["a", "bb", "ccc"]);
/// assert_eq!(set.par_iter().map(|key| key.len()).sum::<usize>(), 6);
/// ```
pub struct Keys<'a, V, K: PtrKind = Slim, A: Allocator = Global> {
    entries: Iter<'a, V, K, A>,
}

impl<V, K, A> ParallelIterator for Keys<'_, V, K, A>
where
    V: Send + Sync,
    K: PtrKind,
    A: Allocator + Send + Sync,
{
    type Item = Vec<u8>;

    fn drive_unindexed<C: UnindexedConsumer<Self::Item>>(self, consumer: C) -> C::Result {
        bridge(self, consumer)
    }

    fn opt_len(&self) -> Option<usize> {
        Some(self.len())
    }
}

impl<V, K, A> IndexedParallelIterator for Keys<'_, V, K, A>
where
    V: Send + Sync,
    K: PtrKind,
    A: Allocator + Send + Sync,
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

/// Values in parallel, in the order of their keys where order matters: what [`PathMap::par_values`]
/// returns.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
/// use rayon::prelude::*;
///
/// let map = PathMap::from([("a", 1), ("b", 2)]);
/// assert_eq!(map.par_values().sum::<i32>(), 3);
/// ```
pub struct Values<'a, V, K: PtrKind = Slim, A: Allocator = Global> {
    map: &'a PathMap<V, K, A>,
}

impl<'a, V, K, A> ParallelIterator for Values<'a, V, K, A>
where
    V: Send + Sync,
    K: PtrKind,
    A: Allocator + Send + Sync,
{
    type Item = &'a V;

    fn drive_unindexed<C: UnindexedConsumer<Self::Item>>(self, consumer: C) -> C::Result {
        bridge(self, consumer)
    }

    fn opt_len(&self) -> Option<usize> {
        Some(self.len())
    }
}

impl<V, K, A> IndexedParallelIterator for Values<'_, V, K, A>
where
    V: Send + Sync,
    K: PtrKind,
    A: Allocator + Send + Sync,
{
    fn len(&self) -> usize {
        self.map.len()
    }

    fn drive<C: Consumer<Self::Item>>(self, consumer: C) -> C::Result {
        bridge(self, consumer)
    }

    fn with_producer<CB: ProducerCallback<Self::Item>>(self, callback: CB) -> CB::Output {
        callback.callback(Positions::all(&self.map.trie, map::Values::positions))
    }
}

impl<V, K, A> PathMap<V, K, A>
where
    V: Send + Sync,
    K: PtrKind,
    A: Allocator + Send + Sync,
{
    /// The keys, in parallel; each is a new `Vec`. Feature `rayon`.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use rayon::prelude::*;
    ///
    /// let map = PathMap::from([("b", 2), ("a", 1)]);
    /// assert_eq!(map.par_keys().collect::<Vec<_>>(), [b"a", b"b"]);
    /// ```
    pub fn par_keys(&self) -> Keys<'_, V, K, A> {
        Keys {
            entries: self.par_iter(),
        }
    }

    /// The values, in parallel, without an allocation for each. Feature `rayon`.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use rayon::prelude::*;
    ///
    /// let map = PathMap::from([("b", 2), ("a", 1)]);
    /// assert_eq!(map.par_values().max(), Some(&2));
    /// ```
    pub fn par_values(&self) -> Values<'_, V, K, A> {
        Values { map: self }
    }
}

impl<'a, V, K, A> IntoParallelIterator for &'a PathMap<V, K, A>
where
    V: Send + Sync,
    K: PtrKind,
    A: Allocator + Send + Sync,
{
    type Item = (Vec<u8>, &'a V);
    type Iter = Iter<'a, V, K, A>;

    fn into_par_iter(self) -> Iter<'a, V, K, A> {
        Iter { map: self }
    }
}

impl<'a, K: PtrKind, A: Allocator + Send + Sync> IntoParallelIterator for &'a PathSet<K, A> {
    type Item = Vec<u8>;
    type Iter = Keys<'a, (), K, A>;

    fn into_par_iter(self) -> Keys<'a, (), K, A> {
        self.as_map().par_keys()
    }
}

impl<V, K: PtrKind, A: Allocator> Clone for Iter<'_, V, K, A> {
    fn clone(&self) -> Self {
        Self { map: self.map }
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
        Self { map: self.map }
    }
}

impl<V: fmt::Debug, K: PtrKind, A: Allocator> fmt::Debug for Iter<'_, V, K, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.map.iter().fmt(f)
    }
}

impl<V, K: PtrKind, A: Allocator> fmt::Debug for Keys<'_, V, K, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.entries.map.keys().fmt(f)
    }
}

impl<V: fmt::Debug, K: PtrKind, A: Allocator> fmt::Debug for Values<'_, V, K, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.map.values().fmt(f)
    }
}
