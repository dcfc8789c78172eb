//! The named orderings and planted bugs: those in the code, and those in the ledger,
//! `docs/memory-ordering.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context, Result};

use crate::source::{Source, code_of};
use crate::workspace::Workspace;

/// Where the ledger is.
pub(crate) const LEDGER: &str = "docs/memory-ordering.md";

/// The crate that gives orderings their names; its own tests and examples name some for show.
const SHIM: &str = "pleach-atomic";

/// One name in the code.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Site {
    pub(crate) id: String,
    /// The folder of its crate, below `crates`.
    pub(crate) folder: String,
    /// Whether its ordering is `AcqRel`, which has two weaker ones.
    pub(crate) acquires_and_releases: bool,
}

/// What the code names.
#[derive(Debug, Default)]
pub(crate) struct Code {
    pub(crate) orderings: BTreeSet<Site>,
    pub(crate) planted: BTreeSet<Site>,
    /// Names of models: the functions of `tests/loom.rs` and `tests/shuttle.rs`.
    models: BTreeSet<String>,
}

/// What the ledger names.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// Ids, each with its cell of models.
    orderings: BTreeMap<String, String>,
    planted: BTreeMap<String, String>,
}

impl Code {
    /// Reads the sources and the models of all crates.
    pub(crate) fn read(workspace: &Workspace) -> Result<Self> {
        let mut code = Self::default();
        for source in Source::all(workspace)? {
            code.add(&source);
        }
        Ok(code)
    }

    fn add(&mut self, source: &Source) {
        let Some((folder, inner)) = source.in_crate() else {
            return;
        };
        let text = code_of(&source.text);
        if ["tests/loom.rs", "tests/shuttle.rs"].contains(&inner) {
            self.models.extend(functions(&text));
        }
        if !inner.starts_with("src/") {
            return;
        }
        if folder != SHIM {
            // `fence("...")` is the end of `acquire_fence("...")` too.
            for call in ["ord(", "fence("] {
                self.orderings.extend(sites(&text, call, folder));
            }
        }
        self.planted.extend(sites(&text, "planted(", folder));
    }

    /// What the ledger lacks or has too much, a line each.
    pub(crate) fn differences(&self, ledger: &Ledger) -> Vec<String> {
        let mut lines = Vec::new();
        let mut compare = |what: &str, sites: &BTreeSet<Site>, rows: &BTreeMap<String, String>| {
            let ids: BTreeSet<_> = sites.iter().map(|site| &site.id).collect();
            for site in sites.iter().filter(|site| !rows.contains_key(&site.id)) {
                lines.push(format!(
                    "{what} {} of {} has no row in {LEDGER}",
                    site.id, site.folder
                ));
            }
            for (id, models) in rows {
                if !ids.contains(id) {
                    lines.push(format!("{what} {id} of {LEDGER} is not in the code"));
                }
                for model in ticked(models).filter(|name| !self.models.contains(*name)) {
                    lines.push(format!(
                        "{what} {id} of {LEDGER} names the model {model}, which is none"
                    ));
                }
            }
        };
        compare("ordering", &self.orderings, &ledger.orderings);
        compare("planted bug", &self.planted, &ledger.planted);
        lines
    }
}

impl Ledger {
    /// Reads the ledger.
    pub(crate) fn read(workspace: &Workspace) -> Result<Self> {
        let path = workspace.root().join(LEDGER);
        let text = fs::read_to_string(&path).with_context(|| format!("{LEDGER} cannot be read"))?;
        Ok(Self::parse(&text))
    }

    fn parse(text: &str) -> Self {
        let mut ledger = Self::default();
        let mut header = Vec::new();
        for line in text.lines() {
            let Some(cells) = cells(line) else {
                header.clear();
                continue;
            };
            if header.is_empty() {
                header = cells;
                continue;
            }
            let (id, last) = (cells[0].trim_matches('`'), cells[cells.len() - 1]);
            if id.starts_with("---") {
                continue;
            }
            let models = header[header.len() - 1].starts_with("models that fail");
            let models = if models { last } else { "" };
            match header[0] {
                "id" => ledger.orderings.entry(id.to_owned()).or_default(),
                "planted" => ledger.planted.entry(id.to_owned()).or_default(),
                _ => continue,
            }
            .push_str(models);
        }
        ledger
    }

    /// The reason why no model has to fail for an id, if there is one.
    pub(crate) fn excuse(&self, id: &str) -> Option<String> {
        let reason = self.orderings.get(id)?.strip_prefix("none:")?.trim();
        (!reason.is_empty()).then(|| reason.to_owned())
    }

    /// The reason why a planted bug is for loom to find, and for no model of shuttle's, if there is
    /// one.
    pub(crate) fn for_loom_alone(&self, id: &str) -> Option<String> {
        let (_, reason) = self.planted.get(id)?.split_once(LOOM_ALONE)?;
        let reason = reason.trim();
        (!reason.is_empty()).then(|| reason.to_owned())
    }
}

/// Behind the models of a planted bug: why those that run under random schedules pass with it.
const LOOM_ALONE: &str = "loom alone:";

/// The cells of a table's row.
pub(crate) fn cells(line: &str) -> Option<Vec<&str>> {
    let row = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    Some(row.split('|').map(str::trim).collect())
}

/// The words of a text that stand in backticks.
pub(crate) fn ticked(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The calls of a function with a literal for its first argument.
fn sites<'s>(code: &'s str, call: &'s str, folder: &'s str) -> impl Iterator<Item = Site> + 's {
    code.match_indices(call).filter_map(move |(at, _)| {
        let word = |c: char| c.is_alphanumeric() || (c == '_' && call != "fence(");
        if code[..at].ends_with(word) {
            return None;
        }
        let arguments = code[at + call.len()..].trim_start().strip_prefix('"')?;
        let (id, rest) = arguments.split_once('"')?;
        let (order, _) = rest.split_once(')')?;
        Some(Site {
            id: id.to_owned(),
            folder: folder.to_owned(),
            acquires_and_releases: order.contains("AcqRel"),
        })
    })
}

/// The names of the functions in a source.
fn functions(code: &str) -> impl Iterator<Item = String> {
    code.lines().filter_map(|line| {
        let (name, _) = line.trim().strip_prefix("fn ")?.split_once('(')?;
        Some(name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = r#"
        let a = x.load(ord("P-1", Ordering::Acquire));
        let b = x.swap(1, ord(
            "P-2", Ordering::AcqRel));
        acquire_fence("P-3", |order| x.load(order));
        record("P-4", 1);
        // ord("P-5", Ordering::Release)
        if planted("bug") { return; }
    "#;

    const TABLES: &str = "\
| id | site |
|---|---|
| P-1 | here |
| P-2 | there |
| P-3 | here |

| id | models that fail when it is weakened |
|---|---|
| P-1 | `one`, `two` |
| P-2 | none: nobody reads it |
| P-3 | `one` |

| planted | bug | models that fail |
|---|---|---|
| `bug` | a bug | `two` |
";

    fn code(text: &str) -> Code {
        let mut code = Code::default();
        let models = "#[test]\nfn one() {}\n#[test]\nfn two() {}\n";
        code.add(&Source::new("crates/p/tests/loom.rs", models));
        code.add(&Source::new("crates/p/src/x.rs", text));
        code
    }

    #[test]
    fn what_agrees_differs_in_nothing() {
        let (code, ledger) = (code(SOURCE), Ledger::parse(TABLES));
        assert_eq!(code.differences(&ledger), [""; 0]);
        let both: Vec<_> = code
            .orderings
            .iter()
            .map(|s| s.acquires_and_releases)
            .collect();
        assert_eq!(both, [false, true, false]);
        assert_eq!(ledger.excuse("P-2").as_deref(), Some("nobody reads it"));
        assert_eq!(ledger.excuse("P-1"), None);
    }

    #[test]
    fn each_difference_is_told() {
        let ledger = Ledger::parse(&TABLES.replace("`two` |", "`three` |"));
        let code = code(&SOURCE.replace("P-1", "P-0"));
        let lines = code.differences(&ledger);
        assert_eq!(lines.len(), 4, "{lines:?}");
        assert!(lines[0].contains("P-0 of p has no row"));
        assert!(lines[1].contains("P-1") && lines[1].contains("not in the code"));
        assert!(lines[2].contains("three, which is none"));
    }

    #[test]
    fn an_excuse_needs_a_reason() {
        let ledger = Ledger::parse(&TABLES.replace(" nobody reads it", ""));
        assert_eq!(ledger.excuse("P-2"), None);
        assert_eq!(ledger.for_loom_alone("bug"), None);
        let ledger = Ledger::parse(&TABLES.replace("`two` |", "`two`; loom alone: why |"));
        assert_eq!(ledger.for_loom_alone("bug").as_deref(), Some("why"));
        let ledger = Ledger::parse(&TABLES.replace("`two` |", "`two`; loom alone: |"));
        assert_eq!(ledger.for_loom_alone("bug"), None);
    }
}
