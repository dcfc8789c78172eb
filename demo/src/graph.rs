//! The graph: triples in three orders, and patterns answered by walks below a prefix.
//!
//! A key is a triple's fields joined by TAB, once for each cyclic order of the fields. Whatever part
//! of a pattern is missing, the known fields come first in one of the orders, so that the answers
//! are exactly the keys below a prefix.

use pleach::PathMap;
use pleach::map::Memory;
use pleach::zipper::{ReadZipper, Zipper, ZipperAbsolutePath, ZipperIteration, ZipperMoving};

use crate::pattern::{Pattern, Term};
use crate::triple::{Order, SEPARATOR, Triple};

/// Where the answers of a pattern are: a walk in one order.
struct Plan {
    order: Order,
    prefix: Vec<u8>,
    reach: Reach,
}

impl Plan {
    /// How the map of `order` answers `pattern`.
    fn new(order: Order, pattern: &Pattern) -> Self {
        let terms = order.arrange(pattern.0.each_ref());
        let known = terms
            .iter()
            .filter(|term| !matches!(term, Term::Any))
            .count();
        let mut prefix = Vec::new();
        let mut used = 0;
        for (place, term) in terms.into_iter().enumerate() {
            match term {
                Term::Any => break,
                Term::Prefix(start) => {
                    prefix.extend_from_slice(start);
                    used += 1;
                    break;
                }
                Term::Exact(field) => {
                    prefix.extend_from_slice(field);
                    used += 1;
                    if place == 2 {
                        return Self {
                            order,
                            prefix,
                            reach: Reach::Key,
                        };
                    }
                    prefix.push(SEPARATOR);
                }
            }
        }
        Self {
            order,
            prefix,
            reach: if used == known {
                Reach::Below
            } else {
                Reach::Among
            },
        }
    }
}

/// How the answers lie to the prefix of a plan.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// The prefix is the key of the only possible answer.
    Key,
    /// The answers are the keys below the prefix.
    Below,
    /// The answers are among the keys below the prefix.
    Among,
}

/// Triples in three orders. A clone is a snapshot, in O(1).
#[derive(Clone, Debug, Default)]
pub(crate) struct Graph {
    maps: [PathMap<()>; 3],
}

impl Graph {
    /// A graph of three maps, one for each of [`Order::ALL`], that hold the same triples.
    pub(crate) fn from_maps(maps: [PathMap<()>; 3]) -> Self {
        Self { maps }
    }

    /// The map whose keys are in this order.
    pub(crate) fn map(&self, order: Order) -> &PathMap<()> {
        &self.maps[order as usize]
    }

    /// What the maps take of memory, and what of it their clones share.
    pub(crate) fn memory(&self) -> Memory {
        Memory::of(&self.maps)
    }

    /// How many triples the graph holds.
    pub(crate) fn len(&self) -> usize {
        self.map(Order::Spo).len()
    }

    /// Adds a triple; false if it was there.
    pub(crate) fn insert(&mut self, triple: &Triple<'_>) -> bool {
        let mut key = Vec::new();
        let mut added = false;
        for order in Order::ALL {
            order.write_key(triple, 0, &mut key);
            added = self.maps[order as usize].insert(&key, ()).is_none();
        }
        added
    }

    /// Takes a triple out; false if it was not there.
    pub(crate) fn remove(&mut self, triple: &Triple<'_>) -> bool {
        let mut key = Vec::new();
        let mut removed = false;
        for order in Order::ALL {
            order.write_key(triple, 0, &mut key);
            removed = self.maps[order as usize].remove(&key).is_some();
        }
        removed
    }

    /// The answers of a pattern, in the byte order of the map that answers it.
    ///
    /// An order whose prefix holds all that the pattern knows answers at once; every pattern without
    /// `*` has one. Otherwise the order with the fewest keys below its prefix is walked and filtered.
    pub(crate) fn match_pattern(&self, pattern: &Pattern) -> Matches<'_> {
        let mut plan = Plan::new(Order::Spo, pattern);
        for order in [Order::Pos, Order::Osp] {
            if plan.reach != Reach::Among {
                break;
            }
            let other = Plan::new(order, pattern);
            let is_better = other.reach != Reach::Among
                || self.walk(&other).val_count() < self.walk(&plan).val_count();
            if is_better {
                plan = other;
            }
        }
        Matches {
            zipper: self.walk(&plan),
            order: plan.order,
            filter: (plan.reach == Reach::Among).then(|| pattern.clone()),
            next: Step::First {
                only: plan.reach == Reach::Key,
            },
        }
    }

    /// A zipper over the keys below the prefix of a plan.
    fn walk(&self, plan: &Plan) -> ReadZipper<'_, ()> {
        self.map(plan.order).read_zipper_at_path(&plan.prefix)
    }

    /// How many different fields stand first in the keys of an order.
    ///
    /// From each field the walk goes on beside it: what lies below is not visited.
    pub(crate) fn count_first_fields(&self, order: Order) -> usize {
        let mut zipper = self.map(order).read_zipper();
        let mut count = 0;
        while zipper.to_next_val() {
            count += 1;
            let key = zipper.path();
            let field = key.iter().take_while(|&&byte| byte != SEPARATOR).count();
            let below = key.len().saturating_sub(field + 1);
            zipper.ascend(below);
            while !zipper.to_next_sibling_byte() {
                if !zipper.ascend_byte() {
                    return count;
                }
            }
        }
        count
    }
}

/// The answers of a pattern. Each is read in place: it lives until the next one is asked for.
pub(crate) struct Matches<'g> {
    zipper: ReadZipper<'g, ()>,
    order: Order,
    filter: Option<Pattern>,
    next: Step,
}

/// How [`Matches`] goes on.
enum Step {
    /// Look at the root of the zipper, and no further if `only`.
    First { only: bool },
    /// To the next key.
    Next,
    /// No further.
    Stop,
}

impl Matches<'_> {
    /// The next answer.
    pub(crate) fn next(&mut self) -> Option<Triple<'_>> {
        while self.advance() {
            let Some(filter) = &self.filter else {
                return self.triple();
            };
            if self.triple().is_some_and(|triple| filter.accepts(&triple)) {
                return self.triple();
            }
        }
        None
    }

    /// The triple at the zipper's focus.
    fn triple(&self) -> Option<Triple<'_>> {
        self.order.triple(self.zipper.origin_path())
    }

    /// Moves to the next key; false behind the last one.
    fn advance(&mut self) -> bool {
        let found = match self.next {
            Step::First { only: true } => {
                self.next = Step::Stop;
                return self.zipper.is_val();
            }
            Step::First { only: false } => {
                self.next = Step::Next;
                self.zipper.is_val() || self.zipper.to_next_val()
            }
            Step::Next => self.zipper.to_next_val(),
            Step::Stop => false,
        };
        if !found {
            self.next = Step::Stop;
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Names that are prefixes of each other, and bytes on both sides of the separator.
    const NAMES: [&[u8]; 6] = [b"a", b"ab", b"abc", b"b", b"\x01", b"\xFF "];

    fn triple<'a>(s: &'a [u8], p: &'a [u8], o: &'a [u8]) -> Triple<'a> {
        Triple {
            subject: s,
            predicate: p,
            object: o,
        }
    }

    /// Some two thirds of all triples over the names.
    fn triples() -> Vec<Triple<'static>> {
        let mut triples = Vec::new();
        for (i, s) in NAMES.iter().enumerate() {
            for (j, p) in NAMES.iter().enumerate() {
                for (k, o) in NAMES.iter().enumerate() {
                    if (i * 7 + j * 3 + k * 5) % 3 != 0 {
                        triples.push(triple(s, p, o));
                    }
                }
            }
        }
        triples
    }

    fn graph_of(triples: &[Triple<'_>]) -> Graph {
        let mut graph = Graph::default();
        for triple in triples {
            assert!(graph.insert(triple));
        }
        graph
    }

    fn owned(triple: &Triple<'_>) -> [Vec<u8>; 3] {
        triple.fields().map(<[u8]>::to_vec)
    }

    #[test]
    fn every_pattern_answers_as_a_filter_over_all_triples() {
        let triples = triples();
        let graph = graph_of(&triples);
        let mut terms = vec![Term::Any, Term::Exact(b"missing".to_vec())];
        terms.extend(NAMES.map(|name| Term::Exact(name.to_vec())));
        terms.extend(["a", "ab", "zz"].map(|start| Term::Prefix(start.into())));
        for s in &terms {
            for p in &terms {
                for o in &terms {
                    let pattern = Pattern([s.clone(), p.clone(), o.clone()]);
                    let expected: BTreeSet<_> = triples
                        .iter()
                        .filter(|triple| pattern.accepts(triple))
                        .map(owned)
                        .collect();
                    let mut matches = graph.match_pattern(&pattern);
                    let mut answers = Vec::new();
                    while let Some(triple) = matches.next() {
                        answers.push(owned(&triple));
                    }
                    assert!(matches.next().is_none(), "{pattern} went on after its end");
                    assert_eq!(answers.len(), expected.len(), "{pattern}");
                    assert_eq!(BTreeSet::from_iter(answers), expected, "{pattern}");
                }
            }
        }
    }

    #[test]
    fn patterns_without_a_star_need_no_filter() {
        let exact = |name: &str| Term::Exact(name.into());
        for mask in 0..8 {
            let term = |bit: usize, name| {
                if mask >> bit & 1 == 1 {
                    exact(name)
                } else {
                    Term::Any
                }
            };
            let pattern = Pattern([term(0, "a"), term(1, "b"), term(2, "c")]);
            let plans = Order::ALL.map(|order| Plan::new(order, &pattern).reach);
            assert!(
                plans.iter().any(|&reach| reach != Reach::Among),
                "{pattern}"
            );
        }
    }

    #[test]
    fn first_fields_are_counted_once_each() {
        let triples = triples();
        let graph = graph_of(&triples);
        for order in Order::ALL {
            let expected: BTreeSet<_> = triples
                .iter()
                .map(|triple| order.first_field(triple))
                .collect();
            assert_eq!(graph.count_first_fields(order), expected.len());
        }
        assert_eq!(Graph::default().count_first_fields(Order::Spo), 0);
    }

    #[test]
    fn edits_reach_all_orders_and_no_snapshot() {
        let triples = triples();
        let mut graph = graph_of(&triples);
        let snapshot = graph.clone();
        assert!(!graph.insert(&triples[0]));
        assert!(graph.remove(&triples[0]));
        assert!(!graph.remove(&triples[0]));
        for order in Order::ALL {
            assert_eq!(graph.map(order).len(), triples.len() - 1);
            assert_eq!(snapshot.map(order).len(), triples.len());
        }
    }
}
