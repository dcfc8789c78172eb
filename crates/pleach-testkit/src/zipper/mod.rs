//! The oracle for zippers: two paths over a [`Model`].

use crate::Model;
use std::collections::BTreeSet;

mod write;

/// A zipper over a model of its own.
///
/// The focus is `root ++ path` and need not be a location. Every movement says whether it arrived,
/// or how many bytes it made.
#[derive(Clone, Debug)]
pub struct ModelZipper<V> {
    model: Model<V>,
    root: Vec<u8>,
    path: Vec<u8>,
}

impl<V> ModelZipper<V> {
    /// A zipper that stands at its root, `root`.
    pub fn new(model: Model<V>, root: &[u8]) -> Self {
        Self {
            model,
            root: root.to_vec(),
            path: Vec::new(),
        }
    }

    /// The map under the zipper.
    pub fn model(&self) -> &Model<V> {
        &self.model
    }

    /// The map under the zipper, and the end of the zipper.
    pub fn into_model(self) -> Model<V> {
        self.model
    }

    /// The focus as a path from the zipper's root.
    pub fn path(&self) -> &[u8] {
        &self.path
    }

    /// The path of the zipper's root.
    pub fn root_prefix_path(&self) -> &[u8] {
        &self.root
    }

    /// The focus as a path from the map's root.
    pub fn origin_path(&self) -> Vec<u8> {
        [&self.root[..], &self.path[..]].concat()
    }

    /// Whether the focus is a location.
    pub fn path_exists(&self) -> bool {
        self.model.exists(&self.origin_path())
    }

    /// Whether the focus has a value.
    pub fn is_val(&self) -> bool {
        self.val().is_some()
    }

    /// The value at the focus.
    pub fn val(&self) -> Option<&V> {
        self.model.get(&self.origin_path())
    }

    /// The value at `rel` below the focus.
    pub fn val_at(&self, rel: &[u8]) -> Option<&V> {
        self.model.get(&[&self.origin_path(), rel].concat())
    }

    /// The values at and below the focus.
    pub fn val_count(&self) -> usize {
        self.model.prefix(&self.origin_path()).count()
    }

    /// The bytes that follow the focus.
    pub fn child_mask(&self) -> BTreeSet<u8> {
        self.model.children(&self.origin_path())
    }

    /// How many bytes follow the focus.
    pub fn child_count(&self) -> usize {
        self.child_mask().len()
    }

    /// The values at and below the focus with their paths from the zipper's root, in order.
    pub fn iter(&self) -> Vec<(Vec<u8>, &V)> {
        self.model
            .prefix(&self.origin_path())
            .map(|(k, v)| (k[self.root.len()..].to_vec(), v))
            .collect()
    }

    /// Whether the focus is the zipper's root.
    pub fn at_root(&self) -> bool {
        self.path.is_empty()
    }

    /// To the root.
    pub fn reset(&mut self) {
        self.path.clear();
    }

    /// To `path` from the root; the bytes that the old and the new path share at their starts.
    pub fn move_to_path(&mut self, path: &[u8]) -> usize {
        let shared = self.path.iter().zip(path).take_while(|(a, b)| a == b);
        let shared = shared.count();
        self.path = path.to_vec();
        shared
    }

    /// Appends `key`.
    pub fn descend_to(&mut self, key: &[u8]) {
        self.path.extend(key);
    }

    /// Appends `key`; whether the focus is then a location.
    pub fn descend_to_check(&mut self, key: &[u8]) -> bool {
        self.descend_to(key);
        self.path_exists()
    }

    /// Appends as much of `key` as exists.
    pub fn descend_to_existing(&mut self, key: &[u8]) -> usize {
        key.iter()
            .take_while(|&&byte| self.descend_to_existing_byte(byte))
            .count()
    }

    /// As `descend_to_existing`, but no further than to the first value below the start.
    pub fn descend_to_val(&mut self, key: &[u8]) -> usize {
        for (moved, &byte) in key.iter().enumerate() {
            if moved > 0 && self.is_val() || !self.descend_to_existing_byte(byte) {
                return moved;
            }
        }
        key.len()
    }

    /// Appends `byte`, if that is a location.
    pub fn descend_to_existing_byte(&mut self, byte: u8) -> bool {
        let exists = self.child_mask().contains(&byte);
        if exists {
            self.path.push(byte);
        }
        exists
    }

    /// To the `index`-th child, in order.
    pub fn descend_indexed_byte(&mut self, index: usize) -> bool {
        let child = self.child_mask().into_iter().nth(index);
        self.path.extend(child);
        child.is_some()
    }

    /// To the first child.
    pub fn descend_first_byte(&mut self) -> bool {
        self.descend_indexed_byte(0)
    }

    /// To the last child.
    pub fn descend_last_byte(&mut self) -> bool {
        let child = self.child_mask().pop_last();
        self.path.extend(child);
        child.is_some()
    }

    /// Down while there is exactly one child, until a value, a branch or a leaf.
    pub fn descend_until(&mut self) -> bool {
        self.descend_until_max_bytes(usize::MAX)
    }

    /// As `descend_until`, but no more than `max` bytes.
    pub fn descend_until_max_bytes(&mut self, max: usize) -> bool {
        let start = self.path.len();
        while self.path.len() - start < max && self.child_count() == 1 {
            self.descend_first_byte();
            if self.is_val() {
                break;
            }
        }
        self.path.len() > start
    }

    /// Up `n` bytes, or to the root; whether it was all `n`.
    pub fn ascend(&mut self, n: usize) -> bool {
        let enough = n <= self.path.len();
        self.path.truncate(self.path.len().saturating_sub(n));
        enough
    }

    /// To the nearest strict ancestor that has a value, branches, or is the root.
    pub fn ascend_until(&mut self) -> bool {
        let moved = self.ascend(1);
        while !self.at_root() && !self.is_val() && self.child_count() < 2 {
            self.ascend(1);
        }
        moved
    }

    /// To the nearest strict ancestor that branches or is the root.
    pub fn ascend_until_branch(&mut self) -> bool {
        let moved = self.ascend(1);
        while !self.at_root() && self.child_count() < 2 {
            self.ascend(1);
        }
        moved
    }

    /// To the next child of the parent.
    pub fn to_next_sibling_byte(&mut self) -> bool {
        self.sibling(|siblings, byte| siblings.into_iter().find(|&b| b > byte))
    }

    /// To the previous child of the parent.
    pub fn to_prev_sibling_byte(&mut self) -> bool {
        self.sibling(|siblings, byte| siblings.into_iter().rev().find(|&b| b < byte))
    }

    fn sibling(&mut self, choose: impl FnOnce(BTreeSet<u8>, u8) -> Option<u8>) -> bool {
        let Some(byte) = self.path.pop() else {
            return false;
        };
        let sibling = choose(self.child_mask(), byte);
        self.path.push(sibling.unwrap_or(byte));
        sibling.is_some()
    }

    /// To the next location in depth-first order, or to the root.
    pub fn to_next_step(&mut self) -> bool {
        self.next_location(|_, _| true)
    }

    /// To the next value in depth-first order, or to the root.
    pub fn to_next_val(&mut self) -> bool {
        self.next_location(|_, value| value.is_some())
    }

    fn next_location(&mut self, stop: impl Fn(&[u8], &Option<V>) -> bool) -> bool {
        let next = self
            .model
            .after(&self.origin_path())
            .take_while(|(k, _)| k.starts_with(&self.root))
            .find(|(k, v)| stop(k, v))
            .map(|(k, _)| k[self.root.len()..].to_vec());
        let found = next.is_some();
        self.path = next.unwrap_or_default();
        found
    }

    /// To the first location exactly `k` bytes below the focus.
    pub fn descend_first_k_path(&mut self, k: usize) -> bool {
        let focus = self.origin_path();
        let first = self
            .model
            .at_and_below(&focus)
            .map(|(location, _)| &location[focus.len()..])
            .find(|rest| rest.len() == k && k > 0);
        let found = first.is_some();
        self.path.extend(first.unwrap_or_default().to_vec());
        found
    }

    /// To the next location of the focus's depth under the ancestor `k` bytes up, or to that
    /// ancestor.
    pub fn to_next_k_path(&mut self, k: usize) -> bool {
        let focus = self.origin_path();
        let Some(kept) = self.path.len().checked_sub(k) else {
            self.reset();
            return false;
        };
        let ancestor = &focus[..self.root.len() + kept];
        let next = self
            .model
            .after(&focus)
            .take_while(|(location, _)| location.starts_with(ancestor))
            .find(|(location, _)| location.len() == focus.len())
            .map(|(location, _)| location[self.root.len()..].to_vec());
        let found = next.is_some();
        match next {
            Some(path) => self.path = path,
            None => self.path.truncate(kept),
        }
        found
    }

    /// To the last child, and its last child, to the end.
    pub fn descend_last_path(&mut self) -> bool {
        let start = self.path.len();
        while self.descend_last_byte() {}
        self.path.len() > start
    }
}

impl<V: Clone> ModelZipper<V> {
    /// A zipper over the same map, whose root is this one's focus.
    pub fn fork(&self) -> Self {
        Self::new(self.model.clone(), &self.origin_path())
    }

    /// What is at and below the focus, as a map; `None` if the focus is no location.
    pub fn make_map(&self) -> Option<Model<V>> {
        self.path_exists()
            .then(|| self.model.subtrie(&self.origin_path()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zipper(keys: &[&str], root: &str) -> ModelZipper<usize> {
        let model = keys.iter().enumerate().map(|(i, k)| (k, i)).collect();
        ModelZipper::new(model, root.as_bytes())
    }

    #[test]
    fn movements_checked_against_the_neighbour() {
        let mut z = zipper(&["abcd", "ab"], "");
        z.move_to_path(b"abcd");
        assert_eq!(z.move_to_path(b"abx"), 2);
        z.reset();
        assert_eq!(z.descend_to_existing(b"abq"), 2);
        z.reset();
        assert_eq!(z.descend_to_val(b"abcd"), 2);
        assert_eq!(z.descend_to_val(b"cd"), 2);
        assert!(!z.descend_until() && z.ascend_until());
        assert_eq!(z.path(), b"ab");
        assert!(z.ascend_until_branch() && z.at_root() && !z.ascend_until());
    }

    #[test]
    fn paths_of_k_bytes_skip_shorter_ones() {
        let mut z = zipper(&["a", "bcd", "bce", "f", "gh"], "");
        assert!(!z.descend_first_k_path(0) && !z.descend_first_k_path(4));
        assert!(z.descend_first_k_path(2));
        assert_eq!(z.path(), b"bc");
        assert!(z.to_next_k_path(2));
        assert_eq!(z.path(), b"gh");
        assert!(!z.to_next_k_path(2) && z.at_root());
        z.descend_to(b"bcd");
        assert!(z.to_next_k_path(1) && !z.to_next_k_path(1));
        assert_eq!(z.path(), b"bc");
        assert!(!z.to_next_k_path(9) && z.at_root());
    }

    #[test]
    fn a_walk_stays_below_its_root() {
        let mut z = zipper(&["a", "b", "bc", "c"], "b");
        assert!(z.to_next_val());
        assert_eq!(z.origin_path(), b"bc");
        assert!(!z.to_next_step() && z.at_root());
        assert!(!z.to_next_sibling_byte() && !z.ascend(1));
        z.descend_to(b"a");
        assert!(z.to_next_sibling_byte());
        assert_eq!(z.path(), b"c");
    }
}
