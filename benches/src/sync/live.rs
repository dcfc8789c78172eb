//! The maps under test.

use super::measure::{Batch, Live};
use crate::data::Key;
use crate::trie::OwnedKey;
use arc_swap::ArcSwap;
use congee::U64Congee;
use crossbeam_skiplist::SkipMap;
use imbl::OrdMap;
use pleach::sync::{ConcurrencyLevel, SyncError};
use pleach::{CompressedSparseTrie, PathMap};
use scc::TreeIndex;
use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::sync::{Mutex, RwLock};

const HEALTHY: &str = "no thread panicked with the lock";

fn fresh_level(level: ConcurrencyLevel) -> CompressedSparseTrie<u64> {
    CompressedSparseTrie::new(level).expect("the level can be shared")
}

fn find(trie: &CompressedSparseTrie<u64>, keys: &[Key<'_>]) -> u64 {
    let found = trie.with_reader_token(|trie, token| {
        let mut sum = 0;
        for key in keys {
            sum += trie
                .get_with_token(key.bytes(), token)
                .copied()
                .unwrap_or(0);
        }
        Ok::<_, SyncError>(sum)
    });
    found.expect("readers are never refused")
}

fn write(trie: &CompressedSparseTrie<u64>, batch: &Batch<'_>) {
    let written = trie.with_writer_token(|trie, token| {
        for &(key, value) in batch {
            trie.insert_with_token(key.bytes(), value, token)?;
        }
        Ok::<_, SyncError>(())
    });
    written.expect("a writer waits for its turn");
}

/// Our trie, one writer at a time.
pub(crate) struct Level3(CompressedSparseTrie<u64>);
/// Our trie, many writers.
pub(crate) struct Level4(CompressedSparseTrie<u64>);

impl Live for Level3 {
    fn fresh() -> Self {
        Self(fresh_level(ConcurrencyLevel::OneWriteMultiRead))
    }

    fn find(&self, key: Key<'_>) -> Option<u64> {
        self.0.get(key.bytes())
    }

    fn find_all(&self, keys: &[Key<'_>]) -> u64 {
        find(&self.0, keys)
    }

    fn write(&self, batch: &Batch<'_>) {
        write(&self.0, batch);
    }
}

impl Live for Level4 {
    fn fresh() -> Self {
        Self(fresh_level(ConcurrencyLevel::MultiWriteMultiRead))
    }

    fn find(&self, key: Key<'_>) -> Option<u64> {
        self.0.get(key.bytes())
    }

    fn find_all(&self, keys: &[Key<'_>]) -> u64 {
        find(&self.0, keys)
    }

    fn write(&self, batch: &Batch<'_>) {
        write(&self.0, batch);
    }
}

/// A map for one thread.
pub(crate) trait Plain: Default + Send + Sync {
    /// Inserts.
    fn put(&mut self, key: Key<'_>, value: u64);
    /// Looks up.
    fn find(&self, key: Key<'_>) -> Option<u64>;
}

impl Plain for PathMap<u64> {
    fn put(&mut self, key: Key<'_>, value: u64) {
        self.insert(key.bytes(), value);
    }

    fn find(&self, key: Key<'_>) -> Option<u64> {
        self.get(key.bytes()).copied()
    }
}

impl<K: OwnedKey + Borrow<[u8]>> Plain for BTreeMap<K, u64> {
    fn put(&mut self, key: Key<'_>, value: u64) {
        self.insert(K::copy_of(key.bytes()), value);
    }

    fn find(&self, key: Key<'_>) -> Option<u64> {
        self.get(key.bytes()).copied()
    }
}

/// A map behind a lock, taken once for what is read or written together.
pub(crate) struct Locked<M>(RwLock<M>);

impl<M: Plain> Live for Locked<M> {
    fn fresh() -> Self {
        Self(RwLock::new(M::default()))
    }

    fn find(&self, key: Key<'_>) -> Option<u64> {
        self.0.read().expect(HEALTHY).find(key)
    }

    fn find_all(&self, keys: &[Key<'_>]) -> u64 {
        let map = self.0.read().expect(HEALTHY);
        keys.iter().filter_map(|&key| map.find(key)).sum()
    }

    fn write(&self, batch: &Batch<'_>) {
        let mut map = self.0.write().expect(HEALTHY);
        for &(key, value) in batch {
            map.put(key, value);
        }
    }
}

/// A persistent map behind a pointer that is swapped; writers take turns.
pub(crate) struct Swapped<K: OwnedKey> {
    map: ArcSwap<OrdMap<K, u64>>,
    turn: Mutex<()>,
}

impl<K: OwnedKey + Borrow<[u8]>> Live for Swapped<K> {
    fn fresh() -> Self {
        Self {
            map: ArcSwap::from_pointee(OrdMap::new()),
            turn: Mutex::new(()),
        }
    }

    fn find(&self, key: Key<'_>) -> Option<u64> {
        self.map.load().get(key.bytes()).copied()
    }

    fn find_all(&self, keys: &[Key<'_>]) -> u64 {
        let map = self.map.load();
        let values = keys.iter().filter_map(|key| map.get(key.bytes()));
        values.sum()
    }

    fn write(&self, batch: &Batch<'_>) {
        let _turn = self.turn.lock().expect(HEALTHY);
        let mut map = OrdMap::clone(&self.map.load());
        for (key, value) in batch {
            map.insert(K::copy_of(key.bytes()), *value);
        }
        self.map.store(map.into());
    }
}

/// crossbeam's skip list; what is written together is seen one by one.
pub(crate) struct Skip<K>(SkipMap<K, u64>);

impl<K: OwnedKey + Borrow<[u8]> + 'static> Live for Skip<K> {
    fn fresh() -> Self {
        Self(SkipMap::new())
    }

    fn find(&self, key: Key<'_>) -> Option<u64> {
        self.0.get(key.bytes()).map(|entry| *entry.value())
    }

    fn find_all(&self, keys: &[Key<'_>]) -> u64 {
        keys.iter().filter_map(|&key| self.find(key)).sum()
    }

    fn write(&self, batch: &Batch<'_>) {
        for (key, value) in batch {
            self.0.insert(K::copy_of(key.bytes()), *value);
        }
    }
}

/// scc's B+ tree; what is written together is seen one by one.
pub(crate) struct Tree<K>(TreeIndex<K, u64>);

impl<K: OwnedKey + Borrow<[u8]> + 'static> Live for Tree<K> {
    fn fresh() -> Self {
        Self(TreeIndex::new())
    }

    fn find(&self, key: Key<'_>) -> Option<u64> {
        self.0.peek_with(key.bytes(), |_, &value| value)
    }

    fn find_all(&self, keys: &[Key<'_>]) -> u64 {
        keys.iter().filter_map(|&key| self.find(key)).sum()
    }

    fn write(&self, batch: &Batch<'_>) {
        for (key, value) in batch {
            self.0.upsert_sync(K::copy_of(key.bytes()), *value);
        }
    }
}

/// congee's adaptive radix tree of numbers; what is written together is seen one by one.
pub(crate) struct Art(U64Congee<usize>);

fn number(key: Key<'_>) -> u64 {
    let bytes = key.bytes().try_into();
    u64::from_be_bytes(bytes.expect("the set has keys of eight bytes"))
}

impl Live for Art {
    fn fresh() -> Self {
        Self(U64Congee::new())
    }

    fn find(&self, key: Key<'_>) -> Option<u64> {
        self.0
            .get(number(key), &congee::epoch::pin())
            .map(|value| value as u64)
    }

    fn find_all(&self, keys: &[Key<'_>]) -> u64 {
        let guard = congee::epoch::pin();
        let values = keys
            .iter()
            .filter_map(|&key| self.0.get(number(key), &guard));
        values.map(|value| value as u64).sum()
    }

    fn write(&self, batch: &Batch<'_>) {
        let guard = congee::epoch::pin();
        for &(key, value) in batch {
            let inserted = self.0.insert(number(key), value as usize, &guard);
            inserted.expect("there is memory");
        }
    }
}
