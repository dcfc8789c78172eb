//! The graph: triples in three orders, and patterns answered by walks below a prefix.
//!
//! A key is a triple's fields one behind the other, once for each cyclic order of the fields. Whatever part
//! of a pattern is missing, the known fields come first in one of the orders, so that the answers
//! are exactly the keys below a prefix.

use std::vec;

use pleach::PathMap;
use pleach::map::Memory;
use pleach::zipper::{ReadZipper, Zipper, ZipperAbsolutePath, ZipperIteration, ZipperMoving};

use crate::names::Names;
use crate::pattern::{Pattern, Term};
use crate::triple::{Order, Triple};

/// Where the answers of a pattern are: a walk in one order.
struct Plan {
    order: Order,
    /// The walk is below one after the other.
    prefixes: Vec<Vec<u8>>,
    reach: Reach,
}

impl Plan {
    /// How the map of `order` answers `pattern`.
    fn new(names: &Names, order: Order, pattern: &Pattern) -> Self {
        let terms = order.arrange(pattern.0.each_ref());
        let known = terms.iter().filter(|term| !matches!(term, Term::Any));
        let known = known.count();
        let (prefixes, used) = names.prefixes(terms);
        let is_key = used == 3 && !matches!(terms[2], Term::Prefix(_));
        Self {
            order,
            prefixes,
            reach: match used {
                _ if is_key => Reach::Key,
                used if used == known => Reach::Below,
                _ => Reach::Among,
            },
        }
    }
}

/// How the answers lie to the prefixes of a plan.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// Each prefix is the key of a possible answer.
    Key,
    /// The answers are the keys below the prefixes.
    Below,
    /// The answers are among the keys below the prefixes.
    Among,
}

/// Triples in three orders. A clone is a snapshot, in O(1).
#[derive(Clone, Debug)]
pub(crate) struct Graph {
    names: Names,
    maps: [PathMap<()>; 3],
}

impl Graph {
    /// A graph of three maps, one for each of [`Order::ALL`], that hold the same triples.
    pub(crate) fn from_maps(names: Names, maps: [PathMap<()>; 3]) -> Self {
        Self { names, maps }
    }

    /// The triple of a key of an order.
    pub(crate) fn triple<'k>(&'k self, order: Order, key: &'k [u8]) -> Option<Triple<'k>> {
        self.names.triple(order, key)
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
        let fields = self.names.fields(triple);
        let mut key = Vec::new();
        let mut added = false;
        for order in Order::ALL {
            fields.write_key(order, 0, &mut key);
            added = self.maps[order as usize].insert(&key, ()).is_none();
        }
        added
    }

    /// Takes a triple out; false if it was not there.
    pub(crate) fn remove(&mut self, triple: &Triple<'_>) -> bool {
        let Some(fields) = self.names.known_fields(triple) else {
            return false;
        };
        let mut key = Vec::new();
        let mut removed = false;
        for order in Order::ALL {
            fields.write_key(order, 0, &mut key);
            removed = self.maps[order as usize].remove(&key).is_some();
        }
        removed
    }

    /// The answers of a pattern, in the byte order of the map that answers it.
    ///
    /// An order whose prefix holds all that the pattern knows answers at once; every pattern without
    /// `*` has one. Otherwise the order with the fewest keys below its prefix is walked and filtered.
    pub(crate) fn match_pattern(&self, pattern: &Pattern) -> Matches<'_> {
        let mut plan = Plan::new(&self.names, Order::Spo, pattern);
        for order in [Order::Pos, Order::Osp] {
            if plan.reach != Reach::Among {
                break;
            }
            let other = Plan::new(&self.names, order, pattern);
            let is_better =
                other.reach != Reach::Among || self.count_below(&other) < self.count_below(&plan);
            if is_better {
                plan = other;
            }
        }
        let mut rest = plan.prefixes.into_iter();
        let first = rest.next();
        let next = match &first {
            Some(_) => Step::First,
            None => Step::Stop,
        };
        Matches {
            zipper: self
                .map(plan.order)
                .read_zipper_at_path(first.unwrap_or_default()),
            graph: self,
            order: plan.order,
            rest,
            only: plan.reach == Reach::Key,
            filter: (plan.reach == Reach::Among).then(|| pattern.clone()),
            next,
        }
    }

    /// How many keys are below the prefixes of a plan.
    fn count_below(&self, plan: &Plan) -> usize {
        let map = self.map(plan.order);
        let below = |prefix| map.read_zipper_at_path(prefix).val_count();
        plan.prefixes.iter().map(below).sum()
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
            let below = key.len().saturating_sub(self.names.first_len(key));
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
    /// The walk below a prefix, and the prefixes to come.
    zipper: ReadZipper<'g, ()>,
    rest: vec::IntoIter<Vec<u8>>,
    graph: &'g Graph,
    order: Order,
    /// Whether a prefix is a key, with nothing else to find below it.
    only: bool,
    filter: Option<Pattern>,
    next: Step,
}

/// How [`Matches`] goes on.
enum Step {
    /// Look at the root of the zipper.
    First,
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
        self.graph.triple(self.order, self.zipper.origin_path())
    }

    /// Moves to the next key; false behind the last one.
    fn advance(&mut self) -> bool {
        loop {
            let found = match self.next {
                Step::Stop => return false,
                Step::First => self.zipper.is_val() || (!self.only && self.zipper.to_next_val()),
                Step::Next => !self.only && self.zipper.to_next_val(),
            };
            if found {
                self.next = Step::Next;
                return true;
            }
            let Some(prefix) = self.rest.next() else {
                self.next = Step::Stop;
                return false;
            };
            self.zipper = self.graph.map(self.order).read_zipper_at_path(prefix);
            self.next = Step::First;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pleach::intern::SharedMapping;
    use std::collections::BTreeSet;

    impl Default for Graph {
        fn default() -> Self {
            Self::from_maps(Names::Symbols(SharedMapping::new()), Default::default())
        }
    }

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

    /// Both forms of keys.
    fn forms() -> [Names; 2] {
        [Names::Text, Names::Symbols(SharedMapping::new())]
    }

    fn graph_of(names: Names, triples: &[Triple<'_>]) -> Graph {
        let mut graph = Graph::from_maps(names, Default::default());
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
        let graphs = forms().map(|names| graph_of(names, &triples));
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
                    for graph in &graphs {
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
            for names in forms() {
                let plans = Order::ALL.map(|order| Plan::new(&names, order, &pattern).reach);
                assert!(
                    plans.iter().any(|&reach| reach != Reach::Among),
                    "{pattern}"
                );
            }
        }
    }

    #[test]
    fn first_fields_are_counted_once_each() {
        let triples = triples();
        for graph in forms().map(|names| graph_of(names, &triples)) {
            for order in Order::ALL {
                let first = |triple: &Triple<'static>| order.arrange(triple.fields())[0];
                let expected: BTreeSet<_> = triples.iter().map(first).collect();
                assert_eq!(graph.count_first_fields(order), expected.len());
            }
        }
        assert_eq!(Graph::default().count_first_fields(Order::Spo), 0);
    }

    #[test]
    fn edits_reach_all_orders_and_no_snapshot() {
        let triples = triples();
        let [_, names] = forms();
        let mut graph = graph_of(names, &triples);
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
