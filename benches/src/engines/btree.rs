//! `BTreeMap`: the ordered map at hand, and the fastest to iterate.

use super::{Engine, OwnedKey, Value};
use crate::data::Key;
use std::borrow::Borrow;
use std::collections::BTreeMap;

impl<K: OwnedKey + Borrow<[u8]>, V: Value> Engine<V> for BTreeMap<K, V> {
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
