//! What a model watches in the place of a record's bytes, which the checkers do not see.

#[cfg(any(pleach_loom, pleach_shuttle))]
use pleach_atomic::cell::UnsafeCell;

/// Nothing, and in a model a cell that is accessed whenever the record is.
pub(crate) struct Watch {
    #[cfg(any(pleach_loom, pleach_shuttle))]
    cell: UnsafeCell<()>,
}

#[cfg(any(pleach_loom, pleach_shuttle))]
// SAFETY: it holds nothing; the checkers find out who accesses it when.
unsafe impl Sync for Watch {}

#[cfg(any(pleach_loom, pleach_shuttle))]
impl Watch {
    pub(crate) fn new() -> Self {
        Self {
            cell: UnsafeCell::new(()),
        }
    }

    /// The record is read now.
    pub(crate) fn read(&self) {
        self.cell.with(|_| ());
    }

    /// The record was written just now.
    pub(crate) fn written(&self) {
        self.cell.with_mut(|_| ());
    }
}

#[cfg(not(any(pleach_loom, pleach_shuttle)))]
impl Watch {
    pub(crate) fn new() -> Self {
        Self {}
    }

    /// The record is read now.
    #[inline(always)]
    pub(crate) fn read(&self) {}

    /// The record was written just now.
    #[inline(always)]
    pub(crate) fn written(&self) {}
}
