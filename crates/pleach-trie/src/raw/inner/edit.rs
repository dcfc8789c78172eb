//! Changing an inner node that one owner has alone.

use super::super::bitmap::Bitmap;
use super::super::header::{Kind, head};
use super::super::sparse;
use super::{Blank, INDEX, Inner, Shape, free_moved};
use pleach_ptr::{Allocator, PtrKind};
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::Range;

/// An inner node that one owner may change: `slot` is its only pointer.
pub(in crate::raw) struct InnerMut<'s, V, K: PtrKind, A: Allocator> {
    slot: &'s mut K::Ptr,
    alloc: &'s A,
    marker: PhantomData<V>,
}

impl<'s, V, K: PtrKind, A: Allocator> InnerMut<'s, V, K, A> {
    /// The inner node in `slot`.
    ///
    /// # Safety
    /// `slot` points to an inner node of `V` from `alloc`, and is its only owner, reached through
    /// unique nodes alone.
    pub(in crate::raw) unsafe fn new(slot: &'s mut K::Ptr, alloc: &'s A) -> Self {
        Self {
            slot,
            alloc,
            marker: PhantomData,
        }
    }

    /// A view; it must not be used after the next change.
    pub(in crate::raw) fn view<'a>(&self) -> Inner<'a, V, K> {
        // SAFETY: `new`; the caller minds the changes.
        unsafe { Inner::new(head::<K>(self.slot), Kind::of::<K>(self.slot)) }
    }

    /// Sets the number of values in the node and below.
    pub(in crate::raw) fn set_count(&mut self, count: u64) {
        // SAFETY: ours alone.
        unsafe { self.view().values_below().write(count) };
    }

    /// Sets the value at the branch point; the count is not touched.
    pub(in crate::raw) fn set_value(&mut self, value: V) -> Option<V> {
        if !self.view().is_valued() {
            let shape = Shape {
                valued: true,
                ..self.view().shape()
            };
            self.reshape(shape, &[self.view().prefix()], Some(value));
            return None;
        }
        // SAFETY: I3; ours alone.
        Some(unsafe { self.view().value_slot().replace(value) })
    }

    /// Takes the value at the branch point out; the count is not touched.
    pub(in crate::raw) fn take_value(&mut self) -> Option<V> {
        if !self.view().is_valued() {
            return None;
        }
        // SAFETY: I3; the value moves out, as reshaping moves the rest and frees the block. Should
        // it unwind, the value still belongs to the node.
        let value = ManuallyDrop::new(unsafe { self.view().value_slot().read() });
        let shape = Shape {
            valued: false,
            ..self.view().shape()
        };
        self.reshape(shape, &[self.view().prefix()], None);
        Some(ManuallyDrop::into_inner(value))
    }

    /// Adds a child, where `byte` has none; the count is not touched.
    pub(in crate::raw) fn add_child(&mut self, byte: u8, child: K::Ptr) {
        let len = self.view().len();
        if len == self.view().shape().room {
            let view = self.view();
            let shape = Shape::for_children(len + 1, view.prefix_len(), view.is_valued());
            self.reshape(shape, &[self.view().prefix()], None);
        }
        let view = self.view();
        let i = view.place(byte);
        // SAFETY: ours alone; there is room for one more child.
        unsafe {
            match view.kind {
                Kind::Sparse => sparse::insert(self.keys_mut(), len, i, byte),
                _ => view.at::<Bitmap>(INDEX).as_mut().insert(byte),
            }
            let place = view.children().add(i);
            place.add(1).copy_from(place, len - i);
            place.write(child);
            (*view.head.as_ptr()).last += 1;
        }
    }

    /// Takes the child at place `i` out; there must be another one. The count is not touched.
    pub(in crate::raw) fn remove_child(&mut self, i: usize) -> K::Ptr {
        let view = self.view();
        let (len, byte) = (view.len(), view.byte(i));
        debug_assert!(len > 1 && i < len);
        // SAFETY: ours alone; the child moves to the caller.
        let child = unsafe {
            match view.kind {
                Kind::Sparse => sparse::remove(self.keys_mut(), len, i),
                _ => view.at::<Bitmap>(INDEX).as_mut().remove(byte),
            }
            let place = view.children().add(i);
            let child = place.read();
            place.copy_from(place.add(1), len - i - 1);
            (*view.head.as_ptr()).last -= 1;
            child
        };
        let needed = Shape::for_children(len - 1, view.prefix_len(), view.is_valued());
        if 2 * needed.room <= view.shape().room {
            self.reshape(needed, &[self.view().prefix()], None);
        }
        child
    }

    /// Replaces the prefix by `before` and what `keep` leaves of it.
    pub(in crate::raw) fn set_prefix(&mut self, before: &[u8], keep: Range<usize>) {
        let old = self.view();
        let shape = Shape {
            prefix: before.len() + keep.len(),
            ..old.shape()
        };
        self.reshape(shape, &[before, &old.prefix()[keep]], None);
    }

    fn keys_mut(&mut self) -> &mut [u8] {
        let view = self.view();
        // SAFETY: a sparse node's index, ours alone.
        unsafe { std::slice::from_raw_parts_mut(view.at(INDEX).as_ptr(), view.shape().index_len()) }
    }

    /// Moves the node to a block of another shape, with a prefix of these pieces. A value that the
    /// old block lacks comes as `value`.
    fn reshape(&mut self, shape: Shape, prefix: &[&[u8]], value: Option<V>) {
        let old = self.view();
        let len = old.len();
        let new = Blank::<V, K>::new(self.alloc, shape, len);
        new.write_prefix(prefix);
        new.write_index(old.mask());
        new.write_count(old.count());
        // SAFETY: the children, and the value if both have one, move; the old block is unique and
        // is freed without them.
        unsafe {
            new.0
                .children()
                .copy_from_nonoverlapping(old.children(), len);
            match value {
                Some(value) => new.write_value(value),
                None if shape.valued => {
                    new.0
                        .value_slot()
                        .copy_from_nonoverlapping(old.value_slot(), 1);
                }
                None => {}
            }
            free_moved::<V, K, A>(self.alloc, std::mem::replace(self.slot, new.finish()));
        }
    }
}
