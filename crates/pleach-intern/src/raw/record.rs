//! Records: strings with their lengths in front, in memory that never moves.
//!
//! ```text
//!   | len | bytes ...                      up to 253 bytes
//!   | 254 | len: u32 | bytes ...           more, where there is room for them
//!   | 255 | len: u32 | address             more, in memory of their own
//! ```

use std::ptr::NonNull;

use pleach_atomic::alloc::{Allocator, Global, Layout};

use crate::InternError;

/// The greatest length of a string.
pub(crate) const LEN_MAX: usize = u32::MAX as usize;

/// First bytes that are no length.
const LONG: u8 = 254;
const ELSEWHERE: u8 = 255;

/// How many bytes stand before those of a long string.
const LONG_HEADER: usize = 1 + size_of::<u32>();

/// The size of a record whose bytes are elsewhere.
pub(crate) const ELSEWHERE_SIZE: usize = LONG_HEADER + size_of::<*const u8>();

/// The size of the record of a string of this length.
pub(crate) fn size_of_record(len: usize) -> usize {
    len + if len < usize::from(LONG) {
        1
    } else {
        LONG_HEADER
    }
}

/// Writes the record of a string.
///
/// # Safety
///
/// At `place` there are `size_of_record(bytes.len())` bytes that nobody else has. `bytes` are at most
/// [`LEN_MAX`].
pub(crate) unsafe fn write(place: NonNull<u8>, bytes: &[u8]) {
    let start = if bytes.len() < usize::from(LONG) {
        // SAFETY: the record has a first byte.
        unsafe { place.write(bytes.len() as u8) };
        1
    } else {
        // SAFETY: a long record has a long header.
        unsafe { write_long(place, LONG, bytes.len()) };
        LONG_HEADER
    };
    // SAFETY: the record goes on that far.
    let text = unsafe { place.add(start) };
    // SAFETY: and has room for the bytes, which are somebody else's.
    unsafe { text.copy_from_nonoverlapping(NonNull::from(bytes).cast(), bytes.len()) };
}

/// Writes the record of a string that is elsewhere.
///
/// # Safety
///
/// At `place` there are [`ELSEWHERE_SIZE`] bytes that nobody else has. `len` bytes are at `bytes`, at
/// most [`LEN_MAX`], for as long as the record is read.
pub(crate) unsafe fn write_elsewhere(place: NonNull<u8>, bytes: NonNull<u8>, len: usize) {
    // SAFETY: the record begins with a long header.
    unsafe { write_long(place, ELSEWHERE, len) };
    // SAFETY: the address follows.
    let address = unsafe { place.add(LONG_HEADER) };
    // SAFETY: and there is room for it.
    unsafe { address.cast::<NonNull<u8>>().write_unaligned(bytes) };
}

/// # Safety
///
/// At `place` there are [`LONG_HEADER`] bytes that nobody else has.
unsafe fn write_long(place: NonNull<u8>, first: u8, len: usize) {
    // SAFETY: the first of them.
    unsafe { place.write(first) };
    // SAFETY: the others.
    let rest = unsafe { place.add(1) };
    // SAFETY: as many as the length needs.
    unsafe { rest.cast::<u32>().write_unaligned(len as u32) };
}

/// The bytes of a record.
///
/// # Safety
///
/// At `record` a whole record was written, which lives and is not written to during `'a`.
#[inline]
pub(crate) unsafe fn read<'a>(record: NonNull<u8>) -> &'a [u8] {
    // SAFETY: a record has a first byte.
    let first = unsafe { record.read() };
    let (bytes, len) = if first < LONG {
        // SAFETY: the bytes follow it.
        (unsafe { record.add(1) }, usize::from(first))
    } else {
        // SAFETY: it is a long one, so a length follows.
        unsafe { read_long(record, first) }
    };
    // SAFETY: the record says so.
    unsafe { NonNull::slice_from_raw_parts(bytes, len).as_ref() }
}

/// # Safety
///
/// As for [`read`], and the record begins with `first`, not less than [`LONG`].
#[cold]
unsafe fn read_long(record: NonNull<u8>, first: u8) -> (NonNull<u8>, usize) {
    // SAFETY: a length follows the first byte.
    let place = unsafe { record.add(1) };
    // SAFETY: as above.
    let len = unsafe { place.cast::<u32>().read_unaligned() } as usize;
    // SAFETY: and bytes or an address follow the length.
    let rest = unsafe { record.add(LONG_HEADER) };
    if first == LONG {
        return (rest, len);
    }
    // SAFETY: an address it is.
    (unsafe { rest.cast::<NonNull<u8>>().read_unaligned() }, len)
}

/// Memory for records.
pub(crate) struct Slab {
    start: NonNull<u8>,
    layout: Layout,
}

// SAFETY: a slab owns its memory.
unsafe impl Send for Slab {}
// SAFETY: it gives away its address and no more.
unsafe impl Sync for Slab {}

impl Slab {
    /// Allocates `size` bytes, not zero.
    ///
    /// # Errors
    ///
    /// [`InternError::OutOfMemory`].
    pub(crate) fn new(size: usize) -> Result<Self, InternError> {
        let refused = InternError::OutOfMemory { asked: size };
        let layout = Layout::array::<u8>(size).map_err(|_| refused)?;
        let start = Global.allocate(layout).map_err(|_| refused)?.cast();
        Ok(Self { start, layout })
    }

    /// Where it begins.
    #[inline]
    pub(crate) fn start(&self) -> NonNull<u8> {
        self.start
    }

    /// How many bytes it has.
    pub(crate) fn size(&self) -> usize {
        self.layout.size()
    }
}

impl Drop for Slab {
    fn drop(&mut self) {
        // SAFETY: allocated in `new` with this layout.
        unsafe { Global.deallocate(self.start, self.layout) };
    }
}

#[cfg(all(test, not(any(pleach_loom, pleach_shuttle))))]
mod tests {
    use super::*;

    #[test]
    fn records_come_back() {
        for len in [0, 1, 253, 254, 255, 256, 70_000] {
            let bytes: Vec<u8> = (0..len).map(|i| i as u8).collect();
            let slab = Slab::new(size_of_record(len)).unwrap();
            // SAFETY: the slab has that many bytes, and nobody else has it.
            unsafe { write(slab.start(), &bytes) };
            // SAFETY: it was just written.
            assert_eq!(unsafe { read(slab.start()) }, bytes);

            let slab = Slab::new(ELSEWHERE_SIZE).unwrap();
            // SAFETY: as above; the bytes outlive the record.
            unsafe { write_elsewhere(slab.start(), NonNull::from(&bytes[..]).cast(), len) };
            // SAFETY: it was just written.
            assert_eq!(unsafe { read(slab.start()) }, bytes);
        }
    }
}
