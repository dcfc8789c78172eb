//! What is published: a map, and what a batch has to know to be put upon it.

use crate::PathMap;
use crate::raw::{Remains, Succession};

/// So many keys are remembered as changed lately; with more, nothing is known of any.
const REMEMBERED: usize = 1 << 16;

/// A published version.
pub(super) struct Root<V> {
    pub(super) map: PathMap<V>,
    /// One more with every version.
    pub(super) number: u64,
    /// Of versions before this one it is not known what they changed.
    pub(super) known_since: u64,
    /// Which version last changed a key, of those after `known_since`.
    pub(super) changed: PathMap<u64>,
}

impl<V> Root<V> {
    pub(super) fn new(map: PathMap<V>) -> Self {
        Self {
            map,
            number: 0,
            known_since: 0,
            changed: PathMap::new(),
        }
    }

    /// A clone of the map, unless it was succeeded, which who is refused will find. (Also none if its
    /// owners are too many to be counted.)
    pub(super) fn snapshot(&self) -> Option<PathMap<V>> {
        self.map.trie.try_clone().map(PathMap::from_trie)
    }

    /// After it was succeeded: what is left when others have what they share with it.
    pub(super) fn settle(&self, succession: Succession<V>) -> Remains<V> {
        // SAFETY: `Versioned` drops what we return after the root, and when no token protects that. A
        // root at levels 1 to 3, where alone this is called, is cloned by `snapshot`; otherwise only
        // while it is the current one.
        unsafe { succession.settle(&self.map.trie) }
    }

    /// The next version, where nobody will ask what it changed.
    pub(super) fn next(&self, map: PathMap<V>) -> Self {
        Self {
            map,
            number: self.number + 1,
            known_since: self.number + 1,
            changed: PathMap::new(),
        }
    }

    /// The next version, which remembers that it has `written` these keys. What is remembered of versions
    /// before it, it keeps for `others`: batches that have begun.
    ///
    /// Its own keys it remembers in any case. A batch may have begun since the writer looked for others;
    /// but then it began with the version that is there now.
    pub(super) fn next_with(&self, map: PathMap<V>, written: &PathMap<()>, others: bool) -> Self {
        let mut next = self.next(map);
        let older = if others { self.changed.len() } else { 0 };
        if older + written.len() <= REMEMBERED {
            (next.known_since, next.changed) = match others {
                true => (self.known_since, self.changed.clone()),
                false => (self.number, PathMap::new()),
            };
            let number = next.number;
            next.changed.extend(written.keys().map(|key| (key, number)));
        }
        next
    }
}
