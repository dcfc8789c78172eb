//! Rows of value slots in a leaf, cloned and dropped so that a panic in the user's code leaks no
//! value and touches none twice.

use std::ptr::NonNull;

/// Whether the values are moved out of where they stand, or cloned.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Take {
    /// The old place will be freed without its values.
    Move,
    /// The old place keeps its values.
    Clone,
}

/// A row of slots: `slot(i)` is where value `i` stands, if there is one.
pub(super) struct Row<V, F: Fn(usize) -> Option<NonNull<V>>> {
    slot: F,
    next: usize,
    len: usize,
}

impl<V, F: Fn(usize) -> Option<NonNull<V>>> Row<V, F> {
    /// A row of `len` slots.
    #[inline]
    pub(super) fn new(len: usize, slot: F) -> Self {
        Self { slot, next: 0, len }
    }

    /// Drops every value, also those after one whose `Drop` panics.
    ///
    /// # Safety
    /// The slots hold values that nobody uses afterwards.
    pub(super) unsafe fn drop_values(self) {
        if std::mem::needs_drop::<V>() {
            Dropping(self).run();
        }
    }

    /// Brings every value into the slot of the same place from `target` on.
    ///
    /// # Safety
    /// As for `clone_values`. With [`Take::Move`] the values are never used where they were.
    pub(super) unsafe fn bring(self, target: NonNull<V>, take: Take)
    where
        V: Clone,
    {
        if take == Take::Clone {
            // SAFETY: the caller's promise.
            return unsafe { self.clone_values(target) };
        }
        for i in 0..self.len {
            if let Some(value) = (self.slot)(i) {
                // SAFETY: a value, and an empty slot of the target.
                unsafe { target.add(i).copy_from_nonoverlapping(value, 1) };
            }
        }
    }

    /// Clones every value into the slot of the same place from `target` on.
    ///
    /// # Safety
    /// The slots hold values; those of the target are ours to write and hold nothing.
    #[inline]
    pub(super) unsafe fn clone_values(self, target: NonNull<V>)
    where
        V: Clone,
    {
        // SAFETY: the target has as many slots.
        let made = |i: usize| (self.slot)(i).map(|_| unsafe { target.add(i) });
        let mut clones = Dropping(Row::new(0, made));
        for i in 0..self.len {
            if let Some(value) = (self.slot)(i) {
                // SAFETY: a value of the source, an empty slot of the target.
                unsafe { target.add(i).write(value.as_ref().clone()) };
            }
            clones.0.len = i + 1;
        }
        std::mem::forget(clones);
    }
}

/// Drops what is left of a row; going on after a panic is what its own `Drop` is for.
struct Dropping<V, F: Fn(usize) -> Option<NonNull<V>>>(Row<V, F>);

impl<V, F: Fn(usize) -> Option<NonNull<V>>> Dropping<V, F> {
    fn run(&mut self) {
        while self.0.next < self.0.len {
            let i = self.0.next;
            self.0.next += 1;
            if let Some(value) = (self.0.slot)(i) {
                // SAFETY: `drop_values` or `clone_values`; each place is passed once.
                unsafe { value.drop_in_place() };
            }
        }
    }
}

impl<V, F: Fn(usize) -> Option<NonNull<V>>> Drop for Dropping<V, F> {
    fn drop(&mut self) {
        self.run();
    }
}
