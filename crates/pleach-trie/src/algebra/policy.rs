//! What distinguishes one operation from the other.

use super::{AlgebraicResult, COUNTER_IDENT, DistributiveLattice, Lattice, SELF_IDENT};
use crate::raw::Policy;

/// An operation that decides by who has a location: whether what only the left has stays, what only
/// the right has, and what dangles on the left where the right has it too.
#[derive(Clone, Copy)]
pub(crate) struct Op<F, const LEFT: bool, const RIGHT: bool, const BARE: bool> {
    shared: Option<bool>,
    /// What becomes of two values.
    both: F,
}

impl<V, F, const LEFT: bool, const RIGHT: bool, const BARE: bool> Policy<V>
    for Op<F, LEFT, RIGHT, BARE>
where
    F: FnMut(&V, &V) -> AlgebraicResult<V>,
{
    const LEFT: bool = LEFT;
    const RIGHT: bool = RIGHT;
    const BARE: bool = BARE;

    fn shared(&self) -> Option<bool> {
        self.shared
    }

    fn values(&mut self, left: Option<&V>, right: Option<&V>) -> AlgebraicResult<V> {
        match (left, right) {
            (Some(left), Some(right)) => (self.both)(left, right),
            (Some(_), None) if LEFT => AlgebraicResult::Identity(SELF_IDENT),
            (None, Some(_)) if RIGHT => AlgebraicResult::Identity(COUNTER_IDENT),
            _ => AlgebraicResult::None,
        }
    }
}

/// All that either has; `shared` if that is so for values of shared nodes without asking.
pub(crate) fn union<F>(shared: bool, both: F) -> Op<F, true, true, true> {
    let shared = shared.then_some(true);
    Op { shared, both }
}

/// What both have.
pub(crate) fn intersection<F>(shared: bool, both: F) -> Op<F, false, false, true> {
    let shared = shared.then_some(true);
    Op { shared, both }
}

/// What the left alone has.
pub(crate) fn difference<F>(shared: bool, both: F) -> Op<F, true, false, false> {
    let shared = shared.then_some(false);
    Op { shared, both }
}

/// What one alone has.
pub(crate) fn symmetric<F>(shared: bool, both: F) -> Op<F, true, true, false> {
    let shared = shared.then_some(false);
    Op { shared, both }
}

/// The join of a lattice.
pub(crate) fn join<V: Lattice>() -> impl Policy<V> + Clone + Send + Sync {
    union(V::IDEMPOTENT, V::pjoin)
}

/// The meet of a lattice.
pub(crate) fn meet<V: Lattice>() -> impl Policy<V> + Clone + Send + Sync {
    intersection(V::IDEMPOTENT, V::pmeet)
}

/// The difference of a distributive lattice.
pub(crate) fn subtract<V: DistributiveLattice>() -> impl Policy<V> + Clone + Send + Sync {
    difference(V::IDEMPOTENT, V::psubtract)
}

/// What the left has at and below a value of the right.
#[derive(Clone, Copy)]
pub(crate) struct Restrict;

impl<V> Policy<V> for Restrict {
    const LEFT: bool = false;
    const RIGHT: bool = false;
    const BARE: bool = false;
    const COVERS: bool = true;

    fn shared(&self) -> Option<bool> {
        None
    }

    fn values(&mut self, _: Option<&V>, _: Option<&V>) -> AlgebraicResult<V> {
        AlgebraicResult::None
    }
}
