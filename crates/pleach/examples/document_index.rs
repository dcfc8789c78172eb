//! An index from words to documents, built by as many threads as there are partitions.
//!
//! Words are dealt out by their first letter, so each thread has a part of the index to itself: an
//! exclusive path of one head. Nothing has to be merged afterwards.

#![forbid(unsafe_code)]

use pleach::PathMap;
use pleach::zipper::*;
use std::thread;

const THREADS: usize = 4;

/// Keys are `word` + 0 + the number of the document, most significant byte first; the value says how
/// often the word is there.
type Index = PathMap<u32>;

fn words(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|c: char| !c.is_alphanumeric());
    words.filter(|word| !word.is_empty()).map(str::to_lowercase)
}

fn build(documents: &[&str]) -> Index {
    let mut index = Index::new();
    let head = index.zipper_head();
    thread::scope(|s| {
        for part in 0..THREADS {
            let head = &head;
            s.spawn(move || {
                for first in (0..=u8::MAX).filter(|byte| usize::from(*byte) % THREADS == part) {
                    let mut z = head
                        .write_zipper_at_exclusive_path([first])
                        .expect("each first byte belongs to one thread");
                    for (id, text) in (0_u32..).zip(documents) {
                        for word in words(text).filter(|word| word.as_bytes()[0] == first) {
                            let rest = &word.as_bytes()[1..];
                            z.move_to_path([rest, &[0], &id.to_be_bytes()].concat());
                            *z.get_val_or_set_mut(0) += 1;
                        }
                    }
                }
            });
        }
    });
    drop(head);
    index
}

/// The documents with a word, and how often they have it.
fn look_up(index: &Index, word: &str) -> Vec<(u32, u32)> {
    let mut z = index.read_zipper_at_path([word.as_bytes(), &[0]].concat());
    let mut found = Vec::new();
    while let Some(&count) = z.to_next_get_val() {
        let id = z.path().try_into().expect("four bytes follow the word");
        found.push((u32::from_be_bytes(id), count));
    }
    found
}

fn main() {
    let documents = [
        "Rust programming: systems programming in Rust",
        "Programming in Python",
        "The rust on old iron",
    ];
    let index = build(&documents);
    for word in ["rust", "programming", "iron", "gold"] {
        println!("{word}: {:?}", look_up(&index, word));
    }
    assert_eq!(look_up(&index, "rust"), [(0, 2), (2, 1)]);
    assert_eq!(look_up(&index, "programming"), [(0, 2), (1, 1)]);
    assert!(look_up(&index, "gold").is_empty());

    // All words that begin with something, from the same index.
    let all: Vec<_> = index.prefix("p").map(|(key, _)| key).collect();
    assert_eq!(all.len(), 3);
}
