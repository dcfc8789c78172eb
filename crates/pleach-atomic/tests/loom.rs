//! That the models see what they have to see: the checker, checked.

#![cfg(pleach_loom)]

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use pleach_atomic::atomic::{AtomicU32, Ordering};
use pleach_atomic::model::check;
use pleach_atomic::{sync, thread};

/// One thread loads; another loads and then writes. loom alone tries one schedule of this.
#[test]
fn a_load_is_tried_on_both_sides_of_a_later_write() {
    let seen = Arc::new(Mutex::new(BTreeSet::new()));
    let record = Arc::clone(&seen);
    check(
        "a_load_is_tried_on_both_sides_of_a_later_write",
        move || {
            let shared = sync::Arc::new(AtomicU32::new(0));
            let writer = {
                let shared = sync::Arc::clone(&shared);
                thread::spawn(move || {
                    assert_eq!(shared.load(Ordering::Relaxed), 0);
                    shared.fetch_add(1, Ordering::Relaxed);
                })
            };
            let value = shared.load(Ordering::Relaxed);
            record.lock().unwrap().insert(value);
            writer.join().unwrap();
        },
    );
    assert_eq!(*seen.lock().unwrap(), BTreeSet::from([0, 1]));
}
