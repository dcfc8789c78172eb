//! Values whose operations, clones and drops panic at the k-th call: the arguments of set algebra
//! stay as they were, operations in place are done whole or not at all, and nothing is lost.

#![deny(unsafe_code)]

#[allow(unsafe_code, reason = "an allocator that counts is an unsafe trait")]
mod common;

use common::check;
use common::ledger::Ledger;
use pleach_ptr::{PtrKind, Slim, Standard};
use pleach_testkit::values::{CountedId, Seeded, live, panic_at_clone, panic_at_drop};
use pleach_trie::PathMap;
use pleach_trie::algebra::*;
use pleach_trie::zipper::*;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

thread_local! {
    static FUSE: Cell<u64> = const { Cell::new(0) };
}

/// A value whose operations panic at the call that `FUSE` counts down to.
#[derive(Clone, Debug, PartialEq)]
struct Biting(CountedId, u64);

impl Biting {
    fn new(seed: u64) -> Self {
        Self(CountedId::seeded(seed), seed)
    }

    fn bite() {
        let left = FUSE.get();
        FUSE.set(left.saturating_sub(1));
        if left == 1 {
            resume_unwind(Box::new("an operation"));
        }
    }
}

impl Lattice for Biting {
    const IDEMPOTENT: bool = false;

    fn pjoin(&self, other: &Self) -> AlgebraicResult<Self> {
        Self::bite();
        match self.1 % 3 {
            0 => AlgebraicResult::Identity(SELF_IDENT),
            1 => AlgebraicResult::Identity(COUNTER_IDENT),
            _ => AlgebraicResult::Element(Self::new(self.1 + other.1)),
        }
    }

    fn pmeet(&self, other: &Self) -> AlgebraicResult<Self> {
        self.pjoin(other)
    }
}

impl DistributiveLattice for Biting {
    const IDEMPOTENT: bool = false;

    fn psubtract(&self, other: &Self) -> AlgebraicResult<Self> {
        match self.1 % 2 {
            0 => AlgebraicResult::None,
            _ => self.pjoin(other),
        }
    }
}

type Map<K> = PathMap<Biting, K, Ledger>;

fn map_of<K: PtrKind>(keys: impl IntoIterator<Item = String>) -> Map<K> {
    keys.into_iter()
        .zip(0..)
        .map(|(key, i)| (key, Biting::new(i)))
        .collect()
}

/// Pairs of maps: buckets, a bucket and branches, branches that overlap, and edited snapshots.
fn pairs<K: PtrKind>() -> Vec<[Map<K>; 2]> {
    let key = |n: u32| format!("key/{}/{n}", n % 5);
    let few = map_of([1, 2, 3, 4].map(key));
    let more = map_of((3..20).map(key));
    let many = map_of((0..90).map(key));
    let others = map_of((60..150).step_by(2).map(key));
    let mut edited = many.clone();
    edited.insert("key/1/new", Biting::new(901));
    edited.insert("key/", Biting::new(902));
    edited.remove(key(7));
    vec![
        [few.clone(), more.clone()],
        [few, many.clone()],
        [many.clone(), more],
        [many.clone(), others],
        [many, edited],
    ]
}

type Operation<K> = fn(&mut Map<K>, &Map<K>);

fn operations<K: PtrKind>() -> Vec<Operation<K>> {
    vec![
        |a, b| _ = a.join_assign(b),
        |a, b| _ = a.meet_assign(b),
        |a, b| _ = a.subtract_assign(b),
        |a, b| _ = a.restrict_assign(b),
        |a, b| *a = a.union_with(b, |a, b| Biting::new(a.1 + b.1)),
        |a, b| *a = a.symmetric_difference(b),
        |a, b| *a = PathMap::join_all([&*a, b, a]),
        |a, b| {
            _ = a
                .write_zipper_at_path("key/")
                .join_into(&b.read_zipper_at_path("key/"))
        },
        |a, b| {
            _ = a
                .write_zipper_at_path("key/1")
                .meet_2(&b.read_zipper(), &b.read_zipper())
        },
        |a, b| {
            _ = a
                .write_zipper_at_path("ke")
                .meet_into(&b.read_zipper_at_path("ke"), true)
        },
        |a, b| {
            _ = a
                .write_zipper_at_path("k")
                .subtract_into(&b.read_zipper_at_path("k"), true)
        },
        |a, b| _ = a.write_zipper().restricting(&b.read_zipper()),
        |a, _| _ = a.write_zipper_at_path("key/").join_k_path_into(2, true),
        |a, _| _ = a.write_zipper_at_path("key/").meet_k_path_into(2, true),
    ]
}

fn seeds<K: PtrKind>(map: &Map<K>) -> Vec<(Vec<u8>, u64)> {
    map.iter().map(|(key, value)| (key, value.1)).collect()
}

fn run<K: PtrKind>(fuses: [fn(u64); 2]) {
    for [a, b] in pairs::<K>() {
        let before = [seeds(&a), seeds(&b)];
        for (number, operation) in operations().into_iter().enumerate() {
            let mut whole = a.clone();
            operation(&mut whole, &b);
            let after = seeds(&whole);
            for fuse in fuses {
                for k in 1.. {
                    let mut map = a.clone();
                    fuse(k);
                    let panicked = catch_unwind(AssertUnwindSafe(|| operation(&mut map, &b)));
                    fuse(0);
                    check(&map);
                    let now = seeds(&map);
                    assert!(
                        now == after || panicked.is_err() && now == before[0],
                        "operation {number} with a panic at call {k}"
                    );
                    if panicked.is_ok() {
                        break;
                    }
                }
                assert!([seeds(&a), seeds(&b)] == before, "operation {number}");
            }
        }
    }
    assert_eq!((live(), Ledger::First.bytes()), (0, 0));
}

#[test]
fn panics_of_operations_and_clones_slim() {
    run::<Slim>([|k| FUSE.set(k), panic_at_clone]);
}

#[test]
fn panics_of_operations_and_clones_standard() {
    run::<Standard>([|k| FUSE.set(k), panic_at_clone]);
}

/// A drop may panic when the operation is done, or before it has changed anything.
#[test]
fn panics_of_drops() {
    run::<Slim>([panic_at_drop, panic_at_drop]);
}

/// Between two pools everything is copied: so there are more clones that may panic.
#[test]
fn panics_while_foreign_maps_are_copied() {
    for k in 1.. {
        let own = map_of::<Slim>((0..40).map(|n| format!("key/{n}")));
        let mut foreign = Map::<Slim>::with_kind_in(Ledger::Second);
        for n in 20..60 {
            foreign.insert(format!("key/{n}"), Biting::new(n));
        }
        panic_at_clone(k);
        let panicked = catch_unwind(AssertUnwindSafe(|| drop(own.join(&foreign)))).is_err();
        panic_at_clone(0);
        drop((own, foreign));
        let bytes = [Ledger::First, Ledger::Second].map(Ledger::bytes);
        assert_eq!((live(), bytes), (0, [0, 0]), "at clone {k}");
        if !panicked {
            break;
        }
    }
}
