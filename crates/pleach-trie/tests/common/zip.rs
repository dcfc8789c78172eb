//! The zippers' side of the scripts.

use super::{assert_same, map_of, model_of};
use pleach_ptr::{Allocator, PtrKind, SharedAllocator};
use pleach_testkit::values::Seeded;
use pleach_testkit::{Edit, EditScript, Jump, Model, ModelZipper, Move, Outcome};
use pleach_trie::zipper::*;
use pleach_trie::{ByteMask, PathMap};
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::mem::replace;

/// A script ends where grafts have made the oracle larger than this: it keeps every prefix.
pub(crate) const LOCATIONS_MAX: usize = 8_000;

/// All locations of the map with clones of their values, found by steps of a zipper.
pub(crate) fn locations<V, K, A>(map: &PathMap<V, K, A>) -> Model<V>
where
    V: Clone,
    K: PtrKind,
    A: Allocator + Clone,
{
    let mut model = Model::new();
    let mut z = map.read_zipper();
    loop {
        match z.val() {
            Some(value) => drop(model.insert(z.path(), value.clone())),
            None => drop(model.create_path(z.path())),
        }
        if !z.to_next_step() {
            return model;
        }
    }
}

/// Asserts that a zipper stands where the oracle stands, and sees the same there.
#[track_caller]
pub(crate) fn assert_stands<V, Z>(z: &Z, oracle: &ModelZipper<u64>)
where
    V: Seeded,
    Z: Zipper + ZipperMoving + ZipperAbsolutePath + ZipperValues<V>,
{
    assert_eq!(z.path(), oracle.path());
    assert_eq!(z.origin_path(), oracle.origin_path());
    assert_eq!(z.root_prefix_path(), oracle.root_prefix_path());
    assert_eq!(z.at_root(), oracle.at_root());
    assert_eq!(z.path_exists(), oracle.path_exists());
    assert_eq!(z.is_val(), oracle.is_val());
    assert_eq!(z.child_count(), oracle.child_count());
    assert_eq!(bytes(z.child_mask()), oracle.child_mask());
    assert_eq!(z.val_count(), oracle.val_count());
    for rel in ["", "a", "b", "ab"] {
        assert_value(z.val_at(rel), oracle.val_at(rel.as_bytes()));
    }
    assert_value(z.val(), oracle.val());
}

/// Asserts that a value is that of the seed.
#[track_caller]
pub(crate) fn assert_value<V: Seeded>(value: Option<&V>, seed: Option<&u64>) {
    match (value, seed) {
        (Some(value), Some(seed)) => assert!(value.is(*seed), "not the value of {seed}"),
        (None, None) => {}
        _ => panic!("a value is there: {}; expected: {seed:?}", value.is_some()),
    }
}

fn bytes(mask: ByteMask) -> BTreeSet<u8> {
    mask.iter().collect()
}

/// Appends `path` to that of a zipper.
pub(crate) fn descend(z: &mut impl ZipperMoving, path: &[u8]) {
    z.descend_to(path);
}

/// Makes the movement.
pub(crate) fn step<V>(step: &Move, z: &mut impl ZipperMoving) -> Outcome<V> {
    use Outcome::{Bool, Bytes, Done};
    match step {
        Move::Reset => {
            z.reset();
            Done
        }
        Move::MoveToPath(path) => Bytes(z.move_to_path(path)),
        Move::DescendTo(key) => {
            z.descend_to(key);
            Done
        }
        Move::DescendToCheck(key) => Bool(z.descend_to_check(key)),
        Move::DescendToExisting(key) => Bytes(z.descend_to_existing(key)),
        Move::DescendToVal(key) => Bytes(z.descend_to_val(key)),
        Move::DescendToByte(byte) => {
            z.descend_to_byte(*byte);
            Done
        }
        Move::DescendToExistingByte(byte) => Bool(z.descend_to_existing_byte(*byte)),
        Move::DescendIndexedByte(index) => Bool(z.descend_indexed_byte(*index)),
        Move::DescendFirstByte => Bool(z.descend_first_byte()),
        Move::DescendLastByte => Bool(z.descend_last_byte()),
        Move::DescendUntil => Bool(z.descend_until()),
        Move::DescendUntilMaxBytes(max) => Bool(z.descend_until_max_bytes(*max)),
        Move::Ascend(n) => Bool(z.ascend(*n)),
        Move::AscendByte => Bool(z.ascend_byte()),
        Move::AscendUntil => Bool(z.ascend_until()),
        Move::AscendUntilBranch => Bool(z.ascend_until_branch()),
        Move::ToNextSiblingByte => Bool(z.to_next_sibling_byte()),
        Move::ToPrevSiblingByte => Bool(z.to_prev_sibling_byte()),
        Move::ToNextStep => Bool(z.to_next_step()),
    }
}

/// Makes the movement.
pub(crate) fn jump<V>(jump: Jump, z: &mut impl ZipperIteration) -> Outcome<V> {
    Outcome::Bool(match jump {
        Jump::ToNextVal => z.to_next_val(),
        Jump::DescendFirstKPath(k) => z.descend_first_k_path(k),
        Jump::ToNextKPath(k) => z.to_next_k_path(k),
        Jump::DescendLastPath => z.descend_last_path(),
    })
}

/// Makes the edit, with the kept maps to graft from.
pub(crate) fn apply_edit<V, K, A, Z>(
    edit: &Edit,
    z: &mut Z,
    kept: &[PathMap<V, K, A>],
) -> Outcome<V>
where
    V: Seeded,
    K: PtrKind,
    A: SharedAllocator,
    Z: ZipperMoving + ZipperWriting<V, K, A>,
{
    taking(edit, z, kept, |_| ())
}

/// As `apply_edit`; `keep` gets the map that is taken out.
fn taking<V, K, A, Z>(
    edit: &Edit,
    z: &mut Z,
    kept: &[PathMap<V, K, A>],
    keep: impl FnOnce(PathMap<V, K, A>),
) -> Outcome<V>
where
    V: Seeded,
    K: PtrKind,
    A: SharedAllocator,
    Z: ZipperMoving + ZipperWriting<V, K, A>,
{
    use Outcome::{Bool, Bytes, Done, Map, Value};
    match edit {
        Edit::Move(movement) => step(movement, z),
        Edit::SetVal(seed) => Value(z.set_val(V::seeded(*seed))),
        Edit::UnsetVal => Value(z.set_val(None)),
        Edit::GetMut(seed) => Value(
            z.get_val_mut()
                .map(|value| replace(value, V::seeded(*seed))),
        ),
        Edit::GetOrSet(seed) => Value(Some(z.get_val_or_set_mut(V::seeded(*seed)).clone())),
        Edit::GetOrSetWith(seed) => {
            let mut absent = false;
            let value = z.get_val_or_set_mut_with(|| {
                absent = true;
                V::seeded(*seed)
            });
            *value = V::seeded(*seed);
            Bool(absent)
        }
        Edit::RemoveVal(prune) => Value(z.remove_val(*prune)),
        Edit::CreatePath => Bool(z.create_path()),
        Edit::PrunePath => Bytes(z.prune_path()),
        Edit::PruneAscend => Bytes(z.prune_ascend()),
        Edit::Graft(origin) => {
            let mut source = origin.choose(kept).read_zipper();
            source.descend_to(&origin.path);
            z.graft(&source);
            Done
        }
        Edit::GraftMap(origin) => {
            z.graft_map(origin.choose(kept).clone());
            Done
        }
        Edit::TakeMap(prune) => Map(z.take_map(*prune).map(|map| {
            let model = locations(&map);
            keep(map);
            model
        })),
        Edit::GraftChildMaps(mask, count, origin, remove_unset) => {
            let from = origin.map % kept.len();
            let maps = kept.iter().cycle().skip(from).take(*count).cloned();
            z.graft_child_maps(mask.iter().copied().collect(), maps, *remove_unset);
            Done
        }
        Edit::GraftMaskedBranches(mask, origin, remove_unset) => {
            let mut source = origin.choose(kept).read_zipper();
            source.descend_to(&origin.path);
            z.graft_masked_branches(&source, mask.iter().copied().collect(), *remove_unset);
            Done
        }
        Edit::InsertPrefix(prefix) => Bool(z.insert_prefix(prefix)),
        Edit::RemovePrefix(n) => Bool(z.remove_prefix(*n)),
        Edit::RemoveBranches(prune) => Bool(z.remove_branches(*prune)),
        Edit::RemoveUnmaskedBranches(mask, prune) => {
            z.remove_unmasked_branches(mask.iter().copied().collect(), *prune);
            Done
        }
        Edit::Freeze => Done,
    }
}

/// Runs a script of edits on a map and on the oracle, and compares after each. Gives back the kept maps,
/// the other of the script, clones and what was taken out, and last the map itself.
pub(crate) fn edit<V, K, A>(script: &EditScript) -> Vec<PathMap<V, K, A>>
where
    V: Seeded + Debug,
    K: PtrKind,
    A: SharedAllocator + Default,
{
    let mut map: PathMap<V, K, A> = map_of(&script.keys);
    let mut oracle = ModelZipper::new(model_of(&script.keys), &script.root);
    let mut kept = vec![map_of(&script.other)];
    let mut models = vec![model_of(&script.other)];
    for part in script.edits.split_inclusive(|e| matches!(e, Edit::Freeze)) {
        let mut z = map.write_zipper_at_path(&script.root);
        oracle.reset();
        for edit in part {
            let mut taken = None;
            let outcome = taking(edit, &mut z, &kept, |map| taken = Some(map));
            let expected = edit.apply(&mut oracle, &models);
            assert!(
                outcome.agrees(&expected),
                "{edit:?} gave {outcome:?} for {expected:?}"
            );
            assert_stands(&z, &oracle);
            if oracle.model().locations().count() > LOCATIONS_MAX {
                break;
            }
            if let (Some(map), Outcome::Map(Some(model))) = (taken, expected) {
                kept.push(map);
                models.push(model);
            }
        }
        drop(z);
        assert_same(&map, oracle.model());
        if oracle.model().locations().count() > LOCATIONS_MAX {
            break;
        }
        kept.push(map.clone());
        models.push(oracle.model().clone());
    }
    for (map, model) in kept.iter().zip(&models) {
        assert_same(map, model);
    }
    kept.push(map);
    kept
}
