//! Taking a value, a dangling location or a whole subtrie out.

use super::super::bucket::{self, Bucket, BucketMut};
use super::super::bytes::common;
use super::super::dense::DenseMut;
use super::super::gather::Gather;
use super::super::header::{Kind, TEXT_MAX};
use super::super::inner::InnerMut;
use super::super::node::Node;
use super::super::values::Take;
use super::build::{free_moved, open, prepend, replace, single, trim};
use super::collapse::{collapse, small};
use super::way::{Way, way};
use super::{Spine, locate, recount, unshare};
use pleach_ptr::{Allocator, PtrKind};
use std::ptr::NonNull;

/// How much is removed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Extent {
    /// The value; the location stays.
    Value,
    /// The value, and the location with what dangles above it if nothing is below.
    Tip,
    /// The location with all that is below it, and what dangles above it.
    Subtrie,
}

/// What was removed.
pub(in super::super) enum Removed<V, K: PtrKind> {
    /// There was nothing; nothing has changed.
    Nothing,
    /// A location without a value.
    Location,
    /// A value.
    Value(V),
    /// A subtrie.
    Node(K::Ptr),
}

/// What a node has to say about the removal.
enum Step<V, K: PtrKind> {
    /// This was removed from inside the node.
    Done(Removed<V, K>),
    /// The whole node is what was to be removed.
    Whole,
    /// The slot has another node now, which has to be tried again.
    Again,
}

/// Removes what is at `path`.
///
/// # Safety
/// `root` is an owned slot of nodes of `V` from `alloc`.
pub(in super::super) unsafe fn remove<V: Clone, K: PtrKind, A: Allocator>(
    root: &mut Option<K::Ptr>,
    alloc: &A,
    path: &[u8],
    extent: Extent,
) -> Removed<V, K> {
    let Some(top) = root else {
        return Removed::Nothing;
    };
    let mut spine = Spine::<K>::new();
    let mut slot = NonNull::from(top);
    let mut rest = path;
    let mut certain = false;
    let step = loop {
        // SAFETY: the slot lies in an owned node (T1), and no view of it is alive.
        let node = unsafe { &mut *slot.as_ptr() };
        if extent == Extent::Subtrie && rest.is_empty() {
            break Step::Whole;
        }
        if !certain && !K::is_unique(node) {
            // SAFETY: live, and unchanged meanwhile.
            if !unsafe { is_there::<V, K>(node, rest, extent) } {
                return Removed::Nothing;
            }
            certain = true;
        }
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
                    Way::Apart(shared) if extent != Extent::Subtrie || shared < rest.len() => {
                        return Removed::Nothing;
                    }
                    Way::Missing(..) => return Removed::Nothing,
                    Way::Apart(_) | Way::Here if extent == Extent::Subtrie => {
                        // SAFETY: unique since `unshare`.
                        unsafe { trim::<V, K, A>(node, alloc, rest.len()) };
                        Step::Whole
                    }
                    Way::Apart(_) | Way::Here => {
                        // SAFETY: unique since `unshare`.
                        match unsafe { InnerMut::<V, K, A>::new(node, alloc) }.take_value() {
                            Some(value) => {
                                spine.push(slot);
                                Step::Done(Removed::Value(value))
                            }
                            None => return Removed::Nothing,
                        }
                    }
                }
            }
            // SAFETY: unique since `unshare`.
            Kind::Bucket => unsafe { remove_in_bucket(node, alloc, rest, extent) },
            // SAFETY: as above.
            Kind::Dense => unsafe { remove_in_dense(node, alloc, rest, extent) },
        };
        match step {
            Step::Again => {}
            step => break step,
        }
    };
    let mut emptied = false;
    // SAFETY: the slots of the spine are owned, and so is `slot`.
    let removed = unsafe {
        let removed = match step {
            Step::Done(removed) => removed,
            _ => {
                let node = detach::<V, K, A>(alloc, &mut spine, slot);
                emptied = node.is_root;
                settle(node.ptr, alloc, extent)
            }
        };
        let count = match &removed {
            Removed::Nothing => return removed,
            Removed::Location => 0,
            Removed::Value(_) => 1,
            Removed::Node(node) => Node::<V, K>::new(node).count(Default::default()),
        };
        if count > 0 {
            recount::<V, K, A>(&spine, alloc, |sum| sum.saturating_sub(count));
        }
        tidy::<V, K, A>(&mut spine, alloc, count);
        removed
    };
    if emptied {
        // The pointer has been moved out; nothing uses the slots any more.
        std::mem::forget(root.take());
    }
    removed
}

/// Whether there is something to remove.
///
/// # Safety
/// `node` points to a node of `V`.
unsafe fn is_there<V, K: PtrKind>(node: &K::Ptr, rest: &[u8], extent: Extent) -> bool {
    // SAFETY: the caller's promise.
    let spot = unsafe { locate::<V, K>(node, rest) };
    // SAFETY: as above.
    let last = unsafe { Node::<V, K>::new(spot.node) };
    spot.exists == rest.len()
        && match extent {
            Extent::Subtrie => true,
            Extent::Value => last.value(spot.place).is_some(),
            Extent::Tip => {
                last.value(spot.place).is_some() || last.mask(spot.place).is_empty_mask()
            }
        }
}

/// What a whole node, a leaf of one entry or a subtrie, is to the caller.
///
/// # Safety
/// `node` is the caller's count of a node of `V` from `alloc`, unique unless it is a subtrie.
unsafe fn settle<V, K: PtrKind, A: Allocator>(
    node: K::Ptr,
    alloc: &A,
    extent: Extent,
) -> Removed<V, K> {
    if extent == Extent::Subtrie {
        return Removed::Node(node);
    }
    // SAFETY: the caller's promise; the value moves, and the leaf is freed without it.
    let value = unsafe {
        match Node::<V, K>::new(&node) {
            Node::Bucket(bucket) => bucket.is_valued(0).then(|| bucket.slot(0).read()),
            Node::Dense(dense) => Some(dense.slot(0).read()),
            Node::Inner(_) => unreachable!("only a leaf of one entry goes as a whole"),
        }
    };
    // SAFETY: as above.
    unsafe { free_moved::<V, K, A>(alloc, node) };
    value.map_or(Removed::Location, Removed::Value)
}

/// A node that has been taken out of the trie.
struct Detached<P> {
    ptr: P,
    /// Nothing is left: the pointer in the root's slot has been moved out.
    is_root: bool,
}

/// Takes the node in `slot`, below the last one of the spine, out of the trie. Inner nodes that
/// have nothing else go, and leave the spine.
///
/// # Safety
/// The slots of the spine are owned, and `slot` lies in the last one, or is the root's.
unsafe fn detach<V, K: PtrKind, A: Allocator>(
    alloc: &A,
    spine: &mut Spine<K>,
    mut slot: NonNull<K::Ptr>,
) -> Detached<K::Ptr> {
    let mut node = None;
    // The first one out is the node asked for; the others are inner nodes left without anything.
    let mut out = |ptr: K::Ptr| match node {
        None => node = Some(ptr),
        // SAFETY: unique, and its only child has moved.
        Some(_) => unsafe { free_moved::<V, K, A>(alloc, ptr) },
    };
    let is_root = loop {
        let Some(above) = spine.last() else {
            // SAFETY: the root's slot; it is not used again.
            out(unsafe { slot.read() });
            break true;
        };
        // SAFETY: owned, and no view of it is alive.
        let holder = unsafe { &mut *above.as_ptr() };
        // SAFETY: owned.
        let mut parent = unsafe { InnerMut::<V, K, A>::new(holder, alloc) };
        let view = parent.view();
        if view.len() > 1 {
            // SAFETY: the slot is one of the node's children.
            let i = unsafe { slot.offset_from(view.children()) } as usize;
            out(parent.remove_child(i));
            break false;
        }
        // SAFETY: the only child moves out; the node is freed without it.
        out(unsafe { view.children().read() });
        spine.pop();
        if view.is_valued() {
            let text = view.prefix().to_vec();
            replace(holder, |husk| {
                // SAFETY: the value moves; the node is freed without it and its child.
                unsafe {
                    let value = view.value_slot().read();
                    free_moved::<V, K, A>(alloc, husk);
                    single::<V, K, A>(alloc, &text, Some(value))
                }
            });
            break false;
        }
        slot = above;
    };
    let ptr = node.expect("a slot holds a node");
    Detached { ptr, is_root }
}

/// # Safety
/// `slot` is the only pointer to a bucket of `V` from `alloc` (T1).
unsafe fn remove_in_bucket<V: Clone, K: PtrKind, A: Allocator>(
    slot: &mut K::Ptr,
    alloc: &A,
    rest: &[u8],
    extent: Extent,
) -> Step<V, K> {
    // SAFETY: the caller's promise.
    let mut leaf = unsafe { BucketMut::<V, K, A>::new(slot, alloc) };
    let bucket = leaf.view();
    if extent == Extent::Subtrie {
        // SAFETY: the caller's promise.
        return unsafe { remove_range(slot, alloc, rest, bucket) };
    }
    let Some(i) = bucket.find(rest) else {
        return Step::Done(Removed::Nothing);
    };
    let valued = bucket.is_valued(i);
    let implied = i + 1 < bucket.len() && bucket.suffix(i + 1).starts_with(bucket.suffix(i));
    if extent == Extent::Value && !(valued && implied) {
        return Step::Done(leaf.unset(i).map_or(Removed::Nothing, Removed::Value));
    }
    if bucket.len() == 1 {
        return Step::Whole;
    }
    Step::Done(leaf.remove(i).map_or(Removed::Location, Removed::Value))
}

/// Removes the entries of a bucket that begin with `rest`.
///
/// # Safety
/// As for `remove_in_bucket`; `bucket` is in `slot`.
unsafe fn remove_range<V: Clone, K: PtrKind, A: Allocator>(
    slot: &mut K::Ptr,
    alloc: &A,
    rest: &[u8],
    bucket: Bucket<'_, V>,
) -> Step<V, K> {
    let prefix = bucket.prefix();
    let shared = common(prefix, rest);
    if shared == rest.len() {
        // SAFETY: unique.
        unsafe { trim::<V, K, A>(slot, alloc, shared) };
        return Step::Whole;
    }
    let suffix = &rest[shared..];
    let low = bucket.search(suffix).unwrap_or_else(|i| i);
    if shared < prefix.len() || low == bucket.len() || !bucket.suffix(low).starts_with(suffix) {
        return Step::Done(Removed::Nothing);
    }
    let high = bucket.range_end(low, suffix.len());
    let mut kept = Gather::new();
    for i in (0..low).chain(high..bucket.len()) {
        let value = bucket.is_valued(i).then(|| bucket.slot(i));
        kept.push(&[prefix, bucket.suffix(i)], value);
    }
    // SAFETY: every value moves into one of the two, and the old bucket is freed without them.
    unsafe {
        let taken = bucket.part::<K, A>(alloc, low..high, rest.len(), Take::Move);
        let (new, step) = match kept.len() {
            0 => (taken, Step::Whole),
            _ => {
                let kept = kept.bucket::<K, A>(alloc, Take::Move);
                (kept, Step::Done(Removed::Node(taken)))
            }
        };
        bucket::free_moved::<V, K, A>(alloc, std::mem::replace(slot, new));
        step
    }
}

/// # Safety
/// `slot` is the only pointer to a dense leaf of `V` from `alloc` (T1).
unsafe fn remove_in_dense<V: Clone, K: PtrKind, A: Allocator>(
    slot: &mut K::Ptr,
    alloc: &A,
    rest: &[u8],
    extent: Extent,
) -> Step<V, K> {
    // SAFETY: the caller's promise.
    let mut leaf = unsafe { DenseMut::<V, K, A>::new(slot, alloc) };
    let dense = leaf.view();
    let shared = common(dense.prefix(), rest);
    if extent == Extent::Subtrie && shared == rest.len() {
        // SAFETY: unique.
        unsafe { trim::<V, K, A>(slot, alloc, shared) };
        return Step::Whole;
    }
    let entry = match rest[shared..] {
        [byte] if shared == dense.prefix().len() => dense.find(byte),
        _ => None,
    };
    let Some(i) = entry else {
        return Step::Done(Removed::Nothing);
    };
    match extent {
        Extent::Value => {
            // SAFETY: unique; every entry is one byte longer than the prefix.
            unsafe { open::<V, K, A>(slot, alloc, shared) };
            Step::Again
        }
        Extent::Tip if dense.len() == 1 => Step::Whole,
        Extent::Tip => Step::Done(Removed::Value(leaf.remove(i))),
        Extent::Subtrie if dense.len() == 1 => {
            replace(slot, |husk| {
                // SAFETY: the value moves; the leaf is freed without it.
                unsafe {
                    let value = dense.slot(0).read();
                    free_moved::<V, K, A>(alloc, husk);
                    single::<V, K, A>(alloc, &[], Some(value))
                }
            });
            Step::Whole
        }
        Extent::Subtrie => {
            let value = leaf.remove(i);
            Step::Done(Removed::Node(single::<V, K, A>(alloc, &[], Some(value))))
        }
    }
}

/// After a removal: joins the last node of the spine with its child if it has just one, and makes
/// a bucket of the topmost subtrie that has become small. One that does not fit is not tried again
/// at once, but when half of it has gone.
///
/// # Safety
/// The slots of the spine are live, owned inner nodes.
unsafe fn tidy<V: Clone, K: PtrKind, A: Allocator>(spine: &mut Spine<K>, alloc: &A, removed: u64) {
    if let Some(last) = spine.last() {
        // SAFETY: owned, and no view of it is alive.
        let slot = unsafe { &mut *last.as_ptr() };
        // SAFETY: owned.
        if unsafe { join::<V, K, A>(slot, alloc) } {
            spine.pop();
        }
    }
    for slot in spine.iter() {
        // SAFETY: owned, and no view of it is alive.
        let slot = unsafe { &mut *slot.as_ptr() };
        // SAFETY: an inner node.
        let count = unsafe { Node::<V, K>::new(slot) }.count(Default::default());
        if count <= small::<V>() {
            if removed != 1 || count == small::<V>() || count.is_power_of_two() {
                // SAFETY: owned.
                unsafe { collapse::<V, K, A>(slot, alloc) };
            }
            return;
        }
    }
}

/// Joins an inner node that has one child and no value with that child, if nobody else owns the
/// child and the bytes fit its prefix.
///
/// # Safety
/// `slot` is the only pointer to an inner node of `V` from `alloc` (T1).
unsafe fn join<V: Clone, K: PtrKind, A: Allocator>(slot: &mut K::Ptr, alloc: &A) -> bool {
    // SAFETY: the caller's promise.
    let inner = unsafe { InnerMut::<V, K, A>::new(slot, alloc) }.view();
    if inner.len() > 1 || inner.is_valued() {
        return false;
    }
    let child = inner.child(0);
    // SAFETY: live.
    let below = unsafe { Node::<V, K>::new(child) }.prefix().len();
    if !K::is_unique(child) || inner.prefix_len() + 1 + below > TEXT_MAX {
        return false;
    }
    let text = [inner.prefix(), &[inner.byte(0)]].concat();
    replace(slot, |husk| {
        // SAFETY: the child moves; the node is freed without it.
        unsafe {
            let mut child = inner.children().read();
            free_moved::<V, K, A>(alloc, husk);
            prepend::<V, K, A>(&mut child, alloc, &text);
            child
        }
    });
    true
}
