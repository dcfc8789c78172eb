//! One allocator for every engine, chosen at the start, with a count of the bytes that a map asks
//! it for.
//!
//! The choice stands in an environment variable, because the first block is asked for before
//! `main` runs; [`Allocator::install`] starts the process anew where it has to. Each call costs one
//! load and two predictable branches more than the allocator itself, the same for every engine:
//! [`overhead`] tells how much that is. The count is kept per thread and only while
//! [`requested_by`] runs.

use crate::clock::thread_time;
use anyhow::{Context, Result};
use clap::ValueEnum;
use mimalloc::MiMalloc;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ffi::CStr;
use std::hint::black_box;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::OnceLock;
use tikv_jemallocator::Jemalloc;

const VARIABLE: &CStr = c"PLEACH_BENCH_ALLOCATOR";

/// The allocator of all engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Allocator {
    /// The C library's.
    System,
    /// mimalloc.
    Mimalloc,
    /// jemalloc.
    Jemalloc,
}

impl Allocator {
    /// Name on the command line and in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Mimalloc => "mimalloc",
            Self::Jemalloc => "jemalloc",
        }
    }

    /// Makes this the process's allocator: returns if it is already, and otherwise starts the
    /// program anew with the same arguments.
    pub(crate) fn install(self) -> Result<()> {
        if chosen() == self {
            return Ok(());
        }
        let program = std::env::current_exe().context("this program has no path")?;
        let failure = Command::new(program)
            .args(std::env::args_os().skip(1))
            .env(VARIABLE.to_str()?, self.name())
            .exec();
        Err(failure).context("cannot start anew with another allocator")
    }

    #[inline]
    fn with<T>(self, call: impl FnOnce(&dyn GlobalAlloc) -> T) -> T {
        match self {
            Self::System => call(&System),
            Self::Mimalloc => call(&MiMalloc),
            Self::Jemalloc => call(&Jemalloc),
        }
    }
}

/// What the environment says; mimalloc if it is silent. Allocates nothing.
#[inline]
fn chosen() -> Allocator {
    static CHOICE: OnceLock<Allocator> = OnceLock::new();
    *CHOICE.get_or_init(|| {
        // SAFETY: the name ends in a NUL; nothing in this program changes the environment.
        let value = unsafe { libc::getenv(VARIABLE.as_ptr()) };
        if value.is_null() {
            return Allocator::Mimalloc;
        }
        // SAFETY: a value of the environment ends in a NUL and stays where it is.
        match unsafe { CStr::from_ptr(value) }.to_bytes() {
            b"system" => Allocator::System,
            b"jemalloc" => Allocator::Jemalloc,
            _ => Allocator::Mimalloc,
        }
    })
}

thread_local! {
    static COUNTING: Cell<bool> = const { Cell::new(false) };
    static LIVE: Cell<isize> = const { Cell::new(0) };
}

/// The chosen allocator, counted on request.
#[derive(Debug)]
pub(crate) struct Counting;

/// Runs `build`; returns what it built and the bytes that this requested and has not given back.
pub(crate) fn requested_by<T>(build: impl FnOnce() -> T) -> (T, isize) {
    LIVE.set(0);
    COUNTING.set(true);
    let built = build();
    COUNTING.set(false);
    (built, LIVE.get())
}

/// Nanoseconds that choice and count add to an allocation and its end: the difference of two
/// minima, or nothing where noise is larger than that.
pub(crate) fn overhead() -> f64 {
    match chosen() {
        Allocator::System => overhead_on(&System),
        Allocator::Mimalloc => overhead_on(&MiMalloc),
        Allocator::Jemalloc => overhead_on(&Jemalloc),
    }
}

fn overhead_on(allocator: &impl GlobalAlloc) -> f64 {
    let tries = (0..20).map(|_| (pair(allocator), pair(&Counting)));
    let (direct, through) = tries.fold((f64::INFINITY, f64::INFINITY), |(a, b), (c, d)| {
        (a.min(c), b.min(d))
    });
    (through - direct).max(0.0)
}

/// Nanoseconds of this thread for a block of 64 bytes and its end.
fn pair(allocator: &impl GlobalAlloc) -> f64 {
    const PAIRS: u32 = 500_000;
    let layout = Layout::new::<[u64; 8]>();
    let start = thread_time();
    for _ in 0..PAIRS {
        // SAFETY: the layout has a size, and the block goes back to where it came from.
        unsafe {
            let block = black_box(allocator.alloc(layout));
            if !block.is_null() {
                allocator.dealloc(block, layout);
            }
        }
    }
    (thread_time() - start).as_secs_f64() * 1e9 / f64::from(PAIRS)
}

#[inline]
fn note(bytes: usize, sign: isize) {
    if COUNTING.get() {
        LIVE.set(LIVE.get() + sign * bytes.cast_signed());
    }
}

// SAFETY: every call goes to one allocator, the same from the first to the last, with its
// arguments unchanged, and its answer comes back unchanged. Neither `note` nor `chosen` allocates
// or unwinds: the thread-locals are constant-initialized and have no destructor.
unsafe impl GlobalAlloc for Counting {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size(), 1);
        // SAFETY: the caller's promise is passed on.
        chosen().with(|allocator| unsafe { allocator.alloc(layout) })
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(layout.size(), 1);
        // SAFETY: as in `alloc`.
        chosen().with(|allocator| unsafe { allocator.alloc_zeroed(layout) })
    }

    #[inline]
    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        note(layout.size(), -1);
        // SAFETY: as in `alloc`; `ptr` came from the chosen allocator, as every block here does.
        chosen().with(|allocator| unsafe { allocator.dealloc(ptr, layout) });
    }

    #[inline]
    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        note(layout.size(), -1);
        note(new_size, 1);
        // SAFETY: as in `dealloc`.
        chosen().with(|allocator| unsafe { allocator.realloc(ptr, layout, new_size) })
    }
}
