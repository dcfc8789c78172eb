//! Values whose `Clone` or `Drop` panics at its k-th call, for every k and every call of the API: the
//! map stays valid, and nothing is lost but what panicked.

#![deny(unsafe_code)]

#[allow(unsafe_code, reason = "an allocator that counts is an unsafe trait")]
mod common;

use common::ledger::Ledger;
use common::{apply, assert_values, check, map_of, model_of, zip};
use pleach_ptr::{PtrKind, Slim, Standard};
use pleach_testkit::values::{Aligned128, CountedId, Seeded, live, panic_at_clone, panic_at_drop};
use pleach_testkit::{Edit, Key, Model, ModelZipper, Op, Origin, Outcome};
use pleach_trie::PathMap;
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A call of the map's own API, or of a write zipper at a root and a path.
#[derive(Clone, Debug)]
enum Call {
    Map(Op),
    Zipper(Key, Key, Edit),
}

impl Call {
    fn apply<V: Seeded, K: PtrKind>(
        &self,
        map: &mut PathMap<V, K, Ledger>,
        kept: &[PathMap<V, K, Ledger>],
    ) -> Outcome<V> {
        match self {
            Self::Map(op) => apply(op, map),
            Self::Zipper(root, path, edit) => {
                let mut zipper = map.write_zipper_at_path(root);
                zip::descend(&mut zipper, path);
                zip::apply_edit(edit, &mut zipper, kept)
            }
        }
    }

    fn expect(&self, model: &Model<u64>, kept: &[Model<u64>]) -> (Model<u64>, Outcome<u64>) {
        match self {
            Self::Map(op) => {
                let mut model = model.clone();
                let outcome = op.apply(&mut model);
                (model, outcome)
            }
            Self::Zipper(root, path, edit) => {
                let mut zipper = ModelZipper::new(model.clone(), root);
                zipper.descend_to(path);
                let outcome = edit.apply(&mut zipper, kept);
                (zipper.into_model(), outcome)
            }
        }
    }
}

/// Maps to call something on: a few keys, a bucket and its burst, buckets of several keys below a
/// node, a fan, and long common runs; if `inner`, with values where these branch, too.
fn bases(inner: bool) -> Vec<Vec<Key>> {
    let few = ["key", "key/1", "other"].map(Key::from).to_vec();
    let bucket = (0..32).map(|i| format!("key/{i}").into()).collect();
    let burst = (0..40).map(|i| format!("key/{i}").into()).collect();
    let forked = (0..40).map(|i| format!("key/{i:02}").into()).collect();
    let fan = (0..40).map(|i| [b"key/", &[i * 6][..]].concat()).collect();
    let run = "key/".bytes().chain(std::iter::repeat_n(b'r', 600));
    let run: Key = run.collect();
    let long = (5..=600).step_by(40).map(|len| run[..len].to_vec());
    let mut bases: Vec<Vec<Key>> = vec![few, bucket, burst, forked, fan, long.collect()];
    for keys in bases.iter_mut().filter(|_| inner) {
        keys.extend(["", "k", "key/", "key/1"].map(Key::from));
    }
    bases
}

/// Each call that may change a map, about a key that is there, one that is not, and a start.
fn calls() -> Vec<Call> {
    let keys = [
        "key/1",
        "key/2",
        "key/17",
        "key/1/new",
        "key/",
        "k",
        "",
        "else",
    ]
    .map(Key::from);
    let origin = |map, path: &str| Origin {
        map,
        path: path.into(),
    };
    let mask = |bytes: &[u8]| bytes.iter().copied().collect::<BTreeSet<u8>>();
    let mut calls = Vec::new();
    for key in keys {
        let ops = [
            Op::Insert(key.clone(), 901),
            Op::GetMut(key.clone(), 902),
            Op::GetOrSet(key.clone(), 903),
            Op::GetOrSetWith(key.clone(), 904),
            Op::Remove(key.clone()),
            Op::RemoveValAt(key.clone(), false),
            Op::RemoveBranchesAt(key.clone(), true),
            Op::RemoveBranchesAt(key.clone(), false),
            Op::CreatePath(key.clone()),
            Op::PrunePath(key.clone()),
        ];
        let edits = [
            Edit::SetVal(905),
            Edit::RemoveVal(true),
            Edit::Graft(origin(0, "key/")),
            Edit::Graft(origin(1, "nowhere")),
            Edit::GraftMap(origin(1, "")),
            Edit::TakeMap(true),
            Edit::TakeMap(false),
            Edit::GraftChildMaps(mask(b"12"), 2, origin(0, ""), false),
            Edit::GraftChildMaps(mask(b"12"), 2, origin(1, ""), true),
            Edit::GraftMaskedBranches(mask(b"1k"), origin(0, "key/"), false),
            Edit::GraftMaskedBranches(mask(b"1k"), origin(0, ""), true),
            Edit::InsertPrefix("1".into()),
            Edit::RemovePrefix(1),
            Edit::RemovePrefix(2),
            Edit::RemoveUnmaskedBranches(mask(b"1k"), true),
            Edit::PruneAscend,
        ];
        calls.extend(ops.into_iter().map(Call::Map));
        let zipper = |(i, edit)| {
            let at = key.len().min(i % 3);
            Call::Zipper(key[..at].to_vec(), key[at..].to_vec(), edit)
        };
        calls.extend(edits.into_iter().enumerate().map(zipper));
    }
    calls
}

/// Runs `act` in a catch, and tells whether it panicked.
fn panics(act: impl FnOnce()) -> bool {
    catch_unwind(AssertUnwindSafe(act)).is_err()
}

fn run_clone_panics<V: Seeded + Debug, K: PtrKind>() {
    for keys in [bases(false), bases(true)].concat() {
        let base: PathMap<V, K, Ledger> = map_of(&keys);
        let other: PathMap<V, K, Ledger> = map_of(&[b"1".to_vec(), b"2x".to_vec()]);
        let kept = [base.clone(), other];
        let before = model_of(&keys);
        let models = [before.clone(), model_of(&[b"1".to_vec(), b"2x".to_vec()])];
        for call in calls() {
            let (after, expected) = call.expect(&before, &models);
            for k in 1.. {
                let mut map = base.clone();
                panic_at_clone(k);
                let panicked = panics(|| {
                    let outcome = call.apply(&mut map, &kept);
                    panic_at_clone(0);
                    assert!(outcome.agrees(&expected), "{call:?} gave {outcome:?}");
                });
                panic_at_clone(0);
                check(&map);
                let now = zip::locations(&map);
                assert!(
                    now.agrees(&after) || panicked && now.agrees(&before),
                    "{call:?} with a panic at clone {k} left {now:?}"
                );
                if !panicked {
                    break;
                }
            }
            assert_values(&base, &before);
            assert_values(&kept[1], &models[1]);
        }
        drop((base, kept));
        assert_eq!((live(), Ledger::First.bytes()), (0, 0));
    }
}

fn run_drop_panics<V: Seeded + Debug, K: PtrKind>() {
    for keys in bases(true) {
        for call in calls() {
            for k in 1.. {
                let mut map: PathMap<V, K, Ledger> = map_of(&keys);
                let kept = [map_of(&keys), map_of(&[b"1".to_vec(), b"2x".to_vec()])];
                panic_at_drop(k);
                let panicked = panics(|| drop(call.apply(&mut map, &kept)));
                panic_at_drop(0);
                check(&map);
                assert_eq!(map.len(), map.iter().count(), "{call:?} at drop {k}");
                assert_values(&kept[0], &model_of(&keys));
                map.insert("key/1", V::seeded(906));
                assert!(map.get("key/1").is_some_and(|value| value.is(906)));
                drop((map, kept));
                assert_eq!(
                    (live(), Ledger::First.bytes()),
                    (0, 0),
                    "{call:?} at drop {k}"
                );
                if !panicked {
                    break;
                }
            }
        }
    }
}

/// Whatever value of whichever shared node panics as it is cloned: what `append` and `split_off` have
/// not moved is still where it was.
#[test]
fn moves_that_panic_lose_nothing() {
    fn run<K: PtrKind>() {
        for keys in [bases(false), bases(true)].concat() {
            for stem in ["", "key/", "key/1", "else", "z"] {
                let here: PathMap<CountedId, K, Ledger> = map_of(&keys);
                let others = bases(true).concat();
                let others = others.iter().map(|key| [stem.as_bytes(), key].concat());
                // In one allocator branches move, into another one they are copied.
                let ledger = [Ledger::First, Ledger::Second][stem.len() % 2];
                let mut there = PathMap::<CountedId, K, Ledger>::with_kind_in(ledger);
                there.extend(others.map(|key| (key, CountedId::seeded(908))));
                let all: BTreeSet<Key> = here.keys().chain(there.keys()).collect();
                let union = |a: &PathMap<_, K, _>, b: &PathMap<_, K, _>| {
                    check(a);
                    check(b);
                    a.keys().chain(b.keys()).collect::<BTreeSet<Key>>()
                };
                for k in 1.. {
                    let (mut into, mut from) = (here.clone(), there.clone());
                    panic_at_clone(k);
                    let panicked = panics(|| into.append(&mut from));
                    panic_at_clone(0);
                    assert!(union(&into, &from) == all, "append, clone {k}");
                    if !panicked {
                        break;
                    }
                }
                for k in 1.. {
                    let mut low = there.clone();
                    let mut high = None;
                    panic_at_clone(k);
                    let panicked = panics(|| high = Some(low.split_off("key/2")));
                    panic_at_clone(0);
                    let high = high.unwrap_or_else(|| map_of(&[]));
                    assert!(union(&low, &high).len() == there.len(), "split, clone {k}");
                    if !panicked {
                        break;
                    }
                }
            }
        }
        assert_eq!((live(), Ledger::First.bytes()), (0, 0));
    }
    run::<Slim>();
    run::<Standard>();
}

#[test]
fn clone_panics_leave_before_or_after_slim() {
    run_clone_panics::<CountedId, Slim>();
}

#[test]
fn clone_panics_leave_before_or_after_standard() {
    run_clone_panics::<CountedId, Standard>();
}

#[test]
fn clone_panics_leave_before_or_after_aligned() {
    run_clone_panics::<Aligned128, Slim>();
}

#[test]
fn drop_panics_leave_a_valid_map_slim() {
    run_drop_panics::<CountedId, Slim>();
}

#[test]
fn drop_panics_leave_a_valid_map_standard() {
    run_drop_panics::<CountedId, Standard>();
}

/// The whole map goes, whichever of its values panics on the way, also where a clone shares a part.
#[test]
fn a_drop_that_panics_stops_no_other() {
    fn run<K: PtrKind>() {
        for keys in bases(true) {
            for k in 1..=model_of(&keys).val_count() as u64 {
                let map: PathMap<CountedId, K, Ledger> = map_of(&keys);
                panic_at_drop(k);
                assert!(panics(|| drop(map)));
                assert_eq!((live(), Ledger::First.bytes()), (0, 0), "at drop {k}");
                let map: PathMap<CountedId, K, Ledger> = map_of(&keys);
                let mut edited = map.clone();
                edited.insert("key/1", CountedId::seeded(907));
                edited.remove("key/2");
                panic_at_drop(k);
                panics(|| drop(map));
                check(&edited);
                panics(|| drop(edited));
                panic_at_drop(0);
                assert_eq!((live(), Ledger::First.bytes()), (0, 0), "at drop {k}");
            }
        }
    }
    run::<Slim>();
    run::<Standard>();
}
