//! One step of a descent that is going to change something.

use super::super::bytes::common;
use super::super::header::{Kind, head, prefetch};
use super::super::inner::Inner;
use pleach_ptr::PtrKind;
use std::ptr::NonNull;

/// Where a path goes at an inner node.
pub(in super::super) enum Way<'p, P> {
    /// It turns off, or ends, so many bytes into the prefix.
    Apart(usize),
    /// It ends at the branch point.
    Here,
    /// To the child in this slot.
    Child(NonNull<P>, &'p [u8]),
    /// To a child for this byte, which there is not.
    Missing(u8, &'p [u8]),
}

/// Where `rest` goes at an inner node. Each kind has a copy of the few instructions that every level
/// takes.
///
/// # Safety
/// `ptr` points to an inner node of `V` of this kind, which is live and does not change while the
/// outcome is used.
#[inline(always)]
pub(in super::super) unsafe fn way<'p, V, K: PtrKind>(
    ptr: &K::Ptr,
    kind: Kind,
    rest: &'p [u8],
) -> Way<'p, K::Ptr> {
    let head = head::<K>(ptr);
    // SAFETY: the caller's promise.
    unsafe {
        match kind {
            Kind::Sparse => way_in(Inner::<V, K>::new(head, Kind::Sparse), rest),
            _ => way_in(Inner::<V, K>::new(head, Kind::Wide), rest),
        }
    }
}

#[inline(always)]
fn way_in<'p, V, K: PtrKind>(inner: Inner<'_, V, K>, mut rest: &'p [u8]) -> Way<'p, K::Ptr> {
    if inner.prefix_len() != 0 {
        let shared = common(inner.prefix(), rest);
        if shared < inner.prefix_len() {
            return Way::Apart(shared);
        }
        rest = &rest[shared..];
    }
    let Some((&byte, below)) = rest.split_first() else {
        return Way::Here;
    };
    let Some(child) = inner.slot_at(byte) else {
        return Way::Missing(byte, below);
    };
    // SAFETY: an initialized child.
    prefetch::<K>(unsafe { child.as_ref() });
    Way::Child(child, below)
}
