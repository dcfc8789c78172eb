//! Changing a map where a zipper is.

use super::{ZipperHead, ZipperMoving, ZipperSubtries};
use crate::algebra::{AlgebraicStatus, DistributiveLattice, Lattice};
use crate::{ByteMask, PathMap};
use pleach_ptr::{Allocator, Global, PtrKind, SharedAllocator, Slim};

/// A zipper that changes the map at and below its focus.
///
/// Where a method takes `prune`, `true` is the same as calling it with `false` and then
/// [`prune_path`](Self::prune_path). Pruning stops at the zipper's root, which it never removes.
///
/// A change copies the nodes from the map's root to the focus that other maps share, and no others.
/// Nodes that come from another map are shared with it if its allocator is
/// [the same](SharedAllocator::same), and copied value by value if not.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
/// use pleach_trie::zipper::*;
///
/// let mut map = PathMap::from([("draft/a", 1), ("draft/b", 2)]);
/// let mut z = map.write_zipper();
/// z.descend_to("draft/");
/// let draft = z.take_map(true).unwrap();
/// z.move_to_path("final/");
/// z.graft_map(draft);
/// assert!(map.keys().eq([b"final/a", b"final/b"]));
/// ```
pub trait ZipperWriting<V, K: PtrKind = Slim, A: Allocator = Global>: ZipperMoving {
    /// The value at the focus, to change.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let mut map = PathMap::from([("a", 1)]);
    /// *map.write_zipper_at_path("a").get_val_mut().unwrap() += 1;
    /// assert_eq!(map.get("a"), Some(&2));
    /// ```
    fn get_val_mut(&mut self) -> Option<&mut V>;

    /// The value at the focus, to change; `default` if there was none.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let mut map = PathMap::new();
    /// *map.write_zipper_at_path("a").get_val_or_set_mut(1) += 1;
    /// assert_eq!(map.get("a"), Some(&2));
    /// ```
    fn get_val_or_set_mut(&mut self, default: V) -> &mut V {
        self.get_val_or_set_mut_with(|| default)
    }

    /// The value at the focus, to change; made by `default` if there was none, which is not called
    /// otherwise.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let mut map = PathMap::new();
    /// let mut z = map.write_zipper_at_path("a");
    /// z.get_val_or_set_mut_with(Vec::new).push(1);
    /// z.get_val_or_set_mut_with(|| unreachable!()).push(2);
    /// assert_eq!(map.get("a"), Some(&vec![1, 2]));
    /// ```
    fn get_val_or_set_mut_with(&mut self, default: impl FnOnce() -> V) -> &mut V;

    /// Sets the value at the focus and returns the one it replaces. `None` takes the value out, as
    /// [`remove_val(false)`](Self::remove_val) does, and makes no location.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let mut map = PathMap::new();
    /// let mut z = map.write_zipper_at_path("a");
    /// assert_eq!(z.set_val(1), None);
    /// assert_eq!(z.set_val(Some(2)), Some(1));
    /// assert_eq!(z.set_val(None), Some(2));
    /// assert!(!z.is_val() && z.path_exists());
    /// ```
    fn set_val(&mut self, value: impl Into<Option<V>>) -> Option<V>;

    /// Takes the value at the focus out.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let mut map = PathMap::from([("abc", 1)]);
    /// let mut z = map.write_zipper_at_path("a");
    /// z.descend_to("bc");
    /// assert_eq!(z.remove_val(true), Some(1));
    /// assert!(map.path_exists_at("a") && !map.path_exists_at("ab"));
    /// ```
    fn remove_val(&mut self, prune: bool) -> Option<V>;

    /// Makes the focus a location; true if it was none.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let mut map = PathMap::<()>::new();
    /// assert!(map.write_zipper_at_path("a").create_path());
    /// assert!(map.path_exists_at("a"));
    /// ```
    fn create_path(&mut self) -> bool;

    /// Removes the focus from the map if it has neither a value nor children, and the locations
    /// between it and the root that are left with neither; returns how many went. The zipper does
    /// not move.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let mut map = PathMap::from([("a", 1)]);
    /// map.create_path("abc");
    /// let mut z = map.write_zipper();
    /// z.descend_to("abc");
    /// assert_eq!(z.prune_path(), 2);
    /// assert_eq!(z.path(), b"abc");
    /// ```
    fn prune_path(&mut self) -> usize;

    /// As [`prune_path`](Self::prune_path), and moves up to what is left.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let mut map = PathMap::from([("a", 1)]);
    /// map.create_path("abc");
    /// let mut z = map.write_zipper();
    /// z.descend_to("abc");
    /// assert_eq!(z.prune_ascend(), 2);
    /// assert_eq!(z.path(), b"a");
    /// ```
    fn prune_ascend(&mut self) -> usize {
        let pruned = self.prune_path();
        self.ascend(pruned);
        pruned
    }

    /// Replaces what is at and below the focus, value included, with what is at and below the focus
    /// of `source`.
    ///
    /// Where the source has nothing, a focus that is a location stays one, without a value or
    /// children.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let source = PathMap::from([("x", 1), ("xy", 2)]);
    /// let mut map = PathMap::from([("k", 5), ("kk", 6)]);
    /// map.write_zipper_at_path("k").graft(&source.read_zipper_at_path("x"));
    /// assert!(map.iter().eq([(b"k".to_vec(), &1), (b"ky".to_vec(), &2)]));
    /// ```
    fn graft(&mut self, source: &impl ZipperSubtries<V, K, A>)
    where
        A: SharedAllocator,
    {
        self.graft_map(source.make_map());
    }

    /// Replaces what is at and below the focus, value included, with `map`.
    ///
    /// Where the map is empty, a focus that is a location stays one, without a value or children.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let mut map = PathMap::from([("k", 5)]);
    /// map.write_zipper_at_path("k").graft_map(PathMap::single("x", 1));
    /// assert!(map.keys().eq([b"kx"]));
    /// ```
    fn graft_map(&mut self, map: PathMap<V, K, A>)
    where
        A: SharedAllocator;

    /// Moves what is at and below the focus out, as a map; none if the focus is not a location.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let mut map = PathMap::from([("te", 0), ("tea", 1), ("to", 2)]);
    /// let taken = map.write_zipper_at_path("te").take_map(false).unwrap();
    /// assert_eq!((taken.get(""), taken.get("a")), (Some(&0), Some(&1)));
    /// assert_eq!(map.len(), 1);
    /// ```
    fn take_map(&mut self, prune: bool) -> Option<PathMap<V, K, A>>;

    /// Replaces the children of the focus in `mask`, each with one of `maps`, in order. Other
    /// children stay, or go if `remove_unset`.
    ///
    /// A child whose map is empty goes; so do those for which no map is left.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let mut map = PathMap::from([("a", 1), ("b", 2), ("c", 3)]);
    /// let maps = [PathMap::single("x", 4)];
    /// map.write_zipper().graft_child_maps(ByteMask::from_iter(*b"ab"), maps, false);
    /// assert!(map.keys().eq([&b"ax"[..], b"c"]));
    /// ```
    fn graft_child_maps(
        &mut self,
        mask: ByteMask,
        maps: impl IntoIterator<Item = PathMap<V, K, A>>,
        remove_unset: bool,
    ) where
        A: SharedAllocator;

    /// Replaces the children of the focus in `mask`, each with the child of the focus of `source`
    /// under the same byte. Other children stay, or go if `remove_unset`.
    ///
    /// A child that the source does not have goes.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let source = PathMap::from([("ax", 4), ("cx", 5)]);
    /// let mut map = PathMap::from([("a", 1), ("b", 2), ("c", 3)]);
    /// let mask = ByteMask::from(b'a'..=b'b');
    /// map.write_zipper().graft_masked_branches(&source.read_zipper(), mask, false);
    /// assert!(map.keys().eq([&b"ax"[..], b"c"]));
    /// ```
    fn graft_masked_branches(
        &mut self,
        source: &impl ZipperSubtries<V, K, A>,
        mask: ByteMask,
        remove_unset: bool,
    ) where
        A: SharedAllocator;

    /// Moves all that is below the focus to below `prefix` from the focus; false if there is nothing
    /// to move. An empty prefix changes nothing and is true. The value at the focus stays.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let mut map = PathMap::from([("a", 1), ("ab", 2)]);
    /// assert!(map.write_zipper_at_path("a").insert_prefix("xy"));
    /// assert!(map.keys().eq([&b"a"[..], b"axyb"]));
    /// ```
    fn insert_prefix(&mut self, prefix: impl AsRef<[u8]>) -> bool;

    /// Moves up `n` bytes and takes all that is below the focus along, in place of all that is below
    /// the new focus, whose value stays. False if the root is nearer than that: the zipper moves to
    /// the root.
    ///
    /// The value at the old focus is lost.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let mut map = PathMap::from([("ab", 1), ("abc", 2), ("ax", 3)]);
    /// let mut z = map.write_zipper();
    /// z.descend_to("ab");
    /// assert!(z.remove_prefix(1));
    /// assert_eq!(z.path(), b"a");
    /// assert!(map.keys().eq([b"ac"]));
    /// ```
    fn remove_prefix(&mut self, n: usize) -> bool;

    /// Removes all that is below the focus; true if there was anything. The value at the focus stays.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let mut map = PathMap::from([("a", 1), ("ab", 2)]);
    /// assert!(map.write_zipper_at_path("a").remove_branches(false));
    /// assert!(map.keys().eq([b"a"]));
    /// ```
    fn remove_branches(&mut self, prune: bool) -> bool;

    /// Removes the children of the focus that are not in `mask`, and all that is below them.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let mut map = PathMap::from([("a", 1), ("b", 2), ("c", 3)]);
    /// map.write_zipper().remove_unmasked_branches(ByteMask::from(b'b'), false);
    /// assert!(map.keys().eq([b"b"]));
    /// ```
    fn remove_unmasked_branches(&mut self, mask: ByteMask, prune: bool);

    /// A head: it hands out zippers on what is at and below the focus to several threads at a time.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let mut map = PathMap::new();
    /// let mut z = map.write_zipper_at_path("te");
    /// let head = z.zipper_head();
    /// std::thread::scope(|s| {
    ///     s.spawn(|| head.write_zipper_at_exclusive_path("a").unwrap().set_val(1));
    ///     s.spawn(|| head.write_zipper_at_exclusive_path("n").unwrap().set_val(2));
    /// });
    /// drop(head);
    /// assert!(map.keys().eq([b"tea", b"ten"]));
    /// ```
    fn zipper_head(&mut self) -> ZipperHead<'_, V, K, A>;

    /// Joins what is at and below the focus of `source` into what is at and below this focus: see
    /// [`PathMap::join`]. Where the focus is no location, this is [`graft`](Self::graft).
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::algebra::AlgebraicStatus;
    /// use pleach_trie::zipper::*;
    ///
    /// let source = PathMap::from([("a", 10), ("b", 20)]);
    /// let mut map = PathMap::from([("k/a", 1)]);
    /// let mut z = map.write_zipper_at_path("k/");
    /// assert_eq!(z.join_into(&source.read_zipper()), AlgebraicStatus::Element);
    /// assert_eq!(z.join_into(&source.read_zipper()), AlgebraicStatus::Identity);
    /// drop(z);
    /// assert_eq!(map, PathMap::from([("k/a", 1), ("k/b", 20)]));
    /// ```
    fn join_into(&mut self, source: &impl ZipperSubtries<V, K, A>) -> AlgebraicStatus
    where
        V: Lattice,
        A: SharedAllocator,
    {
        self.join_map_into(source.make_map())
    }

    /// Joins a map into what is at and below the focus: see [`PathMap::join`].
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let mut map = PathMap::from([("k", 1)]);
    /// map.write_zipper_at_path("k").join_map_into(PathMap::from([("", 10), ("a", 20)]));
    /// assert_eq!(map, PathMap::from([("k", 1), ("ka", 20)]));
    /// ```
    fn join_map_into(&mut self, map: PathMap<V, K, A>) -> AlgebraicStatus
    where
        V: Lattice,
        A: SharedAllocator;

    /// As [`join_into`](Self::join_into), and takes what was joined out of the map of `source`, as
    /// [`take_map(prune)`](Self::take_map) there does.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let mut source = PathMap::from([("a", 1), ("x", 2)]);
    /// let mut map = PathMap::new();
    /// let mut from = source.write_zipper_at_path("a");
    /// map.write_zipper_at_path("k").join_into_take(&mut from, true);
    /// drop(from);
    /// assert!(map.keys().eq([b"k"]) && source.keys().eq([b"x"]));
    /// ```
    fn join_into_take<Z>(&mut self, source: &mut Z, prune: bool) -> AlgebraicStatus
    where
        V: Lattice,
        A: SharedAllocator,
        Z: ZipperSubtries<V, K, A> + ZipperWriting<V, K, A>;

    /// Keeps what is also at and below the focus of `source`: see [`PathMap::meet`].
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let source = PathMap::from([("a", 10), ("b", 20)]);
    /// let mut map = PathMap::from([("k/a", 1), ("k/c", 3)]);
    /// map.write_zipper_at_path("k/").meet_into(&source.read_zipper(), true);
    /// assert_eq!(map, PathMap::from([("k/a", 1)]));
    /// ```
    fn meet_into(&mut self, source: &impl ZipperSubtries<V, K, A>, prune: bool) -> AlgebraicStatus
    where
        V: Lattice,
        A: SharedAllocator;

    /// Replaces what is at and below the focus by the meet of what is at and below two others.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let a = PathMap::from([("a", 1), ("b", 2)]);
    /// let b = PathMap::from([("b", 20), ("c", 30)]);
    /// let mut map = PathMap::new();
    /// map.write_zipper_at_path("k/").meet_2(&a.read_zipper(), &b.read_zipper());
    /// assert_eq!(map, PathMap::from([("k/b", 2)]));
    /// ```
    fn meet_2(
        &mut self,
        a: &impl ZipperSubtries<V, K, A>,
        b: &impl ZipperSubtries<V, K, A>,
    ) -> AlgebraicStatus
    where
        V: Lattice,
        A: SharedAllocator;

    /// Subtracts what is at and below the focus of `source`: see [`PathMap::subtract`].
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let source = PathMap::from([("a", 1)]);
    /// let mut map = PathMap::from([("k/a", 1), ("k/c", 3)]);
    /// map.write_zipper_at_path("k/").subtract_into(&source.read_zipper(), true);
    /// assert_eq!(map, PathMap::from([("k/c", 3)]));
    /// ```
    fn subtract_into(
        &mut self,
        source: &impl ZipperSubtries<V, K, A>,
        prune: bool,
    ) -> AlgebraicStatus
    where
        V: DistributiveLattice,
        A: SharedAllocator;

    /// Keeps what is at or below a value of `source`: see [`PathMap::restrict`].
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let source = PathMap::from([("a", 0)]);
    /// let mut map = PathMap::from([("k/ab", 1), ("k/c", 3)]);
    /// map.write_zipper_at_path("k/").restrict(&source.read_zipper());
    /// assert_eq!(map, PathMap::from([("k/ab", 1)]));
    /// ```
    fn restrict(&mut self, source: &impl ZipperSubtries<V, K, A>) -> AlgebraicStatus
    where
        A: SharedAllocator;

    /// Replaces what is at and below the focus by what `source` has at or below values of the focus;
    /// false if the focus is not a location, which changes nothing.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let source = PathMap::from([("ab", 1), ("c", 3)]);
    /// let mut map = PathMap::from([("k/a", 0), ("k/x", 0)]);
    /// assert!(map.write_zipper_at_path("k/").restricting(&source.read_zipper()));
    /// assert_eq!(map, PathMap::from([("k/ab", 1)]));
    /// ```
    fn restricting(&mut self, source: &impl ZipperSubtries<V, K, A>) -> bool
    where
        A: SharedAllocator;

    /// Takes the first `k` bytes off every path below the focus, and joins what then has the same
    /// path, what came first first. True if anything is below the focus afterwards.
    ///
    /// Paths of no more than `k` bytes go, and so do their values; the value at the focus stays. With
    /// `k` = 0 nothing changes.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let mut map = PathMap::from([("abc", 1), ("abcde", 2), ("axd", 3), ("q", 4)]);
    /// assert!(map.write_zipper().join_k_path_into(1, false));
    /// assert_eq!(map, PathMap::from([("bc", 1), ("bcde", 2), ("xd", 3)]));
    /// ```
    fn join_k_path_into(&mut self, k: usize, prune: bool) -> bool
    where
        V: Lattice,
        A: SharedAllocator;

    /// As [`join_k_path_into`](Self::join_k_path_into), but keeps only what is below every location
    /// `k` bytes down.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let mut map = PathMap::from([("ax", 1), ("ay", 2), ("bx", 3), ("by", 4), ("cy", 5)]);
    /// assert!(map.write_zipper().meet_k_path_into(1, false));
    /// assert_eq!(map, PathMap::from([("y", 2)]));
    /// ```
    fn meet_k_path_into(&mut self, k: usize, prune: bool) -> bool
    where
        V: Lattice,
        A: SharedAllocator;
}
