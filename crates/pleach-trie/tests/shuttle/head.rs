//! Eight threads at one head: overlapping and disjoint paths, taken at once, waited for, and given
//! up, beside a model that applies the commits in their order.

use super::{Watched, on_threads};
use pleach_atomic::model::{below, random};
use pleach_atomic::sync::Mutex;
use pleach_testkit::values::Seeded;
use pleach_trie::PathMap;
use pleach_trie::zipper::*;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Waker};

/// What each thread does at the head.
const STEPS: usize = 3;

/// What has been committed, by whole keys.
type Committed = Arc<Mutex<BTreeMap<Vec<u8>, u64>>>;

/// One of a few paths, many of them related.
fn path() -> Vec<u8> {
    (0..below(3)).map(|_| b'a' + below(2) as u8).collect()
}

/// Writes below the zipper's path, and in the model while nobody else can have the path.
fn write(
    head: &ZipperHeadOwned<Watched>,
    mut z: WriteZipperTracked<'_, Watched>,
    committed: &Committed,
) {
    let root = z.root_prefix_path().to_vec();
    for _ in 0..1 + below(2) {
        let (rest, seed) = (path(), below(1_000) as u64);
        z.move_to_path(&rest);
        z.set_val(Watched::seeded(seed));
        let key = [&root[..], &rest].concat();
        committed.lock().unwrap().insert(key, seed);
    }
    // With a snapshot about, the commit has to copy.
    let snapshot = (below(2) == 0).then(|| head.read_zipper());
    drop(z);
    drop(snapshot);
}

fn work(head: &ZipperHeadOwned<Watched>, committed: &Committed) {
    for _ in 0..STEPS {
        let path = path();
        match below(6) {
            0 => {
                let z = head.write_zipper_at_exclusive_path(&path);
                z.into_iter().for_each(|z| write(head, z, committed));
            }
            1 => {
                let mut given_up = pin!(head.acquire_write_async(&path));
                let poll = given_up
                    .as_mut()
                    .poll(&mut Context::from_waker(Waker::noop()));
                pleach_atomic::thread::yield_now();
                drop(poll);
            }
            2 => {
                let z = head.acquire_read(&path);
                let now = head.read_zipper().make_map();
                let same = z.make_map();
                let now = now.read_zipper_at_path(&path).make_map();
                assert!(now == same, "nobody writes where a reader is");
            }
            _ => write(head, head.acquire_write(&path), committed),
        }
    }
}

#[test]
fn commits_are_applied_in_order_and_none_is_lost() {
    random(
        "commits_are_applied_in_order_and_none_is_lost",
        1_000,
        || {
            let head = PathMap::new().into_zipper_head("");
            let committed = Committed::default();
            let (shared, model) = (head.clone(), Arc::clone(&committed));
            on_threads(move |_| work(&shared, &model));
            let map = head.try_into_map().expect("all have left");
            let model = committed.lock().unwrap();
            assert_eq!(map.len(), model.len());
            for (key, seed) in &*model {
                assert!(map.get(key).is_some_and(|value| value.is(*seed)), "{key:?}");
            }
        },
    );
}
