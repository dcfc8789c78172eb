//! Tables of words beside the blocks of a span: links of free blocks, and generations.
//!
//! # Invariants
//!
//! - **W1** A table is freed when its pool is dropped and not before: whoever read an old index may
//!   look up its word, and find old news, as long as it likes.
//! - **W2** Tables only grow, and only in the hands of the thread that has the span for itself. So a
//!   slot that ever had a word has one for ever.

use std::{iter, ptr};

use pleach_atomic::atomic::{AtomicPtr, AtomicU32, Ordering};
use pleach_atomic::ord;

use crate::memory::geometry::NIL;

/// The links of a span's free blocks.
#[derive(Debug)]
pub(super) struct Links {
    first: AtomicPtr<AtomicU32>,
    len: AtomicU32,
}

/// The generations of a span's blocks, if handles ever named one.
#[derive(Debug)]
pub(super) struct Generations(AtomicPtr<Box<[AtomicU32]>>);

/// Tables that have been replaced by longer ones.
#[derive(Debug)]
pub(super) struct Graveyard(AtomicPtr<Grave>);

#[derive(Debug)]
struct Grave {
    _table: Box<Box<[AtomicU32]>>,
    next: *mut Grave,
}

fn table(len: usize, word: u32) -> Box<[AtomicU32]> {
    let words = iter::repeat_with(|| AtomicU32::new(word));
    words.take(len).collect()
}

impl Links {
    pub(super) fn new() -> Self {
        Self {
            first: AtomicPtr::new(ptr::null_mut()),
            len: AtomicU32::new(0),
        }
    }

    /// The link of a slot, if there is one.
    #[inline]
    pub(super) fn get(&self, slot: u32) -> Option<&AtomicU32> {
        // Acquire (POOL-1): the table of this length is there; pairs with POOL-2.
        if slot >= self.len.load(ord("POOL-1", Ordering::Acquire)) {
            return None;
        }
        // Relaxed: at least as new as the length, and no table gets shorter.
        let first = self.first.load(Ordering::Relaxed);
        // SAFETY: W1, W2: a table that has been published is alive, and is as long as `len` says.
        Some(unsafe { &*first.add(slot as usize) })
    }

    /// Makes the table this long, for a thread that has the span for itself.
    pub(super) fn grow(&self, len: u32, graveyard: &Graveyard) {
        let old = self.len.load(Ordering::Relaxed);
        if old >= len {
            return;
        }
        // A span whose class changes is likely to have yet others: then it grows in leaps.
        let len = if old == 0 {
            len
        } else {
            len.next_power_of_two()
        };
        let new = Box::into_raw(table(len as usize, NIL));
        let first = self.first.load(Ordering::Relaxed);
        self.first.store(new.cast(), Ordering::Relaxed);
        // Release (POOL-2): the table, before its length; pairs with POOL-1.
        self.len.store(len, ord("POOL-2", Ordering::Release));
        if old > 0 {
            // SAFETY: it was made below from a box of this length, and is now out of use; W1.
            graveyard.bury(Box::new(unsafe { boxed(first, old) }));
        }
    }

    /// Bytes of the table.
    pub(super) fn bytes(&self) -> usize {
        self.len.load(Ordering::Relaxed) as usize * 4
    }
}

/// Takes up a table again that was left to a pointer.
///
/// # Safety
///
/// It was left with this length, and is taken up once.
unsafe fn boxed(first: *mut AtomicU32, len: u32) -> Box<[AtomicU32]> {
    let table = ptr::slice_from_raw_parts_mut(first, len as usize);
    // SAFETY: the caller's promise.
    unsafe { Box::from_raw(table) }
}

impl Drop for Links {
    fn drop(&mut self) {
        let len = self.len.load(Ordering::Relaxed);
        if len > 0 {
            // SAFETY: the table in use is this pool's, which is gone.
            drop(unsafe { boxed(self.first.load(Ordering::Relaxed), len) });
        }
    }
}

impl Generations {
    pub(super) fn new() -> Self {
        Self(AtomicPtr::new(ptr::null_mut()))
    }

    /// The word of a slot, if handles ever named a block of the span.
    #[inline]
    pub(super) fn get(&self, slot: u32) -> Option<&AtomicU32> {
        self.table()?.get(slot as usize)
    }

    /// The word of a slot of a span that has so many, where there were none.
    #[cold]
    pub(super) fn make(&self, slot: u32, slots: u32) -> &AtomicU32 {
        let new = Box::into_raw(Box::new(table(slots as usize, 0)));
        // Release (POOL-3): the table, before its address; pairs with POOL-5. Relaxed if another
        // thread was faster: `get` looks again.
        let made = self.0.compare_exchange(
            ptr::null_mut(),
            new,
            ord("POOL-3", Ordering::Release),
            Ordering::Relaxed,
        );
        if made.is_err() {
            // SAFETY: it is from the box above, and nobody has seen it.
            drop(unsafe { Box::from_raw(new) });
        }
        let word = self.get(slot);
        word.expect("a table is as long as its span has slots")
    }

    /// Makes the table, if there is one, this long, for a thread that has the span for itself.
    pub(super) fn grow(&self, slots: u32, graveyard: &Graveyard) {
        let Some(old) = self.table().filter(|table| table.len() < slots as usize) else {
            return;
        };
        let new = table(slots.next_power_of_two() as usize, 0);
        for (new, old) in new.iter().zip(old) {
            new.store(old.load(Ordering::Relaxed), Ordering::Relaxed);
        }
        let old = self.0.load(Ordering::Relaxed);
        let new = Box::into_raw(Box::new(new));
        // Release (POOL-4): the table, before its address; pairs with POOL-5.
        self.0.store(new, ord("POOL-4", Ordering::Release));
        // SAFETY: it was made from a box, and is now out of use; W1.
        graveyard.bury(unsafe { Box::from_raw(old) });
    }

    #[inline]
    fn table(&self) -> Option<&[AtomicU32]> {
        // Acquire (POOL-5): the table is there; pairs with POOL-3 and POOL-4.
        let table = self.0.load(ord("POOL-5", Ordering::Acquire));
        // SAFETY: null, or a table that was published and is alive; W1.
        unsafe { table.as_ref() }.map(|table| &**table)
    }

    /// Bytes of the table.
    pub(super) fn bytes(&self) -> usize {
        self.table().map_or(0, size_of_val)
    }
}

impl Drop for Generations {
    fn drop(&mut self) {
        let table = self.0.load(Ordering::Relaxed);
        if !table.is_null() {
            // SAFETY: the table in use is this pool's, which is gone.
            drop(unsafe { Box::from_raw(table) });
        }
    }
}

impl Graveyard {
    pub(super) fn new() -> Self {
        Self(AtomicPtr::new(ptr::null_mut()))
    }

    fn bury(&self, table: Box<Box<[AtomicU32]>>) {
        let grave = Box::into_raw(Box::new(Grave {
            _table: table,
            next: ptr::null_mut(),
        }));
        let mut top = self.0.load(Ordering::Relaxed);
        loop {
            // SAFETY: nobody else knows the grave yet.
            unsafe { (*grave).next = top };
            // Relaxed: nobody looks until the pool is dropped, which happens after all use of it.
            match self
                .0
                .compare_exchange(top, grave, Ordering::Relaxed, Ordering::Relaxed)
            {
                Ok(_) => return,
                Err(other) => top = other,
            }
        }
    }
}

impl Drop for Graveyard {
    fn drop(&mut self) {
        let mut top = self.0.load(Ordering::Relaxed);
        while !top.is_null() {
            // SAFETY: each grave was made from a box, and is in the list once.
            let grave = unsafe { Box::from_raw(top) };
            top = grave.next;
        }
    }
}
