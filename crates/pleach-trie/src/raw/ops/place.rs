//! Putting a value or a subtrie at a path.

use super::super::Trie;
use super::super::bucket::{self, Bucket, BucketMut};
use super::super::bytes::common;
use super::super::dense::{Dense, DenseMut};
use super::super::gather::Gather;
use super::super::header::{Kind, TEXT_MAX};
use super::super::inner::InnerMut;
use super::super::node::Node;
use super::super::values::Take;
use super::build::{inner, open, prepend, replace, single, trim};
use super::way::{Way, way};
use super::{Spine, recount, unshare};
use pleach_ptr::{Allocator, PtrKind};
use std::cmp::Ordering;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;

/// What is put at a path.
pub(in super::super) enum Payload<V, K: PtrKind, A: Allocator> {
    /// A value, or a location without one.
    Value(Option<V>),
    /// A subtrie, not empty, for a path that is no location.
    Subtrie(Trie<V, K, A>),
}

impl<V, K: PtrKind, A: Allocator> Payload<V, K, A> {
    /// The payload as a node that begins `above` its path.
    fn into_node(self, alloc: &A, above: &[u8]) -> K::Ptr {
        match self {
            Payload::Value(value) => single::<V, K, A>(alloc, above, value),
            Payload::Subtrie(mut trie) => {
                let mut node = trie.take_root().expect("a subtrie to place is not empty");
                // SAFETY: the root of a trie from the same allocator.
                unsafe { prepend::<V, K, A>(&mut node, alloc, above) };
                node
            }
        }
    }

    /// How many values come with it.
    fn count(&self) -> u64 {
        match self {
            Payload::Value(value) => u64::from(value.is_some()),
            Payload::Subtrie(trie) => trie.count(),
        }
    }
}

/// How one node dealt with the payload.
enum Step<V, K: PtrKind, A: Allocator> {
    /// It is in its place; the value that stood there comes back.
    Done { old: Option<V>, added: bool },
    /// The slot has another node now, which has to be tried again.
    Again(Payload<V, K, A>),
}

/// Puts `payload` at `path`; the value that stood there comes back.
///
/// # Safety
/// `root` is an owned slot of nodes of `V` from `alloc`. A payload that is a subtrie comes from
/// `alloc` too, and `path` and what is below it are no locations.
pub(in super::super) unsafe fn place<V: Clone, K: PtrKind, A: Allocator>(
    root: &mut Option<K::Ptr>,
    alloc: &A,
    path: &[u8],
    mut payload: Payload<V, K, A>,
) -> Option<V> {
    let count = payload.count();
    let Some(root) = root else {
        *root = Some(payload.into_node(alloc, path));
        return None;
    };
    let mut spine = Spine::<K>::new();
    let mut slot = NonNull::from(root);
    let mut rest = path;
    let (old, added) = loop {
        // SAFETY: the slot lies in an owned node (T1), and no view of it is alive.
        let node = unsafe { &mut *slot.as_ptr() };
        // SAFETY: T1.
        unsafe { unshare::<V, K, A>(node, alloc) };
        let kind = Kind::of::<K>(node);
        let step = match kind {
            Kind::Sparse | Kind::Wide => {
                // SAFETY: a live node of this kind; the view is gone when the node changes.
                match unsafe { way::<V, K>(node, kind, rest) } {
                    Way::Child(child, below) => {
                        spine.push(slot);
                        slot = child;
                        rest = below;
                        continue;
                    }
                    Way::Apart(shared) => {
                        // SAFETY: unique since `unshare`.
                        unsafe { fork(node, alloc, shared, rest, payload) };
                        break (None, true);
                    }
                    Way::Missing(byte, below) => {
                        spine.push(slot);
                        let child = payload.into_node(alloc, below);
                        // SAFETY: unique since `unshare`.
                        unsafe { InnerMut::<V, K, A>::new(node, alloc) }.add_child(byte, child);
                        break (None, true);
                    }
                    Way::Here => {
                        let Payload::Value(Some(value)) = payload else {
                            break (None, false);
                        };
                        spine.push(slot);
                        // SAFETY: unique since `unshare`.
                        let old = unsafe { InnerMut::<V, K, A>::new(node, alloc) }.set_value(value);
                        let added = old.is_none();
                        break (old, added);
                    }
                }
            }
            // SAFETY: unique since `unshare`.
            Kind::Bucket => unsafe { place_in_bucket(node, alloc, rest, payload) },
            // SAFETY: as above.
            Kind::Dense => unsafe { place_in_dense(node, alloc, rest, payload) },
        };
        match step {
            Step::Done { old, added } => break (old, added),
            Step::Again(same) => payload = same,
        }
    };
    if added && count > 0 {
        // SAFETY: the spine is owned.
        unsafe { recount::<V, K, A>(&spine, alloc, |sum| sum.saturating_add(count)) };
    }
    old
}

/// Makes the node in `slot`, of any kind, a child of a new inner node that branches `at` bytes into
/// its prefix, where `rest` turns off or ends.
///
/// # Safety
/// As for `place`; `slot` is unique.
unsafe fn fork<V: Clone, K: PtrKind, A: Allocator>(
    slot: &mut K::Ptr,
    alloc: &A,
    at: usize,
    rest: &[u8],
    payload: Payload<V, K, A>,
) {
    let mut prefix = [0; TEXT_MAX];
    // SAFETY: live.
    let old = unsafe { Node::<V, K>::new(slot) }.prefix();
    let byte = old[at];
    prefix[..at].copy_from_slice(&old[..at]);
    let prefix = &prefix[..at];
    // SAFETY: unique.
    unsafe { trim::<V, K, A>(slot, alloc, at + 1) };
    replace(slot, |node| match (rest.get(at), payload) {
        (None, Payload::Value(value)) => inner::<V, K, A, 1>(alloc, prefix, value, [(byte, node)]),
        (None, Payload::Subtrie(_)) => unreachable!("a subtrie is put where no location is"),
        (Some(&turn), payload) => {
            let new = payload.into_node(alloc, &rest[at + 1..]);
            let children = match turn < byte {
                true => [(turn, new), (byte, node)],
                false => [(byte, node), (turn, new)],
            };
            inner::<V, K, A, 2>(alloc, prefix, None, children)
        }
    });
}

/// # Safety
/// As for `place`; `slot` is unique and holds a bucket.
unsafe fn place_in_bucket<V: Clone, K: PtrKind, A: Allocator>(
    slot: &mut K::Ptr,
    alloc: &A,
    rest: &[u8],
    payload: Payload<V, K, A>,
) -> Step<V, K, A> {
    // SAFETY: the caller's promise.
    let mut leaf = unsafe { BucketMut::<V, K, A>::new(slot, alloc) };
    let bucket = leaf.view();
    let prefix = bucket.prefix();
    let shared = common(prefix, rest);
    let payload = match payload {
        Payload::Value(value) if shared == prefix.len() => {
            let suffix = &rest[shared..];
            match (bucket.search(suffix), value) {
                (Ok(_), None) => {
                    return Step::Done {
                        old: None,
                        added: false,
                    };
                }
                (Ok(i), Some(value)) => {
                    let old = leaf.set(i, value);
                    let added = old.is_none();
                    return Step::Done { old, added };
                }
                (Err(i), value) => {
                    if value.is_none() && i < bucket.len() && bucket.suffix(i).starts_with(suffix) {
                        return Step::Done {
                            old: None,
                            added: false,
                        };
                    }
                    if let Some(i) = dangling_above(&mut leaf, i, suffix) {
                        if leaf.has_room(suffix) {
                            leaf.insert(i, suffix, value);
                            return Step::Done {
                                old: None,
                                added: true,
                            };
                        }
                        Payload::Value(value)
                    } else {
                        // The only entry dangles above the new one, which replaces it.
                        replace(slot, |node| {
                            // SAFETY: unique; it has no value.
                            unsafe { bucket::free_moved::<V, K, A>(alloc, node) };
                            single::<V, K, A>(alloc, rest, value)
                        });
                        return Step::Done {
                            old: None,
                            added: true,
                        };
                    }
                }
            }
        }
        payload => payload,
    };
    // SAFETY: the caller's promise.
    unsafe { regather(slot, alloc, rest, payload) }
}

/// Before an entry is added at `i`: takes out the one before it if it is a location without a
/// value that the new entry implies. Returns where the new entry goes now, or `None` if that was
/// the only entry.
fn dangling_above<V, K: PtrKind, A: Allocator>(
    leaf: &mut BucketMut<'_, V, K, A>,
    i: usize,
    suffix: &[u8],
) -> Option<usize> {
    let bucket = leaf.view();
    match i.checked_sub(1) {
        Some(above) if !bucket.is_valued(above) && suffix.starts_with(bucket.suffix(above)) => {
            (bucket.len() > 1).then(|| {
                leaf.remove(above);
                above
            })
        }
        _ => Some(i),
    }
}

/// Puts into a bucket what does not go in beside the other entries as they stand: as a new bucket
/// or dense leaf of all entries, or, where they do not fit one, after opening the bucket.
///
/// # Safety
/// As for `place_in_bucket`.
unsafe fn regather<V: Clone, K: PtrKind, A: Allocator>(
    slot: &mut K::Ptr,
    alloc: &A,
    rest: &[u8],
    payload: Payload<V, K, A>,
) -> Step<V, K, A> {
    // SAFETY: the caller's promise.
    let Node::Bucket(bucket) = (unsafe { Node::<V, K>::new(slot) }) else {
        unreachable!("called for buckets")
    };
    let prefix = bucket.prefix();
    let mut payload = ManuallyDrop::new(payload);
    if let Payload::Value(value) = &mut *payload {
        let shared = common(prefix, rest);
        if value.is_none() && shared == rest.len() {
            return Step::Done {
                old: None,
                added: false,
            };
        }
        if may_fit(bucket, rest, value.is_some()) {
            let value = value.as_mut().map(NonNull::from);
            // SAFETY: all values move, those of the bucket and the new one.
            let new = unsafe { gather_with::<V, K, A>(alloc, bucket, rest, value) };
            let old = std::mem::replace(slot, new);
            // SAFETY: unique, without its values.
            unsafe { bucket::free_moved::<V, K, A>(alloc, old) };
            return Step::Done {
                old: None,
                added: true,
            };
        }
    }
    let payload = ManuallyDrop::into_inner(payload);
    let first = bucket.suffix(0);
    let common_len = prefix.len() + bucket.shared_suffix();
    let along = match common(prefix, rest) {
        shared if shared == prefix.len() => {
            shared + common(&first[..common_len - shared], &rest[shared..])
        }
        shared => shared,
    };
    let at = along.min(TEXT_MAX);
    if bucket.len() == 1 && at == common_len {
        // The only entry lies on the path: it becomes the value of a branch point.
        let value = bucket.is_valued(0);
        let text = [prefix, first].concat();
        replace(slot, |node| {
            // SAFETY: the value moves; the bucket is freed without it.
            let value = value.then(|| unsafe { bucket.slot(0).read() });
            let new = payload.into_node(alloc, &rest[at + 1..]);
            // SAFETY: unique, its value has moved.
            unsafe { bucket::free_moved::<V, K, A>(alloc, node) };
            inner::<V, K, A, 1>(alloc, &text, value, [(rest[at], new)])
        });
        return Step::Done {
            old: None,
            added: true,
        };
    }
    // SAFETY: all entries share `at` bytes, and the last one is longer.
    unsafe { open::<V, K, A>(slot, alloc, at) };
    Step::Again(payload)
}

/// Whether the entries of a bucket and a new one fit a new bucket, or a dense leaf.
fn may_fit<V>(bucket: Bucket<'_, V>, rest: &[u8], valued: bool) -> bool {
    let shape = bucket.shape();
    let shared = match common(bucket.prefix(), rest) {
        shared if shared < shape.prefix => shared,
        shared => {
            let all = bucket.shared_suffix();
            shared + common(&bucket.suffix(0)[..all], &rest[shared..])
        }
    };
    let shared = shared.min(TEXT_MAX);
    let texts = shape.suffixes + shape.len * shape.prefix + rest.len();
    let suffixes = texts - (shape.len + 1) * shared;
    let alike = |i| shape.prefix + bucket.suffix(i).len() == rest.len();
    let even = || (0..shape.len).all(alike);
    if Bucket::<V>::holds(shape.len + 1, suffixes, even).is_some() {
        return true;
    }
    // As many bytes as entries, and the first suffix not empty: all suffixes are one byte.
    Dense::<V>::SERVES
        && valued
        && shape.len >= Bucket::<V>::CAP
        && shape.suffixes == shape.len
        && !bucket.suffix(0).is_empty()
        && bucket.count(0, shape.len) as usize == shape.len
        && shared == shape.prefix
        && rest.len() == shared + 1
}

/// A new leaf of the entries of a bucket and of a new one.
///
/// # Safety
/// `may_fit` says so. All values move, and are not used where they were.
unsafe fn gather_with<V: Clone, K: PtrKind, A: Allocator>(
    alloc: &A,
    bucket: Bucket<'_, V>,
    rest: &[u8],
    value: Option<NonNull<V>>,
) -> K::Ptr {
    if let (Some(text), Some(value)) = (bucket.lone_text(), value) {
        let (old, new) = ((text, bucket.slot(0)), (rest, value));
        let pair = if rest < text { [new, old] } else { [old, new] };
        // SAFETY: the caller's promise.
        return unsafe { bucket::pair::<V, K, A>(alloc, pair) };
    }
    let prefix = bucket.prefix();
    let shared = common(prefix, rest);
    let before = match rest[shared..].cmp(&prefix[shared..]) {
        _ if shared == prefix.len() => bucket.search(&rest[shared..]).unwrap_or_else(|i| i),
        Ordering::Less => 0,
        _ => bucket.len(),
    };
    let mut all = Gather::new();
    for i in 0..=bucket.len() {
        if i == before {
            all.push(&[rest], value);
        }
        if i < bucket.len() {
            let value = bucket.is_valued(i).then(|| bucket.slot(i));
            all.push(&[prefix, bucket.suffix(i)], value);
        }
    }
    // SAFETY: the caller's promise.
    unsafe { all.leaf::<K, A>(alloc, Take::Move) }
}

/// # Safety
/// As for `place`; `slot` is unique and holds a dense leaf.
unsafe fn place_in_dense<V: Clone, K: PtrKind, A: Allocator>(
    slot: &mut K::Ptr,
    alloc: &A,
    rest: &[u8],
    payload: Payload<V, K, A>,
) -> Step<V, K, A> {
    // SAFETY: the caller's promise.
    let mut leaf = unsafe { DenseMut::<V, K, A>::new(slot, alloc) };
    let dense = leaf.view();
    let prefix = dense.prefix();
    let shared = common(prefix, rest);
    if shared < prefix.len() {
        // SAFETY: unique.
        unsafe { fork(slot, alloc, shared, rest, payload) };
        return Step::Done {
            old: None,
            added: true,
        };
    }
    match (&rest[shared..], payload) {
        (&[byte], Payload::Value(Some(value))) => match dense.find(byte) {
            Some(i) => Step::Done {
                old: Some(leaf.set(i, value)),
                added: false,
            },
            None => {
                leaf.insert(byte, value);
                Step::Done {
                    old: None,
                    added: true,
                }
            }
        },
        (_, payload) => {
            // SAFETY: unique; every entry is one byte longer than the prefix.
            unsafe { open::<V, K, A>(slot, alloc, prefix.len()) };
            Step::Again(payload)
        }
    }
}
