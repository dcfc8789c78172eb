//! `blart::TreeMap`: an adaptive radix tree without snapshots, the fastest peer at lookups.
//!
//! No key of it may be a prefix of another. Where the set does not rule that out, keys carry a
//! NUL at their end, in the map as in the probes.

use super::{Engine, OwnedKey, Value};
use crate::data::Key;
use blart::{AsBytes, TreeMap};
use std::borrow::Borrow;

impl<K: OwnedKey + Borrow<[u8]> + AsBytes, V: Value> Engine<V> for TreeMap<K, V> {
    fn put(&mut self, key: Key<'_>, value: V) -> bool {
        let key = K::copy_of(stored::<K>(key));
        self.try_insert(key, value)
            .expect("no key is a prefix of another")
            .is_none()
    }

    fn find(&self, key: Key<'_>) -> Option<V> {
        self.get(stored::<K>(key)).copied()
    }

    fn take(&mut self, key: Key<'_>) -> Option<V> {
        self.remove(stored::<K>(key))
    }

    fn size(&self) -> usize {
        self.len()
    }

    fn visit(&self, mut each: impl FnMut(&[u8], V)) {
        let end = usize::from(!K::FIXED);
        for (key, &value) in self.iter() {
            let key = key.as_ref();
            each(&key[..key.len() - end], value);
        }
    }

    fn scan(&self, prefix: Key<'_>, limit: usize, mut each: impl FnMut(&[u8], V)) {
        let start = prefix.bytes().len();
        let end = usize::from(!K::FIXED);
        for (key, &value) in self.prefix(prefix.bytes()).take(limit) {
            let key = key.as_ref();
            each(&key[start..key.len() - end], value);
        }
    }
}

#[inline]
fn stored<K: OwnedKey>(key: Key<'_>) -> &[u8] {
    if K::FIXED {
        key.bytes()
    } else {
        key.terminated()
    }
}
