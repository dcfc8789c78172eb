//! Tables, for the terminal and for Markdown alike.

use super::{SetReport, short};
use crate::engines::EngineName;
use crate::measure::Cell;
use comfy_table::{CellAlignment, Table, presets};

/// Below this ratio we lose; above its inverse we win.
pub(crate) const TIE: f64 = 0.97;

/// The table of a set: engines in the given order, then the two ratios that matter.
pub(crate) fn table(report: &SetReport, engines: &[EngineName]) -> String {
    let mut table = Table::new();
    table.load_preset(presets::ASCII_MARKDOWN);
    let mut header = vec![report.name.to_owned()];
    header.extend(engines.iter().map(|engine| engine.name().to_owned()));
    header.extend(["best peer / pleach".into(), "pathmap / pleach".into()]);
    table.set_header(header);
    for cell in report.cells() {
        let mut row = vec![cell.title().to_owned()];
        row.extend(engines.iter().map(|&engine| figure(report, cell, engine)));
        row.push(ratio(report.best_peer(cell).map(|(_, ratio)| ratio)));
        row.push(ratio(report.ratio(cell, EngineName::Pathmap)));
        table.add_row(row);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    format!(
        "{}: {} keys of {:.1} bytes on average, {:.1} front-coded\n\n{table}\n",
        report.name, report.keys, report.raw, report.front_coded
    )
}

/// How a cell grows with the number of keys: our figure, and the ratio to the best peer.
pub(crate) fn growth_table<'a>(sets: impl IntoIterator<Item = &'a SetReport>) -> String {
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
        for cell in report.cells() {
            let ours = report.min(cell, EngineName::Pleach);
            let Some(((peer, ratio), ours)) = report.best_peer(cell).zip(ours) else {
                continue;
            };
            table.add_row([
                report.name,
                &count(report.keys),
                cell.title(),
                &short(ours),
                &short(ours * ratio),
                &format!("{ratio:.2}"),
                peer.name(),
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
fn figure(report: &SetReport, cell: Cell, engine: EngineName) -> String {
    let min = report.min(cell, engine);
    match min.zip(report.median(cell, engine)) {
        Some((min, _)) if cell == Cell::Bytes => short(min),
        Some((min, median)) => format!("{} / {}", short(min), short(median)),
        None => "-".into(),
    }
}

fn ratio(ratio: Option<f64>) -> String {
    ratio.map_or_else(|| "-".into(), |ratio| format!("{ratio:.2}"))
}

/// The cells where a peer is ahead, the worst first, one a line.
pub(crate) fn losses<'a>(sets: impl IntoIterator<Item = &'a SetReport>) -> Vec<String> {
    let mut losses: Vec<(f64, String)> = Vec::new();
    for report in sets {
        for cell in report.cells() {
            let Some((peer, ratio)) = report.best_peer(cell).filter(|&(_, ratio)| ratio < TIE)
            else {
                continue;
            };
            let line = format!(
                "{ratio:.2}: {} of {}, {}, to {}",
                report.name,
                count(report.keys),
                cell.title(),
                peer.name()
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
            (EngineName::Pleach, &[20.0]),
            (EngineName::Blart, &[10.0]),
            (EngineName::Btree, &[15.0]),
        ]);
        assert_eq!(losses([&lost]), ["0.50: rand of 1k, get, hit, to blart"]);
    }

    #[test]
    fn a_tie_is_no_loss() {
        let tie = report(&[(EngineName::Pleach, &[100.0]), (EngineName::Blart, &[98.0])]);
        assert!(losses([&tie]).is_empty());
    }

    #[test]
    fn a_missing_figure_is_a_dash() {
        let report = report(&[(EngineName::Pleach, &[20.0, 30.0])]);
        let table = table(&report, &[EngineName::Pleach, EngineName::Imbl]);
        let row = table.lines().find(|line| line.contains("get, hit"));
        assert!(row.unwrap().contains("20.0 / 30.0"), "{table}");
        assert_eq!(row.unwrap().matches(" - ").count(), 3, "{table}");
    }
}
