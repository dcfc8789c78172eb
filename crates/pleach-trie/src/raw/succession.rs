//! Tries that take the place of another one, and take its nodes over.
//!
//! A clone that is edited counts every child of every node that it copies, and the trie that it was
//! cloned from counts them all down when it is dropped: for an edit below a wide node, hundreds of
//! atomic operations. Where the clone is going to *succeed* the other trie, which nobody will clone any
//! more, that is for nothing. So a [`Successor`] only *borrows* what it does not change:
//!
//! ```text
//!   base   R ──► N ──► leaf            R, N and the leaf on the path are copied; all other
//!           \     \                    children of R and N stand in both, and have one count.
//!            ► a   ► b                 The successor's pointers to them are marked as *lent*.
//!           /     /
//!   next   R'──► N' ─► leaf'
//! ```
//!
//! When it has taken base's place, and if nobody else has a share in base, the counts of `a` and `b` are
//! simply its own from then on: R, N and the leaf are *shells*, which are freed one by one, without their
//! children, once nobody reads base any more ([`Remains`]). If base has other owners, the children are
//! counted after all.
//!
//! # Invariants
//!
//! - **S1** In a node of a successor's own (not lent, and unique), a pointer is lent exactly if its tag
//!   says so: then it is an alias of one in a node of base that `copied` has, and it is the only one
//!   made of it. In all other nodes that bit means nothing.
//! - **S2** What is lent lives and does not change: `base` is an owner of base's root, so that it is not
//!   unique for anybody.
//! - **S3** `copied` has, from the root down, the nodes of base whose children were lent, each reached
//!   through others of `copied` alone. But for the root, each had one owner when it was copied.
//! - **S4** `counted` has the nodes of base, reached through `copied` alone, that were copied with their
//!   children counted, once for each time.

use super::header::{Header, Kind, LENT, head};
use super::inner::Inner;
use super::node::Node;
use super::ops::{self, Way, way};
use super::trie::Trie;
use pleach_ptr::{Count, Global, PtrKind, Slim, Tag};
use std::collections::HashMap;
use std::marker::PhantomData;
use std::mem::{self, ManuallyDrop};
use std::ptr::NonNull;

type Ptr = <Slim as PtrKind>::Ptr;
type Nodes<V> = Trie<V, Slim, Global>;

/// Owners that a base has which nobody else shares: the one who is succeeded, and the successor's own.
const OWNERS: u32 = 2;

#[inline(always)]
fn is_lent(ptr: &Ptr) -> bool {
    Slim::tag(ptr).get() & LENT != 0
}

/// A mark of where a pointer leads.
fn address(ptr: &Ptr) -> NonNull<Count> {
    Slim::block(ptr)
}

/// A pointer without a count of its own.
///
/// # Safety
/// As for [`Slim::alias`].
#[inline(always)]
unsafe fn lend(ptr: &Ptr) -> Ptr {
    let tag = Tag::new(Slim::tag(ptr).get() | LENT);
    // SAFETY: the caller's promise.
    unsafe { Slim::alias(ptr, tag) }
}

/// One more owner of what a pointer leads to, whatever bits its tag has.
fn own(ptr: &Ptr) -> Ptr {
    let owner = <Slim as PtrKind>::clone(ptr);
    // SAFETY: in the place of the owner, which is forgotten.
    unsafe { Slim::alias(&owner, Kind::of::<Slim>(ptr).tag()) }
}

/// A trie in the making that will take the place of `base`.
pub(crate) struct Successor<V> {
    /// An owner of the trie that is there.
    base: Nodes<V>,
    /// As it will be; means nothing before `begun`. Its nodes are not all its own while it `lends`.
    trie: ManuallyDrop<Nodes<V>>,
    begun: bool,
    lends: bool,
    copied: Vec<Ptr>,
    counted: Vec<Ptr>,
}

// SAFETY: the pointers are to nodes of tries that it has or shares, of which the same is true.
unsafe impl<V: Send + Sync> Send for Successor<V> {}

impl<V> Successor<V> {
    /// No changes yet.
    pub(crate) fn new(base: Nodes<V>) -> Self {
        Self {
            base,
            trie: ManuallyDrop::new(Trie::new(Global)),
            begun: false,
            lends: false,
            copied: Vec::new(),
            counted: Vec::new(),
        }
    }

    /// The trie as it is now, to read: it must not be cloned.
    pub(crate) fn trie(&self) -> &Nodes<V> {
        match self.begun {
            true => &self.trie,
            false => &self.base,
        }
    }

    /// A clone of the trie as it is now. From then on, nothing is taken over.
    pub(crate) fn snapshot(&mut self) -> Nodes<V> {
        self.count_all();
        self.trie().clone()
    }

    /// Makes owners of all pointers that are lent.
    fn count_all(&mut self) {
        let mut slots = Vec::new();
        if mem::take(&mut self.lends) {
            slots.extend(self.trie.root_mut().map(NonNull::from));
        }
        while let Some(slot) = slots.pop() {
            // SAFETY: a slot of a node that is ours alone, or the root's; nobody else looks at it.
            let ptr = unsafe { &mut *slot.as_ptr() };
            if is_lent(ptr) {
                // What it was is no owner, and may be forgotten.
                *ptr = own(ptr);
            } else if Slim::is_unique(ptr) {
                // SAFETY: live.
                if let Node::Inner(inner) = unsafe { Node::<V, Slim>::new(ptr) } {
                    slots.extend(child_slots(inner));
                }
            }
        }
        self.copied.clear();
        self.counted.clear();
    }
}

fn child_slots<V>(inner: Inner<'_, V, Slim>) -> impl Iterator<Item = NonNull<Ptr>> {
    let first = inner.children();
    // SAFETY: there are as many children.
    (0..inner.len()).map(move |i| unsafe { first.add(i) })
}

impl<V: Clone> Successor<V> {
    /// Sets the value at `path`; the old one comes back.
    pub(crate) fn insert(&mut self, path: &[u8], value: V) -> Option<V> {
        self.make_way(path, false);
        self.trie.insert(path, value)
    }

    /// Takes the value at `path` out, and the location, with what dangles above it, if nothing is below.
    pub(crate) fn remove(&mut self, path: &[u8]) -> Option<V> {
        self.trie().get(path)?;
        self.make_way(path, true);
        self.trie.remove_pruned(path)
    }

    /// Makes the nodes its own that an edit at `path` changes: those along the path, and for a removal
    /// those that may be joined with them.
    fn make_way(&mut self, path: &[u8], removes: bool) {
        if !mem::replace(&mut self.begun, true)
            && let Some(root) = self.base.root()
        {
            // SAFETY: S2.
            let root = unsafe { lend(root) };
            *self.trie = Trie::of_root(Some(root), Global);
            self.lends = true;
        }
        let Some(root) = self.trie.root_mut().filter(|_| self.lends) else {
            return;
        };
        let (mut slot, mut rest) = (NonNull::from(root), path);
        loop {
            // SAFETY: a slot of a node that is ours alone, or the root's.
            let ptr = unsafe {
                self.make_own(slot);
                slot.as_ref()
            };
            let kind = Kind::of::<Slim>(ptr);
            // SAFETY: live.
            let Node::Inner(inner) = (unsafe { Node::<V, Slim>::new(ptr) }) else {
                return;
            };
            if removes && inner.count() <= ops::small::<V>() + 1 {
                return self.make_all_own(slot);
            }
            if removes && inner.len() <= 2 {
                // SAFETY: slots of a node that is ours alone.
                child_slots(inner).for_each(|slot| unsafe { self.make_own(slot) });
            }
            // SAFETY: live, of that kind, and not changed before the outcome is used.
            match unsafe { way::<V, Slim>(ptr, kind, rest) } {
                Way::Child(child, below) => (slot, rest) = (child, below),
                _ => return,
            }
        }
    }

    /// Makes all nodes its own that are under a slot of one that is.
    fn make_all_own(&mut self, slot: NonNull<Ptr>) {
        let mut slots = vec![slot];
        while let Some(slot) = slots.pop() {
            // SAFETY: a slot of a node that is ours alone; then a live one.
            let node = unsafe {
                self.make_own(slot);
                Node::<V, Slim>::new(slot.as_ref())
            };
            if let Node::Inner(inner) = node {
                slots.extend(child_slots(inner));
            }
        }
    }

    /// Makes the node in `slot` its own.
    ///
    /// # Safety
    /// It is the root's slot, or one of a node that is its own.
    unsafe fn make_own(&mut self, slot: NonNull<Ptr>) {
        // SAFETY: nobody else looks at the slot.
        let ptr = unsafe { &mut *slot.as_ptr() };
        let (lent, unique) = (is_lent(ptr), Slim::is_unique(ptr));
        if unique && !lent {
            return;
        }
        // SAFETY: live, and unchanged meanwhile.
        let node = unsafe { Node::<V, Slim>::new(ptr) };
        // S3: the root has several owners, which are looked at again in the end.
        let sole = lent && (unique || self.copied.is_empty());
        let copy = match node {
            // SAFETY: S2.
            Node::Inner(inner) if sole => inner.copy_with(&Global, 0, |ptr| unsafe { lend(ptr) }),
            Node::Inner(inner) => inner.copy_with(&Global, 0, own),
            leaf => leaf.copy(&Global),
        };
        let old = mem::replace(ptr, copy);
        match (lent, sole) {
            (true, true) => self.copied.push(old),
            (true, false) => self.counted.push(old),
            // SAFETY: an owner of ours; base has another one.
            (false, _) => unsafe { ops::release::<V, Slim, Global>(&Global, old) },
        }
    }

    /// The trie, to be put in base's place, and what is to be done when it is there. Until that is done
    /// or dropped, the trie may be cloned and dropped as any other.
    pub(crate) fn finish(mut self) -> (Nodes<V>, Succession<V>) {
        let none = || Trie::new(Global);
        let trie = match self.begun {
            true => mem::replace(&mut *self.trie, none()),
            false => self.base.clone(),
        };
        self.lends = false;
        let succession = Succession {
            _next: trie.clone(),
            base: mem::replace(&mut self.base, none()),
            copied: mem::take(&mut self.copied),
            counted: mem::take(&mut self.counted),
        };
        (trie, succession)
    }
}

impl<V> Drop for Successor<V> {
    fn drop(&mut self) {
        self.count_all();
        // SAFETY: not used again; all its pointers are owners.
        unsafe { ManuallyDrop::drop(&mut self.trie) };
    }
}

/// What is left to be done when a trie has succeeded another one.
pub(crate) struct Succession<V> {
    /// An owner: until all is counted, the nodes of the new trie are not unique for anybody, and stay.
    _next: Nodes<V>,
    base: Nodes<V>,
    copied: Vec<Ptr>,
    counted: Vec<Ptr>,
}

// SAFETY: as for `Successor`.
unsafe impl<V: Send + Sync> Send for Succession<V> {}

impl<V> Succession<V> {
    /// Takes over what `old` has, which was succeeded, or counts what others share. What is returned
    /// frees the rest of it.
    ///
    /// # Safety
    /// What is returned is dropped when nobody reads `old` any more, and after `old`. From now on, `old`
    /// is not cloned but by [`Trie::try_clone`].
    pub(crate) unsafe fn settle(mut self, old: &Nodes<V>) -> Remains<V> {
        let root = self.base.root().filter(|_| !self.copied.is_empty());
        let sealed = root.is_some_and(|root| self.base.ptr_eq(old) && Slim::seal(root, OWNERS));
        if sealed {
            // By the seal it owns nothing any more.
            let _sealed = self.base.take_root();
        }
        self.sort_out(sealed)
    }

    /// Finds out what was base's alone. Base's root is, if it is `sealed`.
    fn sort_out(&mut self, sealed: bool) -> Remains<V> {
        let mut remains = Remains::default();
        let (copied, counted) = (mem::take(&mut self.copied), mem::take(&mut self.counted));
        // In the end, nobody has a share in what is reached through a sealed root alone.
        if sealed && copied[1..].iter().all(Slim::is_unique) {
            (remains.shells, remains.shares) = (copied, counted);
            return remains;
        }
        let places = copied.iter().enumerate().skip(1);
        let places: HashMap<_, _> = places.map(|(i, ptr)| (address(ptr), i)).collect();
        let mut replaced = HashMap::<_, usize>::new();
        for ptr in copied.iter().skip(1).chain(&counted) {
            *replaced.entry(address(ptr)).or_default() += 1;
        }
        let mut is_shell = vec![false; copied.len()];
        if let Some(root) = is_shell.first_mut() {
            *root = sealed;
        }
        for (i, ptr) in copied.into_iter().enumerate() {
            // SAFETY: S2.
            if let Node::Inner(inner) = unsafe { Node::<V, Slim>::new(&ptr) } {
                for child in (0..inner.len()).map(|i| inner.child(i)) {
                    match replaced
                        .get_mut(&address(child))
                        .filter(|times| **times > 0)
                    {
                        Some(times) => {
                            *times -= 1;
                            let place = places
                                .get(&address(child))
                                .filter(|_| Slim::is_unique(child));
                            match place {
                                _ if !is_shell[i] => {}
                                Some(&place) => is_shell[place] = true,
                                // SAFETY: the owner is in a shell, which does not release it.
                                None => remains.shares.push(unsafe { lend(child) }),
                            }
                        }
                        // The new trie has an owner as well: the pointer there, which is an alias.
                        None if !is_shell[i] => drop(own(child)),
                        None => {}
                    }
                }
            }
            if is_shell[i] {
                remains.shells.push(ptr);
            }
        }
        remains
    }
}

impl<V> Drop for Succession<V> {
    fn drop(&mut self) {
        // All is counted if nothing was settled; and nothing is left if it was.
        drop(self.sort_out(false));
    }
}

/// What only a trie had that was succeeded: freed when this is dropped.
pub(crate) struct Remains<V> {
    /// Nodes whose children others have.
    shells: Vec<Ptr>,
    /// Owners.
    shares: Vec<Ptr>,
    marker: PhantomData<V>,
}

// SAFETY: as for `Successor`.
unsafe impl<V: Send + Sync> Send for Remains<V> {}

impl<V> Default for Remains<V> {
    /// Nothing.
    fn default() -> Self {
        Self {
            shells: Vec::new(),
            shares: Vec::new(),
            marker: PhantomData,
        }
    }
}

impl<V> Remains<V> {
    fn free(&mut self) {
        while let Some(shell) = self.shells.pop() {
            let head: NonNull<Header> = head::<Slim>(&shell);
            // SAFETY: nobody uses it any more, by the promise of `settle`.
            unsafe { ops::free_alone::<V, Slim, Global>(&Global, head, Kind::of::<Slim>(&shell)) };
        }
        while let Some(share) = self.shares.pop() {
            // SAFETY: an owner, of a shell that does not release it.
            unsafe { ops::release::<V, Slim, Global>(&Global, share) };
        }
    }
}

impl<V> Drop for Remains<V> {
    fn drop(&mut self) {
        /// Goes on after a value's `Drop` panicked.
        struct Rest<'r, V>(&'r mut Remains<V>);
        impl<V> Drop for Rest<'_, V> {
            fn drop(&mut self) {
                self.0.free();
            }
        }
        Rest(self).0.free();
    }
}

impl<V> Nodes<V> {
    /// A clone, unless the trie was succeeded; who is refused sees all that was done before that. (Also
    /// none if it has too many owners to be counted.)
    pub(crate) fn try_clone(&self) -> Option<Self> {
        let root = match self.root() {
            Some(root) => Some(Slim::try_clone(root)?),
            None => None,
        };
        Some(Self::of_root(root, Global))
    }
}
