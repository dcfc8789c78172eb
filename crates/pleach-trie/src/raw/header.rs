//! What every node block opens with, and the kinds of nodes.

use pleach_ptr::{Allocator, Count, Layout, PtrKind, Tag, handle_alloc_error};
use std::ops::Range;
use std::ptr::NonNull;

/// The first bytes of a block.
///
/// ```text
/// 0      4      5        6      7       8
/// | count | last | prefix | room | flags |
/// ```
#[repr(C)]
pub(super) struct Header {
    /// Owners, for the slim pointer kind.
    pub(super) count: Count,
    /// Number of children or entries, less one: a node is never empty.
    pub(super) last: u8,
    /// Bytes of prefix: what every path through the node begins with.
    pub(super) prefix: u8,
    /// Inner nodes: children there is room for, less one. Leaves: size of the block in units.
    pub(super) room: u8,
    /// Inner nodes: [`VALUED`]. Buckets: [`MASKED`], [`EVEN`].
    pub(super) flags: u8,
}

/// The inner node has a value at its branch point.
pub(super) const VALUED: u8 = 1;
/// The bucket has a mask of the entries with a value, since some have none.
pub(super) const MASKED: u8 = 2;
/// The bucket's suffixes are of one length.
pub(super) const EVEN: u8 = 4;

/// Bytes that the header takes in a block.
pub(super) const HEAD: usize = size_of::<Header>().next_multiple_of(8);

#[cfg(not(pleach_loom))]
const _: () = assert!(HEAD == 8);

/// Most bytes in a node's prefix, and in all suffixes of a bucket that is not even.
pub(super) const TEXT_MAX: usize = 255;

/// The kind of a node, which the pointer to it carries as its tag.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// Inner node of up to 48 children: a sorted array of bytes.
    Sparse = 0,
    /// Inner node of up to 256 children: a bitmap.
    Wide = 1,
    /// Leaf of a few entries with suffixes of any lengths.
    Bucket = 2,
    /// Leaf of up to 256 entries whose suffixes are one byte: a bitmap.
    Dense = 3,
}

/// The part of a pointer's tag that says the kind.
const KIND: u8 = 3;
/// In a pointer's tag: while a trie is made to succeed another one, the node is the other one's (see
/// [`succession`](super::succession)). Means nothing anywhere else.
pub(super) const LENT: u8 = 4;

impl Kind {
    /// The tag of pointers to such nodes.
    #[inline(always)]
    pub(super) const fn tag(self) -> Tag {
        Tag::new(self as u8)
    }

    /// The kind behind a pointer.
    #[inline(always)]
    pub(super) fn of<K: PtrKind>(ptr: &K::Ptr) -> Self {
        match K::tag(ptr).get() & KIND {
            0 => Kind::Sparse,
            1 => Kind::Wide,
            2 => Kind::Bucket,
            _ => Kind::Dense,
        }
    }
}

/// The block behind a pointer.
#[inline(always)]
pub(super) fn head<K: PtrKind>(ptr: &K::Ptr) -> NonNull<Header> {
    K::block(ptr).cast()
}

/// Asks for the cache lines of a leaf after the first, before anything in it is read: a look-up reads
/// header, suffix and value from different lines, and this overlaps the waits.
#[inline(always)]
pub(super) fn prefetch<K: PtrKind>(ptr: &K::Ptr) {
    if K::tag(ptr).get() & KIND >= Kind::Bucket as u8 {
        prefetch_lines::<K>(ptr, 1..LEAF_LINES);
    }
}

/// Asks for the first cache lines of a node that is read later: those of its header, its index and
/// its first children.
#[inline(always)]
pub(super) fn prefetch_first<K: PtrKind>(ptr: &K::Ptr) {
    prefetch_lines::<K>(ptr, 0..2);
}

/// Asks for the cache line of a node's count.
#[inline(always)]
pub(super) fn prefetch_count<K: PtrKind>(ptr: &K::Ptr) {
    prefetch_lines::<K>(ptr, 0..1);
}

#[inline(always)]
fn prefetch_lines<K: PtrKind>(ptr: &K::Ptr, lines: Range<usize>) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        let block = K::block(ptr).as_ptr().cast::<i8>();
        for line in lines {
            // SAFETY: a hint; it reads nothing, whatever the address.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(block.wrapping_add(64 * line)) };
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (ptr, lines);
}

/// Cache lines that most leaves take.
const LEAF_LINES: usize = 5;

/// A new block with its header; the rest is zero up to `zeroed` bytes and uninitialized after.
pub(super) fn allocate<A: Allocator>(
    alloc: &A,
    layout: Layout,
    zeroed: usize,
    header: Header,
) -> NonNull<Header> {
    debug_assert!(zeroed <= layout.size());
    debug_assert!(layout.align() >= 8 && layout.size() >= HEAD);
    let Ok(block) = alloc.allocate(layout) else {
        handle_alloc_error(layout)
    };
    let head = block.cast::<Header>();
    // SAFETY: the block is ours, is large enough for both writes and aligned for a header.
    unsafe {
        head.cast::<u8>().write_bytes(0, zeroed);
        head.write(header);
    }
    head
}

/// Returns a block whose contents have been moved out or dropped.
///
/// # Safety
/// - `head` was allocated from `alloc` with `layout`.
/// - Nobody uses the block any more.
pub(super) unsafe fn deallocate<A: Allocator>(alloc: &A, head: NonNull<Header>, layout: Layout) {
    // SAFETY: the count is dropped once, as the block ends here; the rest is the caller's promise.
    unsafe {
        head.drop_in_place();
        alloc.deallocate(head.cast(), layout);
    }
}
