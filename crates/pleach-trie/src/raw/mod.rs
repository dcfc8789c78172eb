//! Nodes and their operations: the only module of this crate with unsafe code, but for one call in
//! `concurrent`.
//!
//! # The idea
//!
//! A trie is a tree in which a path of bytes leads from node to node. Spelled out, one node for
//! each byte, it wastes memory and cache lines; the two known cures are both here. *Path
//! compression* gives each node a prefix, so that a run of bytes without branches takes no nodes.
//! And a subtrie of few values is no tree at all but a *bucket*: a sorted list of what is left of
//! its keys. (Burst tries, Heinz, Zobel and Williams 2002; sparse nodes searched with SIMD are from
//! ART, Leis, Kemper and Neumann 2013.)
//!
//! ```text
//!              sparse "" ── values below: 5
//!             /         \
//!           'r'          't'
//!           /              \
//!   bucket "om"          wide ""            the prefix is what every
//!    | "an"   -> 1        |                 path through a node begins with
//!    | "ane"  -> 2       ...
//!    | "ulus" -> 3
//! ```
//!
//! | kind | holds | file |
//! |---|---|---|
//! | sparse, wide | a branch point: children by byte, perhaps a value | [`inner`], indexes in [`sparse`] and [`bitmap`] |
//! | bucket | up to 32 entries with suffixes of any lengths, or 64 of one length | [`bucket`] |
//! | dense | up to 256 values with suffixes of one byte | [`dense`] |
//!
//! A pointer to a node carries its kind in its tag bits, so that a look-up knows what it will find
//! before the node's memory arrives. Chains of more than 255 bytes without a branch are spelled by
//! inner nodes with one child.
//!
//! # Places
//!
//! Everything that moves or reads stands at a [`Place`](node::Place) of a [`Node`](node::Node): so
//! many bytes below where the node begins, and in a leaf the first of the entries that share those
//! bytes. The few functions on [`Node`](node::Node) hide the kinds; no operation outside the kinds'
//! own files, `place` and `remove` knows a bucket from a branch.
//!
//! # Edits
//!
//! An edit walks down and makes every node on its way its own (`ops::unshare`): one that has other
//! owners is copied, its values cloned. From then on it works on nodes that nobody else can see,
//! moves values and children as bytes, and runs no user code until it is done. So a `Clone` that
//! panics finds the trie as it was, and a `Drop` that panics finds it finished.
//!
//! # Locations without a value
//!
//! A location that dangles is an entry of a bucket whose value bit is off. Locations that other
//! entries or children imply are not stored.
//!
//! # Known weaknesses
//!
//! Subtries of fewer than 32 values share nothing with each other but as whole buckets. A snapshot
//! pays for the first edit below a wide node with a copy of its 256 child pointers and as many
//! increments; a trie that only takes another one's place does not count them ([`succession`]). Why the numbers are what they are: `docs/decisions/0002-node-layout.md`.

mod algebra;
mod bitmap;
mod bucket;
mod builder;
mod bytes;
mod cursor;
mod dense;
mod draft;
mod gather;
mod header;
mod inner;
mod iter_mut;
mod node;
mod ops;
mod source;
mod sparse;
mod succession;
mod trie;
mod values;

pub(crate) use algebra::{Combined, Pairs, Policy, Sides};
pub(crate) use cursor::Cursor;
pub(crate) use draft::{Change, Draft, Origin, OwnPath, Pending};
pub(crate) use header::Kind;
pub(crate) use iter_mut::WalkMut;
pub(crate) use ops::Sight;
pub(crate) use source::{Source, SourceMut};
pub(crate) use succession::{Remains, Succession, Successor};
pub(crate) use trie::Trie;
