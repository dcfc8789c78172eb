//! Models of the interner: every schedule of two or three threads, by loom.
//!
//! Run with `cargo xtask loom`. The tables are small here: two slots and the shared one, one shard of
//! buckets of two words, chunks of one unit, and the first byte of a string for its hash. So the
//! third string makes a shard grow, and every string makes a chunk. A record's bytes are watched
//! through a cell beside its mark.

#![cfg(pleach_loom)]

use pleach_atomic::model::check;
use pleach_atomic::thread;
use pleach_intern::{InternError, Limits, SharedMapping, SharedMappingHandle, Symbol};

/// Strings by the last bit of their hashes: zero, and one, which moves when a shard first grows.
const EVEN: [&[u8]; 3] = [b"\x00a", b"\x00b", b"\x02c"];
const ODD: [&[u8]; 2] = [b"\x01a", b"\x01b"];

/// What a symbol stands for is there wherever the symbol is.
fn resolves(map: &SharedMappingHandle, symbol: Option<Symbol>, bytes: &[u8]) {
    if let Some(symbol) = symbol {
        assert_eq!(map.get_bytes(symbol), Some(bytes));
    }
}

#[test]
fn equal_bytes_by_two_threads_are_one_symbol() {
    check("equal_bytes_by_two_threads_are_one_symbol", || {
        let map = SharedMapping::new();
        let other = map.clone();
        let thread = thread::spawn(move || other.intern(EVEN[0]));
        let mine = map.intern(EVEN[0]);
        assert_eq!(thread.join().unwrap(), mine);
        assert_eq!(map.len(), 1);
        resolves(&map, Some(mine), EVEN[0]);
    });
}

#[test]
fn a_visible_symbol_has_visible_bytes() {
    check("a_visible_symbol_has_visible_bytes", || {
        let map = SharedMapping::new();
        let other = map.clone();
        let thread = thread::spawn(move || other.intern(EVEN[0]));
        let seen = map.get_sym(EVEN[0]);
        resolves(&map, seen, EVEN[0]);
        let symbol = thread.join().unwrap();
        assert!(seen.is_none_or(|seen| seen == symbol));
        assert_eq!(map.get_sym(EVEN[0]), Some(symbol));
    });
}

#[test]
fn a_guessed_symbol_has_whole_bytes_or_none() {
    check("a_guessed_symbol_has_whole_bytes_or_none", || {
        let map = SharedMapping::new();
        let guess = Symbol::try_from(1 << 32).unwrap();
        let other = map.clone();
        let thread = thread::spawn(move || other.intern(EVEN[0]));
        let seen = map.get_bytes(guess);
        assert!(seen.is_none_or(|bytes| bytes == EVEN[0]));
        assert_eq!(thread.join().unwrap(), guess);
    });
}

#[test]
fn what_is_there_is_found_while_its_shard_grows() {
    check("what_is_there_is_found_while_its_shard_grows", || {
        let map = SharedMapping::new();
        let (odd, even) = (map.intern(ODD[0]), map.intern(EVEN[0]));
        let other = map.clone();
        // The shard grows, and the new string is written over what the odd one leaves behind.
        let thread = thread::spawn(move || other.intern(EVEN[1]));
        assert_eq!(map.get_sym(ODD[0]), Some(odd));
        assert_eq!(map.get_sym(EVEN[0]), Some(even));
        let new = map.get_sym(EVEN[1]);
        resolves(&map, new, EVEN[1]);
        thread.join().unwrap();
    });
}

#[test]
fn two_writers_in_a_shard_that_grows() {
    check("two_writers_in_a_shard_that_grows", || {
        let map = SharedMapping::new();
        let odd = map.intern(ODD[0]);
        let permit = map.try_acquire_permission().unwrap();
        let thread = thread::spawn(move || permit.intern(EVEN[0]));
        let second = map.intern(ODD[1]);
        let even = thread.join().unwrap();
        for (bytes, symbol) in [(ODD[0], odd), (ODD[1], second), (EVEN[0], even)] {
            assert_eq!(map.get_sym(bytes), Some(symbol));
            assert_eq!(map.get_bytes(symbol), Some(bytes));
        }
        assert_eq!(map.len(), 3);
    });
}

#[test]
fn one_slot_has_one_writer_at_a_time() {
    check("one_slot_has_one_writer_at_a_time", || {
        let map = SharedMapping::new();
        let _held = map.try_acquire_permission().unwrap();
        let other = map.clone();
        // Both look for the slot that is left; who does not get it takes the shared one.
        let thread = thread::spawn(move || other.intern(EVEN[0]));
        let mine = map.intern(ODD[0]);
        let theirs = thread.join().unwrap();
        assert_ne!(mine, theirs);
        resolves(&map, Some(mine), ODD[0]);
        resolves(&map, Some(theirs), EVEN[0]);
    });
}

#[test]
fn with_all_slots_held_two_threads_share_one() {
    check("with_all_slots_held_two_threads_share_one", || {
        let map = SharedMapping::new();
        let _held = [(); 2].map(|()| map.try_acquire_permission().unwrap());
        let other = map.clone();
        let thread = thread::spawn(move || other.intern(EVEN[0]));
        let mine = map.intern(ODD[0]);
        let theirs = thread.join().unwrap();
        assert_ne!(mine, theirs);
        resolves(&map, Some(mine), ODD[0]);
        resolves(&map, Some(theirs), EVEN[0]);
    });
}

#[test]
fn a_permit_given_back_is_taken_again() {
    check("a_permit_given_back_is_taken_again", || {
        let map = SharedMapping::new();
        let _held = map.try_acquire_permission().unwrap();
        let permit = map.try_acquire_permission().unwrap();
        let first = permit.intern(EVEN[0]);
        let other = map.clone();
        let thread = thread::spawn(move || {
            drop(permit);
            other.get_bytes(first).map(<[u8]>::to_vec)
        });
        // Perhaps the slot is back already.
        let second = match map.try_acquire_permission() {
            Ok(permit) => permit.intern(ODD[0]),
            Err(_) => map.intern(ODD[0]),
        };
        assert_eq!(thread.join().unwrap().as_deref(), Some(EVEN[0]));
        assert_ne!(first, second);
        resolves(&map, Some(second), ODD[0]);
    });
}

#[test]
fn the_last_symbol_goes_to_one() {
    check("the_last_symbol_goes_to_one", || {
        let map = SharedMapping::with_limits(Limits {
            symbols_per_slot_max: 1,
            ..Limits::default()
        });
        let first = [map.intern(EVEN[0]), map.intern(EVEN[1])];
        let other = map.clone();
        let thread = thread::spawn(move || other.try_intern(ODD[0]));
        let results = [map.try_intern(EVEN[2]), thread.join().unwrap()];
        let refused = Err(InternError::SymbolSpaceExhausted);
        assert_eq!(
            results.iter().filter(|&&result| result == refused).count(),
            1
        );
        for (result, bytes) in results.into_iter().zip([EVEN[2], ODD[0]]) {
            assert_eq!(map.get_sym(bytes), result.ok());
            resolves(&map, result.ok(), bytes);
        }
        assert_eq!(
            [map.get_sym(EVEN[0]), map.get_sym(EVEN[1])],
            first.map(Some)
        );
        assert_eq!(map.len(), 3);
    });
}

#[test]
fn a_look_up_never_inserts() {
    check("a_look_up_never_inserts", || {
        let map = SharedMapping::new();
        let other = map.clone();
        let thread = thread::spawn(move || {
            assert_eq!(other.get_sym(EVEN[0]), None);
            assert_eq!(other.get_sym(ODD[0]), None);
        });
        assert_eq!(map.get_sym(EVEN[0]), None);
        let even = map.intern(EVEN[1]);
        thread.join().unwrap();
        assert_eq!((map.len(), map.get_sym(EVEN[0])), (1, None));
        assert!(map.iter().eq([(even, EVEN[1])]));
    });
}

#[test]
fn a_walk_sees_whole_strings() {
    check("a_walk_sees_whole_strings", || {
        let map = SharedMapping::new();
        let first = map.intern(EVEN[0]);
        let other = map.clone();
        let thread = thread::spawn(move || other.intern(ODD[0]));
        let seen: Vec<_> = map
            .iter()
            .map(|(symbol, bytes)| (symbol, bytes.to_vec()))
            .collect();
        let second = thread.join().unwrap();
        let both = [(first, EVEN[0].to_vec()), (second, ODD[0].to_vec())];
        assert!(!seen.is_empty() && both.starts_with(&seen));
    });
}

#[test]
fn the_strings_in_order_catch_up() {
    check("the_strings_in_order_catch_up", || {
        let map = SharedMapping::new();
        let other = map.clone();
        let thread = thread::spawn(move || other.intern(ODD[0]));
        let early = map.ordered();
        let symbol = thread.join().unwrap();
        let late = map.ordered();
        assert!(early.len() <= 1);
        assert_eq!(late.get(ODD[0]), Some(&symbol));
    });
}

#[test]
fn the_last_handle_frees_the_mapping() {
    check("the_last_handle_frees_the_mapping", || {
        let map = SharedMapping::new();
        let symbol = map.intern(EVEN[0]);
        let permit = map.try_acquire_permission().unwrap();
        let other = map.clone();
        let reader = thread::spawn(move || {
            assert_eq!(other.get_bytes(symbol), Some(EVEN[0]));
        });
        let writer = thread::spawn(move || permit.intern(ODD[0]));
        drop(map);
        reader.join().unwrap();
        writer.join().unwrap();
    });
}
