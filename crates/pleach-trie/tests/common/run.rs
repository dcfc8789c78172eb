//! Scripts run from beginning to end: on the real thing and on the oracle, compared at each step.

use super::zip::{assert_stands, jump, step};
use super::{apply, assert_around, assert_same, assert_values, map_of, model_of};
use pleach_ptr::PtrKind;
use pleach_testkit::values::Seeded;
use pleach_testkit::{MapScript, Model, ModelZipper, Op, Outcome, ReadScript, ReadStep};
use pleach_trie::PathMap;
use pleach_trie::zipper::*;
use std::fmt::Debug;

/// Runs a script on a map and on the model. Clones are kept and compared at the end.
pub(crate) fn map<V: Seeded + Debug, K: PtrKind>(script: &MapScript) {
    map_by::<V, K>(script, apply);
}

/// As [`map`], with another hand at the map.
pub(crate) fn map_by<V: Seeded + Debug, K: PtrKind>(
    script: &MapScript,
    apply: impl Fn(&Op, &mut PathMap<V, K>) -> Outcome<V>,
) {
    let mut map: PathMap<V, K> = map_of(&script.keys);
    let mut model = model_of(&script.keys);
    assert_same(&map, &model);
    let mut frozen = vec![(map.clone(), model.clone())];
    for op in &script.ops {
        let (outcome, expected) = (apply(op, &mut map), op.apply(&mut model));
        assert!(
            outcome.agrees(&expected),
            "{op:?} gave {outcome:?} for {expected:?}"
        );
        assert_values(&map, &model);
        assert_around(&map, &model, op.key());
        if matches!(op, Op::Freeze) {
            frozen.push((map.clone(), model.clone()));
            assert!(map.ptr_eq(&frozen[frozen.len() - 1].0));
        }
    }
    assert_same(&map, &model);
    drop(map);
    for (map, model) in &frozen {
        assert_same(map, model);
    }
}

/// The script's map, with its bare locations, and the model of it.
pub(crate) fn build<V: Seeded, K: PtrKind>(script: &ReadScript) -> (PathMap<V, K>, Model<u64>) {
    let mut map = map_of(&script.keys);
    let mut model = model_of(&script.keys);
    for path in &script.paths {
        map.create_path(path);
        model.create_path(path);
    }
    (map, model)
}

/// Walks a zipper that iterates, and forks it at every place it stands still.
fn walk<V, Z>(mut z: Z, script: &ReadScript, model: &Model<u64>)
where
    V: Seeded + Debug,
    Z: ZipperMoving + ZipperIteration + ZipperAbsolutePath + ZipperValues<V>,
{
    let mut oracle = ModelZipper::new(model.clone(), &script.root);
    assert_stands(&z, &oracle);
    for movement in &script.steps {
        let (outcome, expected) = match movement {
            ReadStep::Move(m) => (step::<V>(m, &mut z), m.apply(&mut oracle)),
            ReadStep::Jump(j) => (jump::<V>(*j, &mut z), j.apply(&mut oracle)),
        };
        assert!(
            outcome.agrees(&expected),
            "{movement:?} gave {outcome:?} for {expected:?}"
        );
        assert_stands(&z, &oracle);
    }
}

/// Runs a script on a borrowed and on an owned zipper, and its movements on one that writes.
pub(crate) fn read<V: Seeded + Debug, K: PtrKind>(script: &ReadScript) {
    let (mut map, model) = build::<V, K>(script);
    walk(map.read_zipper_at_path(&script.root), script, &model);
    walk(map.clone().into_read_zipper(&script.root), script, &model);
    let mut z = map.write_zipper_at_path(&script.root);
    let mut oracle = ModelZipper::new(model, &script.root);
    for movement in &script.steps {
        if let ReadStep::Move(movement) = movement {
            let (outcome, expected) = (step::<V>(movement, &mut z), movement.apply(&mut oracle));
            assert!(outcome.agrees(&expected), "{movement:?} of a write zipper");
            assert_stands(&z, &oracle);
        }
    }
}
