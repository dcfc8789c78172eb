//! A growing pool for one thread at a time: segments, stacks of free blocks by class, pages.
//!
//! Nothing here is atomic. A stack holds the addresses of free blocks, so that to allocate is to
//! pop and to free is to push: no byte of a block is read or written.
//!
//! # Invariants
//!
//! - **A1** A block is in one place: in the hands of a user, in its class's stack, in the part of a
//!   span that is not carved yet, or retired.
//! - **A2** A span belongs to one class, or is in `free_spans`, or holds pages.

mod reclaim;
mod segment;

use std::ptr::NonNull;

use self::segment::{Segment, Use};
use crate::class::{CLASSES, Class};
use crate::config::FiveLevelPoolConfig;
use crate::error::{AllocError, FreeError};
use crate::handle::{Generation, Handle, PoolId};
use crate::memory::geometry::{self, Geometry, HEADER_BYTES, PAGE_BYTES, SpanId};
use crate::memory::large::{Kind, Page, Pages};
use crate::memory::region::{self, Region};
use crate::stats::PoolStats;

/// The pool. Methods that take blocks back trust their callers; see each.
#[derive(Debug)]
pub(crate) struct Arena {
    id: PoolId,
    geometry: Geometry,
    limit: usize,
    huge_pages: bool,
    bins: [Bin; CLASSES],
    segments: Vec<Segment>,
    /// Spans that no class has, by number; those of segments without memory at the bottom.
    free_spans: Vec<u32>,
    pages: Pages,
    /// The segments of pages, by order.
    paged: Vec<u32>,
    /// Those of them that have no memory, by order.
    unpaged: Vec<u32>,
    /// The numbers of segments whose huge block is gone.
    spare: Vec<u32>,
    committed: usize,
    large: LargeCounts,
    failed: u64,
}

/// The blocks of a class.
#[derive(Debug, Default)]
struct Bin {
    free: Vec<NonNull<u8>>,
    /// The span that blocks are carved from, and its next and last slot.
    fresh: Option<Fresh>,
    /// How many slots its spans have.
    slots: usize,
    retired: usize,
    allocs: u64,
}

/// What is not carved yet of a span.
#[derive(Debug, Clone, Copy)]
struct Fresh {
    id: SpanId,
    next: u32,
    end: u32,
}

/// What is counted of large blocks.
#[derive(Debug, Default)]
struct LargeCounts {
    allocs: u64,
    live_blocks: usize,
    live_bytes: usize,
    retired_bytes: usize,
}

// SAFETY: the addresses are of memory that the arena owns; nothing is tied to a thread.
unsafe impl Send for Arena {}

impl Bin {
    fn uncarved(&self) -> usize {
        self.fresh
            .map_or(0, |fresh| (fresh.end - fresh.next) as usize)
    }

    fn live(&self) -> usize {
        self.slots - self.uncarved() - self.free.len() - self.retired
    }
}

impl Arena {
    pub(crate) fn new(config: &FiveLevelPoolConfig) -> Self {
        let geometry = Geometry::new(config.segment_bytes);
        Self {
            id: PoolId::fresh(),
            geometry,
            limit: config.max_bytes.unwrap_or(usize::MAX),
            huge_pages: config.huge_pages,
            bins: std::array::from_fn(|_| Bin::default()),
            segments: Vec::new(),
            free_spans: Vec::new(),
            pages: Pages::new(geometry),
            paged: Vec::new(),
            unpaged: Vec::new(),
            spare: Vec::new(),
            committed: 0,
            large: LargeCounts::default(),
            failed: 0,
        }
    }

    /// Takes a block for a size, which is not zero, and an alignment.
    #[inline]
    pub(crate) fn take(
        &mut self,
        size: usize,
        align: usize,
    ) -> Result<(NonNull<u8>, usize), AllocError> {
        if let Some(class) = Class::of(size, align) {
            let bin = &mut self.bins[class.index()];
            if let Some(block) = bin.free.pop() {
                bin.allocs += 1;
                return Ok((block, class.size()));
            }
        }
        self.take_new(size, align)
    }

    /// Takes back a block that `take` gave for this size and alignment, and that nobody uses.
    ///
    /// # Safety
    ///
    /// As it says.
    #[inline]
    pub(crate) unsafe fn give(&mut self, block: NonNull<u8>, size: usize, align: usize) {
        match Class::of(size, align) {
            Some(class) => self.bins[class.index()].free.push(block),
            // SAFETY: the caller's promise.
            None => unsafe { self.give_large(block) },
        }
    }

    /// Tells whether blocks of two layouts are the same.
    pub(crate) fn is_same_kind(&self, a: (usize, usize), b: (usize, usize)) -> bool {
        let kind = |(size, align)| Kind::of(self.geometry, size, align);
        kind(a) == kind(b)
    }

    /// Takes a block and names it.
    #[inline]
    pub(crate) fn alloc(&mut self, size: usize, align: usize) -> Result<Handle, AllocError> {
        let (block, _) = self.take(size, align)?;
        let kind = Kind::of_block(self.geometry, size, align);
        // SAFETY: the block was just given out.
        let (id, slot) = unsafe { self.place(block, kind) };
        let word = self.segments[id.segment as usize].word(id.span, slot);
        let generation = Generation::from_word(*word).next();
        *word = generation.word();
        Ok(Handle::new(
            self.id,
            self.geometry.index(id, slot),
            generation,
        ))
    }

    /// Frees the block of a handle.
    #[inline]
    pub(crate) fn free(&mut self, handle: Handle) -> Result<(), FreeError> {
        let (index, generation) = handle.resolve(self.id).ok_or(FreeError::Foreign)?;
        let (id, slot) = self.geometry.locate(index);
        let segment = self.segments.get_mut(id.segment as usize);
        let segment = segment.ok_or(FreeError::Stale)?;
        let word = segment.word(id.span, slot);
        if *word != generation.word() {
            return Err(FreeError::Stale);
        }
        let generation = generation.next();
        *word = generation.word();
        let (block, size) = segment.block(self.geometry, id.span, slot, &self.pages);
        let retired = generation.is_retired();
        match segment.class(id.span) {
            Some(class) => {
                let bin = &mut self.bins[class.index()];
                match retired {
                    true => bin.retired += 1,
                    false => bin.free.push(block),
                }
            }
            None if retired => {
                self.large.live_blocks -= 1;
                self.large.live_bytes -= size;
                self.large.retired_bytes += size;
            }
            // SAFETY: the handle named a block in use, and names none from here on.
            None => unsafe { self.give_large(block) },
        }
        Ok(())
    }

    /// The bytes of the block that a handle names, which is in use.
    pub(crate) fn bytes(&self, handle: Handle) -> Option<NonNull<[u8]>> {
        let (index, _) = handle.resolve(self.id)?;
        let (id, slot) = self.geometry.locate(index);
        let segment = self.segments.get(id.segment as usize)?;
        let (block, size) = segment.block(self.geometry, id.span, slot, &self.pages);
        Some(NonNull::slice_from_raw_parts(block, size))
    }

    /// Sets the word of a handle's block close to the end of its lives.
    #[cfg(all(test, not(any(pleach_loom, pleach_shuttle))))]
    pub(crate) fn age(&mut self, handle: Handle) -> Handle {
        let (index, _) = handle.resolve(self.id).expect("our own");
        let (id, slot) = self.geometry.locate(index);
        let last = Generation::from_word(Generation::RETIRED.word() - 1);
        *self.segments[id.segment as usize].word(id.span, slot) = last.word();
        Handle::new(self.id, index, last)
    }

    pub(crate) fn stats(&self) -> PoolStats {
        let mut stats = PoolStats {
            capacity_bytes: self.limit,
            committed_bytes: self.committed,
            live_blocks: self.large.live_blocks,
            live_bytes: self.large.live_bytes,
            free_bytes: self.pages.free_bytes(),
            slack_bytes: self.large.retired_bytes,
            largest_free: self.pages.largest_free(),
            overhead_bytes: self.pages.overhead_bytes() + self.free_spans.capacity() * 4,
            allocs: self.large.allocs,
            failed: self.failed,
            ..PoolStats::default()
        };
        for (class, bin) in Class::all().zip(&self.bins) {
            let free = bin.free.len() + bin.uncarved();
            stats.live_blocks += bin.live();
            stats.live_bytes += bin.live() * class.size();
            stats.free_bytes += free * class.size();
            stats.slack_bytes += bin.retired * class.size();
            stats.allocs += bin.allocs;
            stats.overhead_bytes += bin.free.capacity() * size_of::<usize>();
            if free > 0 {
                stats.largest_free = stats.largest_free.max(class.size());
            }
        }
        for segment in &self.segments {
            segment.add_to(&mut stats);
        }
        stats.frees = stats.allocs - stats.live_blocks as u64;
        stats
    }

    /// Takes a block that no stack has.
    #[cold]
    fn take_new(&mut self, asked: usize, align: usize) -> Result<(NonNull<u8>, usize), AllocError> {
        let kind = Kind::of(self.geometry, asked, align).inspect_err(|_| self.failed += 1)?;
        let mut block = self.carve(kind);
        if block.is_err() && self.reclaim() {
            block = self.carve(kind);
        }
        match block {
            Ok(block) => Ok((block, kind.bytes())),
            Err(short) => Err(self.failure(short, asked)),
        }
    }

    fn failure(&mut self, short: Short, asked: usize) -> AllocError {
        self.failed += 1;
        match short {
            Short::Full => {
                let stats = self.stats();
                AllocError::Capacity {
                    asked,
                    free_total: stats.free_bytes,
                    largest_free: stats.largest_free,
                }
            }
            Short::NoMemory => AllocError::OutOfMemory { asked },
        }
    }

    fn carve(&mut self, kind: Kind) -> Result<NonNull<u8>, Short> {
        match kind {
            Kind::Small(class) => self.carve_small(class),
            Kind::Medium { pages, align } => self.carve_pages(pages, align),
            Kind::Huge { bytes } => self.carve_huge(bytes),
        }
    }

    fn carve_small(&mut self, class: Class) -> Result<NonNull<u8>, Short> {
        // What was reclaimed may have been pushed back on the stack.
        if let Some(block) = self.bins[class.index()].free.pop() {
            self.bins[class.index()].allocs += 1;
            return Ok(block);
        }
        let fresh = self.bins[class.index()]
            .fresh
            .filter(|fresh| fresh.next < fresh.end);
        let Fresh { id, next, end } = match fresh {
            Some(fresh) => fresh,
            None => self.new_span(class)?,
        };
        let bin = &mut self.bins[class.index()];
        bin.allocs += 1;
        let next_slot = next + 1;
        bin.fresh = Some(Fresh {
            id,
            next: next_slot,
            end,
        });
        let offset = self.geometry.offset(id.span, next, class.size());
        Ok(self.segments[id.segment as usize].region().at(offset))
    }

    /// Takes a span for a class.
    fn new_span(&mut self, class: Class) -> Result<Fresh, Short> {
        if self.free_spans.is_empty() {
            self.add_segment(Use::Small, self.geometry.segment_bytes())?;
        }
        let number = *self.free_spans.last().expect("a segment has spans");
        let id = self.geometry.span_id(number);
        if !self.segments[id.segment as usize].has_memory() {
            self.revive(id.segment, self.geometry.segment_bytes())?;
        }
        self.free_spans.pop();
        self.segments[id.segment as usize].assign(id.span, Some(class));
        let end = geometry::slots(id.span, class);
        self.bins[class.index()].slots += end as usize;
        Ok(Fresh { id, next: 0, end })
    }

    fn carve_pages(&mut self, pages: u32, align: u32) -> Result<NonNull<u8>, Short> {
        let page = match self.pages.take(pages, align) {
            Some(page) => page,
            None => {
                self.add_pages()?;
                self.pages.take(pages, align).ok_or(Short::Full)?
            }
        };
        self.count_large(pages as usize * PAGE_BYTES);
        let number = self.paged[page.order as usize];
        let offset = page.page as usize * PAGE_BYTES;
        Ok(self.segments[number as usize].region().at(offset))
    }

    fn add_pages(&mut self) -> Result<(), Short> {
        let bytes = self.geometry.segment_bytes();
        let order = match self.unpaged.last() {
            Some(&order) => {
                self.revive(self.paged[order as usize], bytes)?;
                self.unpaged.pop();
                order
            }
            None => {
                let order = self.paged.len() as u32;
                let number = self.add_segment(Use::Pages { order }, bytes)?;
                self.paged.push(number);
                order
            }
        };
        if self.pages.add(order) {
            return Ok(());
        }
        self.release(self.paged[order as usize]);
        self.unpaged.push(order);
        Err(Short::NoMemory)
    }

    fn carve_huge(&mut self, bytes: usize) -> Result<NonNull<u8>, Short> {
        let number = match self.spare.last() {
            Some(&number) => {
                self.revive(number, HEADER_BYTES + bytes)?;
                self.spare.pop();
                number
            }
            None => self.add_segment(Use::Huge, HEADER_BYTES + bytes)?,
        };
        self.count_large(bytes);
        Ok(self.segments[number as usize].region().at(HEADER_BYTES))
    }

    fn count_large(&mut self, bytes: usize) {
        self.large.allocs += 1;
        self.large.live_blocks += 1;
        self.large.live_bytes += bytes;
    }

    /// Takes back a medium or huge block.
    ///
    /// # Safety
    ///
    /// It is in use, and nobody uses it from here on.
    #[cold]
    unsafe fn give_large(&mut self, block: NonNull<u8>) {
        // SAFETY: the caller's promise.
        let number = unsafe { region::segment_number(self.geometry, block) };
        let bytes = match self.segments[number as usize].used_for() {
            Use::Pages { order } => {
                let page = (self.geometry.offset_of(block) / PAGE_BYTES) as u32;
                let page = Page { order, page };
                let bytes = self.pages.length(page) as usize * PAGE_BYTES;
                self.pages.give(page);
                bytes
            }
            _ => {
                let bytes = self.release(number) - HEADER_BYTES;
                self.spare.push(number);
                bytes
            }
        };
        self.large.live_blocks -= 1;
        self.large.live_bytes -= bytes;
    }

    /// The span and slot of a block.
    ///
    /// # Safety
    ///
    /// The block is in use.
    unsafe fn place(&self, block: NonNull<u8>, kind: Kind) -> (SpanId, u32) {
        // SAFETY: the caller's promise.
        let segment = unsafe { region::segment_number(self.geometry, block) };
        let offset = self.geometry.offset_of(block);
        match kind {
            Kind::Small(class) => {
                let (span, slot) = self.geometry.slot_at(offset, class);
                (SpanId { segment, span }, slot)
            }
            Kind::Medium { .. } => {
                let page = (offset / PAGE_BYTES) as u32;
                let index = self.geometry.page_index(segment, page);
                self.geometry.locate(index)
            }
            Kind::Huge { .. } => (SpanId { segment, span: 0 }, 0),
        }
    }

    /// Adds a segment, if the limit and the system allow.
    fn add_segment(&mut self, used_for: Use, bytes: usize) -> Result<u32, Short> {
        if self.segments.len() >= self.geometry.segments_max() {
            return Err(Short::Full);
        }
        let number = self.segments.len() as u32;
        let region = self.commit(number, bytes)?;
        let spans = match used_for {
            Use::Small | Use::Pages { .. } => self.geometry.spans_per_segment(),
            Use::Huge => 1,
        };
        self.segments.push(Segment::new(used_for, region, spans));
        if let Use::Small = used_for {
            let spans = 0..spans as u32;
            let numbers = spans.rev().map(|span| SpanId {
                segment: number,
                span,
            });
            let geometry = self.geometry;
            self.free_spans
                .extend(numbers.map(|id| geometry.span_number(id)));
        }
        Ok(number)
    }

    /// Gives memory to a segment that has none.
    fn revive(&mut self, number: u32, bytes: usize) -> Result<(), Short> {
        let region = self.commit(number, bytes)?;
        self.segments[number as usize].set_region(region);
        Ok(())
    }

    fn commit(&mut self, number: u32, bytes: usize) -> Result<Region, Short> {
        let committed = self.committed.checked_add(bytes).ok_or(Short::Full)?;
        if committed > self.limit {
            return Err(Short::Full);
        }
        let region = Region::segment(self.geometry, bytes, number, self.huge_pages);
        let region = region.ok_or(Short::NoMemory)?;
        self.committed = committed;
        Ok(region)
    }

    /// Gives the memory of a segment back to the system. Returns how much it was.
    fn release(&mut self, number: u32) -> usize {
        let bytes = self.segments[number as usize].drop_region();
        self.committed -= bytes;
        bytes
    }
}

/// Why there is no block.
#[derive(Debug, Clone, Copy)]
enum Short {
    /// The limit is reached, or the numbers of segments are used up.
    Full,
    /// The system has none.
    NoMemory,
}

#[cfg(all(test, not(any(pleach_loom, pleach_shuttle))))]
mod tests {
    use super::*;

    #[test]
    fn a_block_whose_lives_are_used_up_is_retired() {
        let mut arena = Arena::new(&FiveLevelPoolConfig::memory_optimized());
        for size in [100, 10_000] {
            let handle = arena.alloc(size, 16).unwrap();
            let block = arena.bytes(handle).unwrap();
            let last = arena.age(handle);
            arena.free(last).unwrap();
            assert_eq!(arena.free(last), Err(FreeError::Stale));
            assert_eq!(arena.free(handle), Err(FreeError::Stale));
            let next = arena.alloc(size, 16).unwrap();
            assert_ne!(arena.bytes(next).unwrap().cast::<u8>(), block.cast());
            arena.free(next).unwrap();
        }
        let stats = arena.stats();
        assert!(stats.adds_up() && stats.live_blocks == 0 && stats.slack_bytes > 10_000);
    }
}
