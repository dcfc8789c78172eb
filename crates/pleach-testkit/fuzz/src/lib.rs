//! What the fuzz targets do with their bytes: decode a script, and run it as the tests do, on the
//! real thing and on the oracle, with the structure checked after each call.
//!
//! The last byte chooses the kind of pointer and the type of the values.

#![deny(unsafe_code)]

#[path = "../../../pleach-trie/tests/common/mod.rs"]
#[allow(unsafe_code, reason = "it has an allocator that counts")]
mod common;

#[path = "../../../pleach-intern/tests/common/mod.rs"]
mod saved;

use common::{apply, expression, lattice, run, zip};
use pleach_ptr::{Global, Slim, Standard};
use pleach_testkit::{EditScript, MapScript, Op, ReadScript, Step};

/// A history of calls on a map, with clones that have to stay as they were.
pub fn map(bytes: &[u8]) {
    let script = MapScript::decode(bytes);
    match choice(bytes) {
        0 => run::map::<u64, Slim>(&script),
        1 => run::map::<String, Slim>(&script),
        2 => run::map::<String, Standard>(&script),
        _ => run::map::<(), Slim>(&script),
    }
}

/// A walk of every kind of zipper.
pub fn read(bytes: &[u8]) {
    let script = ReadScript::decode(bytes);
    match choice(bytes) {
        0 => run::read::<u64, Slim>(&script),
        1 => run::read::<String, Slim>(&script),
        2 => run::read::<String, Standard>(&script),
        _ => run::read::<(), Slim>(&script),
    }
}

/// A script of edits through write zippers, with grafts between the maps that it keeps.
pub fn write(bytes: &[u8]) {
    let script = EditScript::decode(bytes);
    match choice(bytes) {
        0 => drop(zip::edit::<u64, Slim, Global>(&script)),
        1 => drop(zip::edit::<String, Slim, Global>(&script)),
        2 => drop(zip::edit::<String, Standard, Global>(&script)),
        _ => drop(zip::edit::<(), Slim, Global>(&script)),
    }
}

/// A saved mapping, or what is made of one; with its own checksums, and with such as fit.
pub fn load(bytes: &[u8]) {
    saved::load(bytes);
    saved::load(&saved::mended(bytes));
}

/// An expression of set algebra over maps and their edited clones.
pub fn algebra(bytes: &[u8]) {
    let steps = Step::decode_all(bytes);
    match choice(bytes) {
        0 => expression::run::<u64, Slim>(&steps),
        1 => expression::run::<lattice::Count, Slim>(&steps),
        2 => expression::run::<bool, Standard>(&steps),
        _ => expression::run::<(), Slim>(&steps),
    }
}

/// A history of calls on a map that forgets to prune: it has to be found out.
pub fn canary(bytes: &[u8]) {
    run::map_by::<u64, Slim>(&MapScript::decode(bytes), |op, map| match op {
        Op::RemoveBranchesAt(key, _) => apply(&Op::RemoveBranchesAt(key.clone(), false), map),
        op => apply(op, map),
    });
}

fn choice(bytes: &[u8]) -> u8 {
    bytes.last().map_or(0, |byte| byte % 4)
}
