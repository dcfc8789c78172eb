//! What was measured: as tables, as a page, as JSON and in the documentation.

mod docs;
mod machine;
mod page;
mod table;

pub(crate) use docs::update as update_docs;
pub(crate) use machine::Machine;
pub(crate) use page::page;
pub(crate) use table::{count, table};

use crate::data::DataSet;
use crate::engines::EngineName;
use crate::measure::Cell;
use serde::Serialize;
use std::collections::BTreeMap;

/// The samples of one data set.
#[derive(Debug)]
pub(crate) struct SetReport {
    /// The set.
    pub(crate) name: &'static str,
    /// Its number of keys.
    pub(crate) keys: usize,
    /// Bytes per key of the keys one after the other.
    pub(crate) raw: f64,
    /// Bytes per key of the sorted keys, each without what it shares with the one before it.
    pub(crate) front_coded: f64,
    samples: BTreeMap<(Cell, EngineName), Vec<f64>>,
}

impl SetReport {
    /// A report without samples.
    pub(crate) fn new(set: &DataSet) -> Self {
        let keys = set.sorted.len();
        Self {
            name: set.name.name(),
            keys,
            raw: set.sorted.byte_len() as f64 / keys as f64,
            front_coded: set.sorted.front_coded_len() as f64 / keys as f64,
            samples: BTreeMap::new(),
        }
    }

    /// Adds a sample.
    pub(crate) fn add(&mut self, engine: EngineName, cell: Cell, sample: f64) {
        self.samples.entry((cell, engine)).or_default().push(sample);
    }

    /// The cells that have samples.
    pub(crate) fn cells(&self) -> Vec<Cell> {
        let mut cells: Vec<Cell> = self.samples.keys().map(|&(cell, _)| cell).collect();
        cells.dedup();
        cells
    }

    /// The least of an engine's samples.
    pub(crate) fn min(&self, cell: Cell, engine: EngineName) -> Option<f64> {
        self.sorted(cell, engine).map(|samples| samples[0])
    }

    /// The middle one of an engine's samples.
    pub(crate) fn median(&self, cell: Cell, engine: EngineName) -> Option<f64> {
        self.sorted(cell, engine)
            .map(|samples| samples[samples.len() / 2])
    }

    fn sorted(&self, cell: Cell, engine: EngineName) -> Option<Vec<f64>> {
        let mut samples = self.samples.get(&(cell, engine))?.clone();
        samples.sort_by(f64::total_cmp);
        Some(samples)
    }

    /// A peer's figure as a multiple of ours: above 1 we are ahead.
    pub(crate) fn ratio(&self, cell: Cell, peer: EngineName) -> Option<f64> {
        Some(self.min(cell, peer)? / self.min(cell, EngineName::Pleach)?)
    }

    /// The peer that is best at a cell, and the ratio to it.
    pub(crate) fn best_peer(&self, cell: Cell) -> Option<(EngineName, f64)> {
        let peers = EngineName::PEERS.into_iter();
        peers
            .filter_map(|peer| Some((peer, self.ratio(cell, peer)?)))
            .min_by(|(_, a), (_, b)| a.total_cmp(b))
    }

    fn records(&self) -> impl Iterator<Item = Record<'_>> {
        self.samples
            .iter()
            .map(|(&(cell, engine), samples)| Record {
                set: self.name,
                keys: self.keys,
                engine: engine.name(),
                cell: cell.title(),
                samples,
            })
    }
}

/// Three digits, as far as a figure deserves them.
pub(crate) fn short(figure: f64) -> String {
    match figure {
        f if f < 10.0 => format!("{f:.2}"),
        f if f < 100.0 => format!("{f:.1}"),
        f => format!("{f:.0}"),
    }
}

/// Everything measured in one run.
#[derive(Debug)]
pub(crate) struct Run {
    /// Where and how.
    pub(crate) machine: Machine,
    /// The engines, in the order of the tables.
    pub(crate) engines: Vec<EngineName>,
    /// The data sets.
    pub(crate) sets: Vec<SetReport>,
    /// Sets that differ in the number of their keys alone, smallest first.
    pub(crate) growth: Vec<SetReport>,
}

impl Run {
    /// The cells where a peer is ahead, the worst first, one a line.
    pub(crate) fn losses(&self) -> Vec<String> {
        table::losses(self.sets.iter().chain(&self.growth))
    }

    /// Every sample, for later comparison.
    pub(crate) fn json(&self) -> serde_json::Result<String> {
        let sets = self.sets.iter().chain(&self.growth);
        serde_json::to_string_pretty(&Samples {
            machine: &self.machine,
            records: sets.flat_map(SetReport::records).collect(),
        })
    }
}

#[derive(Debug, Serialize)]
struct Samples<'a> {
    machine: &'a Machine,
    records: Vec<Record<'a>>,
}

#[derive(Debug, Serialize)]
struct Record<'a> {
    set: &'static str,
    keys: usize,
    engine: &'static str,
    cell: &'static str,
    samples: &'a [f64],
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::data::SetName;

    /// A report of `get, hit` with these samples.
    pub(crate) fn report(samples: &[(EngineName, &[f64])]) -> SetReport {
        let set = DataSet::with_len(SetName::Rand, 1_000).unwrap();
        let mut report = SetReport::new(&set);
        for &(engine, samples) in samples {
            for &sample in samples {
                report.add(engine, Cell::Hit, sample);
            }
        }
        report
    }

    #[test]
    fn a_ratio_is_made_of_minima() {
        let report = report(&[
            (EngineName::Pleach, &[30.0, 20.0, 40.0]),
            (EngineName::Blart, &[10.0, 90.0]),
            (EngineName::Btree, &[50.0]),
        ]);
        assert_eq!(report.ratio(Cell::Hit, EngineName::Btree), Some(2.5));
        assert_eq!(report.best_peer(Cell::Hit), Some((EngineName::Blart, 0.5)));
        assert_eq!(report.median(Cell::Hit, EngineName::Pleach), Some(30.0));
    }

    #[test]
    fn what_was_not_measured_has_no_ratio() {
        let alone = report(&[(EngineName::Pleach, &[30.0])]);
        assert_eq!(alone.best_peer(Cell::Hit), None);
        assert_eq!(alone.best_peer(Cell::Miss), None);
        assert_eq!(alone.cells(), [Cell::Hit]);
    }

    #[test]
    fn figures_have_three_digits() {
        assert_eq!([1.234, 12.34, 123.4].map(short), ["1.23", "12.3", "123"]);
    }
}
