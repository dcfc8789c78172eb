//! Blocks of buckets: made, freed.

use super::super::bytes::fingerprint;
use super::super::header::{Header, Kind, MASKED, TEXT_MAX, allocate, deallocate};
use super::{Bucket, Shape};
use pleach_ptr::{Allocator, Count, PtrKind};
use std::marker::PhantomData;
use std::ptr::NonNull;

/// A new bucket block without values, freed if they do not come.
pub(in crate::raw) struct Fresh<'x, V, A: Allocator> {
    head: NonNull<Header>,
    alloc: &'x A,
    marker: PhantomData<V>,
}

impl<'x, V, A: Allocator> Fresh<'x, V, A> {
    /// A block for `shape`, of at least `room` units.
    pub(in crate::raw) fn new(alloc: &'x A, shape: Shape, room: usize) -> Self {
        debug_assert!((1..=Bucket::<V>::CAP).contains(&shape.len));
        debug_assert!(shape.prefix <= TEXT_MAX && shape.suffixes <= TEXT_MAX);
        let room = room.max(Bucket::<V>::room_for(shape));
        let header = Header {
            count: Count::new(),
            last: (shape.len - 1) as u8,
            prefix: shape.prefix as u8,
            room: room as u8,
            flags: if shape.masked { MASKED } else { 0 },
        };
        let zeroed = Bucket::<V>::values_at(room, shape.len);
        let head = allocate(alloc, Bucket::<V>::layout_of(room), zeroed, header);
        Self {
            head,
            alloc,
            marker: PhantomData,
        }
    }

    /// The block.
    pub(in crate::raw) fn bucket<'a>(&self) -> Bucket<'a, V> {
        // SAFETY: the block is a bucket whose values are not read before they are written.
        unsafe { Bucket::new(self.head) }
    }

    /// The finished bucket; its front and its values must have been written.
    pub(in crate::raw) fn finish<K: PtrKind>(self) -> K::Ptr {
        let head = self.head;
        std::mem::forget(self);
        // SAFETY: a live block, aligned to 8, whose one owner is the new pointer.
        unsafe { K::new(head.cast(), Kind::Bucket.tag()) }
    }
}

impl<V, A: Allocator> Drop for Fresh<'_, V, A> {
    fn drop(&mut self) {
        let layout = self.bucket().layout();
        // SAFETY: from the same allocator; nobody has seen it.
        unsafe { deallocate(self.alloc, self.head, layout) };
    }
}

/// Frees a bucket whose values have been moved out.
///
/// # Safety
/// `ptr` is the only owner of a bucket of `V` from `alloc`.
pub(in crate::raw) unsafe fn free_moved<V, K: PtrKind, A: Allocator>(alloc: &A, ptr: K::Ptr) {
    if let Some(block) = K::release(ptr) {
        let head = block.cast();
        // SAFETY: the last owner; layout from the header itself.
        unsafe {
            let layout = Bucket::<V>::new(head).layout();
            deallocate(alloc, head, layout);
        }
    }
}

/// A bucket of one entry, whose text is at most twice [`TEXT_MAX`] bytes.
pub(in crate::raw) fn single<V, K: PtrKind, A: Allocator>(
    alloc: &A,
    text: &[u8],
    value: Option<V>,
) -> K::Ptr {
    let (prefix, suffix) = text.split_at(text.len().min(TEXT_MAX));
    let masked = value.is_none();
    let shape = Shape {
        len: 1,
        prefix: prefix.len(),
        suffixes: suffix.len(),
        masked,
    };
    let fresh = Fresh::<V, A>::new(alloc, shape, 0);
    // SAFETY: the new block is ours.
    let front = unsafe { fresh.bucket().front_mut() };
    front[0] = fingerprint(suffix);
    front[1] = suffix.len() as u8;
    let at = shape.prefix_at();
    front[at..at + text.len()].copy_from_slice(text);
    if let Some(value) = value {
        // SAFETY: the one slot, which is empty.
        unsafe { fresh.bucket().slot(0).write(value) };
    }
    fresh.finish::<K>()
}
