//! What happens at the edges: no symbols left, no slots left, strings too short and too long.

use pleach_intern::{InternError, Limits, MAX_WRITER_THREADS, PermitError, SharedMapping, Symbol};

/// All slots and the one that is shared.
const SLOTS: usize = MAX_WRITER_THREADS + 1;

fn tight(symbols_per_slot_max: u64) -> Limits {
    Limits {
        symbols_per_slot_max,
        ..Limits::default()
    }
}

#[test]
fn when_no_symbol_is_left_everything_else_goes_on() {
    let map = SharedMapping::with_limits(tight(3));
    let names: Vec<String> = (0..3 * SLOTS).map(|n| format!("name {n}")).collect();
    let symbols: Vec<Symbol> = names.iter().map(|name| map.intern(name)).collect();
    for _ in 0..2 {
        let refused = map.try_intern("one more");
        assert_eq!(refused, Err(InternError::SymbolSpaceExhausted));
        assert_eq!(map.get_sym("one more"), None);
        assert_eq!(map.len(), names.len());
        for (name, &symbol) in names.iter().zip(&symbols) {
            assert_eq!(map.try_intern(name), Ok(symbol));
            assert_eq!(map.get_sym(name), Some(symbol));
            assert_eq!(map.get_bytes(symbol), Some(name.as_bytes()));
        }
    }
    let full = map.try_acquire_permission().unwrap_err();
    assert_eq!(full, PermitError::AllHeld { slots: 128 });
}

#[test]
fn intern_panics_with_the_message_of_the_error() {
    let map = SharedMapping::with_limits(tight(0));
    let payload = std::panic::catch_unwind(|| map.intern("any")).unwrap_err();
    let message = payload.downcast::<String>().expect("formatted");
    assert_eq!(*message, InternError::SymbolSpaceExhausted.to_string());
}

#[test]
fn a_permit_with_a_full_slot_writes_elsewhere() {
    let map = SharedMapping::with_limits(tight(2));
    let permit = map.try_acquire_permission().unwrap();
    let names: Vec<String> = (0..2 * SLOTS).map(|n| format!("name {n}")).collect();
    let symbols: Vec<Symbol> = names.iter().map(|name| permit.intern(name)).collect();
    assert_eq!(
        permit.try_intern("one more"),
        Err(InternError::SymbolSpaceExhausted)
    );
    for (name, &symbol) in names.iter().zip(&symbols) {
        assert_eq!(map.get_bytes(symbol), Some(name.as_bytes()));
    }
}

#[test]
fn with_all_slots_held_strings_are_still_interned() {
    let map = SharedMapping::new();
    let permits: Vec<_> = (0..MAX_WRITER_THREADS)
        .map(|_| map.try_acquire_permission().unwrap())
        .collect();
    let refused = map.try_acquire_permission().unwrap_err();
    assert!(refused.to_string().contains("128"), "{refused}");

    let names: Vec<String> = (0..1000).map(|n| format!("name {n}")).collect();
    let symbols: Vec<Symbol> = std::thread::scope(|scope| {
        let work = || names.iter().map(|name| map.intern(name)).collect();
        let threads = [0; 4].map(|_| scope.spawn(work));
        let all = threads.map(|thread| -> Vec<Symbol> { thread.join().unwrap() });
        assert!(all.iter().all(|symbols| *symbols == all[0]));
        all[0].clone()
    });
    assert_eq!(map.len(), names.len());
    for (i, permit) in permits.iter().enumerate() {
        assert_eq!(permit.intern(&names[i]), symbols[i]);
        let own = permit.intern(format!("of permit {i}"));
        assert_eq!(
            map.get_bytes(own),
            Some(format!("of permit {i}").as_bytes())
        );
    }
    drop(permits);
    let again: Vec<_> = (0..MAX_WRITER_THREADS)
        .map(|_| map.try_acquire_permission().unwrap())
        .collect();
    assert!(again.iter().all(|permit| permit.mapping().ptr_eq(&map)));
}

#[test]
fn permits_are_had_while_others_intern() {
    let map = SharedMapping::new();
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        for thread in 0..3 {
            let (map, done) = (&map, &done);
            scope.spawn(move || {
                for n in 0.. {
                    if done.load(std::sync::atomic::Ordering::Relaxed) {
                        break;
                    }
                    map.intern(format!("{thread} {n}"));
                }
            });
        }
        for _ in 0..50 {
            let all: Result<Vec<_>, _> = (0..MAX_WRITER_THREADS)
                .map(|_| map.try_acquire_permission())
                .collect();
            assert_eq!(all.expect("nobody else has permits").len(), 128);
        }
        done.store(true, std::sync::atomic::Ordering::Relaxed);
    });
}

#[test]
fn strings_have_a_length_from_nothing_to_the_limit() {
    let map = SharedMapping::with_limits(Limits {
        len_max: 1 << 20,
        ..Limits::default()
    });
    let long = vec![b'x'; (1 << 20) + 1];
    let lengths = [0, 1, 254, 255, 256, 1023, 1024, 1025, 65_536, 1 << 20];
    let symbols = lengths.map(|len| map.intern(&long[..len]));
    for (len, symbol) in lengths.into_iter().zip(symbols) {
        assert_eq!(map.get_bytes(symbol), Some(&long[..len]));
        assert_eq!(map.get_sym(&long[..len]), Some(symbol));
    }
    let too_long = InternError::TooLong {
        len: long.len(),
        max: 1 << 20,
    };
    assert_eq!(map.try_intern(&long), Err(too_long));
    assert_eq!(map.get_sym(&long), None);
    assert_eq!(map.len(), lengths.len());
}

#[test]
#[cfg(target_pointer_width = "64")]
fn no_string_is_longer_than_its_length_can_say() {
    // Zeroed pages that nobody touches: the length alone is looked at.
    let huge = vec![0; u32::MAX as usize + 1];
    let map = SharedMapping::new();
    let max = u32::MAX as usize;
    let refused = map.try_intern(&huge);
    assert_eq!(refused, Err(InternError::TooLong { len: max + 1, max }));
    assert_eq!(map.get_sym(&huge), None);
}

#[test]
fn a_symbol_never_issued_stands_for_nothing() {
    let map = SharedMapping::new();
    let issued = u64::from(map.intern("dog"));
    for number in [
        0,
        1,
        issued + 1,
        issued - 1,
        issued << 1,
        issued | 1 << 40,
        u64::MAX >> 1,
    ] {
        let symbol = Symbol::try_from(number).unwrap();
        assert_eq!(map.get_bytes(symbol), None, "{symbol:?}");
    }
}

/// Strings of which a hash of eight bytes, or of the length alone, sees no difference.
#[test]
fn strings_that_look_alike_are_told_apart() {
    let map = SharedMapping::new();
    let strings: Vec<Vec<u8>> = (0..20_000u32)
        .map(|n| [b"http://example.org/a/b/c/", &n.to_be_bytes()[..], b"/end"].concat())
        .collect();
    let symbols: Vec<Symbol> = strings.iter().map(|string| map.intern(string)).collect();
    for (string, &symbol) in strings.iter().zip(&symbols) {
        assert_eq!(map.get_sym(string), Some(symbol));
        assert_eq!(map.get_bytes(symbol), Some(&string[..]));
    }
    assert_eq!(map.len(), strings.len());
}

#[test]
fn memory_beyond_the_text_is_bounded() {
    // Just behind and just before the tables grow, and what a mapping takes that is empty.
    assert!(SharedMapping::new().memory().total() < 64 << 10);
    for count in [50_000, 100_000, 150_000, 250_000, 400_000u32] {
        let map = SharedMapping::new();
        for n in 0..count {
            map.intern(format!("{n:010}"));
        }
        let memory = map.memory();
        assert_eq!(
            (memory.symbols, memory.text),
            (count as usize, 10 * count as usize)
        );
        println!(
            "{count}: {:.1} bytes beyond the text, {memory:?}",
            memory.beyond_text()
        );
        assert!(memory.beyond_text() < 40.0, "{memory:?}");
    }
}
