//! Maps and sets in the formats of serde.
//!
//! | | map | set | key |
//! |---|---|---|---|
//! | binary formats | map | sequence of keys | byte string |
//! | human-readable formats | sequence of `[key, value]` | sequence of keys | string if it is UTF-8, else sequence of numbers |
//!
//! What is read may have keys in any of these forms that the format hands over, and in human-readable
//! formats a map may be one. Entries may come in any order; of a repeated key the last
//! one stays. Nothing is reserved ahead for lengths that the input claims.

use crate::{PathMap, PathSet};
use pleach_ptr::{Allocator, PtrKind};
use serde_core::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_core::ser::{Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;
use std::iter::from_fn;
use std::marker::PhantomData;

impl<V: Serialize, K: PtrKind, A: Allocator> Serialize for PathMap<V, K, A> {
    /// As a map from byte strings, or for people as a sequence of pairs. Locations without values
    /// are not saved.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entries = self.iter().map(|(key, value)| (Key::from(key), value));
        match serializer.is_human_readable() {
            true => serializer.collect_seq(entries),
            false => serializer.collect_map(entries),
        }
    }
}

impl<K: PtrKind, A: Allocator> Serialize for PathSet<K, A> {
    /// As a sequence of keys. Locations that lead to none are not saved.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(Key::from))
    }
}

impl<'de, V, K, A> Deserialize<'de> for PathMap<V, K, A>
where
    V: Deserialize<'de> + Clone,
    K: PtrKind,
    A: Allocator + Default,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let map = Collected::<Self>(PhantomData);
        match deserializer.is_human_readable() {
            true => deserializer.deserialize_any(map),
            false => deserializer.deserialize_map(map),
        }
    }
}

impl<'de, K: PtrKind, A: Allocator + Default> Deserialize<'de> for PathSet<K, A> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Collected::<Self>(PhantomData))
    }
}

/// Reads a map or a set, entry by entry.
struct Collected<T>(PhantomData<T>);

impl<'de, V, K, A> Visitor<'de> for Collected<PathMap<V, K, A>>
where
    V: Deserialize<'de> + Clone,
    K: PtrKind,
    A: Allocator + Default,
{
    type Value = PathMap<V, K, A>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map, or a sequence of keys with values")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        collect(|| map.next_entry::<Key<'_>, V>())
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Self::Value, S::Error> {
        collect(|| seq.next_element::<(Key<'_>, V)>())
    }
}

impl<'de, K: PtrKind, A: Allocator + Default> Visitor<'de> for Collected<PathSet<K, A>> {
    type Value = PathSet<K, A>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence of keys")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Self::Value, S::Error> {
        collect(|| seq.next_element::<Key<'_>>())
    }
}

/// Collects what `next` finds. It is not asked again after it found nothing, or failed.
fn collect<T, E, C: FromIterator<T>>(
    mut next: impl FnMut() -> Result<Option<T>, E>,
) -> Result<C, E> {
    let mut outcome = Ok(());
    let found = from_fn(|| {
        next().unwrap_or_else(|error| {
            outcome = Err(error);
            None
        })
    });
    let all = found.fuse().collect();
    outcome.map(|()| all)
}

/// A key, borrowed from the input where that has it in one piece.
struct Key<'a>(Cow<'a, [u8]>);

impl From<Vec<u8>> for Key<'_> {
    fn from(key: Vec<u8>) -> Self {
        Self(Cow::Owned(key))
    }
}

impl AsRef<[u8]> for Key<'_> {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Serialize for Key<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !serializer.is_human_readable() {
            return serializer.serialize_bytes(&self.0);
        }
        match str::from_utf8(&self.0) {
            Ok(text) => serializer.serialize_str(text),
            Err(_) => serializer.collect_seq(&*self.0),
        }
    }
}

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.is_human_readable() {
            true => deserializer.deserialize_any(KeyVisitor),
            false => deserializer.deserialize_byte_buf(KeyVisitor),
        }
    }
}

struct KeyVisitor;

impl<'de> Visitor<'de> for KeyVisitor {
    type Value = Key<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key: a string, a byte string, or a sequence of bytes")
    }

    fn visit_bytes<E: Error>(self, key: &[u8]) -> Result<Key<'de>, E> {
        Ok(Key::from(key.to_vec()))
    }

    fn visit_borrowed_bytes<E: Error>(self, key: &'de [u8]) -> Result<Key<'de>, E> {
        Ok(Key(Cow::Borrowed(key)))
    }

    fn visit_byte_buf<E: Error>(self, key: Vec<u8>) -> Result<Key<'de>, E> {
        Ok(Key::from(key))
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Key<'de>, E> {
        self.visit_bytes(key.as_bytes())
    }

    fn visit_borrowed_str<E: Error>(self, key: &'de str) -> Result<Key<'de>, E> {
        self.visit_borrowed_bytes(key.as_bytes())
    }

    fn visit_string<E: Error>(self, key: String) -> Result<Key<'de>, E> {
        self.visit_byte_buf(key.into_bytes())
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Key<'de>, S::Error> {
        collect(|| seq.next_element()).map(|key: Vec<u8>| Key::from(key))
    }
}
