//! Locks that no panic can leave in a bad state, since no code of the user's runs under them.

use pleach_atomic::sync::{Mutex, MutexGuard};

/// Locks.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}
