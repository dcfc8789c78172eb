//! The group `trie`: ordered maps of byte strings, one data set after the other.

use crate::data::{DataSet, SetName};
use crate::engines::EngineName;
use crate::measure::Cell;
use crate::report::SetReport;
use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};
use std::time::Duration;

/// Key counts of the growth curves.
const GROWTH: [usize; 5] = [1_000, 10_000, 100_000, 1_000_000, 4_000_000];
const QUICK_GROWTH: [usize; 3] = [1_000, 10_000, 100_000];
/// Cells of the growth curves.
const GROWTH_CELLS: [Cell; 3] = [Cell::Hit, Cell::Insert, Cell::Snapshot];
/// Samples of small maps are over too soon: they take more rounds.
const SMALL: usize = 100_000;
const SMALL_ROUNDS: usize = 20;
/// Nanoseconds that a cell costs per key of the set, on a usual machine, checks included.
const CELL_COST: u64 = 500;

/// What to measure.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The engines.
    pub(crate) engines: Vec<EngineName>,
    /// Values of type `()` in place of `u64`.
    pub(crate) unit: bool,
    /// One report each, in this order.
    pub(crate) steps: Vec<Step>,
}

/// A data set, its cells and its rounds.
#[derive(Debug)]
pub(crate) struct Step {
    set: SetName,
    /// For a generated set, the number of its keys.
    len: Option<usize>,
    cells: Vec<Cell>,
    rounds: usize,
}

impl Step {
    /// A whole data set.
    pub(crate) fn whole(set: SetName, cells: &[Cell], rounds: usize) -> Self {
        Self {
            set,
            len: None,
            cells: cells.to_vec(),
            rounds,
        }
    }

    /// The sets of the growth curves.
    pub(crate) fn growth(quick: bool, rounds: usize) -> impl Iterator<Item = Self> {
        let lens: &[usize] = if quick { &QUICK_GROWTH } else { &GROWTH };
        [SetName::Rand, SetName::Names]
            .into_iter()
            .flat_map(move |set| {
                lens.iter().map(move |&len| Self {
                    set,
                    len: Some(len),
                    cells: GROWTH_CELLS.to_vec(),
                    rounds: if len < SMALL {
                        SMALL_ROUNDS
                    } else {
                        rounds.min(3)
                    },
                })
            })
    }

    /// Whether it belongs to a growth curve.
    pub(crate) fn is_growth(&self) -> bool {
        self.len.is_some()
    }

    /// Nanoseconds that one engine needs for one round, roughly.
    fn round_cost(&self) -> u64 {
        let keys = self.len.unwrap_or(self.set.expected_len()) as u64;
        // Building and giving back are never left out.
        keys * (self.cells.len() as u64 + 2) * CELL_COST
    }
}

impl Plan {
    /// How long the plan takes, roughly.
    pub(crate) fn duration(&self) -> Duration {
        let engines = self.engines.len() as u64;
        let cost = |step: &Step| step.round_cost() * engines * (step.rounds as u64 + 1);
        Duration::from_nanos(self.steps.iter().map(cost).sum())
    }

    /// Measures step by step, gives each report to `done`, and returns them all.
    pub(crate) fn run(&self, done: impl Fn(&SetReport)) -> Result<Vec<SetReport>> {
        let bar = ProgressBar::new(self.duration().as_nanos().try_into()?);
        let style = "{wide_bar} {percent:>3} % {elapsed} {msg}";
        bar.set_style(ProgressStyle::with_template(style)?);
        let mut reports = Vec::new();
        for step in &self.steps {
            let report = self.measure(step, &bar)?;
            bar.suspend(|| done(&report));
            reports.push(report);
        }
        bar.finish_and_clear();
        Ok(reports)
    }

    /// One pass for the memory, then the rounds.
    fn measure(&self, step: &Step, bar: &ProgressBar) -> Result<SetReport> {
        let set = match step.len {
            Some(len) => DataSet::with_len(step.set, len)?,
            None => DataSet::prepare(step.set)?,
        };
        let mut report = SetReport::new(&set);
        let name = step.set.name();
        let failed = |engine: EngineName| format!("{} on {name}", engine.name());
        for &engine in &self.engines {
            bar.set_message(format!("{name}: memory"));
            if step.cells.contains(&Cell::Bytes) {
                let bytes = engine.runner(step.set, self.unit).bytes;
                report.add(
                    engine,
                    Cell::Bytes,
                    bytes(&set).with_context(|| failed(engine))?,
                );
            }
            bar.inc(step.round_cost());
        }
        let mut order = self.engines.clone();
        for round in 1..=step.rounds {
            bar.set_message(format!("{name}: round {round} of {}", step.rounds));
            for &engine in &order {
                let sample = engine.runner(step.set, self.unit).round;
                for (cell, figure) in sample(&set, &step.cells).with_context(|| failed(engine))? {
                    report.add(engine, cell, figure);
                }
                bar.inc(step.round_cost());
            }
            order.rotate_left(1);
        }
        Ok(report)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_engine_passes_every_cell() {
        let cells = <Cell as clap::ValueEnum>::value_variants();
        for set in [SetName::Rand, SetName::Names] {
            for unit in [false, true] {
                let plan = Plan {
                    engines: <EngineName as clap::ValueEnum>::value_variants().to_vec(),
                    unit,
                    steps: vec![Step {
                        set,
                        len: Some(1_000),
                        cells: cells.to_vec(),
                        rounds: 1,
                    }],
                };
                let reports = plan.run(|_| ()).unwrap();
                assert_eq!(reports[0].cells(), cells);
            }
        }
    }
}
