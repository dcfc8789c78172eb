//! Size classes: how large a block is that serves a size and an alignment.
//!
//! ```text
//!   16 24 32 ... 128 | 144 160 ... 256 | 288 ... 512 | ... | 4608 ... 8192
//!   multiples of 8   | eight steps for each doubling
//! ```
//!
//! Above 64 bytes a block is at most 12.5 % larger than what is asked for; below, at most 7 bytes
//! (15 where only 16 will do).

use pleach_atomic::scaled;

use crate::error::AllocError;

/// The largest alignment that pools serve.
pub(crate) const MAX_ALIGN: usize = 4096;

/// The alignment of blocks of which only a size is known.
pub(crate) const DEFAULT_ALIGN: usize = 16;

/// The largest small block. Model runs have two classes.
pub(crate) const SMALL_MAX: usize = scaled(8192, 24);

/// How many classes there are.
pub(crate) const CLASSES: usize = class_index(SMALL_MAX) + 1;

/// The class of small blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Class(u8);

/// The sizes by class.
const SIZES: [u16; CLASSES] = sizes();

const fn sizes() -> [u16; CLASSES] {
    let mut sizes = [0; CLASSES];
    let mut index = 0;
    while index < CLASSES {
        sizes[index] = match index {
            0..15 => (index as u16 + 2) * 8,
            _ => (index as u16 - 15) % 8 * (16 << ((index - 15) / 8)) + (144 << ((index - 15) / 8)),
        };
        index += 1;
    }
    sizes
}

/// The classes of sizes, in steps of eight bytes.
const BY_SIZE: [u8; SMALL_MAX / 8 + 1] = by_size();

const fn by_size() -> [u8; SMALL_MAX / 8 + 1] {
    let mut classes = [0; SMALL_MAX / 8 + 1];
    let mut step = 0;
    while step <= SMALL_MAX / 8 {
        classes[step] = class_index(step * 8) as u8;
        step += 1;
    }
    classes
}

/// What to multiply by, and then shift out, in place of a division by the size.
const RECIPROCALS: [u32; CLASSES] = reciprocals();

const fn reciprocals() -> [u32; CLASSES] {
    let mut reciprocals = [0; CLASSES];
    let mut index = 0;
    while index < CLASSES {
        reciprocals[index] = u32::MAX / SIZES[index] as u32 + 1;
        index += 1;
    }
    reciprocals
}

/// The first class whose size is enough.
const fn class_index(size: usize) -> usize {
    if size <= 16 {
        0
    } else if size <= 128 {
        size.div_ceil(8) - 2
    } else {
        let last = size - 1;
        let log = last.ilog2() as usize;
        15 + (log - 7) * 8 + (last >> (log - 3)) - 8
    }
}

impl Class {
    /// The class that serves a size and an alignment, if a small block does.
    #[inline]
    pub(crate) const fn of(size: usize, align: usize) -> Option<Self> {
        if size > SMALL_MAX || align > MAX_ALIGN {
            return None;
        }
        if align <= 8 {
            return Some(Self(BY_SIZE[size.div_ceil(8)]));
        }
        // A multiple of the alignment, which is a power of two: this cannot overflow.
        let size = (size + (align - 1)) & !(align - 1);
        if size > SMALL_MAX {
            return None;
        }
        let mut index = BY_SIZE[size / 8] as usize;
        // Ends at the next power of two at the latest, and at once for an alignment of 16.
        while align > DEFAULT_ALIGN && SIZES[index] as usize & (align - 1) != 0 {
            index += 1;
        }
        Some(Self(index as u8))
    }

    /// All classes, from small to large.
    pub(crate) fn all() -> impl DoubleEndedIterator<Item = Self> {
        (0..CLASSES as u8).map(Self)
    }

    #[inline]
    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }

    /// The class of this number, if there is one.
    pub(crate) fn from_index(index: usize) -> Option<Self> {
        (index < CLASSES).then_some(Self(index as u8))
    }

    /// How large its blocks are.
    #[inline]
    pub(crate) const fn size(self) -> usize {
        SIZES[self.0 as usize] as usize
    }

    /// How many of its blocks fit in so many bytes, which are no more than a span's.
    #[inline]
    pub(crate) const fn count_in(self, bytes: u32) -> u32 {
        // The reciprocal is too large by less than one in 2^32 / size, which makes no difference
        // as long as bytes * size < 2^32.
        ((bytes as u64 * RECIPROCALS[self.0 as usize] as u64) >> 32) as u32
    }
}

/// Checks what can be checked of a request without knowing a pool.
pub(crate) fn check_align(align: usize) -> Result<(), AllocError> {
    if align.is_power_of_two() && align <= MAX_ALIGN {
        return Ok(());
    }
    Err(AllocError::OverAligned {
        asked: align,
        max: MAX_ALIGN,
    })
}

#[cfg(all(test, not(any(pleach_loom, pleach_shuttle))))]
mod tests {
    use super::*;

    #[test]
    fn classes_rise_and_end_at_the_largest() {
        let sizes: Vec<usize> = Class::all().map(Class::size).collect();
        assert!(sizes.is_sorted_by(|a, b| a < b));
        assert_eq!(
            (sizes[0], sizes[1], sizes[14], sizes[15]),
            (16, 24, 128, 144)
        );
        assert_eq!((sizes.len(), *sizes.last().unwrap()), (63, SMALL_MAX));
    }

    #[test]
    fn every_size_gets_the_smallest_block_that_is_enough() {
        for size in 0..=SMALL_MAX {
            let class = Class::of(size, 1).unwrap();
            assert!(class.size() >= size);
            if class.index() > 0 {
                let below = Class::from_index(class.index() - 1).unwrap();
                assert!(below.size() < size, "{size}");
            }
            let slack = class.size() - size;
            assert!(
                slack < 8 || slack * 8 <= size || size < 16,
                "{size}: {slack}"
            );
        }
        assert_eq!(Class::of(SMALL_MAX + 1, 1), None);
    }

    #[test]
    fn to_count_blocks_is_to_divide() {
        for class in Class::all() {
            for bytes in 0..=1 << 16 {
                assert_eq!(class.count_in(bytes), bytes / class.size() as u32);
            }
        }
    }

    #[test]
    fn blocks_are_aligned_as_asked() {
        for log in 0..=12 {
            let align = 1 << log;
            for size in (1..=SMALL_MAX).step_by(7) {
                if let Some(class) = Class::of(size, align) {
                    assert!(class.size() >= size);
                    assert!(
                        class.size().is_multiple_of(align) || align <= 8,
                        "{size} {align}"
                    );
                }
            }
        }
        assert_eq!(Class::of(16, 8192), None);
    }

    #[test]
    fn what_is_no_alignment_is_refused() {
        assert!(check_align(4096).is_ok());
        for asked in [0, 3, 8192, usize::MAX] {
            let max = MAX_ALIGN;
            assert_eq!(
                check_align(asked),
                Err(AllocError::OverAligned { asked, max })
            );
        }
    }
}
