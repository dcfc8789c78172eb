//! What the models share: values and blocks that are watched.

use std::ptr::NonNull;
use std::sync::{Arc, Mutex};

use pleach_atomic::cell::UnsafeCell;
use pleach_ptr::{AllocError, Allocator, Layout};

/// What a value is overwritten with when it is dropped.
const DROPPED: u32 = 0xdead;

/// How many watched values are alive in this execution. Not of the checker's types: it must not
/// order what the pointers have to order.
#[derive(Clone, Default)]
pub(crate) struct Live(Arc<Mutex<usize>>);

impl Live {
    pub(crate) fn count(&self) -> usize {
        *self.0.lock().unwrap()
    }
}

/// A value that the checker watches: to read, to write and to drop it are accesses, and two of them
/// that nothing orders are a data race.
pub(crate) struct Watched {
    cell: UnsafeCell<u32>,
    live: Live,
}

// SAFETY: the cell is written through `&mut self` alone.
unsafe impl Sync for Watched {}

impl Watched {
    pub(crate) fn new(live: &Live, value: u32) -> Self {
        *live.0.lock().unwrap() += 1;
        Self {
            cell: UnsafeCell::new(value),
            live: live.clone(),
        }
    }

    pub(crate) fn get(&self) -> u32 {
        // SAFETY: nobody writes while `self` is borrowed; the models check it.
        self.cell.with(|value| unsafe { *value })
    }

    pub(crate) fn set(&mut self, new: u32) {
        // SAFETY: `self` is borrowed exclusively; the models check it.
        self.cell.with_mut(|value| unsafe { *value = new });
    }
}

impl Clone for Watched {
    fn clone(&self) -> Self {
        Self::new(&self.live, self.get())
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        assert_ne!(self.get(), DROPPED, "dropped twice");
        self.set(DROPPED);
        *self.live.0.lock().unwrap() -= 1;
    }
}

/// An allocator whose blocks no checker watches, for blocks that are meant to leak. It counts those
/// given back, and frees them all when it goes.
#[derive(Clone, Default)]
pub(crate) struct Leaky(Arc<Mutex<Blocks>>);

#[derive(Default)]
struct Blocks {
    allocated: Vec<NonNull<[u64]>>,
    freed: usize,
}

// SAFETY: the blocks are raw memory, reached by nobody else through this list.
unsafe impl Send for Blocks {}

impl Leaky {
    pub(crate) fn freed(&self) -> usize {
        self.0.lock().unwrap().freed
    }
}

// SAFETY: a block is valid until the last clone goes, and no clone hands it out twice.
unsafe impl Allocator for Leaky {
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        assert!(layout.align() <= align_of::<u64>());
        let words = vec![0; layout.size().div_ceil(size_of::<u64>())];
        let block = NonNull::from(Box::leak(words.into_boxed_slice()));
        self.0.lock().unwrap().allocated.push(block);
        Ok(NonNull::slice_from_raw_parts(block.cast(), layout.size()))
    }

    unsafe fn deallocate(&self, _block: NonNull<u8>, _layout: Layout) {
        self.0.lock().unwrap().freed += 1;
    }
}

impl Drop for Blocks {
    fn drop(&mut self) {
        for block in self.allocated.drain(..) {
            // SAFETY: leaked from a box by `allocate`, and freed only here.
            drop(unsafe { Box::from_raw(block.as_ptr()) });
        }
    }
}
