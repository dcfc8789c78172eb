//! Saved mappings: cut, changed, made up, and killed while they are written.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use pleach_intern::{
    LoadError, MAX_WRITER_THREADS, Part, SharedMapping, SharedMappingHandle, Symbol,
};

/// A folder of its own, gone at the end.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a place for temporary files")
}

fn saved(map: &SharedMappingHandle) -> Vec<u8> {
    let mut bytes = Vec::new();
    map.save_to(&mut bytes).expect("memory takes it");
    bytes
}

/// A mapping with strings in three slots, long ones, an empty one, and 300 bytes in a chunk.
fn sample() -> SharedMappingHandle {
    let map = SharedMapping::new();
    let permits = [(); 2].map(|()| map.try_acquire_permission().expect("few are held"));
    for name in ["", "a", "ab", "\0", "longer than the others", "\u{10FFFF}"] {
        map.intern(name);
    }
    permits[0].intern("of the first permit");
    permits[1].intern("of the second");
    permits[1].intern(vec![b'x'; 300]);
    permits[1].intern("behind the long one");
    map
}

fn assert_same(one: &SharedMappingHandle, other: &SharedMappingHandle) {
    assert!(one.iter().eq(other.iter()));
    assert_eq!(one.len(), other.len());
    for (symbol, bytes) in one.iter() {
        assert_eq!(other.get_sym(bytes), Some(symbol));
        assert_eq!(other.get_bytes(symbol), Some(bytes));
    }
}

#[test]
fn what_is_loaded_is_what_was_saved() {
    let folder = folder();
    let path = folder.path().join("symbols");
    for map in [SharedMapping::new(), sample()] {
        map.save(&path).unwrap();
        let loaded = SharedMapping::load(&path).unwrap();
        assert_same(&map, &loaded);
        assert_eq!(fs::read(&path).unwrap(), saved(&loaded));
        // Both go on in the same way, and differ from then on if they are asked for different things.
        assert_eq!(map.intern("next"), loaded.intern("next"));
        loaded.intern("one more");
        assert_eq!(map.get_sym("one more"), None);
    }
    let files: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(files.len(), 1, "nothing else is left");
}

#[test]
fn saved_files_replace_each_other_and_have_the_rights_of_files() {
    let folder = folder();
    let path = folder.path().join("symbols");
    fs::write(&path, "something else").unwrap();
    let map = sample();
    map.save(&path).unwrap();
    assert_same(&map, &SharedMapping::load(&path).unwrap());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let plain = folder.path().join("plain");
        fs::write(&plain, "").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&path), mode(&plain));
    }
}

#[test]
fn what_cannot_be_written_or_read_is_said() {
    let folder = folder();
    let path = folder.path().join("missing").join("symbols");
    let error = sample().save(&path).unwrap_err();
    assert!(error.to_string().contains("cannot be written"), "{error}");
    let error = SharedMapping::load(&path).unwrap_err();
    assert!(error.to_string().contains("cannot be read"), "{error}");
    assert!(matches!(error, LoadError::Io { .. }));
}

#[test]
fn every_cut_is_refused() {
    let bytes = saved(&sample());
    for len in 0..bytes.len() {
        let error = SharedMapping::load_from(&bytes[..len]).unwrap_err();
        let LoadError::Truncated {
            offset, missing, ..
        } = error
        else {
            panic!("cut at {len}: {error}");
        };
        assert!(offset as usize <= len && missing > 0);
    }
    let error = SharedMapping::load_from([&bytes[..], &[0]].concat()).unwrap_err();
    assert!(error.to_string().contains("bytes follow"), "{error}");
}

#[test]
fn every_flipped_bit_is_refused() {
    let bytes = saved(&sample());
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << bit;
            assert!(
                SharedMapping::load_from(&flipped).is_err(),
                "bit {bit} of byte {at}"
            );
        }
    }
}

#[test]
fn errors_say_where() {
    let bytes = saved(&sample());
    let refused = |at: usize, value: u8| {
        let mut changed = bytes.clone();
        changed[at] = value;
        SharedMapping::load_from(&changed).unwrap_err()
    };
    assert!(matches!(refused(0, b'P'), LoadError::NotAMapping));
    let newer = refused(8, 2);
    assert!(matches!(
        newer,
        LoadError::Version {
            found: 2,
            supported: 1
        }
    ));
    let LoadError::Checksum { offset, part } = refused(16, 99) else {
        panic!("the number of symbols is covered");
    };
    assert_eq!((offset, part), (0, Part::Header));
    let LoadError::Checksum { offset, part } = refused(28, 9) else {
        panic!("the slot is covered");
    };
    assert_eq!((offset, part), (28, Part::SectionHeader(0)));
    let LoadError::Checksum { offset, part } = refused(70, 0xEE) else {
        panic!("the strings are covered");
    };
    assert_eq!((offset, part), (64, Part::Strings(0)));
}

/// Builds files whose checksums fit, for what has to be refused nevertheless.
mod made {
    use crc32fast::Hasher;

    pub(crate) struct Section<'a> {
        pub(crate) slot: u32,
        pub(crate) symbols: u64,
        pub(crate) end: u64,
        /// How many bytes the section claims; as many as there are, if nothing is said.
        pub(crate) len: Option<u64>,
        pub(crate) strings: &'a [u8],
    }

    pub(crate) fn file(symbols: u64, sections: &[Section<'_>]) -> Vec<u8> {
        let mut file = b"pleachIN".to_vec();
        file.extend(1u32.to_le_bytes());
        file.extend((sections.len() as u32).to_le_bytes());
        file.extend(symbols.to_le_bytes());
        let key = crc32fast::hash(&file);
        file.extend(key.to_le_bytes());
        for section in sections {
            let mut head = section.slot.to_le_bytes().to_vec();
            head.extend(section.symbols.to_le_bytes());
            head.extend(section.end.to_le_bytes());
            let len = section.len.unwrap_or(section.strings.len() as u64);
            head.extend(len.to_le_bytes());
            head.extend(crc32fast::hash(section.strings).to_le_bytes());
            let mut hasher = Hasher::new_with_initial(key);
            hasher.update(&head);
            head.extend(hasher.finalize().to_le_bytes());
            file.extend(head);
            file.extend(section.strings);
        }
        file
    }

    pub(crate) fn section(slot: u32, symbols: u64, strings: &[u8]) -> Section<'_> {
        Section {
            slot,
            symbols,
            end: symbols,
            len: None,
            strings,
        }
    }
}

#[test]
fn what_no_mapping_writes_is_refused_though_the_checksums_fit() {
    use made::{file, section};
    let good = file(2, &[section(0, 1, b"\x01a"), section(1, 1, b"\x01b")]);
    assert_eq!(SharedMapping::load_from(&good).unwrap().len(), 2);

    let slots = MAX_WRITER_THREADS as u32 + 1;
    let far = made::Section {
        len: Some(u64::MAX),
        ..section(0, 1, b"\x01a")
    };
    let cases = [
        (file(1, &[section(slots, 1, b"\x01a")]), "no such slot"),
        (
            file(2, &[section(1, 1, b"\x01a"), section(0, 1, b"\x01b")]),
            "not in order",
        ),
        (
            file(2, &[section(0, 1, b"\x01a"), section(0, 1, b"\x01b")]),
            "not in order",
        ),
        (
            file(2, &[section(0, 1, b"\x01a"), section(1, 1, b"\x01a")]),
            "stands twice",
        ),
        (file(2, &[section(0, 2, b"\x01a\x01a")]), "stands twice"),
        (
            file(2, &[section(0, 1, b"\x01a")]),
            "another number of symbols",
        ),
        (file(2, &[section(0, 2, b"\x01a")]), "other symbols"),
        (
            file(u64::MAX, &[section(0, u64::MAX, b"\x01a")]),
            "other symbols",
        ),
        (file(1, &[section(0, 1, b"\x02a")]), "beyond its section"),
        (
            file(1, &[section(0, 1, b"\xFF\xFF\xFF\xFF\xFFa")]),
            "beyond its section",
        ),
        (
            file(1, &[section(0, 1, b"\xFF\x01\0\0\0a")]),
            "longer than it has to be",
        ),
        (file(1, &[section(0, 1, b"\xFF\x01")]), "is cut"),
        (file(0, &[section(0, 0, b"")]), "has no strings"),
        (file(1, &[far]), "missing"),
    ];
    for (file, expected) in cases {
        let error = SharedMapping::load_from(&file).unwrap_err();
        assert!(error.to_string().contains(expected), "{expected}: {error}");
    }
    // A section's end is where its strings end.
    let elsewhere = made::Section {
        end: 2,
        ..section(0, 1, b"\x01a")
    };
    let error = SharedMapping::load_from(file(1, &[elsewhere])).unwrap_err();
    assert!(error.to_string().contains("other symbols"), "{error}");
}

/// In the child: the file to save to, over and over.
const TO_SAVE: &str = "PLEACH_INTERN_SAVE_TO";

/// The two mappings that the child saves in turn.
fn generations() -> [SharedMappingHandle; 2] {
    let one = SharedMapping::new();
    for n in 0..2_000 {
        one.intern(format!("string {n}"));
    }
    let two = SharedMapping::load_from(saved(&one)).unwrap();
    for n in 0..2_000 {
        two.intern(format!("another string {n}"));
    }
    [one, two]
}

/// Does nothing, unless it is the child of the next test.
#[test]
fn child_that_saves() {
    let Some(path) = env::var_os(TO_SAVE).map(PathBuf::from) else {
        return;
    };
    let maps = generations();
    loop {
        for map in &maps {
            map.save(&path).unwrap();
        }
    }
}

#[test]
fn a_killed_save_leaves_the_old_file_or_the_new() {
    let folder = folder();
    let path = folder.path().join("symbols");
    let [old, new] = generations();
    old.save(&path).unwrap();
    let mut seen = [0; 2];
    for round in 0..12u64 {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "child_that_saves", "--nocapture"])
            .env(TO_SAVE, &path)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        // From before the first save to somewhere among many.
        thread::sleep(Duration::from_millis(20 + 17 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        let loaded = SharedMapping::load(&path).expect("whole, whenever it was killed");
        let which = usize::from(loaded.len() != old.len());
        assert_same(&loaded, [&old, &new][which]);
        seen[which] += 1;
    }
    println!(
        "{} times the old mapping, {} times the new",
        seen[0], seen[1]
    );
}

#[test]
fn saving_beside_writers_keeps_whole_strings() {
    let map = SharedMapping::new();
    let known: Vec<Symbol> = (0..100).map(|n| map.intern(format!("known {n}"))).collect();
    thread::scope(|scope| {
        for writer in 0..3 {
            let map = &map;
            scope.spawn(move || {
                for n in 0..20_000 {
                    map.intern(format!("{writer}: {n}"));
                }
            });
        }
        for _ in 0..20 {
            let loaded = SharedMapping::load_from(saved(&map)).unwrap();
            for &symbol in &known {
                assert_eq!(loaded.get_bytes(symbol), map.get_bytes(symbol));
            }
            for (symbol, bytes) in &*loaded {
                assert_eq!(map.get_bytes(symbol), Some(bytes));
                assert_eq!(map.get_sym(bytes), Some(symbol));
            }
        }
    });
}
