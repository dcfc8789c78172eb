//! More threads than cores at one mapping: interning, taking permits, giving them back, handing them
//! on, and resolving what others have interned.
//!
//! Runs for a second; `PLEACH_STRESS_SECONDS` says otherwise, and `PLEACH_STRESS_SEED` repeats what
//! each thread draws, if not how the threads meet.

use std::collections::HashMap;
use std::env;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use pleach_intern::{SharedMapping, SharedMappingHandle, Symbol, WritePermit};

/// Eight for each core of a small machine: most threads are interrupted where they stand.
const THREADS: usize = 16;

/// A mapping is given up for a new one when it has so many strings.
const STRINGS_MAX: usize = 200_000;

/// The numbers of one thread (splitmix64).
struct Draws(u64);

impl Draws {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    /// A string that others draw too, or hardly anybody else; of all lengths, most of them short.
    fn string(&mut self) -> Vec<u8> {
        match self.below(64) {
            0 => vec![b'x'; self.below(5_000)],
            1..32 => format!("common/{}", self.below(3_000)).into_bytes(),
            _ => format!("http://example.org/of/one/namespace/{}", self.next() >> 40).into_bytes(),
        }
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

fn work(shared: &Shared, seed: u64, end: Instant) -> (Figures, HashMap<Vec<u8>, Symbol>) {
    let mut draws = Draws(seed);
    let mut figures = Figures::default();
    let mut mine: HashMap<Vec<u8>, Symbol> = HashMap::new();
    let mut permit: Option<WritePermit> = None;
    while Instant::now() < end && shared.map.len() < STRINGS_MAX {
        for _ in 0..32 {
            let string = draws.string();
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
            .map(|_| known[draws.below(known.len())].clone())
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

fn variable<T: std::str::FromStr>(name: &str) -> Option<T> {
    env::var(name).ok()?.parse().ok()
}

#[test]
fn each_symbol_resolves_to_its_own_bytes() {
    let seconds: f64 = variable("PLEACH_STRESS_SECONDS").unwrap_or(1.0);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let time = now.map_or(0, |time| time.as_nanos() as u64);
    let seed: u64 = variable("PLEACH_STRESS_SEED").unwrap_or(time);
    println!("seed {seed}");
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    let (mut total, mut strings, mut maps) = (Figures::default(), 0, 0u64);
    while Instant::now() < end {
        let shared = Shared {
            map: SharedMapping::new(),
            known: Mutex::default(),
            handed: Mutex::default(),
        };
        let told = thread::scope(|scope| {
            let shared = &shared;
            let seeds = (0..THREADS as u64).map(|i| seed.wrapping_add(i << 32 | maps << 48));
            let threads: Vec<_> = seeds
                .map(|seed| scope.spawn(move || work(shared, seed, end)))
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
        "stress symbols: {THREADS} threads, {maps} mappings, {strings} strings, {} interned, {} resolved, {} permits, seed {seed}",
        total.interned, total.resolved, total.permits
    );
}
