//! Permits: slots that stay with their holders.

use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;

use crate::{InternError, PermitError, SharedMappingHandle, Symbol};

/// A slot of a mapping, for one writer as long as the permit lives.
///
/// For threads that intern much: strings of one permit lie side by side, and an insertion need not
/// take a slot and give it back. It may go from thread to thread, but serves one at a time; dropped,
/// its slot is there for others. It keeps its mapping alive.
pub struct WritePermit {
    mapping: SharedMappingHandle,
    slot: usize,
    /// Insertions through a shared permit would meet in its slot.
    not_sync: PhantomData<Cell<()>>,
}

impl WritePermit {
    pub(crate) fn new(mapping: &SharedMappingHandle) -> Result<Self, PermitError> {
        Ok(Self {
            slot: mapping.store.hold()?,
            mapping: mapping.clone(),
            not_sync: PhantomData,
        })
    }

    /// Returns the symbol of `bytes`, and makes one if they have none.
    ///
    /// # Panics
    ///
    /// If [`try_intern`](Self::try_intern) fails.
    #[inline]
    #[track_caller]
    pub fn intern(&self, bytes: impl AsRef<[u8]>) -> Symbol {
        match self.try_intern(bytes) {
            Ok(symbol) => symbol,
            Err(error) => panic!("{error}"),
        }
    }

    /// Returns the symbol of `bytes`, and makes one if they have none: [`intern`](Self::intern).
    ///
    /// # Panics
    ///
    /// If [`try_intern`](Self::try_intern) fails.
    #[inline]
    #[track_caller]
    pub fn get_sym_or_insert(&self, bytes: impl AsRef<[u8]>) -> Symbol {
        self.intern(bytes)
    }

    /// Returns the symbol of `bytes`, and makes one if they have none.
    ///
    /// Where the permit's slot has no symbol left, as
    /// [`SharedMapping::try_intern`](crate::SharedMapping::try_intern) does.
    ///
    /// # Errors
    ///
    /// [`InternError`], after which the mapping is as it was.
    pub fn try_intern(&self, bytes: impl AsRef<[u8]>) -> Result<Symbol, InternError> {
        let bytes = bytes.as_ref();
        let store = &self.mapping.store;
        self.mapping.intern_by(bytes, || {
            if store.is_full(self.slot) {
                return store.claim();
            }
            // SAFETY: the slot is ours until we are dropped. We are not `Sync`, and no code of the
            // user's runs before this insertion is over, so it is lent once at a time.
            Ok(unsafe { store.lend(self.slot) })
        })
    }

    /// Returns the mapping.
    #[must_use]
    pub fn mapping(&self) -> &SharedMappingHandle {
        &self.mapping
    }
}

impl Drop for WritePermit {
    fn drop(&mut self) {
        self.mapping.store.give_back(self.slot);
    }
}

impl fmt::Debug for WritePermit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WritePermit")
            .field("slot", &self.slot)
            .finish_non_exhaustive()
    }
}
