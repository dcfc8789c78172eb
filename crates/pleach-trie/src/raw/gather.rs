//! Building a leaf from a sorted list of entries, wherever they stood before.

use super::bucket::{self, Bucket};
use super::bytes::{common, fingerprint};
use super::dense::{self, Dense};
use super::header::TEXT_MAX;
use super::values::{Row, Take};
use crate::ByteMask;
use pleach_ptr::{Allocator, PtrKind};
use smallvec::SmallVec;
use std::ptr::NonNull;

/// Entries in order: texts copied, values by reference.
pub(super) struct Gather<V> {
    texts: SmallVec<[u8; 600]>,
    ends: SmallVec<[usize; 33]>,
    values: SmallVec<[Option<NonNull<V>>; 33]>,
}

impl<V> Gather<V> {
    /// No entries.
    pub(super) fn new() -> Self {
        Self {
            texts: SmallVec::new(),
            ends: SmallVec::new(),
            values: SmallVec::new(),
        }
    }

    /// Number of entries.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Bytes of all texts.
    pub(super) fn bytes(&self) -> usize {
        self.texts.len()
    }

    fn text(&self, i: usize) -> &[u8] {
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.texts[start..self.ends[i]]
    }

    /// Adds the next entry in order. An entry without a value that is a prefix of it goes.
    pub(super) fn push(&mut self, pieces: &[&[u8]], value: Option<NonNull<V>>) {
        let start = self.texts.len();
        for piece in pieces {
            self.texts.extend_from_slice(piece);
        }
        if let Some(None) = self.values.last() {
            let last = self.text(self.len() - 1);
            if self.texts[start..].starts_with(last) {
                let from = start - last.len();
                self.texts.drain(from..start);
                self.ends.pop();
                self.values.pop();
            }
        }
        self.ends.push(self.texts.len());
        self.values.push(value);
    }

    /// Bytes that all texts share, at most what a prefix holds.
    fn shared(&self) -> usize {
        common(self.text(0), self.text(self.len() - 1)).min(TEXT_MAX)
    }

    /// Whether the entries, at least one, fit a bucket.
    pub(super) fn fits(&self) -> bool {
        let suffixes = self.texts.len() - self.len() * self.shared();
        self.len() <= Bucket::<V>::CAP && suffixes <= TEXT_MAX
    }

    /// A bucket of the entries, which must fit.
    ///
    /// # Safety
    /// The values are where `push` said. With [`Take::Move`] they are never used there again.
    pub(super) unsafe fn bucket<K: PtrKind, A: Allocator>(self, alloc: &A, take: Take) -> K::Ptr
    where
        V: Clone,
    {
        debug_assert!(self.fits());
        let (len, shared) = (self.len(), self.shared());
        let masked = self.values.contains(&None);
        let suffixes = self.texts.len() - len * shared;
        let shape = bucket::Shape {
            len,
            prefix: shared,
            suffixes,
            masked,
        };
        let fresh = bucket::Fresh::<V, A>::new(alloc, shape, 0);
        // SAFETY: the block is new.
        let front = unsafe { fresh.bucket().front_mut() };
        let mut valued = 0u32;
        let base = 2 * len + if masked { 4 } else { 0 };
        front[base..base + shared].copy_from_slice(&self.text(0)[..shared]);
        let mut end = 0;
        for i in 0..len {
            let suffix = &self.text(i)[shared..];
            let at = base + shared + end;
            front[at..at + suffix.len()].copy_from_slice(suffix);
            end += suffix.len();
            front[i] = fingerprint(suffix);
            front[len + i] = end as u8;
            valued |= u32::from(self.values[i].is_some()) << i;
        }
        if masked {
            front[2 * len..2 * len + 4].copy_from_slice(&valued.to_le_bytes());
        }
        // SAFETY: the values are the caller's promise; the slots of the new block are empty.
        unsafe { self.row().bring(fresh.bucket().values(), take) };
        fresh.finish::<K>()
    }

    /// Whether the entries can be a dense leaf: values all, one byte each after what they share.
    pub(super) fn fits_dense(&self) -> bool {
        let shared = self.shared();
        Dense::<V>::SERVES
            && (0..self.len()).all(|i| self.text(i).len() == shared + 1)
            && !self.values.contains(&None)
    }

    /// A dense leaf of the entries, which must fit.
    ///
    /// # Safety
    /// As for [`Gather::bucket`].
    pub(super) unsafe fn dense<K: PtrKind, A: Allocator>(self, alloc: &A, take: Take) -> K::Ptr
    where
        V: Clone,
    {
        debug_assert!(self.fits_dense());
        let shared = self.shared();
        let mask: ByteMask = (0..self.len()).map(|i| self.text(i)[shared]).collect();
        let fresh = dense::Fresh::<V, A>::new(alloc, &[&self.text(0)[..shared]], mask, 0);
        // SAFETY: as for `bucket`.
        unsafe { self.row().bring(fresh.leaf().values(), take) };
        fresh.finish::<K>()
    }

    /// The slots where the values stand.
    fn row(&self) -> Row<V, impl Fn(usize) -> Option<NonNull<V>>> {
        Row::new(self.len(), |i| self.values[i])
    }
}
