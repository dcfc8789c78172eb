//! The maps under test: by head where the library has one, and behind a lock.

use super::measure::{Data, PARTS, Shared, Writers};
use crate::clock::at_once;
use pathmap::zipper::{
    ZipperCreation, ZipperMoving as _, ZipperReadOnlyIteration as _, ZipperWriting as _,
};
use pleach::zipper::{ZipperMoving as _, ZipperReadOnlyConditionalValues as _, ZipperWriting as _};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::{Mutex, RwLock};
use std::time::Duration;

/// The parts that fall to a thread.
fn mine(thread: usize, threads: usize) -> impl Iterator<Item = usize> {
    (thread..PARTS).step_by(threads)
}

impl Shared for pleach::PathMap<u64> {
    fn filled(data: &Data, threads: usize) -> (Self, Duration) {
        let mut map = Self::new();
        let head = map.zipper_head();
        let (_, wall) = at_once(threads, |thread| {
            for part in mine(thread, threads) {
                let mut writer = head
                    .write_zipper_at_exclusive_path([part as u8])
                    .expect("each part has one writer");
                for (key, value) in data.inner[part].iter() {
                    writer.move_to_path(key.bytes());
                    writer.set_val(value);
                }
            }
        });
        drop(head);
        (map, wall)
    }

    fn find(&self, key: &[u8]) -> Option<u64> {
        self.get(key).copied()
    }

    fn size(&self) -> usize {
        self.len()
    }

    fn collected(entries: &[(&[u8], u64)]) -> Option<Self> {
        Some(entries.par_iter().copied().collect())
    }

    fn writer(&self, measure: &dyn Fn(&dyn Writers) -> f64) -> Option<f64> {
        let mut map = self.clone();
        let head = map.zipper_head();
        Some(measure(&head))
    }

    fn copied(&self, keep: &dyn Fn(u64) -> bool) -> Option<Self> {
        let source = self.read_zipper();
        let witness = source.witness();
        let mut copy = Self::new();
        let mut writer = copy.write_zipper();
        for (key, &value) in source.iter_with_witness(&witness) {
            if keep(value) {
                writer.move_to_path(&key);
                writer.set_val(value);
            }
        }
        drop(writer);
        Some(copy)
    }
}

impl Writers for pleach::zipper::ZipperHead<'_, u64> {
    fn write(&self, path: &[u8], value: Option<u64>) {
        let writer = self.write_zipper_at_exclusive_path(path);
        let mut writer = writer.expect("there is no other writer");
        if value.is_some() {
            writer.set_val(value);
        }
    }
}

impl Shared for pathmap::PathMap<u64> {
    fn filled(data: &Data, threads: usize) -> (Self, Duration) {
        let mut map = Self::new();
        let head = map.zipper_head();
        // Its heads stay on one thread: the writers are made before the threads begin.
        let writers = [0, 1].map(|part: u8| {
            let writer = head.write_zipper_at_exclusive_path([part]);
            Mutex::new(writer.expect("each part has one writer"))
        });
        let (_, wall) = at_once(threads, |thread| {
            for part in mine(thread, threads) {
                let mut writer = writers[part].lock().expect(HEALTHY);
                for (key, value) in data.inner[part].iter() {
                    writer.move_to_path(key.bytes());
                    writer.set_val(value);
                }
            }
        });
        drop(writers);
        drop(head);
        (map, wall)
    }

    fn find(&self, key: &[u8]) -> Option<u64> {
        self.get(key).copied()
    }

    fn size(&self) -> usize {
        self.val_count()
    }

    fn writer(&self, measure: &dyn Fn(&dyn Writers) -> f64) -> Option<f64> {
        let mut map = self.clone();
        let head = map.zipper_head();
        Some(measure(&head))
    }

    fn copied(&self, keep: &dyn Fn(u64) -> bool) -> Option<Self> {
        let mut source = self.read_zipper();
        let mut copy = Self::new();
        let mut writer = copy.write_zipper();
        // Its borrowed zippers hand out values without a witness.
        while let Some(&value) = source.to_next_get_val() {
            if keep(value) {
                writer.move_to_path(source.path());
                writer.set_val(value);
            }
        }
        drop(writer);
        Some(copy)
    }
}

impl Writers for pathmap::zipper::ZipperHead<'_, '_, u64> {
    fn write(&self, path: &[u8], value: Option<u64>) {
        let writer = self.write_zipper_at_exclusive_path(path);
        let mut writer = writer.expect("there is no other writer");
        if let Some(value) = value {
            writer.set_val(value);
        }
    }
}

/// A map behind a lock, taken for each operation.
pub(crate) struct Locked<M>(RwLock<M>);

const HEALTHY: &str = "no thread panicked with the lock";

impl<M: Clone> Clone for Locked<M> {
    fn clone(&self) -> Self {
        Self(RwLock::new(self.0.read().expect(HEALTHY).clone()))
    }
}

/// A map for one thread.
pub(crate) trait Plain: Clone + Default + Send + Sync {
    /// Inserts.
    fn put(&mut self, key: &[u8], value: u64);
    /// Looks up.
    fn find(&self, key: &[u8]) -> Option<u64>;
    /// Number of keys.
    fn size(&self) -> usize;
    /// See [`Shared::collected`]; `None` if the library's own map does better.
    fn collected(_: &[(&[u8], u64)]) -> Option<Self> {
        None
    }
}

impl<M: Plain> Shared for Locked<M> {
    fn filled(data: &Data, threads: usize) -> (Self, Duration) {
        let map = Self(RwLock::new(M::default()));
        let (_, wall) = at_once(threads, |thread| {
            for part in mine(thread, threads) {
                for (key, value) in data.whole[part].iter() {
                    map.0.write().expect(HEALTHY).put(key.bytes(), value);
                }
            }
        });
        (map, wall)
    }

    fn find(&self, key: &[u8]) -> Option<u64> {
        self.0.read().expect(HEALTHY).find(key)
    }

    fn size(&self) -> usize {
        self.0.read().expect(HEALTHY).size()
    }

    fn collected(entries: &[(&[u8], u64)]) -> Option<Self> {
        Some(Self(RwLock::new(M::collected(entries)?)))
    }
}

impl Plain for pleach::PathMap<u64> {
    fn put(&mut self, key: &[u8], value: u64) {
        self.insert(key, value);
    }

    fn find(&self, key: &[u8]) -> Option<u64> {
        self.get(key).copied()
    }

    fn size(&self) -> usize {
        self.len()
    }
}

impl Plain for pathmap::PathMap<u64> {
    fn put(&mut self, key: &[u8], value: u64) {
        self.insert(key, value);
    }

    fn find(&self, key: &[u8]) -> Option<u64> {
        self.get(key).copied()
    }

    fn size(&self) -> usize {
        self.val_count()
    }
}

impl<K> Plain for BTreeMap<K, u64>
where
    K: Ord + Clone + Send + Sync + std::borrow::Borrow<[u8]> + for<'a> TryFrom<&'a [u8]>,
{
    fn put(&mut self, key: &[u8], value: u64) {
        let key = K::try_from(key).ok().expect("keys have the set's length");
        self.insert(key, value);
    }

    fn find(&self, key: &[u8]) -> Option<u64> {
        self.get(key).copied()
    }

    fn size(&self) -> usize {
        self.len()
    }

    fn collected(entries: &[(&[u8], u64)]) -> Option<Self> {
        let owned = |&(key, value): &(&[u8], u64)| Some((K::try_from(key).ok()?, value));
        entries.par_iter().map(owned).collect()
    }
}
