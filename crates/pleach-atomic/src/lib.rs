//! The one door to atomics, shared cells, threads and allocation, with a model-checking face.
//!
//! Every crate of the workspace that shares state between threads takes its atomics, its
//! `UnsafeCell`, its threads and its allocator from here and from nowhere else. In a normal build
//! these are the types of `std` (and of `allocator-api2`). Under `--cfg pleach_loom` they are
//! those of [loom](https://docs.rs/loom), and under `--cfg pleach_shuttle` those that
//! [shuttle](https://docs.rs/shuttle) schedules, so that the code that ships is the code that is
//! model-checked: no copy of an algorithm is kept for the models.
//!
//! **When not to use it**: outside this workspace, or for state that one thread owns. It contains
//! no algorithm.
//!
//! # What is the same everywhere
//!
//! Three backends with one API, chosen by the cfg: [`atomic`], [`cell`], [`thread`], [`sync`],
//! [`hint`] and [`alloc`]; [`stat`] is one and the same in all. Use of the atomics only what all have: `load`, `store`, `swap`,
//! `compare_exchange` and the `fetch_` family. Differences that cannot be hidden:
//!
//! - `new` of loom's atomics, locks and cells is not `const`.
//! - loom's atomics are larger than their value, so a size assertion needs `not(pleach_loom)`.
//!   Those under shuttle are as large as in a normal build.
//! - Everything of loom's and shuttle's, [`alloc::Global`] included, works only inside a model.
//!
//! # Models
//!
//! Under either cfg there is one module more, `model`. Under loom's, `model::check(name, || ...)`
//! runs a closure under *every* schedule within a bound, and every value that a weak ordering lets
//! a load return. That takes two or three threads of a few operations. Under shuttle's,
//! `model::random(name, iterations, || ...)` runs it under *many* schedules, drawn at random, and
//! is for what is too large for loom: eight threads and whole data structures. `model::below(n)`
//! draws a number there. A failure prints a seed, and `SHUTTLE_RANDOM_SEED` repeats it.
//!
//! Shuttle treats every ordering as `SeqCst`. It finds wrong algorithms, not weak orderings. The
//! backend adds what shuttle has not: overlapping accesses to a cell fail a model, and so do
//! blocks of [`alloc::Global`] that are freed twice, not freed, or used through an atomic or a
//! cell after that.
//!
//! # Named orderings
//!
//! A memory ordering that carries an argument has a name, its row in the ledger
//! (`docs/memory-ordering.md`), and goes through [`ord`] or a fence of this crate:
//!
//! ```
//! use pleach_atomic::atomic::{AtomicU32, Ordering};
//! use pleach_atomic::{acquire_fence, ord};
//!
//! fn release(owners: &AtomicU32) -> bool {
//!     // Release (DOC-1): what we did is done before the count falls; pairs with DOC-2.
//!     if owners.fetch_sub(1, ord("DOC-1", Ordering::Release)) != 1 {
//!         return false;
//!     }
//!     // Acquire (DOC-2): the last owner sees what the others did; pairs with DOC-1.
//!     acquire_fence("DOC-2", |order| owners.load(order));
//!     true
//! }
//!
//! assert!(release(&AtomicU32::new(1)));
//! ```
//!
//! In a normal build `ord` is the identity, is `const`, and leaves nothing behind, its string
//! included. Under `--cfg pleach_loom` the environment variable `PLEACH_WEAKEN` names one id, and
//! that one site is made weaker by one step: `AcqRel` becomes `Acquire` or `Release`, as
//! `PLEACH_WEAKEN=ID:acquire` or `ID:release` says, every other ordering becomes `Relaxed`, and a
//! fence disappears. A suite of models that still passes has not checked that ordering.
//!
//! Mistakes that are not orderings are planted in the same way: code behind
//! `cfg(any(pleach_loom, pleach_shuttle))` that asks `model::planted("ID")`, which is true where
//! `PLEACH_MUTANT` is that id. Both kinds of models have to find it.
//!
//! That nothing is left behind can be read in the assembly. With the function above made `pub` and
//! `#[inline(never)]` in a library, `cargo rustc --release -- --emit asm` writes for x86-64 one
//! `lock decl` and one `sete` (an acquire fence is no instruction there), and no `DOC-` anywhere.
//!
//! # Constants at model size
//!
//! Page sizes, shard counts and saturation bounds are written `scaled(real, model)`: a model that
//! has to fill a page of two finds what a page of a thousand hides.
//!
//! # Counting
//!
//! Under `--cfg pleach_count` the types are those of a normal build and count the atomic
//! read-modify-writes of each thread, locks included: `count::read_modify_writes(|| ...)`. What they
//! cannot see is what does not come from here, such as `std`'s `Arc`.
//!
//! # ThreadSanitizer
//!
//! TSan does not understand fences. [`acquire_fence`] therefore asks for a load of the same
//! atomic, and performs it in place of the fence under `--cfg pleach_tsan`.

#![deny(unsafe_code)]

#[cfg(not(any(pleach_loom, pleach_shuttle)))]
#[path = "imp/std.rs"]
mod imp;

#[cfg(pleach_loom)]
#[path = "imp/loom.rs"]
mod imp;

#[cfg(pleach_shuttle)]
#[path = "imp/shuttle.rs"]
mod imp;

#[cfg(pleach_count)]
pub mod count;
#[cfg(any(pleach_loom, pleach_shuttle))]
pub mod model;
#[allow(unsafe_code, reason = "declares and implements an unsafe trait")]
mod shared_allocator;
pub mod stat;

pub use imp::{acquire_fence, compiler_fence, fence, ord};
pub use imp::{alloc, atomic, cell, hint, sync, thread};

/// Returns `real`, or `model` under model checking.
///
/// # Examples
///
/// ```
/// const SLOT_COUNT: usize = pleach_atomic::scaled(128, 2);
/// # assert!(SLOT_COUNT == 128 || cfg!(any(pleach_loom, pleach_shuttle)));
/// ```
#[must_use]
pub const fn scaled(real: usize, model: usize) -> usize {
    if cfg!(any(pleach_loom, pleach_shuttle)) {
        model
    } else {
        real
    }
}

/// Returns `real`, or `model` under model checking: [`scaled`] for counts of 32 bits.
#[must_use]
pub const fn scaled_u32(real: u32, model: u32) -> u32 {
    if cfg!(any(pleach_loom, pleach_shuttle)) {
        model
    } else {
        real
    }
}
