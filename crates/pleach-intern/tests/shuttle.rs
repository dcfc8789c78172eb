//! Scenarios of the interner that are too large for loom: eight threads that intern, resolve, and take
//! permits, give them back and hand them on, under random schedules.
//!
//! Run with `cargo xtask shuttle`. The tables are as small as under loom.

#![cfg(pleach_shuttle)]

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use pleach_atomic::model::{below, random};
use pleach_atomic::thread;
use pleach_intern::{SharedMapping, SharedMappingHandle, Symbol, WritePermit};

/// How many threads there are in a scenario, the first included.
const THREADS: usize = 8;

/// What each thread does.
const STEPS: usize = 8;

/// What all threads were told. Not of the checker's types: it must not order what the interner has to.
type Told = Arc<Mutex<HashMap<Vec<u8>, Symbol>>>;

/// What the threads share.
#[derive(Clone)]
struct Shared {
    map: SharedMappingHandle,
    told: Told,
    handed: Arc<Mutex<Vec<WritePermit>>>,
}

impl Shared {
    fn new() -> Self {
        Self {
            map: SharedMapping::new(),
            told: Told::default(),
            handed: Arc::default(),
        }
    }

    /// A string has one symbol, whoever is told.
    fn tell(&self, string: &[u8], symbol: Symbol) {
        assert_eq!(self.map.get_bytes(symbol), Some(string));
        assert_eq!(self.map.get_sym(string), Some(symbol));
        let known = self.told.lock().unwrap().insert(string.to_vec(), symbol);
        assert!(
            known.is_none_or(|known| known == symbol),
            "two symbols for one string"
        );
    }

    /// What anyone was told holds for all.
    fn look_back(&self) {
        let told = self.told.lock().unwrap().clone();
        for (string, symbol) in told {
            assert_eq!(self.map.get_bytes(symbol), Some(&string[..]));
            assert_eq!(self.map.get_sym(&string), Some(symbol));
        }
    }

    fn work(&self) {
        let mut permit: Option<WritePermit> = None;
        for _ in 0..STEPS {
            match below(8) {
                0 => permit = self.map.try_acquire_permission().ok(),
                1 => permit = None,
                2 => self.handed.lock().unwrap().extend(permit.take()),
                3 => {
                    let handed = self.handed.lock().unwrap().pop();
                    permit = handed.or(permit);
                }
                4 => self.look_back(),
                _ => {
                    // Few strings, of few hashes, so that they meet and shards grow.
                    let string = [below(8) as u8, below(2) as u8];
                    let symbol = match &permit {
                        Some(permit) => permit.try_intern(string),
                        None => self.map.try_intern(string),
                    };
                    // There is little room in the slots that are not held.
                    if let Ok(symbol) = symbol {
                        self.tell(&string, symbol);
                    }
                }
            }
        }
    }
}

#[test]
fn many_writers_and_permits() {
    random("many_writers_and_permits", 10_000, || {
        let shared = Shared::new();
        let threads: Vec<_> = (1..THREADS)
            .map(|_| {
                let shared = shared.clone();
                thread::spawn(move || shared.work())
            })
            .collect();
        shared.work();
        for thread in threads {
            thread.join().unwrap();
        }
        shared.look_back();
        let told = shared.told.lock().unwrap().len();
        assert_eq!(shared.map.len(), told);
        assert_eq!(shared.map.iter().count(), told);
        // A permit that nobody came for holds its mapping.
        shared.handed.lock().unwrap().clear();
    });
}

#[test]
fn readers_beside_a_shard_that_grows() {
    random("readers_beside_a_shard_that_grows", 10_000, || {
        let shared = Shared::new();
        for first in 0..2u8 {
            shared.tell(&[first], shared.map.intern([first]));
        }
        let writer = {
            let shared = shared.clone();
            thread::spawn(move || {
                for first in 2..8u8 {
                    if let Ok(symbol) = shared.map.try_intern([first]) {
                        shared.tell(&[first], symbol);
                    }
                }
            })
        };
        let readers: Vec<_> = (2..THREADS)
            .map(|_| {
                let shared = shared.clone();
                thread::spawn(move || (0..3).for_each(|_| shared.look_back()))
            })
            .collect();
        for thread in readers.into_iter().chain([writer]) {
            thread.join().unwrap();
        }
    });
}
