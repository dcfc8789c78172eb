//! What can go wrong, and where.

use std::io;
use std::path::PathBuf;

/// Why a string was not interned. The mapping is as it was, and goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InternError {
    /// No slot has a symbol left, or the table of hashes cannot grow any further.
    #[error("no symbols are left")]
    SymbolSpaceExhausted,
    /// The string is longer than strings may be.
    #[error("a string of {len} bytes is longer than the {max} that are allowed")]
    TooLong {
        /// Its length.
        len: usize,
        /// The greatest length of a string of this mapping.
        max: usize,
    },
    /// The system refused memory.
    #[error("{asked} bytes of memory could not be had")]
    OutOfMemory {
        /// How much was asked for.
        asked: usize,
    },
}

/// Why there is no permit to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PermitError {
    /// Every slot belongs to a permit that is alive, or has no symbol left.
    #[error("all {slots} slots for writers are held or used up")]
    AllHeld {
        /// How many slots there are.
        slots: usize,
    },
}

/// Eight bytes that are no symbol of any mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{bytes:02x?} is no symbol: the top bit is set")]
pub struct InvalidSymbol {
    /// The bytes.
    pub bytes: [u8; 8],
}

/// Why a mapping could not be saved. A file that was there before is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SaveError {
    /// The system refused.
    #[error("{} cannot be written", path.display())]
    Io {
        /// The file to be written.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Why a saved mapping could not be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The file could not be read.
    #[error("{} cannot be read", path.display())]
    Io {
        /// The file to be read.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It does not begin as a saved mapping does.
    #[error("not a saved mapping: it does not begin with the mark of one")]
    NotAMapping,
    /// It is of a version that this one cannot read.
    #[error("saved in version {found} of the format; this is version {supported}")]
    Version {
        /// The version of the file.
        found: u32,
        /// The version that can be read.
        supported: u32,
    },
    /// It ends too early.
    #[error("cut short at byte {offset}: {missing} bytes of {part} are missing")]
    Truncated {
        /// Where the part begins that is not whole.
        offset: u64,
        /// The part.
        part: Part,
        /// How many bytes it lacks.
        missing: u64,
    },
    /// A checksum does not fit: the bytes have changed since they were written.
    #[error("damaged: the checksum of {part}, from byte {offset}, does not fit")]
    Checksum {
        /// Where the part begins.
        offset: u64,
        /// The part.
        part: Part,
    },
    /// The checksums fit, and what they guard is not what a mapping writes.
    #[error("malformed at byte {offset}: {what}")]
    Malformed {
        /// Where.
        offset: u64,
        /// What is wrong there.
        what: &'static str,
    },
    /// What was read could not be held.
    #[error("the mapping cannot be held in memory")]
    Intern(#[from] InternError),
}

/// A part of a saved mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Part {
    /// The first bytes of the file.
    #[error("the file's header")]
    Header,
    /// What stands before the strings of a slot.
    #[error("the header of section {0}")]
    SectionHeader(u32),
    /// The strings of a slot.
    #[error("the strings of section {0}")]
    Strings(u32),
}
