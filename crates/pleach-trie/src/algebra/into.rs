//! Operations in place, at a path: what maps and write zippers have in common.

use super::{AlgebraicResult, AlgebraicStatus, Lattice, SELF_IDENT, join};
use crate::raw::{Policy, Trie};
use pleach_ptr::{PtrKind, SharedAllocator};

impl<V: Clone, K: PtrKind, A: SharedAllocator> Trie<V, K, A> {
    /// Replaces what is at and below `path` by what `policy` makes of it and of `other`. A location
    /// stays one. Where the user's code unwinds, nothing has changed.
    pub(crate) fn combine_into<P: Policy<V>>(
        &mut self,
        path: &[u8],
        other: Self,
        policy: &mut P,
    ) -> AlgebraicStatus {
        let other = other.rehome(self.allocator());
        let result = self.combine(path, &other, policy);
        let status = result.status();
        match result {
            AlgebraicResult::None if self.is_bare(path) => {}
            AlgebraicResult::None => self.graft(path, Self::new(self.allocator().clone())),
            AlgebraicResult::Identity(mask) if mask & SELF_IDENT != 0 => {}
            AlgebraicResult::Identity(_) => self.graft(path, other),
            AlgebraicResult::Element(trie) => {
                drop(other);
                self.graft(path, trie);
            }
        }
        status
    }

    /// The join of some tries: in the order they come, two and two, and so on. Each part of `parts`
    /// is the join of twice as many as the one after it.
    pub(crate) fn join_all(tries: impl IntoIterator<Item = Self>) -> Option<Self>
    where
        V: Lattice,
    {
        let mut parts: Vec<(Self, u32)> = Vec::new();
        for trie in tries {
            let mut next = (trie, 0);
            while let Some((last, rank)) = parts.pop_if(|(_, rank)| *rank == next.1) {
                next = (last.joined(next.0), rank + 1);
            }
            parts.push(next);
        }
        let parts = parts.into_iter().rev().map(|(part, _)| part);
        parts.reduce(|right, left| left.joined(right))
    }

    fn joined(mut self, other: Self) -> Self
    where
        V: Lattice,
    {
        self.combine_into(&[], other, &mut join());
        self
    }
}
