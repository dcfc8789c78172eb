//! Triples, and the three orders of their fields.

use std::fmt;

/// One statement of the graph. No field is empty or holds a TAB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Triple<'a> {
    /// What the statement is about.
    pub(crate) subject: &'a [u8],
    /// The relation.
    pub(crate) predicate: &'a [u8],
    /// What the subject is related to.
    pub(crate) object: &'a [u8],
}

impl<'a> Triple<'a> {
    /// Subject, predicate, object.
    pub(crate) fn fields(&self) -> [&'a [u8]; 3] {
        [self.subject, self.predicate, self.object]
    }
}

impl fmt::Display for Triple<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [s, p, o] = self.fields().map(String::from_utf8_lossy);
        write!(f, "{s} {p} {o}")
    }
}

/// The order of the fields in the keys of one map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Subject, predicate, object.
    Spo,
    /// Predicate, object, subject.
    Pos,
    /// Object, subject, predicate.
    Osp,
}

impl Order {
    /// The orders in the order of a graph's maps.
    pub(crate) const ALL: [Self; 3] = [Self::Spo, Self::Pos, Self::Osp];

    /// From subject, predicate, object to this order.
    pub(crate) fn arrange<T>(self, [s, p, o]: [T; 3]) -> [T; 3] {
        match self {
            Self::Spo => [s, p, o],
            Self::Pos => [p, o, s],
            Self::Osp => [o, s, p],
        }
    }

    /// From this order back to subject, predicate, object.
    pub(crate) fn restore<T>(self, [a, b, c]: [T; 3]) -> [T; 3] {
        match self {
            Self::Spo => [a, b, c],
            Self::Pos => [c, a, b],
            Self::Osp => [b, c, a],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_undone() {
        for order in Order::ALL {
            assert_eq!(order.restore(order.arrange([1, 2, 3])), [1, 2, 3]);
        }
        assert_eq!(Order::Pos.arrange(["s", "p", "o"]), ["p", "o", "s"]);
    }
}
