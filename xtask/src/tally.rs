//! Adding up what test programs print.

use std::fmt;

/// How many tests passed in how many programs.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    programs: usize,
    passed: usize,
}

impl Tally {
    /// Takes a line of a test program's output into account.
    pub(crate) fn add(&mut self, line: &str) {
        let Some(result) = line.strip_prefix("test result: ") else {
            return;
        };
        let words: Vec<_> = result.split_whitespace().collect();
        let passed = words.windows(2).find(|pair| pair[1] == "passed;");
        self.programs += 1;
        self.passed += passed.and_then(|pair| pair[0].parse().ok()).unwrap_or(0);
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} tests in {} programs passed",
            self.passed, self.programs
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_add_up() {
        let mut tally = Tally::default();
        for line in [
            "running 3 tests",
            "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured",
            "test result: ok. 14 passed; 0 failed; 0 ignored; 0 measured",
        ] {
            tally.add(line);
        }
        assert_eq!(tally.to_string(), "17 tests in 2 programs passed");
    }
}
