//! From triples to the three maps, on all cores.
//!
//! The fields are named first. Then each order's triples are split by the first byte in which their
//! keys differ. A part is built by one thread as a map of its own, over what follows that byte; then
//! the parts of an order are grafted side by side, which moves a pointer for each and copies no key.

use pleach::PathMap;
use pleach::zipper::ZipperWriting;

use crate::graph::Graph;
use crate::names::{Fields, Names};
use crate::parallel;
use crate::triple::{Order, Triple};

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
pub(crate) fn build(
    names: Names,
    triples: &[Triple<'_>],
    threads: usize,
    added: impl Fn(usize) + Sync,
) -> Graph {
    let pieces: Vec<_> = triples.chunks(REPORT_EVERY).collect();
    let named = parallel::map(threads, &pieces, |piece| {
        piece
            .iter()
            .map(|triple| names.fields(triple))
            .collect::<Vec<_>>()
    });
    let triples = named.concat();
    let mut parts: Vec<Part> =
        parallel::map(threads, &Order::ALL, |&order| partition(order, &triples))
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
                triples[member].write_key(part.order, part.path.len(), &mut key);
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
    Graph::from_maps(names, maps)
}

/// Splits the triples by the byte that follows what all their keys begin with.
fn partition(order: Order, triples: &[Fields<'_>]) -> Vec<Part> {
    let (mut first, mut key) = (Vec::new(), Vec::new());
    let Some(fields) = triples.first() else {
        return Vec::new();
    };
    fields.write_key(order, 0, &mut first);
    // The last byte of a key is left to the parts, which are of keys with one byte or more.
    let mut shared = first.len().saturating_sub(1);
    for fields in triples {
        fields.write_key(order, 0, &mut key);
        let own = shared.min(key.len().saturating_sub(1));
        let same = first.iter().zip(&key).take(own);
        shared = same.take_while(|(a, b)| a == b).count();
    }
    let mut members = vec![Vec::new(); 256];
    for (position, fields) in triples.iter().enumerate() {
        fields.write_key(order, shared, &mut key);
        if let Some(&own) = key.first() {
            members[usize::from(own)].push(position);
        }
    }
    (0..=u8::MAX)
        .zip(members)
        .filter(|(_, members)| !members.is_empty())
        .map(|(own, members)| Part {
            order,
            path: [&first[..shared], &[own]].concat(),
            members,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use pleach::intern::SharedMapping;

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
            for names in [Names::Text, Names::Symbols(SharedMapping::new())] {
                let told = std::sync::atomic::AtomicUsize::new(0);
                let graph = build(names.clone(), &triples, threads, |count| {
                    told.fetch_add(count, std::sync::atomic::Ordering::Relaxed);
                });
                assert_eq!(told.into_inner(), 3 * triples.len());
                for order in Order::ALL {
                    let mut expected = PathMap::new();
                    let mut key = Vec::new();
                    for triple in &triples {
                        names.fields(triple).write_key(order, 0, &mut key);
                        expected.insert(&key, ());
                    }
                    assert!(graph.map(order).keys().eq(expected.keys()));
                    assert_eq!(graph.map(order).len(), expected.len());
                }
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
