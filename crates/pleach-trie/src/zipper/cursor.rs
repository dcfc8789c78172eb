//! What the zippers of this crate have in common: each is a cursor of `raw`.
//!
//! The traits are implemented here, in the same words for each: a blanket implementation for whatever
//! lends a cursor would keep pointers to others' zippers from being zippers.

use super::{
    ReadZipper, ReadZipperOwned, ReadZipperTracked, WriteZipper, WriteZipperOwned,
    WriteZipperTracked, Zipper, ZipperAbsolutePath, ZipperConcrete, ZipperIteration, ZipperMoving,
    ZipperPathBuffer, ZipperReadOnlyIteration, ZipperReadOnlyValues, ZipperSubtries, ZipperValues,
};
use crate::map::saturate;
use crate::raw::{Cursor, Source};
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

/// Implements, for a zipper that is a cursor, what all of them can do.
macro_rules! zipper {
    ($zipper:ty) => {
        impl<V, K: PtrKind, A: Allocator> Zipper for $zipper {
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

        impl<V, K: PtrKind, A: Allocator> ZipperMoving for $zipper {
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

        impl<V, K: PtrKind, A: Allocator> ZipperAbsolutePath for $zipper {
            fn origin_path(&self) -> &[u8] {
                self.cursor().origin_path()
            }

            fn root_prefix_path(&self) -> &[u8] {
                let cursor = self.cursor();
                &cursor.origin_path()[..cursor.root_len()]
            }
        }

        impl<V, K: PtrKind, A: Allocator> ZipperPathBuffer for $zipper {
            fn try_reserve_buffers(
                &mut self,
                path_len: usize,
                stack_depth: usize,
            ) -> Result<(), TryReserveError> {
                self.cursor_mut().reserve(path_len, stack_depth)
            }
        }

        impl<V, K: PtrKind, A: Allocator> ZipperIteration for $zipper {
            fn to_next_val(&mut self) -> bool {
                self.cursor_mut().next_value()
            }
        }

        impl<V, K: PtrKind, A: Allocator> ZipperValues<V> for $zipper {
            fn val(&self) -> Option<&V> {
                self.cursor().value()
            }

            fn val_at(&self, path: impl AsRef<[u8]>) -> Option<&V> {
                self.cursor().value_at(path.as_ref())
            }
        }

        impl<V, K: PtrKind, A: Allocator> ZipperConcrete for $zipper {
            fn is_shared(&self) -> bool {
                self.cursor().node().is_some_and(|(_, shared)| shared)
            }

            fn shared_node_id(&self) -> Option<u64> {
                let (id, shared) = self.cursor().node()?;
                (shared && !self.is_val()).then_some(id as u64)
            }
        }

        impl<V: Clone, K: PtrKind, A: Allocator + Clone> ZipperSubtries<V, K, A> for $zipper {
            fn make_map(&self) -> PathMap<V, K, A> {
                let cursor = self.cursor();
                let trie = cursor.source().trie();
                PathMap::from_trie(trie.subtrie(cursor.origin_path()))
            }
        }
    };
}

zipper!(ReadZipper<'_, V, K, A>);
zipper!(ReadZipperOwned<V, K, A>);
zipper!(ReadZipperTracked<'_, V, K, A>);
zipper!(WriteZipper<'_, V, K, A>);
zipper!(WriteZipperOwned<V, K, A>);
zipper!(WriteZipperTracked<'_, V, K, A>);

impl<'a, V, K: PtrKind, A: Allocator> ZipperReadOnlyValues<'a, V> for ReadZipper<'a, V, K, A> {
    fn get_val(&self) -> Option<&'a V> {
        self.cursor().get()
    }

    fn get_val_at(&self, path: impl AsRef<[u8]>) -> Option<&'a V> {
        self.cursor().get_at(path.as_ref())
    }
}

impl<'a, V, K: PtrKind, A: Allocator> ZipperReadOnlyIteration<'a, V> for ReadZipper<'a, V, K, A> {}
