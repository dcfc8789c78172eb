//! Checking a whole trie against the invariants of its nodes, for tests.

use super::super::bucket::{Bucket, Form};
use super::super::bytes::fingerprint;
use super::super::header::Kind;
use super::super::node::Node;
use pleach_ptr::PtrKind;
use std::collections::HashSet;

/// Checks every node below `root`, once however many paths lead to it; the error says what is wrong,
/// and where.
///
/// # Safety
/// `root` points to a node of `V`, and nothing below it changes meanwhile.
pub(in super::super) unsafe fn check<V, K: PtrKind>(root: &K::Ptr) -> Result<(), String> {
    // SAFETY: the caller's promise.
    if let Node::Bucket(bucket) = unsafe { Node::<V, K>::new(root) } {
        let bare = !bucket.is_valued(0) && bucket.prefix().len() + bucket.suffix(0).len() == 0;
        if bucket.len() == 1 && bare {
            return Err("the root is an entry of its own, without a value".into());
        }
    }
    let mut seen = HashSet::new();
    let mut stack = vec![(root, Vec::new())];
    while let Some((ptr, path)) = stack.pop() {
        if !seen.insert(K::block(ptr)) {
            continue;
        }
        // SAFETY: as above.
        let node = unsafe { Node::<V, K>::new(ptr) };
        let kind = Kind::of::<K>(ptr);
        check_node(node, kind).map_err(|what| format!("{kind:?} at {path:?}: {what}"))?;
        if let Node::Inner(inner) = node {
            let path = [&path, node.prefix()].concat();
            for i in 0..inner.len() {
                stack.push((inner.child(i), [&path[..], &[inner.byte(i)]].concat()));
            }
        }
    }
    Ok(())
}

fn check_node<V, K: PtrKind>(node: Node<'_, V, K>, kind: Kind) -> Result<(), &'static str> {
    let ensure = |holds: bool, what| if holds { Ok(()) } else { Err(what) };
    match node {
        Node::Inner(inner) => {
            let shape = inner.shape();
            ensure(inner.len() <= shape.room, "more children than room")?;
            ensure(
                kind != Kind::Sparse || shape.room <= 48,
                "too wide for a sparse node",
            )?;
            ensure(
                inner.mask().count_bits() == inner.len(),
                "index and children differ",
            )?;
            let mut sum = u64::from(inner.is_valued());
            let mut last = None;
            for i in 0..inner.len() {
                let byte = inner.byte(i);
                ensure(last < Some(byte), "children out of order")?;
                ensure(inner.find(byte) == Some(i), "a child cannot be found")?;
                last = Some(byte);
                // SAFETY: a live child.
                let below = unsafe { Node::<V, K>::new(inner.child(i)) };
                sum = sum.saturating_add(below.count(Default::default()));
            }
            ensure(sum == inner.count(), "the count of values is wrong")
        }
        Node::Bucket(bucket) => {
            let shape = bucket.shape();
            let alike = || (1..shape.len).all(|i| bucket.suffix(i).len() == bucket.suffix(0).len());
            let form = Bucket::<V>::holds(shape.len, shape.suffixes, alike);
            ensure(form.is_some(), "too many entries, or bytes of suffixes")?;
            ensure(!shape.even || alike(), "suffixes of different lengths")?;
            ensure(
                shape.even || form == Some(Form::Ends),
                "too much for ends of a byte",
            )?;
            ensure(
                !shape.even || !bucket.suffix(0).is_empty(),
                "an even bucket of nothing",
            )?;
            for i in 0..shape.len {
                let suffix = bucket.suffix(i);
                let key = [bucket.prefix(), suffix].concat();
                ensure(bucket.find(&key) == Some(i), "an entry cannot be found")?;
                ensure(bucket.search(suffix) == Ok(i), "entries out of order")?;
                ensure(
                    bucket.fingerprint(i) == fingerprint(suffix),
                    "a wrong fingerprint",
                )?;
                if i > 0 {
                    let above = bucket.suffix(i - 1);
                    ensure(above < suffix, "entries out of order")?;
                    let implied = !bucket.is_valued(i - 1) && suffix.starts_with(above);
                    ensure(!implied, "an entry without a value is implied by the next")?;
                }
            }
            Ok(())
        }
        Node::Dense(dense) => {
            ensure(
                dense.mask().count_bits() == dense.len(),
                "bitmap and values differ",
            )?;
            let found = |i| dense.find(dense.byte(i)) == Some(i);
            ensure((0..dense.len()).all(found), "an entry cannot be found")
        }
    }
}
