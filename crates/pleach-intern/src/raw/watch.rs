//! What a model watches in the place of records' bytes, which the checkers do not see.

#[cfg(any(pleach_loom, pleach_shuttle))]
use pleach_atomic::cell::UnsafeCell;

/// Nothing, and in a model a cell for each unit, accessed whenever the record there is.
pub(crate) struct Watches {
    #[cfg(any(pleach_loom, pleach_shuttle))]
    cells: Vec<UnsafeCell<()>>,
}

#[cfg(any(pleach_loom, pleach_shuttle))]
// SAFETY: it holds nothing; the checkers find out who accesses it when.
unsafe impl Sync for Watches {}

#[cfg(any(pleach_loom, pleach_shuttle))]
impl Watches {
    pub(crate) fn new(len: usize) -> Self {
        Self {
            cells: (0..len).map(|_| UnsafeCell::new(())).collect(),
        }
    }

    /// The record at a unit is read now.
    pub(crate) fn read(&self, unit: usize) {
        self.cells[unit].with(|_| ());
    }

    /// The record at a unit was written just now.
    pub(crate) fn written(&self, unit: usize) {
        self.cells[unit].with_mut(|_| ());
    }
}

#[cfg(not(any(pleach_loom, pleach_shuttle)))]
impl Watches {
    pub(crate) fn new(_len: usize) -> Self {
        Self {}
    }

    /// The record at a unit is read now.
    #[inline(always)]
    pub(crate) fn read(&self, _unit: usize) {}

    /// The record at a unit was written just now.
    #[inline(always)]
    pub(crate) fn written(&self, _unit: usize) {}
}
