//! The values of two tries, side by side and in order, one location after the other.

use super::pos::{Kids, Pos, first};
use super::walk::{Step, Walk};
use crate::raw::Trie;
use pleach_ptr::{Allocator, PtrKind};

/// Which locations with a value [`Pairs`] visits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sides {
    /// Those where the left alone has one.
    pub(crate) left: bool,
    /// Those where the right alone has one.
    pub(crate) right: bool,
    /// Those where both have one.
    pub(crate) both: bool,
    /// Of the latter, also those in nodes that both share.
    pub(crate) shared: bool,
}

/// The values of a location: on the left, and on the right.
pub(crate) type Pair<'a, V> = (Option<&'a V>, Option<&'a V>);

/// A walk over the values of two tries.
pub(crate) struct Pairs<'a, V, K: PtrKind> {
    walk: Option<Walk<'a, V, K>>,
    sides: Sides,
    /// What only one side has, or both share, is walked by itself.
    below: Below<'a, V, K>,
    /// On which sides the values of `below` are.
    on: (bool, bool),
}

impl<'a, V, K: PtrKind> Pairs<'a, V, K> {
    /// The pairs of two tries on these sides.
    pub(crate) fn new<A: Allocator>(
        left: &'a Trie<V, K, A>,
        right: &'a Trie<V, K, A>,
        sides: Sides,
    ) -> Self {
        // SAFETY: the tries are borrowed for 'a, so that their nodes live and do not change.
        let root = |trie: &'a Trie<V, K, A>| trie.root().map(|root| unsafe { Pos::new(root) });
        let mut pairs = Self {
            walk: None,
            sides,
            below: Below {
                path: Vec::new(),
                enter: None,
                open: Vec::new(),
            },
            on: (true, false),
        };
        match (root(left), root(right)) {
            (Some(left), Some(right)) => pairs.walk = Some(Walk::new(left, right, true, false)),
            (left, right) => {
                pairs.on = (left.is_some(), right.is_some());
                let wanted = if left.is_some() {
                    sides.left
                } else {
                    sides.right
                };
                pairs.below.enter = left.or(right).filter(|_| wanted);
            }
        }
        pairs
    }

    /// The next pair and its key.
    pub(crate) fn next(&mut self) -> Option<(&[u8], Pair<'a, V>)> {
        loop {
            if let Some(value) = self.below.next() {
                let (left, right) = self.on;
                let pair = (left.then_some(value), right.then_some(value));
                return Some((&self.below.path, pair));
            }
            let walk = self.walk.as_mut()?;
            let sides = self.sides;
            let (wanted, on, pos) = match walk.next()? {
                Step::Fork(fork) => {
                    let wanted = match fork.values {
                        (None, None) => false,
                        (Some(_), None) => sides.left,
                        (None, Some(_)) => sides.right,
                        (Some(_), Some(_)) => sides.both,
                    };
                    if wanted {
                        self.below.path.clone_from(&walk.path);
                        return Some((&self.below.path, fork.values));
                    }
                    continue;
                }
                Step::Left(pos) => (sides.left, (true, false), pos),
                Step::Right(pos) => (sides.right, (false, true), pos),
                Step::Same(pos) => (sides.both && sides.shared, (true, true), pos),
                Step::Leaves(..) | Step::Back => continue,
            };
            if wanted {
                self.on = on;
                self.below.path.clone_from(&walk.path);
                self.below.enter = Some(pos);
            }
        }
    }
}

impl<V, K: PtrKind> Clone for Pairs<'_, V, K> {
    fn clone(&self) -> Self {
        Self {
            walk: self.walk.clone(),
            below: self.below.clone(),
            ..*self
        }
    }
}

/// A walk over the values at and below a position.
struct Below<'a, V, K: PtrKind> {
    path: Vec<u8>,
    enter: Option<Pos<'a, V, K>>,
    /// Branch points with children to come, and the lengths of their paths.
    open: Vec<(Kids<'a, V, K>, usize)>,
}

impl<'a, V, K: PtrKind> Below<'a, V, K> {
    fn next(&mut self) -> Option<&'a V> {
        loop {
            if let Some(mut pos) = self.enter.take() {
                loop {
                    let run = pos.run();
                    if run.is_empty() {
                        break;
                    }
                    self.path.extend_from_slice(run);
                    pos = pos.down(run.len());
                }
                self.open.push((Kids::new(pos), self.path.len()));
                if let Some(value) = pos.value() {
                    return Some(value);
                }
            }
            let (kids, at) = self.open.last_mut()?;
            self.path.truncate(*at);
            match first(kids.left) {
                Some(byte) => {
                    self.path.push(byte);
                    self.enter = Some(kids.take(byte));
                }
                None => drop(self.open.pop()),
            }
        }
    }
}

impl<V, K: PtrKind> Clone for Below<'_, V, K> {
    fn clone(&self) -> Self {
        Self {
            path: self.path.clone(),
            enter: self.enter,
            open: self.open.clone(),
        }
    }
}
