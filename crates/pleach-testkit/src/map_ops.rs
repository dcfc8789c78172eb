//! The map's API as data.

use crate::Model;
use crate::calls::{Verb, call};
use crate::keys::{Key, key_set, pick};
use crate::values::Seeded;
use proptest::collection::vec;
use proptest::prelude::*;

/// One call of the map's API that may change it. Values are made of the seeds.
#[derive(Clone, Debug)]
pub enum Op {
    /// `insert`.
    Insert(Key, u64),
    /// `set_val_at`.
    SetValAt(Key, u64),
    /// `get_mut`, and where there is a value an assignment to it.
    GetMut(Key, u64),
    /// `get_val_or_set_mut_at`.
    GetOrSet(Key, u64),
    /// `get_val_or_set_mut_with_at`, and an assignment to what it gives.
    GetOrSetWith(Key, u64),
    /// `remove`.
    Remove(Key),
    /// `remove_val_at`.
    RemoveValAt(Key, bool),
    /// `remove_branches_at`.
    RemoveBranchesAt(Key, bool),
    /// `create_path`.
    CreatePath(Key),
    /// `prune_path`.
    PrunePath(Key),
    /// `extend` with some keys.
    Extend(Vec<(Key, u64)>),
    /// `clear`.
    Clear,
    /// No call of the map: the test keeps a clone and its model to the end.
    Freeze,
}

/// What a call gives back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome<V> {
    /// Nothing.
    Done,
    /// Whether it was so, or arrived.
    Bool(bool),
    /// A number of bytes.
    Bytes(usize),
    /// A value, or none.
    Value(Option<V>),
    /// A map, or none.
    Map(Option<Model<V>>),
}

impl<V: Seeded> Outcome<V> {
    /// Whether this is what the oracle says, with values for seeds.
    pub fn agrees(&self, oracle: &Outcome<u64>) -> bool {
        match (self, oracle) {
            (Self::Done, Outcome::Done) => true,
            (Self::Bool(a), Outcome::Bool(b)) => a == b,
            (Self::Bytes(a), Outcome::Bytes(b)) => a == b,
            (Self::Value(None), Outcome::Value(None)) => true,
            (Self::Value(Some(value)), Outcome::Value(Some(seed))) => value.is(*seed),
            (Self::Map(None), Outcome::Map(None)) => true,
            (Self::Map(Some(map)), Outcome::Map(Some(model))) => map.agrees(model),
            _ => false,
        }
    }
}

impl Op {
    /// Does to the model what the call does to the map.
    pub fn apply(&self, model: &mut Model<u64>) -> Outcome<u64> {
        match self {
            Self::Insert(key, seed) | Self::SetValAt(key, seed) => {
                Outcome::Value(model.insert(key, *seed))
            }
            Self::GetMut(key, seed) => Outcome::Value(
                model
                    .get_mut(key)
                    .map(|value| std::mem::replace(value, *seed)),
            ),
            Self::GetOrSet(key, seed) => {
                if !model.contains(key) {
                    model.insert(key, *seed);
                }
                Outcome::Value(model.get(key).cloned())
            }
            Self::GetOrSetWith(key, seed) => {
                let absent = !model.contains(key);
                model.insert(key, *seed);
                Outcome::Bool(absent)
            }
            Self::Remove(key) => Outcome::Value(model.remove(key)),
            Self::RemoveValAt(key, prune) => Outcome::Value(model.remove_val_at(key, *prune)),
            Self::RemoveBranchesAt(key, prune) => {
                Outcome::Bool(model.remove_branches_at(key, *prune))
            }
            Self::CreatePath(key) => Outcome::Bool(model.create_path(key)),
            Self::PrunePath(key) => Outcome::Bytes(model.prune_path(key)),
            Self::Extend(entries) => {
                model.extend(entries.iter().map(|(key, seed)| (key, *seed)));
                Outcome::Done
            }
            Self::Clear => {
                model.clear();
                Outcome::Done
            }
            Self::Freeze => Outcome::Done,
        }
    }

    /// The key that the call is about.
    pub fn key(&self) -> &[u8] {
        match self {
            Self::Insert(key, _)
            | Self::SetValAt(key, _)
            | Self::GetMut(key, _)
            | Self::GetOrSet(key, _)
            | Self::GetOrSetWith(key, _)
            | Self::Remove(key)
            | Self::RemoveValAt(key, _)
            | Self::RemoveBranchesAt(key, _)
            | Self::CreatePath(key)
            | Self::PrunePath(key) => key,
            Self::Extend(_) | Self::Clear | Self::Freeze => b"",
        }
    }
}

/// The keys a map begins with, and calls about them and their neighbours.
#[derive(Clone, Debug)]
pub struct MapScript {
    /// The first keys; their seeds are their positions.
    pub keys: Vec<Key>,
    /// The calls.
    pub ops: Vec<Op>,
}

/// Scripts of up to `len` calls.
pub fn map_script(len: usize) -> impl Strategy<Value = MapScript> {
    (key_set(), vec(call(&OPS, pick().boxed()), 0..=len)).prop_map(|(keys, calls)| {
        let ops = calls.into_iter().map(|call| call.resolve(&keys)).collect();
        MapScript { keys, ops }
    })
}

pub(crate) const OPS: [Verb<Op>; 13] = [
    (8, |d| Op::Insert(d.key, d.seed)),
    (1, |d| Op::SetValAt(d.key, d.seed)),
    (2, |d| Op::GetMut(d.key, d.seed)),
    (2, |d| Op::GetOrSet(d.key, d.seed)),
    (1, |d| Op::GetOrSetWith(d.key, d.seed)),
    (6, |d| Op::Remove(d.key)),
    (4, |d| Op::RemoveValAt(d.key, d.flag)),
    (2, |d| Op::RemoveBranchesAt(d.key, d.flag)),
    (3, |d| Op::CreatePath(d.key)),
    (3, |d| Op::PrunePath(d.key)),
    (1, |d| {
        let last_bytes = 0..=d.size.min(255) as u8;
        let entry = |byte| ([&d.key[..], &[byte]].concat(), d.seed + u64::from(byte));
        Op::Extend(last_bytes.map(entry).collect())
    }),
    (1, |d| if d.flag { Op::Clear } else { Op::Freeze }),
    (2, |_| Op::Freeze),
];
