//! What the common uses of a map cost: `cargo bench -p pleach-trie`.
//!
//! The keys are made up and few. `cargo xtask bench` measures real data beside other libraries.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use pleach_trie::PathMap;
use pleach_trie::zipper::{ZipperMoving, ZipperReadOnlyIteration, ZipperWriting};

const KEYS: u64 = 10_000;

/// Paths with heads in common, in an order that jumps about.
fn keys() -> Vec<String> {
    // An odd factor permutes the numbers below a power of two.
    let scattered = (0..KEYS).map(|i| i.wrapping_mul(2_654_435_761) % (1 << 32));
    scattered
        .map(|i| {
            format!(
                "{}/{:03}/{i}",
                ["north", "south", "west"][(i % 3) as usize],
                i % 500
            )
        })
        .collect()
}

fn map_of(keys: &[String]) -> PathMap<u64> {
    keys.iter().zip(0..).collect()
}

fn lookups(criterion: &mut Criterion) {
    let keys = keys();
    let map = map_of(&keys);
    let mut present = keys.iter().cycle();
    criterion.bench_function("get, hit", |bench| {
        bench.iter(|| present.next().and_then(|key| map.get(key)).copied());
    });
    let absent: Vec<String> = keys.iter().map(|key| format!("{key}x")).collect();
    let mut absent = absent.iter().cycle();
    criterion.bench_function("get, miss", |bench| {
        bench.iter(|| absent.next().map(|key| map.contains_key(key)));
    });
    let mut zipper = map.read_zipper();
    let mut present = keys.iter().cycle();
    criterion.bench_function("zipper down and up", |bench| {
        bench.iter(|| {
            zipper.reset();
            present.next().map(|key| zipper.descend_to_existing(key))
        });
    });
}

fn walks(criterion: &mut Criterion) {
    let map = map_of(&keys());
    criterion.bench_function("iterate 10,000 keys by zipper", |bench| {
        bench.iter(|| {
            let mut zipper = map.read_zipper();
            let mut sum = 0;
            while let Some(value) = zipper.to_next_get_val() {
                sum += black_box(value);
            }
            sum
        });
    });
    criterion.bench_function("iterate 10,000 owned keys", |bench| {
        bench.iter(|| map.iter().map(|(key, _)| key.len()).sum::<usize>());
    });
}

fn edits(criterion: &mut Criterion) {
    let keys = keys();
    let map = map_of(&keys);
    criterion.bench_function("insert 10,000 keys", |bench| {
        bench.iter_with_large_drop(|| map_of(&keys));
    });
    criterion.bench_function("clone and drop", |bench| bench.iter(|| map.clone()));
    criterion.bench_function("clone and insert one key", |bench| {
        bench.iter(|| {
            let mut copy = map.clone();
            copy.insert("south/250/new", 1);
            copy
        });
    });
    criterion.bench_function("graft a map", |bench| {
        bench.iter_batched_ref(
            PathMap::new,
            |target| {
                target
                    .write_zipper_at_path("copy/")
                    .graft(&map.read_zipper())
            },
            BatchSize::SmallInput,
        );
    });
    criterion.bench_function("remove 10,000 keys", |bench| {
        bench.iter_batched(
            || map_of(&keys),
            |mut map| {
                for key in &keys {
                    map.remove(key);
                }
                map
            },
            BatchSize::LargeInput,
        );
    });
}

criterion_group!(map, lookups, walks, edits);
criterion_main!(map);
