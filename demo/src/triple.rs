//! Triples, and the keys they have in the three orders.

use std::fmt;

/// What separates the fields of a key, as in the text.
pub(crate) const SEPARATOR: u8 = b'\t';

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

    /// The field that comes first in the keys of this order.
    pub(crate) fn first_field<'a>(self, triple: &Triple<'a>) -> &'a [u8] {
        self.arrange(triple.fields())[0]
    }

    /// Writes the key of `triple` over `key`, without the first `skip` bytes.
    pub(crate) fn write_key(self, triple: &Triple<'_>, skip: usize, key: &mut Vec<u8>) {
        let [first, second, third] = self.arrange(triple.fields());
        key.clear();
        key.extend_from_slice(first);
        key.push(SEPARATOR);
        key.extend_from_slice(second);
        key.push(SEPARATOR);
        key.extend_from_slice(third);
        key.drain(..skip.min(key.len()));
    }

    /// The triple of a key of this order; `None` if it has not three fields.
    pub(crate) fn triple(self, key: &[u8]) -> Option<Triple<'_>> {
        let mut fields = key.splitn(3, |&byte| byte == SEPARATOR);
        let (a, b, c) = (fields.next()?, fields.next()?, fields.next()?);
        let [subject, predicate, object] = match self {
            Self::Spo => [a, b, c],
            Self::Pos => [c, a, b],
            Self::Osp => [b, c, a],
        };
        Some(Triple {
            subject,
            predicate,
            object,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_give_their_triples_back() {
        let whole = Triple {
            subject: b"s",
            predicate: b"predicate",
            object: b"\xFF",
        };
        let mut key = b"left over".to_vec();
        for order in Order::ALL {
            order.write_key(&whole, 0, &mut key);
            assert_eq!(order.triple(&key), Some(whole));
            let all = key.clone();
            order.write_key(&whole, 2, &mut key);
            assert_eq!(key, all[2..]);
        }
        assert_eq!(Order::Spo.triple(b"no fields"), None);
    }
}
