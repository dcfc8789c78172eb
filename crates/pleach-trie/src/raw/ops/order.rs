//! Order statistics, by the counts in inner nodes.

use super::super::bytes::common;
use super::super::inner::Inner;
use super::super::node::Node;
use pleach_ptr::PtrKind;

/// The number of values whose keys come before `path`; saturates.
///
/// # Safety
/// `root` points to a node of `V`, and nothing below it changes meanwhile.
pub(in super::super) unsafe fn rank<V, K: PtrKind>(root: &K::Ptr, path: &[u8]) -> u64 {
    let (mut ptr, mut rest, mut before) = (root, path, 0u64);
    loop {
        // SAFETY: the caller's promise.
        let node = unsafe { Node::<V, K>::new(ptr) };
        let prefix = node.prefix();
        let shared = common(prefix, rest);
        if shared < prefix.len() {
            let passed = rest.get(shared).is_some_and(|&byte| prefix[shared] < byte);
            let all = if passed {
                node.count(Default::default())
            } else {
                0
            };
            return before.saturating_add(all);
        }
        rest = &rest[shared..];
        let Some((&byte, below)) = rest.split_first() else {
            return before;
        };
        match node {
            Node::Bucket(bucket) => {
                let end = bucket.search(rest).unwrap_or_else(|i| i);
                return before.saturating_add(if end > 0 { bucket.count(0, end) } else { 0 });
            }
            Node::Dense(dense) => {
                let end = dense.place(byte)
                    + usize::from(!below.is_empty() && dense.find(byte).is_some());
                return before.saturating_add(end as u64);
            }
            Node::Inner(inner) => {
                before = before.saturating_add(u64::from(inner.is_valued()));
                for i in 0..inner.place(byte) {
                    // SAFETY: a live child.
                    let child = unsafe { Node::<V, K>::new(inner.child(i)) };
                    before = before.saturating_add(child.count(Default::default()));
                }
                match inner.child_at(byte) {
                    Some(child) => (ptr, rest) = (child, below),
                    None => return before,
                }
            }
        }
    }
}

/// The key of value number `i` in order, if there are as many.
///
/// # Safety
/// As for `rank`.
pub(in super::super) unsafe fn nth<V, K: PtrKind>(root: &K::Ptr, mut i: u64) -> Option<Vec<u8>> {
    let (mut ptr, mut path) = (root, Vec::new());
    loop {
        // SAFETY: the caller's promise.
        let node = unsafe { Node::<V, K>::new(ptr) };
        let entry = match node {
            Node::Inner(inner) => {
                path.extend_from_slice(inner.prefix());
                if inner.is_valued() {
                    match i.checked_sub(1) {
                        None => return Some(path),
                        Some(less) => i = less,
                    }
                }
                let found = child_of_nth::<V, K>(inner, &mut i)?;
                path.push(inner.byte(found));
                ptr = inner.child(found);
                continue;
            }
            Node::Bucket(bucket) => {
                let mut valued = (0..bucket.len()).filter(|&entry| bucket.is_valued(entry));
                valued.nth(usize::try_from(i).ok()?)?
            }
            Node::Dense(dense) => usize::try_from(i).ok().filter(|&i| i < dense.len())?,
        };
        node.write_entry(entry, &mut path);
        return Some(path);
    }
}

/// The child below which value number `i` of all children lies; `i` becomes its number there. The
/// nearer end is searched first.
fn child_of_nth<V, K: PtrKind>(inner: Inner<'_, V, K>, i: &mut u64) -> Option<usize> {
    let count = |child: usize| {
        // SAFETY: a live child.
        unsafe { Node::<V, K>::new(inner.child(child)) }.count(Default::default())
    };
    let total = inner.count();
    if *i < total / 2 || total == u64::MAX {
        (0..inner.len()).find(|&child| match i.checked_sub(count(child)) {
            None => true,
            Some(less) => {
                *i = less;
                false
            }
        })
    } else {
        let mut after = (total - u64::from(inner.is_valued()))
            .checked_sub(*i)?
            .checked_sub(1)?;
        (0..inner.len()).rev().find(|&child| {
            let count = count(child);
            match after.checked_sub(count) {
                None => {
                    *i = count - 1 - after;
                    true
                }
                Some(less) => {
                    after = less;
                    false
                }
            }
        })
    }
}
