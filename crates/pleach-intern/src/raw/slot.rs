//! A slot: where one thread at a time appends strings.

use std::fmt;
use std::ptr::NonNull;

use pleach_atomic::atomic::{AtomicU64, Ordering};
use pleach_atomic::cell::UnsafeCell;
use pleach_atomic::scaled;

use super::record::{Slab, header_len, write};
use crate::{InternError, ThreadPermission};

/// The sizes of the slabs of a slot, from the first on.
const SLAB_MIN: usize = scaled(1 << 10, 8);
const SLAB_MAX: usize = 1 << 20;

/// One writer's place, on cache lines of its own.
#[repr(align(128))]
pub(crate) struct Slot {
    /// Held by whoever may touch `writer`.
    pub(crate) permission: ThreadPermission,
    /// How many symbols were issued here. Written by the holder alone; all may read.
    issued: AtomicU64,
    /// Bytes of text and bytes of slabs here, likewise.
    text_bytes: AtomicU64,
    slab_bytes: AtomicU64,
    /// Touched by the holder of `permission` alone.
    writer: UnsafeCell<Writer>,
}

// SAFETY: `writer` is touched by the holder of `permission` alone, as `with_writer` demands.
unsafe impl Sync for Slot {}

/// The memory a slot appends to.
struct Writer {
    /// Where the next record goes: `left` bytes of the last slab that is open, never written before.
    next: NonNull<u8>,
    left: usize,
    /// All memory of this slot, freed with it, and how much it is.
    slabs: Vec<Slab>,
    slab_bytes: usize,
}

/// A record that is written and not yet anybody's.
pub(crate) struct Staged {
    pub(crate) record: NonNull<u8>,
    size: usize,
    text: usize,
    /// Memory of its own, for a record that is too large to share some.
    own: Option<Slab>,
}

/// How much of what a slot holds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SlotBytes {
    pub(crate) text: u64,
    pub(crate) slabs: u64,
}

impl Slot {
    pub(crate) fn new() -> Self {
        Self {
            permission: ThreadPermission::new(),
            issued: AtomicU64::new(0),
            text_bytes: AtomicU64::new(0),
            slab_bytes: AtomicU64::new(0),
            writer: UnsafeCell::new(Writer {
                next: NonNull::dangling(),
                left: 0,
                slabs: Vec::new(),
                slab_bytes: 0,
            }),
        }
    }

    /// How many symbols were issued here; at least as many as the caller knows of.
    #[inline]
    pub(crate) fn issued(&self) -> u64 {
        // Relaxed: a count; that the strings are there, their entries say.
        self.issued.load(Ordering::Relaxed)
    }

    pub(crate) fn bytes(&self) -> SlotBytes {
        SlotBytes {
            text: self.text_bytes.load(Ordering::Relaxed),
            slabs: self.slab_bytes.load(Ordering::Relaxed),
        }
    }

    /// Writes a record that nobody sees yet.
    ///
    /// # Errors
    ///
    /// [`InternError::OutOfMemory`].
    ///
    /// # Safety
    ///
    /// The caller holds `permission`, or what stands for it. `bytes` are no longer than a record's.
    pub(crate) unsafe fn stage(&self, bytes: &[u8]) -> Result<Staged, InternError> {
        let size = header_len(bytes.len()) + bytes.len();
        self.writer.with_mut(|writer| {
            // SAFETY: the caller is the only one here.
            let writer = unsafe { &mut *writer };
            let (record, own) = writer.room(size)?;
            // SAFETY: `size` bytes are there that nobody was given, and the caller's promise.
            unsafe { write(record, bytes) };
            let text = bytes.len();
            Ok(Staged {
                record,
                size,
                text,
                own,
            })
        })
    }

    /// Keeps a record.
    ///
    /// # Safety
    ///
    /// The caller holds what it held when it staged the record here, and has staged nothing since.
    pub(crate) unsafe fn keep(&self, staged: Staged) {
        self.writer.with_mut(|writer| {
            // SAFETY: the caller is the only one here.
            let writer = unsafe { &mut *writer };
            writer.keep(staged.size, staged.own);
            // Relaxed: only the holder writes here, and nobody concludes anything.
            let slabs = writer.slab_bytes as u64;
            self.slab_bytes.store(slabs, Ordering::Relaxed);
        });
        self.count(staged.text);
    }

    /// Counts a symbol and its text; for the holder alone.
    pub(crate) fn count(&self, text: usize) {
        let issued = self.issued();
        self.issued.store(issued + 1, Ordering::Relaxed);
        let texts = self.bytes().text + text as u64;
        self.text_bytes.store(texts, Ordering::Relaxed);
    }
}

impl Writer {
    /// Room for a record, and its own slab if it gets one.
    fn room(&mut self, size: usize) -> Result<(NonNull<u8>, Option<Slab>), InternError> {
        if size <= self.left {
            return Ok((self.next, None));
        }
        // A place for the slab in the list, so that to keep a record cannot fail.
        let refused = InternError::OutOfMemory {
            asked: size_of::<Slab>(),
        };
        self.slabs.try_reserve(1).map_err(|_| refused)?;
        // A fifth of the memory of a slot lies idle at most, but for its first slab.
        let open = (self.slab_bytes / 4).clamp(SLAB_MIN, SLAB_MAX);
        if size > open / 4 {
            let slab = Slab::new(size)?;
            return Ok((slab.start(), Some(slab)));
        }
        let slab = Slab::new(open)?;
        self.next = slab.start();
        self.left = slab.size();
        self.add(slab);
        Ok((self.next, None))
    }

    fn add(&mut self, slab: Slab) {
        self.slab_bytes += slab.size();
        self.slabs.push(slab);
    }

    fn keep(&mut self, size: usize, own: Option<Slab>) {
        match own {
            Some(slab) => self.add(slab),
            None => {
                // SAFETY: the record was given the first `size` of `left` bytes from here on.
                self.next = unsafe { self.next.add(size) };
                self.left -= size;
            }
        }
    }
}

// SAFETY: a writer owns the memory it points to.
unsafe impl Send for Writer {}

// SAFETY: a staged record's memory is its slab's, which goes with it, or the slot's.
unsafe impl Send for Staged {}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot")
            .field("issued", &self.issued())
            .field("bytes", &self.bytes())
            .finish_non_exhaustive()
    }
}
