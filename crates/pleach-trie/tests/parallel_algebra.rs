//! Set algebra in parallel against the same on one thread: entries, nodes, what is shared, panics.

#![cfg(feature = "rayon")]

mod common;

use common::check;
use common::lattice::{Count, Value};
use pleach_ptr::{PtrKind, Slim, Standard};
use pleach_testkit::{Key, keys};
use pleach_trie::PathMap;
use pleach_trie::algebra::*;
use proptest::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, LazyLock};

/// Pools of 1 and 4 threads.
fn pools() -> &'static [ThreadPool; 2] {
    static POOLS: LazyLock<[ThreadPool; 2]> = LazyLock::new(|| {
        let pool = |threads| ThreadPoolBuilder::new().num_threads(threads).build();
        [1, 4].map(|threads| pool(threads).expect("threads"))
    });
    &POOLS
}

/// A scrambled number.
fn mixed(n: u64) -> u64 {
    (n ^ n >> 29)
        .wrapping_mul(0x9E37_79B9_7F4A_7C15)
        .rotate_left(23)
}

/// A map of many keys below each stem: of those that every map has, as many as `share` of 8.
fn map_of<V: Value, K: PtrKind>(stems: &[Key], share: u64, seed: u64) -> PathMap<V, K> {
    let mut map = PathMap::default();
    for (stem, n) in stems.iter().zip(0_u64..) {
        map.insert(stem, V::of(n));
        for end in (0..400).map(|i| i * 7) {
            let id = mixed(n << 32 | end);
            let chosen = if id % 8 < share { id } else { mixed(id ^ seed) };
            if chosen & 0x100 != 0 {
                let end = u16::to_be_bytes(end as u16);
                map.insert([stem, &end[..]].concat(), V::of(chosen >> 40));
            }
        }
    }
    map
}

/// That two maps are the same in entries and nodes, and share the same with the arguments.
fn assert_alike<V: Value, K: PtrKind>(
    par: &PathMap<V, K>,
    one: &PathMap<V, K>,
    arguments: [&PathMap<V, K>; 2],
) {
    check(par);
    assert_eq!(par, one);
    assert_eq!(par.memory(), one.memory());
    for argument in arguments {
        assert_eq!(par.ptr_eq(argument), one.ptr_eq(argument));
        let shared = argument.memory_shared_with(par);
        assert_eq!(shared, argument.memory_shared_with(one));
    }
}

fn run<V: Value + Send + Sync, K: PtrKind>(stems: &[Key], share: u64, edits: &[Key]) {
    let a = map_of::<V, K>(stems, share, 1);
    let b = map_of::<V, K>(stems, share, 2);
    let mut edited = a.clone();
    edited.extend(edits.iter().zip(0..).map(|(key, n)| (key, V::of(n))));
    let heads: PathMap<V, K> = stems.iter().map(|stem| (stem, V::of(0))).collect();
    for (x, y) in [
        (&a, &b),
        (&a, &edited),
        (&edited, &a),
        (&a, &a),
        (&b, &heads),
    ] {
        for pool in pools() {
            pool.install(|| {
                assert_alike(&x.par_join(y), &x.join(y), [x, y]);
                assert_alike(&x.par_meet(y), &x.meet(y), [x, y]);
                assert_alike(&x.par_subtract(y), &x.subtract(y), [x, y]);
                assert_alike(&x.par_restrict(y), &x.restrict(y), [x, y]);
            });
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.min(24), ..Default::default() })]

    #[test]
    fn integers(stems in keys::key_set(), share in 0..=8_u64, edits in keys::key_set()) {
        run::<u64, Slim>(&stems[..stems.len().min(40)], share, &edits);
    }

    #[test]
    fn counts_standard(stems in keys::key_set(), share in 0..=8_u64, edits in keys::key_set()) {
        run::<Count, Standard>(&stems[..stems.len().min(40)], share, &edits);
    }
}

/// Keys that lead down far, with a branch at each step: divided only as deep as the stack allows.
#[test]
fn ladders_of_any_length() {
    let rung = |n: usize, last: u8| [&vec![b'x'; n][..], &[last]].concat();
    let all = |last: u8| (0..1_500).map(move |n| rung(n, last));
    let a: PathMap<u64> = all(b'a').zip(0..).collect();
    let b: PathMap<u64> = all(b'b').zip(0..).collect();
    pools()[1].install(|| {
        assert_alike(&a.par_join(&b), &a.join(&b), [&a, &b]);
        assert!(a.par_meet(&b).is_empty());
    });
}

/// A value whose operations and clones panic at the call that its fuse counts down to.
#[derive(Debug)]
struct Biting {
    id: u64,
    fuse: Arc<AtomicU64>,
    alive: Arc<()>,
}

impl Biting {
    fn bite(&self) {
        if self
            .fuse
            .fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1))
            == Ok(1)
        {
            resume_unwind(Box::new("the fuse"));
        }
    }
}

impl Clone for Biting {
    fn clone(&self) -> Self {
        self.bite();
        Self {
            id: self.id,
            fuse: self.fuse.clone(),
            alive: self.alive.clone(),
        }
    }
}

impl Lattice for Biting {
    const IDEMPOTENT: bool = false;

    fn pjoin(&self, other: &Self) -> AlgebraicResult<Self> {
        self.bite();
        match (self.id + other.id) % 3 {
            0 => AlgebraicResult::Identity(SELF_IDENT),
            1 => AlgebraicResult::Identity(COUNTER_IDENT),
            _ => AlgebraicResult::Element(self.clone()),
        }
    }

    fn pmeet(&self, other: &Self) -> AlgebraicResult<Self> {
        self.pjoin(other)
    }
}

#[test]
fn panics_leave_the_arguments_and_lose_nothing() {
    let (fuse, alive) = (Arc::new(AtomicU64::new(0)), Arc::new(()));
    let value = |id| Biting {
        id,
        fuse: fuse.clone(),
        alive: alive.clone(),
    };
    let make = |step: u64| -> PathMap<Biting> {
        let numbers = (0..40_000).filter(|n| n % step != 0);
        numbers
            .map(|n| (mixed(n).to_be_bytes(), value(n)))
            .collect()
    };
    let (a, b) = (make(3), make(4));
    let ids = |map: &PathMap<Biting>| map.values().map(|value| value.id).collect::<Vec<_>>();
    let (before, owned) = ([ids(&a), ids(&b)], Arc::strong_count(&alive));
    for operation in [PathMap::par_join, PathMap::par_meet] {
        for calls in [1, 2, 100, 1_000, 7_000, 15_000, 20_001] {
            fuse.store(calls, Relaxed);
            let run = || drop(pools()[1].install(|| operation(&a, &b)));
            assert!(catch_unwind(AssertUnwindSafe(run)).is_err());
            fuse.store(0, Relaxed);
            assert_eq!([ids(&a), ids(&b)], before);
            assert_eq!(Arc::strong_count(&alive), owned, "values lost or leaked");
            check(&a);
        }
    }
}
