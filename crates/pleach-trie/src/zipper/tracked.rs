//! Zippers of a head, which hold a path until they are dropped.

use super::cursor::{AsCursor, AsWriteCursor};
use super::read::{entries, fmt_zipper};
use super::{OwnedWitness, ReadZipper, ZipperForking, ZipperReadOnlyConditionalValues};
use crate::head::{Claim, Site};
use crate::iter::Iter;
use crate::raw::{Cursor, Draft, Source, Trie};
use pleach_atomic::thread;
use pleach_ptr::{Allocator, Global, PtrKind, Slim};
use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;

/// A zipper that reads and changes what is at and below an exclusive path of a head: see
/// [`ZipperHead`](super::ZipperHead).
///
/// It works on a draft, which is made when the zipper first looks at something. When it is dropped,
/// its changes get into the map, all at once, and the path is free again. Where the thread panics while
/// it has the zipper, or where the zipper is forgotten, the map stays as it was. Forgotten, the zipper
/// also keeps its path.
///
/// To look, nodes may have to be copied. If a value's `Clone` panics then, no change is lost. To commit,
/// too: if a `Clone` panics then, nothing is committed, the path is free, and the panic goes on from the
/// drop.
///
/// It can be sent to another thread, but not be used by two at a time.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
/// use pleach_trie::zipper::*;
///
/// let mut map = PathMap::from([("ab", 1)]);
/// let head = map.zipper_head();
/// let mut z = head.write_zipper_at_exclusive_path("a").unwrap();
/// z.descend_to("c");
/// z.set_val(2);
/// assert_eq!(head.read_zipper().val_count(), 1);
/// drop(z);
/// assert_eq!(head.read_zipper().val_count(), 2);
/// ```
///
/// It cannot outlive its head, nor be left over when the map is used again:
///
/// ```compile_fail,E0505
/// use pleach_trie::PathMap;
/// use pleach_trie::zipper::*;
///
/// let mut map = PathMap::from([("ab", 1)]);
/// let head = map.zipper_head();
/// let z = head.write_zipper().unwrap();
/// drop(head);
/// ```
///
/// ```
/// use pleach_trie::PathMap;
/// use pleach_trie::zipper::*;
///
/// let mut map = PathMap::from([("ab", 1)]);
/// let head = map.zipper_head();
/// let z = head.write_zipper().unwrap();
/// drop(z);
/// drop(head);
/// ```
pub struct WriteZipperTracked<'h, V, K: PtrKind = Slim, A: Allocator = Global> {
    /// Given back before anything else is dropped.
    claim: Option<Claim<'h>>,
    cursor: Cursor<Draft<Site<'h, V, K, A>>>,
    /// The zipper was made during a panic, which is no reason not to commit.
    panicking: bool,
    not_sync: PhantomData<Cell<()>>,
}

impl<'h, V, K: PtrKind, A: Allocator> WriteZipperTracked<'h, V, K, A> {
    pub(crate) fn new(claim: Option<Claim<'h>>, site: Site<'h, V, K, A>) -> Self {
        let root = site.path().to_vec();
        Self {
            claim,
            cursor: Cursor::rooted(Draft::new(site), root),
            panicking: thread::panicking(),
            not_sync: PhantomData,
        }
    }
}

impl<V, K: PtrKind, A: Allocator> Drop for WriteZipperTracked<'_, V, K, A> {
    /// Commits, unless a panic has begun since the zipper was made.
    fn drop(&mut self) {
        if thread::panicking() && !self.panicking {
            return;
        }
        let (draft, _) = self.cursor.release();
        if let Some((site, change)) = draft.change() {
            let removed = site.commit(change);
            self.claim = None;
            drop(removed);
        }
    }
}

impl<'h, V, K: PtrKind, A: Allocator> AsCursor for WriteZipperTracked<'h, V, K, A> {
    type Source = Draft<Site<'h, V, K, A>>;

    fn cursor(&self) -> &Cursor<Self::Source> {
        &self.cursor
    }

    fn cursor_mut(&mut self) -> &mut Cursor<Self::Source> {
        &mut self.cursor
    }
}

impl<V, K: PtrKind, A: Allocator> AsWriteCursor for WriteZipperTracked<'_, V, K, A> {}

impl<V, K: PtrKind, A: Allocator> ZipperForking<V> for WriteZipperTracked<'_, V, K, A> {
    type ReadZipperT<'z>
        = ReadZipper<'z, V, K, A>
    where
        Self: 'z;

    fn fork_read_zipper(&self) -> ReadZipper<'_, V, K, A> {
        ReadZipper::new(self.cursor.source().trie(), self.cursor.origin_path())
    }
}

impl<V, K: PtrKind, A: Allocator> fmt::Debug for WriteZipperTracked<'_, V, K, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_zipper("WriteZipperTracked", &self.cursor, f)
    }
}

/// A zipper that reads the map of a head as it was when the zipper was made: see
/// [`ZipperHead`](super::ZipperHead).
///
/// It keeps its path free of writers until it and its clones are dropped, but for those that
/// [`read_zipper`](super::ZipperHead::read_zipper) makes, which hold no path. Values live as long as
/// the zipper stays where it is ([`val`](super::ZipperValues::val)) or as long as a
/// [witness](ZipperReadOnlyConditionalValues).
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
/// use pleach_trie::zipper::*;
///
/// let mut map = PathMap::from([("ab", 1)]);
/// let head = map.zipper_head();
/// let z = head.read_zipper_at_path("ab").unwrap();
/// let witness = z.witness();
/// let value = z.get_val_with_witness(&witness);
/// drop(z);
/// drop(head);
/// map.clear();
/// assert_eq!(value, Some(&1));
/// ```
///
/// A value does not outlive the zipper by itself:
///
/// ```compile_fail,E0505
/// use pleach_trie::PathMap;
/// use pleach_trie::zipper::*;
///
/// let mut map = PathMap::from([("ab", 1)]);
/// let head = map.zipper_head();
/// let z = head.read_zipper_at_path("ab").unwrap();
/// let value = z.val();
/// drop(z);
/// assert_eq!(value, Some(&1));
/// ```
///
/// ```
/// use pleach_trie::PathMap;
/// use pleach_trie::zipper::*;
///
/// let mut map = PathMap::from([("ab", 1)]);
/// let head = map.zipper_head();
/// let z = head.read_zipper_at_path("ab").unwrap();
/// let value = z.val();
/// assert_eq!(value, Some(&1));
/// drop(z);
/// ```
pub struct ReadZipperTracked<'h, V, K: PtrKind = Slim, A: Allocator = Global> {
    /// Given back before the snapshot is dropped.
    claim: Option<Claim<'h>>,
    cursor: Cursor<Trie<V, K, A>>,
}

impl<'h, V, K: PtrKind, A: Allocator> ReadZipperTracked<'h, V, K, A> {
    pub(crate) fn new(claim: Option<Claim<'h>>, trie: Trie<V, K, A>, root: &[u8]) -> Self {
        let cursor = Cursor::new(trie, root);
        Self { claim, cursor }
    }
}

impl<V, K: PtrKind, A: Allocator> AsCursor for ReadZipperTracked<'_, V, K, A> {
    type Source = Trie<V, K, A>;

    fn cursor(&self) -> &Cursor<Self::Source> {
        &self.cursor
    }

    fn cursor_mut(&mut self) -> &mut Cursor<Self::Source> {
        &mut self.cursor
    }
}

impl<V, K: PtrKind, A: Allocator> ZipperForking<V> for ReadZipperTracked<'_, V, K, A> {
    type ReadZipperT<'z>
        = ReadZipper<'z, V, K, A>
    where
        Self: 'z;

    fn fork_read_zipper(&self) -> ReadZipper<'_, V, K, A> {
        ReadZipper::new(self.cursor.source(), self.cursor.origin_path())
    }
}

impl<'h, V, K: PtrKind, A: Allocator + Clone> ZipperReadOnlyConditionalValues<V>
    for ReadZipperTracked<'h, V, K, A>
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
    ) -> impl Iterator<Item = (Vec<u8>, &'w V)> + use<'w, 'h, V, K, A>
    where
        V: 'w,
    {
        let trie = witness.vouch(&self.cursor);
        trie.map_or_else(Iter::default, |trie| entries(&self.cursor, trie))
    }
}

impl<V, K: PtrKind, A: Allocator + Clone> Clone for ReadZipperTracked<'_, V, K, A> {
    fn clone(&self) -> Self {
        Self {
            claim: self.claim.as_ref().map(Claim::join),
            cursor: self.cursor.clone(),
        }
    }
}

impl<V, K: PtrKind, A: Allocator> fmt::Debug for ReadZipperTracked<'_, V, K, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_zipper("ReadZipperTracked", &self.cursor, f)
    }
}
