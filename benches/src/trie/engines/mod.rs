//! The maps under test, behind one small interface.

mod blart;
mod btree;
mod imbl;
mod pathmap;
mod pleach;

use crate::data::{Key, Keys, SetName};
use crate::trie::measure::Runner;
use clap::ValueEnum;

/// A value to store: what it is made of and what it adds to a checksum.
pub(crate) trait Value: Copy + Send + Sync + Unpin + 'static {
    /// The value of the key at `index` of the sorted set.
    fn at(index: u64) -> Self;
    /// Its share of a checksum.
    fn number(self) -> u64;
}

impl Value for u64 {
    fn at(index: u64) -> Self {
        index
    }
    fn number(self) -> u64 {
        self
    }
}

impl Value for () {
    fn at(_: u64) -> Self {}
    fn number(self) -> u64 {
        1
    }
}

/// An ordered map from byte strings, used as its own documentation advises.
///
/// `Clone` is the library's cheapest way to a copy that can be edited alone.
pub(crate) trait Engine<V: Value>: Clone + Default + Sync {
    /// Inserts; true if the key was new.
    fn put(&mut self, key: Key<'_>, value: V) -> bool;
    /// A map of keys that come in order, by the library's own way to load them.
    fn load(keys: &Keys) -> Self {
        let mut map = Self::default();
        for (key, index) in keys.iter() {
            map.put(key, V::at(index));
        }
        map
    }
    /// The value of a key.
    fn find(&self, key: Key<'_>) -> Option<V>;
    /// The sum of the values of keys, looked up in batches where the library can.
    fn find_group(&self, keys: &[Key<'_>]) -> u64 {
        let values = keys.iter().filter_map(|&key| self.find(key));
        values.map(V::number).sum()
    }
    /// Takes a key out; its value, if it was there.
    fn take(&mut self, key: Key<'_>) -> Option<V>;
    /// Number of keys.
    fn size(&self) -> usize;
    /// Visits all keys in order, as slices, without allocation where the library can.
    fn visit(&self, each: impl FnMut(&[u8], V));
    /// Visits all keys in order, each as a vector of its own.
    fn visit_owned(&self, mut each: impl FnMut(Vec<u8>, V)) {
        self.visit(|key, value| each(key.to_vec(), value));
    }
    /// Visits the first `limit` keys that start with `prefix`, in order, each as what follows it.
    fn scan(&self, prefix: Key<'_>, limit: usize, each: impl FnMut(&[u8], V));
}

/// Owned keys of the engines that store whole keys: boxed slices, or arrays where all keys of the
/// set have one length.
pub(crate) trait OwnedKey: AsRef<[u8]> + Clone + Ord + Send + Sync {
    /// Whether all keys have one length, so that none is a prefix of another.
    const FIXED: bool;
    /// Copies a key.
    fn copy_of(bytes: &[u8]) -> Self;
}

impl OwnedKey for Box<[u8]> {
    const FIXED: bool = false;
    fn copy_of(bytes: &[u8]) -> Self {
        bytes.into()
    }
}

impl OwnedKey for [u8; 8] {
    const FIXED: bool = true;
    fn copy_of(bytes: &[u8]) -> Self {
        bytes.try_into().expect("the set has keys of eight bytes")
    }
}

/// The engines by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum EngineName {
    /// `pleach::PathMap`, slim pointers.
    Pleach,
    /// `pathmap::PathMap`.
    Pathmap,
    /// `blart::TreeMap`.
    Blart,
    /// `std::collections::BTreeMap`.
    Btree,
    /// `imbl::OrdMap`.
    Imbl,
}

impl EngineName {
    /// Name on the command line and in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pleach => "pleach",
            Self::Pathmap => "pathmap",
            Self::Blart => "blart",
            Self::Btree => "btree",
            Self::Imbl => "imbl",
        }
    }

    /// The measurements of this engine on a set, with `u64` or `()` values.
    pub(crate) fn runner(self, set: SetName, unit: bool) -> Runner {
        if unit {
            self.runner_of::<()>(set)
        } else {
            self.runner_of::<u64>(set)
        }
    }

    fn runner_of<V: Value>(self, set: SetName) -> Runner {
        match (self, set.is_fixed()) {
            (Self::Pleach, _) => Runner::of::<V, ::pleach::PathMap<V>>(),
            (Self::Pathmap, _) => Runner::of::<V, ::pathmap::PathMap<V>>(),
            (Self::Blart, false) => Runner::of::<V, ::blart::TreeMap<Box<[u8]>, V>>(),
            (Self::Blart, true) => Runner::of::<V, ::blart::TreeMap<[u8; 8], V>>(),
            (Self::Btree, false) => Runner::of::<V, std::collections::BTreeMap<Box<[u8]>, V>>(),
            (Self::Btree, true) => Runner::of::<V, std::collections::BTreeMap<[u8; 8], V>>(),
            (Self::Imbl, false) => Runner::of::<V, ::imbl::OrdMap<std::sync::Arc<[u8]>, V>>(),
            (Self::Imbl, true) => Runner::of::<V, ::imbl::OrdMap<[u8; 8], V>>(),
        }
    }
}
