//! Finding values and locations.

use super::super::bucket::Bucket;
use super::super::bytes::strip;
use super::super::dense::Dense;
use super::super::header::{Kind, head, prefetch};
use super::super::inner::Inner;
use super::super::node::{Node, Place, Walk};
use super::unshare;
use pleach_ptr::{Allocator, PtrKind};

/// The value at `key`.
///
/// # Safety
/// `root` points to a node of `V`, and nothing below it changes for `'a`.
#[inline]
pub(in super::super) unsafe fn get<'a, V, K: PtrKind>(
    root: &'a K::Ptr,
    key: &[u8],
) -> Option<&'a V> {
    let (mut ptr, mut key) = (root, key);
    loop {
        let head = head::<K>(ptr);
        // SAFETY: the tag says the kind; nothing changes for 'a.
        let inner = unsafe {
            match Kind::of::<K>(ptr) {
                Kind::Bucket => {
                    let bucket = Bucket::<V>::new(head);
                    return bucket.find(key).and_then(|i| bucket.value(i));
                }
                Kind::Dense => {
                    let dense = Dense::<V>::new(head);
                    let [byte] = *strip(key, dense.prefix())? else {
                        return None;
                    };
                    return dense.find(byte).map(|i| dense.value(i));
                }
                Kind::Sparse => Inner::<V, K>::new(head, Kind::Sparse),
                Kind::Wide => Inner::<V, K>::new(head, Kind::Wide),
            }
        };
        if inner.prefix_len() != 0 {
            key = strip(key, inner.prefix())?;
        }
        let Some((&byte, below)) = key.split_first() else {
            return inner.value();
        };
        ptr = inner.child_at(byte)?;
        prefetch::<K>(ptr);
        key = below;
    }
}

/// The value at `key`, in nodes that belong to the caller alone from here on.
///
/// # Safety
/// `root` is an owned slot of nodes of `V` from `alloc`, which nobody else uses for `'a`.
pub(in super::super) unsafe fn get_mut<'a, V: Clone, K: PtrKind, A: Allocator>(
    root: &'a mut K::Ptr,
    alloc: &A,
    key: &[u8],
) -> Option<&'a mut V> {
    let (mut slot, mut key) = (root, key);
    let mut certain = false;
    loop {
        if !certain && !K::is_unique(slot) {
            // SAFETY: nothing changes meanwhile.
            unsafe { get::<V, K>(slot, key)? };
            certain = true;
        }
        // SAFETY: owned (T1); the value's slot is in a node that is ours alone for 'a.
        unsafe {
            unshare::<V, K, A>(slot, alloc);
            let value = match Node::<V, K>::new(slot) {
                Node::Bucket(bucket) => {
                    let i = bucket.find(key)?;
                    bucket.is_valued(i).then(|| bucket.slot(i))
                }
                Node::Dense(dense) => {
                    let [byte] = *strip(key, dense.prefix())? else {
                        return None;
                    };
                    dense.find(byte).map(|i| dense.slot(i))
                }
                Node::Inner(inner) => match strip(key, inner.prefix())?.split_first() {
                    None => inner.is_valued().then(|| inner.value_slot()),
                    Some((&byte, below)) => {
                        slot = &mut *inner.children().add(inner.find(byte)?).as_ptr();
                        key = below;
                        continue;
                    }
                },
            };
            return value.map(|value| &mut *value.as_ptr());
        }
    }
}

/// Makes the nodes along `path` the caller's own: with `through`, also one that begins where the
/// path ends.
///
/// # Safety
/// `root` is an owned slot of nodes of `V` from `alloc`.
pub(in super::super) unsafe fn own<V: Clone, K: PtrKind, A: Allocator>(
    root: &mut K::Ptr,
    alloc: &A,
    path: &[u8],
    through: bool,
) {
    let (mut slot, mut rest) = (root, path);
    while through || !rest.is_empty() {
        // SAFETY: owned (T1).
        unsafe { unshare::<V, K, A>(slot, alloc) };
        // SAFETY: live.
        let Node::Inner(inner) = (unsafe { Node::<V, K>::new(slot) }) else {
            return;
        };
        let Some((&byte, below)) = strip(rest, inner.prefix()).and_then(<[u8]>::split_first) else {
            return;
        };
        let Some(i) = inner.find(byte) else { return };
        // SAFETY: a child's slot in a node that is ours alone.
        slot = unsafe { &mut *inner.children().add(i).as_ptr() };
        rest = below;
    }
}

/// Where a path leads, or how far it does.
pub(in super::super) struct Spot<'a, K: PtrKind> {
    /// The node of the last location on the path.
    pub(in super::super) node: &'a K::Ptr,
    /// The place in it.
    pub(in super::super) place: Place,
    /// Bytes of the path that exist.
    pub(in super::super) exists: usize,
}

/// Follows `path` as far as locations exist.
///
/// # Safety
/// As for `get`.
pub(in super::super) unsafe fn locate<'a, V: 'a, K: PtrKind>(
    root: &'a K::Ptr,
    path: &[u8],
) -> Spot<'a, K> {
    let (mut node, mut exists) = (root, 0);
    loop {
        // SAFETY: nothing changes for 'a.
        let walk = unsafe { Node::<V, K>::new(node) }.walk(Place::default(), &path[exists..]);
        match walk {
            Walk::Here(place, used) => {
                return Spot {
                    node,
                    place,
                    exists: exists + used,
                };
            }
            Walk::Child(child, used) => {
                node = child;
                exists += used;
            }
        }
    }
}
