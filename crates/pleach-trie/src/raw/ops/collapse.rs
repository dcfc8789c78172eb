//! Making one bucket of a subtrie that has become small.

use super::super::bucket::Bucket;
use super::super::gather::Gather;
use super::super::header::TEXT_MAX;
use super::super::node::Node;
use super::super::values::Take;
use super::build::free_moved;
use pleach_ptr::{Allocator, PtrKind};
use std::mem::replace;

/// Levels of inner nodes that may be gathered: more of them never fit a bucket well.
const LEVELS_MAX: usize = 16;
/// Bytes of all texts with what they share, beyond which gathering gives up.
const BYTES_MAX: usize = 2048;

/// Number of values at or below which a subtrie is tried as a bucket: half a bucket, so that one
/// insertion does not open it again.
pub(in super::super) const fn small<V>() -> u64 {
    Bucket::<V>::CAP.div_ceil(2) as u64
}

/// Makes a bucket of the subtrie in `slot`, if it fits one and is owned as a whole.
///
/// # Safety
/// `slot` is the only pointer to a node of `V` from `alloc` (T1).
pub(in super::super) unsafe fn collapse<V: Clone, K: PtrKind, A: Allocator>(
    slot: &mut K::Ptr,
    alloc: &A,
) {
    // SAFETY: the caller's promise.
    let Node::Inner(top) = (unsafe { Node::<V, K>::new(slot) }) else {
        return;
    };
    let shared = match top.len() > 1 || top.is_valued() {
        true => top.prefix_len(),
        false => TEXT_MAX,
    };
    let mut all = Gather::new();
    // SAFETY: the caller's promise.
    let whole = unsafe { gather::<V, K>(slot, &mut Vec::new(), &mut all, shared, LEVELS_MAX) };
    if !whole || !all.fits() {
        return;
    }
    // SAFETY: all values move, and the old nodes, which are ours alone, are freed without them.
    unsafe {
        let bucket = all.bucket::<K, A>(alloc, Take::Move);
        free_husks::<V, K, A>(alloc, replace(slot, bucket));
    }
}

/// Gathers the entries of a subtrie, which share at most so many bytes; false if it is shared with
/// others, too deep or too large.
///
/// # Safety
/// `ptr` points to a node of `V`.
unsafe fn gather<V, K: PtrKind>(
    ptr: &K::Ptr,
    path: &mut Vec<u8>,
    all: &mut Gather<V>,
    shared: usize,
    levels: usize,
) -> bool {
    let above = path.len();
    let suffixes = all.bytes().saturating_sub(all.len() * shared);
    if !K::is_unique(ptr) || levels == 0 || suffixes > TEXT_MAX || all.bytes() + above > BYTES_MAX {
        return false;
    }
    // SAFETY: the caller's promise.
    let node = unsafe { Node::<V, K>::new(ptr) };
    path.extend_from_slice(node.prefix());
    match node {
        Node::Inner(inner) => {
            if inner.is_valued() {
                all.push(&[path], Some(inner.value_slot()));
            }
            for i in 0..inner.len() {
                path.push(inner.byte(i));
                // SAFETY: a live child.
                if !unsafe { gather::<V, K>(inner.child(i), path, all, shared, levels - 1) } {
                    return false;
                }
                path.pop();
            }
        }
        Node::Bucket(bucket) => {
            for i in 0..bucket.len() {
                let value = bucket.is_valued(i).then(|| bucket.slot(i));
                all.push(&[path, bucket.suffix(i)], value);
            }
        }
        Node::Dense(dense) => {
            for i in 0..dense.len() {
                all.push(&[path, &[dense.byte(i)]], Some(dense.slot(i)));
            }
        }
    }
    path.truncate(above);
    all.len() <= Bucket::<V>::CAP
}

/// Frees the nodes of a subtrie that `gather` went through, without their values.
///
/// # Safety
/// `ptr` and everything below it is owned by the caller alone, and the values have moved.
unsafe fn free_husks<V, K: PtrKind, A: Allocator>(alloc: &A, ptr: K::Ptr) {
    // SAFETY: the caller's promise; children move out before the node is freed.
    unsafe {
        if let Node::Inner(inner) = Node::<V, K>::new(&ptr) {
            for i in 0..inner.len() {
                free_husks::<V, K, A>(alloc, inner.children().add(i).read());
            }
        }
        free_moved::<V, K, A>(alloc, ptr);
    }
}
