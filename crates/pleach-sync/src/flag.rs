//! A flag that hands over what was written before it was set.

use pleach_atomic::atomic::{AtomicBool, Ordering};
use pleach_atomic::ord;

/// A flag: whoever finds it set sees what was written before it was set.
///
/// # Examples
///
/// ```
/// use pleach_sync::AtomicFlag;
///
/// let stop = AtomicFlag::new();
/// assert!(!stop.set());
/// assert!(stop.set(), "it was set");
/// assert!(stop.is_set());
/// assert!(stop.clear());
/// assert!(!stop.is_set());
/// ```
#[derive(Debug)]
pub struct AtomicFlag(AtomicBool);

impl AtomicFlag {
    /// A flag that is not set.
    #[cfg(not(pleach_loom))]
    #[must_use]
    pub const fn new() -> Self {
        Self(AtomicBool::new(false))
    }

    /// A flag that is not set.
    #[cfg(pleach_loom)]
    #[must_use]
    pub fn new() -> Self {
        Self(AtomicBool::new(false))
    }

    /// Sets it; returns whether it was set.
    pub fn set(&self) -> bool {
        // AcqRel (FLAG-1): what we did is seen by who finds it set, and what was done before it was
        // set or cleared is seen by us; pairs with itself, FLAG-2 and FLAG-3.
        self.0.swap(true, ord("FLAG-1", Ordering::AcqRel))
    }

    /// Clears it; returns whether it was set.
    pub fn clear(&self) -> bool {
        // AcqRel (FLAG-3): as FLAG-1, with which it pairs.
        self.0.swap(false, ord("FLAG-3", Ordering::AcqRel))
    }

    /// Whether it is set.
    #[must_use]
    pub fn is_set(&self) -> bool {
        // Acquire (FLAG-2): what was done before it was set is seen; pairs with FLAG-1 and FLAG-3.
        self.0.load(ord("FLAG-2", Ordering::Acquire))
    }
}

impl Default for AtomicFlag {
    fn default() -> Self {
        Self::new()
    }
}
