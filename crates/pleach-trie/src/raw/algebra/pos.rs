//! A position in a trie: a place in a node, with the entries of a leaf that are at and below it.

use crate::ByteMask;
use crate::raw::bytes::common;
use crate::raw::header::Kind;
use crate::raw::node::{Node, Place, Walk};
use crate::raw::ops::{single, trim};
use crate::raw::values::Take;
use pleach_ptr::{Allocator, PtrKind};
use std::marker::PhantomData;

/// A position at or inside a node.
///
/// **W1** The node behind `ptr` and all below it live and do not change for `'a`.
pub(super) struct Pos<'a, V, K: PtrKind> {
    ptr: &'a K::Ptr,
    /// Bytes below the node's beginning.
    depth: usize,
    /// In a leaf, the entries at and below the position; nothing in an inner node.
    low: usize,
    high: usize,
    marker: PhantomData<&'a V>,
}

impl<V, K: PtrKind> Clone for Pos<'_, V, K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V, K: PtrKind> Copy for Pos<'_, V, K> {}

// SAFETY: a shared borrow of a trie, nodes of which may be counted once more (see `Trie`).
unsafe impl<V: Send + Sync, K: PtrKind> Send for Pos<'_, V, K> {}
// SAFETY: as above.
unsafe impl<V: Send + Sync, K: PtrKind> Sync for Pos<'_, V, K> {}

impl<'a, V, K: PtrKind> Pos<'a, V, K> {
    /// The beginning of a node.
    ///
    /// # Safety
    /// W1 holds for `ptr`.
    #[inline]
    pub(super) unsafe fn new(ptr: &'a K::Ptr) -> Self {
        let mut pos = Self {
            ptr,
            depth: 0,
            low: 0,
            high: 0,
            marker: PhantomData,
        };
        pos.high = match pos.node() {
            Node::Inner(_) => 0,
            Node::Bucket(bucket) => bucket.len(),
            Node::Dense(dense) => dense.len(),
        };
        pos
    }

    /// The position `path` below the beginning of a node, if it is a location.
    ///
    /// # Safety
    /// As for `new`.
    pub(super) unsafe fn find(ptr: &'a K::Ptr, path: &[u8]) -> Option<Self> {
        // SAFETY: the caller's promise.
        let mut pos = unsafe { Self::new(ptr) };
        let mut rest = path;
        loop {
            match pos.node().walk(Place::default(), rest) {
                Walk::Here(place, used) if used == rest.len() => {
                    pos.depth = place.depth;
                    if pos.is_leaf() {
                        pos.low = place.entry;
                        pos.high = pos.node().range_end(place.entry, place.depth);
                    }
                    return Some(pos);
                }
                Walk::Here(..) => return None,
                Walk::Child(child, used) => {
                    // SAFETY: W1 covers what is below.
                    pos = unsafe { Self::new(child) };
                    rest = &rest[used..];
                }
            }
        }
    }

    #[inline(always)]
    pub(super) fn node(self) -> Node<'a, V, K> {
        // SAFETY: W1.
        unsafe { Node::new(self.ptr) }
    }

    /// Whether the node is a leaf.
    #[inline(always)]
    pub(super) fn is_leaf(self) -> bool {
        matches!(Kind::of::<K>(self.ptr), Kind::Bucket | Kind::Dense)
    }

    /// Whether all that is at and below both is the same in memory.
    #[inline(always)]
    pub(super) fn same(self, other: Self) -> bool {
        K::ptr_eq(self.ptr, other.ptr)
            && (self.depth, self.low, self.high) == (other.depth, other.low, other.high)
    }

    /// The entries of the leaf, and how many bytes of each text lie above the position.
    pub(super) fn entries(self) -> (std::ops::Range<usize>, usize) {
        (self.low..self.high, self.depth)
    }

    /// What is left of the node's prefix, if the position is not below it.
    pub(super) fn prefix_below(self) -> Option<&'a [u8]> {
        self.node().prefix().get(self.depth..)
    }

    /// Bytes that have to follow, as far as they lie together in memory. Where there are none, the
    /// position is a branch point, a value or an end.
    #[inline]
    pub(super) fn run(self) -> &'a [u8] {
        let node = self.node();
        let prefix = node.prefix();
        if self.depth < prefix.len() {
            return &prefix[self.depth..];
        }
        match node {
            Node::Bucket(bucket) => {
                let (shared, texts) = (self.depth - prefix.len(), bucket.texts());
                let low = &texts.suffix(self.low)[shared..];
                &low[..common(low, &texts.suffix(self.high - 1)[shared..])]
            }
            _ => &[],
        }
    }

    /// So many bytes farther down, along the run.
    #[inline]
    pub(super) fn down(self, n: usize) -> Self {
        Self {
            depth: self.depth + n,
            ..self
        }
    }

    /// The value at the position.
    #[inline]
    pub(super) fn value(self) -> Option<&'a V> {
        self.node().value(Place {
            depth: self.depth,
            entry: self.low,
        })
    }

    /// Whether nothing is at or below the position.
    pub(super) fn is_bare(self) -> bool {
        self.value().is_none() && Kids::new(self).left.is_empty_mask()
    }

    /// What is at and below the position, as a node of its own that shares what it can.
    ///
    /// # Safety
    /// The nodes come from `alloc`.
    pub(super) unsafe fn keep<A: Allocator>(self, alloc: &A) -> K::Ptr
    where
        V: Clone,
    {
        if self.depth == 0 {
            return K::clone(self.ptr);
        }
        match self.node() {
            Node::Bucket(bucket) => {
                // SAFETY: the values are cloned and stay where they are.
                unsafe { bucket.part::<K, A>(alloc, self.low..self.high, self.depth, Take::Clone) }
            }
            Node::Dense(dense) if self.depth > dense.prefix().len() => {
                single::<V, K, A>(alloc, &[], Some(dense.value(self.low).clone()))
            }
            Node::Inner(inner) => inner.copy_below(alloc, self.depth),
            Node::Dense(dense) => {
                let mut copy = dense.copy::<K, A>(alloc);
                // SAFETY: the copy is ours, and its prefix is as long.
                unsafe { trim::<V, K, A>(&mut copy, alloc, self.depth) };
                copy
            }
        }
    }
}

/// The children of a position without a run, or the one that its run leads to.
pub(super) struct Kids<'a, V, K: PtrKind> {
    pos: Pos<'a, V, K>,
    /// The bytes of those to come.
    pub(super) left: ByteMask,
    /// In an inner node the place of the next one, in a leaf the first of its entries.
    next: usize,
    runs: bool,
}

impl<V, K: PtrKind> Clone for Kids<'_, V, K> {
    fn clone(&self) -> Self {
        Self { ..*self }
    }
}

impl<'a, V, K: PtrKind> Kids<'a, V, K> {
    /// The children of `pos`.
    #[inline]
    pub(super) fn new(pos: Pos<'a, V, K>) -> Self {
        let run = pos.run();
        let mut kids = Self {
            pos,
            left: ByteMask::EMPTY,
            next: 0,
            runs: !run.is_empty(),
        };
        if let Some(&byte) = run.first() {
            kids.left.set_bit(byte);
            return kids;
        }
        match pos.node() {
            Node::Inner(inner) => kids.left = inner.mask(),
            Node::Dense(dense) if pos.depth == dense.prefix().len() => kids.left = dense.mask(),
            Node::Dense(_) => {}
            Node::Bucket(bucket) => {
                let (shared, texts) = (pos.depth - bucket.prefix().len(), bucket.texts());
                let ends = texts.suffix(pos.low).len() == shared;
                kids.next = pos.low + usize::from(ends);
                for i in kids.next..pos.high {
                    kids.left.set_bit(texts.suffix(i)[shared]);
                }
            }
        }
        kids
    }

    /// The position to which `byte`, the first of those left, leads.
    #[inline]
    pub(super) fn take(&mut self, byte: u8) -> Pos<'a, V, K> {
        self.left.clear_bit(byte);
        let pos = self.pos;
        if self.runs {
            return pos.down(1);
        }
        let low = self.next;
        match pos.node() {
            Node::Inner(inner) => {
                self.next += 1;
                // SAFETY: W1 covers what is below.
                unsafe { Pos::new(inner.child(low)) }
            }
            Node::Dense(_) => {
                self.next += 1;
                Pos {
                    low,
                    high: low + 1,
                    ..pos.down(1)
                }
            }
            Node::Bucket(bucket) => {
                let (shared, texts) = (pos.depth - bucket.prefix().len(), bucket.texts());
                let stays = |&i: &usize| texts.suffix(i)[shared] == byte;
                let high = low + (low..pos.high).take_while(stays).count();
                self.next = high;
                Pos {
                    low,
                    high,
                    ..pos.down(1)
                }
            }
        }
    }
}

/// The least member of a set.
#[inline]
pub(super) fn first(mask: ByteMask) -> Option<u8> {
    let word = mask.0.iter().position(|&word| word != 0)?;
    Some((word * 64) as u8 + mask.0[word].trailing_zeros() as u8)
}
