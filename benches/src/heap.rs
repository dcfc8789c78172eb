//! mimalloc for every engine, with a count of the bytes that a map asks it for.
//!
//! The count is kept per thread and only while [`requested_by`] runs, so that timed code pays one
//! predictable branch per allocation, the same for every engine.

use mimalloc::MiMalloc;
use std::alloc::{GlobalAlloc, Layout};
use std::cell::Cell;

thread_local! {
    static COUNTING: Cell<bool> = const { Cell::new(false) };
    static LIVE: Cell<isize> = const { Cell::new(0) };
}

/// mimalloc, counted on request.
#[derive(Debug)]
pub(crate) struct Counting;

/// Runs `build`; returns what it built and the bytes that this requested and has not given back.
pub(crate) fn requested_by<T>(build: impl FnOnce() -> T) -> (T, isize) {
    LIVE.set(0);
    COUNTING.set(true);
    let built = build();
    COUNTING.set(false);
    (built, LIVE.get())
}

#[inline]
fn note(bytes: usize, sign: isize) {
    if COUNTING.get() {
        LIVE.set(LIVE.get() + sign * bytes.cast_signed());
    }
}

// SAFETY: every call goes to mimalloc with its arguments unchanged, and its answer comes back
// unchanged. `note` neither allocates nor unwinds: its thread-locals are constant-initialized and
// have no destructor.
unsafe impl GlobalAlloc for Counting {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size(), 1);
        // SAFETY: the caller's promise is passed on.
        unsafe { MiMalloc.alloc(layout) }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(layout.size(), 1);
        // SAFETY: as in `alloc`.
        unsafe { MiMalloc.alloc_zeroed(layout) }
    }

    #[inline]
    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        note(layout.size(), -1);
        // SAFETY: as in `alloc`; `ptr` came from mimalloc, as every block here does.
        unsafe { MiMalloc.dealloc(ptr, layout) }
    }

    #[inline]
    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        note(layout.size(), -1);
        note(new_size, 1);
        // SAFETY: as in `dealloc`.
        unsafe { MiMalloc.realloc(ptr, layout, new_size) }
    }
}
