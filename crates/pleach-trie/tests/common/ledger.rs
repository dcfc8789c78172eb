//! An allocator that knows what it has not got back.

use pleach_ptr::{AllocError, Allocator, Global, Layout, SharedAllocator};
use std::cell::Cell;
use std::ptr::NonNull;

thread_local! {
    static BYTES: [Cell<usize>; 2] = const { [const { Cell::new(0) }; 2] };
    static BLOCKS: Cell<usize> = const { Cell::new(0) };
}

/// The global allocator with a ledger of this thread's blocks. Two ledgers do not share blocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Ledger {
    /// The usual one.
    #[default]
    First,
    /// Another.
    Second,
}

impl Ledger {
    /// Bytes allocated and not given back.
    pub(crate) fn bytes(self) -> usize {
        BYTES.with(|bytes| bytes[self as usize].get())
    }

    /// Blocks allocated so far, in either ledger, given back or not.
    pub(crate) fn blocks(self) -> usize {
        BLOCKS.with(Cell::get)
    }

    fn enter(self, change: impl FnOnce(usize) -> usize) {
        BYTES.with(|bytes| {
            let bytes = &bytes[self as usize];
            bytes.set(change(bytes.get()));
        });
    }
}

// SAFETY: every block is the global allocator's; the ledger only counts.
unsafe impl Allocator for Ledger {
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let block = Global.allocate(layout)?;
        self.enter(|bytes| bytes + layout.size());
        BLOCKS.with(|blocks| blocks.set(blocks.get() + 1));
        Ok(block)
    }

    unsafe fn deallocate(&self, block: NonNull<u8>, layout: Layout) {
        let give_back = |bytes: usize| bytes.checked_sub(layout.size());
        self.enter(|bytes| give_back(bytes).expect("freed more than was allocated"));
        // SAFETY: the caller's promise, and the block came from `Global`.
        unsafe { Global.deallocate(block, layout) }
    }
}

// SAFETY: all blocks are the global allocator's, so to say "not the same" is always safe; the answer
// is the equality of two constants.
unsafe impl SharedAllocator for Ledger {
    fn same(&self, other: &Self) -> bool {
        self == other
    }
}
