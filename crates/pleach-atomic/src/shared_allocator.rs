//! Allocators whose blocks may move between structures.

use crate::imp::alloc::{Allocator, Global};

/// An allocator that can tell whether another one frees the same memory.
///
/// Two trees may share a block only if either of them may free it. A tree that takes in a part of
/// another asks `same` first, and copies what it must not share.
///
/// # Safety
///
/// - If `a.same(&b)`, a block allocated by `a` may be deallocated by `b`, and the other way round.
///   It stays valid until then, even if the allocator that made it has been dropped, as long as
///   `a`, `b`, or an allocator that is the same as these is alive.
/// - `same` is reflexive, symmetric and transitive, a clone is the same as its original, and the
///   answer for two allocators never changes.
pub unsafe trait SharedAllocator: Allocator + Clone {
    /// Tells whether `self` and `other` free the same memory.
    ///
    /// # Examples
    ///
    /// ```
    /// use pleach_atomic::alloc::{Global, SharedAllocator};
    ///
    /// assert!(Global.same(&Global));
    /// ```
    #[must_use]
    fn same(&self, other: &Self) -> bool;
}

// SAFETY: there is one global allocator, it has no state here, and it is never dropped.
unsafe impl SharedAllocator for Global {
    #[inline]
    fn same(&self, _other: &Self) -> bool {
        true
    }
}
