//! The index of wide inner nodes and of dense leaves: a set of bytes with the rank of each.

use crate::ByteMask;

/// A set of bytes that knows how many of its members precede each one.
#[derive(Clone, Copy)]
#[repr(C)]
pub(super) struct Bitmap {
    words: [u64; 4],
    /// Members in the words before this one.
    ranks: [u8; 4],
    padding: [u8; 4],
}

impl Bitmap {
    /// The set of `mask`'s bytes.
    pub(super) fn new(mask: ByteMask) -> Self {
        let mut bitmap = Self {
            words: mask.0,
            ranks: [0; 4],
            padding: [0; 4],
        };
        bitmap.rank();
        bitmap
    }

    fn rank(&mut self) {
        let mut sum = 0u32;
        for (rank, word) in self.ranks.iter_mut().zip(self.words) {
            *rank = sum as u8;
            sum += word.count_ones();
        }
    }

    /// The place of `byte` among the members.
    #[inline(always)]
    pub(super) fn find(&self, byte: u8) -> Option<usize> {
        let word = self.words[usize::from(byte >> 6)];
        let bit = 1u64 << (byte & 63);
        (word & bit != 0).then(|| {
            let before = (word & (bit - 1)).count_ones() as usize;
            usize::from(self.ranks[usize::from(byte >> 6)]) + before
        })
    }

    /// How many members are less than `byte`.
    pub(super) fn place(&self, byte: u8) -> usize {
        let word = self.words[usize::from(byte >> 6)];
        let before = (word & ((1u64 << (byte & 63)) - 1)).count_ones() as usize;
        usize::from(self.ranks[usize::from(byte >> 6)]) + before
    }

    /// Adds `byte`.
    pub(super) fn insert(&mut self, byte: u8) {
        self.words[usize::from(byte >> 6)] |= 1 << (byte & 63);
        self.rank();
    }

    /// Takes `byte` out.
    pub(super) fn remove(&mut self, byte: u8) {
        self.words[usize::from(byte >> 6)] &= !(1 << (byte & 63));
        self.rank();
    }

    /// The members.
    #[inline(always)]
    pub(super) fn mask(&self) -> ByteMask {
        ByteMask(self.words)
    }

    /// The member at place `i`, which must be less than their number.
    pub(super) fn at(&self, i: usize) -> u8 {
        let w = (1..4)
            .rev()
            .find(|&w| usize::from(self.ranks[w]) <= i)
            .unwrap_or(0);
        let mut word = self.words[w];
        for _ in usize::from(self.ranks[w])..i {
            word &= word - 1;
        }
        (w * 64) as u8 + word.trailing_zeros() as u8
    }
}
