//! Segments that threads share, and the table that finds them by number.
//!
//! # Invariants
//!
//! - **T1** A segment keeps its number, its use and its tables until the pool is dropped. Only its
//!   memory comes and goes.
//! - **T2** A segment of small blocks loses its memory only in the hands of a thread that has all
//!   its spans for itself; one of pages or of a huge block, under the lock of large blocks.

use std::ptr::{self, NonNull};

use pleach_atomic::atomic::{AtomicPtr, AtomicU32, AtomicUsize, Ordering};
use pleach_atomic::ord;

use super::words::{Generations, Graveyard, Links};
use crate::class::Class;
use crate::memory::geometry::{Geometry, NIL, SPANS_PER_SEGMENT_MAX};
use crate::memory::region::{self, Region};

/// What a segment is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Small,
    /// Pages of medium blocks, the how-manieth segment of them.
    Pages {
        order: u32,
    },
    /// One huge block.
    Huge,
}

/// A segment.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) used_for: Use,
    base: AtomicPtr<u8>,
    bytes: AtomicUsize,
    /// How many bytes the system backs with huge pages, as far as it told.
    huge_page_bytes: AtomicUsize,
    align: usize,
    spans: [Span; SPANS_PER_SEGMENT_MAX],
    pub(super) graveyard: Graveyard,
}

/// A span.
#[derive(Debug)]
pub(super) struct Span {
    /// The number of its class and one, or zero.
    class: AtomicU32,
    /// The link of the span itself, while it is free.
    pub(super) link: AtomicU32,
    pub(super) links: Links,
    pub(super) generations: Generations,
}

impl Segment {
    pub(super) fn new(used_for: Use, geometry: Geometry, region: Region) -> Self {
        let segment = Self {
            used_for,
            base: AtomicPtr::new(ptr::null_mut()),
            bytes: AtomicUsize::new(0),
            huge_page_bytes: AtomicUsize::new(0),
            align: geometry.segment_bytes(),
            spans: std::array::from_fn(|_| Span {
                class: AtomicU32::new(0),
                link: AtomicU32::new(NIL),
                links: Links::new(),
                generations: Generations::new(),
            }),
            graveyard: Graveyard::new(),
        };
        segment.adopt(region);
        segment
    }

    #[inline]
    pub(super) fn span(&self, span: u32) -> &Span {
        &self.spans[span as usize]
    }

    pub(super) fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// Where its memory begins, if it has some.
    #[inline]
    pub(super) fn base(&self) -> Option<NonNull<u8>> {
        // Acquire (POOL-7): the memory's header is written; pairs with POOL-8.
        NonNull::new(self.base.load(ord("POOL-7", Ordering::Acquire)))
    }

    /// The address so far into its memory, which it has.
    ///
    /// # Panics
    ///
    /// If there is no memory.
    #[inline]
    pub(super) fn at(&self, offset: usize) -> NonNull<u8> {
        let base = self.base().expect("a segment in use has memory");
        // SAFETY: the offset is of a slot or page of the segment, which geometry keeps inside.
        unsafe { base.add(offset) }
    }

    /// The bytes of its memory.
    pub(super) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    pub(super) fn huge_page_bytes(&self) -> usize {
        self.huge_page_bytes.load(Ordering::Relaxed)
    }

    /// Makes a region its memory. False, and the region goes back, if another thread was faster.
    pub(super) fn adopt(&self, region: Region) -> bool {
        let (bytes, huge) = (region.bytes(), region.huge_page_bytes());
        let base = region.into_raw();
        // Release (POOL-8): the header, before the address; pairs with POOL-7.
        let adopted = self.base.compare_exchange(
            ptr::null_mut(),
            base.as_ptr(),
            ord("POOL-8", Ordering::Release),
            Ordering::Relaxed,
        );
        if adopted.is_err() {
            // SAFETY: from the line above, with these bytes and this alignment.
            drop(unsafe { Region::from_raw(base, bytes, self.align) });
            return false;
        }
        self.bytes.store(bytes, Ordering::Relaxed);
        self.huge_page_bytes.store(huge, Ordering::Relaxed);
        true
    }

    /// Writes its number where its blocks find it, before anybody knows the segment.
    fn write_number(&mut self, number: u32) {
        if let Some(base) = self.base() {
            // SAFETY: the header of our memory, which nobody else knows yet.
            unsafe { region::write_segment_number(base, number) };
        }
    }

    /// Gives the memory back to the system; see T2. Returns how much it was.
    pub(super) fn release(&self) -> usize {
        let base = self.base.swap(ptr::null_mut(), Ordering::Relaxed);
        let Some(base) = NonNull::new(base) else {
            return 0;
        };
        let bytes = self.bytes.swap(0, Ordering::Relaxed);
        self.huge_page_bytes.store(0, Ordering::Relaxed);
        // SAFETY: `adopt` left it with these bytes, and the swap gave it to us alone.
        drop(unsafe { Region::from_raw(base, bytes, self.align) });
        bytes
    }
}

impl Drop for Segment {
    fn drop(&mut self) {
        self.release();
    }
}

impl Span {
    /// The class that has the span, if one does.
    #[inline]
    pub(super) fn class(&self) -> Option<Class> {
        // Relaxed: whoever has a block of the span learned of it after the class was written.
        let number = self.class.load(Ordering::Relaxed) as usize;
        Class::from_index(number.wrapping_sub(1))
    }

    /// Gives the span to a class or to none, for a thread that has it for itself.
    pub(super) fn assign(&self, class: Option<Class>) {
        let number = class.map_or(0, |class| class.index() as u32 + 1);
        self.class.store(number, Ordering::Relaxed);
    }
}

/// The segments of a pool by number. They are only ever added.
#[derive(Debug)]
pub(super) struct Table {
    segments: Box<[AtomicPtr<Segment>]>,
    len: AtomicU32,
}

impl Table {
    /// Makes a table with room for all numbers, if there is memory for it.
    pub(super) fn new(geometry: Geometry) -> Option<Self> {
        Some(Self {
            segments: room::for_pointers(geometry.segments_max())?,
            len: AtomicU32::new(0),
        })
    }

    /// The segment of a number that has been given out.
    #[inline]
    pub(super) fn get(&self, number: u32) -> Option<&Segment> {
        let place = self.segments.get(number as usize)?;
        // Acquire (POOL-9): the segment is there; pairs with POOL-10.
        let segment = place.load(ord("POOL-9", Ordering::Acquire));
        // SAFETY: null, or from the box in `append`, which lives as long as the table; T1.
        unsafe { segment.as_ref() }
    }

    /// Adds a segment. Returns its number, or nothing if all are given out.
    pub(super) fn append(&self, segment: Segment) -> Option<u32> {
        let mut number = self.len.load(Ordering::Relaxed);
        let segment = Box::into_raw(Box::new(segment));
        loop {
            let Some(place) = self.segments.get(number as usize) else {
                // SAFETY: from the box above, and not published.
                drop(unsafe { Box::from_raw(segment) });
                return None;
            };
            // SAFETY: from the box above, and not published.
            unsafe { (*segment).write_number(number) };
            // Release (POOL-10): the segment, before its address; pairs with POOL-9.
            let put = place.compare_exchange(
                ptr::null_mut(),
                segment,
                ord("POOL-10", Ordering::Release),
                Ordering::Relaxed,
            );
            // Relaxed: a hint where to begin, which the loop above corrects.
            let _ =
                self.len
                    .compare_exchange(number, number + 1, Ordering::Relaxed, Ordering::Relaxed);
            if put.is_ok() {
                return Some(number);
            }
            number += 1;
        }
    }

    /// All segments there are, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &Segment)> {
        (0..).map_while(|number| Some((number, self.get(number)?)))
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        for place in &self.segments {
            let segment = place.load(Ordering::Relaxed);
            if segment.is_null() {
                break;
            }
            // SAFETY: from the box in `append`, once.
            drop(unsafe { Box::from_raw(segment) });
        }
    }
}

/// Room for many pointers of which few are used: the system's zero pages, which null pointers are.
#[cfg(not(any(pleach_loom, pleach_shuttle)))]
mod room {
    use std::ptr;

    use pleach_atomic::alloc::{Allocator, Global, Layout};
    use pleach_atomic::atomic::AtomicPtr;

    pub(super) fn for_pointers<T>(len: usize) -> Option<Box<[AtomicPtr<T>]>> {
        let layout = Layout::array::<AtomicPtr<T>>(len).ok()?;
        let memory = Global.allocate_zeroed(layout).ok()?;
        let first = memory.cast::<AtomicPtr<T>>().as_ptr();
        // SAFETY: allocated by the global allocator with the layout of this slice, which is not
        // empty, and zeros are null pointers.
        Some(unsafe { Box::from_raw(ptr::slice_from_raw_parts_mut(first, len)) })
    }
}

/// Room for few pointers, which a model run watches.
#[cfg(any(pleach_loom, pleach_shuttle))]
mod room {
    use std::ptr;

    use pleach_atomic::atomic::AtomicPtr;

    pub(super) fn for_pointers<T>(len: usize) -> Option<Box<[AtomicPtr<T>]>> {
        let pointers = (0..len).map(|_| AtomicPtr::new(ptr::null_mut()));
        Some(pointers.collect())
    }
}
