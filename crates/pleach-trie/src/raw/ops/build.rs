//! Making nodes, and giving nodes other beginnings.

use super::super::bucket::{self, Bucket, BucketMut};
use super::super::dense::{self, Dense, DenseMut};
use super::super::header::{Kind, TEXT_MAX};
use super::super::inner::{Blank, InnerMut, Shape};
use super::super::node::Node;
use super::super::values::Take;
use crate::ByteMask;
use pleach_ptr::{Allocator, PtrKind};
use std::ops::Range;

/// A new inner node: prefix, value and children in order.
pub(super) fn inner<V, K: PtrKind, A: Allocator, const N: usize>(
    alloc: &A,
    prefix: &[u8],
    value: Option<V>,
    children: [(u8, K::Ptr); N],
) -> K::Ptr {
    let shape = Shape::for_children(N, prefix.len(), value.is_some());
    let node = Blank::<V, K>::new(alloc, shape, N);
    node.write_prefix(&[prefix]);
    node.write_index(children.iter().map(|&(byte, _)| byte).collect());
    let mut count = u64::from(value.is_some());
    for (i, (_, child)) in children.into_iter().enumerate() {
        // SAFETY: the child is live, and ours for the moment.
        count =
            count.saturating_add(unsafe { Node::<V, K>::new(&child) }.count(Default::default()));
        node.write_child(i, child);
    }
    node.write_count(count);
    if let Some(value) = value {
        node.write_value(value);
    }
    node.finish()
}

/// A new subtrie of one entry: a leaf, below a chain of inner nodes if the text is long.
pub(in super::super) fn single<V, K: PtrKind, A: Allocator>(
    alloc: &A,
    text: &[u8],
    value: Option<V>,
) -> K::Ptr {
    if text.len() <= 2 * TEXT_MAX {
        return bucket::single::<V, K, A>(alloc, text, value);
    }
    let (chain, end) = text.split_at(text.len() - TEXT_MAX);
    let leaf = bucket::single::<V, K, A>(alloc, end, value);
    under::<V, K, A>(alloc, chain, leaf)
}

/// Puts `node` below inner nodes of one child each that spell `chain`.
pub(in super::super) fn under<V, K: PtrKind, A: Allocator>(
    alloc: &A,
    chain: &[u8],
    node: K::Ptr,
) -> K::Ptr {
    chain
        .rchunks(TEXT_MAX + 1)
        .fold(node, |below, link| match link.split_last() {
            Some((&byte, prefix)) => inner::<V, K, A, 1>(alloc, prefix, None, [(byte, below)]),
            None => below,
        })
}

/// Replaces a node by what `make` makes of it.
pub(super) fn replace<P>(slot: &mut P, make: impl FnOnce(P) -> P) {
    /// Should making a node unwind, the slot would be left with a pointer that has moved.
    struct Abort;
    impl Drop for Abort {
        fn drop(&mut self) {
            std::process::abort();
        }
    }
    let abort = Abort;
    // SAFETY: the pointer moves out, and one moves in before anybody looks.
    unsafe { std::ptr::write(slot, make(std::ptr::read(slot))) };
    std::mem::forget(abort);
}

/// Puts `before` in front of every path through the node in `slot`. A shared node stays as it is,
/// below a new one; others take the bytes into their prefix where there is room.
///
/// # Safety
/// `slot` points to a node of `V` from `alloc`, and the nodes above it are owned (T1).
pub(in super::super) unsafe fn prepend<V, K: PtrKind, A: Allocator>(
    slot: &mut K::Ptr,
    alloc: &A,
    before: &[u8],
) {
    // SAFETY: live.
    let old = unsafe { Node::<V, K>::new(slot) }.prefix().len();
    let room = match K::is_unique(slot) {
        true => TEXT_MAX - old,
        false => 0,
    };
    let (chain, inside) = before.split_at(before.len().saturating_sub(room));
    if !inside.is_empty() {
        // SAFETY: unique, as there is room.
        unsafe { set_prefix::<V, K, A>(slot, alloc, inside, 0..old) };
    }
    if !chain.is_empty() {
        replace(slot, |node| under::<V, K, A>(alloc, chain, node));
    }
}

/// Takes the first `n` bytes off every path through the node in `slot`; they lie in its prefix.
///
/// # Safety
/// `slot` is the only pointer to a node of `V` from `alloc` (T1).
pub(in super::super) unsafe fn trim<V, K: PtrKind, A: Allocator>(
    slot: &mut K::Ptr,
    alloc: &A,
    n: usize,
) {
    if n > 0 {
        // SAFETY: the caller's promise.
        unsafe {
            let old = Node::<V, K>::new(slot).prefix().len();
            set_prefix::<V, K, A>(slot, alloc, &[], n..old);
        }
    }
}

/// Gives the node in `slot` the prefix `before` and what `keep` leaves of the old one.
///
/// # Safety
/// `slot` is the only pointer to a node of `V` from `alloc` (T1).
unsafe fn set_prefix<V, K: PtrKind, A: Allocator>(
    slot: &mut K::Ptr,
    alloc: &A,
    before: &[u8],
    keep: Range<usize>,
) {
    // SAFETY: the tag says the kind.
    unsafe {
        match Kind::of::<K>(slot) {
            Kind::Sparse | Kind::Wide => {
                InnerMut::<V, K, A>::new(slot, alloc).set_prefix(before, keep);
            }
            Kind::Bucket => BucketMut::<V, K, A>::new(slot, alloc).set_prefix(before, keep),
            Kind::Dense => DenseMut::<V, K, A>::new(slot, alloc).set_prefix(before, keep),
        }
    }
}

/// Makes an inner node of a leaf: its branch point lies `at` bytes below the leaf's beginning,
/// which all entries share and which are at most [`TEXT_MAX`].
///
/// Some entry must be longer, so that there is a child.
///
/// # Safety
/// `slot` is the only pointer to a leaf of `V` from `alloc` (T1).
pub(super) unsafe fn open<V: Clone, K: PtrKind, A: Allocator>(
    slot: &mut K::Ptr,
    alloc: &A,
    at: usize,
) {
    // SAFETY: the caller's promise.
    match unsafe { Node::<V, K>::new(slot) } {
        // SAFETY: as above.
        Node::Bucket(bucket) => unsafe { open_bucket::<V, K, A>(slot, alloc, bucket, at) },
        // SAFETY: as above.
        Node::Dense(dense) => unsafe { open_dense::<V, K, A>(slot, alloc, dense) },
        Node::Inner(_) => unreachable!("only leaves are opened"),
    }
}

/// # Safety
/// As for `open`; `bucket` is in `slot`.
unsafe fn open_bucket<V: Clone, K: PtrKind, A: Allocator>(
    slot: &mut K::Ptr,
    alloc: &A,
    bucket: Bucket<'_, V>,
    at: usize,
) {
    let prefix = bucket.prefix();
    let shared = at.saturating_sub(prefix.len());
    let byte = |i: usize| match prefix.get(at) {
        Some(&byte) => Some(byte),
        None => bucket.suffix(i).get(shared).copied(),
    };
    let ends_here = byte(0).is_none();
    let first = usize::from(ends_here);
    let mask: ByteMask = (first..bucket.len()).filter_map(byte).collect();

    let valued = ends_here && bucket.is_valued(0);
    let shape = Shape::for_children(mask.count_bits() + 1, at, valued);
    let node = Blank::<V, K>::new(alloc, shape, mask.count_bits());
    let own = &bucket.suffix(0)[..shared];
    node.write_prefix(&[&prefix[..at.min(prefix.len())], own]);
    node.write_index(mask);
    node.write_count(bucket.count(0, bucket.len()));
    if valued {
        // SAFETY: the value moves; the bucket is freed without it.
        node.write_value(unsafe { bucket.slot(0).read() });
    }
    let mut from = first;
    for child in 0..mask.count_bits() {
        let end = (from..bucket.len())
            .find(|&i| byte(i) != byte(from))
            .unwrap_or(bucket.len());
        // SAFETY: the values move.
        let group = unsafe { bucket.part::<K, A>(alloc, from..end, at + 1, Take::Move) };
        node.write_child(child, group);
        from = end;
    }
    let old = std::mem::replace(slot, node.finish());
    // SAFETY: unique, and all its values have moved.
    unsafe { bucket::free_moved::<V, K, A>(alloc, old) };
}

/// # Safety
/// As for `open`; `dense` is in `slot`.
unsafe fn open_dense<V, K: PtrKind, A: Allocator>(
    slot: &mut K::Ptr,
    alloc: &A,
    dense: Dense<'_, V>,
) {
    let len = dense.len();
    let shape = Shape::for_children(len, dense.prefix().len(), false);
    let node = Blank::<V, K>::new(alloc, shape, len);
    node.write_prefix(&[dense.prefix()]);
    node.write_index(dense.mask());
    node.write_count(len as u64);
    for i in 0..len {
        // SAFETY: the value moves; the leaf is freed without it.
        let value = unsafe { dense.slot(i).read() };
        node.write_child(i, bucket::single::<V, K, A>(alloc, &[], Some(value)));
    }
    let old = std::mem::replace(slot, node.finish());
    // SAFETY: unique, and all its values have moved.
    unsafe { dense::free_moved::<V, K, A>(alloc, old) };
}

/// Frees a node, of any kind, whose values and children have been moved out.
///
/// # Safety
/// `ptr` is the only owner of a node of `V` from `alloc`.
pub(super) unsafe fn free_moved<V, K: PtrKind, A: Allocator>(alloc: &A, ptr: K::Ptr) {
    // SAFETY: the tag says the kind.
    unsafe {
        match Kind::of::<K>(&ptr) {
            Kind::Sparse | Kind::Wide => super::super::inner::free_moved::<V, K, A>(alloc, ptr),
            Kind::Bucket => bucket::free_moved::<V, K, A>(alloc, ptr),
            Kind::Dense => dense::free_moved::<V, K, A>(alloc, ptr),
        }
    }
}
