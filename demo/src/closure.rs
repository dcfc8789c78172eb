//! What a node reaches through one relation, step by step.

use pleach::PathMap;

use crate::graph::Graph;
use crate::pattern::{Pattern, Term};

/// Which way a relation is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// From subjects to objects.
    Forward,
    /// From objects to subjects.
    Backward,
}

/// The nodes reached, without the start unless a cycle leads back to it.
#[derive(Debug)]
pub(crate) struct Closure {
    /// The nodes, once each.
    pub(crate) nodes: PathMap<()>,
    /// How many steps lead to the farthest of them.
    pub(crate) depth: usize,
}

/// All nodes that `predicate` leads to from any of `start`.
///
/// A breadth-first search: each step is a walk below `node predicate` in one of the orders.
pub(crate) fn closure(
    graph: &Graph,
    start: &PathMap<()>,
    predicate: &[u8],
    direction: Direction,
) -> Closure {
    let mut nodes = PathMap::new();
    let mut depth = 0;
    let mut frontier: Vec<Vec<u8>> = start.keys().collect();
    loop {
        let mut reached = Vec::new();
        for node in frontier {
            let (node, relation) = (Term::Exact(node), Term::Exact(predicate.to_vec()));
            let mut steps = graph.match_pattern(&Pattern(match direction {
                Direction::Forward => [node, relation, Term::Any],
                Direction::Backward => [Term::Any, relation, node],
            }));
            while let Some(step) = steps.next() {
                let next = match direction {
                    Direction::Forward => step.object,
                    Direction::Backward => step.subject,
                };
                if nodes.insert(next, ()).is_none() {
                    reached.push(next.to_vec());
                }
            }
        }
        if reached.is_empty() {
            return Closure { nodes, depth };
        }
        depth += 1;
        frontier = reached;
    }
}

/// The subjects of `predicate` that `term` accepts.
pub(crate) fn subjects(graph: &Graph, term: &Term, predicate: &[u8]) -> PathMap<()> {
    let relation = Term::Exact(predicate.to_vec());
    let mut matches = graph.match_pattern(&Pattern([term.clone(), relation, Term::Any]));
    let mut subjects = PathMap::new();
    while let Some(triple) = matches.next() {
        subjects.insert(triple.subject, ());
    }
    subjects
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triple::Triple;

    fn graph() -> Graph {
        let mut graph = Graph::default();
        for (subject, predicate, object) in [
            ("dog.1", "is", "canine"),
            ("dog.2", "is", "man"),
            ("canine", "is", "animal"),
            ("animal", "is", "thing"),
            ("man", "is", "animal"),
            ("man", "has", "dog.1"),
            // A cycle, and a node that another one's name begins with.
            ("egg", "is", "hen"),
            ("hen", "is", "egg"),
            ("eggplant", "is", "thing"),
        ] {
            graph.insert(&Triple {
                subject: subject.as_bytes(),
                predicate: predicate.as_bytes(),
                object: object.as_bytes(),
            });
        }
        graph
    }

    fn reach(start: &str, direction: Direction) -> (Vec<String>, usize) {
        let graph = graph();
        let mut from = PathMap::new();
        from.insert(start, ());
        let closure = closure(&graph, &from, b"is", direction);
        let nodes = closure.nodes.keys();
        let names = nodes.map(|node| String::from_utf8(node).unwrap());
        (names.collect(), closure.depth)
    }

    #[test]
    fn both_directions_stop_at_the_ends_and_in_cycles() {
        let names = |names: &[&str]| -> Vec<String> { names.iter().map(|&n| n.into()).collect() };
        use Direction::{Backward, Forward};
        assert_eq!(
            reach("dog.1", Forward),
            (names(&["animal", "canine", "thing"]), 3)
        );
        assert_eq!(
            reach("animal", Backward),
            (names(&["canine", "dog.1", "dog.2", "man"]), 2)
        );
        assert_eq!(reach("egg", Forward), (names(&["egg", "hen"]), 2));
        assert_eq!(reach("thing", Forward), (vec![], 0));
        assert_eq!(reach("nowhere", Backward), (vec![], 0));
    }

    #[test]
    fn starts_are_subjects_of_the_relation() {
        let graph = graph();
        let found = |term: &str, predicate: &str| -> Vec<Vec<u8>> {
            subjects(&graph, &Term::parse(term), predicate.as_bytes())
                .keys()
                .collect()
        };
        assert_eq!(found("dog.*", "is"), [b"dog.1", b"dog.2"]);
        assert_eq!(found("man", "has"), [b"man"]);
        assert_eq!(found("?", "was"), Vec::<Vec<u8>>::new());
    }
}
