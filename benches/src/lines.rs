//! The repository's data files.

use anyhow::{Context, Result, ensure};
use ruzstd::decoding::StreamingDecoder;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The lines of a compressed file of the data directory.
pub(crate) fn lines(file: &str) -> Result<Vec<Vec<u8>>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../data")
        .join(file);
    let read = || -> Result<Vec<u8>> {
        let mut text = Vec::new();
        StreamingDecoder::new(File::open(&path)?)?.read_to_end(&mut text)?;
        Ok(text)
    };
    let text = read().with_context(|| format!("cannot read {}", path.display()))?;
    ensure!(
        !text.contains(&0),
        "{file} holds a NUL byte, which ends a key here"
    );
    Ok(text
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(<[u8]>::to_vec)
        .collect())
}
