//! Giving up an owner of a node: the last one drops what is below, without recursion and without
//! allocating.
//!
//! An inner node that dies waits until its children are gone. While it waits, the word that counted
//! its values links it to the dying node above it, and its number of children counts down.

use super::super::header::{Header, Kind, deallocate};
use super::super::inner::Inner;
use super::super::node::Node;
use pleach_ptr::{Allocator, Layout, PtrKind};
use std::marker::PhantomData;
use std::ptr::NonNull;

/// Flag of a dying inner node: all its children have been given up.
const CHILDLESS: u8 = 4;
/// Flag of a dying inner node: its value has been dropped.
const VALUELESS: u8 = 8;
/// Flag of a dying inner node: it is a wide one.
const WIDE: u8 = 16;

/// The innermost dying node.
type Dying = Option<NonNull<Header>>;

/// Gives up one owner of a node.
///
/// # Safety
/// `ptr` points to a node of values `V` and pointers `K` from `alloc`.
pub(in super::super) unsafe fn release<V, K: PtrKind, A: Allocator>(alloc: &A, ptr: K::Ptr) {
    let mut reaper = Reaper::<V, K, A> {
        alloc,
        dying: None,
        marker: PhantomData,
    };
    // SAFETY: the caller's promise.
    unsafe { reaper.give_up(ptr) };
    reaper.run();
}

/// Frees a node with its values, but leaves its children as they are.
///
/// # Safety
/// `head` is a node of this kind, of values `V` and pointers `K` from `alloc`, that nobody uses any more.
pub(in super::super) unsafe fn free_alone<V, K: PtrKind, A: Allocator>(
    alloc: &A,
    head: NonNull<Header>,
    kind: Kind,
) {
    // SAFETY: the caller's promise; the block goes after the values.
    unsafe {
        let node = Node::<V, K>::from_head(head, kind);
        let layout = match node {
            Node::Inner(inner) => inner.layout(),
            Node::Bucket(bucket) => bucket.layout(),
            Node::Dense(dense) => dense.layout(),
        };
        let _block = Block {
            alloc,
            head,
            layout,
        };
        match node {
            Node::Inner(inner) if inner.is_valued() => inner.value_slot().drop_in_place(),
            Node::Inner(_) => {}
            Node::Bucket(bucket) => bucket.drop_values(),
            Node::Dense(dense) => dense.drop_values(),
        }
    }
}

/// Frees dying nodes, innermost first. Its own `Drop` goes on after a value's `Drop` panicked.
struct Reaper<'x, V, K: PtrKind, A: Allocator> {
    alloc: &'x A,
    dying: Dying,
    marker: PhantomData<(V, K)>,
}

impl<V, K: PtrKind, A: Allocator> Reaper<'_, V, K, A> {
    /// Gives up one owner of a node; the last one of a leaf frees it, of an inner node makes it
    /// the innermost dying one.
    ///
    /// # Safety
    /// As for `release`.
    unsafe fn give_up(&mut self, ptr: K::Ptr) {
        let kind = Kind::of::<K>(&ptr);
        let Some(block) = K::release(ptr) else { return };
        let head = block.cast::<Header>();
        // SAFETY: the last owner gave the node up, so that it is ours alone.
        unsafe {
            match kind {
                Kind::Sparse | Kind::Wide => {
                    let inner = Inner::<V, K>::new(head, kind);
                    inner.values_below().cast::<Dying>().write(self.dying);
                    if kind == Kind::Wide {
                        (*head.as_ptr()).flags |= WIDE;
                    }
                    self.dying = Some(head);
                }
                Kind::Bucket | Kind::Dense => free_alone::<V, K, A>(self.alloc, head, kind),
            }
        }
    }

    fn run(&mut self) {
        while let Some(head) = self.dying {
            // SAFETY: a dying node is ours alone; each child and the value are taken once, as the
            // header records before they go.
            unsafe {
                let header = head.as_ptr();
                let kind = match (*header).flags & WIDE {
                    0 => Kind::Sparse,
                    _ => Kind::Wide,
                };
                let inner = Inner::<V, K>::new(head, kind);
                if (*header).flags & CHILDLESS == 0 {
                    let last = inner.len() - 1;
                    match last {
                        0 => (*header).flags |= CHILDLESS,
                        _ => (*header).last -= 1,
                    }
                    let child = inner.children().add(last).read();
                    self.give_up(child);
                } else if inner.is_valued() && (*header).flags & VALUELESS == 0 {
                    (*header).flags |= VALUELESS;
                    inner.value_slot().drop_in_place();
                } else {
                    self.dying = inner.values_below().cast::<Dying>().read();
                    deallocate(self.alloc, head, inner.layout());
                }
            }
        }
    }
}

impl<V, K: PtrKind, A: Allocator> Drop for Reaper<'_, V, K, A> {
    fn drop(&mut self) {
        self.run();
    }
}

/// A leaf's block, freed also when a value's `Drop` panics.
struct Block<'x, A: Allocator> {
    alloc: &'x A,
    head: NonNull<Header>,
    layout: Layout,
}

impl<A: Allocator> Drop for Block<'_, A> {
    fn drop(&mut self) {
        // SAFETY: made for a leaf without owners, whose values are gone by now.
        unsafe { deallocate(self.alloc, self.head, self.layout) };
    }
}
