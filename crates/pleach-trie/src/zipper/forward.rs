//! A pointer to a zipper is a zipper: `&mut Z` and `Box<Z>` do what `Z` does, whoever made `Z`.

use super::{
    Zipper, ZipperAbsolutePath, ZipperConcrete, ZipperForking, ZipperHead, ZipperIteration,
    ZipperMoving, ZipperPathBuffer, ZipperReadOnlyIteration, ZipperReadOnlyValues, ZipperSubtries,
    ZipperValues, ZipperWriting,
};
use crate::algebra::{AlgebraicStatus, DistributiveLattice, Lattice};
use crate::{ByteMask, PathMap};
use pleach_ptr::{Allocator, PtrKind, SharedAllocator};
use std::collections::TryReserveError;

/// Hands every method on, those with a default too: a zipper may have a faster way.
macro_rules! forward {
    ($pointer:ty) => {
        impl<Z: Zipper + ?Sized> Zipper for $pointer {
            fn path_exists(&self) -> bool {
                (**self).path_exists()
            }

            fn is_val(&self) -> bool {
                (**self).is_val()
            }

            fn child_mask(&self) -> ByteMask {
                (**self).child_mask()
            }

            fn child_count(&self) -> usize {
                (**self).child_count()
            }
        }

        impl<Z: ZipperMoving + ?Sized> ZipperMoving for $pointer {
            fn path(&self) -> &[u8] {
                (**self).path()
            }

            fn val_count(&self) -> usize {
                (**self).val_count()
            }

            fn descend_to(&mut self, path: impl AsRef<[u8]>) {
                (**self).descend_to(path)
            }

            fn ascend(&mut self, n: usize) -> bool {
                (**self).ascend(n)
            }

            fn at_root(&self) -> bool {
                (**self).at_root()
            }

            fn reset(&mut self) {
                (**self).reset()
            }

            fn move_to_path(&mut self, path: impl AsRef<[u8]>) -> usize {
                (**self).move_to_path(path)
            }

            fn descend_to_check(&mut self, path: impl AsRef<[u8]>) -> bool {
                (**self).descend_to_check(path)
            }

            fn descend_to_existing(&mut self, path: impl AsRef<[u8]>) -> usize {
                (**self).descend_to_existing(path)
            }

            fn descend_to_val(&mut self, path: impl AsRef<[u8]>) -> usize {
                (**self).descend_to_val(path)
            }

            fn descend_to_byte(&mut self, byte: u8) {
                (**self).descend_to_byte(byte)
            }

            fn descend_to_existing_byte(&mut self, byte: u8) -> bool {
                (**self).descend_to_existing_byte(byte)
            }

            fn descend_indexed_byte(&mut self, index: usize) -> bool {
                (**self).descend_indexed_byte(index)
            }

            fn descend_first_byte(&mut self) -> bool {
                (**self).descend_first_byte()
            }

            fn descend_last_byte(&mut self) -> bool {
                (**self).descend_last_byte()
            }

            fn descend_until(&mut self) -> bool {
                (**self).descend_until()
            }

            fn descend_until_max_bytes(&mut self, max: usize) -> bool {
                (**self).descend_until_max_bytes(max)
            }

            fn ascend_byte(&mut self) -> bool {
                (**self).ascend_byte()
            }

            fn ascend_until(&mut self) -> bool {
                (**self).ascend_until()
            }

            fn ascend_until_branch(&mut self) -> bool {
                (**self).ascend_until_branch()
            }

            fn to_next_sibling_byte(&mut self) -> bool {
                (**self).to_next_sibling_byte()
            }

            fn to_prev_sibling_byte(&mut self) -> bool {
                (**self).to_prev_sibling_byte()
            }

            fn to_next_step(&mut self) -> bool {
                (**self).to_next_step()
            }
        }

        impl<Z: ZipperAbsolutePath + ?Sized> ZipperAbsolutePath for $pointer {
            fn origin_path(&self) -> &[u8] {
                (**self).origin_path()
            }

            fn root_prefix_path(&self) -> &[u8] {
                (**self).root_prefix_path()
            }
        }

        impl<Z: ZipperPathBuffer + ?Sized> ZipperPathBuffer for $pointer {
            fn try_reserve_buffers(
                &mut self,
                path_len: usize,
                stack_depth: usize,
            ) -> Result<(), TryReserveError> {
                (**self).try_reserve_buffers(path_len, stack_depth)
            }

            fn reserve_buffers(&mut self, path_len: usize, stack_depth: usize) {
                (**self).reserve_buffers(path_len, stack_depth)
            }

            fn prepare_buffers(&mut self) {
                (**self).prepare_buffers()
            }
        }

        impl<Z: ZipperIteration + ?Sized> ZipperIteration for $pointer {
            fn to_next_val(&mut self) -> bool {
                (**self).to_next_val()
            }

            fn descend_last_path(&mut self) -> bool {
                (**self).descend_last_path()
            }

            fn descend_first_k_path(&mut self, k: usize) -> bool {
                (**self).descend_first_k_path(k)
            }

            fn to_next_k_path(&mut self, k: usize) -> bool {
                (**self).to_next_k_path(k)
            }
        }

        impl<V, Z: ZipperValues<V> + ?Sized> ZipperValues<V> for $pointer {
            fn val(&self) -> Option<&V> {
                (**self).val()
            }

            fn val_at(&self, path: impl AsRef<[u8]>) -> Option<&V> {
                (**self).val_at(path)
            }
        }

        impl<'a, V, Z: ZipperReadOnlyValues<'a, V> + ?Sized> ZipperReadOnlyValues<'a, V>
            for $pointer
        {
            fn get_val(&self) -> Option<&'a V> {
                (**self).get_val()
            }

            fn get_val_at(&self, path: impl AsRef<[u8]>) -> Option<&'a V> {
                (**self).get_val_at(path)
            }
        }

        impl<'a, V, Z: ZipperReadOnlyIteration<'a, V> + ?Sized> ZipperReadOnlyIteration<'a, V>
            for $pointer
        {
            fn to_next_get_val(&mut self) -> Option<&'a V> {
                (**self).to_next_get_val()
            }
        }

        impl<Z: ZipperConcrete + ?Sized> ZipperConcrete for $pointer {
            fn is_shared(&self) -> bool {
                (**self).is_shared()
            }

            fn shared_node_id(&self) -> Option<u64> {
                (**self).shared_node_id()
            }
        }

        impl<V, Z: ZipperForking<V> + ?Sized> ZipperForking<V> for $pointer {
            type ReadZipperT<'z>
                = Z::ReadZipperT<'z>
            where
                Self: 'z;

            fn fork_read_zipper(&self) -> Self::ReadZipperT<'_> {
                (**self).fork_read_zipper()
            }
        }

        impl<V, K: PtrKind, A: Allocator, Z: ZipperSubtries<V, K, A> + ?Sized>
            ZipperSubtries<V, K, A> for $pointer
        {
            fn make_map(&self) -> PathMap<V, K, A> {
                (**self).make_map()
            }
        }

        impl<V, K: PtrKind, A: Allocator, Z: ZipperWriting<V, K, A> + ?Sized> ZipperWriting<V, K, A>
            for $pointer
        {
            fn get_val_mut(&mut self) -> Option<&mut V> {
                (**self).get_val_mut()
            }

            fn get_val_or_set_mut(&mut self, default: V) -> &mut V {
                (**self).get_val_or_set_mut(default)
            }

            fn get_val_or_set_mut_with(&mut self, default: impl FnOnce() -> V) -> &mut V {
                (**self).get_val_or_set_mut_with(default)
            }

            fn set_val(&mut self, value: impl Into<Option<V>>) -> Option<V> {
                (**self).set_val(value)
            }

            fn remove_val(&mut self, prune: bool) -> Option<V> {
                (**self).remove_val(prune)
            }

            fn create_path(&mut self) -> bool {
                (**self).create_path()
            }

            fn prune_path(&mut self) -> usize {
                (**self).prune_path()
            }

            fn prune_ascend(&mut self) -> usize {
                (**self).prune_ascend()
            }

            fn graft(&mut self, source: &impl ZipperSubtries<V, K, A>)
            where
                A: SharedAllocator,
            {
                (**self).graft(source)
            }

            fn graft_map(&mut self, map: PathMap<V, K, A>)
            where
                A: SharedAllocator,
            {
                (**self).graft_map(map)
            }

            fn take_map(&mut self, prune: bool) -> Option<PathMap<V, K, A>> {
                (**self).take_map(prune)
            }

            fn graft_child_maps(
                &mut self,
                mask: ByteMask,
                maps: impl IntoIterator<Item = PathMap<V, K, A>>,
                remove_unset: bool,
            ) where
                A: SharedAllocator,
            {
                (**self).graft_child_maps(mask, maps, remove_unset)
            }

            fn graft_masked_branches(
                &mut self,
                source: &impl ZipperSubtries<V, K, A>,
                mask: ByteMask,
                remove_unset: bool,
            ) where
                A: SharedAllocator,
            {
                (**self).graft_masked_branches(source, mask, remove_unset)
            }

            fn insert_prefix(&mut self, prefix: impl AsRef<[u8]>) -> bool {
                (**self).insert_prefix(prefix)
            }

            fn remove_prefix(&mut self, n: usize) -> bool {
                (**self).remove_prefix(n)
            }

            fn remove_branches(&mut self, prune: bool) -> bool {
                (**self).remove_branches(prune)
            }

            fn remove_unmasked_branches(&mut self, mask: ByteMask, prune: bool) {
                (**self).remove_unmasked_branches(mask, prune)
            }

            fn zipper_head(&mut self) -> ZipperHead<'_, V, K, A> {
                (**self).zipper_head()
            }

            fn join_into(&mut self, source: &impl ZipperSubtries<V, K, A>) -> AlgebraicStatus
            where
                V: Lattice,
                A: SharedAllocator,
            {
                (**self).join_into(source)
            }

            fn join_map_into(&mut self, map: PathMap<V, K, A>) -> AlgebraicStatus
            where
                V: Lattice,
                A: SharedAllocator,
            {
                (**self).join_map_into(map)
            }

            fn join_into_take<S>(&mut self, source: &mut S, prune: bool) -> AlgebraicStatus
            where
                V: Lattice,
                A: SharedAllocator,
                S: ZipperSubtries<V, K, A> + ZipperWriting<V, K, A>,
            {
                (**self).join_into_take(source, prune)
            }

            fn meet_into(
                &mut self,
                source: &impl ZipperSubtries<V, K, A>,
                prune: bool,
            ) -> AlgebraicStatus
            where
                V: Lattice,
                A: SharedAllocator,
            {
                (**self).meet_into(source, prune)
            }

            fn meet_2(
                &mut self,
                a: &impl ZipperSubtries<V, K, A>,
                b: &impl ZipperSubtries<V, K, A>,
            ) -> AlgebraicStatus
            where
                V: Lattice,
                A: SharedAllocator,
            {
                (**self).meet_2(a, b)
            }

            fn subtract_into(
                &mut self,
                source: &impl ZipperSubtries<V, K, A>,
                prune: bool,
            ) -> AlgebraicStatus
            where
                V: DistributiveLattice,
                A: SharedAllocator,
            {
                (**self).subtract_into(source, prune)
            }

            fn restrict(&mut self, source: &impl ZipperSubtries<V, K, A>) -> AlgebraicStatus
            where
                A: SharedAllocator,
            {
                (**self).restrict(source)
            }

            fn restricting(&mut self, source: &impl ZipperSubtries<V, K, A>) -> bool
            where
                A: SharedAllocator,
            {
                (**self).restricting(source)
            }

            fn join_k_path_into(&mut self, k: usize, prune: bool) -> bool
            where
                V: Lattice,
                A: SharedAllocator,
            {
                (**self).join_k_path_into(k, prune)
            }

            fn meet_k_path_into(&mut self, k: usize, prune: bool) -> bool
            where
                V: Lattice,
                A: SharedAllocator,
            {
                (**self).meet_k_path_into(k, prune)
            }
        }
    };
}

forward!(&mut Z);
forward!(Box<Z>);
