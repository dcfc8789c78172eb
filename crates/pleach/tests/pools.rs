//! Maps whose nodes lie in pools.

use pleach::PathMap;
use pleach::pool::*;
use pleach::ptr::SharedAllocator;
use pleach::zipper::*;

fn config() -> FiveLevelPoolConfig {
    FiveLevelPoolConfig {
        fixed_bytes: 16 << 20,
        ..FiveLevelPoolConfig::memory_optimized()
    }
}

fn key(n: u64) -> Vec<u8> {
    format!("{}/{n}", n % 10).into_bytes()
}

/// Builds, snapshots, edits and drops a map.
fn lives_in<A: SharedAllocator + pleach::ptr::Allocator, P: Pool>(alloc: A, pool: &P) {
    let mut map = PathMap::new_in(alloc);
    for n in 0..2000 {
        map.insert(key(n), vec![n]);
    }
    assert!(pool.stats().live_blocks > 0);
    let snapshot = map.clone();
    for n in (0..2000).step_by(3) {
        map.remove(key(n));
    }
    assert_eq!((snapshot.len(), map.len()), (2000, 1333));
    assert!((0..2000).all(|n| snapshot.get(key(n)) == Some(&vec![n])));
    assert!(
        map.iter()
            .all(|(key, value)| snapshot.get(&key) == Some(value))
    );
    assert!(pool.stats().adds_up());
    drop((map, snapshot));
    assert_eq!(pool.stats().live_blocks, 0);
}

#[test]
fn a_map_lives_in_a_pool_of_any_level() {
    let pool = NoLockingPool::new(config()).unwrap();
    lives_in(&pool, &pool);
    let pool = MutexBasedPool::new(config()).unwrap();
    lives_in(&pool, &pool);
    let pool = LockFreePool::new(config()).unwrap();
    lives_in(&pool, &pool);
    let pool = ThreadLocalPool::new(config()).unwrap();
    lives_in(&pool, &pool);
    let pool = FixedCapacityPool::new(config()).unwrap();
    lives_in(&pool, &pool);
    for level in ConcurrencyLevel::ALL {
        let pool = AdaptiveFiveLevelPool::with_level(config(), level).unwrap();
        lives_in(&pool, &pool);
    }
    let pool = PoolArc::new(ThreadLocalPool::new(config()).unwrap());
    lives_in(pool.clone(), &*pool);
}

#[test]
fn branches_between_pools_are_copied() {
    for order in 0..2 {
        let pools = [0, 1].map(|_| PoolArc::new(LockFreePool::new(config()).unwrap()));
        let mut a = PathMap::new_in(pools[0].clone());
        let mut b = PathMap::new_in(pools[1].clone());
        for n in 0..500 {
            a.insert(key(n), n);
            b.insert(key(n + 1000), n);
        }
        let before = pools[1].stats().live_blocks;
        b.write_zipper_at_path("a/").graft(&a.read_zipper());
        assert!(
            pools[1].stats().live_blocks > before,
            "nodes of another pool are not shared"
        );
        assert_eq!(b.len(), 1000);
        let check = |map: &PathMap<u64, _, _>, prefix: &str, first: u64| {
            (0..500).all(|n| map.get([prefix.as_bytes(), &key(first + n)].concat()) == Some(&n))
        };
        match order {
            0 => {
                drop(a);
                assert_eq!(pools[0].stats().live_blocks, 0);
                assert!(check(&b, "a/", 0) && check(&b, "", 1000));
                drop(b);
            }
            _ => {
                drop(b);
                assert_eq!(pools[1].stats().live_blocks, 0);
                assert!(check(&a, "", 0));
                drop(a);
            }
        }
        assert!(pools.iter().all(|pool| pool.stats().live_blocks == 0));
    }
}

#[test]
fn branches_within_a_pool_are_shared() {
    let pool = NoLockingPool::new(config()).unwrap();
    let mut a = PathMap::new_in(&pool);
    a.extend((0..500).map(|n| (key(n), n)));
    let before = pool.stats().live_blocks;
    let mut b = PathMap::new_in(&pool);
    b.write_zipper_at_path("a/").graft(&a.read_zipper());
    assert!(
        pool.stats().live_blocks <= before + 3,
        "nodes of the same pool are shared"
    );
    drop(a);
    assert_eq!(b.len(), 500);
}

/// A map in a pool that threads share may go to another thread; one in another pool may not.
#[test]
fn a_map_goes_where_its_pool_goes() {
    let pool = ThreadLocalPool::new(config()).unwrap();
    let mut map = PathMap::new_in(&pool);
    map.extend((0..500).map(|n| (key(n), n)));
    let snapshot = map.clone();
    std::thread::scope(|scope| {
        scope.spawn(move || map.retain(|_, _| false));
        scope.spawn(|| assert_eq!(snapshot.iter().count(), 500));
    });
    drop(snapshot);
    assert_eq!(pool.stats().live_blocks, 0);
}
