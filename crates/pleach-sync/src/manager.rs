//! [`TokenManager`]: who reads, who writes, and which version it is.

use std::fmt;
use std::time::{Duration, Instant};

use pleach_atomic::atomic::{AtomicU64, Ordering};
#[cfg(pleach_loom)]
use pleach_atomic::model::planted;
use pleach_atomic::stat::Tally;
use pleach_atomic::sync::{Arc, Mutex};
use pleach_atomic::thread::{self, ThreadId};
use pleach_atomic::{fence, ord};

use crate::gate::Gate;
use crate::lock::lock;
use crate::slots::{FIRST_VERSION, Slot, Slots};
use crate::stats::{OldestReader, TokenStats};
use crate::{ConcurrencyLevel, Policy, ReaderToken, SyncError, WriterToken, cache};

/// Numbers for managers and writer tokens, none of which is given twice.
static SERIAL: Tally = Tally::new(1);

/// A number of its own.
pub(crate) fn serial() -> u64 {
    SERIAL.add(1)
}

/// Gives tokens to readers and writers of one structure, and knows when what a writer replaced can no
/// longer be seen.
///
/// # Examples
///
/// ```
/// use pleach_sync::{ConcurrencyLevel, SyncError, TokenManager};
///
/// let tokens = TokenManager::new(ConcurrencyLevel::OneWriteMultiRead);
/// let reader = tokens.reader_token()?;
/// let writer = tokens.writer_token()?;
/// assert!(reader.is_valid() && writer.is_valid());
/// assert_eq!(tokens.try_writer_token().unwrap_err(), SyncError::WriterHeld);
/// # Ok::<(), SyncError>(())
/// ```
///
/// A token does not outlive its manager:
///
/// ```compile_fail,E0505
/// use pleach_sync::{ConcurrencyLevel, TokenManager};
///
/// let tokens = TokenManager::new(ConcurrencyLevel::OneWriteMultiRead);
/// let reader = tokens.reader_token().unwrap();
/// drop(tokens);
/// drop(reader);
/// ```
///
/// The other way round it compiles:
///
/// ```
/// use pleach_sync::{ConcurrencyLevel, TokenManager};
///
/// let tokens = TokenManager::new(ConcurrencyLevel::OneWriteMultiRead);
/// let reader = tokens.reader_token().unwrap();
/// drop(reader);
/// drop(tokens);
/// ```
pub struct TokenManager {
    level: ConcurrencyLevel,
    shared: Arc<Shared>,
}

/// What a manager shares with the lists of what was retired.
pub(crate) struct Shared {
    id: u64,
    version: Version,
    slots: Slots,
    gate: Gate,
    owner: ThreadId,
    pub(crate) policy: Policy,
    pub(crate) counts: Counts,
    oldest: Mutex<Option<(u64, Instant)>>,
}

/// The number of the next stamp but one, on a line of its own: readers read it, writers write it.
#[repr(align(128))]
struct Version(AtomicU64);

/// For statistics alone, but for the bytes, which policies look at.
#[derive(Default)]
pub(crate) struct Counts {
    claimed: Tally,
    pub(crate) writers: Tally,
    pub(crate) retired: Tally,
    pub(crate) reclaimed: Tally,
    pub(crate) pending_bytes: Tally,
    pub(crate) refused: Tally,
}

impl TokenManager {
    /// A manager that keeps all that waits for readers ([`Policy::Grow`]).
    #[must_use]
    pub fn new(level: ConcurrencyLevel) -> Self {
        Self::with_policy(level, Policy::Grow)
    }

    /// A manager that does as `policy` says where readers stay for long.
    #[must_use]
    pub fn with_policy(level: ConcurrencyLevel, policy: Policy) -> Self {
        let shared = Shared {
            id: serial(),
            version: Version(AtomicU64::new(FIRST_VERSION)),
            slots: Slots::new(),
            gate: Gate::new(),
            owner: thread::current().id(),
            policy,
            counts: Counts::default(),
            oldest: Mutex::new(None),
        };
        Self {
            level,
            shared: Arc::new(shared),
        }
    }

    /// Its level.
    #[must_use]
    pub fn level(&self) -> ConcurrencyLevel {
        self.level
    }

    /// The same manager at level 0. There are no tokens of it: they would borrow it.
    ///
    /// # Examples
    ///
    /// ```
    /// use pleach_sync::{ConcurrencyLevel, SyncError, TokenManager};
    ///
    /// let tokens = TokenManager::new(ConcurrencyLevel::OneWriteMultiRead).freeze();
    /// assert_eq!(tokens.level(), ConcurrencyLevel::NoWriteReadOnly);
    /// assert_eq!(tokens.writer_token().unwrap_err(), SyncError::ReadOnly);
    /// ```
    #[must_use]
    pub fn freeze(self) -> Self {
        Self {
            level: ConcurrencyLevel::NoWriteReadOnly,
            ..self
        }
    }

    /// A token to read under: what can be reached while it is active is not freed.
    ///
    /// With a slot of this thread's at hand, which is so for every token but the first few: one store
    /// and one fence, no lock, no allocation, no clock. At level 0 nothing at all.
    ///
    /// # Errors
    ///
    /// At levels 1 and 2 [`SyncError::WrongThread`], at level 1 [`SyncError::WriterHeld`] beside a
    /// writer token.
    #[inline]
    pub fn reader_token(&self) -> Result<ReaderToken<'_>, SyncError> {
        if self.level.has_owner() {
            self.check_owner()?;
            if self.level == ConcurrencyLevel::SingleThreadStrict && self.shared.gate.is_held() {
                return Err(SyncError::WriterHeld);
            }
        }
        Ok(ReaderToken::new(self))
    }

    /// A token to write under, when it is this thread's turn.
    ///
    /// At levels 1 to 3 there is one at a time; others wait for it, first come first served.
    ///
    /// # Errors
    ///
    /// [`SyncError::ReadOnly`] at level 0; [`SyncError::WrongThread`] at levels 1 and 2;
    /// [`SyncError::ReadersActive`] at level 1; [`SyncError::WriterHeld`] at levels 1 to 3 if this
    /// thread has it.
    pub fn writer_token(&self) -> Result<WriterToken<'_>, SyncError> {
        self.make_writer(Gate::enter)
    }

    /// A token to write under, if there is one at once.
    ///
    /// # Errors
    ///
    /// As [`writer_token`](Self::writer_token), and [`SyncError::Busy`] where that would wait.
    pub fn try_writer_token(&self) -> Result<WriterToken<'_>, SyncError> {
        self.make_writer(Gate::try_enter)
    }

    fn make_writer(
        &self,
        enter: fn(&Gate) -> Result<(), SyncError>,
    ) -> Result<WriterToken<'_>, SyncError> {
        match self.level {
            ConcurrencyLevel::NoWriteReadOnly => return Err(SyncError::ReadOnly),
            ConcurrencyLevel::SingleThreadStrict => {
                self.check_owner()?;
                let active = self.shared.slots.active().count();
                if active > 0 {
                    return Err(SyncError::ReadersActive { active });
                }
            }
            ConcurrencyLevel::SingleThreadShared => self.check_owner()?,
            ConcurrencyLevel::OneWriteMultiRead | ConcurrencyLevel::MultiWriteMultiRead => {}
        }
        if self.has_gate() {
            enter(&self.shared.gate)?;
        }
        Ok(WriterToken::new(self))
    }

    /// Whether writers come one at a time.
    pub(crate) fn has_gate(&self) -> bool {
        self.level < ConcurrencyLevel::MultiWriteMultiRead
    }

    pub(crate) fn gate(&self) -> &Gate {
        &self.shared.gate
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Its number, which no other manager of this process has or had.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.shared.id
    }

    /// The newest writer token of this manager that the calling thread holds and for which `is` says
    /// true, by its [number](WriterToken::id). Takes a look at memory of the thread's own and no more.
    #[inline]
    pub fn find_writer_here(&self, is: impl FnMut(u64) -> bool) -> Option<u64> {
        cache::find_writing(self.shared.id, is)
    }

    /// What there is to know of tokens, and of what waits for them. Looks at every slot.
    #[must_use]
    pub fn stats(&self) -> TokenStats {
        let shared = &*self.shared;
        let (slots, served) = shared.slots.served();
        let version = shared.version.0.load(Ordering::Relaxed);
        let entries = || shared.slots.active();
        let counts = &shared.counts;
        TokenStats {
            version,
            readers_active: entries().count(),
            writers_active: counts.writers.get() as usize,
            slots,
            tokens: served,
            tokens_cached: served.saturating_sub(counts.claimed.get()),
            retired: counts.retired.get(),
            reclaimed: counts.reclaimed.get(),
            pending_bytes: counts.pending_bytes.get(),
            refused: counts.refused.get(),
            oldest_reader: entries().min().map(|entered| OldestReader {
                entered,
                behind: version.saturating_sub(entered),
                seen_for: shared.watch(entered),
            }),
        }
    }

    fn check_owner(&self) -> Result<(), SyncError> {
        match thread::current().id() == self.shared.owner {
            true => Ok(()),
            false => Err(SyncError::WrongThread),
        }
    }
}

impl Shared {
    /// A number for what has been unlinked just now, greater than that under which any reader that can
    /// have seen it has entered.
    pub(crate) fn stamp(&self) -> u64 {
        #[cfg(pleach_loom)]
        if planted("stamp_without_increment") {
            return self.version.0.load(Ordering::Acquire);
        }
        // Release (SYNC-9): who reads the new number sees the unlinking; pairs with SYNC-3 and SYNC-5.
        let order = ord("SYNC-9", Ordering::Release);
        let stamp = self.version.0.fetch_add(1, order) + 1;
        #[cfg(pleach_loom)]
        if planted("stamp_of_the_writer") {
            return FIRST_VERSION;
        }
        stamp
    }

    /// A number such that nobody can see, now or later, what was unlinked with a stamp up to it.
    pub(crate) fn horizon(&self) -> u64 {
        // Relaxed: the fence acquires.
        let now = self.version.0.load(Ordering::Relaxed);
        // SeqCst (SYNC-5): all with a stamp up to `now` was unlinked before it (pairs with SYNC-9),
        // and we find every reader that does not see that (pairs with SYNC-2).
        fence("SYNC-5", Ordering::SeqCst);
        #[cfg(pleach_loom)]
        if planted("blind_reclaimer") {
            return now;
        }
        self.slots.lowest(now)
    }

    /// How many stamps were given since the oldest active reader entered.
    pub(crate) fn behind(&self) -> u64 {
        let now = self.version.0.load(Ordering::Relaxed);
        now.saturating_sub(self.slots.lowest(now))
    }

    /// An idle slot for this thread, to enter and leave.
    #[inline]
    pub(crate) fn slot(&self) -> Arc<Slot> {
        cache::take(self.id).unwrap_or_else(|| self.claim())
    }

    #[cold]
    fn claim(&self) -> Arc<Slot> {
        cache::forget_the_dead();
        self.counts.claimed.add(1);
        self.slots.claim()
    }

    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    #[inline]
    pub(crate) fn version(&self) -> &AtomicU64 {
        &self.version.0
    }

    /// How long readers of this version, the oldest, have been seen.
    fn watch(&self, entered: u64) -> Duration {
        let mut oldest = lock(&self.oldest);
        match *oldest {
            Some((version, since)) if version == entered => since.elapsed(),
            _ => {
                *oldest = Some((entered, Instant::now()));
                Duration::ZERO
            }
        }
    }
}

impl fmt::Debug for TokenManager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenManager")
            .field("level", &self.level)
            .field("stats", &self.stats())
            .finish()
    }
}
