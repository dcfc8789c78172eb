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
mod place;
mod remove;
mod subtrie;

#[cfg(feature = "testing")]
pub(super) use check::check;
pub(super) use drop::release;
pub(super) use lookup::{get, get_mut, locate, own};
pub(super) use place::{Payload, place};
pub(super) use remove::{Extent, Removed, remove};
pub(super) use subtrie::{entries, subtrie};

use super::inner::InnerMut;
use super::node::Node;
use pleach_ptr::{Allocator, PtrKind};
use smallvec::SmallVec;
use std::ptr::NonNull;

/// The inner nodes from the root down to where an operation works, by their slots.
type Spine<K> = SmallVec<[NonNull<<K as PtrKind>::Ptr>; 16]>;

/// Makes the node in `slot` its own: copies it if it has other owners.
///
/// # Safety
/// `slot` points to a node of `V` from `alloc`, and the nodes above it are owned (T1).
#[inline]
unsafe fn unshare<V: Clone, K: PtrKind, A: Allocator>(slot: &mut K::Ptr, alloc: &A) {
    if !K::is_unique(slot) {
        // SAFETY: a live node; shared nodes do not change.
        let copy = unsafe { Node::<V, K>::new(slot) }.copy(alloc);
        let shared = std::mem::replace(slot, copy);
        // SAFETY: the slot's count on the shared node is ours to give up.
        unsafe { release::<V, K, A>(alloc, shared) };
    }
}

/// Changes the counts of values of the nodes along the spine, from the deepest up.
///
/// # Safety
/// The slots of the spine are live, owned inner nodes.
unsafe fn recount<V, K: PtrKind, A: Allocator>(
    spine: &[NonNull<K::Ptr>],
    alloc: &A,
    change: impl Fn(u64) -> u64,
) {
    for slot in spine.iter().rev() {
        // SAFETY: the caller's promise.
        let mut inner = unsafe { InnerMut::<V, K, A>::new(&mut *slot.as_ptr(), alloc) };
        let view = inner.view();
        let count = match view.count() {
            u64::MAX => {
                let own = u64::from(view.is_valued());
                let below = (0..view.len()).map(|i| {
                    // SAFETY: a live child.
                    unsafe { Node::<V, K>::new(view.child(i)) }.count(Default::default())
                });
                below.fold(own, u64::saturating_add)
            }
            count => change(count),
        };
        inner.set_count(count);
    }
}
