//! The figures of the documentation, renewed in place.

use super::table::growth_table;
use super::{Run, table};
use anyhow::{Context, Result, ensure};
use std::fmt::Write;
use std::path::Path;

const BEGIN: &str = "<!-- BEGIN: report -->\n";
const END: &str = "<!-- END: report -->";

/// Writes the tables of a run into `docs/benchmarks.md`.
pub(crate) fn update(run: &Run) -> Result<()> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/benchmarks.md");
    let renew = || -> Result<()> {
        let page = std::fs::read_to_string(&file)?;
        Ok(std::fs::write(&file, spliced(&page, &section(run)?)?)?)
    };
    renew().with_context(|| format!("cannot renew {}", file.display()))
}

/// What stands between the marks.
fn section(run: &Run) -> Result<String> {
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
    writeln!(text, "{}.\n", machine.versions())?;
    writeln!(text, "Nanoseconds per operation, minimum / median.\n")?;
    for set in &run.sets {
        writeln!(text, "{}", table(set, &run.engines))?;
    }
    writeln!(text, "### Where Pleach loses\n")?;
    let losses = run.losses();
    if losses.is_empty() {
        writeln!(text, "Nowhere in this run.\n")?;
    } else {
        writeln!(text, "Ratio to the best peer, the worst first.\n")?;
        for loss in losses {
            writeln!(text, "- {loss}")?;
        }
        writeln!(text)?;
    }
    if !run.growth.is_empty() {
        writeln!(text, "### Growth\n")?;
        writeln!(text, "{}", growth_table(&run.growth))?;
    }
    Ok(text)
}

/// `page` with `section` between its marks.
fn spliced(page: &str, section: &str) -> Result<String> {
    let halves = page.split_once(BEGIN).and_then(|(head, rest)| {
        let (_, tail) = rest.split_once(END)?;
        Some((head, tail))
    });
    let (head, tail) = halves.context("the marks of the report are missing")?;
    ensure!(
        ![head, tail].iter().any(|part| part.contains("END: report")),
        "the marks of the report stand there twice"
    );
    Ok(format!("{head}{BEGIN}{}\n{END}{tail}", section.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_between_the_marks_changes() {
        let page = format!("a\n{BEGIN}old\n{END}\nb\n");
        let new = spliced(&page, "new\n\n").unwrap();
        assert_eq!(new, format!("a\n{BEGIN}new\n{END}\nb\n"));
        assert_eq!(spliced(&new, "new").unwrap(), new);
    }

    #[test]
    fn a_page_without_marks_is_refused() {
        assert!(spliced("a\n", "new").is_err());
        assert!(spliced(&format!("{END}\n{BEGIN}"), "new").is_err());
        assert!(spliced(&format!("{BEGIN}{END}{END}"), "new").is_err());
    }
}
