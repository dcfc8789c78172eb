//! Two tries made one: join, meet and their like.
//!
//! # The idea
//!
//! Set algebra on tries is a walk over both at once. Where only one of them leads on, its branch is
//! taken as it is or left out as it is, whatever its size; where both arrive at the same node, so is
//! that. Only where both lead on to different nodes is there anything to do. So the time is that of
//! what both have and do not share, and the result shares all the rest. (Okasaki and Gill, "Fast
//! mergeable integer maps", 1998; what is new here is that a node is left alone as soon as the result
//! is found to be equal to it, also by its values.)
//!
//! ```text
//!     Pos, Kids     where one stands in one trie, whatever the node       pos
//!        |
//!      Walk         the descent of two: forks, and what only one has      walk
//!      /   \
//!  Weave   Pairs    makes a trie of it    | hands out pairs of values     weave, pairs
//!     |     /
//!   Merge, Lines    two leaves, entry by entry                            leaves, lines
//!     |
//!    List           a subtrie of entries                                  list
//!
//!    split          Weave on many threads                                 split
//! ```
//!
//! What distinguishes the operations is a [`Policy`]: what becomes of branches that only one side
//! has, of values and of shared nodes.
//!
//! # Equal to which?
//!
//! Each part of the result is told by [`Out`]: as a position of the left or right trie as long as it
//! equals what is there, as a node of its own only if it equals neither. A node is made when a fork
//! is closed whose result equals neither side; only then are the branches that it keeps counted
//! once more, and positions inside of nodes made nodes. So an operation that changes nothing
//! allocates nothing, and says so.

mod layer;
mod leaves;
mod lines;
mod list;
mod pairs;
mod pos;
#[cfg(feature = "rayon")]
mod split;
mod walk;
mod weave;

pub(crate) use pairs::{Pairs, Sides};

use super::Trie;
use crate::algebra::{AlgebraicResult, COUNTER_IDENT, SELF_IDENT};
use pleach_ptr::{Allocator, PtrKind, SharedAllocator};
use pos::Pos;

/// The result equals both sides.
const IDENT_BOTH: u64 = SELF_IDENT | COUNTER_IDENT;

/// What an operation does where the two tries differ.
pub(crate) trait Policy<V> {
    /// Whether what only the left has stays.
    const LEFT: bool;
    /// Whether what only the right has stays.
    const RIGHT: bool;
    /// Whether a location that dangles on the left stays where the right has it too.
    const BARE: bool;
    /// Whether all of the left stays at and below a value of the right.
    const COVERS: bool = false;

    /// Whether a node that both share stays; `None` if it has to be walked.
    fn shared(&self) -> Option<bool>;

    /// The value at a location of both, of which at least one has a value. Identity with a side that
    /// has none means that there is none.
    fn values(&mut self, left: Option<&V>, right: Option<&V>) -> AlgebraicResult<V>;
}

/// A value of the result.
enum Verdict<'a, V> {
    /// No value, but a location.
    Bare,
    /// One that a side has.
    Keep(&'a V),
    /// One of its own.
    New(V),
}

impl<V: Clone> Verdict<'_, V> {
    fn into_value(self) -> Option<V> {
        match self {
            Self::Bare => None,
            Self::Keep(value) => Some(value.clone()),
            Self::New(value) => Some(value),
        }
    }
}

/// The value that a policy gives to a location of both, and which sides it equals.
fn judge<'a, V, P: Policy<V>>(
    policy: &mut P,
    left: Option<&'a V>,
    right: Option<&'a V>,
) -> (Option<Verdict<'a, V>>, u64) {
    if left.is_none() && right.is_none() {
        return (None, IDENT_BOTH);
    }
    match policy.values(left, right) {
        AlgebraicResult::None => {
            let same_left = if left.is_none() { SELF_IDENT } else { 0 };
            let same_right = if right.is_none() { COUNTER_IDENT } else { 0 };
            (None, same_left | same_right)
        }
        AlgebraicResult::Identity(mask) => {
            let kept = if mask & SELF_IDENT != 0 { left } else { right };
            (kept.map(Verdict::Keep), mask & IDENT_BOTH)
        }
        AlgebraicResult::Element(value) => (Some(Verdict::New(value)), 0),
    }
}

/// A part of the result.
enum Out<'a, V, K: PtrKind> {
    /// Not even a location.
    Nothing,
    /// What the left has.
    Left(Pos<'a, V, K>),
    /// What the right has.
    Right(Pos<'a, V, K>),
    /// What both have.
    Both(Pos<'a, V, K>),
    /// Neither; a node that begins below the byte that leads to it.
    New(K::Ptr),
}

impl<'a, V, K: PtrKind> Out<'a, V, K> {
    /// The part that equals these sides, if it equals any.
    fn of_idents(idents: u64, left: Pos<'a, V, K>, right: Pos<'a, V, K>) -> Option<Self> {
        match idents & IDENT_BOTH {
            IDENT_BOTH => Some(Self::Both(left)),
            SELF_IDENT => Some(Self::Left(left)),
            COUNTER_IDENT => Some(Self::Right(right)),
            _ => None,
        }
    }

    /// Which sides it equals; neither, if both have something here and the result has not.
    fn idents(&self) -> u64 {
        match self {
            Self::Nothing | Self::New(_) => 0,
            Self::Left(_) => SELF_IDENT,
            Self::Right(_) => COUNTER_IDENT,
            Self::Both(_) => IDENT_BOTH,
        }
    }

    /// Makes it a node.
    ///
    /// # Safety
    /// The nodes of both sides come from `alloc`.
    unsafe fn make<A: Allocator>(&mut self, alloc: &A)
    where
        V: Clone,
    {
        if let Self::Left(pos) | Self::Right(pos) | Self::Both(pos) = *self {
            // SAFETY: the caller's promise.
            *self = Self::New(unsafe { pos.keep(alloc) });
        }
    }
}

/// What came of two tries.
pub(crate) type Combined<V, K, A> = AlgebraicResult<Trie<V, K, A>>;

impl<V: Clone, K: PtrKind, A: SharedAllocator> Trie<V, K, A> {
    /// Whether nothing is at or below `path`: no value and no branch.
    pub(crate) fn is_bare(&self, path: &[u8]) -> bool {
        // SAFETY: borrowed, so that the nodes live and do not change (R1, W1).
        let at = self
            .root()
            .and_then(|root| unsafe { Pos::<V, K>::find(root, path) });
        at.is_none_or(Pos::is_bare)
    }

    /// What `policy` makes of what is at and below `path` here, and of all of `other`, which lives
    /// in the same allocator (see `rehome`). `None` says that nothing is left.
    pub(crate) fn combine<P: Policy<V>>(
        &self,
        path: &[u8],
        other: &Self,
        policy: &mut P,
    ) -> Combined<V, K, A> {
        self.combine_by(path, other, policy, |left, right, alloc, policy| {
            // SAFETY: all nodes come from allocators that are the same as this one.
            unsafe { weave::weave(left, right, alloc, policy) }
        })
    }

    /// As `combine`, by a `walk` over the two positions, whose nodes come from the allocator.
    fn combine_by<P: Policy<V>>(
        &self,
        path: &[u8],
        other: &Self,
        policy: &mut P,
        walk: impl for<'a> FnOnce(Pos<'a, V, K>, Pos<'a, V, K>, &A, &mut P) -> Out<'a, V, K>,
    ) -> Combined<V, K, A> {
        debug_assert!(self.allocator().same(other.allocator()));
        // SAFETY: both tries are borrowed, so that their nodes live and do not change (R1, W1).
        let (left, right) = unsafe {
            (
                self.root().and_then(|root| Pos::<V, K>::find(root, path)),
                other.root().map(|root| Pos::<V, K>::new(root)),
            )
        };
        // The root is a location of both, perhaps without anything.
        if let (Some(left), Some(right), Some(kept)) = (left, right, policy.shared())
            && left.same(right)
        {
            return match kept {
                true => AlgebraicResult::Identity(IDENT_BOTH),
                false => AlgebraicResult::None,
            };
        }
        let left = left.filter(|left| !left.is_bare());
        let node = match (left, right) {
            (None, None) => return AlgebraicResult::None,
            (Some(_), None) if P::LEFT => return AlgebraicResult::Identity(SELF_IDENT),
            (None, Some(_)) if P::RIGHT => return AlgebraicResult::Identity(COUNTER_IDENT),
            (Some(_), None) | (None, Some(_)) => return AlgebraicResult::None,
            (Some(left), Some(right)) => walk(left, right, self.allocator(), policy),
        };
        match node {
            Out::New(node) => {
                let trie = Self::of_root(Some(node), self.allocator().clone());
                AlgebraicResult::Element(trie)
            }
            Out::Nothing => AlgebraicResult::None,
            out => AlgebraicResult::Identity(out.idents()),
        }
    }
}
