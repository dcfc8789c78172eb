//! `cargo xtask tidy`: rules of the house that no compiler knows.
//!
//! That every unsafe block has its `SAFETY` comment and every public item its documentation is for
//! the lints in the workspace's manifest, which the stages `clippy` and `docs` of `cargo xtask test`
//! turn into errors.

mod layers;
mod links;
mod sources;

use std::fmt;

use anyhow::{Result, ensure};

use crate::ledger::{Code, LEDGER, Ledger};
use crate::source::Source;
use crate::workspace::Workspace;

/// A breach of a rule.
#[derive(Debug, PartialEq, Eq)]
struct Breach {
    /// The file, and the line where there is one.
    place: String,
    /// What is wrong.
    what: String,
    /// Where the rule is written.
    rule: &'static str,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, what, rule } = self;
        write!(f, "{place}: {what} (rule: {rule})")
    }
}

/// Checks every rule, and tells all breaches.
pub(crate) fn run() -> Result<()> {
    let workspace = Workspace::load()?;
    let files = Source::all(&workspace)?;
    let mut breaches = Vec::new();
    for file in &files {
        breaches.extend(sources::check(file));
        breaches.extend(links::check(file, &workspace.root()));
    }
    breaches.extend(layers::check(&workspace, &files)?);
    let (code, ledger) = (Code::read(&workspace)?, Ledger::read(&workspace)?);
    breaches.extend(code.differences(&ledger).into_iter().map(|what| Breach {
        place: LEDGER.to_owned(),
        what,
        rule: "docs/memory-ordering.md, at the top",
    }));

    let long = files.iter().filter_map(sources::long);
    let long: Vec<_> = long.collect();
    for file in &long {
        println!("tidy: {file}");
    }
    for breach in &breaches {
        eprintln!("tidy: {breach}");
    }
    ensure!(
        breaches.is_empty(),
        "xtask tidy: {} breaches",
        breaches.len()
    );
    println!(
        "xtask tidy: {} files, {} packages, {} orderings and {} planted bugs in order; {} long files",
        files.len(),
        workspace.packages().len(),
        code.orderings.len(),
        code.planted.len(),
        long.len()
    );
    Ok(())
}
