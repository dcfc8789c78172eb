//! What the tests of this crate share: the calls of a script applied to the real thing, and its
//! comparison with the oracle.

#![allow(dead_code, reason = "each test uses a part of it")]

pub(crate) mod expression;
pub(crate) mod lattice;
pub(crate) mod ledger;
pub(crate) mod run;
pub(crate) mod zip;

use pleach_ptr::{Allocator, PtrKind};
use pleach_testkit::values::Seeded;
use pleach_testkit::{Key, Model, Op, Outcome};
use pleach_trie::PathMap;
use std::fmt::Debug;
use std::mem::replace;

/// The map of `keys`, each with its position as seed.
pub(crate) fn map_of<V: Seeded, K: PtrKind, A: Allocator + Clone + Default>(
    keys: &[Key],
) -> PathMap<V, K, A> {
    let mut map = PathMap::default();
    for (seed, key) in (0..).zip(keys) {
        map.insert(key, V::seeded(seed));
    }
    map
}

/// The model of the same.
pub(crate) fn model_of(keys: &[Key]) -> Model<u64> {
    keys.iter().zip(0..).collect()
}

/// Makes the call.
pub(crate) fn apply<V: Seeded, K: PtrKind, A: Allocator + Clone + Default>(
    op: &Op,
    map: &mut PathMap<V, K, A>,
) -> Outcome<V> {
    match op {
        Op::Insert(key, seed) => Outcome::Value(map.insert(key, V::seeded(*seed))),
        Op::SetValAt(key, seed) => Outcome::Value(map.set_val_at(key, V::seeded(*seed))),
        Op::GetMut(key, seed) => Outcome::Value(
            map.get_mut(key)
                .map(|value| replace(value, V::seeded(*seed))),
        ),
        Op::GetOrSet(key, seed) => {
            let value = map.get_val_or_set_mut_at(key, V::seeded(*seed));
            Outcome::Value(Some(value.clone()))
        }
        Op::GetOrSetWith(key, seed) => {
            let mut absent = false;
            let value = map.get_val_or_set_mut_with_at(key, || {
                absent = true;
                V::seeded(*seed)
            });
            *value = V::seeded(*seed);
            Outcome::Bool(absent)
        }
        Op::Remove(key) => Outcome::Value(map.remove(key)),
        Op::RemoveValAt(key, prune) => Outcome::Value(map.remove_val_at(key, *prune)),
        Op::RemoveBranchesAt(key, prune) => Outcome::Bool(map.remove_branches_at(key, *prune)),
        Op::CreatePath(key) => Outcome::Bool(map.create_path(key)),
        Op::PrunePath(key) => Outcome::Bytes(map.prune_path(key)),
        Op::Extend(entries) => {
            map.extend(entries.iter().map(|(key, seed)| (key, V::seeded(*seed))));
            Outcome::Done
        }
        Op::Clear => {
            map.clear();
            Outcome::Done
        }
        Op::Freeze => Outcome::Done,
    }
}

/// Walks the structure, where the crate was built to allow that.
pub(crate) fn check<V, K: PtrKind, A: Allocator>(map: &PathMap<V, K, A>) {
    #[cfg(feature = "testing")]
    map.check().expect("the structure is well formed");
    #[cfg(not(feature = "testing"))]
    let _ = map;
}

/// Asserts that map and model hold the same values, and that the map is well formed.
#[track_caller]
pub(crate) fn assert_values<V, K, A>(map: &PathMap<V, K, A>, model: &Model<u64>)
where
    V: Seeded,
    K: PtrKind,
    A: Allocator + Clone,
{
    check(map);
    let mut expected = model.iter();
    for (key, value) in map.iter() {
        let (path, seed) = expected.next().expect("a key that the model lacks");
        assert_eq!(key, path);
        assert!(value.is(*seed), "the value at {path:?}");
    }
    assert_eq!(expected.next(), None, "a key that the map lacks");
    assert_eq!(map.len(), model.val_count());
    assert_eq!(map.val_count(), model.val_count());
    assert_eq!(map.is_empty(), model.is_empty());
}

/// Asserts that map and model agree about `path` and its neighbours.
#[track_caller]
pub(crate) fn assert_around<V, K, A>(map: &PathMap<V, K, A>, model: &Model<u64>, path: &[u8])
where
    V: Seeded,
    K: PtrKind,
    A: Allocator + Clone,
{
    let longer = [0, b'a', b'b', 255].map(|byte| [path, &[byte]].concat());
    let shorter = (0..=path.len()).rev().take(40).map(|len| &path[..len]);
    for path in shorter.chain(longer.iter().map(|path| &path[..])) {
        assert_eq!(map.path_exists_at(path), model.exists(path), "{path:?}");
        assert_eq!(map.contains(path), model.contains(path), "{path:?}");
        match (map.get(path), model.get(path)) {
            (Some(value), Some(seed)) => assert!(value.is(*seed), "{path:?}"),
            (None, None) => {}
            _ => panic!("only one of map and model has a value at {path:?}"),
        }
    }
}

/// Asserts that map and model are the same in all locations.
#[track_caller]
pub(crate) fn assert_same<V, K, A>(map: &PathMap<V, K, A>, model: &Model<u64>)
where
    V: Seeded + Debug,
    K: PtrKind,
    A: Allocator + Clone,
{
    assert_values(map, model);
    let walked = zip::locations(map);
    assert!(
        walked.agrees(model),
        "the locations differ: {walked:?} and {model:?}"
    );
    for (path, _) in model.locations() {
        assert!(map.path_exists_at(path), "{path:?}");
    }
}
