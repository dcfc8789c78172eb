//! What a pool tells of itself: the same words with the same meaning at all levels.

/// The figures of a pool.
///
/// All bytes of its segments are in one of four places:
/// `committed_bytes = live_bytes + cached_bytes + free_bytes + slack_bytes`. While other threads
/// use the pool the figures are of slightly different moments; when it is quiet they are exact.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolStats {
    /// The most bytes that the pool will take from the system, or `usize::MAX`.
    pub capacity_bytes: usize,
    /// Bytes that it has taken from the system for blocks.
    pub committed_bytes: usize,
    /// Bytes of the blocks that are in use, each counted as large as it is, not as was asked for.
    pub live_bytes: usize,
    /// Blocks that are in use.
    pub live_blocks: usize,
    /// Bytes of free blocks that wait in the caches of threads, which others get only when the
    /// pool would else be full.
    pub cached_bytes: usize,
    /// Bytes that are free for everybody.
    pub free_bytes: usize,
    /// Bytes that cannot be used: headers, remainders too small for a block, and blocks whose
    /// generations are used up.
    pub slack_bytes: usize,
    /// The largest block to be had without more memory from the system and without the caches.
    pub largest_free: usize,
    /// Bytes of side tables (links, generations, sizes), which lie beside the committed ones.
    pub overhead_bytes: usize,
    /// Blocks given out since the pool was made.
    pub allocs: u64,
    /// Blocks taken back.
    pub frees: u64,
    /// Requests that failed.
    pub failed: u64,
    /// How often a thread found a lock taken, or another thread faster.
    pub contended: u64,
    /// How often the level was changed.
    pub level_changes: u64,
    /// Committed bytes for which the system took the advice to use huge pages.
    pub huge_page_bytes: usize,
}

impl PoolStats {
    /// Tells whether the four places sum up to what is committed.
    #[must_use]
    pub const fn adds_up(&self) -> bool {
        self.committed_bytes
            == self.live_bytes + self.cached_bytes + self.free_bytes + self.slack_bytes
    }
}
