//! [`LocalTrie`]: levels 1 and 2 for a trie that stays in one thread.

use crate::PathMap;
use std::fmt;
use std::marker::PhantomData;

/// A trie of one thread, where to have it `&mut` is to be the writer: levels 1 and 2 without tokens.
///
/// It is a [`PathMap`] that does not leave its thread. Readers borrow it, and nothing changes meanwhile
/// (level 1); or they keep a [snapshot](Self::snapshot), whose nodes live until it is dropped (level 2).
///
/// # Examples
/// ```
/// use pleach_trie::LocalTrie;
///
/// let mut trie = LocalTrie::new();
/// trie.insert("a", 1);
/// let reader = trie.snapshot();
/// trie.insert("a", 2);
/// assert_eq!((reader.get("a"), trie.get("a")), (Some(&1), Some(&2)));
/// ```
///
/// What is borrowed does not change:
///
/// ```compile_fail,E0502
/// let mut trie = pleach_trie::LocalTrie::new();
/// trie.insert("a", 1);
/// let one = trie.get("a");
/// trie.insert("a", 2);
/// assert_eq!(one, Some(&1));
/// ```
///
/// ```
/// let mut trie = pleach_trie::LocalTrie::new();
/// trie.insert("a", 1);
/// let one = trie.get("a");
/// assert_eq!(one, Some(&1));
/// trie.insert("a", 2);
/// ```
pub struct LocalTrie<V> {
    map: PathMap<V>,
    stays: PhantomData<*const ()>,
}

impl<V> LocalTrie<V> {
    /// An empty trie.
    pub const fn new() -> Self {
        Self {
            map: PathMap::new(),
            stays: PhantomData,
        }
    }

    /// The value at `key`; time in the length of `key`.
    pub fn get(&self, key: impl AsRef<[u8]>) -> Option<&V> {
        self.map.get(key)
    }

    /// Whether there is a value at `key`; time in the length of `key`.
    pub fn contains(&self, key: impl AsRef<[u8]>) -> bool {
        self.map.contains_key(key)
    }

    /// The number of keys.
    pub fn len(&self) -> usize {
        self.map.len()
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The trie as it is now, in constant time; it stays so while this one changes.
    pub fn snapshot(&self) -> PathMap<V> {
        self.map.clone()
    }

    /// The trie as a map, to read with all that maps can do.
    pub fn as_map(&self) -> &PathMap<V> {
        &self.map
    }

    /// The trie as a map that may go to other threads, where its values may.
    pub fn into_map(self) -> PathMap<V> {
        self.map
    }
}

impl<V: Clone> LocalTrie<V> {
    /// Sets the value at `key` and returns the one it replaces; time in the length of `key`.
    pub fn insert(&mut self, key: impl AsRef<[u8]>, value: V) -> Option<V> {
        self.map.insert(key, value)
    }

    /// Takes the value at `key` out; time in the length of `key`.
    pub fn remove(&mut self, key: impl AsRef<[u8]>) -> Option<V> {
        self.map.remove(key)
    }
}

impl<V> Default for LocalTrie<V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<V> From<PathMap<V>> for LocalTrie<V> {
    fn from(map: PathMap<V>) -> Self {
        Self {
            map,
            stays: PhantomData,
        }
    }
}

impl<V: fmt::Debug> fmt::Debug for LocalTrie<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LocalTrie").field(&self.map).finish()
    }
}
