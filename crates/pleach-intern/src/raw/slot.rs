//! A slot: where one thread at a time appends strings.

use pleach_atomic::atomic::{AtomicU64, Ordering};
use pleach_atomic::cell::UnsafeCell;
use pleach_atomic::ord;

use super::record::Slab;
use crate::{InternError, ThreadPermission};

/// One writer's place, on cache lines of its own.
#[repr(align(128))]
pub(crate) struct Slot {
    /// Held by whoever appends.
    pub(crate) permission: ThreadPermission,
    /// The first unit behind all records. Written by the holder alone; all may read.
    end: AtomicU64,
    /// How many symbols were issued here, and the bytes of their strings, likewise.
    issued: AtomicU64,
    text_bytes: AtomicU64,
    /// Strings that have memory of their own. Touched by the holder alone.
    long: UnsafeCell<Vec<Slab>>,
    long_bytes: AtomicU64,
}

// SAFETY: `long` is touched by the holder of `permission` alone, as `keep_long` demands.
unsafe impl Sync for Slot {}

impl Slot {
    pub(crate) fn new() -> Self {
        Self {
            permission: ThreadPermission::new(),
            end: AtomicU64::new(0),
            issued: AtomicU64::new(0),
            text_bytes: AtomicU64::new(0),
            long: UnsafeCell::new(Vec::new()),
            long_bytes: AtomicU64::new(0),
        }
    }

    /// How many symbols were issued here; at least as many as the caller knows of.
    #[inline]
    pub(crate) fn issued(&self) -> u64 {
        // Relaxed: a count. Here and below, what is not the end publishes nothing.
        self.issued.load(Ordering::Relaxed)
    }

    /// The first unit behind all records; those before it are marked.
    #[inline]
    pub(crate) fn end(&self) -> u64 {
        // Acquire (INT-12): a walk up to here misses no mark; pairs with INT-11.
        self.end.load(ord("INT-12", Ordering::Acquire))
    }

    /// Bytes of strings.
    pub(crate) fn text_bytes(&self) -> u64 {
        self.text_bytes.load(Ordering::Relaxed)
    }

    /// Bytes of strings that have memory of their own.
    pub(crate) fn long_bytes(&self) -> u64 {
        self.long_bytes.load(Ordering::Relaxed)
    }

    /// Counts a string of `len` bytes that was marked, and goes on behind it; for the holder alone.
    pub(crate) fn advance(&self, end: u64, len: usize) {
        let text = self.text_bytes() + len as u64;
        self.text_bytes.store(text, Ordering::Relaxed);
        self.issued.store(self.issued() + 1, Ordering::Relaxed);
        // Release (INT-11): who sees the end sees all marks before it; pairs with INT-12.
        self.end.store(end, ord("INT-11", Ordering::Release));
    }

    /// Makes sure that another long string can be kept.
    ///
    /// # Errors
    ///
    /// [`InternError::OutOfMemory`].
    ///
    /// # Safety
    ///
    /// The caller holds `permission`, or what stands for it.
    pub(crate) unsafe fn reserve_long(&self) -> Result<(), InternError> {
        // SAFETY: the caller is the only one here.
        let reserved = self.long.with_mut(|long| unsafe { (*long).try_reserve(1) });
        let asked = size_of::<Slab>();
        reserved.map_err(|_| InternError::OutOfMemory { asked })
    }

    /// Keeps the memory of a long string until the slot is dropped.
    ///
    /// # Safety
    ///
    /// The caller holds `permission`, or what stands for it.
    pub(crate) unsafe fn keep_long(&self, slab: Slab) {
        let bytes = self.long_bytes() + slab.size() as u64;
        self.long_bytes.store(bytes, Ordering::Relaxed);
        // SAFETY: the caller is the only one here.
        self.long.with_mut(|long| unsafe { (*long).push(slab) });
    }
}
