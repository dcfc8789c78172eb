//! What all groups share: a case is a table of rows and columns, and a round takes one sample of
//! each of its fields, with the columns in another order from round to round.

mod request;

pub(crate) use request::Request;

use crate::clock::{Event, counting};
use crate::report::CaseReport;
use anyhow::{Context, Result};
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use std::rc::Rc;
use std::time::Duration;

/// Cells that belong together, with columns and data of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Group {
    /// Ordered maps of byte strings.
    Trie,
    /// Maps that threads read and write at once.
    Threads,
    /// Unions, intersections, differences.
    Algebra,
    /// Allocators.
    Pool,
    /// Tokens, versions, reclamation.
    Sync,
    /// Symbol tables.
    Intern,
}

impl Group {
    /// Name on the command line and in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Trie => "trie",
            Self::Threads => "threads",
            Self::Algebra => "algebra",
            Self::Pool => "pool",
            Self::Sync => "sync",
            Self::Intern => "intern",
        }
    }

    /// What it measures, as a heading.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Trie => "Ordered maps",
            Self::Threads => "Threads on one map",
            Self::Algebra => "Algebra",
            Self::Pool => "Pools",
            Self::Sync => "Tokens and versions",
            Self::Intern => "Interners",
        }
    }
}

/// What a figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Nanoseconds per operation, a sample each round.
    Time,
    /// Bytes, counted once, in a pass of its own before the clocks run.
    Bytes,
}

/// A row of a table: one use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// Name on the command line.
    pub(crate) key: &'static str,
    /// Name in reports.
    pub(crate) title: &'static str,
    /// What it counts.
    pub(crate) unit: Unit,
    /// Whether what it measures is one thread's work alone, so that the processor can count it.
    pub(crate) counted: bool,
}

impl Row {
    /// A row of nanoseconds per operation.
    pub(crate) const fn time(key: &'static str, title: &'static str) -> Self {
        Self::of(Unit::Time, key, title)
    }

    /// A row of bytes.
    pub(crate) const fn bytes(key: &'static str, title: &'static str) -> Self {
        Self::of(Unit::Bytes, key, title)
    }

    const fn of(unit: Unit, key: &'static str, title: &'static str) -> Self {
        Self {
            key,
            title,
            unit,
            counted: false,
        }
    }

    /// The row, for the processor's counters as well.
    pub(crate) const fn counted(self) -> Self {
        Self {
            counted: true,
            ..self
        }
    }
}

/// Whose column it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// Ours; where there are several, the best of a row stands for all.
    Ours,
    /// Somebody else's.
    Peer,
    /// Not ranked, since it does less than what the row asks for: it marks how far one could get.
    Mark,
}

/// A column of a table: one library, or one form of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    /// Name on the command line and in reports.
    pub(crate) name: &'static str,
    /// Whose it is.
    pub(crate) side: Side,
}

/// A column, and how to take one sample of each of its fields that the sheet asks for.
pub(crate) struct Lane<D> {
    column: Column,
    sample: fn(&D, &mut Sheet<'_>) -> Result<()>,
}

impl<D> Lane<D> {
    /// A lane of ours.
    pub(crate) fn ours(name: &'static str, sample: fn(&D, &mut Sheet<'_>) -> Result<()>) -> Self {
        Self::of(Side::Ours, name, sample)
    }

    /// A peer's lane.
    pub(crate) fn peer(name: &'static str, sample: fn(&D, &mut Sheet<'_>) -> Result<()>) -> Self {
        Self::of(Side::Peer, name, sample)
    }

    /// A lane that is not ranked.
    pub(crate) fn mark(name: &'static str, sample: fn(&D, &mut Sheet<'_>) -> Result<()>) -> Self {
        Self::of(Side::Mark, name, sample)
    }

    fn of(side: Side, name: &'static str, sample: fn(&D, &mut Sheet<'_>) -> Result<()>) -> Self {
        let column = Column { name, side };
        Self { column, sample }
    }
}

/// What a lane is asked for, and its answers.
#[derive(Debug)]
pub(crate) struct Sheet<'r> {
    rows: &'r [Row],
    figures: Vec<(&'static str, f64)>,
}

impl<'r> Sheet<'r> {
    /// A sheet that asks for these rows.
    pub(crate) fn new(rows: &'r [Row]) -> Self {
        let figures = Vec::new();
        Self { rows, figures }
    }

    /// Whether a row is asked for.
    pub(crate) fn wants(&self, key: &str) -> bool {
        self.rows.iter().any(|row| row.key == key)
    }

    /// Notes a figure, if it is asked for.
    pub(crate) fn note(&mut self, key: &'static str, figure: f64) {
        if self.wants(key) {
            self.figures.push((key, figure));
        }
    }

    /// Measures a row, if it is asked for.
    pub(crate) fn cell(
        &mut self,
        key: &'static str,
        measure: impl FnOnce() -> Result<f64>,
    ) -> Result<()> {
        if self.wants(key) {
            let figure = measure().with_context(|| format!("cell `{key}`"))?;
            self.figures.push((key, figure));
        }
        Ok(())
    }
}

/// The data of a case, in words and figures.
#[derive(Clone, Debug, Default)]
pub(crate) struct About {
    /// One line that stands above the table.
    pub(crate) line: String,
    /// What the keys take as text, where a case has keys.
    pub(crate) text: Option<TextSize>,
}

impl About {
    /// What is to say about keys: their number, their bytes, and their bytes front-coded.
    pub(crate) fn of_keys(keys: usize, bytes: usize, front_coded: usize) -> Self {
        let text = TextSize {
            keys,
            raw: bytes as f64 / keys as f64,
            front_coded: front_coded as f64 / keys as f64,
        };
        let line = format!(
            "{keys} keys of {:.1} bytes on average, {:.1} front-coded",
            text.raw, text.front_coded
        );
        let text = Some(text);
        Self { line, text }
    }
}

/// What keys take as text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TextSize {
    /// Number of keys.
    pub(crate) keys: usize,
    /// Bytes per key of the keys one after the other.
    pub(crate) raw: f64,
    /// Bytes per key of the sorted keys, each without what it shares with the one before it.
    pub(crate) front_coded: f64,
}

type Load = Box<dyn Fn() -> Result<(About, Vec<Entrant>)>>;
type Entrant = (Column, Box<dyn Fn(&mut Sheet<'_>) -> Result<()>>);

/// One table: its data, rows and columns, and how often it is measured.
pub(crate) struct Case {
    /// The group that it belongs to.
    pub(crate) group: Group,
    /// Its name on the command line and in reports.
    pub(crate) name: &'static str,
    /// The rows, in the order of the table.
    pub(crate) rows: Vec<Row>,
    /// The columns, in the order of the table.
    pub(crate) columns: Vec<Column>,
    /// Whether it differs from its neighbours in the number of keys alone.
    pub(crate) growth: bool,
    /// Whether passes with the processor's counters follow the rounds.
    counters: bool,
    rounds: usize,
    cost: u64,
    load: Load,
}

impl Case {
    /// A case. `cost` is what a column needs for one round, in nanoseconds, roughly; `load`
    /// prepares the data before any clock runs.
    pub(crate) fn new<D: 'static>(
        group: Group,
        name: &'static str,
        rows: &[Row],
        lanes: Vec<Lane<D>>,
        (rounds, cost): (usize, u64),
        load: impl Fn() -> Result<(About, D)> + 'static,
    ) -> Self {
        let columns = lanes.iter().map(|lane| lane.column).collect();
        let lanes: Vec<_> = lanes
            .into_iter()
            .map(|lane| (lane.column, lane.sample))
            .collect();
        let load = move || -> Result<(About, Vec<Entrant>)> {
            let (about, data) = load()?;
            let data = Rc::new(data);
            let entrants = lanes.iter().map(|&(column, sample)| {
                let data = Rc::clone(&data);
                let sample = move |sheet: &mut Sheet<'_>| sample(&data, sheet);
                (
                    column,
                    Box::new(sample) as Box<dyn Fn(&mut Sheet<'_>) -> Result<()>>,
                )
            });
            Ok((about, entrants.collect()))
        };
        Self {
            group,
            name,
            rows: rows.to_vec(),
            columns,
            growth: false,
            counters: false,
            rounds,
            cost,
            load: Box::new(load),
        }
    }

    /// The case as a point of a growth curve.
    pub(crate) fn grown(self) -> Self {
        let growth = true;
        Self { growth, ..self }
    }

    /// The case with passes for the processor's counters, if it has rows for them; a growth curve has none.
    pub(crate) fn with_counters(self) -> Self {
        let counters = !self.growth && self.rows.iter().any(|row| row.counted);
        Self { counters, ..self }
    }

    /// How long it takes, roughly.
    fn cost(&self) -> u64 {
        let counters = if self.counters { Event::ALL.len() } else { 0 };
        self.cost * self.columns.len() as u64 * (self.rounds + counters + 1) as u64
    }

    /// One pass for the memory, then the rounds, then one pass for each counter.
    fn measure(&self, bar: &ProgressBar) -> Result<CaseReport> {
        let name = format!("{}, {}", self.group.name(), self.name);
        bar.set_message(format!("{name}: data"));
        let (about, entrants) = (self.load)().context(name.clone())?;
        let mut order: Vec<_> = entrants
            .iter()
            .filter(|(column, _)| self.columns.contains(column))
            .collect();
        let of = |unit| -> Vec<Row> {
            let rows = self.rows.iter().copied();
            rows.filter(|row: &Row| row.unit == unit).collect()
        };
        let passes = std::iter::once(of(Unit::Bytes))
            .chain(std::iter::repeat_n(of(Unit::Time), self.rounds));
        let mut report = CaseReport::new(self, about);
        for (pass, rows) in passes.enumerate() {
            bar.set_message(format!("{name}: round {pass} of {}", self.rounds));
            for (column, sample) in &order {
                if !rows.is_empty() {
                    let mut sheet = Sheet::new(&rows);
                    sample(&mut sheet).with_context(|| format!("{} on {name}", column.name))?;
                    for (key, figure) in sheet.figures {
                        report.add(column.name, key, figure);
                    }
                }
                bar.inc(self.cost);
            }
            let turned = order.len().min(usize::from(pass > 0));
            order.rotate_left(turned);
        }
        if self.counters {
            let rows: Vec<Row> = of(Unit::Time)
                .into_iter()
                .filter(|row| row.counted)
                .collect();
            for event in Event::ALL {
                bar.set_message(format!("{name}: {}", event.name()));
                for (column, sample) in &order {
                    let mut sheet = Sheet::new(&rows);
                    counting(event, || sample(&mut sheet))
                        .with_context(|| format!("{} on {name}", column.name))?;
                    for (key, figure) in sheet.figures {
                        report.add_count(event, column.name, key, figure);
                    }
                    bar.inc(self.cost);
                }
            }
        }
        Ok(report)
    }
}

/// How long cases take, roughly.
pub(crate) fn duration(cases: &[Case]) -> Duration {
    Duration::from_nanos(cases.iter().map(Case::cost).sum())
}

/// Measures case by case, gives each report to `done`, and returns them all.
pub(crate) fn run(cases: &[Case], done: impl Fn(&CaseReport)) -> Result<Vec<CaseReport>> {
    let bar = ProgressBar::new(duration(cases).as_nanos().try_into()?);
    let style = "{wide_bar} {percent:>3} % {elapsed} {msg}";
    bar.set_style(ProgressStyle::with_template(style)?);
    let mut reports = Vec::new();
    for case in cases {
        let report = case.measure(&bar)?;
        bar.suspend(|| done(&report));
        reports.push(report);
    }
    bar.finish_and_clear();
    Ok(reports)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Runs cases, whose lanes check what they do, and looks that each row has a figure of ours
    /// and one to compare it with.
    pub(crate) fn passes_every_cell(cases: &[Case]) {
        for report in run(cases, |_| ()).unwrap() {
            let case = cases.iter().find(|case| case.name == report.name).unwrap();
            assert!(report.rows().eq(case.rows.iter().copied()));
            for row in report.rows() {
                let place = format!("{}, {}", report.name, row.key);
                assert!(report.ours(row.key).is_some(), "{place} lacks ours");
                assert!(report.best_peer(row.key).is_some(), "{place} lacks a peer");
            }
        }
    }

    fn case(rounds: usize) -> Case {
        let rows = [Row::time("a", "a"), Row::bytes("b", "b")];
        let lanes: Vec<Lane<f64>> = vec![
            Lane::ours("x", |data, sheet| {
                sheet.cell("a", || Ok(*data))?;
                sheet.cell("b", || Ok(1.0))
            }),
            Lane::peer("y", |data, sheet| sheet.cell("a", || Ok(data * 2.0))),
        ];
        Case::new(Group::Pool, "c", &rows, lanes, (rounds, 1), || {
            Ok((About::default(), 3.0))
        })
    }

    #[test]
    fn clocks_run_each_round_and_bytes_are_counted_once() {
        let reports = run(&[case(4)], |_| ()).unwrap();
        assert_eq!(reports[0].samples("a", "x").len(), 4);
        assert_eq!(reports[0].samples("a", "y"), [6.0; 4]);
        assert_eq!(reports[0].samples("b", "x"), [1.0]);
        assert!(reports[0].samples("b", "y").is_empty());
    }

    #[test]
    fn what_fails_is_named() {
        let lanes = vec![Lane::ours("x", |_: &(), sheet: &mut Sheet<'_>| {
            sheet.cell("a", || anyhow::bail!("wrong sum"))
        })];
        let load = || Ok((About::default(), ()));
        let rows = [Row::time("a", "a")];
        let case = Case::new(Group::Sync, "c", &rows, lanes, (1, 1), load);
        let failure = format!("{:#}", run(&[case], |_| ()).unwrap_err());
        assert_eq!(failure, "x on sync, c: cell `a`: wrong sum");
    }
}
