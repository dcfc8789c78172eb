//! The group `intern`: symbols for strings, and strings for symbols.

mod measure;
mod tables;
mod texts;

use crate::race::{Case, Group, Lane, Request, Row};
use measure::{one_thread, two_threads};
use texts::{Data, TextName};

/// Strings of a case in a quick run.
const QUICK: usize = 60_000;
/// Nanoseconds that a column costs per string and round, on a usual machine.
const COST: u64 = 1_600;

/// The rows.
const ROWS: [Row; 12] = [
    Row::time("cold-one-thread", "intern, cold, 1 thread"),
    Row::time("cold-two-threads", "intern, cold, 2 threads"),
    Row::time("hits-one-thread", "intern, all hits, 1 thread"),
    Row::time("hits-two-threads", "intern, all hits, 2 threads"),
    Row::time("get-one-thread", "get, random, 1 thread"),
    Row::time("get-two-threads", "get, random, 2 threads"),
    Row::time("mix-one-thread", "90 % get, 10 % new, 1 thread"),
    Row::time("mix-two-threads", "90 % get, 10 % new, 2 threads"),
    Row::time("resolve", "resolve, random"),
    Row::time("save", "save, to memory"),
    Row::time("load", "load, from memory"),
    Row::bytes("bytes", "bytes per symbol, text left out"),
];

/// The cases: texts.
pub(crate) fn cases(request: &Request) -> Vec<Case> {
    let texts = TextName::ALL.into_iter();
    let texts = texts.filter(|text| request.wants(text.name(), true));
    let limit = request.size(QUICK, usize::MAX);
    texts
        .map(|text| case(text, limit, request.rounds))
        .collect()
}

fn case(text: TextName, limit: usize, rounds: usize) -> Case {
    let lanes: Vec<Lane<Data>> = vec![
        Lane::ours("pleach", two_threads::<pleach::intern::SharedMappingHandle>),
        Lane::peer("lasso threaded", two_threads::<tables::Threaded>),
        Lane::peer("symbol_table", two_threads::<symbol_table::SymbolTable>),
        Lane::peer("ustr", two_threads::<tables::Ustrs>),
        Lane::peer("internment", two_threads::<tables::Internment>),
        Lane::peer("dashmap", two_threads::<tables::Dash>),
        // Nothing of these is shared between threads.
        Lane::mark("lasso", one_thread::<tables::Rodeo>),
        Lane::mark("string-interner", one_thread::<tables::Strings>),
    ];
    let cost = text.expected_len().min(limit) as u64 * COST;
    let load = move || {
        let data = Data::load(text, limit)?;
        Ok((data.about(), data))
    };
    Case::new(
        Group::Intern,
        text.name(),
        &ROWS,
        lanes,
        (rounds, cost),
        load,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_passes_every_cell() {
        for text in TextName::ALL {
            crate::race::tests::passes_every_cell(&[case(text, 2_000, 1)]);
        }
    }
}
