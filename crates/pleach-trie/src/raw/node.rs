//! One node of any kind: the small interface behind which the kinds hide.

use super::bucket::Bucket;
use super::bytes::common;
use super::dense::Dense;
use super::header::{Kind, head};
use super::inner::Inner;
use crate::ByteMask;
use pleach_ptr::{Allocator, PtrKind};
use std::ptr::NonNull;

/// A node that lives and does not change for `'a`.
pub(super) enum Node<'a, V, K: PtrKind> {
    /// A branch point.
    Inner(Inner<'a, V, K>),
    /// A leaf of a few entries.
    Bucket(Bucket<'a, V>),
    /// A leaf of one-byte suffixes.
    Dense(Dense<'a, V>),
}

impl<V, K: PtrKind> Clone for Node<'_, V, K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V, K: PtrKind> Copy for Node<'_, V, K> {}

/// A place in a node: `depth` bytes below where the node begins.
///
/// Beyond the prefix of a leaf it is a range of entries, those that share the bytes so far.
/// Entries are sorted, so the first of them says it all.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Place {
    /// Bytes from the node's beginning.
    pub(super) depth: usize,
    /// In a leaf, the first entry of the range; 0 in the prefix and in inner nodes.
    pub(super) entry: usize,
}

/// Where a walk along a key ends in a node.
pub(super) enum Walk<'a, K: PtrKind> {
    /// At this place; as many bytes of the key led there.
    Here(Place, usize),
    /// At a child, after as many bytes of the key.
    Child(&'a K::Ptr, usize),
}

impl<'a, V, K: PtrKind> Node<'a, V, K> {
    /// The node behind `ptr`.
    ///
    /// # Safety
    /// `ptr` points to a node of values `V` and pointers `K` that for `'a` does not change.
    #[inline(always)]
    pub(super) unsafe fn new(ptr: &K::Ptr) -> Self {
        // SAFETY: the caller's promise; the tag says the kind.
        unsafe { Self::from_head(head::<K>(ptr), Kind::of::<K>(ptr)) }
    }

    /// The node behind `head`.
    ///
    /// # Safety
    /// As for `new`; `head` is a node of this kind.
    #[inline(always)]
    pub(super) unsafe fn from_head(head: NonNull<super::header::Header>, kind: Kind) -> Self {
        // SAFETY: the caller's promise.
        unsafe {
            match kind {
                Kind::Sparse => Node::Inner(Inner::new(head, Kind::Sparse)),
                Kind::Wide => Node::Inner(Inner::new(head, Kind::Wide)),
                Kind::Bucket => Node::Bucket(Bucket::new(head)),
                Kind::Dense => Node::Dense(Dense::new(head)),
            }
        }
    }

    /// What every path through the node begins with.
    pub(super) fn prefix(self) -> &'a [u8] {
        match self {
            Node::Inner(inner) => inner.prefix(),
            Node::Bucket(bucket) => bucket.prefix(),
            Node::Dense(dense) => dense.prefix(),
        }
    }

    /// Goes from `from` as far along `key` as locations exist in this node.
    pub(super) fn walk(self, from: Place, key: &[u8]) -> Walk<'a, K> {
        let prefix = self.prefix();
        let mut used = 0;
        if from.depth < prefix.len() {
            used = common(&prefix[from.depth..], key);
            let depth = from.depth + used;
            if depth < prefix.len() || used == key.len() {
                return Walk::Here(Place { depth, entry: 0 }, used);
            }
        }
        let from = Place {
            depth: from.depth.max(prefix.len()),
            ..from
        };
        let key = &key[used..];
        match self {
            Node::Inner(inner) => match key.first().and_then(|&byte| inner.find(byte)) {
                Some(i) => Walk::Child(inner.child(i), used + 1),
                None => Walk::Here(from, used),
            },
            Node::Bucket(bucket) => {
                let shared = from.depth - prefix.len();
                let (entry, more) = longest(bucket, from.entry, shared, key);
                Walk::Here(
                    Place {
                        depth: from.depth + more,
                        entry,
                    },
                    used + more,
                )
            }
            Node::Dense(dense) => match key.first() {
                Some(&byte) if from.depth == prefix.len() => match dense.find(byte) {
                    Some(entry) => Walk::Here(
                        Place {
                            depth: from.depth + 1,
                            entry,
                        },
                        used + 1,
                    ),
                    None => Walk::Here(from, used),
                },
                _ => Walk::Here(from, used),
            },
        }
    }

    /// The first entry at the place `depth` bytes below the node's beginning that `entry` is under.
    pub(super) fn entry_above(self, entry: usize, depth: usize) -> usize {
        match (self, depth.saturating_sub(self.prefix().len())) {
            (_, 0) => 0,
            (Node::Bucket(bucket), beyond) => bucket.range_start(entry, beyond),
            _ => entry,
        }
    }

    /// Whether two entries of a leaf share the node's first `depth` bytes.
    pub(super) fn shares(self, entry: usize, other: usize, depth: usize) -> bool {
        match (self, depth.saturating_sub(self.prefix().len())) {
            (_, 0) => true,
            (Node::Bucket(bucket), beyond) => {
                bucket.suffix(entry).get(..beyond) == bucket.suffix(other).get(..beyond)
            }
            _ => entry == other,
        }
    }

    /// The bytes that lead on from a place.
    pub(super) fn mask(self, at: Place) -> ByteMask {
        let prefix = self.prefix();
        if let Some(&byte) = prefix.get(at.depth) {
            return ByteMask::from(byte);
        }
        match self {
            Node::Inner(inner) => inner.mask(),
            Node::Bucket(bucket) => {
                let shared = at.depth - prefix.len();
                (at.entry..bucket.range_end(at.entry, shared))
                    .filter_map(|i| bucket.suffix(i).get(shared).copied())
                    .collect()
            }
            Node::Dense(dense) if at.depth == prefix.len() => dense.mask(),
            Node::Dense(_) => ByteMask::EMPTY,
        }
    }

    /// The value at a place.
    pub(super) fn value(self, at: Place) -> Option<&'a V> {
        let beyond = at.depth.checked_sub(self.prefix().len())?;
        match self {
            Node::Inner(inner) => inner.value(),
            Node::Bucket(bucket) if bucket.suffix(at.entry).len() == beyond => {
                bucket.value(at.entry)
            }
            Node::Dense(dense) if beyond == 1 => Some(dense.value(at.entry)),
            _ => None,
        }
    }

    /// The slot of the value at a place. The value itself is not looked at.
    pub(super) fn value_slot(self, at: Place) -> Option<NonNull<V>> {
        let beyond = at.depth.checked_sub(self.prefix().len())?;
        match self {
            Node::Inner(inner) => inner.is_valued().then(|| inner.value_slot()),
            Node::Bucket(bucket) => (bucket.suffix(at.entry).len() == beyond
                && bucket.is_valued(at.entry))
            .then(|| bucket.slot(at.entry)),
            Node::Dense(dense) => (beyond == 1).then(|| dense.slot(at.entry)),
        }
    }

    /// The number of values at and below a place; saturates.
    pub(super) fn count(self, at: Place) -> u64 {
        let beyond = at.depth.saturating_sub(self.prefix().len());
        match self {
            Node::Inner(inner) => inner.count(),
            Node::Bucket(bucket) => bucket.count(at.entry, bucket.range_end(at.entry, beyond)),
            Node::Dense(dense) if beyond == 0 => dense.len() as u64,
            Node::Dense(_) => 1,
        }
    }

    /// The bytes that have to follow a place in this node, as long as there is just one child: up
    /// to a value, a branch or a leaf, or to where more than a look at this is needed.
    pub(super) fn run(self, at: Place) -> &'a [u8] {
        let prefix = self.prefix();
        if at.depth < prefix.len() {
            return &prefix[at.depth..];
        }
        let Node::Bucket(bucket) = self else {
            return &[];
        };
        let shared = at.depth - prefix.len();
        let end = bucket.range_end(at.entry, shared);
        let first = at.entry + usize::from(bucket.suffix(at.entry).len() == shared);
        if first == end {
            return &[];
        }
        let (low, high) = (
            &bucket.suffix(first)[shared..],
            &bucket.suffix(end - 1)[shared..],
        );
        &low[..common(low, high)]
    }

    /// The deepest place above this one in the same node that branches or has a value, as bytes
    /// from the node's beginning. Perhaps it only looks so: a place with one child may be named.
    pub(super) fn fork_above(self, at: Place) -> Option<usize> {
        let prefix = self.prefix().len();
        let beyond = at.depth.checked_sub(prefix).filter(|&beyond| beyond > 0)?;
        match self {
            Node::Inner(_) => None,
            Node::Dense(_) => Some(prefix),
            Node::Bucket(bucket) => {
                let own = &bucket.suffix(at.entry)[..beyond];
                let end = bucket.range_end(at.entry, beyond);
                let neighbours = [
                    at.entry.checked_sub(1),
                    Some(end).filter(|&i| i < bucket.len()),
                ];
                let shared = |i: usize| common(bucket.suffix(i), own);
                neighbours
                    .into_iter()
                    .flatten()
                    .map(shared)
                    .max()
                    .map(|n| prefix + n)
            }
        }
    }

    /// The least depth, from `least` on, at which there is a value on the way along `path`, which
    /// begins where the node does.
    pub(super) fn first_value_along(self, path: &[u8], least: usize) -> Option<usize> {
        let prefix = self.prefix().len();
        let rest = path.get(prefix..)?;
        let depth = match self {
            Node::Inner(inner) => inner.is_valued().then_some(prefix),
            Node::Dense(dense) => dense.find(*rest.first()?).map(|_| prefix + 1),
            Node::Bucket(bucket) => {
                let lies = |&i: &usize| {
                    let suffix = bucket.suffix(i);
                    prefix + suffix.len() >= least && rest.starts_with(suffix)
                };
                let entry = (0..bucket.len())
                    .filter(lies)
                    .find(|&i| bucket.is_valued(i))?;
                Some(prefix + bucket.suffix(entry).len())
            }
        };
        depth.filter(|&depth| depth >= least)
    }

    /// The first value in the node itself, in order: its entry in a leaf, 0 in an inner node.
    pub(super) fn first_entry(self) -> Option<usize> {
        match self {
            Node::Inner(inner) => inner.is_valued().then_some(0),
            Node::Bucket(bucket) => first_bit(bucket.valued()),
            Node::Dense(_) => Some(0),
        }
    }

    /// The first value of a leaf, in order, whose text comes after `text`.
    pub(super) fn entry_after(self, text: &[u8]) -> Option<usize> {
        let prefix = self.prefix();
        let rest = match prefix.cmp(&text[..text.len().min(prefix.len())]) {
            std::cmp::Ordering::Less => return None,
            std::cmp::Ordering::Greater => return self.first_entry(),
            std::cmp::Ordering::Equal => &text[prefix.len()..],
        };
        match self {
            Node::Inner(_) => None,
            Node::Bucket(bucket) => {
                let from = bucket.search(rest).map_or_else(|i| i, |i| i + 1);
                first_bit(bucket.valued().checked_shr(from as u32).unwrap_or(0)).map(|i| from + i)
            }
            Node::Dense(dense) => {
                let upto = |i: &usize| &[dense.byte(*i)][..] <= rest;
                Some((0..dense.len()).take_while(upto).count()).filter(|&i| i < dense.len())
            }
        }
    }

    /// The first value after a place, in order, within this node: its entry in a leaf, 0 in an
    /// inner node. The value at the place itself does not count.
    pub(super) fn next_entry(self, at: Place) -> Option<usize> {
        let beyond = at.depth.checked_sub(self.prefix().len());
        match self {
            Node::Inner(inner) => (beyond.is_none() && inner.is_valued()).then_some(0),
            Node::Bucket(bucket) => {
                let passed = beyond == Some(bucket.suffix(at.entry).len());
                let from = at.entry + usize::from(passed);
                first_bit(bucket.valued().checked_shr(from as u32).unwrap_or(0)).map(|i| from + i)
            }
            Node::Dense(dense) => {
                let from = at.entry + usize::from(beyond == Some(1));
                (from < dense.len()).then_some(from)
            }
        }
    }

    /// The last value before entry `end` of a leaf.
    pub(super) fn last_entry(self, end: usize) -> Option<usize> {
        match self {
            Node::Inner(_) => None,
            Node::Bucket(bucket) => {
                let below = bucket.valued() & u64::MAX.checked_shr(64 - end as u32).unwrap_or(0);
                (below != 0).then(|| 63 - below.leading_zeros() as usize)
            }
            Node::Dense(_) => end.checked_sub(1),
        }
    }

    /// In a leaf, where the entries end that share the node's first `depth` bytes with `entry`.
    pub(super) fn range_end(self, entry: usize, depth: usize) -> usize {
        let beyond = depth.saturating_sub(self.prefix().len());
        match self {
            Node::Inner(_) => 0,
            Node::Bucket(bucket) => bucket.range_end(entry, beyond),
            Node::Dense(dense) if beyond == 0 => dense.len(),
            Node::Dense(_) => entry + 1,
        }
    }

    /// The number of entries of a leaf that come before `text`.
    pub(super) fn entries_upto(self, text: &[u8]) -> usize {
        let prefix = self.prefix();
        let rest = match prefix.cmp(&text[..text.len().min(prefix.len())]) {
            std::cmp::Ordering::Less => return self.range_end(0, 0),
            std::cmp::Ordering::Greater => return 0,
            std::cmp::Ordering::Equal => &text[prefix.len()..],
        };
        match self {
            Node::Inner(_) => 0,
            Node::Bucket(bucket) => bucket.search(rest).unwrap_or_else(|i| i),
            Node::Dense(dense) => {
                let before = |i: &usize| &[dense.byte(*i)][..] < rest;
                (0..dense.len()).take_while(before).count()
            }
        }
    }

    /// Appends what leads from the node's beginning to an entry.
    #[inline]
    pub(super) fn write_entry(self, entry: usize, path: &mut Vec<u8>) {
        path.extend_from_slice(self.prefix());
        match self {
            Node::Inner(_) => {}
            Node::Bucket(bucket) => path.extend_from_slice(bucket.suffix(entry)),
            Node::Dense(dense) => path.push(dense.byte(entry)),
        }
    }

    /// A copy that belongs to nobody else, of a node that may be shared.
    pub(super) fn copy<A: Allocator>(self, alloc: &A) -> K::Ptr
    where
        V: Clone,
    {
        match self {
            Node::Inner(inner) => inner.copy(alloc),
            Node::Bucket(bucket) => bucket.copy::<K, A>(alloc),
            Node::Dense(dense) => dense.copy::<K, A>(alloc),
        }
    }
}

/// The place of the lowest set bit.
fn first_bit(bits: u64) -> Option<usize> {
    (bits != 0).then(|| bits.trailing_zeros() as usize)
}

/// Among the entries that share `shared` suffix bytes with `entry`: the first one of those that go
/// farthest along `key` from there, and how far.
fn longest<V>(bucket: Bucket<'_, V>, entry: usize, shared: usize, key: &[u8]) -> (usize, usize) {
    if shared == 0 {
        return bucket.longest(key);
    }
    let end = bucket.range_end(entry, shared);
    let (mut best, mut far) = (entry, 0);
    for i in entry..end {
        let along = common(&bucket.suffix(i)[shared..], key);
        if along > far {
            (best, far) = (i, along);
        }
    }
    (best, far)
}
