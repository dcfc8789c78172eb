//! The interface of a pointer kind.

use std::fmt::Debug;
use std::ptr::NonNull;

use crate::{Count, Tag};

/// The alignment of every block: its address has room for a [`Tag`].
pub const BLOCK_ALIGN: usize = 1 << Tag::BITS;

/// A way to count the owners of a block. [`Slim`](crate::Slim) or [`Standard`](crate::Standard).
///
/// This is the raw interface that trees are built on: a *block* is memory that the tree allocates
/// and lays out as it likes, as long as a [`Count`] stands first. [`Shared`](crate::Shared) is a
/// safe owner of one value on top of it.
///
/// The trait is sealed. Its functions uphold, and its callers may rely on, these invariants of
/// every `Ptr`:
///
/// - **P1** The pointer's block is allocated, aligned to [`BLOCK_ALIGN`], and starts with an
///   initialised `Count`, for as long as the pointer exists (until `release` returns).
/// - **P2** Each pointer is one owner, counted once, unless the count is saturated; a saturated
///   count stays so, and its block is never released. (Not counted are the aliases that
///   [`Slim::alias`](crate::Slim::alias) makes, which are no owners, and all pointers to a block that is
///   [sealed](crate::Slim::seal).)
/// - **P3** `is_unique` is true only if the pointer is the block's one owner, and all that former
///   owners did happened before. Who then holds the pointer exclusively may write the block.
/// - **P4** `release` returns the block at most once, to its last owner, and all that former
///   owners did happened before. The block is the caller's from then on.
///
/// # Safety
///
/// An implementation upholds P1 to P4 for pointers made by `new` under its contract.
pub unsafe trait PtrKind: sealed::Sealed + Debug + Default + Send + Sync + 'static {
    /// A counted pointer to a block: one word, and not generic in what the block holds.
    ///
    /// An owner gives it up with [`release`](PtrKind::release). One that is dropped leaks.
    type Ptr: Debug + Sized;

    /// Makes the first pointer to a block.
    ///
    /// # Safety
    ///
    /// - `block` is allocated, aligned to [`BLOCK_ALIGN`], and starts with an initialised `Count`
    ///   as [`Count::new`] made it. No other pointer was made of it with that count.
    /// - It stays so until `release` returns it.
    /// - The provenance of `block` is that of all the block that users will reach through
    ///   [`block`](PtrKind::block).
    unsafe fn new(block: NonNull<Count>, tag: Tag) -> Self::Ptr;

    /// Returns the pointer's tag. The slim kind does not touch memory for it.
    fn tag(ptr: &Self::Ptr) -> Tag;

    /// Returns the block, with the provenance given to [`new`](PtrKind::new).
    fn block(ptr: &Self::Ptr) -> NonNull<Count>;

    /// Adds an owner.
    ///
    /// # Panics
    ///
    /// Never; but `Standard` aborts the process at `isize::MAX` owners. `Slim` saturates.
    #[must_use = "a pointer that is dropped leaks its block"]
    fn clone(ptr: &Self::Ptr) -> Self::Ptr;

    /// Tells whether this is the only pointer to its block.
    fn is_unique(ptr: &Self::Ptr) -> bool;

    /// Gives up an owner, and returns the block to the last one.
    ///
    /// The last owner drops what the block holds, the `Count` included, and frees it.
    #[must_use = "the last owner frees the block"]
    fn release(ptr: Self::Ptr) -> Option<NonNull<Count>>;

    /// Tells whether two pointers are to the same block. Their tags do not matter.
    fn ptr_eq(a: &Self::Ptr, b: &Self::Ptr) -> bool;
}

pub(crate) mod sealed {
    /// Closes [`PtrKind`](super::PtrKind): unsafe code in trees relies on its two kinds.
    pub trait Sealed {}
}
