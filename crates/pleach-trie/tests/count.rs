//! How many atomic read-modify-writes it takes to read, and to write through a head.
//!
//! Run with `cargo xtask count`. Readers scale if they write to nothing that others use: that is
//! what the zeros here say, whatever the number of cores.

#![cfg(pleach_count)]

use pleach_atomic::count::read_modify_writes;
use pleach_trie::PathMap;
use pleach_trie::zipper::*;
use std::hint::black_box;

/// Enough for nodes of all kinds.
const KEYS: u32 = 5_000;

fn key(i: u32) -> Vec<u8> {
    let text = (i % 3 == 0).then(|| format!("/{}", i.wrapping_mul(2_654_435_761)));
    [&i.to_be_bytes(), text.unwrap_or_default().as_bytes()].concat()
}

fn map() -> PathMap<u64> {
    (0..KEYS).map(|i| (key(i), u64::from(i))).collect()
}

/// Asserts that `work` takes so many, prints that, and returns what it does.
fn takes<T>(what: &str, expected: u64, work: impl FnOnce() -> T) -> T {
    let (result, count) = read_modify_writes(work);
    println!("count {what}: {count}");
    assert_eq!(count, expected, "{what}");
    result
}

/// Moves over everything there is, by walks and by descents.
fn read_all(mut z: impl ZipperMoving + ZipperIteration + ZipperValues<u64>) -> u64 {
    let mut sum = 0;
    while z.to_next_val() {
        sum += z.val().copied().unwrap_or(0);
    }
    for i in 0..KEYS {
        z.move_to_path(key(i));
        sum += z.val().copied().unwrap_or(0);
        z.ascend(2);
        black_box((z.path_exists(), z.child_mask(), z.val_count()));
    }
    sum
}

#[test]
fn count_reading_a_map() {
    let map = map();
    let keys: Vec<_> = (0..2 * KEYS).map(key).collect();
    takes("get", 0, || {
        keys.iter().filter_map(|key| map.get(key)).sum::<u64>()
    });
    takes("get_many", 0, || black_box(map.get_many(&keys)));
    takes("iter", 0, || {
        map.iter().map(|(_, &value)| value).sum::<u64>()
    });
    takes("prefix", 0, || map.prefix([0, 0, 3]).count());
    takes("read zipper", 0, || read_all(map.read_zipper()));
}

#[test]
fn count_snapshots() {
    let map = map();
    let snapshot = takes("clone", 1, || map.clone());
    takes("reading the clone", 0, || read_all(snapshot.read_zipper()));
    takes("drop of the clone", 1, || drop(snapshot));
}

#[test]
fn count_heads() {
    let mut map = map();
    let head = map.zipper_head();
    // A lock, and a count of the root's owners.
    let z = takes("read_zipper of a head", 3, || head.read_zipper());
    takes("reading through it", 0, || read_all(z.fork_read_zipper()));
    takes("its drop", 1, || drop(z));
    // One more lock for the path, to take it and to give it back.
    let z = takes("read_zipper_at_path", 5, || {
        head.read_zipper_at_path([0, 0]).expect("nobody writes")
    });
    takes("its drop, path and all", 3, || drop(z));
    // The path's lock.
    let z = takes("write_zipper_at_exclusive_path", 2, || {
        head.write_zipper_at_exclusive_path(key(700))
            .expect("nobody is there")
    });
    takes("its drop, without an edit", 2, || drop(z));
    let mut z = head
        .write_zipper_at_exclusive_path(key(700))
        .expect("nobody is there");
    // The trie's lock, and the leaf, shared while the old value is copied.
    takes("set_val", 4, || z.set_val(1));
    takes("set_val again", 0, || z.set_val(2));
    // Both locks.
    takes("its drop, with the commit", 4, || drop(z));
}
