//! What interning costs: `cargo bench -p pleach-intern`.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use pleach_intern::{SharedMapping, SharedMappingHandle, Symbol};

/// Names in one namespace, in an order that has nothing to do with theirs.
fn names(count: u64) -> Vec<String> {
    let shuffled = (0..count).map(|n| n.wrapping_mul(0x9E37_79B9_7F4A_7C15) % count);
    shuffled
        .map(|n| format!("http://example.org/{n}"))
        .collect()
}

fn filled(names: &[String]) -> (SharedMappingHandle, Vec<Symbol>) {
    let map = SharedMapping::new();
    let symbols = names.iter().map(|name| map.intern(name)).collect();
    (map, symbols)
}

fn calls(criterion: &mut Criterion) {
    let names = names(200_000);
    let (map, symbols) = filled(&names);
    let mut group = criterion.benchmark_group("200,000 names");
    group.sample_size(20);
    group.throughput(Throughput::Elements(names.len() as u64));

    group.bench_function("intern, none there", |bench| {
        bench.iter_batched(|| (), |()| filled(&names), BatchSize::PerIteration);
    });
    group.bench_function("intern, all there", |bench| {
        bench.iter(|| {
            for name in &names {
                black_box(map.intern(name));
            }
        });
    });
    group.bench_function("get_sym", |bench| {
        bench.iter(|| names.iter().filter_map(|name| map.get_sym(name)).count());
    });
    group.bench_function("get_bytes, first byte", |bench| {
        let first = |&symbol: &Symbol| map.get_bytes(symbol).and_then(|bytes| bytes.first());
        bench.iter(|| {
            symbols
                .iter()
                .filter_map(first)
                .map(|&b| u64::from(b))
                .sum::<u64>()
        });
    });
    group.bench_function("save and load, in memory", |bench| {
        bench.iter(|| {
            let mut saved = Vec::new();
            map.save_to(&mut saved).expect("memory takes it");
            SharedMapping::load_from(saved).expect("just saved")
        });
    });
    group.finish();
}

criterion_group!(mapping, calls);
criterion_main!(mapping);
