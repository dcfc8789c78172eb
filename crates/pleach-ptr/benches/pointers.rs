//! What a counted pointer costs: `cargo bench -p pleach-ptr`.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use pleach_ptr::{PtrKind, Shared, Slim, Standard, Tag};

fn shared<K: PtrKind>(value: u64) -> Shared<u64, K> {
    let tag = Tag::default();
    Shared::with_kind_in(value, tag, pleach_ptr::Global)
}

fn one_kind<K: PtrKind>(criterion: &mut Criterion, name: &str) {
    let mut group = criterion.benchmark_group(name);
    group.bench_function("new and drop", |bench| {
        bench.iter(|| shared::<K>(black_box(7)));
    });
    let pointer = shared::<K>(7);
    group.bench_function("clone and drop", |bench| {
        bench.iter(|| black_box(Shared::clone(&pointer)));
    });
    group.bench_function("read", |bench| bench.iter(|| **black_box(&pointer)));
    group.bench_function("make_mut, unique", |bench| {
        let mut own = shared::<K>(7);
        bench.iter(|| *Shared::make_mut(black_box(&mut own)) += 1);
    });
    group.bench_function("make_mut, shared", |bench| {
        bench.iter(|| {
            let mut copy = Shared::clone(&pointer);
            *Shared::make_mut(&mut copy) += 1;
            copy
        });
    });
    group.finish();
}

fn kinds(criterion: &mut Criterion) {
    one_kind::<Slim>(criterion, "slim");
    one_kind::<Standard>(criterion, "standard");
}

criterion_group!(pointers, kinds);
criterion_main!(pointers);
