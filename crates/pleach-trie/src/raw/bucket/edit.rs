//! Changing a bucket that one owner has alone.

use super::super::bytes::fingerprint;
use super::super::header::{HEAD, Header, head};
use super::{Bucket, Form, Fresh, Shape, free_moved};
use pleach_ptr::{Allocator, PtrKind};
use std::marker::PhantomData;
use std::ops::Range;

/// A bucket that one owner may change: `slot` is its only pointer.
pub(in crate::raw) struct BucketMut<'s, V, K: PtrKind, A: Allocator> {
    slot: &'s mut K::Ptr,
    alloc: &'s A,
    marker: PhantomData<V>,
}

impl<'s, V, K: PtrKind, A: Allocator> BucketMut<'s, V, K, A> {
    /// The bucket in `slot`.
    ///
    /// # Safety
    /// `slot` points to a bucket of `V` from `alloc`, and is its only owner, reached through
    /// unique nodes alone.
    pub(in crate::raw) unsafe fn new(slot: &'s mut K::Ptr, alloc: &'s A) -> Self {
        Self {
            slot,
            alloc,
            marker: PhantomData,
        }
    }

    /// A view; it must not be used after the next change.
    pub(in crate::raw) fn view<'a>(&self) -> Bucket<'a, V> {
        // SAFETY: `new`; the caller minds the changes.
        unsafe { Bucket::new(head::<K>(self.slot)) }
    }

    /// Sets the value of entry `i`.
    pub(in crate::raw) fn set(&mut self, i: usize, value: V) -> Option<V> {
        let bucket = self.view();
        // SAFETY: B4; the bucket is ours alone.
        unsafe {
            if bucket.is_valued(i) {
                return Some(bucket.slot(i).replace(value));
            }
            bucket.slot(i).write(value);
        }
        self.write_mask(bucket.valued() | 1 << i);
        None
    }

    /// Takes the value of entry `i` out; the entry stays.
    pub(in crate::raw) fn unset(&mut self, i: usize) -> Option<V> {
        if !self.view().is_valued(i) {
            return None;
        }
        if !self.view().masked() {
            let bucket = self.view();
            self.reshape(
                Shape {
                    masked: true,
                    ..bucket.shape()
                },
                0,
                &[bucket.prefix()],
            );
        }
        let bucket = self.view();
        self.write_mask(bucket.valued() & !(1 << i));
        // SAFETY: the slot held a value, which now is the caller's; zeroes keep B3.
        unsafe {
            let value = bucket.slot(i).read();
            bucket.slot(i).cast::<u8>().write_bytes(0, size_of::<V>());
            Some(value)
        }
    }

    fn write_mask(&mut self, mask: u64) {
        let bucket = self.view();
        let at = bucket.mask_at();
        let mask = mask.to_le_bytes();
        let mask = &mask[..Shape::mask_len(bucket.even())];
        debug_assert!(bucket.masked());
        // SAFETY: the bucket is ours alone.
        unsafe { bucket.front_mut()[at..at + mask.len()].copy_from_slice(mask) };
    }

    /// Whether another entry with this suffix has a place in a bucket of the same form.
    pub(in crate::raw) fn has_room(&self, suffix: &[u8]) -> bool {
        let shape = self.view().shape();
        let alike = || shape.even && shape.suffixes == shape.len * suffix.len();
        match Bucket::<V>::holds(shape.len + 1, shape.suffixes + suffix.len(), alike) {
            Some(Form::Ends) => !shape.even || alike(),
            form => form.is_some(),
        }
    }

    /// Adds an entry at `i`, where it sorts; there must be room.
    pub(in crate::raw) fn insert(&mut self, i: usize, suffix: &[u8], value: Option<V>) {
        debug_assert!(self.has_room(suffix));
        let bucket = self.view();
        let (old, valued) = (bucket.shape(), bucket.valued());
        let (n, m) = (old.len, suffix.len());
        let new = Shape {
            len: n + 1,
            suffixes: old.suffixes + m,
            masked: old.masked || value.is_none(),
            ..old
        };
        let start = bucket.texts().start(i);
        let (room, needed) = (
            usize::from(bucket.header().room),
            Bucket::<V>::room_for(new),
        );
        let fits = new.masked == old.masked && needed <= room;
        // Entries that come in order will go on to come, and those of an even bucket would want a
        // larger block each time.
        let spare = match new.even || i == n {
            true => needed / 8,
            false => 0,
        };
        let fresh = (!fits).then(|| Fresh::<V, A>::new(self.alloc, new, needed + spare));
        let target = fresh.as_ref().map_or(bucket, Fresh::bucket);
        let (old_text, new_text) = (old.prefix_at() + old.prefix, new.prefix_at() + new.prefix);
        let bit = u64::from(value.is_some()) << i;
        // SAFETY: both blocks are ours, perhaps the same one: then things move to the right, the
        // last ones first. The target has room for all.
        unsafe {
            let from = bucket.head.cast::<u8>().add(HEAD);
            let to = target.head.cast::<u8>().add(HEAD);
            let bring = |range: Range<usize>, at: usize| {
                to.add(at).copy_from(from.add(range.start), range.len());
            };
            bring(
                old_text + start..old_text + old.suffixes,
                new_text + start + m,
            );
            bring(old.prefix_at()..old_text + start, new.prefix_at());
            if old.even {
                bring(i..n + 1, i + 1);
            } else {
                bring(n + i..2 * n, n + i + 2);
                bring(i..n + i, i + 1);
            }
            let values = bucket.values();
            let room = usize::from(target.header().room);
            let row = target
                .head
                .cast::<u8>()
                .add(Bucket::<V>::values_at(room, n + 1));
            let row = row.cast::<V>();
            row.copy_from(values, i);
            if !fits {
                bring(0..i, 0);
                row.add(i + 1).copy_from(values.add(i), n - i);
            }
            match value {
                Some(value) => row.add(i).write(value),
                None => row.add(i).cast::<u8>().write_bytes(0, size_of::<V>()),
            }
            (*target.head.as_ptr()).last = n as u8;
        }
        // SAFETY: ours alone.
        let front = unsafe { target.front_mut() };
        front[i] = fingerprint(suffix);
        if !new.even {
            front[n + 1 + i] = (start + m) as u8;
            for end in &mut front[n + i + 2..2 * n + 2] {
                *end += m as u8;
            }
        }
        front[new_text + start..new_text + start + m].copy_from_slice(suffix);
        if let Some(fresh) = fresh {
            let old = std::mem::replace(self.slot, fresh.finish::<K>());
            // SAFETY: unique, and its values have moved.
            unsafe { free_moved::<V, K, A>(self.alloc, old) };
        }
        if new.masked {
            let below = (1 << i) - 1;
            self.write_mask(valued & below | (valued & !below) << 1 | bit);
        }
    }

    /// Takes entry `i` out; there must be another one.
    pub(in crate::raw) fn remove(&mut self, i: usize) -> Option<V> {
        let bucket = self.view();
        let old = bucket.shape();
        debug_assert!(old.len > 1);
        let valued = bucket.valued();
        let (n, m) = (old.len, bucket.suffix(i).len());
        let start = bucket.texts().start(i);
        let new = Shape {
            len: n - 1,
            suffixes: old.suffixes - m,
            ..old
        };
        let (text, to) = (old.prefix_at() + old.prefix, new.prefix_at() + new.prefix);
        // SAFETY: ours alone.
        let front = unsafe { bucket.front_mut() };
        if old.even {
            front.copy_within(i + 1..n + 1, i);
        } else {
            front.copy_within(i + 1..n + i, i);
            front.copy_within(n + i + 1..2 * n, n + i - 1);
            for end in &mut front[n + i - 1..2 * n - 2] {
                *end -= m as u8;
            }
        }
        front.copy_within(old.index_len()..text + start, new.index_len());
        front.copy_within(text + start + m..text + old.suffixes, to + start);
        // SAFETY: the slot's value, if any, becomes the caller's; the slot that the row gives up
        // is zeroed (B3).
        let value = unsafe {
            let value = (valued >> i & 1 != 0).then(|| bucket.slot(i).read());
            let values = bucket.values();
            values.add(1).copy_from(values, i);
            values.cast::<u8>().write_bytes(0, size_of::<V>());
            (*self.header_mut()).last -= 1;
            value
        };
        if old.masked {
            let low = valued & ((1 << i) - 1);
            self.write_mask(low | (valued >> 1 & !((1 << i) - 1)));
        }
        let shape = self.view().shape();
        if 2 * Bucket::<V>::room_for(shape) <= usize::from(self.view().header().room) {
            self.reshape(shape, 0, &[self.view().prefix()]);
        }
        value
    }

    fn header_mut(&mut self) -> *mut Header {
        head::<K>(self.slot).as_ptr()
    }

    /// Replaces the prefix by `before` and what `keep` leaves of it.
    pub(in crate::raw) fn set_prefix(&mut self, before: &[u8], keep: Range<usize>) {
        let old = self.view();
        let shape = Shape {
            prefix: before.len() + keep.len(),
            ..old.shape()
        };
        self.reshape(shape, 0, &[before, &old.prefix()[keep]]);
    }

    /// Moves the bucket to a block of at least `room` units, with a mask if `shape` has one and
    /// with a prefix of these pieces.
    fn reshape(&mut self, shape: Shape, room: usize, prefix: &[&[u8]]) {
        let old = self.view();
        let fresh = Fresh::<V, A>::new(self.alloc, shape, room);
        let new = fresh.bucket();
        // SAFETY: the new block is ours.
        let front = unsafe { new.front_mut() };
        let (from, n, index) = (old.front(), shape.len, shape.index_len());
        front[..index].copy_from_slice(&from[..index]);
        if shape.masked {
            let mask = old.valued().to_le_bytes();
            let mask = &mask[..Shape::mask_len(shape.even)];
            front[index..index + mask.len()].copy_from_slice(mask);
        }
        let mut to = shape.prefix_at();
        let at = old.prefix_at() + old.prefix().len();
        for piece in prefix.iter().chain(&[&from[at..at + shape.suffixes]]) {
            front[to..to + piece.len()].copy_from_slice(piece);
            to += piece.len();
        }
        // SAFETY: the values move; the old block is unique and is freed without them.
        unsafe {
            new.values().copy_from(old.values(), n);
            let old = std::mem::replace(self.slot, fresh.finish::<K>());
            free_moved::<V, K, A>(self.alloc, old);
        }
    }
}
