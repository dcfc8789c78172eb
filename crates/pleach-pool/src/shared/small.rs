//! Small blocks: a stack of free ones for each class, and the span that new ones are carved from.
//!
//! # Invariants
//!
//! - **B1** A block is in one place: in the hands of a user, in its class's list, in a magazine, in
//!   the part of a span that is not carved yet, or retired.
//! - **B2** A span belongs to one class, or is in the list of free spans, or is in the hands of one
//!   thread that brings it from the one to the other.

use std::ptr::NonNull;

use pleach_atomic::atomic::{AtomicU32, AtomicU64, Ordering};
#[cfg(any(pleach_loom, pleach_shuttle))]
use pleach_atomic::model::planted;
use pleach_atomic::ord;
use pleach_atomic::stat::Tally;
use pleach_atomic::sync::Mutex;

use super::list::{BATCH_MAX, List};
use super::segment::{Segment, Use};
use super::{Core, Short};
use crate::class::Class;
use crate::memory::geometry::{self, SpanId};
use crate::memory::region::{self, Region};

/// The blocks of a class. On a cache line of its own, and on the one that is fetched with it.
#[derive(Debug)]
#[repr(align(128))]
pub(super) struct ClassList {
    pub(super) free: List,
    cursor: Cursor,
    /// For level 2. It guards nothing that the other levels do not do without it.
    pub(super) lock: Mutex<()>,
    /// How many slots its spans have.
    pub(super) slots: Tally,
    pub(super) retired: Tally,
}

/// The span that blocks are carved from: its number, and the first slot that is not carved.
#[derive(Debug)]
struct Cursor(AtomicU64);

/// What a cursor says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) span: u32,
    pub(super) next: u32,
}

impl Place {
    /// No span.
    const NONE: Self = Self {
        span: u32::MAX,
        next: 0,
    };

    const fn word(self) -> u64 {
        (self.span as u64) << 32 | self.next as u64
    }

    const fn from_word(word: u64) -> Self {
        Self {
            span: (word >> 32) as u32,
            next: word as u32,
        }
    }
}

/// Blocks that were just carved, one after the other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Carved {
    pub(super) id: SpanId,
    pub(super) first: u32,
    pub(super) count: u32,
}

impl ClassList {
    pub(super) fn new() -> Self {
        Self {
            free: List::new(),
            cursor: Cursor(AtomicU64::new(Place::NONE.word())),
            lock: Mutex::new(()),
            slots: Tally::new(0),
            retired: Tally::new(0),
        }
    }

    /// Takes the cursor away, and with it what is not carved yet.
    pub(super) fn take_cursor(&self) -> Option<Place> {
        // Relaxed: of the span only its number is used; and being a read-modify-write operation, as
        // every change of a cursor, this passes on what POOL-21 released.
        let word = self.cursor.0.swap(Place::NONE.word(), Ordering::Relaxed);
        Some(Place::from_word(word)).filter(|&place| place != Place::NONE)
    }

    /// Puts a cursor where none is. False if one is by now.
    pub(super) fn put_cursor(&self, place: Place) -> bool {
        // Relaxed: as above, the span's tables and class are passed on from POOL-21.
        let put = self.cursor.0.compare_exchange(
            Place::NONE.word(),
            place.word(),
            Ordering::Relaxed,
            Ordering::Relaxed,
        );
        put.is_ok()
    }
}

impl Core {
    /// The link of a block, which may be an old one.
    #[inline]
    pub(super) fn link(&self, index: u32) -> Option<&AtomicU32> {
        let (id, slot) = self.geometry.locate(index);
        self.table.get(id.segment)?.span(id.span).links.get(slot)
    }

    /// The link of a free span.
    pub(super) fn span_link(&self, number: u32) -> Option<&AtomicU32> {
        let id = self.geometry.span_id(number);
        Some(&self.table.get(id.segment)?.span(id.span).link)
    }

    /// The address of a small block.
    #[inline]
    pub(super) fn address(&self, index: u32, class: Class) -> NonNull<u8> {
        let (id, slot) = self.geometry.locate(index);
        let segment = self.table.get(id.segment).expect("a block has a segment");
        segment.at(self.geometry.offset(id.span, slot, class.size()))
    }

    /// The index of a small block.
    ///
    /// # Safety
    ///
    /// The block is of this pool and class, and in the caller's hands.
    #[inline]
    pub(super) unsafe fn index(&self, block: NonNull<u8>, class: Class) -> u32 {
        // SAFETY: the caller's promise.
        let segment = unsafe { region::segment_number(self.geometry, block) };
        let offset = self.geometry.offset_of(block);
        let (span, slot) = self.geometry.slot_at(offset, class);
        self.geometry.index(SpanId { segment, span }, slot)
    }

    /// Takes a block from the class's list, or a new one.
    #[inline]
    pub(super) fn pop(&self, class: Class, lost: &mut u32) -> Result<u32, Short> {
        let list = &self.classes[class.index()].free;
        match list.pop(|index| self.link(index), lost) {
            Some(index) => Ok(index),
            None => {
                let Carved { id, first, .. } = self.carve(class, 1, lost)?;
                Ok(self.geometry.index(id, first))
            }
        }
    }

    /// Puts a block into its class's list. It is in the caller's hands, and not used from here on.
    #[inline]
    pub(super) fn push(&self, index: u32, class: Class, lost: &mut u32) {
        let link = self.link(index).expect("a block has a link");
        self.classes[class.index()].free.push(index, link, lost);
    }

    /// Takes up to `most` blocks for a magazine: from the list, or new ones.
    pub(super) fn pop_into(
        &self,
        class: Class,
        most: usize,
        magazine: &mut Vec<NonNull<u8>>,
        lost: &mut u32,
    ) -> Result<(), Short> {
        let mut batch = [0; BATCH_MAX];
        let list = &self.classes[class.index()].free;
        let count = list.pop_many(most, &mut batch, |index| self.link(index), lost);
        if count > 0 {
            let blocks = batch[..count].iter().rev();
            magazine.extend(blocks.map(|&index| self.address(index, class)));
            return Ok(());
        }
        let Carved { id, first, count } = self.carve(class, most as u32, lost)?;
        let slots = (first..first + count).rev();
        magazine.extend(slots.map(|slot| self.address(self.geometry.index(id, slot), class)));
        Ok(())
    }

    /// Puts blocks into their class's list, at once.
    ///
    /// # Safety
    ///
    /// The blocks are of this pool and class, in the caller's hands, and not used from here on.
    pub(super) unsafe fn push_all(
        &self,
        class: Class,
        blocks: impl Iterator<Item = NonNull<u8>>,
        lost: &mut u32,
    ) {
        // SAFETY: the caller's promise.
        let indices = blocks.map(|block| unsafe { self.index(block, class) });
        self.push_chain(class, indices, lost);
    }

    /// Puts blocks into their class's list, at once.
    pub(super) fn push_chain(
        &self,
        class: Class,
        mut indices: impl Iterator<Item = u32>,
        lost: &mut u32,
    ) {
        let Some(first) = indices.next() else {
            return;
        };
        let mut last = self.link(first).expect("a block has a link");
        for index in indices {
            // Relaxed: POOL-11 publishes the chain.
            last.store(index, Ordering::Relaxed);
            last = self.link(index).expect("a block has a link");
        }
        self.classes[class.index()].free.push(first, last, lost);
    }

    /// Carves up to `most` blocks of a class.
    pub(super) fn carve(&self, class: Class, most: u32, lost: &mut u32) -> Result<Carved, Short> {
        let cursor = &self.classes[class.index()].cursor.0;
        // Acquire (POOL-22): the span's tables and class are written; pairs with POOL-21.
        let mut word = cursor.load(ord("POOL-22", Ordering::Acquire));
        loop {
            let place = Place::from_word(word);
            let id = self.geometry.span_id(place.span);
            let slots = match place == Place::NONE {
                true => 0,
                false => geometry::slots(id.span, class),
            };
            if place.next < slots {
                let count = most.min(slots - place.next);
                let next = place.next + count;
                let taken = Place { next, ..place };
                match self.move_cursor(cursor, word, taken) {
                    Ok(()) => {
                        let first = place.next;
                        return Ok(Carved { id, first, count });
                    }
                    Err(other) => word = other,
                }
            } else {
                let span = self.take_span(class, lost)?;
                let id = self.geometry.span_id(span);
                let count = most.min(geometry::slots(id.span, class));
                let taken = Place { span, next: count };
                match self.move_cursor(cursor, word, taken) {
                    Ok(()) => {
                        return Ok(Carved {
                            id,
                            first: 0,
                            count,
                        });
                    }
                    Err(other) => word = other,
                }
                self.give_span(span, Some(class), lost);
            }
            *lost += 1;
        }
    }

    fn move_cursor(&self, cursor: &AtomicU64, from: u64, to: Place) -> Result<(), u64> {
        #[cfg(any(pleach_loom, pleach_shuttle))]
        if planted("pool_carve_unasked") {
            cursor.store(to.word(), Ordering::Release);
            return Ok(());
        }
        // Release (POOL-21): the new span's tables and class; pairs with POOL-22. Acquire (POOL-22)
        // on failure.
        let moved = cursor.compare_exchange(
            from,
            to.word(),
            ord("POOL-21", Ordering::Release),
            ord("POOL-22", Ordering::Acquire),
        );
        moved.map(drop)
    }

    /// Takes a free span for a class; it is in the caller's hands.
    fn take_span(&self, class: Class, lost: &mut u32) -> Result<u32, Short> {
        let number = loop {
            let free = self.free_spans.pop(|number| self.span_link(number), lost);
            if let Some(number) = free {
                break number;
            }
            if let Some(number) = self.append_spans(lost)? {
                break number;
            }
        };
        let id = self.geometry.span_id(number);
        let segment = self.table.get(id.segment).expect("a span has a segment");
        if segment.base().is_none()
            && let Err(short) = self.revive(id.segment, segment)
        {
            self.give_span(number, None, lost);
            return Err(short);
        }
        let span = segment.span(id.span);
        let slots = geometry::slots(id.span, class);
        span.assign(Some(class));
        span.links.grow(slots, &segment.graveyard);
        span.generations.grow(slots, &segment.graveyard);
        self.classes[class.index()].slots.add(u64::from(slots));
        Ok(number)
    }

    /// Gives a span back that is in the caller's hands, and that `class` had.
    pub(super) fn give_span(&self, number: u32, class: Option<Class>, lost: &mut u32) {
        let id = self.geometry.span_id(number);
        let segment = self.table.get(id.segment).expect("a span has a segment");
        let span = segment.span(id.span);
        if let Some(class) = class {
            let slots = geometry::slots(id.span, class);
            self.classes[class.index()].slots.sub(u64::from(slots));
            span.assign(None);
        }
        self.free_spans.push(number, &span.link, lost);
    }

    /// Adds a segment of small blocks. Returns one of its spans; the others are free.
    fn append_spans(&self, lost: &mut u32) -> Result<Option<u32>, Short> {
        let bytes = self.geometry.segment_bytes();
        let region = match self.commit(0, bytes) {
            Ok(region) => region,
            // Another thread may have added one and taken the last bytes for it.
            Err(_) if !self.free_spans.is_empty() => return Ok(None),
            Err(short) => return Err(short),
        };
        let segment = Segment::new(Use::Small, self.geometry, region);
        let Some(segment) = self.table.append(segment) else {
            self.uncommit(bytes);
            return Err(Short::Full);
        };
        for span in (1..self.geometry.spans_per_segment() as u32).rev() {
            self.give_span(
                self.geometry.span_number(SpanId { segment, span }),
                None,
                lost,
            );
        }
        Ok(Some(self.geometry.span_number(SpanId { segment, span: 0 })))
    }

    /// Gives memory to a segment that has lost it.
    fn revive(&self, number: u32, segment: &Segment) -> Result<(), Short> {
        let bytes = self.geometry.segment_bytes();
        let region: Region = self.commit(number, bytes)?;
        if !segment.adopt(region) {
            self.uncommit(bytes);
        }
        Ok(())
    }
}
