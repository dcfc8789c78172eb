//! `pathmap::PathMap`: the neighbour that comes closest, with zippers and free clones.

use super::{Engine, Value};
use crate::data::Key;
use pathmap::PathMap;
use pathmap::zipper::{ZipperMoving, ZipperReadOnlyIteration, ZipperValues};

impl<V: Value> Engine<V> for PathMap<V> {
    fn put(&mut self, key: Key<'_>, value: V) -> bool {
        self.insert(key.bytes(), value).is_none()
    }

    fn find(&self, key: Key<'_>) -> Option<V> {
        self.get(key.bytes()).copied()
    }

    fn take(&mut self, key: Key<'_>) -> Option<V> {
        self.remove(key.bytes())
    }

    fn size(&self) -> usize {
        self.val_count()
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
