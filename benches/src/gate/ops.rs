//! The operations that are counted.

use crate::lines::lines;
use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use fastrand::Rng;
use pleach::PathMap;
use pleach::ptr::Shared;
use pleach::zipper::{Zipper, ZipperMoving, ZipperReadOnlyIteration, ZipperWriting};
use std::hint::black_box;

/// Keys of a map, and steps of most operations.
const KEYS: usize = 10_000;
/// Keys that a snapshot receives.
const EDITS: usize = 100;

type Key = Vec<u8>;
type Map = PathMap<u64>;

/// A hot operation.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Op {
    /// A counted pointer, cloned and released.
    Pointer,
    /// Lookup of a present word.
    HitWords,
    /// Lookup of a present random u64.
    HitRand,
    /// Lookup of an absent word.
    Miss,
    /// Words into an empty map, in random order.
    Insert,
    /// Words into a clone.
    Snapshot,
    /// All words in order, by a zipper.
    Iterate,
    /// All words out of a map.
    Remove,
    /// A zipper down to a word and back.
    Descend,
    /// A branch put into another map.
    Graft,
    /// Giving a map back.
    Drop,
}

impl Op {
    /// Name on the command line and in the baseline.
    pub(crate) fn name(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// Prepares, runs and checks the operation; prints the number of its steps.
    pub(crate) fn run(self) -> Result<()> {
        let (steps, right) = match self {
            Self::Pointer => pointer(),
            Self::HitRand => hit(&numbers()),
            _ => self.on_words(&words()?),
        };
        ensure!(right, "`{}` comes to a wrong result", self.name());
        println!("{steps}");
        Ok(())
    }

    fn on_words(self, words: &Words) -> (usize, bool) {
        let Words { present, absent } = words;
        match self {
            Self::Miss => miss(present, absent),
            Self::Insert => insert(present),
            Self::Snapshot => snapshot(present, absent),
            Self::Iterate => iterate(present),
            Self::Remove => remove(present),
            Self::Descend => descend(present),
            Self::Graft => graft(present),
            Self::Drop => give_back(present),
            Self::Pointer | Self::HitWords | Self::HitRand => hit(present),
        }
    }
}

/// Runs `work`: what callgrind counts, and nothing else.
#[inline(never)]
fn counted<T>(work: impl FnOnce() -> T) -> T {
    black_box(work())
}

/// Shuffled words of the data directory.
struct Words {
    present: Vec<Key>,
    absent: Vec<Key>,
}

fn words() -> Result<Words> {
    let mut present = lines("words.txt.zst")?;
    Rng::with_seed(7).shuffle(&mut present);
    present.truncate(2 * KEYS);
    let absent = present.split_off(KEYS);
    let keys = absent.first().context("too few words")?;
    ensure!(absent.len() == KEYS && !keys.is_empty(), "too few words");
    Ok(Words { present, absent })
}

fn numbers() -> Vec<Key> {
    let mut rng = Rng::with_seed(7);
    (0..KEYS)
        .map(|_| rng.u64(..).to_be_bytes().to_vec())
        .collect()
}

fn map_of(keys: &[Key]) -> Map {
    keys.iter().zip(0..).collect()
}

fn pointer() -> (usize, bool) {
    let pointer: Shared<u64> = Shared::new(7);
    counted(|| {
        for _ in 0..KEYS {
            drop(black_box(Shared::clone(&pointer)));
        }
    });
    (KEYS, *pointer == 7 && Shared::is_unique(&pointer))
}

fn hit(keys: &[Key]) -> (usize, bool) {
    let map = map_of(keys);
    let sum: u64 = counted(|| keys.iter().filter_map(|key| map.get(key)).sum());
    (keys.len(), sum == (0..keys.len() as u64).sum())
}

fn miss(present: &[Key], absent: &[Key]) -> (usize, bool) {
    let map = map_of(present);
    let found = counted(|| absent.iter().filter(|&key| map.contains_key(key)).count());
    (absent.len(), found == 0)
}

fn insert(keys: &[Key]) -> (usize, bool) {
    let map = counted(|| map_of(keys));
    (keys.len(), map.len() == keys.len())
}

fn snapshot(present: &[Key], absent: &[Key]) -> (usize, bool) {
    let map = map_of(present);
    let edited = counted(|| {
        let mut edited = map.clone();
        edited.extend(absent.iter().take(EDITS).zip(0..));
        edited
    });
    let right = edited.len() == map.len() + EDITS && map.len() == present.len();
    (EDITS, right)
}

fn iterate(keys: &[Key]) -> (usize, bool) {
    let map = map_of(keys);
    let (mut bytes, mut sum) = (0, 0);
    counted(|| {
        let mut zipper = map.read_zipper();
        while let Some(&value) = zipper.to_next_get_val() {
            bytes += zipper.path().len();
            sum += value;
        }
    });
    let right = bytes == keys.iter().map(Vec::len).sum() && sum == (0..keys.len() as u64).sum();
    (keys.len(), right)
}

fn remove(keys: &[Key]) -> (usize, bool) {
    let mut map = map_of(keys);
    let removed = counted(|| keys.iter().filter_map(|key| map.remove(key)).count());
    (keys.len(), removed == keys.len() && map.is_empty())
}

fn descend(keys: &[Key]) -> (usize, bool) {
    let map = map_of(keys);
    let mut zipper = map.read_zipper();
    let found = counted(|| {
        let mut found = 0;
        for key in keys {
            zipper.descend_to(key);
            found += usize::from(zipper.is_val());
            zipper.reset();
        }
        found
    });
    (keys.len(), found == keys.len())
}

fn graft(keys: &[Key]) -> (usize, bool) {
    let map = map_of(keys);
    let mut target = Map::new();
    counted(|| {
        for key in keys.iter().take(EDITS) {
            let mut zipper = target.write_zipper_at_path(key);
            zipper.graft(&map.read_zipper());
        }
    });
    (EDITS, target.len() >= keys.len())
}

fn give_back(keys: &[Key]) -> (usize, bool) {
    let map = map_of(keys);
    let right = map.len() == keys.len();
    counted(|| drop(map));
    (keys.len(), right)
}
