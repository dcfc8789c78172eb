//! Scripts from bytes, as a fuzzer gives them.
//!
//! Any bytes are a script, and bytes that run out are zeros. A script's keys come first; what follows
//! stays near them, a few bytes a call, so that a small change of the bytes is a small change of the
//! script.

use crate::calls::{Draw, Verb};
use crate::keys::{Key, LENGTHS_AT_EDGES, run};
use crate::map_ops::OPS;
use crate::zipper_ops::{EDITS, JUMPS, MOVES};
use crate::{Edit, EditScript, MapScript, ReadScript, ReadStep};
use arbitrary::{Result, Unstructured};
use std::collections::BTreeSet;

/// Keys of a script at most. The oracle keeps every prefix of each.
const KEYS_MAX: usize = 15;

/// Calls of a script at most.
const CALLS_MAX: usize = 64;

impl MapScript {
    /// The script that some bytes stand for.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Self {
        let mut u = Unstructured::new(bytes);
        let keys = keys(&mut u).unwrap_or_default();
        let ops = calls(&mut u, |u| call(u, &OPS, &keys));
        Self { keys, ops }
    }
}

impl ReadScript {
    /// The script that some bytes stand for.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Self {
        let mut u = Unstructured::new(bytes);
        let keys = keys(&mut u).unwrap_or_default();
        let root = near(&mut u, &keys).unwrap_or_default();
        let path = near(&mut u, &keys).unwrap_or_default();
        let steps = calls(&mut u, |u| {
            Ok(match u.ratio(1, 4)? {
                true => ReadStep::Jump(call(u, &JUMPS, &keys)?),
                false => ReadStep::Move(call(u, &MOVES, &keys)?),
            })
        });
        Self {
            keys,
            paths: vec![path],
            root,
            steps,
        }
    }
}

impl EditScript {
    /// The script that some bytes stand for.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Self {
        let mut u = Unstructured::new(bytes);
        let keys = keys(&mut u).unwrap_or_default();
        let root = near(&mut u, &keys).unwrap_or_default();
        let other = (0..u.int_in_range(0..=8).unwrap_or(0))
            .map_while(|_| near(&mut u, &keys).ok())
            .collect();
        let edits = calls(&mut u, |u| {
            Ok(match u.ratio(1, 3)? {
                true => Edit::Move(call(u, &MOVES, &keys)?),
                false => call(u, &EDITS, &keys)?,
            })
        });
        Self {
            keys,
            other,
            root,
            edits,
        }
    }
}

/// Calls until the bytes run out.
fn calls<T>(u: &mut Unstructured<'_>, call: impl Fn(&mut Unstructured<'_>) -> Result<T>) -> Vec<T> {
    let mut calls = Vec::new();
    while !u.is_empty() && calls.len() < CALLS_MAX {
        calls.extend(call(u));
    }
    calls
}

fn call<T>(u: &mut Unstructured<'_>, verbs: &[Verb<T>], keys: &[Key]) -> Result<T> {
    let (_, verb) = u.choose(verbs)?;
    let draw = Draw {
        key: near(u, keys)?,
        seed: u.int_in_range(0..=999)?,
        size: size(u)?,
        flag: u.arbitrary()?,
        mask: mask(u)?,
    };
    Ok(verb(draw))
}

fn size(u: &mut Unstructured<'_>) -> Result<usize> {
    Ok(match u.arbitrary::<u8>()? {
        small @ 0..200 => usize::from(small % 8),
        large => usize::from(large - 200) * 16,
    })
}

fn mask(u: &mut Unstructured<'_>) -> Result<BTreeSet<u8>> {
    let few = u.int_in_range(0..=15)?;
    let bytes = BTreeSet::from_iter(u.bytes(u.len().min(few))?.iter().copied());
    Ok(match u.ratio(1, 5)? {
        true => &BTreeSet::from_iter(0..=u8::MAX) - &bytes,
        false => bytes,
    })
}

pub(crate) fn keys(u: &mut Unstructured<'_>) -> Result<Vec<Key>> {
    let mut keys = Vec::new();
    for _ in 0..u.int_in_range(0..=KEYS_MAX)? {
        let key = near(u, &keys)?;
        keys.push(key);
        if keys.len() == 1 && u.ratio(1, 16)? {
            // A fan, which takes too many bytes to come about by itself.
            let stem = keys[0].clone();
            let bytes = 0..u.arbitrary::<u8>()?;
            keys.extend(bytes.map(|byte| [&stem[..], &[byte]].concat()));
        }
    }
    Ok(keys)
}

/// A key among these or beside them. One long one is enough: they cost the oracle most of its time.
pub(crate) fn near(u: &mut Unstructured<'_>, keys: &[Key]) -> Result<Key> {
    let shape: u8 = u.int_in_range(0..=15)?;
    if let 0..=9 = shape
        && !keys.is_empty()
    {
        let key = u.choose(keys)?;
        if shape < 4 {
            return Ok(key.clone());
        }
        let at = u.int_in_range(0..=key.len())?;
        return Ok(match shape {
            4 | 5 => key[..at].to_vec(),
            6 => key[at..].to_vec(),
            _ => [&key[..at], tail(u)?].concat(),
        });
    }
    if shape < 14 || keys.iter().any(|key| key.len() >= LENGTHS_AT_EDGES[3]) {
        return Ok(tail(u)?.to_vec());
    }
    let length = *u.choose(&LENGTHS_AT_EDGES)?;
    let tail = tail(u)?;
    Ok(match tail {
        [] => vec![u.arbitrary::<u8>()?; length],
        _ => run(length).chain(tail.iter().copied()).collect(),
    })
}

fn tail<'b>(u: &mut Unstructured<'b>) -> Result<&'b [u8]> {
    let len = u.int_in_range(0..=7)?;
    u.bytes(u.len().min(len))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Model, ModelZipper};

    #[test]
    fn any_bytes_are_a_script() {
        for len in 0..400 {
            let bytes: Vec<u8> = (0..len).map(|i| (i * i * 31 + len) as u8).collect();
            let map = MapScript::decode(&bytes);
            let mut model = Model::<u64>::new();
            for op in &map.ops {
                op.apply(&mut model);
            }
            let read = ReadScript::decode(&bytes);
            let mut zipper = ModelZipper::new(model, &read.root);
            for step in &read.steps {
                match step {
                    ReadStep::Move(step) => drop(step.apply(&mut zipper)),
                    ReadStep::Jump(step) => drop(step.apply(&mut zipper)),
                }
            }
            let write = EditScript::decode(&bytes);
            assert!(map.ops.len() <= CALLS_MAX && write.edits.len() <= CALLS_MAX);
        }
        assert!(MapScript::decode(&[]).ops.is_empty());
    }

    #[test]
    fn long_scripts_use_every_verb() {
        let bytes: Vec<u8> = (0..1_u32 << 16)
            .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
            .collect();
        let mut seen = BTreeSet::new();
        for part in bytes.chunks(600) {
            let edits = EditScript::decode(part).edits;
            seen.extend(edits.iter().map(|edit| {
                let text = format!("{edit:?}");
                text.split(['(', ' ']).next().unwrap_or_default().to_owned()
            }));
        }
        assert!(seen.len() >= 19, "{seen:?}");
    }
}
