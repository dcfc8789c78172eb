//! A safe owner of one value in a counted block.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::ptr::{self, NonNull};

use pleach_atomic::alloc::{Allocator, Global, Layout, handle_alloc_error};

use crate::{BLOCK_ALIGN, Count, PtrKind, Slim, Tag};

/// A shared, immutable value that is copied when a sharer writes to it.
///
/// Like `Arc` without weak references, plus a pointer kind, a [`Tag`] and an allocator. Functions
/// that are not trait methods are associated functions, so that they do not hide those of `T`.
///
/// # Examples
///
/// ```
/// use pleach_ptr::Shared;
///
/// let mut a = Shared::new(vec![1, 2]);
/// let b = a.clone(); // the vector is shared
/// Shared::make_mut(&mut a).push(3); // and now it is not
/// assert_eq!((a.len(), b.len()), (3, 2));
/// ```
///
/// # Invariants
///
/// Besides P1 to P4 of [`PtrKind`]:
///
/// - **S1** The pointer's block is a `Block<T>`, whose memory came from `allocator` or a clone.
/// - **S2** The block's value is initialised until the last owner takes or drops it.
pub struct Shared<T, K: PtrKind = Slim, A: Allocator = Global> {
    /// Taken when `self` is dropped, and not before.
    ptr: ManuallyDrop<K::Ptr>,
    allocator: A,
    /// Owns a `T`, and is covariant in it.
    value: PhantomData<T>,
}

/// What a `Shared` points to.
#[repr(C, align(8))]
struct Block<T> {
    count: Count,
    value: T,
}

const _: () = assert!(align_of::<Block<u8>>() >= BLOCK_ALIGN);

// SAFETY: sharing a `Shared` shares its `T` (P3, P4: whoever drops or writes it has it alone, and
// after the others), and a last owner on another thread drops it there, with its own `A`.
unsafe impl<T: Send + Sync, K: PtrKind, A: Allocator + Send> Send for Shared<T, K, A> {}
// SAFETY: as above; a `&Shared` can be cloned into an owner, with a clone of its `A`.
unsafe impl<T: Send + Sync, K: PtrKind, A: Allocator + Send + Sync> Sync for Shared<T, K, A> {}

impl<T, K: PtrKind, A: Allocator> Unpin for Shared<T, K, A> {}

impl<T> Shared<T> {
    /// Puts a value into a new block.
    ///
    /// This is the slim kind in global memory; [`From`] does the same for every kind.
    #[must_use]
    #[inline]
    pub fn new(value: T) -> Self {
        Self::new_in(value, Global)
    }

    /// Puts a value into a new block, under a tag.
    #[must_use]
    #[inline]
    pub fn with_tag(value: T, tag: Tag) -> Self {
        Self::with_tag_in(value, tag, Global)
    }
}

impl<T, A: Allocator> Shared<T, Slim, A> {
    /// Puts a value into a new block of an allocator.
    #[must_use]
    #[inline]
    pub fn new_in(value: T, allocator: A) -> Self {
        Self::with_tag_in(value, Tag::default(), allocator)
    }

    /// Puts a value into a new block of an allocator, under a tag.
    #[must_use]
    #[inline]
    pub fn with_tag_in(value: T, tag: Tag, allocator: A) -> Self {
        Self::with_kind_in(value, tag, allocator)
    }
}

impl<T, K: PtrKind, A: Allocator> Shared<T, K, A> {
    /// Puts a value into a new block of an allocator, under a tag, owned by a pointer of any kind.
    ///
    /// # Examples
    ///
    /// ```
    /// use pleach_ptr::{Global, Shared, Standard, Tag};
    ///
    /// let value = Shared::<_, Standard, _>::with_kind_in("value", Tag::new(2), Global);
    /// assert_eq!((*value, Shared::tag(&value).get()), ("value", 2));
    /// ```
    #[must_use]
    pub fn with_kind_in(value: T, tag: Tag, allocator: A) -> Self {
        let layout = Layout::new::<Block<T>>();
        let Ok(block) = allocator.allocate(layout) else {
            handle_alloc_error(layout)
        };
        let block = block.cast::<Block<T>>();
        let content = Block {
            count: Count::new(),
            value,
        };
        // SAFETY: the memory is new, ours, and laid out for a `Block<T>`.
        unsafe { block.write(content) };
        // SAFETY: `Block` is aligned to BLOCK_ALIGN and starts with its count, just made; only
        // the one to whom `release` returns the block frees it.
        let ptr = unsafe { K::new(block.cast(), tag) };
        Self {
            ptr: ManuallyDrop::new(ptr),
            allocator,
            value: PhantomData,
        }
    }

    /// Returns the tag of this pointer.
    #[must_use]
    #[inline]
    pub fn tag(this: &Self) -> Tag {
        K::tag(&this.ptr)
    }

    /// Tells whether this is the only owner of its value.
    #[must_use]
    #[inline]
    pub fn is_unique(this: &Self) -> bool {
        K::is_unique(&this.ptr)
    }

    /// Tells whether two owners share one value.
    #[must_use]
    #[inline]
    pub fn ptr_eq(a: &Self, b: &Self) -> bool {
        K::ptr_eq(&a.ptr, &b.ptr)
    }

    /// Returns the value to write to, if nobody shares it.
    #[must_use]
    #[inline]
    pub fn get_mut(this: &mut Self) -> Option<&mut T> {
        if !K::is_unique(&this.ptr) {
            return None;
        }
        // SAFETY: P3: tested above; `this` is borrowed exclusively for as long as the value is.
        Some(unsafe { Self::value_mut(this) })
    }

    /// Returns the value to write to; if it is shared, a copy of it that this owner then has
    /// alone, under the same tag.
    #[inline]
    pub fn make_mut(this: &mut Self) -> &mut T
    where
        T: Clone,
        A: Clone,
    {
        if !K::is_unique(&this.ptr) {
            let copy = T::clone(this);
            *this = Self::with_kind_in(copy, Self::tag(this), this.allocator.clone());
        }
        // SAFETY: P3: tested above, or just made; `this` is borrowed exclusively.
        unsafe { Self::value_mut(this) }
    }

    /// Takes the value out if nobody shares it, and gives this owner back if somebody does.
    ///
    /// # Errors
    ///
    /// The owner itself, if the value is shared.
    #[inline]
    pub fn try_unwrap(this: Self) -> Result<T, Self> {
        if !Self::is_unique(&this) {
            return Err(this);
        }
        Ok(Self::into_inner(this).expect("the only owner is the last one"))
    }

    /// Gives up this owner, and takes the value out if it was the last one.
    ///
    /// If every owner of a value calls it, exactly one is given the value (none, if the count is
    /// saturated); with [`try_unwrap`](Self::try_unwrap), none may be.
    ///
    /// # Examples
    ///
    /// A tree of any depth is dropped without recursion:
    ///
    /// ```
    /// use pleach_ptr::Shared;
    ///
    /// #[derive(Default)]
    /// struct Node {
    ///     children: Vec<Shared<Node>>,
    /// }
    ///
    /// impl Drop for Node {
    ///     fn drop(&mut self) {
    ///         let mut doomed = std::mem::take(&mut self.children);
    ///         while let Some(child) = doomed.pop() {
    ///             if let Some(mut node) = Shared::into_inner(child) {
    ///                 doomed.append(&mut node.children);
    ///             }
    ///         }
    ///     }
    /// }
    ///
    /// let mut root = Node::default();
    /// for _ in 0..100_000 {
    ///     root = Node { children: vec![Shared::new(root)] };
    /// }
    /// drop(root);
    /// ```
    #[must_use = "the last owner is given the value"]
    pub fn into_inner(this: Self) -> Option<T> {
        let mut this = ManuallyDrop::new(this);
        // SAFETY: `this` is not dropped, and its pointer not used again.
        let ptr = unsafe { ManuallyDrop::take(&mut this.ptr) };
        // SAFETY: `this` is not dropped, and its allocator not used again.
        let allocator = unsafe { ptr::read(&raw const this.allocator) };
        let block = K::release(ptr)?.cast::<Block<T>>();
        // SAFETY: P4 and S1: a `Block<T>`, and ours; S2: initialised, and not read again.
        let Block { value, .. } = unsafe { block.read() };
        // SAFETY: P4: the block is ours, and emptied; S1: this allocator's, with this layout.
        unsafe { allocator.deallocate(block.cast(), Layout::new::<Block<T>>()) };
        Some(value)
    }

    /// Returns the value to write to.
    ///
    /// # Safety
    ///
    /// `this` is the only owner of its value.
    #[inline]
    unsafe fn value_mut(this: &mut Self) -> &mut T {
        let block = K::block(&this.ptr).cast::<Block<T>>().as_ptr();
        // SAFETY: P1, S1 and S2 for the block; P3 by this function's contract.
        unsafe { &mut (*block).value }
    }
}

/// Frees a block, also when dropping its value panicked.
struct FreeOnDrop<'a, T, A: Allocator> {
    block: NonNull<Block<T>>,
    allocator: &'a A,
}

impl<T, A: Allocator> Drop for FreeOnDrop<'_, T, A> {
    fn drop(&mut self) {
        // SAFETY: P4: made by the last owner, who drops what the block holds before this; S1: it
        // is this allocator's, with this layout.
        unsafe {
            self.allocator
                .deallocate(self.block.cast(), Layout::new::<Block<T>>())
        };
    }
}

impl<T, K: PtrKind, A: Allocator> Drop for Shared<T, K, A> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: `self` is dropped here, once, and the pointer not used again.
        let ptr = unsafe { ManuallyDrop::take(&mut self.ptr) };
        if let Some(block) = K::release(ptr) {
            let block = block.cast::<Block<T>>();
            let _free = FreeOnDrop {
                block,
                allocator: &self.allocator,
            };
            // SAFETY: P4 and S1: a `Block<T>`, and ours; S2: initialised, and not dropped before.
            unsafe { block.drop_in_place() };
        }
    }
}

impl<T, K: PtrKind, A: Allocator + Clone> Clone for Shared<T, K, A> {
    /// Adds an owner of the same value, under the same tag. *O*(1).
    #[inline]
    fn clone(&self) -> Self {
        let allocator = self.allocator.clone();
        Self {
            ptr: ManuallyDrop::new(K::clone(&self.ptr)),
            allocator,
            value: PhantomData,
        }
    }
}

impl<T, K: PtrKind, A: Allocator> Deref for Shared<T, K, A> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        let block = K::block(&self.ptr).cast::<Block<T>>().as_ptr();
        // SAFETY: P1, S1 and S2; by P3 nobody writes to the value while `self` is borrowed.
        unsafe { &(*block).value }
    }
}

impl<T, K: PtrKind, A: Allocator + Default> From<T> for Shared<T, K, A> {
    fn from(value: T) -> Self {
        Self::with_kind_in(value, Tag::default(), A::default())
    }
}

impl<T: Default, K: PtrKind, A: Allocator + Default> Default for Shared<T, K, A> {
    fn default() -> Self {
        Self::from(T::default())
    }
}

impl<T: fmt::Debug, K: PtrKind, A: Allocator> fmt::Debug for Shared<T, K, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        T::fmt(self, f)
    }
}

impl<T: PartialEq, K: PtrKind, A: Allocator> PartialEq for Shared<T, K, A> {
    fn eq(&self, other: &Self) -> bool {
        T::eq(self, other)
    }
}

impl<T: Eq, K: PtrKind, A: Allocator> Eq for Shared<T, K, A> {}

impl<T: PartialOrd, K: PtrKind, A: Allocator> PartialOrd for Shared<T, K, A> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        T::partial_cmp(self, other)
    }
}

impl<T: Ord, K: PtrKind, A: Allocator> Ord for Shared<T, K, A> {
    fn cmp(&self, other: &Self) -> Ordering {
        T::cmp(self, other)
    }
}

impl<T: Hash, K: PtrKind, A: Allocator> Hash for Shared<T, K, A> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        T::hash(self, state);
    }
}

#[cfg(all(test, not(pleach_loom)))]
mod tests {
    use super::*;

    /// Pretends that a value has more owners than a test can make.
    fn set_owners<T>(this: &Shared<T>, owners: u32) {
        // SAFETY: P1. A count that is too high delays the release; the callers below mend it.
        unsafe { Slim::block(&this.ptr).as_ref() }.set(owners);
    }

    #[test]
    fn a_saturated_value_is_never_unique_and_never_freed() {
        let mut value = Shared::new(String::from("shared by too many"));
        set_owners(&value, (1 << 31) - 1);
        drop(value.clone());
        for _ in 0..100 {
            drop(value.clone());
        }
        assert!(!Shared::is_unique(&value));
        assert!(Shared::get_mut(&mut value).is_none());

        Shared::make_mut(&mut value.clone()).push('!');
        assert_eq!(*value, "shared by too many");

        let value = Shared::try_unwrap(value).expect_err("saturated, so shared");
        let last = value.clone();
        assert_eq!(Shared::into_inner(value), None);
        // Nobody else is left: mended, the value can be freed after all.
        set_owners(&last, 1);
        assert_eq!(
            Shared::into_inner(last).as_deref(),
            Some("shared by too many")
        );
    }
}
