//! The data sets, and the key sequences that the cells walk.

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use fastrand::Rng;
use ruzstd::decoding::StreamingDecoder;
use std::collections::HashSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Keys of the generated sets.
const GENERATED: u64 = 1_000_000;
/// New keys that a snapshot receives.
const EDITS: usize = 1_000;
/// Snapshots that one sample takes, each with new keys of its own.
const SNAPSHOTS: usize = 5;
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
        }
    }

    /// Whether all keys are eight bytes long.
    pub(crate) fn is_fixed(self) -> bool {
        matches!(self, Self::Rand | Self::Seq)
    }

    /// The keys, sorted, without duplicates.
    fn load(self) -> Result<Vec<Vec<u8>>> {
        let mut keys = match self {
            Self::Words => lines("words.txt.zst")?,
            Self::Cities => lines("cities.txt.zst")?,
            Self::Wn => lines("wordnet-3.1-triples.tsv.zst")?,
            Self::Rand => {
                let mut rng = Rng::with_seed(SEED);
                (0..GENERATED)
                    .map(|_| rng.u64(..).to_be_bytes().to_vec())
                    .collect()
            }
            Self::Seq => (0..GENERATED).map(|i| i.to_be_bytes().to_vec()).collect(),
        };
        keys.sort_unstable();
        keys.dedup();
        Ok(keys)
    }
}

/// The lines of a compressed file of the repository's data directory.
fn lines(file: &str) -> Result<Vec<Vec<u8>>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../data")
        .join(file);
    let read = || -> Result<Vec<u8>> {
        let mut text = Vec::new();
        StreamingDecoder::new(File::open(&path)?)?.read_to_end(&mut text)?;
        Ok(text)
    };
    let text = read().with_context(|| format!("cannot read {}", path.display()))?;
    ensure!(
        !text.contains(&0),
        "{file} holds a NUL byte, which ends a key here"
    );
    Ok(text
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(<[u8]>::to_vec)
        .collect())
}

/// A key, followed in memory by a NUL for the engine that needs one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key<'a>(&'a [u8]);

impl<'a> Key<'a> {
    /// The key.
    #[inline]
    pub(crate) fn bytes(self) -> &'a [u8] {
        &self.0[..self.0.len() - 1]
    }

    /// The key and a NUL.
    #[inline]
    pub(crate) fn terminated(self) -> &'a [u8] {
        self.0
    }
}

/// Keys in the order in which a cell uses them, in one block of memory: to read the next key
/// costs no cache miss, so that a cell measures the map.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    bytes: Vec<u8>,
    entries: Vec<(usize, u64)>,
}

impl Keys {
    fn push(&mut self, key: &[u8], index: u64) {
        self.bytes.extend_from_slice(key);
        self.bytes.push(0);
        self.entries.push((self.bytes.len(), index));
    }

    /// Number of keys.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Bytes of all keys.
    pub(crate) fn byte_len(&self) -> usize {
        self.bytes.len() - self.len()
    }

    /// The keys, each with its place in the sorted set.
    #[inline]
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Key<'_>, u64)> {
        let mut start = 0;
        self.entries.iter().map(move |&(end, index)| {
            let key = Key(&self.bytes[start..end]);
            start = end;
            (key, index)
        })
    }
}

/// What the cells of one data set need, prepared before any clock runs.
#[derive(Debug)]
pub(crate) struct DataSet {
    /// Which set it is.
    pub(crate) name: SetName,
    /// The keys in byte order.
    pub(crate) sorted: Keys,
    /// The keys in the order of insertion.
    pub(crate) shuffled: Keys,
    /// The keys in the order of lookup.
    pub(crate) hits: Keys,
    /// As many absent keys that resemble present ones.
    pub(crate) misses: Keys,
    /// Distinct absent keys, a group for each snapshot.
    pub(crate) edits: Vec<Keys>,
}

impl DataSet {
    /// Loads a set and derives its sequences.
    pub(crate) fn prepare(name: SetName) -> Result<Self> {
        let keys = name.load()?;
        let mut rng = Rng::with_seed(SEED ^ 1);
        let absent = absent(&keys, &mut rng);
        let mut distinct = absent.clone();
        let mut seen = HashSet::new();
        distinct.retain(|key| seen.insert(key.clone()));
        let edits = distinct.chunks_exact(EDITS).take(SNAPSHOTS);
        Ok(Self {
            name,
            sorted: in_order(&keys, 0..keys.len()),
            shuffled: in_order(&keys, permutation(keys.len(), &mut rng)),
            hits: in_order(&keys, permutation(keys.len(), &mut rng)),
            misses: in_order(&absent, 0..absent.len()),
            edits: edits.map(|group| in_order(group, 0..EDITS)).collect(),
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

/// As many keys as `keys` has, in random order, that are not among them but look alike: another
/// last byte, the head of one key with the tail of another, or one changed byte.
fn absent(keys: &[Vec<u8>], rng: &mut Rng) -> Vec<Vec<u8>> {
    let present: HashSet<&[u8]> = keys.iter().map(Vec::as_slice).collect();
    let mut result = Vec::with_capacity(keys.len());
    while result.len() < keys.len() {
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
