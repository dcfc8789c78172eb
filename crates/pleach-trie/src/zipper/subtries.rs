//! What is below a zipper's focus, as a thing of its own.

use super::{ZipperAbsolutePath, ZipperIteration, ZipperMoving, ZipperValues};
use crate::PathMap;
use pleach_ptr::{Allocator, Global, PtrKind, Slim};

/// A zipper that can be split in two.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
/// use pleach_trie::zipper::*;
///
/// let map = PathMap::from([("te", 0), ("tea", 1)]);
/// let mut z = map.read_zipper();
/// z.descend_to("te");
/// let mut fork = z.fork_read_zipper();
/// assert!(fork.at_root());
/// assert!(fork.descend_first_byte());
/// assert_eq!(fork.path(), b"a");
/// assert_eq!(fork.origin_path(), b"tea");
/// assert_eq!(z.path(), b"te");
/// ```
pub trait ZipperForking<V> {
    /// The type of the new zipper.
    type ReadZipperT<'z>: ZipperAbsolutePath + ZipperIteration + ZipperValues<V>
    where
        Self: 'z;

    /// A zipper whose root is the focus of this one. Time in the length of the path.
    fn fork_read_zipper(&self) -> Self::ReadZipperT<'_>;
}

/// A zipper that can tell what is at and below its focus as a map.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
/// use pleach_trie::zipper::*;
///
/// let map = PathMap::from([("te", 0), ("tea", 1), ("to", 2)]);
/// let te = map.read_zipper_at_path("te").make_map();
/// assert_eq!((te.get(""), te.get("a")), (Some(&0), Some(&1)));
/// assert!(map.read_zipper_at_path("nowhere").make_map().is_empty());
/// ```
pub trait ZipperSubtries<V, K: PtrKind = Slim, A: Allocator = Global>: ZipperMoving {
    /// What is at and below the focus, with the focus as its root; empty off the trie.
    ///
    /// The map shares its nodes with the one the zipper is in. Time in the length of the path.
    fn make_map(&self) -> PathMap<V, K, A>;
}

/// A zipper over nodes in memory, which may be shared.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
/// use pleach_trie::zipper::*;
///
/// let map: PathMap<u32> = (0..1000).map(|n: u32| (n.to_be_bytes(), n)).collect();
/// assert!(!map.read_zipper().is_shared());
/// let snapshot = map.clone();
/// assert!(map.read_zipper().is_shared());
/// assert_eq!(
///     map.read_zipper().shared_node_id(),
///     snapshot.read_zipper().shared_node_id(),
/// );
/// ```
pub trait ZipperConcrete {
    /// Whether the focus is the root of a node with more than one owner.
    fn is_shared(&self) -> bool;

    /// A number that stands for all that is below the focus: two places with the same number lead to
    /// the same nodes, for as long as both maps live unchanged.
    ///
    /// None where that does not pay to remember: inside a node, at a value, and at nodes with one
    /// owner.
    fn shared_node_id(&self) -> Option<u64>;
}
