//! The hash of a string: all of its bytes, under a key of this mapping alone.
//!
//! The seed of each mapping is random, so that nobody can prepare strings that meet in one place.
//! foldhash takes any target, without features.

#[cfg(not(any(pleach_loom, pleach_shuttle)))]
use std::hash::{BuildHasher, Hasher};

#[cfg(not(any(pleach_loom, pleach_shuttle)))]
use crate::raw::sought::Read;
use crate::raw::sought::Sought;

/// A hash function with its key.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeyedHash {
    #[cfg(not(any(pleach_loom, pleach_shuttle)))]
    state: foldhash::quality::RandomState,
}

impl KeyedHash {
    /// The hash of a string.
    #[cfg(not(any(pleach_loom, pleach_shuttle)))]
    #[inline(always)]
    pub(crate) fn hash(&self, sought: &Sought<'_>) -> u64 {
        let bytes = sought.bytes();
        let mut hasher = self.state.build_hasher();
        match sought.read() {
            Read::Short(front, back) => {
                hasher.write_u64(front);
                hasher.write_u64(back);
                hasher.write_usize(bytes.len());
            }
            Read::Medium(front, back) => {
                hasher.write_u128(front);
                hasher.write_u128(back);
                hasher.write_usize(bytes.len());
            }
            Read::Other => hasher.write(bytes),
        }
        hasher.finish()
    }

    /// A model's hash is the first byte: every run is the same, and the model says what collides.
    #[cfg(any(pleach_loom, pleach_shuttle))]
    pub(crate) fn hash(&self, sought: &Sought<'_>) -> u64 {
        sought.bytes().first().copied().map_or(0, u64::from)
    }
}
