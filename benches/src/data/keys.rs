//! Keys laid out in the order of their use.

/// A key, followed in memory by a NUL for the engine that needs one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key<'a>(&'a [u8]);

impl<'a> Key<'a> {
    /// The key.
    #[inline]
    pub(crate) fn bytes(self) -> &'a [u8] {
        &self.0[..self.0.len() - 1]
    }

    /// The key and a NUL.
    #[inline]
    pub(crate) fn terminated(self) -> &'a [u8] {
        self.0
    }
}

impl AsRef<[u8]> for Key<'_> {
    fn as_ref(&self) -> &[u8] {
        self.bytes()
    }
}

/// Keys in the order in which a cell uses them, in one block of memory: to read the next key
/// costs no cache miss, so that a cell measures the map.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    bytes: Vec<u8>,
    entries: Vec<(usize, u64)>,
}

impl Keys {
    /// Adds a key and its place in the sorted set.
    pub(crate) fn push(&mut self, key: &[u8], index: u64) {
        self.bytes.extend_from_slice(key);
        self.bytes.push(0);
        self.entries.push((self.bytes.len(), index));
    }

    /// Number of keys.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The key at a place of this order.
    pub(crate) fn get(&self, place: usize) -> Key<'_> {
        let start = place
            .checked_sub(1)
            .map_or(0, |before| self.entries[before].0);
        Key(&self.bytes[start..self.entries[place].0])
    }

    /// Bytes of all keys.
    pub(crate) fn byte_len(&self) -> usize {
        self.bytes.len() - self.len()
    }

    /// Bytes of the keys in this order if each is written as what it does not share with the one
    /// before it, after the lengths of both parts as varints.
    pub(crate) fn front_coded_len(&self) -> usize {
        let mut last: &[u8] = &[];
        let mut sum = 0;
        for (key, _) in self.iter() {
            let key = key.bytes();
            let shared = key.iter().zip(last).take_while(|(a, b)| a == b).count();
            let rest = key.len() - shared;
            sum += varint_len(shared) + varint_len(rest) + rest;
            last = key;
        }
        sum
    }

    /// The keys in groups of `len`; the last one may be shorter.
    pub(crate) fn groups(&self, len: usize) -> impl Iterator<Item = Vec<Key<'_>>> {
        let mut keys = self.iter().map(|(key, _)| key);
        std::iter::from_fn(move || {
            let group: Vec<_> = keys.by_ref().take(len).collect();
            (!group.is_empty()).then_some(group)
        })
    }

    /// The keys, each with its place in the sorted set.
    #[inline]
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Key<'_>, u64)> {
        let mut start = 0;
        self.entries.iter().map(move |&(end, index)| {
            let key = Key(&self.bytes[start..end]);
            start = end;
            (key, index)
        })
    }
}

/// Bytes of a number written with seven bits a byte.
fn varint_len(number: usize) -> usize {
    let bits = usize::BITS - number.leading_zeros();
    bits.div_ceil(7).max(1) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(words: &[&str]) -> Keys {
        let mut keys = Keys::default();
        for (index, word) in words.iter().enumerate() {
            keys.push(word.as_bytes(), index as u64);
        }
        keys
    }

    #[test]
    fn a_key_is_read_with_and_without_its_nul() {
        let keys = keys(&["ab", "", "c"]);
        let read: Vec<_> = keys
            .iter()
            .map(|(key, index)| (key.bytes(), index))
            .collect();
        assert_eq!(read, [(&b"ab"[..], 0), (b"", 1), (b"c", 2)]);
        assert_eq!(keys.iter().next().unwrap().0.terminated(), b"ab\0");
        assert_eq!((keys.len(), keys.byte_len()), (3, 3));
    }

    #[test]
    fn front_coding_counts_lengths_and_rests() {
        // Rests `car`, `d`, `go`, and two lengths for each key.
        assert_eq!(keys(&["car", "card", "cargo"]).front_coded_len(), 6 + 6);
        assert_eq!(keys(&[]).front_coded_len(), 0);
        // A rest of 200 bytes has a length of two bytes.
        assert_eq!(keys(&[&"x".repeat(200)]).front_coded_len(), 1 + 2 + 200);
    }

    #[test]
    fn a_varint_has_seven_bits_a_byte() {
        let lengths = [0, 1, 127, 128, 16_383, 16_384].map(varint_len);
        assert_eq!(lengths, [1, 1, 1, 2, 2, 3]);
    }
}
