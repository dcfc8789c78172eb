//! Walks over all symbols.

use std::fmt;
use std::iter::FusedIterator;

use crate::Symbol;
use crate::raw::store::{SLOT_COUNT, Store};

/// The symbols of a mapping with their bytes, in the order of the symbols.
///
/// Made by [`SharedMapping::iter`](crate::SharedMapping::iter).
#[derive(Clone)]
pub struct Iter<'a> {
    store: &'a Store,
    slot: usize,
    /// How far the walk is in the slot, and where it ends.
    next: u64,
    end: u64,
}

impl<'a> Iter<'a> {
    pub(crate) fn new(store: &'a Store) -> Self {
        Self {
            store,
            slot: 0,
            next: 0,
            end: store.end_of(0),
        }
    }
}

/// The symbols of one slot between two indices.
pub(crate) fn of_slot(
    store: &Store,
    slot: usize,
    mut next: u64,
    end: u64,
) -> impl Iterator<Item = (Symbol, &[u8])> {
    std::iter::from_fn(move || {
        let symbol = store.next_of(slot, next, end)?;
        next = u64::from(symbol.index()) + 1;
        Some((symbol, store.get(symbol)?))
    })
}

impl<'a> Iterator for Iter<'a> {
    type Item = (Symbol, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        while self.slot < SLOT_COUNT {
            if let Some(symbol) = self.store.next_of(self.slot, self.next, self.end) {
                self.next = u64::from(symbol.index()) + 1;
                return Some((symbol, self.store.get(symbol)?));
            }
            self.slot += 1;
            (self.next, self.end) = (0, self.store.end_of(self.slot));
        }
        None
    }
}

impl FusedIterator for Iter<'_> {}

impl fmt::Debug for Iter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone().take(100)).finish()
    }
}
