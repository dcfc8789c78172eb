//! Typed guards: blocks that hold a value and free themselves.
//!
//! # Invariants
//!
//! - **G1** `value` points to a value that the guard owns. Unless it takes no bytes, it lies in a
//!   block that `pool` gave for its layout.

use pleach_atomic::alloc::Layout;
use std::fmt;
use std::mem;
use std::ops::{Deref, DerefMut};
use std::ptr::{self, NonNull};

use crate::error::AllocError;
use crate::pool::Pool;

/// A value in a block of a pool, as `Box` has it on the heap.
///
/// To have it is to have the right to its bytes: they are read and written without asking the pool.
/// `P` is a reference to a pool, which then cannot go first, or an `Arc` of one. When the guard is
/// dropped the value is, and the block is freed, even if the value's `Drop` panics. No handle names
/// the block of a guard, so nobody else can free it.
///
/// # Examples
///
/// ```
/// use pleach_pool::{FiveLevelPoolConfig, NoLockingPool, Pool, PoolBox};
///
/// let pool = NoLockingPool::new(FiveLevelPoolConfig::memory_optimized())?;
/// let mut numbers = PoolBox::new_in([1, 2, 3], &pool)?;
/// numbers[0] = 7;
/// assert_eq!(numbers.iter().sum::<i32>(), 12);
/// drop(numbers);
/// assert_eq!(pool.stats().live_blocks, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The pool cannot go before its guards:
///
/// ```compile_fail
/// use pleach_pool::{FiveLevelPoolConfig, NoLockingPool, PoolBox};
///
/// let pool = NoLockingPool::new(FiveLevelPoolConfig::memory_optimized()).unwrap();
/// let guard = PoolBox::new_in(1, &pool).unwrap();
/// drop(pool);
/// assert_eq!(*guard, 1);
/// ```
pub struct PoolBox<T: ?Sized, P: Pool> {
    value: NonNull<T>,
    pool: P,
}

/// A slice in a block of a pool.
pub type PoolSlice<T, P> = PoolBox<[T], P>;

// SAFETY: G1: the guard owns the value and a pointer to the pool, and goes where both can.
unsafe impl<T: ?Sized + Send, P: Pool + Send> Send for PoolBox<T, P> {}
// SAFETY: a shared guard gives out shared references to the value.
unsafe impl<T: ?Sized + Sync, P: Pool + Sync> Sync for PoolBox<T, P> {}

/// A block for a layout; nothing but an aligned address, if it is of no bytes.
fn allocate<P: Pool>(pool: &P, layout: Layout) -> Result<NonNull<u8>, AllocError> {
    if layout.size() == 0 {
        let address = ptr::without_provenance_mut(layout.align());
        return Ok(NonNull::new(address).unwrap_or(NonNull::dangling()));
    }
    Ok(pool.take(layout.size(), layout.align())?.cast())
}

/// Frees a block on the way out, whatever happens.
struct Block<'a, P: Pool> {
    pool: &'a P,
    block: NonNull<u8>,
    layout: Layout,
}

impl<P: Pool> Drop for Block<'_, P> {
    fn drop(&mut self) {
        if self.layout.size() > 0 {
            // SAFETY: from `allocate` with this layout; what was in it is gone.
            unsafe {
                self.pool
                    .give(self.block, self.layout.size(), self.layout.align())
            };
        }
    }
}

impl<T, P: Pool> PoolBox<T, P> {
    /// Moves a value into a block of the pool.
    ///
    /// # Errors
    ///
    /// See [`AllocError`]; the value is then dropped.
    #[inline]
    pub fn new_in(value: T, pool: P) -> Result<Self, AllocError> {
        let place = allocate(&pool, Layout::new::<T>())?.cast::<T>();
        // SAFETY: a new block for this type, or no bytes at an aligned address.
        unsafe { place.write(value) };
        Ok(Self { value: place, pool })
    }

    /// Moves the value out, and frees the block.
    #[must_use]
    pub fn into_inner(guard: Self) -> T {
        let guard = mem::ManuallyDrop::new(guard);
        // SAFETY: G1; the guard is not dropped, so pool and value are taken out once.
        let (value, pool) = unsafe { (guard.value.read(), ptr::read(&raw const guard.pool)) };
        drop(Block {
            pool: &pool,
            block: guard.value.cast(),
            layout: Layout::new::<T>(),
        });
        value
    }
}

impl<T, P: Pool> PoolBox<[T], P> {
    /// Makes a slice of what `f` gives for each index. If `f` panics, what there is is dropped and
    /// the block freed.
    ///
    /// # Errors
    ///
    /// See [`AllocError`]. A length whose bytes cannot be counted is too large.
    pub fn from_fn_in(
        len: usize,
        pool: P,
        mut f: impl FnMut(usize) -> T,
    ) -> Result<Self, AllocError> {
        let layout = Layout::array::<T>(len).map_err(|_| AllocError::TooLarge {
            asked: len.saturating_mul(size_of::<T>()),
            max: isize::MAX as usize,
        })?;
        let first = allocate(&pool, layout)?.cast::<T>();
        // From here on a guard of as many values as there are is dropped on a panic; the block is
        // freed by the layout of all, which `Partial` remembers.
        let mut partial = Partial {
            first,
            len: 0,
            block: mem::ManuallyDrop::new(Block {
                pool: &pool,
                block: first.cast(),
                layout,
            }),
        };
        for index in 0..len {
            let value = f(index);
            // SAFETY: the block has room for `len` values, and this one is not written yet.
            unsafe { first.add(index).write(value) };
            partial.len = index + 1;
        }
        mem::forget(partial);
        let value = NonNull::slice_from_raw_parts(first, len);
        Ok(Self { value, pool })
    }

    /// Makes a slice of copies of a value.
    ///
    /// # Errors
    ///
    /// See [`AllocError`].
    pub fn filled_in(len: usize, value: T, pool: P) -> Result<Self, AllocError>
    where
        T: Clone,
    {
        Self::from_fn_in(len, pool, |_| value.clone())
    }
}

/// A slice that is being made.
struct Partial<'a, T, P: Pool> {
    first: NonNull<T>,
    len: usize,
    block: mem::ManuallyDrop<Block<'a, P>>,
}

impl<T, P: Pool> Drop for Partial<'_, T, P> {
    fn drop(&mut self) {
        // SAFETY: taken out once, here.
        let _block = unsafe { mem::ManuallyDrop::take(&mut self.block) };
        // SAFETY: the first `len` values are written, and nobody else has them.
        unsafe { NonNull::slice_from_raw_parts(self.first, self.len).drop_in_place() };
    }
}

impl<T: ?Sized, P: Pool> PoolBox<T, P> {
    /// The pool, or the pointer to it.
    #[must_use]
    pub fn pool(guard: &Self) -> &P {
        &guard.pool
    }
}

impl<T: ?Sized, P: Pool> Drop for PoolBox<T, P> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: G1; `size_of_val` needs the value, which is still there.
        let layout = Layout::for_value(unsafe { self.value.as_ref() });
        let _block = Block {
            pool: &self.pool,
            block: self.value.cast(),
            layout,
        };
        // SAFETY: G1; the guard is gone after this. `_block` is freed even if this panics.
        unsafe { self.value.drop_in_place() };
    }
}

impl<T: ?Sized, P: Pool> Deref for PoolBox<T, P> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: G1.
        unsafe { self.value.as_ref() }
    }
}

impl<T: ?Sized, P: Pool> DerefMut for PoolBox<T, P> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: G1, and the guard is borrowed exclusively.
        unsafe { self.value.as_mut() }
    }
}

impl<T: ?Sized, P: Pool> AsRef<T> for PoolBox<T, P> {
    fn as_ref(&self) -> &T {
        self
    }
}

impl<T: ?Sized, P: Pool> AsMut<T> for PoolBox<T, P> {
    fn as_mut(&mut self) -> &mut T {
        self
    }
}

impl<T: ?Sized + fmt::Debug, P: Pool> fmt::Debug for PoolBox<T, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display, P: Pool> fmt::Display for PoolBox<T, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
