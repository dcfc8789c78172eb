//! Parallel iterators that borrow a map exclusively.

use crate::PathMap;
use pleach_ptr::{Allocator, PtrKind};
use rayon::iter::plumbing::{Consumer, ProducerCallback, UnindexedConsumer};
use rayon::prelude::*;

/// Entries with values to change, in parallel: what `par_iter_mut` of a [`PathMap`] returns.
///
/// As rayon does with std's trees, it gathers all entries first, on the calling thread: the map is
/// walked once, and nodes that other maps share are copied. It pays where the change of a value costs
/// more than the step to it.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
/// use rayon::prelude::*;
///
/// let mut map = PathMap::from([("a", 1), ("b", 2)]);
/// map.par_iter_mut().for_each(|(key, value)| *value += i32::from(key[0]));
/// assert!(map.values().eq(&[98, 100]));
/// ```
#[derive(Debug)]
pub struct IterMut<'a, V: Send> {
    entries: rayon::vec::IntoIter<(Vec<u8>, &'a mut V)>,
}

impl<'a, V: Send> ParallelIterator for IterMut<'a, V> {
    type Item = (Vec<u8>, &'a mut V);

    fn drive_unindexed<C: UnindexedConsumer<Self::Item>>(self, consumer: C) -> C::Result {
        self.entries.drive_unindexed(consumer)
    }

    fn opt_len(&self) -> Option<usize> {
        self.entries.opt_len()
    }
}

impl<V: Send> IndexedParallelIterator for IterMut<'_, V> {
    fn len(&self) -> usize {
        self.entries.len()
    }

    fn drive<C: Consumer<Self::Item>>(self, consumer: C) -> C::Result {
        self.entries.drive(consumer)
    }

    fn with_producer<CB: ProducerCallback<Self::Item>>(self, callback: CB) -> CB::Output {
        self.entries.with_producer(callback)
    }
}

/// Values to change, in parallel: what [`PathMap::par_values_mut`] returns.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
/// use rayon::prelude::*;
///
/// let mut map = PathMap::from([("a", 1), ("b", 2)]);
/// map.par_values_mut().for_each(|value| *value *= 10);
/// assert!(map.values().eq(&[10, 20]));
/// ```
#[derive(Debug)]
pub struct ValuesMut<'a, V: Send> {
    values: rayon::vec::IntoIter<&'a mut V>,
}

impl<'a, V: Send> ParallelIterator for ValuesMut<'a, V> {
    type Item = &'a mut V;

    fn drive_unindexed<C: UnindexedConsumer<Self::Item>>(self, consumer: C) -> C::Result {
        self.values.drive_unindexed(consumer)
    }

    fn opt_len(&self) -> Option<usize> {
        self.values.opt_len()
    }
}

impl<V: Send> IndexedParallelIterator for ValuesMut<'_, V> {
    fn len(&self) -> usize {
        self.values.len()
    }

    fn drive<C: Consumer<Self::Item>>(self, consumer: C) -> C::Result {
        self.values.drive(consumer)
    }

    fn with_producer<CB: ProducerCallback<Self::Item>>(self, callback: CB) -> CB::Output {
        self.values.with_producer(callback)
    }
}

impl<V: Clone + Send, K: PtrKind, A: Allocator> PathMap<V, K, A> {
    /// The values, to change, in parallel. Feature `rayon`.
    ///
    /// References to all values are gathered first, on the calling thread, and nodes that other maps
    /// share are copied.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use rayon::prelude::*;
    ///
    /// let mut map = PathMap::from([("a", 1), ("b", 2)]);
    /// map.par_values_mut().for_each(|value| *value *= 10);
    /// assert!(map.values().eq(&[10, 20]));
    /// ```
    pub fn par_values_mut(&mut self) -> ValuesMut<'_, V> {
        let values = self.values_mut().collect::<Vec<_>>();
        ValuesMut {
            values: values.into_par_iter(),
        }
    }
}

impl<'a, V: Clone + Send, K: PtrKind, A: Allocator> IntoParallelIterator
    for &'a mut PathMap<V, K, A>
{
    type Item = (Vec<u8>, &'a mut V);
    type Iter = IterMut<'a, V>;

    fn into_par_iter(self) -> IterMut<'a, V> {
        let entries = self.iter_mut().collect::<Vec<_>>();
        IterMut {
            entries: entries.into_par_iter(),
        }
    }
}
