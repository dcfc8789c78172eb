//! A piece of memory from the system, and the header of a segment.

use std::ptr::{self, NonNull};

use pleach_atomic::alloc::{Allocator, Global, Layout};

use super::geometry::Geometry;

/// Memory from the global allocator, given back when dropped.
///
/// # Invariants
///
/// - **M1** `layout.size()` bytes at `base` are allocated with `layout`, and are this region's.
#[derive(Debug)]
pub(crate) struct Region {
    base: NonNull<u8>,
    layout: Layout,
    /// Whether the system took the advice to use huge pages.
    huge_pages: bool,
}

// SAFETY: M1: the memory is owned, and not tied to a thread.
unsafe impl Send for Region {}
// SAFETY: through a shared reference the region gives out numbers and pointers and nothing else.
unsafe impl Sync for Region {}

impl Region {
    /// Takes memory from the system, if it has some.
    pub(crate) fn new(bytes: usize, align: usize, huge_pages: bool) -> Option<Self> {
        let layout = Layout::from_size_align(bytes, align).ok()?;
        let block = Global.allocate(layout).ok()?;
        let base = block.cast();
        let huge_pages = huge_pages && advice::use_huge_pages(base, bytes);
        Some(Self {
            base,
            layout,
            huge_pages,
        })
    }

    /// Takes memory for a segment, aligned so that its header is found from each of its blocks.
    pub(crate) fn segment(
        geometry: Geometry,
        bytes: usize,
        number: u32,
        huge_pages: bool,
    ) -> Option<Self> {
        let region = Self::new(bytes, geometry.segment_bytes(), huge_pages)?;
        // SAFETY: M1: the header's bytes are ours, aligned, and nobody else knows them yet.
        unsafe { write_segment_number(region.base, number) };
        // What follows a block's address to the header may not go by the block's own pointer.
        let _ = region.base.expose_provenance();
        Some(region)
    }

    pub(crate) fn base(&self) -> NonNull<u8> {
        self.base
    }

    /// The address so far into the region.
    ///
    /// # Panics
    ///
    /// If it is not in the region.
    #[inline]
    pub(crate) fn at(&self, offset: usize) -> NonNull<u8> {
        assert!(offset < self.layout.size(), "beyond the region");
        // SAFETY: M1, and the offset is inside.
        unsafe { self.base.add(offset) }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.layout.size()
    }

    /// The bytes for which huge pages were advised with success.
    pub(crate) fn huge_page_bytes(&self) -> usize {
        if self.huge_pages { self.bytes() } else { 0 }
    }

    /// Writes to each page, so that the system has nothing left to do for it.
    pub(crate) fn touch(&mut self) {
        // SAFETY: M1, and nobody else has the region.
        unsafe { self.base.write_bytes(0, self.bytes()) };
    }

    /// Leaves the region to its base address; see [`from_raw`](Self::from_raw).
    pub(crate) fn into_raw(self) -> NonNull<u8> {
        let base = self.base;
        std::mem::forget(self);
        base
    }

    /// Takes up again what [`into_raw`](Self::into_raw) left.
    ///
    /// # Safety
    ///
    /// `base` is from `into_raw` of a region of these bytes and alignment, and is taken up once.
    pub(crate) unsafe fn from_raw(base: NonNull<u8>, bytes: usize, align: usize) -> Self {
        // SAFETY: a region had this layout.
        let layout = unsafe { Layout::from_size_align_unchecked(bytes, align) };
        Self {
            base,
            layout,
            huge_pages: false,
        }
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        advice::give_back(self.base, self.bytes());
        // SAFETY: M1, and the region is not used again.
        unsafe { Global.deallocate(self.base, self.layout) };
    }
}

/// Writes the number of a segment into its header.
///
/// # Safety
///
/// `base` is of a segment's region, and nobody reads its header meanwhile.
pub(crate) unsafe fn write_segment_number(base: NonNull<u8>, number: u32) {
    // SAFETY: the caller's promise.
    unsafe { base.cast::<u32>().write(number) };
}

/// The number of the segment that a block lies in, from its header.
///
/// # Safety
///
/// The block is of a pool of this geometry, and in use or in the hands of the caller.
#[inline]
pub(crate) unsafe fn segment_number(geometry: Geometry, block: NonNull<u8>) -> u32 {
    let address = block.addr().get() & !(geometry.segment_bytes() - 1);
    // SAFETY: the segment is alive since its block is; its header was written when it was made,
    // its provenance exposed, and nobody writes it as long as it lives.
    unsafe { ptr::with_exposed_provenance::<u32>(address).read() }
}

/// What the system is told about memory beyond taking it.
#[cfg(all(target_os = "linux", not(any(pleach_loom, pleach_shuttle, miri))))]
mod advice {
    use std::fs;
    use std::ptr::NonNull;
    use std::sync::LazyLock;

    use rustix::mm::{Advice, madvise};

    /// The pages that both ways of advice count in.
    const PAGE: usize = 4096;

    /// Whether the system uses huge pages where it is advised to.
    static HUGE_PAGES: LazyLock<bool> = LazyLock::new(|| {
        fs::read_to_string("/sys/kernel/mm/transparent_hugepage/enabled")
            .is_ok_and(|modes| !modes.contains("[never]"))
    });

    /// Advises huge pages. True if the system took the advice.
    pub(super) fn use_huge_pages(base: NonNull<u8>, bytes: usize) -> bool {
        *HUGE_PAGES && advise(base, bytes, Advice::LinuxHugepage)
    }

    /// Gives the pages back, even if the global allocator keeps the addresses.
    pub(super) fn give_back(base: NonNull<u8>, bytes: usize) {
        // A refusal costs nothing but the memory, which is freed next anyway.
        advise(base, bytes, Advice::LinuxDontNeed);
    }

    fn advise(base: NonNull<u8>, bytes: usize, advice: Advice) -> bool {
        if !base.addr().get().is_multiple_of(PAGE) || bytes < PAGE {
            return false;
        }
        let bytes = bytes & !(PAGE - 1);
        // SAFETY: whole pages that only the calling region has; what they hold is not needed (it
        // is new, or about to be freed).
        unsafe { madvise(base.as_ptr().cast(), bytes, advice) }.is_ok()
    }
}

/// Where nothing can be told, nothing is.
#[cfg(not(all(target_os = "linux", not(any(pleach_loom, pleach_shuttle, miri)))))]
mod advice {
    use std::ptr::NonNull;

    pub(super) fn use_huge_pages(_base: NonNull<u8>, _bytes: usize) -> bool {
        false
    }

    pub(super) fn give_back(_base: NonNull<u8>, _bytes: usize) {}
}
