//! A place for one value, which is published once and read without a lock from then on.
//!
//! Invariant: once `is_there`, the value is written, and only shared until the place is dropped.

use std::mem::MaybeUninit;

use pleach_atomic::atomic::{AtomicBool, Ordering};
use pleach_atomic::cell::UnsafeCell;
use pleach_atomic::ord;

/// A place for a value that comes later, and stays until the place is dropped.
pub(crate) struct Place<T> {
    is_there: AtomicBool,
    value: UnsafeCell<MaybeUninit<T>>,
}

// SAFETY: the value is owned, and only shared once it is there.
unsafe impl<T: Send + Sync> Send for Place<T> {}
// SAFETY: as above.
unsafe impl<T: Send + Sync> Sync for Place<T> {}

impl<T> Place<T> {
    /// An empty place.
    pub(crate) fn new() -> Self {
        Self {
            is_there: AtomicBool::new(false),
            value: UnsafeCell::new(MaybeUninit::uninit()),
        }
    }

    /// The value, if it is there.
    #[inline]
    pub(crate) fn get(&self) -> Option<&T> {
        // Acquire (INT-4): the value and what belongs to it are seen; pairs with INT-3.
        if !self.is_there.load(ord("INT-4", Ordering::Acquire)) {
            return None;
        }
        // SAFETY: it was written before `is_there`, which we acquired, and is only shared from then on.
        Some(
            self.value
                .with(|value| unsafe { (*value).assume_init_ref() }),
        )
    }

    /// The value.
    ///
    /// # Safety
    ///
    /// It was published, and that happened before.
    #[inline(always)]
    pub(crate) unsafe fn get_published(&self) -> &T {
        // SAFETY: as the caller has it, and it is only shared from then on.
        self.value
            .with(|value| unsafe { (*value).assume_init_ref() })
    }

    /// Puts the value in its place.
    ///
    /// # Safety
    ///
    /// Nobody else publishes here at the same time, and nothing has been published here.
    pub(crate) unsafe fn publish(&self, value: T) {
        debug_assert!(!self.is_there.load(Ordering::Relaxed));
        // SAFETY: nothing is there yet, so nobody reads, and the caller is the only writer.
        self.value
            .with_mut(|place| unsafe { (*place).write(value) });
        // Release (INT-3): whoever sees that it is there sees it; pairs with INT-4.
        self.is_there.store(true, ord("INT-3", Ordering::Release));
    }
}

impl<T> Drop for Place<T> {
    fn drop(&mut self) {
        // Relaxed: `self` is borrowed exclusively, so all that happened here happened before.
        if self.is_there.load(Ordering::Relaxed) {
            // SAFETY: the value is there, and nobody reads it any more.
            self.value
                .with_mut(|value| unsafe { (*value).assume_init_drop() });
        }
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
