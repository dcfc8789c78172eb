//! The strings in order: a trie that catches up with the mapping when it is asked for.

use std::sync::PoisonError;

use pleach_atomic::sync::Mutex;
use pleach_trie::PathMap;

use crate::Symbol;
use crate::iter::of_slot;
use crate::raw::store::{SLOT_COUNT, Store};

/// All strings up to some, in a trie.
#[derive(Default)]
pub(crate) struct Ordered {
    view: Mutex<View>,
}

#[derive(Default)]
struct View {
    map: PathMap<Symbol>,
    /// Up to which index the symbols of each slot are in the map.
    seen: Vec<u64>,
}

impl Ordered {
    /// A snapshot of the map, after what is new has been added.
    pub(crate) fn up_to_date(&self, store: &Store) -> PathMap<Symbol> {
        let view = self.view.lock();
        let mut view = view.unwrap_or_else(PoisonError::into_inner);
        let View { map, seen } = &mut *view;
        seen.resize(SLOT_COUNT, 0);
        for (slot, seen) in seen.iter_mut().enumerate() {
            let end = store.end_of(slot);
            for (symbol, bytes) in of_slot(store, slot, *seen, end) {
                map.insert(bytes, symbol);
            }
            *seen = end;
        }
        map.clone()
    }

    /// How many strings are in the map.
    pub(crate) fn len(&self) -> usize {
        let view = self.view.lock();
        view.unwrap_or_else(PoisonError::into_inner).map.len()
    }
}
