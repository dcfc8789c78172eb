//! Live heap bytes of the process, counted by a global allocator around the system's.
//!
//! One shared counter would be the most contended word of the program, so threads count on lines of
//! their own and [`live_bytes`] adds the lines up. Counted are the bytes asked for, without the
//! allocator's own overhead.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicIsize, AtomicUsize, Ordering::Relaxed};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const LINE_COUNT: usize = 64;
static LINES: [Line; LINE_COUNT] = [const { Line(AtomicIsize::new(0)) }; LINE_COUNT];
static THREADS_SEEN: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// The line of this thread, `LINE_COUNT` before its first allocation.
    static LINE: Cell<usize> = const { Cell::new(LINE_COUNT) };
}

/// A counter on cache lines of its own; a single one may be negative, the sum is not.
#[repr(align(128))]
struct Line(AtomicIsize);

/// Bytes allocated and not freed yet; exact while no other thread allocates.
pub(crate) fn live_bytes() -> usize {
    let sum: isize = LINES.iter().map(|line| line.0.load(Relaxed)).sum();
    usize::try_from(sum).unwrap_or(0)
}

/// Adds to the counter of the calling thread. Allocates nothing and cannot panic.
fn count(bytes: isize) {
    // A thread that is being torn down has no line left and shares the first one.
    let line = LINE
        .try_with(|line| {
            if line.get() == LINE_COUNT {
                line.set(THREADS_SEEN.fetch_add(1, Relaxed) % LINE_COUNT);
            }
            line.get()
        })
        .unwrap_or(0);
    LINES[line].0.fetch_add(bytes, Relaxed);
}

/// The system's allocator, with a count of what is out.
struct Counting;

// SAFETY: every call is passed on to `System` as it came, and `System` keeps the contract of the
// trait; the counting beside it neither allocates nor unwinds.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are those `System` asks for.
        let block = unsafe { System.alloc(layout) };
        if !block.is_null() {
            count(layout.size() as isize);
        }
        block
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are those `System` asks for.
        let block = unsafe { System.alloc_zeroed(layout) };
        if !block.is_null() {
            count(layout.size() as isize);
        }
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises are those `System` asks for, and all blocks are `System`'s.
        unsafe { System.dealloc(block, layout) };
        count(-(layout.size() as isize));
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's promises are those `System` asks for, and all blocks are `System`'s.
        let moved = unsafe { System.realloc(block, layout, size) };
        if !moved.is_null() {
            count(size as isize - layout.size() as isize);
        }
        moved
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_counted_while_it_lives() {
        // Large enough to drown what tests beside this one allocate meanwhile.
        const SIZE: usize = 1 << 28;
        let before = live_bytes();
        let block = Vec::<u8>::with_capacity(SIZE);
        assert!(live_bytes() >= before + SIZE / 2);
        drop(block);
        assert!(live_bytes() < before + SIZE / 2);
    }
}
