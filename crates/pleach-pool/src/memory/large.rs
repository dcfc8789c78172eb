//! Blocks that are too large for a size class: what kind of place a request gets, and the pages of
//! medium blocks.

use super::geometry::{Geometry, HEADER_BYTES, PAGE_BYTES};
use super::runs::Runs;
use crate::class::{Class, check_align};
use crate::error::AllocError;

/// Where a block of a size and an alignment lies. It follows from these two alone, so that a block
/// needs no header: whoever knows the layout knows the place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A slot of a span.
    Small(Class),
    /// A run of pages, which begins at a multiple of `align` pages.
    Medium {
        /// How many.
        pages: u32,
        /// In pages.
        align: u32,
    },
    /// A segment of its own.
    Huge {
        /// The bytes of the block.
        bytes: usize,
    },
}

impl Kind {
    /// The kind of place, if there can be one.
    #[inline]
    pub(crate) fn of(geometry: Geometry, size: usize, align: usize) -> Result<Self, AllocError> {
        match Class::of(size, align) {
            Some(class) => Ok(Self::Small(class)),
            None => Self::of_large(geometry, size, align),
        }
    }

    #[cold]
    fn of_large(geometry: Geometry, size: usize, align: usize) -> Result<Self, AllocError> {
        check_align(align)?;
        if size <= geometry.medium_max() {
            let pages = size.div_ceil(PAGE_BYTES) as u32;
            let align = align.div_ceil(PAGE_BYTES) as u32;
            return Ok(Self::Medium { pages, align });
        }
        let max = geometry.block_max();
        if size > max {
            return Err(AllocError::TooLarge { asked: size, max });
        }
        let bytes = size.next_multiple_of(HEADER_BYTES);
        Ok(Self::Huge { bytes })
    }

    /// The kind of place of a block that was given out with this layout.
    #[inline]
    pub(crate) fn of_block(geometry: Geometry, size: usize, align: usize) -> Self {
        let kind = Self::of(geometry, size, align);
        kind.expect("a block with this layout was given out")
    }

    /// How large the block is.
    #[inline]
    pub(crate) const fn bytes(self) -> usize {
        match self {
            Self::Small(class) => class.size(),
            Self::Medium { pages, .. } => pages as usize * PAGE_BYTES,
            Self::Huge { bytes } => bytes,
        }
    }
}

/// The pages of medium blocks, by segments in the order in which they came.
#[derive(Debug)]
pub(crate) struct Pages {
    runs: Runs,
    per_segment: u32,
}

/// A page: the how-manieth segment of medium blocks, and which of its pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) order: u32,
    pub(crate) page: u32,
}

/// The pages at the beginning of a segment that its header takes.
const HEADER_PAGES: u32 = HEADER_BYTES.div_ceil(PAGE_BYTES) as u32;

impl Pages {
    pub(crate) fn new(geometry: Geometry) -> Self {
        Self {
            runs: Runs::new(),
            per_segment: geometry.pages_per_segment() as u32,
        }
    }

    /// Adds the pages of a segment, if there is memory for their tags.
    #[must_use]
    pub(crate) fn add(&mut self, order: u32) -> bool {
        let start = order * self.per_segment;
        if !self.runs.reserve((start + self.per_segment) as usize) {
            return false;
        }
        let length = self.per_segment - HEADER_PAGES;
        self.runs.add(start + HEADER_PAGES, length);
        true
    }

    /// Takes away the pages of a segment, all of them free.
    pub(crate) fn remove(&mut self, order: u32) {
        self.runs.remove(order * self.per_segment + HEADER_PAGES);
    }

    /// Takes a run.
    pub(crate) fn take(&mut self, pages: u32, align: u32) -> Option<Page> {
        let unit = self.runs.take(pages, align)?;
        Some(Page {
            order: unit / self.per_segment,
            page: unit % self.per_segment,
        })
    }

    /// Gives a run back.
    pub(crate) fn give(&mut self, page: Page) {
        self.runs.give(page.order * self.per_segment + page.page);
    }

    /// The length of a run that is taken.
    pub(crate) fn length(&self, page: Page) -> u32 {
        let unit = page.order * self.per_segment + page.page;
        self.runs.length(unit)
    }

    /// The segments all of whose pages are free.
    pub(crate) fn empty_segments(&self) -> Vec<u32> {
        let whole = self.per_segment - HEADER_PAGES;
        let runs = self.runs.free_runs();
        runs.filter(|&(_, length)| length == whole)
            .map(|(start, _)| start / self.per_segment)
            .collect()
    }

    pub(crate) fn free_bytes(&self) -> usize {
        self.runs.free_units() * PAGE_BYTES
    }

    pub(crate) fn largest_free(&self) -> usize {
        self.runs.longest() as usize * PAGE_BYTES
    }

    /// Bytes of tables.
    pub(crate) fn overhead_bytes(&self) -> usize {
        self.runs.len() * Runs::UNIT_OVERHEAD
    }
}

#[cfg(all(test, not(any(pleach_loom, pleach_shuttle))))]
mod tests {
    use super::*;

    #[test]
    fn a_request_gets_the_smallest_kind_of_place() {
        let geometry = Geometry::new(1 << 20);
        let kind = |size, align| Kind::of(geometry, size, align);
        assert!(matches!(kind(8192, 8), Ok(Kind::Small(_))));
        assert_eq!(kind(8193, 8), Ok(Kind::Medium { pages: 9, align: 1 }));
        assert_eq!(kind(9000, 4096), Ok(Kind::Medium { pages: 9, align: 4 }));
        assert_eq!(
            kind(1 << 18, 8),
            Ok(Kind::Medium {
                pages: 256,
                align: 1
            })
        );
        assert_eq!(
            kind((1 << 18) + 1, 8),
            Ok(Kind::Huge {
                bytes: (1 << 18) + 4096
            })
        );
    }

    #[test]
    fn what_is_too_large_is_said_to_be() {
        let geometry = Geometry::new(1 << 20);
        let max = geometry.block_max();
        for asked in [max + 1, isize::MAX as usize, usize::MAX - 7, usize::MAX] {
            assert_eq!(
                Kind::of(geometry, asked, 16),
                Err(AllocError::TooLarge { asked, max })
            );
        }
        assert!(Kind::of(geometry, max, 4096).is_ok());
    }

    #[test]
    fn empty_segments_are_those_whose_pages_are_all_free() {
        let mut pages = Pages::new(Geometry::new(1 << 18));
        assert!(pages.add(0) && pages.add(1));
        let page = pages.take(9, 4).unwrap();
        assert_eq!(pages.length(page), 9);
        assert_eq!(pages.empty_segments(), [1 - page.order]);
        pages.remove(1 - page.order);
        assert_eq!(pages.free_bytes(), (256 - 4 - 9) << 10);
        pages.give(page);
        assert_eq!(pages.empty_segments(), [page.order]);
        assert_eq!(pages.largest_free(), 252 << 10);
    }
}
