//! The memory of a mapping, and all of its unsafe code.
//!
//! ```text
//!   symbol ─► pages of its slot ─► entry ─► record: length, bytes        store: two loads that depend
//!                                              ▲                         on what the one before found
//!   bytes ─► hash ─► shard ─► bucket ─► word: tag, symbol ─► entry ─►┘   index
//! ```
//!
//! - [`record`]: strings in memory that never moves, and the entries that publish them;
//! - [`published`]: slices that appear once and stay;
//! - [`pages`]: the entries of a slot, by index;
//! - [`slot`]: where one thread at a time appends;
//! - [`store`]: the slots together, and who may write where;
//! - [`index`]: from hashes to symbols;
//! - [`watch`]: what loom sees of a record.
//!
//! Everything is made once and freed with the mapping, so that a reader needs no protection but the
//! borrow of the mapping.

pub(crate) mod index;
pub(crate) mod pages;
pub(crate) mod published;
pub(crate) mod record;
pub(crate) mod slot;
pub(crate) mod store;
mod watch;
