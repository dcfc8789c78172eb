//! More threads than cores at one mapping: interning, taking permits, giving them back, handing them
//! on, and resolving what others have interned.
//!
//! Runs for a second; `PLEACH_STRESS_SECONDS` says otherwise, and `PLEACH_STRESS_SEED` repeats what
//! each thread draws, if not how the threads meet.

use std::collections::HashMap;
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use pleach_intern::{SharedMapping, SharedMappingHandle, Symbol, WritePermit};
use pleach_testkit::stress::{Draws, Stress, THREADS};

/// A mapping is given up for a new one when it has so many strings.
const STRINGS_MAX: usize = 200_000;

/// A string that others draw too, or hardly anybody else; of all lengths, most of them short.
fn string(draws: &mut Draws) -> Vec<u8> {
    match draws.below(64) {
        0 => vec![b'x'; draws.index(5_000)],
        1..32 => format!("common/{}", draws.below(3_000)).into_bytes(),
        _ => format!(
            "http://example.org/of/one/namespace/{}",
            draws.number() >> 40
        )
        .into_bytes(),
    }
}

/// What the threads share.
struct Shared {
    map: SharedMappingHandle,
    /// Symbols that somebody was given, with their strings.
    known: Mutex<Vec<(Symbol, Vec<u8>)>>,
    /// Permits that wait for another thread.
    handed: Mutex<Vec<WritePermit>>,
}

/// What a thread did.
#[derive(Clone, Copy, Default)]
struct Figures {
    interned: u64,
    resolved: u64,
    permits: u64,
}

fn work(shared: &Shared, mut draws: Draws, end: Instant) -> (Figures, HashMap<Vec<u8>, Symbol>) {
    let mut figures = Figures::default();
    let mut mine: HashMap<Vec<u8>, Symbol> = HashMap::new();
    let mut permit: Option<WritePermit> = None;
    while Instant::now() < end && shared.map.len() < STRINGS_MAX {
        for _ in 0..32 {
            let string = string(&mut draws);
            let symbol = match &permit {
                Some(permit) => permit.intern(&string),
                None => shared.map.intern(&string),
            };
            assert_eq!(shared.map.get_bytes(symbol), Some(&string[..]));
            assert_eq!(shared.map.get_sym(&string), Some(symbol));
            let known = mine.insert(string, symbol);
            assert!(known.is_none_or(|known| known == symbol));
            figures.interned += 1;
        }
        match draws.below(4) {
            0 => {
                permit = shared.map.try_acquire_permission().ok();
                figures.permits += u64::from(permit.is_some());
            }
            1 => {
                let mut handed = shared.handed.lock().expect("nobody panicked");
                handed.extend(permit.take());
            }
            2 => permit = shared.handed.lock().expect("nobody panicked").pop(),
            _ => drop(permit.take()),
        }
        let some: Vec<_> = mine.iter().take(8).map(|(s, &y)| (y, s.clone())).collect();
        let mut known = shared.known.lock().expect("nobody panicked");
        known.extend(some);
        let others: Vec<_> = (0..16)
            .map(|_| known[draws.index(known.len())].clone())
            .collect();
        drop(known);
        for (symbol, string) in others {
            assert_eq!(shared.map.get_bytes(symbol), Some(&string[..]));
            assert_eq!(shared.map.get_sym(&string), Some(symbol));
            figures.resolved += 1;
        }
    }
    (figures, mine)
}

/// Everything that any thread was told still holds, and there is nothing else.
fn check(map: &SharedMappingHandle, told: Vec<HashMap<Vec<u8>, Symbol>>) {
    let mut strings: HashMap<Symbol, Vec<u8>> = HashMap::new();
    for (string, symbol) in told.into_iter().flatten() {
        assert_eq!(map.get_bytes(symbol), Some(&string[..]));
        assert_eq!(map.get_sym(&string), Some(symbol));
        let other = strings.insert(symbol, string.clone());
        assert!(
            other.is_none_or(|other| other == string),
            "{symbol:?} stands for two"
        );
    }
    assert_eq!(map.len(), strings.len());
    assert_eq!(map.iter().count(), strings.len());
    assert_eq!(map.ordered().len(), strings.len());
    let mut saved = Vec::new();
    map.save_to(&mut saved).expect("memory takes it");
    let loaded = SharedMapping::load_from(saved).expect("just saved");
    assert!(loaded.iter().eq(map.iter()));
}

#[test]
fn each_symbol_resolves_to_its_own_bytes() {
    let stress = Stress::from_env();
    let end = stress.end();
    let (mut total, mut strings, mut maps) = (Figures::default(), 0, 0u64);
    while Instant::now() < end {
        let shared = Shared {
            map: SharedMapping::new(),
            known: Mutex::default(),
            handed: Mutex::default(),
        };
        let told = thread::scope(|scope| {
            let shared = &shared;
            let seed = stress.seed.wrapping_add(maps << 48);
            let threads: Vec<_> = Stress { seed, ..stress }
                .draws()
                .map(|draws| scope.spawn(move || work(shared, draws, end)))
                .collect();
            let all = threads.into_iter().map(|thread| {
                let (figures, told) = thread.join().expect("a thread found a difference");
                total.interned += figures.interned;
                total.resolved += figures.resolved;
                total.permits += figures.permits;
                told
            });
            all.collect::<Vec<_>>()
        });
        check(&shared.map, told);
        strings += shared.map.len();
        maps += 1;
    }
    println!(
        "stress symbols: {THREADS} threads, {maps} mappings, {strings} strings, {} interned, {} resolved, {} permits, seed {}",
        total.interned, total.resolved, total.permits, stress.seed
    );
}
