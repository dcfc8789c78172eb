//! [`LocalTokens`]: levels 1 and 2 for structures that stay in one thread, by borrowing.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

/// Tokens for one thread, where to have it `&mut` is to be the writer.
///
/// A structure that reads through `&` and writes through `&mut` needs no more than that: nobody reads
/// while it writes, and what it replaces is freed at once (level 1). Where readers are to keep an older
/// version meanwhile (level 2), they take a [`LocalReader`], and [`LocalRetired`] keeps what they see.
/// No atomics, no fences, no locks.
///
/// # Examples
///
/// ```
/// use pleach_sync::{LocalRetired, LocalTokens};
///
/// let mut tokens = LocalTokens::new();
/// let mut retired = LocalRetired::new();
/// retired.retire(&mut tokens, "freed at once");
/// assert!(retired.is_empty());
///
/// let reader = tokens.reader();
/// retired.retire(&mut tokens, "seen by the reader");
/// assert_eq!(retired.len(), 1);
/// drop(reader);
/// assert_eq!(retired.reclaim(&tokens), 1);
/// ```
///
/// It does not leave its thread:
///
/// ```compile_fail,E0277
/// let tokens = pleach_sync::LocalTokens::new();
/// std::thread::scope(|scope| {
///     scope.spawn(|| drop(tokens.reader()));
/// });
/// ```
///
/// A [`TokenManager`](crate::TokenManager) does:
///
/// ```
/// use pleach_sync::{ConcurrencyLevel, TokenManager};
///
/// let tokens = TokenManager::new(ConcurrencyLevel::OneWriteMultiRead);
/// std::thread::scope(|scope| {
///     scope.spawn(|| drop(tokens.reader_token()));
/// });
/// ```
#[derive(Debug, Default)]
pub struct LocalTokens {
    readers: Rc<Readers>,
}

#[derive(Debug, Default)]
struct Readers {
    version: Cell<u64>,
    /// How many entered at which version.
    active: RefCell<BTreeMap<u64, usize>>,
}

impl LocalTokens {
    /// Tokens for the calling thread.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A token for a reader that stays while this is written through. O(log n) in the versions that
    /// have readers.
    #[must_use]
    pub fn reader(&self) -> LocalReader {
        let readers = Rc::clone(&self.readers);
        let version = readers.version.get();
        *readers.active.borrow_mut().entry(version).or_default() += 1;
        LocalReader { readers, version }
    }

    /// How many readers there are. O(n) in the versions that have readers.
    #[must_use]
    pub fn readers_active(&self) -> usize {
        self.readers.active.borrow().values().sum()
    }

    fn horizon(&self) -> u64 {
        let active = self.readers.active.borrow();
        let oldest = active.keys().next().copied();
        oldest.unwrap_or(self.readers.version.get())
    }
}

/// A reader of a structure that one thread has: what was there when it was made is kept.
#[derive(Debug)]
pub struct LocalReader {
    readers: Rc<Readers>,
    version: u64,
}

impl LocalReader {
    /// The version that it keeps.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }
}

impl Drop for LocalReader {
    fn drop(&mut self) {
        let mut active = self.readers.active.borrow_mut();
        if let Some(count) = active.get_mut(&self.version) {
            *count -= 1;
            if *count == 0 {
                active.remove(&self.version);
            }
        }
    }
}

/// Items taken out of a structure that one thread has, each kept until its readers are gone.
#[derive(Debug)]
pub struct LocalRetired<T> {
    /// With their stamps, which rise.
    items: VecDeque<(u64, T)>,
}

impl<T> LocalRetired<T> {
    /// An empty list.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            items: VecDeque::new(),
        }
    }

    /// Takes an item, and drops it and others that no reader can see.
    pub fn retire(&mut self, tokens: &mut LocalTokens, item: T) {
        let stamp = tokens.readers.version.get() + 1;
        tokens.readers.version.set(stamp);
        self.items.push_back((stamp, item));
        self.reclaim(tokens);
    }

    /// Drops the items that no reader can see; returns how many. O(n) in those.
    pub fn reclaim(&mut self, tokens: &LocalTokens) -> usize {
        let horizon = tokens.horizon();
        let next = || self.items.pop_front_if(|(stamp, _)| *stamp <= horizon);
        std::iter::from_fn(next).map(drop).count()
    }

    /// How many items wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether none waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

impl<T> Default for LocalRetired<T> {
    fn default() -> Self {
        Self::new()
    }
}
