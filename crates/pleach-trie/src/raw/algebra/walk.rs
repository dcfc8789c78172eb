//! The pairwise descent: both tries at once, along what they have in common.
//!
//! A walk stands at the same path in both. It goes down where both lead on to different nodes, and
//! reports pairs of leaves, which need no further steps. What only one side has and nodes that both
//! share are found for all children at once, by their masks and pointers, and reported one by one
//! only if the one who walks [wants](Wants) that. The kinds of nodes, and positions inside of them,
//! are the business of [`Pos`]; what becomes of what is reported is the business of who walks.
//!
//! The way back up is a stack of its own, so that no key is too long.

use super::pos::{Kids, Pos, first, shared};
use crate::ByteMask;
use crate::raw::bytes::common;
use pleach_ptr::PtrKind;

/// What a walk comes upon, in the order of the keys.
pub(super) enum Step<'a, V, K: PtrKind> {
    /// Both go on to the end of the path, where one of them branches, ends or has a value; their
    /// children come next, and then `Back`.
    Fork(Fork<'a, V, K>),
    /// A branch of the left alone.
    Left(Pos<'a, V, K>),
    /// A branch of the right alone.
    Right(Pos<'a, V, K>),
    /// A branch that is the same node in both.
    Same(Pos<'a, V, K>),
    /// A branch of which both have no more than a leaf.
    Leaves(Pos<'a, V, K>, Pos<'a, V, K>),
    /// The end of the last fork's children.
    Back,
}

/// Which children of a fork are reported, besides those to which both lead on.
#[derive(Clone, Copy)]
pub(super) struct Wants {
    /// Those of the left alone.
    pub(super) left: bool,
    /// Those of the right alone.
    pub(super) right: bool,
    /// Nodes that both share; if not known, they are walked as others are.
    pub(super) same: Option<bool>,
}

/// Where both positions were when they set out for a fork, and what is there.
pub(super) struct Fork<'a, V, K: PtrKind> {
    /// The position on the left before the run.
    pub(super) left: Pos<'a, V, K>,
    /// The position on the right before the run.
    pub(super) right: Pos<'a, V, K>,
    /// Bytes of the path before the run.
    pub(super) start: usize,
    /// The values at the fork.
    pub(super) values: (Option<&'a V>, Option<&'a V>),
    /// On the left there is neither a value nor a child.
    pub(super) bare: bool,
    /// Whether there are children of the left alone.
    pub(super) lefts: bool,
    /// Whether there are children of the right alone.
    pub(super) rights: bool,
    /// Whether there are children that both share and that are not walked.
    pub(super) sames: bool,
}

impl<V, K: PtrKind> Clone for Open<'_, V, K> {
    fn clone(&self) -> Self {
        Self {
            left: self.left.clone(),
            right: self.right.clone(),
            ..*self
        }
    }
}

/// A byte, and the positions to which it leads on either side.
#[cfg(feature = "rayon")]
type Twins<'a, V, K> = (u8, Pos<'a, V, K>, Pos<'a, V, K>);

/// A walk over two tries.
pub(super) struct Walk<'a, V, K: PtrKind> {
    /// The path: up to the branch that was reported last.
    pub(super) path: Vec<u8>,
    open: Vec<Open<'a, V, K>>,
    /// The pair to set out from.
    roots: Option<(Pos<'a, V, K>, Pos<'a, V, K>)>,
    wants: Wants,
}

impl<V, K: PtrKind> Clone for Walk<'_, V, K> {
    fn clone(&self) -> Self {
        Self {
            path: self.path.clone(),
            open: self.open.clone(),
            ..*self
        }
    }
}

/// A fork whose children are not all reported.
struct Open<'a, V, K: PtrKind> {
    left: Kids<'a, V, K>,
    right: Kids<'a, V, K>,
    /// The bytes that lead to children yet to be reported.
    todo: ByteMask,
    /// Bytes of the path at the fork.
    at: usize,
}

impl<'a, V, K: PtrKind> Walk<'a, V, K> {
    /// A walk from two positions.
    pub(super) fn new(left: Pos<'a, V, K>, right: Pos<'a, V, K>, wants: Wants) -> Self {
        Self {
            path: Vec::new(),
            open: Vec::new(),
            roots: Some((left, right)),
            wants,
        }
    }

    /// The next step; none at the end.
    #[inline]
    pub(super) fn next(&mut self) -> Option<Step<'a, V, K>> {
        let Some(open) = self.open.last_mut() else {
            let (left, right) = self.roots.take()?;
            return Some(self.enter(left, right));
        };
        self.path.truncate(open.at);
        let Some(byte) = first(open.todo) else {
            self.open.pop();
            return Some(Step::Back);
        };
        open.todo.clear_bit(byte);
        self.path.push(byte);
        let (in_left, in_right) = (
            open.left.mask.test_bit(byte),
            open.right.mask.test_bit(byte),
        );
        if !in_right {
            return Some(Step::Left(open.left.to(byte)));
        }
        let right = open.right.to(byte);
        if !in_left {
            return Some(Step::Right(right));
        }
        let left = open.left.to(byte);
        Some(self.enter(left, right))
    }

    /// The children of the last fork to which both lead, if no others are wanted.
    #[cfg(feature = "rayon")]
    pub(super) fn pairs(&mut self) -> Vec<Twins<'a, V, K>> {
        let Some(open) = self.open.pop() else {
            return Vec::new();
        };
        let (mut left, mut right) = (open.left, open.right);
        let pair = |byte| (byte, left.to(byte), right.to(byte));
        open.todo.into_iter().map(pair).collect()
    }

    /// Leaves the last fork: neither its children nor its `Back` are reported.
    pub(super) fn leave(&mut self) {
        self.open.pop();
    }

    #[inline]
    fn enter(&mut self, left: Pos<'a, V, K>, right: Pos<'a, V, K>) -> Step<'a, V, K> {
        if self.wants.same.is_some() && left.same(right) {
            return Step::Same(left);
        }
        if left.is_leaf() && right.is_leaf() {
            return Step::Leaves(left, right);
        }
        let start = self.path.len();
        let (mut a, mut b) = (left, right);
        loop {
            let (run, other) = (a.run(), b.run());
            let shared = common(run, other);
            self.path.extend_from_slice(&run[..shared]);
            (a, b) = (a.down(shared), b.down(shared));
            if shared == 0 || shared < run.len().min(other.len()) {
                break;
            }
        }
        let (kids, others) = (Kids::new(a), Kids::new(b));
        let both = kids.mask & others.mask;
        let (lefts, rights) = (kids.mask - both, others.mask - both);
        let sames = match self.wants.same {
            Some(_) => shared(&kids, &others),
            None => ByteMask::EMPTY,
        };
        let mut todo = both;
        if self.wants.same == Some(false) {
            todo -= sames;
        }
        if self.wants.left {
            todo |= lefts;
        }
        if self.wants.right {
            todo |= rights;
        }
        let values = (a.value(), b.value());
        let bare = values.0.is_none() && kids.mask.is_empty_mask();
        self.open.push(Open {
            left: kids,
            right: others,
            todo,
            at: self.path.len(),
        });
        Step::Fork(Fork {
            left,
            right,
            start,
            values,
            bare,
            lefts: !lefts.is_empty_mask(),
            rights: !rights.is_empty_mask(),
            sames: !sames.is_empty_mask(),
        })
    }
}
