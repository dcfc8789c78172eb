//! From symbols to bytes: slots that append, and pages that say where.
//!
//! Whoever appends to a slot holds its permission; for the overflow slot, the lock beside it. A
//! [`Claim`] is that right, and the only way to append.

use std::array;
use std::cell::Cell;
use std::ptr::NonNull;
use std::sync::PoisonError;

use pleach_atomic::sync::{Mutex, MutexGuard};
use pleach_atomic::{scaled, thread};

use super::index::Index;
use super::pages::{INDEX_END, Pages, Room};
use super::record::{LEN_MAX, Slab, write, write_elsewhere};
use super::slot::Slot;
use super::sought::Sought;
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

/// Strings and their symbols, both ways.
///
/// Invariant: a symbol goes into the index after it was issued by this store, in the same thread.
pub(crate) struct Store {
    /// Beside the slots, whose lines are written to all the time: these are mostly read.
    pages: [Pages; SLOT_COUNT],
    slots: Box<[Slot]>,
    index: Index,
    /// Held by whoever writes in the overflow slot.
    overflow: Mutex<()>,
    limits: Limits,
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
    room: Room<'c>,
    len: usize,
    /// The string, where it has memory of its own.
    long: Option<Slab>,
}

impl Store {
    /// A store without strings.
    pub(crate) fn new(limits: Limits) -> Self {
        let limits = Limits {
            len_max: limits.len_max.min(LEN_MAX),
            symbols_per_slot_max: limits.symbols_per_slot_max.min(INDEX_END),
        };
        Self {
            pages: array::from_fn(|_| Pages::new()),
            slots: (0..SLOT_COUNT).map(|_| Slot::new()).collect(),
            index: Index::new(),
            overflow: Mutex::new(()),
            limits,
        }
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    /// The bytes of a symbol that was issued here.
    #[inline]
    pub(crate) fn get(&self, symbol: Symbol) -> Option<&[u8]> {
        self.pages.get(symbol.slot())?.bytes(symbol.index())
    }

    /// The symbol of a string with this hash. Takes no lock and writes nothing.
    #[inline]
    pub(crate) fn find(&self, hash: u64, sought: &Sought<'_>) -> Option<Symbol> {
        // SAFETY: the index gives symbols that are in it.
        let is_it = |symbol| unsafe { self.is_it(symbol, sought) };
        self.index.find(hash, is_it)
    }

    /// Makes an issued symbol's string be found by this hash; the symbol by which it is found then.
    ///
    /// # Errors
    ///
    /// [`InternError`], if there is no room.
    pub(crate) fn enter(
        &self,
        symbol: Symbol,
        hash: u64,
        sought: &Sought<'_>,
    ) -> Result<Symbol, InternError> {
        assert!(self.get(symbol).is_some(), "it was never issued");
        // SAFETY: the index gives symbols that are in it.
        let is_it = |other| unsafe { self.is_it(other, sought) };
        self.index.find_or_insert(hash, is_it, || symbol)
    }

    /// Whether a symbol of the index stands for these bytes.
    ///
    /// # Safety
    ///
    /// The index gave this symbol.
    #[inline(always)]
    unsafe fn is_it(&self, symbol: Symbol, sought: &Sought<'_>) -> bool {
        // SAFETY: the symbol was issued here, and what the index says was acquired, so all that was
        // done for the symbol before it was put there happened before.
        let pages = unsafe { self.pages.get_unchecked(symbol.slot()) };
        // SAFETY: as above.
        sought.is(unsafe { pages.bytes_of_issued(symbol.index()) })
    }

    pub(crate) fn index(&self) -> &Index {
        &self.index
    }

    /// The first symbol of a slot from an index on, and before `end`.
    pub(crate) fn next_of(&self, slot: usize, from: u64, end: u64) -> Option<Symbol> {
        let index = self.pages.get(slot)?.next_marked(from, end)?;
        Some(Symbol::new(slot, index))
    }

    /// The index behind all symbols of a slot that the caller knows of.
    pub(crate) fn end_of(&self, slot: usize) -> u64 {
        self.slots.get(slot).map_or(0, Slot::end)
    }

    /// The slots, and what each has of pages.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (&Slot, &Pages)> {
        self.slots.iter().zip(&self.pages)
    }

    /// What this takes beside pages and slabs.
    pub(crate) fn fixed_bytes(&self) -> usize {
        size_of_val(&*self.slots) + size_of_val(&self.pages)
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

    /// Claims a slot of a store that nobody else has.
    ///
    /// # Errors
    ///
    /// [`InternError::SymbolSpaceExhausted`], if there is no such slot.
    pub(crate) fn own(&mut self, slot: usize) -> Result<Claim<'_>, InternError> {
        if slot >= SLOT_COUNT {
            return Err(InternError::SymbolSpaceExhausted);
        }
        Ok(Claim {
            store: self,
            slot,
            right: Right::Lent,
        })
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
        if self.store.fills(slot) {
            return Err(InternError::SymbolSpaceExhausted);
        }
        // SAFETY: the claim is the only one, and `advance` moved the end behind all that is marked.
        let room = unsafe { self.store.pages[self.slot].make_room(slot.end(), len) }?;
        let mut long = None;
        if room.elsewhere {
            // SAFETY: the claim is the only one.
            unsafe { slot.reserve_long() }?;
            let slab = Slab::new(len)?;
            let place = slab.start();
            // SAFETY: the slab is new and has as many bytes.
            unsafe { place.copy_from_nonoverlapping(NonNull::from(bytes).cast(), len) };
            // SAFETY: room was made for such a record, and only this claim has it. The slab goes
            // to the slot before the record is marked. The length was checked.
            unsafe { write_elsewhere(room.record, place, len) };
            long = Some(slab);
        } else {
            // SAFETY: room was made for the record, and only this claim has it. The length was
            // checked.
            unsafe { write(room.record, bytes) };
        }
        Ok(Draft {
            claim: self,
            room,
            len,
            long,
        })
    }
}

impl Draft<'_> {
    /// The symbol of the string, if somebody was faster, or else a new one, by which it is found from
    /// now on. Locks a shard of the index.
    ///
    /// # Errors
    ///
    /// [`InternError`], if there is no room.
    pub(crate) fn find_or_issue(
        self,
        hash: u64,
        sought: &Sought<'_>,
    ) -> Result<Symbol, InternError> {
        let store = self.claim.store;
        // SAFETY: the index gives symbols that are in it.
        let is_it = |symbol| unsafe { store.is_it(symbol, sought) };
        store.index.find_or_insert(hash, is_it, || self.issue())
    }

    /// Gives the string its symbol. From now on the symbol resolves.
    pub(crate) fn issue(self) -> Symbol {
        let Claim { store, slot, .. } = *self.claim;
        let Room { index, end, .. } = self.room;
        if let Some(long) = self.long {
            // SAFETY: the claim is the only one.
            unsafe { store.slots[slot].keep_long(long) };
        }
        // SAFETY: the claim is the only one. The record was written by the draft, which borrows the
        // claim exclusively, so nothing was written over it; what comes is written behind `end`.
        unsafe { self.room.mark() };
        store.slots[slot].advance(end, self.len);
        Symbol::new(slot, index)
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        if matches!(self.right, Right::Taken) {
            self.store.slots[self.slot].permission.release();
        }
    }
}
