//! Blocks of buckets: made, freed.

use super::super::bytes::{common, fingerprint};
use super::super::header::{EVEN, Header, Kind, MASKED, TEXT_MAX, allocate, deallocate};
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
        debug_assert!(shape.prefix <= TEXT_MAX);
        debug_assert!(Bucket::<V>::holds(shape.len, shape.suffixes, || shape.even).is_some());
        let room = room.max(Bucket::<V>::room_for(shape));
        let header = Header {
            count: Count::new(),
            last: (shape.len - 1) as u8,
            prefix: shape.prefix as u8,
            room: room as u8,
            flags: if shape.masked { MASKED } else { 0 } | if shape.even { EVEN } else { 0 },
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

    /// Writes all but the values: a prefix of these pieces, the suffixes, each as bytes that begin with
    /// it and its length, and which entries are valued. All are as the shape said.
    #[inline]
    pub(in crate::raw) fn write<'t>(
        &self,
        prefix: &[&[u8]],
        suffixes: impl Iterator<Item = (&'t [u8], usize)>,
        valued: u64,
    ) {
        let bucket = self.bucket();
        let (len, even, mask_at) = (bucket.len(), bucket.even(), bucket.mask_at());
        let mut at = bucket.prefix_at();
        // SAFETY: the block is new.
        let front = unsafe { bucket.front_mut() };
        if bucket.masked() {
            let mask = valued.to_le_bytes();
            let mask = &mask[..Shape::mask_len(even)];
            front[mask_at..mask_at + mask.len()].copy_from_slice(mask);
        }
        for piece in prefix {
            front[at..at + piece.len()].copy_from_slice(piece);
            at += piece.len();
        }
        let start = at;
        for (i, (tail, size)) in suffixes.enumerate() {
            match (front[at..].first_chunk_mut::<16>(), tail.first_chunk()) {
                // What is too much will be written over, or is slack.
                (Some(space), Some(chunk)) if size <= 16 => *space = *chunk,
                _ => front[at..at + size].copy_from_slice(&tail[..size]),
            }
            at += size;
            front[i] = fingerprint(&tail[..size]);
            match even {
                true => front[len] = size as u8,
                false => front[len + i] = (at - start) as u8,
            }
        }
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
    let shape = Shape {
        len: 1,
        prefix: prefix.len(),
        suffixes: suffix.len(),
        even: false,
        masked: value.is_none(),
    };
    let fresh = Fresh::<V, A>::new(alloc, shape, 0);
    let suffixes = [(suffix, suffix.len())];
    fresh.write(&[prefix], suffixes.into_iter(), value.is_some().into());
    if let Some(value) = value {
        // SAFETY: the one slot, which is empty.
        unsafe { fresh.bucket().slot(0).write(value) };
    }
    fresh.finish::<K>()
}

/// A bucket of two entries with values, in order. Beyond what they share, at most [`TEXT_MAX`] bytes
/// of it, their texts fit a bucket.
///
/// # Safety
/// The values move, and are not used where they were.
pub(in crate::raw) unsafe fn pair<V, K: PtrKind, A: Allocator>(
    alloc: &A,
    entries: [(&[u8], NonNull<V>); 2],
) -> K::Ptr {
    let texts = entries.map(|(text, _)| text);
    let shared = common(texts[0], texts[1]).min(TEXT_MAX);
    let suffixes = texts.map(|text| &text[shared..]);
    let bytes = suffixes[0].len() + suffixes[1].len();
    let shape = Shape {
        len: 2,
        prefix: shared,
        suffixes: bytes,
        even: bytes > TEXT_MAX,
        masked: false,
    };
    let fresh = Fresh::<V, A>::new(alloc, shape, 0);
    let suffixes = suffixes.map(|suffix| (suffix, suffix.len()));
    fresh.write(&[&texts[0][..shared]], suffixes.into_iter(), 3);
    for (i, (_, value)) in entries.into_iter().enumerate() {
        // SAFETY: an empty slot of the new block, and a value.
        unsafe { fresh.bucket().slot(i).copy_from_nonoverlapping(value, 1) };
    }
    fresh.finish::<K>()
}
