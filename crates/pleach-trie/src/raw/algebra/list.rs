//! A sorted list of entries, and the subtrie that is made of one.

use crate::ByteMask;
use crate::raw::bucket::{self, Bucket};
use crate::raw::bytes::{common, fingerprint};
use crate::raw::dense::{self, Dense};
use crate::raw::header::TEXT_MAX;
use crate::raw::inner::{Blank, Shape};
use pleach_ptr::{Allocator, PtrKind};
use std::ops::Range;

/// Where an entry's text stands in a buffer.
#[derive(Clone, Copy)]
pub(super) struct Text {
    start: usize,
    end: usize,
}

impl Text {
    /// The text that `buffer` ends with, from `start` on.
    pub(super) fn last(buffer: &[u8], start: usize) -> Self {
        let end = buffer.len();
        Self { start, end }
    }

    /// The bytes.
    #[inline]
    pub(super) fn of(self, buffer: &[u8]) -> &[u8] {
        &buffer[self.start..self.end]
    }

    fn len(self) -> usize {
        self.end - self.start
    }
}

/// Entries, at least one, sorted strictly; one without a value is a prefix of no other.
///
/// They come from a leaf or two, so that they are some hundreds at most, of some hundred bytes each.
pub(super) struct List<'x, V, A> {
    pub(super) buffer: &'x [u8],
    pub(super) texts: &'x [Text],
    values: &'x mut [Option<V>],
    alloc: &'x A,
}

impl<'x, V, A: Allocator> List<'x, V, A> {
    /// The list of these texts with these values.
    pub(super) fn new(
        buffer: &'x [u8],
        texts: &'x [Text],
        values: &'x mut [Option<V>],
        alloc: &'x A,
    ) -> Self {
        debug_assert_eq!(texts.len(), values.len());
        Self {
            buffer,
            texts,
            values,
            alloc,
        }
    }

    /// The subtrie of all entries.
    pub(super) fn into_node<K: PtrKind>(mut self) -> K::Ptr {
        self.node::<K>(0..self.texts.len(), 0)
    }

    fn text(&self, i: usize, depth: usize) -> &'x [u8] {
        &self.texts[i].of(self.buffer)[depth..]
    }

    /// A node of some of the entries without the first `depth` bytes, which they share. Each call
    /// has fewer entries or shorter texts than the one before.
    fn node<K: PtrKind>(&mut self, range: Range<usize>, depth: usize) -> K::Ptr {
        let (first, last) = (range.start, range.end - 1);
        let (least, most) = (self.text(first, depth), self.text(last, depth));
        let shared = common(least, most).min(TEXT_MAX);
        let len = range.len();
        if len <= Bucket::<V>::CAP {
            let bytes: usize = self.texts[range.clone()]
                .iter()
                .map(|text| text.len())
                .sum();
            let suffixes = bytes - len * (depth + shared);
            if suffixes <= TEXT_MAX {
                return self.bucket::<K>(range, depth, shared, suffixes);
            }
        } else if Dense::<V>::SERVES
            && range
                .clone()
                .all(|i| self.texts[i].len() == depth + shared + 1 && self.values[i].is_some())
        {
            return self.dense::<K>(range, depth, shared);
        }
        let at = depth + shared;
        let byte = |i: usize| self.texts[i].of(self.buffer).get(at).copied();
        let ends = byte(first).is_none();
        let from = first + usize::from(ends);
        let mask: ByteMask = (from..range.end).filter_map(byte).collect();
        let value = match ends {
            true => self.values[first].take(),
            false => None,
        };
        let count = u64::from(value.is_some())
            + self.values[from..range.end].iter().flatten().count() as u64;
        let kids = mask.count_bits();
        let shape = Shape::for_children(kids, shared, value.is_some());
        let blank = Blank::<V, K>::new(self.alloc, shape, kids);
        blank.write_prefix(&[&least[..shared]]);
        blank.write_index(mask);
        blank.write_count(count);
        if let Some(value) = value {
            blank.write_value(value);
        }
        let mut low = from;
        for (i, byte) in mask.iter().enumerate() {
            let among = |&i: &usize| self.texts[i].of(self.buffer)[at] == byte;
            let high = low + (low..range.end).take_while(among).count();
            blank.write_child(i, self.node::<K>(low..high, at + 1));
            low = high;
        }
        blank.finish()
    }

    fn bucket<K: PtrKind>(
        &mut self,
        range: Range<usize>,
        depth: usize,
        shared: usize,
        suffixes: usize,
    ) -> K::Ptr {
        let len = range.len();
        let masked = self.values[range.clone()].iter().any(Option::is_none);
        let shape = bucket::Shape {
            len,
            prefix: shared,
            suffixes,
            masked,
        };
        let fresh = bucket::Fresh::<V, A>::new(self.alloc, shape, 0);
        // SAFETY: the block is new.
        let front = unsafe { fresh.bucket().front_mut() };
        let mut to = shape.prefix_at();
        front[to..to + shared].copy_from_slice(&self.text(range.start, depth)[..shared]);
        to += shared;
        let suffixes = to;
        let values = fresh.bucket().values();
        let mut valued = 0u32;
        for (place, i) in range.enumerate() {
            let suffix = self.text(i, depth + shared);
            front[to..to + suffix.len()].copy_from_slice(suffix);
            to += suffix.len();
            front[place] = fingerprint(suffix);
            front[len + place] = (to - suffixes) as u8;
            if let Some(value) = self.values[i].take() {
                valued |= 1 << place;
                // SAFETY: an empty slot of the new block, which has one for each entry.
                unsafe { values.add(place).write(value) };
            }
        }
        if masked {
            front[2 * len..2 * len + 4].copy_from_slice(&valued.to_le_bytes());
        }
        fresh.finish::<K>()
    }

    fn dense<K: PtrKind>(&mut self, range: Range<usize>, depth: usize, shared: usize) -> K::Ptr {
        let mask = range.clone().map(|i| self.text(i, depth)[shared]).collect();
        let prefix = &self.text(range.start, depth)[..shared];
        let fresh = dense::Fresh::<V, A>::new(self.alloc, &[prefix], mask, 0);
        let values = fresh.leaf().values();
        for (place, i) in range.enumerate() {
            if let Some(value) = self.values[i].take() {
                // SAFETY: an empty slot of the new block, which has one for each byte.
                unsafe { values.add(place).write(value) };
            }
        }
        fresh.finish::<K>()
    }
}
