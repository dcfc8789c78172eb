//! The fuzzer's seeds for the loader as ordinary tests; `cargo xtask fuzz` goes on from the same
//! files.

mod common;

use std::path::Path;

use common::{load, mended};

#[test]
fn seeds_are_loaded_or_refused() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../pleach-testkit/fuzz/seeds/load");
    let (mut count, mut loaded) = (0, 0);
    for entry in seeds.read_dir().expect("seeds are committed") {
        let path = entry.expect("a file").path();
        println!("{}", path.display());
        let bytes = std::fs::read(path).expect("a readable file");
        loaded += usize::from(load(&bytes)) + usize::from(load(&mended(&bytes)));
        count += 1;
    }
    assert!(count > 0, "no seeds");
    assert!(
        loaded >= count,
        "most seeds are mappings, as they are or mended"
    );
}
