//! How many may read and write at once.

/// How many threads may read and write a structure at once, and what that costs.
///
/// | | 0 | 1 | 2 | 3 | 4 |
/// |---|---|---|---|---|---|
/// | readers | any, free | owner thread, none beside a writer | owner thread | any | any |
/// | writers | none | one, none beside a reader | one, owner thread | one at a time, first come first served | any number |
/// | what is replaced | nothing is | is freed at once | waits for its readers | waits for its readers | waits for its readers |
///
/// The owner is the thread that made the manager. Levels are ordered by what they allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConcurrencyLevel {
    /// Level 0: nothing changes, and reading costs nothing.
    NoWriteReadOnly,
    /// Level 1: one thread, which reads or writes.
    SingleThreadStrict,
    /// Level 2: one thread, which writes while it keeps readers of older versions.
    SingleThreadShared,
    /// Level 3: readers in any thread beside one writer at a time.
    OneWriteMultiRead,
    /// Level 4: readers and writers in any thread.
    MultiWriteMultiRead,
}

impl ConcurrencyLevel {
    /// Whether only the thread that made the manager gets tokens.
    pub(crate) const fn has_owner(self) -> bool {
        matches!(self, Self::SingleThreadStrict | Self::SingleThreadShared)
    }
}
