//! A position in a trie: a place in a node, with the entries of a leaf that are at and below it.

use super::lines::in_both;
use crate::ByteMask;
use crate::raw::bytes::common;
use crate::raw::header::{Kind, prefetch};
use crate::raw::node::{Node, Place, Walk};
use crate::raw::ops::{single, trim};
use crate::raw::values::Take;
use pleach_ptr::{Allocator, PtrKind};
use std::marker::PhantomData;
use std::ops::Range;

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

    /// The entries of the leaf at and below the position.
    #[inline]
    pub(super) fn entries(self) -> Range<usize> {
        self.low..self.high
    }

    /// What is left of the node's prefix, and how many bytes of its suffixes lie above the position.
    #[inline]
    pub(super) fn prefix_below(self) -> (&'a [u8], usize) {
        let prefix = self.node().prefix();
        let rest = prefix.get(self.depth..).unwrap_or(&[]);
        (rest, self.depth.saturating_sub(prefix.len()))
    }

    /// The value of an entry of the leaf.
    #[inline(always)]
    pub(super) fn entry(self, i: usize) -> Option<&'a V> {
        match self.node() {
            Node::Inner(_) => None,
            Node::Bucket(bucket) => bucket.value(i),
            Node::Dense(dense) => Some(dense.value(i)),
        }
    }

    /// Appends what leads from the position to an entry of the leaf.
    pub(super) fn lead_to(self, i: usize, path: &mut Vec<u8>) {
        let (prefix, cut) = self.prefix_below();
        path.extend_from_slice(prefix);
        match self.node() {
            Node::Inner(_) => {}
            Node::Bucket(bucket) => path.extend_from_slice(&bucket.suffix(i)[cut..]),
            Node::Dense(dense) => path.extend_from_slice(&[dense.byte(i)][cut..]),
        }
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

    /// Number of values at and below the position; saturates.
    #[cfg(feature = "rayon")]
    pub(super) fn count(self) -> u64 {
        self.node().count(Place {
            depth: self.depth,
            entry: self.low,
        })
    }

    /// Whether nothing is at or below the position.
    pub(super) fn is_bare(self) -> bool {
        self.value().is_none() && Kids::new(self).mask.is_empty_mask()
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
    /// The bytes that lead to them.
    pub(super) mask: ByteMask,
    /// In a bucket, the first entry that has not been passed.
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
            mask: ByteMask::EMPTY,
            next: 0,
            runs: !run.is_empty(),
        };
        if let Some(&byte) = run.first() {
            kids.mask.set_bit(byte);
            return kids;
        }
        match pos.node() {
            Node::Inner(inner) => kids.mask = inner.mask(),
            Node::Dense(dense) if pos.depth == dense.prefix().len() => kids.mask = dense.mask(),
            Node::Dense(_) => {}
            Node::Bucket(bucket) => {
                let (shared, texts) = (pos.depth - bucket.prefix_len(), bucket.texts());
                let ends = texts.suffix(pos.low).len() == shared;
                kids.next = pos.low + usize::from(ends);
                for i in kids.next..pos.high {
                    kids.mask.set_bit(texts.suffix(i)[shared]);
                }
            }
        }
        kids
    }

    /// The position to which `byte`, one of the mask, leads. Bytes are asked for in their order.
    #[inline]
    pub(super) fn to(&mut self, byte: u8) -> Pos<'a, V, K> {
        let pos = self.pos;
        if self.runs {
            return pos.down(1);
        }
        match pos.node() {
            Node::Inner(inner) => {
                let place = inner.find(byte).unwrap_or(0);
                let child = inner.child(place);
                prefetch::<K>(child);
                // SAFETY: W1 covers what is below.
                unsafe { Pos::new(child) }
            }
            Node::Dense(dense) => {
                let low = dense.place(byte);
                Pos {
                    low,
                    high: low + 1,
                    ..pos.down(1)
                }
            }
            Node::Bucket(bucket) => {
                let (shared, texts) = (pos.depth - bucket.prefix_len(), bucket.texts());
                let count = |from: usize, goes_on: fn(u8, u8) -> bool| {
                    let passed = |&i: &usize| goes_on(texts.suffix(i)[shared], byte);
                    (from..pos.high).take_while(passed).count()
                };
                let low = self.next + count(self.next, |a, b| a < b);
                self.next = low + count(low, |a, b| a == b);
                Pos {
                    low,
                    high: self.next,
                    ..pos.down(1)
                }
            }
        }
    }

    /// The next of all children.
    #[inline]
    pub(super) fn pop(&mut self) -> Option<(u8, Pos<'a, V, K>)> {
        let byte = first(self.mask)?;
        self.mask.clear_bit(byte);
        Some((byte, self.to(byte)))
    }
}

/// The bytes that lead to the same node on either side.
#[inline]
pub(super) fn shared<V, K: PtrKind>(a: &Kids<'_, V, K>, b: &Kids<'_, V, K>) -> ByteMask {
    let mut same = ByteMask::EMPTY;
    if a.runs || b.runs {
        return same;
    }
    let (Node::Inner(x), Node::Inner(y)) = (a.pos.node(), b.pos.node()) else {
        return same;
    };
    in_both(a.mask, b.mask, |byte, i, j| {
        if K::ptr_eq(x.child(i), y.child(j)) {
            same.set_bit(byte);
        }
    });
    same
}

/// The least member of a set.
#[inline]
pub(super) fn first(mask: ByteMask) -> Option<u8> {
    let word = mask.0.iter().position(|&word| word != 0)?;
    Some((word * 64) as u8 + mask.0[word].trailing_zeros() as u8)
}
