//! Dense leaves: up to 256 values whose suffixes are one byte each.
//!
//! ```text
//! | header | bitmap | prefix | slack | value x n |
//! ```
//!
//! Integers in sequence end in such leaves: a key costs its value and one bit. They exist only for
//! small values, since a copy copies all of them.
//!
//! Invariants: **D1** the bitmap has `n >= 1` members; **D2** the last `n` slots of the block hold
//! the values in the order of their bytes; every entry has one.

use super::bitmap::Bitmap;
use super::header::{HEAD, Header, Kind, allocate, deallocate, head};
use super::values::Row;
use crate::ByteMask;
use pleach_ptr::{Allocator, Count, Layout, PtrKind};
use std::marker::PhantomData;
use std::ops::Range;
use std::ptr::NonNull;

/// Bytes per unit of a dense leaf's size.
const UNIT: usize = 16;
/// Where the prefix begins.
const PREFIX: usize = HEAD + size_of::<Bitmap>();

/// A dense leaf that lives and does not change for `'a`.
pub(super) struct Dense<'a, V> {
    head: NonNull<Header>,
    marker: PhantomData<&'a V>,
}

impl<V> Clone for Dense<'_, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V> Copy for Dense<'_, V> {}

impl<'a, V> Dense<'a, V> {
    /// Whether values of this type may be kept in dense leaves.
    pub(super) const SERVES: bool = size_of::<V>() <= 8 && align_of::<V>() <= 8;

    /// The dense leaf behind `head`.
    ///
    /// # Safety
    /// `head` is a dense leaf of values `V` that for `'a` is neither freed nor changed.
    #[inline(always)]
    pub(super) unsafe fn new(head: NonNull<Header>) -> Self {
        Self {
            head,
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

    /// Number of entries, all of which have values.
    #[inline(always)]
    pub(super) fn len(self) -> usize {
        usize::from(self.header().last) + 1
    }

    /// The layout of the block.
    pub(super) fn layout(self) -> Layout {
        Self::layout_of(usize::from(self.header().room))
    }

    fn layout_of(room: usize) -> Layout {
        Layout::from_size_align(room * UNIT, 8).expect("a dense leaf's size is bounded")
    }

    fn room_for(len: usize, prefix: usize) -> usize {
        ((PREFIX + prefix).next_multiple_of(8) + len * size_of::<V>()).div_ceil(UNIT)
    }

    /// The first value slot.
    #[inline(always)]
    pub(super) fn values(self) -> NonNull<V> {
        self.at(usize::from(self.header().room) * UNIT - self.len() * size_of::<V>())
    }

    #[inline(always)]
    fn bitmap(self) -> &'a Bitmap {
        // SAFETY: initialized, aligned to 8, unchanged for 'a.
        unsafe { self.at::<Bitmap>(HEAD).as_ref() }
    }

    /// The suffixes.
    pub(super) fn mask(self) -> ByteMask {
        self.bitmap().mask()
    }

    /// What all entries begin with.
    #[inline(always)]
    pub(super) fn prefix(self) -> &'a [u8] {
        // SAFETY: initialized, unchanged for 'a.
        unsafe {
            let prefix = self.at::<u8>(PREFIX);
            std::slice::from_raw_parts(prefix.as_ptr(), usize::from(self.header().prefix))
        }
    }

    /// The place of the entry with this suffix.
    #[inline(always)]
    pub(super) fn find(self, byte: u8) -> Option<usize> {
        self.bitmap().find(byte)
    }

    /// How many entries come before `byte`.
    pub(super) fn place(self, byte: u8) -> usize {
        self.bitmap().place(byte)
    }

    /// The suffix at place `i`.
    pub(super) fn byte(self, i: usize) -> u8 {
        self.bitmap().at(i)
    }

    /// The value slot at place `i`.
    #[inline(always)]
    pub(super) fn slot(self, i: usize) -> NonNull<V> {
        debug_assert!(i < self.len());
        // SAFETY: there are `len` slots (D2).
        unsafe { self.values().add(i) }
    }

    /// The value at place `i`.
    #[inline(always)]
    pub(super) fn value(self, i: usize) -> &'a V {
        // SAFETY: D2, and the value does not change for 'a.
        unsafe { self.slot(i).as_ref() }
    }

    /// A copy that belongs to nobody else.
    pub(super) fn copy<K: PtrKind, A: Allocator>(self, alloc: &A) -> K::Ptr
    where
        V: Clone,
    {
        let room = usize::from(self.header().room);
        let fresh = Fresh::<V, A>::new(alloc, &[self.prefix()], self.mask(), room);
        // SAFETY: D2; the new block has as many slots.
        unsafe { self.row().clone_values(fresh.leaf().values()) };
        fresh.finish::<K>()
    }

    /// Drops all values.
    ///
    /// # Safety
    /// The caller owns the block alone, and nobody uses the values afterwards.
    pub(super) unsafe fn drop_values(self) {
        // SAFETY: D2.
        unsafe { self.row().drop_values() };
    }

    /// The value slots (D2).
    fn row(self) -> Row<V, impl Fn(usize) -> Option<NonNull<V>>> {
        let values = self.values();
        // SAFETY: there are `len` slots.
        Row::new(self.len(), move |i| Some(unsafe { values.add(i) }))
    }
}

/// A new dense leaf without values, freed if they do not come.
pub(super) struct Fresh<'x, V, A: Allocator> {
    head: NonNull<Header>,
    alloc: &'x A,
    marker: PhantomData<V>,
}

impl<'x, V, A: Allocator> Fresh<'x, V, A> {
    /// A leaf with these suffixes and a prefix of these pieces, of at least `room` units.
    pub(super) fn new(alloc: &'x A, prefix: &[&[u8]], mask: ByteMask, room: usize) -> Self {
        debug_assert!(Dense::<V>::SERVES);
        let len = mask.count_bits();
        let prefix_len = prefix.iter().map(|piece| piece.len()).sum();
        let room = room.max(Dense::<V>::room_for(len, prefix_len));
        let header = Header {
            count: Count::new(),
            last: (len - 1) as u8,
            prefix: prefix_len as u8,
            room: room as u8,
            flags: 0,
        };
        let head = allocate(alloc, Dense::<V>::layout_of(room), PREFIX, header);
        let fresh = Self {
            head,
            alloc,
            marker: PhantomData,
        };
        let leaf = fresh.leaf();
        // SAFETY: bitmap and prefix lie in the block, before the values.
        unsafe {
            leaf.at::<Bitmap>(HEAD).write(Bitmap::new(mask));
            let mut at = PREFIX;
            for piece in prefix {
                leaf.at::<u8>(at)
                    .copy_from(NonNull::from(*piece).cast(), piece.len());
                at += piece.len();
            }
        }
        fresh
    }

    /// The leaf.
    pub(super) fn leaf<'a>(&self) -> Dense<'a, V> {
        // SAFETY: a dense leaf whose values are not read before they are written.
        unsafe { Dense::new(self.head) }
    }

    /// The finished leaf; its values must have been written.
    pub(super) fn finish<K: PtrKind>(self) -> K::Ptr {
        let head = self.head;
        std::mem::forget(self);
        // SAFETY: a live block, aligned to 8, whose one owner is the new pointer.
        unsafe { K::new(head.cast(), Kind::Dense.tag()) }
    }
}

impl<V, A: Allocator> Drop for Fresh<'_, V, A> {
    fn drop(&mut self) {
        let layout = self.leaf().layout();
        // SAFETY: from the same allocator; nobody has seen it.
        unsafe { deallocate(self.alloc, self.head, layout) };
    }
}

/// A dense leaf that one owner may change: `slot` is its only pointer.
pub(super) struct DenseMut<'s, V, K: PtrKind, A: Allocator> {
    slot: &'s mut K::Ptr,
    alloc: &'s A,
    marker: PhantomData<V>,
}

impl<'s, V, K: PtrKind, A: Allocator> DenseMut<'s, V, K, A> {
    /// The dense leaf in `slot`.
    ///
    /// # Safety
    /// `slot` points to a dense leaf of `V` from `alloc`, and is its only owner, reached through
    /// unique nodes alone.
    pub(super) unsafe fn new(slot: &'s mut K::Ptr, alloc: &'s A) -> Self {
        Self {
            slot,
            alloc,
            marker: PhantomData,
        }
    }

    /// A view; it must not be used after the next change.
    pub(super) fn view<'a>(&self) -> Dense<'a, V> {
        // SAFETY: `new`; the caller minds the changes.
        unsafe { Dense::new(head::<K>(self.slot)) }
    }

    /// Sets the value at place `i`.
    pub(super) fn set(&mut self, i: usize, value: V) -> V {
        // SAFETY: D2; ours alone.
        unsafe { self.view().slot(i).replace(value) }
    }

    /// Adds an entry for `byte`, which has none.
    pub(super) fn insert(&mut self, byte: u8, value: V) {
        let old = self.view();
        let (len, prefix) = (old.len(), old.prefix().len());
        let room = usize::from(old.header().room);
        if Dense::<V>::room_for(len + 1, prefix) > room {
            let most = Dense::<V>::room_for(256, prefix);
            self.reshape(&[old.prefix()], (room + room / 4 + 1).min(most));
        }
        let leaf = self.view();
        let i = leaf.bitmap().place(byte);
        // SAFETY: ours alone; there is room for one more slot below the values.
        unsafe {
            let values = leaf.values();
            let lower = values.sub(1);
            lower.copy_from(values, i);
            lower.add(i).write(value);
            leaf.at::<Bitmap>(HEAD).as_mut().insert(byte);
            (*leaf.head.as_ptr()).last += 1;
        }
    }

    /// Takes the entry at place `i` out; there must be another one.
    pub(super) fn remove(&mut self, i: usize) -> V {
        let leaf = self.view();
        let (len, byte) = (leaf.len(), leaf.byte(i));
        debug_assert!(len > 1);
        // SAFETY: ours alone; the value moves to the caller.
        let value = unsafe {
            let value = leaf.slot(i).read();
            let values = leaf.values();
            values.add(1).copy_from(values, i);
            leaf.at::<Bitmap>(HEAD).as_mut().remove(byte);
            (*leaf.head.as_ptr()).last -= 1;
            value
        };
        let room = Dense::<V>::room_for(len - 1, leaf.prefix().len());
        if 2 * room <= usize::from(leaf.header().room) {
            self.reshape(&[leaf.prefix()], room);
        }
        value
    }

    /// Replaces the prefix by `before` and what `keep` leaves of it.
    pub(super) fn set_prefix(&mut self, before: &[u8], keep: Range<usize>) {
        let old = self.view().prefix();
        self.reshape(&[before, &old[keep]], 0);
    }

    fn reshape(&mut self, prefix: &[&[u8]], room: usize) {
        let old = self.view();
        let fresh = Fresh::<V, A>::new(self.alloc, prefix, old.mask(), room);
        // SAFETY: the values move; the old block is unique and is freed without them.
        unsafe {
            fresh
                .leaf()
                .values()
                .copy_from_nonoverlapping(old.values(), old.len());
            let new = fresh.finish::<K>();
            free_moved::<V, K, A>(self.alloc, std::mem::replace(self.slot, new));
        }
    }
}

/// Frees a dense leaf whose values have been moved out.
///
/// # Safety
/// `ptr` is the only owner of a dense leaf of `V` from `alloc`.
pub(super) unsafe fn free_moved<V, K: PtrKind, A: Allocator>(alloc: &A, ptr: K::Ptr) {
    if let Some(block) = K::release(ptr) {
        let head = block.cast();
        // SAFETY: the last owner; layout from the header itself.
        unsafe {
            let layout = Dense::<V>::new(head).layout();
            deallocate(alloc, head, layout);
        }
    }
}
