//! What a pointer says about its block.

/// A small number that travels with a pointer, so that something of a block is known before the
/// block is touched: which kind of node it is, for one.
///
/// It belongs to the pointer, not to the block: two pointers to one block may differ in it.
///
/// # Examples
///
/// ```
/// use pleach_ptr::Tag;
///
/// const LEAF: Tag = Tag::new(1);
/// assert_eq!(LEAF.get(), 1);
/// assert_eq!(Tag::MAX.get(), 7);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Tag(u8);

impl Tag {
    /// The width of a tag: the low bits that are zero in the address of any block.
    pub const BITS: u32 = 3;

    /// The largest tag.
    pub const MAX: Self = Self((1 << Self::BITS) - 1);

    /// Makes a tag of a number below 8.
    ///
    /// # Panics
    ///
    /// If `value` is more than 7.
    #[must_use]
    #[inline]
    pub const fn new(value: u8) -> Self {
        assert!(value <= Self::MAX.0, "a tag has three bits");
        Self(value)
    }

    /// Makes a tag of the low bits of an address.
    #[inline]
    pub(crate) const fn of_address(address: usize) -> Self {
        Self(address as u8 & Self::MAX.0)
    }

    /// Returns the number.
    #[must_use]
    #[inline]
    pub const fn get(self) -> u8 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Tag;

    #[test]
    fn every_number_below_eight_is_kept() {
        for value in 0..8 {
            assert_eq!(Tag::new(value).get(), value);
            assert_eq!(
                Tag::of_address(0xfff0_1200 + usize::from(value)),
                Tag::new(value)
            );
        }
    }

    #[test]
    #[should_panic(expected = "a tag has three bits")]
    fn eight_is_no_tag() {
        let _ = Tag::new(8);
    }
}
