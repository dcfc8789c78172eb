//! Batches: edits that one writer makes and nobody else sees yet.

use super::root::Root;
use crate::PathMap;
use crate::raw::{Cursor, Successor, Trie};
use pleach_atomic::sync::{Mutex, MutexGuard};
use pleach_ptr::{Global, Slim};
use pleach_sync::SyncError;
use std::ops::{Deref, DerefMut};
use std::ptr;

/// So few keys are carried over one by one.
const FEW: u64 = 4;

/// A trie, to read.
pub(super) type Nodes<V> = Trie<V, Slim, Global>;

/// The edits of one writer token.
pub(super) struct Batch<V> {
    edits: u64,
    draft: Draft<V>,
}

enum Draft<V> {
    /// Where writers come one at a time: what the next version will be.
    Alone(Successor<V>),
    /// Where there may be others.
    Raced(Raced<V>),
}

impl<V> Batch<V> {
    /// No edits yet. With others at the same time, what is read and written is noted.
    pub(super) fn new(root: &Root<V>, raced: bool) -> Self {
        let draft = match raced {
            false => Draft::Alone(Successor::new(root.map.trie.clone())),
            true => Draft::Raced(Raced::new(root)),
        };
        Self { edits: 0, draft }
    }

    /// The trie, to look at a key, or at all.
    pub(super) fn see(&mut self, key: Option<&[u8]>) -> &Nodes<V> {
        match &mut self.draft {
            Draft::Alone(next) => next.trie(),
            Draft::Raced(raced) => raced.see(key),
        }
    }

    /// The map as it is now.
    pub(super) fn snapshot(&mut self) -> PathMap<V> {
        PathMap::from_trie(match &mut self.draft {
            Draft::Alone(next) => next.snapshot(),
            Draft::Raced(raced) => raced.see(None).clone(),
        })
    }

    /// How many edits there were, and what they have made.
    pub(super) fn end(self) -> (u64, Ended<V>) {
        let ended = match self.draft {
            _ if self.edits == 0 => Ended::Clean,
            Draft::Alone(next) => Ended::Alone(next),
            Draft::Raced(raced) => Ended::Raced(raced),
        };
        (self.edits, ended)
    }
}

impl<V: Clone> Batch<V> {
    /// Sets the value of a key, or takes it out.
    pub(super) fn edit(&mut self, key: &[u8], value: Option<V>) -> Option<V> {
        self.edits += 1;
        match &mut self.draft {
            Draft::Alone(next) => apply(next, key, value),
            Draft::Raced(raced) => raced.edit(key, value),
        }
    }
}

/// Sets the value of a key in a trie that is going to succeed another one, or takes it out.
pub(super) fn apply<V: Clone>(next: &mut Successor<V>, key: &[u8], value: Option<V>) -> Option<V> {
    match value {
        Some(value) => next.insert(key, value),
        None => next.remove(key),
    }
}

/// What a batch has made.
pub(super) enum Ended<V> {
    /// Nothing.
    Clean,
    /// The next version.
    Alone(Successor<V>),
    /// Edits that have to be put upon the version that is there by now.
    Raced(Raced<V>),
}

/// A batch beside others.
pub(super) struct Raced<V> {
    /// What it began with.
    base: PathMap<V>,
    base_number: u64,
    /// What it is now.
    map: PathMap<V>,
    footprint: Footprint,
    written: PathMap<()>,
}

/// What a batch has looked at.
#[derive(Default)]
struct Footprint {
    read: PathMap<()>,
    /// It has looked at everything.
    all: bool,
}

impl<V> Raced<V> {
    fn new(root: &Root<V>) -> Self {
        Self {
            base: root.map.clone(),
            base_number: root.number,
            map: root.map.clone(),
            footprint: Footprint::default(),
            written: PathMap::new(),
        }
    }

    fn see(&mut self, key: Option<&[u8]>) -> &Nodes<V> {
        match key {
            Some(key) => drop(self.footprint.read.insert(key, ())),
            None => self.footprint.all = true,
        }
        &self.map.trie
    }

    /// The keys that were edited.
    pub(super) fn written(&self) -> &PathMap<()> {
        &self.written
    }
}

impl<V: Clone> Raced<V> {
    fn edit(&mut self, key: &[u8], value: Option<V>) -> Option<V> {
        self.written.insert(key, ());
        match value {
            Some(value) => self.map.insert(key, value),
            None => self.map.remove(key),
        }
    }

    /// What `root` becomes with these edits.
    pub(super) fn upon(&self, root: &Root<V>) -> Result<PathMap<V>, SyncError> {
        if root.number == self.base_number {
            return Ok(self.map.clone());
        }
        match self.conflicts(root) {
            true => Err(SyncError::Conflict),
            false => Ok(self.carry_over(&root.map)),
        }
    }

    /// Whether others have changed what this batch has read or written.
    fn conflicts(&self, root: &Root<V>) -> bool {
        let footprint = &self.footprint;
        if footprint.all {
            return true;
        }
        let known = root.known_since <= self.base_number;
        let changed = |key: &[u8]| match known {
            true => root
                .changed
                .get(key)
                .is_some_and(|at| *at > self.base_number),
            false => !same(self.base.get(key), root.map.get(key)),
        };
        let changed_any = |keys: &PathMap<()>| keys.keys().any(|key| changed(&key));
        let mut ours = [&self.written, &footprint.read].into_iter();
        if known && root.changed.len() < self.written.len() + footprint.read.len() {
            let mut newer = root
                .changed
                .iter()
                .filter(|(_, at)| **at > self.base_number);
            return newer.any(|(key, _)| ours.clone().any(|keys| keys.contains_key(&key)));
        }
        ours.any(changed_any)
    }

    /// Makes these edits in `now`, of which others have changed other keys. Branches that nobody else has
    /// changed move whole.
    fn carry_over(&self, now: &PathMap<V>) -> PathMap<V> {
        let mut map = now.clone();
        let mut places = vec![Vec::new()];
        while let Some(start) = places.pop() {
            let mut edited = Cursor::new(&self.written.trie, &start);
            if edited.count() <= FEW {
                for (key, ()) in self.written.prefix(&start) {
                    self.carry_key(&key, &mut map);
                }
                continue;
            }
            if edited.get().is_none() {
                edited.descend_until(usize::MAX);
            }
            let place = edited.origin_path();
            let (base, theirs) = (self.base.trie.subtrie(place), now.trie.subtrie(place));
            if base.ptr_eq(&theirs) {
                map.trie.put(place, self.map.trie.subtrie(place));
                continue;
            }
            if edited.get().is_some() {
                self.carry_key(place, &mut map);
            }
            places.extend(edited.mask().iter().map(|byte| [place, &[byte]].concat()));
        }
        map
    }

    fn carry_key(&self, key: &[u8], map: &mut PathMap<V>) {
        match self.map.get(key) {
            Some(value) => drop(map.insert(key, value.clone())),
            None => drop(map.remove(key)),
        }
    }
}

/// Whether two look-ups of a key found the same value, in the same node; or nothing, both.
fn same<V>(a: Option<&V>, b: Option<&V>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => size_of::<V>() == 0 || ptr::eq(a, b),
        (None, None) => true,
        _ => false,
    }
}

/// The batches that have begun and not ended, by their tokens' numbers. One that is in hand is none.
pub(super) struct Open<V>(Mutex<Vec<(u64, Place<V>)>>);

/// Where a batch is; none while it is in hand.
type Place<V> = Option<Box<Batch<V>>>;

/// What there is under a token's number.
pub(super) enum Taken<'o, V> {
    /// The batch, which goes back when it is dropped.
    Batch(InHand<'o, V>),
    /// The batch is in somebody's hand, further up in the same thread.
    InUse,
    /// No batch.
    None,
}

impl<V> Open<V> {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// Opens a place for a batch, until the session is dropped.
    pub(super) fn begin(&self, token: u64) -> Session<'_, V> {
        self.lock().push((token, None));
        Session { open: self, token }
    }

    /// Takes a batch in hand. No lock is held meanwhile.
    pub(super) fn take(&self, token: u64) -> Taken<'_, V> {
        let mut batches = self.lock();
        match batches.iter_mut().find(|(other, _)| *other == token) {
            None => Taken::None,
            Some((_, batch)) => match batch.take() {
                None => Taken::InUse,
                Some(batch) => Taken::Batch(InHand {
                    open: self,
                    token,
                    batch: Some(batch),
                }),
            },
        }
    }

    fn put(&self, token: u64, batch: Place<V>) {
        let mut batches = self.lock();
        if let Some((_, place)) = batches.iter_mut().find(|(other, _)| *other == token) {
            *place = batch;
        }
    }

    /// How many batches there are.
    pub(super) fn count(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(u64, Place<V>)>> {
        // No code of the user's runs under this lock.
        self.0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// An open batch. When it is dropped, the batch is closed, and all edits go with it that are still there.
pub(super) struct Session<'o, V> {
    open: &'o Open<V>,
    token: u64,
}

impl<V> Session<'_, V> {
    /// Puts the batch in its place.
    pub(super) fn put(&self, batch: Batch<V>) {
        self.open.put(self.token, Some(Box::new(batch)));
    }

    /// Takes the batch out for good. It counts as open until this is dropped.
    pub(super) fn end(&self) -> Option<Box<Batch<V>>> {
        let mut batches = self.open.lock();
        let (_, batch) = batches.iter_mut().find(|(token, _)| *token == self.token)?;
        batch.take()
    }
}

impl<V> Drop for Session<'_, V> {
    fn drop(&mut self) {
        let mut batches = self.open.lock();
        let at = batches.iter().position(|(token, _)| *token == self.token);
        let batch = at.map(|at| batches.swap_remove(at));
        drop(batches);
        // Not under the lock: what it holds is the user's.
        drop(batch);
    }
}

/// A batch that is taken out of the list, and goes back when this is dropped.
pub(super) struct InHand<'o, V> {
    open: &'o Open<V>,
    token: u64,
    batch: Place<V>,
}

impl<V> Deref for InHand<'_, V> {
    type Target = Batch<V>;

    fn deref(&self) -> &Batch<V> {
        self.batch.as_ref().expect("there until it is dropped")
    }
}

impl<V> DerefMut for InHand<'_, V> {
    fn deref_mut(&mut self) -> &mut Batch<V> {
        self.batch.as_mut().expect("there until it is dropped")
    }
}

impl<V> Drop for InHand<'_, V> {
    fn drop(&mut self) {
        self.open.put(self.token, self.batch.take());
    }
}
