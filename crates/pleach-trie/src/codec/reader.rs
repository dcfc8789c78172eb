//! [`Reader`]: a key, and how far it is read.

use super::DecodeError;
use super::text::{END, ESCAPE, escaped};
use std::borrow::Cow;

/// A key that is being decoded.
///
/// # Examples
/// ```
/// use pleach_trie::codec::{self, Decode, Reader};
///
/// // What a key goes on with may depend on how it begins.
/// let key = codec::encode(&(1_u8, "tea"));
/// let mut reader = Reader::new(&key);
/// let name = match u8::decode_from(&mut reader)? {
///     1 => String::decode_from(&mut reader)?,
///     _ => u64::decode_from(&mut reader)?.to_string(),
/// };
/// assert_eq!(name, "tea");
/// # Ok::<_, codec::DecodeError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Reader<'k> {
    key: &'k [u8],
    offset: usize,
    /// What bytes are combined with before they are looked at: all ones within a `Reverse`.
    flip: u8,
}

impl<'k> Reader<'k> {
    /// Reads `key` from its start.
    pub const fn new(key: &'k [u8]) -> Self {
        Self {
            key,
            offset: 0,
            flip: 0,
        }
    }

    /// How many bytes have been read.
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// Whether all bytes have been read.
    pub const fn is_at_end(&self) -> bool {
        self.offset == self.key.len()
    }

    /// What is still to be read, as it stands in the key.
    fn rest(&self) -> &'k [u8] {
        &self.key[self.offset..]
    }

    fn ended(&self) -> DecodeError {
        DecodeError::Ended {
            offset: self.key.len(),
        }
    }

    /// The next `N` bytes.
    pub(super) fn take<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let bytes = self.rest().first_chunk().ok_or_else(|| self.ended())?;
        self.offset += N;
        Ok(bytes.map(|byte| byte ^ self.flip))
    }

    /// What `value` makes of the next `N` bytes.
    pub(super) fn value<const N: usize, T>(
        &mut self,
        expected: &'static str,
        value: impl FnOnce([u8; N]) -> Option<T>,
    ) -> Result<T, DecodeError> {
        let offset = self.offset;
        value(self.take()?).ok_or(DecodeError::Invalid { offset, expected })
    }

    /// The next byte string, up to its end; borrowed if it stands in the key as it is.
    pub(super) fn text(&mut self) -> Result<Cow<'k, [u8]>, DecodeError> {
        let rest = self.rest();
        let end = rest.iter().position(|byte| byte ^ self.flip == END);
        let (body, from) = (&rest[..end.ok_or_else(|| self.ended())?], self.offset);
        self.offset += body.len() + 1;
        if self.flip == 0 && !body.contains(&ESCAPE) {
            return Ok(Cow::Borrowed(body));
        }

        let mut text = Vec::with_capacity(body.len());
        let mut bytes = body.iter().map(|byte| byte ^ self.flip).zip(from..);
        while let Some((byte, offset)) = bytes.next() {
            let byte = match byte {
                ESCAPE => bytes.next().and_then(|(byte, _)| escaped(byte)),
                byte => Some(byte),
            };
            let expected = "escaped byte";
            text.push(byte.ok_or(DecodeError::Invalid { offset, expected })?);
        }
        Ok(Cow::Owned(text))
    }

    /// What `read` reads while all bits are taken for their opposites.
    pub(super) fn reversed<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        self.flip = !self.flip;
        let value = read(self);
        self.flip = !self.flip;
        value
    }
}
