//! Symbols: what stands for a byte string.

use std::fmt;

use crate::InvalidSymbol;

/// How many bits of a symbol number the strings of one slot.
pub(crate) const INDEX_BITS: u32 = 32;

/// What stands for a byte string in one [`SharedMapping`](crate::SharedMapping).
///
/// Eight bytes, whose order as bytes is their order as a number, so that a symbol can stand inside a
/// path. The top bit is clear, for users who want to tell symbols from something else there.
///
/// ```text
///  63  62 ........ 40   39 ...... 32   31 ............ 0
/// | 0 | zero for now  |  slot, from 1 |  index in the slot |
/// ```
///
/// The layout is no promise: a symbol means something to the mapping that issued it, and to those
/// that are loaded from its file.
///
/// # Examples
///
/// ```
/// use pleach_intern::{SharedMapping, Symbol};
///
/// let map = SharedMapping::new();
/// let dog = map.intern("dog");
/// let path = [b"name/".as_slice(), dog.as_ref()].concat();
///
/// let bytes = <[u8; 8]>::try_from(&path[5..])?;
/// assert_eq!(map.get_bytes(Symbol::try_from(bytes)?), Some(&b"dog"[..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Symbol([u8; 8]);

impl Symbol {
    /// The symbol of the string with this index among those of a slot.
    #[inline]
    pub(crate) fn new(slot: usize, index: u32) -> Self {
        // Slots count from one, so that no symbol is zero, which marks what is empty.
        Self((((slot as u64 + 1) << INDEX_BITS) | u64::from(index)).to_be_bytes())
    }

    /// The slot; out of range for most symbols that were never issued.
    #[inline]
    pub(crate) fn slot(self) -> usize {
        let slot = (self.to_u64() >> INDEX_BITS).wrapping_sub(1);
        usize::try_from(slot).unwrap_or(usize::MAX)
    }

    /// The index in the slot.
    #[inline]
    pub(crate) fn index(self) -> u32 {
        self.to_u64() as u32
    }

    #[inline]
    pub(crate) fn to_u64(self) -> u64 {
        u64::from_be_bytes(self.0)
    }

    /// The symbol of this number, whose top bit is clear.
    #[inline]
    pub(crate) fn from_u64(number: u64) -> Self {
        debug_assert!(number >> 63 == 0);
        Self(number.to_be_bytes())
    }
}

impl fmt::Debug for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.to_u64();
        write!(f, "Symbol({}:{})", number >> INDEX_BITS, self.index())
    }
}

impl AsRef<[u8]> for Symbol {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<Symbol> for [u8; 8] {
    #[inline]
    fn from(symbol: Symbol) -> Self {
        symbol.0
    }
}

impl From<Symbol> for u64 {
    #[inline]
    fn from(symbol: Symbol) -> Self {
        symbol.to_u64()
    }
}

impl TryFrom<[u8; 8]> for Symbol {
    type Error = InvalidSymbol;

    /// Takes any bytes whose top bit is clear; whether they were ever issued, the mapping tells.
    #[inline]
    fn try_from(bytes: [u8; 8]) -> Result<Self, InvalidSymbol> {
        match bytes[0] & 0x80 {
            0 => Ok(Self(bytes)),
            _ => Err(InvalidSymbol { bytes }),
        }
    }
}

impl TryFrom<u64> for Symbol {
    type Error = InvalidSymbol;

    #[inline]
    fn try_from(number: u64) -> Result<Self, InvalidSymbol> {
        Self::try_from(number.to_be_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_come_back_and_the_order_is_that_of_the_bytes() {
        let parts = [(0, 0), (0, u32::MAX), (1, 0), (127, 7), (128, u32::MAX)];
        let symbols = parts.map(|(slot, index)| Symbol::new(slot, index));
        for (symbol, (slot, index)) in symbols.into_iter().zip(parts) {
            assert_eq!((symbol.slot(), symbol.index()), (slot, index));
            assert_eq!(Symbol::from_u64(symbol.to_u64()), symbol);
            assert_eq!(Symbol::try_from(<[u8; 8]>::from(symbol)), Ok(symbol));
            assert_eq!(Symbol::try_from(u64::from(symbol)), Ok(symbol));
            assert_ne!(symbol.to_u64(), 0);
        }
        assert!(symbols.is_sorted());
        assert!(symbols.is_sorted_by_key(|symbol| symbol.as_ref().to_vec()));
        assert_eq!(format!("{:?}", symbols[3]), "Symbol(128:7)");
    }

    #[test]
    fn the_top_bit_makes_no_symbol() {
        assert!(Symbol::try_from(1 << 63).is_err());
        assert!(Symbol::try_from([0xFF; 8]).is_err());
        assert!(Symbol::try_from([0; 8]).is_ok());
        let text = Symbol::try_from(u64::MAX).unwrap_err().to_string();
        assert!(text.contains("top bit"), "{text}");
    }
}
