//! That random schedules find what they have to find: the checker, checked.

#![cfg(pleach_shuttle)]

use std::collections::BTreeSet;
use std::ptr::NonNull;
use std::sync::{Arc, Mutex};

use pleach_atomic::alloc::{Allocator, Global, Layout};
use pleach_atomic::atomic::{AtomicU32, Ordering};
use pleach_atomic::cell::UnsafeCell;
use pleach_atomic::model::{below, random};
use pleach_atomic::thread;

/// Enough that a schedule of two short threads is as good as certain to come up.
const ITERATIONS: usize = 200;

/// Lets every thread of the scenario do as it likes with a cell.
struct Unordered(UnsafeCell<u32>);

// SAFETY: not safe at all; it is what is to be found. Threads of a scenario take turns.
unsafe impl Sync for Unordered {}

/// Runs two threads that each add one by a load and a store, or by one access.
fn count_to_two(name: &str, add: fn(&AtomicU32)) {
    random(name, ITERATIONS, move || {
        let count = Arc::new(AtomicU32::new(0));
        let other = {
            let count = Arc::clone(&count);
            thread::spawn(move || add(&count))
        };
        add(&count);
        other.join().unwrap();
        assert_eq!(count.load(Ordering::Relaxed), 2, "an addition is lost");
    });
}

#[test]
fn an_addition_in_one_step_is_not_lost() {
    count_to_two("an_addition_in_one_step_is_not_lost", |count| {
        count.fetch_add(1, Ordering::Relaxed);
    });
}

#[test]
#[should_panic(expected = "an addition is lost")]
fn an_addition_in_two_steps_is_lost() {
    count_to_two("an_addition_in_two_steps_is_lost", |count| {
        let value = count.load(Ordering::Relaxed);
        count.store(value + 1, Ordering::Relaxed);
    });
}

/// One thread writes a cell; another reads it, and has or has not waited for that.
fn write_and_read(name: &str, wait: bool) {
    random(name, ITERATIONS, move || {
        let cell = Arc::new(Unordered(UnsafeCell::new(0)));
        let writer = {
            let cell = Arc::clone(&cell);
            // SAFETY: no reader, or one that the model has to notice.
            thread::spawn(move || cell.0.with_mut(|value| unsafe { *value = 1 }))
        };
        let read = |cell: &Unordered| {
            // SAFETY: as above.
            cell.0.with(|value| unsafe { *value })
        };
        if !wait {
            read(&cell);
        }
        writer.join().unwrap();
        assert_eq!(read(&cell), 1);
    });
}

#[test]
fn ordered_accesses_are_no_race() {
    write_and_read("ordered_accesses_are_no_race", true);
}

#[test]
#[should_panic(expected = "data race")]
fn accesses_at_once_are_a_race() {
    write_and_read("accesses_at_once_are_a_race", false);
}

const BLOCK: Layout = Layout::new::<AtomicU32>();

/// A block with a zero in it.
fn block() -> NonNull<AtomicU32> {
    let data = Global.allocate(BLOCK).unwrap().cast::<AtomicU32>();
    // SAFETY: just allocated for it.
    unsafe { data.write(AtomicU32::new(0)) };
    data
}

fn free(block: NonNull<AtomicU32>) {
    // SAFETY: from `block`, and freed once, or it is what the model has to notice.
    unsafe { Global.deallocate(block.cast(), BLOCK) };
}

#[test]
fn what_is_freed_once_is_no_fault() {
    random("what_is_freed_once_is_no_fault", ITERATIONS, || {
        let data = block();
        // SAFETY: alive.
        assert_eq!(unsafe { data.as_ref() }.load(Ordering::Relaxed), 0);
        free(data);
    });
}

#[test]
#[should_panic(expected = "blocks are left behind")]
fn a_leak_is_found() {
    random("a_leak_is_found", 1, || {
        block();
    });
}

#[test]
#[should_panic(expected = "freed twice")]
fn a_double_free_is_found() {
    random("a_double_free_is_found", 1, || {
        let data = block();
        free(data);
        free(data);
    });
}

#[test]
#[should_panic(expected = "used after it was freed")]
fn a_use_after_free_is_found() {
    random("a_use_after_free_is_found", 1, || {
        let data = block();
        free(data);
        // SAFETY: freed, but not given back before the execution ends.
        let _ = unsafe { data.as_ref() }.load(Ordering::Relaxed);
    });
}

#[test]
fn drawn_numbers_differ_and_keep_to_their_bound() {
    let drawn = Arc::new(Mutex::new(BTreeSet::new()));
    let record = Arc::clone(&drawn);
    random(
        "drawn_numbers_differ_and_keep_to_their_bound",
        ITERATIONS,
        move || {
            record.lock().unwrap().insert(below(3));
        },
    );
    assert_eq!(*drawn.lock().unwrap(), BTreeSet::from([0, 1, 2]));
}
