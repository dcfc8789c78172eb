//! Records: strings with their lengths in front, in memory that never moves.
//!
//! ```text
//!   | len | bytes ...     |          up to 254 bytes
//!   | 255 | len: u32, little endian | bytes ...  |
//! ```
//!
//! The same form stands in files, so that a loaded file serves as it is.

use std::ptr::{self, NonNull};

use pleach_atomic::alloc::{Allocator, Global, Layout};
use pleach_atomic::atomic::{AtomicPtr, Ordering};
use pleach_atomic::ord;

use super::watch::Watch;
use crate::InternError;

/// The greatest length of a string.
pub(crate) const LEN_MAX: usize = u32::MAX as usize;

/// What the first byte is where the length does not fit into it.
const LONG: u8 = u8::MAX;

/// How many bytes stand before those of a long string.
const LONG_HEADER: usize = 5;

/// What stands before the bytes of a string: as many as [`header_len`] says.
pub(crate) fn header(len: u32) -> [u8; LONG_HEADER] {
    let [a, b, c, d] = len.to_le_bytes();
    match u8::try_from(len) {
        Ok(len) if len != LONG => [len, 0, 0, 0, 0],
        _ => [LONG, a, b, c, d],
    }
}

/// How many bytes stand before those of a string of this length.
pub(crate) fn header_len(len: usize) -> usize {
    if len < usize::from(LONG) {
        1
    } else {
        LONG_HEADER
    }
}

/// Reads the length at the start of `bytes`, and says where the string begins. `None` if it is cut,
/// or written longer than it has to be.
pub(crate) fn read_header(bytes: &[u8]) -> Option<(usize, usize)> {
    let (&first, rest) = bytes.split_first()?;
    if first != LONG {
        return Some((usize::from(first), 1));
    }
    let len = u32::from_le_bytes(*rest.first_chunk()?) as usize;
    (header_len(len) == LONG_HEADER).then_some((len, LONG_HEADER))
}

/// Where the record of a symbol is.
pub(crate) struct Entry {
    /// Null, or a whole record that lives and stays as it is while `self` is borrowed.
    record: AtomicPtr<u8>,
    watch: Watch,
}

#[cfg(not(any(pleach_loom, pleach_shuttle)))]
const _: () = assert!(size_of::<Entry>() == size_of::<usize>());

impl Entry {
    /// The entry of a symbol that is not issued yet.
    pub(crate) fn new() -> Self {
        Self {
            record: AtomicPtr::new(ptr::null_mut()),
            watch: Watch::new(),
        }
    }

    /// The bytes of the record; `None` before it is published.
    #[inline]
    pub(crate) fn bytes(&self) -> Option<&[u8]> {
        // Acquire (INT-6): the record is seen with its address; pairs with INT-5.
        let record = self.record.load(ord("INT-6", Ordering::Acquire));
        let record = NonNull::new(record)?;
        self.watch.read();
        // SAFETY: by `publish` a whole record is there, and is not written to.
        let first = unsafe { record.read() };
        let (len, start) = if first != LONG {
            (usize::from(first), 1)
        } else {
            // SAFETY: the first byte says that four bytes of length follow it.
            let len = unsafe { record.add(1).cast::<u32>().read_unaligned() };
            (u32::from_le(len) as usize, LONG_HEADER)
        };
        // SAFETY: the record goes on that far, being whole.
        let bytes = unsafe { record.add(start) };
        // SAFETY: the record has that many bytes, which live and stay while `self` is borrowed.
        Some(unsafe { std::slice::from_raw_parts(bytes.as_ptr(), len) })
    }

    /// Publishes the record.
    ///
    /// # Safety
    ///
    /// A whole record is at `record`; it lives and is not written to as long as this entry can be
    /// borrowed. Nobody else publishes here.
    pub(crate) unsafe fn publish(&self, record: NonNull<u8>) {
        debug_assert!(self.record.load(Ordering::Relaxed).is_null());
        #[cfg(any(pleach_loom, pleach_shuttle))]
        if pleach_atomic::model::planted("early_entry") {
            self.record.store(record.as_ptr(), Ordering::Release);
        }
        self.watch.written();
        // Release (INT-5): whoever sees the address sees the record; pairs with INT-6.
        let order = ord("INT-5", Ordering::Release);
        self.record.store(record.as_ptr(), order);
    }
}

/// Memory for records.
pub(crate) struct Slab {
    start: NonNull<u8>,
    layout: Layout,
}

// SAFETY: a slab owns its memory.
unsafe impl Send for Slab {}

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

/// Writes the record of a string.
///
/// # Safety
///
/// At `place` there are `header_len(bytes.len()) + bytes.len()` bytes that the caller may write.
/// `bytes` are at most [`LEN_MAX`].
pub(crate) unsafe fn write(place: NonNull<u8>, bytes: &[u8]) {
    let start = header_len(bytes.len());
    let header = header(bytes.len() as u32);
    // SAFETY: the caller's place begins with as many bytes; the header is a local.
    unsafe { place.copy_from_nonoverlapping(NonNull::from(&header).cast(), start) };
    // SAFETY: the caller's place goes on that far.
    let text = unsafe { place.add(start) };
    // SAFETY: and has room for the bytes; nobody can read there, so they do not overlap.
    unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), text.as_ptr(), bytes.len()) };
}

#[cfg(all(test, not(any(pleach_loom, pleach_shuttle))))]
mod tests {
    use super::*;

    #[test]
    fn headers_come_back() {
        for len in [0, 1, 127, 128, 253, 254, 255, 256, 65_536, u32::MAX] {
            let written = header(len);
            let size = header_len(len as usize);
            assert_eq!(read_header(&written[..size]), Some((len as usize, size)));
            for cut in 0..size {
                assert_eq!(read_header(&written[..cut]), None);
            }
        }
        // 254 in the long form is another's.
        assert_eq!(read_header(&[255, 254, 0, 0, 0]), None);
    }

    #[test]
    fn records_come_back() {
        for len in [0, 1, 254, 255, 70_000] {
            let bytes: Vec<u8> = (0..len).map(|i| i as u8).collect();
            let slab = Slab::new(header_len(len) + len).unwrap();
            // SAFETY: the slab has that many bytes, and nobody else has it.
            unsafe { write(slab.start(), &bytes) };
            let entry = Entry::new();
            assert_eq!(entry.bytes(), None);
            // SAFETY: the record was just written, and lives longer than the entry is used.
            unsafe { entry.publish(slab.start()) };
            assert_eq!(entry.bytes(), Some(&bytes[..]));
        }
    }
}
