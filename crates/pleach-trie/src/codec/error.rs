//! What can be wrong with a key.

use std::str::Utf8Error;

/// Why a key does not decode, with the offset of the first byte that is to blame.
///
/// # Examples
/// ```
/// use pleach_trie::codec;
///
/// let error = codec::decode::<(u8, bool)>(&[1, 2]).unwrap_err();
/// assert_eq!(error.to_string(), "no bool at byte 1 of the key");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The key ends within a value.
    #[error("the key ends at byte {offset}, within a value")]
    Ended {
        /// The length of the key.
        offset: usize,
    },
    /// No value of the type has these bytes.
    #[error("no {expected} at byte {offset} of the key")]
    Invalid {
        /// Where the bytes begin.
        offset: usize,
        /// What they should have been.
        expected: &'static str,
    },
    /// A text is not UTF-8.
    #[error("the text at byte {offset} of the key is not UTF-8")]
    NotUtf8 {
        /// Where the text begins.
        offset: usize,
        /// What is wrong with the text.
        source: Utf8Error,
    },
    /// The key goes on after the value.
    #[error("the key goes on after its value, from byte {offset}")]
    Trailing {
        /// Where the value ends.
        offset: usize,
    },
}

impl DecodeError {
    /// The offset in the key that the error speaks of.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::codec;
    ///
    /// assert_eq!(codec::decode::<u32>(&[0; 3]).unwrap_err().offset(), 3);
    /// ```
    pub fn offset(&self) -> usize {
        match *self {
            Self::Ended { offset }
            | Self::Invalid { offset, .. }
            | Self::NotUtf8 { offset, .. }
            | Self::Trailing { offset } => offset,
        }
    }
}
