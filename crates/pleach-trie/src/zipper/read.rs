//! Zippers that read, and their witnesses.

use super::cursor::AsCursor;
use super::{ZipperForking, ZipperReadOnlyConditionalValues};
use crate::PathMap;
use crate::iter::Iter;
use crate::map::Literal;
use crate::raw::{Cursor, Source, Trie};
use pleach_ptr::{Allocator, Global, PtrKind, Slim};
use std::fmt;
use std::marker::PhantomData;

/// A zipper that reads a borrowed map: see [`PathMap::read_zipper`].
///
/// Its values live as long as the borrow. It can be cloned, and sent to and shared with other
/// threads if the values can.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
/// use pleach_trie::zipper::*;
///
/// let map = PathMap::from([("tea", 1), ("ten", 2)]);
/// let mut z = map.read_zipper();
/// assert_eq!(z.to_next_get_val(), Some(&1));
/// ```
pub struct ReadZipper<'a, V, K: PtrKind = Slim, A: Allocator = Global> {
    cursor: Cursor<&'a Trie<V, K, A>>,
}

impl<'a, V, K: PtrKind, A: Allocator> ReadZipper<'a, V, K, A> {
    pub(crate) fn new(trie: &'a Trie<V, K, A>, root: &[u8]) -> Self {
        let cursor = Cursor::new(trie, root);
        Self { cursor }
    }
}

impl<'a, V, K: PtrKind, A: Allocator> AsCursor for ReadZipper<'a, V, K, A> {
    type Source = &'a Trie<V, K, A>;

    fn cursor(&self) -> &Cursor<Self::Source> {
        &self.cursor
    }

    fn cursor_mut(&mut self) -> &mut Cursor<Self::Source> {
        &mut self.cursor
    }
}

impl<'a, V, K: PtrKind, A: Allocator> ZipperForking<V> for ReadZipper<'a, V, K, A> {
    /// A zipper that lives as long as the map's borrow, not only as long as this zipper's.
    type ReadZipperT<'z>
        = ReadZipper<'a, V, K, A>
    where
        Self: 'z;

    fn fork_read_zipper(&self) -> Self {
        Self::new(self.cursor.source(), self.cursor.origin_path())
    }
}

/// The witness of a [`ReadZipper`]: the lifetime of the map's borrow, and nothing else.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
/// use pleach_trie::zipper::*;
///
/// let map = PathMap::from([("", "value")]);
/// let z = map.read_zipper();
/// let witness: Witness<'_> = z.witness();
/// assert_eq!(z.get_val_with_witness(&witness), Some(&"value"));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Witness<'a> {
    map: PhantomData<&'a ()>,
}

impl<'a, V, K: PtrKind, A: Allocator> ZipperReadOnlyConditionalValues<V>
    for ReadZipper<'a, V, K, A>
{
    type Witness = Witness<'a>;

    fn witness(&self) -> Witness<'a> {
        Witness { map: PhantomData }
    }

    fn get_val_with_witness<'w>(&self, _witness: &'w Witness<'a>) -> Option<&'w V> {
        self.cursor.get()
    }

    fn iter_with_witness<'w>(
        &self,
        _witness: &'w Witness<'a>,
    ) -> impl Iterator<Item = (Vec<u8>, &'w V)> + use<'w, 'a, V, K, A>
    where
        V: 'w,
    {
        entries(&self.cursor, self.cursor.source())
    }
}

impl<V, K: PtrKind, A: Allocator> Clone for ReadZipper<'_, V, K, A> {
    fn clone(&self) -> Self {
        let cursor = self.cursor.clone();
        Self { cursor }
    }
}

impl<V, K: PtrKind, A: Allocator> fmt::Debug for ReadZipper<'_, V, K, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_zipper("ReadZipper", &self.cursor, f)
    }
}

/// A zipper that reads a map of its own: see [`PathMap::into_read_zipper`].
///
/// A clone shares the map, as a clone of the map would.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
/// use pleach_trie::zipper::*;
///
/// let mut map = PathMap::from([("tea", 1), ("ten", 2)]);
/// let z = map.clone().into_read_zipper("te");
/// map.clear();
/// assert_eq!(z.val_count(), 2);
/// ```
pub struct ReadZipperOwned<V, K: PtrKind = Slim, A: Allocator = Global> {
    cursor: Cursor<Trie<V, K, A>>,
}

impl<V, K: PtrKind, A: Allocator> ReadZipperOwned<V, K, A> {
    pub(crate) fn new(trie: Trie<V, K, A>, root: &[u8]) -> Self {
        let cursor = Cursor::new(trie, root);
        Self { cursor }
    }

    pub(super) fn from_cursor(cursor: Cursor<Trie<V, K, A>>) -> Self {
        Self { cursor }
    }

    /// The map that the zipper owns, all of it.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let map = PathMap::from([("tea", 1), ("to", 2)]);
    /// assert_eq!(map.into_read_zipper("te").into_map().len(), 2);
    /// ```
    pub fn into_map(self) -> PathMap<V, K, A> {
        PathMap::from_trie(self.cursor.into_source())
    }
}

impl<V, K: PtrKind, A: Allocator> AsCursor for ReadZipperOwned<V, K, A> {
    type Source = Trie<V, K, A>;

    fn cursor(&self) -> &Cursor<Self::Source> {
        &self.cursor
    }

    fn cursor_mut(&mut self) -> &mut Cursor<Self::Source> {
        &mut self.cursor
    }
}

impl<V, K: PtrKind, A: Allocator> ZipperForking<V> for ReadZipperOwned<V, K, A> {
    type ReadZipperT<'z>
        = ReadZipper<'z, V, K, A>
    where
        Self: 'z;

    fn fork_read_zipper(&self) -> ReadZipper<'_, V, K, A> {
        ReadZipper::new(self.cursor.source(), self.cursor.origin_path())
    }
}

/// The witness of a [`ReadZipperOwned`] or a [`ReadZipperTracked`](super::ReadZipperTracked): a share
/// of its map.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
/// use pleach_trie::zipper::*;
///
/// let z = PathMap::from([("", "value")]).into_read_zipper("");
/// let other = PathMap::from([("", "value")]).into_read_zipper("");
/// let witness: OwnedWitness<_> = z.witness();
/// assert_eq!(z.get_val_with_witness(&witness), Some(&"value"));
/// assert_eq!(other.get_val_with_witness(&witness), None);
/// ```
pub struct OwnedWitness<V, K: PtrKind = Slim, A: Allocator = Global> {
    trie: Trie<V, K, A>,
}

impl<V, K: PtrKind, A: Allocator> OwnedWitness<V, K, A> {
    pub(super) fn new(trie: Trie<V, K, A>) -> Self {
        Self { trie }
    }

    /// The trie, if it is the one of `cursor`.
    pub(super) fn vouch(&self, cursor: &Cursor<Trie<V, K, A>>) -> Option<&Trie<V, K, A>> {
        self.trie.ptr_eq(cursor.source()).then_some(&self.trie)
    }
}

impl<V, K: PtrKind, A: Allocator + Clone> ZipperReadOnlyConditionalValues<V>
    for ReadZipperOwned<V, K, A>
{
    type Witness = OwnedWitness<V, K, A>;

    fn witness(&self) -> OwnedWitness<V, K, A> {
        OwnedWitness::new(self.cursor.source().clone())
    }

    fn get_val_with_witness<'w>(&self, witness: &'w OwnedWitness<V, K, A>) -> Option<&'w V> {
        witness.vouch(&self.cursor)?.get(self.cursor.origin_path())
    }

    fn iter_with_witness<'w>(
        &self,
        witness: &'w OwnedWitness<V, K, A>,
    ) -> impl Iterator<Item = (Vec<u8>, &'w V)> + use<'w, V, K, A>
    where
        V: 'w,
    {
        let trie = witness.vouch(&self.cursor);
        trie.map_or_else(Iter::default, |trie| entries(&self.cursor, trie))
    }
}

impl<V, K: PtrKind, A: Allocator + Clone> Clone for OwnedWitness<V, K, A> {
    fn clone(&self) -> Self {
        let trie = self.trie.clone();
        Self { trie }
    }
}

impl<V, K: PtrKind, A: Allocator> fmt::Debug for OwnedWitness<V, K, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnedWitness").finish_non_exhaustive()
    }
}

impl<V, K: PtrKind, A: Allocator + Clone> Clone for ReadZipperOwned<V, K, A> {
    fn clone(&self) -> Self {
        let cursor = self.cursor.clone();
        Self { cursor }
    }
}

impl<V, K: PtrKind, A: Allocator> fmt::Debug for ReadZipperOwned<V, K, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_zipper("ReadZipperOwned", &self.cursor, f)
    }
}

/// What `trie` has at and below the focus of `cursor`, with keys from the cursor's root.
pub(super) fn entries<'w, V, K: PtrKind, A: Allocator>(
    cursor: &Cursor<impl Source>,
    trie: &'w Trie<V, K, A>,
) -> Iter<'w, V, K, A> {
    Iter::new(trie, cursor.origin_path(), cursor.root_len())
}

/// Shows where a zipper is.
pub(super) fn fmt_zipper<S: Source>(
    name: &str,
    cursor: &Cursor<S>,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let (root, path) = cursor.origin_path().split_at(cursor.root_len());
    f.debug_struct(name)
        .field("root", &Literal(root))
        .field("path", &Literal(path))
        .field("path_exists", &cursor.exists())
        .finish_non_exhaustive()
}
