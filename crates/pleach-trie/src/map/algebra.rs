//! Set algebra of whole maps.

use super::PathMap;
use crate::algebra::{
    AlgebraicResult, AlgebraicStatus, DistributiveLattice, Lattice, Restrict, SELF_IDENT,
    difference, intersection, join, meet, subtract, symmetric, union,
};
use crate::raw::{Combined, Policy, Trie};
use pleach_ptr::{PtrKind, SharedAllocator};

impl<V: Clone, K: PtrKind, A: SharedAllocator> PathMap<V, K, A> {
    /// All that is in either map; values at the same key are [joined](Lattice::pjoin).
    ///
    /// Time in the nodes that both have and do not share; the result shares all the others. This
    /// holds for all methods that make a map of two. Maps whose allocators are not
    /// [the same](SharedAllocator::same) share nothing: `other` is copied first.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let a = PathMap::from([("a", 1), ("b", 2)]);
    /// let b = PathMap::from([("b", 20), ("c", 30)]);
    /// assert_eq!(a.join(&b), PathMap::from([("a", 1), ("b", 2), ("c", 30)]));
    /// assert!(a.join(&a.clone()).ptr_eq(&a));
    /// ```
    #[must_use]
    pub fn join(&self, other: &Self) -> Self
    where
        V: Lattice,
    {
        self.combined(other, &mut join())
    }

    /// What is in both maps; values at the same key are [met](Lattice::pmeet).
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let a = PathMap::from([("a", 1), ("b", 2)]);
    /// let b = PathMap::from([("b", 20), ("c", 30)]);
    /// assert_eq!(a.meet(&b), PathMap::from([("b", 2)]));
    /// ```
    #[must_use]
    pub fn meet(&self, other: &Self) -> Self
    where
        V: Lattice,
    {
        self.combined(other, &mut meet())
    }

    /// What is left of this map without the other; values at the same key are
    /// [subtracted](DistributiveLattice::psubtract).
    ///
    /// Of plain values, equal ones go and others stay: [`difference`](Self::difference) goes by the
    /// keys alone.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let a = PathMap::from([("a", 1), ("b", 2), ("c", 3)]);
    /// let b = PathMap::from([("b", 2), ("c", 30)]);
    /// assert_eq!(a.subtract(&b), PathMap::from([("a", 1), ("c", 3)]));
    /// ```
    #[must_use]
    pub fn subtract(&self, other: &Self) -> Self
    where
        V: DistributiveLattice,
    {
        self.combined(other, &mut subtract())
    }

    /// The keys that have some key of the other map as a prefix, or are one.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let routes = PathMap::from([("eu/at", 1), ("eu/de", 2), ("us/ny", 3)]);
    /// let wanted = PathMap::from([("eu/", 0)]);
    /// assert!(routes.restrict(&wanted).keys().eq([b"eu/at", b"eu/de"]));
    /// ```
    #[must_use]
    pub fn restrict(&self, other: &Self) -> Self {
        self.combined(other, &mut Restrict)
    }

    /// [`join`](Self::join) in place; tells what that did.
    ///
    /// A panic in the user's code leaves the map as it was. This holds for all of these methods.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::algebra::AlgebraicStatus;
    ///
    /// let mut map = PathMap::from([("a", 1)]);
    /// let status = map.join_assign(&PathMap::from([("a", 2)]));
    /// assert_eq!(status, AlgebraicStatus::Identity);
    /// ```
    pub fn join_assign(&mut self, other: &Self) -> AlgebraicStatus
    where
        V: Lattice,
    {
        self.trie.combine_into(&[], other.trie.clone(), &mut join())
    }

    /// [`meet`](Self::meet) in place; tells what that did.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::algebra::AlgebraicStatus;
    ///
    /// let mut map = PathMap::from([("a", 1)]);
    /// let status = map.meet_assign(&PathMap::from([("b", 2)]));
    /// assert_eq!(status, AlgebraicStatus::None);
    /// ```
    pub fn meet_assign(&mut self, other: &Self) -> AlgebraicStatus
    where
        V: Lattice,
    {
        self.trie.combine_into(&[], other.trie.clone(), &mut meet())
    }

    /// [`subtract`](Self::subtract) in place; tells what that did.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::algebra::AlgebraicStatus;
    ///
    /// let mut map = PathMap::from([("a", 1), ("b", 2)]);
    /// let status = map.subtract_assign(&PathMap::from([("b", 2)]));
    /// assert_eq!(status, AlgebraicStatus::Element);
    /// ```
    pub fn subtract_assign(&mut self, other: &Self) -> AlgebraicStatus
    where
        V: DistributiveLattice,
    {
        self.trie
            .combine_into(&[], other.trie.clone(), &mut subtract())
    }

    /// [`restrict`](Self::restrict) in place; tells what that did.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::algebra::AlgebraicStatus;
    ///
    /// let mut map = PathMap::from([("ab", 1), ("b", 2)]);
    /// let status = map.restrict_assign(&PathMap::from([("a", 0)]));
    /// assert_eq!(status, AlgebraicStatus::Element);
    /// assert_eq!(map.len(), 1);
    /// ```
    pub fn restrict_assign(&mut self, other: &Self) -> AlgebraicStatus {
        self.trie
            .combine_into(&[], other.trie.clone(), &mut Restrict)
    }

    /// The join of many maps, with the values of the first first.
    ///
    /// They are joined two and two, the results again, and so on: each key is looked at no more
    /// often than the number of maps can be halved.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let maps: Vec<_> = (0..100_u8).map(|n| PathMap::from([([n], n)])).collect();
    /// assert_eq!(PathMap::join_all(&maps).len(), 100);
    /// ```
    #[must_use]
    pub fn join_all<'m>(maps: impl IntoIterator<Item = &'m Self>) -> Self
    where
        V: Lattice + 'm,
        K: 'm,
        A: Default + 'm,
    {
        let tries = maps.into_iter().map(|map| map.trie.clone());
        let all = Trie::join_all(tries);
        Self::from_trie(all.unwrap_or_else(|| Trie::new(A::default())))
    }

    /// All keys of either map; where both have one, this map's value is kept.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let a = PathMap::from([("a", 1.5), ("b", 2.5)]);
    /// let b = PathMap::from([("b", 0.5), ("c", 3.5)]);
    /// assert_eq!(a.union(&b), PathMap::from([("a", 1.5), ("b", 2.5), ("c", 3.5)]));
    /// ```
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.combined(other, &mut union(true, left))
    }

    /// The keys of both maps, with this map's values.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let a = PathMap::from([("a", 1.5), ("b", 2.5)]);
    /// let b = PathMap::from([("b", 0.5), ("c", 3.5)]);
    /// assert_eq!(a.intersection(&b), PathMap::from([("b", 2.5)]));
    /// ```
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        self.combined(other, &mut intersection(true, left))
    }

    /// The keys of this map that the other does not have.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let a = PathMap::from([("a", 1.5), ("b", 2.5)]);
    /// let b = PathMap::from([("b", 0.5), ("c", 3.5)]);
    /// assert_eq!(a.difference(&b), PathMap::from([("a", 1.5)]));
    /// ```
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        self.combined(other, &mut difference(true, neither))
    }

    /// The keys of one map that the other does not have.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let a = PathMap::from([("a", 1.5), ("b", 2.5)]);
    /// let b = PathMap::from([("b", 0.5), ("c", 3.5)]);
    /// assert_eq!(a.symmetric_difference(&b), PathMap::from([("a", 1.5), ("c", 3.5)]));
    /// ```
    #[must_use]
    pub fn symmetric_difference(&self, other: &Self) -> Self {
        self.combined(other, &mut symmetric(true, neither))
    }

    /// All keys of either map; where both have one, `f` decides on the value.
    ///
    /// `f` is called for all such keys, also in nodes that both maps share; so nothing that both have
    /// is passed over. This holds for all methods that take a function.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let a = PathMap::from([("a", 1), ("b", 2)]);
    /// let b = PathMap::from([("b", 20), ("c", 30)]);
    /// assert_eq!(a.union_with(&b, |x, y| x + y), PathMap::from([("a", 1), ("b", 22), ("c", 30)]));
    /// ```
    #[must_use]
    pub fn union_with(&self, other: &Self, f: impl FnMut(&V, &V) -> V) -> Self {
        self.combined(other, &mut union(false, always(f)))
    }

    /// The keys of both maps, with values that `f` makes.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let a = PathMap::from([("a", 1), ("b", 2)]);
    /// let b = PathMap::from([("b", 20), ("c", 30)]);
    /// assert_eq!(a.intersection_with(&b, |x, y| x + y), PathMap::from([("b", 22)]));
    /// ```
    #[must_use]
    pub fn intersection_with(&self, other: &Self, f: impl FnMut(&V, &V) -> V) -> Self {
        self.combined(other, &mut intersection(false, always(f)))
    }

    /// The keys of this map; of those that the other has too, the ones for which `f` makes a value.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let a = PathMap::from([("a", 1), ("b", 2), ("c", 3)]);
    /// let b = PathMap::from([("b", 2), ("c", 2)]);
    /// let left = a.difference_with(&b, |x, y| (x > y).then_some(x - y));
    /// assert_eq!(left, PathMap::from([("a", 1), ("c", 1)]));
    /// ```
    #[must_use]
    pub fn difference_with(&self, other: &Self, f: impl FnMut(&V, &V) -> Option<V>) -> Self {
        self.combined(other, &mut difference(false, perhaps(f)))
    }

    /// The keys of one map that the other does not have, and those of both for which `f` makes a
    /// value.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let a = PathMap::from([("a", 1), ("b", 2), ("c", 3)]);
    /// let b = PathMap::from([("b", 2), ("c", 4), ("d", 5)]);
    /// let left = a.symmetric_difference_with(&b, |x, y| (x != y).then_some(x * y));
    /// assert_eq!(left, PathMap::from([("a", 1), ("c", 12), ("d", 5)]));
    /// ```
    #[must_use]
    pub fn symmetric_difference_with(
        &self,
        other: &Self,
        f: impl FnMut(&V, &V) -> Option<V>,
    ) -> Self {
        self.combined(other, &mut symmetric(false, perhaps(f)))
    }

    /// The map that an operation makes of two.
    fn combined(&self, other: &Self, policy: &mut impl Policy<V>) -> Self {
        self.combined_by(other, |a, b| a.combine(&[], b, policy))
    }

    /// The map that `combine` makes of two tries with the same allocator.
    pub(crate) fn combined_by(
        &self,
        other: &Self,
        combine: impl FnOnce(&Trie<V, K, A>, &Trie<V, K, A>) -> Combined<V, K, A>,
    ) -> Self {
        match self.result(other, combine) {
            AlgebraicResult::None => Self::with_kind_in(self.trie.allocator().clone()),
            AlgebraicResult::Identity(mask) if mask & SELF_IDENT != 0 => self.clone(),
            AlgebraicResult::Identity(_) => {
                Self::from_trie(other.trie.clone().rehome(self.trie.allocator()))
            }
            AlgebraicResult::Element(map) => map,
        }
    }

    /// The same as a result.
    fn result(
        &self,
        other: &Self,
        combine: impl FnOnce(&Trie<V, K, A>, &Trie<V, K, A>) -> Combined<V, K, A>,
    ) -> AlgebraicResult<Self> {
        let result = match self.trie.allocator().same(other.trie.allocator()) {
            true => combine(&self.trie, &other.trie),
            false => combine(
                &self.trie,
                &other.trie.clone().rehome(self.trie.allocator()),
            ),
        };
        result.map(Self::from_trie)
    }
}

/// Keeps the left value.
fn left<V>(_: &V, _: &V) -> AlgebraicResult<V> {
    AlgebraicResult::Identity(SELF_IDENT)
}

/// Keeps no value.
fn neither<V>(_: &V, _: &V) -> AlgebraicResult<V> {
    AlgebraicResult::None
}

/// Makes a value of its own.
fn always<V>(mut f: impl FnMut(&V, &V) -> V) -> impl FnMut(&V, &V) -> AlgebraicResult<V> {
    move |a, b| AlgebraicResult::Element(f(a, b))
}

/// Makes a value of its own, or none.
fn perhaps<V>(mut f: impl FnMut(&V, &V) -> Option<V>) -> impl FnMut(&V, &V) -> AlgebraicResult<V> {
    move |a, b| f(a, b).map_or(AlgebraicResult::None, AlgebraicResult::Element)
}

/// Two maps are joined and met as [`PathMap::join`] and [`PathMap::meet`] do.
impl<V: Lattice + Clone, K: PtrKind, A: SharedAllocator> Lattice for PathMap<V, K, A> {
    const IDEMPOTENT: bool = V::IDEMPOTENT;

    fn pjoin(&self, other: &Self) -> AlgebraicResult<Self> {
        self.result(other, |a, b| a.combine(&[], b, &mut join()))
    }

    fn pmeet(&self, other: &Self) -> AlgebraicResult<Self> {
        self.result(other, |a, b| a.combine(&[], b, &mut meet()))
    }

    fn join_into(&mut self, other: Self) -> AlgebraicStatus {
        self.trie.combine_into(&[], other.trie, &mut join())
    }
}

/// One map is subtracted from the other as [`PathMap::subtract`] does.
impl<V: DistributiveLattice + Clone, K: PtrKind, A: SharedAllocator> DistributiveLattice
    for PathMap<V, K, A>
{
    const IDEMPOTENT: bool = V::IDEMPOTENT;

    fn psubtract(&self, other: &Self) -> AlgebraicResult<Self> {
        match self.result(other, |a, b| a.combine(&[], b, &mut subtract())) {
            AlgebraicResult::Identity(mask) => AlgebraicResult::Identity(mask & SELF_IDENT),
            result => result,
        }
    }
}
