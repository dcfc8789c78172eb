//! Keys that begin alike: those that begin a given key, and those that a given path begins.

use super::{Literal, PathMap, saturate};
use crate::raw::{Cursor, Trie};
use pleach_ptr::{Allocator, PtrKind};
use std::fmt;
use std::iter::FusedIterator;
use std::vec;

impl<V, K: PtrKind, A: Allocator> PathMap<V, K, A> {
    /// The longest key that `key` starts with, which may be `key` itself, and its value; time in the
    /// length of `key`.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let routes = PathMap::from([("/", "index"), ("/users/", "users")]);
    /// assert_eq!(
    ///     routes.longest_prefix("/users/42"),
    ///     Some((&b"/users/"[..], &"users")),
    /// );
    /// assert_eq!(routes.longest_prefix("/about").unwrap().1, &"index");
    /// assert_eq!(routes.longest_prefix("users"), None);
    /// ```
    pub fn longest_prefix<'k, Q>(&self, key: &'k Q) -> Option<(&'k [u8], &V)>
    where
        Q: AsRef<[u8]> + ?Sized,
    {
        let key = key.as_ref();
        let (len, value) = Prefixes::new(&self.trie, key).next()?;
        Some((&key[..len], value))
    }

    /// The keys that `key` starts with, which may include `key` itself, and their values, shortest
    /// first; time in the length of `key`.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let words = PathMap::from([("a", 1), ("and", 2), ("android", 3), ("ant", 4)]);
    /// let found: Vec<_> = words.common_prefixes("androids").collect();
    /// assert_eq!(
    ///     found,
    ///     [(&b"a"[..], &1), (b"and", &2), (b"android", &3)],
    /// );
    /// ```
    pub fn common_prefixes<'k, Q>(&self, key: &'k Q) -> CommonPrefixes<'k, '_, V>
    where
        Q: AsRef<[u8]> + ?Sized,
    {
        let key = key.as_ref();
        let found = Prefixes::new(&self.trie, key).collect::<Vec<_>>();
        CommonPrefixes {
            key,
            found: found.into_iter(),
        }
    }
}

impl<V: Clone, K: PtrKind, A: Allocator + Clone> PathMap<V, K, A> {
    /// Removes all keys that start with `path`, with the locations that then lead to nothing; returns
    /// how many there were. Time in the length of `path` and in the nodes that no other map shares.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let mut map = PathMap::from([("te", 0), ("tea", 1), ("ten", 2), ("to", 3)]);
    /// assert_eq!(map.remove_prefix("te"), 3);
    /// assert!(map.keys().eq([b"to"]));
    /// ```
    pub fn remove_prefix(&mut self, path: impl AsRef<[u8]>) -> usize {
        saturate(self.trie.take(path.as_ref()).count())
    }

    /// Moves all keys that start with `path` into a new map, where they are as long as before; time in
    /// the length of `path`.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let mut map = PathMap::from([("tea", 1), ("ten", 2), ("to", 3)]);
    /// let te = map.split_prefix("te");
    /// assert_eq!(te, PathMap::from([("tea", 1), ("ten", 2)]));
    /// assert_eq!(map, PathMap::from([("to", 3)]));
    /// ```
    #[must_use = "`remove_prefix` drops what it removes"]
    pub fn split_prefix(&mut self, path: impl AsRef<[u8]>) -> Self {
        let mut split = Trie::new(self.trie.allocator().clone());
        self.trie.move_to(&mut split, path.as_ref());
        Self::from_trie(split)
    }
}

/// Lengths of the keys that some key starts with, and their values, longest first.
struct Prefixes<'a, V, K: PtrKind, A: Allocator> {
    /// At the last of them, or at the end of what exists of the key; none when it is over.
    cursor: Option<Cursor<&'a Trie<V, K, A>>>,
}

impl<'a, V, K: PtrKind, A: Allocator> Prefixes<'a, V, K, A> {
    fn new(trie: &'a Trie<V, K, A>, key: &[u8]) -> Self {
        let mut cursor = Cursor::new(trie, &[]);
        cursor.descend_existing(key);
        Self {
            cursor: Some(cursor),
        }
    }
}

impl<'a, V, K: PtrKind, A: Allocator> Iterator for Prefixes<'a, V, K, A> {
    type Item = (usize, &'a V);

    fn next(&mut self) -> Option<(usize, &'a V)> {
        while let Some(cursor) = &mut self.cursor {
            let found = cursor.get().map(|value| (cursor.path().len(), value));
            if !cursor.ascend_until(true) {
                self.cursor = None;
            }
            if found.is_some() {
                return found;
            }
        }
        None
    }
}

/// The keys that some key starts with, shortest first, and their values: what
/// [`PathMap::common_prefixes`] returns.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
///
/// let map = PathMap::from([("a", 1), ("ab", 2), ("b", 3)]);
/// let mut prefixes = map.common_prefixes("abc");
/// assert_eq!(prefixes.len(), 2);
/// assert_eq!(prefixes.next(), Some((&b"a"[..], &1)));
/// assert_eq!(prefixes.next_back(), Some((&b"ab"[..], &2)));
/// ```
pub struct CommonPrefixes<'k, 'a, V> {
    key: &'k [u8],
    /// Lengths and values, longest first.
    found: vec::IntoIter<(usize, &'a V)>,
}

impl<'k, 'a, V> Iterator for CommonPrefixes<'k, 'a, V> {
    type Item = (&'k [u8], &'a V);

    fn next(&mut self) -> Option<Self::Item> {
        let (len, value) = self.found.next_back()?;
        Some((&self.key[..len], value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.found.size_hint()
    }
}

impl<V> DoubleEndedIterator for CommonPrefixes<'_, '_, V> {
    fn next_back(&mut self) -> Option<Self::Item> {
        let (len, value) = self.found.next()?;
        Some((&self.key[..len], value))
    }
}

impl<V> ExactSizeIterator for CommonPrefixes<'_, '_, V> {}

impl<V> FusedIterator for CommonPrefixes<'_, '_, V> {}

impl<V> Clone for CommonPrefixes<'_, '_, V> {
    fn clone(&self) -> Self {
        Self {
            key: self.key,
            found: self.found.clone(),
        }
    }
}

impl<V> Default for CommonPrefixes<'_, '_, V> {
    /// No keys.
    fn default() -> Self {
        Self {
            key: &[],
            found: vec::IntoIter::default(),
        }
    }
}

impl<V: fmt::Debug> fmt::Debug for CommonPrefixes<'_, '_, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = self.clone().map(|(key, value)| (Literal(key), value));
        f.debug_list().entries(entries).finish()
    }
}
