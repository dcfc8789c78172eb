//! Futex, thread-locals, counters and flags.

use std::rc::Rc;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

use pleach_sync::*;
use static_assertions::assert_impl_all;

assert_impl_all!(Futex: Send, Sync);
assert_impl_all!(AtomicCounter: Send, Sync);
assert_impl_all!(StripedCounter: Send, Sync);
assert_impl_all!(AtomicFlag: Send, Sync);
// A value that may be sent is enough: no thread sees another's.
assert_impl_all!(ThreadLocalStorage<std::cell::Cell<u8>>: Send, Sync);

#[test]
fn a_wait_ends_as_it_says() {
    let futex = Futex::new(7);
    assert_eq!(futex.wait(8, None), Ok(WaitOk::ValueChanged));
    assert_eq!(
        futex.wait(8, Some(Duration::ZERO)),
        Ok(WaitOk::ValueChanged)
    );
    assert_eq!(futex.wait(7, Some(Duration::ZERO)), Err(TimedOut));
    let start = Instant::now();
    let short = Duration::from_millis(20);
    assert_eq!(futex.wait(7, Some(short)), Err(TimedOut));
    assert_eq!(futex.wait_until(7, start), Err(TimedOut));
    assert!(start.elapsed() >= short);
}

#[test]
fn waking_counts_those_who_wait() {
    let futex = Futex::new(0);
    assert_eq!(futex.wake(u32::MAX), 0, "nobody is there");
    for timeout in [None, Some(Duration::from_secs(60)), Some(Duration::MAX)] {
        thread::scope(|scope| {
            let waiters = [(); 3].map(|()| scope.spawn(|| futex.wait(0, timeout)));
            let mut woken = 0;
            while woken < 3 {
                let once = futex.wake(2);
                assert!(once <= 2);
                woken += once;
                thread::yield_now();
            }
            for waiter in waiters {
                assert_eq!(waiter.join().unwrap(), Ok(WaitOk::Woken));
            }
        });
        assert_eq!(futex.wake(1), 0);
    }
}

#[test]
fn a_registered_waiter_waits_again_and_again() {
    let futex = Futex::default();
    thread::scope(|scope| {
        let waiter = scope.spawn(|| {
            let waiter = FutexWaiter::new(&futex);
            for turn in 0..100 {
                while futex.word().load(SeqCst) == turn {
                    waiter.wait(turn, None).unwrap();
                }
            }
        });
        for turn in 0..100 {
            futex.word().store(turn + 1, SeqCst);
            futex.wake(1);
        }
        waiter.join().unwrap();
    });
}

#[test]
fn a_lock_of_a_futex_excludes() {
    let futex = Futex::new(0);
    let inside = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..500 {
                    while futex.word().swap(1, SeqCst) == 1 {
                        futex.wait(1, None).unwrap();
                    }
                    assert_eq!(inside.fetch_add(1, SeqCst), 0);
                    inside.fetch_sub(1, SeqCst);
                    futex.word().store(0, SeqCst);
                    futex.wake(1);
                }
            });
        }
    });
}

#[test]
fn each_thread_and_each_instance_has_its_value() {
    let mut first = ThreadLocalStorage::<Vec<u32>>::new();
    let second = ThreadLocalStorage::<Vec<u32>>::new();
    // All at once: a thread that ends leaves its value to the next.
    let all = Barrier::new(4);
    thread::scope(|scope| {
        for n in 0..4 {
            let (first, second, all) = (&first, &second, &all);
            scope.spawn(move || {
                first.borrow_mut().push(n);
                first.borrow_mut().push(n);
                second.with(|values| assert!(values.is_empty()));
                first.with(|values| assert_eq!(*values, [n, n]));
                all.wait();
            });
        }
    });
    let mut values: Vec<_> = first.iter_mut().map(std::mem::take).collect();
    values.sort();
    assert_eq!(values, [[0, 0], [1, 1], [2, 2], [3, 3]]);
}

#[test]
fn a_value_stays_where_it_is_and_goes_with_the_instance() {
    struct Counted<'c>(&'c AtomicUsize);
    impl Drop for Counted<'_> {
        fn drop(&mut self) {
            self.0.fetch_add(1, SeqCst);
        }
    }
    let drops = AtomicUsize::new(0);
    let storage = ThreadLocalStorage::new();
    let here = storage.get_or_init(|| Counted(&drops));
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                storage.get_or_init(|| Counted(&drops));
            });
        }
    });
    let again = storage.get_or_init(|| unreachable!("there is one"));
    assert!(std::ptr::eq(here, again));
    assert_eq!(
        drops.load(SeqCst),
        0,
        "threads do not take their values along"
    );
    let count = {
        let mut storage = storage;
        storage.iter_mut().count()
    };
    assert_eq!(drops.load(SeqCst), count);
}

#[test]
#[should_panic(expected = "already borrowed")]
fn what_is_shared_is_not_borrowed_mutably() {
    let storage = ThreadLocalStorage::<u32>::new();
    let one = storage.get_or_init(|| 1);
    *storage.borrow_mut() += 1;
    assert_eq!(*one, 1);
}

#[test]
fn clear_drops_all() {
    let mut storage = ThreadLocalStorage::<u32>::new();
    *storage.borrow_mut() = 1;
    storage.clear();
    assert_eq!(*storage.borrow_mut(), 0);
}

#[test]
fn counters_count() {
    let (counter, striped) = (AtomicCounter::default(), StripedCounter::new());
    thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| {
                for _ in 0..100 {
                    counter.fetch_add(1);
                    striped.add(1);
                }
            });
        }
    });
    assert_eq!((counter.get(), striped.get()), (2000, 2000));
    assert_eq!((counter.fetch_sub(1), counter.fetch_min(5)), (2000, 1999));
    assert_eq!((counter.fetch_max(9), counter.swap(1)), (5, 9));
    counter.set(0);
    assert_eq!(counter.fetch_sub(1), 0);
    assert_eq!(counter.get(), u64::MAX);
}

#[test]
fn local_tokens_keep_what_their_readers_see() {
    let mut tokens = LocalTokens::new();
    let mut retired = LocalRetired::new();
    let item = Rc::new(());
    retired.retire(&mut tokens, Rc::clone(&item));
    assert_eq!(Rc::strong_count(&item), 1, "freed at once");
    let first = tokens.reader();
    retired.retire(&mut tokens, Rc::clone(&item));
    let second = tokens.reader();
    retired.retire(&mut tokens, Rc::clone(&item));
    assert_eq!(
        (first.version(), second.version(), tokens.readers_active()),
        (1, 2, 2)
    );
    drop(first);
    assert_eq!((retired.reclaim(&tokens), retired.len()), (1, 1));
    drop(second);
    assert_eq!((retired.reclaim(&tokens), Rc::strong_count(&item)), (1, 1));
}
