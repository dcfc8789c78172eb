//! What a block of each level costs: `cargo bench -p pleach-pool`.
//!
//! Figures are for one allocation and one freeing, or for a batch of a thousand of both.

use std::alloc::Layout;
use std::hint::black_box;
use std::ptr::NonNull;

use allocator_api2::alloc::{Allocator, Global};
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use pleach_pool::{
    AdaptiveFiveLevelPool, ConcurrencyLevel, FiveLevelPoolConfig, FixedCapacityPool, LockFreePool,
    MutexBasedPool, NoLockingPool, Pool, PoolBox, ThreadLocalPool,
};

type Group<'a> = BenchmarkGroup<'a, criterion::measurement::WallTime>;

const BATCH: usize = 1000;

fn allocator<A: Allocator>(group: &mut Group<'_>, allocator: &A) {
    let layout = Layout::new::<[u64; 8]>();
    let take = || allocator.allocate(black_box(layout)).unwrap().cast::<u8>();
    // SAFETY: the blocks are from `take`, and given back once.
    let give = |block: NonNull<u8>| unsafe { allocator.deallocate(block, layout) };
    group.throughput(Throughput::Elements(1));
    group.bench_function("pair", |bench| bench.iter(|| give(black_box(take()))));
    let mut blocks = Vec::with_capacity(BATCH);
    group.throughput(Throughput::Elements(BATCH as u64));
    group.bench_function("batch, last in first out", |bench| {
        bench.iter(|| {
            blocks.extend((0..BATCH).map(|_| take()));
            blocks.drain(..).rev().for_each(give);
        });
    });
    group.bench_function("batch, first in first out", |bench| {
        bench.iter(|| {
            blocks.extend((0..BATCH).map(|_| take()));
            blocks.drain(..).for_each(give);
        });
    });
}

fn pool<P: Pool + Allocator>(criterion: &mut Criterion, name: &str, pool: &P) {
    let mut group = criterion.benchmark_group(name);
    allocator(&mut group, pool);
    group.throughput(Throughput::Elements(1));
    group.bench_function("guard", |bench| {
        bench.iter(|| drop(black_box(PoolBox::new_in([0_u64; 8], pool).unwrap())));
    });
    group.bench_function("handle", |bench| {
        bench.iter(|| pool.free(black_box(pool.alloc(64).unwrap())).unwrap());
    });
    group.finish();
}

fn pools(criterion: &mut Criterion) {
    let config = FiveLevelPoolConfig::performance_optimized;
    pool(criterion, "level 1", &NoLockingPool::new(config()).unwrap());
    pool(
        criterion,
        "level 2",
        &MutexBasedPool::new(config()).unwrap(),
    );
    pool(criterion, "level 3", &LockFreePool::new(config()).unwrap());
    pool(
        criterion,
        "level 4",
        &ThreadLocalPool::new(config()).unwrap(),
    );
    pool(
        criterion,
        "level 5",
        &FixedCapacityPool::new(config()).unwrap(),
    );
    let level = ConcurrencyLevel::ThreadLocal;
    let adaptive = AdaptiveFiveLevelPool::with_level(config(), level).unwrap();
    pool(criterion, "adaptive at level 4", &adaptive);
    let mut group = criterion.benchmark_group("system");
    allocator(&mut group, &Global);
    group.finish();
}

criterion_group!(benches, pools);
criterion_main!(benches);
