//! Copy-on-write tries that share branches: maps, snapshots and zippers over byte strings.

#![forbid(unsafe_code)]

pub use pleach_ptr as ptr;
pub use pleach_trie::{PathMap, map, zipper};
