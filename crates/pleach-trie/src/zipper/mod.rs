//! Zippers: cursors that walk a trie byte by byte, look around, and change it where they are.
//!
//! A zipper has a *root*, where it was made, and a *focus*, where it is now: the root followed by
//! the zipper's [path](ZipperMoving::path). The focus may stand at any byte, on a location of the
//! map or off the trie: [`descend_to`](ZipperMoving::descend_to) never fails, and
//! [`path_exists`](Zipper::path_exists) tells. No movement leaves the root upwards.
//!
//! ```
//! use pleach_trie::PathMap;
//! use pleach_trie::zipper::*;
//!
//! let mut map = PathMap::from([("app/port", 80), ("app/host/a", 1), ("app/host/b", 2)]);
//!
//! // Look around.
//! let mut z = map.read_zipper_at_path("app/");
//! assert!(z.child_mask().iter().eq(*b"hp"));
//! assert!(z.descend_to_check("host/"));
//! assert_eq!(z.val_count(), 2);
//!
//! // Copy a branch from one place to another: the nodes are shared, not copied.
//! let hosts = z.make_map();
//! map.write_zipper_at_path("backup/").graft_map(hosts);
//! assert_eq!(map.get("backup/b"), Some(&2));
//! ```
//!
//! # Types
//!
//! | type | holds | looks and moves | changes |
//! |---|---|---|---|
//! | [`ReadZipper`] | a borrow of a map | yes; values outlive the zipper | |
//! | [`ReadZipperOwned`] | a map of its own | yes | |
//! | [`WriteZipper`] | an exclusive borrow of a map | yes | yes |
//! | [`WriteZipperOwned`] | a map of its own | yes | yes |
//! | [`ReadZipperTracked`] | a snapshot of a head's map | yes | |
//! | [`WriteZipperTracked`] | a draft of a branch of a head's map | yes | yes, when it is dropped |
//!
//! Each change through a write zipper of a map is complete when the method returns: a zipper that is
//! forgotten leaves the map as if it had been dropped.
//!
//! # Heads
//!
//! A [`ZipperHead`] hands out zippers on one map to many threads, each with a path that others keep off:
//! see there. [`ZipperHeadOwned`] does the same for threads and tasks that outlive their maker.
//!
//! # Traits
//!
//! What zippers can do is split into traits, so that generic code can ask for little. They can be
//! implemented for zippers of your own: few methods are required, and the rest follow from them.
//!
//! - [`Zipper`] looks around the focus, [`ZipperMoving`] moves it, [`ZipperIteration`] moves it along
//!   all values or all paths of a length, [`ZipperAbsolutePath`] tells where it is in the map.
//! - [`ZipperValues`] reads values. [`ZipperReadOnlyValues`] and [`ZipperReadOnlyIteration`] read
//!   values that outlive the zipper, [`ZipperReadOnlyConditionalValues`] such as live as long as a
//!   witness.
//! - [`ZipperForking`] makes a second zipper at the focus, [`ZipperSubtries`] a map of what is there,
//!   [`ZipperConcrete`] tells whether it is shared.
//! - [`ZipperWriting`] changes the map.
//! - [`ZipperPathBuffer`] sets memory aside for long paths.

mod algebra;
mod cursor;
mod forward;
mod iteration;
mod moving;
mod read;
mod subtries;
mod tracked;
mod values;
mod write;
mod writing;

pub use crate::byte_mask::ByteMask;
pub use crate::head::{AcquireRead, AcquireWrite, PathConflict, ZipperHead, ZipperHeadOwned};
pub use iteration::ZipperIteration;
pub use moving::{Zipper, ZipperAbsolutePath, ZipperMoving, ZipperPathBuffer};
pub use read::{OwnedWitness, ReadZipper, ReadZipperOwned, Witness};
pub use subtries::{ZipperConcrete, ZipperForking, ZipperSubtries};
pub use tracked::{ReadZipperTracked, WriteZipperTracked};
pub use values::{
    ZipperReadOnlyConditionalValues, ZipperReadOnlyIteration, ZipperReadOnlyValues, ZipperValues,
};
pub use write::{WriteZipper, WriteZipperOwned};
pub use writing::ZipperWriting;
