//! Memory in large pieces, and the division of it, innermost first.
//!
//! - [`geometry`]: segments, spans and slots, and the numbers of blocks;
//! - [`region`]: a piece of memory from the system;
//! - [`runs`]: a store of runs of units, which coalesce;
//! - [`large`]: blocks that are too large for a size class.

pub(crate) mod geometry;
pub(crate) mod large;
#[allow(unsafe_code, reason = "allocates and reads raw memory")]
pub(crate) mod region;
pub(crate) mod runs;
