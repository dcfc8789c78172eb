//! The data sets, and the key sequences that the cells walk.

mod keys;

pub(crate) use keys::{Key, Keys};

use crate::lines::lines;
use anyhow::{Result, ensure};
use clap::ValueEnum;
use fastrand::Rng;
use std::collections::HashSet;
use std::ops::Range;

/// Keys of the generated sets, unless told otherwise.
const GENERATED: usize = 1_000_000;
/// Keys of the dense set, unless told otherwise.
const DENSE: usize = 4_000_000;
/// New keys that a snapshot receives.
const EDITS: usize = 1_000;
/// New keys that a snapshot of many edits receives, if there are as many absent ones.
const MANY_EDITS: usize = 10_000;
/// Snapshots that one sample takes, each with new keys of its own.
const SNAPSHOTS: usize = 5;
/// Prefixes that one sample scans.
const SCANS: usize = 2_000;
/// Keys that a scan visits at most.
pub(crate) const SCAN_LIMIT: usize = 100;
/// Every sequence is the same in every run.
const SEED: u64 = 0x0070_6c65_6163_6821;

/// A set of keys to measure with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SetName {
    /// English words.
    Words,
    /// `country/admin1/name/lat/lng`.
    Cities,
    /// WordNet triples, a whole line as key.
    Wn,
    /// Random u64, big-endian.
    Rand,
    /// Consecutive u64, big-endian.
    Seq,
    /// Made-up names, `family/given/number`.
    Names,
}

impl SetName {
    /// Name on the command line and in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Words => "words",
            Self::Cities => "cities",
            Self::Wn => "wn",
            Self::Rand => "rand",
            Self::Seq => "seq",
            Self::Names => "names",
        }
    }

    /// Whether all keys are eight bytes long.
    pub(crate) fn is_fixed(self) -> bool {
        matches!(self, Self::Rand | Self::Seq)
    }

    /// Whether it can have any number of keys.
    pub(crate) fn is_generated(self) -> bool {
        matches!(self, Self::Rand | Self::Seq | Self::Names)
    }

    /// About how many keys it has, for those who plan.
    pub(crate) fn expected_len(self) -> usize {
        match self {
            Self::Words => 274_000,
            Self::Cities => 171_000,
            Self::Wn => 572_000,
            Self::Rand | Self::Names => GENERATED,
            Self::Seq => DENSE,
        }
    }

    /// Bytes of a prefix that some keys share, but not too many.
    fn prefix_len(self) -> usize {
        if self.is_fixed() { 2 } else { 3 }
    }

    /// The keys, sorted, without duplicates. `len` keys of a generated set.
    fn load(self, len: usize) -> Result<Vec<Vec<u8>>> {
        let mut rng = Rng::with_seed(SEED);
        let mut keys = match self {
            Self::Words => lines("words.txt.zst")?,
            Self::Cities => lines("cities.txt.zst")?,
            Self::Wn => lines("wordnet-3.1-triples.tsv.zst")?,
            Self::Rand => (0..len)
                .map(|_| rng.u64(..).to_be_bytes().to_vec())
                .collect(),
            Self::Seq => (0..len as u64).map(|i| i.to_be_bytes().to_vec()).collect(),
            Self::Names => names(len, &mut rng),
        };
        keys.sort_unstable();
        keys.dedup();
        Ok(keys)
    }
}

/// Distinct names. Some syllables are more common than others, so that branches differ in size.
fn names(len: usize, rng: &mut Rng) -> Vec<Vec<u8>> {
    const SYLLABLES: [&str; 24] = [
        "an", "ber", "ca", "do", "el", "fin", "ga", "hol", "is", "jo", "ka", "lin", "mar", "ni",
        "o", "pet", "qui", "ro", "sen", "ta", "ul", "ver", "wil", "ya",
    ];
    let mut syllable = || {
        SYLLABLES[rng
            .usize(..SYLLABLES.len())
            .min(rng.usize(..SYLLABLES.len()))]
    };
    let mut seen = HashSet::with_capacity(len);
    let mut count = 0_usize;
    while seen.len() < len {
        count += 1;
        let family = [syllable(), syllable(), syllable()].concat();
        let given = [syllable(), syllable()].concat();
        seen.insert(format!("{family}/{given}/{}", count % 1_000).into_bytes());
    }
    seen.into_iter().collect()
}

/// What the cells of one data set need, prepared before any clock runs.
#[derive(Debug)]
pub(crate) struct DataSet {
    /// The keys in byte order.
    pub(crate) sorted: Keys,
    /// The keys in the order of insertion.
    pub(crate) shuffled: Keys,
    /// The keys in the order of lookup and of removal.
    pub(crate) hits: Keys,
    /// As many absent keys that resemble present ones.
    pub(crate) misses: Keys,
    /// Distinct absent keys, a group for each snapshot.
    pub(crate) edits: Vec<Keys>,
    /// Distinct absent keys for one snapshot of many edits.
    pub(crate) many_edits: Keys,
    /// Heads of present keys.
    pub(crate) prefixes: Keys,
    /// The keys that the scan of each prefix visits, by their place in the sorted set.
    pub(crate) scans: Vec<Range<u64>>,
}

impl DataSet {
    /// Loads a set and derives its sequences.
    pub(crate) fn prepare(name: SetName) -> Result<Self> {
        Self::with_len(name, name.expected_len())
    }

    /// As `prepare`, with the number of keys of a generated set.
    pub(crate) fn with_len(name: SetName, len: usize) -> Result<Self> {
        let keys = name.load(len)?;
        let mut rng = Rng::with_seed(SEED ^ 1);
        // Small sets repeat themselves: twice as many as needed, before they are told apart.
        let absent = absent(&keys, keys.len().max(2 * SNAPSHOTS * EDITS), &mut rng);
        let mut distinct = absent.clone();
        let mut seen = HashSet::new();
        distinct.retain(|key| seen.insert(key.clone()));
        let edits = distinct.chunks_exact(EDITS).take(SNAPSHOTS);
        ensure!(edits.len() == SNAPSHOTS, "too few absent keys");
        let mut scans = Vec::with_capacity(SCANS);
        let mut prefixes = Keys::default();
        for _ in 0..SCANS {
            let key = &keys[rng.usize(..keys.len())];
            let prefix = &key[..key.len().min(name.prefix_len())];
            let first = keys.partition_point(|key| key.as_slice() < prefix);
            let rest = keys[first..].iter().take(SCAN_LIMIT);
            let found = rest.take_while(|key| key.starts_with(prefix)).count();
            scans.push(first as u64..(first + found) as u64);
            prefixes.push(prefix, first as u64);
        }
        Ok(Self {
            sorted: in_order(&keys, 0..keys.len()),
            shuffled: in_order(&keys, permutation(keys.len(), &mut rng)),
            hits: in_order(&keys, permutation(keys.len(), &mut rng)),
            misses: in_order(&absent, 0..keys.len()),
            many_edits: in_order(&distinct, 0..distinct.len().min(MANY_EDITS)),
            edits: edits.map(|group| in_order(group, 0..EDITS)).collect(),
            prefixes,
            scans,
        })
    }
}

fn in_order(keys: &[Vec<u8>], order: impl IntoIterator<Item = usize>) -> Keys {
    let mut result = Keys::default();
    for index in order {
        result.push(&keys[index], index as u64);
    }
    result
}

fn permutation(len: usize, rng: &mut Rng) -> Vec<usize> {
    let mut order: Vec<usize> = (0..len).collect();
    rng.shuffle(&mut order);
    order
}

/// `count` keys in random order that are not among `keys` but look alike: another last byte, the
/// head of one key with the tail of another, or one changed byte.
fn absent(keys: &[Vec<u8>], count: usize, rng: &mut Rng) -> Vec<Vec<u8>> {
    let present: HashSet<&[u8]> = keys.iter().map(Vec::as_slice).collect();
    let mut result = Vec::with_capacity(count);
    while result.len() < count {
        let mut key = keys[rng.usize(..keys.len())].clone();
        let other = &keys[rng.usize(..keys.len())];
        let at = rng.usize(..key.len());
        match rng.u8(..3) {
            0 => {
                key.pop();
                key.extend(other.last());
            }
            1 => {
                key.truncate(at);
                key.extend(other.iter().skip(at));
            }
            _ => key[at] = other[rng.usize(..other.len())],
        }
        if !key.is_empty() && !present.contains(key.as_slice()) {
            result.push(key);
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_sets_have_the_length_asked_for() {
        for name in [SetName::Rand, SetName::Seq, SetName::Names] {
            assert_eq!(DataSet::with_len(name, 1_000).unwrap().sorted.len(), 1_000);
        }
    }

    #[test]
    fn absent_keys_are_absent() {
        let set = DataSet::with_len(SetName::Names, 1_000).unwrap();
        let present: HashSet<&[u8]> = set.sorted.iter().map(|(key, _)| key.bytes()).collect();
        let absent = set.edits.iter().chain([&set.misses]);
        for (key, _) in absent.flat_map(Keys::iter) {
            assert!(!present.contains(key.bytes()));
        }
    }
}
