//! Loading: everything is checked, and then the file's bytes serve as they are.

use std::fs;
use std::ops::Range;
use std::path::Path;

use crc32fast::Hasher;

use super::{HEADER_LEN, MAGIC, SECTION_LEN, VERSION};
use crate::raw::record::read_header;
use crate::raw::store::Store;
use crate::{LoadError, Part, SharedMapping, SharedMappingHandle};

/// A section whose checksums fit.
struct Section {
    slot: usize,
    symbols: u64,
    /// Where its strings are.
    strings: Range<usize>,
}

/// Loads a file.
pub(crate) fn load(path: &Path) -> Result<SharedMappingHandle, LoadError> {
    let bytes = fs::read(path).map_err(|source| LoadError::Io {
        path: path.to_owned(),
        source,
    })?;
    read(bytes)
}

/// Loads the bytes of a file.
pub(crate) fn read(file: Vec<u8>) -> Result<SharedMappingHandle, LoadError> {
    let sections = sections(&file)?;
    let mut store = Store::of_file(file);
    let mut symbols = Vec::new();
    for section in &sections {
        for at in records(store.file(), section)? {
            symbols.push((store.adopt(section.slot, at)?, at));
        }
    }
    let mapping = SharedMapping::of_store(store);
    for (symbol, at) in symbols {
        if !mapping.enter(symbol)? {
            return Err(malformed(at, "a string stands twice"));
        }
    }
    Ok(mapping)
}

/// Checks all that has a checksum.
fn sections(file: &[u8]) -> Result<Vec<Section>, LoadError> {
    let mut from = Reader { file, at: 0 };
    if !file.starts_with(&MAGIC[..file.len().min(MAGIC.len())]) {
        return Err(LoadError::NotAMapping);
    }
    let head = from.take(HEADER_LEN as u64, Part::Header)?;
    let found = u32_at(head, 8);
    if found != VERSION {
        return Err(LoadError::Version {
            found,
            supported: VERSION,
        });
    }
    let (covered, checksum) = head.split_at(HEADER_LEN - 4);
    let key = u32_at(checksum, 0);
    check(crc32fast::hash(covered) == key, 0, Part::Header)?;
    let (count, symbols) = (u32_at(head, 12), u64_at(head, 16));

    let mut sections: Vec<Section> = Vec::new();
    let mut found = 0u64;
    for number in 0..count {
        let start = from.at;
        let part = Part::SectionHeader(number);
        let head = from.take(SECTION_LEN as u64, part)?;
        let (covered, checksum) = head.split_at(SECTION_LEN - 4);
        let mut hasher = Hasher::new_with_initial(key);
        hasher.update(covered);
        check(hasher.finalize() == u32_at(checksum, 0), start, part)?;

        let slot = u32_at(head, 0) as usize;
        if sections.last().is_some_and(|last| last.slot >= slot) {
            return Err(malformed(start, "the sections are not in order"));
        }
        let symbols = u64_at(head, 4);
        found = found.saturating_add(symbols);
        let (start, part) = (from.at, Part::Strings(number));
        let strings = from.take(u64_at(head, 12), part)?;
        check(crc32fast::hash(strings) == u32_at(head, 20), start, part)?;
        sections.push(Section {
            slot,
            symbols,
            strings: start..from.at,
        });
    }
    if from.at != file.len() {
        return Err(malformed(from.at, "bytes follow the last section"));
    }
    if found != symbols {
        return Err(malformed(16, "the sections have another number of symbols"));
    }
    Ok(sections)
}

/// Where the records of a section begin.
fn records(file: &[u8], section: &Section) -> Result<Vec<usize>, LoadError> {
    let mut starts = Vec::new();
    let Range { mut start, end } = section.strings;
    while start < end {
        starts.push(start);
        let (len, skip) = read_header(&file[start..end])
            .ok_or_else(|| malformed(start, "a length is cut, or longer than it has to be"))?;
        if len > end - start - skip {
            return Err(malformed(start, "a string goes beyond its section"));
        }
        start += skip + len;
    }
    if starts.len() as u64 != section.symbols {
        return Err(malformed(
            section.strings.start,
            "the section has another number of symbols",
        ));
    }
    Ok(starts)
}

/// A file, and how far it was read.
struct Reader<'f> {
    file: &'f [u8],
    at: usize,
}

impl<'f> Reader<'f> {
    fn take(&mut self, len: u64, part: Part) -> Result<&'f [u8], LoadError> {
        let rest = &self.file[self.at..];
        let taken = usize::try_from(len).ok().and_then(|len| rest.get(..len));
        let taken = taken.ok_or_else(|| LoadError::Truncated {
            offset: self.at as u64,
            part,
            missing: len - rest.len() as u64,
        })?;
        self.at += taken.len();
        Ok(taken)
    }
}

fn check(fits: bool, at: usize, part: Part) -> Result<(), LoadError> {
    match fits {
        true => Ok(()),
        false => Err(LoadError::Checksum {
            offset: at as u64,
            part,
        }),
    }
}

fn malformed(at: usize, what: &'static str) -> LoadError {
    LoadError::Malformed {
        offset: at as u64,
        what,
    }
}

/// The number at an offset of a header, which is long enough.
fn u32_at(header: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(std::array::from_fn(|i| header[at + i]))
}

fn u64_at(header: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(std::array::from_fn(|i| header[at + i]))
}
