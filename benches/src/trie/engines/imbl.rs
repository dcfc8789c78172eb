//! `imbl::OrdMap`: a persistent B-tree, the peer whose clone is also free.
//!
//! Keys are counted slices, since a copied node clones its keys.

use super::{Engine, OwnedKey, Value};
use crate::data::{Key, Keys};
use imbl::OrdMap;
use std::borrow::Borrow;
use std::ops::Bound;
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

    fn load(keys: &Keys) -> Self {
        let entries = keys.iter();
        entries
            .map(|(key, index)| (K::copy_of(key.bytes()), V::at(index)))
            .collect()
    }

    fn find(&self, key: Key<'_>) -> Option<V> {
        self.get(key.bytes()).copied()
    }

    fn take(&mut self, key: Key<'_>) -> Option<V> {
        self.remove(key.bytes())
    }

    fn size(&self) -> usize {
        self.len()
    }

    fn visit(&self, mut each: impl FnMut(&[u8], V)) {
        for (key, &value) in self {
            each(key.as_ref(), value);
        }
    }

    fn scan(&self, prefix: Key<'_>, limit: usize, mut each: impl FnMut(&[u8], V)) {
        let prefix = prefix.bytes();
        let range = self.range::<_, [u8]>((Bound::Included(prefix), Bound::Unbounded));
        let keys = range.map(|(key, &value)| (key.as_ref().strip_prefix(prefix), value));
        for (rest, value) in keys.take(limit) {
            let Some(rest) = rest else { break };
            each(rest, value);
        }
    }
}
