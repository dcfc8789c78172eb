//! What an operation of two arguments says about its result.

use std::borrow::Borrow;

/// In [`AlgebraicResult::Identity`]: the result equals the first argument.
pub const SELF_IDENT: u64 = 1;

/// In [`AlgebraicResult::Identity`]: the result equals the second argument.
pub const COUNTER_IDENT: u64 = 2;

/// The result of an operation, told without making it where an argument will do.
///
/// Argument number `i` has bit `1 << i`. Where more than one variant is true, `None` comes before
/// `Identity`, and `Identity` before `Element`.
///
/// # Examples
/// ```
/// use pleach_trie::algebra::*;
///
/// assert_eq!(true.pjoin(&false), AlgebraicResult::Identity(SELF_IDENT));
/// assert_eq!(false.pjoin(&true).unwrap([false, true]), true);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AlgebraicResult<V> {
    /// Nothing: the least element, which is no value.
    None,
    /// The result equals the arguments whose bits are set, all of them if several are. The mask is
    /// not 0. Operations whose arguments cannot be exchanged set no bit but [`SELF_IDENT`].
    Identity(u64),
    /// A value of its own.
    Element(V),
}

impl<V> AlgebraicResult<V> {
    /// Whether it is `None`.
    pub fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// Whether it is `Identity`.
    pub fn is_identity(&self) -> bool {
        matches!(self, Self::Identity(_))
    }

    /// Whether it is `Element`.
    pub fn is_element(&self) -> bool {
        matches!(self, Self::Element(_))
    }

    /// The mask of an `Identity`.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::algebra::*;
    ///
    /// assert_eq!(().pjoin(&()).identity_mask(), Some(SELF_IDENT | COUNTER_IDENT));
    /// assert_eq!(().psubtract(&()).identity_mask(), None);
    /// ```
    pub fn identity_mask(&self) -> Option<u64> {
        match self {
            Self::Identity(mask) => Some(*mask),
            _ => None,
        }
    }

    /// The same result for the two arguments exchanged.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::algebra::*;
    ///
    /// let result = AlgebraicResult::<()>::Identity(SELF_IDENT);
    /// assert_eq!(result.invert_identity(), AlgebraicResult::Identity(COUNTER_IDENT));
    /// ```
    #[must_use]
    pub fn invert_identity(self) -> Self {
        match self {
            Self::Identity(mask) => {
                let others = mask & !(SELF_IDENT | COUNTER_IDENT);
                let exchanged = (mask & SELF_IDENT) << 1 | (mask & COUNTER_IDENT) >> 1;
                Self::Identity(others | exchanged)
            }
            result => result,
        }
    }

    /// Applies `f` to an element.
    pub fn map<U>(self, f: impl FnOnce(V) -> U) -> AlgebraicResult<U> {
        match self {
            Self::None => AlgebraicResult::None,
            Self::Identity(mask) => AlgebraicResult::Identity(mask),
            Self::Element(value) => AlgebraicResult::Element(f(value)),
        }
    }

    /// The same result, with an element by reference.
    pub fn as_ref(&self) -> AlgebraicResult<&V> {
        match self {
            Self::None => AlgebraicResult::None,
            Self::Identity(mask) => AlgebraicResult::Identity(*mask),
            Self::Element(value) => AlgebraicResult::Element(value),
        }
    }

    /// The value, if there is one: `ident(i)` makes it of argument `i`, the first that the result
    /// equals.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::algebra::*;
    ///
    /// let result = AlgebraicResult::Identity(COUNTER_IDENT);
    /// assert_eq!(result.map_into_option(|i| [Some('a'), Some('b')][i]), Some('b'));
    /// ```
    pub fn map_into_option(self, ident: impl FnOnce(usize) -> Option<V>) -> Option<V> {
        match self {
            Self::None => None,
            Self::Identity(mask) => ident(mask.trailing_zeros() as usize),
            Self::Element(value) => Some(value),
        }
    }

    /// The value, if there is one, from the arguments.
    ///
    /// # Panics
    /// If an argument that the result equals is missing.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::algebra::*;
    ///
    /// let (a, b) = (1_u8, 2_u8);
    /// assert_eq!(a.pjoin(&b).into_option([a, b]), Some(1));
    /// assert_eq!(a.pjoin(&b).into_option([&a, &b]), Some(1));
    /// ```
    #[track_caller]
    pub fn into_option<R: Borrow<V>>(self, arguments: impl AsRef<[R]>) -> Option<V>
    where
        V: Clone,
    {
        self.map_into_option(|i| match arguments.as_ref().get(i) {
            Some(argument) => Some(argument.borrow().clone()),
            None => panic!("the result equals argument {i}, which was not given"),
        })
    }

    /// The value, from the arguments.
    ///
    /// # Panics
    /// If there is none, or an argument that the result equals is missing.
    #[track_caller]
    pub fn unwrap<R: Borrow<V>>(self, arguments: impl AsRef<[R]>) -> V
    where
        V: Clone,
    {
        match self.into_option(arguments) {
            Some(value) => value,
            None => panic!("called `AlgebraicResult::unwrap()` on a `None` value"),
        }
    }

    /// The value: `ident(i)` makes it of argument `i`, `none` of nothing.
    pub fn unwrap_or_else(self, ident: impl FnOnce(usize) -> V, none: impl FnOnce() -> V) -> V {
        self.map_into_option(|i| Some(ident(i)))
            .unwrap_or_else(none)
    }

    /// The value from the arguments, or `none`.
    ///
    /// # Panics
    /// If an argument that the result equals is missing.
    #[track_caller]
    pub fn unwrap_or<R: Borrow<V>>(self, arguments: impl AsRef<[R]>, none: V) -> V
    where
        V: Clone,
    {
        self.into_option(arguments).unwrap_or(none)
    }

    /// One result of the results for two parts of a value.
    ///
    /// The arguments that both parts equal are those that the whole equals, and nothing of both is
    /// nothing of the whole. Otherwise `merge` puts the whole together of what the parts are:
    /// `own_ident(i)` is the first part of argument `i`, `other_ident(i)` the second.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::algebra::*;
    ///
    /// let (a, b) = ((true, 1_u8), (false, 2_u8));
    /// let pair = a.0.pjoin(&b.0).merge(
    ///     a.1.pjoin(&b.1),
    ///     |i| Some([a.0, b.0][i]),
    ///     |i| Some([a.1, b.1][i]),
    ///     |x, y| AlgebraicResult::Element((x.unwrap(), y.unwrap())),
    /// );
    /// assert_eq!(pair, AlgebraicResult::Identity(SELF_IDENT));
    /// ```
    pub fn merge<W, U>(
        self,
        other: AlgebraicResult<W>,
        own_ident: impl FnOnce(usize) -> Option<V>,
        other_ident: impl FnOnce(usize) -> Option<W>,
        merge: impl FnOnce(Option<V>, Option<W>) -> AlgebraicResult<U>,
    ) -> AlgebraicResult<U> {
        match (&self, &other) {
            (Self::None, AlgebraicResult::None) => return AlgebraicResult::None,
            (Self::Identity(a), AlgebraicResult::Identity(b)) if a & b != 0 => {
                return AlgebraicResult::Identity(a & b);
            }
            _ => {}
        }
        merge(
            self.map_into_option(own_ident),
            other.map_into_option(other_ident),
        )
    }

    /// The result of an operation in place; `element` tells what is there now.
    pub fn from_status(status: AlgebraicStatus, element: impl FnOnce() -> V) -> Self {
        match status {
            AlgebraicStatus::None => Self::None,
            AlgebraicStatus::Identity => Self::Identity(SELF_IDENT),
            AlgebraicStatus::Element => Self::Element(element()),
        }
    }

    /// The status of the same operation in place.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::algebra::*;
    ///
    /// let result = AlgebraicResult::<()>::Identity(COUNTER_IDENT);
    /// assert_eq!(result.status(), AlgebraicStatus::Element);
    /// ```
    pub fn status(&self) -> AlgebraicStatus {
        match self {
            Self::None => AlgebraicStatus::None,
            Self::Identity(mask) if mask & SELF_IDENT != 0 => AlgebraicStatus::Identity,
            Self::Identity(_) | Self::Element(_) => AlgebraicStatus::Element,
        }
    }
}

impl<V> AlgebraicResult<Option<V>> {
    /// An element that is `None` is no element.
    pub fn flatten(self) -> AlgebraicResult<V> {
        match self {
            Self::None | Self::Element(None) => AlgebraicResult::None,
            Self::Identity(mask) => AlgebraicResult::Identity(mask),
            Self::Element(Some(value)) => AlgebraicResult::Element(value),
        }
    }
}

/// What an operation did to its first argument.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
/// use pleach_trie::algebra::*;
///
/// let mut map = PathMap::from([("a", ()), ("b", ())]);
/// assert_eq!(map.subtract_assign(&PathMap::from([("x", ())])), AlgebraicStatus::Identity);
/// assert_eq!(map.subtract_assign(&PathMap::from([("b", ())])), AlgebraicStatus::Element);
/// assert_eq!(map.subtract_assign(&PathMap::from([("a", ())])), AlgebraicStatus::None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum AlgebraicStatus {
    /// It has changed, and something is left.
    Element,
    /// It is as before.
    Identity,
    /// It is empty now, whether it was before or not.
    None,
}

impl AlgebraicStatus {
    /// Whether it is `None`.
    pub fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// Whether it is `Identity`.
    pub fn is_identity(&self) -> bool {
        matches!(self, Self::Identity)
    }

    /// Whether it is `Element`.
    pub fn is_element(&self) -> bool {
        matches!(self, Self::Element)
    }

    /// One status of the statuses of two parts of a value. `own_none` and `other_none` tell whether
    /// the part was nothing already before the operation.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::algebra::AlgebraicStatus::*;
    ///
    /// assert_eq!(None.merge(Identity, true, false), Identity);
    /// assert_eq!(None.merge(Identity, false, false), Element);
    /// ```
    #[must_use]
    pub fn merge(self, other: Self, own_none: bool, other_none: bool) -> Self {
        let unchanged = |part: Self, was_none| match part {
            Self::Identity => true,
            Self::None => was_none,
            Self::Element => false,
        };
        match (self, other) {
            (Self::None, Self::None) => Self::None,
            _ if unchanged(self, own_none) && unchanged(other, other_none) => Self::Identity,
            _ => Self::Element,
        }
    }
}
