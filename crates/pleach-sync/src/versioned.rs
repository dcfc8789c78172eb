//! [`Versioned`]: a value that is replaced as a whole while others read it.
//!
//! # Invariants
//!
//! - **V1** `current` comes from a box, and owns it.
//! - **V2** A box that was `current` is dropped only by `retired`, or with it.

use std::fmt;
use std::marker::PhantomData;
use std::ptr;

use pleach_atomic::atomic::{AtomicBool, AtomicPtr, Ordering};
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
///
/// Where a value is [succeeded](Self::succeed) by one that takes over most of what it has, `R` is what
/// remains of it, which is dropped with it.
pub struct Versioned<T, R = ()> {
    current: AtomicPtr<T>,
    retired: Retired<Gone<T, R>>,
    /// A writer that is alone makes the next value. By the gate, one thread at a time looks at this.
    succeeding: AtomicBool,
    owns: PhantomData<T>,
}

/// A value that was replaced. What remains of it is dropped after it.
struct Gone<T, R> {
    _value: Box<T>,
    _remains: R,
}

impl<T> Versioned<T> {
    /// A value for the readers and writers of `manager`.
    #[must_use]
    pub fn new(manager: &TokenManager, value: T) -> Self {
        Self::with_remains(manager, value)
    }
}

impl<T, R> Versioned<T, R> {
    /// A value for the readers and writers of `manager`, of which something may remain.
    #[must_use]
    pub fn with_remains(manager: &TokenManager, value: T) -> Self {
        Self {
            current: AtomicPtr::new(Box::into_raw(Box::new(value))),
            retired: Retired::new(manager),
            succeeding: AtomicBool::new(false),
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

    /// Whether `value` is the one that is there now, for all that the calling thread knows: one that it
    /// knows to be replaced is not.
    #[must_use]
    #[inline]
    pub fn is_current(&self, value: &T) -> bool {
        // Relaxed: an address is compared, and nothing is read through it.
        ptr::eq(self.current.load(Ordering::Relaxed), value)
    }

    /// Calls `f` with the value as it is now, under a token made for that, at whatever level.
    #[inline]
    pub fn with<O>(&self, f: impl FnOnce(&T) -> O) -> O {
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
    /// [`SyncError::ForeignToken`], [`SyncError::IdleToken`], [`SyncError::Backpressure`],
    /// [`SyncError::WriterHeld`] while the value is [succeeded](Self::succeed), all before `f` is called;
    /// and those of `f`.
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
    ) -> Result<(), SyncError>
    where
        R: Default,
    {
        self.admit(token)?;
        let old = loop {
            let visit = Visit::new(self);
            let value = visit.value();
            let new = Box::into_raw(Box::new(f(value)?));
            // Release (SYNC-12): the new value is whole for who finds it; pairs with SYNC-13.
            let order = ord("SYNC-12", Ordering::Release);
            let expected = ptr::from_ref(value).cast_mut();
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
        let value = unsafe { Box::from_raw(old) };
        self.retire(value, R::default(), bytes);
        Ok(())
    }

    /// Replaces the value by what `make` makes of it, where writers come one at a time; then calls
    /// `settle` with the value that was replaced, which readers may still see, and the rest of what
    /// `make` has made. Retires the old value with what remains of it, as `bytes` bytes, and frees what
    /// can be freed.
    ///
    /// # Errors
    ///
    /// [`SyncError::ForeignToken`], [`SyncError::IdleToken`], [`SyncError::Backpressure`], at level 4
    /// [`SyncError::Busy`], [`SyncError::WriterHeld`] within `make`, all before `make` is called; and
    /// those of `make`.
    ///
    /// # Panics
    ///
    /// If `make` does, with the value as it was; if the drop of a value that was replaced earlier does, or
    /// `settle`, with the value replaced. (In the latter case the old one is leaked.)
    pub fn succeed<S>(
        &self,
        token: &WriterToken<'_>,
        bytes: u64,
        make: impl FnOnce(&T) -> Result<(T, S), SyncError>,
        settle: impl FnOnce(&T, S) -> R,
    ) -> Result<(), SyncError> {
        if !token.is_alone() {
            return Err(SyncError::Busy);
        }
        self.admit(token)?;
        // Relaxed: whoever had the token before is ordered before us by the gate.
        let current = self.current.load(Ordering::Relaxed);
        let succeeding = Succeeding::new(&self.succeeding);
        // SAFETY: V1; only a writer replaces it, and we are alone: `admit` refuses others in `make`.
        let old = unsafe { &*current };
        let (new, rest) = make(old)?;
        // Release (SYNC-12): as in `update`.
        let order = ord("SYNC-12", Ordering::Release);
        self.current.store(Box::into_raw(Box::new(new)), order);
        let remains = settle(old, rest);
        drop(succeeding);
        // SAFETY: V1; we have taken it out of `current`.
        let value = unsafe { Box::from_raw(current) };
        self.retire(value, remains, bytes);
        Ok(())
    }

    /// Whether a writer may go on.
    fn admit(&self, token: &WriterToken<'_>) -> Result<(), SyncError> {
        if !token.belongs_to(self.retired.shared().id()) {
            return Err(SyncError::ForeignToken);
        }
        if !token.is_valid() {
            return Err(SyncError::IdleToken);
        }
        // Relaxed: set by this thread, if at all.
        if token.is_alone() && self.succeeding.load(Ordering::Relaxed) {
            return Err(SyncError::WriterHeld);
        }
        self.retired.admit()
    }

    fn retire(&self, value: Box<T>, remains: R, bytes: u64) {
        let gone = Gone {
            _value: value,
            _remains: remains,
        };
        self.retired.retire(gone, bytes);
        self.retired.reclaim();
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

/// That a writer makes the next value, until this is dropped.
struct Succeeding<'a>(&'a AtomicBool);

impl<'a> Succeeding<'a> {
    fn new(flag: &'a AtomicBool) -> Self {
        // Relaxed, and below: others look when they have the writer's token, which orders it.
        flag.store(true, Ordering::Relaxed);
        Self(flag)
    }
}

impl Drop for Succeeding<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

/// A look at the value by whoever has no token, and needs none at any level.
struct Visit<'a, T, R> {
    versioned: &'a Versioned<T, R>,
    /// Entered; none after the drop.
    slot: Option<Arc<Slot>>,
}

impl<'a, T, R> Visit<'a, T, R> {
    #[inline]
    fn new(versioned: &'a Versioned<T, R>) -> Self {
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

impl<T, R> Drop for Visit<'_, T, R> {
    #[inline]
    fn drop(&mut self) {
        if let Some(slot) = self.slot.take() {
            slot.leave();
            cache::put(self.versioned.retired.shared().id(), slot);
        }
    }
}

impl<T, R> Drop for Versioned<T, R> {
    fn drop(&mut self) {
        // Relaxed: whoever had us to themselves before has ordered it.
        let value = self.current.load(Ordering::Relaxed);
        // SAFETY: V1, and nobody else is left.
        drop(unsafe { Box::from_raw(value) });
    }
}

impl<T: fmt::Debug, R> fmt::Debug for Versioned<T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.with(|value| f.debug_tuple("Versioned").field(value).finish())
    }
}
