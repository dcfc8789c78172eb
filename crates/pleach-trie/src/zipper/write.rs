//! Zippers that read and write.

use super::algebra::{Combine, meet_all};
use super::cursor::{AsCursor, AsWriteCursor};
use super::read::fmt_zipper;
use super::{
    ReadZipper, ReadZipperOwned, WriteZipperTracked, ZipperForking, ZipperHead, ZipperSubtries,
    ZipperWriting,
};
use crate::algebra::{self, AlgebraicStatus, DistributiveLattice, Lattice};
use crate::raw::{Cursor, Source, SourceMut, Trie};
use crate::{ByteMask, PathMap};
use pleach_ptr::{Allocator, Global, PtrKind, SharedAllocator, Slim};
use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;

/// A zipper that reads and changes a borrowed map: see [`PathMap::write_zipper`].
///
/// It can be sent to another thread if the values can be shared, but not be used by two at a time.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
/// use pleach_trie::zipper::*;
///
/// let mut map = PathMap::from([("tea", 1)]);
/// let mut z = map.write_zipper_at_path("te");
/// z.descend_to("n");
/// z.set_val(2);
/// assert_eq!(map.get("ten"), Some(&2));
/// ```
pub struct WriteZipper<'a, V, K: PtrKind = Slim, A: Allocator = Global> {
    cursor: Cursor<&'a mut Trie<V, K, A>>,
    not_sync: PhantomData<Cell<()>>,
}

impl<'a, V, K: PtrKind, A: Allocator> WriteZipper<'a, V, K, A> {
    pub(crate) fn new(trie: &'a mut Trie<V, K, A>, root: &[u8]) -> Self {
        Self {
            cursor: Cursor::new(trie, root),
            not_sync: PhantomData,
        }
    }
}

impl<'a, V, K: PtrKind, A: Allocator> AsCursor for WriteZipper<'a, V, K, A> {
    type Source = &'a mut Trie<V, K, A>;

    fn cursor(&self) -> &Cursor<Self::Source> {
        &self.cursor
    }

    fn cursor_mut(&mut self) -> &mut Cursor<Self::Source> {
        &mut self.cursor
    }
}

impl<V, K: PtrKind, A: Allocator> AsWriteCursor for WriteZipper<'_, V, K, A> {}

impl<V, K: PtrKind, A: Allocator> ZipperForking<V> for WriteZipper<'_, V, K, A> {
    type ReadZipperT<'z>
        = ReadZipper<'z, V, K, A>
    where
        Self: 'z;

    fn fork_read_zipper(&self) -> ReadZipper<'_, V, K, A> {
        ReadZipper::new(self.cursor.source(), self.cursor.origin_path())
    }
}

impl<V, K: PtrKind, A: Allocator> fmt::Debug for WriteZipper<'_, V, K, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_zipper("WriteZipper", &self.cursor, f)
    }
}

/// A zipper that reads and changes a map of its own: see [`PathMap::into_write_zipper`].
///
/// A clone shares the map's nodes, and changes of one are not seen by the other.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
/// use pleach_trie::zipper::*;
///
/// let mut z = PathMap::new().into_write_zipper("");
/// for word in ["tea", "ten"] {
///     z.move_to_path(word);
///     z.set_val(word.len());
/// }
/// assert_eq!(z.into_map().len(), 2);
/// ```
pub struct WriteZipperOwned<V, K: PtrKind = Slim, A: Allocator = Global> {
    cursor: Cursor<Trie<V, K, A>>,
    not_sync: PhantomData<Cell<()>>,
}

impl<V, K: PtrKind, A: Allocator> WriteZipperOwned<V, K, A> {
    pub(crate) fn new(trie: Trie<V, K, A>, root: &[u8]) -> Self {
        Self {
            cursor: Cursor::new(trie, root),
            not_sync: PhantomData,
        }
    }

    /// The map that the zipper owns, all of it.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let map = PathMap::from([("tea", 1), ("to", 2)]);
    /// assert_eq!(map.into_write_zipper("te").into_map().len(), 2);
    /// ```
    pub fn into_map(self) -> PathMap<V, K, A> {
        PathMap::from_trie(self.cursor.into_source())
    }

    /// The same zipper, where it is, for reading.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let mut z = PathMap::from([("tea", 1)]).into_write_zipper("te");
    /// z.descend_to("a");
    /// let z = z.into_read_zipper();
    /// assert_eq!(z.val(), Some(&1));
    /// assert_eq!(z.root_prefix_path(), b"te");
    /// ```
    pub fn into_read_zipper(self) -> ReadZipperOwned<V, K, A> {
        ReadZipperOwned::from_cursor(self.cursor)
    }
}

impl<V, K: PtrKind, A: Allocator> AsCursor for WriteZipperOwned<V, K, A> {
    type Source = Trie<V, K, A>;

    fn cursor(&self) -> &Cursor<Self::Source> {
        &self.cursor
    }

    fn cursor_mut(&mut self) -> &mut Cursor<Self::Source> {
        &mut self.cursor
    }
}

impl<V, K: PtrKind, A: Allocator> AsWriteCursor for WriteZipperOwned<V, K, A> {}

impl<V, K: PtrKind, A: Allocator> ZipperForking<V> for WriteZipperOwned<V, K, A> {
    type ReadZipperT<'z>
        = ReadZipper<'z, V, K, A>
    where
        Self: 'z;

    fn fork_read_zipper(&self) -> ReadZipper<'_, V, K, A> {
        ReadZipper::new(self.cursor.source(), self.cursor.origin_path())
    }
}

impl<V, K: PtrKind, A: Allocator + Clone> Clone for WriteZipperOwned<V, K, A> {
    fn clone(&self) -> Self {
        Self {
            cursor: self.cursor.clone(),
            not_sync: PhantomData,
        }
    }
}

impl<V, K: PtrKind, A: Allocator> fmt::Debug for WriteZipperOwned<V, K, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_zipper("WriteZipperOwned", &self.cursor, f)
    }
}

/// Implements, for a zipper that may change its trie, what all of them can do.
macro_rules! writing {
    ($zipper:ty) => {
        impl<V: Clone, K: PtrKind, A: Allocator + Clone> ZipperWriting<V, K, A> for $zipper {
            fn get_val_mut(&mut self) -> Option<&mut V> {
                let (source, path) = self.cursor_mut().release();
                source.value_mut(path)
            }

            fn get_val_or_set_mut_with(&mut self, default: impl FnOnce() -> V) -> &mut V {
                let (source, path) = self.cursor_mut().release();
                source.value_or_insert_with(path, default)
            }

            fn set_val(&mut self, value: impl Into<Option<V>>) -> Option<V> {
                let (source, path) = self.cursor_mut().release();
                source.set_value(path, value.into())
            }

            fn remove_val(&mut self, prune: bool) -> Option<V> {
                let old = self.set_val(None);
                prune_if(self, prune);
                old
            }

            fn create_path(&mut self) -> bool {
                let (trie, path) = self.cursor_mut().edit();
                trie.create(path)
            }

            fn prune_path(&mut self) -> usize {
                let floor = self.cursor().root_len();
                let (trie, path) = self.cursor_mut().edit();
                trie.prune(path, floor)
            }

            fn graft_map(&mut self, map: PathMap<V, K, A>)
            where
                A: SharedAllocator,
            {
                let (trie, path) = self.cursor_mut().edit();
                let subtrie = map.trie.rehome(trie.allocator());
                trie.graft(path, subtrie);
            }

            fn take_map(&mut self, prune: bool) -> Option<PathMap<V, K, A>> {
                if !self.cursor().exists() {
                    return None;
                }
                let (trie, path) = self.cursor_mut().edit();
                let taken = trie.take(path);
                trie.create(path);
                prune_if(self, prune);
                Some(PathMap::from_trie(taken))
            }

            fn graft_child_maps(
                &mut self,
                mask: ByteMask,
                maps: impl IntoIterator<Item = PathMap<V, K, A>>,
                remove_unset: bool,
            ) where
                A: SharedAllocator,
            {
                let mut maps = maps.into_iter();
                let children = mask.iter().map(|byte| {
                    let map = maps.next().filter(|map| !map.is_empty());
                    (byte, map.map(|map| map.trie))
                });
                graft_children(self, children, remove_unset.then_some(mask));
            }

            fn graft_masked_branches(
                &mut self,
                source: &impl ZipperSubtries<V, K, A>,
                mask: ByteMask,
                remove_unset: bool,
            ) where
                A: SharedAllocator,
            {
                let source = source.make_map().trie;
                let children = mask.iter().map(|byte| {
                    let child = source.exists(&[byte]).then(|| source.subtrie(&[byte]));
                    (byte, child)
                });
                graft_children(self, children, remove_unset.then_some(mask));
            }

            fn insert_prefix(&mut self, prefix: impl AsRef<[u8]>) -> bool {
                let prefix = prefix.as_ref();
                if prefix.is_empty() || self.cursor().mask().is_empty_mask() {
                    return prefix.is_empty();
                }
                let (trie, path) = self.cursor_mut().edit();
                let branches = trie.take_branches(path);
                trie.put(&[path, prefix].concat(), branches);
                true
            }

            fn remove_prefix(&mut self, n: usize) -> bool {
                let cursor = self.cursor_mut();
                let up = n.min(cursor.path().len());
                if up > 0 {
                    let (trie, path) = cursor.edit();
                    trie.own_through(path);
                    let branches = trie.take_branches(path);
                    cursor.ascend(up);
                    let (trie, path) = cursor.edit();
                    trie.put_branches(path, branches);
                }
                up == n
            }

            fn remove_branches(&mut self, prune: bool) -> bool {
                let (trie, path) = self.cursor_mut().edit();
                let branches = trie.take_branches(path);
                prune_if(self, prune);
                !branches.is_empty()
            }

            fn remove_unmasked_branches(&mut self, mask: ByteMask, prune: bool) {
                let unmasked = self.cursor().mask() - mask;
                let (trie, path) = self.cursor_mut().edit();
                trie.remove_children(path, unmasked);
                prune_if(self, prune);
            }

            fn zipper_head(&mut self) -> ZipperHead<'_, V, K, A> {
                let (trie, path) = self.cursor_mut().edit();
                ZipperHead::new(trie, path)
            }

            fn join_map_into(&mut self, map: PathMap<V, K, A>) -> AlgebraicStatus
            where
                V: Lattice,
                A: SharedAllocator,
            {
                self.combine(map.trie, &mut algebra::join(), false)
            }

            fn join_into_take<S>(&mut self, source: &mut S, prune: bool) -> AlgebraicStatus
            where
                V: Lattice,
                A: SharedAllocator,
                S: ZipperSubtries<V, K, A> + ZipperWriting<V, K, A>,
            {
                self.combine_take(source, prune)
            }

            fn meet_into(
                &mut self,
                source: &impl ZipperSubtries<V, K, A>,
                prune: bool,
            ) -> AlgebraicStatus
            where
                V: Lattice,
                A: SharedAllocator,
            {
                self.combine(source.make_map().trie, &mut algebra::meet(), prune)
            }

            fn meet_2(
                &mut self,
                a: &impl ZipperSubtries<V, K, A>,
                b: &impl ZipperSubtries<V, K, A>,
            ) -> AlgebraicStatus
            where
                V: Lattice,
                A: SharedAllocator,
            {
                self.replace_by_meet(a.make_map().trie, b.make_map().trie)
            }

            fn subtract_into(
                &mut self,
                source: &impl ZipperSubtries<V, K, A>,
                prune: bool,
            ) -> AlgebraicStatus
            where
                V: DistributiveLattice,
                A: SharedAllocator,
            {
                self.combine(source.make_map().trie, &mut algebra::subtract(), prune)
            }

            fn restrict(&mut self, source: &impl ZipperSubtries<V, K, A>) -> AlgebraicStatus
            where
                A: SharedAllocator,
            {
                self.combine(source.make_map().trie, &mut algebra::Restrict, false)
            }

            fn restricting(&mut self, source: &impl ZipperSubtries<V, K, A>) -> bool
            where
                A: SharedAllocator,
            {
                self.replace_restricted(source.make_map().trie)
            }

            fn join_k_path_into(&mut self, k: usize, prune: bool) -> bool
            where
                V: Lattice,
                A: SharedAllocator,
            {
                self.fold_layer(k, prune, Trie::join_all)
            }

            fn meet_k_path_into(&mut self, k: usize, prune: bool) -> bool
            where
                V: Lattice,
                A: SharedAllocator,
            {
                self.fold_layer(k, prune, meet_all)
            }
        }
    };
}

writing!(WriteZipper<'_, V, K, A>);
writing!(WriteZipperOwned<V, K, A>);
writing!(WriteZipperTracked<'_, V, K, A>);

fn prune_if<V, K: PtrKind, A: Allocator>(zipper: &mut impl ZipperWriting<V, K, A>, prune: bool) {
    if prune {
        zipper.prune_path();
    }
}

/// Replaces children of the focus by byte; those without a subtrie go, and so do those that are not
/// in `only`.
fn graft_children<V, K, A, Z>(
    zipper: &mut Z,
    children: impl Iterator<Item = (u8, Option<Trie<V, K, A>>)>,
    only: Option<ByteMask>,
) where
    Z: AsWriteCursor,
    Z::Source: SourceMut + Source<V = V, K = K, A = A>,
    V: Clone,
    K: PtrKind,
    A: SharedAllocator,
{
    let unset = only.map_or(ByteMask::EMPTY, |only| zipper.cursor().mask() - only);
    let (trie, path) = zipper.cursor_mut().edit();
    let alloc = trie.allocator();
    let children = children.map(|(byte, child)| (byte, child.map(|child| child.rehome(alloc))));
    // All that may panic in the user's code comes before the first change.
    let children: Vec<_> = children.collect();
    trie.own(path);
    for (byte, child) in children {
        trie.graft_child(path, byte, child);
    }
    trie.remove_children(path, unset);
}
