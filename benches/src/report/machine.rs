//! Where a run took place, and with what.

use crate::race::Group;
use anyhow::{Context, Result};
use serde::Serialize;
use std::process::Command;

/// The packages whose versions matter to a figure, beside the standard library.
const PACKAGES: [(&str, &[Group]); 26] = {
    use Group::{Algebra, Intern, Pool, Sync, Threads, Trie};
    [
        ("pleach", &[Trie, Threads, Algebra, Pool, Sync, Intern]),
        ("pathmap", &[Trie, Threads, Algebra]),
        ("blart", &[Trie]),
        ("imbl", &[Trie, Algebra, Sync]),
        ("rayon", &[Threads]),
        ("roaring", &[Algebra]),
        ("bumpalo", &[Pool]),
        ("slab", &[Pool]),
        ("snmalloc-rs", &[Pool]),
        ("sharded-slab", &[Pool]),
        ("zipora", &[Pool]),
        ("crossbeam-epoch", &[Sync]),
        ("seize", &[Sync]),
        ("arc-swap", &[Sync]),
        ("left-right", &[Sync]),
        ("crossbeam-skiplist", &[Sync]),
        ("scc", &[Sync]),
        ("congee", &[Sync]),
        ("lasso", &[Intern]),
        ("symbol_table", &[Intern]),
        ("ustr", &[Intern]),
        ("internment", &[Intern]),
        ("dashmap", &[Intern]),
        ("string-interner", &[Intern]),
        ("mimalloc", &[Trie, Threads, Algebra, Pool, Sync, Intern]),
        (
            "tikv-jemallocator",
            &[Trie, Threads, Algebra, Pool, Sync, Intern],
        ),
    ]
};

/// A machine, a build and a command.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Machine {
    /// Model of the processor.
    pub(crate) cpu: String,
    /// Processors that this process may use.
    pub(crate) cores: usize,
    /// The compiler.
    pub(crate) rustc: &'static str,
    /// The commit, and whether the tree differs from it.
    pub(crate) commit: String,
    /// When the run began, in UTC.
    pub(crate) date: String,
    /// What to type for such a run.
    pub(crate) command: String,
    /// The allocator of all engines.
    pub(crate) allocator: &'static str,
    /// What choosing and counting add to each allocation and its end, in nanoseconds.
    pub(crate) allocator_overhead: f64,
    /// Rounds of the data sets.
    pub(crate) rounds: usize,
    /// Packages and their versions.
    pub(crate) versions: Vec<(&'static str, String)>,
}

impl Machine {
    /// This machine and this build.
    pub(crate) fn here(
        allocator: &'static str,
        allocator_overhead: f64,
        rounds: usize,
    ) -> Result<Self> {
        let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = cpuinfo
            .lines()
            .find_map(|line| line.strip_prefix("model name")?.split_once(':'));
        let home = env!("CARGO_MANIFEST_DIR");
        let words: Vec<String> = std::env::args().skip(1).collect();
        Ok(Self {
            cpu: model.map_or_else(unknown, |(_, name)| name.trim().to_owned()),
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            rustc: env!("PLEACH_BENCH_RUSTC"),
            commit: answer("git", &["-C", home, "describe", "--always", "--dirty"]),
            date: answer("date", &["-u", "+%Y-%m-%d %H:%M"]),
            command: ["cargo xtask bench".to_owned()]
                .into_iter()
                .chain(words)
                .collect::<Vec<_>>()
                .join(" "),
            allocator,
            allocator_overhead,
            rounds,
            versions: versions(include_str!("../../../Cargo.lock"))?,
        })
    }

    /// The peers of some groups and the allocators with their versions, in one line.
    pub(crate) fn versions(&self, of: &[Group]) -> String {
        let matters = |name: &str| {
            let mut packages = PACKAGES.into_iter();
            packages.any(|(other, groups)| other == name && groups.iter().any(|g| of.contains(g)))
        };
        self.versions
            .iter()
            .filter(|(name, _)| matters(name))
            .map(|(name, version)| format!("{name} {version}"))
            .collect::<Vec<_>>()
            .join(", ")
    }
}

fn unknown() -> String {
    "unknown".to_owned()
}

/// What a command prints, if it can be had.
fn answer(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).output().ok();
    output
        .filter(|output| output.status.success())
        .map_or_else(unknown, |output| {
            String::from_utf8_lossy(&output.stdout).trim().to_owned()
        })
}

/// The versions of [`PACKAGES`] in a lock file.
fn versions(lock: &str) -> Result<Vec<(&'static str, String)>> {
    let lock: toml::Table = lock.parse().context("Cargo.lock is not understood")?;
    let packages = lock.get("package").and_then(|packages| packages.as_array());
    let text = |package: &toml::Value, field: &str| -> Option<String> {
        Some(package.get(field)?.as_str()?.to_owned())
    };
    let version = |name: &str| {
        let named = packages
            .into_iter()
            .flatten()
            .filter(|&package| text(package, "name").as_deref() == Some(name));
        // Of two versions the newer is the one that is measured, and the later line.
        named
            .filter_map(|package| text(package, "version"))
            .next_back()
    };
    PACKAGES
        .into_iter()
        .map(|(name, _)| {
            let version = version(name).with_context(|| format!("Cargo.lock has no {name}"))?;
            Ok((name, version))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_file_names_all_peers() {
        let versions = versions(include_str!("../../../Cargo.lock")).unwrap();
        assert_eq!(versions.len(), PACKAGES.len());
        assert!(versions.contains(&("pathmap", "0.3.5".to_owned())));
    }

    #[test]
    fn a_lock_file_without_them_is_refused() {
        assert!(versions("version = 4").is_err());
        assert!(versions("not toml").is_err());
    }
}
