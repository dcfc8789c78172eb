//! The face of random schedules: shuttle's threads and locks, atomics and cells at which its
//! scheduler may change threads, and memory that is watched.
//!
//! All orderings are sequentially consistent here, whatever they say: what a weaker one allows is
//! loom's to find. Accesses are those of `std`, so that a type has the layout it ships with.

use std::time::Duration;

use self::atomic::Ordering;

/// Lets another thread go on, if the scheduler says so. To shuttle, which has no time, a sleep is
/// that and nothing else; a yield would be a hint to prefer the others.
fn switch() {
    shuttle::thread::sleep(Duration::ZERO);
}

/// Atomic integers, booleans and pointers.
pub mod atomic {
    use std::ops::Deref;
    use std::sync::atomic;
    pub use std::sync::atomic::Ordering;

    /// An atomic of `std`, before whose every access the scheduler may go on with another thread.
    ///
    /// All threads of a scenario run on one of the system's, so the accesses are in one order.
    #[derive(Debug)]
    #[repr(transparent)]
    pub struct Atomic<T>(T);

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

    impl<T> Deref for Atomic<T> {
        type Target = T;

        fn deref(&self) -> &T {
            super::switch();
            super::alloc::assert_alive(&raw const self.0);
            &self.0
        }
    }

    impl AtomicBool {
        /// Makes an atomic of a value.
        #[must_use]
        pub const fn new(value: bool) -> Self {
            Self(atomic::AtomicBool::new(value))
        }
    }

    impl<T> AtomicPtr<T> {
        /// Makes an atomic of a value.
        #[must_use]
        pub const fn new(value: *mut T) -> Self {
            Self(atomic::AtomicPtr::new(value))
        }
    }

    impl AtomicU32 {
        /// Makes an atomic of a value.
        #[must_use]
        pub const fn new(value: u32) -> Self {
            Self(atomic::AtomicU32::new(value))
        }
    }

    impl AtomicU64 {
        /// Makes an atomic of a value.
        #[must_use]
        pub const fn new(value: u64) -> Self {
            Self(atomic::AtomicU64::new(value))
        }
    }

    impl AtomicUsize {
        /// Makes an atomic of a value.
        #[must_use]
        pub const fn new(value: usize) -> Self {
            Self(atomic::AtomicUsize::new(value))
        }
    }
}

/// Cells that may be written through a shared reference.
pub mod cell {
    use std::cell::Cell;
    use std::thread::panicking;

    /// A value that may be written through a shared reference, by rules its owner makes.
    ///
    /// Each access begins, lets other threads go on, and ends. One that begins while another is
    /// under way, and one of the two writes, is a data race and fails the scenario.
    #[derive(Debug)]
    pub struct UnsafeCell<T> {
        /// How many read it at the moment, or -1 if one writes.
        accesses: Cell<isize>,
        value: std::cell::UnsafeCell<T>,
    }

    /// What one access does to the count of accesses, undone at its end.
    struct Access<'c> {
        accesses: &'c Cell<isize>,
        step: isize,
    }

    impl<'c> Access<'c> {
        fn begin<T>(cell: &'c UnsafeCell<T>, step: isize) -> Self {
            super::alloc::assert_alive(cell);
            let accesses = &cell.accesses;
            let allowed = if step < 0 { 0..=0 } else { 0..=isize::MAX };
            assert!(
                allowed.contains(&accesses.get()) || panicking(),
                "data race: two accesses at once, and one of them writes"
            );
            accesses.set(accesses.get() + step);
            let access = Self { accesses, step };
            super::switch();
            access
        }
    }

    impl Drop for Access<'_> {
        fn drop(&mut self) {
            self.accesses.set(self.accesses.get() - self.step);
        }
    }

    impl<T> UnsafeCell<T> {
        /// Wraps a value.
        pub const fn new(value: T) -> Self {
            Self {
                accesses: Cell::new(0),
                value: std::cell::UnsafeCell::new(value),
            }
        }

        /// Calls `f` with a pointer to read through.
        pub fn with<R>(&self, f: impl FnOnce(*const T) -> R) -> R {
            let _access = Access::begin(self, 1);
            f(self.value.get())
        }

        /// Calls `f` with a pointer to read and write through.
        pub fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
            let _access = Access::begin(self, -1);
            f(self.value.get())
        }

        /// Unwraps the value.
        pub fn into_inner(self) -> T {
            self.value.into_inner()
        }
    }
}

/// Threads and what belongs to one of them.
pub mod thread {
    pub use shuttle::thread::{
        AccessError, Builder, JoinHandle, LocalKey, Thread, ThreadId, current, panicking, park,
        spawn, yield_now,
    };
    pub use shuttle::thread_local;
    pub use std::thread::available_parallelism;
}

/// Locks and shared ownership.
pub mod sync {
    pub use shuttle::sync::{
        Arc, Condvar, LockResult, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard,
        TryLockResult, WaitTimeoutResult,
    };

    /// Shared ownership beside weak pointers.
    pub mod counted {
        pub use shuttle::sync::{Arc, Weak};
    }
}

/// What to tell the processor or the compiler.
pub mod hint {
    pub use shuttle::hint::{spin_loop, unreachable_unchecked};
}

/// Memory: the allocator trait and the allocator used when none is named.
#[allow(
    unsafe_code,
    reason = "an allocator is an unsafe trait over raw memory"
)]
pub mod alloc {
    pub use crate::shared_allocator::SharedAllocator;
    pub use allocator_api2::alloc::{AllocError, Allocator, Layout, handle_alloc_error};

    use std::cell::RefCell;
    use std::collections::BTreeMap;
    use std::ptr::NonNull;
    use std::thread::panicking;

    use allocator_api2::alloc::Global as Real;

    /// The global allocator, watched: a block that is freed twice or with another layout fails the
    /// scenario, and so does one that is not freed.
    ///
    /// What is freed is overwritten, and kept to the end of the execution: an atomic or a cell in
    /// it that is used once more fails the scenario, too.
    #[derive(Debug, Clone, Copy, Default)]
    pub struct Global;

    /// A block as it was allocated.
    struct Block {
        data: NonNull<u8>,
        layout: Layout,
        freed: bool,
    }

    std::thread_local! {
        /// The blocks of this execution by address. Its threads all run on this one.
        static BLOCKS: RefCell<BTreeMap<usize, Block>> = const { RefCell::new(BTreeMap::new()) };
    }

    /// What freed memory is filled with.
    const FREED: u8 = 0xdd;

    // SAFETY: blocks come from the global allocator, or are dangling and of size 0; they stay
    // valid until deallocated, whichever copy of this unit struct is asked, and longer.
    unsafe impl Allocator for Global {
        fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
            let memory = Real.allocate(layout)?;
            if layout.size() != 0 {
                let block = Block {
                    data: memory.cast(),
                    layout,
                    freed: false,
                };
                let address = block.data.addr().get();
                BLOCKS.with_borrow_mut(|blocks| blocks.insert(address, block));
            }
            Ok(memory)
        }

        unsafe fn deallocate(&self, data: NonNull<u8>, layout: Layout) {
            // A second panic would end the program before the first is told.
            if layout.size() == 0 || panicking() {
                return;
            }
            BLOCKS.with_borrow_mut(|blocks| {
                let block = blocks
                    .get_mut(&data.addr().get())
                    .expect("a block is freed that was not allocated in this execution");
                assert!(!block.freed, "a block is freed twice");
                assert_eq!(block.layout, layout, "a block is freed with another layout");
                block.freed = true;
                // SAFETY: the block is allocated, of that size, and no longer anybody's but ours.
                unsafe { data.write_bytes(FREED, layout.size()) };
            });
        }
    }

    /// Fails the scenario if something in freed memory is used.
    pub(super) fn assert_alive<T>(place: *const T) {
        let freed = BLOCKS.with_borrow(|blocks| {
            let mut below = blocks.range(..=place.addr());
            below.next_back().is_some_and(|(start, block)| {
                block.freed && place.addr() - start < block.layout.size()
            })
        });
        assert!(!freed || panicking(), "memory is used after it was freed");
    }

    /// Forgets all blocks, and tells how many were not freed. Those leak.
    pub(crate) fn forget() -> usize {
        let blocks = BLOCKS.take();
        let (freed, live): (Vec<_>, Vec<_>) = blocks.into_values().partition(|block| block.freed);
        for block in freed {
            // SAFETY: allocated with this layout; its owner has given it back, once.
            unsafe { Real.deallocate(block.data, block.layout) };
        }
        live.len()
    }
}

/// Names an ordering; returns it as it is, and nothing here depends on it.
#[must_use]
pub const fn ord(_id: &'static str, order: Ordering) -> Ordering {
    order
}

/// Names a fence. There is nothing to perform: all accesses are in one order.
pub fn fence(_id: &'static str, _order: Ordering) {}

/// Names a fence against the compiler alone. There is nothing to perform: all accesses are in one
/// order.
pub fn compiler_fence(_id: &'static str) {}

/// Names an acquire fence that follows an operation on one atomic. There is nothing to perform:
/// all accesses are in one order. `load` is not called.
pub fn acquire_fence<T>(_id: &'static str, _load: impl FnOnce(Ordering) -> T) {}
