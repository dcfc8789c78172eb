//! Inner nodes: a prefix, then a branch point with children and perhaps a value.
//!
//! ```text
//! | header | values below: u64 | index | child x room | prefix | value? |
//! ```
//!
//! The index says which byte leads to which child: an array of bytes ([`sparse`], up to 48
//! children) or a bitmap ([`bitmap`], up to 256).
//!
//! Invariants of an inner node:
//! - **I1** It has at least one child; children stand in the order of their bytes.
//! - **I2** `values below` is the number of values in the node and under it, saturating.
//! - **I3** There is a value exactly if the flag [`VALUED`] is set.

mod blank;
mod edit;

pub(super) use blank::{Blank, free_moved};
pub(super) use edit::InnerMut;

use super::bitmap::Bitmap;
use super::header::{HEAD, Header, Kind, VALUED, prefetch_count};
use super::sparse::{self, SPARSE_MAX};
use crate::ByteMask;
use pleach_ptr::{Allocator, Layout, PtrKind};
use std::marker::PhantomData;
use std::ptr::NonNull;

/// Bytes of a pointer to a node.
const WORD: usize = size_of::<usize>();

/// Children whose counts are on their way to the cache while a copy counts the one before them.
const AHEAD: usize = 16;

/// Where the index begins, after the count of values.
const INDEX: usize = HEAD + 8;

/// An inner node that lives and does not change for `'a`.
pub(super) struct Inner<'a, V, K: PtrKind> {
    head: NonNull<Header>,
    kind: Kind,
    marker: PhantomData<&'a (V, K::Ptr)>,
}

impl<V, K: PtrKind> Clone for Inner<'_, V, K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V, K: PtrKind> Copy for Inner<'_, V, K> {}

/// The sizes that decide where things stand in an inner node's block.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    /// Sparse or wide.
    pub(super) kind: Kind,
    /// Children there is room for.
    pub(super) room: usize,
    /// Bytes of prefix.
    pub(super) prefix: usize,
    /// Whether there is a value.
    pub(super) valued: bool,
}

impl Shape {
    /// The shape of a node for `len` children.
    pub(super) fn for_children(len: usize, prefix: usize, valued: bool) -> Self {
        let (kind, room) = match len {
            0..=SPARSE_MAX => (Kind::Sparse, sparse::room_for(len)),
            _ => (Kind::Wide, len.next_multiple_of(32)),
        };
        Self {
            kind,
            room,
            prefix,
            valued,
        }
    }

    #[inline(always)]
    const fn index_len(self) -> usize {
        match self.kind {
            Kind::Sparse => sparse::index_len(self.room),
            _ => size_of::<Bitmap>(),
        }
    }

    #[inline(always)]
    const fn children_at(self) -> usize {
        INDEX + self.index_len()
    }

    #[inline(always)]
    const fn prefix_at(self) -> usize {
        self.children_at() + self.room * WORD
    }

    #[inline(always)]
    const fn value_at<V>(self) -> usize {
        (self.prefix_at() + self.prefix).next_multiple_of(align_of::<V>())
    }

    fn layout<V>(self) -> Layout {
        let size = match self.valued {
            true => self.value_at::<V>() + size_of::<V>(),
            false => self.prefix_at() + self.prefix,
        };
        let align = align_of::<V>().max(8);
        Layout::from_size_align(size, align).expect("an inner node's size is bounded")
    }
}

impl<'a, V, K: PtrKind> Inner<'a, V, K> {
    /// The inner node behind `head`.
    ///
    /// # Safety
    /// `head` is an inner node of this kind, with values `V` and pointers `K`, that for `'a` is
    /// neither freed nor changed.
    #[inline(always)]
    pub(super) unsafe fn new(head: NonNull<Header>, kind: Kind) -> Self {
        const { assert!(size_of::<K::Ptr>() == WORD && align_of::<K::Ptr>() <= 8) };
        Self {
            head,
            kind,
            marker: PhantomData,
        }
    }

    #[inline(always)]
    fn header(self) -> &'a Header {
        // SAFETY: `new`.
        unsafe { self.head.as_ref() }
    }

    #[inline(always)]
    fn at<T>(self, offset: usize) -> NonNull<T> {
        // SAFETY: callers pass offsets inside the block.
        unsafe { self.head.cast::<u8>().add(offset).cast() }
    }

    /// The sizes of this node.
    #[inline(always)]
    pub(super) fn shape(self) -> Shape {
        let header = self.header();
        Shape {
            kind: self.kind,
            room: usize::from(header.room) + 1,
            prefix: usize::from(header.prefix),
            valued: header.flags & VALUED != 0,
        }
    }

    /// The layout of the block.
    pub(super) fn layout(self) -> Layout {
        self.shape().layout::<V>()
    }

    /// Number of children.
    #[inline(always)]
    pub(super) fn len(self) -> usize {
        usize::from(self.header().last) + 1
    }

    /// Where the number of values stands.
    pub(super) fn values_below(self) -> NonNull<u64> {
        self.at(HEAD)
    }

    /// Values in the node and under it; saturates.
    #[inline(always)]
    pub(super) fn count(self) -> u64 {
        // SAFETY: initialized with the node.
        unsafe { self.values_below().read() }
    }

    /// What every path through the node begins with.
    #[inline(always)]
    pub(super) fn prefix(self) -> &'a [u8] {
        let shape = self.shape();
        // SAFETY: initialized with the node, unchanged for 'a.
        unsafe {
            let prefix = self.at::<u8>(shape.prefix_at());
            std::slice::from_raw_parts(prefix.as_ptr(), shape.prefix)
        }
    }

    /// Bytes of prefix.
    #[inline(always)]
    pub(super) fn prefix_len(self) -> usize {
        usize::from(self.header().prefix)
    }

    /// The slot of the value; meaningful if the node has one.
    pub(super) fn value_slot(self) -> NonNull<V> {
        self.at(self.shape().value_at::<V>())
    }

    /// Whether there is a value at the branch point.
    #[inline(always)]
    pub(super) fn is_valued(self) -> bool {
        self.header().flags & VALUED != 0
    }

    /// The value at the branch point.
    #[inline(always)]
    pub(super) fn value(self) -> Option<&'a V> {
        // SAFETY: I3.
        self.is_valued()
            .then(|| unsafe { self.value_slot().as_ref() })
    }

    /// The first child's slot.
    #[inline(always)]
    pub(super) fn children(self) -> NonNull<K::Ptr> {
        self.at(self.shape().children_at())
    }

    /// The child at place `i`.
    #[inline(always)]
    pub(super) fn child(self, i: usize) -> &'a K::Ptr {
        debug_assert!(i < self.len());
        // SAFETY: there are `len` initialized children.
        unsafe { self.children().add(i).as_ref() }
    }

    #[inline(always)]
    fn keys(self) -> &'a [u8] {
        // SAFETY: a sparse node's index, zeroed when made; unchanged for 'a.
        unsafe { std::slice::from_raw_parts(self.at(INDEX).as_ptr(), self.shape().index_len()) }
    }

    #[inline(always)]
    fn bitmap(self) -> &'a Bitmap {
        // SAFETY: a wide node's index, aligned to 8; unchanged for 'a.
        unsafe { self.at::<Bitmap>(INDEX).as_ref() }
    }

    /// The child that `byte` leads to.
    #[inline(always)]
    pub(super) fn child_at(self, byte: u8) -> Option<&'a K::Ptr> {
        let slot = self.slot_at(byte)?;
        // SAFETY: an initialized child.
        Some(unsafe { slot.as_ref() })
    }

    /// The slot of the child that `byte` leads to.
    #[inline(always)]
    pub(super) fn slot_at(self, byte: u8) -> Option<NonNull<K::Ptr>> {
        let header = self.header();
        if self.kind == Kind::Sparse && header.room < 16 {
            // SAFETY: the index of a small sparse node is 16 bytes, zeroed when made; the children
            // follow.
            let (keys, children) = unsafe {
                let keys = self.at::<[u8; 16]>(INDEX).read();
                (keys, self.at::<K::Ptr>(INDEX + 16))
            };
            let found = sparse::hits(&keys, byte) & (u32::MAX >> (31 - header.last));
            let place = found.trailing_zeros() as usize;
            // SAFETY: the place is one of the first `len`.
            return (found != 0).then(|| unsafe { children.add(place) });
        }
        let place = self.find(byte)?;
        // SAFETY: as above.
        Some(unsafe { self.children().add(place) })
    }

    /// The place of the child that `byte` leads to.
    #[inline(always)]
    pub(super) fn find(self, byte: u8) -> Option<usize> {
        match self.kind {
            Kind::Sparse => sparse::find(self.keys(), self.len(), byte),
            _ => self.bitmap().find(byte),
        }
    }

    /// How many children come before `byte`: the place of its own, if it has one.
    pub(super) fn place(self, byte: u8) -> usize {
        match self.kind {
            Kind::Sparse => sparse::place(self.keys(), self.len(), byte),
            _ => self.bitmap().place(byte),
        }
    }

    /// The byte that leads to the child at place `i`.
    pub(super) fn byte(self, i: usize) -> u8 {
        match self.kind {
            Kind::Sparse => self.keys()[i],
            _ => self.bitmap().at(i),
        }
    }

    /// The place of the first child after `byte`; `len` if there is none.
    #[inline]
    pub(super) fn place_after(self, byte: u8) -> usize {
        self.find(byte).map_or_else(|| self.place(byte), |i| i + 1)
    }

    /// The bytes that lead on.
    pub(super) fn mask(self) -> ByteMask {
        match self.kind {
            Kind::Sparse => sparse::mask(self.keys(), self.len()),
            _ => self.bitmap().mask(),
        }
    }

    /// A copy that belongs to nobody else; its children have one more owner.
    pub(super) fn copy<A: Allocator>(self, alloc: &A) -> K::Ptr
    where
        V: Clone,
    {
        self.copy_below(alloc, 0)
    }

    /// A copy without the first `depth` bytes, which lie in its prefix.
    pub(super) fn copy_below<A: Allocator>(self, alloc: &A, depth: usize) -> K::Ptr
    where
        V: Clone,
    {
        self.copy_with(alloc, depth, K::clone)
    }

    /// As `copy_below`, with what `own` makes of each child.
    pub(super) fn copy_with<A: Allocator>(
        self,
        alloc: &A,
        depth: usize,
        own: impl Fn(&K::Ptr) -> K::Ptr,
    ) -> K::Ptr
    where
        V: Clone,
    {
        let value = self.value().cloned();
        let (len, prefix) = (self.len(), &self.prefix()[depth..]);
        let shape = Shape {
            prefix: prefix.len(),
            ..self.shape()
        };
        let new = Blank::<V, K>::new(alloc, shape, len);
        new.write_prefix(&[prefix]);
        new.copy_index(self);
        new.write_count(self.count());
        for i in 0..len {
            if let Some(ahead) = (i + AHEAD < len).then(|| self.child(i + AHEAD)) {
                prefetch_count::<K>(ahead);
            }
            new.write_child(i, own(self.child(i)));
        }
        if let Some(value) = value {
            new.write_value(value);
        }
        new.finish()
    }
}
