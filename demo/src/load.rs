//! From a file to triples: read, decompress, split into lines and fields.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use ruzstd::decoding::StreamingDecoder;

use crate::parallel;
use crate::triple::Triple;

/// The bundled graph, compressed.
const WORDNET: &[u8] = include_bytes!("../../data/wordnet-3.1-triples.tsv.zst");

/// The first bytes of every zstd frame.
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];

/// Why a file could not be loaded.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoadError {
    /// There is no such file.
    #[error("{}: no such file", path.display())]
    Missing {
        /// The file asked for.
        path: PathBuf,
    },
    /// The file is there but cannot be read.
    #[error("{}: cannot be read", path.display())]
    Unreadable {
        /// The file asked for.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file begins as a zstd file and does not go on as one.
    #[error("{name}: broken or incomplete zstd data")]
    Compression {
        /// Where the bytes came from.
        name: String,
    },
    /// A line is not a triple.
    #[error("{name}:{line}: expected three non-empty fields separated by TAB, found {found}")]
    Malformed {
        /// Where the text came from.
        name: String,
        /// The line's number, from 1.
        line: usize,
        /// What is wrong with it.
        found: Flaw,
    },
}

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Flaw {
    /// Nothing between two line ends.
    #[error("an empty line")]
    Empty,
    /// More or fewer fields than a triple has.
    #[error("{}", crate::report::plural(*.0, "field"))]
    FieldCount(usize),
    /// A field without a byte.
    #[error("an empty {0}")]
    EmptyField(&'static str),
}

/// A text and where it came from.
pub(crate) struct Source {
    /// For messages: the path, or what the bundled data is.
    pub(crate) name: String,
    /// The lines, decompressed.
    pub(crate) text: Vec<u8>,
}

/// The text of `path`, or of the bundled graph without one; zstd is recognised by its first bytes.
///
/// # Errors
///
/// When the file is missing, cannot be read or is a broken zstd file.
pub(crate) fn read(path: Option<&Path>) -> Result<Source, LoadError> {
    let Some(path) = path else {
        let name = "WordNet 3.1 (bundled)".to_owned();
        let text = decompress(&name, WORDNET)?;
        return Ok(Source { name, text });
    };
    let name = path.display().to_string();
    let bytes = fs::read(path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => LoadError::Missing {
            path: path.to_owned(),
        },
        _ => LoadError::Unreadable {
            path: path.to_owned(),
            source,
        },
    })?;
    let text = if bytes.starts_with(&ZSTD_MAGIC) {
        decompress(&name, &bytes)?
    } else {
        bytes
    };
    Ok(Source { name, text })
}

/// All frames of a zstd file.
fn decompress(name: &str, mut bytes: &[u8]) -> Result<Vec<u8>, LoadError> {
    // The decoder's own messages speak of its inner parts, and help nobody.
    let broken = || LoadError::Compression {
        name: name.to_owned(),
    };
    let mut text = Vec::new();
    while !bytes.is_empty() {
        let mut frame = StreamingDecoder::new(&mut bytes).map_err(|_| broken())?;
        frame.read_to_end(&mut text).map_err(|_| broken())?;
        let decoder = frame.into_frame_decoder();
        let written = decoder.get_checksum_from_data();
        if written.is_some() && written != decoder.get_calculated_checksum() {
            return Err(broken());
        }
    }
    Ok(text)
}

/// The triples of a text, in the order of its lines; `parsed` hears the bytes of each piece done.
///
/// Lines end with LF or CRLF, the last one may go without. Any bytes but TAB and LF may stand in a
/// field, UTF-8 or not.
///
/// # Errors
///
/// [`LoadError::Malformed`] for the first line that is not three non-empty fields.
pub(crate) fn parse<'t>(
    source: &'t Source,
    threads: usize,
    parsed: impl Fn(usize) + Sync,
) -> Result<Vec<Triple<'t>>, LoadError> {
    // Several pieces for each thread, so that one slow thread does not keep the others waiting.
    let pieces = split_at_lines(&source.text, threads.saturating_mul(8));
    let results = parallel::map(threads, &pieces, |piece| {
        let triples: Result<Vec<_>, _> = lines(piece)
            .enumerate()
            .map(|(index, line)| parse_line(line).map_err(|found| (index, found)))
            .collect();
        parsed(piece.len());
        triples
    });
    let mut triples = Vec::with_capacity(results.iter().flatten().map(Vec::len).sum());
    for result in results {
        match result {
            Ok(mut part) => triples.append(&mut part),
            Err((index, found)) => {
                return Err(LoadError::Malformed {
                    name: source.name.clone(),
                    line: triples.len() + index + 1,
                    found,
                });
            }
        }
    }
    Ok(triples)
}

/// Cuts a text into about `count` pieces, each of whole lines.
fn split_at_lines(text: &[u8], count: usize) -> Vec<&[u8]> {
    let size = text.len().div_ceil(count.max(1)).max(1);
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let cut = rest
            .iter()
            .skip(size - 1)
            .position(|&byte| byte == b'\n')
            .map_or(rest.len(), |at| size + at);
        let (piece, after) = rest.split_at(cut);
        pieces.push(piece);
        rest = after;
    }
    pieces
}

/// The lines of a text without their ends.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split_inclusive(|&byte| byte == b'\n').map(|line| {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        line.strip_suffix(b"\r").unwrap_or(line)
    })
}

/// The triple of a line.
fn parse_line(line: &[u8]) -> Result<Triple<'_>, Flaw> {
    if line.is_empty() {
        return Err(Flaw::Empty);
    }
    let mut fields = line.split(|&byte| byte == b'\t');
    let (Some(subject), Some(predicate), Some(object), None) =
        (fields.next(), fields.next(), fields.next(), fields.next())
    else {
        let count = line.split(|&byte| byte == b'\t').count();
        return Err(Flaw::FieldCount(count));
    };
    let named = [
        ("subject", subject),
        ("predicate", predicate),
        ("object", object),
    ];
    match named.iter().find(|(_, field)| field.is_empty()) {
        Some((name, _)) => Err(Flaw::EmptyField(name)),
        None => Ok(Triple {
            subject,
            predicate,
            object,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: impl Into<Vec<u8>>) -> Source {
        Source {
            name: "file.tsv".to_owned(),
            text: text.into(),
        }
    }

    fn message(text: impl Into<Vec<u8>>) -> String {
        let source = source(text);
        match parse(&source, 2, |_| ()) {
            Ok(triples) => panic!("{} triples where an error was due", triples.len()),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn fields_are_bytes_and_lines_end_either_way() {
        let source = source(b"a\tb\tc\r\n\xFF\xFE\t \tx\ry\nlast\tp\to".as_slice());
        let triples = parse(&source, 2, |_| ()).unwrap();
        let fields: Vec<_> = triples.iter().map(Triple::fields).collect();
        assert_eq!(
            fields,
            [
                [b"a".as_slice(), b"b", b"c"],
                [b"\xFF\xFE", b" ", b"x\ry"],
                [b"last", b"p", b"o"],
            ]
        );
    }

    #[test]
    fn a_bad_line_is_named_and_explained() {
        let expected = "expected three non-empty fields separated by TAB, found";
        for (text, line, found) in [
            ("a\tb\tc\na b c\n", 2, "1 field"),
            ("a\tb\n", 1, "2 fields"),
            ("a\tb\tc\td\n", 1, "4 fields"),
            ("a\tb\tc\n\na\tb\tc\n", 2, "an empty line"),
            ("\tb\tc\n", 1, "an empty subject"),
            ("a\t\tc\n", 1, "an empty predicate"),
            ("a\tb\t\r\n", 1, "an empty object"),
        ] {
            assert_eq!(
                message(text),
                format!("file.tsv:{line}: {expected} {found}")
            );
        }
    }

    #[test]
    fn the_first_bad_line_of_many_pieces_is_the_one_reported() {
        let good = "s\tp\to\n".repeat(5000);
        let text = [&good, "bad\n", &good, "worse\n"].concat();
        assert!(message(text).starts_with("file.tsv:5001:"));
    }

    #[test]
    fn pieces_are_whole_lines_and_lose_nothing() {
        let text = b"one\ntwo\n\nthree\nfour";
        for count in 0..30 {
            let pieces = split_at_lines(text, count);
            assert_eq!(pieces.concat(), text);
            assert!(
                pieces
                    .iter()
                    .rev()
                    .skip(1)
                    .all(|piece| piece.ends_with(b"\n"))
            );
        }
        assert!(split_at_lines(b"", 4).is_empty());
    }

    #[test]
    fn an_empty_text_has_no_triples() {
        assert!(parse(&source(""), 2, |_| ()).unwrap().is_empty());
    }

    #[test]
    fn a_missing_file_says_so() {
        let error = read(Some(Path::new("no/such/file.tsv"))).err().unwrap();
        assert_eq!(error.to_string(), "no/such/file.tsv: no such file");
    }

    #[test]
    fn a_cut_zstd_file_is_an_error() {
        for length in [4, 5, 9, 1000] {
            assert!(matches!(
                decompress("cut", &WORDNET[..length]),
                Err(LoadError::Compression { .. })
            ));
        }
    }

    #[test]
    fn the_frames_of_a_zstd_file_follow_each_other() {
        let level = ruzstd::encoding::CompressionLevel::Fastest;
        let frame = |text: &[u8]| ruzstd::encoding::compress_to_vec(text, level);
        let both = [frame(b"a\tb\tc\n"), frame(b"d\te\tf\n")].concat();
        assert_eq!(decompress("frames", &both).unwrap(), b"a\tb\tc\nd\te\tf\n");
        let mut broken = frame(b"a\tb\tc\n");
        if let Some(last) = broken.last_mut() {
            *last ^= 1;
        }
        assert!(decompress("broken", &broken).is_err());
    }
}
