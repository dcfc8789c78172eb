//! Concurrent copy-on-write byte tries with O(1) snapshots and zippers.

#![deny(unsafe_code)]

mod byte_mask;
mod iter;
pub mod map;
#[allow(
    unsafe_code,
    reason = "nodes are reference-counted memory of several layouts behind one pointer"
)]
mod raw;
pub mod zipper;

pub use byte_mask::ByteMask;
pub use map::PathMap;
