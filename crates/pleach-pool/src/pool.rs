//! One trait for all levels, and what each level gives for it.

use std::ptr::NonNull;
use std::sync::Arc;

use crate::class::{DEFAULT_ALIGN, check_align};
use crate::error::{AllocError, FreeError};
use crate::handle::Handle;
use crate::level::ConcurrencyLevel;
use crate::stats::PoolStats;

/// A pool of blocks.
///
/// All pools of this crate have it, and so have references to them and `Arc`s of them. Others
/// cannot implement it: guards and the allocator face rely on how blocks are kept apart.
///
/// # Examples
///
/// ```
/// use pleach_pool::{FiveLevelPoolConfig, FreeError, LockFreePool, Pool};
///
/// let pool = LockFreePool::new(FiveLevelPoolConfig::memory_optimized())?;
/// let handle = pool.alloc(100)?;
/// assert_eq!(pool.stats().live_blocks, 1);
/// pool.free(handle)?;
/// assert_eq!(pool.free(handle), Err(FreeError::Stale));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Pool: sealed::Level {
    /// Allocates a block of at least `size` bytes, aligned to 16. Its bytes are whatever they are.
    ///
    /// # Errors
    ///
    /// See [`AllocError`].
    #[inline]
    fn alloc(&self, size: usize) -> Result<Handle, AllocError> {
        self.alloc_aligned(size, DEFAULT_ALIGN)
    }

    /// Allocates a block of at least `size` bytes, aligned to `align`.
    ///
    /// # Errors
    ///
    /// See [`AllocError`].
    #[inline]
    fn alloc_aligned(&self, size: usize, align: usize) -> Result<Handle, AllocError> {
        check_align(align)?;
        if size == 0 {
            return Err(AllocError::ZeroSize);
        }
        self.name(size, align)
    }

    /// Frees the block of a handle. Of several threads that free the same one, one succeeds.
    ///
    /// # Errors
    ///
    /// [`FreeError::Foreign`] if the handle is another pool's, [`FreeError::Stale`] if its block
    /// has been freed. The pool is then unchanged.
    #[inline]
    fn free(&self, handle: Handle) -> Result<(), FreeError> {
        self.unname(handle)
    }

    /// The bytes of a handle's block: as many as it has, which may be more than were asked for.
    ///
    /// Takes no lock, except where an adaptive pool of level 1 or 5 has one around everything.
    ///
    /// # Panics
    ///
    /// May panic if the handle is not of this pool or its block has been freed, which is against
    /// the rules below.
    ///
    /// # Safety
    ///
    /// - The handle is of this pool, and its block has not been freed.
    /// - The pointer is not used after the block is freed.
    /// - Whoever reads or writes the bytes sees to it that nobody writes them at the same time.
    #[allow(unsafe_code, reason = "what is done with the pointer, nobody checks")]
    unsafe fn as_ptr(&self, handle: Handle) -> NonNull<[u8]> {
        self.bytes(handle).expect("the handle is this pool's")
    }

    /// What the pool tells of itself. Not for hot paths: at level 4 it interrupts all threads.
    fn stats(&self) -> PoolStats {
        self.figures()
    }

    /// The level that the pool works at.
    fn level(&self) -> ConcurrencyLevel {
        self.current()
    }

    /// Gives empty segments back to the system, after it has emptied the threads' caches. Returns
    /// how many bytes those were. O(free blocks); other threads go on.
    fn trim(&self) -> usize {
        self.shrink()
    }
}

impl<L: sealed::Level + ?Sized> Pool for L {}

pub(crate) mod sealed {
    //! What a level gives, out of the reach of others.

    use super::{AllocError, Arc, ConcurrencyLevel, FreeError, Handle, NonNull, PoolStats};

    /// A size and an alignment.
    pub(crate) type Shape = (usize, usize);

    /// What a level gives.
    #[allow(unsafe_code, reason = "takes blocks back that nobody checks")]
    #[allow(missing_docs, reason = "nobody outside the crate sees it")]
    pub trait Level {
        /// A block for a size, which is not zero, and an alignment.
        fn take(&self, size: usize, align: usize) -> Result<NonNull<[u8]>, AllocError>;

        /// # Safety
        ///
        /// The block is from `take` with this size and alignment (or one of the same place), has
        /// not been given back, and is not used from here on.
        unsafe fn give(&self, block: NonNull<u8>, size: usize, align: usize);

        /// Whether a block of one shape is also one of the other.
        fn is_same_place(&self, old: Shape, new: Shape) -> bool;
        fn name(&self, size: usize, align: usize) -> Result<Handle, AllocError>;
        fn unname(&self, handle: Handle) -> Result<(), FreeError>;
        fn bytes(&self, handle: Handle) -> Option<NonNull<[u8]>>;
        fn figures(&self) -> PoolStats;
        fn current(&self) -> ConcurrencyLevel;
        fn shrink(&self) -> usize;
    }

    /// A pointer to a pool is as good as the pool.
    macro_rules! by_pointer {
        ($($pointer:ty),*) => {$(
            #[allow(unsafe_code, reason = "hands on what the pool promises")]
            impl<L: Level + ?Sized> Level for $pointer {
                #[inline]
                fn take(&self, size: usize, align: usize) -> Result<NonNull<[u8]>, AllocError> {
                    (**self).take(size, align)
                }
                #[inline]
                unsafe fn give(&self, block: NonNull<u8>, size: usize, align: usize) {
                    // SAFETY: the caller's promise.
                    unsafe { (**self).give(block, size, align) };
                }
                fn is_same_place(&self, old: Shape, new: Shape) -> bool {
                    (**self).is_same_place(old, new)
                }
                #[inline]
                fn name(&self, size: usize, align: usize) -> Result<Handle, AllocError> {
                    (**self).name(size, align)
                }
                #[inline]
                fn unname(&self, handle: Handle) -> Result<(), FreeError> {
                    (**self).unname(handle)
                }
                fn bytes(&self, handle: Handle) -> Option<NonNull<[u8]>> {
                    (**self).bytes(handle)
                }
                fn figures(&self) -> PoolStats {
                    (**self).figures()
                }
                fn current(&self) -> ConcurrencyLevel {
                    (**self).current()
                }
                fn shrink(&self) -> usize {
                    (**self).shrink()
                }
            }
        )*};
    }

    by_pointer!(&L, Arc<L>);
}
