//! Medium and huge blocks: behind one lock, also at level 3.

use std::ptr::NonNull;

use pleach_atomic::atomic::Ordering;
use pleach_atomic::sync::MutexGuard;

use super::segment::{Segment, Use};
use super::{Core, Short};
use crate::memory::geometry::{self, Geometry, HEADER_BYTES, PAGE_BYTES};
use crate::memory::large::{Kind, Page, Pages};
use crate::memory::region;

/// What the lock guards.
#[derive(Debug)]
pub(super) struct Large {
    pub(super) pages: Pages,
    /// The segments of pages, by order.
    pub(super) paged: Vec<u32>,
    /// Those of them that have no memory, by order.
    pub(super) unpaged: Vec<u32>,
    /// The numbers of segments whose huge block is gone.
    spare: Vec<u32>,
    pub(super) counts: LargeCounts,
}

/// What is counted of large blocks.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct LargeCounts {
    pub(super) allocs: u64,
    pub(super) live_blocks: usize,
    pub(super) live_bytes: usize,
    pub(super) retired_bytes: usize,
    /// How often the lock was taken.
    pub(super) contended: u64,
}

impl Large {
    pub(super) fn new(geometry: Geometry) -> Self {
        Self {
            pages: Pages::new(geometry),
            paged: Vec::new(),
            unpaged: Vec::new(),
            spare: Vec::new(),
            counts: LargeCounts::default(),
        }
    }
}

/// The pages of a span.
pub(super) const PAGES_PER_SPAN: u32 = (geometry::SPAN_BYTES / PAGE_BYTES) as u32;

impl Core {
    pub(super) fn lock_large(&self) -> MutexGuard<'_, Large> {
        if let Ok(large) = self.large.try_lock() {
            return large;
        }
        let mut large = self.large.lock().expect("nothing panics under this lock");
        large.counts.contended += 1;
        large
    }

    #[cold]
    pub(super) fn take_large(&self, kind: Kind) -> Result<NonNull<u8>, Short> {
        self.try_take_large(kind)
            .or_else(|_| self.with_maintenance(|| self.try_take_large(kind)))
    }

    fn try_take_large(&self, kind: Kind) -> Result<NonNull<u8>, Short> {
        let mut large = self.lock_large();
        let block = match kind {
            Kind::Medium { pages, align } => self.take_pages(&mut large, pages, align)?,
            _ => self.take_huge(&mut large, kind.bytes())?,
        };
        large.counts.allocs += 1;
        large.counts.live_blocks += 1;
        large.counts.live_bytes += kind.bytes();
        Ok(block)
    }

    fn take_pages(&self, large: &mut Large, pages: u32, align: u32) -> Result<NonNull<u8>, Short> {
        let page = match large.pages.take(pages, align) {
            Some(page) => page,
            None => {
                self.add_pages(large)?;
                large.pages.take(pages, align).ok_or(Short::Full)?
            }
        };
        let segment = self.segment(large.paged[page.order as usize]);
        let span = segment.span(page.page / PAGES_PER_SPAN);
        let length = span.links.get(page.page % PAGES_PER_SPAN);
        let length = length.expect("pages have a length each");
        // Relaxed: whoever reads it has the block, which is published after this.
        length.store(pages, Ordering::Relaxed);
        Ok(segment.at(page.page as usize * PAGE_BYTES))
    }

    fn add_pages(&self, large: &mut Large) -> Result<(), Short> {
        let bytes = self.geometry.segment_bytes();
        let order = match large.unpaged.pop() {
            Some(order) => {
                let number = large.paged[order as usize];
                if let Err(short) = self.refit(number, bytes) {
                    large.unpaged.push(order);
                    return Err(short);
                }
                order
            }
            None => {
                let order = large.paged.len() as u32;
                let number = self.append(Use::Pages { order }, bytes)?;
                large.paged.push(number);
                order
            }
        };
        if large.pages.add(order) {
            return Ok(());
        }
        self.uncommit(self.segment(large.paged[order as usize]).release());
        large.unpaged.push(order);
        Err(Short::NoMemory)
    }

    fn take_huge(&self, large: &mut Large, bytes: usize) -> Result<NonNull<u8>, Short> {
        let bytes = HEADER_BYTES + bytes;
        let number = match large.spare.last() {
            Some(&number) => {
                self.refit(number, bytes)?;
                large.spare.pop();
                number
            }
            None => self.append(Use::Huge, bytes)?,
        };
        Ok(self.segment(number).at(HEADER_BYTES))
    }

    fn append(&self, used_for: Use, bytes: usize) -> Result<u32, Short> {
        let region = self.commit(0, bytes)?;
        let segment = Segment::new(used_for, self.geometry, region);
        if let Use::Pages { .. } = used_for {
            for span in &segment.spans()[..self.geometry.spans_per_segment()] {
                span.links.grow(PAGES_PER_SPAN, &segment.graveyard);
            }
        }
        self.table.append(segment).ok_or_else(|| {
            self.uncommit(bytes);
            Short::Full
        })
    }

    /// Gives memory to a segment that has none.
    fn refit(&self, number: u32, bytes: usize) -> Result<(), Short> {
        let region = self.commit(number, bytes)?;
        let adopted = self.segment(number).adopt(region);
        debug_assert!(adopted, "large segments get memory under the lock");
        Ok(())
    }

    pub(super) fn segment(&self, number: u32) -> &Segment {
        self.table.get(number).expect("the number was given out")
    }

    /// Takes back a medium or huge block.
    ///
    /// # Safety
    ///
    /// It is in the caller's hands, and nobody uses it from here on.
    #[cold]
    pub(super) unsafe fn give_large(&self, block: NonNull<u8>) {
        // SAFETY: the caller's promise.
        let number = unsafe { region::segment_number(self.geometry, block) };
        let segment = self.segment(number);
        let mut large = self.lock_large();
        let bytes = match segment.used_for {
            Use::Pages { order } => {
                let page = (self.geometry.offset_of(block) / PAGE_BYTES) as u32;
                let page = Page { order, page };
                let bytes = large.pages.length(page) as usize * PAGE_BYTES;
                large.pages.give(page);
                bytes
            }
            _ => {
                let bytes = segment.release();
                self.uncommit(bytes);
                large.spare.push(number);
                bytes - HEADER_BYTES
            }
        };
        large.counts.live_blocks -= 1;
        large.counts.live_bytes -= bytes;
    }

    /// Counts a block that is not given out again.
    pub(super) fn retire_large(&self, bytes: usize) {
        let counts = &mut self.lock_large().counts;
        counts.live_blocks -= 1;
        counts.live_bytes -= bytes;
        counts.retired_bytes += bytes;
    }

    /// The index of a medium or huge block.
    ///
    /// # Safety
    ///
    /// The block is of this pool and layout, and in the caller's hands.
    #[cold]
    pub(super) unsafe fn large_index(&self, block: NonNull<u8>, size: usize, align: usize) -> u32 {
        // SAFETY: the caller's promise.
        let number = unsafe { region::segment_number(self.geometry, block) };
        match Kind::of_block(self.geometry, size, align) {
            Kind::Medium { .. } => {
                let page = (self.geometry.offset_of(block) / PAGE_BYTES) as u32;
                self.geometry.page_index(number, page)
            }
            _ => self.geometry.page_index(number, 0),
        }
    }
}
