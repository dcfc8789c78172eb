//! What a cell costs as the map grows.

use super::Figure;
use super::lines::{Curve, lines};
use crate::engines::EngineName;
use crate::measure::Cell;
use crate::report::{Run, SetReport, count};
use anyhow::Result;

/// One figure for each kind of key and each cell.
pub(crate) fn growth(run: &Run) -> Result<Vec<Figure>> {
    let mut names: Vec<&str> = run.growth.iter().map(|set| set.name).collect();
    names.dedup();
    let mut figures = Vec::new();
    for name in names {
        let sets: Vec<_> = run.growth.iter().filter(|set| set.name == name).collect();
        for cell in [Cell::Hit, Cell::Insert, Cell::Snapshot] {
            figures.push(figure(&sets, cell, &run.engines)?);
        }
    }
    Ok(figures)
}

fn figure(sets: &[&SetReport], cell: Cell, engines: &[EngineName]) -> Result<Figure> {
    let point = |set: &SetReport, engine| Some((set.keys as f64, set.min(cell, engine)?));
    let curves: Vec<Curve> = engines
        .iter()
        .map(|&engine| {
            let points = sets.iter().filter_map(|set| point(set, engine));
            (engine, points.collect())
        })
        .collect();
    let ticks: Vec<_> = sets
        .iter()
        .map(|set| (set.keys as f64, count(set.keys)))
        .collect();
    let name = sets.first().map_or("", |set| set.name);
    let title = format!("{}, {name}", cell.title());
    lines(
        title,
        "keys in the map",
        &ticks,
        "ns per operation",
        &curves,
    )
}
