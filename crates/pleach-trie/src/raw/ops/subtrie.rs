//! Reading whole subtries: sharing them, and visiting every entry.

use super::super::node::{Node, Place};
use super::super::values::Take;
use super::build::{single, trim};
use super::locate;
use pleach_ptr::{Allocator, PtrKind};

/// What is at and below `path`, as a node that shares what it can. `None` if there is nothing, or
/// a location without anything.
///
/// # Safety
/// `root` points to a node of `V` from `alloc`, and nothing below it changes.
pub(in super::super) unsafe fn subtrie<V: Clone, K: PtrKind, A: Allocator>(
    root: &K::Ptr,
    alloc: &A,
    path: &[u8],
) -> Option<K::Ptr> {
    // SAFETY: the caller's promise.
    let spot = unsafe { locate::<V, K>(root, path) };
    if spot.exists < path.len() {
        return None;
    }
    // SAFETY: as above.
    let node = unsafe { Node::<V, K>::new(spot.node) };
    let Place { depth, entry } = spot.place;
    let prefix = node.prefix().len();
    if node.value(spot.place).is_none() && node.mask(spot.place).is_empty_mask() {
        return None;
    }
    if depth == 0 {
        return Some(K::clone(spot.node));
    }
    if depth <= prefix {
        let mut copy = node.copy(alloc);
        // SAFETY: the copy is ours.
        unsafe { trim::<V, K, A>(&mut copy, alloc, depth) };
        return Some(copy);
    }
    match node {
        Node::Inner(_) => unreachable!("an inner node ends where its prefix does"),
        Node::Dense(dense) => Some(single::<V, K, A>(
            alloc,
            &[],
            Some(dense.value(entry).clone()),
        )),
        Node::Bucket(bucket) => {
            let range = entry..bucket.range_end(entry, depth - prefix);
            // SAFETY: the values are cloned and stay where they are.
            Some(unsafe { bucket.part::<K, A>(alloc, range, depth, Take::Clone) })
        }
    }
}

/// Calls `visit` with every location that has a value or dangles, in order.
///
/// # Safety
/// `root` points to a node of `V`, and nothing below it changes meanwhile.
pub(in super::super) unsafe fn entries<'a, V: 'a, K: PtrKind>(
    root: &'a K::Ptr,
    mut visit: impl FnMut(&[u8], Option<&'a V>),
) {
    let mut path = Vec::new();
    // Nodes to go on with: where their path ends, and the next child.
    let mut stack: Vec<(&'a K::Ptr, usize, usize)> = vec![(root, 0, 0)];
    while let Some((ptr, start, next)) = stack.pop() {
        path.truncate(start);
        // SAFETY: the caller's promise.
        let node = unsafe { Node::<V, K>::new(ptr) };
        path.extend_from_slice(node.prefix());
        let text = path.len();
        match node {
            Node::Inner(inner) => {
                if next == 0 && inner.is_valued() {
                    visit(&path, inner.value());
                }
                if next < inner.len() {
                    path.push(inner.byte(next));
                    stack.push((ptr, start, next + 1));
                    stack.push((inner.child(next), path.len(), 0));
                }
            }
            Node::Bucket(bucket) => {
                for i in 0..bucket.len() {
                    path.truncate(text);
                    path.extend_from_slice(bucket.suffix(i));
                    visit(&path, bucket.value(i));
                }
            }
            Node::Dense(dense) => {
                for i in 0..dense.len() {
                    path.truncate(text);
                    path.push(dense.byte(i));
                    visit(&path, Some(dense.value(i)));
                }
            }
        }
    }
}
