//! Nodes and their operations: the only module of this crate with unsafe code.

mod cursor;
mod trie;

pub(crate) use cursor::{Cursor, Source, SourceMut};
pub(crate) use trie::Trie;
