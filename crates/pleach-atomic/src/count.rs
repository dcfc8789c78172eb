//! The counting build: how many atomic read-modify-writes a thread performs.
//!
//! Readers scale as long as they write to no cache line that others use. That they do not is a claim
//! about the code, and need not be concluded from timings: under `--cfg pleach_count`, atomics and
//! locks count, and a test says what it expects. Whatever is no load and no store counts, also where
//! it comes to nothing. A lock counts twice, once to take it and once to give it back, which is what
//! that of `std` takes when nobody waits.

use std::cell::Cell;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{self, Ordering};
use std::sync::{self, LockResult, MutexGuard};
use std::thread_local;

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
}

fn add(n: u64) {
    COUNT.set(COUNT.get() + n);
}

/// Calls `work`; returns what it does, and how many read-modify-writes it took on this thread.
pub fn read_modify_writes<T>(work: impl FnOnce() -> T) -> (T, u64) {
    let before = COUNT.get();
    let result = work();
    (result, COUNT.get() - before)
}

/// An atomic of `std`, whose read-modify-writes count.
#[derive(Debug, Default)]
#[repr(transparent)]
pub struct Atomic<T>(T);

/// Everything but loads and stores, which have methods of their own.
impl<T> Deref for Atomic<T> {
    type Target = T;

    fn deref(&self) -> &T {
        add(1);
        &self.0
    }
}

impl<T> DerefMut for Atomic<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

/// What does not count. A macro, as the types of `std` have no trait in common.
macro_rules! loads_and_stores {
    ($($(#[$doc:meta])* $name:ident $(<$t:ident>)?: $value:ty;)*) => { $(
        $(#[$doc])*
        pub type $name $(<$t>)? = Atomic<atomic::$name $(<$t>)?>;

        impl $(<$t>)? $name $(<$t>)? {
            /// Makes an atomic of a value.
            #[must_use]
            pub const fn new(value: $value) -> Self {
                Self(atomic::$name::new(value))
            }

            /// The value.
            pub fn load(&self, order: Ordering) -> $value {
                self.0.load(order)
            }

            /// Sets the value.
            pub fn store(&self, value: $value, order: Ordering) {
                self.0.store(value, order);
            }
        }
    )* };
}

loads_and_stores! {
    /// A boolean.
    AtomicBool: bool;
    /// A pointer.
    AtomicPtr<T>: *mut T;
    /// An integer of 32 bits.
    AtomicU32: u32;
    /// An integer of 64 bits.
    AtomicU64: u64;
    /// An integer of the size of a pointer.
    AtomicUsize: usize;
}

/// A lock of `std`, which counts when it is taken.
#[derive(Debug, Default)]
pub struct Mutex<T: ?Sized>(sync::Mutex<T>);

impl<T> Mutex<T> {
    /// A lock around a value.
    pub const fn new(value: T) -> Self {
        Self(sync::Mutex::new(value))
    }

    /// The value.
    ///
    /// # Errors
    /// If a thread panicked with the lock.
    pub fn into_inner(self) -> LockResult<T> {
        self.0.into_inner()
    }

    /// The value, which nobody else can reach now.
    ///
    /// # Errors
    /// If a thread panicked with the lock.
    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        self.0.get_mut()
    }

    /// Takes the lock.
    ///
    /// # Errors
    /// If a thread panicked with it.
    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        add(2);
        self.0.lock()
    }
}
