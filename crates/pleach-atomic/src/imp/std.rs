//! The real thing: `std` and `allocator-api2`, and orderings as they are written.

use self::atomic::Ordering;

/// Atomic integers, booleans and pointers.
pub mod atomic {
    #[cfg(pleach_count)]
    pub use crate::count::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize};
    pub use std::sync::atomic::Ordering;
    #[cfg(not(pleach_count))]
    pub use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize};
}

/// Cells that may be written through a shared reference.
pub mod cell {
    /// A value that may be written through a shared reference, by rules its owner makes.
    ///
    /// Access is by closure so that a model checker can see where it begins and ends. A pointer
    /// that leaves the closure escapes that check.
    #[derive(Debug)]
    #[repr(transparent)]
    pub struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

    impl<T> UnsafeCell<T> {
        /// Wraps a value.
        #[inline]
        pub const fn new(value: T) -> Self {
            Self(std::cell::UnsafeCell::new(value))
        }

        /// Calls `f` with a pointer to read through.
        #[inline]
        pub fn with<R>(&self, f: impl FnOnce(*const T) -> R) -> R {
            f(self.0.get())
        }

        /// Calls `f` with a pointer to read and write through.
        #[inline]
        pub fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
            f(self.0.get())
        }

        /// Unwraps the value.
        #[inline]
        pub fn into_inner(self) -> T {
            self.0.into_inner()
        }
    }
}

/// Threads and what belongs to one of them.
pub mod thread {
    pub use std::thread::available_parallelism;
    pub use std::thread::{
        AccessError, Builder, JoinHandle, LocalKey, Thread, ThreadId, current, panicking, park,
        spawn, yield_now,
    };
    pub use std::thread_local;
}

/// Locks and shared ownership.
pub mod sync {
    #[cfg(pleach_count)]
    pub use crate::count::Mutex;
    #[cfg(not(pleach_count))]
    pub use std::sync::Mutex;
    pub use std::sync::{
        Arc, Condvar, LockResult, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard,
        TryLockResult, WaitTimeoutResult,
    };

    /// Shared ownership beside weak pointers.
    pub mod counted {
        pub use std::sync::{Arc, Weak};
    }
}

/// What to tell the processor or the compiler.
pub mod hint {
    pub use std::hint::{spin_loop, unreachable_unchecked};
}

/// Memory: the allocator trait and the allocator used when none is named.
pub mod alloc {
    pub use crate::shared_allocator::SharedAllocator;
    pub use allocator_api2::alloc::{AllocError, Allocator, Global, Layout, handle_alloc_error};
}

/// Names an ordering; returns it as it is.
///
/// A model run can weaken the named site, see [the crate page](crate#named-orderings).
#[must_use]
#[inline(always)]
pub const fn ord(_id: &'static str, order: Ordering) -> Ordering {
    order
}

/// Names a fence, and performs it.
///
/// A model run can remove the named fence. Where the fence follows an operation on one atomic,
/// [`acquire_fence`] is the better choice.
///
/// # Panics
///
/// If `order` is `Relaxed`.
#[inline(always)]
pub fn fence(_id: &'static str, order: Ordering) {
    std::sync::atomic::fence(order);
}

/// Names a fence against the compiler alone, and performs it: no instruction.
///
/// It is one half of an asymmetric pair. The other half has to make every running thread perform a
/// full fence (`membarrier` of Linux does), and then the two order as two `SeqCst` fences would.
/// A model run performs such a fence, which is what can be modelled of it, and can remove it.
#[inline(always)]
pub fn compiler_fence(_id: &'static str) {
    std::sync::atomic::compiler_fence(Ordering::SeqCst);
}

/// Names an acquire fence that follows an operation on one atomic, and performs it.
///
/// `load` loads that atomic with the ordering it is given. It is not called in a normal build; it
/// takes the fence's place where fences are not understood (ThreadSanitizer). A model run can
/// remove the named fence.
#[inline(always)]
pub fn acquire_fence<T>(_id: &'static str, load: impl FnOnce(Ordering) -> T) {
    if cfg!(pleach_tsan) {
        load(Ordering::Acquire);
    } else {
        std::sync::atomic::fence(Ordering::Acquire);
    }
}

#[cfg(test)]
mod tests {
    use super::atomic::{AtomicU32, Ordering};
    use super::cell::UnsafeCell;
    use super::{acquire_fence, fence, ord};

    /// A constant can only be made of what is computed without running anything.
    const PUBLISH: Ordering = ord("TEST-1", Ordering::Release);

    #[test]
    fn a_named_ordering_is_the_ordering() {
        assert_eq!(PUBLISH, Ordering::Release);
        assert_eq!(ord("TEST-2", Ordering::AcqRel), Ordering::AcqRel);
    }

    #[test]
    fn an_acquire_fence_loads_only_where_fences_are_not_understood() {
        let count = AtomicU32::new(1);
        let mut loaded = None;
        acquire_fence("TEST-3", |order| loaded = Some((count.load(order), order)));
        assert_eq!(loaded, cfg!(pleach_tsan).then_some((1, Ordering::Acquire)));
        fence("TEST-4", Ordering::SeqCst);
    }

    #[test]
    fn a_cell_is_its_value() {
        assert_eq!(size_of::<UnsafeCell<u32>>(), size_of::<u32>());
        let cell = UnsafeCell::new(1);
        let written = cell.with_mut(|value| value.cast_const());
        assert!(cell.with(|value| value == written));
        assert_eq!(cell.into_inner(), 1);
    }
}
