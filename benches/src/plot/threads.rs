//! The same work by one thread and by two.

use super::Figure;
use super::lines::{Curve, lines};
use crate::report::CaseReport;
use anyhow::Result;

/// Rows with these ends are two points of one curve.
const ENDS: [(&str, f64); 2] = [("one-thread", 1.0), ("two-threads", 2.0)];

/// One figure for each pair of rows that differ in the number of threads.
pub(crate) fn threads(sets: &[&CaseReport]) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for set in sets {
        for row in set.rows() {
            if let Some(work) = row.key.strip_suffix(ENDS[0].0) {
                figures.push(figure(set, work, row.title)?);
            }
        }
    }
    Ok(figures)
}

fn figure(set: &CaseReport, work: &str, title: &str) -> Result<Figure> {
    let columns = set.columns.iter();
    let curves: Vec<Curve> = columns
        .map(|&column| {
            // A thousand nanoseconds per operation are a million operations per second.
            let rate = |(end, threads): (&str, f64)| {
                Some((
                    threads,
                    1e3 / set.min(&format!("{work}{end}"), column.name)?,
                ))
            };
            (column, ENDS.into_iter().filter_map(rate).collect())
        })
        .collect();
    let ticks = [(1.0, "1 thread".to_owned()), (2.0, "2 threads".to_owned())];
    let title = format!("{}, {}", title.replace(", 1 thread", ""), set.name);
    lines(title, "", &ticks, "million operations per second", &curves)
}
