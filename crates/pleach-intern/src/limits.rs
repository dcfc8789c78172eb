//! How much a mapping may hold.

use crate::raw::pages::INDEX_END;
use crate::raw::record::LEN_MAX;

/// How much a mapping may hold, for those who intern what strangers send.
///
/// # Examples
///
/// ```
/// use pleach_intern::{InternError, Limits, SharedMapping};
///
/// let map = SharedMapping::with_limits(Limits { len_max: 3, ..Limits::default() });
/// let dog = map.try_intern("dog")?;
/// let refused = map.try_intern("hound");
/// assert_eq!(refused, Err(InternError::TooLong { len: 5, max: 3 }));
/// assert_eq!(map.get_sym("dog"), Some(dog));
/// # Ok::<(), InternError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The greatest length of a string, 2^32 - 1 at most and by default.
    pub len_max: usize,
    /// How many symbols a slot issues, 2^32 at most and by default. Before a string is refused, all
    /// slots that no permit holds have issued as many.
    pub symbols_per_slot_max: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            len_max: LEN_MAX,
            symbols_per_slot_max: INDEX_END,
        }
    }
}
