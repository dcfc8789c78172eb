//! The strings to intern.

use crate::lines::lines;
use crate::race::About;
use anyhow::Result;
use fastrand::Rng;
use std::collections::HashSet;

const SEED: u64 = 0x0069_6e74_6572_6e21;
const NAMESPACE: &str = "http://www.example.org/ontology/lexicon/entry/";

/// Where strings come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextName {
    /// Subjects, predicates and objects of WordNet, as they follow each other.
    Tokens,
    /// English words, each once, in random order.
    Words,
    /// The same as names in one namespace.
    Uris,
}

impl TextName {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Tokens, Self::Words, Self::Uris];

    /// Name on the command line and in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Tokens => "wn tokens",
            Self::Words => "words",
            Self::Uris => "uris",
        }
    }

    /// About how many strings it has.
    pub(crate) fn expected_len(self) -> usize {
        match self {
            Self::Tokens => 1_760_000,
            Self::Words | Self::Uris => 274_000,
        }
    }

    fn load(self, rng: &mut Rng) -> Result<Vec<String>> {
        let texts = lines(match self {
            Self::Tokens => "wordnet-3.1-triples.tsv.zst",
            Self::Words | Self::Uris => "words.txt.zst",
        })?;
        let texts = texts.into_iter().map(String::from_utf8);
        let mut texts: Vec<String> = texts.collect::<Result<_, _>>()?;
        match self {
            Self::Tokens => {
                let tokens = texts.iter().flat_map(|line| line.split('\t'));
                return Ok(tokens.map(str::to_owned).collect());
            }
            Self::Words => {}
            Self::Uris => texts
                .iter_mut()
                .for_each(|text| text.insert_str(0, NAMESPACE)),
        }
        rng.shuffle(&mut texts);
        Ok(texts)
    }
}

/// Strings one after the other in the order of their use, so that to read the next one costs no
/// cache miss.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    text: String,
    ends: Vec<usize>,
}

impl Texts {
    /// Number of strings.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Bytes of all strings.
    pub(crate) fn byte_len(&self) -> usize {
        self.text.len()
    }

    /// The strings.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        let mut start = 0;
        self.ends.iter().map(move |&end| {
            let text = &self.text[start..end];
            start = end;
            text
        })
    }
}

impl<'a> FromIterator<&'a str> for Texts {
    fn from_iter<I: IntoIterator<Item = &'a str>>(strings: I) -> Self {
        let mut texts = Self::default();
        for string in strings {
            texts.text.push_str(string);
            texts.ends.push(texts.text.len());
        }
        texts
    }
}

/// What the cells of a text need.
#[derive(Debug)]
pub(crate) struct Data {
    /// All strings, repeated as they come.
    pub(crate) stream: Texts,
    /// The same in halves, one a thread.
    pub(crate) halves: [Texts; 2],
    /// Each string once, in the order of their first place.
    pub(crate) distinct: Texts,
    /// Each string once, in two other orders.
    pub(crate) random: [Texts; 2],
    /// Places of the distinct strings in random order.
    pub(crate) order: Vec<usize>,
    /// Strings that are there before a mix begins, and the mix of each of two threads: nine of
    /// those for each new one.
    pub(crate) old: Texts,
    /// See `old`.
    pub(crate) mix: [Texts; 2],
}

impl Data {
    /// At most `limit` strings of a text.
    pub(crate) fn load(name: TextName, limit: usize) -> Result<Self> {
        let mut rng = Rng::with_seed(SEED);
        let mut stream = name.load(&mut rng)?;
        stream.truncate(limit);
        let of = |strings: &[&str]| strings.iter().copied().collect::<Texts>();
        let strings: Vec<&str> = stream.iter().map(String::as_str).collect();
        let mut seen = HashSet::new();
        let mut distinct = strings.clone();
        distinct.retain(|string| seen.insert(*string));
        let mut shuffled = || {
            let mut order: Vec<usize> = (0..distinct.len()).collect();
            rng.shuffle(&mut order);
            order
        };
        let orders = [shuffled(), shuffled(), shuffled()];
        let in_order = |order: &[usize]| {
            order
                .iter()
                .map(|&place| distinct[place])
                .collect::<Texts>()
        };
        // Both threads add other strings.
        let (new, old) = distinct.split_at(distinct.len() / 10);
        let mix = [0, 1].map(|thread| {
            let mine = new.iter().copied().skip(thread).step_by(2);
            let mine = mine.flat_map(|new| {
                let gets: [&str; 9] = std::array::from_fn(|_| old[rng.usize(..old.len())]);
                gets.into_iter().chain([new])
            });
            mine.collect()
        });
        let (first, second) = strings.split_at(strings.len() / 2);
        Ok(Self {
            random: [in_order(&orders[0]), in_order(&orders[1])],
            halves: [of(first), of(second)],
            old: of(old),
            mix,
            distinct: of(&distinct),

            stream: of(&strings),
            order: orders.into_iter().next_back().unwrap_or_default(),
        })
    }

    /// The text in a line.
    pub(crate) fn about(&self) -> About {
        let line = format!(
            "{} strings, {} different ones of {:.1} bytes on average",
            self.stream.len(),
            self.distinct.len(),
            self.distinct.byte_len() as f64 / self.distinct.len() as f64
        );
        let text = None;
        About { line, text }
    }
}
