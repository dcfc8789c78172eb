//! The values of two tries, side by side and in order, one location after the other.

use super::lines::{Room, in_both, in_order, lines};
use super::pos::{Kids, Pos};
use super::walk::{Step, Walk, Wants};
use crate::raw::Trie;
use crate::raw::node::Node;
use pleach_ptr::{Allocator, PtrKind};
use std::cmp::Ordering;
use std::ops::Range;

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
    /// The last pair of leaves, and which of their entries are yet to be visited, the last first.
    leaves: Option<(Pos<'a, V, K>, Pos<'a, V, K>)>,
    hits: Vec<Hit>,
    rooms: [Room; 2],
    /// What only one side has, or both share, is walked by itself.
    below: Below<'a, V, K>,
    /// On which sides the values of `below` are.
    on: (bool, bool),
}

/// Entries of two leaves at the same location.
#[derive(Clone, Copy)]
struct Hit {
    left: Option<u8>,
    right: Option<u8>,
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
            leaves: None,
            hits: Vec::new(),
            rooms: Default::default(),
            below: Below {
                path: Vec::new(),
                enter: None,
                leaf: None,
                at: 0,
                open: Vec::new(),
            },
            on: (true, false),
        };
        match (root(left), root(right)) {
            (Some(left), Some(right)) => {
                let wants = Wants {
                    left: sides.left,
                    right: sides.right,
                    same: Some(sides.both && sides.shared),
                };
                pairs.walk = Some(Walk::new(left, right, wants));
            }
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

    /// The next pair and its key; of pairs with two values in different nodes, one that `differ`.
    #[inline]
    pub(crate) fn next(&mut self, differ: impl Fn(&V, &V) -> bool) -> Option<(&[u8], Pair<'a, V>)> {
        loop {
            if let (Some(hit), Some((left, right))) = (self.hits.pop(), self.leaves) {
                let at = self.below.at;
                self.below.path.truncate(at);
                let (pos, entry) = match hit.left {
                    Some(entry) => (left, entry),
                    None => (right, hit.right.unwrap_or(0)),
                };
                pos.lead_to(entry.into(), &mut self.below.path);
                let pair = (
                    hit.left.and_then(|i| left.entry(i.into())),
                    hit.right.and_then(|j| right.entry(j.into())),
                );
                return Some((&self.below.path, pair));
            }
            if let Some(value) = self.below.next() {
                let (left, right) = self.on;
                let pair = (left.then_some(value), right.then_some(value));
                return Some((&self.below.path, pair));
            }
            let walk = self.walk.as_mut()?;
            let sides = self.sides;
            let (wanted, on, pos) = match walk.next()? {
                Step::Fork(fork) => {
                    if sides.want(fork.values, &differ) {
                        self.below.path.clone_from(&walk.path);
                        return Some((&self.below.path, fork.values));
                    }
                    continue;
                }
                Step::Leaves(left, right) => {
                    self.below.path.clone_from(&walk.path);
                    self.below.at = walk.path.len();
                    self.enter(left, right, &differ);
                    continue;
                }
                Step::Left(pos) => (sides.left, (true, false), pos),
                Step::Right(pos) => (sides.right, (false, true), pos),
                Step::Same(pos) => (sides.both && sides.shared, (true, true), pos),
                Step::Back => continue,
            };
            if wanted {
                self.on = on;
                self.below.path.clone_from(&walk.path);
                self.below.enter = Some(pos);
            }
        }
    }

    /// Finds the entries of two leaves to be visited.
    fn enter(
        &mut self,
        left: Pos<'a, V, K>,
        right: Pos<'a, V, K>,
        differ: &impl Fn(&V, &V) -> bool,
    ) {
        self.leaves = Some((left, right));
        let (sides, hits) = (self.sides, &mut self.hits);
        if let (Node::Dense(a), Node::Dense(b)) = (left.node(), right.node())
            && let ((prefix, 0), (other, 0)) = (left.prefix_below(), right.prefix_below())
            && prefix == other
        {
            let (in_left, in_right) = (a.mask(), b.mask());
            let mut wanted = in_left ^ in_right;
            if !sides.left {
                wanted &= in_right;
            }
            if !sides.right {
                wanted &= in_left;
            }
            if sides.both {
                in_both(in_left, in_right, |byte, i, j| {
                    if differ(a.value(i), b.value(j)) {
                        wanted.set_bit(byte);
                    }
                });
            }
            hits.extend(wanted.iter().rev().map(|byte| Hit {
                left: a.find(byte).map(|i| i as u8),
                right: b.find(byte).map(|j| j as u8),
            }));
            return;
        }
        let (_, lines) = lines(left, right, &mut self.rooms);
        in_order(lines, |order, i, j| {
            let i = (order != Ordering::Greater).then_some(i);
            let j = (order != Ordering::Less).then_some(j);
            let a = i.and_then(|i| left.entry(i));
            let b = j.and_then(|j| right.entry(j));
            if sides.want((a, b), differ) {
                hits.push(Hit {
                    left: i.filter(|_| a.is_some()).map(|i| i as u8),
                    right: j.filter(|_| b.is_some()).map(|j| j as u8),
                });
            }
        });
        hits.reverse();
    }
}

impl Sides {
    #[inline(always)]
    fn want<V>(self, values: Pair<'_, V>, differ: impl Fn(&V, &V) -> bool) -> bool {
        match values {
            (None, None) => false,
            (Some(_), None) => self.left,
            (None, Some(_)) => self.right,
            (Some(a), Some(b)) => self.both && differ(a, b),
        }
    }
}

impl<V, K: PtrKind> Clone for Pairs<'_, V, K> {
    fn clone(&self) -> Self {
        Self {
            walk: self.walk.clone(),
            hits: self.hits.clone(),
            rooms: Default::default(),
            below: self.below.clone(),
            ..*self
        }
    }
}

/// A walk over the values at and below a position.
struct Below<'a, V, K: PtrKind> {
    path: Vec<u8>,
    enter: Option<Pos<'a, V, K>>,
    /// The last leaf, with its entries to come.
    leaf: Option<(Pos<'a, V, K>, Range<usize>)>,
    /// Bytes of the path above the leaf.
    at: usize,
    /// Branch points with children to come, and the lengths of their paths.
    open: Vec<(Kids<'a, V, K>, usize)>,
}

impl<'a, V, K: PtrKind> Below<'a, V, K> {
    #[inline]
    fn next(&mut self) -> Option<&'a V> {
        loop {
            if let Some((pos, rest)) = &mut self.leaf {
                for i in rest {
                    if let Some(value) = pos.entry(i) {
                        self.path.truncate(self.at);
                        pos.lead_to(i, &mut self.path);
                        return Some(value);
                    }
                }
                self.leaf = None;
            }
            if let Some(pos) = self.enter.take() {
                if pos.is_leaf() {
                    self.at = self.path.len();
                    self.leaf = Some((pos, pos.entries()));
                    continue;
                }
                let run = pos.run();
                self.path.extend_from_slice(run);
                let pos = pos.down(run.len());
                self.open.push((Kids::new(pos), self.path.len()));
                if let Some(value) = pos.value() {
                    return Some(value);
                }
            }
            let (kids, at) = self.open.last_mut()?;
            self.path.truncate(*at);
            match kids.pop() {
                Some((byte, pos)) => {
                    self.path.push(byte);
                    self.enter = Some(pos);
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
            leaf: self.leaf.clone(),
            at: self.at,
            open: self.open.clone(),
        }
    }
}
