//! The group `trie`: ordered maps of byte strings, one data set after the other.

mod engines;
mod measure;

use crate::data::{DataSet, SetName};
use crate::race::{About, Case, Group, Lane, Request, Row};
use anyhow::{Result, bail};
use clap::ValueEnum;
use engines::EngineName;
pub(crate) use engines::OwnedKey;
use measure::Cell;
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
/// The row of heap bytes per key.
pub(crate) const BYTES: Row = Cell::Bytes.row();

/// The cases: data sets, and two of them with growing numbers of keys.
pub(crate) fn cases(request: &Request) -> Vec<Case> {
    let usual = |set| match set {
        SetName::Words | SetName::Cities => true,
        SetName::Wn | SetName::Rand => !request.quick,
        SetName::Seq | SetName::Names => false,
    };
    let sets = SetName::value_variants().iter().copied();
    let sets = sets.filter(|&set| request.wants(set.name(), usual(set)));
    let all = Cell::value_variants();
    let mut cases: Vec<_> = sets
        .map(|set| case(set, set.expected_len(), all, request.rounds, request.unit))
        .collect();
    if !request.is_narrow() {
        for set in [SetName::Rand, SetName::Names] {
            for &len in request.size(&QUICK_GROWTH[..], &GROWTH) {
                let rounds = if len < SMALL {
                    SMALL_ROUNDS
                } else {
                    request.rounds.min(3)
                };
                cases.push(case(set, len, &GROWTH_CELLS, rounds, request.unit).grown());
            }
        }
    }
    cases
}

/// `len` counts for generated sets alone.
fn case(set: SetName, len: usize, cells: &[Cell], rounds: usize, unit: bool) -> Case {
    let rows: Vec<Row> = cells.iter().map(|cell| cell.row()).collect();
    let engines = EngineName::value_variants().iter();
    let lanes = engines
        .map(|&engine| {
            let sample = engine.runner(set, unit).sample;
            match engine {
                EngineName::Pleach => Lane::ours(engine.name(), sample),
                _ => Lane::peer(engine.name(), sample),
            }
        })
        .collect();
    // Building and giving back are never left out.
    let cost = len as u64 * (cells.len() as u64 + 2) * CELL_COST;
    let load = move || {
        let data = DataSet::with_len(set, len)?;
        Ok((data.about(), data))
    };
    Case::new(Group::Trie, set.name(), &rows, lanes, (rounds, cost), load)
}

impl DataSet {
    /// The set in a line.
    pub(crate) fn about(&self) -> About {
        About::of_keys(
            self.sorted.len(),
            self.sorted.byte_len(),
            self.sorted.front_coded_len(),
        )
    }
}

/// Repeats one cell of one engine on one set; says how fast it was at best.
pub(crate) fn profile(words: &[String], unit: bool, limit: Duration) -> Result<String> {
    let [engine, cell, set] = words else {
        bail!("--profile takes an engine, a cell and a set")
    };
    let engine = named::<EngineName>(engine)?;
    let cell = named::<Cell>(cell)?;
    let name = named::<SetName>(set)?;
    let set = DataSet::prepare(name)?;
    let best = (engine.runner(name, unit).profile)(&set, cell, limit)?;
    Ok(format!(
        "{}, {}, {}: {best:.2}",
        engine.name(),
        cell.title(),
        name.name()
    ))
}

fn named<T: ValueEnum>(word: &str) -> Result<T> {
    match T::from_str(word, true) {
        Ok(value) => Ok(value),
        Err(problem) => bail!("`{word}`: {problem}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_engine_passes_every_cell() {
        let cells = Cell::value_variants();
        for set in [SetName::Rand, SetName::Names] {
            for unit in [false, true] {
                let case = case(set, 1_000, cells, 1, unit);
                crate::race::tests::passes_every_cell(&[case]);
            }
        }
    }
}
