//! The way from the root down to where an operation works.

use pleach_ptr::PtrKind;
use std::ptr::NonNull;

/// Nodes that are kept without allocating: deeper ways are rare.
const NEAR: usize = 16;

/// Inner nodes from the root down, by the slots that hold their pointers.
pub(super) struct Spine<K: PtrKind> {
    near: [Option<NonNull<K::Ptr>>; NEAR],
    len: usize,
    far: Vec<NonNull<K::Ptr>>,
}

impl<K: PtrKind> Spine<K> {
    /// At the root.
    #[inline(always)]
    pub(super) fn new() -> Self {
        Self {
            near: [None; NEAR],
            len: 0,
            far: Vec::new(),
        }
    }

    /// One node down.
    #[inline(always)]
    pub(super) fn push(&mut self, slot: NonNull<K::Ptr>) {
        match self.near.get_mut(self.len) {
            Some(place) => {
                *place = Some(slot);
                self.len += 1;
            }
            None => self.far.push(slot),
        }
    }

    /// One node up.
    pub(super) fn pop(&mut self) {
        if self.far.pop().is_none() {
            self.len = self.len.saturating_sub(1);
        }
    }

    /// The deepest node.
    pub(super) fn last(&self) -> Option<NonNull<K::Ptr>> {
        self.iter().next_back()
    }

    /// Calls `each` with the nodes from the deepest up.
    #[inline(always)]
    pub(super) fn upward(&self, mut each: impl FnMut(NonNull<K::Ptr>)) {
        for slot in self.far.iter().rev() {
            each(*slot);
        }
        for slot in self.near[..self.len].iter().rev().flatten() {
            each(*slot);
        }
    }

    /// The nodes from the root down.
    #[inline(always)]
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = NonNull<K::Ptr>> {
        let near = &self.near[..self.len];
        near.iter().flatten().chain(&self.far).copied()
    }
}
