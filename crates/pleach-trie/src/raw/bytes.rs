//! Comparing short byte strings without a call to `memcmp`.

/// The first eight bytes as an integer whose lowest byte comes first.
#[inline(always)]
fn word(bytes: &[u8]) -> Option<u64> {
    bytes.first_chunk().map(|chunk| u64::from_le_bytes(*chunk))
}

/// The first eight bytes of the text that `tail` begins with and that is `len` bytes long, as an
/// integer that sorts as they do; zeros where the text ends before.
#[inline(always)]
pub(super) fn lead(tail: &[u8], len: usize) -> u64 {
    let bytes = match tail.first_chunk() {
        Some(chunk) => u64::from_be_bytes(*chunk),
        None => {
            let mut chunk = [0; 8];
            chunk[..len].copy_from_slice(&tail[..len]);
            u64::from_be_bytes(chunk)
        }
    };
    match len {
        0..8 => bytes & !(u64::MAX >> (8 * len)),
        _ => bytes,
    }
}

/// Appends the text that `tail` begins with and that is `len` bytes long: short ones in one move.
#[inline(always)]
pub(super) fn append(path: &mut Vec<u8>, tail: &[u8], len: usize) {
    match tail.first_chunk::<16>() {
        Some(chunk) if len <= 16 && path.capacity() - path.len() >= 16 => {
            let end = path.len();
            // SAFETY: there is room for 16 bytes, of which `len` belong to the path afterwards.
            unsafe {
                path.as_mut_ptr()
                    .add(end)
                    .cast::<[u8; 16]>()
                    .write_unaligned(*chunk);
                path.set_len(end + len);
            }
        }
        _ => path.extend_from_slice(&tail[..len]),
    }
}

/// Length of the longest common prefix.
#[inline]
pub(super) fn common(mut a: &[u8], mut b: &[u8]) -> usize {
    let mut shared = 0;
    while let (Some(x), Some(y)) = (word(a), word(b)) {
        let differ = x ^ y;
        if differ != 0 {
            return shared + (differ.trailing_zeros() / 8) as usize;
        }
        shared += 8;
        a = &a[8..];
        b = &b[8..];
    }
    shared + a.iter().zip(b).take_while(|(x, y)| x == y).count()
}

/// Equality of two strings of the same length.
#[inline(always)]
fn equal_lengths(a: &[u8], b: &[u8]) -> bool {
    let n = a.len();
    if n < 4 {
        return n == 0 || (a[0] == b[0] && a[n / 2] == b[n / 2] && a[n - 1] == b[n - 1]);
    }
    if n < 8 {
        let ends = |s: &[u8]| {
            let first = s.first_chunk().map_or(0, |c| u32::from_le_bytes(*c));
            let last = s.last_chunk().map_or(0, |c| u32::from_le_bytes(*c));
            (first, last)
        };
        return ends(a) == ends(b);
    }
    let last = |s: &[u8]| s.last_chunk().map_or(0, |c| u64::from_le_bytes(*c));
    if last(a) != last(b) {
        return false;
    }
    let (mut a, mut b) = (a, b);
    while a.len() > 8 {
        if word(a) != word(b) {
            return false;
        }
        a = &a[8..];
        b = &b[8..];
    }
    true
}

/// Whether two strings are equal.
#[inline(always)]
pub(super) fn equal(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && equal_lengths(a, b)
}

/// What follows `prefix` in `text`, if `text` starts with it.
#[inline(always)]
pub(super) fn strip<'t>(text: &'t [u8], prefix: &[u8]) -> Option<&'t [u8]> {
    let (head, tail) = text.split_at_checked(prefix.len())?;
    equal_lengths(head, prefix).then_some(tail)
}

/// One byte that tells most strings apart: a hash of the length, the first and the last bytes.
#[inline(always)]
pub(super) fn fingerprint(text: &[u8]) -> u8 {
    let n = text.len();
    let first = text.first_chunk().map(|c| u64::from_le_bytes(*c));
    let last = text.last_chunk().map(|c| u64::from_le_bytes(*c));
    let sum = match (first, last) {
        (Some(first), Some(last)) => first.rotate_left(29) ^ last,
        _ if n >= 4 => {
            let first = text.first_chunk().map_or(0, |c| u32::from_le_bytes(*c));
            let last = text.last_chunk().map_or(0, |c| u32::from_le_bytes(*c));
            u64::from(first) << 32 | u64::from(last)
        }
        _ if n > 0 => {
            u64::from(text[0]) << 16 | u64::from(text[n / 2]) << 8 | u64::from(text[n - 1])
        }
        _ => 0,
    };
    ((sum ^ n as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_slices() {
        let text: Vec<u8> = (0..40).map(|i| b'a' + i % 3).collect();
        for i in 0..40 {
            for j in 0..40 {
                let mut other = text.clone();
                other[j] = b'z';
                let (a, b) = (&text[..i], &other[..i]);
                assert_eq!(equal(a, b), a == b);
                assert_eq!(common(a, b), i.min(j));
                assert_eq!(strip(&text, b), text.strip_prefix(b));
                assert_eq!(common(a, &text[..j]), i.min(j));
            }
        }
    }
}
