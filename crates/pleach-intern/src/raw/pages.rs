//! Where the records of a slot are: chunks that never move, each a quarter of a doubling.
//!
//! Records begin at units of eight bytes, and a symbol's index is the number of the unit. A mark for
//! each unit tells whether a record begins there, and publishes it.
//!
//! ```text
//!   index + 512 =  1 b b | x x x x x x x      the two bits behind the first choose among four
//!                  chunk | unit               chunks of equal size; then the size doubles
//! ```
//!
//! So at most a fifth of a slot with many strings lies idle, and nothing is ever copied. Where a
//! record goes depends on those before it alone: the same strings in the same order have the same
//! symbols, which is how a file keeps them.
//!
//! Invariants:
//!
//! 1. A marked unit has a whole record, which lives and is not written to until the pages are
//!    dropped.
//! 2. One at a time makes room and marks.

use std::ptr::NonNull;

use pleach_atomic::atomic::{AtomicU64, Ordering};
use pleach_atomic::{ord, scaled_u32};

use super::place::{Place, slice_of};
use super::record::{ELSEWHERE_SIZE, Slab, read, size_of_record};
use super::watch::Watches;
use crate::InternError;

/// Bytes of a unit.
const UNIT: usize = 8;

/// The first four chunks have 2^(FIRST_BITS - STEP_BITS) units each.
const FIRST_BITS: u32 = scaled_u32(9, 2);

/// Chunks double in size each time there are 2^STEP_BITS of a size.
const STEP_BITS: u32 = 2;

/// How many bits an index may have.
const INDEX_BITS: u32 = scaled_u32(crate::symbol::INDEX_BITS, 4);

/// Indices end before this one.
pub(crate) const INDEX_END: u64 = 1 << INDEX_BITS;

const CHUNK_COUNT: usize = ((INDEX_BITS - FIRST_BITS) << STEP_BITS) as usize + 1;

/// The records of one slot.
pub(crate) struct Pages {
    /// The chunks, whose places are made for the first symbol.
    chunks: Place<Box<[Place<Chunk>; CHUNK_COUNT]>>,
}

/// Units of memory, and which of them are marked.
struct Chunk {
    text: Slab,
    marks: Box<[AtomicU64]>,
    watches: Watches,
}

/// Where a unit is.
#[derive(Debug, PartialEq, Eq)]
struct Unit {
    chunk: usize,
    unit: usize,
    /// How many units the chunk has.
    chunk_len: usize,
}

/// Room for a record that is not there yet.
#[derive(Clone, Copy)]
pub(crate) struct Room<'p> {
    /// The unit where the record begins.
    pub(crate) index: u32,
    /// The first unit behind it.
    pub(crate) end: u64,
    /// Where to write.
    pub(crate) record: NonNull<u8>,
    /// Whether the record only tells where the bytes are.
    pub(crate) elsewhere: bool,
    chunk: &'p Chunk,
    /// The unit in the chunk.
    unit: usize,
}

impl Unit {
    #[inline]
    fn of(index: u64) -> Self {
        let position = index + (1 << FIRST_BITS);
        let first_bit = position.ilog2();
        let shift = first_bit - STEP_BITS;
        let step = (position >> shift) as usize & ((1 << STEP_BITS) - 1);
        Self {
            chunk: (((first_bit - FIRST_BITS) as usize) << STEP_BITS) + step,
            unit: (position & ((1 << shift) - 1)) as usize,
            chunk_len: 1 << shift,
        }
    }
}

impl Chunk {
    fn new(len: usize) -> Result<Self, InternError> {
        Ok(Self {
            text: Slab::new(len * UNIT)?,
            marks: slice_of(len.div_ceil(64), || AtomicU64::new(0))?,
            watches: Watches::new(len),
        })
    }

    /// Where a unit is.
    #[inline]
    fn unit(&self, unit: usize) -> NonNull<u8> {
        // SAFETY: every caller has `unit` from a place in a chunk of this length.
        unsafe { self.text.start().add(unit * UNIT) }
    }

    /// The marks of the 64 units around one.
    #[inline]
    fn marks(&self, unit: usize) -> u64 {
        let marks = self.marks.get(unit / 64);
        // Acquire (INT-6): a marked unit's record is seen with its mark; pairs with INT-5.
        marks.map_or(0, |marks| marks.load(ord("INT-6", Ordering::Acquire)))
    }
}

impl Pages {
    /// No records.
    pub(crate) fn new() -> Self {
        Self {
            chunks: Place::new(),
        }
    }

    #[inline]
    fn chunk(&self, chunk: usize) -> Option<&Chunk> {
        self.chunks.get()?.get(chunk)?.get()
    }

    /// The bytes of the record that begins at this unit.
    #[inline]
    pub(crate) fn bytes(&self, index: u32) -> Option<&[u8]> {
        let place = Unit::of(u64::from(index));
        let chunk = self.chunk(place.chunk)?;
        if chunk.marks(place.unit) >> (place.unit % 64) & 1 == 0 {
            return None;
        }
        chunk.watches.read(place.unit);
        // SAFETY: 1, and the mark was acquired.
        Some(unsafe { read(chunk.unit(place.unit)) })
    }

    /// The bytes of the record that begins at this unit, without a look at its mark.
    ///
    /// # Safety
    ///
    /// The unit is marked, and that happened before.
    #[inline(always)]
    pub(crate) unsafe fn bytes_of_issued(&self, index: u32) -> &[u8] {
        let place = Unit::of(u64::from(index));
        // SAFETY: a marked unit has a chunk, which was published before it was marked.
        let chunks = unsafe { self.chunks.get_published() };
        // SAFETY: every index has a chunk among them.
        let chunk = unsafe { chunks.get_unchecked(place.chunk) };
        // SAFETY: as above.
        let chunk = unsafe { chunk.get_published() };
        chunk.watches.read(place.unit);
        // SAFETY: 1.
        unsafe { read(chunk.unit(place.unit)) }
    }

    /// The first marked unit from `from` on and before `end`.
    pub(crate) fn next_marked(&self, mut from: u64, end: u64) -> Option<u32> {
        while from < end {
            let place = Unit::of(from);
            let marks = self.chunk(place.chunk)?.marks(place.unit) >> (place.unit % 64);
            if marks != 0 {
                let found = from + u64::from(marks.trailing_zeros());
                return u32::try_from(found).ok().filter(|_| found < end);
            }
            let units = (64 - place.unit % 64).min(place.chunk_len - place.unit);
            from += units as u64;
        }
        None
    }

    /// Makes room for the record of a string of this length, at unit `from` or soon after it.
    ///
    /// # Errors
    ///
    /// [`InternError::OutOfMemory`], or [`InternError::SymbolSpaceExhausted`] at the end of all
    /// indices.
    ///
    /// # Safety
    ///
    /// 2, and all that was marked lies before `from`.
    pub(crate) unsafe fn make_room(&self, from: u64, len: usize) -> Result<Room<'_>, InternError> {
        let mut place = Unit::of(from);
        let mut index = from;
        // A string that would take more than a quarter of a chunk has memory of its own, so that
        // the ends of chunks that stay empty are small.
        let mut units = size_of_record(len).div_ceil(UNIT);
        let elsewhere = units > 1 && units > place.chunk_len / 4;
        if elsewhere {
            units = ELSEWHERE_SIZE.div_ceil(UNIT);
        }
        while place.unit + units > place.chunk_len {
            index += (place.chunk_len - place.unit) as u64;
            place = Unit::of(index);
        }
        let end = index + units as u64;
        let exhausted = InternError::SymbolSpaceExhausted;
        if end > INDEX_END {
            return Err(exhausted);
        }
        let chunk = match self.chunk(place.chunk) {
            Some(chunk) => chunk,
            // SAFETY: 2, and this one is not there.
            None => unsafe { self.add_chunk(&place) }?,
        };
        Ok(Room {
            index: u32::try_from(index).map_err(|_| exhausted)?,
            end,
            record: chunk.unit(place.unit),
            elsewhere,
            chunk,
            unit: place.unit,
        })
    }

    /// Adds the chunk where this unit is.
    ///
    /// # Safety
    ///
    /// 2, and it is not there.
    #[cold]
    unsafe fn add_chunk(&self, unit: &Unit) -> Result<&Chunk, InternError> {
        let exhausted = InternError::SymbolSpaceExhausted;
        if self.chunks.get().is_none() {
            let chunks = slice_of(CHUNK_COUNT, Place::new)?;
            let chunks = chunks.try_into().map_err(|_| exhausted)?;
            // SAFETY: 2, and there are none.
            unsafe { self.chunks.publish(chunks) };
        }
        let chunks = self.chunks.get().ok_or(exhausted)?;
        let place = chunks.get(unit.chunk).ok_or(exhausted)?;
        let chunk = Chunk::new(unit.chunk_len)?;
        // SAFETY: as the caller has it.
        unsafe { place.publish(chunk) };
        place.get().ok_or(exhausted)
    }

    /// How many bytes this takes.
    pub(crate) fn memory(&self) -> usize {
        let Some(places) = self.chunks.get() else {
            return 0;
        };
        let chunks = places.iter().filter_map(Place::get);
        let chunks = chunks.map(|chunk| chunk.text.size() + size_of_val(&*chunk.marks));
        size_of_val(&**places) + chunks.sum::<usize>()
    }
}

impl Room<'_> {
    /// Publishes the record that was written here.
    ///
    /// # Safety
    ///
    /// 2, among those of the room's pages; and a whole record was written, as 1 demands.
    pub(crate) unsafe fn mark(self) {
        let Self { chunk, unit, .. } = self;
        let marks = &chunk.marks[unit / 64];
        // Relaxed: only we write.
        let marked = marks.load(Ordering::Relaxed) | 1 << (unit % 64);
        #[cfg(any(pleach_loom, pleach_shuttle))]
        if pleach_atomic::model::planted("early_mark") {
            marks.store(marked, Ordering::Release);
        }
        chunk.watches.written(unit);
        // Release (INT-5): whoever sees the mark sees the record; pairs with INT-6.
        marks.store(marked, ord("INT-5", Ordering::Release));
    }
}

#[cfg(all(test, not(any(pleach_loom, pleach_shuttle))))]
mod tests {
    use super::super::record::write;
    use super::*;

    #[test]
    fn places_follow_each_other_without_a_gap() {
        let mut next = Unit {
            chunk: 0,
            unit: 0,
            chunk_len: 128,
        };
        for index in 0..100_000 {
            let place = Unit::of(index);
            if next.unit == next.chunk_len {
                assert!(place.chunk_len == next.chunk_len || place.chunk_len == 2 * next.chunk_len);
                next = Unit {
                    chunk: next.chunk + 1,
                    unit: 0,
                    chunk_len: place.chunk_len,
                };
            }
            assert_eq!(place, next, "index {index}");
            next.unit += 1;
        }
        assert_eq!(Unit::of(INDEX_END - 1).chunk, CHUNK_COUNT - 1);
    }

    #[test]
    fn only_what_is_marked_is_there() {
        let pages = Pages::new();
        assert_eq!(pages.bytes(0), None);
        let (mut next, mut indices) = (0, Vec::new());
        for n in 0..5_000usize {
            let bytes = vec![n as u8; n % 30];
            // SAFETY: one thread, and what is marked ends at `next`.
            let room = unsafe { pages.make_room(next, bytes.len()) }.unwrap();
            assert!(!room.elsewhere);
            // SAFETY: the room was made for it.
            unsafe { write(room.record, &bytes) };
            assert_eq!(pages.bytes(room.index), None);
            next = room.end;
            indices.push((room.index, bytes));
            // SAFETY: the record was just written.
            unsafe { room.mark() };
        }
        for (index, bytes) in &indices {
            assert_eq!(pages.bytes(*index), Some(&bytes[..]));
        }
        let marked = (0..next as u32).filter(|&index| pages.bytes(index).is_some());
        assert!(marked.eq(indices.iter().map(|&(index, _)| index)));
        let mut at = 0;
        for &(index, _) in &indices {
            assert_eq!(pages.next_marked(at, next), Some(index));
            at = u64::from(index) + 1;
        }
        assert_eq!(pages.next_marked(at, next), None);
    }

    #[test]
    fn indices_end() {
        let pages = Pages::new();
        for (from, len) in [(INDEX_END, 0), (INDEX_END - 1, 8)] {
            // SAFETY: one thread, and nothing is marked.
            let room = unsafe { pages.make_room(from, len) };
            assert_eq!(room.err(), Some(InternError::SymbolSpaceExhausted));
        }
    }
}
