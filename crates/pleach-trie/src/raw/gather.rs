//! Building a leaf from a sorted list of entries, wherever they stood before.

use super::bucket::{self, Bucket, Form};
use super::bytes::common;
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
    ends: SmallVec<[usize; 65]>,
    values: SmallVec<[Option<NonNull<V>>; 65]>,
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

    /// How a bucket holds the entries, at least one, if it can.
    fn form(&self) -> Option<Form> {
        let suffixes = self.texts.len() - self.len() * self.shared();
        let first = self.ends[0];
        let even = || self.ends.iter().zip(1..).all(|(&end, n)| end == n * first);
        Bucket::<V>::holds(self.len(), suffixes, even)
    }

    /// Whether the entries, at least one, fit a bucket.
    pub(super) fn fits(&self) -> bool {
        self.form().is_some()
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
        let shape = bucket::Shape {
            len,
            prefix: shared,
            suffixes: self.texts.len() - len * shared,
            even: self.form() == Some(Form::Even),
            masked: self.values.contains(&None),
        };
        let fresh = bucket::Fresh::<V, A>::new(alloc, shape, 0);
        let suffixes = (0..len).map(|i| {
            let suffix = &self.text(i)[shared..];
            (suffix, suffix.len())
        });
        let bit = |(i, value): (usize, &Option<_>)| u64::from(value.is_some()) << i;
        let valued = self.values.iter().enumerate().map(bit).sum();
        fresh.write(&[&self.text(0)[..shared]], suffixes, valued);
        // SAFETY: the values are the caller's promise; the slots of the new block are empty.
        unsafe { self.row().bring(fresh.bucket().values(), take) };
        fresh.finish::<K>()
    }

    /// Whether the entries are to be a dense leaf: more than buckets usually hold, values all, one
    /// byte each after what they share.
    fn fits_dense(&self) -> bool {
        let shared = self.shared();
        Dense::<V>::SERVES
            && self.len() > Bucket::<V>::CAP
            && (0..self.len()).all(|i| self.text(i).len() == shared + 1)
            && !self.values.contains(&None)
    }

    /// A leaf of the entries, which must fit one.
    ///
    /// # Safety
    /// As for [`Gather::bucket`].
    pub(super) unsafe fn leaf<K: PtrKind, A: Allocator>(self, alloc: &A, take: Take) -> K::Ptr
    where
        V: Clone,
    {
        // SAFETY: the caller's promise.
        unsafe {
            match self.fits_dense() {
                true => self.dense::<K, A>(alloc, take),
                false => self.bucket::<K, A>(alloc, take),
            }
        }
    }

    /// A dense leaf of the entries, which must fit.
    ///
    /// # Safety
    /// As for [`Gather::bucket`].
    unsafe fn dense<K: PtrKind, A: Allocator>(self, alloc: &A, take: Take) -> K::Ptr
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
