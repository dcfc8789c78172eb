//! From a symbol's index to its entry: chunks that never move, each a quarter of a doubling.
//!
//! ```text
//!   index + 256 =  1 b b | x x x x x x        the two bits behind the first choose among four
//!                  chunk | offset             chunks of equal size; then the size doubles
//! ```
//!
//! So at most a fifth of the entries of a long table are not in use, and no entry is ever copied.

use pleach_atomic::scaled_u32;

use super::published::{Published, slice_of};
use super::record::Entry;
use crate::InternError;

/// The first four chunks have 2^(FIRST_BITS - STEP_BITS) entries each.
const FIRST_BITS: u32 = scaled_u32(8, 2);

/// Chunks double in size each time there are 2^STEP_BITS of a size.
const STEP_BITS: u32 = 2;

/// How many bits an index may have.
const INDEX_BITS: u32 = scaled_u32(crate::symbol::INDEX_BITS, 4);

/// Indices end before this one.
pub(crate) const INDEX_END: u64 = 1 << INDEX_BITS;

const CHUNK_COUNT: usize = ((INDEX_BITS - FIRST_BITS) << STEP_BITS) as usize + 1;

/// The entries of one slot. One thread at a time makes room, all may read.
pub(crate) struct Pages {
    /// The chunks' places, made for the first symbol.
    chunks: Published<Published<Entry>>,
}

/// The place of an entry.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    chunk: usize,
    offset: usize,
    /// How many entries the chunk has.
    chunk_len: usize,
}

impl Place {
    #[inline]
    fn of(index: u32) -> Self {
        let position = u64::from(index) + (1 << FIRST_BITS);
        let first_bit = position.ilog2();
        let shift = first_bit - STEP_BITS;
        let step = (position >> shift) as usize & ((1 << STEP_BITS) - 1);
        Self {
            chunk: (((first_bit - FIRST_BITS) as usize) << STEP_BITS) + step,
            offset: (position & ((1 << shift) - 1)) as usize,
            chunk_len: 1 << shift,
        }
    }
}

impl Pages {
    /// No entries.
    pub(crate) fn new() -> Self {
        Self {
            chunks: Published::new(),
        }
    }

    /// The entry of this index, if there is room for it.
    #[inline]
    pub(crate) fn entry(&self, index: u32) -> Option<&Entry> {
        let place = Place::of(index);
        let chunk = self.chunks.get()?.get(place.chunk)?;
        chunk.get()?.get(place.offset)
    }

    /// Makes room for the entry of this index, and returns it.
    ///
    /// # Errors
    ///
    /// [`InternError::OutOfMemory`], or [`InternError::SymbolSpaceExhausted`] for an index that is no
    /// index.
    ///
    /// # Safety
    ///
    /// Nobody else makes room here at the same time.
    pub(crate) unsafe fn prepare(&self, index: u32) -> Result<&Entry, InternError> {
        let place = Place::of(index);
        if self.chunks.get().is_none() {
            let chunks = slice_of(CHUNK_COUNT, Published::new)?;
            // SAFETY: nobody else makes room, and there is none.
            unsafe { self.chunks.publish(chunks) };
        }
        let chunk = self.chunks.get().and_then(|chunks| chunks.get(place.chunk));
        let chunk = chunk.ok_or(InternError::SymbolSpaceExhausted)?;
        if chunk.get().is_none() {
            let entries = slice_of(place.chunk_len, Entry::new)?;
            // SAFETY: nobody else makes room, and this chunk has none.
            unsafe { chunk.publish(entries) };
        }
        let entry = chunk.get().and_then(|entries| entries.get(place.offset));
        entry.ok_or(InternError::SymbolSpaceExhausted)
    }

    /// How many bytes this takes.
    pub(crate) fn bytes(&self) -> usize {
        let chunks = self.chunks.get().unwrap_or_default();
        let entries = chunks.iter().filter_map(Published::get);
        size_of_val(chunks) + entries.map(size_of_val).sum::<usize>()
    }
}

#[cfg(all(test, not(any(pleach_loom, pleach_shuttle))))]
mod tests {
    use super::*;

    #[test]
    fn places_follow_each_other_without_a_gap() {
        let mut next = Place {
            chunk: 0,
            offset: 0,
            chunk_len: 64,
        };
        for index in 0..100_000 {
            let place = Place::of(index);
            if next.offset == next.chunk_len {
                assert!(place.chunk_len == next.chunk_len || place.chunk_len == 2 * next.chunk_len);
                next = Place {
                    chunk: next.chunk + 1,
                    offset: 0,
                    chunk_len: place.chunk_len,
                };
            }
            assert_eq!(place, next, "index {index}");
            next.offset += 1;
        }
        assert_eq!(Place::of(u32::MAX).chunk, CHUNK_COUNT - 1);
    }

    #[test]
    fn room_is_made_once() {
        let pages = Pages::new();
        assert!(pages.entry(0).is_none());
        for index in [0, 63, 64, 1000] {
            // SAFETY: one thread.
            let made: *const Entry = unsafe { pages.prepare(index) }.unwrap();
            assert!(std::ptr::eq(pages.entry(index).unwrap(), made));
        }
        // A chunk between two that are used was never asked for.
        assert!(pages.entry(500).is_none());
        assert!(pages.entry(u32::MAX).is_none());
    }
}
