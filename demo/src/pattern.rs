//! Patterns: triples with parts missing.

use std::fmt;

use crate::triple::Triple;

/// What a pattern asks of one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Term {
    /// Nothing: a missing part.
    Any,
    /// To be these bytes.
    Exact(Vec<u8>),
    /// To begin with these bytes.
    Prefix(Vec<u8>),
}

impl Term {
    /// `?` is any field, `dog.n.*` every field that begins with `dog.n.`, all else a field itself.
    pub(crate) fn parse(text: &str) -> Self {
        match text.strip_suffix('*') {
            _ if text == "?" => Self::Any,
            Some("") => Self::Any,
            Some(start) => Self::Prefix(start.into()),
            None => Self::Exact(text.into()),
        }
    }

    /// Whether `field` meets this term.
    pub(crate) fn accepts(&self, field: &[u8]) -> bool {
        match self {
            Self::Any => true,
            Self::Exact(bytes) => field == bytes,
            Self::Prefix(start) => field.starts_with(start),
        }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("?"),
            Self::Exact(bytes) => f.write_str(&String::from_utf8_lossy(bytes)),
            Self::Prefix(bytes) => write!(f, "{}*", String::from_utf8_lossy(bytes)),
        }
    }
}

/// A triple with parts missing: a term each for subject, predicate and object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern(pub(crate) [Term; 3]);

impl Pattern {
    /// Whether `triple` is an answer.
    pub(crate) fn accepts(&self, triple: &Triple<'_>) -> bool {
        self.0
            .iter()
            .zip(triple.fields())
            .all(|(term, field)| term.accepts(field))
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [s, p, o] = &self.0;
        write!(f, "({s}, {p}, {o})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_read_from_text() {
        assert_eq!(Term::parse("?"), Term::Any);
        assert_eq!(Term::parse("*"), Term::Any);
        assert_eq!(Term::parse("dog.n.*"), Term::Prefix(b"dog.n.".to_vec()));
        assert_eq!(Term::parse("dog"), Term::Exact(b"dog".to_vec()));
    }
}
