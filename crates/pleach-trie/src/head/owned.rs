//! The head that owns its map.

use super::door::{Door, Handle};
use super::home::HomeOf;
use super::{AcquireRead, AcquireWrite, Parts, PathConflict};
use crate::PathMap;
use crate::raw::Trie;
use crate::zipper::{ReadZipperTracked, WriteZipperTracked};
use pleach_atomic::sync::Mutex;
use pleach_ptr::{Allocator, Global, PtrKind, Slim};
use std::fmt;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

/// A [`ZipperHead`](super::ZipperHead) that owns its map: see
/// [`PathMap::into_zipper_head`](crate::PathMap::into_zipper_head).
///
/// It is a handle, and its clones are handles on the same map. Zippers borrow nothing of it: they can
/// be sent to threads and tasks that outlive whoever made them. What holds for paths, commits and
/// cost holds here too.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
/// use pleach_trie::zipper::*;
/// use std::thread;
///
/// let head = PathMap::from([("seed", 0)]).into_zipper_head("");
/// let mut z = head.write_zipper_at_exclusive_path("a").unwrap();
/// let writer = thread::spawn(move || {
///     z.set_val(1);
/// });
/// writer.join().unwrap();
/// let map = head.try_into_map().unwrap();
/// assert_eq!(map.get("a"), Some(&1));
/// ```
pub struct ZipperHeadOwned<V, K: PtrKind = Slim, A: Allocator = Global> {
    door: Arc<Door>,
    home: Arc<Mutex<Trie<V, K, A>>>,
}

impl<V, K: PtrKind, A: Allocator> ZipperHeadOwned<V, K, A> {
    pub(crate) fn new(trie: Trie<V, K, A>, root: &[u8]) -> Self {
        Self {
            door: Arc::new(Door::new(root)),
            home: Arc::new(Mutex::new(trie)),
        }
    }

    /// The whole map, if this is the last handle and no zipper that holds a path is left.
    ///
    /// # Errors
    /// Gives the handle back if there are others, or zippers.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let head = PathMap::from([("a", 1)]).into_zipper_head("");
    /// let other = head.clone();
    /// let head = head.try_into_map().unwrap_err();
    /// drop(other);
    /// assert_eq!(head.try_into_map().unwrap().len(), 1);
    /// ```
    pub fn try_into_map(mut self) -> Result<PathMap<V, K, A>, Self> {
        if Arc::get_mut(&mut self.door).is_none() {
            return Err(self);
        }
        let Self { door, home } = self;
        let home = Arc::try_unwrap(home).map_err(|home| Self { door, home })?;
        let trie = home.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(PathMap::from_trie(trie))
    }
}

impl<V, K, A> ZipperHeadOwned<V, K, A>
where
    V: Clone + Send + Sync,
    K: PtrKind,
    A: Allocator + Clone + Send,
{
    fn parts<'w>(&self) -> Parts<'w, V, K, A>
    where
        V: 'w,
        K: 'w,
        A: 'w,
    {
        let home: HomeOf<'w, V, K, A> = Handle::Shared(self.home.clone());
        let door = Handle::Shared(self.door.clone());
        Parts { door, home }
    }

    /// A zipper that writes at and below `path`: as [`ZipperHead`](super::ZipperHead)'s.
    ///
    /// # Errors
    /// If zippers hold paths that are related to this one.
    pub fn write_zipper_at_exclusive_path<'w>(
        &self,
        path: impl AsRef<[u8]>,
    ) -> Result<WriteZipperTracked<'w, V, K, A>, PathConflict>
    where
        V: 'w,
        K: 'w,
        A: 'w,
    {
        self.parts().try_write(path.as_ref())
    }

    /// A zipper that writes everywhere: as [`ZipperHead`](super::ZipperHead)'s.
    ///
    /// # Errors
    /// If zippers hold paths.
    pub fn write_zipper<'w>(&self) -> Result<WriteZipperTracked<'w, V, K, A>, PathConflict>
    where
        V: 'w,
        K: 'w,
        A: 'w,
    {
        self.write_zipper_at_exclusive_path([])
    }

    /// A zipper that writes at and below `path`, without asking who else does: as [`ZipperHead`](super::ZipperHead)'s.
    ///
    /// # Safety
    /// As for [`ZipperHead`](super::ZipperHead::write_zipper_at_exclusive_path_unchecked).
    #[allow(
        unsafe_code,
        reason = "the contract asks for a promise; the body is safe"
    )]
    pub unsafe fn write_zipper_at_exclusive_path_unchecked<'w>(
        &self,
        path: impl AsRef<[u8]>,
    ) -> WriteZipperTracked<'w, V, K, A>
    where
        V: 'w,
        K: 'w,
        A: 'w,
    {
        self.parts().write(path.as_ref(), None)
    }

    /// A zipper that reads at and below `path`: as [`ZipperHead`](super::ZipperHead)'s.
    ///
    /// # Errors
    /// If writers hold paths that are related to this one.
    pub fn read_zipper_at_path<'w>(
        &self,
        path: impl AsRef<[u8]>,
    ) -> Result<ReadZipperTracked<'w, V, K, A>, PathConflict>
    where
        V: 'w,
        K: 'w,
        A: 'w,
    {
        self.parts().try_read(path.as_ref())
    }

    /// A zipper that reads the last committed state of everything: as [`ZipperHead`](super::ZipperHead)'s.
    pub fn read_zipper<'w>(&self) -> ReadZipperTracked<'w, V, K, A>
    where
        V: 'w,
        K: 'w,
        A: 'w,
    {
        self.parts().read(&[], None)
    }

    /// Drops the zipper, and prunes its path: as [`ZipperHead`](super::ZipperHead)'s.
    pub fn cleanup_write_zipper(&self, zipper: WriteZipperTracked<'_, V, K, A>) {
        self.parts().clean_up(zipper);
    }

    /// Waits for `path`, and makes a zipper that writes there.
    pub fn acquire_write<'w>(&self, path: impl AsRef<[u8]>) -> WriteZipperTracked<'w, V, K, A>
    where
        V: 'w,
        K: 'w,
        A: 'w,
    {
        self.parts().wait_to_write(path.as_ref())
    }

    /// Waits for `path`, but not longer than `limit`, and makes a zipper that writes there.
    ///
    /// # Errors
    /// If the path is still not to be had then.
    pub fn acquire_write_timeout<'w>(
        &self,
        path: impl AsRef<[u8]>,
        limit: Duration,
    ) -> Result<WriteZipperTracked<'w, V, K, A>, PathConflict>
    where
        V: 'w,
        K: 'w,
        A: 'w,
    {
        self.parts().wait_to_write_for(path.as_ref(), limit)
    }

    /// A future of a zipper that writes at `path`, for tasks of any executor.
    pub fn acquire_write_async<'w>(&self, path: impl AsRef<[u8]>) -> AcquireWrite<'w, V, K, A>
    where
        V: 'w,
        K: 'w,
        A: 'w,
    {
        AcquireWrite::new(self.parts(), path.as_ref())
    }

    /// Waits for `path`, and makes a zipper that reads there.
    pub fn acquire_read<'w>(&self, path: impl AsRef<[u8]>) -> ReadZipperTracked<'w, V, K, A>
    where
        V: 'w,
        K: 'w,
        A: 'w,
    {
        self.parts().wait_to_read(path.as_ref())
    }

    /// Waits for `path`, but not longer than `limit`, and makes a zipper that reads there.
    ///
    /// # Errors
    /// If the path is still not to be had then.
    pub fn acquire_read_timeout<'w>(
        &self,
        path: impl AsRef<[u8]>,
        limit: Duration,
    ) -> Result<ReadZipperTracked<'w, V, K, A>, PathConflict>
    where
        V: 'w,
        K: 'w,
        A: 'w,
    {
        self.parts().wait_to_read_for(path.as_ref(), limit)
    }

    /// A future of a zipper that reads at `path`, for tasks of any executor.
    pub fn acquire_read_async<'w>(&self, path: impl AsRef<[u8]>) -> AcquireRead<'w, V, K, A>
    where
        V: 'w,
        K: 'w,
        A: 'w,
    {
        AcquireRead::new(self.parts(), path.as_ref())
    }
}

impl<V, K: PtrKind, A: Allocator> Clone for ZipperHeadOwned<V, K, A> {
    /// Another handle on the same map.
    fn clone(&self) -> Self {
        Self {
            door: self.door.clone(),
            home: self.home.clone(),
        }
    }
}

impl<V, K: PtrKind, A: Allocator> fmt::Debug for ZipperHeadOwned<V, K, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ZipperHeadOwned")
            .field("door", &self.door)
            .finish_non_exhaustive()
    }
}
