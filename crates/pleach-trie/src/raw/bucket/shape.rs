//! The sizes of a bucket, and what fits one.

use super::super::header::{HEAD, TEXT_MAX};
use super::Bucket;

/// Bytes that all values of a bucket may take together, where there is more than one.
const VALUES_MAX: usize = 1024;
/// Most suffix bytes of a bucket whose suffixes are of one length.
const EVEN_TEXT_MAX: usize = 2 * TEXT_MAX;

/// The sizes that decide how large a bucket's block has to be.
#[derive(Clone, Copy)]
pub(in crate::raw) struct Shape {
    /// Entries.
    pub(in crate::raw) len: usize,
    /// Bytes of prefix.
    pub(in crate::raw) prefix: usize,
    /// Bytes of all suffixes.
    pub(in crate::raw) suffixes: usize,
    /// Whether all suffixes are of one length, which stands in place of their ends.
    pub(in crate::raw) even: bool,
    /// Whether there is a mask.
    pub(in crate::raw) masked: bool,
}

impl Shape {
    /// Bytes of fingerprints and ends.
    pub(in crate::raw) const fn index_len(self) -> usize {
        match self.even {
            true => self.len + 1,
            false => 2 * self.len,
        }
    }

    /// Bytes of the mask, if there is one.
    pub(super) const fn mask_len(even: bool) -> usize {
        if even { 8 } else { 4 }
    }

    /// Where the prefix begins, from the end of the header.
    pub(in crate::raw) const fn prefix_at(self) -> usize {
        match self.masked {
            true => self.index_len() + Self::mask_len(self.even),
            false => self.index_len(),
        }
    }

    /// Bytes between the header and the slack, at least what B3 wants.
    pub(super) const fn front(self) -> usize {
        let bytes = self.prefix_at() + self.prefix + self.suffixes;
        if bytes < 16 { 16 } else { bytes }
    }
}

impl<V> Bucket<'_, V> {
    /// Most entries with suffixes of different lengths: 32, fewer if values are large.
    pub(in crate::raw) const CAP: usize = match size_of::<V>() {
        0..=32 => 32,
        size if size < VALUES_MAX => VALUES_MAX / size,
        _ => 1,
    };

    /// Most entries with suffixes of one length.
    const EVEN_CAP: usize = match size_of::<V>() {
        0..=16 => 64,
        17..=32 => VALUES_MAX / size_of::<V>(),
        _ => Self::CAP,
    };

    /// Bytes per unit of a block's size: such that 255 units hold the largest bucket.
    pub(super) const UNIT: usize = {
        let front = HEAD + 2 * Self::EVEN_CAP + 8 + TEXT_MAX + EVEN_TEXT_MAX;
        let most = front.next_multiple_of(align_of::<V>()) + Self::EVEN_CAP * size_of::<V>();
        most.div_ceil(255).next_multiple_of(16)
    };

    /// How a bucket keeps so many entries with so many bytes of suffixes: with ends, or, where
    /// those do not serve, without; `None` if a bucket is too small for them. `even` tells whether
    /// the suffixes are of one length.
    #[inline]
    pub(in crate::raw) fn holds(
        len: usize,
        suffixes: usize,
        even: impl FnOnce() -> bool,
    ) -> Option<Form> {
        if len <= Self::CAP && suffixes <= TEXT_MAX {
            return Some(Form::Ends);
        }
        let small = 2 <= len && len <= Self::EVEN_CAP && suffixes <= EVEN_TEXT_MAX;
        (small && even()).then_some(Form::Even)
    }
}

/// How a bucket knows where its suffixes end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::raw) enum Form {
    /// One byte for each.
    Ends,
    /// They are of one length.
    Even,
}
