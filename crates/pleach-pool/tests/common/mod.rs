//! What the tests of several levels share.

#![allow(dead_code, reason = "each test program uses some of it")]

use pleach_pool::{
    AdaptiveFiveLevelPool, ConcurrencyLevel, FiveLevelPoolConfig, FixedCapacityPool, LockFreePool,
    MutexBasedPool, NoLockingPool, Pool, ThreadLocalPool,
};

/// What to do with a pool, whatever its level.
pub(crate) trait Visit {
    fn visit<P: Pool>(&self, pool: &P);
}

/// Small segments, a maximum of `max` of them.
pub(crate) fn config(segments: usize) -> FiveLevelPoolConfig {
    let config = FiveLevelPoolConfig::memory_optimized();
    FiveLevelPoolConfig {
        max_bytes: Some(segments * config.segment_bytes),
        fixed_bytes: segments * config.segment_bytes,
        ..config
    }
}

/// Visits a fresh pool of each level, by itself and behind the adaptive one.
pub(crate) fn at_all_levels(config: &FiveLevelPoolConfig, visit: &impl Visit) {
    visit.visit(&NoLockingPool::new(config.clone()).unwrap());
    visit.visit(&FixedCapacityPool::new(config.clone()).unwrap());
    at_shared_levels(config, visit);
    for level in ConcurrencyLevel::ALL {
        visit.visit(&AdaptiveFiveLevelPool::with_level(config.clone(), level).unwrap());
    }
}

/// Visits a fresh pool of each level that threads share.
pub(crate) fn at_shared_levels(config: &FiveLevelPoolConfig, visit: &impl Visit) {
    visit.visit(&MutexBasedPool::new(config.clone()).unwrap());
    visit.visit(&LockFreePool::new(config.clone()).unwrap());
    visit.visit(&ThreadLocalPool::new(config.clone()).unwrap());
}

/// Checks that the bytes of a pool are where it says.
pub(crate) fn assert_adds_up<P: Pool>(pool: &P) {
    let stats = pool.stats();
    assert!(stats.adds_up(), "{}: {stats:?}", pool.level());
}

/// Checks that nothing is in use, before and after what is cached has gone back.
pub(crate) fn assert_empty<P: Pool>(pool: &P) {
    for _ in 0..2 {
        let stats = pool.stats();
        assert_eq!(
            (stats.live_blocks, stats.live_bytes),
            (0, 0),
            "{}",
            pool.level()
        );
        assert_eq!(stats.allocs, stats.frees, "{}", pool.level());
        assert_adds_up(pool);
        pool.trim();
    }
    assert_eq!(pool.stats().cached_bytes, 0);
}
