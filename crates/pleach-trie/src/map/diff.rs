//! What differs between two maps: told, walked, carried over.

use super::PathMap;
use crate::raw::{Pairs, Sides};
use pleach_ptr::{Allocator, PtrKind, SharedAllocator, Slim};
use std::borrow::Borrow;
use std::fmt;
use std::iter::FusedIterator;

/// What became of the value at a key.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
/// use pleach_trie::map::Change;
///
/// let old = PathMap::from([("a", 1), ("b", 2), ("c", 3)]);
/// let new = PathMap::from([("b", 2), ("c", 4), ("d", 5)]);
/// let changes: Vec<_> = old.diff(&new).collect();
/// assert_eq!(changes, [
///     (b"a".to_vec(), Change::Removed(&1)),
///     (b"c".to_vec(), Change::Changed { from: &3, to: &4 }),
///     (b"d".to_vec(), Change::Added(&5)),
/// ]);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Change<V> {
    /// There was none, and now there is.
    Added(V),
    /// There was one, and now there is none.
    Removed(V),
    /// There is another one.
    Changed {
        /// The value before.
        from: V,
        /// The value now.
        to: V,
    },
}

impl<V> Change<V> {
    /// The value now.
    pub fn new_value(self) -> Option<V> {
        match self {
            Self::Added(to) | Self::Changed { to, .. } => Some(to),
            Self::Removed(_) => None,
        }
    }

    /// The value before.
    pub fn old_value(self) -> Option<V> {
        match self {
            Self::Removed(from) | Self::Changed { from, .. } => Some(from),
            Self::Added(_) => None,
        }
    }

    /// The change the other way.
    #[must_use]
    pub fn reversed(self) -> Self {
        match self {
            Self::Added(value) => Self::Removed(value),
            Self::Removed(value) => Self::Added(value),
            Self::Changed { from, to } => Self::Changed { from: to, to: from },
        }
    }
}

impl<V: Clone> Change<&V> {
    /// The change with values of its own.
    pub fn cloned(self) -> Change<V> {
        match self {
            Self::Added(value) => Change::Added(value.clone()),
            Self::Removed(value) => Change::Removed(value.clone()),
            Self::Changed { from, to } => Change::Changed {
                from: from.clone(),
                to: to.clone(),
            },
        }
    }
}

impl<V, K: PtrKind, A: Allocator> PathMap<V, K, A> {
    /// What makes `other` of this map, in the order of the keys.
    ///
    /// Nodes that both share are passed over, and their values taken to be equal; so the time is in
    /// what differs. Locations without a value do not count.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::map::Change;
    ///
    /// let mut map = PathMap::from([("a", 1), ("b", 2)]);
    /// let before = map.clone();
    /// map.insert("b", 3);
    /// let change = Change::Changed { from: &2, to: &3 };
    /// assert!(before.diff(&map).eq([(b"b".to_vec(), change)]));
    /// ```
    pub fn diff<'a>(&'a self, other: &'a Self) -> Diff<'a, V, K>
    where
        V: PartialEq,
    {
        let sides = Sides {
            left: true,
            right: true,
            both: true,
            shared: false,
        };
        Diff {
            pairs: Pairs::new(&self.trie, &other.trie, sides),
        }
    }

    /// As [`union`](Self::union), entry by entry, without making a map.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let a = PathMap::from([("a", 1), ("b", 2)]);
    /// let b = PathMap::from([("b", 20), ("c", 30)]);
    /// assert!(a.union_iter(&b).map(|(_, value)| value).eq(&[1, 2, 30]));
    /// ```
    pub fn union_iter<'a>(&'a self, other: &'a Self) -> Merged<'a, V, K> {
        Merged::new(self, other, [true, true, true])
    }

    /// As [`intersection`](Self::intersection), entry by entry, without making a map.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let a = PathMap::from([("a", 1), ("b", 2)]);
    /// let b = PathMap::from([("b", 20), ("c", 30)]);
    /// assert!(a.intersection_iter(&b).eq([(b"b".to_vec(), &2)]));
    /// ```
    pub fn intersection_iter<'a>(&'a self, other: &'a Self) -> Merged<'a, V, K> {
        Merged::new(self, other, [false, true, false])
    }

    /// As [`difference`](Self::difference), entry by entry, without making a map.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let a = PathMap::from([("a", 1), ("b", 2)]);
    /// let b = PathMap::from([("b", 20), ("c", 30)]);
    /// assert!(a.difference_iter(&b).eq([(b"a".to_vec(), &1)]));
    /// ```
    pub fn difference_iter<'a>(&'a self, other: &'a Self) -> Merged<'a, V, K> {
        Merged::new(self, other, [true, false, false])
    }

    /// As [`symmetric_difference`](Self::symmetric_difference), entry by entry, without making a map.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let a = PathMap::from([("a", 1), ("b", 2)]);
    /// let b = PathMap::from([("b", 20), ("c", 30)]);
    /// let entries = [(b"a".to_vec(), &1), (b"c".to_vec(), &30)];
    /// assert!(a.symmetric_difference_iter(&b).eq(entries));
    /// ```
    pub fn symmetric_difference_iter<'a>(&'a self, other: &'a Self) -> Merged<'a, V, K> {
        Merged::new(self, other, [true, false, true])
    }
}

impl<V: Clone, K: PtrKind, A: Allocator> PathMap<V, K, A> {
    /// Makes changes that [`diff`](Self::diff) has found: each key gets the value that it has after
    /// its change, whatever was there.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let old = PathMap::from([("a", 1), ("b", 2)]);
    /// let new = PathMap::from([("b", 3), ("c", 4)]);
    /// let mut copy = old.clone();
    /// copy.apply(old.diff(&new));
    /// assert_eq!(copy, new);
    /// ```
    pub fn apply<P, T>(&mut self, changes: impl IntoIterator<Item = (P, Change<T>)>)
    where
        P: AsRef<[u8]>,
        T: Borrow<V>,
    {
        for (key, change) in changes {
            match change.new_value() {
                Some(value) => drop(self.insert(key, value.borrow().clone())),
                None => drop(self.remove(key)),
            }
        }
    }
}

impl<V: Clone + PartialEq, K: PtrKind, A: SharedAllocator> PathMap<V, K, A> {
    /// What two maps that were both made from `base` make together: the changes of both.
    ///
    /// Where both changed a key, and not to the same, `on_conflict` decides: it gets the key and the
    /// values in `base`, `left` and `right`, and returns the one to have.
    ///
    /// Time in what differs between `base` and `right`. All else is shared with `left`.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let base = PathMap::from([("a", 1), ("b", 2), ("c", 3)]);
    /// let (mut left, mut right) = (base.clone(), base.clone());
    /// left.insert("a", 10);
    /// right.remove("b");
    /// left.insert("c", 30);
    /// right.insert("c", 31);
    /// let merged = PathMap::merge(&base, &left, &right, |_, _, left, right| {
    ///     left.max(right).copied()
    /// });
    /// assert_eq!(merged, PathMap::from([("a", 10), ("c", 31)]));
    /// ```
    #[must_use]
    pub fn merge(
        base: &Self,
        left: &Self,
        right: &Self,
        mut on_conflict: impl FnMut(&[u8], Option<&V>, Option<&V>, Option<&V>) -> Option<V>,
    ) -> Self {
        if left.ptr_eq(base) {
            return right.clone();
        }
        let mut merged = left.clone();
        for (key, change) in base.diff(right) {
            let (old, ours, theirs) = (change.old_value(), left.get(&key), change.new_value());
            let value = match () {
                () if ours == theirs => continue,
                () if ours == old => theirs.cloned(),
                () => on_conflict(&key, old, ours, theirs),
            };
            match value {
                Some(value) => drop(merged.insert(&key, value)),
                None => drop(merged.remove(&key)),
            }
        }
        merged
    }
}

/// What differs between two maps, in the order of the keys: what [`PathMap::diff`] returns.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
/// use pleach_trie::map::Diff;
///
/// let (old, new) = (PathMap::from([("a", 1)]), PathMap::new());
/// let diff: Diff<'_, _> = old.diff(&new);
/// assert_eq!(diff.count(), 1);
/// ```
pub struct Diff<'a, V, K: PtrKind = Slim> {
    pairs: Pairs<'a, V, K>,
}

impl<'a, V: PartialEq, K: PtrKind> Iterator for Diff<'a, V, K> {
    type Item = (Vec<u8>, Change<&'a V>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (key, pair) = self.pairs.next(|from, to| from != to)?;
            let change = match pair {
                (Some(from), Some(to)) => Change::Changed { from, to },
                (Some(from), None) => Change::Removed(from),
                (None, Some(to)) => Change::Added(to),
                (None, None) => continue,
            };
            return Some((key.to_vec(), change));
        }
    }
}

/// The entries of an operation by keys, in their order: what [`PathMap::union_iter`] and its like
/// return.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
/// use pleach_trie::map::Merged;
///
/// let (a, b) = (PathMap::from([("a", 1)]), PathMap::from([("b", 2)]));
/// let union: Merged<'_, _> = a.union_iter(&b);
/// assert_eq!(union.count(), 2);
/// ```
pub struct Merged<'a, V, K: PtrKind = Slim> {
    pairs: Pairs<'a, V, K>,
}

impl<'a, V, K: PtrKind> Merged<'a, V, K> {
    /// What the left alone has, what both have, and what the right alone has.
    fn new<A: Allocator>(
        a: &'a PathMap<V, K, A>,
        b: &'a PathMap<V, K, A>,
        [left, both, right]: [bool; 3],
    ) -> Self {
        let sides = Sides {
            left,
            right,
            both,
            shared: both,
        };
        Self {
            pairs: Pairs::new(&a.trie, &b.trie, sides),
        }
    }
}

impl<'a, V, K: PtrKind> Iterator for Merged<'a, V, K> {
    type Item = (Vec<u8>, &'a V);

    fn next(&mut self) -> Option<Self::Item> {
        let (key, (left, right)) = self.pairs.next(|_, _| true)?;
        Some((key.to_vec(), left.or(right)?))
    }
}

impl<V: PartialEq, K: PtrKind> FusedIterator for Diff<'_, V, K> {}

impl<V, K: PtrKind> FusedIterator for Merged<'_, V, K> {}

impl<V, K: PtrKind> Clone for Diff<'_, V, K> {
    fn clone(&self) -> Self {
        Self {
            pairs: self.pairs.clone(),
        }
    }
}

impl<V, K: PtrKind> Clone for Merged<'_, V, K> {
    fn clone(&self) -> Self {
        Self {
            pairs: self.pairs.clone(),
        }
    }
}

impl<V: PartialEq + fmt::Debug, K: PtrKind> fmt::Debug for Diff<'_, V, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

impl<V: fmt::Debug, K: PtrKind> fmt::Debug for Merged<'_, V, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}
