//! Values that count, panic, are empty, large or widely aligned.
//!
//! Every [`Counted`] value of a thread is entered in that thread's tally: how many were made, cloned
//! and dropped. All other types here carry one, so that each is counted to the last. A fuse makes the
//! k-th clone or drop of the thread panic, once.

use std::cell::Cell;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread;

/// A value made of a number, its seed, as far as it has room for one.
///
/// The oracles keep the seeds; what they are compared with keeps the values.
pub trait Seeded: Clone {
    /// The value of `seed`.
    fn seeded(seed: u64) -> Self;

    /// Whether the value is whole, in its place, and may be that of `seed`.
    fn is(&self, seed: u64) -> bool;
}

impl Seeded for () {
    fn seeded(_: u64) {}

    fn is(&self, _: u64) -> bool {
        true
    }
}

impl Seeded for u64 {
    fn seeded(seed: u64) -> Self {
        seed
    }

    fn is(&self, seed: u64) -> bool {
        *self == seed
    }
}

impl Seeded for String {
    fn seeded(seed: u64) -> Self {
        format!("value {seed}")
    }

    fn is(&self, seed: u64) -> bool {
        *self == Self::seeded(seed)
    }
}

thread_local! {
    static TALLY: Tally = const { Tally::new() };
}

struct Tally {
    made: Cell<u64>,
    cloned: Cell<u64>,
    dropped: Cell<u64>,
    serial: Cell<u64>,
    clones_to_panic: Cell<u64>,
    drops_to_panic: Cell<u64>,
}

impl Tally {
    const fn new() -> Self {
        Self {
            made: Cell::new(0),
            cloned: Cell::new(0),
            dropped: Cell::new(0),
            serial: Cell::new(0),
            clones_to_panic: Cell::new(0),
            drops_to_panic: Cell::new(0),
        }
    }
}

fn add_one(counter: &Cell<u64>) {
    counter.set(counter.get() + 1);
}

/// Burns one step of a fuse; panics, without a message on the terminal, at the last.
fn burn(fuse: &Cell<u64>) {
    let left = fuse.get();
    fuse.set(left.saturating_sub(1));
    if left == 1 && !thread::panicking() {
        resume_unwind(Box::new("the fuse"));
    }
}

/// Counted values of this thread that are alive.
pub fn live() -> u64 {
    TALLY.with(|t| t.made.get() + t.cloned.get() - t.dropped.get())
}

/// Clones of counted values on this thread so far.
pub fn clones() -> u64 {
    TALLY.with(|t| t.cloned.get())
}

/// Drops of counted values on this thread so far.
pub fn drops() -> u64 {
    TALLY.with(|t| t.dropped.get())
}

/// The `k`-th clone from now panics; with 0 none does.
pub fn panic_at_clone(k: u64) {
    TALLY.with(|t| t.clones_to_panic.set(k));
}

/// The `k`-th drop from now panics, after it was counted; with 0 none does.
pub fn panic_at_drop(k: u64) {
    TALLY.with(|t| t.drops_to_panic.set(k));
}

/// A value of size 0 that counts.
#[derive(Debug, PartialEq, Eq)]
pub struct Counted(());

impl Counted {
    /// One more value of this thread.
    #[expect(
        clippy::new_without_default,
        reason = "each is counted: none comes unasked"
    )]
    pub fn new() -> Self {
        TALLY.with(|t| add_one(&t.made));
        Self(())
    }
}

impl Clone for Counted {
    fn clone(&self) -> Self {
        TALLY.with(|t| {
            burn(&t.clones_to_panic);
            add_one(&t.cloned);
        });
        Self(())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        TALLY.with(|t| {
            add_one(&t.dropped);
            burn(&t.drops_to_panic);
        });
    }
}

impl Seeded for Counted {
    fn seeded(_: u64) -> Self {
        Self::new()
    }

    fn is(&self, _: u64) -> bool {
        true
    }
}

/// A number that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedId(u64, Counted);

impl Seeded for CountedId {
    fn seeded(seed: u64) -> Self {
        Self(seed, Counted::new())
    }

    fn is(&self, seed: u64) -> bool {
        self.0 == seed
    }
}

/// A number aligned to 128 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[repr(align(128))]
pub struct Aligned128(u64, Counted);

impl Seeded for Aligned128 {
    fn seeded(seed: u64) -> Self {
        Self(seed, Counted::new())
    }

    fn is(&self, seed: u64) -> bool {
        self.0 == seed && std::ptr::from_ref(self).addr().is_multiple_of(128)
    }
}

/// A value of 4 KiB.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Big([u64; 512], Counted);

impl Seeded for Big {
    fn seeded(seed: u64) -> Self {
        Self([seed; 512], Counted::new())
    }

    fn is(&self, seed: u64) -> bool {
        self.0.iter().all(|word| *word == seed)
    }
}

/// A value without a destructor that is not `Copy`: each clone has a serial number of its own, and a
/// copy of the bytes has not.
#[derive(Debug)]
pub struct NotCopy {
    id: u64,
    serial: u64,
}

impl NotCopy {
    fn new(id: u64) -> Self {
        TALLY.with(|t| {
            add_one(&t.serial);
            let serial = t.serial.get();
            Self { id, serial }
        })
    }

    /// A number that no other value of this thread has, unless its bytes were copied.
    pub fn serial(&self) -> u64 {
        self.serial
    }
}

impl Clone for NotCopy {
    fn clone(&self) -> Self {
        Self::new(self.id)
    }
}

impl Seeded for NotCopy {
    fn seeded(seed: u64) -> Self {
        Self::new(seed)
    }

    fn is(&self, seed: u64) -> bool {
        self.id == seed
    }
}

/// A value whose drop runs code of the test's choice, such as the use of another map.
#[derive(Clone)]
#[expect(
    missing_debug_implementations,
    reason = "a closure has nothing to show"
)]
pub struct ReentrantDrop(Arc<dyn Fn() + Send + Sync>);

impl ReentrantDrop {
    /// A value that runs `on_drop` when it, or a clone of it, is dropped.
    pub fn new(on_drop: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Arc::new(on_drop))
    }
}

impl Drop for ReentrantDrop {
    fn drop(&mut self) {
        (self.0)();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    #[test]
    fn the_tally_is_exact() {
        let made = CountedId::seeded(7);
        let copy = made.clone();
        assert_eq!((live(), clones(), copy.is(7)), (2, 1, true));
        drop((made, copy));
        assert_eq!((live(), drops()), (0, 2));
    }

    #[test]
    fn a_fuse_burns_once() {
        let value = Counted::new();
        panic_at_clone(2);
        let first = value.clone();
        assert!(catch_unwind(AssertUnwindSafe(|| value.clone())).is_err());
        let third = value.clone();
        panic_at_drop(1);
        assert!(catch_unwind(AssertUnwindSafe(|| drop(first))).is_err());
        drop((value, third));
        assert_eq!(live(), 0);
    }

    #[test]
    fn sizes_are_what_they_claim() {
        assert_eq!(size_of::<Counted>(), 0);
        assert_eq!(align_of::<Aligned128>(), 128);
        assert!(size_of::<Big>() >= 4096);
        assert!(!std::mem::needs_drop::<NotCopy>());
    }

    #[test]
    fn a_clone_has_a_serial_of_its_own() {
        let value = NotCopy::seeded(1);
        assert_ne!(value.clone().serial(), value.serial());
    }
}
