//! What was measured, as tables and as JSON.

use crate::data::DataSet;
use crate::engines::EngineName;
use crate::measure::Cell;
use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;
use std::collections::BTreeMap;
use std::process::Command;

/// The samples of one data set.
#[derive(Debug)]
pub(crate) struct SetReport {
    name: &'static str,
    keys: usize,
    bytes_per_key: f64,
    samples: BTreeMap<(Cell, EngineName), Vec<f64>>,
}

impl SetReport {
    /// A report without samples.
    pub(crate) fn new(set: &DataSet) -> Self {
        let keys = set.sorted.len();
        Self {
            name: set.name.name(),
            keys,
            bytes_per_key: set.sorted.byte_len() as f64 / keys as f64,
            samples: BTreeMap::new(),
        }
    }

    /// Adds a sample.
    pub(crate) fn add(&mut self, engine: EngineName, cell: Cell, sample: f64) {
        self.samples.entry((cell, engine)).or_default().push(sample);
    }

    /// The table of this set: engines in the given order, then the two ratios that matter.
    pub(crate) fn table(&self, engines: &[EngineName], cells: &[Cell]) -> String {
        let mut table = Table::new();
        table.load_preset(presets::ASCII_MARKDOWN);
        let mut header = vec![self.name.to_owned()];
        header.extend(engines.iter().map(|engine| engine.name().to_owned()));
        header.extend(["best peer / pleach".into(), "pathmap / pleach".into()]);
        table.set_header(header);
        for &cell in cells {
            let mut row = vec![cell.title().to_owned()];
            row.extend(engines.iter().map(|&engine| self.figure(cell, engine)));
            let peers = engines
                .iter()
                .filter(|&&engine| engine != EngineName::Pleach);
            let best = peers
                .filter_map(|&peer| self.min(cell, peer))
                .min_by(f64::total_cmp);
            row.push(self.ratio(cell, best));
            row.push(self.ratio(cell, self.min(cell, EngineName::Pathmap)));
            table.add_row(row);
        }
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        format!(
            "{}: {} keys of {:.1} bytes on average\n\n{table}\n",
            self.name, self.keys, self.bytes_per_key
        )
    }

    fn min(&self, cell: Cell, engine: EngineName) -> Option<f64> {
        self.samples
            .get(&(cell, engine))?
            .iter()
            .copied()
            .min_by(f64::total_cmp)
    }

    /// Minimum and median.
    fn figure(&self, cell: Cell, engine: EngineName) -> String {
        match self.samples.get(&(cell, engine)) {
            Some(samples) if samples.len() > 1 => {
                let sorted = sorted(samples);
                format!("{} / {}", short(sorted[0]), short(sorted[sorted.len() / 2]))
            }
            Some(samples) => short(samples[0]),
            None => "-".into(),
        }
    }

    fn ratio(&self, cell: Cell, peer: Option<f64>) -> String {
        match (peer, self.min(cell, EngineName::Pleach)) {
            (Some(peer), Some(ours)) => format!("{:.2}", peer / ours),
            _ => "-".into(),
        }
    }

    /// One record per cell and engine.
    fn records(&self) -> impl Iterator<Item = Record> {
        self.samples.iter().map(|(&(cell, engine), samples)| {
            let sorted = sorted(samples);
            Record {
                set: self.name,
                keys: self.keys,
                engine: engine.name(),
                cell: cell.title(),
                min: sorted[0],
                median: sorted[sorted.len() / 2],
                samples: samples.clone(),
            }
        })
    }
}

fn sorted(samples: &[f64]) -> Vec<f64> {
    let mut samples = samples.to_vec();
    samples.sort_by(f64::total_cmp);
    samples
}

/// Three digits, as far as a figure deserves them.
fn short(figure: f64) -> String {
    match figure {
        f if f < 10.0 => format!("{f:.2}"),
        f if f < 100.0 => format!("{f:.1}"),
        f => format!("{f:.0}"),
    }
}

/// Everything measured in one run.
#[derive(Debug, Serialize)]
pub(crate) struct Run {
    machine: Machine,
    value: &'static str,
    records: Vec<Record>,
}

impl Run {
    /// Gathers the sets of a run.
    pub(crate) fn new(machine: Machine, value: &'static str, sets: &[SetReport]) -> Self {
        Self {
            machine,
            value,
            records: sets.iter().flat_map(SetReport::records).collect(),
        }
    }
}

#[derive(Debug, Serialize)]
struct Record {
    set: &'static str,
    keys: usize,
    engine: &'static str,
    cell: &'static str,
    min: f64,
    median: f64,
    samples: Vec<f64>,
}

/// Where a run took place.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Machine {
    cpu: String,
    cores: usize,
    rustc: &'static str,
    commit: String,
}

impl Machine {
    /// This machine and this build.
    pub(crate) fn here() -> Self {
        let unknown = || "unknown".to_owned();
        let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = cpuinfo
            .lines()
            .find_map(|line| line.strip_prefix("model name")?.split_once(':'));
        let commit = Command::new("git")
            .args([
                "-C",
                env!("CARGO_MANIFEST_DIR"),
                "describe",
                "--always",
                "--dirty",
            ])
            .output()
            .ok()
            .filter(|output| output.status.success())
            .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
        Self {
            cpu: model.map_or_else(unknown, |(_, name)| name.trim().to_owned()),
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            rustc: env!("PLEACH_BENCH_RUSTC"),
            commit: commit.unwrap_or_else(unknown),
        }
    }
}

impl std::fmt::Display for Machine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            cpu,
            cores,
            rustc,
            commit,
        } = self;
        write!(f, "machine: {cores} cores, {cpu}; {rustc}; commit {commit}")
    }
}
