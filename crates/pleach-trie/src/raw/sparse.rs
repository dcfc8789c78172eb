//! The index of a sparse inner node: its children's bytes, sorted, in an array padded to 16.

use crate::ByteMask;
use wide::u8x16;

/// Most children of a sparse node.
pub(super) const SPARSE_MAX: usize = 48;

/// Bytes of an index with room for `room` children.
#[inline(always)]
pub(super) const fn index_len(room: usize) -> usize {
    (room + 15) & !15
}

/// Children that a node makes room for when it needs at least `len`.
pub(super) fn room_for(len: usize) -> usize {
    match len {
        0..=2 => 2,
        3..=8 => len.next_multiple_of(2),
        9..=16 => len.next_multiple_of(4),
        _ => len.next_multiple_of(8),
    }
}

/// One bit for each place of `keys` where `byte` stands.
#[inline(always)]
pub(super) fn hits(keys: &[u8; 16], byte: u8) -> u32 {
    u8x16::new(*keys).simd_eq(u8x16::splat(byte)).to_bitmask()
}

/// The place of `byte` among the first `len` of `keys`.
#[inline(always)]
pub(super) fn find(keys: &[u8], len: usize, byte: u8) -> Option<usize> {
    let (chunks, _) = keys.as_chunks::<16>();
    for (i, chunk) in chunks.iter().enumerate() {
        let found = hits(chunk, byte);
        if found != 0 {
            let place = i * 16 + found.trailing_zeros() as usize;
            return (place < len).then_some(place);
        }
    }
    None
}

/// The place where `byte`, which is not there, sorts.
pub(super) fn place(keys: &[u8], len: usize, byte: u8) -> usize {
    keys[..len].iter().filter(|&&key| key < byte).count()
}

/// Adds `byte` at place `i`.
pub(super) fn insert(keys: &mut [u8], len: usize, i: usize, byte: u8) {
    keys.copy_within(i..len, i + 1);
    keys[i] = byte;
}

/// Takes the byte at place `i` out.
pub(super) fn remove(keys: &mut [u8], len: usize, i: usize) {
    keys.copy_within(i + 1..len, i);
}

/// The bytes as a set.
pub(super) fn mask(keys: &[u8], len: usize) -> ByteMask {
    let mut words = [0; 4];
    for &key in &keys[..len] {
        words[usize::from(key >> 6)] |= 1 << (key & 63);
    }
    ByteMask(words)
}
