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

use super::bitmap::Bitmap;
use super::header::{HEAD, Header, Kind, TEXT_MAX, VALUED, allocate, deallocate, head};
use super::sparse::{self, SPARSE_MAX};
use crate::ByteMask;
use pleach_ptr::{Allocator, Count, Layout, PtrKind};
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::Range;
use std::ptr::NonNull;

/// Bytes of a pointer to a node.
const WORD: usize = size_of::<usize>();

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
        let header = self.header();
        if self.kind == Kind::Sparse && header.room < 16 {
            // SAFETY: the index of a small sparse node is 16 bytes, zeroed when made; the children
            // follow.
            let (keys, children) = unsafe {
                let keys = self.at::<[u8; 16]>(INDEX).read();
                (keys, self.at::<K::Ptr>(INDEX + 16))
            };
            let found = sparse::hits(&keys, byte) & (u32::MAX >> (31 - header.last));
            // SAFETY: the place is one of the first `len`.
            return (found != 0)
                .then(|| unsafe { children.add(found.trailing_zeros() as usize).as_ref() });
        }
        self.find(byte).map(|i| self.child(i))
    }

    /// The place of the child that `byte` leads to.
    #[inline(always)]
    pub(super) fn find(self, byte: u8) -> Option<usize> {
        match self.kind {
            Kind::Sparse => sparse::find(self.keys(), self.len(), byte),
            _ => self.bitmap().find(byte),
        }
    }

    /// The place where a child for `byte`, which has none, belongs.
    fn place(self, byte: u8) -> usize {
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
        let value = self.value().cloned();
        let len = self.len();
        let new = Blank::<V, K>::new(alloc, self.shape(), len);
        new.write_prefix(&[self.prefix()]);
        new.write_index(self.mask());
        new.write_count(self.count());
        for i in 0..len {
            new.write_child(i, K::clone(self.child(i)));
        }
        if let Some(value) = value {
            new.write_value(value);
        }
        new.finish()
    }
}

/// A new inner node whose parts are being written. Nothing may fail between `new` and `finish`.
pub(super) struct Blank<'a, V, K: PtrKind>(Inner<'a, V, K>);

impl<V, K: PtrKind> Blank<'_, V, K> {
    /// A block of this shape for `len` children.
    pub(super) fn new<A: Allocator>(alloc: &A, shape: Shape, len: usize) -> Self {
        debug_assert!(1 <= len && len <= shape.room && shape.prefix <= TEXT_MAX);
        let header = Header {
            count: Count::new(),
            last: (len - 1) as u8,
            prefix: shape.prefix as u8,
            room: (shape.room - 1) as u8,
            flags: if shape.valued { VALUED } else { 0 },
        };
        let head = allocate(alloc, shape.layout::<V>(), shape.children_at(), header);
        // SAFETY: an inner node of this kind; parts are read only after they are written.
        Self(unsafe { Inner::new(head, shape.kind) })
    }

    /// Writes the prefix from its pieces.
    pub(super) fn write_prefix(&self, pieces: &[&[u8]]) {
        let mut at = self.0.shape().prefix_at();
        for piece in pieces {
            // SAFETY: the pieces together are as long as the shape said.
            unsafe {
                self.0
                    .at::<u8>(at)
                    .copy_from(NonNull::from(*piece).cast(), piece.len())
            };
            at += piece.len();
        }
        debug_assert_eq!(at, self.0.shape().prefix_at() + self.0.prefix_len());
    }

    /// Writes which bytes lead on.
    pub(super) fn write_index(&self, mask: ByteMask) {
        let index = self.0.at::<u8>(INDEX);
        match self.0.kind {
            Kind::Sparse => {
                for (i, byte) in mask.iter().enumerate() {
                    // SAFETY: as many bytes as children, for which the index has room.
                    unsafe { index.add(i).write(byte) };
                }
            }
            // SAFETY: the index of a wide node is a bitmap, aligned to 8.
            _ => unsafe { index.cast::<Bitmap>().write(Bitmap::new(mask)) },
        }
    }

    /// Writes the number of values in the node and below.
    pub(super) fn write_count(&self, count: u64) {
        // SAFETY: inside the block.
        unsafe { self.0.values_below().write(count) };
    }

    /// Writes the child at place `i`.
    pub(super) fn write_child(&self, i: usize, child: K::Ptr) {
        debug_assert!(i < self.0.len());
        // SAFETY: inside the block.
        unsafe { self.0.children().add(i).write(child) };
    }

    /// Writes the value.
    pub(super) fn write_value(&self, value: V) {
        debug_assert!(self.0.is_valued());
        // SAFETY: inside the block, since the shape has a value.
        unsafe { self.0.value_slot().write(value) };
    }

    /// The finished node; all its parts must have been written.
    pub(super) fn finish(self) -> K::Ptr {
        // SAFETY: a live block, aligned to 8, whose one owner is the new pointer.
        unsafe { K::new(self.0.head.cast(), self.0.kind.tag()) }
    }
}

/// An inner node that one owner may change: `slot` is its only pointer.
pub(super) struct InnerMut<'s, V, K: PtrKind, A: Allocator> {
    slot: &'s mut K::Ptr,
    alloc: &'s A,
    marker: PhantomData<V>,
}

impl<'s, V, K: PtrKind, A: Allocator> InnerMut<'s, V, K, A> {
    /// The inner node in `slot`.
    ///
    /// # Safety
    /// `slot` points to an inner node of `V` from `alloc`, and is its only owner, reached through
    /// unique nodes alone.
    pub(super) unsafe fn new(slot: &'s mut K::Ptr, alloc: &'s A) -> Self {
        Self {
            slot,
            alloc,
            marker: PhantomData,
        }
    }

    /// A view; it must not be used after the next change.
    pub(super) fn view<'a>(&self) -> Inner<'a, V, K> {
        // SAFETY: `new`; the caller minds the changes.
        unsafe { Inner::new(head::<K>(self.slot), Kind::of::<K>(self.slot)) }
    }

    /// Sets the number of values in the node and below.
    pub(super) fn set_count(&mut self, count: u64) {
        // SAFETY: ours alone.
        unsafe { self.view().values_below().write(count) };
    }

    /// Sets the value at the branch point; the count is not touched.
    pub(super) fn set_value(&mut self, value: V) -> Option<V> {
        if !self.view().is_valued() {
            let shape = Shape {
                valued: true,
                ..self.view().shape()
            };
            self.reshape(shape, &[self.view().prefix()], Some(value));
            return None;
        }
        // SAFETY: I3; ours alone.
        Some(unsafe { self.view().value_slot().replace(value) })
    }

    /// Takes the value at the branch point out; the count is not touched.
    pub(super) fn take_value(&mut self) -> Option<V> {
        if !self.view().is_valued() {
            return None;
        }
        // SAFETY: I3; the value moves out, as reshaping moves the rest and frees the block. Should
        // it unwind, the value still belongs to the node.
        let value = ManuallyDrop::new(unsafe { self.view().value_slot().read() });
        let shape = Shape {
            valued: false,
            ..self.view().shape()
        };
        self.reshape(shape, &[self.view().prefix()], None);
        Some(ManuallyDrop::into_inner(value))
    }

    /// Adds a child, where `byte` has none; the count is not touched.
    pub(super) fn add_child(&mut self, byte: u8, child: K::Ptr) {
        let len = self.view().len();
        if len == self.view().shape().room {
            let view = self.view();
            let shape = Shape::for_children(len + 1, view.prefix_len(), view.is_valued());
            self.reshape(shape, &[self.view().prefix()], None);
        }
        let view = self.view();
        let i = view.place(byte);
        // SAFETY: ours alone; there is room for one more child.
        unsafe {
            match view.kind {
                Kind::Sparse => sparse::insert(self.keys_mut(), len, i, byte),
                _ => view.at::<Bitmap>(INDEX).as_mut().insert(byte),
            }
            let place = view.children().add(i);
            place.add(1).copy_from(place, len - i);
            place.write(child);
            (*view.head.as_ptr()).last += 1;
        }
    }

    /// Takes the child at place `i` out; there must be another one. The count is not touched.
    pub(super) fn remove_child(&mut self, i: usize) -> K::Ptr {
        let view = self.view();
        let (len, byte) = (view.len(), view.byte(i));
        debug_assert!(len > 1 && i < len);
        // SAFETY: ours alone; the child moves to the caller.
        let child = unsafe {
            match view.kind {
                Kind::Sparse => sparse::remove(self.keys_mut(), len, i),
                _ => view.at::<Bitmap>(INDEX).as_mut().remove(byte),
            }
            let place = view.children().add(i);
            let child = place.read();
            place.copy_from(place.add(1), len - i - 1);
            (*view.head.as_ptr()).last -= 1;
            child
        };
        let needed = Shape::for_children(len - 1, view.prefix_len(), view.is_valued());
        if 2 * needed.room <= view.shape().room {
            self.reshape(needed, &[self.view().prefix()], None);
        }
        child
    }

    /// Replaces the prefix by `before` and what `keep` leaves of it.
    pub(super) fn set_prefix(&mut self, before: &[u8], keep: Range<usize>) {
        let old = self.view();
        let shape = Shape {
            prefix: before.len() + keep.len(),
            ..old.shape()
        };
        self.reshape(shape, &[before, &old.prefix()[keep]], None);
    }

    /// The slot of the child at place `i`.
    pub(super) fn child_mut(&mut self, i: usize) -> NonNull<K::Ptr> {
        debug_assert!(i < self.view().len());
        // SAFETY: there are `len` children.
        unsafe { self.view().children().add(i) }
    }

    fn keys_mut(&mut self) -> &mut [u8] {
        let view = self.view();
        // SAFETY: a sparse node's index, ours alone.
        unsafe { std::slice::from_raw_parts_mut(view.at(INDEX).as_ptr(), view.shape().index_len()) }
    }

    /// Moves the node to a block of another shape, with a prefix of these pieces. A value that the
    /// old block lacks comes as `value`.
    fn reshape(&mut self, shape: Shape, prefix: &[&[u8]], value: Option<V>) {
        let old = self.view();
        let len = old.len();
        let new = Blank::<V, K>::new(self.alloc, shape, len);
        new.write_prefix(prefix);
        new.write_index(old.mask());
        new.write_count(old.count());
        // SAFETY: the children, and the value if both have one, move; the old block is unique and
        // is freed without them.
        unsafe {
            new.0
                .children()
                .copy_from_nonoverlapping(old.children(), len);
            match value {
                Some(value) => new.write_value(value),
                None if shape.valued => {
                    new.0
                        .value_slot()
                        .copy_from_nonoverlapping(old.value_slot(), 1);
                }
                None => {}
            }
            free_moved::<V, K, A>(self.alloc, std::mem::replace(self.slot, new.finish()));
        }
    }
}

/// Frees an inner node whose children and value have been moved out.
///
/// # Safety
/// `ptr` is the only owner of an inner node of `V` from `alloc`.
pub(super) unsafe fn free_moved<V, K: PtrKind, A: Allocator>(alloc: &A, ptr: K::Ptr) {
    let kind = Kind::of::<K>(&ptr);
    if let Some(block) = K::release(ptr) {
        let head = block.cast();
        // SAFETY: the last owner; layout from the header itself.
        unsafe {
            let layout = Inner::<V, K>::new(head, kind).layout();
            deallocate(alloc, head, layout);
        }
    }
}
