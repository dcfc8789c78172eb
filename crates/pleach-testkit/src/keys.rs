//! Keys of the shapes that break byte tries.
//!
//! A node holds a prefix of up to 255 bytes and a bucket up to 32 suffixes of up to 255 bytes in
//! all, so the shapes cross those edges: long runs that differ late, dense fans, many keys with one
//! start. A script draws its keys once, as a [`key_set`], and then stays near them: with random keys
//! alone nothing would ever be found twice.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use std::collections::BTreeSet;

/// A key.
pub type Key = Vec<u8>;

/// Lengths at and beside those where a node's own prefix or a bucket's bytes end.
pub(crate) const LENGTHS_AT_EDGES: [usize; 12] =
    [31, 32, 33, 200, 254, 255, 256, 257, 509, 511, 512, 700];

const WORDS: [&str; 16] = [
    "graph", "graphic", "graphics", "graft", "grafting", "leaf", "leaflet", "leave", "trie",
    "tried", "tree", "trees", "root", "rooted", "node", "no",
];

/// Keys of up to seven letters `a` and `b`, which are prefixes of each other more often than not.
pub fn short() -> impl Strategy<Value = Key> {
    vec(select(vec![b'a', b'b']), 0..8)
}

/// One byte, the least or the greatest, again and again.
pub fn uniform() -> impl Strategy<Value = Key> {
    let length = prop_oneof![4 => 0..12_usize, 1 => select(LENGTHS_AT_EDGES.to_vec())];
    (select(vec![0x00, 0xFF]), length).prop_map(|(byte, length)| vec![byte; length])
}

/// A common run of 31 to 700 bytes, then at most three letters.
pub fn long() -> impl Strategy<Value = Key> {
    (
        select(LENGTHS_AT_EDGES.to_vec()),
        vec(select(vec![b'a', b'b']), 0..4),
    )
        .prop_map(|(length, tail)| run(length).chain(tail).collect())
}

/// The start of one fixed sequence, so that any two runs share the shorter's bytes.
pub(crate) fn run(length: usize) -> impl Iterator<Item = u8> {
    (0..length).map(|i| (i % 251) as u8)
}

/// Any byte after one of a few stems: 256 children in one place.
pub fn fan() -> impl Strategy<Value = Key> {
    (select(vec!["", "s", "stem"]), any::<u8>(), 0..3_usize).prop_map(|(stem, byte, tail)| {
        let tail = std::iter::repeat_n(b't', tail);
        stem.bytes().chain([byte]).chain(tail).collect()
    })
}

/// Integers as eight big-endian bytes, most of them small.
pub fn integer() -> impl Strategy<Value = Key> {
    prop_oneof![3 => 0..2_000_u64, 1 => any::<u64>()].prop_map(|n| n.to_be_bytes().to_vec())
}

/// A stem and so many letters: more suffixes of one length than a bucket has room for.
pub fn even() -> impl Strategy<Value = Key> {
    let length = prop_oneof![8 => Just(7_usize), 1 => 1..16_usize];
    let tail = length.prop_flat_map(|length| vec(select(b"acgt".to_vec()), length));
    tail.prop_map(|tail| [b"stem/".to_vec(), tail].concat())
}

/// Up to three words of a small dictionary, separated by blanks.
pub fn words() -> impl Strategy<Value = Key> {
    vec(select(WORDS.to_vec()), 0..4).prop_map(|words| words.join(" ").into_bytes())
}

/// A key of any shape.
pub fn any_key() -> impl Strategy<Value = Key> {
    prop_oneof![
        6 => short(),
        1 => uniform(),
        1 => long(),
        2 => fan(),
        2 => integer(),
        1 => even(),
        3 => words(),
    ]
}

/// The keys of one script: many of one shape, a few of any.
///
/// Long keys come in small numbers, for the oracle keeps every prefix.
pub fn key_set() -> impl Strategy<Value = Vec<Key>> {
    let most = prop_oneof![
        4 => vec(short(), 0..40),
        1 => vec(uniform(), 0..12),
        2 => vec(long(), 0..10),
        2 => vec(fan(), 0..300),
        2 => vec(integer(), 0..120),
        2 => vec(even(), 0..200),
        3 => vec(words(), 0..80),
        2 => vec(any_key(), 0..30),
    ];
    (most, vec(any_key(), 1..4)).prop_map(|(mut keys, few)| {
        keys.extend(few);
        keys
    })
}

/// A choice from a key set that is made when the set is known: a key of it, or a neighbour.
#[derive(Clone, Debug)]
pub enum Pick {
    /// A key of the set.
    Member(Index),
    /// The start of one.
    Start(Index, Index),
    /// The end of one: the way on from its start.
    End(Index, Index),
    /// One and a byte more.
    Longer(Index, u8),
    /// A key drawn apart from the set.
    Other(Key),
}

impl Pick {
    /// The chosen key. `keys` is not empty.
    pub fn from(&self, keys: &[Key]) -> Key {
        match self {
            Self::Member(which) => which.get(keys).clone(),
            Self::Start(which, at) => {
                let key = which.get(keys);
                key[..at.index(key.len() + 1)].to_vec()
            }
            Self::End(which, at) => {
                let key = which.get(keys);
                key[at.index(key.len() + 1)..].to_vec()
            }
            Self::Longer(which, byte) => [&which.get(keys)[..], &[*byte]].concat(),
            Self::Other(key) => key.clone(),
        }
    }
}

/// A choice of a whole key: mostly members, then starts of them and near misses.
pub fn pick() -> impl Strategy<Value = Pick> {
    prop_oneof![
        6 => any::<Index>().prop_map(Pick::Member),
        3 => any::<(Index, Index)>().prop_map(|(which, at)| Pick::Start(which, at)),
        1 => (any::<Index>(), select(vec![0, b'a', b'b', 255]))
            .prop_map(|(which, byte)| Pick::Longer(which, byte)),
        1 => any_key().prop_map(Pick::Other),
    ]
}

/// A choice of a step on the way to a key: also ends of members, and single bytes.
pub fn pick_step() -> impl Strategy<Value = Pick> {
    prop_oneof![
        2 => pick(),
        2 => any::<(Index, Index)>().prop_map(|(which, at)| Pick::End(which, at)),
        1 => select(vec![b'a', b'b', 0, 255]).prop_map(|byte| Pick::Other(vec![byte])),
    ]
}

/// A set of bytes: none, a few letters, any few, all, or all but a few.
pub fn mask() -> impl Strategy<Value = BTreeSet<u8>> {
    let letters = select(b"abgs\0\xFF".to_vec());
    let some = prop_oneof![
        Just(Vec::new()),
        vec(letters, 0..4),
        vec(any::<u8>(), 0..40),
    ];
    (some, prop::bool::weighted(0.2)).prop_map(|(bytes, complement)| {
        let bytes = BTreeSet::from_iter(bytes);
        (0..=u8::MAX)
            .filter(|byte| bytes.contains(byte) != complement)
            .collect()
    })
}
