//! `pleach::PathMap`: the map under test, with its default pointer kind and allocator.

use super::{Engine, Value};
use crate::data::Key;
use pleach::PathMap;
use pleach::zipper::{ZipperMoving, ZipperReadOnlyIteration};

impl<V: Value> Engine<V> for PathMap<V> {
    fn put(&mut self, key: Key<'_>, value: V) -> bool {
        self.insert(key.bytes(), value).is_none()
    }

    fn find(&self, key: Key<'_>) -> Option<V> {
        self.get(key.bytes()).copied()
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
}
