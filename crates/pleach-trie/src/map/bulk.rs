//! Changes of many entries at once, and look-ups of many.

use super::{PathMap, saturate};
use crate::raw::{Cursor, Trie};
use pleach_ptr::{Allocator, Global, PtrKind, SharedAllocator, Slim};
use std::fmt;
use std::iter::FusedIterator;

impl<V, K: PtrKind, A: Allocator> PathMap<V, K, A> {
    /// The values at `paths`, in the order of `paths`; time in their lengths.
    ///
    /// The way to look up many keys that are known beforehand. Sixteen look-ups at a time take turns
    /// node by node, so that they wait for memory together: on a map much larger than the caches this
    /// takes a fraction of the time of as many calls of [`get`](Self::get).
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let map = PathMap::from([("a", 1), ("b", 2)]);
    /// assert_eq!(map.get_many(&["b", "c", "a"]), [Some(&2), None, Some(&1)]);
    /// ```
    pub fn get_many(&self, paths: &[impl AsRef<[u8]>]) -> Vec<Option<&V>> {
        self.trie.get_many(paths)
    }
}

impl<V: Clone, K: PtrKind, A: Allocator> PathMap<V, K, A> {
    /// Keeps the entries for which `keep` says true, and removes the others as
    /// [`remove`](Self::remove) does, in byte order; time in the lengths of all keys.
    ///
    /// Since `keep` may change the values, every node with values that another map shares is copied.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let mut map = PathMap::from([("a", 1), ("b", 2), ("c", 3)]);
    /// map.retain(|key, value| {
    ///     *value *= 10;
    ///     key != b"b"
    /// });
    /// assert_eq!(map, PathMap::from([("a", 10), ("c", 30)]));
    /// ```
    pub fn retain(&mut self, mut keep: impl FnMut(&[u8], &mut V) -> bool) {
        self.extract_if(|key, value| !keep(key, value))
            .for_each(drop);
    }

    /// An iterator that takes the entries out for which `take` says true, in byte order and each when
    /// it is asked for. Entries that it has not come to when it is dropped stay.
    ///
    /// Time in the length of each key that is visited. Nodes are copied as by
    /// [`retain`](Self::retain), as far as the iterator comes.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let mut map: PathMap<u8> = (0..9).map(|n: u8| ([n], n)).collect();
    /// let odd = map.extract_if(|_, value| *value % 2 == 1);
    /// assert!(odd.map(|(_, value)| value).eq([1, 3, 5, 7]));
    /// assert!(map.values().eq(&[0, 2, 4, 6, 8]));
    /// ```
    #[must_use = "entries are taken out when the iterator is asked for them: see `retain`"]
    pub fn extract_if<F>(&mut self, take: F) -> ExtractIf<'_, V, F, K, A>
    where
        F: FnMut(&[u8], &mut V) -> bool,
    {
        let sweep = Sweep::new(&mut self.trie);
        ExtractIf { sweep, take }
    }
}

impl<V: Clone, K: PtrKind, A: SharedAllocator> PathMap<V, K, A> {
    /// Moves everything out of `other`; where both have a value, that of `other` stays.
    ///
    /// Branches that only `other` has move as they are. So the time is in the number of branches,
    /// and in the keys and values where branches of both have to be merged.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let mut map = PathMap::from([("a", 1), ("b", 2)]);
    /// let mut other = PathMap::from([("b", 20), ("c", 30)]);
    /// map.append(&mut other);
    /// assert_eq!(map, PathMap::from([("a", 1), ("b", 20), ("c", 30)]));
    /// assert!(other.is_empty());
    /// ```
    pub fn append(&mut self, other: &mut Self) {
        if self.ptr_eq(other) {
            other.clear();
        }
        while !other.is_empty() {
            self.trie.absorb_part(&mut other.trie);
        }
    }
}

impl<V: Clone, K: PtrKind, A: Allocator + Clone> PathMap<V, K, A> {
    /// Moves all entries whose keys are `key` or come after it into a new map.
    ///
    /// Branches move whole: time in the length of `key`, once for each branch beside its path that
    /// comes after it.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let mut map = PathMap::from([("a", 1), ("b", 2), ("ba", 3), ("c", 4)]);
    /// let after = map.split_off("b");
    /// assert!(map.keys().eq([b"a"]));
    /// assert_eq!(after.len(), 3);
    /// ```
    #[must_use = "what is split off is dropped otherwise"]
    pub fn split_off(&mut self, key: impl AsRef<[u8]>) -> Self {
        let key = key.as_ref();
        let mut after = Trie::new(self.trie.allocator().clone());
        let parts = parts_from(&self.trie, key);
        if !parts.is_empty() {
            self.trie.own(key);
        }
        for path in parts {
            self.trie.move_to(&mut after, &path);
        }
        Self::from_trie(after)
    }
}

/// The branches that hold all that is at `key` or comes after it: `key` itself, and the later siblings
/// of its starts.
fn parts_from<V, K: PtrKind, A: Allocator>(trie: &Trie<V, K, A>, key: &[u8]) -> Vec<Vec<u8>> {
    let mut cursor = Cursor::new(trie, &[]);
    cursor.descend_existing(key);
    let mut parts = Vec::new();
    loop {
        let path = cursor.path();
        match key.get(path.len()) {
            Some(&byte) => {
                let after = cursor.mask().iter().filter(|&sibling| sibling > byte);
                parts.extend(after.map(|sibling| [path, &[sibling]].concat()));
            }
            None => parts.push(key.to_vec()),
        }
        if !cursor.ascend_until(false) {
            return parts;
        }
    }
}

impl<V: Clone, K: PtrKind, A: Allocator + Clone> Trie<V, K, A> {
    /// Moves what is at and below `path`, and the location itself, to the same place in `other`, where
    /// there is nothing. Both live in the same allocator.
    pub(super) fn move_to(&mut self, other: &mut Self, path: &[u8]) {
        let exists = self.exists(path);
        let part = self.take(path);
        if !part.is_empty() {
            other.put(path, part);
        } else if exists {
            other.create(path);
        }
    }
}

/// No branch with fewer values is worth being looked through for parts that move whole.
const FEW: u64 = 32;

impl<V: Clone, K: PtrKind, A: SharedAllocator> Trie<V, K, A> {
    /// Moves a part of `other`, which is not empty, to the same place here: the first branch that is
    /// not here, or a value or a few where both have something.
    fn absorb_part(&mut self, other: &mut Self) {
        let mut here = Cursor::new(&*self, &[]);
        let mut there = Cursor::new(&*other, &[]);
        let (path, few) = loop {
            let exists = !self.is_empty() && here.path().len() == there.path().len();
            let few = there.count() <= FEW;
            if !exists || few || there.get().is_some() {
                break (there.path().to_vec(), exists.then_some(few));
            }
            let from = there.path().len();
            if there.descend_until(usize::MAX) == 0 {
                let first = there.mask().iter().next();
                there.descend(first.as_slice());
            }
            here.descend_existing(&there.path()[from..]);
        };
        match few {
            None => self.absorb_branch(other, &path),
            Some(true) => self.absorb_each(other, &path),
            Some(false) => {
                self.own_through(&path);
                if let Some(value) = other.remove(&path) {
                    drop(self.insert(&path, value));
                }
            }
        }
    }

    /// Moves what `other` has at and below `path`, where there is nothing here.
    fn absorb_branch(&mut self, other: &mut Self, path: &[u8]) {
        // User code runs before anything moves: what clones leave undone is still there.
        let copy = (!self.allocator().same(other.allocator()))
            .then(|| other.subtrie(path).rehome(self.allocator()));
        self.own(path);
        let part = other.take(path);
        let (part, old) = match copy {
            Some(copy) => (copy, Some(part)),
            None => (part, None),
        };
        match part.is_empty() {
            true => drop(self.create(path)),
            false => self.put(path, part),
        }
        drop(old);
    }

    /// Moves the values that `other` has at and below `path`, and locations that dangle, one by one.
    fn absorb_each(&mut self, other: &mut Self, path: &[u8]) {
        let mut keys = Vec::new();
        other.entries_below(path, |key| keys.push([path, key].concat()));
        // User code runs before anything moves, and after.
        for key in &keys {
            self.own_through(key);
            other.own_through(key);
        }
        let mut part = other.take(path);
        let mut replaced = Vec::new();
        for key in keys {
            match part.remove(&key[path.len()..]) {
                Some(value) => replaced.extend(self.insert(&key, value)),
                None => drop(self.create(&key)),
            }
        }
    }
}

/// A walk over all values in order that may change and remove them.
pub(crate) struct Sweep<'a, V, K: PtrKind, A: Allocator> {
    cursor: Cursor<&'a mut Trie<V, K, A>>,
    started: bool,
    /// Values ahead; no fewer than there are.
    ahead: u64,
}

impl<'a, V: Clone, K: PtrKind, A: Allocator> Sweep<'a, V, K, A> {
    pub(crate) fn new(trie: &'a mut Trie<V, K, A>) -> Self {
        Self {
            ahead: trie.count(),
            cursor: Cursor::new(trie, &[]),
            started: false,
        }
    }

    /// To the next value, past the one at hand, whether it was removed or not.
    pub(crate) fn advance(&mut self) -> bool {
        if self.ahead == 0 {
            return false;
        }
        self.ahead -= 1;
        let started = std::mem::replace(&mut self.started, true);
        (!started && self.cursor.value().is_some()) || self.cursor.next_value()
    }

    /// The key of the value at hand.
    pub(crate) fn key(&self) -> &[u8] {
        self.cursor.origin_path()
    }

    /// Takes the value at hand out, and the locations that then lead to nothing.
    pub(crate) fn remove(&mut self) -> Option<V> {
        let (trie, key) = self.cursor.edit();
        trie.remove_pruned(key)
    }
}

/// An iterator that takes entries out of a map: what [`PathMap::extract_if`] returns.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
///
/// let mut map = PathMap::from([("a", 1), ("b", 2), ("c", 3)]);
/// let mut some = map.extract_if(|_, value| *value > 1);
/// assert_eq!(some.next(), Some((b"b".to_vec(), 2)));
/// drop(some);
/// assert_eq!(map, PathMap::from([("a", 1), ("c", 3)]));
/// ```
pub struct ExtractIf<'a, V, F, K: PtrKind = Slim, A: Allocator = Global> {
    sweep: Sweep<'a, V, K, A>,
    take: F,
}

impl<V: Clone, F, K: PtrKind, A: Allocator> Iterator for ExtractIf<'_, V, F, K, A>
where
    F: FnMut(&[u8], &mut V) -> bool,
{
    type Item = (Vec<u8>, V);

    fn next(&mut self) -> Option<(Vec<u8>, V)> {
        while self.sweep.advance() {
            let (trie, key) = self.sweep.cursor.edit();
            let value = trie.get_mut(key)?;
            if (self.take)(key, value) {
                let key = key.to_vec();
                return Some((key, self.sweep.remove()?));
            }
        }
        None
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let ahead = saturate(self.sweep.ahead);
        (0, (ahead < usize::MAX).then_some(ahead))
    }
}

impl<V: Clone, F, K: PtrKind, A: Allocator> FusedIterator for ExtractIf<'_, V, F, K, A> where
    F: FnMut(&[u8], &mut V) -> bool
{
}

impl<V, F, K: PtrKind, A: Allocator> fmt::Debug for ExtractIf<'_, V, F, K, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExtractIf").finish_non_exhaustive()
    }
}
