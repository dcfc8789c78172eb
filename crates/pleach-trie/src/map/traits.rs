//! Traits of std for [`PathMap`].

use super::{Iter, PathMap};
use pleach_ptr::{Allocator, PtrKind};
use std::fmt;

impl<V, K: PtrKind, A: Allocator + Clone> Clone for PathMap<V, K, A> {
    /// The same map, in constant time: it shares all nodes, and clones no value.
    fn clone(&self) -> Self {
        Self::from_trie(self.trie.clone())
    }
}

impl<V, K: PtrKind, A: Allocator + Default> Default for PathMap<V, K, A> {
    fn default() -> Self {
        Self::with_kind_in(A::default())
    }
}

impl<V: fmt::Debug, K: PtrKind, A: Allocator> fmt::Debug for PathMap<V, K, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = self.iter().map(|(key, value)| (Literal(key), value));
        f.debug_map().entries(entries).finish()
    }
}

/// Bytes that are shown as a byte-string literal.
pub(crate) struct Literal<T>(pub(crate) T);

impl<T: AsRef<[u8]>> fmt::Debug for Literal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.0.as_ref().escape_ascii())
    }
}

impl<P: AsRef<[u8]>, V: Clone, const N: usize> From<[(P, V); N]> for PathMap<V> {
    fn from(entries: [(P, V); N]) -> Self {
        Self::from_iter(entries)
    }
}

impl<P, V, K, A> FromIterator<(P, V)> for PathMap<V, K, A>
where
    P: AsRef<[u8]>,
    V: Clone,
    K: PtrKind,
    A: Allocator + Default,
{
    /// A map of the entries; of those with the same key, the last stays.
    ///
    /// As long as they come in order, nodes are made bottom up, each once and at its final size: this
    /// is the fastest way to a map.
    fn from_iter<I: IntoIterator<Item = (P, V)>>(entries: I) -> Self {
        let mut map = Self::default();
        map.extend(entries);
        map
    }
}

impl<P, V, K, A> Extend<(P, V)> for PathMap<V, K, A>
where
    P: AsRef<[u8]>,
    V: Clone,
    K: PtrKind,
    A: Allocator,
{
    /// Inserts the entries; of those with the same key, the last stays. An empty map takes those that
    /// come in order as [`from_iter`](Self::from_iter) does.
    fn extend<I: IntoIterator<Item = (P, V)>>(&mut self, entries: I) {
        let mut entries = entries.into_iter().fuse();
        let next = match self.trie.is_empty() {
            true => self.trie.load(&mut entries),
            false => entries.next(),
        };
        for (path, value) in next.into_iter().chain(entries) {
            self.insert(path, value);
        }
    }
}

impl<'a, P, V, K, A> Extend<(&'a P, &'a V)> for PathMap<V, K, A>
where
    P: AsRef<[u8]> + ?Sized,
    V: Copy,
    K: PtrKind,
    A: Allocator,
{
    fn extend<I: IntoIterator<Item = (&'a P, &'a V)>>(&mut self, entries: I) {
        self.extend(entries.into_iter().map(|(path, &value)| (path, value)));
    }
}

impl<'a, V, K: PtrKind, A: Allocator> IntoIterator for &'a PathMap<V, K, A> {
    type Item = (Vec<u8>, &'a V);
    type IntoIter = Iter<'a, V, K, A>;

    fn into_iter(self) -> Iter<'a, V, K, A> {
        self.iter()
    }
}
