//! `pleach::PathMap`: the map under test, with its default pointer kind and allocator.

use super::{Engine, Value};
use crate::data::{Key, Keys};
use pleach::PathMap;
use pleach::zipper::{ZipperMoving, ZipperReadOnlyIteration, ZipperValues};

impl<V: Value> Engine<V> for PathMap<V> {
    fn put(&mut self, key: Key<'_>, value: V) -> bool {
        self.insert(key.bytes(), value).is_none()
    }

    fn load(keys: &Keys) -> Self {
        let entries = keys.iter();
        entries.map(|(key, index)| (key, V::at(index))).collect()
    }

    fn find(&self, key: Key<'_>) -> Option<V> {
        self.get(key.bytes()).copied()
    }

    fn find_group(&self, keys: &[Key<'_>]) -> u64 {
        let values = self.get_many(keys).into_iter().flatten();
        values.map(|value| value.number()).sum()
    }

    fn take(&mut self, key: Key<'_>) -> Option<V> {
        self.remove(key.bytes())
    }

    fn size(&self) -> usize {
        self.len()
    }

    fn visit(&self, mut each: impl FnMut(&[u8], V)) {
        let mut zipper = self.read_zipper();
        while let Some(&value) = zipper.to_next_get_val() {
            each(zipper.path(), value);
        }
    }

    fn visit_owned(&self, mut each: impl FnMut(Vec<u8>, V)) {
        for (key, &value) in self.iter() {
            each(key, value);
        }
    }

    fn scan(&self, prefix: Key<'_>, limit: usize, mut each: impl FnMut(&[u8], V)) {
        let mut zipper = self.read_zipper_at_path(prefix.bytes());
        let mut left = limit;
        // The walk leaves out the place where it starts.
        if let Some(&value) = zipper.val() {
            each(&[], value);
            left -= 1;
        }
        while left > 0
            && let Some(&value) = zipper.to_next_get_val()
        {
            each(zipper.path(), value);
            left -= 1;
        }
    }
}
