//! A cursor: a path buffer and a stack of the nodes along it.

use super::bucket::Bucket;
use super::bytes::append;
use super::header::{Header, Kind, head, prefetch, prefetch_first};
use super::inner::Inner;
use super::node::{Node, Place, Walk};
use super::source::{Source, SourceMut};
use super::{Trie, ops};
use crate::ByteMask;
use pleach_ptr::{Allocator, PtrKind};
use std::collections::TryReserveError;
use std::ptr::NonNull;

/// A place in a trie, or off it, that can move.
///
/// **C1** The stack holds the nodes along the first `exists` bytes of the path, from the root
/// node on; they live and do not change while the stack holds them, since the trie changes only
/// through `edit` and `release`, which empty the stack.
pub(crate) struct Cursor<S: Source> {
    source: S,
    /// From the trie's root to the focus.
    path: Vec<u8>,
    /// Bytes of the path above the cursor's root.
    root_len: usize,
    stack: Vec<Frame>,
    /// Bytes of the path that are known to lead to locations.
    exists: usize,
    /// Bytes of the path that have been looked at.
    followed: usize,
    /// The focus is the end of the last node's `entry`, a leaf's, and has a value.
    on_entry: bool,
}

/// Siblings whose memory a walk in order asks for ahead of time.
const AHEAD: usize = 4;

/// A node on the stack.
#[derive(Clone, Copy)]
struct Frame {
    head: NonNull<Header>,
    kind: Kind,
    /// Bytes of the path before the node begins.
    start: usize,
    /// In the last node, if it is a leaf: the first entry at the place.
    entry: usize,
}

// SAFETY: the stack is pointers into the trie that the source gives access to.
unsafe impl<S: Source + Send> Send for Cursor<S> {}
// SAFETY: shared borrows of a cursor only read.
unsafe impl<S: Source + Sync> Sync for Cursor<S> {}

impl Frame {
    fn new<K: PtrKind>(ptr: &K::Ptr, start: usize) -> Self {
        Self {
            head: head::<K>(ptr),
            kind: Kind::of::<K>(ptr),
            start,
            entry: 0,
        }
    }

    /// The node.
    ///
    /// # Safety
    /// C1 holds for 'a.
    #[inline(always)]
    unsafe fn node<'a, V, K: PtrKind>(self) -> Node<'a, V, K> {
        // SAFETY: the caller's promise.
        unsafe { Node::from_head(self.head, self.kind) }
    }
}

/// The last location on a cursor's path.
struct Here<'a, V, K: PtrKind> {
    node: Node<'a, V, K>,
    place: Place,
    exists: usize,
}

impl<S: Source> Cursor<S> {
    /// A cursor whose root is `root`, which need not be a location, and whose focus is its root.
    pub(crate) fn new(source: S, root: &[u8]) -> Self {
        Self::rooted(source, root.to_vec())
    }

    /// As [`new`](Self::new), with a root that becomes the cursor's path.
    pub(crate) fn rooted(source: S, path: Vec<u8>) -> Self {
        let mut cursor = Self {
            source,
            root_len: path.len(),
            path,
            stack: Vec::new(),
            exists: 0,
            followed: 0,
            on_entry: false,
        };
        if S::EAGER {
            cursor.follow();
        }
        cursor
    }

    /// What the cursor moves on.
    pub(crate) fn source(&self) -> &S {
        &self.source
    }

    /// What the cursor moved on.
    pub(crate) fn into_source(self) -> S {
        self.source
    }

    /// What the cursor moves on, to change it, and the focus as a path from the trie's root.
    pub(crate) fn release(&mut self) -> (&mut S, &[u8]) {
        self.forget();
        (&mut self.source, &self.path)
    }

    /// Bytes from the trie's root to the focus.
    pub(crate) fn origin_path(&self) -> &[u8] {
        &self.path
    }

    /// How many of them lie above the cursor's root.
    pub(crate) fn root_len(&self) -> usize {
        self.root_len
    }

    /// Bytes from the cursor's root to the focus.
    pub(crate) fn path(&self) -> &[u8] {
        &self.path[self.root_len..]
    }

    /// Forgets the nodes along the path, which may change now.
    fn forget(&mut self) {
        self.on_entry = false;
        self.stack.clear();
        (self.exists, self.followed) = (0, 0);
    }

    /// Brings the stack up to the end of the path, or to the last location on it.
    fn follow(&mut self) {
        if self.stack.is_empty() {
            let Some(root) = self.source.trie().root() else {
                return;
            };
            self.stack.push(Frame::new::<S::K>(root, 0));
            (self.exists, self.followed) = (0, 0);
        }
        if self.followed == self.path.len() {
            return;
        }
        if self.exists == self.followed {
            let path = std::mem::take(&mut self.path);
            self.advance(&path[self.exists..]);
            self.path = path;
        }
        self.followed = self.path.len();
    }

    /// Goes from the last location as far along `key` as locations exist. The path is left alone.
    fn advance(&mut self, mut key: &[u8]) {
        while let Some(last) = self.stack.last_mut() {
            let place = Place {
                depth: self.exists - last.start,
                entry: last.entry,
            };
            // SAFETY: C1.
            let node = unsafe { last.node::<S::V, S::K>() };
            match node.walk(place, key) {
                Walk::Here(place, used) => {
                    last.entry = place.entry;
                    self.exists += used;
                    break;
                }
                Walk::Child(child, used) => {
                    self.exists += used;
                    self.stack.push(Frame::new::<S::K>(child, self.exists));
                    key = &key[used..];
                }
            }
        }
    }

    /// The last location on the path; `None` if the trie is empty.
    #[inline]
    fn here(&self) -> Option<Here<'_, S::V, S::K>> {
        let mut frame = match self.stack.last() {
            Some(last) => *last,
            None => Frame::new::<S::K>(self.source.trie().root()?, 0),
        };
        let mut exists = self.exists;
        loop {
            let place = Place {
                depth: exists - frame.start,
                entry: frame.entry,
            };
            // SAFETY: C1; the trie does not change while the cursor is borrowed.
            let node = unsafe { frame.node::<S::V, S::K>() };
            if self.followed == self.path.len() || self.exists < self.followed {
                return Some(Here {
                    node,
                    place,
                    exists,
                });
            }
            match node.walk(place, &self.path[exists..]) {
                Walk::Here(place, used) => {
                    return Some(Here {
                        node,
                        place,
                        exists: exists + used,
                    });
                }
                Walk::Child(child, used) => {
                    exists += used;
                    frame = Frame::new::<S::K>(child, exists);
                }
            }
        }
    }

    /// The focus, if it is a location of a trie that is not empty.
    #[inline]
    fn focus(&self) -> Option<Here<'_, S::V, S::K>> {
        self.here().filter(|here| here.exists == self.path.len())
    }

    /// Whether the focus is a location.
    pub(crate) fn exists(&self) -> bool {
        self.path.is_empty() || self.focus().is_some()
    }

    /// The value at the focus.
    #[inline]
    pub(crate) fn value(&self) -> Option<&S::V> {
        if let Some(value) = self.entry_value() {
            return Some(value);
        }
        self.focus().and_then(|here| here.node.value(here.place))
    }

    /// The value at `rel` below the focus.
    pub(crate) fn value_at(&self, rel: &[u8]) -> Option<&S::V> {
        let Here {
            mut node,
            mut place,
            ..
        } = self.focus()?;
        let mut rest = rel;
        loop {
            match node.walk(place, rest) {
                Walk::Here(place, used) if used == rest.len() => return node.value(place),
                Walk::Here(..) => return None,
                Walk::Child(child, used) => {
                    // SAFETY: C1.
                    node = unsafe { Node::new(child) };
                    place = Place::default();
                    rest = &rest[used..];
                }
            }
        }
    }

    /// Values at and below the focus; saturates. O(1) in the size of the subtrie.
    pub(crate) fn count(&self) -> u64 {
        self.focus().map_or(0, |here| here.node.count(here.place))
    }

    /// The bytes that follow the focus.
    pub(crate) fn mask(&self) -> ByteMask {
        self.focus()
            .map_or(ByteMask::EMPTY, |here| here.node.mask(here.place))
    }

    /// Identity of the node whose root the focus is, and whether it has more than one owner.
    /// `None` inside a node and off the trie.
    pub(crate) fn node(&self) -> Option<(usize, bool)> {
        let root = self.source.trie().root()?;
        // SAFETY: the trie does not change while it is borrowed.
        let spot = unsafe { ops::locate::<S::V, S::K>(root, &self.path) };
        (spot.exists == self.path.len() && spot.place.depth == 0).then(|| {
            let id = head::<S::K>(spot.node).addr().get();
            (id, !S::K::is_unique(spot.node))
        })
    }

    /// Appends `key`; may leave the trie.
    pub(crate) fn descend(&mut self, key: &[u8]) {
        self.on_entry = false;
        self.path.extend_from_slice(key);
        if S::EAGER {
            self.follow();
        }
    }

    /// Appends as much of `key` as exists; returns how many bytes that is.
    pub(crate) fn descend_existing(&mut self, key: &[u8]) -> usize {
        self.on_entry = false;
        self.follow();
        let before = self.path.len();
        if self.stack.is_empty() || self.exists < before {
            return 0;
        }
        self.advance(key);
        let moved = self.exists - before;
        self.path.extend_from_slice(&key[..moved]);
        self.followed = self.path.len();
        moved
    }

    /// As `descend_existing`, but stops at the first value strictly below the start.
    pub(crate) fn descend_to_value(&mut self, key: &[u8]) -> usize {
        self.follow();
        let before = self.path.len();
        let from = self.stack.len().saturating_sub(1);
        let moved = self.descend_existing(key);
        let first = self.stack[from.min(self.stack.len())..]
            .iter()
            .find_map(|frame| {
                // SAFETY: C1.
                let node = unsafe { frame.node::<S::V, S::K>() };
                let least = (before + 1).saturating_sub(frame.start);
                let depth = node.first_value_along(&self.path[frame.start..], least)?;
                Some(frame.start + depth)
            });
        match first {
            Some(len) => {
                self.ascend(self.path.len() - len);
                len - before
            }
            None => moved,
        }
    }

    /// Where exactly one child follows: moves down until a value, a branch or a leaf, at most
    /// `max` bytes. Returns the bytes moved.
    pub(crate) fn descend_until(&mut self, max: usize) -> usize {
        self.on_entry = false;
        self.follow();
        let before = self.path.len();
        let end = before.saturating_add(max);
        while let Some(Here {
            node,
            place,
            exists,
        }) = self.focus()
        {
            let moved = exists - before;
            if exists == end || (moved > 0 && node.value(place).is_some()) {
                break;
            }
            let run = node.run(place);
            if !run.is_empty() {
                let run = &run[..run.len().min(end - exists)];
                // SAFETY: C1; the bytes lie in a node, which growing the path does not touch.
                let run = unsafe { std::slice::from_raw_parts(run.as_ptr(), run.len()) };
                self.path.extend_from_slice(run);
                self.follow();
                continue;
            }
            let mask = node.mask(place);
            let Some(byte) = mask.iter().next().filter(|_| mask.count_bits() == 1) else {
                break;
            };
            self.path.push(byte);
            self.follow();
        }
        self.path.len() - before
    }

    /// Moves up `n` bytes; `n` is at most `path().len()`.
    pub(crate) fn ascend(&mut self, n: usize) {
        debug_assert!(n <= self.path().len());
        self.on_entry = false;
        let len = self.path.len() - n;
        self.path.truncate(len);
        self.followed = self.followed.min(len);
        if self.exists <= len {
            return;
        }
        self.exists = len;
        while self.stack.last().is_some_and(|last| last.start > len) {
            self.stack.pop();
        }
        if let Some(last) = self.stack.last_mut() {
            // SAFETY: C1.
            let node = unsafe { last.node::<S::V, S::K>() };
            last.entry = node.entry_above(last.entry, len - last.start);
        }
    }

    /// Moves up to the nearest strict ancestor that branches, has a value (if `values`), or is the
    /// cursor's root. False at the root.
    pub(crate) fn ascend_until(&mut self, values: bool) -> bool {
        if self.path.len() == self.root_len {
            return false;
        }
        self.follow();
        let mut to = self.exists.max(self.root_len);
        let mut strict = to < self.path.len();
        loop {
            if strict {
                self.ascend(self.path.len() - to);
                let stop = self.focus().is_some_and(|Here { node, place, .. }| {
                    (values && node.value(place).is_some()) || node.mask(place).count_bits() > 1
                });
                if stop || to == self.root_len {
                    return true;
                }
            }
            strict = true;
            to = match self.stack.last() {
                Some(last) => {
                    // SAFETY: C1.
                    let node = unsafe { last.node::<S::V, S::K>() };
                    let place = Place {
                        depth: self.exists - last.start,
                        entry: last.entry,
                    };
                    match node.fork_above(place) {
                        Some(depth) => last.start + depth,
                        None => last.start.saturating_sub(1),
                    }
                }
                None => 0,
            };
            to = to.max(self.root_len);
        }
    }

    /// To the next value after the focus in depth-first order; false, and at the root, if none is
    /// left.
    #[inline]
    pub(crate) fn next_value(&mut self) -> bool {
        self.next_in_bucket() || self.next_anywhere()
    }

    /// The short way from a bucket's entry to the next one.
    #[inline(always)]
    fn next_in_bucket(&mut self) -> bool {
        let Some(last) = self.stack.last_mut() else {
            return false;
        };
        if !self.on_entry || last.kind != Kind::Bucket || self.root_len > last.start {
            return false;
        }
        // SAFETY: C1; the kind is right.
        let bucket = unsafe { Bucket::<S::V>::new(last.head) };
        let next = last.entry + 1;
        if next == bucket.len() || !bucket.is_valued(next) {
            return false;
        }
        let (tail, len) = bucket.texts().tail(next);
        self.path.truncate(last.start + bucket.prefix_len());
        append(&mut self.path, tail, len);
        last.entry = next;
        (self.exists, self.followed) = (self.path.len(), self.path.len());
        true
    }

    /// The value of the entry on which a walk in order has stopped.
    #[inline(always)]
    fn entry_value(&self) -> Option<&S::V> {
        let last = self.stack.last().filter(|_| self.on_entry)?;
        // SAFETY: C1.
        match unsafe { last.node::<S::V, S::K>() } {
            Node::Bucket(bucket) => bucket.value(last.entry),
            Node::Dense(dense) => Some(dense.value(last.entry)),
            Node::Inner(_) => None,
        }
    }

    fn next_anywhere(&mut self) -> bool {
        self.follow();
        if self.exists < self.root_len {
            self.reset();
            return false;
        }
        let mut passed = self.passed();
        while let Some(&last) = self.stack.last() {
            // SAFETY: C1.
            let node = unsafe { last.node::<S::V, S::K>() };
            let next = match passed {
                Passed::None => node.first_entry(),
                Passed::Place(place) => node.next_entry(place),
                Passed::Text => node.entry_after(&self.path[last.start..]),
                Passed::Byte(_) | Passed::All => None,
            };
            // The node in which the cursor's root lies may have entries that are not below it.
            let root_depth = self.root_len.saturating_sub(last.start);
            let next = next.filter(|&i| node.shares(last.entry, i, root_depth));
            if let Some(entry) = next {
                self.stop_at(entry);
                return true;
            }
            if let Node::Inner(inner) = node {
                let from = match passed {
                    Passed::Byte(byte) => inner.place_after(byte),
                    Passed::All => inner.len(),
                    _ => 0,
                };
                if from < inner.len() {
                    self.enter(last.start, inner, from);
                    if from + 1 < inner.len() {
                        prefetch::<S::K>(inner.child(from + 1));
                    }
                    for next in from + 1..inner.len().min(from + 1 + AHEAD) {
                        prefetch_first::<S::K>(inner.child(next));
                    }
                    passed = Passed::None;
                    continue;
                }
            }
            if last.start <= self.root_len {
                break;
            }
            self.stack.pop();
            passed = Passed::Byte(self.path[last.start - 1]);
        }
        self.reset();
        false
    }

    /// To the last value at or below the cursor's root; false if there is none.
    pub(crate) fn last_value(&mut self) -> bool {
        self.reset();
        self.follow();
        self.exists == self.path.len() && self.value_before(Passed::None)
    }

    /// To the value before the focus in depth-first order, at or below the cursor's root; false,
    /// and at the root, if there is none.
    pub(crate) fn prev_value(&mut self) -> bool {
        self.follow();
        if self.exists < self.root_len {
            self.reset();
            return false;
        }
        // What is behind a walk forward lies ahead of one backward.
        let passed = match self.passed() {
            Passed::None => Passed::All,
            Passed::All => Passed::None,
            passed => passed,
        };
        self.value_before(passed)
    }

    /// To the last value before what has been passed, from the end of the last node.
    fn value_before(&mut self, mut passed: Passed) -> bool {
        while let Some(&last) = self.stack.last() {
            // SAFETY: C1.
            let node = unsafe { last.node::<S::V, S::K>() };
            // The node in which the cursor's root lies may have entries that are not below it.
            let root_depth = self.root_len.saturating_sub(last.start);
            let children = match (node, &passed) {
                (Node::Inner(inner), Passed::None) => Some(inner.len()),
                (Node::Inner(inner), &Passed::Byte(byte)) => Some(inner.place(byte)),
                _ => None,
            };
            let entry = match (node, &passed) {
                (Node::Inner(inner), _) => (children == Some(0) && inner.is_valued()).then_some(0),
                (_, Passed::None) => node.last_entry(node.range_end(last.entry, root_depth)),
                (_, Passed::Place(place)) => node.last_entry(place.entry),
                (_, Passed::Text) => node.last_entry(node.entries_upto(&self.path[last.start..])),
                (_, Passed::Byte(_) | Passed::All) => None,
            };
            if let Some(entry) = entry.filter(|&i| node.shares(last.entry, i, root_depth)) {
                self.stop_at(entry);
                return true;
            }
            if let (Node::Inner(inner), Some(1..)) = (node, children) {
                let child = children.unwrap_or(1) - 1;
                self.enter(last.start, inner, child);
                passed = Passed::None;
                continue;
            }
            if last.start <= self.root_len {
                break;
            }
            self.stack.pop();
            passed = Passed::Byte(self.path[last.start - 1]);
        }
        self.reset();
        false
    }

    /// Puts the child at place `i` of the last node, which begins at `start`, on the stack, with the
    /// path that leads to it.
    fn enter(&mut self, start: usize, inner: Inner<'_, S::V, S::K>, i: usize) {
        self.path.truncate(start);
        self.path.extend_from_slice(inner.prefix());
        self.path.push(inner.byte(i));
        self.stack
            .push(Frame::new::<S::K>(inner.child(i), self.path.len()));
    }

    /// Brings the focus to an entry, with a value, of the last node.
    fn stop_at(&mut self, entry: usize) {
        let Some(last) = self.stack.last_mut() else {
            return;
        };
        // SAFETY: C1.
        let node = unsafe { last.node::<S::V, S::K>() };
        self.path.truncate(last.start);
        node.write_entry(entry, &mut self.path);
        last.entry = entry;
        (self.exists, self.followed) = (self.path.len(), self.path.len());
        self.on_entry = !matches!(node, Node::Inner(_));
    }

    /// Looks at the nodes of the path anew, since they may have been replaced by others of the same
    /// content; the focus has a value.
    pub(super) fn renew(&mut self) {
        self.stack.clear();
        (self.exists, self.followed) = (0, 0);
        self.follow();
        let leaf = |last: &Frame| matches!(last.kind, Kind::Bucket | Kind::Dense);
        self.on_entry = self.stack.last().is_some_and(leaf) && self.value_slot().is_some();
    }

    /// The node in which the value at the focus stands, and its slot. The value itself is not
    /// looked at.
    pub(super) fn value_slot(&self) -> Option<(NonNull<Header>, NonNull<S::V>)> {
        let slot = self
            .focus()
            .and_then(|here| here.node.value_slot(here.place))?;
        Some((self.stack.last()?.head, slot))
    }

    /// What a walk in order from the focus, on the trie or off it, has behind it in the last node.
    fn passed(&self) -> Passed {
        let Some(last) = self.stack.last() else {
            return Passed::All;
        };
        let depth = self.exists - last.start;
        if self.exists == self.path.len() {
            return Passed::Place(Place {
                depth,
                entry: last.entry,
            });
        }
        // SAFETY: C1.
        let Node::Inner(inner) = (unsafe { last.node::<S::V, S::K>() }) else {
            return Passed::Text;
        };
        let byte = self.path[self.exists];
        match inner.prefix().get(depth) {
            None => Passed::Byte(byte),
            Some(&next) if next > byte => Passed::None,
            Some(_) => Passed::All,
        }
    }

    /// To the cursor's root, from wherever the stack is.
    pub(crate) fn reset(&mut self) {
        self.path.truncate(self.root_len);
        self.forget();
        if S::EAGER {
            self.follow();
        }
    }

    /// Capacity for paths of `path_len` bytes (from the trie's root) and `depth` nodes.
    pub(crate) fn reserve(&mut self, path_len: usize, depth: usize) -> Result<(), TryReserveError> {
        self.path
            .try_reserve(path_len.saturating_sub(self.path.len()))?;
        self.stack
            .try_reserve(depth.saturating_sub(self.stack.len()))
    }
}

/// How far a walk in order has come in the node at hand. For a walk backward, from the other side:
/// what has not been passed yet lies before.
enum Passed {
    /// Nowhere yet.
    None,
    /// This place, with its value, but not what is below.
    Place(Place),
    /// In an inner node, all that goes on with this byte or a lower one.
    Byte(u8),
    /// In a leaf, all entries up to the path's end.
    Text,
    /// Everything.
    All,
}

impl<'a, V, K: PtrKind, A: Allocator> Cursor<&'a Trie<V, K, A>> {
    /// The value at the focus, for as long as the trie is borrowed.
    #[inline]
    pub(crate) fn get(&self) -> Option<&'a V> {
        // SAFETY: the trie is borrowed for 'a, so that its values live and do not change.
        self.value()
            .map(|value| unsafe { &*std::ptr::from_ref(value) })
    }

    /// The value at `rel` below the focus, for as long as the trie is borrowed.
    pub(crate) fn get_at(&self, rel: &[u8]) -> Option<&'a V> {
        // SAFETY: as for `get`.
        self.value_at(rel)
            .map(|value| unsafe { &*std::ptr::from_ref(value) })
    }
}

impl<S: SourceMut> Cursor<S> {
    /// The trie to change, and the focus as a path from its root.
    #[allow(clippy::type_complexity, reason = "a pair of what it says")]
    pub(crate) fn edit(&mut self) -> (&mut Trie<S::V, S::K, S::A>, &[u8]) {
        let (source, path) = self.release();
        (source.trie_mut(), path)
    }
}

impl<S: Source + Clone> Clone for Cursor<S> {
    fn clone(&self) -> Self {
        Self {
            source: self.source.clone(),
            path: self.path.clone(),
            root_len: self.root_len,
            stack: self.stack.clone(),
            exists: self.exists,
            followed: self.followed,
            on_entry: self.on_entry,
        }
    }
}
