//! Random scripts at all levels: blocks are disjoint, keep their bytes, and are all accounted for.

#![cfg(not(any(pleach_loom, pleach_shuttle)))]

mod common;

use std::collections::BTreeMap;
use std::ptr::NonNull;

use common::{Visit, assert_adds_up, assert_empty, at_all_levels, config};
use pleach_pool::{AllocError, FreeError, Handle, Pool};
use proptest::prelude::*;

/// A step of a script.
#[derive(Debug, Clone)]
enum Step {
    Alloc { size: usize, align: usize },
    Free { which: usize },
    FreeAgain,
    Trim,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let size = prop_oneof![
        8 => 1..200_usize,
        4 => 200..8192_usize,
        2 => 8192..70_000_usize,
        1 => 70_000..300_000_usize,
    ];
    let alloc = (size, 0..=12_u32).prop_map(|(size, log)| Step::Alloc {
        size,
        align: 1 << log,
    });
    let step = prop_oneof![
        6 => alloc,
        4 => any::<usize>().prop_map(|which| Step::Free { which }),
        1 => Just(Step::FreeAgain),
        1 => Just(Step::Trim),
    ];
    prop::collection::vec(step, 1..120)
}

struct Script(Vec<Step>);

impl Visit for Script {
    fn visit<P: Pool>(&self, pool: &P) {
        // By address: how long, the handle, and what it is filled with.
        let mut live: BTreeMap<usize, (usize, Handle, u8)> = BTreeMap::new();
        let mut freed = None;
        for (n, step) in self.0.iter().enumerate() {
            match *step {
                Step::Alloc { size, align } => {
                    let handle = match pool.alloc_aligned(size, align) {
                        Ok(handle) => handle,
                        Err(AllocError::Capacity { asked, .. }) => {
                            assert_eq!(asked, size);
                            continue;
                        }
                        Err(error) => panic!("{error}"),
                    };
                    let block = bytes(pool, handle);
                    let (start, len) = (block.cast::<u8>().addr().get(), block.len());
                    assert!(len >= size && start.is_multiple_of(align));
                    let before = live.range(..start + len).next_back();
                    assert!(
                        before.is_none_or(|(&at, &(len, ..))| at + len <= start),
                        "blocks overlap"
                    );
                    // SAFETY: the block is ours.
                    unsafe { block.cast::<u8>().write_bytes(n as u8, len) };
                    live.insert(start, (len, handle, n as u8));
                }
                Step::Free { which } if !live.is_empty() => {
                    let start = *live.keys().nth(which % live.len()).unwrap();
                    let (_, handle, fill) = live.remove(&start).unwrap();
                    assert!(is_filled(pool, handle, fill));
                    pool.free(handle).unwrap();
                    freed = Some(handle);
                }
                Step::FreeAgain => {
                    if let Some(handle) = freed {
                        assert_eq!(pool.free(handle), Err(FreeError::Stale));
                    }
                }
                Step::Free { .. } => {}
                Step::Trim => assert!(pool.trim() <= pool.stats().capacity_bytes),
            }
            let stats = pool.stats();
            assert!(stats.adds_up(), "{}: {stats:?}", pool.level());
            assert_eq!(stats.live_blocks, live.len());
            assert_eq!(stats.live_bytes, live.values().map(|(len, ..)| len).sum());
            assert!(stats.committed_bytes <= stats.capacity_bytes);
        }
        for (_, (_, handle, fill)) in live {
            assert!(is_filled(pool, handle, fill));
            pool.free(handle).unwrap();
        }
        assert_adds_up(pool);
        assert_empty(pool);
    }
}

fn is_filled<P: Pool>(pool: &P, handle: Handle, fill: u8) -> bool {
    // SAFETY: the block is ours, and was filled.
    let bytes = unsafe { bytes(pool, handle).as_ref() };
    bytes.iter().all(|&byte| byte == fill)
}

fn bytes<P: Pool>(pool: &P, handle: Handle) -> NonNull<[u8]> {
    // SAFETY: the handles passed here are of blocks in use.
    unsafe { pool.as_ptr(handle) }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn scripts_do_the_same_at_all_levels(steps in steps()) {
        at_all_levels(&config(6), &Script(steps));
    }
}
