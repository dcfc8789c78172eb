//! How a call comes about: a verb, and a draw of everything any verb may need.

use crate::Origin;
use crate::keys::{Key, Pick, mask};
use proptest::prelude::*;
use proptest::strategy::Union;
use std::collections::BTreeSet;
use std::fmt;

/// A verb and its weight.
pub(crate) type Verb<T> = (u32, fn(Draw) -> T);

/// What a verb may use.
#[derive(Clone, Debug)]
pub(crate) struct Draw {
    pub(crate) key: Key,
    pub(crate) seed: u64,
    pub(crate) size: usize,
    pub(crate) flag: bool,
    pub(crate) mask: BTreeSet<u8>,
}

impl Draw {
    /// The source of a graft.
    pub(crate) fn origin(&self) -> Origin {
        Origin {
            map: self.seed as usize,
            path: self.key.clone(),
        }
    }
}

/// A verb and its draw, but for the key, which is chosen when the script's keys are known.
#[derive(Clone)]
pub(crate) struct Call<T> {
    verb: fn(Draw) -> T,
    pick: Pick,
    draw: Draw,
}

impl<T> Call<T> {
    /// The call, with its key chosen from `keys`.
    pub(crate) fn resolve(mut self, keys: &[Key]) -> T {
        self.draw.key = self.pick.from(keys);
        (self.verb)(self.draw)
    }
}

impl<T> fmt::Debug for Call<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (&self.pick, &self.draw).fmt(f)
    }
}

/// A call of one of the verbs, with a key that `pick` chooses.
pub(crate) fn call<T: 'static>(
    verbs: &'static [Verb<T>],
    pick: BoxedStrategy<Pick>,
) -> impl Strategy<Value = Call<T>> {
    let verb = Union::new_weighted(
        verbs
            .iter()
            .map(|&(w, verb)| (w, Just(Named(verb))))
            .collect(),
    );
    let size = prop_oneof![4 => 0..4_usize, 2 => 4..80_usize, 1 => 80..900_usize];
    (verb, pick, 0..1_000_u64, size, any::<bool>(), mask()).prop_map(
        |(Named(verb), pick, seed, size, flag, mask)| Call {
            verb,
            pick,
            draw: Draw {
                key: Key::new(),
                seed,
                size,
                flag,
                mask,
            },
        },
    )
}

/// A verb that proptest can clone and print.
struct Named<T>(fn(Draw) -> T);

impl<T> Clone for Named<T> {
    fn clone(&self) -> Self {
        Self(self.0)
    }
}

impl<T> fmt::Debug for Named<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("verb")
    }
}
