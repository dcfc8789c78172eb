//! [`PathMap`], an ordered map from byte strings to values, and its iterators.
//!
//! The names of std's maps are in this module (`insert`, `get`, `iter`, ...); those that speak of
//! locations, and those that hand out zippers, are in `paths`.

mod algebra;
mod bulk;
mod compare;
mod diff;
pub(crate) mod edit;
mod entry;
mod memory;
mod order;
mod paths;
mod picture;
mod prefix;
mod traits;

pub use crate::iter::{
    IntoIter, IntoKeys, IntoValues, Iter, IterMut, Keys, Range, RangeMut, Values, ValuesMut,
};
pub use bulk::ExtractIf;
pub(crate) use bulk::Sweep;
pub use diff::{Change, Diff, Merged};
pub use entry::{Entry, OccupiedEntry, VacantEntry};
pub use memory::{Memory, Nodes};
pub use picture::Tree;
pub use prefix::CommonPrefixes;
pub(crate) use traits::Literal;

use crate::raw::Trie;
use pleach_ptr::{Allocator, Global, PtrKind, Slim};

/// An ordered map from byte strings to values that clones in constant time.
///
/// Keys (*paths*) are anything that is `AsRef<[u8]>`; they are ordered as byte strings, the empty
/// one is a key like any other, and a key may be a prefix of another.
///
/// A clone shares all nodes with its original. A change copies the nodes on the way to the changed
/// place that some other map shares, values included (hence `V: Clone` where something changes), and
/// leaves the other map as it was.
///
/// Besides keys, a map has *locations*: every prefix of a key is one, and so is the root, the empty
/// path. [`create_path`](Self::create_path) makes a location that leads to no value; it is visible
/// to [`path_exists_at`](Self::path_exists_at), to zippers and to [`is_empty`](Self::is_empty), and
/// to nothing that concerns values.
///
/// `K` chooses how nodes are counted ([`Slim`] unless you have a reason) and `A` where they live.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
///
/// let mut map = PathMap::new();
/// map.insert("roman", 1);
/// map.insert("romulus", 2);
/// let snapshot = map.clone();
/// map.remove("roman");
///
/// assert_eq!(map.get("roman"), None);
/// assert_eq!(snapshot.get("roman"), Some(&1));
/// assert_eq!(map.keys().collect::<Vec<_>>(), [b"romulus"]);
/// ```
pub struct PathMap<V, K: PtrKind = Slim, A: Allocator = Global> {
    pub(crate) trie: Trie<V, K, A>,
}

impl<V> PathMap<V> {
    /// An empty map. It owns no node.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// static EMPTY: PathMap<u32> = PathMap::new();
    /// assert!(EMPTY.is_empty());
    /// ```
    pub const fn new() -> Self {
        Self::with_kind_in(Global)
    }

    /// A map with one key.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// assert_eq!(PathMap::single("key", 7).get("key"), Some(&7));
    /// ```
    pub fn single(path: impl AsRef<[u8]>, value: V) -> Self
    where
        V: Clone,
    {
        Self::from([(path, value)])
    }
}

impl<V, A: Allocator> PathMap<V, Slim, A> {
    /// An empty map whose nodes will live in `alloc`.
    ///
    /// # Examples
    /// ```
    /// use pleach_ptr::Global;
    /// use pleach_trie::PathMap;
    ///
    /// let mut map = PathMap::new_in(Global);
    /// map.insert("key", 7);
    /// ```
    pub const fn new_in(alloc: A) -> Self {
        Self::with_kind_in(alloc)
    }
}

impl<V, K: PtrKind, A: Allocator> PathMap<V, K, A> {
    /// An empty map with pointers of kind `K` to nodes that will live in `alloc`.
    ///
    /// # Examples
    /// ```
    /// use pleach_ptr::{Global, Standard};
    /// use pleach_trie::PathMap;
    ///
    /// let mut map = PathMap::<_, Standard, _>::with_kind_in(Global);
    /// map.insert("key", 7);
    /// ```
    pub const fn with_kind_in(alloc: A) -> Self {
        Self::from_trie(Trie::new(alloc))
    }

    pub(crate) const fn from_trie(trie: Trie<V, K, A>) -> Self {
        Self { trie }
    }

    /// The value at `path`; time in the length of `path`.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let map = PathMap::from([("a", 1)]);
    /// assert_eq!(map.get(b"a"), Some(&1));
    /// assert_eq!(map.get(b"b"), None);
    /// ```
    pub fn get(&self, path: impl AsRef<[u8]>) -> Option<&V> {
        self.trie.get(path.as_ref())
    }

    /// Whether there is a value at `path`; time in the length of `path`.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let map = PathMap::from([("ab", 1)]);
    /// assert!(map.contains_key("ab"));
    /// assert!(!map.contains_key("a"));
    /// ```
    pub fn contains_key(&self, path: impl AsRef<[u8]>) -> bool {
        self.get(path).is_some()
    }

    /// The number of keys, in constant time; `usize::MAX` if there are more.
    ///
    /// More than `usize::MAX` keys come about when a map is grafted below itself again and again:
    /// shared nodes are counted once for each path that leads to them.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// assert_eq!(PathMap::from([("a", 1), ("b", 2)]).len(), 2);
    /// ```
    pub fn len(&self) -> usize {
        saturate(self.trie.count())
    }

    /// Whether the map has no value and no location but the root.
    ///
    /// A map without values is not empty if it has locations that lead to none.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let mut map = PathMap::<()>::new();
    /// assert!(map.is_empty());
    /// map.create_path("somewhere");
    /// assert!(!map.is_empty() && map.len() == 0);
    /// ```
    pub fn is_empty(&self) -> bool {
        self.trie.is_empty()
    }

    /// Drops all values and locations; time in the nodes that no other map shares.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let mut map = PathMap::from([("a", 1)]);
    /// map.clear();
    /// assert!(map.is_empty());
    /// ```
    pub fn clear(&mut self) {
        self.trie.clear();
    }

    /// The keys and values in byte order. Each key is a new `Vec`: a
    /// [zipper](Self::read_zipper) walks without allocating.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let map = PathMap::from([("b", 2), ("a", 1), ("", 0)]);
    /// let entries: Vec<_> = map.iter().collect();
    /// assert_eq!(entries, [(vec![], &0), (b"a".to_vec(), &1), (b"b".to_vec(), &2)]);
    /// ```
    pub fn iter(&self) -> Iter<'_, V, K, A> {
        Iter::new(&self.trie, &[], 0)
    }

    /// The keys in byte order, each a new `Vec`.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let map = PathMap::from([("b", 2), ("a", 1)]);
    /// assert!(map.keys().eq([b"a", b"b"]));
    /// ```
    pub fn keys(&self) -> Keys<'_, V, K, A> {
        Keys::new(&self.trie)
    }

    /// The values in the order of their keys, without an allocation for each.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let map = PathMap::from([("b", 2), ("a", 1)]);
    /// assert!(map.values().eq(&[1, 2]));
    /// ```
    pub fn values(&self) -> Values<'_, V, K, A> {
        Values::new(&self.trie)
    }

    /// The entries whose keys start with `path`, in byte order and with their whole keys. Time in
    /// the length of `path` to begin with.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let map = PathMap::from([("tea", 1), ("ten", 2), ("to", 3)]);
    /// let keys: Vec<_> = map.prefix("te").map(|(key, _)| key).collect();
    /// assert_eq!(keys, [b"tea", b"ten"]);
    /// ```
    pub fn prefix(&self, path: impl AsRef<[u8]>) -> Iter<'_, V, K, A> {
        Iter::new(&self.trie, path.as_ref(), 0)
    }

    /// Whether the maps are the same in memory: one is a clone of the other, and neither has been
    /// changed since. Two empty maps are.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let map = PathMap::from([("a", 1)]);
    /// assert!(map.ptr_eq(&map.clone()));
    /// assert!(!map.ptr_eq(&PathMap::from([("a", 1)])));
    /// ```
    pub fn ptr_eq(&self, other: &Self) -> bool {
        self.trie.ptr_eq(&other.trie)
    }

    /// Checks every node against the invariants of the structure, for tests.
    ///
    /// # Errors
    /// Says what is wrong, and where.
    #[cfg(feature = "testing")]
    pub fn check(&self) -> Result<(), String> {
        self.trie.check()
    }
}

impl<V: Clone, K: PtrKind, A: Allocator> PathMap<V, K, A> {
    /// Sets the value at `path` and returns the one it replaces; time in the length of `path`.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let mut map = PathMap::new();
    /// assert_eq!(map.insert("a", 1), None);
    /// assert_eq!(map.insert("a", 2), Some(1));
    /// ```
    pub fn insert(&mut self, path: impl AsRef<[u8]>, value: V) -> Option<V> {
        self.trie.insert(path.as_ref(), value)
    }

    /// The value at `path`, to change; time in the length of `path`.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let mut map = PathMap::from([("a", 1)]);
    /// *map.get_mut("a").unwrap() += 1;
    /// assert_eq!(map.get("a"), Some(&2));
    /// ```
    pub fn get_mut(&mut self, path: impl AsRef<[u8]>) -> Option<&mut V> {
        self.trie.get_mut(path.as_ref())
    }

    /// Takes the value at `path` out, and with it the locations that then lead to nothing; time in
    /// the length of `path`.
    ///
    /// This is [`remove_val_at`](Self::remove_val_at)`(path, true)`.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let mut map = PathMap::from([("a", 1)]);
    /// assert_eq!(map.remove("a"), Some(1));
    /// assert_eq!(map.remove("a"), None);
    /// assert!(map.is_empty());
    /// ```
    pub fn remove(&mut self, path: impl AsRef<[u8]>) -> Option<V> {
        self.remove_val_at(path, true)
    }
}

/// A count as `usize`, as large as that can be.
pub(crate) fn saturate(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
