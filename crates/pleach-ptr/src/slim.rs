//! One word: address and tag, counted in the block.
//!
//! ```text
//!  63                                    3 2   0
//! +---------------------------------------+-----+
//! | address of the block / 8              | tag |
//! +---------------------------------------+-----+
//! ```

use std::fmt;
use std::ptr::NonNull;

use crate::kind::sealed::Sealed;
use crate::{BLOCK_ALIGN, Count, PtrKind, Tag};

/// The slim kind: a pointer is one word with its tag in the low bits, and the count stands in the
/// block.
///
/// The count has 32 bits. It saturates at 2^31 owners, and the block is then never freed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Slim;

/// A pointer of the [`Slim`] kind.
#[repr(transparent)]
pub struct SlimPtr(NonNull<Count>);

#[cfg(not(pleach_loom))]
const _: () = assert!(size_of::<Option<SlimPtr>>() == size_of::<usize>());
const _: () = assert!(align_of::<Count>() <= BLOCK_ALIGN);

impl SlimPtr {
    #[inline]
    fn tag(&self) -> Tag {
        Tag::of_address(self.0.addr().get())
    }

    #[inline]
    fn block(&self) -> NonNull<Count> {
        let block = self
            .0
            .as_ptr()
            .map_addr(|address| address & !(BLOCK_ALIGN - 1));
        // SAFETY: P1: this is the block's own address, which is not null, without the tag.
        unsafe { NonNull::new_unchecked(block) }
    }

    #[inline]
    fn count(&self) -> &Count {
        // SAFETY: P1: while `self` exists, its block starts with an initialised `Count`.
        unsafe { self.block().as_ref() }
    }
}

impl fmt::Debug for SlimPtr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SlimPtr")
            .field("block", &self.block())
            .field("tag", &self.tag().get())
            .finish()
    }
}

impl Slim {
    /// Adds an owner, unless the block is [sealed](Self::seal), or has too many owners to be counted.
    ///
    /// Who is refused by a seal sees all that was done before it.
    #[must_use = "a pointer that is dropped leaks its block"]
    #[inline]
    pub fn try_clone(ptr: &SlimPtr) -> Option<SlimPtr> {
        ptr.count().try_retain().then_some(SlimPtr(ptr.0))
    }

    /// If the block has exactly so many owners, takes it out of counting, and says so.
    ///
    /// From then on it is never unique, and never released: all owners' pointers are aliases, and who
    /// was told so has the block. A pointer to it can still be cloned (which counts for nothing), but not
    /// by [`try_clone`](Self::try_clone).
    #[inline]
    pub fn seal(ptr: &SlimPtr, owners: u32) -> bool {
        ptr.count().seal(owners)
    }

    /// Another pointer to the same block, under another tag, that is not counted: P2 does not hold of it.
    ///
    /// # Safety
    ///
    /// It is not used after the block is gone, and is not given to [`release`](PtrKind::release)
    /// unless an owner is forgotten for it.
    #[must_use]
    #[inline(always)]
    pub unsafe fn alias(ptr: &SlimPtr, tag: Tag) -> SlimPtr {
        let block = ptr.block();
        SlimPtr(block.map_addr(|address| address | usize::from(tag.get())))
    }
}

impl Sealed for Slim {}

// SAFETY: P1 is passed on from `new`'s contract; P2 to P4 are the argument of module `count`.
unsafe impl PtrKind for Slim {
    type Ptr = SlimPtr;

    #[inline]
    unsafe fn new(block: NonNull<Count>, tag: Tag) -> SlimPtr {
        debug_assert!(block.addr().get().is_multiple_of(BLOCK_ALIGN));
        SlimPtr(block.map_addr(|address| address | usize::from(tag.get())))
    }

    #[inline]
    fn tag(ptr: &SlimPtr) -> Tag {
        ptr.tag()
    }

    #[inline]
    fn block(ptr: &SlimPtr) -> NonNull<Count> {
        ptr.block()
    }

    #[inline]
    fn clone(ptr: &SlimPtr) -> SlimPtr {
        ptr.count().retain();
        SlimPtr(ptr.0)
    }

    #[inline]
    fn is_unique(ptr: &SlimPtr) -> bool {
        ptr.count().is_unique()
    }

    #[inline]
    fn release(ptr: SlimPtr) -> Option<NonNull<Count>> {
        let block = ptr.block();
        ptr.count().release().then_some(block)
    }

    #[inline]
    fn ptr_eq(a: &SlimPtr, b: &SlimPtr) -> bool {
        a.block() == b.block()
    }
}
