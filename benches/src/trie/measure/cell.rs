//! The rows of a report.

use crate::race::Row;
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
    /// Its row. What one thread does is for the processor's counters too.
    pub(crate) const fn row(self) -> Row {
        match self {
            Self::Sorted => Row::time("sorted", "insert, sorted").counted(),
            Self::Insert => Row::time("insert", "insert, shuffled").counted(),
            Self::Bulk => Row::time("bulk", "load, sorted").counted(),
            Self::Hit => Row::time("hit", "get, hit").counted(),
            Self::Batch => Row::time("batch", "get, hit, in batches").counted(),
            Self::Miss => Row::time("miss", "get, miss").counted(),
            Self::Scan => Row::time("scan", "scan of a prefix").counted(),
            Self::Iterate => Row::time("iterate", "iterate, borrowed keys").counted(),
            Self::Owned => Row::time("owned", "iterate, owned keys").counted(),
            Self::Snapshot => Row::time("snapshot", "snapshot + 1,000 edits").counted(),
            Self::SnapshotMany => Row::time("snapshot-many", "snapshot + 10,000 edits").counted(),
            Self::Remove => Row::time("remove", "remove").counted(),
            Self::Drop => Row::time("drop", "drop").counted(),
            Self::OneThread => Row::time("one-thread", "get, 1 thread, wall"),
            Self::TwoThreads => Row::time("two-threads", "get, 2 threads, wall"),
            Self::Bytes => Row::bytes("bytes", "heap bytes per key"),
        }
    }

    /// The row's title.
    pub(crate) fn title(self) -> &'static str {
        self.row().title
    }
}
