//! Counted pointers that have weak ones, which loom's own have not.
//!
//! The pointers are std's. Beside them a count of loom's gives the order that std's gives and loom
//! cannot see: whatever an owner did comes before the value is dropped. Each step of the count is
//! also a place where another thread may go on.

use std::ops::Deref;
use std::sync;

use loom::sync::atomic::{AtomicUsize, Ordering, fence};

/// A pointer that keeps its value alive.
#[derive(Debug)]
pub struct Arc<T>(sync::Arc<Counted<T>>);

/// A pointer that does not.
#[derive(Debug)]
pub struct Weak<T>(sync::Weak<Counted<T>>);

#[derive(Debug)]
struct Counted<T> {
    owners: AtomicUsize,
    value: T,
}

impl<T> Arc<T> {
    /// Makes a value that gets a weak pointer to itself.
    pub fn new_cyclic(value: impl FnOnce(&Weak<T>) -> T) -> Self {
        Self(sync::Arc::new_cyclic(|weak| Counted {
            owners: AtomicUsize::new(1),
            value: value(&Weak(sync::Weak::clone(weak))),
        }))
    }
}

impl<T> Deref for Arc<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.value
    }
}

impl<T> Drop for Arc<T> {
    fn drop(&mut self) {
        if self.0.owners.fetch_sub(1, Ordering::Release) == 1 {
            fence(Ordering::Acquire);
        }
    }
}

impl<T> Weak<T> {
    /// Makes a pointer that keeps the value alive, if it still lives.
    #[must_use]
    pub fn upgrade(&self) -> Option<Arc<T>> {
        let counted = self.0.upgrade()?;
        counted.owners.fetch_add(1, Ordering::Relaxed);
        Some(Arc(counted))
    }

    /// How many pointers keep the value alive.
    #[must_use]
    pub fn strong_count(&self) -> usize {
        self.0.strong_count()
    }
}

impl<T> Clone for Weak<T> {
    fn clone(&self) -> Self {
        Self(sync::Weak::clone(&self.0))
    }
}
