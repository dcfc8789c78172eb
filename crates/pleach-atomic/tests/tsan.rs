//! A planted race: the thread sanitizer has to report it, or its silence elsewhere says nothing.

#![cfg(pleach_tsan)]

use std::env;
use std::process::Command;
use std::thread;

use pleach_atomic::cell::UnsafeCell;

/// Tells the test, run by itself once more, that it is to race.
const RACE: &str = "PLEACH_TSAN_RACE";

struct Unordered(UnsafeCell<u32>);

// SAFETY: not safe at all: two threads write, and nothing orders them. It is what is to be found.
unsafe impl Sync for Unordered {}

static CELL: Unordered = Unordered(UnsafeCell::new(0));

fn write(value: u32) {
    // SAFETY: as above.
    CELL.0
        .with_mut(|cell| unsafe { cell.write_volatile(value) });
}

#[test]
fn a_planted_race_is_reported() {
    if env::var_os(RACE).is_some() {
        let other = thread::spawn(|| write(1));
        write(2);
        other.join().expect("to write does not panic");
        return;
    }
    let test = env::current_exe().expect("a test has a program");
    let output = Command::new(test)
        .args(["--exact", "a_planted_race_is_reported", "--nocapture"])
        .env(RACE, "1")
        .output()
        .expect("the test can be started");
    let report = String::from_utf8_lossy(&output.stderr);
    assert!(report.contains("data race"), "not reported: {report}");
    assert!(!output.status.success());
}
