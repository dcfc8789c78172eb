//! An interner for any number of threads: symbols for byte strings, both ways without a lock.
//!
//! A [`SharedMapping`] gives each byte string a [`Symbol`] of eight bytes, always the same one, and
//! gives the bytes back for the symbol. Strings are never taken out, so the bytes stay where they are,
//! and readers need neither locks nor counts.
//!
//! **Use it** where the same strings come again and again and are compared, stored or sent as numbers:
//! names in a graph (three symbols make a key of 24 bytes for a trie), words in an index, identifiers
//! in a compiler. **Do not use it** where strings come once, or have to go again: memory is given back
//! when the last handle goes, and not before.
//!
//! ```
//! use pleach_intern::SharedMapping;
//!
//! let map = SharedMapping::new();
//! let dog = map.intern("dog");
//!
//! // Any thread, through `&self`; equal strings have one symbol, whoever comes first.
//! std::thread::scope(|scope| {
//!     for _ in 0..4 {
//!         scope.spawn(|| assert_eq!(map.intern(b"dog"), dog));
//!     }
//! });
//! assert_eq!(map.get_bytes(dog), Some(&b"dog"[..]));
//! assert_eq!(map.get_sym("hound"), None);
//!
//! // In order, or those that begin alike, through a trie that keeps up.
//! map.intern("dogma");
//! assert_eq!(map.ordered().prefix("dog").count(), 2);
//! ```
//!
//! # What holds
//!
//! - Equal bytes have equal symbols, different bytes different ones, in this mapping and in those loaded
//!   from its file. Any bytes are a string, none at all too, up to 2^32 - 1 of them.
//! - [`get_bytes`](SharedMapping::get_bytes) and [`get_sym`](SharedMapping::get_sym) take no lock and write
//!   nothing that is shared. A symbol that was never issued resolves to `None`, whatever it is.
//! - What was interned before a call, in the sense of happens-before, is seen by it: found, walked over,
//!   saved. Whoever has a symbol can resolve it.
//! - [`intern`](SharedMapping::intern) never waits for a slot. It locks one shard of the hashes, for the time
//!   that it takes to look and to write a word; where strings are there already, not even that.
//! - Hashes are keyed anew in each mapping and see all bytes: neither names with a long common beginning nor
//!   an adversary's fill one place.
//! - What cannot be interned is refused by [`try_intern`](SharedMapping::try_intern), with an [`InternError`],
//!   and the mapping goes on; [`Limits`] make it refuse earlier.
//!
//! # What it costs
//!
//! With *n* the length of the string; a load is one that may miss the cache:
//!
//! | operation | time | loads that wait for each other | locks and shared writes |
//! |---|---|---|---|
//! | [`get_bytes`](SharedMapping::get_bytes) | constant | the string | none |
//! | [`get_sym`](SharedMapping::get_sym) | *n* | a bucket, the string | none |
//! | [`intern`](SharedMapping::intern), there | *n* | the same | none |
//! | [`intern`](SharedMapping::intern), new | *n*; at times half a shard is looked through | the same | a slot of its own, the lock of a shard |
//! | [`len`](SharedMapping::len) | 129 slots | | none |
//! | [`ordered`](SharedMapping::ordered) | what is new since the last time | | one lock |
//! | [`save`](SharedMapping::save), [`load`](SharedMapping::load) | linear | | none |
//!
//! A symbol takes some 20 to 30 bytes beyond its string: nine for each of the words of a table that is
//! between three eighths and three quarters full, and the string's length, rounded up to eight with it.
//! [`memory`](SharedMapping::memory) tells. A mapping without strings takes about 50 KiB.
//!
//! # How it works
//!
//! ```text
//!   symbol ─► slot, unit ─► chunk ─► "dog"         slots append, one thread at a time each
//!                                      ▲
//!   "dog" ─► hash ─► shard ─► bucket ─► word       words hold 24 bits of hash and the symbol
//! ```
//!
//! Each of [`MAX_WRITER_THREADS`] slots appends its strings to chunks that never move; a symbol is the place
//! where its string begins, and a bit there says that one does. A thread takes a slot for an insertion, or
//! for longer with a [`WritePermit`]. The index is a hash table in shards that grow in place: half of the
//! words move to a new segment, and readers who miss look whether that has happened meanwhile. Nothing that
//! a reader may look at is freed before the mapping.
//!
//! # Safety
//!
//! Unsafe code is confined to one private module and to one call of a permit. Loom runs the table, slots and
//! strings as they ship, at a size of a few words, under every schedule of two or three threads, and each
//! memory ordering is weakened once to see a model fail. Scripts run against a `HashMap` with reloads in
//! between; files are cut at each byte, flipped at each bit, made up, and killed while they are written.
//!
//! # Features
//!
//! None. Rust 1.95 or later, with the standard library; no target features.

#![deny(unsafe_code)]

mod error;
mod file;
mod hash;
mod iter;
mod limits;
mod mapping;
mod memory;
mod ordered;
mod permission;
#[allow(unsafe_code, reason = "a permit lends its slot to its own insertions")]
mod permit;
#[allow(
    unsafe_code,
    reason = "strings and tables that one thread publishes and all read without a lock"
)]
mod raw;
mod symbol;

pub use error::{InternError, InvalidSymbol, LoadError, Part, PermitError, SaveError};
pub use iter::Iter;
pub use limits::Limits;
pub use mapping::{SharedMapping, SharedMappingHandle};
pub use memory::Memory;
pub use permission::ThreadPermission;
pub use permit::WritePermit;
pub use raw::store::MAX_WRITER_THREADS;
pub use symbol::Symbol;
