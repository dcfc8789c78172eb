//! Segments, spans and slots, and the numbers of blocks.
//!
//! ```text
//!   segment: aligned to its size
//!   +--------+----------------+-----------------+-----------------+--
//!   | header | span 0         | span 1          | span 2          |
//!   +--------+----------------+-----------------+-----------------+--
//!                             | slot 0 | slot 1 | ...
//!
//!   index of a block:  | segment and span: 20 bits | slot: 12 bits |
//! ```
//!
//! A span holds blocks of one class, or pages of large blocks. 2^20 spans of 64 KiB are the 64 GiB
//! that small and medium blocks can have; a huge block has a segment of its own, of any size, and
//! takes the number of one.

use std::ptr::NonNull;

use pleach_atomic::scaled;

use crate::class::Class;

/// The bits of a slot's number. Model runs have four slots to a span.
const SLOT_BITS: u32 = scaled(12, 2) as u32;

/// The bytes of a span: as many of the smallest blocks as slots have numbers.
pub(crate) const SPAN_BYTES: usize = 16 << SLOT_BITS;

/// The bytes at the beginning of a segment that are no blocks: enough to align those behind.
pub(crate) const HEADER_BYTES: usize = scaled(4096, 16);

/// The bytes of a page: the unit of medium blocks.
pub(crate) const PAGE_BYTES: usize = scaled(1024, 16);

/// The spans of the largest segment.
pub(crate) const SPANS_PER_SEGMENT_MAX: usize = scaled(64, 2);

/// How many spans can have a number.
const SPANS_MAX: usize = 1 << scaled(20, 4);

/// No block.
pub(crate) const NIL: u32 = u32::MAX;

/// How the segments of a pool are divided.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Geometry {
    segment_log: u32,
}

/// A span: its segment's number, and its own in there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SpanId {
    pub(crate) segment: u32,
    pub(crate) span: u32,
}

impl Geometry {
    pub(crate) fn new(segment_bytes: usize) -> Self {
        let segment_log = segment_bytes.ilog2();
        Self { segment_log }
    }

    pub(crate) const fn segment_bytes(self) -> usize {
        1 << self.segment_log
    }

    pub(crate) const fn spans_per_segment(self) -> usize {
        self.segment_bytes() / SPAN_BYTES
    }

    pub(crate) const fn pages_per_segment(self) -> usize {
        self.segment_bytes() / PAGE_BYTES
    }

    /// How many segments can have a number.
    pub(crate) const fn segments_max(self) -> usize {
        SPANS_MAX / self.spans_per_segment()
    }

    /// The largest block that shares a segment with others.
    pub(crate) const fn medium_max(self) -> usize {
        self.segment_bytes() / 4
    }

    /// The largest block at all.
    pub(crate) const fn block_max(self) -> usize {
        isize::MAX as usize - 2 * self.segment_bytes() - HEADER_BYTES
    }

    #[inline]
    const fn span_bits(self) -> u32 {
        self.segment_log - SPAN_BYTES.ilog2()
    }

    /// The number of a span among all.
    #[inline]
    pub(crate) const fn span_number(self, id: SpanId) -> u32 {
        (id.segment << self.span_bits()) | id.span
    }

    /// The span of a number.
    #[inline]
    pub(crate) const fn span_id(self, number: u32) -> SpanId {
        SpanId {
            segment: number >> self.span_bits(),
            span: number & ((1 << self.span_bits()) - 1),
        }
    }

    /// The index of a block.
    #[inline]
    pub(crate) const fn index(self, id: SpanId, slot: u32) -> u32 {
        (self.span_number(id) << SLOT_BITS) | slot
    }

    /// The span and slot of a block.
    #[inline]
    pub(crate) const fn locate(self, index: u32) -> (SpanId, u32) {
        let slot = index & ((1 << SLOT_BITS) - 1);
        (self.span_id(index >> SLOT_BITS), slot)
    }

    /// How far into its segment a slot begins.
    #[inline]
    pub(crate) const fn offset(self, span: u32, slot: u32, size: usize) -> usize {
        span_start(span) + slot as usize * size
    }

    /// The span and slot that begin so far into a segment, if the span is of this class.
    #[inline]
    pub(crate) const fn slot_at(self, offset: usize, class: Class) -> (u32, u32) {
        let span = (offset / SPAN_BYTES) as u32;
        (span, class.count_in((offset - span_start(span)) as u32))
    }

    /// How far into its segment a block is.
    #[inline]
    pub(crate) fn offset_of(self, block: NonNull<u8>) -> usize {
        block.addr().get() & (self.segment_bytes() - 1)
    }

    /// The index of a page of medium blocks.
    pub(crate) const fn page_index(self, segment: u32, page: u32) -> u32 {
        let pages = (SPAN_BYTES / PAGE_BYTES) as u32;
        let span = page / pages;
        self.index(SpanId { segment, span }, page % pages)
    }
}

/// Where a span begins in its segment.
#[inline]
const fn span_start(span: u32) -> usize {
    if span == 0 {
        HEADER_BYTES
    } else {
        span as usize * SPAN_BYTES
    }
}

/// How many blocks of a class a span has.
#[inline]
pub(crate) const fn slots(span: u32, class: Class) -> u32 {
    class.count_in(span_bytes(span) as u32)
}

/// The bytes of a span that can be blocks.
pub(crate) const fn span_bytes(span: u32) -> usize {
    (span as usize + 1) * SPAN_BYTES - span_start(span)
}

/// How many bytes of a span are no block of a class.
pub(crate) const fn tail(span: u32, class: Class) -> usize {
    span_bytes(span) - slots(span, class) as usize * class.size()
}

#[cfg(all(test, not(any(pleach_loom, pleach_shuttle))))]
mod tests {
    use super::*;
    use crate::class::MAX_ALIGN;

    #[test]
    fn an_index_is_its_span_and_slot() {
        for log in 18..=22 {
            let geometry = Geometry::new(1 << log);
            let spans = geometry.spans_per_segment() as u32;
            for segment in [0, 1, geometry.segments_max() as u32 - 1] {
                for span in [0, 1, spans - 1] {
                    for slot in [0, 1, 4095] {
                        let id = SpanId { segment, span };
                        let index = geometry.index(id, slot);
                        assert_eq!(geometry.locate(index), (id, slot));
                        let number = geometry.span_number(id);
                        assert_eq!(geometry.span_id(number), id);
                    }
                }
            }
        }
    }

    #[test]
    fn the_slots_of_a_span_lie_in_it_one_after_the_other() {
        let geometry = Geometry::new(1 << 20);
        for class in Class::all() {
            for span in 0..3 {
                let count = slots(span, class);
                assert!(count > 0);
                for slot in [0, count - 1] {
                    let offset = geometry.offset(span, slot, class.size());
                    assert!(offset >= HEADER_BYTES);
                    assert!(offset + class.size() <= (span as usize + 1) * SPAN_BYTES);
                    assert_eq!(geometry.slot_at(offset, class), (span, slot));
                }
                assert!(tail(span, class) < class.size());
                assert!(geometry.offset(span, 0, 1).is_multiple_of(MAX_ALIGN));
            }
        }
    }

    #[test]
    fn a_page_has_the_index_of_its_place() {
        let geometry = Geometry::new(1 << 20);
        let (id, slot) = geometry.locate(geometry.page_index(3, 64 * 5 + 7));
        assert_eq!((id.segment, id.span, slot), (3, 5, 7));
    }
}
