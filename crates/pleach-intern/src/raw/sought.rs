//! Strings to look for: read once, without asking how short they are.
//!
//! Lengths of names follow each other without a rule. Code that goes another way for each few of them
//! mispredicts, and that costs more than to read the bytes. So there are three ways only, and the
//! comparison with what is found repeats the branch that the first reading took. (Overlapping reads that
//! cover strings of many lengths are wyhash's: Wang Yi.)

use std::ptr;

/// A string to look for.
#[derive(Clone, Copy)]
pub(crate) struct Sought<'b> {
    bytes: &'b [u8],
    read: Read,
}

/// What was read of a string. With the length, it is the string.
#[derive(Clone, Copy)]
pub(crate) enum Read {
    /// Of 4 to 16 bytes.
    Short(u64, u64),
    /// Of 17 to 32 bytes.
    Medium(u128, u128),
    /// Of other strings, nothing.
    Other,
}

impl<'b> Sought<'b> {
    #[inline(always)]
    pub(crate) fn new(bytes: &'b [u8]) -> Self {
        let read = match bytes.len() {
            4..=16 => {
                // SAFETY: it has 4 to 16 bytes.
                let (front, back) = unsafe { short(bytes) };
                Read::Short(front, back)
            }
            17..=32 => {
                // SAFETY: it has more than 16 bytes.
                let (front, back) = unsafe { medium(bytes) };
                Read::Medium(front, back)
            }
            _ => Read::Other,
        };
        Self { bytes, read }
    }

    #[inline(always)]
    pub(crate) fn bytes(&self) -> &'b [u8] {
        self.bytes
    }

    /// What there is to hash. A model hashes nothing.
    #[cfg(not(any(pleach_loom, pleach_shuttle)))]
    #[inline(always)]
    pub(crate) fn read(&self) -> Read {
        self.read
    }

    /// Whether this is the string.
    #[inline(always)]
    pub(crate) fn is(&self, other: &[u8]) -> bool {
        if other.len() != self.bytes.len() {
            return false;
        }
        match self.read {
            // SAFETY: it is as long as the string that was read, which had 4 to 16 bytes.
            Read::Short(front, back) => (front, back) == unsafe { short(other) },
            // SAFETY: likewise, and more than 16.
            Read::Medium(front, back) => (front, back) == unsafe { medium(other) },
            Read::Other => other == self.bytes,
        }
    }
}

/// All bytes of a string of 4 to 16.
///
/// # Safety
///
/// It has as many.
#[inline(always)]
unsafe fn short(bytes: &[u8]) -> (u64, u64) {
    let len = bytes.len();
    debug_assert!((4..=16).contains(&len));
    let four = |at: usize| {
        // SAFETY: four bytes are there, below. Any alignment will do.
        let four = unsafe { ptr::read(bytes.as_ptr().add(at).cast::<[u8; 4]>()) };
        u64::from(u32::from_le_bytes(four))
    };
    // 0, 4 for eight bytes and more, 8 for sixteen: at most the length without four.
    let step = len >> 3 << 2;
    let front = four(0) << 32 | four(step);
    let back = four(len - 4) << 32 | four(len - 4 - step);
    (front, back)
}

/// All bytes of a string of 16 to 32.
///
/// # Safety
///
/// It has at least 16.
#[inline(always)]
unsafe fn medium(bytes: &[u8]) -> (u128, u128) {
    let len = bytes.len();
    debug_assert!((16..=32).contains(&len));
    let sixteen = |at: usize| {
        // SAFETY: sixteen bytes are there: at the start, and at the end. Any alignment will do.
        let sixteen = unsafe { ptr::read(bytes.as_ptr().add(at).cast::<[u8; 16]>()) };
        u128::from_le_bytes(sixteen)
    };
    (sixteen(0), sixteen(len - 16))
}

#[cfg(all(test, not(any(pleach_loom, pleach_shuttle))))]
mod tests {
    use super::*;

    #[test]
    fn a_string_is_itself_and_no_other() {
        for len in 0..70usize {
            let string: Vec<u8> = (0..len).map(|at| at as u8).collect();
            let sought = Sought::new(&string);
            assert!(sought.is(&string.clone()));
            assert!(!sought.is(&vec![0; len + 1]));
            let is_read = !matches!(sought.read(), Read::Other);
            assert_eq!(is_read, (4..=32).contains(&len));
            for (at, bit) in (0..len).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
                let mut other = string.clone();
                other[at] ^= 1 << bit;
                assert!(!sought.is(&other), "{len} bytes, byte {at}, bit {bit}");
                // All that the hash gets.
                match (sought.read(), Sought::new(&other).read()) {
                    (Read::Short(a, b), Read::Short(c, d)) => assert_ne!((a, b), (c, d)),
                    (Read::Medium(a, b), Read::Medium(c, d)) => assert_ne!((a, b), (c, d)),
                    (_, other) => assert!(matches!(other, Read::Other)),
                }
            }
        }
    }
}
