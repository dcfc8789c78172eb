//! Blocks of inner nodes: made, freed.

use super::super::bitmap::Bitmap;
use super::super::header::{Header, Kind, TEXT_MAX, VALUED, allocate, deallocate};
use super::{INDEX, Inner, Shape};
use crate::ByteMask;
use pleach_ptr::{Allocator, Count, PtrKind};
use std::ptr::NonNull;

/// A new inner node whose parts are being written. Nothing may fail between `new` and `finish`.
pub(in crate::raw) struct Blank<'a, V, K: PtrKind>(pub(super) Inner<'a, V, K>);

impl<V, K: PtrKind> Blank<'_, V, K> {
    /// A block of this shape for `len` children.
    pub(in crate::raw) fn new<A: Allocator>(alloc: &A, shape: Shape, len: usize) -> Self {
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
    pub(in crate::raw) fn write_prefix(&self, pieces: &[&[u8]]) {
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
    pub(in crate::raw) fn write_index(&self, mask: ByteMask) {
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

    /// Writes the index of a node of the same kind and room.
    pub(in crate::raw) fn copy_index(&self, from: Inner<'_, V, K>) {
        let len = from.shape().index_len();
        debug_assert_eq!(len, self.0.shape().index_len());
        // SAFETY: the index lies inside both blocks, which are not the same.
        unsafe {
            let index = self.0.at::<u8>(INDEX);
            index.copy_from_nonoverlapping(from.at::<u8>(INDEX), len);
        }
    }

    /// Writes the number of values in the node and below.
    pub(in crate::raw) fn write_count(&self, count: u64) {
        // SAFETY: inside the block.
        unsafe { self.0.values_below().write(count) };
    }

    /// Writes the child at place `i`.
    pub(in crate::raw) fn write_child(&self, i: usize, child: K::Ptr) {
        debug_assert!(i < self.0.len());
        // SAFETY: inside the block.
        unsafe { self.0.children().add(i).write(child) };
    }

    /// Writes the value.
    pub(in crate::raw) fn write_value(&self, value: V) {
        debug_assert!(self.0.is_valued());
        // SAFETY: inside the block, since the shape has a value.
        unsafe { self.0.value_slot().write(value) };
    }

    /// The finished node; all its parts must have been written.
    pub(in crate::raw) fn finish(self) -> K::Ptr {
        // SAFETY: a live block, aligned to 8, whose one owner is the new pointer.
        unsafe { K::new(self.0.head.cast(), self.0.kind.tag()) }
    }
}

/// Frees an inner node whose children and value have been moved out.
///
/// # Safety
/// `ptr` is the only owner of an inner node of `V` from `alloc`.
pub(in crate::raw) unsafe fn free_moved<V, K: PtrKind, A: Allocator>(alloc: &A, ptr: K::Ptr) {
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
