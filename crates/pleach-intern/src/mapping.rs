//! The mapping: strings to symbols and back.

use std::fmt;
use std::io;
use std::ops::Deref;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::path::Path;

use pleach_atomic::sync::Arc;
use pleach_trie::PathMap;

use crate::file;
use crate::hash::KeyedHash;
use crate::ordered::Ordered;
use crate::raw::sought::Sought;
use crate::raw::store::{Claim, Store};
use crate::{
    InternError, Iter, Limits, LoadError, Memory, PermitError, SaveError, Symbol, WritePermit,
};

/// Byte strings and their symbols, shared by any number of threads.
///
/// It is made and held through [`SharedMappingHandle`]s. See the [crate page](crate) for what holds
/// and what it costs.
pub struct SharedMapping {
    pub(crate) store: Store,
    pub(crate) ordered: Ordered,
    hash: KeyedHash,
}

/// A handle on a [`SharedMapping`], cheap to clone. The mapping lives as long as one of them, or a
/// [`WritePermit`].
#[derive(Clone, Debug)]
pub struct SharedMappingHandle(Arc<SharedMapping>);

impl SharedMapping {
    /// Makes a mapping without strings.
    ///
    /// # Examples
    ///
    /// ```
    /// use pleach_intern::{SharedMapping, SharedMappingHandle};
    ///
    /// let map: SharedMappingHandle = SharedMapping::new();
    /// let dog = map.intern("dog");
    /// assert_eq!(map.get_bytes(dog), Some(&b"dog"[..]));
    /// ```
    #[expect(
        clippy::new_ret_no_self,
        reason = "a mapping is held through handles alone"
    )]
    #[must_use]
    pub fn new() -> SharedMappingHandle {
        Self::with_limits(Limits::default())
    }

    /// Makes a mapping without strings that refuses what goes beyond `limits`.
    #[must_use]
    pub fn with_limits(limits: Limits) -> SharedMappingHandle {
        Self::of_store(Store::new(limits))
    }

    /// A mapping of the strings in `store`, none of which can be found by their bytes yet.
    pub(crate) fn of_store(store: Store) -> SharedMappingHandle {
        SharedMappingHandle(Arc::new(Self {
            store,
            ordered: Ordered::default(),
            hash: KeyedHash::default(),
        }))
    }

    /// Returns the symbol of `bytes`, if they were interned.
    ///
    /// O(n) in the length of the bytes. Takes no lock and writes nothing that is shared.
    ///
    /// # Examples
    ///
    /// ```
    /// use pleach_intern::SharedMapping;
    ///
    /// let map = SharedMapping::new();
    /// assert_eq!(map.get_sym("dog"), None);
    /// let dog = map.intern("dog");
    /// assert_eq!(map.get_sym(b"dog"), Some(dog));
    /// ```
    #[inline]
    #[must_use]
    pub fn get_sym(&self, bytes: impl AsRef<[u8]>) -> Option<Symbol> {
        let bytes = bytes.as_ref();
        if bytes.len() > self.store.limits().len_max {
            return None;
        }
        let sought = Sought::new(bytes);
        self.store.find(self.hash.hash(&sought), &sought)
    }

    /// Returns the bytes that `symbol` stands for; `None` if this mapping never issued it.
    ///
    /// Takes no lock and writes nothing. The bytes stay where they are as long as the mapping lives.
    ///
    /// # Examples
    ///
    /// ```
    /// use pleach_intern::{SharedMapping, Symbol};
    ///
    /// let map = SharedMapping::new();
    /// let dog = map.intern("dog");
    /// assert_eq!(map.get_bytes(dog), Some(&b"dog"[..]));
    /// assert_eq!(map.get_bytes(Symbol::try_from(12345)?), None);
    /// # Ok::<(), pleach_intern::InvalidSymbol>(())
    /// ```
    #[inline]
    #[must_use]
    pub fn get_bytes(&self, symbol: Symbol) -> Option<&[u8]> {
        self.store.get(symbol)
    }

    /// Returns the symbol of `bytes`, and makes one if they have none.
    ///
    /// O(n) in the length of the bytes. Strings that are there are found as by
    /// [`get_sym`](Self::get_sym). An insertion takes the slot in which the thread wrote last, or
    /// another that is free, or the one that all share; it waits for no slot, and locks one shard of
    /// the hashes.
    ///
    /// # Panics
    ///
    /// If [`try_intern`](Self::try_intern) fails.
    ///
    /// # Examples
    ///
    /// ```
    /// use pleach_intern::SharedMapping;
    ///
    /// let map = SharedMapping::new();
    /// let dog = map.intern("dog");
    /// assert_eq!(map.intern(b"dog"), dog);
    /// assert_ne!(map.intern("hound"), dog);
    /// ```
    #[inline]
    #[track_caller]
    pub fn intern(&self, bytes: impl AsRef<[u8]>) -> Symbol {
        match self.try_intern(bytes) {
            Ok(symbol) => symbol,
            Err(error) => panic!("{error}"),
        }
    }

    /// Returns the symbol of `bytes`, and makes one if they have none.
    ///
    /// # Errors
    ///
    /// [`InternError`], after which the mapping is as it was: whatever was interned is found.
    #[inline]
    pub fn try_intern(&self, bytes: impl AsRef<[u8]>) -> Result<Symbol, InternError> {
        self.intern_by(bytes.as_ref(), || self.store.claim())
    }

    /// Looks for the bytes, and inserts them by the right that `claim` gets if they are not there.
    #[inline]
    pub(crate) fn intern_by<'s>(
        &'s self,
        bytes: &[u8],
        claim: impl FnOnce() -> Result<Claim<'s>, InternError>,
    ) -> Result<Symbol, InternError> {
        let (len, max) = (bytes.len(), self.store.limits().len_max);
        if len > max {
            return Err(InternError::TooLong { len, max });
        }
        let sought = Sought::new(bytes);
        let hash = self.hash.hash(&sought);
        match self.store.find(hash, &sought) {
            Some(symbol) => Ok(symbol),
            None => self.insert(hash, &sought, claim),
        }
    }

    /// Inserts bytes that were not there a moment ago.
    #[inline(never)]
    fn insert<'s>(
        &'s self,
        hash: u64,
        sought: &Sought<'_>,
        claim: impl FnOnce() -> Result<Claim<'s>, InternError>,
    ) -> Result<Symbol, InternError> {
        let mut claim = claim()?;
        claim.draft(sought.bytes())?.find_or_issue(hash, sought)
    }

    /// Makes the string of a symbol be found by its bytes; false if another symbol has these bytes, or
    /// this one none.
    pub(crate) fn enter(&self, symbol: Symbol) -> Result<bool, InternError> {
        let Some(bytes) = self.get_bytes(symbol) else {
            return Ok(false);
        };
        let sought = Sought::new(bytes);
        let entered = self.store.enter(symbol, self.hash.hash(&sought), &sought)?;
        Ok(entered == symbol)
    }

    /// Returns how many strings were interned.
    ///
    /// While others intern, at least as many as the caller knows of. Adds up the slots.
    #[must_use]
    pub fn len(&self) -> usize {
        let issued = self.store.parts().map(|(slot, _)| slot.issued());
        usize::try_from(issued.sum::<u64>()).unwrap_or(usize::MAX)
    }

    /// Returns whether no string was interned.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Walks all symbols with their bytes, in the order of the symbols.
    ///
    /// Strings that others intern meanwhile may come or not; all that the caller knows of do.
    ///
    /// # Examples
    ///
    /// ```
    /// use pleach_intern::SharedMapping;
    ///
    /// let map = SharedMapping::new();
    /// let dog = map.intern("dog");
    /// assert!(map.iter().eq([(dog, &b"dog"[..])]));
    /// ```
    #[must_use]
    pub fn iter(&self) -> Iter<'_> {
        Iter::new(&self.store)
    }

    /// Returns a map from all strings to their symbols, for ranges, prefixes and order.
    ///
    /// The mapping keeps one that grows by what is new each time it is asked for, so this costs as
    /// much as inserting the strings interned since the last time; the map returned is a snapshot of
    /// it, at no cost. Waits for another thread that is in the middle of the same.
    ///
    /// # Examples
    ///
    /// ```
    /// use pleach_intern::SharedMapping;
    ///
    /// let map = SharedMapping::new();
    /// for name in ["dog", "dogma", "hen"] {
    ///     map.intern(name);
    /// }
    /// let ordered = map.ordered();
    /// let found: Vec<_> = ordered.prefix("dog").map(|(name, _)| name).collect();
    /// assert_eq!(found, [&b"dog"[..], b"dogma"]);
    /// assert_eq!(ordered.get("hen").copied(), map.get_sym("hen"));
    /// ```
    #[must_use]
    pub fn ordered(&self) -> PathMap<Symbol> {
        self.ordered.up_to_date(&self.store)
    }

    /// Returns how much memory this takes, and what for.
    ///
    /// Walks the tables, not the strings. Not exact while others intern.
    #[must_use]
    pub fn memory(&self) -> Memory {
        Memory::of(self)
    }

    /// Saves all strings with their symbols to a file, in the place of one that may be there.
    ///
    /// The file is written beside `path`, brought to the disk and renamed: whatever happens, there is
    /// either the old file or the new one, whole. A process that is killed meanwhile leaves a
    /// file named `.pleach-` and so on. Strings that others intern meanwhile may be saved or not;
    /// all that the caller knows of are.
    ///
    /// # Errors
    ///
    /// [`SaveError`], and then a file that was there is as it was.
    ///
    /// # Examples
    ///
    /// ```
    /// use pleach_intern::SharedMapping;
    ///
    /// let map = SharedMapping::new();
    /// let dog = map.intern("dog");
    /// let file = std::env::temp_dir().join(format!("symbols-{}", std::process::id()));
    /// map.save(&file)?;
    ///
    /// let loaded = SharedMapping::load(&file)?;
    /// assert_eq!(loaded.get_sym("dog"), Some(dog));
    /// assert_eq!(loaded.get_bytes(dog), Some(&b"dog"[..]));
    /// # std::fs::remove_file(file)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), SaveError> {
        file::save(self, path.as_ref())
    }

    /// Writes what [`save`](Self::save) writes to any place.
    ///
    /// # Errors
    ///
    /// What `to` says.
    pub fn save_to(&self, to: impl io::Write) -> io::Result<()> {
        file::write(self, to)
    }

    /// Loads what was saved: the same strings with the same symbols.
    ///
    /// O(n) in the size of the file.
    ///
    /// # Errors
    ///
    /// [`LoadError`], which says where the file is not what was saved. Nothing that the file says
    /// about itself is believed before it is checked.
    pub fn load(path: impl AsRef<Path>) -> Result<SharedMappingHandle, LoadError> {
        file::load(path.as_ref())
    }

    /// Loads what [`save_to`](Self::save_to) wrote.
    ///
    /// # Errors
    ///
    /// [`LoadError`], as for [`load`](Self::load).
    pub fn load_from(bytes: impl AsRef<[u8]>) -> Result<SharedMappingHandle, LoadError> {
        file::read(bytes.as_ref())
    }
}

// No code of the user's runs while anything is half done.
impl UnwindSafe for SharedMapping {}
impl RefUnwindSafe for SharedMapping {}

impl SharedMappingHandle {
    /// Takes a slot for as long as the permit lives: its insertions take and give back none.
    ///
    /// # Errors
    ///
    /// [`PermitError::AllHeld`] if permits hold all [`MAX_WRITER_THREADS`](crate::MAX_WRITER_THREADS)
    /// slots. An insertion that holds the last one is waited for.
    ///
    /// # Examples
    ///
    /// ```
    /// use pleach_intern::SharedMapping;
    ///
    /// let map = SharedMapping::new();
    /// let permit = map.try_acquire_permission()?;
    /// let dog = permit.intern("dog");
    /// drop(permit);
    /// assert_eq!(map.get_sym("dog"), Some(dog));
    /// # Ok::<(), pleach_intern::PermitError>(())
    /// ```
    pub fn try_acquire_permission(&self) -> Result<WritePermit, PermitError> {
        WritePermit::new(self)
    }

    /// Returns whether both are handles on one mapping.
    #[must_use]
    pub fn ptr_eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Deref for SharedMappingHandle {
    type Target = SharedMapping;

    #[inline]
    fn deref(&self) -> &SharedMapping {
        &self.0
    }
}

impl Default for SharedMappingHandle {
    fn default() -> Self {
        SharedMapping::new()
    }
}

impl fmt::Debug for SharedMapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedMapping")
            .field("len", &self.len())
            .field("limits", &self.store.limits())
            .finish_non_exhaustive()
    }
}

impl<'a> IntoIterator for &'a SharedMapping {
    type Item = (Symbol, &'a [u8]);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}
