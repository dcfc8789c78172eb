//! Finding values and locations.

use super::super::bucket::Bucket;
use super::super::bytes::strip;
use super::super::dense::Dense;
use super::super::header::{Kind, head, prefetch, prefetch_first};
use super::super::inner::Inner;
use super::super::node::{Node, Place, Walk};
use super::unshare;
use pleach_ptr::{Allocator, PtrKind};

/// What one node has to say about a key.
enum Step<'a, 'k, V, K: PtrKind> {
    /// The rest of the key goes on in this child.
    Down(&'a K::Ptr, &'k [u8]),
    /// The way ends here.
    Done(Option<&'a V>),
}

/// Follows `key` through one node.
///
/// # Safety
/// `ptr` points to a node of `V`, and nothing below it changes for `'a`.
#[inline(always)]
unsafe fn step<'a, 'k, V, K: PtrKind>(ptr: &'a K::Ptr, key: &'k [u8]) -> Step<'a, 'k, V, K> {
    let head = head::<K>(ptr);
    // SAFETY: the tag says the kind; nothing changes for 'a.
    let inner = unsafe {
        match Kind::of::<K>(ptr) {
            Kind::Bucket => {
                let bucket = Bucket::<V>::new(head);
                return Step::Done(bucket.find(key).and_then(|i| bucket.value(i)));
            }
            Kind::Dense => {
                let dense = Dense::<V>::new(head);
                return Step::Done(match strip(key, dense.prefix()) {
                    Some(&[byte]) => dense.find(byte).map(|i| dense.value(i)),
                    _ => None,
                });
            }
            Kind::Sparse => Inner::<V, K>::new(head, Kind::Sparse),
            Kind::Wide => Inner::<V, K>::new(head, Kind::Wide),
        }
    };
    let mut key = key;
    if inner.prefix_len() != 0 {
        match strip(key, inner.prefix()) {
            Some(rest) => key = rest,
            None => return Step::Done(None),
        }
    }
    match key.split_first() {
        None => Step::Done(inner.value()),
        Some((&byte, below)) => match inner.child_at(byte) {
            Some(child) => Step::Down(child, below),
            None => Step::Done(None),
        },
    }
}

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
        // SAFETY: the caller's promise.
        match unsafe { step::<V, K>(ptr, key) } {
            Step::Done(value) => return value,
            Step::Down(child, below) => {
                prefetch::<K>(child);
                (ptr, key) = (child, below);
            }
        }
    }
}

/// Look-ups that are under way at the same time: enough to keep as many cache misses in flight as
/// processors can.
const LANES: usize = 16;

/// The values at `keys`, in their order, appended to `found`. The look-ups take turns node by node,
/// and each asks for its next node before the others go on, so that their cache misses overlap.
///
/// # Safety
/// `root` points to a node of `V`, and nothing below it changes for `'a`.
pub(in super::super) unsafe fn get_many<'a, V, K: PtrKind>(
    root: &'a K::Ptr,
    keys: &[impl AsRef<[u8]>],
    found: &mut Vec<Option<&'a V>>,
) {
    found.reserve(keys.len());
    for group in keys.chunks(LANES) {
        let mut ways: [(&'a K::Ptr, &[u8]); LANES] = [(root, &[]); LANES];
        for (way, key) in ways.iter_mut().zip(group) {
            way.1 = key.as_ref();
        }
        let start = found.len();
        found.resize(start + group.len(), None);
        let values = &mut found[start..];
        let mut walking = u32::MAX >> (32 - group.len());
        while walking != 0 {
            let mut turn = walking;
            while turn != 0 {
                let lane = turn.trailing_zeros() as usize;
                turn &= turn - 1;
                let (ptr, key) = ways[lane];
                // SAFETY: the caller's promise.
                match unsafe { step::<V, K>(ptr, key) } {
                    Step::Down(child, below) => {
                        prefetch_first::<K>(child);
                        prefetch::<K>(child);
                        ways[lane] = (child, below);
                    }
                    Step::Done(value) => {
                        values[lane] = value;
                        walking &= !(1 << lane);
                    }
                }
            }
        }
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
