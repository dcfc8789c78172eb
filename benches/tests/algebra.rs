//! Set algebra of whole maps on `pathmap` 0.3.5 and on Pleach: of random maps the same keys and values,
//! but for the differences in `docs/compare-pathmap.md`.
//!
//! ```sh
//! RUSTFLAGS="-C target-cpu=native" cargo test -p pleach-benches --test algebra
//! ```
//!
//! `CASES=100000` runs longer.

use pleach_testkit::{Key, keys};
use proptest::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Keys and values in order.
type Entries = Vec<(Key, u64)>;

/// What the four operations make of two maps.
macro_rules! side {
    ($side:ident: $krate:ident) => {
        mod $side {
            use super::*;
            use $krate::PathMap;

            pub(super) fn map_of(entries: &[(Key, u64)]) -> PathMap<u64> {
                let mut map = PathMap::new();
                for (key, value) in entries {
                    let _ = map.insert(key, *value);
                }
                map
            }

            /// Of two maps, the second one a changed snapshot of the first if `snapshot`.
            pub(super) fn run(first: &Entries, second: &Entries, snapshot: bool) -> [Entries; 4] {
                let a = map_of(first);
                let b = match snapshot {
                    false => map_of(second),
                    true => {
                        let mut b = a.clone();
                        for (key, value) in second {
                            let _ = match value % 4 {
                                0 => b.remove(key),
                                _ => b.insert(key, *value),
                            };
                        }
                        b
                    }
                };
                [a.join(&b), a.meet(&b), a.subtract(&b), a.restrict(&b)].map(|map| {
                    let entries = map.iter().map(|(key, value)| (key.to_vec(), *value));
                    entries.collect()
                })
            }
        }
    };
}

side!(ours: pleach);
side!(theirs: pathmap);

fn config() -> ProptestConfig {
    let cases = std::env::var("CASES").ok();
    let cases = cases.map_or(256, |cases| cases.parse().expect("CASES is a number"));
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..Default::default()
    }
}

/// Two lists of entries that have some keys in common, and some values at these.
fn two() -> impl Strategy<Value = [Entries; 2]> {
    (keys::key_set(), any::<u64>()).prop_map(|(keys, seed)| {
        let chosen = |n: usize, side: u64| {
            let id =
                (n as u64 ^ seed.rotate_left(side as u32 * 17)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            (id >> 60 < 9).then_some(id >> 40 & 3 | (n as u64) << 2)
        };
        [1, 2].map(|side| {
            let entries = keys.iter().enumerate().filter(|(_, key)| !key.is_empty());
            entries
                .filter_map(|(n, key)| Some((key.clone(), chosen(n, side)?)))
                .collect()
        })
    })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn operations_agree([first, second] in two(), snapshot in any::<bool>()) {
        let ours = ours::run(&first, &second, snapshot);
        let theirs = catch_unwind(AssertUnwindSafe(|| theirs::run(&first, &second, snapshot)));
        let theirs = theirs.expect("no panic");
        for (i, operation) in ["join", "meet", "subtract", "restrict"].iter().enumerate() {
            // Which of two values a join or a meet of theirs keeps goes by the layout of its nodes.
            let plain = |entries: &Entries| -> Entries {
                let bare = |(key, value): &(Key, u64)| (key.clone(), if i < 2 { 0 } else { *value });
                entries.iter().map(bare).collect()
            };
            let (our, their) = (plain(&ours[i]), plain(&theirs[i]));
            prop_assert_eq!(our, their, "{} of {:?} and {:?}", operation, first, second);
        }
    }
}
