//! The same scripts on `pathmap` 0.3.5 and on Pleach: every answer, every place a zipper stands at
//! and every location are the same, but for the differences in `docs/compare-pathmap.md`.
//!
//! [`differs`] names the calls that differ, and is consulted before each: they are left out of the
//! scripts, and each has a test of its own that shows both answers.
//!
//! ```sh
//! RUSTFLAGS="-C target-cpu=native" cargo test -p pleach-benches --test differential
//! ```
//!
//! `CASES=100000` runs longer.

#![allow(
    unused_results,
    reason = "what a call gives back is not always asked for"
)]

use pleach_testkit::{
    Edit, EditScript, Jump, Key, MapScript, Model, ModelZipper, Move, Op, Outcome, ReadScript,
    ReadStep, edit_script, map_script, read_script,
};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A script of edits ends where grafts have made the oracle larger than this.
const LOCATIONS_MAX: usize = 3_000;

/// A location and its value.
type Location = (Vec<u8>, Option<u64>);

/// What a call gives back.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Answer {
    Done,
    Bool(bool),
    Bytes(usize),
    Value(Option<u64>),
    Map(Option<Vec<Location>>),
    Panic,
}

/// All that a zipper says about where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
struct View {
    path: Vec<u8>,
    origin_path: Vec<u8>,
    root_prefix_path: Vec<u8>,
    at_root: bool,
    path_exists: bool,
    is_val: bool,
    val: Option<u64>,
    val_at: [Option<u64>; 4],
    child_count: usize,
    child_mask: Vec<u8>,
    val_count: usize,
}

/// One call: its name, its answer, and what there is afterwards.
type Step<T> = (String, Answer, T);

/// The calls on one of the two crates. They are spelled once: whoever moves from one crate to the
/// other changes the imports.
macro_rules! side {
    ($side:ident: $krate:ident, $mask:path, $writer:ident) => {
        mod $side {
            use super::*;
            use $krate::PathMap;
            use $krate::zipper::*;
            use $mask as Mask;

            pub(super) type Map = PathMap<u64>;

            /// A map of the keys, each with its position as value, and of bare paths.
            pub(super) fn map_of(keys: &[Key], paths: &[Key]) -> Map {
                let mut map = Map::new();
                for (value, key) in (0..).zip(keys) {
                    map.insert(key, value);
                }
                for path in paths {
                    map.create_path(path);
                }
                map
            }

            /// Every location, found by steps of a zipper.
            pub(super) fn locations(map: &Map) -> Vec<Location> {
                let mut z = map.read_zipper();
                let mut all = vec![(Vec::new(), z.val().copied())];
                while z.to_next_step() {
                    all.push((z.path().to_vec(), z.val().copied()));
                }
                all
            }

            /// The whole map, by all ways to read it.
            fn contents(map: &Map) -> (Vec<Location>, Vec<Location>, usize, bool) {
                let values = map.iter().map(|(key, value)| (key, Some(*value))).collect();
                (locations(map), values, map.val_count(), map.is_empty())
            }

            fn view<Z>(z: &Z) -> View
            where
                Z: ZipperMoving + ZipperValues<u64> + ZipperAbsolutePath,
            {
                View {
                    path: z.path().to_vec(),
                    origin_path: z.origin_path().to_vec(),
                    root_prefix_path: z.root_prefix_path().to_vec(),
                    at_root: z.at_root(),
                    path_exists: z.path_exists(),
                    is_val: z.is_val(),
                    val: z.val().copied(),
                    val_at: ["", "a", "b", "ab"].map(|path| z.val_at(path).copied()),
                    child_count: z.child_count(),
                    child_mask: z.child_mask().iter().collect(),
                    val_count: z.val_count(),
                }
            }

            fn step(step: &Move, z: &mut impl ZipperMoving) -> Answer {
                use Answer::{Bool, Bytes};
                match step {
                    Move::Reset => done(z.reset()),
                    Move::MoveToPath(path) => Bytes(z.move_to_path(path)),
                    Move::DescendTo(key) => done(z.descend_to(key)),
                    Move::DescendToCheck(key) => Bool(z.descend_to_check(key)),
                    Move::DescendToExisting(key) => Bytes(z.descend_to_existing(key)),
                    Move::DescendToVal(key) => Bytes(z.descend_to_val(key)),
                    Move::DescendToByte(byte) => done(z.descend_to_byte(*byte)),
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

            fn jump(jump: Jump, z: &mut impl ZipperIteration) -> Answer {
                Answer::Bool(match jump {
                    Jump::ToNextVal => z.to_next_val(),
                    Jump::DescendFirstKPath(k) => z.descend_first_k_path(k),
                    Jump::ToNextKPath(k) => z.to_next_k_path(k),
                    Jump::DescendLastPath => z.descend_last_path(),
                })
            }

            fn mask(bytes: &BTreeSet<u8>) -> Mask {
                bytes.iter().copied().collect()
            }

            fn edit(edit: &Edit, z: &mut $writer<u64>, kept: &mut Vec<Map>) -> Answer {
                use Answer::{Bool, Bytes, Value};
                match edit {
                    Edit::Move(movement) => step(movement, z),
                    Edit::SetVal(value) => Value(z.set_val(*value)),
                    Edit::UnsetVal => Value(z.remove_val(false)),
                    Edit::GetMut(value) => {
                        Value(z.get_val_mut().map(|old| std::mem::replace(old, *value)))
                    }
                    Edit::GetOrSet(value) => Value(Some(*z.get_val_or_set_mut(*value))),
                    Edit::GetOrSetWith(value) => {
                        let mut absent = false;
                        *z.get_val_or_set_mut_with(|| {
                            absent = true;
                            *value
                        }) = *value;
                        Bool(absent)
                    }
                    Edit::RemoveVal(prune) => Value(z.remove_val(*prune)),
                    Edit::CreatePath => Bool(z.create_path()),
                    Edit::PrunePath => Bytes(z.prune_path()),
                    Edit::PruneAscend => Bytes(z.prune_ascend()),
                    Edit::Graft(origin) => {
                        let source = origin.choose(kept).read_zipper_at_path(&origin.path);
                        done(z.graft(&source))
                    }
                    Edit::GraftMap(origin) => done(z.graft_map(origin.choose(kept).clone())),
                    Edit::TakeMap(prune) => {
                        let taken = z.take_map(*prune);
                        let all = taken.as_ref().map(locations);
                        kept.extend(taken);
                        Answer::Map(all)
                    }
                    Edit::GraftChildMaps(bytes, count, origin, remove_unset) => {
                        let from = origin.map % kept.len();
                        let maps: Vec<_> = kept.iter().cycle().skip(from).take(*count).collect();
                        done(z.graft_child_maps(
                            mask(bytes),
                            maps.into_iter().cloned(),
                            *remove_unset,
                        ))
                    }
                    Edit::GraftMaskedBranches(bytes, origin, remove_unset) => {
                        let source = origin.choose(kept).read_zipper_at_path(&origin.path);
                        done(z.graft_masked_branches(&source, mask(bytes), *remove_unset))
                    }
                    Edit::InsertPrefix(prefix) => Bool(z.insert_prefix(prefix)),
                    Edit::RemovePrefix(n) => Bool(z.remove_prefix(*n)),
                    Edit::RemoveBranches(prune) => Bool(z.remove_branches(*prune)),
                    Edit::RemoveUnmaskedBranches(bytes, prune) => {
                        done(z.remove_unmasked_branches(mask(bytes), *prune))
                    }
                    Edit::Freeze => Answer::Done,
                }
            }

            fn call(op: &Op, map: &mut Map) -> Answer {
                use Answer::{Bool, Bytes, Value};
                match op {
                    Op::Insert(key, value) => Value(map.insert(key, *value)),
                    Op::SetValAt(key, value) => Value(map.set_val_at(key, *value)),
                    Op::GetMut(key, value) => {
                        Value(map.get_mut(key).map(|old| std::mem::replace(old, *value)))
                    }
                    Op::GetOrSet(key, value) => {
                        Value(Some(*map.get_val_or_set_mut_at(key, *value)))
                    }
                    Op::GetOrSetWith(key, value) => {
                        let mut absent = false;
                        *map.get_val_or_set_mut_with_at(key, || {
                            absent = true;
                            *value
                        }) = *value;
                        Bool(absent)
                    }
                    Op::Remove(key) => Value(map.remove(key)),
                    Op::RemoveValAt(key, prune) => Value(map.remove_val_at(key, *prune)),
                    Op::RemoveBranchesAt(key, prune) => Bool(map.remove_branches_at(key, *prune)),
                    Op::CreatePath(key) => Bool(map.create_path(key)),
                    Op::PrunePath(key) => Bytes(map.prune_path(key)),
                    Op::Extend(entries) => done(for (key, value) in entries {
                        map.insert(key, *value);
                    }),
                    Op::Clear => done(*map = Map::new()),
                    Op::Freeze => Answer::Done,
                }
            }

            /// Runs calls of the map.
            pub(super) fn calls(
                script: &MapScript,
            ) -> Vec<Step<(Vec<Location>, Vec<Location>, usize, bool)>> {
                let mut map = map_of(&script.keys, &[]);
                let answers = script.ops.iter().map(|op| {
                    let answer = call(op, &mut map);
                    (format!("{op:?}"), answer, contents(&map))
                });
                answers.collect()
            }

            /// Runs movements of a zipper that reads.
            pub(super) fn walk(script: &ReadScript) -> Vec<Step<View>> {
                let map = map_of(&script.keys, &script.paths);
                let mut z = map.read_zipper_at_path(&script.root);
                let mut steps = vec![("start".into(), Answer::Done, view(&z))];
                for step in script.steps.iter().filter(|step| !walks_differ(step)) {
                    let answer = catch_unwind(AssertUnwindSafe(|| match step {
                        ReadStep::Move(movement) => self::step(movement, &mut z),
                        ReadStep::Jump(movement) => jump(*movement, &mut z),
                    }));
                    let answer = answer.unwrap_or(Answer::Panic);
                    steps.push((format!("{step:?}"), answer, view(&z)));
                }
                steps
            }

            /// Runs edits of one zipper. The oracle tells where it stands, and which calls differ.
            pub(super) fn edits(script: &EditScript) -> (Vec<Step<View>>, Vec<Location>) {
                let mut map = map_of(&script.keys, &[]);
                let mut kept = vec![map_of(&script.other, &[]), map.clone()];
                let mut oracle = ModelZipper::new(model_of(&script.keys), &script.root);
                let mut models = vec![model_of(&script.other), model_of(&script.keys)];
                let mut steps = Vec::new();
                let mut z = map.write_zipper_at_path(&script.root);
                for call in &script.edits {
                    if differs(call, &oracle, &models).is_some() {
                        continue;
                    }
                    if let Outcome::Map(Some(taken)) = call.apply(&mut oracle, &models) {
                        models.push(taken);
                    }
                    let answer = catch_unwind(AssertUnwindSafe(|| edit(call, &mut z, &mut kept)));
                    let Ok(answer) = answer else {
                        // What the panic has left behind may not even be fit to be dropped.
                        std::mem::forget(z);
                        std::mem::forget((map, kept));
                        let nowhere = view(&Map::new().read_zipper());
                        steps.push((format!("{call:?}"), Answer::Panic, nowhere));
                        return (steps, Vec::new());
                    };
                    steps.push((format!("{call:?}"), answer, view(&z)));
                    if matches!(call, Edit::Freeze) {
                        let path = z.path().to_vec();
                        drop(z);
                        kept.push(map.clone());
                        models.push(oracle.model().clone());
                        z = map.write_zipper_at_path(&script.root);
                        z.descend_to(path);
                    }
                    if oracle.model().locations().count() > LOCATIONS_MAX {
                        break;
                    }
                }
                drop(z);
                (steps, locations(&map))
            }
        }
    };
}

side!(ours: pleach, pleach::zipper::ByteMask, WriteZipper);
side!(theirs: pathmap, pathmap::utils::ByteMask, WriteZipperUntracked);

fn done((): ()) -> Answer {
    Answer::Done
}

fn model_of(keys: &[Key]) -> Model<u64> {
    keys.iter().zip(0..).collect()
}

/// Whether a movement is one of those that differ (rows 1 and 2).
fn walks_differ(step: &ReadStep) -> bool {
    matches!(
        step,
        ReadStep::Move(Move::Ascend(0)) | ReadStep::Jump(Jump::ToNextKPath(0))
    )
}

/// The row of the table that says how the two differ in this call, if they do.
fn differs(edit: &Edit, z: &ModelZipper<u64>, kept: &[Model<u64>]) -> Option<u32> {
    match edit {
        Edit::Move(Move::Ascend(0)) => Some(1),
        Edit::InsertPrefix(prefix) if prefix.is_empty() && z.child_count() == 0 => Some(3),
        Edit::TakeMap(_) if z.path_exists() && !z.is_val() && z.child_count() == 0 => Some(4),
        Edit::GraftChildMaps(mask, count, origin, _) => {
            let maps = kept.iter().cycle().skip(origin.map % kept.len());
            let keeps = |(byte, map): (&u8, &Model<u64>)| {
                map.is_empty() || (!map.contains(b"") && z.val_at(&[*byte]).is_some())
            };
            (*count < mask.len() || mask.iter().zip(maps).any(keeps)).then_some(5)
        }
        Edit::GraftMaskedBranches(mask, origin, _) => {
            let mut source = ModelZipper::new(origin.choose(kept).clone(), b"");
            source.descend_to(&origin.path);
            let absent = mask - &source.child_mask();
            let lost = !absent.is_disjoint(&z.child_mask());
            let nothing = absent.len() == mask.len();
            (lost || nothing).then_some(6)
        }
        _ => None,
    }
}

/// Asserts that two runs gave the same. Their panics end a run; they are known of one call (row 5).
fn assert_agree<T: Debug + PartialEq>(ours: &[Step<T>], theirs: &[Step<T>], script: &impl Debug) {
    for (at, (our, their)) in ours.iter().zip(theirs).enumerate() {
        if their.1 == Answer::Panic && their.0.starts_with("GraftChildMaps") {
            return;
        }
        let before = at.checked_sub(1).map(|at| &ours[at]);
        assert!(
            our == their,
            "{script:#?}\nbefore {before:?}\nours   {our:?}\ntheirs {their:?}"
        );
    }
    assert_eq!(ours.len(), theirs.len(), "{script:#?}");
}

fn config() -> ProptestConfig {
    let cases = std::env::var("CASES").ok();
    let cases = cases.map_or(256, |cases| cases.parse().expect("CASES is a number"));
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..Default::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn maps_agree(script in map_script(30)) {
        assert_agree(&ours::calls(&script), &theirs::calls(&script), &script);
    }

    #[test]
    fn walks_agree(script in read_script(40)) {
        assert_agree(&ours::walk(&script), &theirs::walk(&script), &script);
    }

    #[test]
    fn edits_agree(script in edit_script(30)) {
        let (ours, theirs) = (ours::edits(&script), theirs::edits(&script));
        assert_agree(&ours.0, &theirs.0, &script);
        let panicked = theirs.0.last().is_some_and(|step| step.1 == Answer::Panic);
        prop_assert!(panicked || ours.1 == theirs.1, "{:?} and {:?}", ours.1, theirs.1);
    }
}

/// A row of the table: what the same calls on an empty map give, ours and theirs.
macro_rules! row {
    ($(#[$doc:meta])* $name:ident, |$map:ident| $calls:block, $ours:expr, $theirs:expr) => {
        $(#[$doc])*
        #[test]
        #[allow(unused_mut, reason = "not every row changes the map")]
        fn $name() {
            let ours = || {
                #[allow(unused_imports, reason = "not every row uses all")]
                use pleach::{PathMap, zipper::*};
                let mut $map = PathMap::<u64>::new();
                $calls
            };
            let theirs = || {
                #[allow(unused_imports, reason = "not every row uses all")]
                use pathmap::{PathMap, utils::ByteMask, zipper::*};
                let mut $map = PathMap::<u64>::new();
                $calls
            };
            let theirs = catch_unwind(AssertUnwindSafe(theirs)).ok();
            assert_eq!((ours(), theirs), ($ours, $theirs));
        }
    };
}

row! {
    row_1_no_bytes_up_from_the_root,
    |map| {
        map.insert("ab", 1);
        let mut z = map.read_zipper();
        let at_root = z.ascend(0);
        z.descend_to("ab");
        (at_root, z.ascend(0))
    },
    (true, true),
    Some((false, true))
}

row! {
    row_2_the_next_path_of_no_bytes,
    |map| {
        map.insert("a", 1);
        let mut z = map.read_zipper();
        (z.to_next_k_path(0), z.at_root())
    },
    (false, true),
    Some((true, true))
}

row! {
    row_3_an_empty_prefix_before_nothing,
    |map| {
        map.insert("a", 1);
        map.write_zipper_at_path(b"a").insert_prefix("")
    },
    true,
    Some(false)
}

row! {
    row_4_taking_a_dangling_location,
    |map| {
        map.insert("", 1);
        map.insert("b", 2);
        let mut z = map.write_zipper();
        z.descend_to("a");
        z.create_path();
        z.take_map(true).is_some_and(|taken| taken.is_empty())
    },
    true,
    Some(false)
}

row! {
    row_5_an_empty_map_as_a_child,
    |map| {
        map.insert("ab", 1);
        map.insert("c", 2);
        let maps = [PathMap::new()];
        map.write_zipper().graft_child_maps(ByteMask::from(b'a'), maps, false);
        map.path_exists_at("ab")
    },
    false,
    Some(true)
}

row! {
    row_5_a_child_map_without_a_value_at_its_root,
    |map| {
        for key in ["b", "a", "graph graph", "aa"] {
            map.insert(key, 1);
        }
        let maps = [PathMap::single("a", 2)];
        let mut z = map.write_zipper();
        z.descend_to("a");
        z.graft_child_maps(ByteMask::from(b'a'), maps, false);
        (map.contains("aa"), map.contains("aaa"))
    },
    (false, true),
    Some((true, true))
}

row! {
    row_5_too_few_child_maps,
    |map| {
        map.insert("a", 1);
        let maps: [PathMap<u64>; 0] = [];
        map.write_zipper().graft_child_maps(ByteMask::from(b'a'), maps, false);
        map.path_exists_at("a")
    },
    false,
    None
}

row! {
    row_5_child_maps_below_a_far_root,
    |map| {
        let root: &[u8] = &[b'r'; 48];
        let maps = [PathMap::single("x", 1)];
        map.write_zipper_at_path(root).graft_child_maps(ByteMask::from(b'a'), maps, false);
        map.val_count()
    },
    1,
    None
}

row! {
    row_5_child_maps_in_a_wide_place,
    |map| {
        for byte in 0..=255 {
            map.insert([byte], 1);
        }
        let maps = [PathMap::single("x", 1)];
        map.write_zipper().graft_child_maps(ByteMask::from(b'a'), maps, false);
        map.val_count()
    },
    256,
    None
}

row! {
    row_6_a_branch_that_the_source_lacks,
    |map| {
        map.insert("a", 1);
        map.insert("b", 2);
        let source = PathMap::single("c", 3);
        let mask = ByteMask::from_iter(*b"ac");
        map.write_zipper().graft_masked_branches(&source.read_zipper(), mask, false);
        (map.path_exists_at("a"), map.contains("a"), map.contains("c"))
    },
    (false, false, true),
    Some((true, false, true))
}

row! {
    row_6_no_branches_below_a_value,
    |map| {
        let source = PathMap::<u64>::new();
        let mask = ByteMask::from_iter(*b"abc");
        let mut z = map.write_zipper();
        z.descend_to("x");
        z.set_val(1);
        z.graft_masked_branches(&source.read_zipper(), mask, false);
        z.remove_val(true);
        z.path_exists()
    },
    false,
    Some(true)
}

row! {
    row_6_no_branches_at_a_place_that_is_not_there,
    |map| {
        map.insert("", 1);
        let source = PathMap::<u64>::new();
        let mask = ByteMask::from_iter(*b"abc");
        let mut z = map.write_zipper();
        z.descend_to("x");
        z.graft_masked_branches(&source.read_zipper(), mask, false);
        z.path_exists()
    },
    false,
    Some(true)
}
