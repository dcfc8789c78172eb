//! What a run found, as tables, and how numbers are written.

use std::fmt::Display;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{CellAlignment, Table};
use indicatif::{ProgressBar, ProgressStyle};

use crate::live::LiveRun;
use crate::query::{ANSWERS_MAX, Latency};

/// What stands in the place of a number that a run does not have.
const NONE: &str = "-";

/// A step of the run: a progress bar on a terminal, and a line when it has ended.
pub(crate) struct Stage {
    name: &'static str,
    bar: ProgressBar,
    start: Instant,
}

impl Stage {
    /// Begins a step of `total` units.
    pub(crate) fn begin(name: &'static str, total: usize) -> Self {
        // Off a terminal the bar draws nothing.
        let bar = ProgressBar::new(total as u64).with_message(name);
        if let Ok(style) = ProgressStyle::with_template("{msg:<10} {bar:40} {percent:>3} % {eta}") {
            bar.set_style(style);
        }
        Self {
            name,
            bar,
            start: Instant::now(),
        }
    }

    /// Moves the bar on; any thread may.
    pub(crate) fn advance(&self, units: usize) {
        self.bar.inc(units as u64);
    }

    /// Ends the step, says in a line what it did, and gives the time it took.
    pub(crate) fn end(self, what: impl Display) -> Duration {
        let time = self.start.elapsed();
        self.bar.finish_and_clear();
        // The report is what counts; a closed stderr does not keep it from coming.
        let _ = writeln!(
            io::stderr(),
            "{:<10} {:>9}  {what}",
            self.name,
            duration(time)
        );
        time
    }
}

/// What one form of the graph takes.
pub(crate) struct Form {
    /// From the text of the file to three maps.
    pub(crate) load_time: Duration,
    pub(crate) maps_bytes: usize,
    /// What the names take that stand beside the maps.
    pub(crate) names_bytes: usize,
    /// What finds those of them that begin alike.
    pub(crate) order_bytes: usize,
    pub(crate) latencies: Vec<Latency>,
}

impl Form {
    fn bytes(&self) -> usize {
        self.maps_bytes + self.names_bytes + self.order_bytes
    }
}

/// All that a run measured.
pub(crate) struct Report {
    pub(crate) source: String,
    pub(crate) threads: usize,
    pub(crate) lines: usize,
    pub(crate) text_bytes: usize,
    pub(crate) triples: usize,
    pub(crate) subjects: usize,
    pub(crate) predicates: usize,
    pub(crate) objects: usize,
    /// Different fields, whatever they are.
    pub(crate) names: usize,
    /// The graph with its fields as text, and with symbols for them.
    pub(crate) text: Form,
    pub(crate) symbols: Form,
    pub(crate) live: LiveRun,
}

impl Report {
    /// Writes the tables.
    ///
    /// # Errors
    ///
    /// When `out` cannot be written to.
    pub(crate) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "\nGraph: {}", self.source)?;
        writeln!(out, "{}", table(&["", "measured"], self.graph_rows()))?;
        writeln!(
            out,
            "\nFields as text, and as symbols of eight bytes that an interner gives them"
        )?;
        let header = ["", "text", "symbols", "symbols / text"];
        writeln!(out, "{}", table(&header, self.form_rows()))?;
        writeln!(
            out,
            "\nQueries by shape (? is asked for; at most {ANSWERS_MAX} answers read), with symbols"
        )?;
        let header = [
            "shape",
            "queries",
            "answers each",
            "p50",
            "p99",
            "p50, text",
        ];
        writeln!(out, "{}", table(&header, self.query_rows()))?;
        writeln!(out, "\nA snapshot read while the live graph is edited")?;
        writeln!(out, "{}", table(&["", "measured"], self.live_rows()))
    }

    fn graph_rows(&self) -> Vec<Vec<String>> {
        rows([
            ("lines", count(self.lines)),
            ("triples (distinct)", count(self.triples)),
            ("distinct subjects", count(self.subjects)),
            ("distinct predicates", count(self.predicates)),
            ("distinct objects", count(self.objects)),
            ("distinct fields, symbols", count(self.names)),
            ("text, bytes", count(self.text_bytes)),
            (
                "text, bytes per line",
                ratio(self.text_bytes, self.lines).map_or(NONE.into(), decimal),
            ),
            ("threads that load", count(self.threads)),
        ])
    }

    fn form_rows(&self) -> Vec<Vec<String>> {
        let (text, symbols) = (&self.text, &self.symbols);
        let times = |a: f64, b: f64| match b > 0.0 {
            true => format!("{:.2} x", a / b),
            false => NONE.into(),
        };
        let bytes = |name: &str, of: fn(&Form) -> usize| {
            let (a, b) = (of(text), of(symbols));
            let each = |bytes| ratio(bytes, self.triples).map_or(NONE.into(), decimal);
            let ratio = times(b as f64, a as f64);
            vec![name.to_owned(), each(a), each(b), ratio]
        };
        let (a, b) = (text.load_time, symbols.load_time);
        let ratio = times(b.as_secs_f64(), a.as_secs_f64());
        vec![
            bytes("three maps, bytes per triple", |form| form.maps_bytes),
            bytes("names, bytes per triple", |form| form.names_bytes),
            bytes("names in order, bytes per triple", |form| form.order_bytes),
            bytes("together, bytes per triple", Form::bytes),
            vec![
                "load (parse, name, build three maps)".into(),
                duration(a),
                duration(b),
                ratio,
            ],
            vec![
                "load, lines per second".into(),
                rate(self.lines, a),
                rate(self.lines, b),
                times(a.as_secs_f64(), b.as_secs_f64()),
            ],
        ]
    }

    fn query_rows(&self) -> Vec<Vec<String>> {
        let time =
            |latency: &Latency, percent| latency.percentile(percent).map_or(NONE.into(), duration);
        let row = |(latency, text): (&Latency, &Latency)| {
            vec![
                latency.shape.name(),
                count(latency.queries()),
                ratio(latency.answers, latency.queries()).map_or(NONE.into(), decimal),
                time(latency, 50),
                time(latency, 99),
                time(text, 50),
            ]
        };
        let pairs = self.symbols.latencies.iter().zip(&self.text.latencies);
        pairs.map(row).collect()
    }

    fn live_rows(&self) -> Vec<Vec<String>> {
        let live = &self.live;
        let edits = live.inserted + live.removed;
        let shared = live.live_bytes.saturating_sub(live.own_bytes);
        rows([
            (
                "edits",
                format!(
                    "{} added, {} removed",
                    count(live.inserted),
                    count(live.removed)
                ),
            ),
            ("edits per second", rate(edits, live.elapsed)),
            (
                "queries meanwhile",
                format!(
                    "{} by {}",
                    count(live.queries),
                    plural(live.readers, "reader")
                ),
            ),
            ("answers that changed", count(live.changed_answers)),
            ("snapshot as before", verdict(live.snapshot_is_intact)),
            ("live graph as edited", verdict(live.live_is_right)),
            ("live graph, bytes", count(live.live_bytes)),
            ("of these its own, bytes", count(live.own_bytes)),
            (
                "shared with the snapshot",
                ratio(shared, live.live_bytes)
                    .map_or(NONE.into(), |part| format!("{:.1} %", part * 100.0)),
            ),
        ])
    }
}

/// Rows of a name and a value.
fn rows<const N: usize>(rows: [(&str, String); N]) -> Vec<Vec<String>> {
    rows.into_iter()
        .map(|(name, value)| vec![name.to_owned(), value])
        .collect()
}

/// A table with its numbers to the right.
fn table(header: &[&str], rows: Vec<Vec<String>>) -> Table {
    let mut table = Table::new();
    table
        .load_preset(UTF8_FULL_CONDENSED)
        .set_header(header)
        .add_rows(rows);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn verdict(is_so: bool) -> String {
    if is_so { "yes" } else { "NO" }.to_owned()
}

/// A quotient; `None` where there is nothing to divide by.
fn ratio(part: usize, whole: usize) -> Option<f64> {
    (whole != 0).then(|| part as f64 / whole as f64)
}

fn decimal(value: f64) -> String {
    format!("{value:.1}")
}

/// How many in a second.
fn rate(number: usize, time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if number == 0 || seconds == 0.0 {
        return NONE.to_owned();
    }
    count((number as f64 / seconds) as usize)
}

/// A number with its noun.
pub(crate) fn plural(number: usize, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", count(number))
}

/// A number with commas between its thousands.
pub(crate) fn count(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A time in the largest unit that it fills.
pub(crate) fn duration(time: Duration) -> String {
    let nanos = time.as_nanos();
    match nanos {
        0..1_000 => format!("{nanos} ns"),
        1_000..1_000_000 => format!("{:.1} µs", nanos as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} ms", nanos as f64 / 1e6),
        _ => format!("{:.2} s", time.as_secs_f64()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_000), "1,000");
        assert_eq!(count(27_762_743), "27,762,743");
        assert_eq!(plural(1, "line"), "1 line");
        assert_eq!(plural(2_000, "line"), "2,000 lines");
        assert_eq!(duration(Duration::from_nanos(999)), "999 ns");
        assert_eq!(duration(Duration::from_nanos(1_500)), "1.5 µs");
        assert_eq!(duration(Duration::from_millis(20)), "20.0 ms");
        assert_eq!(duration(Duration::from_secs(3)), "3.00 s");
        assert_eq!(rate(10, Duration::from_secs(2)), "5");
        assert_eq!(rate(0, Duration::ZERO), NONE);
        assert_eq!(ratio(1, 0), None);
    }
}
