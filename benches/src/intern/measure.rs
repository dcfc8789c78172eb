//! One sample of each row, with its outcome checked.

use super::texts::{Data, Texts};
use crate::allocator;
use crate::clock::{at_once, timed};
use crate::race::Sheet;
use anyhow::{Result, ensure};

/// A table of strings and symbols, used as its own documentation advises.
pub(crate) trait Table {
    /// What stands for a string.
    type Symbol: Copy + PartialEq + Send;
    /// Whether it belongs to the process and keeps memory from one measurement to the next, so that
    /// its bytes cannot be told.
    const GLOBAL: bool = false;
    /// An empty table; nothing of an earlier one is used afterwards.
    fn fresh() -> Self;
    /// The symbol of a string, a new one if it has none.
    fn intern(&mut self, text: &str) -> Self::Symbol;
    /// The symbol of a string; where the library cannot ask without adding, it adds.
    fn get(&self, text: &str) -> Option<Self::Symbol>;
    /// The string of a symbol.
    fn resolve(&self, symbol: Self::Symbol) -> &[u8];
    /// All strings as bytes that can be loaded; where the library has nothing for that, the strings of
    /// these symbols one after the other.
    fn saved(&self, symbols: &[Self::Symbol]) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        for &symbol in symbols {
            let string = self.resolve(symbol);
            bytes.extend(u32::try_from(string.len())?.to_le_bytes());
            bytes.extend(string);
        }
        Ok(bytes)
    }
    /// A table of what was saved; where the library has nothing for that, by interning all anew.
    fn loaded(mut bytes: &[u8]) -> Result<Self>
    where
        Self: Sized,
    {
        let mut table = Self::fresh();
        while let Some((len, rest)) = bytes.split_first_chunk() {
            let (string, rest) = rest.split_at(u32::from_le_bytes(*len) as usize);
            table.intern(std::str::from_utf8(string)?);
            bytes = rest;
        }
        Ok(table)
    }
}

/// A table to which threads add at once.
pub(crate) trait Shared: Table + Sync {
    /// As [`Table::intern`].
    fn add(&self, text: &str) -> Self::Symbol;
}

/// Samples the rows of one thread.
pub(crate) fn one_thread<T: Table>(data: &Data, sheet: &mut Sheet<'_>) -> Result<()> {
    if sheet.wants("bytes") {
        if !T::GLOBAL {
            sheet.note("bytes", bytes::<T>(data)?);
        }
        return Ok(());
    }
    let mut table = T::fresh();
    let (symbols, cold) = timed(data.stream.len(), || interned(&mut table, &data.stream));
    check(&table, &data.distinct)?;
    sheet.note("cold-one-thread", cold);
    sheet.cell("hits-one-thread", || {
        let (again, time) = timed(data.stream.len(), || interned(&mut table, &data.stream));
        ensure!(again == symbols, "a string has another symbol");
        Ok(time)
    })?;
    sheet.cell("get-one-thread", || {
        let (found, time) = timed(data.distinct.len(), || found(&table, &data.random[0]));
        ensure!(found == data.distinct.len(), "{found} strings are found");
        Ok(time)
    })?;
    sheet.cell("resolve", || resolve(&table, data))?;
    let saved = match sheet.wants("save") || sheet.wants("load") {
        true => save(&table, data, sheet)?,
        false => Vec::new(),
    };
    sheet.cell("load", || {
        let (loaded, time) = timed(data.distinct.len(), || T::loaded(&saved));
        check(&loaded?, &data.distinct)?;
        Ok(time)
    })?;
    sheet.cell("mix-one-thread", || {
        let mut table = T::fresh();
        interned(&mut table, &data.old);
        let mix = &data.mix[0];
        let (old, time) = timed(mix.len(), || {
            mix.iter()
                .enumerate()
                .map(|(place, text)| {
                    if is_new(place) {
                        table.intern(text);
                        0
                    } else {
                        usize::from(table.get(text).is_some())
                    }
                })
                .sum::<usize>()
        });
        check(&table, mix)?;
        ensure!(old == mix.len() / 10 * 9, "{old} strings are found");
        Ok(time)
    })
}

/// Samples the rows of one thread and of two.
pub(crate) fn two_threads<T: Shared>(data: &Data, sheet: &mut Sheet<'_>) -> Result<()> {
    one_thread::<T>(data, sheet)?;
    if sheet.wants("bytes") {
        return Ok(());
    }
    let per_string = |wall: std::time::Duration, texts: &[Texts; 2]| {
        wall.as_nanos() as f64 / (texts[0].len() + texts[1].len()) as f64
    };
    let table = T::fresh();
    let add_all = |texts: &Texts| texts.iter().map(|text| table.add(text)).collect::<Vec<_>>();
    let (symbols, wall) = at_once(2, |thread| add_all(&data.halves[thread]));
    check(&table, &data.distinct)?;
    sheet.note("cold-two-threads", per_string(wall, &data.halves));
    sheet.cell("hits-two-threads", || {
        let (again, wall) = at_once(2, |thread| add_all(&data.halves[thread]));
        ensure!(again == symbols, "a string has another symbol");
        Ok(per_string(wall, &data.halves))
    })?;
    sheet.cell("get-two-threads", || {
        let (sums, wall) = at_once(2, |thread| found(&table, &data.random[thread]));
        ensure!(
            sums == [data.distinct.len(); 2],
            "{sums:?} strings are found"
        );
        Ok(per_string(wall, &data.random))
    })?;
    sheet.cell("mix-two-threads", || {
        let mut table = T::fresh();
        interned(&mut table, &data.old);
        let (sums, wall) = at_once(2, |thread| {
            let mix = data.mix[thread].iter().enumerate();
            let found = mix.map(|(place, text)| {
                if is_new(place) {
                    table.add(text);
                    0
                } else {
                    usize::from(table.get(text).is_some())
                }
            });
            found.sum::<usize>()
        });
        for (mix, sum) in data.mix.iter().zip(sums) {
            check(&table, mix)?;
            ensure!(sum == mix.len() / 10 * 9, "{sum} strings are found");
        }
        Ok(per_string(wall, &data.mix))
    })
}

/// Whether the string at a place of a mix is a new one.
fn is_new(place: usize) -> bool {
    place % 10 == 9
}

fn interned<T: Table>(table: &mut T, texts: &Texts) -> Vec<T::Symbol> {
    let mut symbols = Vec::with_capacity(texts.len());
    symbols.extend(texts.iter().map(|text| table.intern(text)));
    symbols
}

fn found<T: Table>(table: &T, texts: &Texts) -> usize {
    texts
        .iter()
        .filter(|text| table.get(text).is_some())
        .count()
}

/// Saves to memory, where the disk does not count.
fn save<T: Table>(table: &T, data: &Data, sheet: &mut Sheet<'_>) -> Result<Vec<u8>> {
    let symbols: Vec<_> = data
        .distinct
        .iter()
        .filter_map(|text| table.get(text))
        .collect();
    let (saved, time) = timed(symbols.len(), || table.saved(&symbols));
    sheet.note("save", time);
    saved
}

/// Symbols in random order, first byte touched.
fn resolve<T: Table>(table: &T, data: &Data) -> Result<f64> {
    let first = |text: &[u8]| text.first().map_or(0, |&byte| u64::from(byte));
    let symbols: Vec<_> = data.distinct.iter().map(|text| table.get(text)).collect();
    let symbols: Vec<_> = data
        .order
        .iter()
        .filter_map(|&place| symbols[place])
        .collect();
    let (sum, time) = timed(symbols.len(), || {
        let bytes = symbols.iter().map(|&symbol| first(table.resolve(symbol)));
        bytes.sum::<u64>()
    });
    let expected: u64 = data
        .distinct
        .iter()
        .map(|text| first(text.as_bytes()))
        .sum();
    ensure!(sum == expected, "the first bytes add up to {sum}");
    Ok(time)
}

/// Requested bytes per symbol, without those of the text.
fn bytes<T: Table>(data: &Data) -> Result<f64> {
    let (table, requested) = allocator::requested_by(|| {
        let mut table = T::fresh();
        for text in data.stream.iter() {
            table.intern(text);
        }
        table
    });
    check(&table, &data.distinct)?;
    let beyond = requested as f64 - data.distinct.byte_len() as f64;
    Ok(beyond / data.distinct.len() as f64)
}

/// Looks that each string has a symbol that stands for it.
fn check<T: Table>(table: &T, texts: &Texts) -> Result<()> {
    for text in texts.iter() {
        let own = table
            .get(text)
            .is_some_and(|symbol| table.resolve(symbol) == text.as_bytes());
        ensure!(own, "`{text}` does not come back");
    }
    Ok(())
}
