//! Lookups by one thread and by two.

use super::Figure;
use super::lines::{Curve, lines};
use crate::engines::EngineName;
use crate::measure::Cell;
use crate::report::{Run, SetReport};
use anyhow::Result;

/// One figure a set that was read by threads.
pub(crate) fn threads(run: &Run) -> Result<Vec<Figure>> {
    let read = |set: &&SetReport| set.cells().contains(&Cell::TwoThreads);
    let sets = run.sets.iter().filter(read);
    sets.map(|set| figure(set, &run.engines)).collect()
}

fn figure(set: &SetReport, engines: &[EngineName]) -> Result<Figure> {
    const STEPS: [(f64, Cell); 2] = [(1.0, Cell::OneThread), (2.0, Cell::TwoThreads)];
    let curves: Vec<Curve> = engines
        .iter()
        .map(|&engine| {
            // A thousand nanoseconds per lookup are a million lookups per second.
            let rate = |(threads, cell)| Some((threads, 1e3 / set.min(cell, engine)?));
            (engine, STEPS.into_iter().filter_map(rate).collect())
        })
        .collect();
    let ticks = [(1.0, "1 thread".to_owned()), (2.0, "2 threads".to_owned())];
    let title = format!("get, hit, by threads that share the map, {}", set.name);
    lines(title, "", &ticks, "million lookups per second", &curves)
}
