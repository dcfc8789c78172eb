//! The page: one file, without scripts and without anything from elsewhere.

use super::{CaseReport, Run, counts_table, losses, table};
use crate::plot::{self, Figure};
use anyhow::Result;
use std::fmt::Write;

const STYLE: &str = include_str!("page.css");

const CAUTION: &str = "Two identical maps in one run can differ by a third, because they lie \
    differently in memory. Ratios are made of minima; between 0.97 and 1.03 they are ties. The \
    figures hold for this machine, these data and these versions: look at ratios, repeat the run \
    where it matters, and read in docs/benchmarks.md where the method leans to one side.";

/// The page of a run.
pub(crate) fn page(run: &Run) -> Result<String> {
    let mut body = String::new();
    writeln!(body, "<h1>Pleach beside its neighbours</h1>")?;
    facts(&mut body, run)?;
    writeln!(body, "<p class=caution>{}</p>", escape(CAUTION))?;
    for (group, cases) in run.groups() {
        writeln!(body, "<h2>{}</h2>", escape(group.title()))?;
        group_of(&mut body, cases)?;
    }
    Ok(format!(
        "<!DOCTYPE html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n\
         <meta name=viewport content=\"width=device-width, initial-scale=1\">\n\
         <title>Pleach: benchmarks</title>\n<style>\n{STYLE}</style>\n</head>\n\
         <body>\n{body}</body>\n</html>\n"
    ))
}

/// The plots and tables of a group.
fn group_of(body: &mut String, cases: &[CaseReport]) -> Result<()> {
    let (growth, sets): (Vec<_>, Vec<_>) = cases.iter().partition(|case| case.growth);
    section(
        body,
        "Ratio to the best peer",
        "Blue: ahead. Orange: behind. White: a tie. Below the ratio stands the peer that it is to.",
        &plot::heat(&sets)?,
    )?;
    lost(body, cases)?;
    section(
        body,
        "Memory",
        "What the maps requested from the allocator and hold after shuffled inserts. Raw text is \
         the keys one after the other; front-coded is the sorted keys, each without what it \
         shares with the one before it, two lengths included. Neither of these two holds a value.",
        &plot::bytes(&sets)?,
    )?;
    section(
        body,
        "Growth",
        "Both axes are logarithmic.",
        &plot::growth(&growth)?,
    )?;
    section(
        body,
        "Threads",
        "Wall time, threads pinned, both axes logarithmic.",
        &plot::threads(&sets)?,
    )?;
    writeln!(body, "<h3>All figures</h3>")?;
    writeln!(
        body,
        "<p>Nanoseconds per operation, minimum / median; every sample is in \
         <a href=samples.json>samples.json</a>.</p>"
    )?;
    for case in cases {
        writeln!(body, "<pre>{}</pre>", escape(&table(case)))?;
        if let Some(table) = counts_table(case) {
            writeln!(body, "<pre>{}</pre>", escape(&table))?;
        }
    }
    Ok(())
}

/// Where, when and how.
fn facts(body: &mut String, run: &Run) -> Result<()> {
    let machine = &run.machine;
    let cores = format!("{} cores, {}", machine.cores, machine.cpu);
    let allocator = format!(
        "{}; choosing and counting add {:+.1} ns to each block, for every engine",
        machine.allocator, machine.allocator_overhead
    );
    let rounds = machine.rounds.to_string();
    let groups: Vec<_> = run.groups().map(|(group, _)| group).collect();
    let versions = machine.versions(&groups);
    writeln!(body, "<dl>")?;
    for (name, value) in [
        ("command", machine.command.as_str()),
        ("date", &format!("{} UTC", machine.date)),
        ("machine", &cores),
        ("compiler", machine.rustc),
        ("commit", &machine.commit),
        ("versions", &versions),
        ("allocator", &allocator),
        ("rounds", &rounds),
    ] {
        writeln!(body, "<dt>{name}</dt><dd>{}</dd>", escape(value))?;
    }
    writeln!(body, "</dl>")?;
    Ok(())
}

/// A heading, what to know, and plots; nothing if there is no plot.
fn section(body: &mut String, heading: &str, text: &str, figures: &[Figure]) -> Result<()> {
    if figures.is_empty() {
        return Ok(());
    }
    writeln!(
        body,
        "<h3>{}</h3>\n<p>{}</p>",
        escape(heading),
        escape(text)
    )?;
    writeln!(body, "<div class=figures>")?;
    for Figure { title, svg } in figures {
        let title = escape(title);
        writeln!(
            body,
            "<figure aria-label=\"{title}\"><figcaption>{title}</figcaption>{svg}</figure>"
        )?;
    }
    writeln!(body, "</div>")?;
    Ok(())
}

/// The losses in words.
fn lost(body: &mut String, cases: &[CaseReport]) -> Result<()> {
    let losses = losses(cases);
    writeln!(body, "<h3>Where Pleach loses</h3>")?;
    if losses.is_empty() {
        writeln!(body, "<p>Nowhere in this run.</p>")?;
        return Ok(());
    }
    writeln!(body, "<ul>")?;
    for loss in losses {
        writeln!(body, "<li>{}</li>", escape(&loss))?;
    }
    writeln!(body, "</ul>")?;
    Ok(())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_no_markup() {
        assert_eq!(
            escape("<a href=\"x\">&"),
            "&lt;a href=&quot;x&quot;&gt;&amp;"
        );
    }
}
