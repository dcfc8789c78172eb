//! Histories of four threads at one small concurrent trie: each has to be that of some serial run.
//!
//! Every thread notes when each of its calls began and ended, and what came back. The checker looks for
//! an order of all calls in which each returns what it did, and no call comes before one that had ended
//! when it began (Wing and Gong, 1993; with the states seen so far kept, as Lowe does). The planted bug is
//! a history that is not linearizable, which the checker has to refuse.

use pleach_sync::ConcurrencyLevel::{self, MultiWriteMultiRead, OneWriteMultiRead};
use pleach_sync::SyncError;
use pleach_testkit::stress::Draws;
use pleach_trie::CompressedSparseTrie;
use std::collections::HashSet;
use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::thread;

const THREADS: usize = 4;
const CALLS: usize = 5;
const KEYS: usize = 3;

/// Two of them in one leaf, the third elsewhere.
const NAMES: [&str; KEYS] = ["a", "ab", "left alone"];

/// The value of each key.
type State = [Option<u64>; KEYS];

/// A call, and what came back.
#[derive(Clone, Debug)]
enum Call {
    Get(usize, Option<u64>),
    Insert(usize, u64, Option<u64>),
    Remove(usize, Option<u64>),
    /// All values at once.
    Snapshot(State),
    /// Reads one key and writes two, all at once.
    Batch(usize, Option<u64>, [(usize, u64); 2]),
    /// A batch that was refused, and so did nothing.
    Refused,
}

impl Call {
    /// The state after the call, if it can have returned what it did.
    fn apply(&self, mut state: State) -> Option<State> {
        let agrees = match self {
            Self::Get(key, value) => state[*key] == *value,
            Self::Insert(key, value, old) => state[*key].replace(*value) == *old,
            Self::Remove(key, old) => state[*key].take() == *old,
            Self::Snapshot(values) => state == *values,
            Self::Batch(key, read, writes) => {
                let agrees = state[*key] == *read;
                for (key, value) in writes {
                    state[*key] = Some(*value);
                }
                agrees
            }
            Self::Refused => true,
        };
        agrees.then_some(state)
    }
}

/// A call with its times.
#[derive(Clone, Debug)]
struct Event {
    begin: u64,
    end: u64,
    call: Call,
}

/// Whether there is a serial run with these calls.
fn is_linearizable(events: &[Event]) -> bool {
    assert!(events.len() <= 64);
    let all = u64::MAX >> (64 - events.len());
    let mut seen = HashSet::new();
    let mut open = vec![(0_u64, State::default())];
    while let Some((done, state)) = open.pop() {
        if done == all {
            return true;
        }
        let waiting = || (0..events.len()).filter(|i| done & (1 << i) == 0);
        // A call may be next if none that waits had ended before it began.
        let first_end = waiting().map(|i| events[i].end).min().unwrap_or(u64::MAX);
        for i in waiting().filter(|i| events[*i].begin < first_end) {
            if let Some(state) = events[i].call.apply(state) {
                let next = (done | (1 << i), state);
                if seen.insert(next) {
                    open.push(next);
                }
            }
        }
    }
    false
}

fn call(trie: &CompressedSparseTrie<u64>, draws: &mut Draws, value: u64) -> Call {
    let key = draws.index(KEYS);
    match draws.below(8) {
        0 | 1 => Call::Get(key, trie.get(NAMES[key])),
        2 | 3 => Call::Insert(key, value, trie.insert(NAMES[key], value).unwrap()),
        4 => Call::Remove(key, trie.remove(NAMES[key]).unwrap()),
        5 => {
            let map = trie.snapshot();
            Call::Snapshot(NAMES.map(|name| map.get(name).copied()))
        }
        _ => {
            let writes = [(key, value), ((key + 1) % KEYS, value + 1)];
            let read_key = draws.index(KEYS);
            let result = trie.with_writer_token(|trie, token| {
                let read = trie.get(NAMES[read_key]);
                for (key, value) in writes {
                    trie.insert_with_token(NAMES[key], value, token)?;
                    thread::yield_now();
                }
                Ok(read)
            });
            match result {
                Ok(read) => Call::Batch(read_key, read, writes),
                Err(error) => {
                    assert_eq!(error, SyncError::Conflict);
                    Call::Refused
                }
            }
        }
    }
}

/// One history of calls that were made at the same time.
fn history(level: ConcurrencyLevel, seed: u64) -> Vec<Event> {
    let trie = CompressedSparseTrie::new(level).unwrap();
    let clock = AtomicU64::new(0);
    let start = Barrier::new(THREADS);
    thread::scope(|scope| {
        let threads = (0..THREADS as u64).map(|thread| {
            let (trie, clock, start) = (&trie, &clock, &start);
            scope.spawn(move || {
                let mut draws = Draws::new(seed ^ (thread << 32));
                start.wait();
                let event = |i| {
                    let begin = clock.fetch_add(1, SeqCst);
                    let call = call(trie, &mut draws, thread * 1000 + i * 10);
                    let end = clock.fetch_add(1, SeqCst);
                    Event { begin, end, call }
                };
                (0..CALLS as u64).map(event).collect::<Vec<_>>()
            })
        });
        let threads: Vec<_> = threads.collect();
        let events = threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap());
        events.collect()
    })
}

fn check(level: ConcurrencyLevel) {
    let histories: u64 = match std::env::var("PLEACH_HISTORIES") {
        Ok(number) => number.parse().expect("a number"),
        Err(_) => 300,
    };
    let (mut overlapping, mut refused) = (0, 0);
    for seed in 0..histories {
        let events = history(level, seed);
        assert!(is_linearizable(&events), "seed {seed}: {events:#?}");
        refused += events
            .iter()
            .filter(|e| matches!(e.call, Call::Refused))
            .count();
        overlapping += events.iter().filter(|e| e.end > e.begin + 1).count();
    }
    println!(
        "{level:?}: {histories} histories of {} calls, {overlapping} of them overlapped, {refused} refused",
        THREADS * CALLS
    );
}

#[test]
fn one_writer_is_linearizable() {
    check(OneWriteMultiRead);
}

#[test]
fn many_writers_are_linearizable() {
    check(MultiWriteMultiRead);
}

#[test]
fn what_is_not_linearizable_is_refused() {
    let event = |begin, end, call| Event { begin, end, call };
    let lost_update = [
        event(0, 1, Call::Insert(0, 1, None)),
        event(2, 5, Call::Insert(0, 2, Some(1))),
        event(3, 4, Call::Insert(0, 3, Some(1))),
    ];
    assert!(!is_linearizable(&lost_update));
    let back_in_time = [
        event(0, 5, Call::Insert(0, 1, None)),
        event(1, 2, Call::Get(0, Some(1))),
        event(3, 4, Call::Get(0, None)),
    ];
    assert!(!is_linearizable(&back_in_time));
    let half_a_batch = [
        event(0, 9, Call::Batch(2, None, [(0, 1), (1, 2)])),
        event(1, 2, Call::Snapshot([Some(1), None, None])),
    ];
    assert!(!is_linearizable(&half_a_batch));
    let in_order = [
        event(0, 9, Call::Batch(2, None, [(0, 1), (1, 2)])),
        event(1, 2, Call::Snapshot([None; 3])),
        event(3, 4, Call::Snapshot([Some(1), Some(2), None])),
    ];
    assert!(is_linearizable(&in_order));
}
