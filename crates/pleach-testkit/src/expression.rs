//! Expressions of set algebra from bytes, as a fuzzer gives them.

use crate::decode::{keys, near};
use crate::{Key, RULES, Rule};
use arbitrary::{Result, Unstructured};

/// Steps of an expression at most.
const STEPS_MAX: usize = 40;

/// A step of a machine with a stack of maps.
#[derive(Clone, Debug)]
pub enum Step {
    /// Pushes a map of some entries, its values made of the seeds, and of locations without a value.
    Push(Vec<(Key, u64)>, Vec<Key>),
    /// Pushes a clone of one of the maps, counted from the top.
    Clone(usize),
    /// Sets a value in the map on top.
    Insert(Key, u64),
    /// Removes a key from the map on top, pruning or not.
    Remove(Key, bool),
    /// Replaces the two maps on top by what is made of them: by keys alone, or as a lattice.
    Combine(Rule, bool),
}

impl Step {
    /// The steps that some bytes stand for. A step that finds too few maps counts for nothing.
    #[must_use]
    pub fn decode_all(bytes: &[u8]) -> Vec<Self> {
        let mut u = Unstructured::new(bytes);
        let keys = keys(&mut u).unwrap_or_default();
        let mut steps = Vec::new();
        while !u.is_empty() && steps.len() < STEPS_MAX {
            steps.extend(Self::decode(&mut u, &keys));
        }
        steps
    }

    fn decode(u: &mut Unstructured<'_>, keys: &[Key]) -> Result<Self> {
        Ok(match u.int_in_range(0..=7)? {
            0 | 1 => {
                let entries = (0..u.int_in_range(0..=40)?)
                    .map_while(|_| Some((near(u, keys).ok()?, u.arbitrary::<u8>().ok()?.into())))
                    .collect();
                let paths = (0..u.int_in_range(0..=3)?).map_while(|_| near(u, keys).ok());
                Self::Push(entries, paths.collect())
            }
            2 => Self::Clone(u.int_in_range(0..=3)?),
            3 => Self::Insert(near(u, keys)?, u.arbitrary::<u8>()?.into()),
            4 => Self::Remove(near(u, keys)?, u.arbitrary()?),
            _ => Self::Combine(*u.choose(&RULES)?, u.arbitrary()?),
        })
    }
}
