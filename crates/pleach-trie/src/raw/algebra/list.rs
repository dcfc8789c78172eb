//! A sorted list of entries, and the subtrie that is made of one.

use crate::ByteMask;
use crate::raw::bucket::{self, Bucket};
use crate::raw::bytes::{common, fingerprint};
use crate::raw::dense::{self, Dense};
use crate::raw::header::TEXT_MAX;
use crate::raw::inner::{Blank, Shape};
use pleach_ptr::{Allocator, PtrKind};
use std::ops::Range;

/// Entries, at least one, sorted strictly; one without a value is a prefix of no other.
///
/// They come from a leaf or two, so that they are some hundreds at most, of some hundred bytes each.
pub(super) struct List<'x, V, A, F> {
    /// The text of each: the bytes from there on, and how many of them are the text.
    text: F,
    values: &'x mut [Option<V>],
    alloc: &'x A,
}

impl<'x, 't, V, A: Allocator, F: Fn(usize) -> (&'t [u8], usize)> List<'x, V, A, F> {
    /// The list of these texts with these values.
    pub(super) fn new(text: F, values: &'x mut [Option<V>], alloc: &'x A) -> Self {
        Self {
            text,
            values,
            alloc,
        }
    }

    /// The subtrie of all entries, with `head`, at most [`TEXT_MAX`] bytes, before their texts.
    pub(super) fn into_node<K: PtrKind>(mut self, head: &[u8]) -> K::Ptr {
        self.node::<K>(0..self.values.len(), 0, head)
    }

    #[inline(always)]
    fn tail(&self, i: usize, depth: usize) -> (&'t [u8], usize) {
        let (tail, len) = (self.text)(i);
        (&tail[depth..], len - depth)
    }

    #[inline(always)]
    fn text(&self, i: usize, depth: usize) -> &'t [u8] {
        let (tail, len) = self.tail(i, depth);
        &tail[..len]
    }

    /// A node of `head` and of some of the entries without the first `depth` bytes, which they share.
    /// Each call has fewer entries or shorter texts than the one before.
    fn node<K: PtrKind>(&mut self, range: Range<usize>, depth: usize, head: &[u8]) -> K::Ptr {
        let (first, last) = (range.start, range.end - 1);
        let (least, most) = (self.text(first, depth), self.text(last, depth));
        let shared = common(least, most).min(TEXT_MAX - head.len());
        let len = range.len();
        if len <= Bucket::<V>::CAP {
            let lens = range.clone().map(|i| (self.text)(i).1);
            let suffixes = lens.sum::<usize>() - len * (depth + shared);
            if suffixes <= TEXT_MAX {
                let prefix = [head, &least[..shared]];
                return self.bucket::<K>(range, depth + shared, prefix, suffixes);
            }
        } else if Dense::<V>::SERVES
            && range
                .clone()
                .all(|i| self.text(i, depth + shared).len() == 1 && self.values[i].is_some())
        {
            return self.dense::<K>(range, depth + shared, [head, &least[..shared]]);
        }
        let at = depth + shared;
        let byte = |i: usize| self.text(i, at).first().copied();
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
        let shape = Shape::for_children(kids, head.len() + shared, value.is_some());
        let blank = Blank::<V, K>::new(self.alloc, shape, kids);
        blank.write_prefix(&[head, &least[..shared]]);
        blank.write_index(mask);
        blank.write_count(count);
        if let Some(value) = value {
            blank.write_value(value);
        }
        let mut low = from;
        for (i, byte) in mask.iter().enumerate() {
            let among = |&i: &usize| self.text(i, at)[0] == byte;
            let high = low + (low..range.end).take_while(among).count();
            blank.write_child(i, self.node::<K>(low..high, at + 1, &[]));
            low = high;
        }
        blank.finish()
    }

    /// A bucket of some of the entries without the first `depth` bytes, with a prefix of two pieces.
    fn bucket<K: PtrKind>(
        &mut self,
        range: Range<usize>,
        depth: usize,
        prefix: [&[u8]; 2],
        suffixes: usize,
    ) -> K::Ptr {
        let len = range.len();
        let masked = self.values[range.clone()].iter().any(Option::is_none);
        let shape = bucket::Shape {
            len,
            prefix: prefix[0].len() + prefix[1].len(),
            suffixes,
            masked,
        };
        let fresh = bucket::Fresh::<V, A>::new(self.alloc, shape, 0);
        // SAFETY: the block is new.
        let front = unsafe { fresh.bucket().front_mut() };
        let mut to = shape.prefix_at();
        for piece in prefix {
            front[to..to + piece.len()].copy_from_slice(piece);
            to += piece.len();
        }
        let suffixes = to;
        let values = fresh.bucket().values();
        let mut valued = 0u32;
        for (place, i) in range.enumerate() {
            let (tail, len_of) = self.tail(i, depth);
            match (front[to..].first_chunk_mut::<16>(), tail.first_chunk()) {
                // What is too much will be written over, or is slack.
                (Some(space), Some(chunk)) if len_of <= 16 => *space = *chunk,
                _ => front[to..to + len_of].copy_from_slice(&tail[..len_of]),
            }
            to += len_of;
            front[place] = fingerprint(&tail[..len_of]);
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

    /// As `bucket`, a dense leaf of entries of one byte each.
    fn dense<K: PtrKind>(
        &mut self,
        range: Range<usize>,
        depth: usize,
        prefix: [&[u8]; 2],
    ) -> K::Ptr {
        let mask = range.clone().map(|i| self.text(i, depth)[0]).collect();
        let fresh = dense::Fresh::<V, A>::new(self.alloc, &prefix, mask, 0);
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
