//! Set algebra in parallel.

use crate::PathMap;
use crate::algebra::{DistributiveLattice, Lattice, Restrict, join, meet, subtract};
use pleach_ptr::{PtrKind, SharedAllocator};

/// Set algebra on all threads of rayon's pool.
///
/// Each method makes what its namesake on one thread makes, node for node, with all that shares: where
/// both maps have the same branches, and many entries below, each branch is a task of its own. That
/// pays for maps of tens of thousands of entries that share few nodes. A snapshot and its original are
/// better left to one thread, which passes over what they share in less time than it takes to wake
/// another one.
///
/// Values are joined, met, subtracted and cloned on any of the threads, in any order. If that panics,
/// both maps are as they were, and what was made is released.
impl<V, K, A> PathMap<V, K, A>
where
    V: Clone + Send + Sync,
    K: PtrKind,
    A: SharedAllocator + Send + Sync,
{
    /// [`join`](Self::join) in parallel.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let even: PathMap<u64> = (0..20_000_u64).map(|n| ((2 * n).to_be_bytes(), n)).collect();
    /// let third: PathMap<u64> = (0..20_000_u64).map(|n| ((3 * n).to_be_bytes(), n)).collect();
    /// assert_eq!(even.par_join(&third), even.join(&third));
    /// ```
    #[must_use]
    pub fn par_join(&self, other: &Self) -> Self
    where
        V: Lattice,
    {
        self.combined_by(other, |a, b| a.par_combine(b, &join()))
    }

    /// [`meet`](Self::meet) in parallel.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let even: PathMap<u64> = (0..20_000_u64).map(|n| ((2 * n).to_be_bytes(), n)).collect();
    /// let third: PathMap<u64> = (0..20_000_u64).map(|n| ((3 * n).to_be_bytes(), n)).collect();
    /// assert_eq!(even.par_meet(&third).len(), 6_667);
    /// ```
    #[must_use]
    pub fn par_meet(&self, other: &Self) -> Self
    where
        V: Lattice,
    {
        self.combined_by(other, |a, b| a.par_combine(b, &meet()))
    }

    /// [`subtract`](Self::subtract) in parallel.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let all: PathMap<()> = (0..20_000_u64).map(|n| (n.to_be_bytes(), ())).collect();
    /// let even: PathMap<()> = (0..10_000_u64).map(|n| ((2 * n).to_be_bytes(), ())).collect();
    /// assert_eq!(all.par_subtract(&even).len(), 10_000);
    /// ```
    #[must_use]
    pub fn par_subtract(&self, other: &Self) -> Self
    where
        V: DistributiveLattice,
    {
        self.combined_by(other, |a, b| a.par_combine(b, &subtract()))
    }

    /// [`restrict`](Self::restrict) in parallel.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let routes = PathMap::from([("eu/at", 1), ("eu/de", 2), ("us/ny", 3)]);
    /// let wanted = PathMap::from([("eu/", 0)]);
    /// assert!(routes.par_restrict(&wanted).keys().eq([b"eu/at", b"eu/de"]));
    /// ```
    #[must_use]
    pub fn par_restrict(&self, other: &Self) -> Self {
        self.combined_by(other, |a, b| a.par_combine(b, &Restrict))
    }
}
