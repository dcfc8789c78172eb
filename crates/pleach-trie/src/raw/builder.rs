//! Building a trie from entries in order: each node is made once, at its final size.
//!
//! Of all keys so far only the last one's path is still open: a stack of branch points, and below
//! the deepest of them the *pending* entries, which fit one leaf. A key that leaves their branch
//! closes it: they become a leaf, and every branch point that the new key does not pass becomes a
//! node. An entry that does not fit beside them makes a branch point of what they share, all of
//! whose branches but the last are complete. (Bottom-up loading is as old as B-trees.)

use super::bucket::Bucket;
use super::bytes::common;
use super::dense::Dense;
use super::gather::Gather;
use super::header::TEXT_MAX;
use super::inner::{Blank, Shape};
use super::node::Node;
use super::ops::{single, under};
use super::values::Take;
use pleach_ptr::{Allocator, PtrKind};
use std::ops::Range;
use std::ptr::NonNull;

/// A trie that grows by entries in order. What it has got is in the root when it is dropped.
pub(super) struct Builder<'t, V: Clone, K: PtrKind, A: Allocator> {
    root: &'t mut Option<K::Ptr>,
    alloc: &'t A,
    /// The last key.
    last: Vec<u8>,
    /// Branch points on the way of the last key, from the top.
    open: Vec<Open<V, K>>,
    pending: Pending<V>,
}

/// A branch point whose last branch is not complete.
struct Open<V, K: PtrKind> {
    /// Where in the key its node begins.
    start: usize,
    /// Where in the key it branches.
    at: usize,
    value: Option<V>,
    children: Vec<(u8, K::Ptr)>,
}

/// The last entries, below the deepest branch point: they fit one leaf.
struct Pending<V> {
    /// Where in the key their texts begin.
    start: usize,
    texts: Vec<u8>,
    ends: Vec<usize>,
    values: Vec<Option<V>>,
    /// Bytes that all texts share.
    shared: usize,
    /// Locations without a value.
    bare: usize,
}

impl<'t, V: Clone, K: PtrKind, A: Allocator> Builder<'t, V, K, A> {
    /// Builds in an empty root, with nodes from `alloc`.
    pub(super) fn new(root: &'t mut Option<K::Ptr>, alloc: &'t A) -> Self {
        debug_assert!(root.is_none());
        Self {
            root,
            alloc,
            last: Vec::new(),
            open: Vec::new(),
            pending: Pending {
                start: 0,
                texts: Vec::new(),
                ends: Vec::new(),
                values: Vec::new(),
                shared: 0,
                bare: 0,
            },
        }
    }

    /// Adds an entry, or a location without a value. Of the same key the last value stays.
    ///
    /// # Errors
    /// A key that comes before the last one is not taken.
    pub(super) fn push(&mut self, key: &[u8], value: Option<V>) -> Result<(), Option<V>> {
        if self.pending.values.is_empty() {
            // The root is a location anyway.
            if !key.is_empty() || value.is_some() {
                self.append(0, key, value);
            }
            return Ok(());
        }
        let shared = common(&self.last, key);
        match (self.last.get(shared), key.get(shared)) {
            (None, None) => {
                self.pending.set_last(value);
                return Ok(());
            }
            (Some(_), None) => return Err(value),
            (Some(old), Some(new)) if new < old => return Err(value),
            _ => {}
        }
        if shared < self.pending.start {
            self.close(shared);
        } else if shared == self.last.len() {
            self.pending.drop_bare();
        }
        self.append(shared, key, value);
        Ok(())
    }

    /// Adds a pending entry that shares so many bytes with the last one.
    fn append(&mut self, shared: usize, key: &[u8], value: Option<V>) {
        self.last.truncate(shared);
        self.last.extend_from_slice(&key[shared..]);
        self.pending.push(shared, key, value);
        while !self.pending.fits() {
            let open = self.pending.split(self.alloc);
            self.open.push(open);
        }
    }

    /// Makes nodes of what lies below the first `shared` bytes of the last key; the next one goes
    /// another way from there.
    fn close(&mut self, shared: usize) {
        let mut node = self.pending.finish::<K, A>(self.alloc);
        while let Some(mut open) = self.open.pop() {
            open.children.push((self.last[open.at], node));
            if open.at > shared && open.start <= shared {
                // The new branch point lies on the way to this one.
                let at = std::mem::replace(&mut open.start, shared + 1);
                let below = open.finish(self.alloc, &self.last);
                open = Open {
                    start: at,
                    at: shared,
                    value: None,
                    children: vec![(self.last[shared], below)],
                };
            }
            if open.at == shared {
                self.pending.start = shared + 1;
                return self.open.push(open);
            }
            node = open.finish(self.alloc, &self.last);
        }
        unreachable!("a pending entry begins below an open branch point, or at the root");
    }
}

impl<V: Clone, K: PtrKind, A: Allocator> Drop for Builder<'_, V, K, A> {
    fn drop(&mut self) {
        if self.pending.values.is_empty() {
            return;
        }
        let mut node = self.pending.finish::<K, A>(self.alloc);
        while let Some(mut open) = self.open.pop() {
            open.children.push((self.last[open.at], node));
            node = open.finish(self.alloc, &self.last);
        }
        *self.root = Some(node);
    }
}

impl<V, K: PtrKind> Open<V, K> {
    /// The node, whose branches are complete.
    fn finish<A: Allocator>(self, alloc: &A, key: &[u8]) -> K::Ptr {
        let prefix = &key[self.start..self.at];
        let (chain, prefix) = prefix.split_at(prefix.len().saturating_sub(TEXT_MAX));
        let len = self.children.len();
        let shape = Shape::for_children(len, prefix.len(), self.value.is_some());
        let node = Blank::<V, K>::new(alloc, shape, len);
        node.write_prefix(&[prefix]);
        node.write_index(self.children.iter().map(|&(byte, _)| byte).collect());
        let mut count = u64::from(self.value.is_some());
        for (i, (_, child)) in self.children.into_iter().enumerate() {
            // SAFETY: the child is live, and ours for the moment.
            let below = unsafe { Node::<V, K>::new(&child) }.count(Default::default());
            count = count.saturating_add(below);
            node.write_child(i, child);
        }
        node.write_count(count);
        if let Some(value) = self.value {
            node.write_value(value);
        }
        under::<V, K, A>(alloc, chain, node.finish())
    }
}

impl<V: Clone> Pending<V> {
    fn text(&self, i: usize) -> &[u8] {
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.texts[start..self.ends[i]]
    }

    fn push(&mut self, shared: usize, key: &[u8], value: Option<V>) {
        self.shared = match self.values.is_empty() {
            true => key.len() - self.start,
            false => self.shared.min(shared - self.start),
        };
        self.texts.extend_from_slice(&key[self.start..]);
        self.ends.push(self.texts.len());
        self.bare += usize::from(value.is_none());
        self.values.push(value);
    }

    /// Gives the last entry another value, if there is one.
    fn set_last(&mut self, value: Option<V>) {
        if let (Some(last), Some(_)) = (self.values.last_mut(), &value) {
            self.bare -= usize::from(last.is_none());
            *last = value;
        }
    }

    /// Drops the last entry if it is a location without a value: the next one implies it.
    fn drop_bare(&mut self) {
        if let Some(None) = self.values.last() {
            self.bare -= 1;
            self.values.pop();
            self.ends.pop();
            self.texts.truncate(self.ends.last().map_or(0, |&end| end));
        }
    }

    /// Whether the entries fit one leaf; a single one always does.
    fn fits(&self) -> bool {
        let len = self.values.len();
        let suffixes = self.texts.len() - len * self.shared.min(TEXT_MAX);
        // As many bytes as entries, and the first suffix not empty: all suffixes are one byte.
        let dense = || {
            Dense::<V>::SERVES
                && self.shared <= TEXT_MAX
                && suffixes == len
                && self.ends[0] > self.shared
                && self.bare == 0
        };
        let even = || {
            self.ends
                .iter()
                .zip(1..)
                .all(|(&end, n)| end == n * self.ends[0])
        };
        len == 1 || Bucket::<V>::holds(len, suffixes, even).is_some() || dense()
    }

    /// A branch point at what all entries share, with every branch but the last, which stays
    /// pending.
    fn split<K: PtrKind, A: Allocator>(&mut self, alloc: &A) -> Open<V, K> {
        let (at, len) = (self.shared, self.values.len());
        let mut open = Open {
            start: self.start,
            at: self.start + at,
            value: None,
            children: Vec::new(),
        };
        let mut from = 0;
        if self.ends[0] == at {
            open.value = self.values[0].take();
            from = 1;
        }
        let last = self.text(len - 1)[at];
        while self.text(from)[at] != last {
            let byte = self.text(from)[at];
            let more = (from..len).take_while(|&i| self.text(i)[at] == byte);
            let end = from + more.count();
            let leaf = self.leaf::<K, A>(alloc, from..end, at + 1);
            open.children.push((byte, leaf));
            from = end;
        }
        self.keep(from, at + 1);
        open
    }

    /// Keeps the entries from `from` on, without the first `cut` bytes of their texts.
    fn keep(&mut self, from: usize, cut: usize) {
        let mut to = 0;
        let mut start = if from == 0 { 0 } else { self.ends[from - 1] };
        for i in from..self.ends.len() {
            let end = self.ends[i];
            self.texts.copy_within(start + cut..end, to);
            to += end - start - cut;
            start = end;
            self.ends[i - from] = to;
        }
        self.texts.truncate(to);
        self.ends.truncate(self.ends.len() - from);
        self.values.drain(..from);
        self.bare = self.values.iter().filter(|value| value.is_none()).count();
        self.start += cut;
        self.shared = common(self.text(0), self.text(self.ends.len() - 1));
    }

    /// A leaf of all entries, none of which stay.
    fn finish<K: PtrKind, A: Allocator>(&mut self, alloc: &A) -> K::Ptr {
        let leaf = self.leaf::<K, A>(alloc, 0..self.values.len(), 0);
        self.texts.clear();
        self.ends.clear();
        self.values.clear();
        self.bare = 0;
        leaf
    }

    /// A leaf of some of the entries, without the first `cut` bytes of their texts. It takes their
    /// values.
    fn leaf<K: PtrKind, A: Allocator>(
        &mut self,
        alloc: &A,
        range: Range<usize>,
        cut: usize,
    ) -> K::Ptr {
        if range.len() == 1 {
            let value = self.values[range.start].take();
            return single::<V, K, A>(alloc, &self.text(range.start)[cut..], value);
        }
        let mut all = Gather::new();
        for i in range.clone() {
            let value = self.values[i].as_ref().map(NonNull::from);
            all.push(&[&self.text(i)[cut..]], value);
        }
        // SAFETY: the values stand in the list, which forgets them right after.
        let leaf = unsafe { all.leaf::<K, A>(alloc, Take::Move) };
        for value in &mut self.values[range] {
            std::mem::forget(value.take());
        }
        leaf
    }
}
