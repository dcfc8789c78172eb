//! Memory that is refused at the k-th allocation, for each k: the mapping goes on without it.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use pleach_intern::{InternError, SharedMapping};

/// The system's allocator, which refuses once when a thread's count has run out.
struct Refusing;

thread_local! {
    /// How many allocations of this thread still succeed; `None`: all.
    static LEFT: Cell<Option<usize>> = const { Cell::new(None) };
}

// SAFETY: blocks are the system's, or none.
unsafe impl GlobalAlloc for Refusing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let left = LEFT.try_with(Cell::get).unwrap_or(None);
        if left == Some(0) {
            return std::ptr::null_mut();
        }
        LEFT.with(|count| count.set(left.map(|left| left - 1)));
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise; all blocks are the system's.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Refusing = Refusing;

#[test]
fn what_finds_no_memory_is_refused_and_nothing_is_lost() {
    // The first string of each needs a table of chunks, a chunk, and a segment of the index; the
    // long one memory of its own.
    let mut refused = 0;
    for allowed in 0..20 {
        let map = SharedMapping::new();
        let known = map.intern("known");
        for n in 0..2_000 {
            let string = match n % 500 {
                499 => "x".repeat(3_000 + n),
                _ => format!("string number {n}"),
            };
            LEFT.with(|left| left.set(Some(allowed)));
            let result = map.try_intern(&string);
            LEFT.with(|left| left.set(None));
            match result {
                Ok(symbol) => assert_eq!(map.get_bytes(symbol), Some(string.as_bytes())),
                Err(InternError::OutOfMemory { asked }) => {
                    assert!(asked > 0);
                    assert_eq!(map.get_sym(&string), None);
                    // With memory, it goes on where it was.
                    let symbol = map.intern(&string);
                    assert_eq!(map.get_bytes(symbol), Some(string.as_bytes()));
                    refused += 1;
                }
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!(map.get_bytes(known), Some(&b"known"[..]));
        assert_eq!(map.len(), 2_001);
        assert_eq!(map.iter().count(), 2_001);
    }
    assert!(refused > 50, "{refused} refusals");
}
