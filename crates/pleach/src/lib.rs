//! Copy-on-write tries that share branches: maps, snapshots and zippers over byte strings.
//!
//! [`PathMap`] is an ordered map from byte strings to values. Its clones take no time and share what
//! they have in common; a [`zipper`] walks it byte by byte, and edits whole branches at once.
//!
//! ```
//! use pleach::PathMap;
//! use pleach::zipper::*;
//!
//! let mut map = PathMap::from([("knows/alice/bob", ()), ("knows/bob/carol", ())]);
//!
//! // A snapshot stays as it is.
//! let snapshot = map.clone();
//! map.insert("knows/alice/carol", ());
//! assert_eq!((snapshot.len(), map.len()), (2, 3));
//!
//! // All keys that start with some bytes.
//! let known: Vec<_> = map.prefix("knows/alice/").map(|(key, ())| key).collect();
//! assert_eq!(known, [&b"knows/alice/bob"[..], b"knows/alice/carol"]);
//!
//! // Copy a branch: two maps, one set of nodes.
//! let mut archive = PathMap::new();
//! archive.write_zipper_at_path("old/").graft(&map.read_zipper());
//! assert!(archive.contains("old/knows/bob/carol"));
//! ```
//!
//! This crate is the front door: it gathers what the crates behind it offer, and adds nothing of its
//! own.
//!
//! | module | from | for |
//! |---|---|---|
//! | [`PathMap`], [`map`] | `pleach-trie` | maps, their iterators, and what they cost |
//! | [`PathSet`], [`set`] | `pleach-trie` | sets, which are maps without values |
//! | [`algebra`] | `pleach-trie` | joins, meets and differences: what values have to know for them |
//! | [`codec`] | `pleach-trie` | keys made of numbers, text and tuples, in their order |
//! | [`zipper`] | `pleach-trie` | cursors, the traits of what they can do, heads for many threads, sets of bytes |
//! | [`intern`] | `pleach-intern` | symbols for byte strings, both ways, shared by threads |
//! | [`pool`] | `pleach-pool` | memory pools in five levels, for handles, guards and whole maps |
//! | [`CompressedSparseTrie`], [`LocalTrie`] | `pleach-trie` | a map that threads read beside live writers |
//! | [`sync`] | `pleach-sync` | tokens and versions for structures of one's own; futex, counters |
//! | [`ptr`] | `pleach-ptr` | kinds of counted pointers, allocators |
//!
//! Features, none of them on by itself: `serde` saves and loads maps and sets, `arbitrary` draws them
//! from a fuzzer's bytes; `pleach-trie` tells in what form. `rayon` walks, fills and combines them on many
//! threads (module `parallel`).
//!
//! Rust 1.95 or later, with the standard library; no target features, no C compiler.

#![forbid(unsafe_code)]

pub use pleach_intern as intern;
pub use pleach_pool as pool;
pub use pleach_ptr as ptr;
pub use pleach_sync as sync;
#[cfg(feature = "rayon")]
pub use pleach_trie::parallel;
pub use pleach_trie::{CompressedSparseTrie, LocalTrie, PathConflict};
pub use pleach_trie::{PathMap, PathSet, algebra, codec, map, set, zipper};

/// The examples of the README, tested.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct ReadmeExamples;

/// The code of the walkthrough, tested.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/walkthrough.md")]
struct WalkthroughExamples;

/// How to move from other maps, tested.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/compare.md")]
struct ComparisonExamples;
