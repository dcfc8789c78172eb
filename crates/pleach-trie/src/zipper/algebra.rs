//! Set algebra where a write zipper is: its focus, value included, is the left argument.

use super::cursor::AsWriteCursor;
use super::{ZipperSubtries, ZipperWriting};
use crate::algebra::{AlgebraicStatus, COUNTER_IDENT, Lattice, Restrict, SELF_IDENT, join, meet};
use crate::raw::{Cursor, Policy, Source, SourceMut, Trie};
use pleach_ptr::{PtrKind, SharedAllocator};

/// A zipper whose operations are those of this module.
pub(super) trait Combine<V, K: PtrKind, A: SharedAllocator>: ZipperWriting<V, K, A> {
    /// Replaces what is at and below the focus by what `policy` makes of it and of `other`.
    fn combine(
        &mut self,
        other: Trie<V, K, A>,
        policy: &mut impl Policy<V>,
        prune: bool,
    ) -> AlgebraicStatus;

    /// Joins what the focus of `source` has and takes it out there.
    fn combine_take<Z>(&mut self, source: &mut Z, prune: bool) -> AlgebraicStatus
    where
        V: Lattice,
        Z: ZipperSubtries<V, K, A> + ZipperWriting<V, K, A>;

    /// Replaces what is at and below the focus by the meet of two others.
    fn replace_by_meet(&mut self, a: Trie<V, K, A>, b: Trie<V, K, A>) -> AlgebraicStatus
    where
        V: Lattice;

    /// Replaces what is at and below the focus by what `source` has below values of the focus.
    fn replace_restricted(&mut self, source: Trie<V, K, A>) -> bool;

    /// Replaces what is below the focus by what `fold` makes of what is below each location `k`
    /// bytes farther down, without the values there. Whether anything is below the focus then.
    fn fold_layer(
        &mut self,
        k: usize,
        prune: bool,
        fold: impl FnOnce(Vec<Trie<V, K, A>>) -> Option<Trie<V, K, A>>,
    ) -> bool;
}

impl<V, K, A, Z> Combine<V, K, A> for Z
where
    Z: AsWriteCursor + ZipperWriting<V, K, A>,
    Z::Source: SourceMut + Source<V = V, K = K, A = A>,
    V: Clone,
    K: PtrKind,
    A: SharedAllocator,
{
    fn combine(
        &mut self,
        other: Trie<V, K, A>,
        policy: &mut impl Policy<V>,
        prune: bool,
    ) -> AlgebraicStatus {
        let (trie, path) = self.cursor_mut().edit();
        let status = trie.combine_into(path, other, policy);
        if prune {
            self.prune_path();
        }
        status
    }

    fn combine_take<S>(&mut self, source: &mut S, prune: bool) -> AlgebraicStatus
    where
        V: Lattice,
        S: ZipperSubtries<V, K, A> + ZipperWriting<V, K, A>,
    {
        let status = self.combine(source.make_map().trie, &mut join(), false);
        drop(source.take_map(prune));
        status
    }

    fn replace_by_meet(&mut self, a: Trie<V, K, A>, b: Trie<V, K, A>) -> AlgebraicStatus
    where
        V: Lattice,
    {
        let (trie, path) = self.cursor_mut().edit();
        let (mut met, b) = (a.rehome(trie.allocator()), b.rehome(trie.allocator()));
        met.combine_into(&[], b, &mut meet());
        if met.is_empty() {
            if !trie.is_bare(path) {
                trie.graft(path, met);
            }
            return AlgebraicStatus::None;
        }
        // Equal is what a join with the old makes no difference to, on either side.
        let unchanged = Cursor::new(&*trie, path).count() == met.count()
            && trie.combine(path, &met, &mut join()).identity_mask()
                == Some(SELF_IDENT | COUNTER_IDENT);
        if unchanged {
            return AlgebraicStatus::Identity;
        }
        trie.graft(path, met);
        AlgebraicStatus::Element
    }

    fn replace_restricted(&mut self, source: Trie<V, K, A>) -> bool {
        if !self.cursor().exists() {
            return false;
        }
        let (trie, path) = self.cursor_mut().edit();
        let mut source = source.rehome(trie.allocator());
        source.combine_into(&[], trie.subtrie(path), &mut Restrict);
        trie.graft(path, source);
        true
    }

    fn fold_layer(
        &mut self,
        k: usize,
        prune: bool,
        fold: impl FnOnce(Vec<Trie<V, K, A>>) -> Option<Trie<V, K, A>>,
    ) -> bool {
        if k > 0 && !self.cursor().mask().is_empty_mask() {
            let (trie, path) = self.cursor_mut().edit();
            let mut parts = trie.layer(path, k);
            for part in &mut parts {
                drop(part.remove(&[]));
            }
            let mut folded = fold(parts).unwrap_or_else(|| Trie::new(trie.allocator().clone()));
            if let Some(value) = trie.get(path) {
                folded.insert(&[], value.clone());
            }
            trie.graft(path, folded);
        }
        if prune {
            self.prune_path();
        }
        !self.cursor().mask().is_empty_mask()
    }
}

/// The meet of some tries, from left to right, until nothing is left.
pub(super) fn meet_all<V, K, A>(tries: Vec<Trie<V, K, A>>) -> Option<Trie<V, K, A>>
where
    V: Lattice + Clone,
    K: PtrKind,
    A: SharedAllocator,
{
    let mut tries = tries.into_iter();
    let mut met = tries.next()?;
    for trie in tries {
        if met.is_empty() {
            break;
        }
        met.combine_into(&[], trie, &mut meet());
    }
    Some(met)
}
