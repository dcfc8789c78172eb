//! Locations of a [`PathMap`], and the zippers that move among them.

use super::PathMap;
use crate::zipper::{
    ReadZipper, ReadZipperOwned, WriteZipper, WriteZipperOwned, ZipperHead, ZipperHeadOwned,
};
use pleach_ptr::{Allocator, PtrKind};

impl<V, K: PtrKind, A: Allocator> PathMap<V, K, A> {
    /// Whether there is a value at `path`: another name for [`contains_key`](Self::contains_key).
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// assert!(PathMap::from([("ab", 1)]).contains("ab"));
    /// ```
    pub fn contains(&self, path: impl AsRef<[u8]>) -> bool {
        self.contains_key(path)
    }

    /// The number of values, in constant time: another name for [`len`](Self::len).
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// assert_eq!(PathMap::from([("a", 1), ("b", 2)]).val_count(), 2);
    /// ```
    pub fn val_count(&self) -> usize {
        self.len()
    }

    /// The value at `path`: another name for [`get`](Self::get).
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// assert_eq!(PathMap::from([("a", 1)]).get_val_at("a"), Some(&1));
    /// ```
    pub fn get_val_at(&self, path: impl AsRef<[u8]>) -> Option<&V> {
        self.get(path)
    }

    /// Whether `path` is a location: the root, a prefix of a key or a key, or made by
    /// [`create_path`](Self::create_path). Time in the length of `path`.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let map = PathMap::from([("abc", 1)]);
    /// assert!(map.path_exists_at("") && map.path_exists_at("ab"));
    /// assert!(!map.path_exists_at("b"));
    /// ```
    pub fn path_exists_at(&self, path: impl AsRef<[u8]>) -> bool {
        self.trie.exists(path.as_ref())
    }

    /// A zipper that reads the map, at its root.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let map = PathMap::from([("tea", 1), ("ten", 2)]);
    /// let mut z = map.read_zipper();
    /// z.descend_until();
    /// assert_eq!(z.path(), b"te");
    /// assert!(z.child_mask().iter().eq(*b"an"));
    /// ```
    pub fn read_zipper(&self) -> ReadZipper<'_, V, K, A> {
        self.read_zipper_at_path([])
    }

    /// A zipper that reads what is at and below `path`, which need not be a location.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let map = PathMap::from([("tea", 1), ("ten", 2)]);
    /// let mut z = map.read_zipper_at_path("te");
    /// assert!(z.to_next_val());
    /// assert_eq!((z.path(), z.origin_path()), (&b"a"[..], &b"tea"[..]));
    /// ```
    pub fn read_zipper_at_path(&self, path: impl AsRef<[u8]>) -> ReadZipper<'_, V, K, A> {
        ReadZipper::new(&self.trie, path.as_ref())
    }

    /// A zipper that reads and changes the map, at its root.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let mut map = PathMap::new();
    /// let mut z = map.write_zipper();
    /// z.move_to_path("key");
    /// z.set_val(7);
    /// drop(z);
    /// assert_eq!(map.get("key"), Some(&7));
    /// ```
    pub fn write_zipper(&mut self) -> WriteZipper<'_, V, K, A> {
        self.write_zipper_at_path([])
    }

    /// A zipper that reads and changes what is at and below `path`, which need not be a location.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let mut map = PathMap::from([("tea", 1), ("to", 2)]);
    /// map.write_zipper_at_path("te").remove_branches(false);
    /// assert!(map.path_exists_at("te") && !map.contains("tea"));
    /// ```
    pub fn write_zipper_at_path(&mut self, path: impl AsRef<[u8]>) -> WriteZipper<'_, V, K, A> {
        WriteZipper::new(&mut self.trie, path.as_ref())
    }

    /// A zipper that owns the map and reads what is at and below `path`.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let map = PathMap::from([("tea", 1), ("to", 2)]);
    /// let z = map.clone().into_read_zipper("te");
    /// let values = std::thread::spawn(move || z.val_count()).join().unwrap();
    /// assert_eq!(values, 1);
    /// ```
    pub fn into_read_zipper(self, path: impl AsRef<[u8]>) -> ReadZipperOwned<V, K, A> {
        ReadZipperOwned::new(self.trie, path.as_ref())
    }

    /// A zipper that owns the map, and reads and changes what is at and below `path`.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let mut z = PathMap::new().into_write_zipper("te");
    /// z.descend_to("a");
    /// z.set_val(1);
    /// assert_eq!(z.into_map().get("tea"), Some(&1));
    /// ```
    pub fn into_write_zipper(self, path: impl AsRef<[u8]>) -> WriteZipperOwned<V, K, A> {
        WriteZipperOwned::new(self.trie, path.as_ref())
    }

    /// A head: it hands out zippers on the map to several threads at a time.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let mut map = PathMap::new();
    /// let head = map.zipper_head();
    /// std::thread::scope(|s| {
    ///     s.spawn(|| head.write_zipper_at_exclusive_path("a").unwrap().set_val(1));
    ///     s.spawn(|| head.write_zipper_at_exclusive_path("b").unwrap().set_val(2));
    /// });
    /// drop(head);
    /// assert_eq!(map.len(), 2);
    /// ```
    pub fn zipper_head(&mut self) -> ZipperHead<'_, V, K, A> {
        ZipperHead::new(&mut self.trie, &[])
    }

    /// A head that owns the map, and hands out zippers on what is at and below `path`. Its zippers
    /// can go to threads and tasks that outlive this one.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let head = PathMap::from([("te", 0)]).into_zipper_head("te");
    /// let clone = head.clone();
    /// std::thread::spawn(move || clone.acquire_write("a").set_val(1)).join().unwrap();
    /// assert_eq!(head.try_into_map().unwrap().get("tea"), Some(&1));
    /// ```
    pub fn into_zipper_head(self, path: impl AsRef<[u8]>) -> ZipperHeadOwned<V, K, A> {
        ZipperHeadOwned::new(self.trie, path.as_ref())
    }
}

impl<V: Clone, K: PtrKind, A: Allocator> PathMap<V, K, A> {
    /// Sets the value at `path`: another name for [`insert`](Self::insert).
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let mut map = PathMap::new();
    /// assert_eq!(map.set_val_at("a", 1), None);
    /// ```
    pub fn set_val_at(&mut self, path: impl AsRef<[u8]>, value: V) -> Option<V> {
        self.insert(path, value)
    }

    /// The value at `path`, to change: another name for [`get_mut`](Self::get_mut).
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let mut map = PathMap::from([("a", 1)]);
    /// *map.get_val_mut_at("a").unwrap() = 5;
    /// assert_eq!(map.get("a"), Some(&5));
    /// ```
    pub fn get_val_mut_at(&mut self, path: impl AsRef<[u8]>) -> Option<&mut V> {
        self.get_mut(path)
    }

    /// The value at `path`, to change; `default` if there was none. Time in the length of `path`.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let mut counts = PathMap::new();
    /// for word in ["to", "be", "or", "not", "to", "be"] {
    ///     *counts.get_val_or_set_mut_at(word, 0) += 1;
    /// }
    /// assert_eq!(counts.get("be"), Some(&2));
    /// ```
    pub fn get_val_or_set_mut_at(&mut self, path: impl AsRef<[u8]>, default: V) -> &mut V {
        self.get_val_or_set_mut_with_at(path, || default)
    }

    /// The value at `path`, to change; made by `default` if there was none, which is not called
    /// otherwise. Time in the length of `path`.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let mut words = PathMap::new();
    /// for word in ["tea", "ten", "to"] {
    ///     words.get_val_or_set_mut_with_at(&word[..1], Vec::new).push(word);
    /// }
    /// assert_eq!(words.get("t").unwrap().len(), 3);
    /// ```
    pub fn get_val_or_set_mut_with_at(
        &mut self,
        path: impl AsRef<[u8]>,
        default: impl FnOnce() -> V,
    ) -> &mut V {
        self.trie.get_or_insert_with(path.as_ref(), default)
    }

    /// Takes the value at `path` out. The location stays, unless `prune` says that it goes, with
    /// those above it, where nothing else needs them. Time in the length of `path`.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let mut map = PathMap::from([("ab", 1), ("abcd", 2)]);
    /// assert_eq!(map.remove_val_at("abcd", false), Some(2));
    /// assert!(map.path_exists_at("abcd"));
    /// assert_eq!(map.remove_val_at("abcd", true), None);
    /// assert!(!map.path_exists_at("abc") && map.contains("ab"));
    /// ```
    pub fn remove_val_at(&mut self, path: impl AsRef<[u8]>, prune: bool) -> Option<V> {
        match prune {
            true => self.trie.remove_pruned(path.as_ref()),
            false => self.trie.remove(path.as_ref()),
        }
    }

    /// Makes `path` a location, and so all its prefixes; true if it was none. Time in the length of
    /// `path`.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let mut map = PathMap::<()>::new();
    /// assert!(map.create_path("ab"));
    /// assert!(!map.create_path("a"));
    /// assert_eq!(map.val_count(), 0);
    /// ```
    pub fn create_path(&mut self, path: impl AsRef<[u8]>) -> bool {
        self.trie.create(path.as_ref())
    }

    /// Removes the location `path` if it has neither a value nor children, and those above it that
    /// are left with neither; returns how many went. Time in the length of `path`.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let mut map = PathMap::from([("ab", 1)]);
    /// map.create_path("abcd");
    /// assert_eq!(map.prune_path("abcd"), 2);
    /// assert_eq!(map.prune_path("ab"), 0);
    /// ```
    pub fn prune_path(&mut self, path: impl AsRef<[u8]>) -> usize {
        self.trie.prune(path.as_ref(), 0)
    }
}

impl<V: Clone, K: PtrKind, A: Allocator + Clone> PathMap<V, K, A> {
    /// Removes all locations below `path`, their values with them; true if there were any. The value
    /// at `path` stays, and so does the location, unless `prune` says otherwise. Time in the length
    /// of `path` and in the nodes that no other map shares.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let mut map = PathMap::from([("te", 0), ("tea", 1), ("ten", 2)]);
    /// assert!(map.remove_branches_at("te", true));
    /// assert!(map.contains("te") && !map.contains("tea"));
    /// ```
    pub fn remove_branches_at(&mut self, path: impl AsRef<[u8]>, prune: bool) -> bool {
        let path = path.as_ref();
        let branches = self.trie.take_branches(path);
        if prune {
            self.trie.prune(path, 0);
        }
        !branches.is_empty()
    }
}
