//! Tokens, level by level, and what waits for them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use pleach_sync::ConcurrencyLevel::*;
use pleach_sync::*;
use static_assertions::{assert_impl_all, assert_not_impl_any};

assert_impl_all!(TokenManager: Send, Sync);
assert_impl_all!(Retired<String>: Send, Sync);
assert_impl_all!(Versioned<String>: Send, Sync);
assert_not_impl_any!(Versioned<std::rc::Rc<()>>: Send, Sync);
assert_not_impl_any!(Versioned<std::cell::Cell<()>>: Sync);
assert_not_impl_any!(ReaderToken<'static>: Send, Sync);
assert_not_impl_any!(WriterToken<'static>: Send, Sync);
assert_not_impl_any!(LocalTokens: Send, Sync);
assert_not_impl_any!(LocalReader: Send, Sync);

/// Runs `f` in another thread.
fn elsewhere<R: Send>(f: impl FnOnce() -> R + Send) -> R {
    thread::scope(|scope| scope.spawn(f).join().unwrap())
}

/// Counts its drops.
struct Counted<'c>(&'c AtomicUsize);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
    }
}

#[test]
fn level_0_reads_for_nothing_and_writes_nothing() {
    let tokens = TokenManager::new(NoWriteReadOnly);
    let number = Versioned::new(&tokens, 1);
    let a = tokens.reader_token().unwrap();
    assert!(a.is_valid() && a.version().is_none());
    assert_eq!(number.read(&a), Ok(&1));
    assert_eq!(elsewhere(|| number.with(|n| *n)), 1);
    assert_eq!(tokens.writer_token().unwrap_err(), SyncError::ReadOnly);
    assert_eq!(tokens.try_writer_token().unwrap_err(), SyncError::ReadOnly);
    assert_eq!(tokens.stats().readers_active, 0);
}

#[test]
fn level_1_is_for_one_thread_that_reads_or_writes() {
    let tokens = TokenManager::new(SingleThreadStrict);
    let number = Versioned::new(&tokens, 1);
    {
        let _a = tokens.reader_token().unwrap();
        let _b = tokens.reader_token().unwrap();
        let active = SyncError::ReadersActive { active: 2 };
        assert_eq!(tokens.writer_token().unwrap_err(), active);
    }
    let writer = tokens.writer_token().unwrap();
    assert_eq!(tokens.reader_token().unwrap_err(), SyncError::WriterHeld);
    assert_eq!(tokens.writer_token().unwrap_err(), SyncError::WriterHeld);
    number.update(&writer, 8, |n| Ok(n + 1)).unwrap();
    assert_eq!(number.pending(), 0, "freed at once");
    drop(writer);
    let wrong = SyncError::WrongThread;
    assert_eq!(elsewhere(|| tokens.reader_token().err()), Some(wrong));
    assert_eq!(elsewhere(|| tokens.writer_token().err()), Some(wrong));
    assert_eq!(elsewhere(|| tokens.try_writer_token().err()), Some(wrong));
}

#[test]
fn level_2_keeps_what_its_readers_see() {
    let tokens = TokenManager::new(SingleThreadShared);
    let number = Versioned::new(&tokens, 1);
    let old = tokens.reader_token().unwrap();
    let one = number.read(&old).unwrap();
    let writer = tokens.writer_token().unwrap();
    assert_eq!(tokens.writer_token().unwrap_err(), SyncError::WriterHeld);
    number.update(&writer, 8, |n| Ok(n + 1)).unwrap();
    assert_eq!((*one, number.pending()), (1, 1));
    let young = tokens.reader_token().unwrap();
    number.update(&writer, 8, |n| Ok(n + 1)).unwrap();
    drop(old);
    assert_eq!(number.reclaim(), 1, "the younger one keeps what it may see");
    drop(young);
    assert_eq!((number.reclaim(), number.pending()), (1, 0));
    let wrong = SyncError::WrongThread;
    assert_eq!(elsewhere(|| tokens.reader_token().err()), Some(wrong));
    assert_eq!(elsewhere(|| tokens.writer_token().err()), Some(wrong));
}

#[test]
fn level_3_has_one_writer_and_others_wait_in_turn() {
    let tokens = TokenManager::new(OneWriteMultiRead);
    let writer = tokens.writer_token().unwrap();
    assert_eq!(tokens.writer_token().unwrap_err(), SyncError::WriterHeld);
    assert_eq!(
        tokens.try_writer_token().unwrap_err(),
        SyncError::WriterHeld
    );
    let busy = elsewhere(|| tokens.try_writer_token().err());
    assert_eq!(busy, Some(SyncError::Busy));
    assert!(elsewhere(|| tokens.reader_token().unwrap().is_valid()));

    let order = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for turn in 0..4 {
            let (order, tokens) = (&order, &tokens);
            scope.spawn(move || {
                let _writer = tokens.writer_token().unwrap();
                order.lock().unwrap().push(turn);
            });
            // Until it waits; the order of those who come at once is anybody's.
            thread::sleep(Duration::from_millis(30));
        }
        drop(writer);
    });
    assert_eq!(*order.lock().unwrap(), [0, 1, 2, 3]);
}

#[test]
fn level_4_has_any_number_of_writers() {
    let tokens = TokenManager::new(MultiWriteMultiRead);
    let a = tokens.writer_token().unwrap();
    let b = tokens.try_writer_token().unwrap();
    assert!(a.is_valid() && b.is_valid());
    assert!(elsewhere(|| tokens.writer_token().unwrap().is_valid()));
    assert_eq!(tokens.stats().writers_active, 2);
    let number = Versioned::new(&tokens, 0);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let writer = tokens.writer_token().unwrap();
                for _ in 0..500 {
                    number.update(&writer, 8, |n| Ok(n + 1)).unwrap();
                }
            });
        }
    });
    assert_eq!(number.with(|n| *n), 2000);
    while number.reclaim() > 0 {}
    let stats = tokens.stats();
    assert_eq!((stats.retired, stats.reclaimed), (2000, 2000));
}

#[test]
fn a_token_is_valid_where_and_while_it_protects() {
    let tokens = TokenManager::new(OneWriteMultiRead);
    let other = TokenManager::new(OneWriteMultiRead);
    let number = Versioned::new(&tokens, 1);
    let mut reader = tokens.reader_token().unwrap();
    assert!(reader.is_valid_for(&tokens) && !reader.is_valid_for(&other));
    reader.idle();
    assert!(!reader.is_valid() && !reader.is_valid_for(&tokens));
    assert_eq!(number.read(&reader), Err(SyncError::IdleToken));
    assert_eq!(tokens.stats().readers_active, 0);
    reader.resume();
    assert_eq!(number.read(&reader), Ok(&1));

    let foreign = other.reader_token().unwrap();
    assert_eq!(number.read(&foreign), Err(SyncError::ForeignToken));
    let foreign = other.writer_token().unwrap();
    let refused = number.update(&foreign, 8, |n| Ok(n + 1));
    assert_eq!(refused, Err(SyncError::ForeignToken));
    let mut writer = tokens.writer_token().unwrap();
    writer.idle();
    assert!(!writer.is_valid());
    let refused = number.update(&writer, 8, |n| Ok(n + 1));
    assert_eq!(refused, Err(SyncError::IdleToken));
    assert!(tokens.writer_token().is_ok(), "an idle token holds nothing");
}

#[test]
fn a_frozen_manager_reads_what_was_written() {
    let tokens = TokenManager::new(OneWriteMultiRead);
    let number = Versioned::new(&tokens, 1);
    let writer = tokens.writer_token().unwrap();
    number.update(&writer, 8, |n| Ok(n + 1)).unwrap();
    drop(writer);
    let tokens = tokens.freeze();
    let reader = tokens.reader_token().unwrap();
    assert_eq!(number.read(&reader), Ok(&2));
    assert!(reader.version().is_none());
}

#[test]
fn cached_tokens_are_idle_and_slots_are_used_again() {
    let tokens = TokenManager::new(OneWriteMultiRead);
    for _ in 0..100 {
        let _outer = tokens.reader_token().unwrap();
        let _inner = tokens.reader_token().unwrap();
    }
    let stats = tokens.stats();
    assert_eq!((stats.slots, stats.readers_active), (2, 0));
    assert_eq!((stats.tokens, stats.tokens_cached), (200, 198));
    for _ in 0..20 {
        elsewhere(|| drop(tokens.reader_token()));
    }
    assert_eq!(
        tokens.stats().slots,
        3,
        "a thread that ends gives its slot back"
    );
    let number = Versioned::new(&tokens, 1);
    let writer = tokens.writer_token().unwrap();
    number.update(&writer, 8, |n| Ok(n + 1)).unwrap();
    assert_eq!(number.pending(), 0, "idle slots keep nothing");
}

#[test]
fn a_nested_token_protects_by_itself() {
    let tokens = TokenManager::new(OneWriteMultiRead);
    let number = Versioned::new(&tokens, 1);
    let outer = tokens.reader_token().unwrap();
    let inner = tokens.reader_token().unwrap();
    let one = number.read(&inner).unwrap();
    drop(outer);
    let writer = tokens.writer_token().unwrap();
    number.update(&writer, 8, |n| Ok(n + 1)).unwrap();
    assert_eq!((*one, number.pending()), (1, 1));
    drop(inner);
    assert_eq!(number.reclaim(), 1);
}

#[test]
fn managers_do_not_share_slots() {
    let first = TokenManager::new(OneWriteMultiRead);
    drop(first.reader_token());
    drop(first);
    let tokens = TokenManager::new(OneWriteMultiRead);
    let other = TokenManager::new(OneWriteMultiRead);
    let number = Versioned::new(&tokens, 1);
    let _of_another = other.reader_token().unwrap();
    let writer = tokens.writer_token().unwrap();
    number.update(&writer, 8, |n| Ok(n + 1)).unwrap();
    assert_eq!(number.pending(), 0);
    assert_eq!(tokens.stats().tokens_cached, 0);
}

/// Where the leaked token of the next test is, so that a check for leaks finds it.
static LEAKED: AtomicPtr<()> = AtomicPtr::new(std::ptr::null_mut());

#[test]
fn a_leaked_token_stays_registered() {
    let tokens = TokenManager::new(OneWriteMultiRead);
    let number = Versioned::new(&tokens, 1);
    elsewhere(|| {
        let token = Box::leak(Box::new(tokens.reader_token()));
        LEAKED.store(std::ptr::from_mut(token).cast(), SeqCst);
    });
    let writer = tokens.writer_token().unwrap();
    number.update(&writer, 8, |n| Ok(n + 1)).unwrap();
    assert_eq!((number.pending(), tokens.stats().readers_active), (1, 1));
}

#[test]
fn panics_and_threads_that_end_give_tokens_back() {
    let tokens = TokenManager::new(OneWriteMultiRead);
    let number = Versioned::new(&tokens, 1);
    let died = thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let _reader = tokens.reader_token().unwrap();
            let writer = tokens.writer_token().unwrap();
            let broken = number.update(&writer, 8, |_| panic!("in the closure"));
            broken.unwrap();
        });
        thread.join().is_err()
    });
    assert!(died);
    assert_eq!(number.with(|n| *n), 1, "nothing was published");
    assert_eq!(tokens.stats().readers_active, 0);
    let writer = tokens.writer_token().unwrap();
    number.update(&writer, 8, |n| Ok(n + 1)).unwrap();
    assert_eq!(number.pending(), 0);
}

#[test]
fn an_error_leaves_the_value() {
    let tokens = TokenManager::new(OneWriteMultiRead);
    let number = Versioned::new(&tokens, 1);
    let writer = tokens.writer_token().unwrap();
    let refused = number.update(&writer, 8, |_| Err(SyncError::Discarded));
    assert_eq!(refused, Err(SyncError::Discarded));
    assert_eq!((number.with(|n| *n), number.pending()), (1, 0));
}

#[test]
fn each_item_is_dropped_once() {
    let drops = AtomicUsize::new(0);
    let tokens = TokenManager::new(OneWriteMultiRead);
    let retired = Retired::new(&tokens);
    let reader = tokens.reader_token().unwrap();
    retired.retire(Counted(&drops), 1);
    retired.retire_all(vec![(Counted(&drops), 2), (Counted(&drops), 3)]);
    assert_eq!((retired.reclaim(), drops.load(SeqCst)), (0, 0));
    assert_eq!(tokens.stats().pending_bytes, 6);
    assert_eq!(tokens.stats().version, 3, "one stamp a batch");
    drop(reader);
    assert_eq!((retired.reclaim(), drops.load(SeqCst)), (3, 3));
    retired.retire(Counted(&drops), 4);
    drop(retired);
    assert_eq!(drops.load(SeqCst), 4);
    let stats = tokens.stats();
    assert_eq!(
        (stats.retired, stats.reclaimed, stats.pending_bytes),
        (4, 4, 0)
    );
}

#[test]
fn a_stalled_reader_keeps_nothing_older_and_is_seen() {
    let tokens = TokenManager::new(OneWriteMultiRead);
    let retired = Retired::new(&tokens);
    for n in 0..10 {
        retired.retire(n, 1);
    }
    let stalled = tokens.reader_token().unwrap();
    for n in 10..30 {
        retired.retire(n, 1);
    }
    assert_eq!(retired.reclaim(), 10);
    assert_eq!((retired.reclaim(), retired.len()), (0, 20));
    assert_eq!(
        tokens.stats().oldest_reader.unwrap().seen_for,
        Duration::ZERO
    );
    thread::sleep(Duration::from_millis(5));
    let oldest = tokens.stats().oldest_reader.unwrap();
    assert_eq!((oldest.entered, oldest.behind), (11, 20));
    assert!(oldest.seen_for >= Duration::from_millis(5));
    drop(stalled);
    assert_eq!(tokens.stats().oldest_reader, None);
    assert_eq!(retired.reclaim(), 20);
}

#[test]
fn overlapping_readers_stop_nothing() {
    let tokens = TokenManager::new(OneWriteMultiRead);
    let retired = Retired::new(&tokens);
    let mut reader = tokens.reader_token().unwrap();
    for n in 0..1000 {
        let next = tokens.reader_token().unwrap();
        retired.retire(n, 1);
        reader = next;
        retired.reclaim();
        assert!(retired.len() <= 2, "{} wait", retired.len());
    }
    drop(reader);
}

#[test]
fn a_call_frees_no_more_than_a_batch() {
    let tokens = TokenManager::new(OneWriteMultiRead);
    let retired = Retired::new(&tokens);
    retired.retire_all((0..1000).map(|n| (n, 1)).collect());
    assert_eq!((retired.reclaim(), retired.len()), (64, 936));
}

#[test]
fn backpressure_refuses_until_the_reader_leaves() {
    let limit = Policy::Backpressure { limit: 24 };
    let tokens = TokenManager::with_policy(OneWriteMultiRead, limit);
    let number = Versioned::new(&tokens, 0);
    let stalled = tokens.reader_token().unwrap();
    let writer = tokens.writer_token().unwrap();
    let write = || number.update(&writer, 8, |n| Ok(n + 1));
    for _ in 0..4 {
        write().unwrap();
    }
    let refused = SyncError::Backpressure {
        pending: 32,
        limit: 24,
    };
    assert_eq!(write(), Err(refused));
    assert_eq!(
        number.read(&stalled),
        Ok(&4),
        "nothing is freed under a reader"
    );
    assert_eq!(tokens.stats().refused, 1);
    drop(stalled);
    write().unwrap();
    assert_eq!((number.with(|n| *n), number.pending()), (5, 0));
}

#[test]
fn a_callback_is_told_and_the_write_goes_on() {
    let (told, stalls) = channel();
    let call = Box::new(move |stall: &Stall| told.send(*stall).unwrap());
    let tokens = TokenManager::with_policy(OneWriteMultiRead, Policy::Notify { limit: 8, call });
    let number = Versioned::new(&tokens, 0);
    let _stalled = tokens.reader_token().unwrap();
    let writer = tokens.writer_token().unwrap();
    for _ in 0..3 {
        number.update(&writer, 8, |n| Ok(n + 1)).unwrap();
    }
    let stall = stalls.try_recv().unwrap();
    assert_eq!((stall.pending_bytes, stall.behind), (16, 2));
    assert!(stalls.try_recv().is_err());
    assert_eq!(number.with(|n| *n), 3);
}

#[test]
fn a_drop_that_panics_loses_nothing() {
    struct Bomb(Arc<AtomicUsize>, bool);
    impl Drop for Bomb {
        fn drop(&mut self) {
            self.0.fetch_add(1, SeqCst);
            assert!(!self.1, "the bomb");
        }
    }
    let drops = Arc::new(AtomicUsize::new(0));
    let tokens = TokenManager::new(OneWriteMultiRead);
    let retired = Retired::new(&tokens);
    for n in 0..5 {
        retired.retire(Bomb(Arc::clone(&drops), n == 2), 1);
    }
    assert!(catch_unwind(AssertUnwindSafe(|| retired.reclaim())).is_err());
    assert_eq!((drops.load(SeqCst), retired.len()), (3, 2));
    assert_eq!((retired.reclaim(), drops.load(SeqCst)), (2, 5));
}

#[test]
fn a_drop_may_use_what_it_is_dropped_from() {
    struct Again<'a>(&'a TokenManager, &'a AtomicUsize);
    impl Drop for Again<'_> {
        fn drop(&mut self) {
            let _reader = self.0.reader_token().unwrap();
            let _writer = self.0.writer_token().unwrap();
            self.1.fetch_add(1, SeqCst);
        }
    }
    let drops = AtomicUsize::new(0);
    let tokens = TokenManager::new(OneWriteMultiRead);
    let retired = Retired::new(&tokens);
    retired.retire(Again(&tokens, &drops), 1);
    assert_eq!((retired.reclaim(), drops.load(SeqCst)), (1, 1));
}

#[test]
fn the_writers_thread_knows_its_tokens() {
    let tokens = TokenManager::new(MultiWriteMultiRead);
    let a = tokens.writer_token().unwrap();
    let b = tokens.writer_token().unwrap();
    assert_eq!(tokens.find_writer_here(|_| true), Some(b.id()));
    assert_eq!(tokens.find_writer_here(|id| id != b.id()), Some(a.id()));
    assert_eq!(elsewhere(|| tokens.find_writer_here(|_| true)), None);
    drop((a, b));
    assert_eq!(tokens.find_writer_here(|_| true), None);
}
