//! From symbols to bytes: slots that append, and entries that say where.
//!
//! Invariants:
//!
//! 1. Whoever appends to a slot holds its permission; for the overflow slot, the lock beside it.
//! 2. Records live, and are not written to, until the store is dropped.
//! 3. The entries of a slot with an index below its count are published, the others are not.

use std::cell::Cell;
use std::ptr::NonNull;
use std::sync::PoisonError;

use pleach_atomic::sync::{Mutex, MutexGuard};
use pleach_atomic::{scaled, thread};

use super::pages::{INDEX_END, Pages};
use super::record::{LEN_MAX, read_header};
use super::slot::{Slot, Staged};
use crate::{InternError, Limits, PermitError, Symbol};

/// How many slots there are for writers: so many threads and permits write without waiting for each
/// other. Each slot has cache lines of its own.
pub const MAX_WRITER_THREADS: usize = scaled(128, 2);

/// The slot behind those of writers, for insertions that find all of them held.
const OVERFLOW: usize = MAX_WRITER_THREADS;

/// How many slots there are.
pub(crate) const SLOT_COUNT: usize = MAX_WRITER_THREADS + 1;

/// Who holds a slot, as its permission has it.
const INSERTION: u64 = 1;
const PERMIT: u64 = 2;

thread::thread_local! {
    /// The slot in which this thread wrote last, in whichever mapping: where it looks first.
    #[allow(clippy::missing_const_for_thread_local, reason = "loom's macro has no const")]
    static LAST_SLOT: Cell<usize> = Cell::new(0);
}

/// Strings by their symbols.
pub(crate) struct Store {
    /// Beside the slots, whose lines are written to all the time: these are mostly read.
    pages: Box<[Pages]>,
    slots: Box<[Slot]>,
    /// Held by whoever writes in the overflow slot.
    overflow: Mutex<()>,
    limits: Limits,
    /// The file that some of the entries may point into.
    file: Vec<u8>,
}

/// The right to append to one slot, given back when it goes.
pub(crate) struct Claim<'s> {
    store: &'s Store,
    slot: usize,
    right: Right<'s>,
}

/// Why a [`Claim`] is the only one for its slot.
enum Right<'s> {
    /// It took the slot's permission.
    Taken,
    /// A permit holds the slot, and lends it.
    Lent,
    /// It holds the lock of the overflow slot.
    Overflow { _guard: MutexGuard<'s, ()> },
}

/// A string that is written, and has no symbol yet.
pub(crate) struct Draft<'c> {
    claim: &'c Claim<'c>,
    staged: Staged,
    index: u32,
}

impl Store {
    /// A store without strings.
    pub(crate) fn new(limits: Limits) -> Self {
        let limits = Limits {
            len_max: limits.len_max.min(LEN_MAX),
            symbols_per_slot_max: limits.symbols_per_slot_max.min(INDEX_END),
        };
        Self {
            pages: (0..SLOT_COUNT).map(|_| Pages::new()).collect(),
            slots: (0..SLOT_COUNT).map(|_| Slot::new()).collect(),
            overflow: Mutex::new(()),
            limits,
            file: Vec::new(),
        }
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    /// The bytes of a symbol that was issued here.
    #[inline]
    pub(crate) fn get(&self, symbol: Symbol) -> Option<&[u8]> {
        let pages = self.pages.get(symbol.slot())?;
        pages.entry(symbol.index())?.bytes()
    }

    /// The slots, and what each has of pages.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (&Slot, &Pages)> {
        self.slots.iter().zip(&self.pages)
    }

    /// What this takes beside pages and slabs.
    pub(crate) fn fixed_bytes(&self) -> usize {
        size_of_val(&*self.slots) + size_of_val(&*self.pages)
    }

    /// Takes a slot for one insertion. Waits for no slot, and for the overflow slot only as long as
    /// an insertion takes.
    ///
    /// # Errors
    ///
    /// [`InternError::SymbolSpaceExhausted`].
    pub(crate) fn claim(&self) -> Result<Claim<'_>, InternError> {
        let last = LAST_SLOT.with(Cell::get);
        let slot = match self.take(last, INSERTION) {
            true => last,
            false => match (0..MAX_WRITER_THREADS).find(|&slot| self.take(slot, INSERTION)) {
                Some(slot) => slot,
                None => return self.claim_overflow(),
            },
        };
        LAST_SLOT.with(|last| last.set(slot));
        Ok(Claim {
            store: self,
            slot,
            right: Right::Taken,
        })
    }

    #[cold]
    fn claim_overflow(&self) -> Result<Claim<'_>, InternError> {
        let guard = self.overflow.lock();
        let guard = guard.unwrap_or_else(PoisonError::into_inner);
        if self.is_full(OVERFLOW) {
            return Err(InternError::SymbolSpaceExhausted);
        }
        Ok(Claim {
            store: self,
            slot: OVERFLOW,
            right: Right::Overflow { _guard: guard },
        })
    }

    /// Takes a slot for a permit.
    ///
    /// # Errors
    ///
    /// [`PermitError::AllHeld`] if permits hold all slots that are not full.
    pub(crate) fn hold(&self) -> Result<usize, PermitError> {
        loop {
            let found = (0..MAX_WRITER_THREADS).find(|&slot| self.take(slot, PERMIT));
            if let Some(slot) = found {
                return Ok(slot);
            }
            let comes_back = |slot: &Slot| slot.permission.owner() != Some(PERMIT);
            let candidates = self.slots[..MAX_WRITER_THREADS].iter();
            let mut candidates = candidates.filter(|slot| !self.fills(slot));
            if !candidates.any(comes_back) {
                return Err(PermitError::AllHeld {
                    slots: MAX_WRITER_THREADS,
                });
            }
            // Somebody is in the middle of an insertion.
            thread::yield_now();
        }
    }

    /// Takes a slot unless it is held or full.
    fn take(&self, slot: usize, owner: u64) -> bool {
        let Some(place) = self.slots[..MAX_WRITER_THREADS].get(slot) else {
            return false;
        };
        if self.fills(place) || !place.permission.acquire(owner) {
            return false;
        }
        if self.fills(place) {
            place.permission.release();
            return false;
        }
        true
    }

    /// Gives back a slot that was taken by [`hold`](Self::hold).
    pub(crate) fn give_back(&self, slot: usize) {
        self.slots[slot].permission.release();
    }

    /// Lends the slot of a permit to an insertion.
    ///
    /// # Safety
    ///
    /// The caller has `slot` from [`hold`](Self::hold), has not given it back, and lends it to one
    /// insertion at a time.
    pub(crate) unsafe fn lend(&self, slot: usize) -> Claim<'_> {
        Claim {
            store: self,
            slot,
            right: Right::Lent,
        }
    }

    /// Whether a slot has issued all symbols it may.
    pub(crate) fn is_full(&self, slot: usize) -> bool {
        self.slots.get(slot).is_none_or(|slot| self.fills(slot))
    }

    #[inline]
    fn fills(&self, slot: &Slot) -> bool {
        slot.issued() >= self.limits.symbols_per_slot_max
    }

    /// An empty store that keeps the bytes of a file, for entries to point into.
    pub(crate) fn of_file(file: Vec<u8>) -> Self {
        Self {
            file,
            ..Self::new(Limits::default())
        }
    }

    /// The bytes of the file.
    pub(crate) fn file(&self) -> &[u8] {
        &self.file
    }

    /// Issues the next symbol of a slot for the record that begins at a byte of the file.
    ///
    /// # Errors
    ///
    /// [`InternError`], if there is no room.
    ///
    /// # Panics
    ///
    /// If no whole record begins there.
    pub(crate) fn adopt(&mut self, slot: usize, at: usize) -> Result<Symbol, InternError> {
        let rest = &self.file[at..];
        let (len, start) = read_header(rest).expect("a record has a header");
        let record = &rest[..start + len];
        let place = self.slots.get(slot).filter(|place| !self.fills(place));
        let place = place.ok_or(InternError::SymbolSpaceExhausted)?;
        let index = place.issued() as u32;
        // SAFETY: the store is borrowed exclusively.
        let entry = unsafe { self.pages[slot].prepare(index) }?;
        // SAFETY: the record is whole, as just checked, and is in the file, which belongs to the
        // store and is never written to: 2. The store is borrowed exclusively.
        unsafe { entry.publish(NonNull::from(record).cast()) };
        place.count(len);
        Ok(Symbol::new(slot, index))
    }
}

impl Claim<'_> {
    /// Writes a string where nobody sees it yet.
    ///
    /// # Errors
    ///
    /// [`InternError`], and then nothing was written.
    pub(crate) fn draft(&mut self, bytes: &[u8]) -> Result<Draft<'_>, InternError> {
        let (len, max) = (bytes.len(), self.store.limits.len_max);
        if len > max {
            return Err(InternError::TooLong { len, max });
        }
        let slot = &self.store.slots[self.slot];
        let index = u32::try_from(slot.issued()).ok();
        let index = index.filter(|_| !self.store.fills(slot));
        let index = index.ok_or(InternError::SymbolSpaceExhausted)?;
        // SAFETY: 1; the claim is the only one.
        unsafe { self.store.pages[self.slot].prepare(index) }?;
        // SAFETY: 1, and the length was checked against a limit that is no greater than a record's.
        let staged = unsafe { slot.stage(bytes) }?;
        Ok(Draft {
            claim: self,
            staged,
            index,
        })
    }
}

impl Draft<'_> {
    /// Gives the string its symbol. From now on the symbol resolves.
    pub(crate) fn issue(self) -> Symbol {
        let Claim { store, slot, .. } = *self.claim;
        let entry = store.pages[slot].entry(self.index);
        let entry = entry.expect("room was made for it");
        let record = self.staged.record;
        // SAFETY: the record is whole; the slot keeps it and goes on behind it: 2. 1: only we publish.
        unsafe { entry.publish(record) };
        // SAFETY: 1; the draft borrows the claim exclusively, so this was staged last.
        unsafe { store.slots[slot].keep(self.staged) };
        Symbol::new(slot, self.index)
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        if matches!(self.right, Right::Taken) {
            self.store.slots[self.slot].permission.release();
        }
    }
}
