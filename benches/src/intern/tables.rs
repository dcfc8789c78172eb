//! The tables under test.

use super::measure::{Shared, Table};
use anyhow::Result;
use boxcar::Vec as Boxcar;
use dashmap::DashMap;
use dashmap::mapref::entry::Entry;
use internment::Intern;
use pleach::intern::{SharedMapping, SharedMappingHandle, Symbol};
use std::sync::Arc;
use string_interner::StringInterner;
use string_interner::backend::StringBackend;
use string_interner::symbol::SymbolU32;
use symbol_table::SymbolTable;
use ustr::Ustr;

impl Table for SharedMappingHandle {
    type Symbol = Symbol;

    fn fresh() -> Self {
        SharedMapping::new()
    }

    fn intern(&mut self, text: &str) -> Symbol {
        self.add(text)
    }

    fn get(&self, text: &str) -> Option<Symbol> {
        self.get_sym(text)
    }

    fn resolve(&self, symbol: Symbol) -> &[u8] {
        self.get_bytes(symbol).unwrap_or_default()
    }

    fn saved(&self, _symbols: &[Symbol]) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.save_to(&mut bytes)?;
        Ok(bytes)
    }

    fn loaded(bytes: &[u8]) -> Result<Self> {
        Ok(SharedMapping::load_from(bytes)?)
    }
}

impl Shared for SharedMappingHandle {
    #[inline]
    fn add(&self, text: &str) -> Symbol {
        SharedMapping::intern(self, text)
    }
}

/// lasso's table for one thread, with the hash that its documentation advises.
pub(crate) type Rodeo = lasso::Rodeo<lasso::Spur, ahash::RandomState>;
/// lasso's table for many threads.
pub(crate) type Threaded = lasso::ThreadedRodeo<lasso::Spur, ahash::RandomState>;

impl Table for Rodeo {
    type Symbol = lasso::Spur;

    fn fresh() -> Self {
        Self::with_hasher(ahash::RandomState::new())
    }

    fn intern(&mut self, text: &str) -> lasso::Spur {
        self.get_or_intern(text)
    }

    fn get(&self, text: &str) -> Option<lasso::Spur> {
        Self::get(self, text)
    }

    fn resolve(&self, symbol: lasso::Spur) -> &[u8] {
        Self::resolve(self, &symbol).as_bytes()
    }
}

impl Table for Threaded {
    type Symbol = lasso::Spur;

    fn fresh() -> Self {
        Self::with_hasher(ahash::RandomState::new())
    }

    fn intern(&mut self, text: &str) -> lasso::Spur {
        self.get_or_intern(text)
    }

    fn get(&self, text: &str) -> Option<lasso::Spur> {
        Self::get(self, text)
    }

    fn resolve(&self, symbol: lasso::Spur) -> &[u8] {
        Self::resolve(self, &symbol).as_bytes()
    }
}

impl Shared for Threaded {
    fn add(&self, text: &str) -> lasso::Spur {
        self.get_or_intern(text)
    }
}

/// It has no lookup that does not add.
impl Table for SymbolTable {
    type Symbol = symbol_table::Symbol;

    fn fresh() -> Self {
        Self::new()
    }

    fn intern(&mut self, text: &str) -> symbol_table::Symbol {
        Self::intern(self, text)
    }

    fn get(&self, text: &str) -> Option<symbol_table::Symbol> {
        Some(Self::intern(self, text))
    }

    fn resolve(&self, symbol: symbol_table::Symbol) -> &[u8] {
        Self::resolve(self, symbol).as_bytes()
    }
}

impl Shared for SymbolTable {
    fn add(&self, text: &str) -> symbol_table::Symbol {
        Self::intern(self, text)
    }
}

/// ustr's only table, which belongs to the process.
pub(crate) struct Ustrs;

impl Table for Ustrs {
    type Symbol = Ustr;
    const GLOBAL: bool = true;

    fn fresh() -> Self {
        // SAFETY: measurements run one after the other, each with the strings that it interned
        // itself: none of an earlier one is read again.
        unsafe { ustr::_clear_cache() };
        Self
    }

    fn intern(&mut self, text: &str) -> Ustr {
        Ustr::from(text)
    }

    fn get(&self, text: &str) -> Option<Ustr> {
        Ustr::from_existing(text)
    }

    fn resolve(&self, symbol: Ustr) -> &[u8] {
        symbol.as_str().as_bytes()
    }
}

impl Shared for Ustrs {
    fn add(&self, text: &str) -> Ustr {
        Ustr::from(text)
    }
}

/// internment's table of strings that stay for ever, which belongs to the process. It has no lookup
/// that does not add.
pub(crate) struct Internment;

impl Table for Internment {
    type Symbol = Intern<str>;
    const GLOBAL: bool = true;

    fn fresh() -> Self {
        Intern::<str>::benchmarking_only_clear_interns();
        Self
    }

    fn intern(&mut self, text: &str) -> Intern<str> {
        Intern::from(text)
    }

    fn get(&self, text: &str) -> Option<Intern<str>> {
        Some(Intern::from(text))
    }

    fn resolve(&self, symbol: Intern<str>) -> &[u8] {
        symbol.as_ref().as_bytes()
    }
}

impl Shared for Internment {
    fn add(&self, text: &str) -> Intern<str> {
        Intern::from(text)
    }
}

/// What one would write without an interner: a sharded map one way, a vector the other.
#[derive(Default)]
pub(crate) struct Dash {
    symbols: DashMap<Arc<str>, usize, ahash::RandomState>,
    strings: Boxcar<Arc<str>>,
}

impl Table for Dash {
    type Symbol = usize;

    fn fresh() -> Self {
        Self::default()
    }

    fn intern(&mut self, text: &str) -> usize {
        self.add(text)
    }

    fn get(&self, text: &str) -> Option<usize> {
        self.symbols.get(text).map(|symbol| *symbol)
    }

    fn resolve(&self, symbol: usize) -> &[u8] {
        self.strings[symbol].as_bytes()
    }
}

impl Shared for Dash {
    fn add(&self, text: &str) -> usize {
        if let Some(symbol) = self.get(text) {
            return symbol;
        }
        let text: Arc<str> = text.into();
        match self.symbols.entry(Arc::clone(&text)) {
            Entry::Occupied(entry) => *entry.get(),
            Entry::Vacant(entry) => *entry.insert(self.strings.push(text)).value(),
        }
    }
}

/// string-interner's table, for one thread.
pub(crate) type Strings = StringInterner<StringBackend<SymbolU32>>;

impl Table for Strings {
    type Symbol = SymbolU32;

    fn fresh() -> Self {
        Self::new()
    }

    fn intern(&mut self, text: &str) -> SymbolU32 {
        self.get_or_intern(text)
    }

    fn get(&self, text: &str) -> Option<SymbolU32> {
        Self::get(self, text)
    }

    fn resolve(&self, symbol: SymbolU32) -> &[u8] {
        Self::resolve(self, symbol).unwrap_or_default().as_bytes()
    }
}
