//! Keys made of numbers, text and tuples, in an encoding that keeps their order.
//!
//! A map knows byte strings and their order. A program has measurements by station and time, words by
//! language, edges from one number to another. [`encode`] makes a byte string of such a value, so
//! that the strings are in the order of the values; then [`range`](crate::PathMap::range),
//! [`prefix`](crate::PathMap::prefix) and zippers speak of values too. [`decode`] is the way back.
//! Maps do not know of this module: use it where it helps.
//!
//! # A range of tuples
//!
//! ```
//! use pleach_trie::{PathMap, codec};
//! use std::ops::Bound;
//!
//! // Degrees, by station and hour.
//! let mut degrees = PathMap::new();
//! degrees.insert(codec::encode(&("Oslo", -3)), -11.5);
//! degrees.insert(codec::encode(&("Oslo", 2)), -9.0);
//! degrees.insert(codec::encode(&("Oslo", 9)), 0.5);
//! degrees.insert(codec::encode(&("Oss", 1)), 4.0);
//!
//! // One station, some hours.
//! let night = codec::encode(&("Oslo", -6))..codec::encode(&("Oslo", 6));
//! assert!(degrees.range(night).map(|(_, value)| value).eq(&[-11.5, -9.0]));
//!
//! // One station, from some hour on.
//! let from = Bound::Included(codec::encode(&("Oslo", 0)));
//! let day = (from, codec::end_of(codec::encode(&("Oslo",))));
//! assert!(degrees.range(day).map(|(_, value)| value).eq(&[-9.0, 0.5]));
//!
//! // One station: a tuple's first fields are a prefix of the whole.
//! for (key, _) in degrees.prefix(codec::encode(&("Oslo",))) {
//!     let (station, hour): (String, i32) = codec::decode(&key)?;
//!     assert!(station == "Oslo" && [-3, 2, 9].contains(&hour));
//! }
//!
//! // All stations that start alike.
//! assert_eq!(degrees.prefix(codec::encode(&codec::Start("Os"))).count(), 4);
//! # Ok::<_, codec::DecodeError>(())
//! ```
//!
//! # The law
//!
//! For two values of one type:
//!
//! 1. The encodings compare as the values do, floats as by [`f64::total_cmp`].
//! 2. Where the values differ, neither encoding is a prefix of the other.
//! 3. What decodes encodes to the same bytes again: a value has one encoding.
//!
//! Tuples, and structs written as tuples, are their fields one after the other. By the second rule
//! the first field in which two tuples differ decides their order, as it does for tuples; and the
//! encoding of `(a, b)` is a prefix of that of `(a, b, c)`.
//!
//! Bytes do not say of what type they are. A map holds keys of one type, or of types that begin with
//! a field that tells them apart; and an integer of another width is another type: `5_u32` finds
//! nothing that `5_u64` put in.
//!
//! # The encodings
//!
//! | type | bytes |
//! |---|---|
//! | unsigned integers | big-endian; `usize` as `u64` |
//! | signed integers | the same, sign bit flipped; `isize` as `i64` |
//! | `f32`, `f64` | bits, sign bit flipped; of negative ones all bits flipped. `-0.0` comes before `0.0`, NaNs at the ends |
//! | `bool` | `0` or `1` |
//! | `char` | three bytes, big-endian |
//! | `str`, `[u8]`, their owned forms and `Cow`s | the bytes, with `0` written as `1 1` and `1` as `1 2`; then `0` |
//! | `[u8; N]` | the bytes |
//! | `Option` | `0`; or `1` and the value |
//! | [`Reverse`](std::cmp::Reverse) | the value's, all bits flipped: the greatest comes first |
//! | tuples | the fields one after the other |
//! | [`Start`] | a string without its end, to look for what starts with it |
//!
//! Mind that `b"abc"` is a `&[u8; 3]`, which has no end; a byte string is `&b"abc"[..]`.
//!
//! Integers keep their width. In a trie that costs little: the zeros that small numbers begin with
//! are stored once for all keys that share them.
//!
//! # Types of your own
//!
//! Write them as tuples of their fields; give the variants of an enum numbers.
//!
//! ```
//! use pleach_trie::codec::{self, Decode, DecodeError, Encode, Reader};
//!
//! #[derive(Debug, PartialEq)]
//! struct Edge {
//!     from: u32,
//!     label: String,
//! }
//!
//! impl Encode for Edge {
//!     fn encode_into(&self, out: &mut Vec<u8>) {
//!         (self.from, &self.label).encode_into(out);
//!     }
//! }
//!
//! impl<'k> Decode<'k> for Edge {
//!     fn decode_from(reader: &mut Reader<'k>) -> Result<Self, DecodeError> {
//!         let (from, label) = Decode::decode_from(reader)?;
//!         Ok(Self { from, label })
//!     }
//! }
//!
//! let edge = Edge { from: 7, label: "knows".to_owned() };
//! assert_eq!(codec::decode(&codec::encode(&edge)), Ok(edge));
//! ```
//!
//! # Where this comes from
//!
//! Keys as tuples, with the first fields as a prefix, are the idea of FoundationDB's tuple layer. That
//! writes the type before each field, so that a reader needs no schema and strings may end in a zero
//! byte that is told from an escaped one by what follows; here types are the program's, anything may
//! follow a string, and so zeros are escaped without a trace. Crates `bytekey2` and `storekey` leave
//! types out too; the latter also flips signs and escapes by `1`.

mod compound;
mod error;
mod number;
mod reader;
mod text;

pub use error::DecodeError;
pub use reader::Reader;
pub use text::Start;

use std::ops::Bound;

/// A value that has an encoding as a key. The [law](self#the-law) tells what it has to be like.
///
/// # Examples
/// ```
/// use pleach_trie::codec::Encode;
///
/// let mut key = Vec::new();
/// (1_u16, "tea").encode_into(&mut key);
/// assert_eq!(key, b"\0\x01tea\0");
/// ```
pub trait Encode {
    /// Appends the encoding to `out`.
    fn encode_into(&self, out: &mut Vec<u8>);
}

/// A value that can be read out of a key, and may borrow from it.
///
/// # Examples
/// ```
/// use pleach_trie::codec::{Decode, Reader};
/// use std::borrow::Cow;
///
/// let mut reader = Reader::new(b"\0\x01tea\0");
/// assert_eq!(u16::decode_from(&mut reader), Ok(1));
/// assert_eq!(Cow::<str>::decode_from(&mut reader), Ok(Cow::Borrowed("tea")));
/// assert!(reader.is_at_end());
/// ```
pub trait Decode<'k>: Sized {
    /// Reads a value where `reader` stands, and moves `reader` past it.
    ///
    /// # Errors
    /// Says what is wrong with the key, and where. `reader` then stands at some byte that it has
    /// come to.
    fn decode_from(reader: &mut Reader<'k>) -> Result<Self, DecodeError>;
}

/// The encoding of `value`, as a new key.
///
/// # Examples
/// ```
/// use pleach_trie::codec;
///
/// assert!(codec::encode(&("dog", -1)) < codec::encode(&("dog", 1)));
/// assert!(codec::encode(&("dog", 1)).starts_with(&codec::encode("dog")));
/// ```
pub fn encode<T: Encode + ?Sized>(value: &T) -> Vec<u8> {
    let mut key = Vec::new();
    value.encode_into(&mut key);
    key
}

/// The value whose encoding `key` is.
///
/// # Errors
/// Says what is wrong with the key, and where: it may be cut off, hold bytes that no value has, or
/// go on after the value.
///
/// # Examples
/// ```
/// use pleach_trie::codec::{self, DecodeError};
///
/// let key = codec::encode(&("dog", 7_u32));
/// assert_eq!(codec::decode::<(String, u32)>(&key), Ok(("dog".to_owned(), 7)));
/// assert_eq!(codec::decode::<String>(&key), Err(DecodeError::Trailing { offset: 4 }));
/// ```
pub fn decode<'k, T: Decode<'k>>(key: &'k [u8]) -> Result<T, DecodeError> {
    let mut reader = Reader::new(key);
    let value = T::decode_from(&mut reader)?;
    match reader.is_at_end() {
        true => Ok(value),
        false => Err(DecodeError::Trailing {
            offset: reader.offset(),
        }),
    }
}

/// The end of a range that takes in all keys that start with `prefix`, and none that comes after
/// those.
///
/// # Examples
/// ```
/// use pleach_trie::{PathSet, codec};
/// use std::ops::Bound;
///
/// let versions = [(1, 2), (1, 9), (2, 0), (2, 1), (3, 0)];
/// let versions: PathSet = versions.iter().map(codec::encode).collect();
///
/// // From 1.3 on, all of 2 taken in.
/// let from = Bound::Included(codec::encode(&(1, 3)));
/// let some = versions.range((from, codec::end_of(codec::encode(&2))));
/// assert_eq!(some.count(), 3);
/// ```
pub fn end_of(mut prefix: Vec<u8>) -> Bound<Vec<u8>> {
    while let Some(last) = prefix.pop() {
        if let Some(next) = last.checked_add(1) {
            prefix.push(next);
            return Bound::Excluded(prefix);
        }
    }
    Bound::Unbounded
}
