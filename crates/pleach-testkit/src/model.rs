//! The oracle for maps: a prefix-closed set of locations, each with a value or without.

use crate::values::Seeded;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound::{Excluded, Included, Unbounded};

/// A map of byte strings, obviously right and slow.
///
/// A *location* is a byte string that the map knows, with a value or without. The root (the empty
/// string) is always one, and so is every prefix of a location.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model<V> {
    locations: BTreeMap<Vec<u8>, Option<V>>,
}

impl<V> Default for Model<V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<V> Model<V> {
    /// The empty map: the root, and no value.
    pub fn new() -> Self {
        Self {
            locations: BTreeMap::from([(Vec::new(), None)]),
        }
    }

    /// The value at `path`.
    pub fn get(&self, path: &[u8]) -> Option<&V> {
        self.locations.get(path)?.as_ref()
    }

    /// The value at `path`, to change.
    pub fn get_mut(&mut self, path: &[u8]) -> Option<&mut V> {
        self.locations.get_mut(path)?.as_mut()
    }

    /// Whether there is a value at `path`.
    pub fn contains(&self, path: &[u8]) -> bool {
        self.get(path).is_some()
    }

    /// Whether `path` is a location.
    pub fn exists(&self, path: &[u8]) -> bool {
        self.locations.contains_key(path)
    }

    /// All locations in order, with their values.
    pub fn locations(&self) -> impl Iterator<Item = (&[u8], Option<&V>)> {
        self.locations.iter().map(|(k, v)| (&k[..], v.as_ref()))
    }

    /// All keys in order, with their values.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &V)> {
        self.prefix(b"")
    }

    /// The keys that start with `path`, in order and whole, with their values.
    pub fn prefix(&self, path: &[u8]) -> impl Iterator<Item = (&[u8], &V)> {
        self.at_and_below(path)
            .filter_map(|(k, v)| Some((k, v.as_ref()?)))
    }

    /// The number of values.
    pub fn val_count(&self) -> usize {
        self.iter().count()
    }

    /// Whether there is no value at the root and no location below it.
    pub fn is_empty(&self) -> bool {
        self.locations.len() == 1 && !self.contains(b"")
    }

    /// The bytes that follow `path` in some location.
    pub fn children(&self, path: &[u8]) -> BTreeSet<u8> {
        let mut children = BTreeSet::new();
        let mut next = Some(0);
        while let Some(byte) = next {
            let Some(child) = self.first_at_or_after(path, byte) else {
                break;
            };
            children.insert(child);
            next = child.checked_add(1);
        }
        children
    }

    /// The least child byte of `path` that is at least `byte`.
    fn first_at_or_after(&self, path: &[u8], byte: u8) -> Option<u8> {
        let from = [path, &[byte]].concat();
        let (location, _) = self.locations.range(from..).next()?;
        location.strip_prefix(path)?.first().copied()
    }

    /// The locations that start with `path`, and what is there.
    pub(crate) fn at_and_below(&self, path: &[u8]) -> impl Iterator<Item = (&[u8], &Option<V>)> {
        self.locations
            .range::<[u8], _>((Included(path), Unbounded))
            .map(|(k, v)| (&k[..], v))
            .take_while(move |(k, _)| k.starts_with(path))
    }

    /// The locations after `path` in order, and what is there.
    pub(crate) fn after(&self, path: &[u8]) -> impl Iterator<Item = (&[u8], &Option<V>)> {
        self.locations
            .range::<[u8], _>((Excluded(path), Unbounded))
            .map(|(k, v)| (&k[..], v))
    }

    /// Makes `path` a location; whether it was none.
    pub fn create_path(&mut self, path: &[u8]) -> bool {
        if self.exists(path) {
            return false;
        }
        for len in (0..=path.len()).rev() {
            if self.exists(&path[..len]) {
                break;
            }
            self.locations.insert(path[..len].to_vec(), None);
        }
        true
    }

    /// Sets the value at `path`; the old one comes back.
    pub fn insert(&mut self, path: &[u8], value: V) -> Option<V> {
        self.create_path(path);
        self.locations.get_mut(path)?.replace(value)
    }

    /// Takes the value at `path` out and prunes.
    pub fn remove(&mut self, path: &[u8]) -> Option<V> {
        self.remove_val_at(path, true)
    }

    /// Takes the value at `path` out; then prunes, if `prune`.
    pub fn remove_val_at(&mut self, path: &[u8], prune: bool) -> Option<V> {
        let old = self.locations.get_mut(path).and_then(Option::take);
        if prune {
            self.prune_path(path);
        }
        old
    }

    /// Removes the locations below `path`; whether there were any. Then prunes, if `prune`.
    pub fn remove_branches_at(&mut self, path: &[u8], prune: bool) -> bool {
        let before = self.locations.len();
        self.locations
            .retain(|k, _| k.len() <= path.len() || !k.starts_with(path));
        let removed = self.locations.len() < before;
        if prune {
            self.prune_path(path);
        }
        removed
    }

    /// Removes `path`, if it dangles, and the ancestors that then dangle; the bytes removed.
    pub fn prune_path(&mut self, path: &[u8]) -> usize {
        self.prune_down_to(path, 0)
    }

    /// As `prune_path`, but no location of `floor` bytes or fewer goes.
    pub fn prune_down_to(&mut self, path: &[u8], floor: usize) -> usize {
        let mut len = path.len();
        while len > floor && self.is_dangling(&path[..len]) {
            self.locations.remove(&path[..len]);
            len -= 1;
        }
        path.len() - len
    }

    /// Whether `path` is a location with neither a value nor children.
    pub(crate) fn is_dangling(&self, path: &[u8]) -> bool {
        matches!(self.locations.get(path), Some(None)) && self.children(path).is_empty()
    }

    /// Removes everything but the root location.
    pub fn clear(&mut self) {
        *self = Self::new();
    }

    /// Replaces what is at and below `path`. Where `subtrie` is empty, `path` stays a location if it
    /// was one and becomes none if not.
    pub fn put(&mut self, path: &[u8], subtrie: Self) {
        if subtrie.is_empty() && !self.exists(path) {
            return;
        }
        self.create_path(path);
        self.remove_branches_at(path, false);
        for (rest, value) in subtrie.locations {
            self.locations.insert([path, &rest].concat(), value);
        }
    }

    /// Removes the location `path` and everything below it. The root stays.
    pub fn cut(&mut self, path: &[u8]) {
        self.locations.retain(|k, _| !k.starts_with(path));
        self.locations.entry(Vec::new()).or_default();
    }
}

impl<V: Clone> Model<V> {
    /// What is at and below `path`, as a map of its own; empty if `path` is no location.
    pub fn subtrie(&self, path: &[u8]) -> Self {
        let mut subtrie = Self::new();
        for (location, value) in self.at_and_below(path) {
            let rest = location[path.len()..].to_vec();
            subtrie.locations.insert(rest, value.clone());
        }
        subtrie
    }
}

impl<V: Seeded> Model<V> {
    /// Whether this is the oracle's map, with values for seeds.
    pub fn agrees(&self, oracle: &Model<u64>) -> bool {
        let same = |value: Option<&V>, seed: Option<&u64>| match (value, seed) {
            (Some(value), Some(seed)) => value.is(*seed),
            (None, None) => true,
            _ => false,
        };
        self.locations.keys().eq(oracle.locations.keys())
            && self
                .locations()
                .zip(oracle.locations())
                .all(|((_, a), (_, b))| same(a, b))
    }
}

impl<V, P: AsRef<[u8]>> Extend<(P, V)> for Model<V> {
    fn extend<I: IntoIterator<Item = (P, V)>>(&mut self, entries: I) {
        for (path, value) in entries {
            self.insert(path.as_ref(), value);
        }
    }
}

impl<V, P: AsRef<[u8]>> FromIterator<(P, V)> for Model<V> {
    fn from_iter<I: IntoIterator<Item = (P, V)>>(entries: I) -> Self {
        let mut model = Self::new();
        model.extend(entries);
        model
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn removal_stops_at_a_value_and_at_a_branch() {
        let mut model: Model<u8> = [("ab", 1), ("abcd", 2)].into_iter().collect();
        assert_eq!(model.remove(b"abcd"), Some(2));
        assert!(model.exists(b"ab") && !model.exists(b"abc"));
        model.insert(b"abc", 3);
        assert_eq!(model.remove(b"ab"), Some(1));
        assert!(model.exists(b"ab") && !model.contains(b"ab"));
    }

    #[test]
    fn a_dangling_path_is_not_nothing() {
        let mut model: Model<()> = Model::new();
        assert!(model.is_empty() && model.exists(b""));
        assert!(model.create_path(b"ab") && !model.create_path(b"a"));
        assert!(!model.is_empty());
        assert_eq!(model.val_count(), 0);
        assert_eq!(model.prune_path(b"ab"), 2);
        assert!(model.is_empty());
    }

    #[test]
    fn branches_go_and_the_value_above_them_stays() {
        let mut model: Model<u8> = [("", 0), ("ab", 1), ("abcd", 2)].into_iter().collect();
        assert!(model.remove_branches_at(b"ab", true));
        assert_eq!(model.get(b"ab"), Some(&1));
        assert!(!model.remove_branches_at(b"ab", true));
        assert!(model.remove_branches_at(b"", false));
        assert_eq!(model.get(b""), Some(&0));
    }

    #[test]
    fn children_are_found_at_both_ends() {
        let model: Model<u8> = [([7, 0], 0), ([7, 9], 0), ([7, 255], 0), ([8, 1], 0)]
            .into_iter()
            .collect();
        assert_eq!(model.children(&[7]), BTreeSet::from([0, 9, 255]));
        assert_eq!(model.children(&[7, 255]), BTreeSet::new());
    }
}
