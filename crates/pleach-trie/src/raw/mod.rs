//! Nodes and their operations: the only module of this crate with unsafe code.

mod bitmap;
mod bucket;
mod bytes;
mod cursor;
mod dense;
mod gather;
mod header;
mod inner;
mod node;
mod ops;
mod sparse;
mod trie;
mod values;

pub(crate) use cursor::{Cursor, Source, SourceMut};
pub(crate) use trie::Trie;
