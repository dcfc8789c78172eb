//! The layers: which package depends on which, against the table that says which may.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use cargo_metadata::DependencyKind;
use cargo_metadata::camino::Utf8Path;

use super::Breach;
use crate::ledger::{cells, ticked};
use crate::source::Source;
use crate::workspace::Workspace;

/// The document with the table.
const DOCUMENT: &str = "docs/architecture.md";

/// The head of the table's second column.
const HEAD: &str = "may use, of the workspace";

/// Packages by their folders' names, with those they depend on, tests aside.
type Edges = BTreeMap<String, BTreeSet<String>>;

/// Compares the table with what cargo says.
pub(super) fn check(workspace: &Workspace, files: &[Source]) -> Result<Vec<Breach>> {
    let document = files.iter().find(|file| file.path == DOCUMENT);
    let document = document.with_context(|| format!("{DOCUMENT} is missing"))?;
    let packages = workspace.packages();
    let folder_of = |path: &Utf8Path| path.file_name().unwrap_or_default().to_owned();
    let edges = packages.iter().map(|package| {
        let folder = package.manifest_path.parent().map(folder_of);
        let uses = package.dependencies.iter().filter_map(|dependency| {
            let inner = dependency.path.as_deref().map(folder_of)?;
            (dependency.kind != DependencyKind::Development).then_some(inner)
        });
        (folder.unwrap_or_default(), uses.collect())
    });
    Ok(compare(&table(&document.text), &edges.collect()))
}

/// Reads the table.
fn table(text: &str) -> Edges {
    let rows = text.lines().map(cells);
    let rows = rows.skip_while(|row| row.as_ref().is_none_or(|cells| cells.get(1) != Some(&HEAD)));
    let rows = rows.skip(2).map_while(|row| row);
    rows.filter_map(|row| {
        let name = ticked(row[0]).next()?.to_owned();
        Some((name, ticked(row[1]).map(str::to_owned).collect()))
    })
    .collect()
}

fn compare(table: &Edges, real: &Edges) -> Vec<Breach> {
    let list = |names: Option<&BTreeSet<String>>| match names {
        None => "no line".to_owned(),
        Some(names) if names.is_empty() => "nothing".to_owned(),
        Some(names) => names.iter().cloned().collect::<Vec<_>>().join(", "),
    };
    let packages: BTreeSet<_> = table.keys().chain(real.keys()).collect();
    let differing = packages
        .into_iter()
        .filter(|name| table.get(*name) != real.get(*name));
    differing
        .map(|name| Breach {
            place: DOCUMENT.to_owned(),
            what: format!(
                "{name} uses {}, and the table of layers says {}",
                list(real.get(name)),
                list(table.get(name))
            ),
            rule: "docs/architecture.md, layers",
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
Text.

| crate | may use, of the workspace |
|---|---|
| `low` | nothing |
| `high` | `low`, `middle` |

| other | table |
";

    fn edges(edges: &[(&str, &[&str])]) -> Edges {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        edges
            .iter()
            .map(|(name, uses)| ((*name).to_owned(), owned(uses)))
            .collect()
    }

    #[test]
    fn the_table_is_what_cargo_says() {
        let table = table(TABLE);
        assert_eq!(table, edges(&[("low", &[]), ("high", &["low", "middle"])]));
        assert_eq!(compare(&table, &table), []);
    }

    #[test]
    fn each_difference_is_told() {
        let real = edges(&[
            ("low", &["high"]),
            ("high", &["low", "middle"]),
            ("new", &[]),
        ]);
        let found = compare(&table(TABLE), &real);
        let found: Vec<_> = found.iter().map(|breach| &*breach.what).collect();
        assert_eq!(
            found,
            [
                "low uses high, and the table of layers says nothing",
                "new uses nothing, and the table of layers says no line",
            ]
        );
    }
}
