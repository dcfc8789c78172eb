//! What the zippers of this crate have in common: each is a cursor of `raw`.
//!
//! The traits are implemented here, once, for whatever lends a cursor.

use super::{
    Zipper, ZipperAbsolutePath, ZipperConcrete, ZipperIteration, ZipperMoving, ZipperPathBuffer,
    ZipperReadOnlyIteration, ZipperReadOnlyValues, ZipperSubtries, ZipperValues,
};
use crate::map::saturate;
use crate::raw::{Cursor, Source, Trie};
use crate::{ByteMask, PathMap};
use pleach_ptr::{Allocator, PtrKind};
use std::collections::TryReserveError;

/// A zipper that is a cursor.
pub(crate) trait AsCursor {
    /// Where the cursor finds its trie.
    type Source: Source;

    /// The cursor.
    fn cursor(&self) -> &Cursor<Self::Source>;

    /// The cursor, to move.
    fn cursor_mut(&mut self) -> &mut Cursor<Self::Source>;
}

/// A zipper that may change its trie.
pub(crate) trait AsWriteCursor: AsCursor {}

impl<Z: AsCursor + ?Sized> AsCursor for &mut Z {
    type Source = Z::Source;

    fn cursor(&self) -> &Cursor<Self::Source> {
        (**self).cursor()
    }

    fn cursor_mut(&mut self) -> &mut Cursor<Self::Source> {
        (**self).cursor_mut()
    }
}

impl<Z: AsWriteCursor + ?Sized> AsWriteCursor for &mut Z {}

impl<Z: AsCursor + ?Sized> AsCursor for Box<Z> {
    type Source = Z::Source;

    fn cursor(&self) -> &Cursor<Self::Source> {
        (**self).cursor()
    }

    fn cursor_mut(&mut self) -> &mut Cursor<Self::Source> {
        (**self).cursor_mut()
    }
}

impl<Z: AsWriteCursor + ?Sized> AsWriteCursor for Box<Z> {}

impl<Z: AsCursor> Zipper for Z {
    fn path_exists(&self) -> bool {
        self.cursor().exists()
    }

    fn is_val(&self) -> bool {
        self.cursor().value().is_some()
    }

    fn child_mask(&self) -> ByteMask {
        self.cursor().mask()
    }
}

impl<Z: AsCursor> ZipperMoving for Z {
    fn path(&self) -> &[u8] {
        self.cursor().path()
    }

    fn val_count(&self) -> usize {
        saturate(self.cursor().count())
    }

    fn descend_to(&mut self, path: impl AsRef<[u8]>) {
        self.cursor_mut().descend(path.as_ref());
    }

    fn descend_to_existing(&mut self, path: impl AsRef<[u8]>) -> usize {
        self.cursor_mut().descend_existing(path.as_ref())
    }

    fn descend_to_val(&mut self, path: impl AsRef<[u8]>) -> usize {
        self.cursor_mut().descend_to_value(path.as_ref())
    }

    fn descend_to_existing_byte(&mut self, byte: u8) -> bool {
        self.cursor_mut().descend_existing(&[byte]) == 1
    }

    fn descend_until_max_bytes(&mut self, max: usize) -> bool {
        self.cursor_mut().descend_until(max) > 0
    }

    fn ascend(&mut self, n: usize) -> bool {
        let len = self.path().len();
        self.cursor_mut().ascend(n.min(len));
        n <= len
    }

    fn ascend_until(&mut self) -> bool {
        self.cursor_mut().ascend_until(true)
    }

    fn ascend_until_branch(&mut self) -> bool {
        self.cursor_mut().ascend_until(false)
    }
}

impl<Z: AsCursor> ZipperAbsolutePath for Z {
    fn origin_path(&self) -> &[u8] {
        self.cursor().origin_path()
    }

    fn root_prefix_path(&self) -> &[u8] {
        let cursor = self.cursor();
        &cursor.origin_path()[..cursor.root_len()]
    }
}

impl<Z: AsCursor> ZipperPathBuffer for Z {
    fn try_reserve_buffers(
        &mut self,
        path_len: usize,
        stack_depth: usize,
    ) -> Result<(), TryReserveError> {
        self.cursor_mut().reserve(path_len, stack_depth)
    }
}

impl<Z: AsCursor> ZipperIteration for Z {
    fn to_next_val(&mut self) -> bool {
        self.cursor_mut().next_value()
    }
}

impl<V, Z> ZipperValues<V> for Z
where
    Z: AsCursor,
    Z::Source: Source<V = V>,
{
    fn val(&self) -> Option<&V> {
        self.cursor().value()
    }

    fn val_at(&self, path: impl AsRef<[u8]>) -> Option<&V> {
        self.cursor().value_at(path.as_ref())
    }
}

impl<'a, V, K, A, Z> ZipperReadOnlyValues<'a, V> for Z
where
    Z: AsCursor<Source = &'a Trie<V, K, A>>,
    V: 'a,
    K: PtrKind,
    A: Allocator + 'a,
{
    fn get_val(&self) -> Option<&'a V> {
        self.cursor().get()
    }

    fn get_val_at(&self, path: impl AsRef<[u8]>) -> Option<&'a V> {
        self.cursor().get_at(path.as_ref())
    }
}

impl<'a, V, K, A, Z> ZipperReadOnlyIteration<'a, V> for Z
where
    Z: AsCursor<Source = &'a Trie<V, K, A>>,
    V: 'a,
    K: PtrKind,
    A: Allocator + 'a,
{
}

impl<Z: AsCursor> ZipperConcrete for Z {
    fn is_shared(&self) -> bool {
        self.cursor().node().is_some_and(|(_, shared)| shared)
    }

    fn shared_node_id(&self) -> Option<u64> {
        let (id, shared) = self.cursor().node()?;
        (shared && !self.is_val()).then_some(id as u64)
    }
}

impl<V, K, A, Z> ZipperSubtries<V, K, A> for Z
where
    Z: AsCursor,
    Z::Source: Source<V = V, K = K, A = A>,
    V: Clone,
    K: PtrKind,
    A: Allocator + Clone,
{
    fn make_map(&self) -> PathMap<V, K, A> {
        let cursor = self.cursor();
        let trie = cursor.source().trie();
        PathMap::from_trie(trie.subtrie(cursor.origin_path()))
    }
}
