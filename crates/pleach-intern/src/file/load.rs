//! Loading: everything is checked, and then the strings are interned anew, in the order they had.

use std::fs;
use std::ops::Range;
use std::path::Path;

use crc32fast::Hasher;

use super::{HEADER_LEN, MAGIC, SECTION_LEN, VERSION, read_len};
use crate::raw::store::{SLOT_COUNT, Store};
use crate::{Limits, LoadError, Part, SharedMapping, SharedMappingHandle};

/// A section whose checksums fit.
struct Section {
    slot: usize,
    symbols: u64,
    end: u64,
    /// Where it begins, and where its strings are.
    start: usize,
    strings: Range<usize>,
}

/// Loads a file.
pub(crate) fn load(path: &Path) -> Result<SharedMappingHandle, LoadError> {
    let bytes = fs::read(path).map_err(|source| LoadError::Io {
        path: path.to_owned(),
        source,
    })?;
    read(&bytes)
}

/// Loads the bytes of a file.
pub(crate) fn read(file: &[u8]) -> Result<SharedMappingHandle, LoadError> {
    let sections = sections(file)?;
    let mut store = Store::new(Limits::default());
    for section in &sections {
        let mut claim = store.own(section.slot)?;
        let mut symbols = 0;
        for string in strings(file, section) {
            let (_, bytes) = string?;
            claim.draft(bytes)?.issue();
            symbols += 1;
        }
        drop(claim);
        if (symbols, store.end_of(section.slot)) != (section.symbols, section.end) {
            let what = "the section has other symbols than its strings have";
            return Err(malformed(section.start, what));
        }
    }
    let mapping = SharedMapping::of_store(store);
    let mut symbols = mapping.iter();
    for string in sections.iter().flat_map(|section| strings(file, section)) {
        let ((at, _), Some((symbol, _))) = (string?, symbols.next()) else {
            break;
        };
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
        if slot >= SLOT_COUNT {
            return Err(malformed(start, "there is no such slot"));
        }
        let symbols = u64_at(head, 4);
        if symbols == 0 {
            return Err(malformed(start, "a section has no strings"));
        }
        found = found.saturating_add(symbols);
        let (first, part) = (from.at, Part::Strings(number));
        let strings = from.take(u64_at(head, 20), part)?;
        check(crc32fast::hash(strings) == u32_at(head, 28), first, part)?;
        sections.push(Section {
            slot,
            symbols,
            end: u64_at(head, 12),
            start,
            strings: first..from.at,
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

/// The strings of a section, and where each begins. Nothing follows an error.
fn strings<'f>(
    file: &'f [u8],
    section: &Section,
) -> impl Iterator<Item = Result<(usize, &'f [u8]), LoadError>> {
    let Range { start, end } = section.strings;
    let mut next = start;
    std::iter::from_fn(move || {
        let at = next;
        let rest = file.get(at..end).filter(|rest| !rest.is_empty())?;
        next = end;
        let Some((len, skip)) = read_len(rest) else {
            let what = "a length is cut, or longer than it has to be";
            return Some(Err(malformed(at, what)));
        };
        let Some(bytes) = rest[skip..].get(..len) else {
            let what = "a string goes beyond its section";
            return Some(Err(malformed(at, what)));
        };
        next = at + skip + len;
        Some(Ok((at, bytes)))
    })
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
