//! Strings of any length, which have to say where they end.
//!
//! The end is the least byte, so that a string comes before its extensions. No other byte of the
//! encoding is zero: the two least bytes are written as two, and keep their places in the order.

use super::{Decode, DecodeError, Encode, Reader};
use std::borrow::Cow;

/// Ends a string.
pub(super) const END: u8 = 0;

/// Stands before the successor of a byte that is `END` or `ESCAPE` itself.
pub(super) const ESCAPE: u8 = 1;

/// The byte for which `byte` stands after an `ESCAPE`.
pub(super) fn escaped(byte: u8) -> Option<u8> {
    byte.checked_sub(1).filter(|&byte| byte <= ESCAPE)
}

/// Appends `text`, without its end.
fn escape_into(text: &[u8], out: &mut Vec<u8>) {
    for run in text.split_inclusive(|&byte| byte <= ESCAPE) {
        match run {
            [run @ .., low @ (END | ESCAPE)] => {
                out.extend_from_slice(run);
                out.extend_from_slice(&[ESCAPE, low + 1]);
            }
            run => out.extend_from_slice(run),
        }
    }
}

impl Encode for [u8] {
    fn encode_into(&self, out: &mut Vec<u8>) {
        escape_into(self, out);
        out.push(END);
    }
}

impl Encode for Vec<u8> {
    fn encode_into(&self, out: &mut Vec<u8>) {
        self.as_slice().encode_into(out);
    }
}

impl Encode for str {
    fn encode_into(&self, out: &mut Vec<u8>) {
        self.as_bytes().encode_into(out);
    }
}

impl Encode for String {
    fn encode_into(&self, out: &mut Vec<u8>) {
        self.as_bytes().encode_into(out);
    }
}

impl<T: Encode + ToOwned + ?Sized> Encode for Cow<'_, T> {
    fn encode_into(&self, out: &mut Vec<u8>) {
        T::encode_into(self, out);
    }
}

impl<'k> Decode<'k> for Cow<'k, [u8]> {
    fn decode_from(reader: &mut Reader<'k>) -> Result<Self, DecodeError> {
        reader.text()
    }
}

impl Decode<'_> for Vec<u8> {
    fn decode_from(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.text().map(Cow::into_owned)
    }
}

impl<'k> Decode<'k> for Cow<'k, str> {
    fn decode_from(reader: &mut Reader<'k>) -> Result<Self, DecodeError> {
        let offset = reader.offset();
        let text = match reader.text()? {
            Cow::Borrowed(text) => str::from_utf8(text).map(Cow::Borrowed),
            Cow::Owned(text) => String::from_utf8(text)
                .map(Cow::Owned)
                .map_err(|error| error.utf8_error()),
        };
        text.map_err(|source| DecodeError::NotUtf8 { offset, source })
    }
}

impl Decode<'_> for String {
    fn decode_from(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Cow::<str>::decode_from(reader).map(Cow::into_owned)
    }
}

impl<const N: usize> Encode for [u8; N] {
    fn encode_into(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }
}

impl<const N: usize> Decode<'_> for [u8; N] {
    fn decode_from(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.take()
    }
}

/// A string without its end: the prefix of all strings that start with it.
///
/// It makes keys to look with, not to insert, and belongs at the end of a tuple.
///
/// # Examples
/// ```
/// use pleach_trie::codec::{Start, encode};
/// use pleach_trie::PathSet;
///
/// let words = [("en", "tea"), ("en", "ten"), ("en", "to"), ("nl", "tegen")];
/// let words: PathSet = words.iter().map(encode).collect();
/// assert_eq!(words.prefix(encode(&("en", Start("te")))).count(), 2);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Start<T>(
    /// The string.
    pub T,
);

impl<T: AsRef<[u8]>> Encode for Start<T> {
    fn encode_into(&self, out: &mut Vec<u8>) {
        escape_into(self.0.as_ref(), out);
    }
}
