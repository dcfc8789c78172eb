//! A sorted list of entries, and the subtrie that is made of one.

use crate::ByteMask;
use crate::raw::bucket::{self, Bucket};
use crate::raw::bytes::common;
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
        if Dense::<V>::SERVES
            && len > Bucket::<V>::CAP
            && range
                .clone()
                .all(|i| self.text(i, depth + shared).len() == 1 && self.values[i].is_some())
        {
            return self.dense::<K>(range, depth + shared, [head, &least[..shared]]);
        }
        let size = |i: usize| (self.text)(i).1;
        let suffixes = range.clone().map(size).sum::<usize>() - len * (depth + shared);
        let even = || range.clone().all(|i| size(i) == size(first));
        if let Some(form) = Bucket::<V>::holds(len, suffixes, even) {
            let prefix = [head, &least[..shared]];
            return self.bucket::<K>(range, depth + shared, prefix, suffixes, form);
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
        form: bucket::Form,
    ) -> K::Ptr {
        let kept = &self.values[range.clone()];
        let bit = |(i, value): (usize, &Option<V>)| u64::from(value.is_some()) << i;
        let shape = bucket::Shape {
            len: range.len(),
            prefix: prefix[0].len() + prefix[1].len(),
            suffixes,
            even: form == bucket::Form::Even,
            masked: kept.iter().any(Option::is_none),
        };
        let fresh = bucket::Fresh::<V, A>::new(self.alloc, shape, 0);
        let texts = range.clone().map(|i| self.tail(i, depth));
        fresh.write(&prefix, texts, kept.iter().enumerate().map(bit).sum());
        let values = fresh.bucket().values();
        for (place, i) in range.enumerate() {
            if let Some(value) = self.values[i].take() {
                // SAFETY: an empty slot of the new block, which has one for each entry.
                unsafe { values.add(place).write(value) };
            }
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
