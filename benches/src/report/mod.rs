//! What was measured: as tables, as a page, as JSON and in the documentation.

mod docs;
mod machine;
mod page;
mod table;

pub(crate) use docs::update as update_docs;
pub(crate) use machine::Machine;
pub(crate) use page::page;
pub(crate) use table::{count, counts_table, losses, table};

use crate::clock::Event;
use crate::race::{About, Case, Column, Group, Row, Side, TextSize};
use serde::Serialize;
use std::collections::BTreeMap;

/// The samples of one case.
#[derive(Debug)]
pub(crate) struct CaseReport {
    /// The group of the case.
    pub(crate) group: Group,
    /// Its name.
    pub(crate) name: &'static str,
    /// Its data, in a line.
    pub(crate) line: String,
    /// What its keys take as text.
    pub(crate) text: Option<TextSize>,
    /// Whether it is a point of a growth curve.
    pub(crate) growth: bool,
    /// Its columns.
    pub(crate) columns: Vec<Column>,
    rows: Vec<Row>,
    samples: BTreeMap<(&'static str, &'static str), Vec<f64>>,
    counts: BTreeMap<(&'static str, &'static str, Event), f64>,
}

impl CaseReport {
    /// A report without samples.
    pub(crate) fn new(case: &Case, about: About) -> Self {
        Self {
            group: case.group,
            name: case.name,
            line: about.line,
            text: about.text,
            growth: case.growth,
            columns: case.columns.clone(),
            rows: case.rows.clone(),
            samples: BTreeMap::new(),
            counts: BTreeMap::new(),
        }
    }

    /// Adds a sample.
    pub(crate) fn add(&mut self, column: &'static str, row: &'static str, sample: f64) {
        self.samples.entry((row, column)).or_default().push(sample);
    }

    /// Adds what the processor counted.
    pub(crate) fn add_count(
        &mut self,
        event: Event,
        column: &'static str,
        row: &'static str,
        count: f64,
    ) {
        self.counts.insert((row, column, event), count);
    }

    /// What the processor counted in a field.
    pub(crate) fn counts(&self, row: &str, column: &str) -> Option<[f64; 3]> {
        let count = |event| {
            let mut counts = self.counts.iter();
            let found = counts.find(|((a, b, c), _)| (*a, *b, *c) == (row, column, event));
            found.map(|(_, &count)| count)
        };
        let [a, b, c] = Event::ALL.map(count);
        Some([a?, b?, c?])
    }

    /// The rows that have samples.
    pub(crate) fn rows(&self) -> impl Iterator<Item = Row> {
        let measured = |row: &&Row| self.samples.keys().any(|(key, _)| *key == row.key);
        self.rows.iter().filter(measured).copied()
    }

    /// Number of keys, where the case has keys.
    pub(crate) fn keys(&self) -> Option<usize> {
        self.text.map(|text| text.keys)
    }

    /// A column's samples of a row.
    pub(crate) fn samples(&self, row: &str, column: &str) -> &[f64] {
        let mut samples = self.samples.iter();
        let of = samples.find(|((a, b), _)| (*a, *b) == (row, column));
        of.map_or(&[], |(_, samples)| samples)
    }

    /// The least of a column's samples.
    pub(crate) fn min(&self, row: &str, column: &str) -> Option<f64> {
        self.sorted(row, column).first().copied()
    }

    /// The middle one of a column's samples.
    pub(crate) fn median(&self, row: &str, column: &str) -> Option<f64> {
        let samples = self.sorted(row, column);
        samples.get(samples.len() / 2).copied()
    }

    fn sorted(&self, row: &str, column: &str) -> Vec<f64> {
        let mut samples = self.samples(row, column).to_vec();
        samples.sort_by(f64::total_cmp);
        samples
    }

    /// The least of our figures of a row.
    pub(crate) fn ours(&self, row: &str) -> Option<f64> {
        self.best(row, Side::Ours).map(|(_, figure)| figure)
    }

    /// A column's figure as a multiple of ours: above 1 we are ahead.
    pub(crate) fn ratio(&self, row: &str, column: &str) -> Option<f64> {
        Some(self.min(row, column)? / self.ours(row)?)
    }

    /// The peer that is best at a row, and the ratio to it.
    pub(crate) fn best_peer(&self, row: &str) -> Option<(&'static str, f64)> {
        let (peer, figure) = self.best(row, Side::Peer)?;
        Some((peer, figure / self.ours(row)?))
    }

    fn best(&self, row: &str, side: Side) -> Option<(&'static str, f64)> {
        let columns = self.columns.iter().filter(|column| column.side == side);
        columns
            .filter_map(|column| Some((column.name, self.min(row, column.name)?)))
            .min_by(|(_, a), (_, b)| a.total_cmp(b))
    }

    fn records(&self) -> impl Iterator<Item = Record<'_>> {
        let record = |row, column, counter, samples| Record {
            group: self.group.name(),
            set: self.name,
            keys: self.keys(),
            engine: column,
            cell: row,
            counter,
            samples,
        };
        let times = self.samples.iter();
        let times = times.map(move |(&(row, column), samples)| record(row, column, None, samples));
        let counts = self.counts.iter();
        let counts = counts.map(move |(&(row, column, event), count)| {
            record(row, column, Some(event.name()), std::slice::from_ref(count))
        });
        times.chain(counts)
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
    /// The cases, group by group.
    pub(crate) cases: Vec<CaseReport>,
}

impl Run {
    /// The groups that were measured, each with its cases.
    pub(crate) fn groups(&self) -> impl Iterator<Item = (Group, &[CaseReport])> {
        let groups = self.cases.chunk_by(|a, b| a.group == b.group);
        groups.map(|cases| (cases[0].group, cases))
    }

    /// Every sample, for later comparison.
    pub(crate) fn json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(&Samples {
            machine: &self.machine,
            records: self.cases.iter().flat_map(CaseReport::records).collect(),
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
    group: &'static str,
    set: &'static str,
    keys: Option<usize>,
    engine: &'static str,
    cell: &'static str,
    /// What was counted in place of time.
    #[serde(skip_serializing_if = "Option::is_none")]
    counter: Option<&'static str>,
    samples: &'a [f64],
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::race::Lane;

    /// A report of the row `hit` with these samples.
    pub(crate) fn report(samples: &[(Side, &'static str, &[f64])]) -> CaseReport {
        let lanes = samples
            .iter()
            .map(|&(side, name, _)| match side {
                Side::Ours => Lane::ours(name, |(), _| Ok(())),
                Side::Peer => Lane::peer(name, |(), _| Ok(())),
                Side::Mark => Lane::mark(name, |(), _| Ok(())),
            })
            .collect();
        let rows = [Row::time("hit", "get, hit"), Row::time("miss", "get, miss")];
        let load = || Ok((About::default(), ()));
        let case = Case::new(Group::Trie, "rand", &rows, lanes, (1, 1), load);
        let mut report = CaseReport::new(&case, About::default());
        for &(_, name, samples) in samples {
            for &sample in samples {
                report.add(name, "hit", sample);
            }
        }
        report
    }

    #[test]
    fn a_ratio_is_made_of_minima() {
        let report = report(&[
            (Side::Ours, "pleach", &[30.0, 20.0, 40.0]),
            (Side::Peer, "blart", &[10.0, 90.0]),
            (Side::Peer, "btree", &[50.0]),
        ]);
        assert_eq!(report.ratio("hit", "btree"), Some(2.5));
        assert_eq!(report.best_peer("hit"), Some(("blart", 0.5)));
        assert_eq!(report.median("hit", "pleach"), Some(30.0));
    }

    #[test]
    fn the_best_of_ours_stands_for_all_and_a_mark_is_not_ranked() {
        let report = report(&[
            (Side::Ours, "level 1", &[30.0]),
            (Side::Ours, "level 2", &[20.0]),
            (Side::Peer, "peer", &[40.0]),
            (Side::Mark, "floor", &[1.0]),
        ]);
        assert_eq!(report.best_peer("hit"), Some(("peer", 2.0)));
    }

    #[test]
    fn a_field_has_all_counts_or_none() {
        let mut report = report(&[(Side::Ours, "pleach", &[30.0])]);
        report.add_count(Event::CacheMisses, "pleach", "hit", 3.0);
        report.add_count(Event::Instructions, "pleach", "hit", 1.0);
        assert_eq!(report.counts("hit", "pleach"), None);
        report.add_count(Event::BranchMisses, "pleach", "hit", 2.0);
        assert_eq!(report.counts("hit", "pleach"), Some([1.0, 2.0, 3.0]));
        assert_eq!(report.records().count(), 4);
    }

    #[test]
    fn what_was_not_measured_has_no_ratio() {
        let alone = report(&[(Side::Ours, "pleach", &[30.0])]);
        assert_eq!(alone.best_peer("hit"), None);
        assert_eq!(alone.best_peer("miss"), None);
        assert_eq!(alone.rows().map(|row| row.key).collect::<Vec<_>>(), ["hit"]);
    }

    #[test]
    fn figures_have_three_digits() {
        assert_eq!([1.234, 12.34, 123.4].map(short), ["1.23", "12.3", "123"]);
    }
}
