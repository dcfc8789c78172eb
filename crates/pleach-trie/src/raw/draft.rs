//! What a head needs of tries: drafts to work on, and to know where a change copies nothing.

use super::bytes::strip;
use super::node::Node;
use super::ops::Payload;
use super::source::{Source, SourceMut};
use super::trie::Trie;
use pleach_ptr::{Allocator, PtrKind};
use smallvec::SmallVec;
use std::cell::{Cell, OnceCell};
use std::iter;

/// A path of one's own. Short ones take no memory elsewhere.
pub(crate) type OwnPath = SmallVec<[u8; 24]>;

/// A path, and the value that stands there: the cell gives it away when all code of the values has run,
/// and gets the one that stood there before.
pub(crate) type Pending<'d, V> = (&'d [u8], &'d Cell<Option<V>>);

/// Where a draft comes from.
pub(crate) trait Origin {
    /// Value type.
    type V;
    /// Pointer kind.
    type K: PtrKind;
    /// Allocator.
    type A: Allocator;

    /// The trie as it begins, but for one value.
    fn trie(&self, value: Option<Pending<'_, Self::V>>) -> Trie<Self::V, Self::K, Self::A>;

    /// A copy of the value at `path`.
    fn value(&self, path: &[u8]) -> Option<Self::V>;
}

/// A trie to work on, which will be put in the place of another one if anything was changed.
///
/// It is made when it is first looked at. One value can be changed before that: whoever changes just
/// that needs no trie at all.
///
/// While there is no trie, `value` is what stands at the path of [`Edit::Value`]. Afterwards
/// the trie has it.
pub(crate) struct Draft<O: Origin> {
    origin: O,
    trie: OnceCell<Trie<O::V, O::K, O::A>>,
    edit: Edit,
    value: Cell<Option<O::V>>,
}

/// What may have been changed.
enum Edit {
    Nothing,
    /// The value at this path, which is a location afterwards if it was one before, or if it has a
    /// value.
    Value(OwnPath),
    Anything,
}

/// What there is to commit.
pub(crate) enum Change<'d, V, K: PtrKind, A: Allocator> {
    /// This value, or none, at this path.
    Value(&'d [u8], Option<V>),
    /// The value that the trie has at this path.
    ValueOf(&'d [u8], &'d mut Trie<V, K, A>),
    /// All that the trie has.
    Whole(&'d mut Trie<V, K, A>),
}

impl<O: Origin> Draft<O> {
    /// A draft that nobody has looked at.
    pub(crate) fn new(origin: O) -> Self {
        Self {
            origin,
            trie: OnceCell::new(),
            edit: Edit::Nothing,
            value: Cell::new(None),
        }
    }

    /// Where it comes from, and what there is to commit, if anything.
    #[allow(clippy::type_complexity, reason = "a pair of what it says")]
    pub(crate) fn change(&mut self) -> Option<(&O, Change<'_, O::V, O::K, O::A>)> {
        let change = match (&self.edit, self.trie.get_mut()) {
            (Edit::Nothing, _) => return None,
            (Edit::Value(path), None) => Change::Value(path, self.value.take()),
            (Edit::Value(path), Some(trie)) => Change::ValueOf(path, trie),
            (Edit::Anything, trie) => Change::Whole(trie?),
        };
        Some((&self.origin, change))
    }

    /// The value at `path`, to be changed to another one without a trie: possible if nobody has
    /// looked, and nothing else has been changed.
    fn alone(&mut self, path: &[u8]) -> Option<&mut Option<O::V>> {
        match (&self.edit, self.trie.get()) {
            (Edit::Nothing, None) => {
                self.value.set(self.origin.value(path));
                self.edit = Edit::Value(OwnPath::from_slice(path));
            }
            (Edit::Value(before), None) if **before == *path => {}
            _ => return None,
        }
        Some(self.value.get_mut())
    }

    /// The trie, to change the value at `path` in it.
    fn trie_for(&mut self, path: &[u8]) -> &mut Trie<O::V, O::K, O::A> {
        self.edit = match &self.edit {
            Edit::Nothing => Edit::Value(OwnPath::from_slice(path)),
            Edit::Value(before) if **before == *path => Edit::Value(OwnPath::from_slice(path)),
            _ => Edit::Anything,
        };
        self.trie.get_mut().expect("made before")
    }
}

// SAFETY: the draft owns the trie, which is made once, and changed through the cursor's methods alone.
unsafe impl<O: Origin> Source for Draft<O> {
    type V = O::V;
    type K = O::K;
    type A = O::A;
    const EAGER: bool = false;

    fn trie(&self) -> &Trie<O::V, O::K, O::A> {
        self.trie.get_or_init(|| match &self.edit {
            Edit::Value(path) => self.origin.trie(Some((path, &self.value))),
            _ => self.origin.trie(None),
        })
    }
}

// SAFETY: as above.
unsafe impl<O: Origin> SourceMut for Draft<O> {
    fn trie_mut(&mut self) -> &mut Trie<O::V, O::K, O::A> {
        self.trie();
        self.edit = Edit::Anything;
        self.trie.get_mut().expect("made just now")
    }

    fn value_mut(&mut self, path: &[u8]) -> Option<&mut O::V>
    where
        O::V: Clone,
    {
        if self.alone(path).is_some() {
            return self.value.get_mut().as_mut();
        }
        self.trie();
        self.trie_for(path).get_mut(path)
    }

    fn value_or_insert_with(&mut self, path: &[u8], make: impl FnOnce() -> O::V) -> &mut O::V
    where
        O::V: Clone,
    {
        if self.alone(path).is_some() {
            return self.value.get_mut().get_or_insert_with(make);
        }
        self.trie();
        self.trie_for(path).get_or_insert_with(path, make)
    }

    fn set_value(&mut self, path: &[u8], value: Option<O::V>) -> Option<O::V>
    where
        O::V: Clone,
    {
        // Whoever takes out what he has put in before leaves a location that was not there.
        if value.is_none() && !matches!(self.edit, Edit::Nothing) {
            return self.trie_mut().remove(path);
        }
        if let Some(before) = self.alone(path) {
            return std::mem::replace(before, value);
        }
        self.trie();
        self.trie_for(path).set(path, value)
    }
}

/// The node in which a path ends, shared.
pub(crate) struct Stub<V, K: PtrKind, A: Allocator> {
    /// What begins at the node; empty if the path ends in none.
    trie: Trie<V, K, A>,
    /// Bytes of the path above the node.
    above: usize,
}

impl<V: Clone, K: PtrKind, A: Allocator + Clone> Stub<V, K, A> {
    /// The value at the path.
    pub(crate) fn value(&self, path: &[u8]) -> Option<&V> {
        self.trie.get(&path[self.above..])
    }

    /// A trie of what is at and below the path, in the same place. It shares what does not lie in
    /// the stub's node.
    pub(crate) fn draft(self, path: &[u8]) -> Trie<V, K, A> {
        let inside = &path[self.above..];
        let mut draft = Trie::new(self.trie.allocator().clone());
        if path.is_empty() {
            return self.trie;
        }
        if self.trie.is_empty() || !self.trie.exists(inside) {
            return draft;
        }
        let branch = match inside.is_empty() {
            true => self.trie,
            false => self.trie.subtrie(inside),
        };
        match branch.is_empty() {
            true => drop(draft.create(path)),
            false => drop(draft.place(path, Payload::Subtrie(branch))),
        }
        draft
    }
}

impl<V, K: PtrKind, A: Allocator> Trie<V, K, A> {
    /// The nodes along `path`, each with what of the path is left where it begins.
    fn way<'a>(&'a self, path: &'a [u8]) -> impl Iterator<Item = (&'a K::Ptr, &'a [u8])> {
        let below = |&(ptr, rest): &(&'a K::Ptr, &'a [u8])| {
            // SAFETY: R1.
            let Node::Inner(inner) = (unsafe { Node::<V, K>::new(ptr) }) else {
                return None;
            };
            let (&byte, rest) = strip(rest, inner.prefix())?.split_first()?;
            Some((inner.child_at(byte)?, rest))
        };
        iter::successors(self.root().map(|root| (root, path)), below)
    }

    /// Whether `own(path)`, or `own_through(path)`, would copy nothing: then taking and placing a
    /// branch there, or a value, runs no code of the values.
    pub(crate) fn owns(&self, path: &[u8], through: bool) -> bool {
        self.way(path)
            .all(|(ptr, rest)| (rest.is_empty() && !through) || K::is_unique(ptr))
    }
}

impl<V: Clone, K: PtrKind, A: Allocator + Clone> Trie<V, K, A> {
    /// The node in which `path` ends. One count, and no code of the values.
    pub(crate) fn stub(&self, path: &[u8]) -> Stub<V, K, A> {
        let last = self.way(path).last();
        // An inner node from which the path goes on leads nowhere.
        // SAFETY: R1.
        let last = last.filter(|&(ptr, rest)| match unsafe { Node::<V, K>::new(ptr) } {
            Node::Inner(inner) => inner.prefix().starts_with(rest),
            _ => true,
        });
        let alloc = self.allocator().clone();
        Stub {
            trie: Self::of_root(last.map(|(ptr, _)| K::clone(ptr)), alloc),
            above: path.len() - last.map_or(0, |(_, rest)| rest.len()),
        }
    }
}
