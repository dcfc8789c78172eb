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
    index: u64,
}

impl<'a> Iter<'a> {
    pub(crate) fn new(store: &'a Store) -> Self {
        Self {
            store,
            slot: 0,
            index: 0,
        }
    }

    /// The symbols of one slot from an index on.
    pub(crate) fn of_slot(
        store: &'a Store,
        slot: usize,
        from: u64,
    ) -> impl Iterator<Item = (Symbol, &'a [u8])> + use<'a> {
        // Not as many as are counted: what counts is whether the bytes are there.
        let indices = (from..).map_while(|index| u32::try_from(index).ok());
        indices.map_while(move |index| {
            let symbol = Symbol::new(slot, index);
            Some((symbol, store.get(symbol)?))
        })
    }
}

impl<'a> Iterator for Iter<'a> {
    type Item = (Symbol, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        while self.slot < SLOT_COUNT {
            let mut rest = Self::of_slot(self.store, self.slot, self.index);
            if let Some(item) = rest.next() {
                self.index += 1;
                return Some(item);
            }
            (self.slot, self.index) = (self.slot + 1, 0);
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
