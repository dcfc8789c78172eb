//! The model checker's face: loom's types, and orderings that can be weakened one at a time.

use std::sync::OnceLock;

use self::atomic::Ordering;

/// Atomic integers, booleans and pointers.
pub mod atomic {
    pub use loom::sync::atomic::{
        AtomicBool, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering,
    };
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
}

/// Locks and shared ownership.
pub mod sync {
    pub use loom::sync::{
        Arc, Condvar, LockResult, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard,
        TryLockResult, WaitTimeoutResult,
    };
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

/// Names an acquire fence that follows an operation on one atomic, and performs it unless the
/// model run selects it. `load` is not called.
pub fn acquire_fence<T>(id: &'static str, _load: impl FnOnce(Ordering) -> T) {
    fence(id, Ordering::Acquire);
}
