//! What maps take of memory, and what of it they share.

use super::PathMap;
use crate::raw::Kind;
use pleach_ptr::{Allocator, PtrKind};
use std::collections::HashSet;
use std::ops::AddAssign;

/// A number of nodes, and what they take of memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Nodes {
    /// How many there are.
    pub count: usize,
    /// Bytes that were asked of the allocator for them.
    pub bytes: usize,
}

impl AddAssign for Nodes {
    fn add_assign(&mut self, more: Self) {
        self.count += more.count;
        self.bytes += more.bytes;
    }
}

/// What one map takes of memory, or several together: see [`PathMap::memory`] and [`Memory::of`].
///
/// Each node is counted once, however many paths and maps lead to it. Bytes are those that were
/// asked of the maps' allocator. What values own elsewhere is not among them, nor is the map itself,
/// nor what [`Standard`](pleach_ptr::Standard) pointers take beside the nodes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Memory {
    /// All nodes.
    pub total: Nodes,
    /// Those that branch up to 48 ways.
    pub sparse: Nodes,
    /// Those that branch up to 256 ways.
    pub wide: Nodes,
    /// Leaves of a few entries with suffixes of any lengths.
    pub bucket: Nodes,
    /// Leaves of entries whose suffixes are one byte.
    pub dense: Nodes,
    /// Those that have more than one owner, or lie below one that has: other maps are owners, and so
    /// are other places of the same map. A change of one of them begins with a copy.
    pub shared: Nodes,
    /// Values in all nodes.
    pub values: usize,
    /// Keys of all maps; `usize::MAX` if there are more. Where branches are shared there can be more
    /// keys than values.
    pub keys: usize,
    /// Nodes from a root to each value, that of the value included.
    steps: usize,
}

impl Memory {
    /// What maps take together, in time linear in their nodes.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::map::Memory;
    ///
    /// let map: PathMap<u32> = (0..10_000_u32).map(|n| (n.to_be_bytes(), n)).collect();
    /// let mut edited = map.clone();
    /// edited.insert(0_u32.to_be_bytes(), 1);
    ///
    /// // Two maps, one of which has a few nodes of its own.
    /// let both = Memory::of([&map, &edited]);
    /// assert!(both.total.bytes < map.memory().total.bytes * 11 / 10);
    /// assert_eq!(both.keys, 20_000);
    /// ```
    pub fn of<'a, V, K, A>(maps: impl IntoIterator<Item = &'a PathMap<V, K, A>>) -> Self
    where
        V: 'a,
        K: PtrKind,
        A: Allocator + 'a,
    {
        let mut memory = Self::default();
        // Whatever two paths lead to is, or lies below, a root or a node of several owners.
        let mut seen = HashSet::new();
        for map in maps {
            memory.keys = memory.keys.saturating_add(map.len());
            map.trie.survey(|node| {
                if (node.joint || node.depth == 0) && !seen.insert(node.id()) {
                    return false;
                }
                let nodes = Nodes {
                    count: 1,
                    bytes: node.bytes(),
                };
                memory.total += nodes;
                *memory.of_kind(node.kind()) += nodes;
                if node.shared {
                    memory.shared += nodes;
                }
                memory.values += node.values();
                memory.steps += (node.depth + 1) * node.values();
                true
            });
        }
        memory
    }

    fn of_kind(&mut self, kind: Kind) -> &mut Nodes {
        match kind {
            Kind::Sparse => &mut self.sparse,
            Kind::Wide => &mut self.wide,
            Kind::Bucket => &mut self.bucket,
            Kind::Dense => &mut self.dense,
        }
    }

    /// Bytes of all nodes, divided by the number of keys; 0 if there are none.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let map: PathMap<u32> = (0..10_000_u32).map(|n| (n.to_be_bytes(), n)).collect();
    /// assert!(map.memory().bytes_per_key() < 5.0);
    /// ```
    pub fn bytes_per_key(&self) -> f64 {
        ratio(self.total.bytes, self.keys)
    }

    /// Nodes that a look-up comes through, in the mean over all values; 0 if there are none.
    ///
    /// Where several paths lead to a value, it is the first in order that counts.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let map: PathMap<u32> = (0..10_000_u32).map(|n| (n.to_be_bytes(), n)).collect();
    /// assert_eq!(map.memory().nodes_per_lookup(), 2.0);
    /// ```
    pub fn nodes_per_lookup(&self) -> f64 {
        ratio(self.steps, self.values)
    }
}

fn ratio(of: usize, to: usize) -> f64 {
    match to {
        0 => 0.0,
        to => of as f64 / to as f64,
    }
}

impl<V, K: PtrKind, A: Allocator> PathMap<V, K, A> {
    /// What the map takes of memory, in time linear in its nodes.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let map: PathMap<()> = (0..1000).map(|n| (format!("key {n}"), ())).collect();
    /// let memory = map.memory();
    /// assert_eq!((memory.keys, memory.shared.count), (1000, 0));
    ///
    /// // A snapshot shares all that there is.
    /// let snapshot = map.clone();
    /// assert_eq!(map.memory().shared, memory.total);
    /// assert_eq!(map.memory().total, snapshot.memory().total);
    /// ```
    pub fn memory(&self) -> Memory {
        Memory::of([self])
    }

    /// The nodes that belong to this map and to `other`, in time linear in the nodes of both.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let map: PathMap<u32> = (0..10_000_u32).map(|n| (n.to_be_bytes(), n)).collect();
    /// let mut edited = map.clone();
    /// edited.insert(0_u32.to_be_bytes(), 1);
    ///
    /// // The way to the key was copied: two nodes.
    /// let shared = map.memory_shared_with(&edited);
    /// assert_eq!(map.memory().total.count - shared.count, 2);
    /// ```
    pub fn memory_shared_with(&self, other: &Self) -> Nodes {
        let apart = [self, other].map(|map| map.memory().total);
        let both = Memory::of([self, other]).total;
        Nodes {
            count: apart[0].count + apart[1].count - both.count,
            bytes: apart[0].bytes + apart[1].bytes - both.bytes,
        }
    }
}
