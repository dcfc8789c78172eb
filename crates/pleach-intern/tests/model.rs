//! Scripts of calls against a `HashMap`, with reloads in between.

use std::collections::HashMap;

use pleach_intern::{SharedMapping, SharedMappingHandle, Symbol, WritePermit};
use proptest::collection::vec;
use proptest::prelude::*;

/// A call.
#[derive(Clone, Debug)]
enum Op {
    Intern(Vec<u8>),
    /// Through the permit of this number, which is taken first if it was not.
    InternByPermit(Vec<u8>, usize),
    GiveBack(usize),
    GetSym(Vec<u8>),
    /// A symbol that may never have been issued.
    GetBytes(u64),
    /// Save, and go on with what is loaded.
    Reload,
    Ordered(Vec<u8>),
}

/// Short strings over few bytes, so that they meet; and a few long ones of one beginning.
fn string() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        8 => vec(prop_oneof![Just(0), Just(b'a'), Just(b'b'), Just(255)], 0..5),
        2 => vec(any::<u8>(), 0..20),
        1 => (0..400usize, any::<u8>()).prop_map(|(len, last)| {
            [vec![b'x'; len], vec![last]].concat()
        }),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    let raw = prop_oneof![
        0..4u64,
        (1..5u64, 0..60u64).prop_map(|(slot, i)| slot << 32 | i),
        0..1u64 << 63
    ];
    prop_oneof![
        12 => string().prop_map(Op::Intern),
        8 => (string(), 0..4usize).prop_map(|(s, p)| Op::InternByPermit(s, p)),
        2 => (0..4usize).prop_map(Op::GiveBack),
        8 => string().prop_map(Op::GetSym),
        4 => raw.prop_map(Op::GetBytes),
        1 => Just(Op::Reload),
        1 => string().prop_map(Op::Ordered),
    ]
}

/// A mapping and what has to be in it.
struct Run {
    map: SharedMappingHandle,
    permits: [Option<WritePermit>; 4],
    symbols: HashMap<Vec<u8>, Symbol>,
    strings: HashMap<Symbol, Vec<u8>>,
}

impl Run {
    fn new() -> Self {
        Self {
            map: SharedMapping::new(),
            permits: Default::default(),
            symbols: HashMap::new(),
            strings: HashMap::new(),
        }
    }

    fn interned(&mut self, string: Vec<u8>, symbol: Symbol) {
        match self.symbols.get(&string) {
            Some(&known) => assert_eq!(symbol, known),
            None => {
                let other = self.strings.insert(symbol, string.clone());
                assert_eq!(other, None, "{symbol:?} stands for two strings");
                self.symbols.insert(string, symbol);
            }
        }
    }

    fn apply(&mut self, op: Op) {
        match op {
            Op::Intern(string) => {
                let symbol = self.map.intern(&string);
                self.interned(string, symbol);
            }
            Op::InternByPermit(string, which) => {
                let map = &self.map;
                let permit = self.permits[which]
                    .get_or_insert_with(|| map.try_acquire_permission().expect("few are held"));
                let symbol = permit.get_sym_or_insert(&string);
                self.interned(string, symbol);
            }
            Op::GiveBack(which) => self.permits[which] = None,
            Op::GetSym(string) => {
                assert_eq!(
                    self.map.get_sym(&string),
                    self.symbols.get(&string).copied()
                );
            }
            Op::GetBytes(number) => {
                let symbol = Symbol::try_from(number).expect("the top bit is clear");
                let expected = self.strings.get(&symbol).map(Vec::as_slice);
                assert_eq!(self.map.get_bytes(symbol), expected);
            }
            Op::Reload => {
                let mut saved = Vec::new();
                self.map.save_to(&mut saved).expect("memory takes it");
                self.permits = Default::default();
                self.map = SharedMapping::load_from(saved).expect("just saved");
                self.check();
            }
            Op::Ordered(prefix) => {
                let ordered = self.map.ordered();
                let mut expected: Vec<_> = self.symbols.clone().into_iter().collect();
                expected.sort();
                assert!(
                    ordered
                        .iter()
                        .map(|(s, &symbol)| (s, symbol))
                        .eq(expected.clone())
                );
                expected.retain(|(string, _)| string.starts_with(&prefix));
                let found = ordered.prefix(&prefix).map(|(s, &symbol)| (s, symbol));
                assert!(found.eq(expected));
            }
        }
    }

    fn check(&self) {
        assert_eq!(self.map.len(), self.symbols.len());
        assert_eq!(self.map.is_empty(), self.symbols.is_empty());
        let mut walked = 0;
        let mut last = None;
        for (symbol, bytes) in &*self.map {
            assert_eq!(self.symbols.get(bytes), Some(&symbol));
            assert!(last < Some(symbol));
            last = Some(symbol);
            walked += 1;
        }
        assert_eq!(walked, self.symbols.len());
        for (string, &symbol) in &self.symbols {
            assert_eq!(self.map.get_sym(string), Some(symbol));
            assert_eq!(self.map.get_bytes(symbol), Some(&string[..]));
        }
        let memory = self.map.memory();
        assert_eq!(memory.symbols, self.symbols.len());
        assert_eq!(memory.text, self.symbols.keys().map(Vec::len).sum());
        assert!(memory.strings >= memory.text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn a_mapping_is_two_hash_maps(ops in vec(op(), 0..120)) {
        let mut run = Run::new();
        for op in ops {
            run.apply(op);
        }
        run.check();
    }
}

/// Enough strings that every shard grows several times.
#[test]
fn many_strings_come_back() {
    let mut run = Run::new();
    for n in 0..60_000u32 {
        run.apply(Op::Intern(
            format!("urn:namespace:of:all:things:{n}").into_bytes(),
        ));
    }
    run.check();
    run.apply(Op::Reload);
    for n in 60_000..70_000u32 {
        run.apply(Op::Intern(n.to_be_bytes().to_vec()));
    }
    run.apply(Op::Reload);
    run.apply(Op::Ordered(b"urn:namespace:of:all:things:59".to_vec()));
}
