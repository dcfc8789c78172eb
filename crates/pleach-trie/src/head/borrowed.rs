//! The head of a borrowed map.

use super::door::{Door, Handle};
use super::home::HomeOf;
use super::{AcquireRead, AcquireWrite, Parts, PathConflict};
use crate::raw::Trie;
use crate::zipper::{ReadZipperTracked, WriteZipperTracked};
use pleach_atomic::sync::Mutex;
use pleach_ptr::{Allocator, Global, PtrKind, Slim};
use std::fmt;
use std::time::Duration;

/// Hands out zippers on a borrowed map, to any number of threads: see
/// [`PathMap::zipper_head`](crate::PathMap::zipper_head).
///
/// # Paths
///
/// Two paths are related if one is a prefix of the other; each is to itself. A zipper made for a path
/// *holds* it until it is dropped. While a writer holds a path, related paths can be had neither to
/// write nor to read; while readers hold one, related paths can be had to read. Zippers on unrelated
/// paths never wait for each other. Paths are given, and reported, from the head's root.
///
/// There are three ways to get a path: at once or not at all
/// ([`write_zipper_at_exclusive_path`](Self::write_zipper_at_exclusive_path),
/// [`read_zipper_at_path`](Self::read_zipper_at_path)), by waiting on the thread
/// ([`acquire_write`](Self::acquire_write), with a limit
/// [`acquire_write_timeout`](Self::acquire_write_timeout)), or as a future
/// ([`acquire_write_async`](Self::acquire_write_async)). Those who wait are served in the order of
/// their arrival, as far as their paths exclude each other; who asks for a path at once passes them
/// if it is free. A thread that waits for a path which it holds itself waits for ever.
///
/// # Commits
///
/// A writer works on a draft, which shares all nodes with the map to begin with. Its edits get into
/// the map when it is dropped, all at once, and are seen by zippers that are made afterwards. There
/// is nothing left to do when the head goes, so that a forgotten one loses nothing. What becomes of a
/// writer that panics or is forgotten is told [there](WriteZipperTracked).
///
/// # Cost
///
/// To make a zipper, to drop it and to commit takes a short lock each, and time in the length of the
/// path. A writer that changes one value and looks at nothing copies that value alone. Any other makes
/// its draft when it first looks, which takes a lock, too: it shares the branch it is made of, or
/// copies a part of one leaf where the path ends inside it. A commit copies the nodes on the way to
/// its path that snapshots share. Between making and dropping, a writer touches nothing that other
/// writers touch, but that lock, once, and the counts of nodes that both share. With
/// *n* paths held that branch off from the one that is asked for, finding conflicts takes
/// O(*n* log *n*) comparisons, and each path given back looks at all who wait.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
/// use pleach_trie::zipper::*;
/// use std::thread;
///
/// let mut map = PathMap::new();
/// let head = map.zipper_head();
/// thread::scope(|s| {
///     for shelf in ["fruit/", "tools/"] {
///         let head = &head;
///         s.spawn(move || {
///             let mut z = head.write_zipper_at_exclusive_path(shelf).unwrap();
///             for n in 0..3_u8 {
///                 z.move_to_path([n]);
///                 z.set_val(n);
///             }
///         });
///     }
/// });
/// drop(head);
/// assert_eq!(map.len(), 6);
/// ```
///
/// The map cannot be used while the head is:
///
/// ```compile_fail,E0502
/// use pleach_trie::PathMap;
///
/// let mut map = PathMap::from([("a", 1)]);
/// let head = map.zipper_head();
/// let len = map.len();
/// drop(head);
/// ```
///
/// ```
/// use pleach_trie::PathMap;
///
/// let mut map = PathMap::from([("a", 1)]);
/// let head = map.zipper_head();
/// drop(head);
/// let len = map.len();
/// ```
///
/// Nor can values that must stay on one thread be had through it:
///
/// ```compile_fail,E0277
/// use pleach_trie::PathMap;
/// use std::rc::Rc;
///
/// let mut map = PathMap::from([("a", Rc::new(1))]);
/// let head = map.zipper_head();
/// let z = head.read_zipper();
/// ```
///
/// ```
/// use pleach_trie::PathMap;
/// use std::sync::Arc;
///
/// let mut map = PathMap::from([("a", Arc::new(1))]);
/// let head = map.zipper_head();
/// let z = head.read_zipper();
/// ```
pub struct ZipperHead<'a, V, K: PtrKind = Slim, A: Allocator = Global> {
    door: Door,
    home: Mutex<&'a mut Trie<V, K, A>>,
}

impl<'a, V, K: PtrKind, A: Allocator> ZipperHead<'a, V, K, A> {
    pub(crate) fn new(trie: &'a mut Trie<V, K, A>, root: &[u8]) -> Self {
        Self {
            door: Door::new(root),
            home: Mutex::new(trie),
        }
    }
}

impl<V, K, A> ZipperHead<'_, V, K, A>
where
    V: Clone + Send + Sync,
    K: PtrKind,
    A: Allocator + Clone + Send,
{
    fn parts(&self) -> Parts<'_, V, K, A> {
        let home: HomeOf<'_, V, K, A> = Handle::Borrowed(&self.home);
        let door = Handle::Borrowed(&self.door);
        Parts { door, home }
    }

    /// A zipper that writes at and below `path`, which nobody else has until it is dropped.
    ///
    /// # Errors
    /// If zippers hold paths that are related to this one.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let mut map = PathMap::new();
    /// let head = map.zipper_head();
    /// let mut a = head.write_zipper_at_exclusive_path("a").unwrap();
    /// let mut b = head.write_zipper_at_exclusive_path("b").unwrap();
    /// assert!(head.write_zipper_at_exclusive_path("b/c").is_err());
    /// a.set_val(1);
    /// b.set_val(2);
    /// drop((a, b));
    /// drop(head);
    /// assert_eq!(map.len(), 2);
    /// ```
    pub fn write_zipper_at_exclusive_path(
        &self,
        path: impl AsRef<[u8]>,
    ) -> Result<WriteZipperTracked<'_, V, K, A>, PathConflict> {
        self.parts().try_write(path.as_ref())
    }

    /// A zipper that writes everywhere: the exclusive path is the empty one.
    ///
    /// # Errors
    /// If zippers hold paths.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let mut map = PathMap::new();
    /// let head = map.zipper_head();
    /// let mut z = head.write_zipper().unwrap();
    /// z.set_val(1);
    /// assert!(head.write_zipper_at_exclusive_path("a").is_err());
    /// ```
    pub fn write_zipper(&self) -> Result<WriteZipperTracked<'_, V, K, A>, PathConflict> {
        self.write_zipper_at_exclusive_path([])
    }

    /// A zipper that writes at and below `path`, without asking who else does.
    ///
    /// It costs no search for conflicts, and others do not know of it.
    ///
    /// # Safety
    /// While the zipper lives, no other zipper of this head that writes may have a related path, and
    /// no reader may hold one. (As heads are built today, a breach makes the zipper that is dropped
    /// last win, with its one value or its whole branch, and nothing worse.)
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let mut map = PathMap::new();
    /// let head = map.zipper_head();
    /// for byte in 0..3_u8 {
    ///     // SAFETY: each is dropped before the next is made.
    ///     let mut z = unsafe { head.write_zipper_at_exclusive_path_unchecked([byte]) };
    ///     z.set_val(byte);
    /// }
    /// drop(head);
    /// assert_eq!(map.len(), 3);
    /// ```
    #[allow(
        unsafe_code,
        reason = "the contract asks for a promise; the body is safe"
    )]
    pub unsafe fn write_zipper_at_exclusive_path_unchecked(
        &self,
        path: impl AsRef<[u8]>,
    ) -> WriteZipperTracked<'_, V, K, A> {
        self.parts().write(path.as_ref(), None)
    }

    /// A zipper that reads at and below `path`, where nobody writes until it is dropped.
    ///
    /// # Errors
    /// If writers hold paths that are related to this one.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let mut map = PathMap::from([("ab", 1)]);
    /// let head = map.zipper_head();
    /// let z = head.read_zipper_at_path("ab").unwrap();
    /// let same = head.read_zipper_at_path("ab").unwrap();
    /// assert_eq!((z.val(), same.val()), (Some(&1), Some(&1)));
    /// assert!(head.write_zipper_at_exclusive_path("a").is_err());
    /// ```
    pub fn read_zipper_at_path(
        &self,
        path: impl AsRef<[u8]>,
    ) -> Result<ReadZipperTracked<'_, V, K, A>, PathConflict> {
        self.parts().try_read(path.as_ref())
    }

    /// A zipper that reads the last committed state of everything. It holds no path and is in
    /// nobody's way.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let mut map = PathMap::from([("ab", 1)]);
    /// let head = map.zipper_head();
    /// let mut writer = head.write_zipper().unwrap();
    /// writer.remove_branches(false);
    /// assert_eq!(head.read_zipper().val_count(), 1);
    /// ```
    pub fn read_zipper(&self) -> ReadZipperTracked<'_, V, K, A> {
        self.parts().read(&[], None)
    }

    /// Drops the zipper, and then removes its path, and what is above it up to the head's root, where
    /// they lead to nothing.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let mut map = PathMap::from([("ab", 1)]);
    /// let head = map.zipper_head();
    /// let mut z = head.write_zipper_at_exclusive_path("ab").unwrap();
    /// z.remove_val(true);
    /// head.cleanup_write_zipper(z);
    /// drop(head);
    /// assert!(map.is_empty());
    /// ```
    pub fn cleanup_write_zipper(&self, zipper: WriteZipperTracked<'_, V, K, A>) {
        self.parts().clean_up(zipper);
    }

    /// Waits for `path`, and makes a zipper that writes there.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    /// use std::thread;
    ///
    /// let mut map = PathMap::new();
    /// let head = map.zipper_head();
    /// thread::scope(|s| {
    ///     for _ in 0..4 {
    ///         s.spawn(|| *head.acquire_write("sum").get_val_or_set_mut(0) += 1);
    ///     }
    /// });
    /// drop(head);
    /// assert_eq!(map.get("sum"), Some(&4));
    /// ```
    pub fn acquire_write(&self, path: impl AsRef<[u8]>) -> WriteZipperTracked<'_, V, K, A> {
        self.parts().wait_to_write(path.as_ref())
    }

    /// Waits for `path`, but not longer than `limit`, and makes a zipper that writes there.
    ///
    /// # Errors
    /// If the path is still not to be had then: names the paths in its way, those of earlier waiters
    /// too.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use std::time::Duration;
    ///
    /// let mut map = PathMap::<u32>::new();
    /// let head = map.zipper_head();
    /// let _z = head.acquire_write("ab");
    /// let conflict = head.acquire_write_timeout("a", Duration::from_millis(1)).unwrap_err();
    /// assert_eq!(conflict.conflicting_paths, [b"ab"]);
    /// ```
    pub fn acquire_write_timeout(
        &self,
        path: impl AsRef<[u8]>,
        limit: Duration,
    ) -> Result<WriteZipperTracked<'_, V, K, A>, PathConflict> {
        self.parts().wait_to_write_for(path.as_ref(), limit)
    }

    /// A future of a zipper that writes at `path`. It needs no runtime; a future that is dropped
    /// leaves the queue.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    /// use std::pin::pin;
    /// use std::task::{Context, Poll, Waker};
    ///
    /// let mut map = PathMap::<u32>::new();
    /// let head = map.zipper_head();
    /// let z = head.acquire_write("ab");
    /// let mut next = pin!(head.acquire_write_async("a"));
    /// let mut context = Context::from_waker(Waker::noop());
    /// assert!(next.as_mut().poll(&mut context).is_pending());
    /// drop(z);
    /// let Poll::Ready(mut z) = next.poll(&mut context) else { panic!() };
    /// z.set_val(7);
    /// ```
    pub fn acquire_write_async(&self, path: impl AsRef<[u8]>) -> AcquireWrite<'_, V, K, A> {
        AcquireWrite::new(self.parts(), path.as_ref())
    }

    /// Waits for `path`, and makes a zipper that reads there.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let mut map = PathMap::from([("a", 1)]);
    /// assert_eq!(map.zipper_head().acquire_read("a").val(), Some(&1));
    /// ```
    pub fn acquire_read(&self, path: impl AsRef<[u8]>) -> ReadZipperTracked<'_, V, K, A> {
        self.parts().wait_to_read(path.as_ref())
    }

    /// Waits for `path`, but not longer than `limit`, and makes a zipper that reads there.
    ///
    /// # Errors
    /// If the path is still not to be had then: names the paths in its way, those of earlier waiters
    /// too.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use std::time::Duration;
    ///
    /// let mut map = PathMap::<u32>::new();
    /// let head = map.zipper_head();
    /// let _z = head.acquire_write("ab");
    /// assert!(head.acquire_read_timeout("a", Duration::ZERO).is_err());
    /// assert!(head.acquire_read_timeout("b", Duration::ZERO).is_ok());
    /// ```
    pub fn acquire_read_timeout(
        &self,
        path: impl AsRef<[u8]>,
        limit: Duration,
    ) -> Result<ReadZipperTracked<'_, V, K, A>, PathConflict> {
        self.parts().wait_to_read_for(path.as_ref(), limit)
    }

    /// A future of a zipper that reads at `path`: as
    /// [`acquire_write_async`](Self::acquire_write_async), to read.
    pub fn acquire_read_async(&self, path: impl AsRef<[u8]>) -> AcquireRead<'_, V, K, A> {
        AcquireRead::new(self.parts(), path.as_ref())
    }
}

impl<V, K: PtrKind, A: Allocator> fmt::Debug for ZipperHead<'_, V, K, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ZipperHead")
            .field("door", &self.door)
            .finish_non_exhaustive()
    }
}
