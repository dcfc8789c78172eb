//! Copy-on-write byte tries: ordered maps that clone in constant time, and zippers that walk and
//! edit them.
//!
//! [`PathMap`] maps byte strings to values. A clone is a snapshot: it shares every node with its
//! original, and later changes to either copy only the nodes on their way. [`zipper`]s are cursors
//! that stand at any byte of any key, know what is below, and move whole branches from one place or
//! map to another without touching what is in them.
//!
//! **Use it** where many keys have beginnings in common, where a prefix means something (a
//! directory, a namespace, the subject of a triple), where readers want a state that stays while a
//! writer goes on, or where versions of a large map are kept side by side. **Do not use it** where
//! keys are few or looked up by equality alone (a `HashMap` is faster), where they are not byte
//! strings and have no encoding that keeps their order (see [`codec`] for many that do), or where
//! every value has to be changed in place while snapshots are alive (each change then copies a
//! node).
//!
//! ```
//! use pleach_trie::PathMap;
//! use pleach_trie::zipper::*;
//!
//! let mut map = PathMap::new();
//! map.insert("animal/dog", 4);
//! map.insert("animal/dog/puppy", 4);
//! map.insert("animal/hen", 2);
//!
//! let snapshot = map.clone();
//! map.remove("animal/hen");
//! assert_eq!((map.len(), snapshot.len()), (2, 3));
//!
//! let mut z = snapshot.read_zipper_at_path("animal/");
//! assert!(z.child_mask().iter().eq(*b"dh"));
//! assert_eq!(z.to_next_get_val(), Some(&4));
//! assert_eq!(z.path(), b"dog");
//! ```
//!
//! # What holds
//!
//! - Order is that of unsigned bytes, a key before its extensions. Any byte string is a key, the
//!   empty one too, of any length that memory holds; no operation recurses along a key.
//! - A map sees its own changes, and nobody else's. A zipper reads the map as it was when the zipper
//!   was made, but for what it writes itself.
//! - Nothing that takes `&self` writes, counts of nodes aside: maps and read zippers are `Sync` where
//!   values and allocator are, and any number of threads may read one map.
//! - A [head](zipper::ZipperHead) lets many threads edit one map, each at paths of its own. What a writer
//!   did gets into the map when it is dropped, all at once, or not at all if its thread panics.
//! - Each change is complete when its method returns. A panic of a value's `Clone` or `Drop` leaves
//!   the map valid, and a forgotten zipper leaves its count right.
//! - Values are cloned only when a node that holds them is shared and has to be changed.
//!
//! # What it costs
//!
//! With *k* the length of the key:
//!
//! | operation | time | allocations | atomics |
//! |---|---|---|---|
//! | [`get`](PathMap::get), [`contains_key`](PathMap::contains_key) | *k* | none | none |
//! | [`insert`](PathMap::insert), [`remove`](PathMap::remove), no node shared | *k* | at most a few | one load a node |
//! | the same, nodes shared | *k*, and a copy of each shared node on the way | one a node copied | one count a child of each |
//! | [`clone`](PathMap::clone) | constant | none | one count |
//! | [`len`](PathMap::len), [`is_empty`](PathMap::is_empty) | constant | none | none |
//! | [`split_prefix`](PathMap::split_prefix), [`remove_prefix`](PathMap::remove_prefix) | *k*, and drops as below | a few | a few |
//! | `==`, `cmp` | nodes that the two do not share | a few | none |
//! | [`iter`](PathMap::iter) | linear | one a key | none |
//! | a zipper's walk | linear | to lengthen the path | none |
//! | [`memory`](PathMap::memory) | nodes | to remember the shared ones | one load a node |
//! | [`graft`](zipper::ZipperWriting::graft), [`take_map`](zipper::ZipperWriting::take_map) | *k* | a few | a few |
//! | [`join`](PathMap::join), [`meet`](PathMap::meet), [`subtract`](PathMap::subtract), [`diff`](PathMap::diff) and their like | nodes that both have and do not share | one a node that equals neither side's | one count a branch kept |
//! | a head's writer, made and dropped | length of its path; a commit copies what snapshots share above it | a few | two locks each, a few counts |
//! | a head's reader, made and dropped | length of its path | the path | one lock or two each, one count |
//! | drop | nodes that no other map shares | none | one count a node |
//!
//! # How it works
//!
//! ```text
//!   map ──► inner node "animal/"            snapshot ──► (the same node, two owners)
//!            │ d            │ h
//!            ▼              ▼
//!          leaf           leaf
//!          "og"           "en"
//!          "og/puppy"
//! ```
//!
//! A node holds a prefix that all its keys share. An *inner* node branches by one byte and counts the
//! values below; a *leaf* holds a few dozen sorted suffixes with their values, or the last bytes of
//! keys as bits of a bitmap. Nodes are counted references, of a kind that the map's second parameter
//! chooses: [`Slim`](pleach_ptr::Slim) is one word that also tells the kind of node,
//! [`Standard`](pleach_ptr::Standard) an atomically counted box without tricks. They live in the
//! allocator that is the third.
//!
//! [`PathMap::tree`] draws the nodes that are really there, and [`PathMap::memory`] counts them. After
//! an edit beside a snapshot, the nodes on the way are the map's own, and all others are shared:
//!
//! ```
//! use pleach_trie::PathMap;
//!
//! let mut map: PathMap<u32> = (0..70).map(|n| (format!("key {n:02}"), n)).collect();
//! let snapshot = map.clone();
//! map.insert("key 30", 0);
//! assert_eq!(
//!     map.tree().nodes().to_string(),
//!     r#"
//! sparse "key ", 70 values
//!   '0' bucket "", 10 values, shared
//!   '1' bucket "", 10 values, shared
//!   '2' bucket "", 10 values, shared
//!   '3' bucket "", 10 values
//!   '4' bucket "", 10 values, shared
//!   '5' bucket "", 10 values, shared
//!   '6' bucket "", 10 values, shared
//! "#
//!     .trim()
//! );
//! assert_eq!(map.memory_shared_with(&snapshot).count, 6);
//! ```
//!
//! # Beside a live writer
//!
//! A [`CompressedSparseTrie`] is a map that threads read, without a lock, while others change it: each
//! commit publishes a root, and what it replaced is freed when no token of `pleach-sync` protects it.
//!
//! # Safety
//!
//! Unsafe code is confined to one private module. Maps and zippers are held against naive models by
//! property tests, for both kinds of pointer, with a check of every node after each step.
//!
//! # Features
//!
//! None is needed, and none changes what another call does.
//!
//! - `serde`: maps and sets are `Serialize` and `Deserialize`. Binary formats hold a map with
//!   byte-string keys, human-readable ones a sequence of `[key, value]` with the key a string if it is
//!   UTF-8, else a sequence of numbers; a set is a sequence of keys in both. Keys are read in any of
//!   these forms that the format hands over. Locations without values are not saved; of a repeated
//!   key the last one wins. Lengths that the input claims reserve nothing.
//! - `rayon`: iterators, collecting and set algebra in parallel; see the module `parallel`.
//! - `arbitrary`: maps, sets and masks are `Arbitrary`, with keys that go on from others.
//! - `testing`: adds `PathMap::check`, which walks the nodes and says what is wrong.
//!
//! Rust 1.95 or later, with the standard library; no target features.

#![deny(unsafe_code)]

pub mod algebra;
mod byte_mask;
pub mod codec;
mod concurrent;
#[cfg(not(pleach_loom))]
mod head;
#[cfg(pleach_loom)]
pub mod head;
mod interop;
mod iter;
pub mod map;
#[cfg(feature = "rayon")]
pub mod parallel;
#[allow(
    unsafe_code,
    reason = "nodes are reference-counted memory of several layouts behind one pointer"
)]
mod raw;
pub mod set;
pub mod zipper;

pub use byte_mask::ByteMask;
pub use concurrent::{CompressedSparseTrie, LocalTrie};
pub use head::PathConflict;
pub use map::PathMap;
pub use set::PathSet;
