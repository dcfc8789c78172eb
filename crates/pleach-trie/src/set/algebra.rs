//! Set algebra of sets, as methods and operators.

use super::PathSet;
use crate::algebra::{AlgebraicResult, DistributiveLattice, Lattice};
use pleach_ptr::{Allocator, PtrKind, SharedAllocator};
use std::ops::{BitAnd, BitAndAssign, BitOr, BitOrAssign, BitXor, BitXorAssign, Sub, SubAssign};

impl<K: PtrKind, A: SharedAllocator> PathSet<K, A> {
    /// The keys of either set.
    ///
    /// Time in the nodes that both have and do not share; the result shares all the others. This
    /// holds for all methods and operators that make a set of two.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathSet;
    ///
    /// let (a, b) = (PathSet::from(["a", "b"]), PathSet::from(["b", "c"]));
    /// assert_eq!(a.union(&b), PathSet::from(["a", "b", "c"]));
    /// assert_eq!(&a | &b, a.union(&b));
    /// ```
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self::from(self.map.union(&other.map))
    }

    /// The keys of both sets.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathSet;
    ///
    /// let (a, b) = (PathSet::from(["a", "b"]), PathSet::from(["b", "c"]));
    /// assert_eq!(a.intersection(&b), PathSet::from(["b"]));
    /// assert_eq!(&a & &b, a.intersection(&b));
    /// ```
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self::from(self.map.intersection(&other.map))
    }

    /// The keys of this set that the other does not have.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathSet;
    ///
    /// let (a, b) = (PathSet::from(["a", "b"]), PathSet::from(["b", "c"]));
    /// assert_eq!(a.difference(&b), PathSet::from(["a"]));
    /// assert_eq!(&a - &b, a.difference(&b));
    /// ```
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        Self::from(self.map.difference(&other.map))
    }

    /// The keys of one set that the other does not have.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathSet;
    ///
    /// let (a, b) = (PathSet::from(["a", "b"]), PathSet::from(["b", "c"]));
    /// assert_eq!(a.symmetric_difference(&b), PathSet::from(["a", "c"]));
    /// assert_eq!(&a ^ &b, a.symmetric_difference(&b));
    /// ```
    #[must_use]
    pub fn symmetric_difference(&self, other: &Self) -> Self {
        Self::from(self.map.symmetric_difference(&other.map))
    }

    /// The keys that have some key of the other set as a prefix, or are one.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathSet;
    ///
    /// let words = PathSet::from(["tea", "ten", "to"]);
    /// assert_eq!(words.restrict(&PathSet::from(["te"])), PathSet::from(["tea", "ten"]));
    /// ```
    #[must_use]
    pub fn restrict(&self, other: &Self) -> Self {
        Self::from(self.map.restrict(&other.map))
    }
}

impl<K: PtrKind, A: Allocator> PathSet<K, A> {
    /// Whether the sets have no key in common; time as for the other operations, up to the first one.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathSet;
    ///
    /// assert!(PathSet::from(["a"]).is_disjoint(&PathSet::from(["ab"])));
    /// ```
    pub fn is_disjoint(&self, other: &Self) -> bool {
        self.map.intersection_iter(&other.map).next().is_none()
    }

    /// Whether the other set has all keys of this one; time as for the other operations, up to the
    /// first one that it has not.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathSet;
    ///
    /// assert!(PathSet::from(["a"]).is_subset(&PathSet::from(["a", "b"])));
    /// ```
    pub fn is_subset(&self, other: &Self) -> bool {
        self.len() <= other.len() && self.map.difference_iter(&other.map).next().is_none()
    }

    /// Whether this set has all keys of the other one.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathSet;
    ///
    /// assert!(PathSet::from(["a", "b"]).is_superset(&PathSet::from(["a"])));
    /// ```
    pub fn is_superset(&self, other: &Self) -> bool {
        other.is_subset(self)
    }
}

impl<K: PtrKind, A: SharedAllocator> BitOr for &PathSet<K, A> {
    type Output = PathSet<K, A>;

    fn bitor(self, other: Self) -> PathSet<K, A> {
        self.union(other)
    }
}

impl<K: PtrKind, A: SharedAllocator> BitAnd for &PathSet<K, A> {
    type Output = PathSet<K, A>;

    fn bitand(self, other: Self) -> PathSet<K, A> {
        self.intersection(other)
    }
}

impl<K: PtrKind, A: SharedAllocator> Sub for &PathSet<K, A> {
    type Output = PathSet<K, A>;

    fn sub(self, other: Self) -> PathSet<K, A> {
        self.difference(other)
    }
}

impl<K: PtrKind, A: SharedAllocator> BitXor for &PathSet<K, A> {
    type Output = PathSet<K, A>;

    fn bitxor(self, other: Self) -> PathSet<K, A> {
        self.symmetric_difference(other)
    }
}

impl<K: PtrKind, A: SharedAllocator> BitOrAssign<&Self> for PathSet<K, A> {
    fn bitor_assign(&mut self, other: &Self) {
        *self = self.union(other);
    }
}

impl<K: PtrKind, A: SharedAllocator> BitAndAssign<&Self> for PathSet<K, A> {
    fn bitand_assign(&mut self, other: &Self) {
        *self = self.intersection(other);
    }
}

impl<K: PtrKind, A: SharedAllocator> SubAssign<&Self> for PathSet<K, A> {
    fn sub_assign(&mut self, other: &Self) {
        *self = self.difference(other);
    }
}

impl<K: PtrKind, A: SharedAllocator> BitXorAssign<&Self> for PathSet<K, A> {
    fn bitxor_assign(&mut self, other: &Self) {
        *self = self.symmetric_difference(other);
    }
}

/// The join is the union, the meet the intersection.
impl<K: PtrKind, A: SharedAllocator> Lattice for PathSet<K, A> {
    fn pjoin(&self, other: &Self) -> AlgebraicResult<Self> {
        self.map.pjoin(&other.map).map(Self::from)
    }

    fn pmeet(&self, other: &Self) -> AlgebraicResult<Self> {
        self.map.pmeet(&other.map).map(Self::from)
    }
}

impl<K: PtrKind, A: SharedAllocator> DistributiveLattice for PathSet<K, A> {
    fn psubtract(&self, other: &Self) -> AlgebraicResult<Self> {
        self.map.psubtract(&other.map).map(Self::from)
    }
}
