//! Reference-counted node pointers for copy-on-write trees: a slim tagged kind and a standard one.
//!
//! A tree whose nodes are counted can be copied by copying one pointer. Both copies then share
//! every node; whoever writes copies the nodes on the way down that it does not have alone, and
//! writes to the others in place. This crate has the pointer: [`Shared`] for values, and
//! [`PtrKind`] for trees that lay out their nodes themselves.
//!
//! **Use it** for persistent or copy-on-write structures that are shared between threads. **Do
//! not use it** where weak references or unsized values are needed (`std::sync::Arc` has both),
//! where one thread owns all (`Rc` needs no atomics), or where nodes form cycles (counts never
//! free one).
//!
//! # A copy-on-write tree
//!
//! ```
//! use std::cmp::Ordering;
//!
//! use pleach_ptr::Shared;
//!
//! #[derive(Clone, Default)]
//! struct Tree {
//!     root: Option<Shared<Node>>,
//! }
//!
//! #[derive(Clone)]
//! struct Node {
//!     key: u32,
//!     left: Option<Shared<Node>>,
//!     right: Option<Shared<Node>>,
//! }
//!
//! impl Tree {
//!     fn insert(&mut self, key: u32) {
//!         let mut place = &mut self.root;
//!         while let Some(node) = place {
//!             // Copies the node (not what is below it) if another tree shares it.
//!             let node = Shared::make_mut(node);
//!             place = match key.cmp(&node.key) {
//!                 Ordering::Less => &mut node.left,
//!                 Ordering::Greater => &mut node.right,
//!                 Ordering::Equal => return,
//!             };
//!         }
//!         *place = Some(Shared::new(Node { key, left: None, right: None }));
//!     }
//!
//!     fn contains(&self, key: u32) -> bool {
//!         let mut place = &self.root;
//!         while let Some(node) = place {
//!             place = match key.cmp(&node.key) {
//!                 Ordering::Less => &node.left,
//!                 Ordering::Greater => &node.right,
//!                 Ordering::Equal => return true,
//!             };
//!         }
//!         false
//!     }
//! }
//!
//! let mut tree = Tree::default();
//! for key in [4, 2, 6, 1, 3, 5, 7] {
//!     tree.insert(key);
//! }
//!
//! let snapshot = tree.clone(); // one count
//! tree.insert(8); // copies 4, 6 and 7, and shares the rest
//!
//! assert!(tree.contains(8) && !snapshot.contains(8));
//! let left = |tree: &Tree| tree.root.as_ref().and_then(|root| root.left.clone());
//! assert!(Shared::ptr_eq(&left(&tree).unwrap(), &left(&snapshot).unwrap()));
//! ```
//!
//! A derived `Drop` recurses. A tree that can be deep needs one of its own with an explicit stack,
//! see [`Shared::into_inner`].
//!
//! # Guarantees
//!
//! - A value is dropped, and its block freed, exactly once: by its last owner, after everything
//!   that the others did with it. A panic in `T::drop` does not leak the block; one in `T::clone`
//!   changes nothing.
//! - A value is written only by an owner that has it alone and is itself borrowed exclusively.
//! - [`Slim`] counts to 2^31 - 1 owners. One more *saturates* the count: the block is then never
//!   written again and never freed, which is a leak and nothing worse. [`Standard`] aborts the
//!   process beyond `isize::MAX`, as `Arc` does.
//!
//! # Costs
//!
//! | operation | `Slim` | `Standard` |
//! |---|---|---|
//! | size of a pointer, and of an `Option` of it | one word | one word |
//! | header of a block | 4 bytes | 4 bytes, and an `Arc` of three words |
//! | [`Shared::new`] | one allocation | two allocations |
//! | dereference | one load (mask the tag) | two dependent loads |
//! | [`tag`](PtrKind::tag) | no memory access | one load |
//! | `clone` | one relaxed add | one relaxed add |
//! | `drop`, value shared | one load, one subtraction | one subtraction |
//! | `drop`, value not shared | one load, no locked instruction | one subtraction |
//! | uniqueness test | one load | two dependent loads |
//!
//! # How it works
//!
//! ```text
//!   Slim                                      Standard
//!
//!   +----------------+-----+                  +---------------+
//!   | block          | tag |                  | Arc           |
//!   +-----|----------+-----+                  +-----|---------+
//!         v                                         v
//!   +-------+-------------------+             +-------+-------+-----+
//!   | Count | node or value     |             | count | block | tag |
//!   +-------+-------------------+             +-------+---|---+-----+
//!                                                         v
//!                                             +--------+-------------------+
//!                                             | unused | node or value     |
//!                                             +--------+-------------------+
//! ```
//!
//! A block is aligned to [`BLOCK_ALIGN`], so the three low bits of its address are free to carry
//! a [`Tag`]: a tree knows what kind of node it is about to reach before it touches it. All
//! pointer arithmetic keeps provenance. The block is the same for both kinds, so a tree's code is
//! written once and takes the kind as a type parameter.
//!
//! # How it is checked
//!
//! Unsafe code stands in the modules that implement the kinds and in [`Shared`], and cites the
//! invariants **P1** to **P4** of [`PtrKind`]. Each memory ordering of [`Slim`] has a name and a
//! row in `docs/memory-ordering.md`; loom models try every schedule of two or three threads on
//! the code that ships, and each ordering has been weakened to see a model fail. The saturation
//! is modelled with a small bound and tested at its real width. [`Standard`] relies on
//! `triomphe`, which is not modelled here.

#![deny(unsafe_code)]

mod count;
#[allow(unsafe_code, reason = "declares an unsafe trait over raw blocks")]
mod kind;
#[allow(unsafe_code, reason = "owns raw blocks")]
mod shared;
#[allow(unsafe_code, reason = "reads the count through a tagged pointer")]
mod slim;
#[allow(unsafe_code, reason = "implements an unsafe trait")]
mod standard;
mod tag;

pub use count::Count;
pub use kind::{BLOCK_ALIGN, PtrKind};
pub use pleach_atomic::alloc::{
    AllocError, Allocator, Global, Layout, SharedAllocator, handle_alloc_error,
};
pub use shared::Shared;
pub use slim::{Slim, SlimPtr};
pub use standard::{Standard, StandardPtr};
pub use tag::Tag;
