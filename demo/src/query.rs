//! Random patterns taken from the data, and how long their answers take.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, Instant};

use crate::graph::Graph;
use crate::pattern::{Pattern, Term};
use crate::triple::Triple;

/// A query reads no more answers than this, as a client that shows a page of them would.
pub(crate) const ANSWERS_MAX: usize = 1000;

/// Random numbers that are the same in every run (SplitMix64).
#[derive(Clone, Debug)]
pub(crate) struct Rng(pub(crate) u64);

impl Rng {
    /// The next number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// One of `items`; `None` if there is none.
    pub(crate) fn pick<'i, T>(&mut self, items: &'i [T]) -> Option<&'i T> {
        let wide = u128::from(self.next()) * items.len() as u128;
        items.get((wide >> 64) as usize)
    }
}

/// Which of subject, predicate and object a pattern knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape([bool; 3]);

impl Shape {
    /// The eight shapes, from everything known to nothing.
    pub(crate) const ALL: [Self; 8] = [
        Self([true, true, true]),
        Self([true, true, false]),
        Self([false, true, true]),
        Self([true, false, true]),
        Self([true, false, false]),
        Self([false, true, false]),
        Self([false, false, true]),
        Self([false, false, false]),
    ];

    /// The shape as it is written: a letter for what is known, `?` for what is asked.
    pub(crate) fn name(self) -> String {
        let [s, p, o] = self.0;
        let letter = |known, name| if known { name } else { '?' };
        format!(
            "({}, {}, {})",
            letter(s, 's'),
            letter(p, 'p'),
            letter(o, 'o')
        )
    }

    /// The pattern of this shape that asks for `triple` and its like.
    pub(crate) fn pattern(self, triple: &Triple<'_>) -> Pattern {
        let [s, p, o] = triple.fields();
        let term = |known, field: &[u8]| match known {
            true => Term::Exact(field.to_vec()),
            false => Term::Any,
        };
        Pattern([term(self.0[0], s), term(self.0[1], p), term(self.0[2], o)])
    }
}

/// What a query answered: how much, and a hash of every byte of it in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// How many triples.
    pub(crate) count: usize,
    hash: u64,
}

/// Asks for the first `limit` answers of a pattern and reads them whole.
pub(crate) fn ask(graph: &Graph, pattern: &Pattern, limit: usize) -> Answer {
    let mut matches = graph.match_pattern(pattern);
    let mut hasher = DefaultHasher::new();
    let mut count = 0;
    while count < limit {
        let Some(triple) = matches.next() else { break };
        triple.hash(&mut hasher);
        count += 1;
    }
    Answer {
        count,
        hash: hasher.finish(),
    }
}

/// How long the queries of one shape took.
#[derive(Debug)]
pub(crate) struct Latency {
    /// The shape of all the queries.
    pub(crate) shape: Shape,
    /// How many triples they answered in all.
    pub(crate) answers: usize,
    /// The times, ascending.
    times: Vec<Duration>,
}

impl Latency {
    /// How many queries were asked.
    pub(crate) fn queries(&self) -> usize {
        self.times.len()
    }

    /// The time that `percent` of the queries did not exceed; `None` without queries.
    pub(crate) fn percentile(&self, percent: usize) -> Option<Duration> {
        let rank = (self.times.len() * percent).div_ceil(100);
        self.times.get(rank.saturating_sub(1)).copied()
    }
}

/// Asks `count` queries of each shape, taken from random triples, and times each one.
///
/// `asked` hears of every query.
pub(crate) fn measure(
    graph: &Graph,
    triples: &[Triple<'_>],
    count: usize,
    asked: impl Fn(),
) -> Vec<Latency> {
    let mut rng = Rng(1);
    let latency = |shape: Shape| {
        let mut times = Vec::with_capacity(count);
        let mut answers = 0;
        for _ in 0..count {
            let Some(triple) = rng.pick(triples) else {
                break;
            };
            let pattern = shape.pattern(triple);
            let start = Instant::now();
            let answer = ask(graph, &pattern, ANSWERS_MAX);
            times.push(start.elapsed());
            answers += answer.count;
            asked();
        }
        times.sort_unstable();
        Latency {
            shape,
            answers,
            times,
        }
    };
    Shape::ALL.into_iter().map(latency).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRIPLES: [Triple<'static>; 2] = [
        Triple {
            subject: b"a",
            predicate: b"b",
            object: b"c",
        },
        Triple {
            subject: b"a",
            predicate: b"b",
            object: b"d",
        },
    ];

    #[test]
    fn shapes_ask_for_the_triple_they_are_taken_from() {
        let names = Shape::ALL.map(Shape::name);
        assert_eq!(names[0], "(s, p, o)");
        assert_eq!(names[2], "(?, p, o)");
        for shape in Shape::ALL {
            assert!(shape.pattern(&TRIPLES[0]).accepts(&TRIPLES[0]));
        }
        assert!(!Shape::ALL[0].pattern(&TRIPLES[0]).accepts(&TRIPLES[1]));
    }

    #[test]
    fn every_shape_is_measured() {
        let mut graph = Graph::default();
        for triple in &TRIPLES {
            graph.insert(triple);
        }
        let latencies = measure(&graph, &TRIPLES, 10, || ());
        assert_eq!(latencies.len(), 8);
        for latency in &latencies {
            assert_eq!(latency.queries(), 10);
            assert!(latency.answers >= 10);
            assert!(latency.percentile(50) <= latency.percentile(99));
        }
        let none = measure(&Graph::default(), &[], 10, || ());
        assert!(none.iter().all(|latency| latency.percentile(50).is_none()));
    }

    #[test]
    fn percentiles_are_ranks() {
        let latency = Latency {
            shape: Shape::ALL[0],
            answers: 0,
            times: (1..=100).map(Duration::from_secs).collect(),
        };
        assert_eq!(latency.percentile(50), Some(Duration::from_secs(50)));
        assert_eq!(latency.percentile(99), Some(Duration::from_secs(99)));
        assert_eq!(latency.percentile(0), Some(Duration::from_secs(1)));
    }

    #[test]
    fn answers_differ_when_one_of_them_changes() {
        let mut graph = Graph::default();
        graph.insert(&TRIPLES[0]);
        let all = Shape::ALL[7].pattern(&TRIPLES[0]);
        let before = ask(&graph, &all, 10);
        assert_eq!(before, ask(&graph.clone(), &all, 10));
        graph.insert(&TRIPLES[1]);
        assert_ne!(before, ask(&graph, &all, 10));
        assert_eq!(before, ask(&graph, &all, 1));
    }
}
