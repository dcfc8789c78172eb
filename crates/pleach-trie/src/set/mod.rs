//! [`PathSet`], an ordered set of byte strings: a [`PathMap`] without values, under the names of
//! std's sets.

mod algebra;
mod iter;
mod order;

pub use crate::map::IntoKeys;
pub use iter::{CommonPrefixes, Iter, Range};

use crate::PathMap;
use crate::map::{Literal, Memory, Sweep};
use pleach_ptr::{Allocator, Global, PtrKind, SharedAllocator, Slim};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

/// An ordered set of byte strings that clones in constant time.
///
/// It is a [`PathMap`] whose values say nothing, and everything that is said there of sharing,
/// locations and costs holds here. For what a set has no name for, such as zippers, see
/// [`as_map`](Self::as_map) and [`as_map_mut`](Self::as_map_mut).
///
/// # Examples
/// ```
/// use pleach_trie::PathSet;
///
/// let mut set = PathSet::from(["roman", "romulus"]);
/// let snapshot = set.clone();
/// assert!(set.insert("rome") && !set.insert("roman"));
///
/// assert!(set.iter().eq([&b"roman"[..], b"rome", b"romulus"]));
/// assert_eq!(snapshot.len(), 2);
/// ```
pub struct PathSet<K: PtrKind = Slim, A: Allocator = Global> {
    map: PathMap<(), K, A>,
}

impl PathSet {
    /// An empty set. It owns no node.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathSet;
    ///
    /// static EMPTY: PathSet = PathSet::new();
    /// assert!(EMPTY.is_empty());
    /// ```
    pub const fn new() -> Self {
        Self::with_kind_in(Global)
    }
}

impl<A: Allocator> PathSet<Slim, A> {
    /// An empty set whose nodes will live in `alloc`.
    ///
    /// # Examples
    /// ```
    /// use pleach_ptr::Global;
    /// use pleach_trie::PathSet;
    ///
    /// let mut set = PathSet::new_in(Global);
    /// set.insert("key");
    /// ```
    pub const fn new_in(alloc: A) -> Self {
        Self::with_kind_in(alloc)
    }
}

impl<K: PtrKind, A: Allocator> PathSet<K, A> {
    /// An empty set with pointers of kind `K` to nodes that will live in `alloc`.
    ///
    /// # Examples
    /// ```
    /// use pleach_ptr::{Global, Standard};
    /// use pleach_trie::PathSet;
    ///
    /// let mut set = PathSet::<Standard, _>::with_kind_in(Global);
    /// set.insert("key");
    /// ```
    pub const fn with_kind_in(alloc: A) -> Self {
        Self {
            map: PathMap::with_kind_in(alloc),
        }
    }

    /// The map of the keys.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathSet;
    /// use pleach_trie::zipper::*;
    ///
    /// let set = PathSet::from(["tea", "ten"]);
    /// let z = set.as_map().read_zipper_at_path("te");
    /// assert!(z.child_mask().iter().eq(*b"an"));
    /// ```
    pub const fn as_map(&self) -> &PathMap<(), K, A> {
        &self.map
    }

    /// The map of the keys, to change.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathSet;
    /// use pleach_trie::zipper::*;
    ///
    /// let mut set = PathSet::from(["tea", "ten", "to"]);
    /// let mut z = set.as_map_mut().write_zipper_at_path("te");
    /// z.remove_branches(true);
    /// drop(z);
    /// assert_eq!(set.len(), 1);
    /// ```
    pub const fn as_map_mut(&mut self) -> &mut PathMap<(), K, A> {
        &mut self.map
    }

    /// The map of the keys.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::{PathMap, PathSet};
    ///
    /// assert_eq!(PathSet::from(["a"]).into_map(), PathMap::from([("a", ())]));
    /// ```
    pub fn into_map(self) -> PathMap<(), K, A> {
        self.map
    }

    /// Whether `path` is in the set; time in the length of `path`.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathSet;
    ///
    /// let set = PathSet::from(["ab"]);
    /// assert!(set.contains("ab") && !set.contains("a"));
    /// ```
    pub fn contains(&self, path: impl AsRef<[u8]>) -> bool {
        self.map.contains_key(path)
    }

    /// The number of keys, in constant time; `usize::MAX` if there are more.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathSet;
    ///
    /// assert_eq!(PathSet::from(["a", "b", "a"]).len(), 2);
    /// ```
    pub fn len(&self) -> usize {
        self.map.len()
    }

    /// What the set takes of memory: see [`PathMap::memory`]. Time linear in its nodes.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathSet;
    ///
    /// let set: PathSet = (0..=u16::MAX).map(|n| n.to_be_bytes()).collect();
    /// assert!(set.memory().bytes_per_key() < 0.3);
    /// ```
    pub fn memory(&self) -> Memory {
        self.map.memory()
    }

    /// Whether the set has no key, nor any location but the root: see [`PathMap::is_empty`].
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathSet;
    ///
    /// assert!(!PathSet::from([""]).is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    /// Removes everything; time in the nodes that no other set shares.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathSet;
    ///
    /// let mut set = PathSet::from(["a"]);
    /// set.clear();
    /// assert!(set.is_empty());
    /// ```
    pub fn clear(&mut self) {
        self.map.clear();
    }

    /// The keys in byte order, each a new `Vec`.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathSet;
    ///
    /// assert!(PathSet::from(["b", "a"]).iter().eq([b"a", b"b"]));
    /// ```
    pub fn iter(&self) -> Iter<'_, K, A> {
        Iter::new(self.map.iter())
    }

    /// The keys that start with `path`, in byte order and whole. Time in the length of `path` to
    /// begin with.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathSet;
    ///
    /// let set = PathSet::from(["tea", "ten", "to"]);
    /// assert!(set.prefix("te").eq([b"tea", b"ten"]));
    /// ```
    pub fn prefix(&self, path: impl AsRef<[u8]>) -> Iter<'_, K, A> {
        Iter::new(self.map.prefix(path))
    }

    /// The longest key that `key` starts with, which may be `key` itself; time in the length of
    /// `key`.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathSet;
    ///
    /// let routes = PathSet::from(["/", "/users/"]);
    /// assert_eq!(routes.longest_prefix("/users/42"), Some(&b"/users/"[..]));
    /// assert_eq!(routes.longest_prefix("users"), None);
    /// ```
    pub fn longest_prefix<'k, Q>(&self, key: &'k Q) -> Option<&'k [u8]>
    where
        Q: AsRef<[u8]> + ?Sized,
    {
        let (prefix, ()) = self.map.longest_prefix(key)?;
        Some(prefix)
    }

    /// The keys that `key` starts with, which may include `key` itself, shortest first; time in the
    /// length of `key`.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathSet;
    ///
    /// let words = PathSet::from(["a", "and", "ant"]);
    /// assert!(words.common_prefixes("android").eq([&b"a"[..], b"and"]));
    /// ```
    pub fn common_prefixes<'k, Q>(&self, key: &'k Q) -> CommonPrefixes<'k, '_>
    where
        Q: AsRef<[u8]> + ?Sized,
    {
        CommonPrefixes::new(self.map.common_prefixes(key))
    }

    /// Whether the sets are the same in memory: see [`PathMap::ptr_eq`].
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathSet;
    ///
    /// let set = PathSet::from(["a"]);
    /// assert!(set.ptr_eq(&set.clone()));
    /// ```
    pub fn ptr_eq(&self, other: &Self) -> bool {
        self.map.ptr_eq(&other.map)
    }

    /// Adds `path`; true if it was not in the set. Time in the length of `path`.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathSet;
    ///
    /// let mut set = PathSet::new();
    /// assert!(set.insert("a"));
    /// assert!(!set.insert("a"));
    /// ```
    pub fn insert(&mut self, path: impl AsRef<[u8]>) -> bool {
        self.map.insert(path, ()).is_none()
    }

    /// Removes `path`, and the locations that then lead to nothing; true if it was in the set. Time in
    /// the length of `path`.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathSet;
    ///
    /// let mut set = PathSet::from(["a"]);
    /// assert!(set.remove("a"));
    /// assert!(!set.remove("a"));
    /// ```
    pub fn remove(&mut self, path: impl AsRef<[u8]>) -> bool {
        self.map.remove(path).is_some()
    }

    /// Keeps the keys for which `keep` says true, and removes the others as
    /// [`remove`](Self::remove) does, in byte order.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathSet;
    ///
    /// let mut set = PathSet::from(["a", "bb", "c"]);
    /// set.retain(|key| key.len() == 1);
    /// assert_eq!(set, PathSet::from(["a", "c"]));
    /// ```
    pub fn retain(&mut self, mut keep: impl FnMut(&[u8]) -> bool) {
        let mut sweep = Sweep::new(&mut self.map.trie);
        while sweep.advance() {
            if !keep(sweep.key()) {
                sweep.remove();
            }
        }
    }
}

impl<K: PtrKind, A: Allocator + Clone> PathSet<K, A> {
    /// Removes all keys that start with `path`; returns how many there were. Time in the length of
    /// `path` and in the nodes that no other set shares.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathSet;
    ///
    /// let mut set = PathSet::from(["te", "tea", "to"]);
    /// assert_eq!(set.remove_prefix("te"), 2);
    /// ```
    pub fn remove_prefix(&mut self, path: impl AsRef<[u8]>) -> usize {
        self.map.remove_prefix(path)
    }

    /// Moves all keys that start with `path` into a new set, whole; time in the length of `path`.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathSet;
    ///
    /// let mut set = PathSet::from(["tea", "ten", "to"]);
    /// assert_eq!(set.split_prefix("te"), PathSet::from(["tea", "ten"]));
    /// assert_eq!(set, PathSet::from(["to"]));
    /// ```
    #[must_use = "`remove_prefix` drops what it removes"]
    pub fn split_prefix(&mut self, path: impl AsRef<[u8]>) -> Self {
        Self::from(self.map.split_prefix(path))
    }

    /// Moves all keys that are `key` or come after it into a new set: see [`PathMap::split_off`].
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathSet;
    ///
    /// let mut set = PathSet::from(["a", "b", "c"]);
    /// assert_eq!(set.split_off("b"), PathSet::from(["b", "c"]));
    /// ```
    #[must_use = "what is split off is dropped otherwise"]
    pub fn split_off(&mut self, key: impl AsRef<[u8]>) -> Self {
        Self::from(self.map.split_off(key))
    }
}

impl<K: PtrKind, A: SharedAllocator> PathSet<K, A> {
    /// Moves everything out of `other`: see [`PathMap::append`].
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathSet;
    ///
    /// let mut set = PathSet::from(["a", "b"]);
    /// set.append(&mut PathSet::from(["b", "c"]));
    /// assert_eq!(set, PathSet::from(["a", "b", "c"]));
    /// ```
    pub fn append(&mut self, other: &mut Self) {
        self.map.append(&mut other.map);
    }
}

impl<K: PtrKind, A: Allocator + Clone> Clone for PathSet<K, A> {
    /// The same set, in constant time: it shares all nodes.
    fn clone(&self) -> Self {
        Self {
            map: self.map.clone(),
        }
    }
}

impl<K: PtrKind, A: Allocator + Default> Default for PathSet<K, A> {
    fn default() -> Self {
        Self::with_kind_in(A::default())
    }
}

impl<K: PtrKind, A: Allocator> fmt::Debug for PathSet<K, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(Literal)).finish()
    }
}

impl<K: PtrKind, A: Allocator> PartialEq for PathSet<K, A> {
    /// Whether both have the same keys: see the map's `==`.
    fn eq(&self, other: &Self) -> bool {
        self.map == other.map
    }
}

impl<K: PtrKind, A: Allocator> Eq for PathSet<K, A> {}

impl<K: PtrKind, A: Allocator> PartialOrd for PathSet<K, A> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<K: PtrKind, A: Allocator> Ord for PathSet<K, A> {
    /// Compares the keys in order.
    fn cmp(&self, other: &Self) -> Ordering {
        self.map.cmp(&other.map)
    }
}

impl<K: PtrKind, A: Allocator> Hash for PathSet<K, A> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.map.hash(state);
    }
}

impl<K: PtrKind, A: Allocator> From<PathMap<(), K, A>> for PathSet<K, A> {
    /// The keys of the map.
    fn from(map: PathMap<(), K, A>) -> Self {
        Self { map }
    }
}

impl<P: AsRef<[u8]>, const N: usize> From<[P; N]> for PathSet {
    fn from(keys: [P; N]) -> Self {
        Self::from_iter(keys)
    }
}

impl<P: AsRef<[u8]>, K: PtrKind, A: Allocator + Default> FromIterator<P> for PathSet<K, A> {
    fn from_iter<I: IntoIterator<Item = P>>(keys: I) -> Self {
        let mut set = Self::default();
        set.extend(keys);
        set
    }
}

impl<P: AsRef<[u8]>, K: PtrKind, A: Allocator> Extend<P> for PathSet<K, A> {
    fn extend<I: IntoIterator<Item = P>>(&mut self, keys: I) {
        self.map.extend(keys.into_iter().map(|key| (key, ())));
    }
}

impl<'a, K: PtrKind, A: Allocator> IntoIterator for &'a PathSet<K, A> {
    type Item = Vec<u8>;
    type IntoIter = Iter<'a, K, A>;

    fn into_iter(self) -> Iter<'a, K, A> {
        self.iter()
    }
}

impl<K: PtrKind, A: Allocator> IntoIterator for PathSet<K, A> {
    type Item = Vec<u8>;
    type IntoIter = IntoKeys<(), K, A>;

    /// The keys in byte order; uses the set up.
    fn into_iter(self) -> IntoKeys<(), K, A> {
        self.map.into_keys()
    }
}
