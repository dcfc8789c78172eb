//! `imbl::OrdMap`: a persistent B-tree, the peer whose clone is also free.
//!
//! Keys are counted slices, since a copied node clones its keys.

use super::{Engine, OwnedKey, Value};
use crate::data::Key;
use imbl::OrdMap;
use std::borrow::Borrow;
use std::sync::Arc;

impl OwnedKey for Arc<[u8]> {
    const FIXED: bool = false;
    fn copy_of(bytes: &[u8]) -> Self {
        bytes.into()
    }
}

impl<K: OwnedKey + Borrow<[u8]>, V: Value> Engine<V> for OrdMap<K, V> {
    fn put(&mut self, key: Key<'_>, value: V) -> bool {
        self.insert(K::copy_of(key.bytes()), value).is_none()
    }

    fn find(&self, key: Key<'_>) -> Option<V> {
        self.get(key.bytes()).copied()
    }

    fn size(&self) -> usize {
        self.len()
    }

    fn visit(&self, mut each: impl FnMut(&[u8], V)) {
        for (key, &value) in self {
            each(key.as_ref(), value);
        }
    }
}
