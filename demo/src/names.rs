//! How the fields of a triple stand in keys: as text with a TAB between, or as symbols.

use pleach::intern::{SharedMappingHandle, Symbol};

use crate::pattern::Term;
use crate::triple::{Order, Triple};

/// What separates the fields of a key in text.
const SEPARATOR: u8 = b'\t';

/// The bytes of a symbol.
const SYMBOL_LEN: usize = size_of::<Symbol>();

/// What the fields of keys are.
#[derive(Clone, Debug)]
pub(crate) enum Names {
    /// The bytes themselves, none of which is a TAB.
    Text,
    /// Symbols of eight bytes, with nothing between them.
    Symbols(SharedMappingHandle),
}

/// The fields of a triple as they stand in keys: subject, predicate, object.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fields<'a> {
    Text([&'a [u8]; 3]),
    Symbols([Symbol; 3]),
}

impl Fields<'_> {
    /// The bytes of each.
    pub(crate) fn bytes(&self) -> [&[u8]; 3] {
        match self {
            Self::Text(fields) => *fields,
            Self::Symbols(fields) => fields.each_ref().map(AsRef::as_ref),
        }
    }

    /// Writes the key in an order over `key`, without the first `skip` bytes.
    pub(crate) fn write_key(&self, order: Order, skip: usize, key: &mut Vec<u8>) {
        key.clear();
        for (place, field) in order.arrange(self.bytes()).into_iter().enumerate() {
            if place > 0 && matches!(self, Self::Text(_)) {
                key.push(SEPARATOR);
            }
            key.extend_from_slice(field);
        }
        key.drain(..skip.min(key.len()));
    }
}

impl Names {
    /// The fields of a triple, which are named if they have no name yet.
    pub(crate) fn fields<'a>(&self, triple: &Triple<'a>) -> Fields<'a> {
        match self {
            Self::Text => Fields::Text(triple.fields()),
            Self::Symbols(map) => Fields::Symbols(triple.fields().map(|field| map.intern(field))),
        }
    }

    /// The fields of a triple, if all of them have names.
    pub(crate) fn known_fields<'a>(&self, triple: &Triple<'a>) -> Option<Fields<'a>> {
        let [s, p, o] = triple.fields();
        Some(match self {
            Self::Text => Fields::Text([s, p, o]),
            Self::Symbols(map) => {
                Fields::Symbols([map.get_sym(s)?, map.get_sym(p)?, map.get_sym(o)?])
            }
        })
    }

    /// The triple of a key of this order; `None` if it is no key.
    pub(crate) fn triple<'k>(&'k self, order: Order, key: &'k [u8]) -> Option<Triple<'k>> {
        let fields = match self {
            Self::Text => {
                let mut fields = key.splitn(3, |&byte| byte == SEPARATOR);
                [fields.next()?, fields.next()?, fields.next()?]
            }
            Self::Symbols(map) => {
                let field = |place| {
                    let bytes = key.get(place * SYMBOL_LEN..)?.first_chunk()?;
                    map.get_bytes(Symbol::try_from(*bytes).ok()?)
                };
                [field(0)?, field(1)?, field(2)?]
            }
        };
        let [subject, predicate, object] = order.restore(fields);
        Some(Triple {
            subject,
            predicate,
            object,
        })
    }

    /// How many bytes of a key are its first field, with what separates it from the next.
    pub(crate) fn first_len(&self, key: &[u8]) -> usize {
        match self {
            Self::Text => key.iter().take_while(|&&byte| byte != SEPARATOR).count() + 1,
            Self::Symbols(_) => SYMBOL_LEN,
        }
    }

    /// What keys of one order begin with if their fields meet `terms`, as far as that can be said, and
    /// how many of the terms are in it.
    pub(crate) fn prefixes(&self, terms: [&Term; 3]) -> (Vec<Vec<u8>>, usize) {
        match self {
            Self::Text => {
                let (prefix, used) = text_prefix(terms);
                (vec![prefix], used)
            }
            Self::Symbols(map) => symbol_prefixes(map, terms),
        }
    }
}

fn text_prefix(terms: [&Term; 3]) -> (Vec<u8>, usize) {
    let mut prefix = Vec::new();
    for (place, term) in terms.into_iter().enumerate() {
        match term {
            Term::Any => return (prefix, place),
            Term::Prefix(start) => {
                prefix.extend_from_slice(start);
                return (prefix, place + 1);
            }
            Term::Exact(field) => {
                prefix.extend_from_slice(field);
                if place < 2 {
                    prefix.push(SEPARATOR);
                }
            }
        }
    }
    (prefix, 3)
}

/// One prefix for each choice of names that begin as the terms say.
fn symbol_prefixes(map: &SharedMappingHandle, terms: [&Term; 3]) -> (Vec<Vec<u8>>, usize) {
    let mut prefixes = vec![Vec::new()];
    for (place, term) in terms.into_iter().enumerate() {
        let symbols: Vec<Symbol> = match term {
            Term::Any => return (prefixes, place),
            Term::Exact(field) => map.get_sym(field).into_iter().collect(),
            // A second one with many names would multiply: filtering is the better way then.
            Term::Prefix(_) if prefixes.len() > 1 => return (prefixes, place),
            Term::Prefix(start) => map.ordered().prefix(start).map(|(_, &s)| s).collect(),
        };
        let with_each = |prefix: Vec<u8>| {
            let longer = |symbol: &Symbol| [&prefix, symbol.as_ref()].concat();
            symbols.iter().map(longer).collect::<Vec<_>>()
        };
        prefixes = prefixes.into_iter().flat_map(with_each).collect();
    }
    (prefixes, 3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pleach::intern::SharedMapping;

    #[test]
    fn keys_give_their_triples_back() {
        let whole = Triple {
            subject: b"s",
            predicate: b"predicate",
            object: b"\xFF",
        };
        for names in [Names::Text, Names::Symbols(SharedMapping::new())] {
            let mut key = b"left over".to_vec();
            let symbols = matches!(names, Names::Symbols(_));
            assert_eq!(names.known_fields(&whole).is_none(), symbols);
            let fields = names.fields(&whole);
            for order in Order::ALL {
                fields.write_key(order, 0, &mut key);
                assert_eq!(names.triple(order, &key), Some(whole));
                let all = key.clone();
                fields.write_key(order, 2, &mut key);
                assert_eq!(key, all[2..]);
            }
            assert!(names.known_fields(&whole).is_some());
            assert_eq!(names.triple(Order::Spo, b"no fields"), None);
        }
    }
}
