//! Maps and sets on rayon's threads: iterators, collecting and set algebra in parallel.
//!
//! Behind the feature `rayon`. With rayon's prelude in scope, a [`PathMap`] and a [`PathSet`] have
//! `par_iter`, `into_par_iter` and `par_extend`, and parallel iterators collect into them;
//! [`PathMap::par_keys`] and its like stand beside; [`PathMap::par_join`] and its like make one map of
//! two.
//!
//! ```
//! use pleach_trie::PathMap;
//! use rayon::prelude::*;
//!
//! let squares: PathMap<u64> = (0..10_000_u64)
//!     .into_par_iter()
//!     .map(|n| (n.to_be_bytes(), n * n))
//!     .collect();
//! let odd = squares.par_values().filter(|square| **square % 2 == 1).count();
//! assert_eq!(odd, 5_000);
//!
//! let largest = squares.par_iter().max_by_key(|(_, square)| **square).unwrap();
//! assert_eq!(largest.0, 9_999_u64.to_be_bytes());
//! ```
//!
//! # How work is divided
//!
//! Inner nodes count the values below them, so the entry at a given position is found in one descent
//! ([`PathMap::nth`]). A piece of work is a range of positions: it is halved in no time, evenly however
//! the keys are spread, and looks for its first entry when its walk begins. So all iterators here are
//! [indexed](rayon::iter::IndexedParallelIterator): they know their length, and can be zipped,
//! enumerated and reversed. (A map of more than `usize::MAX` entries says `usize::MAX`, as
//! [`len`](PathMap::len) does, and can be searched, though nothing will ever have seen all of it.)
//!
//! Collecting goes the other way: entries are sorted on all threads, cut into runs of keys of even
//! lengths, and each run becomes a map of its own, which a run in order makes the cheapest way. Runs
//! share at most the branch that the cut goes through, so the maps are put together by moving
//! branches, not entries.
//!
//! Set algebra is divided where both maps branch: each byte that leads on in both, to nodes that they
//! do not share, is a piece of work of its own as long as many values are below. What is made of the
//! pieces becomes children of the node that one thread would have made.

mod algebra;
mod collect;
mod lend;
mod owned;
mod shared;

pub use lend::{IterMut, ValuesMut};
pub use owned::{IntoIter, IntoKeys};
pub use shared::{Iter, Keys, Values};

#[cfg(doc)]
use crate::{PathMap, PathSet};
