//! What a model watches in the place of a record's bytes, which loom does not see.

#[cfg(pleach_loom)]
use pleach_atomic::cell::UnsafeCell;

/// Nothing, and under loom a cell that is accessed whenever the record is.
pub(crate) struct Watch {
    #[cfg(pleach_loom)]
    cell: UnsafeCell<()>,
}

#[cfg(pleach_loom)]
// SAFETY: it holds nothing; loom finds out who accesses it when.
unsafe impl Sync for Watch {}

#[cfg(pleach_loom)]
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

#[cfg(not(pleach_loom))]
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
