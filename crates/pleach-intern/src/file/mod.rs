//! Saved mappings.
//!
//! All numbers are little endian. A file is a header and a section for each slot that has issued
//! symbols, in the order of the slots:
//!
//! ```text
//!   header    "pleachIN"  version: u32  sections: u32  symbols: u64  checksum: u32
//!   section   slot: u32   symbols: u64  bytes: u64  checksum of the strings: u32  checksum: u32
//!             strings: records as they are in memory, in the order of their symbols
//! ```
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
const SECTION_LEN: usize = 28;
