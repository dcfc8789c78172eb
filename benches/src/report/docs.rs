//! The figures of the documentation, renewed in place.

use super::table::growth_table;
use super::{CaseReport, Run, counts_table, losses, table};
use crate::race::Group;
use anyhow::{Context, Result, ensure};
use std::fmt::Write;
use std::path::Path;

/// Writes the tables of a run into `docs/benchmarks.md`, group by group; what was not measured
/// stays as it is.
pub(crate) fn update(run: &Run) -> Result<()> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/benchmarks.md");
    let renew = || -> Result<()> {
        let mut page = std::fs::read_to_string(&file)?;
        for (group, cases) in run.groups() {
            page = spliced(&page, group, &section(run, group, cases)?)?;
        }
        Ok(std::fs::write(&file, page)?)
    };
    renew().with_context(|| format!("cannot renew {}", file.display()))
}

/// What stands between the marks of a group.
fn section(run: &Run, group: Group, cases: &[CaseReport]) -> Result<String> {
    let machine = &run.machine;
    let mut text = String::new();
    writeln!(text, "Written by `{}`", machine.command)?;
    writeln!(text, "on {} UTC, commit {}.", machine.date, machine.commit)?;
    writeln!(
        text,
        "{} cores, {}; {}; allocator {} ({:+.1} ns per block for choice and count); {} rounds.",
        machine.cores,
        machine.cpu,
        machine.rustc,
        machine.allocator,
        machine.allocator_overhead,
        machine.rounds
    )?;
    writeln!(text, "{}.\n", machine.versions(&[group]))?;
    writeln!(text, "Nanoseconds per operation, minimum / median.\n")?;
    let (growth, cases): (Vec<_>, Vec<_>) = cases.iter().partition(|case| case.growth);
    for case in &cases {
        writeln!(text, "{}", table(case))?;
        if let Some(table) = counts_table(case) {
            writeln!(text, "{table}")?;
        }
    }
    writeln!(text, "Where Pleach loses:\n")?;
    let losses = losses(cases.into_iter().chain(growth.iter().copied()));
    if losses.is_empty() {
        writeln!(text, "nowhere in this run.\n")?;
    } else {
        for loss in losses {
            writeln!(text, "- {loss}")?;
        }
        writeln!(text)?;
    }
    if !growth.is_empty() {
        writeln!(text, "Growth:\n")?;
        writeln!(text, "{}", growth_table(growth))?;
    }
    Ok(text)
}

/// `page` with `section` between the marks of a group.
fn spliced(page: &str, group: Group, section: &str) -> Result<String> {
    let name = group.name();
    let (begin, end) = (
        format!("<!-- BEGIN: {name} -->\n"),
        format!("<!-- END: {name} -->"),
    );
    let halves = page.split_once(&begin).and_then(|(head, rest)| {
        let (_, tail) = rest.split_once(&end)?;
        Some((head, tail))
    });
    let (head, tail) = halves.with_context(|| format!("the marks of `{name}` are missing"))?;
    ensure!(
        ![head, tail].iter().any(|part| part.contains(&end)),
        "the marks of `{name}` stand there twice"
    );
    Ok(format!("{head}{begin}{}\n{end}{tail}", section.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGIN: &str = "<!-- BEGIN: pool -->\n";
    const END: &str = "<!-- END: pool -->";

    #[test]
    fn only_what_stands_between_the_marks_changes() {
        let page = format!("a\n{BEGIN}old\n{END}\nb\n");
        let new = spliced(&page, Group::Pool, "new\n\n").unwrap();
        assert_eq!(new, format!("a\n{BEGIN}new\n{END}\nb\n"));
        assert_eq!(spliced(&new, Group::Pool, "new").unwrap(), new);
    }

    #[test]
    fn a_page_without_marks_is_refused() {
        assert!(spliced("a\n", Group::Pool, "new").is_err());
        assert!(spliced(&format!("{END}\n{BEGIN}"), Group::Pool, "new").is_err());
        assert!(spliced(&format!("{BEGIN}{END}{END}"), Group::Pool, "new").is_err());
    }

    #[test]
    fn the_page_has_the_marks_of_every_group() {
        let page = include_str!("../../../docs/benchmarks.md");
        for group in <Group as clap::ValueEnum>::value_variants() {
            assert!(spliced(page, *group, "new").is_ok(), "{}", group.name());
        }
    }
}
