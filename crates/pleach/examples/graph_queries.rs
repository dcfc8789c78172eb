//! Many threads ask one knowledge graph at once: patterns with holes, answered without a lock.
//!
//! Triples are kept in two orders, so that the known parts of a pattern are always a prefix.

#![forbid(unsafe_code)]

use pleach::PathMap;
use pleach::zipper::*;
use std::thread;

/// Subject, predicate and object, or a pattern of them.
type Pattern<'a> = [Option<&'a str>; 3];

/// Triples as `subject/predicate/object/`, and again as `predicate/object/subject/`.
#[derive(Default)]
struct Graph {
    by_subject: PathMap<()>,
    by_predicate: PathMap<()>,
}

impl Graph {
    fn add(&mut self, s: &str, p: &str, o: &str) {
        self.by_subject.insert(format!("{s}/{p}/{o}/"), ());
        self.by_predicate.insert(format!("{p}/{o}/{s}/"), ());
    }

    /// The triples that fit, each as `[subject, predicate, object]`.
    fn ask(&self, [s, p, o]: Pattern<'_>) -> Vec<[String; 3]> {
        let by_subject = s.is_some();
        let (map, known) = match by_subject {
            true => (&self.by_subject, [s, p, o]),
            false => (&self.by_predicate, [p, o, s]),
        };
        let prefix: String = known
            .iter()
            .map_while(|part| part.map(|part| format!("{part}/")))
            .collect();
        let mut z = map.read_zipper_at_path(prefix);
        let mut found = Vec::new();
        let mut more = z.is_val() || z.to_next_val();
        while more {
            let text = String::from_utf8_lossy(z.origin_path()).into_owned();
            let parts: Vec<_> = text.trim_end_matches('/').split('/').collect();
            // What is known behind a hole has to be compared.
            let fits = known
                .iter()
                .zip(&parts)
                .all(|(known, part)| known.is_none_or(|known| known == *part));
            if let (true, &[a, b, c]) = (fits, &parts[..]) {
                let triple = if by_subject { [a, b, c] } else { [c, a, b] };
                found.push(triple.map(str::to_owned));
            }
            more = z.to_next_val();
        }
        found
    }
}

fn main() {
    let mut graph = Graph::default();
    for (s, p, o) in [
        ("Alice", "knows", "Bob"),
        ("Alice", "likes", "Rust"),
        ("Bob", "knows", "Charlie"),
        ("Bob", "likes", "Rust"),
        ("Charlie", "likes", "Programming"),
    ] {
        graph.add(s, p, o);
    }
    let patterns: [Pattern<'_>; 5] = [
        [Some("Alice"), None, None],
        [None, Some("knows"), None],
        [None, Some("likes"), Some("Rust")],
        [Some("Bob"), None, Some("Rust")],
        [Some("Alice"), Some("knows"), Some("Bob")],
    ];
    let answers = thread::scope(|s| {
        let graph = &graph;
        let threads = patterns.map(|pattern| s.spawn(move || graph.ask(pattern)));
        threads.map(|thread| thread.join().expect("a query does not panic"))
    });
    for (pattern, answer) in patterns.iter().zip(&answers) {
        let words = pattern.map(|part| part.unwrap_or("?")).join(" ");
        println!("{words}");
        for triple in answer {
            println!("    {}", triple.join(" "));
        }
    }
    assert_eq!(answers.each_ref().map(Vec::len), [2, 2, 2, 1, 1]);
}
