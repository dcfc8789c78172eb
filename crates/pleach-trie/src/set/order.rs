//! Keys by their order: the ends of a set, ranges, and positions.

use super::{PathSet, Range};
use pleach_ptr::{Allocator, PtrKind};
use std::ops::RangeBounds;

impl<K: PtrKind, A: Allocator> PathSet<K, A> {
    /// The keys within `range`, in byte order: see [`PathMap::range`](crate::PathMap::range).
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathSet;
    ///
    /// let set = PathSet::from(["a", "b", "c", "d"]);
    /// assert!(set.range("b".."d").eq([b"b", b"c"]));
    /// ```
    pub fn range<T, R>(&self, range: R) -> Range<'_, K, A>
    where
        T: AsRef<[u8]> + ?Sized,
        R: RangeBounds<T>,
    {
        Range::new(self.map.range(range))
    }

    /// How many keys are within `range`, without a walk: see
    /// [`PathMap::count_range`](crate::PathMap::count_range).
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathSet;
    ///
    /// assert_eq!(PathSet::from(["a", "b", "c"]).count_range("b"..), 2);
    /// ```
    pub fn count_range<T, R>(&self, range: R) -> usize
    where
        T: AsRef<[u8]> + ?Sized,
        R: RangeBounds<T>,
    {
        self.map.count_range(range)
    }

    /// How many keys come before `path`; time in the length of `path`.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathSet;
    ///
    /// assert_eq!(PathSet::from(["a", "c"]).rank("b"), 1);
    /// ```
    pub fn rank(&self, path: impl AsRef<[u8]>) -> usize {
        self.map.rank(path)
    }

    /// The key that has `i` others before it, if there is one; time in its length.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathSet;
    ///
    /// assert_eq!(PathSet::from(["a", "c"]).nth(1), Some(b"c".to_vec()));
    /// ```
    pub fn nth(&self, i: usize) -> Option<Vec<u8>> {
        Some(self.map.nth(i)?.0)
    }

    /// A key that `below` chooses: see [`PathMap::sample`](crate::PathMap::sample).
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathSet;
    ///
    /// let middle = &mut |len| len / 2;
    /// assert_eq!(PathSet::from(["a", "b", "c"]).sample(middle), Some(b"b".to_vec()));
    /// ```
    pub fn sample(&self, below: &mut impl FnMut(usize) -> usize) -> Option<Vec<u8>> {
        Some(self.map.sample(below)?.0)
    }

    /// The first key; time in its length.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathSet;
    ///
    /// assert_eq!(PathSet::from(["b", "a"]).first(), Some(b"a".to_vec()));
    /// ```
    pub fn first(&self) -> Option<Vec<u8>> {
        Some(self.map.first_key_value()?.0)
    }

    /// The last key; time in its length.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathSet;
    ///
    /// assert_eq!(PathSet::from(["b", "a"]).last(), Some(b"b".to_vec()));
    /// ```
    pub fn last(&self) -> Option<Vec<u8>> {
        Some(self.map.last_key_value()?.0)
    }

    /// Takes the first key out, and the locations that then lead to nothing; time in its length.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathSet;
    ///
    /// let mut set = PathSet::from(["b", "a"]);
    /// assert_eq!(set.pop_first(), Some(b"a".to_vec()));
    /// assert_eq!(set.len(), 1);
    /// ```
    pub fn pop_first(&mut self) -> Option<Vec<u8>> {
        Some(self.map.pop_first()?.0)
    }

    /// Takes the last key out, and the locations that then lead to nothing; time in its length.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathSet;
    ///
    /// let mut set = PathSet::from(["b", "a"]);
    /// assert_eq!(set.pop_last(), Some(b"b".to_vec()));
    /// assert_eq!(set.len(), 1);
    /// ```
    pub fn pop_last(&mut self) -> Option<Vec<u8>> {
        Some(self.map.pop_last()?.0)
    }
}
