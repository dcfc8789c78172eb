//! What a write zipper does, said with the operations of the model.

use super::ModelZipper;
use crate::Model;
use std::collections::BTreeSet;

impl<V> ModelZipper<V> {
    /// The value at the focus, to change.
    pub fn get_val_mut(&mut self) -> Option<&mut V> {
        let focus = self.origin_path();
        self.model.get_mut(&focus)
    }

    /// Sets the value at the focus; the old one comes back.
    pub fn set_val(&mut self, value: V) -> Option<V> {
        self.model.insert(&self.origin_path(), value)
    }

    /// Takes the value at the focus out; then prunes, if `prune`.
    pub fn remove_val(&mut self, prune: bool) -> Option<V> {
        let old = self.model.remove_val_at(&self.origin_path(), false);
        self.prune_if(prune);
        old
    }

    /// Makes the focus a location; whether it was none.
    pub fn create_path(&mut self) -> bool {
        self.model.create_path(&self.origin_path())
    }

    /// Removes the focus, if it dangles, and the ancestors below the root that then dangle.
    pub fn prune_path(&mut self) -> usize {
        self.model
            .prune_down_to(&self.origin_path(), self.root.len())
    }

    /// Prunes, and moves up to the end of what is left.
    pub fn prune_ascend(&mut self) -> usize {
        let pruned = self.prune_path();
        self.ascend(pruned);
        pruned
    }

    fn prune_if(&mut self, prune: bool) {
        if prune {
            self.prune_path();
        }
    }

    /// Removes what is below the focus; whether there was anything. Then prunes, if `prune`.
    pub fn remove_branches(&mut self, prune: bool) -> bool {
        let removed = self.model.remove_branches_at(&self.origin_path(), false);
        self.prune_if(prune);
        removed
    }

    /// Removes the children of the focus that are not in `mask`; then prunes, if `prune`.
    pub fn remove_unmasked_branches(&mut self, mask: &BTreeSet<u8>, prune: bool) {
        for byte in &self.child_mask() - mask {
            self.model.cut(&self.child(byte));
        }
        self.prune_if(prune);
    }

    fn child(&self, byte: u8) -> Vec<u8> {
        [&self.origin_path()[..], &[byte]].concat()
    }

    /// Replaces what is at and below the focus with `map`.
    pub fn graft_map(&mut self, map: Model<V>) {
        self.model.put(&self.origin_path(), map);
    }

    /// Puts the maps under the bytes of `mask`, in order; an empty or missing map removes the
    /// child. With `remove_unset` no other child stays.
    pub fn graft_child_maps(
        &mut self,
        mask: &BTreeSet<u8>,
        maps: impl IntoIterator<Item = Model<V>>,
        remove_unset: bool,
    ) {
        let mut maps = maps.into_iter();
        for &byte in mask {
            let map = maps.next().unwrap_or_default();
            self.model.cut(&self.child(byte));
            self.model.put(&self.child(byte), map);
        }
        if remove_unset {
            self.remove_unmasked_branches(mask, false);
        }
    }
}

impl<V: Clone> ModelZipper<V> {
    /// Replaces what is at and below the focus with what is at and below `source`'s.
    pub fn graft(&mut self, source: &Self) {
        self.graft_map(source.make_map().unwrap_or_default());
    }

    /// Replaces the children in `mask` with the source's of the same bytes; those that it lacks go.
    /// With `remove_unset` no other child stays.
    pub fn graft_masked_branches(
        &mut self,
        source: &Self,
        mask: &BTreeSet<u8>,
        remove_unset: bool,
    ) {
        for &byte in mask {
            self.model.cut(&self.child(byte));
            if source.child_mask().contains(&byte) {
                self.model.create_path(&self.child(byte));
                let subtrie = source.model.subtrie(&source.child(byte));
                self.model.put(&self.child(byte), subtrie);
            }
        }
        if remove_unset {
            self.remove_unmasked_branches(mask, false);
        }
    }

    /// Takes out what is at and below the focus, which becomes dangling; `None` if it is no
    /// location. Then prunes, if `prune`.
    pub fn take_map(&mut self, prune: bool) -> Option<Model<V>> {
        let taken = self.make_map()?;
        self.graft_map(Model::new());
        self.prune_if(prune);
        Some(taken)
    }

    /// Takes what is below the focus (and not its value) out, as a map.
    fn take_branches(&mut self) -> Model<V> {
        let mut branches = self.model.subtrie(&self.origin_path());
        branches.remove_val_at(b"", false);
        self.remove_branches(false);
        branches
    }

    /// Replaces what is below the focus, and not its value.
    fn put_branches(&mut self, mut branches: Model<V>) {
        if let Some(value) = self.val().cloned() {
            branches.insert(b"", value);
        }
        self.graft_map(branches);
    }

    /// Moves what is below the focus under `prefix`; whether there was anything, or nothing to do.
    pub fn insert_prefix(&mut self, prefix: &[u8]) -> bool {
        if prefix.is_empty() {
            return true;
        }
        if self.child_count() == 0 {
            return false;
        }
        let mut branches = Model::new();
        branches.put(prefix, self.take_branches());
        self.put_branches(branches);
        true
    }

    /// Moves up `n` bytes, and what was below the focus with it, in place of what was below there;
    /// whether it was all `n`.
    pub fn remove_prefix(&mut self, n: usize) -> bool {
        let branches = self.take_branches();
        let enough = self.ascend(n);
        self.put_branches(branches);
        enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zipper(entries: &[(&str, u8)], root: &str, path: &str) -> ModelZipper<u8> {
        let mut z = ModelZipper::new(entries.iter().copied().collect(), root.as_bytes());
        z.descend_to(path.as_bytes());
        z
    }

    fn model(entries: &[(&str, u8)]) -> Model<u8> {
        entries.iter().copied().collect()
    }

    #[test]
    fn pruning_stays_below_the_root() {
        let mut z = zipper(&[("abcd", 1)], "ab", "cd");
        assert_eq!(z.remove_val(false), Some(1));
        assert_eq!(z.prune_ascend(), 2);
        assert!(z.at_root() && z.path_exists());
    }

    #[test]
    fn graft_carries_the_value() {
        let source = zipper(&[("x", 7)], "", "");
        let mut z = zipper(&[("k", 5), ("ky", 6)], "", "k");
        z.graft(&source);
        assert_eq!(z.val(), None);
        z.graft(&zipper(&[("x", 7)], "", "nowhere"));
        assert!(z.path_exists() && z.child_count() == 0);
        z.descend_to(b"nothing");
        z.graft(&zipper(&[], "", ""));
        assert!(!z.path_exists());
    }

    #[test]
    fn prefixes_move_the_branches_and_not_the_value() {
        let mut z = zipper(&[("ab", 1), ("abc", 2), ("ax", 3)], "", "ab");
        assert!(z.remove_prefix(1));
        assert_eq!(z.path(), b"a");
        assert_eq!(z.model(), &model(&[("ac", 2)]));
        assert!(z.insert_prefix(b"zz"));
        assert_eq!(z.model(), &model(&[("azzc", 2)]));
        assert!(!z.remove_prefix(5) && z.at_root());
        assert_eq!(z.into_model(), model(&[("zzc", 2)]));
    }

    #[test]
    fn children_are_grafted_by_mask() {
        let source = zipper(&[("a", 1), ("bx", 2)], "", "");
        let mut z = zipper(&[("ay", 8), ("c", 9), ("d", 9)], "", "");
        z.graft_masked_branches(&source, &BTreeSet::from(*b"abc"), false);
        assert_eq!(z.model(), &model(&[("a", 1), ("bx", 2), ("d", 9)]));
        z.graft_child_maps(&BTreeSet::from(*b"bd"), [model(&[("", 4)])], true);
        assert_eq!(z.into_model(), model(&[("b", 4)]));
    }
}
