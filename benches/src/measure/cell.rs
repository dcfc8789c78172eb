//! The rows of a report.

use clap::ValueEnum;

/// One use of a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Cell {
    /// All keys into an empty map, in order.
    Sorted,
    /// All keys into an empty map, in random order.
    Insert,
    /// All keys, in order, as a new map by the library's way to load them.
    Bulk,
    /// Each key once, in another random order.
    Hit,
    /// The same in batches, where the library has them, otherwise one by one.
    Batch,
    /// As many absent keys that resemble present ones.
    Miss,
    /// The first 100 keys of a prefix, per key.
    Scan,
    /// All keys in order, as slices.
    Iterate,
    /// All keys in order, each as a vector.
    Owned,
    /// A clone and new keys into it, per new key.
    Snapshot,
    /// A clone and ten times as many new keys into it, per new key.
    SnapshotMany,
    /// All keys out of the map, in random order.
    Remove,
    /// Giving the map back, per key.
    Drop,
    /// Each key once by one thread, wall time.
    OneThread,
    /// Each key once by each of two threads, wall time per lookup.
    TwoThreads,
    /// Heap bytes that the map requested, per key.
    Bytes,
}

impl Cell {
    /// The row's title.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Sorted => "insert, sorted",
            Self::Insert => "insert, shuffled",
            Self::Bulk => "load, sorted",
            Self::Hit => "get, hit",
            Self::Batch => "get, hit, in batches",
            Self::Miss => "get, miss",
            Self::Scan => "scan of a prefix",
            Self::Iterate => "iterate, borrowed keys",
            Self::Owned => "iterate, owned keys",
            Self::Snapshot => "snapshot + 1,000 edits",
            Self::SnapshotMany => "snapshot + 10,000 edits",
            Self::Remove => "remove",
            Self::Drop => "drop",
            Self::OneThread => "get, 1 thread, wall",
            Self::TwoThreads => "get, 2 threads, wall",
            Self::Bytes => "heap bytes per key",
        }
    }
}
