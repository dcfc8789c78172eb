//! A segment of an arena: its memory, what it is used for, and the words beside its blocks.

use std::ptr::NonNull;

use crate::class::Class;
use crate::memory::geometry::{self, Geometry, HEADER_BYTES, PAGE_BYTES};
use crate::memory::large::{Page, Pages};
use crate::memory::region::Region;
use crate::stats::PoolStats;

/// What a segment is used for, as long as the pool lives.
#[derive(Debug, Clone, Copy)]
pub(super) enum Use {
    Small,
    /// Pages of medium blocks, the how-manieth.
    Pages {
        order: u32,
    },
    /// One huge block.
    Huge,
}

/// A segment. It keeps its number and its words even while it has no memory, so that handles to
/// blocks that were in it stay stale.
#[derive(Debug)]
pub(super) struct Segment {
    used_for: Use,
    region: Option<Region>,
    spans: Box<[Span]>,
}

#[derive(Debug, Default)]
struct Span {
    class: Option<Class>,
    /// The words of its slots, as far as handles have named them. They are only ever counted up.
    words: Vec<u32>,
}

impl Segment {
    pub(super) fn new(used_for: Use, region: Region, spans: usize) -> Self {
        Self {
            used_for,
            region: Some(region),
            spans: (0..spans).map(|_| Span::default()).collect(),
        }
    }

    pub(super) fn used_for(&self) -> Use {
        self.used_for
    }

    pub(super) fn has_memory(&self) -> bool {
        self.region.is_some()
    }

    /// The memory, where there has to be some.
    pub(super) fn region(&self) -> &Region {
        self.region.as_ref().expect("a segment in use has memory")
    }

    pub(super) fn set_region(&mut self, region: Region) {
        self.region = Some(region);
    }

    /// Gives the memory back. Returns how much it was.
    pub(super) fn drop_region(&mut self) -> usize {
        self.region.take().map_or(0, |region| region.bytes())
    }

    pub(super) fn class(&self, span: u32) -> Option<Class> {
        self.spans[span as usize].class
    }

    pub(super) fn assign(&mut self, span: u32, class: Option<Class>) {
        self.spans[span as usize].class = class;
    }

    /// The word of a slot.
    pub(super) fn word(&mut self, span: u32, slot: u32) -> &mut u32 {
        let words = &mut self.spans[span as usize].words;
        let slot = slot as usize;
        if slot >= words.len() {
            words.resize(slot + 1, 0);
        }
        &mut words[slot]
    }

    /// The address and size of a block in use.
    pub(super) fn block(
        &self,
        geometry: Geometry,
        span: u32,
        slot: u32,
        pages: &Pages,
    ) -> (NonNull<u8>, usize) {
        let region = self.region();
        match (self.used_for, self.class(span)) {
            (Use::Small, Some(class)) => {
                let offset = geometry.offset(span, slot, class.size());
                (region.at(offset), class.size())
            }
            (Use::Pages { order }, _) => {
                let page = span * (geometry::SPAN_BYTES / PAGE_BYTES) as u32 + slot;
                let length = pages.length(Page { order, page });
                let bytes = length as usize * PAGE_BYTES;
                (region.at(page as usize * PAGE_BYTES), bytes)
            }
            _ => (region.at(HEADER_BYTES), region.bytes() - HEADER_BYTES),
        }
    }

    /// Adds what is neither of a class nor of a run of pages.
    pub(super) fn add_to(&self, stats: &mut PoolStats) {
        let words = self.spans.iter().map(|span| span.words.capacity() * 4);
        stats.overhead_bytes += words.sum::<usize>() + size_of_val(&*self.spans);
        let Some(region) = &self.region else {
            return;
        };
        stats.huge_page_bytes += region.huge_page_bytes();
        stats.slack_bytes += HEADER_BYTES;
        if !matches!(self.used_for, Use::Small) {
            return;
        }
        for (number, span) in (0..).zip(&self.spans) {
            match span.class {
                Some(class) => stats.slack_bytes += geometry::tail(number, class),
                None => {
                    stats.free_bytes += geometry::span_bytes(number);
                    stats.largest_free = stats.largest_free.max(crate::class::SMALL_MAX);
                }
            }
        }
    }
}
