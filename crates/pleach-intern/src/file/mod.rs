//! Saved mappings.
//!
//! All numbers are little endian. A file is a header and a section for each slot that has issued
//! symbols, in the order of the slots:
//!
//! ```text
//!   header    "pleachIN"  version: u32  sections: u32  symbols: u64  checksum: u32
//!   section   slot: u32   symbols: u64  end: u64  bytes: u64  checksum of the strings: u32  checksum: u32
//!             strings, in the order of their symbols: length, bytes
//!   length    one byte, less than 255; or 255 and a u32
//! ```
//!
//! Symbols are not written: each follows from the lengths of the strings before it, as when they were
//! issued. `end` is the index behind the last one, and tells whether that is so.
//!
//! A checksum (CRC-32) covers what stands before it in its header, or the strings; the checksum of
//! a section's header begins with that of the file's header, so that no section goes from file to
//! file. Hashes are not saved: their key is another each time.

mod load;
mod save;

pub(crate) use load::{load, read};
pub(crate) use save::{save, write};

/// What a file begins with.
const MAGIC: [u8; 8] = *b"pleachIN";

/// The format's version.
const VERSION: u32 = 1;

/// The size of the file's header, its checksum included.
const HEADER_LEN: usize = 28;

/// The size of a section's header, its checksum included.
const SECTION_LEN: usize = 36;

/// What the first byte of a length is that does not fit into it.
const LONG: u8 = 255;

/// Writes a length, and says how many bytes of the result are it.
fn write_len(len: usize) -> ([u8; 5], usize) {
    let [a, b, c, d] = (len as u32).to_le_bytes();
    match u8::try_from(len) {
        Ok(len) if len != LONG => ([len, 0, 0, 0, 0], 1),
        _ => ([LONG, a, b, c, d], 5),
    }
}

/// Reads a length, and says how many bytes it takes; `None` if it is cut, or longer than it has to be.
fn read_len(bytes: &[u8]) -> Option<(usize, usize)> {
    let (&first, rest) = bytes.split_first()?;
    if first != LONG {
        return Some((usize::from(first), 1));
    }
    let len = u32::from_le_bytes(*rest.first_chunk()?);
    (len >= u32::from(LONG)).then_some((len as usize, 5))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_come_back() {
        for len in [0, 1, 253, 254, 255, 256, 65_536, u32::MAX as usize] {
            let (written, size) = write_len(len);
            assert_eq!(read_len(&written[..size]), Some((len, size)));
            for cut in 0..size {
                assert_eq!(read_len(&written[..cut]), None);
            }
        }
        assert_eq!(read_len(&[255, 254, 0, 0, 0]), None);
    }
}
