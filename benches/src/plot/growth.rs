//! What a cell costs as the map grows.

use super::Figure;
use super::lines::{Curve, lines};
use crate::race::Row;
use crate::report::{CaseReport, count};
use anyhow::Result;

/// One figure for each kind of key and each cell.
pub(crate) fn growth(sets: &[&CaseReport]) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for sets in sets.chunk_by(|a, b| a.name == b.name) {
        for row in sets[0].rows() {
            figures.push(figure(sets, row)?);
        }
    }
    Ok(figures)
}

fn figure(sets: &[&CaseReport], row: Row) -> Result<Figure> {
    let keys = |set: &CaseReport| Some((set.keys()? as f64, count(set.keys()?)));
    let ticks: Vec<_> = sets.iter().filter_map(|set| keys(set)).collect();
    let curves: Vec<Curve> = sets[0]
        .columns
        .iter()
        .map(|&column| {
            let point = |set: &&CaseReport| Some((keys(set)?.0, set.min(row.key, column.name)?));
            (column, sets.iter().filter_map(point).collect())
        })
        .collect();
    let title = format!("{}, {}", row.title, sets[0].name);
    lines(
        title,
        "keys in the map",
        &ticks,
        "ns per operation",
        &curves,
    )
}
