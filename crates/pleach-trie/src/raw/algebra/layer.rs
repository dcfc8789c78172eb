//! All subtries that begin so many bytes below a place.

use super::pos::{Kids, Pos};
use crate::raw::Trie;
use pleach_ptr::{Allocator, PtrKind};

impl<V: Clone, K: PtrKind, A: Allocator + Clone> Trie<V, K, A> {
    /// What is at and below each location `k` bytes below `path`, in order.
    pub(crate) fn layer(&self, path: &[u8], k: usize) -> Vec<Self> {
        // SAFETY: borrowed, so that the nodes live and do not change (R1, W1).
        let root = self
            .root()
            .and_then(|root| unsafe { Pos::find(root, path) });
        let parts = root.map_or_else(Vec::new, |root| positions(root, k));
        let part = |pos: Pos<'_, V, K>| {
            // SAFETY: the nodes are this trie's.
            let node = (!pos.is_bare()).then(|| unsafe { pos.keep(self.allocator()) });
            Self::of_root(node, self.allocator().clone())
        };
        parts.into_iter().map(part).collect()
    }
}

/// The positions `k` bytes below `root`, in order.
fn positions<'a, V, K: PtrKind>(root: Pos<'a, V, K>, k: usize) -> Vec<Pos<'a, V, K>> {
    let mut found = Vec::new();
    let mut open: Vec<(Kids<'a, V, K>, usize)> = Vec::new();
    let mut enter = Some((root, 0));
    loop {
        if let Some((mut pos, mut depth)) = enter.take() {
            loop {
                let run = pos.run().len().min(k - depth);
                (pos, depth) = (pos.down(run), depth + run);
                if run == 0 {
                    break;
                }
            }
            match depth == k {
                true => found.push(pos),
                false => open.push((Kids::new(pos), depth)),
            }
        }
        let Some((kids, depth)) = open.last_mut() else {
            return found;
        };
        match kids.pop() {
            Some((_, pos)) => enter = Some((pos, *depth + 1)),
            None => drop(open.pop()),
        }
    }
}
