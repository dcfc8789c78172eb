//! The hash of a string: all of its bytes, under a key of this mapping alone.
//!
//! The seed of each mapping is random, so that nobody can prepare strings that meet in one place.
//! foldhash takes any target, without features.

#[cfg(not(any(pleach_loom, pleach_shuttle)))]
use std::hash::{BuildHasher, Hasher};

/// A hash function with its key.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeyedHash {
    #[cfg(not(any(pleach_loom, pleach_shuttle)))]
    state: foldhash::quality::RandomState,
}

impl KeyedHash {
    /// The hash of a string.
    #[cfg(not(any(pleach_loom, pleach_shuttle)))]
    #[inline]
    pub(crate) fn hash(&self, bytes: &[u8]) -> u64 {
        let mut hasher = self.state.build_hasher();
        hasher.write(bytes);
        hasher.finish()
    }

    /// A model's hash is the first byte: every run is the same, and the model says what collides.
    #[cfg(any(pleach_loom, pleach_shuttle))]
    pub(crate) fn hash(&self, bytes: &[u8]) -> u64 {
        bytes.first().copied().map_or(0, u64::from)
    }
}
