//! Looking at every node, for statistics and for pictures.

use super::super::header::{Kind, head};
use super::super::node::Node;
use super::super::trie::Trie;
use pleach_ptr::{Allocator, PtrKind};

/// A node, as a survey comes by it.
pub(crate) struct Sight<'a, V, K: PtrKind> {
    node: Node<'a, V, K>,
    ptr: &'a K::Ptr,
    /// The byte that leads to it from the node above.
    pub(crate) byte: Option<u8>,
    /// Nodes above it.
    pub(crate) depth: usize,
    /// It has more than one owner.
    pub(crate) joint: bool,
    /// It, or a node above it, has more than one owner.
    pub(crate) shared: bool,
}

impl<'a, V, K: PtrKind> Sight<'a, V, K> {
    /// What tells the node from all others that live.
    pub(crate) fn id(&self) -> usize {
        head::<K>(self.ptr).addr().get()
    }

    /// The kind of the node.
    pub(crate) fn kind(&self) -> Kind {
        Kind::of::<K>(self.ptr)
    }

    /// What every path through the node begins with.
    pub(crate) fn prefix(&self) -> &'a [u8] {
        self.node.prefix()
    }

    /// Bytes that were asked of the allocator for it.
    pub(crate) fn bytes(&self) -> usize {
        match self.node {
            Node::Inner(inner) => inner.layout().size(),
            Node::Bucket(bucket) => bucket.layout().size(),
            Node::Dense(dense) => dense.layout().size(),
        }
    }

    /// Values in the node itself.
    pub(crate) fn values(&self) -> usize {
        match self.node {
            Node::Inner(inner) => usize::from(inner.is_valued()),
            Node::Bucket(bucket) => bucket.valued().count_ones() as usize,
            Node::Dense(dense) => dense.len(),
        }
    }

    /// Values in the node and below; saturates.
    pub(crate) fn count(&self) -> u64 {
        self.node.count(Default::default())
    }

    /// Calls `visit` with each entry of the node itself, in order: what of its key follows the
    /// prefix, and its value, unless it is a location that dangles.
    pub(crate) fn entries(&self, mut visit: impl FnMut(&[u8], Option<&'a V>)) {
        match self.node {
            Node::Inner(inner) if inner.is_valued() => visit(&[], inner.value()),
            Node::Inner(_) => {}
            Node::Bucket(bucket) => {
                (0..bucket.len()).for_each(|i| visit(bucket.suffix(i), bucket.value(i)));
            }
            Node::Dense(dense) => {
                (0..dense.len()).for_each(|i| visit(&[dense.byte(i)], Some(dense.value(i))));
            }
        }
    }
}

impl<V, K: PtrKind, A: Allocator> Trie<V, K, A> {
    /// Comes by the nodes, each before those below it and all in the order of their keys, along
    /// every path that leads to them. What is below a node is left out where `enter` says false.
    pub(crate) fn survey<'a>(&'a self, mut enter: impl FnMut(Sight<'a, V, K>) -> bool) {
        let mut stack = Vec::from_iter(self.root().map(|root| (root, None, 0, false)));
        while let Some((ptr, byte, depth, above)) = stack.pop() {
            let joint = !K::is_unique(ptr);
            let shared = above || joint;
            // SAFETY: R1.
            let node = unsafe { Node::<V, K>::new(ptr) };
            let sight = Sight {
                node,
                ptr,
                byte,
                depth,
                joint,
                shared,
            };
            if !enter(sight) {
                continue;
            }
            if let Node::Inner(inner) = node {
                let child = |i| (inner.child(i), Some(inner.byte(i)), depth + 1, shared);
                stack.extend((0..inner.len()).rev().map(child));
            }
        }
    }
}
