//! What is published: a map, and what a batch has to know to be put upon it.

use crate::PathMap;

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

    /// The next version. What it has `written` is remembered if it is given, which costs time, and is of
    /// use to batches that have begun before.
    pub(super) fn next(&self, map: PathMap<V>, written: Option<&PathMap<()>>) -> Self {
        let number = self.number + 1;
        let written = written.filter(|written| self.changed.len() + written.len() <= REMEMBERED);
        let Some(written) = written else {
            return Self {
                map,
                number,
                known_since: number,
                changed: PathMap::new(),
            };
        };
        let mut changed = self.changed.clone();
        changed.extend(written.keys().map(|key| (key, number)));
        Self {
            map,
            number,
            known_since: self.known_since,
            changed,
        }
    }
}
