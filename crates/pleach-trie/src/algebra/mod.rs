//! Set algebra: what values have to know for it, and what operations say of their results.
//!
//! [`PathMap::join`] makes one map of two, [`meet`](PathMap::meet) keeps what both have,
//! [`subtract`](PathMap::subtract) what only the first has, and [`restrict`](PathMap::restrict) what
//! lies at or below a key of the second. What becomes of two values at the same key is up to their
//! type: [`Lattice`] joins and meets them, [`DistributiveLattice`] subtracts one from the other.
//! Numbers and strings keep the left value; sets and maps of std are combined in turn.
//!
//! ```
//! use pleach_trie::PathMap;
//!
//! let a = PathMap::from([("tea", 1), ("ten", 2)]);
//! let b = PathMap::from([("ten", 3), ("to", 4)]);
//! assert_eq!(a.join(&b), PathMap::from([("tea", 1), ("ten", 2), ("to", 4)]));
//! assert_eq!(a.meet(&b), PathMap::from([("ten", 2)]));
//! assert_eq!(a.subtract(&b), a);
//! assert_eq!(a.restrict(&PathMap::from([("te", 0)])), a);
//! ```
//!
//! # What is told of results
//!
//! An operation says whether its result equals an argument, as [`AlgebraicResult`], or, done in place,
//! whether anything has changed, as [`AlgebraicStatus`]. That is exact for maps, as far as it is for
//! their values: `Identity` if and only if nothing changed, `None` if and only if nothing is left.
//!
//! # Locations
//!
//! A join has the locations of both. A subtraction keeps the locations below which something is left,
//! and whole branches that the other does not have, with all that dangles there. A meet keeps the
//! locations below which something is left, and those that dangle in the first map where the second
//! has them too: so the meet of two maps without a key in common is empty, whatever prefixes their
//! keys share. A restriction keeps what lies at or below a key of the other map, and what leads
//! there.

mod into;
mod maps;
mod policy;
mod result;
mod values;

pub(crate) use policy::{
    Restrict, difference, intersection, join, meet, subtract, symmetric, union,
};
pub use result::{AlgebraicResult, AlgebraicStatus, COUNTER_IDENT, SELF_IDENT};

#[cfg(doc)]
use crate::PathMap;

/// Values that can be joined and met.
///
/// Maps rely on these laws, and their results are odd, but sound, where a type breaks them:
///
/// - Both operations are associative. Up to a *bias* to the left they are commutative: plain values,
///   which have nothing to be joined, keep the left one.
/// - What a result says is true: `Identity` with the bit of an argument means that the argument
///   could stand in for the result.
/// - If [`IDEMPOTENT`](Self::IDEMPOTENT), a value joined or met with itself is itself.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
/// use pleach_trie::algebra::*;
///
/// /// Counts what it is joined of.
/// #[derive(Clone, Debug, PartialEq)]
/// struct Times(u64);
///
/// impl Lattice for Times {
///     const IDEMPOTENT: bool = false;
///
///     fn pjoin(&self, other: &Self) -> AlgebraicResult<Self> {
///         AlgebraicResult::Element(Times(self.0 + other.0))
///     }
///
///     fn pmeet(&self, other: &Self) -> AlgebraicResult<Self> {
///         AlgebraicResult::Element(Times(self.0.min(other.0)))
///     }
/// }
///
/// let words = PathMap::from([("tea", Times(1))]);
/// assert_eq!(words.join(&words.clone()).get("tea"), Some(&Times(2)));
/// ```
pub trait Lattice {
    /// Whether a value joined or met with itself is itself. If so, branches that two maps share are
    /// not looked into.
    const IDEMPOTENT: bool = true;

    /// The join: the least value that has all that either has.
    fn pjoin(&self, other: &Self) -> AlgebraicResult<Self>
    where
        Self: Sized;

    /// The meet: the greatest value that has no more than what both have.
    fn pmeet(&self, other: &Self) -> AlgebraicResult<Self>
    where
        Self: Sized;

    /// Joins `other` into this value.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::algebra::*;
    /// use std::collections::BTreeSet;
    ///
    /// let mut set = BTreeSet::from([1, 2]);
    /// assert_eq!(set.join_into(BTreeSet::from([2])), AlgebraicStatus::Identity);
    /// assert_eq!(set.join_into(BTreeSet::from([3])), AlgebraicStatus::Element);
    /// assert_eq!(set.len(), 3);
    /// ```
    fn join_into(&mut self, other: Self) -> AlgebraicStatus
    where
        Self: Sized,
    {
        let result = self.pjoin(&other);
        let status = result.status();
        match result {
            AlgebraicResult::Identity(mask) if mask & SELF_IDENT == 0 => *self = other,
            AlgebraicResult::Element(value) => *self = value,
            AlgebraicResult::None | AlgebraicResult::Identity(_) => {}
        }
        status
    }

    /// The join of some values, with that of the first first.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::algebra::*;
    ///
    /// assert_eq!(bool::join_all([&false, &true]), AlgebraicResult::Element(true));
    /// ```
    fn join_all<'v>(values: impl IntoIterator<Item = &'v Self>) -> AlgebraicResult<Self>
    where
        Self: Sized + Clone + 'v,
    {
        let mut values = values.into_iter();
        let Some(first) = values.next() else {
            return AlgebraicResult::None;
        };
        let all = values.fold(first.clone(), |mut all, value| {
            all.join_into(value.clone());
            all
        });
        AlgebraicResult::Element(all)
    }
}

/// Values of which others can be subtracted.
///
/// # Examples
/// ```
/// use pleach_trie::algebra::*;
///
/// assert_eq!(7_u8.psubtract(&7), AlgebraicResult::None);
/// assert_eq!(7_u8.psubtract(&8), AlgebraicResult::Identity(SELF_IDENT));
/// ```
pub trait DistributiveLattice {
    /// Whether nothing is left of a value after it was subtracted from itself. If so, branches that
    /// two maps share are not looked into.
    const IDEMPOTENT: bool = true;

    /// What is left of this value without `other`.
    fn psubtract(&self, other: &Self) -> AlgebraicResult<Self>
    where
        Self: Sized;
}
