//! What follows from the order of keys: ends, ranges, positions, and walks that change a map or use
//! it up.

use super::{
    IntoIter, IntoKeys, IntoValues, IterMut, PathMap, Range, RangeMut, ValuesMut, saturate,
};
use crate::iter::Span;
use pleach_ptr::{Allocator, PtrKind};
use std::ops::RangeBounds;

impl<V, K: PtrKind, A: Allocator> PathMap<V, K, A> {
    /// The entries whose keys are in `range`, in byte order. Time in the lengths of the bounds to
    /// begin with.
    ///
    /// A range whose start lies beyond its end is empty; it does not panic, as std's maps do. In
    /// front of a bare `..`, the type of the bounds has to be spelled out: `range::<[u8], _>(..)`.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use std::ops::Bound;
    ///
    /// let map = PathMap::from([("a", 1), ("ab", 2), ("b", 3), ("c", 4)]);
    /// assert!(map.range("a".."c").map(|(_, value)| *value).eq([1, 2, 3]));
    /// assert!(map.range("b"..="c").rev().map(|(_, value)| *value).eq([4, 3]));
    /// assert_eq!(map.range(&b"b"[..]..).len(), 2);
    /// assert_eq!(map.range("c".."a").len(), 0);
    ///
    /// let after = (Bound::Excluded("a"), Bound::Unbounded);
    /// assert_eq!(map.range::<str, _>(after).next(), Some((b"ab".to_vec(), &2)));
    /// ```
    pub fn range<T, R>(&self, range: R) -> Range<'_, V, K, A>
    where
        T: AsRef<[u8]> + ?Sized,
        R: RangeBounds<T>,
    {
        Range::new(&self.trie, &Span::of(&range))
    }

    /// The number of keys in `range`, without a look at each; time in the lengths of the bounds.
    /// `usize::MAX` if there are more.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let map: PathMap<u16> = (0..1000_u16).map(|n| (n.to_be_bytes(), n)).collect();
    /// assert_eq!(map.count_range(100_u16.to_be_bytes()..200_u16.to_be_bytes()), 100);
    /// assert_eq!(map.count_range::<[u8], _>(..), 1000);
    /// ```
    pub fn count_range<T, R>(&self, range: R) -> usize
    where
        T: AsRef<[u8]> + ?Sized,
        R: RangeBounds<T>,
    {
        saturate(Span::of(&range).count(&self.trie))
    }

    /// The number of keys less than `path`, which need not be one; time in the length of `path`.
    /// `usize::MAX` if there are more.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let map = PathMap::from([("a", 1), ("b", 2), ("d", 3)]);
    /// assert_eq!(map.rank("b"), 1);
    /// assert_eq!(map.rank("c"), 2);
    /// assert_eq!(map.nth(map.rank("b")), Some((b"b".to_vec(), &2)));
    /// ```
    pub fn rank(&self, path: impl AsRef<[u8]>) -> usize {
        saturate(self.trie.rank(path.as_ref()))
    }

    /// The entry that has `i` others before it, if there is one; time in the length of its key.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let map = PathMap::from([("b", 2), ("a", 1), ("c", 3)]);
    /// assert_eq!(map.nth(1), Some((b"b".to_vec(), &2)));
    /// assert_eq!(map.nth(3), None);
    /// ```
    pub fn nth(&self, i: usize) -> Option<(Vec<u8>, &V)> {
        self.entry_of(self.trie.nth(i as u64)?)
    }

    /// An entry that `below` chooses: it is given the number of entries and returns the position of
    /// one. If it returns uniform random numbers below its argument, all entries are as likely.
    ///
    /// A position that does not exist counts modulo the number of entries. In an empty map `below` is
    /// not called. Time in the length of the key.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let map = PathMap::from([("a", 1), ("b", 2), ("c", 3)]);
    /// let mut seed = 7_u64;
    /// let mut below = |n: usize| {
    ///     seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
    ///     (seed >> 33) as usize % n
    /// };
    /// let (key, value) = map.sample(&mut below).unwrap();
    /// assert_eq!(map.get(key), Some(value));
    /// ```
    pub fn sample(&self, below: &mut impl FnMut(usize) -> usize) -> Option<(Vec<u8>, &V)> {
        match self.len() {
            0 => None,
            len => self.nth(below(len) % len),
        }
    }

    /// The first entry.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let map = PathMap::from([("b", 2), ("a", 1)]);
    /// assert_eq!(map.first_key_value(), Some((b"a".to_vec(), &1)));
    /// ```
    pub fn first_key_value(&self) -> Option<(Vec<u8>, &V)> {
        self.entry_of(self.first_key()?)
    }

    /// The last entry.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let map = PathMap::from([("b", 2), ("a", 1)]);
    /// assert_eq!(map.last_key_value(), Some((b"b".to_vec(), &2)));
    /// ```
    pub fn last_key_value(&self) -> Option<(Vec<u8>, &V)> {
        self.entry_of(self.last_key()?)
    }

    fn entry_of(&self, key: Vec<u8>) -> Option<(Vec<u8>, &V)> {
        let value = self.trie.get(&key)?;
        Some((key, value))
    }

    /// Found by the counts, which know where nothing but dangling locations is.
    fn first_key(&self) -> Option<Vec<u8>> {
        self.trie.nth(0)
    }

    fn last_key(&self) -> Option<Vec<u8>> {
        match self.trie.count() {
            0 => None,
            u64::MAX => self.keys().next_back(),
            count => self.trie.nth(count - 1),
        }
    }
}

impl<V: Clone, K: PtrKind, A: Allocator> PathMap<V, K, A> {
    /// Takes the first entry out, and the locations that then lead to nothing.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let mut map = PathMap::from([("b", 2), ("a", 1)]);
    /// assert_eq!(map.pop_first(), Some((b"a".to_vec(), 1)));
    /// assert_eq!(map.len(), 1);
    /// ```
    pub fn pop_first(&mut self) -> Option<(Vec<u8>, V)> {
        let key = self.first_key()?;
        let value = self.remove(&key)?;
        Some((key, value))
    }

    /// Takes the last entry out, and the locations that then lead to nothing.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let mut map = PathMap::from([("b", 2), ("a", 1)]);
    /// assert_eq!(map.pop_last(), Some((b"b".to_vec(), 2)));
    /// assert_eq!(map.len(), 1);
    /// ```
    pub fn pop_last(&mut self) -> Option<(Vec<u8>, V)> {
        let key = self.last_key()?;
        let value = self.remove(&key)?;
        Some((key, value))
    }

    /// The entries in byte order, with values to change. Each key is a new `Vec`.
    ///
    /// A node that another map shares is copied, values included, when the iterator comes to it;
    /// what it does not come to stays shared.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let mut map = PathMap::from([("a", 1), ("b", 2)]);
    /// let before = map.clone();
    /// for (key, value) in map.iter_mut() {
    ///     *value += i32::from(key[0]);
    /// }
    /// assert!(map.values().eq(&[98, 100]));
    /// assert!(before.values().eq(&[1, 2]));
    /// ```
    pub fn iter_mut(&mut self) -> IterMut<'_, V, K, A> {
        IterMut::new(&mut self.trie)
    }

    /// The entries whose keys are in `range`, in byte order, with values to change: the
    /// [`range`](Self::range) of [`iter_mut`](Self::iter_mut).
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let mut map = PathMap::from([("a", 1), ("b", 2), ("c", 3), ("d", 4)]);
    /// for (_, value) in map.range_mut("b"..="c") {
    ///     *value *= 10;
    /// }
    /// assert!(map.values().eq(&[1, 20, 30, 4]));
    /// ```
    pub fn range_mut<T, R>(&mut self, range: R) -> RangeMut<'_, V, K, A>
    where
        T: AsRef<[u8]> + ?Sized,
        R: RangeBounds<T>,
    {
        RangeMut::new(&mut self.trie, &Span::of(&range))
    }

    /// The values in the order of their keys, to change. Nodes are copied as by
    /// [`iter_mut`](Self::iter_mut).
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let mut map = PathMap::from([("a", 1), ("b", 2)]);
    /// map.values_mut().for_each(|value| *value *= 10);
    /// assert!(map.values().eq(&[10, 20]));
    /// ```
    pub fn values_mut(&mut self) -> ValuesMut<'_, V, K, A> {
        ValuesMut::new(&mut self.trie)
    }

    /// The keys in byte order; uses the map up. Values drop as the iterator comes to them.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let map = PathMap::from([("b", 2), ("a", 1)]);
    /// assert!(map.into_keys().eq([b"a", b"b"]));
    /// ```
    pub fn into_keys(self) -> IntoKeys<V, K, A> {
        IntoKeys::new(self)
    }

    /// The values in the order of their keys; uses the map up. They move where no other map shares
    /// them, and are cloned where one does.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let map = PathMap::from([("b", "two".to_string()), ("a", "one".to_string())]);
    /// assert!(map.into_values().eq(["one", "two"]));
    /// ```
    pub fn into_values(self) -> IntoValues<V, K, A> {
        IntoValues::new(self)
    }
}

impl<V: Clone, K: PtrKind, A: Allocator> IntoIterator for PathMap<V, K, A> {
    type Item = (Vec<u8>, V);
    type IntoIter = IntoIter<V, K, A>;

    /// The entries in byte order. Values move where no other map shares them, and are cloned where
    /// one does.
    fn into_iter(self) -> IntoIter<V, K, A> {
        IntoIter::new(self)
    }
}

impl<'a, V: Clone, K: PtrKind, A: Allocator> IntoIterator for &'a mut PathMap<V, K, A> {
    type Item = (Vec<u8>, &'a mut V);
    type IntoIter = IterMut<'a, V, K, A>;

    fn into_iter(self) -> IterMut<'a, V, K, A> {
        self.iter_mut()
    }
}
