//! What the tests and the fuzzer do with bytes that may be a saved mapping.

use pleach_intern::SharedMapping;

/// The sizes of a file's header and of a section's.
const HEADER: usize = 28;
const SECTION: usize = 36;

/// Loads what may be a saved mapping. If it is one, it comes back as it was, both ways.
pub(crate) fn load(bytes: &[u8]) -> bool {
    let Ok(map) = SharedMapping::load_from(bytes) else {
        return false;
    };
    for (symbol, string) in map.iter() {
        assert_eq!(map.get_bytes(symbol), Some(string));
        assert_eq!(map.get_sym(string), Some(symbol));
    }
    let mut again = Vec::new();
    map.save_to(&mut again).expect("memory takes it");
    assert_eq!(again, bytes, "there is one file for one mapping");
    map.intern(b"one more");
    true
}

/// The same bytes with a mapping's mark, and with checksums that fit as far as there are sections.
pub(crate) fn mended(bytes: &[u8]) -> Vec<u8> {
    let mut file = bytes.to_vec();
    if file.len() < HEADER {
        return file;
    }
    file[..12].copy_from_slice(b"pleachIN\x01\0\0\0");
    let key = crc32fast::hash(&file[..HEADER - 4]);
    file[HEADER - 4..HEADER].copy_from_slice(&key.to_le_bytes());
    let mut rest = &mut file[HEADER..];
    while rest.len() >= SECTION {
        let (head, after) = rest.split_at_mut(SECTION);
        let len = u64::from_le_bytes(std::array::from_fn(|i| head[20 + i]));
        let len = after.len().min(usize::try_from(len).unwrap_or(usize::MAX));
        let (strings, after) = after.split_at_mut(len);
        head[28..32].copy_from_slice(&crc32fast::hash(strings).to_le_bytes());
        let mut hasher = crc32fast::Hasher::new_with_initial(key);
        hasher.update(&head[..SECTION - 4]);
        head[32..].copy_from_slice(&hasher.finalize().to_le_bytes());
        rest = after;
    }
    file
}
