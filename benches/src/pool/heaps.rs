//! Where blocks come from: our pools and general allocators, behind one interface.

use allocator_api2::alloc::{AllocError, Allocator};
use pleach::pool::{
    FiveLevelPoolConfig, FixedCapacityPool, LockFreePool, MutexBasedPool, NoLockingPool, Pool,
    ThreadLocalPool,
};
use std::alloc::{GlobalAlloc, Layout};
use std::ptr::NonNull;

/// An allocator that a sample has for itself.
pub(crate) trait Heap: Sized {
    /// The allocator.
    type Face: Allocator;
    /// A new one, where the library has instances.
    fn fresh() -> Self;
    /// Its face.
    fn face(&self) -> &Self::Face;
}

/// A pool of ours.
pub(crate) struct Level<P>(pub(crate) P);

/// A level that can be made of a configuration.
pub(crate) trait Configured: Pool + Allocator + Sized {
    /// A new pool.
    fn configured(config: FiveLevelPoolConfig) -> Self;
}

impl<P: Configured> Heap for Level<P> {
    type Face = P;

    fn fresh() -> Self {
        let mut config = FiveLevelPoolConfig::performance_optimized();
        // Level 5 has to hold the largest of the samples.
        config.fixed_bytes = 192 << 20;
        Self(P::configured(config))
    }

    fn face(&self) -> &P {
        &self.0
    }
}

const FITS: &str = "the configuration is one of the library's own";

impl Configured for NoLockingPool {
    fn configured(config: FiveLevelPoolConfig) -> Self {
        Self::new(config).expect(FITS)
    }
}

impl Configured for MutexBasedPool {
    fn configured(config: FiveLevelPoolConfig) -> Self {
        Self::new(config).expect(FITS)
    }
}

impl Configured for LockFreePool {
    fn configured(config: FiveLevelPoolConfig) -> Self {
        Self::new(config).expect(FITS)
    }
}

impl Configured for ThreadLocalPool {
    fn configured(config: FiveLevelPoolConfig) -> Self {
        Self::new(config).expect(FITS)
    }
}

impl Configured for FixedCapacityPool {
    fn configured(config: FiveLevelPoolConfig) -> Self {
        Self::new(config).expect(FITS)
    }
}

/// A general allocator, called without the switch that the process's allocator goes through.
#[derive(Clone, Copy, Default)]
pub(crate) struct Direct<G>(G);

impl<G: GlobalAlloc + General> Heap for Direct<G> {
    type Face = Self;

    fn fresh() -> Self {
        Self(G::NEW)
    }

    fn face(&self) -> &Self {
        self
    }
}

/// A general allocator as a constant.
pub(crate) trait General {
    /// The allocator.
    const NEW: Self;
}

impl General for std::alloc::System {
    const NEW: Self = Self;
}

impl General for mimalloc::MiMalloc {
    const NEW: Self = Self;
}

impl General for tikv_jemallocator::Jemalloc {
    const NEW: Self = Self;
}

impl General for snmalloc_rs::SnMalloc {
    const NEW: Self = Self;
}

// SAFETY: the methods hand on to one allocator of the whole process, whose blocks stay where they
// are until they are given back; nothing is asked of it without a size.
unsafe impl<G: GlobalAlloc> Allocator for Direct<G> {
    #[inline]
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        if layout.size() == 0 {
            let dangling = std::ptr::without_provenance_mut(layout.align());
            let dangling = NonNull::new(dangling).ok_or(AllocError)?;
            return Ok(NonNull::slice_from_raw_parts(dangling, 0));
        }
        // SAFETY: the layout has a size.
        let block = NonNull::new(unsafe { self.0.alloc(layout) }).ok_or(AllocError)?;
        Ok(NonNull::slice_from_raw_parts(block, layout.size()))
    }

    #[inline]
    unsafe fn deallocate(&self, block: NonNull<u8>, layout: Layout) {
        if layout.size() > 0 {
            // SAFETY: the block came from this allocator, by the caller's promise.
            unsafe { self.0.dealloc(block.as_ptr(), layout) };
        }
    }
}
