//! An owned root: the unit that maps, zippers and subtries are made of.

use super::builder::Builder;
use super::node::Node;
use super::ops::{self, Extent, Payload, Removed};
use pleach_ptr::{Allocator, PtrKind, SharedAllocator};
use std::marker::PhantomData;

/// A trie of values below an implied root location, with the allocator of its nodes.
///
/// **R1** `root` is a counted pointer to a node of `V` from `alloc`, or `None`: no location but the
/// root, without a value. Nodes below a shared borrow never change; below an exclusive one they
/// change only where nobody else owns them. (Of a [`Successor`](super::Successor)'s trie, some
/// pointers are not counted yet.)
pub(crate) struct Trie<V, K: PtrKind, A: Allocator> {
    root: Option<K::Ptr>,
    alloc: A,
    marker: PhantomData<V>,
}

// SAFETY: nodes are shared between tries on any threads, and drop where the last owner is: hence
// `V: Send + Sync`. The counts are atomic; nothing else is written while shared.
unsafe impl<V: Send + Sync, K: PtrKind, A: Allocator + Send> Send for Trie<V, K, A> {}
// SAFETY: as above; shared borrows read and, for clones, count. A clone takes a clone of the
// allocator to wherever it is made: hence `A: Send` here too.
unsafe impl<V: Send + Sync, K: PtrKind, A: Allocator + Send + Sync> Sync for Trie<V, K, A> {}

impl<V, K: PtrKind, A: Allocator> Trie<V, K, A> {
    /// The empty trie, which owns no node.
    pub(crate) const fn new(alloc: A) -> Self {
        Self {
            root: None,
            alloc,
            marker: PhantomData,
        }
    }

    /// The trie of a root node, whose count it takes over.
    pub(super) fn of_root(root: Option<K::Ptr>, alloc: A) -> Self {
        Self {
            root,
            alloc,
            marker: PhantomData,
        }
    }

    /// The allocator of the nodes.
    pub(crate) fn allocator(&self) -> &A {
        &self.alloc
    }

    /// The root node's pointer.
    #[inline(always)]
    pub(super) fn root(&self) -> Option<&K::Ptr> {
        self.root.as_ref()
    }

    /// The root node's pointer, to change.
    pub(super) fn root_mut(&mut self) -> Option<&mut K::Ptr> {
        self.root.as_mut()
    }

    /// Moves the root node out: its count is the caller's.
    pub(super) fn take_root(&mut self) -> Option<K::Ptr> {
        self.root.take()
    }

    /// No location but the root, and no value there.
    pub(crate) fn is_empty(&self) -> bool {
        self.root.is_none()
    }

    /// Number of values; saturates.
    pub(crate) fn count(&self) -> u64 {
        self.root.as_ref().map_or(0, |root| {
            // SAFETY: R1.
            unsafe { Node::<V, K>::new(root) }.count(Default::default())
        })
    }

    /// Same root node (two empty tries are the same).
    pub(crate) fn ptr_eq(&self, other: &Self) -> bool {
        match (&self.root, &other.root) {
            (Some(a), Some(b)) => K::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        }
    }

    /// The value at `path`.
    #[inline]
    pub(crate) fn get(&self, path: &[u8]) -> Option<&V> {
        // SAFETY: R1.
        unsafe { ops::get::<V, K>(self.root.as_ref()?, path) }
    }

    /// The values at `paths`, in their order.
    pub(crate) fn get_many(&self, paths: &[impl AsRef<[u8]>]) -> Vec<Option<&V>> {
        let mut found = Vec::new();
        match &self.root {
            // SAFETY: R1.
            Some(root) => unsafe { ops::get_many::<V, K>(root, paths, &mut found) },
            None => found.resize(paths.len(), None),
        }
        found
    }

    /// Whether `path` is a location; the root always is.
    pub(crate) fn exists(&self, path: &[u8]) -> bool {
        self.existing(path) == path.len()
    }

    /// How many bytes of `path` lead to locations.
    pub(crate) fn existing(&self, path: &[u8]) -> usize {
        // SAFETY: R1.
        self.root
            .as_ref()
            .map_or(0, |root| unsafe { ops::locate::<V, K>(root, path) }.exists)
    }

    /// The number of values whose keys come before `path`; saturates.
    pub(crate) fn rank(&self, path: &[u8]) -> u64 {
        let root = self.root.as_ref();
        // SAFETY: R1.
        root.map_or(0, |root| unsafe { ops::rank::<V, K>(root, path) })
    }

    /// The key of value number `i` in order.
    pub(crate) fn nth(&self, i: u64) -> Option<Vec<u8>> {
        // SAFETY: R1.
        unsafe { ops::nth::<V, K>(self.root.as_ref()?, i) }
    }

    /// Drops everything.
    pub(crate) fn clear(&mut self) {
        if let Some(root) = self.root.take() {
            // SAFETY: R1; the pointer is given up once.
            unsafe { ops::release::<V, K, A>(&self.alloc, root) };
        }
    }

    /// Calls `visit` with every location that has a value or dangles, in order.
    pub(crate) fn entries<'a>(&'a self, visit: impl FnMut(&[u8], Option<&'a V>)) {
        if let Some(root) = &self.root {
            // SAFETY: R1.
            unsafe { ops::entries::<V, K>(root, visit) };
        }
    }

    /// Calls `visit` with what follows `path` in every location at and below it that has a value or
    /// dangles, in order.
    pub(crate) fn entries_below(&self, path: &[u8], mut visit: impl FnMut(&[u8])) {
        let Some(root) = &self.root else { return };
        // SAFETY: R1.
        let spot = unsafe { ops::locate::<V, K>(root, path) };
        if spot.exists < path.len() {
            return;
        }
        let above = &path[path.len() - spot.place.depth..];
        // SAFETY: R1; the node is part of the trie.
        unsafe {
            ops::entries::<V, K>(spot.node, |text, _| {
                if let Some(rest) = text.strip_prefix(above) {
                    visit(rest);
                }
            });
        }
    }

    /// Checks the structure; the error says what is wrong, and where.
    #[cfg(feature = "testing")]
    pub(crate) fn check(&self) -> Result<(), String> {
        // SAFETY: R1.
        self.root
            .as_ref()
            .map_or(Ok(()), |root| unsafe { ops::check::<V, K>(root) })
    }
}

impl<V: Clone, K: PtrKind, A: Allocator> Trie<V, K, A> {
    /// The value at `path`, on nodes that are this trie's own.
    pub(crate) fn get_mut(&mut self, path: &[u8]) -> Option<&mut V> {
        // SAFETY: R1.
        unsafe { ops::get_mut::<V, K, A>(self.root.as_mut()?, &self.alloc, path) }
    }

    /// Sets the value at `path`; the old one comes back.
    pub(crate) fn insert(&mut self, path: &[u8], value: V) -> Option<V> {
        self.place(path, Payload::Value(Some(value)))
    }

    pub(super) fn place(&mut self, path: &[u8], payload: Payload<V, K, A>) -> Option<V> {
        // SAFETY: R1; a subtrie is placed where way has been made for it.
        unsafe { ops::place(&mut self.root, &self.alloc, path, payload) }
    }

    fn take_out(&mut self, path: &[u8], extent: Extent) -> Removed<V, K> {
        // SAFETY: R1.
        unsafe { ops::remove(&mut self.root, &self.alloc, path, extent) }
    }

    /// The value at `path`, made by `make` where there is none.
    pub(crate) fn get_or_insert_with(&mut self, path: &[u8], make: impl FnOnce() -> V) -> &mut V {
        if self.get(path).is_none() {
            let value = make();
            self.insert(path, value);
        }
        self.get_mut(path).expect("inserted just now")
    }

    /// Sets the value at `path`, or takes it out as [`remove`](Self::remove) does; the old one comes
    /// back.
    pub(crate) fn set(&mut self, path: &[u8], value: Option<V>) -> Option<V> {
        match value {
            Some(value) => self.insert(path, value),
            None => self.remove(path),
        }
    }

    /// Fills an empty trie with entries as long as they come in order, each node made once. Returns
    /// the first one that does not.
    pub(crate) fn load<P: AsRef<[u8]>>(
        &mut self,
        entries: impl Iterator<Item = (P, V)>,
    ) -> Option<(P, V)> {
        let mut builder = Builder::<V, K, A>::new(&mut self.root, &self.alloc);
        for (path, value) in entries {
            if let Err(Some(value)) = builder.push(path.as_ref(), Some(value)) {
                return Some((path, value));
            }
        }
        None
    }

    /// Takes the value at `path` out; the location stays, dangling if nothing is below.
    pub(crate) fn remove(&mut self, path: &[u8]) -> Option<V> {
        match self.take_out(path, Extent::Value) {
            Removed::Value(value) => {
                self.forget_bare_root();
                Some(value)
            }
            _ => None,
        }
    }

    /// Takes the value at `path` out, and the location, with what dangles above it, if nothing is
    /// below. A location that dangles goes as well.
    pub(crate) fn remove_pruned(&mut self, path: &[u8]) -> Option<V> {
        match self.take_out(path, Extent::Tip) {
            Removed::Value(value) => Some(value),
            _ => None,
        }
    }

    /// Makes `path` a location; true if it was none.
    pub(crate) fn create(&mut self, path: &[u8]) -> bool {
        let new = !self.exists(path);
        if new {
            self.place(path, Payload::Value(None));
        }
        new
    }

    /// If `path` is dangling (a location without value or children), removes it and the dangling
    /// locations this leaves above it, never at or above `floor` bytes. Returns the bytes removed.
    pub(crate) fn prune(&mut self, path: &[u8], floor: usize) -> usize {
        if path.len() <= floor || self.get(path).is_some() {
            return 0;
        }
        match self.take_out(path, Extent::Tip) {
            Removed::Location => {}
            _ => return 0,
        }
        let left = self.existing(path);
        if left < floor {
            self.create(&path[..floor]);
        }
        path.len() - left.max(floor)
    }

    /// Copies the shared nodes along `path`, but one that begins where it ends. After this, taking
    /// and placing at `path` runs no user code: what is done in several steps is done whole or not
    /// at all.
    pub(crate) fn own(&mut self, path: &[u8]) {
        self.own_nodes(path, false);
    }

    /// As `own`, and copies the node that begins where `path` ends too: a value may then be put at
    /// the root of what is taken from there.
    pub(crate) fn own_through(&mut self, path: &[u8]) {
        self.own_nodes(path, true);
    }

    fn own_nodes(&mut self, path: &[u8], through: bool) {
        if let Some(root) = &mut self.root {
            // SAFETY: R1.
            unsafe { ops::own::<V, K, A>(root, &self.alloc, path, through) };
        }
    }

    /// An entry for the root without a value says nothing that is not implied.
    fn forget_bare_root(&mut self) {
        if self.count() == 0 {
            self.take_out(b"", Extent::Tip);
        }
    }
}

impl<V: Clone, K: PtrKind, A: Allocator + Clone> Trie<V, K, A> {
    /// What is at and below `path`, sharing nodes.
    pub(crate) fn subtrie(&self, path: &[u8]) -> Self {
        let root = self.root.as_ref();
        // SAFETY: R1.
        let node =
            root.and_then(|root| unsafe { ops::subtrie::<V, K, A>(root, &self.alloc, path) });
        Self::of_root(node, self.alloc.clone())
    }

    /// Moves out what is at and below `path`. The location `path` and what dangles above it go too.
    pub(crate) fn take(&mut self, path: &[u8]) -> Self {
        let node = match self.take_out(path, Extent::Subtrie) {
            Removed::Node(node) => Some(node),
            _ => None,
        };
        let mut taken = Self::of_root(node, self.alloc.clone());
        taken.forget_bare_root();
        taken
    }

    /// Replaces what is at and below `path`. Where `subtrie` is empty, this is `take`.
    /// `subtrie` must live in the same allocator (see `rehome`).
    pub(crate) fn put(&mut self, path: &[u8], subtrie: Self) {
        self.own(path);
        drop(self.swap(path, subtrie));
    }

    /// Replaces what is at and below `path`, and returns that. Where the nodes along the path are the
    /// trie's own (see `own`), this runs no code of the values.
    pub(crate) fn swap(&mut self, path: &[u8], subtrie: Self) -> Self {
        let replaced = self.take(path);
        if !subtrie.is_empty() {
            self.place(path, Payload::Subtrie(subtrie));
        }
        replaced
    }
}

impl<V: Clone, K: PtrKind, A: SharedAllocator> Trie<V, K, A> {
    /// The same trie in `alloc`: itself if its allocator is the same, a copy value by value if not.
    pub(crate) fn rehome(self, alloc: &A) -> Self {
        if self.alloc.same(alloc) {
            return self;
        }
        let mut copy = Self::new(alloc.clone());
        let mut builder = Builder::<V, K, A>::new(&mut copy.root, &copy.alloc);
        self.entries(|path, value| {
            let in_order = builder.push(path, value.cloned());
            debug_assert!(in_order.is_ok());
        });
        drop(builder);
        copy
    }
}

impl<V, K: PtrKind, A: Allocator + Clone> Clone for Trie<V, K, A> {
    /// O(1): counts one more owner of the root node.
    fn clone(&self) -> Self {
        Self {
            root: self.root.as_ref().map(K::clone),
            alloc: self.alloc.clone(),
            marker: PhantomData,
        }
    }
}

impl<V, K: PtrKind, A: Allocator> Drop for Trie<V, K, A> {
    fn drop(&mut self) {
        self.clear();
    }
}
