//! Saving: to a file beside, to the disk, and then in its place.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use crc32fast::Hasher;

use super::{MAGIC, VERSION, write_len};
use crate::iter::of_slot;
use crate::raw::store::SLOT_COUNT;
use crate::{SaveError, SharedMapping};

/// What is saved of a slot: the symbols that it had when this was made.
struct Section {
    slot: usize,
    symbols: usize,
    end: u64,
    bytes: u64,
    checksum: u32,
}

impl Section {
    fn of(mapping: &SharedMapping, slot: usize) -> Self {
        let end = mapping.store.end_of(slot);
        let mut hasher = Hasher::new();
        let (mut symbols, mut size) = (0, 0);
        for (_, bytes) in of_slot(&mapping.store, slot, 0, end) {
            let (len, start) = write_len(bytes.len());
            hasher.update(&len[..start]);
            hasher.update(bytes);
            symbols += 1;
            size += (start + bytes.len()) as u64;
        }
        Self {
            slot,
            symbols,
            end,
            bytes: size,
            checksum: hasher.finalize(),
        }
    }

    fn header(&self, file: u32) -> Vec<u8> {
        let mut header = Vec::new();
        header.extend((self.slot as u32).to_le_bytes());
        header.extend((self.symbols as u64).to_le_bytes());
        header.extend(self.end.to_le_bytes());
        header.extend(self.bytes.to_le_bytes());
        header.extend(self.checksum.to_le_bytes());
        let mut hasher = Hasher::new_with_initial(file);
        hasher.update(&header);
        header.extend(hasher.finalize().to_le_bytes());
        header
    }
}

/// Writes a mapping.
pub(crate) fn write(mapping: &SharedMapping, mut to: impl Write) -> io::Result<()> {
    let sections = (0..SLOT_COUNT).map(|slot| Section::of(mapping, slot));
    let sections: Vec<_> = sections.filter(|section| section.symbols > 0).collect();
    let symbols: usize = sections.iter().map(|section| section.symbols).sum();

    let mut head = MAGIC.to_vec();
    head.extend(VERSION.to_le_bytes());
    head.extend((sections.len() as u32).to_le_bytes());
    head.extend((symbols as u64).to_le_bytes());
    let checksum = crc32fast::hash(&head);
    head.extend(checksum.to_le_bytes());
    to.write_all(&head)?;

    for section in sections {
        to.write_all(&section.header(checksum))?;
        for (_, bytes) in of_slot(&mapping.store, section.slot, 0, section.end) {
            let (len, start) = write_len(bytes.len());
            to.write_all(&len[..start])?;
            to.write_all(bytes)?;
        }
    }
    to.flush()
}

/// Puts a file in the place of `path`, whole or not at all.
pub(crate) fn save(mapping: &SharedMapping, path: &Path) -> Result<(), SaveError> {
    replace(path, |file| write(mapping, BufWriter::new(file))).map_err(|source| SaveError::Io {
        path: path.to_owned(),
        source,
    })
}

fn replace(path: &Path, content: impl FnOnce(&File) -> io::Result<()>) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let beside = tempfile::Builder::new()
        .prefix(".pleach-")
        // With the rights that files have here, and not those of secrets.
        .make_in(folder, |path| File::create_new(path))?;
    content(beside.as_file())?;
    beside.as_file().sync_all()?;
    beside.persist(path).map_err(|error| error.error)?;
    // The name has to last as the bytes do. Only Unix can open a folder for that.
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}
