//! The recorded counts, and what has changed since.

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

/// A rise above this share fails.
const LIMIT: f64 = 0.03;

/// Counts and how they came about.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Baseline {
    /// Why these counts replaced the ones before them.
    reason: String,
    /// The compiler they were made with.
    rustc: String,
    /// The valgrind they were made with.
    valgrind: String,
    /// Instructions per step, by operation.
    counts: BTreeMap<String, f64>,
}

impl Baseline {
    /// A baseline of these counts, to a tenth of an instruction.
    pub(crate) fn new(
        reason: String,
        rustc: &str,
        valgrind: &str,
        counts: BTreeMap<String, f64>,
    ) -> Self {
        let rounded = |(name, count): (String, f64)| (name, (count * 10.0).round() / 10.0);
        Self {
            reason,
            rustc: rustc.to_owned(),
            valgrind: valgrind.to_owned(),
            counts: counts.into_iter().map(rounded).collect(),
        }
    }

    fn file() -> PathBuf {
        [env!("CARGO_MANIFEST_DIR"), "gate.toml"].iter().collect()
    }

    /// Reads the recorded baseline.
    pub(crate) fn load() -> Result<Self> {
        let file = Self::file();
        let read = || -> Result<Self> { Ok(toml::from_str(&std::fs::read_to_string(&file)?)?) };
        read().with_context(|| format!("cannot read {}", file.display()))
    }

    /// Records this baseline.
    pub(crate) fn save(&self) -> Result<()> {
        ensure!(
            !self.reason.trim().is_empty(),
            "a new baseline needs a reason"
        );
        let file = Self::file();
        let head = "# Instructions per operation, written by `cargo xtask bench gate --renew`.\n\n";
        std::fs::write(&file, head.to_owned() + &toml::to_string(self)?)
            .with_context(|| format!("cannot write {}", file.display()))
    }

    /// The compiler of the baseline, if it is not this one.
    pub(crate) fn other_compiler(&self, rustc: &str) -> Option<&str> {
        (self.rustc != rustc).then_some(&self.rustc)
    }

    /// What changed, for every operation that stands here or was counted.
    pub(crate) fn changes(&self, counts: &BTreeMap<String, f64>) -> Vec<Change> {
        let mut names: Vec<&String> = self.counts.keys().chain(counts.keys()).collect();
        names.sort();
        names.dedup();
        names
            .into_iter()
            .map(|name| Change {
                name: name.clone(),
                before: self.counts.get(name).copied(),
                now: counts.get(name).copied(),
            })
            .collect()
    }
}

/// An operation's count in the baseline and now.
#[derive(Debug)]
pub(crate) struct Change {
    name: String,
    before: Option<f64>,
    now: Option<f64>,
}

impl Change {
    /// Whether the gate stays shut: the count rose too far, or stands on one side alone.
    pub(crate) fn is_refused(&self) -> bool {
        match (self.before, self.now) {
            (Some(before), Some(now)) => now > before * (1.0 + LIMIT),
            _ => true,
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<16}", self.name)?;
        match (self.before, self.now) {
            (Some(before), Some(now)) => {
                let share = (now / before - 1.0) * 100.0;
                write!(f, "{before:>10.1} -> {now:>10.1}  {share:+6.2} %")?;
            }
            (None, _) => write!(f, "not in the baseline")?,
            (_, None) => write!(f, "not counted any more")?,
        }
        if self.is_refused() {
            write!(f, "  FAILS")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(counts: &[(&str, f64)]) -> BTreeMap<String, f64> {
        let owned = |&(name, count): &(&str, f64)| (name.to_owned(), count);
        counts.iter().map(owned).collect()
    }

    fn refused(before: &[(&str, f64)], now: &[(&str, f64)]) -> Vec<bool> {
        let baseline = Baseline::new("a test".to_owned(), "rustc", "valgrind", counts(before));
        let changes = baseline.changes(&counts(now));
        changes.iter().map(Change::is_refused).collect()
    }

    #[test]
    fn a_rise_above_three_percent_fails() {
        assert_eq!(refused(&[("get", 100.0)], &[("get", 103.1)]), [true]);
        assert_eq!(refused(&[("get", 100.0)], &[("get", 103.0)]), [false]);
        assert_eq!(refused(&[("get", 100.0)], &[("get", 20.0)]), [false]);
    }

    #[test]
    fn an_operation_on_one_side_alone_fails() {
        let both = refused(
            &[("drop", 1.0), ("get", 1.0)],
            &[("get", 1.0), ("insert", 1.0)],
        );
        assert_eq!(both, [true, false, true]);
    }

    #[test]
    fn a_baseline_survives_being_written() {
        let baseline = Baseline::new("why".to_owned(), "1.95", "3.19", counts(&[("get", 12.34)]));
        let read: Baseline = toml::from_str(&toml::to_string(&baseline).unwrap()).unwrap();
        assert_eq!(read.counts, counts(&[("get", 12.3)]));
        assert_eq!(
            (read.reason.as_str(), read.other_compiler("1.95")),
            ("why", None)
        );
    }
}
