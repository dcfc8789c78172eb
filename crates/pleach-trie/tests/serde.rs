//! Maps and sets through JSON, postcard and CBOR: what is written, what is read, and what is refused.

#![cfg(feature = "serde")]

mod common;

use ciborium::Value as Cbor;
use common::check;
use pleach_ptr::{PtrKind, Slim, Standard};
use pleach_testkit::keys::any_key;
use pleach_testkit::{Key, keys};
use pleach_trie::{PathMap, PathSet};
use proptest::collection::vec;
use proptest::prelude::*;
use serde::de::value::{Error, MapDeserializer, SeqDeserializer};
use serde::de::{Deserialize, DeserializeOwned, IntoDeserializer};
use serde::ser::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

/// A format: bytes out and in, `None` for what it refuses.
#[derive(Clone, Copy, Debug)]
enum Format {
    Json,
    Postcard,
    Cbor,
}

const FORMATS: [Format; 3] = [Format::Json, Format::Postcard, Format::Cbor];

impl Format {
    fn save(self, value: &impl Serialize) -> Vec<u8> {
        match self {
            Self::Json => serde_json::to_vec(value).unwrap(),
            Self::Postcard => postcard::to_stdvec(value).unwrap(),
            Self::Cbor => {
                let mut bytes = Vec::new();
                ciborium::into_writer(value, &mut bytes).unwrap();
                bytes
            }
        }
    }

    /// What `bytes` hold, unless they hold less or more.
    fn load<T: DeserializeOwned>(self, mut bytes: &[u8]) -> Option<T> {
        match self {
            Self::Json => serde_json::from_slice(bytes).ok(),
            Self::Postcard => {
                let (value, rest) = postcard::take_from_bytes(bytes).ok()?;
                rest.is_empty().then_some(value)
            }
            Self::Cbor => {
                let value = ciborium::from_reader(&mut bytes).ok()?;
                bytes.is_empty().then_some(value)
            }
        }
    }
}

fn naive(keys: &[Key]) -> BTreeMap<Key, u64> {
    keys.iter().cloned().zip(0..).collect()
}

/// Saves and loads the keys, as a map and as a set; a prefix of what was saved is refused.
fn there_and_back<K: PtrKind>(keys: &[Key]) {
    let naive = naive(keys);
    let map: PathMap<u64, K> = naive.clone().into_iter().collect();
    let set: PathSet<K> = naive.keys().collect();
    for format in FORMATS {
        let saved = format.save(&map);
        let loaded: PathMap<u64, K> = format.load(&saved).unwrap();
        check(&loaded);
        assert_eq!(loaded, map);
        assert!(loaded.iter().eq(naive.iter().map(|(k, v)| (k.clone(), v))));
        refuses_parts::<PathMap<u64, K>>(format, &saved);

        let saved = format.save(&set);
        let loaded: PathSet<K> = format.load(&saved).unwrap();
        check(loaded.as_map());
        assert_eq!(loaded, set);
        refuses_parts::<PathSet<K>>(format, &saved);
    }
}

fn refuses_parts<T: DeserializeOwned + Debug>(format: Format, saved: &[u8]) {
    let step = saved.len().div_ceil(60).max(1);
    for end in (0..saved.len()).rev().step_by(step) {
        let part = format.load::<T>(&saved[..end]);
        assert!(part.is_none(), "{format:?}: {part:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_saved_is_loaded(keys in keys::key_set()) {
        there_and_back::<Slim>(&keys);
        there_and_back::<Standard>(&keys);
    }

    #[test]
    fn the_last_of_equal_keys_wins(keys in vec(keys::short(), 0..30)) {
        let naive = naive(&keys);
        let entries: Vec<_> = keys.iter().zip(0_u64..).collect();
        let map: PathMap<u64> = Format::Json.load(&Format::Json.save(&entries)).unwrap();
        prop_assert!(map.iter().eq(naive.iter().map(|(k, v)| (k.clone(), v))));

        let entries = keys.iter().zip(0_u64..);
        let entries = entries.map(|(key, n)| (Cbor::Bytes(key.clone()), Cbor::from(n)));
        let saved = Format::Cbor.save(&Cbor::Map(entries.collect()));
        prop_assert_eq!(Format::Cbor.load::<PathMap<u64>>(&saved), Some(map));

        let set: PathSet = Format::Json.load(&Format::Json.save(&keys)).unwrap();
        prop_assert!(set.iter().eq(keys.into_iter().collect::<BTreeSet<_>>()));
    }

    #[test]
    fn any_bytes_are_refused_or_loaded(bytes in vec(any::<u8>(), 0..60)) {
        for format in FORMATS {
            survives(format, &bytes);
        }
    }

    #[test]
    fn changed_bytes_are_refused_or_loaded(
        keys in vec(any_key(), 1..10),
        place in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let map: PathMap<u64> = naive(&keys).into_iter().collect();
        let set: PathSet = keys.iter().collect();
        for format in FORMATS {
            for mut saved in [format.save(&map), format.save(&set)] {
                *place.get_mut(&mut saved) = byte;
                survives(format, &saved);
            }
        }
    }
}

/// Whatever is loaded is a map or set that saves and loads again.
fn survives(format: Format, bytes: &[u8]) {
    if let Some(map) = format.load::<PathMap<u8>>(bytes) {
        check(&map);
        assert_eq!(format.load(&format.save(&map)), Some(map));
    }
    if let Some(map) = format.load::<PathMap<()>>(bytes) {
        check(&map);
        assert_eq!(format.load(&format.save(&map)), Some(map));
    }
    if let Some(set) = format.load::<PathSet>(bytes) {
        check(set.as_map());
        assert_eq!(format.load(&format.save(&set)), Some(set));
    }
}

/// Files outlive programs: these forms are not to change.
#[test]
fn forms_are_fixed() {
    let map = PathMap::from([(&b"\xFF\0"[..], 3_u8), (b"", 1), ("é".as_bytes(), 2)]);
    let set: PathSet = map.keys().collect();

    let json = |value: &dyn Fn() -> Vec<u8>| String::from_utf8(value()).unwrap();
    let saved = json(&|| Format::Json.save(&map));
    assert_eq!(saved, r#"[["",1],["é",2],[[255,0],3]]"#);
    let saved = json(&|| Format::Json.save(&set));
    assert_eq!(saved, r#"["","é",[255,0]]"#);

    let saved = Format::Postcard.save(&map);
    assert_eq!(saved, b"\x03\x00\x01\x02\xC3\xA9\x02\x02\xFF\x00\x03");
    let saved = Format::Postcard.save(&set);
    assert_eq!(saved, b"\x03\x00\x02\xC3\xA9\x02\xFF\x00");

    let saved: Cbor = Format::Cbor.load(&Format::Cbor.save(&map)).unwrap();
    let entries = map.iter();
    let entries = entries.map(|(key, &value)| (Cbor::Bytes(key), Cbor::from(value)));
    assert_eq!(saved, Cbor::Map(entries.collect()));
    let saved: Cbor = Format::Cbor.load(&Format::Cbor.save(&set)).unwrap();
    assert_eq!(saved, Cbor::Array(set.iter().map(Cbor::Bytes).collect()));

    for format in FORMATS {
        let empty = format.save(&PathMap::<u8>::new());
        assert!(format.load::<PathMap<u8>>(&empty).unwrap().is_empty());
    }
}

#[test]
fn keys_are_read_in_any_shape() {
    let map = PathMap::from([("ab", 1_u8), ("b", 2)]);
    for text in [
        r#"[["b",2],["ab",1]]"#,
        r#"[[[98],2],[[97,98],1]]"#,
        r#"{"b":2,"ab":1}"#,
        r#"[["\u0062",2],["a\u0062",1]]"#,
    ] {
        assert_eq!(serde_json::from_str(text).ok(), Some(map.clone()), "{text}");
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::from_value(value).ok(), Some(map.clone()));
        let from_reader = serde_json::from_reader(text.as_bytes());
        assert_eq!(from_reader.ok(), Some(map.clone()));
    }

    let numbers = |key: &str| Cbor::Array(key.bytes().map(Cbor::from).collect());
    let entries = [("b", 2), ("ab", 1)];
    let saved = Cbor::Map(entries.map(|(k, v)| (numbers(k), Cbor::from(v))).to_vec());
    assert_eq!(Format::Cbor.load(&Format::Cbor.save(&saved)), Some(map));

    let set: PathSet = serde_json::from_str(r#"["b",[97,98],"b",[]]"#).unwrap();
    assert_eq!(set, PathSet::from(["", "ab", "b"]));
}

#[test]
fn long_keys_are_read_in_pieces() {
    let key = vec![7; 100_000];
    let set = PathSet::from([key]);
    for format in FORMATS {
        assert_eq!(format.load(&format.save(&set)), Some(set.clone()));
    }
}

#[test]
fn maps_are_values_too() {
    let inner = PathMap::from([("x", vec!["one".to_owned()]), ("", vec![])]);
    let map = PathMap::from([("a", inner), ("b", PathMap::new())]);
    for format in FORMATS {
        assert_eq!(format.load(&format.save(&map)), Some(map.clone()));
    }
}

/// An untagged enum is read through a buffer of serde's, which calls itself human-readable.
#[test]
fn untagged_enums_hold_maps() {
    #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    #[serde(untagged)]
    enum Either {
        Number(u8),
        Map(PathMap<u8>),
    }

    let map = Either::Map(PathMap::from([(b"a", 1), (b"\xFF", 2)]));
    for format in [Format::Json, Format::Cbor] {
        assert_eq!(format.load(&format.save(&map)).as_ref(), Some(&map));
    }
}

#[test]
fn locations_without_values_are_not_saved() {
    let mut map = PathMap::from([("a", 1_u8)]);
    map.create_path("somewhere/else");
    for format in FORMATS {
        let loaded: PathMap<u8> = format.load(&format.save(&map)).unwrap();
        assert_eq!(loaded.get("a"), Some(&1));
        assert!(!loaded.path_exists_at("s"));
    }
}

#[test]
fn wrong_types_are_errors() {
    for text in [
        "7",
        "null",
        r#""ab""#,
        r#"[["a"]]"#,
        r#"[["a",1,2]]"#,
        r#"["a",1]"#,
        r#"[[1,1]]"#,
        r#"[[null,1]]"#,
        r#"[[[256],1]]"#,
        r#"[[[-1],1]]"#,
        r#"[[["a"],1]]"#,
        r#"[[{"a":1},1]]"#,
        r#"[["a","b"]]"#,
        r#"{"a":"b"}"#,
    ] {
        assert!(serde_json::from_str::<PathMap<u8>>(text).is_err(), "{text}");
    }
    for text in ["7", r#""ab""#, "[1]", r#"[["a",1]]"#, r#"{"a":1}"#] {
        assert!(serde_json::from_str::<PathSet>(text).is_err(), "{text}");
    }
    let error = serde_json::from_str::<PathMap<u8>>("[[7,1]]").unwrap_err();
    assert!(error.to_string().contains("a key: a string"), "{error}");
}

/// Claims to have all there is, and has what `I` has.
#[derive(Clone)]
struct Boaster<I>(I);

impl<I: Iterator> Iterator for Boaster<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (usize::MAX, Some(usize::MAX))
    }
}

#[test]
fn claimed_lengths_reserve_nothing() {
    let entries = Boaster([("a", 1_u8), ("b", 2)].into_iter());
    let entries = MapDeserializer::<_, Error>::new(entries);
    let map = PathMap::deserialize(entries).unwrap();
    assert_eq!(map, PathMap::from([("a", 1_u8), ("b", 2)]));

    let keys = SeqDeserializer::<_, Error>::new(Boaster(["a", "b"].into_iter()));
    assert_eq!(PathSet::deserialize(keys), Ok(PathSet::from(["a", "b"])));

    /// The bytes of a key, one by one.
    #[derive(Clone)]
    struct Bytes(&'static [u8]);

    impl IntoDeserializer<'static, Error> for Bytes {
        type Deserializer =
            SeqDeserializer<Boaster<std::iter::Copied<std::slice::Iter<'static, u8>>>, Error>;

        fn into_deserializer(self) -> Self::Deserializer {
            SeqDeserializer::new(Boaster(self.0.iter().copied()))
        }
    }

    let keys = SeqDeserializer::<_, Error>::new([Bytes(b"a"), Bytes(b"\xFF")].into_iter());
    let set = PathSet::deserialize(keys);
    assert_eq!(set, Ok(PathSet::from([b"a", b"\xFF"])));
}

#[test]
fn lengths_beyond_the_input_are_errors() {
    let most = b"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01";
    let key_of_most = [&b"\x01"[..], most].concat();
    for bytes in [&most[..], &key_of_most] {
        for tail in [&b""[..], b"\x01a\x00", &[0; 40]] {
            let bytes = [bytes, tail].concat();
            assert!(Format::Postcard.load::<PathMap<u64>>(&bytes).is_none());
            assert!(Format::Postcard.load::<PathMap<()>>(&bytes).is_none());
            assert!(Format::Postcard.load::<PathSet>(&bytes).is_none());
        }
    }

    // In CBOR, 0xBB is a map, 0x9B a sequence and 0x5B a byte string of a length of eight bytes; the
    // one byte before is a map or a sequence of one.
    for start in [
        &b"\xBB"[..],
        b"\xA1\x5B",
        b"\xA1\x9B",
        b"\x9B",
        b"\x81\x5B",
        b"\x81\x9B",
    ] {
        for length in [u64::MAX, 1 << 62, 1 << 40] {
            let bytes = [start, &length.to_be_bytes(), b"\x41a\x00"].concat();
            assert!(Format::Cbor.load::<PathMap<u64>>(&bytes).is_none());
            assert!(Format::Cbor.load::<PathSet>(&bytes).is_none());
        }
    }
}
