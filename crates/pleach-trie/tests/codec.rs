//! The law of the codec, for values of all its types; and typed ranges and prefixes against a map of
//! std with the same keys.

use pleach_trie::codec::{Decode, DecodeError, Encode, Reader, Start, decode, encode, end_of};
use pleach_trie::{PathMap, PathSet};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use std::borrow::Cow;
use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::ops::Bound;

/// A float under total order.
#[derive(Debug, Clone, Copy)]
struct Total<F>(F);

macro_rules! total {
    ($float:ty) => {
        impl Ord for Total<$float> {
            fn cmp(&self, other: &Self) -> Ordering {
                self.0.total_cmp(&other.0)
            }
        }

        impl PartialOrd for Total<$float> {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }

        impl PartialEq for Total<$float> {
            fn eq(&self, other: &Self) -> bool {
                self.cmp(other).is_eq()
            }
        }

        impl Eq for Total<$float> {}
    };
}

total!(f32);
total!(f64);

impl<F: Encode> Encode for Total<F> {
    fn encode_into(&self, out: &mut Vec<u8>) {
        self.0.encode_into(out);
    }
}

impl<'k, F: Decode<'k>> Decode<'k> for Total<F> {
    fn decode_from(reader: &mut Reader<'k>) -> Result<Self, DecodeError> {
        F::decode_from(reader).map(Self)
    }
}

/// What holds of any two values, and of what is cut off or put on.
#[track_caller]
fn obeys<T>(a: &T, b: &T)
where
    T: Encode + for<'k> Decode<'k> + Ord + Debug,
{
    let (x, y) = (encode(a), encode(b));
    assert_eq!(x.cmp(&y), a.cmp(b), "{a:?}: {x:?}, {b:?}: {y:?}");
    assert!(a == b || !x.starts_with(&y) && !y.starts_with(&x));
    assert_eq!(decode::<T>(&x).as_ref(), Ok(a));

    for end in 0..x.len() {
        assert_eq!(
            decode::<T>(&x[..end]),
            Err(DecodeError::Ended { offset: end })
        );
    }
    let offset = x.len();
    let longer = [x, vec![0]].concat();
    assert_eq!(decode::<T>(&longer), Err(DecodeError::Trailing { offset }));
}

/// What holds of any bytes: they do not decode, or are the one encoding of what they decode to.
#[track_caller]
fn refuses_or_is_one<T>(bytes: &[u8])
where
    T: Encode + for<'k> Decode<'k> + Debug,
{
    match decode::<T>(bytes) {
        Ok(value) => assert_eq!(encode(&value), bytes, "{value:?}"),
        Err(error) => assert!(error.offset() <= bytes.len(), "{error:?}"),
    }
}

/// Some of the least and the greatest, and any.
fn of<T: Arbitrary + Clone + 'static>(edges: &[T]) -> impl Strategy<Value = T> + use<T> {
    prop_oneof![select(edges.to_vec()), any::<T>()]
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let byte = select(vec![0, 1, 2, 3, b'a', 0xFE, 0xFF]);
    prop_oneof![4 => vec(byte, 0..5), 1 => vec(any::<u8>(), 0..20)]
}

fn text() -> impl Strategy<Value = String> {
    let letter = select(vec!['\0', '\u{1}', '\u{2}', 'a', 'b', 'é', char::MAX]);
    prop_oneof![4 => vec(letter, 0..5).prop_map(String::from_iter), 1 => any::<String>()]
}

fn float() -> impl Strategy<Value = Total<f64>> {
    let edges = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        f64::MIN_POSITIVE,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NAN,
        -f64::NAN,
    ];
    let bits = any::<u64>().prop_map(f64::from_bits);
    prop_oneof![select(edges.to_vec()), bits].prop_map(Total)
}

fn short_float() -> impl Strategy<Value = Total<f32>> {
    let edges = [0.0, -0.0, f32::MAX, f32::INFINITY, f32::NAN, -f32::NAN];
    let bits = any::<u32>().prop_map(f32::from_bits);
    prop_oneof![select(edges.to_vec()), bits].prop_map(Total)
}

/// Two values of `strategy`.
fn two<S: Strategy>(strategy: impl Fn() -> S) -> (S, S) {
    (strategy(), strategy())
}

/// A property of two values of each type of a list.
macro_rules! law {
    ($($name:ident: $strategy:expr;)+) => {
        proptest! {
            $(#[test]
            fn $name((a, b) in two(|| $strategy)) {
                obeys(&a, &b);
            })+
        }
    };
}

law! {
    law_of_u16: of(&[0, 1, 0xFF, 0x100, u16::MAX]);
    law_of_u32: of(&[0, 1, 0xFF_FFFF, u32::MAX]);
    law_of_u64: of(&[0, 1, u64::MAX]);
    law_of_u128: of(&[0, 1, u128::MAX]);
    law_of_usize: of(&[0, 1, usize::MAX]);
    law_of_i16: of(&[-1, 0, 1, i16::MIN, i16::MAX]);
    law_of_i32: of(&[-1, 0, 1, i32::MIN, i32::MAX]);
    law_of_i64: of(&[-1, 0, 1, i64::MIN, i64::MAX]);
    law_of_i128: of(&[-1, 0, 1, i128::MIN, i128::MAX]);
    law_of_isize: of(&[-1, 0, 1, isize::MIN, isize::MAX]);
    law_of_f32: short_float();
    law_of_f64: float();
    law_of_chars: of(&['\0', '\u{FF}', '\u{100}', '\u{D7FF}', '\u{E000}', char::MAX]);
    law_of_byte_strings: bytes();
    law_of_strings: text();
    law_of_arrays: any::<[u8; 3]>();
    law_of_options: option::of(option::of(bytes()));
    law_of_pairs: (text(), of(&[-1, 0, 1]));
    law_of_strings_beside_strings: (bytes(), bytes(), text());
    law_of_nested_tuples: ((bytes(), any::<bool>()), (option::of(text()), Just(())), float());
    law_of_reversed_strings: (bytes().prop_map(Reverse), of(&[0_u8, 0xFF]));
    law_of_reversed_tuples: (text(), option::of(text())).prop_map(Reverse);
    law_of_what_is_reversed_twice: (bytes(), bytes().prop_map(Reverse)).prop_map(Reverse);
    law_of_the_longest_tuple: (
        any::<bool>(), any::<bool>(), any::<bool>(), bytes(),
        any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(),
    );
}

#[test]
fn law_of_what_has_few_values() {
    for (a, b) in (0..=u8::MAX).flat_map(|a| (0..=u8::MAX).map(move |b| (a, b))) {
        obeys(&a, &b);
        obeys(&a.cast_signed(), &b.cast_signed());
        obeys(&(a < 128), &(b < 128));
    }
    obeys(&(), &());
}

proptest! {
    #[test]
    fn any_bytes_are_one_encoding_or_none(bytes in bytes()) {
        refuses_or_is_one::<u8>(&bytes);
        refuses_or_is_one::<i16>(&bytes);
        refuses_or_is_one::<f32>(&bytes);
        refuses_or_is_one::<usize>(&bytes);
        refuses_or_is_one::<char>(&bytes);
        refuses_or_is_one::<Vec<u8>>(&bytes);
        refuses_or_is_one::<String>(&bytes);
        refuses_or_is_one::<(Vec<u8>, Vec<u8>)>(&bytes);
        refuses_or_is_one::<Option<(bool, String)>>(&bytes);
        refuses_or_is_one::<Reverse<(Vec<u8>, bool)>>(&bytes);
        refuses_or_is_one::<([u8; 2], Option<()>)>(&bytes);
    }

    #[test]
    fn decoding_borrows_what_stands_as_it_is(text in text()) {
        let key = encode(&text);
        let read: Cow<'_, str> = decode(&key).unwrap();
        let plain = text.bytes().all(|byte| byte > 1);
        prop_assert_eq!(matches!(read, Cow::Borrowed(_)), plain);
        prop_assert_eq!(read, text);
    }

    #[test]
    fn the_end_of_a_prefix_parts_what_starts_with_it_from_what_comes_after(
        keys in vec(bytes(), 0..20),
        prefix in bytes(),
    ) {
        let set: PathSet = keys.iter().collect();
        let upto = set.range((Bound::Unbounded, end_of(prefix.clone())));
        let naive = set.iter().filter(|key| *key <= prefix || key.starts_with(&prefix));
        prop_assert!(upto.eq(naive));
    }

    #[test]
    fn ranges_and_prefixes_are_those_of_the_tuples(
        entries in vec((text(), of(&[-1, 0, 1]), text()), 0..40),
        (from, to) in two(|| (text(), of(&[-1_i8, 0, 1]))),
    ) {
        let naive: BTreeMap<_, _> = entries.into_iter().zip(0..).collect();
        let map: PathMap<i32> = naive.iter().map(|(key, &value)| (encode(key), value)).collect();
        let read = |key: &[u8]| decode::<(String, i8, String)>(key).unwrap();

        prop_assert!(map.keys().map(|key| read(&key)).eq(naive.keys().cloned()));

        let (from, to) = (from.clone().min(to.clone()), from.max(to));
        let within = naive.iter().filter(|((a, b, _), _)| {
            let fields = (a.clone(), *b);
            from <= fields && fields < to
        });
        let range = map.range(encode(&from)..encode(&to));
        prop_assert!(range.map(|(key, _)| read(&key)).eq(within.map(|(key, _)| key.clone())));

        let (name, number) = &to;
        let named = naive.keys().filter(|(a, ..)| a == name);
        prop_assert_eq!(map.prefix(encode(&(name,))).count(), named.clone().count());
        let numbered = named.filter(|(_, b, _)| b == number);
        prop_assert_eq!(map.prefix(encode(&(name, number))).count(), numbered.count());
        let started = naive.keys().filter(|(a, ..)| a.starts_with(name));
        prop_assert_eq!(map.prefix(encode(&Start(name))).count(), started.count());
    }
}

/// Keys outlive programs: these bytes are not to change.
#[test]
fn encodings_are_fixed() {
    assert_eq!(encode(&0x0102_u16), [1, 2]);
    assert_eq!(
        encode(&(-1_i32, 0_i32)),
        [0x7F, 0xFF, 0xFF, 0xFF, 0x80, 0, 0, 0]
    );
    assert_eq!(encode(&1_usize), [0, 0, 0, 0, 0, 0, 0, 1]);
    assert_eq!(encode(&-1_isize), [0x7F, 255, 255, 255, 255, 255, 255, 255]);
    assert_eq!(encode(&1.0_f32), [0xBF, 0x80, 0, 0]);
    assert_eq!(encode(&-1.0_f32), [0x40, 0x7F, 0xFF, 0xFF]);
    assert_eq!(encode(&(false, true)), [0, 1]);
    assert_eq!(encode(&'é'), [0, 0, 0xE9]);
    assert_eq!(encode("a\0\u{1}\u{2}"), b"a\x01\x01\x01\x02\x02\0");
    assert_eq!(encode(&(b"\0a", "")), [0, b'a', 0]);
    assert_eq!(encode(&Cow::Borrowed("a")), [b'a', 0]);
    assert_eq!(encode(&(None::<u8>, Some(7_u8))), [0, 1, 7]);
    assert_eq!(encode(&Reverse("a")), [!b'a', 0xFF]);
    assert_eq!(encode(&(1_u8, ((2_u8,), ()), 3_u8)), [1, 2, 3]);
    assert_eq!(encode(&Start("a\0")), [b'a', 1, 1]);
}

#[test]
fn a_zero_byte_comes_between_a_string_and_its_extensions() {
    let texts = [
        "", "\0", "\0\0", "\0\u{1}", "\u{1}", "a", "a\0", "a\0b", "a\u{1}", "aa",
    ];
    assert!(texts.is_sorted());
    assert!(texts.map(|text| encode(&(text, u8::MAX))).is_sorted());
    assert!(texts.map(|text| encode(&(text, "a", 0_u8))).is_sorted());
}

#[test]
fn errors_tell_what_and_where() {
    let invalid = |offset, expected| DecodeError::Invalid { offset, expected };
    assert_eq!(decode::<(u8, bool)>(&[0, 2]), Err(invalid(1, "bool")));
    assert_eq!(decode::<Option<u8>>(&[9]), Err(invalid(0, "bool")));
    assert_eq!(decode::<char>(&[0, 0xD8, 0]), Err(invalid(0, "char")));
    let escape = Err(invalid(1, "escaped byte"));
    assert_eq!(decode::<Vec<u8>>(b"a\x01b\0"), escape);
    assert_eq!(decode::<Vec<u8>>(b"a\x01\0"), escape);
    assert_eq!(
        decode::<String>(b"ab"),
        Err(DecodeError::Ended { offset: 2 })
    );

    for key in [&b"\x07\xFFa\0"[..], b"\x07\xFF\x01\x02\0"] {
        let error = decode::<(u8, String)>(key).unwrap_err();
        assert!(matches!(error, DecodeError::NotUtf8 { offset: 1, .. }));
        assert!(std::error::Error::source(&error).is_some());
        assert_eq!(
            error.to_string(),
            "the text at byte 1 of the key is not UTF-8"
        );
    }
}

#[test]
fn sets_take_typed_keys_too() {
    let set: PathSet = (-3..3).map(|n: i64| encode(&n)).collect();
    let least: i64 = decode(&set.first().unwrap()).unwrap();
    assert_eq!((least, set.rank(encode(&0_i64))), (-3, 3));
}
