//! The memory of a mapping, and all of its unsafe code.
//!
//! ```text
//!   symbol ─► slot, unit ─► chunk ─► record: length, bytes        two loads that depend on one another
//!                                      ▲                          beside those of tables that are hot
//!   bytes ─► hash ─► shard ─► bucket ─► word: tag, symbol         one more from bytes to a symbol
//! ```
//!
//! - [`record`]: strings with their lengths, in memory that never moves;
//! - [`place`]: where a value appears once and stays;
//! - [`pages`]: the records of a slot, by unit, and the marks that publish them;
//! - [`slot`]: where one thread at a time appends;
//! - [`store`]: the slots together, and who may write where;
//! - [`index`]: from hashes to symbols;
//! - [`sought`]: a string that is looked for, and compared with those that are there;
//! - [`watch`]: what the checkers see of a record.
//!
//! Everything is made once and freed with the mapping, so that a reader needs no protection but the
//! borrow of the mapping.

pub(crate) mod index;
pub(crate) mod pages;
pub(crate) mod place;
pub(crate) mod record;
pub(crate) mod slot;
pub(crate) mod sought;
pub(crate) mod store;
mod watch;
