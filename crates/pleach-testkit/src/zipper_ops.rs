//! The zippers' API as data.

use crate::calls::{Call, Verb, call};
use crate::keys::{Key, key_set, pick, pick_step};
use crate::{Model, ModelZipper, Outcome};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// One call of `ZipperMoving`.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "each is the method of its name")]
pub enum Move {
    Reset,
    MoveToPath(Key),
    DescendTo(Key),
    DescendToCheck(Key),
    DescendToExisting(Key),
    DescendToVal(Key),
    DescendToByte(u8),
    DescendToExistingByte(u8),
    DescendIndexedByte(usize),
    DescendFirstByte,
    DescendLastByte,
    DescendUntil,
    DescendUntilMaxBytes(usize),
    Ascend(usize),
    AscendByte,
    AscendUntil,
    AscendUntilBranch,
    ToNextSiblingByte,
    ToPrevSiblingByte,
    ToNextStep,
}

/// One call of `ZipperIteration`.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "each is the method of its name")]
pub enum Jump {
    ToNextVal,
    DescendFirstKPath(usize),
    ToNextKPath(usize),
    DescendLastPath,
}

impl Move {
    /// Moves the oracle.
    pub fn apply(&self, z: &mut ModelZipper<u64>) -> Outcome<u64> {
        use Outcome::{Bool, Bytes, Done};
        match self {
            Self::Reset => {
                z.reset();
                Done
            }
            Self::MoveToPath(path) => Bytes(z.move_to_path(path)),
            Self::DescendTo(key) => {
                z.descend_to(key);
                Done
            }
            Self::DescendToCheck(key) => Bool(z.descend_to_check(key)),
            Self::DescendToExisting(key) => Bytes(z.descend_to_existing(key)),
            Self::DescendToVal(key) => Bytes(z.descend_to_val(key)),
            Self::DescendToByte(byte) => {
                z.descend_to(&[*byte]);
                Done
            }
            Self::DescendToExistingByte(byte) => Bool(z.descend_to_existing_byte(*byte)),
            Self::DescendIndexedByte(index) => Bool(z.descend_indexed_byte(*index)),
            Self::DescendFirstByte => Bool(z.descend_first_byte()),
            Self::DescendLastByte => Bool(z.descend_last_byte()),
            Self::DescendUntil => Bool(z.descend_until()),
            Self::DescendUntilMaxBytes(max) => Bool(z.descend_until_max_bytes(*max)),
            Self::Ascend(n) => Bool(z.ascend(*n)),
            Self::AscendByte => Bool(z.ascend(1)),
            Self::AscendUntil => Bool(z.ascend_until()),
            Self::AscendUntilBranch => Bool(z.ascend_until_branch()),
            Self::ToNextSiblingByte => Bool(z.to_next_sibling_byte()),
            Self::ToPrevSiblingByte => Bool(z.to_prev_sibling_byte()),
            Self::ToNextStep => Bool(z.to_next_step()),
        }
    }
}

impl Jump {
    /// Moves the oracle.
    pub fn apply(self, z: &mut ModelZipper<u64>) -> Outcome<u64> {
        Outcome::Bool(match self {
            Self::ToNextVal => z.to_next_val(),
            Self::DescendFirstKPath(k) => z.descend_first_k_path(k),
            Self::ToNextKPath(k) => z.to_next_k_path(k),
            Self::DescendLastPath => z.descend_last_path(),
        })
    }
}

/// Where a graft comes from: one of the maps that the test keeps, and a path in it.
#[derive(Clone, Debug)]
pub struct Origin {
    /// Which map, modulo their number.
    pub map: usize,
    /// The focus of the source in it.
    pub path: Key,
}

impl Origin {
    /// The map among those that are kept.
    pub fn choose<'m, M>(&self, maps: &'m [M]) -> &'m M {
        &maps[self.map % maps.len()]
    }
}

/// One call on a write zipper. Values are made of the seeds; the test keeps a list of maps to graft
/// from, to which [`Edit::Freeze`] and [`Edit::TakeMap`] add.
#[derive(Clone, Debug)]
pub enum Edit {
    /// A movement.
    Move(Move),
    /// `set_val` of a value.
    SetVal(u64),
    /// `set_val(None)`.
    UnsetVal,
    /// `get_val_mut`, and where there is a value an assignment to it.
    GetMut(u64),
    /// `get_val_or_set_mut`.
    GetOrSet(u64),
    /// `get_val_or_set_mut_with`, and an assignment to what it gives.
    GetOrSetWith(u64),
    /// `remove_val`.
    RemoveVal(bool),
    /// `create_path`.
    CreatePath,
    /// `prune_path`.
    PrunePath,
    /// `prune_ascend`.
    PruneAscend,
    /// `graft` of a read zipper.
    Graft(Origin),
    /// `graft_map` of a whole map; the path counts for nothing.
    GraftMap(Origin),
    /// `take_map`; what it takes is kept.
    TakeMap(bool),
    /// `graft_child_maps` with as many of the kept maps, from the origin's on, and `remove_unset`.
    GraftChildMaps(BTreeSet<u8>, usize, Origin, bool),
    /// `graft_masked_branches` of a read zipper, with `remove_unset`.
    GraftMaskedBranches(BTreeSet<u8>, Origin, bool),
    /// `insert_prefix`.
    InsertPrefix(Key),
    /// `remove_prefix`.
    RemovePrefix(usize),
    /// `remove_branches`.
    RemoveBranches(bool),
    /// `remove_unmasked_branches`.
    RemoveUnmaskedBranches(BTreeSet<u8>, bool),
    /// No call: a clone of the map and its model are kept, and still equal at the end.
    Freeze,
}

impl Edit {
    /// Does to the oracle what the call does to the zipper. `kept` are the models of the kept maps.
    pub fn apply(&self, z: &mut ModelZipper<u64>, kept: &[Model<u64>]) -> Outcome<u64> {
        use Outcome::{Bool, Bytes, Done, Map, Value};
        let source = |origin: &Origin| {
            let mut source = ModelZipper::new(origin.choose(kept).clone(), b"");
            source.descend_to(&origin.path);
            source
        };
        match self {
            Self::Move(step) => step.apply(z),
            Self::SetVal(seed) => Value(z.set_val(*seed)),
            Self::UnsetVal => Value(z.remove_val(false)),
            Self::GetMut(seed) => {
                Value(z.get_val_mut().map(|value| std::mem::replace(value, *seed)))
            }
            Self::GetOrSet(seed) => {
                if !z.is_val() {
                    z.set_val(*seed);
                }
                Value(z.val().cloned())
            }
            Self::GetOrSetWith(seed) => Bool(z.set_val(*seed).is_none()),
            Self::RemoveVal(prune) => Value(z.remove_val(*prune)),
            Self::CreatePath => Bool(z.create_path()),
            Self::PrunePath => Bytes(z.prune_path()),
            Self::PruneAscend => Bytes(z.prune_ascend()),
            Self::Graft(origin) => {
                z.graft(&source(origin));
                Done
            }
            Self::GraftMap(origin) => {
                z.graft_map(origin.choose(kept).clone());
                Done
            }
            Self::TakeMap(prune) => Map(z.take_map(*prune)),
            Self::GraftChildMaps(mask, count, origin, remove_unset) => {
                let from = origin.map % kept.len();
                let maps = kept.iter().cycle().skip(from).take(*count).cloned();
                z.graft_child_maps(mask, maps, *remove_unset);
                Done
            }
            Self::GraftMaskedBranches(mask, origin, remove_unset) => {
                z.graft_masked_branches(&source(origin), mask, *remove_unset);
                Done
            }
            Self::InsertPrefix(prefix) => Bool(z.insert_prefix(prefix)),
            Self::RemovePrefix(n) => Bool(z.remove_prefix(*n)),
            Self::RemoveBranches(prune) => Bool(z.remove_branches(*prune)),
            Self::RemoveUnmaskedBranches(mask, prune) => {
                z.remove_unmasked_branches(mask, *prune);
                Done
            }
            Self::Freeze => Done,
        }
    }
}

/// One step of a script for a read zipper.
#[derive(Clone, Debug)]
pub enum ReadStep {
    /// A movement.
    Move(Move),
    /// A movement of iteration.
    Jump(Jump),
}

/// A map, a root in it or off it, and movements.
#[derive(Clone, Debug)]
pub struct ReadScript {
    /// The keys with values; their seeds are their positions.
    pub keys: Vec<Key>,
    /// Locations without a value of their own.
    pub paths: Vec<Key>,
    /// The zipper's root.
    pub root: Key,
    /// The movements.
    pub steps: Vec<ReadStep>,
}

/// A map, a map to graft from, a root in the first or off it, and edits.
#[derive(Clone, Debug)]
pub struct EditScript {
    /// The keys with values; their seeds are their positions.
    pub keys: Vec<Key>,
    /// The keys of the other map.
    pub other: Vec<Key>,
    /// The zipper's root.
    pub root: Key,
    /// The edits.
    pub edits: Vec<Edit>,
}

/// Scripts of up to `len` movements.
pub fn read_script(len: usize) -> impl Strategy<Value = ReadScript> {
    let moves = call(&MOVES, pick_step().boxed()).prop_map(Pending::Move);
    let jumps = call(&JUMPS, pick_step().boxed()).prop_map(Pending::Other);
    let steps = vec(prop_oneof![4 => moves, 1 => jumps], 0..=len);
    (key_set(), vec(pick(), 0..5), root(), steps).prop_map(|(keys, paths, root, steps)| {
        let steps = steps
            .into_iter()
            .map(|step| match step {
                Pending::Move(call) => ReadStep::Move(call.resolve(&keys)),
                Pending::Other(call) => ReadStep::Jump(call.resolve(&keys)),
            })
            .collect();
        ReadScript {
            paths: paths.iter().map(|path| path.from(&keys)).collect(),
            root: root.map(|root| root.from(&keys)).unwrap_or_default(),
            keys,
            steps,
        }
    })
}

/// Scripts of up to `len` edits and movements.
pub fn edit_script(len: usize) -> impl Strategy<Value = EditScript> {
    let moves = call(&MOVES, pick_step().boxed()).prop_map(Pending::Move);
    let edits = call(&EDITS, pick().boxed()).prop_map(Pending::Other);
    let edits = vec(prop_oneof![3 => moves, 4 => edits], 0..=len);
    (key_set(), vec(pick(), 0..40), root(), edits).prop_map(|(keys, other, root, edits)| {
        let edits = edits
            .into_iter()
            .map(|edit| match edit {
                Pending::Move(call) => Edit::Move(call.resolve(&keys)),
                Pending::Other(call) => call.resolve(&keys),
            })
            .collect();
        EditScript {
            other: other.iter().map(|key| key.from(&keys)).collect(),
            root: root.map(|root| root.from(&keys)).unwrap_or_default(),
            keys,
            edits,
        }
    })
}

/// The root of the map as often as any other.
fn root() -> impl Strategy<Value = Option<crate::keys::Pick>> {
    proptest::option::of(pick())
}

/// A movement or another call, before its key is known.
#[derive(Clone, Debug)]
enum Pending<T> {
    Move(Call<Move>),
    Other(Call<T>),
}

pub(crate) const MOVES: [Verb<Move>; 20] = [
    (1, |_| Move::Reset),
    (4, |d| Move::MoveToPath(d.key)),
    (3, |d| Move::DescendTo(d.key)),
    (1, |d| Move::DescendToCheck(d.key)),
    (3, |d| Move::DescendToExisting(d.key)),
    (2, |d| Move::DescendToVal(d.key)),
    (1, |d| Move::DescendToByte(d.seed as u8)),
    (1, |d| Move::DescendToExistingByte(d.seed as u8)),
    (2, |d| Move::DescendIndexedByte(d.size)),
    (2, |_| Move::DescendFirstByte),
    (2, |_| Move::DescendLastByte),
    (2, |_| Move::DescendUntil),
    (1, |d| Move::DescendUntilMaxBytes(d.size)),
    (2, |d| Move::Ascend(d.size)),
    (1, |_| Move::AscendByte),
    (2, |_| Move::AscendUntil),
    (1, |_| Move::AscendUntilBranch),
    (2, |_| Move::ToNextSiblingByte),
    (2, |_| Move::ToPrevSiblingByte),
    (3, |_| Move::ToNextStep),
];

pub(crate) const JUMPS: [Verb<Jump>; 4] = [
    (3, |_| Jump::ToNextVal),
    (2, |d| Jump::DescendFirstKPath(d.size)),
    (2, |d| Jump::ToNextKPath(d.size)),
    (1, |_| Jump::DescendLastPath),
];

pub(crate) const EDITS: [Verb<Edit>; 20] = [
    (6, |d| Edit::SetVal(d.seed)),
    (1, |_| Edit::UnsetVal),
    (2, |d| Edit::GetMut(d.seed)),
    (2, |d| Edit::GetOrSet(d.seed)),
    (1, |d| Edit::GetOrSetWith(d.seed)),
    (4, |d| Edit::RemoveVal(d.flag)),
    (3, |_| Edit::CreatePath),
    (2, |_| Edit::PrunePath),
    (2, |_| Edit::PruneAscend),
    (4, |d| Edit::Graft(d.origin())),
    (2, |d| Edit::GraftMap(d.origin())),
    (3, |d| Edit::TakeMap(d.flag)),
    (2, |d| {
        let origin = d.origin();
        Edit::GraftChildMaps(d.mask, d.size.min(4), origin, d.flag)
    }),
    (2, |d| {
        let origin = d.origin();
        Edit::GraftMaskedBranches(d.mask, origin, d.flag)
    }),
    (2, |d| Edit::InsertPrefix(d.key)),
    (2, |d| Edit::RemovePrefix(d.size)),
    (2, |d| Edit::RemoveBranches(d.flag)),
    (2, |d| Edit::RemoveUnmaskedBranches(d.mask, d.flag)),
    (1, |_| Edit::Freeze),
    (1, |d| Edit::Move(Move::Ascend(d.size))),
];
