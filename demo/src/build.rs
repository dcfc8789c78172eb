//! From triples to the three maps, on all cores.
//!
//! Each order's triples are split by the first byte in which their keys differ. A part is built by
//! one thread as a map of its own, over what follows that byte; then the parts of an order are
//! grafted side by side, which moves a pointer for each and copies no key.

use pleach::PathMap;
use pleach::zipper::ZipperWriting;

use crate::graph::Graph;
use crate::parallel;
use crate::triple::{Order, SEPARATOR, Triple};

/// Builds report their progress each time they have added this many keys.
const REPORT_EVERY: usize = 4096;

/// The triples of one order whose keys begin alike.
struct Part {
    order: Order,
    /// What all keys of the order begin with, and the byte that is this part's own.
    path: Vec<u8>,
    /// Positions of the triples.
    members: Vec<usize>,
}

/// A graph of `triples`; `added` hears how many keys were added since it was last called, in all
/// `3 * triples.len()`.
pub(crate) fn build(triples: &[Triple<'_>], threads: usize, added: impl Fn(usize) + Sync) -> Graph {
    let mut parts: Vec<Part> =
        parallel::map(threads, &Order::ALL, |&order| partition(order, triples))
            .into_iter()
            .flatten()
            .collect();
    // The longest first, so that no thread is left alone with one at the end.
    parts.sort_by_key(|part| std::cmp::Reverse(part.members.len()));

    let built = parallel::map(threads, &parts, |part| {
        let mut map = PathMap::new();
        let mut key = Vec::new();
        for some in part.members.chunks(REPORT_EVERY) {
            for &member in some {
                part.order
                    .write_key(&triples[member], part.path.len(), &mut key);
                map.insert(&key, ());
            }
            added(some.len());
        }
        map
    });

    let mut maps: [PathMap<()>; 3] = Default::default();
    for (part, map) in parts.iter().zip(built) {
        maps[part.order as usize]
            .write_zipper_at_path(&part.path)
            .graft_map(map);
    }
    Graph::from_maps(maps)
}

/// Splits the triples by the byte that follows what all their keys begin with.
fn partition(order: Order, triples: &[Triple<'_>]) -> Vec<Part> {
    let Some(first) = triples.first() else {
        return Vec::new();
    };
    let first = order.first_field(first);
    let shared = triples.iter().fold(first, |shared, triple| {
        let same = shared
            .iter()
            .zip(order.first_field(triple))
            .take_while(|(a, b)| a == b);
        &shared[..same.count()]
    });
    let mut members = vec![Vec::new(); 256];
    for (position, triple) in triples.iter().enumerate() {
        let own = order
            .first_field(triple)
            .get(shared.len())
            .unwrap_or(&SEPARATOR);
        members[usize::from(*own)].push(position);
    }
    (0..=u8::MAX)
        .zip(members)
        .filter(|(_, members)| !members.is_empty())
        .map(|(own, members)| Part {
            order,
            path: [shared, &[own]].concat(),
            members,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lines: &[[&'static str; 3]]) {
        let triples: Vec<_> = lines
            .iter()
            .map(|[subject, predicate, object]| Triple {
                subject: subject.as_bytes(),
                predicate: predicate.as_bytes(),
                object: object.as_bytes(),
            })
            .collect();
        for threads in [1, 2, 5] {
            let told = std::sync::atomic::AtomicUsize::new(0);
            let graph = build(&triples, threads, |count| {
                told.fetch_add(count, std::sync::atomic::Ordering::Relaxed);
            });
            assert_eq!(told.into_inner(), 3 * triples.len());
            for order in Order::ALL {
                let mut expected = PathMap::new();
                let mut key = Vec::new();
                for triple in &triples {
                    order.write_key(triple, 0, &mut key);
                    expected.insert(&key, ());
                }
                assert!(graph.map(order).keys().eq(expected.keys()));
                assert_eq!(graph.map(order).len(), expected.len());
            }
        }
    }

    #[test]
    fn parts_join_to_the_map_that_one_thread_builds() {
        check(&[]);
        check(&[["a", "b", "c"]]);
        check(&[["a", "b", "c"], ["a", "b", "c"], ["a", "b", "cd"]]);
        check(&[["x", "p", "y"], ["xy", "p", "x"], ["x", "q", "xyz"]]);
        check(&[
            ["urn:a", "is", "urn:b"],
            ["urn:a", "is", "urn:"],
            ["urn:", "was", "b"],
            ["\u{1}", "is", "\u{1}"],
        ]);
    }
}
