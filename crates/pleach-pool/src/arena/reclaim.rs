//! Spans and segments that nobody uses any more go back to be used by others.

use super::segment::Use;
use super::{Arena, Fresh};
use crate::class::Class;
use crate::memory::geometry::{self, HEADER_BYTES, SpanId};
use crate::memory::region;

impl Arena {
    /// Gives empty segments back to the system. Returns how many bytes those were.
    pub(crate) fn trim(&mut self) -> usize {
        let before = self.committed;
        self.reclaim();
        before - self.committed
    }

    /// Takes empty spans from their classes, and the memory from empty segments. False if there
    /// were none.
    pub(super) fn reclaim(&mut self) -> bool {
        let free_before = self.free_spans.len();
        let committed_before = self.committed;
        for class in Class::all() {
            self.reclaim_class(class);
        }
        let any_span = self.free_spans.len() > free_before;
        self.release_small();
        for order in self.pages.empty_segments() {
            self.pages.remove(order);
            self.release(self.paged[order as usize]);
            self.unpaged.push(order);
        }
        any_span || self.committed < committed_before
    }

    /// Takes from a class the spans of which every block is free.
    fn reclaim_class(&mut self, class: Class) {
        let spans = self.segments.len() * self.geometry.spans_per_segment();
        let bin = &mut self.bins[class.index()];
        if bin.slots == 0 {
            return;
        }
        let geometry = self.geometry;
        let span_of = |block| {
            // SAFETY: the block is free and in our hands, so its segment is alive.
            let segment = unsafe { region::segment_number(geometry, block) };
            let (span, _) = geometry.slot_at(geometry.offset_of(block), class);
            geometry.span_number(SpanId { segment, span }) as usize
        };
        let mut free = vec![0; spans];
        for &block in &bin.free {
            free[span_of(block)] += 1;
        }
        if let Some(Fresh { id, next, end }) = bin.fresh {
            free[geometry.span_number(id) as usize] += end - next;
        }
        let is_empty = |number: usize| {
            let span = geometry.span_id(number as u32).span;
            free[number] == geometry::slots(span, class)
        };
        bin.free.retain(|&block| !is_empty(span_of(block)));
        bin.free.shrink_to(bin.free.len() * 2);
        bin.fresh = bin
            .fresh
            .filter(|fresh| !is_empty(geometry.span_number(fresh.id) as usize));
        for number in (0..spans).filter(|&number| is_empty(number)) {
            let id = geometry.span_id(number as u32);
            bin.slots -= geometry::slots(id.span, class) as usize;
            self.segments[id.segment as usize].assign(id.span, None);
            self.free_spans.push(number as u32);
        }
    }

    /// Gives back the memory of segments all of whose spans are free.
    fn release_small(&mut self) {
        let spans = self.geometry.spans_per_segment();
        let mut free = vec![0; self.segments.len()];
        for &number in &self.free_spans {
            free[self.geometry.span_id(number).segment as usize] += 1;
        }
        for (number, count) in free.into_iter().enumerate() {
            if count == spans && matches!(self.segments[number].used_for(), Use::Small) {
                self.release(number as u32);
            }
        }
        // Spans that have memory are to be taken first, those that lie low before others.
        let (segments, geometry) = (&self.segments, self.geometry);
        let has_memory = |number| segments[geometry.span_id(number).segment as usize].has_memory();
        self.free_spans
            .sort_by_key(|&number| (has_memory(number), u32::MAX - number));
        debug_assert!(self.committed.is_multiple_of(HEADER_BYTES));
    }
}
