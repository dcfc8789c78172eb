//! Running the operations under callgrind, and reading its totals.

use crate::ops::Op;
use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use std::collections::BTreeMap;
use std::process::Command;

/// The version of valgrind, if there is one.
pub(crate) fn version() -> Option<String> {
    let output = Command::new("valgrind").arg("--version").output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Instructions per step of every operation, by name.
pub(crate) fn count_all() -> Result<BTreeMap<String, f64>> {
    let count = |&op: &Op| {
        let name = op.name();
        let count = count(op).with_context(|| format!("cannot count `{name}`"))?;
        Ok((name, count))
    };
    Op::value_variants().iter().map(count).collect()
}

fn count(op: Op) -> Result<f64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg("--toggle-collect=*gate::ops::counted*")
        .arg(std::env::current_exe()?)
        .args(["--run", &op.name()])
        .output()?;
    let log = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{log}");
    let steps: f64 = String::from_utf8_lossy(&output.stdout).trim().parse()?;
    let total = collected(&log).with_context(|| format!("no total in: {log}"))?;
    ensure!(total > 0, "callgrind did not see the operation");
    Ok(total as f64 / steps)
}

/// The total in callgrind's log.
fn collected(log: &str) -> Option<u64> {
    let mut lines = log.lines();
    let line = lines.find_map(|line| line.split_once("Collected :"))?.1;
    line.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_found_in_a_log() {
        let log = "==7== Events    : Ir\n==7== Collected : 12345\n==7==\n";
        assert_eq!(collected(log), Some(12_345));
        assert_eq!(collected("==7== Events    : Ir\n"), None);
    }
}
