//! Tokens and versions: readers beside a live writer, and what a writer replaced freed when nobody can
//! see it any more. And the small parts under such things: futexes, thread-locals, counters, flags.
//!
//! A structure that threads read while others change it has to answer two questions: *who may write*,
//! and *when is what was replaced free*. Here a thread that wants to read or write takes a token of the
//! structure's [`TokenManager`]. A [`WriterToken`] answers the first question, by one of five
//! [levels](ConcurrencyLevel). A [`ReaderToken`] is what the second one is asked of: what a reader can
//! have reached stays until its token is gone. Readers take no lock and write to nothing but a cache
//! line of their own; they never wait for writers, nor writers for them.
//!
//! **Use it** to share one structure between many readers and some writers, above all where versions of
//! it share most of their parts, so that to replace a version costs little. **Do not use it** where a
//! lock is good enough (a `Mutex` is simpler, and its memory is freed at once), where values are small
//! and copied (use an atomic), or where readers stay for long and memory must not grow: a token keeps
//! everything that was replaced since it was made.
//!
//! # A list that is read while it grows
//!
//! ```
//! use std::sync::Arc;
//!
//! use pleach_sync::{ConcurrencyLevel, ReaderToken, SyncError, TokenManager, Versioned};
//!
//! /// A list whose versions share their tails.
//! struct List {
//!     tokens: TokenManager,
//!     first: Versioned<Link>,
//! }
//!
//! type Link = Option<Arc<Node>>;
//!
//! struct Node {
//!     number: u32,
//!     next: Link,
//! }
//!
//! impl List {
//!     fn new(level: ConcurrencyLevel) -> Self {
//!         let tokens = TokenManager::new(level);
//!         let first = Versioned::new(&tokens, None);
//!         Self { tokens, first }
//!     }
//!
//!     /// Waits for other writers, but not for readers.
//!     fn push(&self, number: u32) -> Result<(), SyncError> {
//!         let writer = self.tokens.writer_token()?;
//!         let bytes = size_of::<Link>() as u64;
//!         self.first.update(&writer, bytes, |first| {
//!             let next = first.clone();
//!             Ok(Some(Arc::new(Node { number, next })))
//!         })
//!     }
//!
//!     /// Waits for nobody. What it returns lives as long as the token.
//!     fn iter<'t>(
//!         &'t self,
//!         token: &'t ReaderToken<'_>,
//!     ) -> Result<impl Iterator<Item = u32> + 't, SyncError> {
//!         let first = self.first.read(token)?.as_deref();
//!         let nodes = std::iter::successors(first, |node| node.next.as_deref());
//!         Ok(nodes.map(|node| node.number))
//!     }
//! }
//!
//! let list = List::new(ConcurrencyLevel::OneWriteMultiRead);
//! list.push(1)?;
//! list.push(2)?;
//!
//! let reader = list.tokens.reader_token()?;
//! let seen = list.iter(&reader)?;
//! std::thread::scope(|scope| {
//!     scope.spawn(|| list.push(3)).join().unwrap()
//! })?;
//! assert!(seen.eq([2, 1]), "the version that was there");
//! assert!(list.iter(&reader)?.eq([3, 2, 1]));
//! # Ok::<(), SyncError>(())
//! ```
//!
//! [`Versioned`] is one pointer with all that belongs to it. A structure with pointers of its own takes
//! [`Retired`], the list of what waits, and keeps to three rules: it frees or uses again nothing that
//! can be reached, but retires it; it unlinks with one atomic store or exchange; and it does not write
//! to what is published, but for words that it declares atomic.
//!
//! # Guarantees
//!
//! - An item is dropped once, after it was retired, and after every reader that entered before has
//!   left: in particular every reader that can have seen it. Panics, threads that end and tokens that
//!   leak do not change that; a leaked reader token keeps everything from then on.
//! - A reader that stays keeps what was retired since it entered, and nothing older. Readers that come
//!   and go and always overlap do not keep anything for long.
//! - What waits belongs to the structure and not to a thread. A thread that ends leaves nothing behind
//!   but its idle slots, which others take over.
//! - How much waits, and for whom, can be [asked](TokenManager::stats), and a [`Policy`] says what then.
//! - Tokens stay in their thread, and do not outlive their manager; what is read does not outlive the
//!   token. All this is checked by the compiler. A token of another manager is refused.
//!
//! # What it costs
//!
//! | operation | cost |
//! |---|---|
//! | [`reader_token`](TokenManager::reader_token) and its drop, slot at hand | two stores to an own line, two loads, one fence |
//! | the same, first time in a thread | a walk along the slots, perhaps an allocation |
//! | at level 0 | nothing |
//! | [`Versioned::read`] | one load |
//! | [`writer_token`](TokenManager::writer_token), nobody inside | a lock, taken twice; none at level 4 |
//! | [`Retired::retire`] | a lock, one addition |
//! | [`Retired::reclaim`] | a lock for each item, one fence, one load a slot; at most 64 items |
//! | memory | 256 bytes for each reader at the same time |
//!
//! # How it works
//!
//! ```text
//!   version: 7        reader A      reader B      reader C        retired, with stamps
//!                     entered at 4  idle          entered at 7    [3] [4] | [5] [6] [7]
//!                                                                 free      wait for A
//! ```
//!
//! There is one number, the version. A reader writes it to its slot when it enters, and fences. Whoever
//! retires something has unlinked it before, then adds one to the version and takes the sum for a
//! *stamp*: greater than the version at which any reader has entered that can have seen it. Whoever
//! frees reads the version, fences, and looks at all slots. What has a stamp up to the lowest that it
//! finds, or up to the version if all are idle, is free: a reader that entered at a stamp or later has
//! read the sum, and so sees what was unlinked before; and a reader that was not found sees it by the
//! two fences. `docs/memory-ordering.md` has the argument with all its steps; loom models try every
//! schedule of two or three threads on this code, and fail if any ordering is weakened.
//!
//! # Parts
//!
//! - [`Futex`] and [`FutexWaiter`]: a word to wait on, by system call where there is one.
//! - [`ThreadLocalStorage`]: a value for each thread and each instance.
//! - [`AtomicCounter`], [`StripedCounter`], [`AtomicFlag`].
//! - [`LocalTokens`]: levels 1 and 2 for what stays in one thread, by borrowing alone.
//!
//! # Features
//!
//! `portable-futex` has futexes do without the system's help on Linux too. Nothing else changes by it.

#![deny(unsafe_code)]

mod cache;
mod counter;
mod error;
mod flag;
mod futex;
mod gate;
mod level;
mod local;
mod lock;
mod manager;
mod retired;
#[allow(unsafe_code, reason = "a list that grows while others walk it")]
mod slots;
mod stats;
#[allow(unsafe_code, reason = "lends out of a borrow that is never given back")]
mod thread_locals;
mod token;
#[allow(unsafe_code, reason = "frees what it published")]
mod versioned;

/// With what ordering a futex's [word](Futex::word) is read and written: std's.
pub use pleach_atomic::atomic::Ordering;

pub use counter::{AtomicCounter, StripedCounter};
pub use error::SyncError;
pub use flag::AtomicFlag;
pub use futex::{Futex, FutexWaiter, TimedOut, WaitOk};
pub use level::ConcurrencyLevel;
pub use local::{LocalReader, LocalRetired, LocalTokens};
pub use manager::TokenManager;
pub use retired::Retired;
pub use stats::{OldestReader, Policy, Stall, TokenStats};
pub use thread_locals::ThreadLocalStorage;
pub use token::{ReaderToken, WriterToken, with_reader_token, with_writer_token};
pub use versioned::Versioned;
