//! [`ReaderToken`] and [`WriterToken`]: the right to read, and the right to write.

use std::fmt;
use std::marker::PhantomData;

use pleach_atomic::sync::Arc;

use crate::manager::{TokenManager, serial};
use crate::slots::Slot;
use crate::{ConcurrencyLevel, SyncError, cache};

/// Keeps a token in its thread.
type NotSend = PhantomData<*const ()>;

/// The right to read: what can be reached while it is active is not freed.
///
/// A dropped token leaves its slot idle, for the thread's next one. A forgotten one stays active for
/// ever, and what is retired after it was made is never freed.
///
/// It stays in its thread:
///
/// ```compile_fail,E0277
/// use pleach_sync::{ConcurrencyLevel, TokenManager};
///
/// let tokens = TokenManager::new(ConcurrencyLevel::OneWriteMultiRead);
/// let token = tokens.reader_token().unwrap();
/// std::thread::scope(|scope| {
///     scope.spawn(|| token.is_valid());
/// });
/// ```
///
/// Each thread has its own:
///
/// ```
/// use pleach_sync::{ConcurrencyLevel, TokenManager};
///
/// let tokens = TokenManager::new(ConcurrencyLevel::OneWriteMultiRead);
/// std::thread::scope(|scope| {
///     scope.spawn(|| tokens.reader_token().unwrap().is_valid());
/// });
/// ```
pub struct ReaderToken<'m> {
    manager: &'m TokenManager,
    /// None at level 0, and while the token is idle.
    slot: Option<Arc<Slot>>,
    /// Under which it is active; [`IDLE`]; or [`UNVERSIONED`] at level 0.
    version: u64,
    stays: NotSend,
}

/// The version of a token that protects nothing.
const IDLE: u64 = 0;

/// The version of a token where nothing is replaced.
const UNVERSIONED: u64 = u64::MAX;

impl<'m> ReaderToken<'m> {
    /// Made whole, and not filled in: where it is inlined, its words stay in registers.
    #[inline(always)]
    pub(crate) fn new(manager: &'m TokenManager) -> Self {
        let (slot, version) = enter(manager);
        Self {
            manager,
            slot,
            version,
            stays: PhantomData,
        }
    }

    /// Whether it protects what is read under it.
    #[must_use]
    #[inline]
    pub fn is_valid(&self) -> bool {
        self.version != IDLE
    }

    /// Whether it protects what is read from structures of this manager.
    #[must_use]
    #[inline]
    pub fn is_valid_for(&self, manager: &TokenManager) -> bool {
        self.is_valid() && self.belongs_to(manager.id())
    }

    #[inline]
    pub(crate) fn belongs_to(&self, manager: u64) -> bool {
        self.manager.id() == manager
    }

    /// The version under which it is active: it sees all that was published before that number.
    #[must_use]
    pub fn version(&self) -> Option<u64> {
        self.slot.as_ref().map(|_| self.version)
    }

    /// Ends the protection, and keeps nothing from being freed until it is [resumed](Self::resume).
    ///
    /// What was read under the token is no longer borrowed then:
    ///
    /// ```compile_fail,E0502
    /// use pleach_sync::{ConcurrencyLevel, TokenManager, Versioned};
    ///
    /// let tokens = TokenManager::new(ConcurrencyLevel::OneWriteMultiRead);
    /// let number = Versioned::new(&tokens, 1);
    /// let mut token = tokens.reader_token().unwrap();
    /// let one = number.read(&token).unwrap();
    /// token.idle();
    /// assert_eq!(*one, 1);
    /// ```
    ///
    /// ```
    /// use pleach_sync::{ConcurrencyLevel, TokenManager, Versioned};
    ///
    /// let tokens = TokenManager::new(ConcurrencyLevel::OneWriteMultiRead);
    /// let number = Versioned::new(&tokens, 1);
    /// let mut token = tokens.reader_token().unwrap();
    /// let one = number.read(&token).unwrap();
    /// assert_eq!(*one, 1);
    /// token.idle();
    /// assert!(!token.is_valid());
    /// ```
    #[inline]
    pub fn idle(&mut self) {
        self.version = IDLE;
        if let Some(slot) = self.slot.take() {
            slot.leave();
            cache::put(self.manager.id(), slot);
        }
    }

    /// Protects again, from the newest version on. An active token moves on to it.
    #[inline]
    pub fn resume(&mut self) {
        match &self.slot {
            Some(slot) => {
                slot.leave();
                self.version = slot.enter(self.manager.shared().version());
            }
            None => (self.slot, self.version) = enter(self.manager),
        }
    }
}

/// A slot that is entered, and under which version.
#[inline(always)]
fn enter(manager: &TokenManager) -> (Option<Arc<Slot>>, u64) {
    if manager.level() == ConcurrencyLevel::NoWriteReadOnly {
        return (None, UNVERSIONED);
    }
    let shared = manager.shared();
    let slot = shared.slot();
    let version = slot.enter(shared.version());
    (Some(slot), version)
}

impl Drop for ReaderToken<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        self.idle();
    }
}

impl fmt::Debug for ReaderToken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReaderToken")
            .field("version", &self.version())
            .field("idle", &!self.is_valid())
            .finish_non_exhaustive()
    }
}

/// The right to write: the only one below level 4, one of any number there.
///
/// It says who may write, and protects nothing from being freed: to read while writing takes a
/// [`ReaderToken`] too. A forgotten one is held for ever.
pub struct WriterToken<'m> {
    manager: &'m TokenManager,
    id: u64,
    held: bool,
    stays: NotSend,
}

impl<'m> WriterToken<'m> {
    /// The caller has gone through the gate, where there is one.
    pub(crate) fn new(manager: &'m TokenManager) -> Self {
        let id = serial();
        cache::begin_writing(manager.id(), id);
        manager.shared().counts.writers.add(1);
        Self {
            manager,
            id,
            held: true,
            stays: PhantomData,
        }
    }

    /// Whether it gives the right to write.
    #[must_use]
    #[inline]
    pub fn is_valid(&self) -> bool {
        self.held
    }

    /// Whether it gives the right to write to structures of this manager.
    #[must_use]
    #[inline]
    pub fn is_valid_for(&self, manager: &TokenManager) -> bool {
        self.is_valid() && self.belongs_to(manager.id())
    }

    #[inline]
    pub(crate) fn belongs_to(&self, manager: u64) -> bool {
        self.manager.id() == manager
    }

    /// Whether its manager has other writers wait.
    pub(crate) fn is_alone(&self) -> bool {
        self.manager.has_gate()
    }

    /// Its number, which no other writer token of this process has or had.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Gives the right back before the token is dropped.
    pub fn idle(&mut self) {
        if std::mem::take(&mut self.held) {
            cache::end_writing(self.id);
            self.manager.shared().counts.writers.sub(1);
            if self.manager.has_gate() {
                self.manager.gate().leave();
            }
        }
    }
}

impl Drop for WriterToken<'_> {
    fn drop(&mut self) {
        self.idle();
    }
}

impl fmt::Debug for WriterToken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriterToken")
            .field("id", &self.id)
            .field("held", &self.held)
            .finish_non_exhaustive()
    }
}

/// Calls `f` with a reader token.
///
/// # Errors
///
/// Those of [`TokenManager::reader_token`], and those of `f`.
///
/// # Examples
///
/// ```
/// use pleach_sync::{ConcurrencyLevel, TokenManager, with_reader_token};
///
/// let tokens = TokenManager::new(ConcurrencyLevel::OneWriteMultiRead);
/// let valid = with_reader_token(&tokens, |token| Ok(token.is_valid()));
/// assert_eq!(valid, Ok(true));
/// ```
pub fn with_reader_token<R>(
    manager: &TokenManager,
    f: impl FnOnce(&ReaderToken<'_>) -> Result<R, SyncError>,
) -> Result<R, SyncError> {
    f(&manager.reader_token()?)
}

/// Calls `f` with a writer token, when it is this thread's turn.
///
/// # Errors
///
/// Those of [`TokenManager::writer_token`], and those of `f`.
///
/// # Examples
///
/// ```
/// use pleach_sync::{ConcurrencyLevel, SyncError, TokenManager, with_writer_token};
///
/// let tokens = TokenManager::new(ConcurrencyLevel::OneWriteMultiRead);
/// let again = with_writer_token(&tokens, |_| with_writer_token(&tokens, |_| Ok(())));
/// assert_eq!(again, Err(SyncError::WriterHeld));
/// ```
pub fn with_writer_token<R>(
    manager: &TokenManager,
    f: impl FnOnce(&WriterToken<'_>) -> Result<R, SyncError>,
) -> Result<R, SyncError> {
    f(&manager.writer_token()?)
}
