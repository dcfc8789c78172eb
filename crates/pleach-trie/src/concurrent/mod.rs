//! [`CompressedSparseTrie`], which threads read while others change it, and [`LocalTrie`] for one thread.
//!
//! The trie is a [`PathMap`] behind one pointer. Whoever changes it edits another one, which gets copies of
//! the nodes on the way to each change the first time, and is edited in place from then on; and publishes
//! it by one exchange of the pointer. So a reader has one load to make, a snapshot is one count, and a batch
//! is visible at once.
//!
//! Where writers come one at a time, the new map takes over what it shares with the old one, instead of
//! counting it ([`Successor`]): what the old one had alone is freed, node by node, when no token protects it
//! any more. Only a snapshot has a share of its own; so there is one to be had of the newest map alone, and
//! a map with a snapshot is not taken over but counted. At level 4 the new map is a clone that is edited.
//!
//! The pointer is [`Versioned`], the nodes are those of every map; the one unsafe call here says when what
//! was taken over is freed.

mod batch;
mod local;
#[allow(unsafe_code, reason = "says when what was succeeded can be freed")]
mod root;

use crate::PathMap;
use crate::map::{IntoIter, saturate};
use crate::raw::{Remains, Successor};
use batch::{Batch, Ended, InHand, Nodes, Open, Taken, apply};
use pleach_sync::{
    ConcurrencyLevel, Policy, ReaderToken, SyncError, TokenManager, Versioned, WriterToken,
};
use root::Root;
use std::fmt;

pub use local::LocalTrie;

/// What a version is taken to weigh for each edit that made it: the nodes from the root to the key, which
/// it does not share with the next. A guess, since nodes are not weighed one by one.
const BYTES_PER_EDIT: u64 = 1024;

/// An ordered map from byte strings to values that threads share: readers beside live writers.
///
/// Its level says who may do what:
///
/// | level | readers | writers | an edit outside of a batch |
/// |---|---|---|---|
/// | 0 `NoWriteReadOnly` | any thread, for nothing | none | |
/// | 1 `SingleThreadStrict` | any thread, tokens in the owner's | the owner's thread, while it holds no reader token | is visible at once |
/// | 2 `SingleThreadShared` | any thread, tokens in the owner's | the owner's thread | is visible at once |
/// | 3 `OneWriteMultiRead` | any thread | any thread, one at a time, first come first served | waits for other writers |
/// | 4 `MultiWriteMultiRead` | any thread | any thread, side by side | waits for nobody, and begins again where another was faster |
///
/// The owner is the thread that made the trie. Readers take no lock and write to nothing that others
/// read; they never wait for writers, and writers never for them.
///
/// Reading without a token returns copies; [`get_with_token`](Self::get_with_token) returns references
/// that live as long as the token. [`snapshot`](Self::snapshot) is a whole [`PathMap`] of one moment, in
/// constant time, with all that maps can do.
///
/// # Examples
/// ```
/// use pleach_sync::{ConcurrencyLevel, SyncError};
/// use pleach_trie::CompressedSparseTrie;
///
/// let trie = CompressedSparseTrie::new(ConcurrencyLevel::OneWriteMultiRead)?;
/// trie.insert("animal/dog", 4)?;
///
/// // Several edits that become visible at once, or not at all.
/// trie.with_writer_token(|trie, token| {
///     trie.insert_with_token("animal/hen", 2, token)?;
///     trie.remove_with_token("animal/dog", token)?;
///     assert_eq!(trie.len(), 1, "who writes sees its own edits");
///     let seen = std::thread::scope(|scope| scope.spawn(|| trie.get("animal/hen")).join().unwrap());
///     assert_eq!(seen, None, "others do not, yet");
///     Ok(())
/// })?;
/// assert_eq!(trie.get("animal/hen"), Some(2));
/// # Ok::<(), SyncError>(())
/// ```
///
/// A value does not outlive the token it was read under:
///
/// ```compile_fail,E0505
/// use pleach_sync::ConcurrencyLevel;
/// use pleach_trie::CompressedSparseTrie;
///
/// let trie = CompressedSparseTrie::<u32>::new(ConcurrencyLevel::OneWriteMultiRead).unwrap();
/// let token = trie.tokens().reader_token().unwrap();
/// let value = trie.get_with_token("key", &token);
/// drop(token);
/// assert_eq!(value, None);
/// ```
///
/// The other way round it compiles:
///
/// ```
/// use pleach_sync::ConcurrencyLevel;
/// use pleach_trie::CompressedSparseTrie;
///
/// let trie = CompressedSparseTrie::<u32>::new(ConcurrencyLevel::OneWriteMultiRead).unwrap();
/// let token = trie.tokens().reader_token().unwrap();
/// let value = trie.get_with_token("key", &token);
/// assert_eq!(value, None);
/// drop(token);
/// ```
///
/// Nor does a value leave the closure that has the token:
///
/// ```compile_fail
/// use pleach_sync::ConcurrencyLevel;
/// use pleach_trie::CompressedSparseTrie;
///
/// let trie = CompressedSparseTrie::<u32>::new(ConcurrencyLevel::OneWriteMultiRead).unwrap();
/// let value = trie.with_reader_token(|trie, token| Ok(trie.get_with_token("key", token)));
/// ```
///
/// A copy does:
///
/// ```
/// use pleach_sync::ConcurrencyLevel;
/// use pleach_trie::CompressedSparseTrie;
///
/// let trie = CompressedSparseTrie::<u32>::new(ConcurrencyLevel::OneWriteMultiRead).unwrap();
/// let value = trie.with_reader_token(|trie, token| Ok(trie.get_with_token("key", token).copied()));
/// assert_eq!(value, Ok(None));
/// ```
pub struct CompressedSparseTrie<V> {
    tokens: TokenManager,
    root: Versioned<Root<V>, Remains<V>>,
    open: Open<V>,
}

impl<V> CompressedSparseTrie<V> {
    /// An empty trie.
    ///
    /// # Errors
    /// None so far.
    pub fn new(level: ConcurrencyLevel) -> Result<Self, SyncError> {
        Self::with_policy(level, Policy::Grow)
    }

    /// An empty trie that does as `policy` says where readers stay for long. Each edit is taken to keep
    /// 1,024 bytes.
    ///
    /// # Errors
    /// None so far.
    pub fn with_policy(level: ConcurrencyLevel, policy: Policy) -> Result<Self, SyncError> {
        Ok(Self::of(
            PathMap::new(),
            TokenManager::with_policy(level, policy),
        ))
    }

    /// A trie that begins with what is in `map`, which it shares. Level 0 is for that.
    ///
    /// # Errors
    /// None so far.
    ///
    /// # Examples
    /// ```
    /// use pleach_sync::{ConcurrencyLevel, SyncError};
    /// use pleach_trie::{CompressedSparseTrie, PathMap};
    ///
    /// let map = PathMap::from([("a", 1)]);
    /// let trie = CompressedSparseTrie::from_map(ConcurrencyLevel::NoWriteReadOnly, map)?;
    /// assert_eq!(trie.get("a"), Some(1));
    /// assert_eq!(trie.insert("b", 2), Err(SyncError::ReadOnly));
    /// # Ok::<(), SyncError>(())
    /// ```
    pub fn from_map(level: ConcurrencyLevel, map: PathMap<V>) -> Result<Self, SyncError> {
        Ok(Self::of(map, TokenManager::new(level)))
    }

    fn of(map: PathMap<V>, tokens: TokenManager) -> Self {
        let root = Versioned::with_remains(&tokens, Root::new(map));
        Self {
            tokens,
            root,
            open: Open::new(),
        }
    }

    /// The manager of its tokens: to take one, and to ask for statistics.
    ///
    /// Edits under a writer token that is taken there are visible one by one; a batch is what
    /// [`with_writer_token`](Self::with_writer_token) makes.
    pub fn tokens(&self) -> &TokenManager {
        &self.tokens
    }

    /// Its level.
    pub fn level(&self) -> ConcurrencyLevel {
        self.tokens.level()
    }

    /// The same trie at level 0: from now on nothing changes, and reading costs what it costs a map.
    ///
    /// # Examples
    /// ```
    /// use pleach_sync::{ConcurrencyLevel, SyncError};
    /// use pleach_trie::CompressedSparseTrie;
    ///
    /// let trie = CompressedSparseTrie::new(ConcurrencyLevel::OneWriteMultiRead)?;
    /// trie.insert("a", 1)?;
    /// let trie = trie.freeze();
    /// assert_eq!((trie.get("a"), trie.remove("a")), (Some(1), Err(SyncError::ReadOnly)));
    /// # Ok::<(), SyncError>(())
    /// ```
    #[must_use]
    pub fn freeze(self) -> Self {
        Self {
            tokens: self.tokens.freeze(),
            ..self
        }
    }

    /// Drops some of the versions that no reader can see any more, as every edit does; returns how many.
    pub fn reclaim(&self) -> usize {
        self.root.reclaim()
    }

    /// Whether there is a value at `key`; time in the length of `key`.
    pub fn contains(&self, key: impl AsRef<[u8]>) -> bool {
        let key = key.as_ref();
        self.look(Some(key), |trie| trie.get(key).is_some())
    }

    /// The value at `key`, which lives as long as the token; time in the length of `key`. None under a
    /// token of another trie, or an idle one.
    ///
    /// It sees what is published, also in the thread of a writer with a batch.
    ///
    /// # Examples
    /// ```
    /// use pleach_sync::{ConcurrencyLevel, SyncError};
    /// use pleach_trie::CompressedSparseTrie;
    ///
    /// let trie = CompressedSparseTrie::new(ConcurrencyLevel::OneWriteMultiRead)?;
    /// trie.insert("key", String::from("value"))?;
    /// let token = trie.tokens().reader_token()?;
    /// let value = trie.get_with_token("key", &token);
    /// trie.insert("key", String::from("another"))?;
    /// assert_eq!(value.unwrap(), "value");
    /// # Ok::<(), SyncError>(())
    /// ```
    pub fn get_with_token<'t>(
        &'t self,
        key: impl AsRef<[u8]>,
        token: &'t ReaderToken<'_>,
    ) -> Option<&'t V> {
        self.root.read(token).ok()?.map.get(key)
    }

    /// The map as it is now, all of one moment; it does not change any more, and protects itself. One
    /// load, and one count.
    ///
    /// # Errors
    /// [`SyncError::ForeignToken`], [`SyncError::IdleToken`].
    pub fn snapshot_with_token(&self, token: &ReaderToken<'_>) -> Result<PathMap<V>, SyncError> {
        loop {
            if let Some(map) = self.clone_of(self.root.read(token)?) {
                return Ok(map);
            }
        }
    }

    /// The map as it is now, all of one moment, in constant time: one load, and one count. It does not
    /// change any more, and needs no token. Edits of the trie then copy what they share with it.
    ///
    /// # Examples
    /// ```
    /// use pleach_sync::{ConcurrencyLevel, SyncError};
    /// use pleach_trie::CompressedSparseTrie;
    ///
    /// let trie = CompressedSparseTrie::new(ConcurrencyLevel::OneWriteMultiRead)?;
    /// trie.insert("a", 1)?;
    /// let before = trie.snapshot();
    /// trie.insert("b", 2)?;
    /// assert_eq!((before.len(), trie.len()), (1, 2));
    /// # Ok::<(), SyncError>(())
    /// ```
    pub fn snapshot(&self) -> PathMap<V> {
        if let Some(mut batch) = self.batch_here() {
            return batch.snapshot();
        }
        if let Ok(token) = self.tokens.reader_token()
            && let Ok(map) = self.snapshot_with_token(&token)
        {
            return map;
        }
        // Levels 1 and 2 give tokens to their owner alone, but to look is for everybody.
        loop {
            if let Some(map) = self.root.with(|root| self.clone_of(root)) {
                return map;
            }
        }
    }

    /// A clone of the root's map. None if there is another root by now, which has taken over what this
    /// one had; whoever is told so will find that one.
    fn clone_of(&self, root: &Root<V>) -> Option<PathMap<V>> {
        let uncounted = || self.root.is_current(root).then(|| root.map.clone());
        root.snapshot().or_else(uncounted)
    }

    /// The number of keys, in constant time.
    pub fn len(&self) -> usize {
        self.look(None, |trie| saturate(trie.count()))
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Calls `f` with the trie and a reader token.
    ///
    /// # Errors
    /// Those of [`TokenManager::reader_token`], and those of `f`.
    pub fn with_reader_token<R>(
        &self,
        f: impl FnOnce(&Self, &ReaderToken<'_>) -> Result<R, SyncError>,
    ) -> Result<R, SyncError> {
        f(self, &self.tokens.reader_token()?)
    }

    /// The batch that this thread is in, if it is.
    fn batch_here(&self) -> Option<InHand<'_, V>> {
        let mut batch = None;
        self.tokens
            .find_writer_here(|token| match self.open.take(token) {
                Taken::Batch(taken) => {
                    batch = Some(taken);
                    true
                }
                Taken::None | Taken::InUse => false,
            });
        batch
    }

    /// Reads the trie: the one that this thread is editing in a batch, if it is, or the one published.
    /// `seen` is the key that is looked at, none for all of them. It must not be cloned.
    fn look<R>(&self, seen: Option<&[u8]>, f: impl FnOnce(&Nodes<V>) -> R) -> R {
        if let Some(mut batch) = self.batch_here() {
            return f(batch.see(seen));
        }
        let token = self.tokens.reader_token();
        match token.as_ref().map(|token| self.root.read(token)) {
            Ok(Ok(root)) => f(&root.map.trie),
            // As in `snapshot`.
            _ => self.root.with(|root| f(&root.map.trie)),
        }
    }
}

impl<V: Clone> CompressedSparseTrie<V> {
    /// A copy of the value at `key`; time in the length of `key`.
    pub fn get(&self, key: impl AsRef<[u8]>) -> Option<V> {
        let key = key.as_ref();
        self.look(Some(key), |trie| trie.get(key).cloned())
    }

    /// The entries of the map as it is now, in byte order: an iterator over a [snapshot](Self::snapshot)
    /// of its own.
    pub fn iter(&self) -> IntoIter<V> {
        self.snapshot().into_iter()
    }

    /// Sets the value at `key` and returns the one it replaces; visible to all at once.
    ///
    /// # Errors
    /// Those of [`TokenManager::writer_token`], at level 4 too [`SyncError::WriterHeld`] if this thread
    /// has a batch; [`SyncError::Backpressure`].
    pub fn insert(&self, key: impl AsRef<[u8]>, value: V) -> Result<Option<V>, SyncError> {
        self.refuse_within_a_batch()?;
        self.edit_now(key.as_ref(), Some(value), &self.tokens.writer_token()?)
    }

    /// Takes the value at `key` out; visible to all at once.
    ///
    /// # Errors
    /// As [`insert`](Self::insert).
    pub fn remove(&self, key: impl AsRef<[u8]>) -> Result<Option<V>, SyncError> {
        self.refuse_within_a_batch()?;
        self.remove_now(key.as_ref(), &self.tokens.writer_token()?)
    }

    /// Sets the value at `key` under a token, and returns the one it replaces: within a batch if the token
    /// is a batch's, visible to all at once if it is not.
    ///
    /// # Errors
    /// [`SyncError::ForeignToken`], [`SyncError::IdleToken`]; [`SyncError::WriterHeld`] within another
    /// edit under the same token; outside of a batch [`SyncError::Backpressure`].
    pub fn insert_with_token(
        &self,
        key: impl AsRef<[u8]>,
        value: V,
        token: &WriterToken<'_>,
    ) -> Result<Option<V>, SyncError> {
        let key = key.as_ref();
        match self.batch_of(token)? {
            Some(mut batch) => Ok(batch.edit(key, Some(value))),
            None => self.edit_now(key, Some(value), token),
        }
    }

    /// Takes the value at `key` out under a token: within a batch if the token is a batch's, visible to all
    /// at once if it is not.
    ///
    /// # Errors
    /// As [`insert_with_token`](Self::insert_with_token).
    pub fn remove_with_token(
        &self,
        key: impl AsRef<[u8]>,
        token: &WriterToken<'_>,
    ) -> Result<Option<V>, SyncError> {
        let key = key.as_ref();
        match self.batch_of(token)? {
            Some(mut batch) => Ok(batch.edit(key, None)),
            None => self.remove_now(key, token),
        }
    }

    /// Calls `f` with the trie and a writer token. The edits that `f` makes under it are a batch: they
    /// become visible all at once when `f` returns `Ok`, and are thrown away when it returns an error or
    /// panics. Meanwhile the calling thread sees them, and others do not.
    ///
    /// At levels 1 to 3 no other writer comes in between. At level 4 others may: then the edits are made
    /// part of what they have published, if they have changed nothing that this thread has read or
    /// written in the batch, and are thrown away with an error if they have. A part of the key space that
    /// nobody else has changed is taken over whole, whatever its size.
    ///
    /// So batches on different keys are never refused, however close the keys are, with one exception: a
    /// trie remembers 65,536 keys that were changed. Of a batch that others have left further behind than
    /// that, a key counts as changed if others have changed another one in the same node. To look at all
    /// keys (`len`, `iter`, `snapshot`) in a batch is to read each.
    ///
    /// # Errors
    /// Those of [`TokenManager::writer_token`], at level 4 too [`SyncError::WriterHeld`] if this thread
    /// has a batch; those of `f`; [`SyncError::Backpressure`]; at level 4 [`SyncError::Conflict`], after
    /// which the batch may be tried again.
    ///
    /// # Examples
    /// ```
    /// use pleach_sync::{ConcurrencyLevel, SyncError};
    /// use pleach_trie::CompressedSparseTrie;
    ///
    /// let trie = CompressedSparseTrie::new(ConcurrencyLevel::MultiWriteMultiRead)?;
    /// let refused = trie.with_writer_token(|trie, token| {
    ///     trie.insert_with_token("a", 1, token)?;
    ///     Err::<(), _>(SyncError::Discarded)
    /// });
    /// assert_eq!((refused, trie.len()), (Err(SyncError::Discarded), 0));
    /// # Ok::<(), SyncError>(())
    /// ```
    pub fn with_writer_token<R>(
        &self,
        f: impl FnOnce(&Self, &WriterToken<'_>) -> Result<R, SyncError>,
    ) -> Result<R, SyncError> {
        self.refuse_within_a_batch()?;
        let token = self.tokens.writer_token()?;
        // Open before it looks at the root: from then on others remember for it what they change.
        let session = self.open.begin(token.id());
        session.put(self.root.with(|root| Batch::new(root, self.is_raced())));
        let result = f(self, &token)?;
        if let Some(batch) = session.end() {
            self.commit(*batch, &token)?;
        }
        drop(session);
        Ok(result)
    }

    fn commit(&self, batch: Batch<V>, token: &WriterToken<'_>) -> Result<(), SyncError> {
        let (edits, ended) = batch.end();
        let bytes = edits.saturating_mul(BYTES_PER_EDIT);
        match ended {
            Ended::Clean => Ok(()),
            Ended::Alone(next) => self.succeed(token, bytes, |_| next),
            Ended::Raced(batch) => self.root.update(token, bytes, |root| {
                let map = batch.upon(root)?;
                Ok(root.next_with(map, batch.written(), self.open.count() > 1))
            }),
        }
    }

    /// Publishes what `make` makes of the root, where writers come one at a time.
    fn succeed(
        &self,
        token: &WriterToken<'_>,
        bytes: u64,
        make: impl FnOnce(&Root<V>) -> Successor<V>,
    ) -> Result<(), SyncError> {
        let make = |root: &Root<V>| {
            let (trie, succession) = make(root).finish();
            Ok((root.next(PathMap::from_trie(trie)), succession))
        };
        self.root.succeed(token, bytes, make, Root::settle)
    }

    fn remove_now(&self, key: &[u8], token: &WriterToken<'_>) -> Result<Option<V>, SyncError> {
        if self.root.with(|root| !root.map.contains_key(key)) {
            return Ok(None);
        }
        self.edit_now(key, None, token)
    }

    /// Sets a value or takes it out, visible to all at once.
    fn edit_now(
        &self,
        key: &[u8],
        value: Option<V>,
        token: &WriterToken<'_>,
    ) -> Result<Option<V>, SyncError> {
        let mut old = None;
        if self.is_raced() {
            self.root.update(token, BYTES_PER_EDIT, |root| {
                let mut map = root.map.clone();
                // Where others are faster, the value is needed again.
                old = match value.clone() {
                    Some(value) => map.insert(key, value),
                    None => map.remove(key),
                };
                let written = PathMap::single(key, ());
                Ok(root.next_with(map, &written, self.open.count() > 0))
            })?;
        } else {
            self.succeed(token, BYTES_PER_EDIT, |root| {
                let mut next = Successor::new(root.map.trie.clone());
                old = apply(&mut next, key, value);
                next
            })?;
        }
        Ok(old)
    }

    /// The token's batch, if it has one.
    fn batch_of(&self, token: &WriterToken<'_>) -> Result<Option<InHand<'_, V>>, SyncError> {
        if !token.is_valid() {
            return Err(SyncError::IdleToken);
        }
        if !token.is_valid_for(&self.tokens) {
            return Err(SyncError::ForeignToken);
        }
        match self.open.take(token.id()) {
            Taken::Batch(batch) => Ok(Some(batch)),
            Taken::InUse => Err(SyncError::WriterHeld),
            Taken::None => Ok(None),
        }
    }

    fn refuse_within_a_batch(&self) -> Result<(), SyncError> {
        let batch = |token| !matches!(self.open.take(token), Taken::None);
        match self.tokens.find_writer_here(batch) {
            Some(_) => Err(SyncError::WriterHeld),
            None => Ok(()),
        }
    }

    /// Whether several may write at once.
    fn is_raced(&self) -> bool {
        self.level() == ConcurrencyLevel::MultiWriteMultiRead
    }
}

impl<V: fmt::Debug> fmt::Debug for CompressedSparseTrie<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompressedSparseTrie")
            .field("level", &self.level())
            .field("map", &self.snapshot())
            .finish()
    }
}
