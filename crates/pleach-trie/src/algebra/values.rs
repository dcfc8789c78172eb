//! Lattices of std's types, and of ours.

use super::{AlgebraicResult, COUNTER_IDENT, DistributiveLattice, Lattice, SELF_IDENT};
use crate::ByteMask;
use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};
use std::hash::{BuildHasher, Hash};

/// The mask of the arguments that are meant.
fn mask(left: bool, right: bool) -> u64 {
    (if left { SELF_IDENT } else { 0 }) | (if right { COUNTER_IDENT } else { 0 })
}

/// Identity with the arguments that the result equals, or a value of its own.
fn identity_or<V>(left: bool, right: bool, make: impl FnOnce() -> V) -> AlgebraicResult<V> {
    match mask(left, right) {
        0 => AlgebraicResult::Element(make()),
        mask => AlgebraicResult::Identity(mask),
    }
}

/// Both or the left, as joins and meets of plain values are.
fn left_biased<V: PartialEq>(left: &V, right: &V) -> AlgebraicResult<V> {
    AlgebraicResult::Identity(mask(true, left == right))
}

/// Nothing if both are the same, and the left if not.
fn left_if_different<V: PartialEq>(left: &V, right: &V) -> AlgebraicResult<V> {
    match left == right {
        true => AlgebraicResult::None,
        false => AlgebraicResult::Identity(SELF_IDENT),
    }
}

/// Types whose values have no parts: the left one stays.
macro_rules! plain {
    ($($plain:ty)*) => {$(
        impl Lattice for $plain {
            fn pjoin(&self, other: &Self) -> AlgebraicResult<Self> {
                left_biased(self, other)
            }

            fn pmeet(&self, other: &Self) -> AlgebraicResult<Self> {
                left_biased(self, other)
            }
        }

        impl DistributiveLattice for $plain {
            fn psubtract(&self, other: &Self) -> AlgebraicResult<Self> {
                left_if_different(self, other)
            }
        }
    )*};
}

plain! {
    () u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize char
    String &str Cow<'_, str> Vec<u8> &[u8] Box<str> Box<[u8]>
}

/// `false` is less than `true`: join is `|`, meet is `&`.
impl Lattice for bool {
    fn pjoin(&self, other: &Self) -> AlgebraicResult<Self> {
        let or = self | other;
        AlgebraicResult::Identity(mask(*self == or, *other == or))
    }

    fn pmeet(&self, other: &Self) -> AlgebraicResult<Self> {
        let and = self & other;
        AlgebraicResult::Identity(mask(*self == and, *other == and))
    }
}

impl DistributiveLattice for bool {
    fn psubtract(&self, other: &Self) -> AlgebraicResult<Self> {
        left_if_different(self, other)
    }
}

/// `None` is less than all others. Of `None` and `Some` nothing is the meet, not even `None`.
impl<V: Lattice> Lattice for Option<V> {
    const IDEMPOTENT: bool = V::IDEMPOTENT;

    fn pjoin(&self, other: &Self) -> AlgebraicResult<Self> {
        match (self, other) {
            (Some(left), Some(right)) => left.pjoin(right).map(Some),
            _ => AlgebraicResult::Identity(mask(other.is_none(), self.is_none())),
        }
    }

    fn pmeet(&self, other: &Self) -> AlgebraicResult<Self> {
        match (self, other) {
            (Some(left), Some(right)) => left.pmeet(right).map(Some),
            (None, None) => AlgebraicResult::Identity(mask(true, true)),
            _ => AlgebraicResult::None,
        }
    }
}

impl<V: DistributiveLattice> DistributiveLattice for Option<V> {
    const IDEMPOTENT: bool = V::IDEMPOTENT;

    fn psubtract(&self, other: &Self) -> AlgebraicResult<Self> {
        match (self, other) {
            (Some(left), Some(right)) => left.psubtract(right).map(Some),
            (Some(_), None) => AlgebraicResult::Identity(SELF_IDENT),
            (None, _) => AlgebraicResult::None,
        }
    }
}

impl<V: Lattice> Lattice for Box<V> {
    const IDEMPOTENT: bool = V::IDEMPOTENT;

    fn pjoin(&self, other: &Self) -> AlgebraicResult<Self> {
        (**self).pjoin(other).map(Box::new)
    }

    fn pmeet(&self, other: &Self) -> AlgebraicResult<Self> {
        (**self).pmeet(other).map(Box::new)
    }
}

impl<V: DistributiveLattice> DistributiveLattice for Box<V> {
    const IDEMPOTENT: bool = V::IDEMPOTENT;

    fn psubtract(&self, other: &Self) -> AlgebraicResult<Self> {
        (**self).psubtract(other).map(Box::new)
    }
}

/// Nothing if no element is left, identity if all of an argument is, or a set of its own.
fn set_or_nothing<S>(
    len: usize,
    left: usize,
    right: Option<usize>,
    make: impl FnOnce() -> S,
) -> AlgebraicResult<S> {
    match (len == left, Some(len) == right) {
        // Also of two empty ones: a value met with itself is itself.
        (true, true) => AlgebraicResult::Identity(mask(true, true)),
        _ if len == 0 => AlgebraicResult::None,
        (left, right) => identity_or(left, right, make),
    }
}

impl<T: Hash + Eq + Clone, S: BuildHasher + Clone + Default> Lattice for HashSet<T, S> {
    fn pjoin(&self, other: &Self) -> AlgebraicResult<Self> {
        let len = self.union(other).count();
        identity_or(len == self.len(), len == other.len(), || self | other)
    }

    fn pmeet(&self, other: &Self) -> AlgebraicResult<Self> {
        let len = self.intersection(other).count();
        set_or_nothing(len, self.len(), Some(other.len()), || self & other)
    }
}

impl<T: Hash + Eq + Clone, S: BuildHasher + Clone + Default> DistributiveLattice for HashSet<T, S> {
    fn psubtract(&self, other: &Self) -> AlgebraicResult<Self> {
        match self.difference(other).count() {
            0 => AlgebraicResult::None,
            len => identity_or(len == self.len(), false, || self - other),
        }
    }
}

impl<T: Ord + Clone> Lattice for BTreeSet<T> {
    fn pjoin(&self, other: &Self) -> AlgebraicResult<Self> {
        let len = self.union(other).count();
        identity_or(len == self.len(), len == other.len(), || self | other)
    }

    fn pmeet(&self, other: &Self) -> AlgebraicResult<Self> {
        let len = self.intersection(other).count();
        set_or_nothing(len, self.len(), Some(other.len()), || self & other)
    }
}

impl<T: Ord + Clone> DistributiveLattice for BTreeSet<T> {
    fn psubtract(&self, other: &Self) -> AlgebraicResult<Self> {
        match self.difference(other).count() {
            0 => AlgebraicResult::None,
            len => identity_or(len == self.len(), false, || self - other),
        }
    }
}

impl Lattice for ByteMask {
    fn pjoin(&self, other: &Self) -> AlgebraicResult<Self> {
        let all = *self | *other;
        identity_or(all == *self, all == *other, || all)
    }

    fn pmeet(&self, other: &Self) -> AlgebraicResult<Self> {
        let (both, len) = (*self & *other, ByteMask::count_bits);
        set_or_nothing(len(&both), len(self), Some(len(other)), || both)
    }
}

impl DistributiveLattice for ByteMask {
    fn psubtract(&self, other: &Self) -> AlgebraicResult<Self> {
        let left = *self - *other;
        match left.is_empty_mask() {
            true => AlgebraicResult::None,
            false => identity_or(left == *self, false, || left),
        }
    }
}
