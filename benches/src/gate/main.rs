//! Counts the instructions of hot operations and compares them with a recorded baseline.
//!
//! Each operation runs in a process of its own under valgrind's callgrind, which counts only while
//! [`ops::counted`] runs: what comes before it and after it costs nothing. The allocator is
//! the C library's, and its instructions are part of the count.

mod baseline;
mod callgrind;
#[path = "../lines.rs"]
mod lines;
mod ops;

use anyhow::{Result, bail};
use baseline::Baseline;
use clap::Parser;
use ops::Op;
use std::collections::BTreeMap;

/// Counts the instructions of hot operations; a rise above 3 % fails.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask bench gate", bin_name = "cargo xtask bench gate")]
struct Args {
    /// Writes a new baseline, with the reason for it.
    #[arg(long, value_name = "REASON")]
    renew: Option<String>,
    /// Runs one operation, for valgrind to watch.
    #[arg(long, value_enum, hide = true)]
    run: Option<Op>,
}

fn main() -> Result<()> {
    let args = Args::parse();
    if let Some(op) = args.run {
        return op.run();
    }
    let Some(valgrind) = callgrind::version() else {
        println!("bench gate: SKIPPED, since valgrind is not installed");
        return Ok(());
    };
    let counts = callgrind::count_all()?;
    let rustc = env!("PLEACH_BENCH_RUSTC");
    match args.renew {
        Some(reason) => {
            Baseline::new(reason, rustc, &valgrind, counts).save()?;
            println!("bench gate: baseline renewed");
            Ok(())
        }
        None => compare(&Baseline::load()?, rustc, &counts),
    }
}

/// Prints all changes; fails if one is a rise that the gate does not let through.
fn compare(baseline: &Baseline, rustc: &str, counts: &BTreeMap<String, f64>) -> Result<()> {
    println!("instructions per operation\n");
    let changes = baseline.changes(counts);
    for change in &changes {
        println!("{change}");
    }
    if let Some(other) = baseline.other_compiler(rustc) {
        println!("\nthe baseline was counted with {other}, this with {rustc}");
    }
    let refused = changes.iter().filter(|change| change.is_refused()).count();
    if refused > 0 {
        bail!(
            "bench gate: {refused} of {} operations fail; where the change is worth it, renew the \
             baseline: cargo xtask bench gate --renew \"the reason\"",
            changes.len()
        );
    }
    println!("\nbench gate: all {} operations pass", changes.len());
    Ok(())
}
