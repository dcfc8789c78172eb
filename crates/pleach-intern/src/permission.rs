//! Who may write: one word that is taken and given back.

use pleach_atomic::atomic::{AtomicU64, Ordering};
use pleach_atomic::ord;

/// The right to write in one place, held by nobody or by one at a time.
///
/// Each slot of a mapping has one, which [`intern`](crate::SharedMapping::intern) takes for the
/// duration of an insertion and a [`WritePermit`](crate::WritePermit) for its life. It protects what
/// its holders agree that it protects; by itself it is a word.
///
/// # Examples
///
/// ```
/// use pleach_intern::ThreadPermission;
///
/// let permission = ThreadPermission::new();
/// assert!(permission.acquire(7));
/// assert!(!permission.acquire(8));
/// permission.release();
/// assert!(permission.acquire(8));
/// ```
#[derive(Debug)]
pub struct ThreadPermission {
    /// Zero, or who holds it.
    owner: AtomicU64,
}

impl ThreadPermission {
    /// A permission that nobody holds.
    #[must_use]
    pub fn new() -> Self {
        Self {
            owner: AtomicU64::new(0),
        }
    }

    /// Takes the permission for `owner`, a number that is not zero; false if somebody holds it, or
    /// for zero, which is nobody. Never waits.
    ///
    /// Who gets it sees all that the one who released it did before.
    #[inline]
    pub fn acquire(&self, owner: u64) -> bool {
        #[cfg(any(pleach_loom, pleach_shuttle))]
        if pleach_atomic::model::planted("shared_slot") {
            return true;
        }
        // Acquire (INT-1): what the last holder did is over; pairs with INT-2. Relaxed where it
        // fails, and in the look before: nothing is concluded from them.
        let acquire = ord("INT-1", Ordering::Acquire);
        owner != 0
            && self.owner.load(Ordering::Relaxed) == 0
            && self
                .owner
                .compare_exchange(0, owner, acquire, Ordering::Relaxed)
                .is_ok()
    }

    /// Gives the permission back. Only its holder has a reason to.
    #[inline]
    pub fn release(&self) {
        // Release (INT-2): what we did is over for the next holder; pairs with INT-1.
        self.owner.store(0, ord("INT-2", Ordering::Release));
    }

    /// Who holds the permission, if somebody does; out of date as soon as it is told.
    #[must_use]
    pub fn owner(&self) -> Option<u64> {
        Some(self.owner.load(Ordering::Relaxed)).filter(|&owner| owner != 0)
    }
}

impl Default for ThreadPermission {
    fn default() -> Self {
        Self::new()
    }
}
