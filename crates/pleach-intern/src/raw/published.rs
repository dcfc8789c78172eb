//! A slice that is published once, and read without a lock from then on.
//!
//! Invariants:
//!
//! 1. `start` is null, or the start of a boxed slice of `len` that belongs to this value.
//! 2. `len` is written before `start` is published, and never after.

use std::ptr;

use pleach_atomic::atomic::{AtomicPtr, Ordering};
use pleach_atomic::cell::UnsafeCell;
use pleach_atomic::ord;

/// A place for a slice that comes later, and stays where it is until this value is dropped.
pub(crate) struct Published<T> {
    start: AtomicPtr<T>,
    /// Read by all once `start` is not null, written by the one who publishes before.
    len: UnsafeCell<usize>,
}

// SAFETY: the slice is owned (1), and read through shared references by all; `len` is written before
// anyone reads it (2).
unsafe impl<T: Send + Sync> Send for Published<T> {}
// SAFETY: as above.
unsafe impl<T: Send + Sync> Sync for Published<T> {}

impl<T> Published<T> {
    /// An empty place.
    pub(crate) fn new() -> Self {
        Self {
            start: AtomicPtr::new(ptr::null_mut()),
            len: UnsafeCell::new(0),
        }
    }

    /// The slice, if it is there.
    #[inline]
    pub(crate) fn get(&self) -> Option<&[T]> {
        // Acquire (INT-4): the slice and what is in it are seen with its address; pairs with INT-3.
        let start = self.start.load(ord("INT-4", Ordering::Acquire));
        if start.is_null() {
            return None;
        }
        // SAFETY: 2; it was written before `start`, which we acquired.
        let len = self.len.with(|len| unsafe { *len });
        // SAFETY: 1; the slice is only shared until `self` is dropped.
        Some(unsafe { std::slice::from_raw_parts(start, len) })
    }

    /// Puts the slice in its place.
    ///
    /// # Safety
    ///
    /// Nobody else publishes here at the same time, and nothing has been published here.
    pub(crate) unsafe fn publish(&self, slice: Box<[T]>) {
        debug_assert!(self.start.load(Ordering::Relaxed).is_null());
        let len = slice.len();
        // SAFETY: 2; nothing is published yet, so nobody reads, and the caller is the only writer.
        self.len.with_mut(|place| unsafe { *place = len });
        let start = Box::into_raw(slice).cast::<T>();
        // Release (INT-3): whoever sees the address sees what is there; pairs with INT-4.
        self.start.store(start, ord("INT-3", Ordering::Release));
    }
}

impl<T> Drop for Published<T> {
    fn drop(&mut self) {
        // Relaxed: `self` is borrowed exclusively, so all that happened here happened before.
        let start = self.start.load(Ordering::Relaxed);
        if start.is_null() {
            return;
        }
        // SAFETY: as in `get`; and nobody else is here.
        let len = self.len.with(|len| unsafe { *len });
        // SAFETY: 1; nobody reads any more.
        drop(unsafe { Box::from_raw(ptr::slice_from_raw_parts_mut(start, len)) });
    }
}

/// Makes a slice of `len` elements.
///
/// # Errors
///
/// [`OutOfMemory`](crate::InternError::OutOfMemory).
pub(crate) fn slice_of<T>(
    len: usize,
    make: impl FnMut() -> T,
) -> Result<Box<[T]>, crate::InternError> {
    let mut slice = Vec::new();
    slice
        .try_reserve_exact(len)
        .map_err(|_| crate::InternError::OutOfMemory {
            asked: len.saturating_mul(size_of::<T>()),
        })?;
    slice.resize_with(len, make);
    Ok(slice.into_boxed_slice())
}
