//! A place in a map, looked up once and then filled, changed or emptied: the entry API of std.

use super::{Literal, PathMap};
use crate::raw::Trie;
use pleach_ptr::{Allocator, Global, PtrKind, Slim};
use std::fmt;

impl<V: Clone, K: PtrKind, A: Allocator> PathMap<V, K, A> {
    /// The entry of `path`, with a value or without; time in the length of `path`, of which it
    /// keeps a copy. Nothing changes until the entry is asked to.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let mut counts = PathMap::new();
    /// for word in ["to", "be", "or", "not", "to", "be"] {
    ///     *counts.entry(word).or_insert(0) += 1;
    /// }
    /// assert_eq!((counts["to"], counts["not"]), (2, 1));
    /// ```
    pub fn entry(&mut self, path: impl AsRef<[u8]>) -> Entry<'_, V, K, A> {
        let key = path.as_ref().to_vec();
        let trie = &mut self.trie;
        match trie.get(&key).is_some() {
            true => Entry::Occupied(OccupiedEntry { trie, key }),
            false => Entry::Vacant(VacantEntry { trie, key }),
        }
    }

    /// The place of the first key, to look at, change or empty; time in the length of the key.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let mut jobs = PathMap::from([("09:30", 2), ("08:15", 1)]);
    /// let mut next = jobs.first_entry().unwrap();
    /// *next.get_mut() -= 1;
    /// if *next.get() == 0 {
    ///     next.remove();
    /// }
    /// assert_eq!(jobs, PathMap::from([("09:30", 2)]));
    /// ```
    pub fn first_entry(&mut self) -> Option<OccupiedEntry<'_, V, K, A>> {
        let (key, _) = self.first_key_value()?;
        let trie = &mut self.trie;
        Some(OccupiedEntry { trie, key })
    }

    /// The place of the last key, to look at, change or empty; time in the length of the key.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let mut map = PathMap::from([("a", 1), ("b", 2)]);
    /// assert_eq!(map.last_entry().unwrap().remove_entry(), (b"b".to_vec(), 2));
    /// assert_eq!(map.last_entry().unwrap().key(), b"a");
    /// ```
    pub fn last_entry(&mut self) -> Option<OccupiedEntry<'_, V, K, A>> {
        let (key, _) = self.last_key_value()?;
        let trie = &mut self.trie;
        Some(OccupiedEntry { trie, key })
    }
}

/// A place in a map for the value of one key: what [`PathMap::entry`] returns.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
/// use pleach_trie::map::Entry;
///
/// let mut map = PathMap::from([("a", 1)]);
/// match map.entry("a") {
///     Entry::Occupied(entry) => assert_eq!(entry.remove(), 1),
///     Entry::Vacant(_) => unreachable!("the key has a value"),
/// }
/// assert!(map.is_empty());
/// ```
pub enum Entry<'a, V, K: PtrKind = Slim, A: Allocator = Global> {
    /// The key has a value.
    Occupied(OccupiedEntry<'a, V, K, A>),
    /// The key has none.
    Vacant(VacantEntry<'a, V, K, A>),
}

impl<'a, V: Clone, K: PtrKind, A: Allocator> Entry<'a, V, K, A> {
    /// The value, to change; `default` if there was none.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let mut map = PathMap::new();
    /// *map.entry("a").or_insert(1) += 1;
    /// assert_eq!(map["a"], 2);
    /// ```
    pub fn or_insert(self, default: V) -> &'a mut V {
        self.or_insert_with(|| default)
    }

    /// The value, to change; made by `default` if there was none, which is not called otherwise.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let mut map = PathMap::new();
    /// map.entry("t").or_insert_with(Vec::new).push("tea");
    /// assert_eq!(map["t"], ["tea"]);
    /// ```
    pub fn or_insert_with(self, default: impl FnOnce() -> V) -> &'a mut V {
        self.or_insert_with_key(|_| default())
    }

    /// The value, to change; made of the key by `default` if there was none.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let mut map = PathMap::new();
    /// assert_eq!(*map.entry("four").or_insert_with_key(|key| key.len()), 4);
    /// ```
    pub fn or_insert_with_key(self, default: impl FnOnce(&[u8]) -> V) -> &'a mut V {
        match self {
            Self::Occupied(entry) => entry.into_mut(),
            Self::Vacant(entry) => {
                let value = default(entry.key());
                entry.insert(value)
            }
        }
    }

    /// The value, to change; `V`'s default if there was none.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let mut map = PathMap::<u32>::new();
    /// assert_eq!(*map.entry("a").or_default(), 0);
    /// ```
    pub fn or_default(self) -> &'a mut V
    where
        V: Default,
    {
        self.or_insert_with(V::default)
    }

    /// Changes the value, if there is one.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let mut map = PathMap::from([("a", 1)]);
    /// map.entry("a").and_modify(|value| *value += 1).or_insert(7);
    /// map.entry("b").and_modify(|value| *value += 1).or_insert(7);
    /// assert_eq!((map["a"], map["b"]), (2, 7));
    /// ```
    #[must_use = "an entry that is only modified may as well be asked of `get_mut`"]
    pub fn and_modify(mut self, change: impl FnOnce(&mut V)) -> Self {
        if let Self::Occupied(entry) = &mut self {
            change(entry.get_mut());
        }
        self
    }

    /// Sets the value and keeps the entry.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let mut map = PathMap::new();
    /// let entry = map.entry("a").insert_entry(1);
    /// assert_eq!((entry.key(), entry.get()), (&b"a"[..], &1));
    /// ```
    pub fn insert_entry(self, value: V) -> OccupiedEntry<'a, V, K, A> {
        match self {
            Self::Occupied(mut entry) => {
                entry.insert(value);
                entry
            }
            Self::Vacant(entry) => entry.insert_entry(value),
        }
    }
}

impl<V, K: PtrKind, A: Allocator> Entry<'_, V, K, A> {
    /// The key.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// assert_eq!(PathMap::<u32>::new().entry("a").key(), b"a");
    /// ```
    pub fn key(&self) -> &[u8] {
        match self {
            Self::Occupied(entry) => entry.key(),
            Self::Vacant(entry) => entry.key(),
        }
    }
}

/// The place of a key that has a value. Each look at the value takes time in the length of the key.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
/// use pleach_trie::map::Entry;
///
/// let mut map = PathMap::from([("a", 1)]);
/// if let Entry::Occupied(mut entry) = map.entry("a") {
///     *entry.get_mut() += 1;
///     assert_eq!(entry.insert(5), 2);
///     assert_eq!(entry.remove_entry(), (b"a".to_vec(), 5));
/// }
/// ```
pub struct OccupiedEntry<'a, V, K: PtrKind = Slim, A: Allocator = Global> {
    /// Has a value at `key` for as long as the entry lives.
    trie: &'a mut Trie<V, K, A>,
    key: Vec<u8>,
}

/// Why a look at an occupied entry finds a value.
const OCCUPIED: &str = "an occupied entry has a value";

impl<V, K: PtrKind, A: Allocator> OccupiedEntry<'_, V, K, A> {
    /// The key.
    pub fn key(&self) -> &[u8] {
        &self.key
    }

    /// The value.
    pub fn get(&self) -> &V {
        self.trie.get(&self.key).expect(OCCUPIED)
    }
}

impl<'a, V: Clone, K: PtrKind, A: Allocator> OccupiedEntry<'a, V, K, A> {
    /// The value, to change while the entry is there.
    pub fn get_mut(&mut self) -> &mut V {
        self.trie.get_mut(&self.key).expect(OCCUPIED)
    }

    /// The value, to change for as long as the map is borrowed.
    pub fn into_mut(self) -> &'a mut V {
        self.trie.get_mut(&self.key).expect(OCCUPIED)
    }

    /// Sets the value and returns the one it replaces.
    pub fn insert(&mut self, value: V) -> V {
        std::mem::replace(self.get_mut(), value)
    }

    /// Takes the value out, as [`PathMap::remove`] does.
    pub fn remove(self) -> V {
        self.remove_entry().1
    }

    /// Takes the value out, as [`PathMap::remove`] does, and returns it with its key.
    pub fn remove_entry(self) -> (Vec<u8>, V) {
        let value = self.trie.remove_pruned(&self.key).expect(OCCUPIED);
        (self.key, value)
    }
}

/// The place of a key that has no value.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
/// use pleach_trie::map::Entry;
///
/// let mut map = PathMap::new();
/// if let Entry::Vacant(entry) = map.entry("a") {
///     *entry.insert(1) += 1;
/// }
/// if let Entry::Vacant(entry) = map.entry("b") {
///     assert_eq!(entry.into_key(), b"b");
/// }
/// assert_eq!(map, PathMap::from([("a", 2)]));
/// ```
pub struct VacantEntry<'a, V, K: PtrKind = Slim, A: Allocator = Global> {
    trie: &'a mut Trie<V, K, A>,
    key: Vec<u8>,
}

impl<V, K: PtrKind, A: Allocator> VacantEntry<'_, V, K, A> {
    /// The key.
    pub fn key(&self) -> &[u8] {
        &self.key
    }

    /// The key, without the entry.
    pub fn into_key(self) -> Vec<u8> {
        self.key
    }
}

impl<'a, V: Clone, K: PtrKind, A: Allocator> VacantEntry<'a, V, K, A> {
    /// Sets the value and returns it, to change; time in the length of the key.
    pub fn insert(self, value: V) -> &'a mut V {
        self.insert_entry(value).into_mut()
    }

    /// Sets the value and keeps the entry; time in the length of the key.
    pub fn insert_entry(self, value: V) -> OccupiedEntry<'a, V, K, A> {
        let Self { trie, key } = self;
        trie.insert(&key, value);
        OccupiedEntry { trie, key }
    }
}

impl<V: fmt::Debug, K: PtrKind, A: Allocator> fmt::Debug for Entry<'_, V, K, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Occupied(entry) => f.debug_tuple("Entry").field(entry).finish(),
            Self::Vacant(entry) => f.debug_tuple("Entry").field(entry).finish(),
        }
    }
}

impl<V: fmt::Debug, K: PtrKind, A: Allocator> fmt::Debug for OccupiedEntry<'_, V, K, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OccupiedEntry")
            .field("key", &Literal(&self.key))
            .field("value", self.get())
            .finish_non_exhaustive()
    }
}

impl<V, K: PtrKind, A: Allocator> fmt::Debug for VacantEntry<'_, V, K, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("VacantEntry")
            .field(&Literal(&self.key))
            .finish()
    }
}
