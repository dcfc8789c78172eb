//! [`Versioned`]: a value that is replaced as a whole while others read it.
//!
//! # Invariants
//!
//! - **V1** `current` comes from a box, and owns it.
//! - **V2** A box that was `current` is dropped only by `retired`, or with it.

use std::fmt;
use std::marker::PhantomData;

use pleach_atomic::atomic::{AtomicPtr, Ordering};
use pleach_atomic::ord;
use pleach_atomic::sync::Arc;

use crate::slots::Slot;
use crate::{ReaderToken, Retired, SyncError, TokenManager, WriterToken, cache};

/// A value that readers see whole, and that writers replace.
///
/// # Examples
///
/// ```
/// use pleach_sync::{ConcurrencyLevel, TokenManager, Versioned};
///
/// let tokens = TokenManager::new(ConcurrencyLevel::OneWriteMultiRead);
/// let names = Versioned::new(&tokens, vec!["ann"]);
///
/// let reader = tokens.reader_token()?;
/// let before = names.read(&reader)?;
/// let writer = tokens.writer_token()?;
/// names.update(&writer, 16, |now| Ok([&now[..], &["bob"]].concat()))?;
///
/// assert_eq!((&before[..], &names.read(&reader)?[..]), (&["ann"][..], &["ann", "bob"][..]));
/// # Ok::<(), pleach_sync::SyncError>(())
/// ```
pub struct Versioned<T> {
    current: AtomicPtr<T>,
    retired: Retired<Box<T>>,
    owns: PhantomData<T>,
}

impl<T> Versioned<T> {
    /// A value for the readers and writers of `manager`.
    #[must_use]
    pub fn new(manager: &TokenManager, value: T) -> Self {
        Self {
            current: AtomicPtr::new(Box::into_raw(Box::new(value))),
            retired: Retired::new(manager),
            owns: PhantomData,
        }
    }

    /// The value, as it is now; it lives as long as the token. Another call may see a newer one, and
    /// never an older one.
    ///
    /// One load.
    ///
    /// # Errors
    ///
    /// [`SyncError::ForeignToken`], and [`SyncError::IdleToken`].
    ///
    /// # Examples
    ///
    /// What is read does not outlive the token:
    ///
    /// ```compile_fail,E0505
    /// use pleach_sync::{ConcurrencyLevel, TokenManager, Versioned};
    ///
    /// let tokens = TokenManager::new(ConcurrencyLevel::OneWriteMultiRead);
    /// let number = Versioned::new(&tokens, 1);
    /// let token = tokens.reader_token().unwrap();
    /// let one = number.read(&token).unwrap();
    /// drop(token);
    /// assert_eq!(*one, 1);
    /// ```
    ///
    /// A copy does:
    ///
    /// ```
    /// use pleach_sync::{ConcurrencyLevel, TokenManager, Versioned};
    ///
    /// let tokens = TokenManager::new(ConcurrencyLevel::OneWriteMultiRead);
    /// let number = Versioned::new(&tokens, 1);
    /// let token = tokens.reader_token().unwrap();
    /// let one = *number.read(&token).unwrap();
    /// drop(token);
    /// assert_eq!(one, 1);
    /// ```
    #[inline]
    pub fn read<'t>(&'t self, token: &'t ReaderToken<'_>) -> Result<&'t T, SyncError> {
        if !token.belongs_to(self.retired.shared().id()) {
            return Err(SyncError::ForeignToken);
        }
        if !token.is_valid() {
            return Err(SyncError::IdleToken);
        }
        // SAFETY: the token is active, and is borrowed for as long as what is returned: it neither
        // leaves nor moves on. (One without a slot is of level 0, where nothing is replaced.)
        Ok(unsafe { self.load() })
    }

    /// Calls `f` with the value as it is now, under a token made for that, at whatever level.
    #[inline]
    pub fn with<R>(&self, f: impl FnOnce(&T) -> R) -> R {
        let visit = Visit::new(self);
        f(visit.value())
    }

    /// Replaces the value by what `f` makes of it; retires the old one, as `bytes` bytes, and frees
    /// what can be freed.
    ///
    /// Where other writers are faster, `f` is called again. An error of `f` leaves the value as it is.
    ///
    /// # Errors
    ///
    /// [`SyncError::ForeignToken`], [`SyncError::IdleToken`], [`SyncError::Backpressure`] before `f` is
    /// called, and those of `f`.
    ///
    /// # Panics
    ///
    /// If `f` does, with the value as it was; if the drop of a value that was replaced earlier does, with
    /// the value replaced.
    pub fn update(
        &self,
        token: &WriterToken<'_>,
        bytes: u64,
        mut f: impl FnMut(&T) -> Result<T, SyncError>,
    ) -> Result<(), SyncError> {
        if !token.belongs_to(self.retired.shared().id()) {
            return Err(SyncError::ForeignToken);
        }
        if !token.is_valid() {
            return Err(SyncError::IdleToken);
        }
        self.retired.admit()?;
        let old = loop {
            let visit = Visit::new(self);
            let value = visit.value();
            let new = Box::into_raw(Box::new(f(value)?));
            // Release (SYNC-12): the new value is whole for who finds it; pairs with SYNC-13.
            let order = ord("SYNC-12", Ordering::Release);
            let expected = std::ptr::from_ref(value).cast_mut();
            let exchange = self
                .current
                .compare_exchange(expected, new, order, Ordering::Relaxed);
            match exchange {
                Ok(old) => break old,
                // SAFETY: made of a box above, and never published.
                Err(_) => drop(unsafe { Box::from_raw(new) }),
            }
        };
        // SAFETY: V1; whoever takes a pointer out of `current` owns it, and only one can have taken it
        // out: it was not freed meanwhile, since we were reading it.
        self.retired.retire(unsafe { Box::from_raw(old) }, bytes);
        self.retired.reclaim();
        Ok(())
    }

    /// Frees some of the values that were replaced and that no reader can see any more; see
    /// [`Retired::reclaim`].
    pub fn reclaim(&self) -> usize {
        self.retired.reclaim()
    }

    /// Values that were replaced and wait for their readers.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.retired.len()
    }

    /// The value now.
    ///
    /// # Safety
    ///
    /// A slot of the manager is entered, and stays so for as long as the reference is used; or no value
    /// is ever replaced.
    #[inline]
    unsafe fn load(&self) -> &T {
        // Acquire (SYNC-13): the value is whole; pairs with SYNC-12.
        let value = self.current.load(ord("SYNC-13", Ordering::Acquire));
        // SAFETY: V1 when it was loaded, after the slot was entered; so its stamp will be greater than
        // the version in the slot, and V2 keeps it for as long as that is there.
        unsafe { &*value }
    }
}

/// A look at the value by whoever has no token, and needs none at any level.
struct Visit<'a, T> {
    versioned: &'a Versioned<T>,
    /// Entered; none after the drop.
    slot: Option<Arc<Slot>>,
}

impl<'a, T> Visit<'a, T> {
    #[inline]
    fn new(versioned: &'a Versioned<T>) -> Self {
        let shared = versioned.retired.shared();
        let slot = shared.slot();
        slot.enter(shared.version());
        Self {
            versioned,
            slot: Some(slot),
        }
    }

    #[inline]
    fn value(&self) -> &T {
        // SAFETY: the slot is entered until `self` is dropped.
        unsafe { self.versioned.load() }
    }
}

impl<T> Drop for Visit<'_, T> {
    #[inline]
    fn drop(&mut self) {
        if let Some(slot) = self.slot.take() {
            slot.leave();
            cache::put(self.versioned.retired.shared().id(), slot);
        }
    }
}

impl<T> Drop for Versioned<T> {
    fn drop(&mut self) {
        // Relaxed: whoever had us to themselves before has ordered it.
        let value = self.current.load(Ordering::Relaxed);
        // SAFETY: V1, and nobody else is left.
        drop(unsafe { Box::from_raw(value) });
    }
}

impl<T: fmt::Debug> fmt::Debug for Versioned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.with(|value| f.debug_tuple("Versioned").field(value).finish())
    }
}
