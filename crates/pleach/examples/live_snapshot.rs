//! A reader walks a snapshot in peace while a writer goes on with the live map.

#![forbid(unsafe_code)]

use pleach::PathMap;
use pleach::zipper::*;
use std::thread;

fn main() {
    let mut map = PathMap::new();
    for i in 0..1_000_u32 {
        map.insert(format!("path/{i:04}"), i);
    }
    let head = map.into_zipper_head("");

    // A snapshot: one count. It holds no path, so it is in no writer's way.
    let snapshot = head.read_zipper();

    let reader = thread::spawn(move || {
        let mut z = snapshot;
        let (mut values, mut sum) = (0, 0);
        while z.to_next_val() {
            values += 1;
            sum += u64::from(*z.val().expect("the walk stops at values"));
            // Whoever takes long sees the same state all along.
            thread::yield_now();
        }
        (values, sum)
    });

    // Meanwhile every old value changes, in commits of a hundred, and new ones come.
    for hundred in 0..20_u32 {
        let path = format!("path/{hundred:02}");
        let mut z = head.acquire_write(path);
        for i in 0..100_u32 {
            z.move_to_path(format!("{i:02}"));
            z.set_val(1_000_000 + i);
        }
    }

    let (values, sum) = reader.join().expect("a reader does not panic");
    println!("the reader saw {values} values with the sum {sum}");
    println!("the live map has {} values", head.read_zipper().val_count());
    assert_eq!((values, sum), (1_000, 999 * 1_000 / 2));
    assert_eq!(head.read_zipper().val_count(), 2_000);

    // The snapshot is gone, and with it what only it still needed.
    let map = head.try_into_map().expect("no zipper is left");
    assert!(map.values().all(|&value| value >= 1_000_000));
}
