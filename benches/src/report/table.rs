//! Tables, for the terminal and for Markdown alike.

use super::{CaseReport, short};
use crate::clock::Event;
use crate::race::{Column, Row, Side, Unit};
use comfy_table::{CellAlignment, Table, presets};

/// Below this ratio we lose; above its inverse we win.
pub(crate) const TIE: f64 = 0.97;
/// The neighbour that comes closest has a ratio of its own.
const CLOSEST: &str = "pathmap";

/// The table of a case: its columns, then the ratios that matter.
pub(crate) fn table(report: &CaseReport) -> String {
    let is_ours = |column: &&Column| column.side == Side::Ours;
    let ours = match report.columns.iter().filter(is_ours).count() {
        1 => "pleach",
        _ => "best of ours",
    };
    let closest = report.columns.iter().any(|column| column.name == CLOSEST);
    let mut table = Table::new();
    table.load_preset(presets::ASCII_MARKDOWN);
    let mut header = vec![report.name.to_owned()];
    header.extend(report.columns.iter().map(|column| column.name.to_owned()));
    header.push(format!("best peer / {ours}"));
    header.extend(closest.then(|| format!("{CLOSEST} / {ours}")));
    table.set_header(header);
    for row in report.rows() {
        let mut fields = vec![row.title.to_owned()];
        let columns = report.columns.iter();
        fields.extend(columns.map(|column| figure(report, row, column.name)));
        fields.push(ratio(report.best_peer(row.key).map(|(_, ratio)| ratio)));
        fields.extend(closest.then(|| ratio(report.ratio(row.key, CLOSEST))));
        table.add_row(fields);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    format!("{}: {}\n\n{table}\n", report.name, report.line)
}

/// What the processor counted, if it was asked: instructions, branch misses and cache misses per
/// operation.
pub(crate) fn counts_table(report: &CaseReport) -> Option<String> {
    let columns = || report.columns.iter().map(|column| column.name);
    let mut table = Table::new();
    table.load_preset(presets::ASCII_MARKDOWN);
    table.set_header([report.name].into_iter().chain(columns()));
    for row in report.rows() {
        let fields: Vec<_> = columns()
            .map(|column| report.counts(row.key, column))
            .collect();
        if fields.iter().any(Option::is_some) {
            let text = |counts: Option<[f64; 3]>| {
                counts.map_or_else(|| "-".into(), |counts| counts.map(short).join(" / "))
            };
            let fields = fields.into_iter().map(text);
            table.add_row([row.title.to_owned()].into_iter().chain(fields));
        }
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let names = Event::ALL.map(Event::name).join(" / ");
    let line = format!("{}: {names} per operation\n\n{table}\n", report.name);
    (table.row_count() > 0).then_some(line)
}

/// How a cell grows with the number of keys: our figure, and the ratio to the best peer.
pub(crate) fn growth_table<'a>(sets: impl IntoIterator<Item = &'a CaseReport>) -> String {
    let mut table = Table::new();
    table.load_preset(presets::ASCII_MARKDOWN);
    table.set_header([
        "set",
        "keys",
        "cell",
        "pleach",
        "best peer",
        "ratio",
        "peer",
    ]);
    for report in sets {
        for row in report.rows() {
            let ours = report.ours(row.key);
            let Some(((peer, ratio), ours)) = report.best_peer(row.key).zip(ours) else {
                continue;
            };
            table.add_row([
                report.name,
                &report.keys().map_or_else(String::new, count),
                row.title,
                &short(ours),
                &short(ours * ratio),
                &format!("{ratio:.2}"),
                peer,
            ]);
        }
    }
    format!("{table}\n")
}

/// A number of keys in few letters.
pub(crate) fn count(keys: usize) -> String {
    match keys {
        0..1_000 => keys.to_string(),
        1_000..1_000_000 => format!("{}k", keys / 1_000),
        _ => format!("{}M", keys / 1_000_000),
    }
}

/// Minimum and median.
fn figure(report: &CaseReport, row: Row, column: &str) -> String {
    let min = report.min(row.key, column);
    match min.zip(report.median(row.key, column)) {
        Some((min, _)) if row.unit == Unit::Bytes => short(min),
        Some((min, median)) => format!("{} / {}", short(min), short(median)),
        None => "-".into(),
    }
}

fn ratio(ratio: Option<f64>) -> String {
    ratio.map_or_else(|| "-".into(), |ratio| format!("{ratio:.2}"))
}

/// The cells where a peer is ahead, the worst first, one a line.
pub(crate) fn losses<'a>(cases: impl IntoIterator<Item = &'a CaseReport>) -> Vec<String> {
    let mut losses: Vec<(f64, String)> = Vec::new();
    for report in cases {
        for row in report.rows() {
            let Some((peer, ratio)) = report.best_peer(row.key).filter(|&(_, ratio)| ratio < TIE)
            else {
                continue;
            };
            let size = report.keys().map(|keys| format!(" of {}", count(keys)));
            let line = format!(
                "{ratio:.2}: {}{}, {}, to {peer}",
                report.name,
                size.unwrap_or_default(),
                row.title,
            );
            losses.push((ratio, line));
        }
    }
    losses.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    losses.into_iter().map(|(_, line)| line).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::report;
    use super::*;

    #[test]
    fn a_loss_is_named_with_its_winner() {
        let lost = report(&[
            (Side::Ours, "pleach", &[20.0]),
            (Side::Peer, "blart", &[10.0]),
            (Side::Peer, "btree", &[15.0]),
        ]);
        assert_eq!(losses([&lost]), ["0.50: rand, get, hit, to blart"]);
    }

    #[test]
    fn a_tie_is_no_loss() {
        let tie = report(&[
            (Side::Ours, "pleach", &[100.0]),
            (Side::Peer, "blart", &[98.0]),
        ]);
        assert!(losses([&tie]).is_empty());
    }

    #[test]
    fn a_missing_figure_is_a_dash() {
        let report = report(&[
            (Side::Ours, "pleach", &[20.0, 30.0]),
            (Side::Peer, "imbl", &[]),
        ]);
        let table = table(&report);
        let row = table.lines().find(|line| line.contains("get, hit"));
        assert!(row.unwrap().contains("20.0 / 30.0"), "{table}");
        assert_eq!(row.unwrap().matches(" - ").count(), 2, "{table}");
    }
}
