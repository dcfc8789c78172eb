//! Rules for one file by itself.

use super::Breach;
use crate::source::{Source, code_of};

/// What only `pleach-atomic` may name.
const DOOR: [&str; 6] = [
    "core::sync::atomic",
    "std::sync::atomic",
    "core::cell::UnsafeCell",
    "std::thread",
    "std::alloc",
    "UnsafeCell",
];

/// Crates whose `src` may: the door itself, and what only tests depend on.
const OUTSIDE: [&str; 2] = ["pleach-atomic", "pleach-testkit"];

/// A source of more lines is named, of more than the second number refused.
const LINES: [usize; 2] = [800, 900];

/// Folders that are somebody's machine and nobody else's.
const MACHINE: [&str; 4] = ["work", "root", "tmp", "home"];

/// Checks a file.
pub(super) fn check(file: &Source) -> Vec<Breach> {
    let mut breaches = machine_paths(file);
    if file.has_extension("rs") {
        breaches.extend(atomics(file));
        breaches.extend(opening(file));
        breaches.extend(length(file));
    }
    breaches
}

/// What there is to say about a file that is long, but not too long.
pub(super) fn long(file: &Source) -> Option<String> {
    let lines = file.text.lines().count();
    let long = file.has_extension("rs") && (LINES[0] + 1..=LINES[1]).contains(&lines);
    long.then(|| format!("{} has {lines} lines, more than {}", file.path, LINES[0]))
}

fn atomics(file: &Source) -> Vec<Breach> {
    let library = file
        .in_crate()
        .is_some_and(|(folder, inner)| inner.starts_with("src/") && !OUTSIDE.contains(&folder));
    if !library {
        return Vec::new();
    }
    let code = code_of(&file.text);
    // What a file takes from the door, it may call by its name.
    let taken = code.contains("use pleach_atomic::cell::UnsafeCell;");
    let lines = (1..).zip(code.lines());
    lines
        .filter_map(|(number, line)| {
            let name = DOOR.iter().find(|name| line.contains(*name))?;
            let by_name = taken && *name == "UnsafeCell" && !line.contains("::cell");
            let foreign = !line.contains("pleach_atomic") && !by_name;
            foreign.then(|| Breach {
                place: format!("{}:{number}", file.path),
                what: format!("{name} is taken from elsewhere than pleach-atomic"),
                rule: "docs/architecture.md, invariants",
            })
        })
        .collect()
}

fn opening(file: &Source) -> Option<Breach> {
    let opens = file.text.starts_with("//!");
    (!opens).then(|| Breach {
        place: file.path.clone(),
        what: "the file does not open with `//!`".to_owned(),
        rule: "docs/verification.md, tidy",
    })
}

fn length(file: &Source) -> Option<Breach> {
    let lines = file.text.lines().count();
    (lines > LINES[1]).then(|| Breach {
        place: file.path.clone(),
        what: format!("{lines} lines are more than {}", LINES[1]),
        rule: "docs/verification.md, tidy",
    })
}

fn machine_paths(file: &Source) -> Vec<Breach> {
    let folders = MACHINE.map(|name| format!("/{name}/"));
    let starts = |text: &str| !text.ends_with(|c: char| c.is_alphanumeric() || "./}_-".contains(c));
    let names_one = |line: &str| {
        let mut found = folders
            .iter()
            .flat_map(|folder| line.match_indices(folder.as_str()));
        found.any(|(at, _)| starts(&line[..at]))
    };
    (1..)
        .zip(file.text.lines())
        .filter(|(_, line)| names_one(line))
        .map(|(number, _)| Breach {
            place: format!("{}:{number}", file.path),
            what: "a path of one machine".to_owned(),
            rule: "docs/verification.md, tidy",
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn breaches(path: &str, text: &str) -> Vec<String> {
        let breaches = check(&Source::new(path, text));
        breaches.iter().map(Breach::to_string).collect()
    }

    #[test]
    fn atomics_come_through_the_door() {
        let text = "//! Text.\nuse std::sync::atomic::AtomicU32;\n";
        let found = breaches("crates/pleach-trie/src/x.rs", text);
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("crates/pleach-trie/src/x.rs:2: std::sync::atomic"));
        for (path, text) in [
            ("crates/pleach-atomic/src/x.rs", text),
            ("crates/pleach-trie/tests/x.rs", text),
            (
                "crates/pleach-trie/src/x.rs",
                "//! std::thread\n/// std::alloc\n",
            ),
            (
                "crates/pleach-trie/src/x.rs",
                "//! Text.\nuse pleach_atomic::cell::UnsafeCell;\nlet x = UnsafeCell::new(0);\n",
            ),
        ] {
            assert_eq!(breaches(path, text), [""; 0]);
        }
        let text = "//! Text.\nuse std::cell::{Cell, UnsafeCell};\nlet x = UnsafeCell::new(0);\n";
        assert_eq!(breaches("crates/pleach-trie/src/x.rs", text).len(), 2);
    }

    #[test]
    fn a_module_says_what_it_is() {
        let found = breaches("xtask/src/x.rs", "use std::fmt;\n//! Too late.\n");
        assert!(found[0].contains("does not open with"));
        assert_eq!(breaches("xtask/src/x.rs", "//! In time.\n"), [""; 0]);
    }

    #[test]
    fn long_is_named_and_too_long_refused() {
        let file = |lines: usize| Source::new("xtask/src/x.rs", &"//! Line.\n".repeat(lines));
        assert!(long(&file(800)).is_none() && check(&file(800)).is_empty());
        assert!(long(&file(801)).is_some() && check(&file(900)).is_empty());
        assert!(long(&file(901)).is_none());
        assert!(check(&file(901))[0].what.contains("901 lines"));
    }

    #[test]
    fn no_machine_is_named() {
        let path = |folder: &str| format!("see `/{folder}/x`, ./{folder}/x and a/{folder}/x\n");
        for folder in MACHINE {
            let found = breaches("docs/x.md", &path(folder));
            assert_eq!(
                found,
                ["docs/x.md:1: a path of one machine (rule: docs/verification.md, tidy)"]
            );
        }
        assert_eq!(breaches("docs/x.md", &path("data")), [""; 0]);
    }
}
