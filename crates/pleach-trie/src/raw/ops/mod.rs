//! Operations on tries, one verb a file. They walk slots: places that hold a pointer to a node.
//!
//! Invariants of a trie, on which every operation relies and which it restores:
//! - **T1** A node is changed only if its pointer is the only one and all nodes above it are
//!   owned by the one who changes: `unshare` on the way down sees to it.
//! - **T2** Nothing here runs user code while a node is half changed: values are cloned before
//!   (`unshare`, `copy`), and dropped after.

mod build;
#[cfg(feature = "testing")]
mod check;
mod collapse;
mod drop;
mod lookup;
mod order;
mod place;
mod remove;
mod spine;
mod subtrie;
mod survey;
mod way;

pub(super) use build::{prepend, single, trim, under};
#[cfg(feature = "testing")]
pub(super) use check::check;
pub(super) use collapse::{collapse, small};
pub(super) use drop::{free_alone, release};
pub(super) use lookup::{get, get_many, get_mut, locate, own};
pub(super) use order::{nth, rank};
pub(super) use place::{Payload, place};
pub(super) use remove::{Extent, Removed, remove};
pub(super) use subtrie::{entries, subtrie};
pub(crate) use survey::Sight;
pub(super) use way::{Way, way};

use super::inner::{Inner, InnerMut};
use super::node::Node;
use pleach_ptr::{Allocator, PtrKind};
use spine::Spine;

/// Makes the node in `slot` its own: copies it if it has other owners.
///
/// # Safety
/// `slot` points to a node of `V` from `alloc`, and the nodes above it are owned (T1).
#[inline(always)]
unsafe fn unshare<V: Clone, K: PtrKind, A: Allocator>(slot: &mut K::Ptr, alloc: &A) {
    if !K::is_unique(slot) {
        // SAFETY: the caller's promise.
        unsafe { copy_shared::<V, K, A>(slot, alloc) };
    }
}

/// # Safety
/// As for `unshare`.
#[cold]
unsafe fn copy_shared<V: Clone, K: PtrKind, A: Allocator>(slot: &mut K::Ptr, alloc: &A) {
    // SAFETY: a live node; shared nodes do not change.
    let copy = unsafe { Node::<V, K>::new(slot) }.copy(alloc);
    let shared = std::mem::replace(slot, copy);
    // SAFETY: the slot's count on the shared node is ours to give up.
    unsafe { release::<V, K, A>(alloc, shared) };
}

/// Changes the counts of values of the nodes along the spine, from the deepest up.
///
/// # Safety
/// The slots of the spine are live, owned inner nodes.
#[inline]
unsafe fn recount<V, K: PtrKind, A: Allocator>(
    spine: &Spine<K>,
    alloc: &A,
    change: impl Fn(u64) -> u64,
) {
    spine.upward(|slot| {
        // SAFETY: the caller's promise.
        let mut inner = unsafe { InnerMut::<V, K, A>::new(&mut *slot.as_ptr(), alloc) };
        let count = match inner.view().count() {
            u64::MAX => sum_of(inner.view()),
            count => change(count),
        };
        inner.set_count(count);
    });
}

/// The number of values in a node and below, summed up anew.
#[cold]
fn sum_of<V, K: PtrKind>(inner: Inner<'_, V, K>) -> u64 {
    let below = (0..inner.len()).map(|i| {
        // SAFETY: a live child.
        unsafe { Node::<V, K>::new(inner.child(i)) }.count(Default::default())
    });
    below.fold(u64::from(inner.is_valued()), u64::saturating_add)
}
