//! The model checker's face: loom's types, and orderings that can be weakened one at a time.

use std::sync::OnceLock;

use self::atomic::Ordering;

/// Atomic integers, booleans and pointers.
pub mod atomic {
    use std::ops::Deref;

    use loom::sync::atomic;
    pub use loom::sync::atomic::Ordering;

    use crate::model::planted;

    /// An atomic of loom's, whose every access loom can see in conflict with every other.
    ///
    /// To find the schedules worth trying, loom 0.7 remembers one last access of an atomic. A load
    /// by one thread is forgotten as soon as another thread loads, so if that one goes on to
    /// write, the schedule in which it writes before the first load is never tried. Here each
    /// access first stores to a companion. Stores are in conflict with each other whoever makes
    /// them, so none is forgotten; being relaxed, and never read, they order nothing else.
    #[derive(Debug)]
    pub struct Atomic<T> {
        turn: atomic::AtomicBool,
        inner: T,
    }

    /// A boolean.
    pub type AtomicBool = Atomic<atomic::AtomicBool>;
    /// A pointer.
    pub type AtomicPtr<T> = Atomic<atomic::AtomicPtr<T>>;
    /// An integer of 32 bits.
    pub type AtomicU32 = Atomic<atomic::AtomicU32>;
    /// An integer of 64 bits.
    pub type AtomicU64 = Atomic<atomic::AtomicU64>;
    /// An integer of the size of a pointer.
    pub type AtomicUsize = Atomic<atomic::AtomicUsize>;

    impl<T> Atomic<T> {
        fn wrap(inner: T) -> Self {
            let turn = atomic::AtomicBool::new(false);
            Self { turn, inner }
        }
    }

    impl<T> Deref for Atomic<T> {
        type Target = T;

        fn deref(&self) -> &T {
            if !planted("forgotten_load") {
                self.turn.store(true, Ordering::Relaxed);
            }
            &self.inner
        }
    }

    impl AtomicBool {
        /// Makes an atomic of a value.
        #[must_use]
        pub fn new(value: bool) -> Self {
            Self::wrap(atomic::AtomicBool::new(value))
        }
    }

    impl<T> AtomicPtr<T> {
        /// Makes an atomic of a value.
        #[must_use]
        pub fn new(value: *mut T) -> Self {
            Self::wrap(atomic::AtomicPtr::new(value))
        }
    }

    impl AtomicU32 {
        /// Makes an atomic of a value.
        #[must_use]
        pub fn new(value: u32) -> Self {
            Self::wrap(atomic::AtomicU32::new(value))
        }
    }

    impl AtomicU64 {
        /// Makes an atomic of a value.
        #[must_use]
        pub fn new(value: u64) -> Self {
            Self::wrap(atomic::AtomicU64::new(value))
        }
    }

    impl AtomicUsize {
        /// Makes an atomic of a value.
        #[must_use]
        pub fn new(value: usize) -> Self {
            Self::wrap(atomic::AtomicUsize::new(value))
        }
    }
}

/// Cells that may be written through a shared reference.
pub mod cell {
    pub use loom::cell::UnsafeCell;
}

/// Threads and what belongs to one of them.
pub mod thread {
    pub use loom::thread::{
        AccessError, Builder, JoinHandle, LocalKey, Thread, ThreadId, current, panicking, park,
        spawn, yield_now,
    };
    pub use loom::thread_local;
    pub use std::thread::available_parallelism;
}

/// Locks and shared ownership.
pub mod sync {
    pub use loom::sync::{
        Arc, Condvar, LockResult, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard,
        TryLockResult, WaitTimeoutResult,
    };

    /// Shared ownership beside weak pointers.
    pub mod counted {
        pub use crate::model::counted::{Arc, Weak};
    }
}

/// What to tell the processor or the compiler.
pub mod hint {
    pub use loom::hint::{spin_loop, unreachable_unchecked};
}

/// Memory: the allocator trait and the allocator used when none is named.
#[allow(
    unsafe_code,
    reason = "an allocator is an unsafe trait over raw memory"
)]
pub mod alloc {
    pub use crate::shared_allocator::SharedAllocator;
    pub use allocator_api2::alloc::{AllocError, Allocator, Layout, handle_alloc_error};

    use std::ptr::NonNull;

    /// The global allocator, watched by loom: what a model does not free fails it.
    #[derive(Debug, Clone, Copy, Default)]
    pub struct Global;

    // SAFETY: blocks come from the global allocator, or are dangling and of size 0; they stay
    // valid until deallocated, whichever copy of this unit struct is asked.
    unsafe impl Allocator for Global {
        fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
            if layout.size() == 0 {
                return allocator_api2::alloc::Global.allocate(layout);
            }
            // SAFETY: the layout's size is not zero.
            let data = NonNull::new(unsafe { loom::alloc::alloc(layout) }).ok_or(AllocError)?;
            Ok(NonNull::slice_from_raw_parts(data, layout.size()))
        }

        unsafe fn deallocate(&self, block: NonNull<u8>, layout: Layout) {
            if layout.size() != 0 {
                // SAFETY: the caller's block came from `allocate` with this layout, not of size
                // 0, so from loom's `alloc`.
                unsafe { loom::alloc::dealloc(block.as_ptr(), layout) };
            }
        }
    }
}

/// The one site that `PLEACH_WEAKEN` selects, and the step for `AcqRel`, if any.
struct Weakened {
    id: String,
    step: Option<String>,
}

fn weakened(id: &str) -> Option<&'static Weakened> {
    static SELECTED: OnceLock<Option<Weakened>> = OnceLock::new();
    let selected = SELECTED.get_or_init(|| {
        let text = std::env::var("PLEACH_WEAKEN").ok()?;
        let (id, step) = match text.split_once(':') {
            Some((id, step)) => (id, Some(step.to_owned())),
            None => (text.as_str(), None),
        };
        Some(Weakened {
            id: id.to_owned(),
            step,
        })
    });
    selected.as_ref().filter(|selected| selected.id == id)
}

/// Names an ordering; returns it as it is, or one step weaker if the model run selects it.
///
/// # Panics
///
/// If an `AcqRel` site is selected without a step, or with one other than `acquire` or `release`.
#[must_use]
pub fn ord(id: &'static str, order: Ordering) -> Ordering {
    match (weakened(id), order) {
        (None, order) => order,
        (Some(selected), Ordering::AcqRel) => match selected.step.as_deref() {
            Some("acquire") => Ordering::Acquire,
            Some("release") => Ordering::Release,
            _ => panic!("{id} is AcqRel: select {id}:acquire or {id}:release"),
        },
        (Some(_), _) => Ordering::Relaxed,
    }
}

/// Names a fence, and performs it unless the model run selects it.
pub fn fence(id: &'static str, order: Ordering) {
    if weakened(id).is_none() {
        loom::sync::atomic::fence(order);
    }
}

/// Names a fence against the compiler alone, half of an asymmetric pair, and performs a full one in
/// its place unless the model run selects it.
pub fn compiler_fence(id: &'static str) {
    fence(id, Ordering::SeqCst);
}

/// Names an acquire fence that follows an operation on one atomic, and performs it unless the
/// model run selects it. `load` is not called.
pub fn acquire_fence<T>(id: &'static str, _load: impl FnOnce(Ordering) -> T) {
    fence(id, Ordering::Acquire);
}
