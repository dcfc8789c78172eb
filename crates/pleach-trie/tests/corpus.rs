//! The fuzzer's seeds, and what it once found, as ordinary tests.
//!
//! `cargo xtask fuzz` goes on from the same files. One that is named after what went wrong is there
//! because it failed.

mod common;

use common::{expression, run, zip};
use pleach_ptr::{Global, PtrKind, Slim, Standard};
use pleach_testkit::values::Seeded;
use pleach_testkit::{EditScript, MapScript, ReadScript, Step};
use std::fmt::Debug;
use std::path::Path;

/// Hands over each seed of a target, under every kind of value and pointer.
fn replay(target: &str, slim: impl Fn(&[u8]), standard: impl Fn(&[u8])) {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../pleach-testkit/fuzz/seeds");
    let mut count = 0;
    for entry in seeds.join(target).read_dir().expect("seeds are committed") {
        let path = entry.expect("a file").path();
        println!("{}", path.display());
        let bytes = std::fs::read(path).expect("a readable file");
        slim(&bytes);
        standard(&bytes);
        count += 1;
    }
    assert!(count > 0, "no seeds of {target}");
}

fn map<V: Seeded + Debug, K: PtrKind>(bytes: &[u8]) {
    run::map::<V, K>(&MapScript::decode(bytes));
}

fn read<V: Seeded + Debug, K: PtrKind>(bytes: &[u8]) {
    run::read::<V, K>(&ReadScript::decode(bytes));
}

fn write<V: Seeded + Debug, K: PtrKind>(bytes: &[u8]) {
    zip::edit::<V, K, Global>(&EditScript::decode(bytes));
}

#[test]
fn maps() {
    replay("map", map::<u64, Slim>, map::<String, Standard>);
}

#[test]
fn readers() {
    replay("read", read::<u64, Slim>, read::<String, Standard>);
}

#[test]
fn writers() {
    replay("write", write::<u64, Slim>, write::<String, Standard>);
}

#[test]
fn expressions() {
    replay(
        "algebra",
        |bytes| expression::run::<u64, Slim>(&Step::decode_all(bytes)),
        |bytes| expression::run::<bool, Standard>(&Step::decode_all(bytes)),
    );
}
