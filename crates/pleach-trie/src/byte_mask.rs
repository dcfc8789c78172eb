//! [`ByteMask`]: a set of bytes, one bit each.

use std::fmt;
use std::iter::FusedIterator;
use std::ops::{
    BitAnd, BitAndAssign, BitOr, BitOrAssign, BitXor, BitXorAssign, Bound, Not, Range, RangeBounds,
    RangeInclusive, Sub, SubAssign,
};

/// A set of bytes, held as 256 bits.
///
/// Zippers answer with one when they are asked which bytes follow their focus. Bit `b % 64` of word
/// `b / 64` stands for byte `b`. The operators are those of sets: `|` union, `&` intersection, `^`
/// symmetric difference, `-` difference, `!` complement. Everything takes constant time.
///
/// # Examples
/// ```
/// use pleach_trie::ByteMask;
///
/// let vowels = ByteMask::from_iter(*b"aeiou");
/// let early = ByteMask::from(b'a'..=b'h');
/// assert!((vowels & early).iter().eq(*b"ae"));
/// assert_eq!(vowels.next_bit(b'e'), Some(b'i'));
/// assert_eq!((!vowels).count_bits(), 251);
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct ByteMask(pub [u64; 4]);

impl ByteMask {
    /// The set without bytes.
    pub const EMPTY: Self = Self([0; 4]);

    /// The set of all 256 bytes.
    pub const FULL: Self = Self([u64::MAX; 4]);

    /// The empty set.
    pub const fn new() -> Self {
        Self::EMPTY
    }

    /// The bytes of `range`.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::ByteMask;
    ///
    /// assert_eq!(ByteMask::from_range(..), ByteMask::FULL);
    /// assert!(ByteMask::from_range(254..).iter().eq([254, 255]));
    /// ```
    pub fn from_range(range: impl RangeBounds<u8>) -> Self {
        let from = match range.start_bound() {
            Bound::Included(&byte) => Self::at_least(byte),
            Bound::Excluded(&byte) => Self::above(byte),
            Bound::Unbounded => Self::FULL,
        };
        let beyond = match range.end_bound() {
            Bound::Included(&byte) => Self::above(byte),
            Bound::Excluded(&byte) => Self::at_least(byte),
            Bound::Unbounded => Self::EMPTY,
        };
        from - beyond
    }

    /// All bytes from `byte` on.
    fn at_least(byte: u8) -> Self {
        let (word, bit) = place(byte);
        let mut mask = Self::FULL;
        mask.0[..word].fill(0);
        mask.0[word] <<= bit;
        mask
    }

    /// All bytes greater than `byte`.
    fn above(byte: u8) -> Self {
        byte.checked_add(1).map_or(Self::EMPTY, Self::at_least)
    }

    /// The four words, least bytes first.
    pub const fn into_inner(self) -> [u64; 4] {
        self.0
    }

    /// The number of bytes in the set.
    pub const fn count_bits(&self) -> usize {
        let [a, b, c, d] = self.0;
        (a.count_ones() + b.count_ones() + c.count_ones() + d.count_ones()) as usize
    }

    /// Whether the set has no bytes.
    pub const fn is_empty_mask(&self) -> bool {
        let [a, b, c, d] = self.0;
        a | b | c | d == 0
    }

    /// Whether `byte` is in the set.
    pub const fn test_bit(&self, byte: u8) -> bool {
        let (word, bit) = place(byte);
        self.0[word] >> bit & 1 == 1
    }

    /// Adds `byte`.
    pub const fn set_bit(&mut self, byte: u8) {
        let (word, bit) = place(byte);
        self.0[word] |= 1 << bit;
    }

    /// Takes `byte` out.
    pub const fn clear_bit(&mut self, byte: u8) {
        let (word, bit) = place(byte);
        self.0[word] &= !(1 << bit);
    }

    /// Adds `byte` if it is missing, and takes it out if it is there.
    pub const fn toggle_bit(&mut self, byte: u8) {
        let (word, bit) = place(byte);
        self.0[word] ^= 1 << bit;
    }

    /// The number of bytes in the set that are less than `byte`, which need not be in it.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::ByteMask;
    ///
    /// let mask = ByteMask::from_iter(*b"bdf");
    /// assert_eq!(mask.index_of(b'd'), 1);
    /// assert_eq!(mask.index_of(b'e'), 2);
    /// ```
    pub const fn index_of(&self, byte: u8) -> u8 {
        let (last, bit) = place(byte);
        let mut count = (self.0[last] & ((1 << bit) - 1)).count_ones();
        let mut word = 0;
        while word < last {
            count += self.0[word].count_ones();
            word += 1;
        }
        count as u8
    }

    /// The byte with `index` others before it: in ascending order if `FORWARD`, in descending order
    /// if not.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::ByteMask;
    ///
    /// let mask = ByteMask::from_iter(*b"bdf");
    /// assert_eq!(mask.indexed_bit::<true>(0), Some(b'b'));
    /// assert_eq!(mask.indexed_bit::<false>(0), Some(b'f'));
    /// assert_eq!(mask.indexed_bit::<true>(3), None);
    /// ```
    pub const fn indexed_bit<const FORWARD: bool>(&self, index: usize) -> Option<u8> {
        let count = self.count_bits();
        if index >= count {
            return None;
        }
        let mut before = if FORWARD { index } else { count - 1 - index };
        let mut word = 0;
        while before >= self.0[word].count_ones() as usize {
            before -= self.0[word].count_ones() as usize;
            word += 1;
        }
        let mut bits = self.0[word];
        while before > 0 {
            bits &= bits - 1;
            before -= 1;
        }
        Some(byte_at(word, bits.trailing_zeros()))
    }

    /// The least byte of the set that is greater than `byte`.
    pub const fn next_bit(&self, byte: u8) -> Option<u8> {
        let (mut word, bit) = place(byte);
        let mut bits = self.0[word] & (u64::MAX << bit << 1);
        while bits == 0 {
            word += 1;
            if word == self.0.len() {
                return None;
            }
            bits = self.0[word];
        }
        Some(byte_at(word, bits.trailing_zeros()))
    }

    /// The greatest byte of the set that is less than `byte`.
    pub const fn prev_bit(&self, byte: u8) -> Option<u8> {
        let (mut word, bit) = place(byte);
        let mut bits = self.0[word] & ((1 << bit) - 1);
        while bits == 0 {
            if word == 0 {
                return None;
            }
            word -= 1;
            bits = self.0[word];
        }
        Some(byte_at(word, bits.ilog2()))
    }

    /// The bytes, ascending.
    pub const fn iter(&self) -> Iter {
        Iter { rest: *self }
    }

    fn zip_words(self, other: Self, f: impl Fn(u64, u64) -> u64) -> Self {
        Self(std::array::from_fn(|word| f(self.0[word], other.0[word])))
    }
}

/// The word and the bit that stand for `byte`.
const fn place(byte: u8) -> (usize, u32) {
    ((byte >> 6) as usize, (byte & 63) as u32)
}

/// The byte that `bit` of `word` stands for.
const fn byte_at(word: usize, bit: u32) -> u8 {
    (word << 6) as u8 | bit as u8
}

impl BitOr for ByteMask {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.zip_words(other, |a, b| a | b)
    }
}

impl BitAnd for ByteMask {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        self.zip_words(other, |a, b| a & b)
    }
}

impl BitXor for ByteMask {
    type Output = Self;

    fn bitxor(self, other: Self) -> Self {
        self.zip_words(other, |a, b| a ^ b)
    }
}

impl Sub for ByteMask {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self.zip_words(other, |a, b| a & !b)
    }
}

impl Not for ByteMask {
    type Output = Self;

    fn not(self) -> Self {
        Self::FULL - self
    }
}

impl BitOrAssign for ByteMask {
    fn bitor_assign(&mut self, other: Self) {
        *self = *self | other;
    }
}

impl BitAndAssign for ByteMask {
    fn bitand_assign(&mut self, other: Self) {
        *self = *self & other;
    }
}

impl BitXorAssign for ByteMask {
    fn bitxor_assign(&mut self, other: Self) {
        *self = *self ^ other;
    }
}

impl SubAssign for ByteMask {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl From<u8> for ByteMask {
    fn from(byte: u8) -> Self {
        Self::from_range(byte..=byte)
    }
}

impl From<Range<u8>> for ByteMask {
    fn from(range: Range<u8>) -> Self {
        Self::from_range(range)
    }
}

impl From<RangeInclusive<u8>> for ByteMask {
    fn from(range: RangeInclusive<u8>) -> Self {
        Self::from_range(range)
    }
}

impl From<[u64; 4]> for ByteMask {
    fn from(words: [u64; 4]) -> Self {
        Self(words)
    }
}

impl From<ByteMask> for [u64; 4] {
    fn from(mask: ByteMask) -> Self {
        mask.0
    }
}

impl FromIterator<u8> for ByteMask {
    fn from_iter<I: IntoIterator<Item = u8>>(bytes: I) -> Self {
        let mut mask = Self::EMPTY;
        mask.extend(bytes);
        mask
    }
}

impl Extend<u8> for ByteMask {
    fn extend<I: IntoIterator<Item = u8>>(&mut self, bytes: I) {
        for byte in bytes {
            self.set_bit(byte);
        }
    }
}

impl IntoIterator for ByteMask {
    type Item = u8;
    type IntoIter = Iter;

    fn into_iter(self) -> Iter {
        self.iter()
    }
}

impl IntoIterator for &ByteMask {
    type Item = u8;
    type IntoIter = Iter;

    fn into_iter(self) -> Iter {
        self.iter()
    }
}

impl fmt::Debug for ByteMask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.iter().map(|byte| byte.escape_ascii());
        f.debug_set()
            .entries(bytes.map(|escaped| fmt::from_fn(move |f| write!(f, "b'{escaped}'"))))
            .finish()
    }
}

/// The bytes of a [`ByteMask`], ascending: what [`ByteMask::iter`] returns.
#[derive(Clone, Debug, Default)]
pub struct Iter {
    rest: ByteMask,
}

impl Iter {
    fn take(&mut self, byte: Option<u8>) -> Option<u8> {
        self.rest.clear_bit(byte?);
        byte
    }
}

impl Iterator for Iter {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        let word = self
            .rest
            .0
            .iter_mut()
            .zip(0..)
            .find(|(bits, _)| **bits != 0);
        let (bits, word) = word?;
        let bit = bits.trailing_zeros();
        *bits &= *bits - 1;
        Some(byte_at(word, bit))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let len = self.rest.count_bits();
        (len, Some(len))
    }
}

impl DoubleEndedIterator for Iter {
    fn next_back(&mut self) -> Option<u8> {
        self.take(match self.rest.test_bit(u8::MAX) {
            true => Some(u8::MAX),
            false => self.rest.prev_bit(u8::MAX),
        })
    }
}

impl ExactSizeIterator for Iter {}

impl FusedIterator for Iter {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn sets() -> impl Strategy<Value = BTreeSet<u8>> {
        let few = proptest::collection::btree_set(any::<u8>(), 0..12);
        let edges = vec![0, 1, 62, 63, 64, 127, 128, 191, 192, 254, 255];
        let edges = proptest::sample::subsequence(edges, 0..=11);
        prop_oneof![
            few.clone(),
            few.prop_map(|set| &all_bytes().collect() - &set),
            edges.prop_map(|bytes| bytes.into_iter().collect()),
        ]
    }

    fn mask(set: &BTreeSet<u8>) -> ByteMask {
        set.iter().copied().collect()
    }

    fn all_bytes() -> impl Iterator<Item = u8> {
        0..=u8::MAX
    }

    proptest! {
        #[test]
        fn looks_up_as_a_set_does(set in sets()) {
            let mask = mask(&set);
            prop_assert_eq!(mask.count_bits(), set.len());
            prop_assert_eq!(mask.is_empty_mask(), set.is_empty());
            for byte in all_bytes() {
                prop_assert_eq!(mask.test_bit(byte), set.contains(&byte));
                prop_assert_eq!(mask.index_of(byte) as usize, set.range(..byte).count());
                let after = (Bound::Excluded(byte), Bound::Unbounded);
                prop_assert_eq!(mask.next_bit(byte), set.range(after).next().copied());
                prop_assert_eq!(mask.prev_bit(byte), set.range(..byte).next_back().copied());
            }
            for index in 0..=set.len() {
                prop_assert_eq!(mask.indexed_bit::<true>(index), set.iter().nth(index).copied());
                prop_assert_eq!(mask.indexed_bit::<false>(index), set.iter().nth_back(index).copied());
            }
        }

        #[test]
        fn combines_as_sets_do(a in sets(), b in sets()) {
            prop_assert_eq!(mask(&a) | mask(&b), mask(&(&a | &b)));
            prop_assert_eq!(mask(&a) & mask(&b), mask(&(&a & &b)));
            prop_assert_eq!(mask(&a) ^ mask(&b), mask(&(&a ^ &b)));
            prop_assert_eq!(mask(&a) - mask(&b), mask(&(&a - &b)));
            prop_assert_eq!(!mask(&a), mask(&(&all_bytes().collect() - &a)));
            let mut assigned = mask(&a);
            assigned |= mask(&b);
            assigned -= mask(&a);
            assigned ^= mask(&a);
            assigned &= mask(&b);
            prop_assert_eq!(assigned, mask(&b));
        }

        #[test]
        fn iterates_from_both_ends(set in sets(), turns in proptest::collection::vec(any::<bool>(), 260)) {
            let mut ours = mask(&set).iter();
            let mut theirs = set.iter().copied();
            for front in turns {
                prop_assert_eq!(ours.len(), theirs.len());
                let (a, b) = match front {
                    true => (ours.next(), theirs.next()),
                    false => (ours.next_back(), theirs.next_back()),
                };
                prop_assert_eq!(a, b);
            }
        }

        #[test]
        fn changes_one_byte_at_a_time(set in sets(), byte: u8) {
            let mut changed = mask(&set);
            changed.toggle_bit(byte);
            prop_assert_eq!(changed.test_bit(byte), !set.contains(&byte));
            changed.set_bit(byte);
            prop_assert_eq!(changed, mask(&set) | ByteMask::from(byte));
            changed.clear_bit(byte);
            prop_assert_eq!(changed, mask(&set) - ByteMask::from(byte));
        }

        #[test]
        fn ranges_hold_their_bytes(low: u8, high: u8) {
            let between = |range: &dyn Fn(&u8) -> bool| all_bytes().filter(range).collect::<ByteMask>();
            prop_assert_eq!(ByteMask::from(low..high), between(&|b| (low..high).contains(b)));
            prop_assert_eq!(ByteMask::from(low..=high), between(&|b| (low..=high).contains(b)));
            let open = (Bound::Excluded(low), Bound::Unbounded);
            prop_assert_eq!(ByteMask::from_range(open), between(&|b| *b > low));
        }
    }

    #[test]
    fn debug_lists_the_bytes() {
        let mask = ByteMask::from_iter([b'a', 0, b'\'']);
        assert_eq!(format!("{mask:?}"), r"{b'\x00', b'\'', b'a'}");
    }

    #[test]
    fn constants_can_be_built() {
        const DIGIT: ByteMask = {
            let mut mask = ByteMask::new();
            mask.set_bit(b'7');
            mask
        };
        assert_eq!(DIGIT, ByteMask::from(b'7'));
        assert_eq!(<[u64; 4]>::from(DIGIT), DIGIT.into_inner());
    }
}
