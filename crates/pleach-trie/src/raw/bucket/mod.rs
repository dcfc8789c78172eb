//! Buckets: leaves of a few entries, sorted by suffix.
//!
//! ```text
//! | header | fingerprint x n | end x n | mask? | prefix | suffixes | slack | value x n |
//! | header | fingerprint x n | length  | mask? | prefix | suffixes | slack | value x n |
//! ```
//!
//! Each entry has one byte of fingerprint, so that a look-up compares all of them at once and then,
//! nearly always, one suffix or none; one byte says where its suffix ends. The prefix is what all
//! entries begin with. Values stand at the end of the block, so that entries can be added in
//! place. The mask is there only if some entry has no value: a location that dangles.
//!
//! A bucket that would be too full may be *even*: suffixes of one length need no ends, and without
//! ends of one byte there may be more of them. Keys of a fixed length end in such buckets.
//!
//! Invariants of a bucket:
//! - **B1** `1 <= n`; prefix and suffixes are no more than [`Bucket::holds`] and [`TEXT_MAX`] allow.
//!   In an even bucket all suffixes are of one length, which is at least 1.
//! - **B2** Suffixes ascend strictly; one without a value is a prefix of no other.
//! - **B3** Every byte between header and values is initialized, and there are as many as `n`
//!   rounded up to 16 for the fingerprint comparison to read.
//! - **B4** Slot `i` holds a value if the mask is absent or its bit `i` is set.

mod edit;
mod fresh;
mod shape;

pub(super) use edit::BucketMut;
pub(super) use fresh::{Fresh, free_moved, pair, single};
pub(super) use shape::{Form, Shape};

use super::bytes::{common, equal, fingerprint, lead, strip};
use super::header::{EVEN, HEAD, Header, MASKED, TEXT_MAX};
use super::values::{Row, Take};
use pleach_ptr::{Allocator, Layout, PtrKind};
use std::cmp::Ordering;
use std::marker::PhantomData;
use std::ops::Range;
use std::ptr::NonNull;
use wide::u8x16;

/// A bucket that lives and does not change for `'a`.
pub(super) struct Bucket<'a, V> {
    head: NonNull<Header>,
    marker: PhantomData<&'a V>,
}

impl<V> Clone for Bucket<'_, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V> Copy for Bucket<'_, V> {}

impl<'a, V> Bucket<'a, V> {
    /// The bucket behind `head`.
    ///
    /// # Safety
    /// `head` is a bucket of values `V` that for `'a` is neither freed nor changed.
    #[inline(always)]
    pub(super) unsafe fn new(head: NonNull<Header>) -> Self {
        Self {
            head,
            marker: PhantomData,
        }
    }

    #[inline(always)]
    fn header(self) -> &'a Header {
        // SAFETY: `new`.
        unsafe { self.head.as_ref() }
    }

    /// Number of entries.
    #[inline(always)]
    pub(super) fn len(self) -> usize {
        usize::from(self.header().last) + 1
    }

    #[inline(always)]
    fn masked(self) -> bool {
        self.header().flags & MASKED != 0
    }

    #[inline(always)]
    fn even(self) -> bool {
        self.header().flags & EVEN != 0
    }

    /// The layout of the block.
    pub(super) fn layout(self) -> Layout {
        Self::layout_of(usize::from(self.header().room))
    }

    fn layout_of(room: usize) -> Layout {
        let align = align_of::<V>().max(8);
        Layout::from_size_align(room * Self::UNIT, align).expect("a bucket's size is bounded")
    }

    /// Units that a bucket of this shape needs.
    fn room_for(shape: Shape) -> usize {
        let front = (HEAD + shape.front()).next_multiple_of(align_of::<V>());
        (front + shape.len * size_of::<V>()).div_ceil(Self::UNIT)
    }

    /// Where `len` values begin in a block of `room` units.
    #[inline(always)]
    fn values_at(room: usize, len: usize) -> usize {
        let end = (room * Self::UNIT) & !(align_of::<V>() - 1);
        end - len * size_of::<V>()
    }

    /// The first value slot.
    #[inline(always)]
    pub(super) fn values(self) -> NonNull<V> {
        let at = Self::values_at(usize::from(self.header().room), self.len());
        // SAFETY: the values lie inside the block.
        unsafe { self.head.cast::<u8>().add(at).cast() }
    }

    /// The bytes between header and values.
    #[inline(always)]
    fn front(self) -> &'a [u8] {
        let end = Self::values_at(usize::from(self.header().room), self.len());
        // SAFETY: inside the block, initialized (B3), unchanged for 'a.
        unsafe {
            let front = self.head.cast::<u8>().add(HEAD);
            std::slice::from_raw_parts(front.as_ptr(), end - HEAD)
        }
    }

    /// The sizes of this bucket.
    pub(super) fn shape(self) -> Shape {
        let (len, even, front) = (self.len(), self.even(), self.front());
        Shape {
            len,
            prefix: usize::from(self.header().prefix),
            suffixes: match even {
                true => len * usize::from(front[len]),
                false => usize::from(front[2 * len - 1]),
            },
            even,
            masked: self.masked(),
        }
    }

    /// Where the mask begins, if there is one.
    #[inline(always)]
    fn mask_at(self) -> usize {
        match self.even() {
            true => self.len() + 1,
            false => 2 * self.len(),
        }
    }

    #[inline(always)]
    fn prefix_at(self) -> usize {
        match self.masked() {
            true => self.mask_at() + Shape::mask_len(self.even()),
            false => self.mask_at(),
        }
    }

    /// Bytes of prefix.
    #[inline(always)]
    pub(super) fn prefix_len(self) -> usize {
        usize::from(self.header().prefix)
    }

    /// What all entries begin with.
    #[inline(always)]
    pub(super) fn prefix(self) -> &'a [u8] {
        let at = self.prefix_at();
        &self.front()[at..at + usize::from(self.header().prefix)]
    }

    /// The suffix of entry `i`.
    #[inline(always)]
    pub(super) fn suffix(self, i: usize) -> &'a [u8] {
        self.texts().suffix(i)
    }

    /// The whole text of the only entry, if there is just one and it has a value.
    pub(super) fn lone_text(self) -> Option<&'a [u8]> {
        let shape = self.shape();
        let at = shape.prefix_at();
        (shape.len == 1 && self.is_valued(0))
            .then(|| &self.front()[at..at + shape.prefix + shape.suffixes])
    }

    /// The suffixes, for loops over them.
    #[inline(always)]
    pub(super) fn texts(self) -> Texts<'a> {
        let (front, len) = (self.front(), self.len());
        Texts {
            front,
            len,
            base: self.prefix_at() + usize::from(self.header().prefix),
            each: match self.even() {
                true => usize::from(front[len]),
                false => 0,
            },
        }
    }

    /// One bit per entry: whether it has a value.
    #[inline(always)]
    pub(super) fn valued(self) -> u64 {
        if !self.masked() {
            return u64::MAX >> (64 - self.len());
        }
        let mask = &self.front()[self.mask_at()..];
        match self.even() {
            true => mask.first_chunk().map_or(0, |c| u64::from_le_bytes(*c)),
            false => mask
                .first_chunk()
                .map_or(0, |c| u32::from_le_bytes(*c).into()),
        }
    }

    /// The fingerprint of entry `i`.
    #[cfg(feature = "testing")]
    pub(super) fn fingerprint(self, i: usize) -> u8 {
        self.front()[i]
    }

    /// Whether entry `i` has a value.
    #[inline(always)]
    pub(super) fn is_valued(self, i: usize) -> bool {
        !self.masked() || self.valued() >> i & 1 != 0
    }

    /// The value slot of entry `i`.
    #[inline(always)]
    pub(super) fn slot(self, i: usize) -> NonNull<V> {
        debug_assert!(i < self.len());
        // SAFETY: there are `len` slots.
        unsafe { self.values().add(i) }
    }

    /// The value of entry `i`.
    #[inline(always)]
    pub(super) fn value(self, i: usize) -> Option<&'a V> {
        // SAFETY: B4, and the value does not change for 'a.
        self.is_valued(i).then(|| unsafe { self.slot(i).as_ref() })
    }

    /// The entry whose text, prefix included, is `key`.
    #[inline(always)]
    pub(super) fn find(self, key: &[u8]) -> Option<usize> {
        let key = match self.header().prefix {
            0 => key,
            _ => strip(key, self.prefix())?,
        };
        let len = self.len();
        let mut hits = self.fingerprint_hits(fingerprint(key), len);
        let texts = self.texts();
        while hits != 0 {
            let i = hits.trailing_zeros() as usize;
            if equal(texts.suffix(i), key) {
                return Some(i);
            }
            hits &= hits - 1;
        }
        None
    }

    /// One bit per entry with this fingerprint.
    #[inline(always)]
    fn fingerprint_hits(self, wanted: u8, len: usize) -> u64 {
        let wanted = u8x16::splat(wanted);
        let at = |offset: usize| {
            // SAFETY: B3: these bytes lie in the block and are initialized.
            let chunk = unsafe {
                let bytes = self.head.cast::<u8>().add(HEAD + offset);
                bytes.cast::<[u8; 16]>().read()
            };
            u64::from(u8x16::new(chunk).simd_eq(wanted).to_bitmask())
        };
        let mut hits = at(0);
        if len > 16 {
            hits |= at(16) << 16;
            if len > 32 {
                hits |= at(32) << 32;
            }
            if len > 48 {
                hits |= at(48) << 48;
            }
        }
        hits & (u64::MAX >> (64 - len))
    }

    /// Where `suffix` stands, or would stand.
    pub(super) fn search(self, suffix: &[u8]) -> Result<usize, usize> {
        let texts = self.texts();
        let wanted = lead(suffix, suffix.len());
        let (mut low, mut high) = (0, texts.len);
        while low < high {
            let middle = (low + high) / 2;
            let (tail, len) = texts.tail(middle);
            let order = lead(tail, len)
                .cmp(&wanted)
                .then_with(|| match len.min(suffix.len()) {
                    0..=8 => len.cmp(&suffix.len()),
                    _ => tail[8..len].cmp(&suffix[8..]),
                });
            match order {
                Ordering::Less => low = middle + 1,
                Ordering::Equal => return Ok(middle),
                Ordering::Greater => high = middle,
            }
        }
        Err(low)
    }

    /// The first one of the entries that go farthest along `key` after the prefix, and how far.
    pub(super) fn longest(self, key: &[u8]) -> (usize, usize) {
        let texts = self.texts();
        let i = match self.search(key) {
            Ok(i) => return (i, key.len()),
            Err(i) => i,
        };
        // What shares most with the key stands next to it; what shares as much, before that.
        let after = match i == texts.len {
            true => 0,
            false => common(texts.suffix(i), key),
        };
        let Some(last) = i.checked_sub(1) else {
            return (0, after);
        };
        let before = common(texts.suffix(last), key);
        match before.max(after) {
            0 => (0, 0),
            far if before < far => (i, far),
            far => (self.range_start(last, far), far),
        }
    }

    /// The entries after `i` that share the first `shared` suffix bytes with it end here.
    pub(super) fn range_end(self, i: usize, shared: usize) -> usize {
        if shared == 0 {
            return self.len();
        }
        let texts = self.texts();
        let run = &texts.suffix(i)[..shared];
        (i + 1..texts.len)
            .find(|&j| !texts.suffix(j).starts_with(run))
            .unwrap_or(texts.len)
    }

    /// The first entry that shares the first `shared` suffix bytes with `i`.
    pub(super) fn range_start(self, i: usize, shared: usize) -> usize {
        if shared == 0 {
            return 0;
        }
        let texts = self.texts();
        let run = &texts.suffix(i)[..shared];
        (0..i)
            .rev()
            .find(|&j| !texts.suffix(j).starts_with(run))
            .map_or(0, |j| j + 1)
    }

    /// Bytes that all entries share after the prefix.
    pub(super) fn shared_suffix(self) -> usize {
        common(self.suffix(0), self.suffix(self.len() - 1))
    }

    /// Number of values among entries `low..high`.
    pub(super) fn count(self, low: usize, high: usize) -> u64 {
        let range = (u64::MAX >> (64 - (high - low))) << low;
        (self.valued() & range).count_ones().into()
    }

    /// A copy that belongs to nobody else.
    pub(super) fn copy<K: PtrKind, A: Allocator>(self, alloc: &A) -> K::Ptr
    where
        V: Clone,
    {
        let fresh = Fresh::<V, A>::new(alloc, self.shape(), usize::from(self.header().room));
        // SAFETY: both blocks have the same layout and place of values.
        unsafe {
            let front = fresh.bucket().front_mut();
            front.copy_from_slice(self.front());
            self.row().clone_values(fresh.bucket().values());
        }
        fresh.finish::<K>()
    }

    /// A new bucket of some of the entries, without the first `depth` bytes of their texts, which
    /// they share.
    ///
    /// # Safety
    /// With [`Take::Move`] these values are never used in this bucket again.
    pub(super) unsafe fn part<K: PtrKind, A: Allocator>(
        self,
        alloc: &A,
        range: Range<usize>,
        depth: usize,
        take: Take,
    ) -> K::Ptr
    where
        V: Clone,
    {
        let (first, len, texts) = (range.start, range.len(), self.texts());
        let prefix = self.prefix().get(depth..).unwrap_or(&[]);
        let cut = depth.saturating_sub(self.prefix().len());
        let text = &texts.suffix(first)[cut..];
        // Of what the suffixes share, as much as there is room for goes into the prefix.
        let shared = common(text, &texts.suffix(range.end - 1)[cut..]).min(TEXT_MAX - prefix.len());
        let cut = cut + shared;
        let valued = self.valued() >> first & (u64::MAX >> (64 - len));
        let suffixes = range.clone().map(|i| texts.tail(i).1 - cut).sum();
        let shape = Shape {
            len,
            prefix: prefix.len() + shared,
            suffixes,
            even: Self::holds(len, suffixes, || true) == Some(Form::Even),
            masked: valued.count_ones() as usize != len,
        };
        let fresh = Fresh::<V, A>::new(alloc, shape, 0);
        let suffixes = range.map(|i| {
            let (tail, size) = texts.tail(i);
            (&tail[cut..], size - cut)
        });
        fresh.write(&[prefix, &text[..shared]], suffixes, valued);
        let values = self.values();
        // SAFETY: B4; there are as many slots from `first` on.
        let slot = |i: usize| (valued >> i & 1 != 0).then(|| unsafe { values.add(first + i) });
        // SAFETY: the slots of the new block are empty; the rest is the caller's promise.
        unsafe { Row::new(len, slot).bring(fresh.bucket().values(), take) };
        fresh.finish::<K>()
    }

    /// The bytes between header and values, to be written.
    ///
    /// # Safety
    /// The caller owns the block alone and uses no other view of these bytes meanwhile.
    #[allow(
        clippy::mut_from_ref,
        reason = "the view is a pointer; uniqueness is the caller's"
    )]
    pub(super) unsafe fn front_mut(self) -> &'a mut [u8] {
        let end = Self::values_at(usize::from(self.header().room), self.len());
        // SAFETY: inside the block, initialized (B3), ours alone.
        unsafe {
            let front = self.head.cast::<u8>().add(HEAD);
            std::slice::from_raw_parts_mut(front.as_ptr(), end - HEAD)
        }
    }

    /// Drops all values.
    ///
    /// # Safety
    /// The caller owns the block alone, and nobody uses the values afterwards.
    pub(super) unsafe fn drop_values(self) {
        // SAFETY: B4.
        unsafe { self.row().drop_values() };
    }

    /// The value slots that hold a value (B4).
    fn row(self) -> Row<V, impl Fn(usize) -> Option<NonNull<V>>> {
        let (valued, values) = (self.valued(), self.values());
        // SAFETY: there are `len` slots.
        let slot = move |i: usize| (valued >> i & 1 != 0).then(|| unsafe { values.add(i) });
        Row::new(self.len(), slot)
    }
}

/// The suffixes of a bucket.
#[derive(Clone, Copy)]
pub(super) struct Texts<'a> {
    front: &'a [u8],
    len: usize,
    base: usize,
    /// The length of each in an even bucket, otherwise 0.
    each: usize,
}

impl<'a> Texts<'a> {
    /// The suffix of entry `i`.
    #[inline(always)]
    pub(super) fn suffix(self, i: usize) -> &'a [u8] {
        let (tail, len) = self.tail(i);
        &tail[..len]
    }

    /// Where the suffix of entry `i` begins, or would begin if it were added at the end.
    #[inline(always)]
    fn start(self, i: usize) -> usize {
        match i {
            0 => 0,
            _ if self.each != 0 => i * self.each,
            _ => usize::from(self.front[self.len + i - 1]),
        }
    }

    /// The bytes from the suffix of entry `i` on, and how many of them are the suffix.
    #[inline(always)]
    pub(super) fn tail(self, i: usize) -> (&'a [u8], usize) {
        if self.each != 0 {
            return (&self.front[self.base + i * self.each..], self.each);
        }
        let start = self.start(i);
        let end = usize::from(self.front[self.len + i]);
        (&self.front[self.base + start..], end - start)
    }
}
