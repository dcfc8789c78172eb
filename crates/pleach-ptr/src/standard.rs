//! An `Arc` around the block: one more indirection, and no tricks.

use std::fmt;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;

use triomphe::{Arc, UniqueArc};

use crate::kind::sealed::Sealed;
use crate::{Count, PtrKind, Tag};

/// The standard kind: a `triomphe::Arc` that holds the block's address and the tag.
///
/// It is the reference to compare [`Slim`](crate::Slim) with and to debug with. It lays out and
/// allocates the same blocks, and leaves their `Count` alone. The `Arc` itself comes from the
/// global allocator. Saturation, and the models that check the orderings, are the slim kind's.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Standard;

/// A pointer of the [`Standard`] kind.
// Not dropped by itself, so that both kinds leak alike when one is forgotten.
pub struct StandardPtr(ManuallyDrop<Arc<Target>>);

#[derive(Clone, Copy)]
struct Target {
    block: NonNull<Count>,
    tag: Tag,
}

const _: () = assert!(size_of::<Option<StandardPtr>>() == size_of::<usize>());

impl fmt::Debug for StandardPtr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StandardPtr")
            .field("block", &self.0.block)
            .field("tag", &self.0.tag.get())
            .finish()
    }
}

impl Sealed for Standard {}

// SAFETY: P1 is passed on from `new`'s contract. P2 to P4 are `Arc`'s own guarantees: its count
// aborts before it wraps, its uniqueness test acquires, and of all calls of `into_unique` on the
// clones of one `Arc` exactly one, the last, returns the content.
unsafe impl PtrKind for Standard {
    type Ptr = StandardPtr;

    #[inline]
    unsafe fn new(block: NonNull<Count>, tag: Tag) -> StandardPtr {
        StandardPtr(ManuallyDrop::new(Arc::new(Target { block, tag })))
    }

    #[inline]
    fn tag(ptr: &StandardPtr) -> Tag {
        ptr.0.tag
    }

    #[inline]
    fn block(ptr: &StandardPtr) -> NonNull<Count> {
        ptr.0.block
    }

    #[inline]
    fn clone(ptr: &StandardPtr) -> StandardPtr {
        StandardPtr(ManuallyDrop::new(Arc::clone(&ptr.0)))
    }

    #[inline]
    fn is_unique(ptr: &StandardPtr) -> bool {
        Arc::is_unique(&ptr.0)
    }

    #[inline]
    fn release(ptr: StandardPtr) -> Option<NonNull<Count>> {
        let last = Arc::into_unique(ManuallyDrop::into_inner(ptr.0))?;
        Some(UniqueArc::into_inner(last).block)
    }

    #[inline]
    fn ptr_eq(a: &StandardPtr, b: &StandardPtr) -> bool {
        a.0.block == b.0.block
    }
}
