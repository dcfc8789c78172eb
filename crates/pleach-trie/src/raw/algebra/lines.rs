//! The entries of two leaves side by side, in order: whole suffixes, not byte by byte.

use super::pos::Pos;
use crate::ByteMask;
use crate::raw::bucket::Texts;
use crate::raw::bytes::{common, lead};
use crate::raw::node::Node;
use pleach_ptr::PtrKind;
use std::cmp::Ordering;
use std::ops::Range;

/// Room for the texts of a leaf that do not stand in it as they are needed.
#[derive(Default)]
pub(super) struct Room {
    buffer: Vec<u8>,
    ends: Vec<usize>,
}

impl Room {
    fn clear(&mut self) {
        self.buffer.clear();
        self.ends.clear();
        self.ends.push(0);
    }

    fn push(&mut self, pieces: [&[u8]; 2]) {
        for piece in pieces {
            self.buffer.extend_from_slice(piece);
        }
        self.ends.push(self.buffer.len());
    }
}

/// The entries at and below a position in a leaf.
#[derive(Clone, Copy)]
pub(super) struct Lines<'t> {
    low: usize,
    high: usize,
    words: Words<'t>,
}

#[derive(Clone, Copy)]
enum Words<'t> {
    /// The suffixes of a bucket from this byte on.
    Bucket(Texts<'t>, usize),
    /// Copies, with their ends; the first is that of entry `low`.
    Copied(&'t [u8], &'t [usize]),
}

/// A text, with its beginning as a number that sorts as it does.
#[derive(Clone, Copy)]
struct Line<'t> {
    lead: u64,
    /// The text and bytes after it.
    tail: &'t [u8],
    len: usize,
}

impl Line<'_> {
    #[inline(always)]
    fn compare(&self, other: &Self) -> Ordering {
        let order = self.lead.cmp(&other.lead);
        order.then_with(|| match self.len.min(other.len) {
            0..=8 => self.len.cmp(&other.len),
            _ => self.tail[8..self.len].cmp(&other.tail[8..other.len]),
        })
    }
}

impl<'t> Lines<'t> {
    /// The entries of a leaf, without the first `shared` bytes of what is left of its prefix.
    fn new<V, K: PtrKind>(pos: Pos<'t, V, K>, shared: usize, room: &'t mut Room) -> Self {
        let (prefix, cut) = pos.prefix_below();
        let prefix = &prefix[shared..];
        let Range {
            start: low,
            end: high,
        } = pos.entries();
        let words = match pos.node() {
            Node::Bucket(bucket) if prefix.is_empty() => Words::Bucket(bucket.texts(), cut),
            node => {
                room.clear();
                for i in pos.entries() {
                    match node {
                        Node::Bucket(bucket) => room.push([prefix, &bucket.suffix(i)[cut..]]),
                        Node::Dense(dense) => room.push([prefix, &[dense.byte(i)][cut..]]),
                        Node::Inner(_) => {}
                    }
                }
                Words::Copied(&room.buffer, &room.ends)
            }
        };
        Self { low, high, words }
    }

    /// The bytes from the text of entry `i` on, and how many of them are the text.
    #[inline(always)]
    pub(super) fn tail(self, i: usize) -> (&'t [u8], usize) {
        match self.words {
            Words::Bucket(texts, cut) => {
                let (tail, len) = texts.tail(i);
                (&tail[cut..], len - cut)
            }
            Words::Copied(buffer, ends) => {
                let place = i - self.low;
                (&buffer[ends[place]..], ends[place + 1] - ends[place])
            }
        }
    }

    /// The text of entry `i`.
    #[inline(always)]
    pub(super) fn text(self, i: usize) -> &'t [u8] {
        let (tail, len) = self.tail(i);
        &tail[..len]
    }

    /// Whether the text of entry `i`, if there is one, starts with `text`.
    pub(super) fn leads_on(self, i: usize, text: &[u8]) -> bool {
        i < self.high && self.text(i).starts_with(text)
    }

    #[inline(always)]
    fn line(self, i: usize) -> Option<Line<'t>> {
        if i >= self.high {
            return None;
        }
        let (tail, len) = self.tail(i);
        let lead = lead(tail, len);
        Some(Line { lead, tail, len })
    }
}

/// The texts of two leaves, without what all of both begin with, and how much that is.
#[inline]
pub(super) fn lines<'t, V, K: PtrKind>(
    left: Pos<'t, V, K>,
    right: Pos<'t, V, K>,
    rooms: &'t mut [Room; 2],
) -> (&'t [u8], [Lines<'t>; 2]) {
    let (a, b) = (left.prefix_below().0, right.prefix_below().0);
    let shared = common(a, b);
    let [room, other] = rooms;
    let lines = [
        Lines::new(left, shared, room),
        Lines::new(right, shared, other),
    ];
    (&a[..shared], lines)
}

/// Calls `each` for all texts in order: with how the left one compares to the right one, and with
/// both entries. Where they are not equal the lesser is meant; the other one, which may be past the
/// last, is yet to come.
#[inline(always)]
pub(super) fn in_order(
    [left, right]: [Lines<'_>; 2],
    mut each: impl FnMut(Ordering, usize, usize),
) {
    let (mut i, mut j) = (left.low, right.low);
    let (mut a, mut b) = (left.line(i), right.line(j));
    loop {
        let order = match (&a, &b) {
            (Some(a), Some(b)) => a.compare(b),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return,
        };
        each(order, i, j);
        if order != Ordering::Greater {
            i += 1;
            a = left.line(i);
        }
        if order != Ordering::Less {
            j += 1;
            b = right.line(j);
        }
    }
}

/// Calls `each` for the members that two sets share, in order, with their places in both.
#[inline(always)]
pub(super) fn in_both(a: ByteMask, b: ByteMask, mut each: impl FnMut(u8, usize, usize)) {
    let (mut i, mut j) = (0, 0);
    for word in 0..4 {
        let (in_a, in_b) = (a.0[word], b.0[word]);
        let mut bits = in_a & in_b;
        let equal = in_a == in_b;
        let (mut p, mut q) = (i, j);
        while bits != 0 {
            let bit = bits & bits.wrapping_neg();
            if !equal {
                p = i + (in_a & (bit - 1)).count_ones() as usize;
                q = j + (in_b & (bit - 1)).count_ones() as usize;
            }
            each((word * 64) as u8 + bit.trailing_zeros() as u8, p, q);
            (p, q) = (p + 1, q + 1);
            bits ^= bit;
        }
        i += in_a.count_ones() as usize;
        j += in_b.count_ones() as usize;
    }
}
