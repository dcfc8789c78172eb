//! Maps, sets and masks out of any bytes.

#![cfg(feature = "arbitrary")]

mod common;

use arbitrary::{Arbitrary, Unstructured};
use common::check;
use pleach_ptr::{PtrKind, Slim, Standard};
use pleach_trie::{ByteMask, PathMap, PathSet};
use proptest::collection::vec;
use proptest::prelude::*;

fn drawn<'a, T: Arbitrary<'a>>(bytes: &'a [u8]) -> T {
    T::arbitrary(&mut Unstructured::new(bytes)).expect("bytes that are missing count as zeros")
}

fn is_well_formed<K: PtrKind>(bytes: &[u8]) {
    let map: PathMap<u64, K> = drawn(bytes);
    check(&map);
    assert_eq!(map, drawn(bytes));
    assert!(map.len() <= bytes.len());

    let set: PathSet<K> = drawn(bytes);
    check(set.as_map());
    assert!(set.len() <= bytes.len());
}

proptest! {
    #[test]
    fn any_bytes_make_a_map(bytes in vec(any::<u8>(), 0..300)) {
        is_well_formed::<Slim>(&bytes);
        is_well_formed::<Standard>(&bytes);
    }

    #[test]
    fn any_words_make_a_mask(words: [u64; 4]) {
        let bytes = words.map(u64::to_le_bytes).concat();
        prop_assert_eq!(drawn::<ByteMask>(&bytes), ByteMask(words));
        prop_assert_eq!(ByteMask::size_hint(0), (bytes.len(), Some(bytes.len())));
    }
}

#[test]
fn no_bytes_make_nothing() {
    assert!(drawn::<PathMap<u8>>(&[]).is_empty());
    assert!(drawn::<PathSet>(&[]).is_empty());
}

/// Keys without common beginnings would leave most of a trie alone.
#[test]
fn keys_go_on_from_others() {
    let mut state = 1_u32;
    let bytes: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    })
    .take(1000)
    .collect();
    let sets = bytes.chunks(50).map(drawn::<PathSet>);
    let nested = sets.filter(|set| {
        let keys: Vec<_> = set.iter().filter(|key| !key.is_empty()).collect();
        keys.windows(2).any(|pair| pair[0][0] == pair[1][0])
    });
    assert!(nested.count() > 2);
}
