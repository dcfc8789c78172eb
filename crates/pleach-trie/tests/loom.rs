//! Models of a head's two locks: every schedule of two or three threads, by loom.
//!
//! Run with `RUSTFLAGS="--cfg pleach_loom" cargo test -p pleach-trie --release --test loom`, in a
//! target directory of its own. A trie does not fit loom's atomics, which are larger than those that
//! its nodes are laid out for: so a plain value stands for it, which is shared and copied as a trie
//! is. The door, its queue and the way to commit are the code that ships.

#![cfg(pleach_loom)]

use pleach_atomic::cell::UnsafeCell;
use pleach_atomic::model::check;
use pleach_atomic::sync::Mutex;
use pleach_atomic::thread;
use pleach_trie::head::commit::{Shares, Way, change, lock};
use pleach_trie::head::door::{Claim, Door, Entering, Handle};
use pleach_trie::head::paths::Access;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Waker};

/// Two places of which clones have a share, copied when one of them is to be changed.
#[derive(Clone)]
struct Plain(Arc<[u32; 2]>);

impl Shares for Plain {
    fn owns(&self, _: Way<'_>) -> bool {
        Arc::strong_count(&self.0) == 1
    }

    fn own(&mut self, _: Way<'_>) {
        Arc::make_mut(&mut self.0);
    }

    fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// What threads share: a door, what is behind it, and a cell that tells if two are inside at once.
struct Scene {
    door: Door,
    home: Mutex<Plain>,
    inside: UnsafeCell<u32>,
}

// SAFETY: the cell is accessed by whoever holds the path; loom tells if two do.
unsafe impl Sync for Scene {}
// SAFETY: it is a number.
unsafe impl Send for Scene {}

/// All of it.
const WAY: Way<'_> = Way {
    path: &[],
    through: true,
};
const W: Access = Access::Write;
const R: Access = Access::Read;

impl Scene {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            door: Door::new(&[]),
            home: Mutex::new(Plain(Arc::new([0, 0]))),
            inside: UnsafeCell::new(0),
        })
    }

    fn door(&self) -> Handle<'_, Door> {
        Handle::Borrowed(&self.door)
    }

    fn try_enter(&self, path: &str, access: Access) -> Option<Claim<'_>> {
        Door::try_enter(self.door(), path.as_bytes(), access).ok()
    }

    fn enter(&self, path: &str, access: Access) -> Entering<'_> {
        Door::enter(self.door(), path.as_bytes(), access)
    }

    /// Writes where only the one who holds the path may.
    fn work(&self, claim: Claim<'_>) {
        // SAFETY: the claim; loom tells if somebody else is here.
        self.inside.with_mut(|count| unsafe { *count += 1 });
        drop(claim);
    }

    /// Reads where nobody may write.
    fn look(&self, claim: Claim<'_>) -> u32 {
        // SAFETY: the claim; loom tells if somebody writes.
        let seen = self.inside.with(|count| unsafe { *count });
        drop(claim);
        seen
    }

    /// Adds one at a place, as a writer commits.
    fn commit(&self, place: usize) {
        drop(change(&self.home, WAY, |value: &mut Plain| {
            Arc::get_mut(&mut value.0).expect("it owns itself")[place] += 1;
        }));
    }

    fn committed(&self) -> [u32; 2] {
        *lock(&self.home).0
    }

    /// Everybody has left: the whole can be had.
    fn assert_empty(&self) {
        assert!(self.try_enter("", W).is_some(), "somebody holds a path");
    }
}

fn poll<'h>(entering: &mut Entering<'h>) -> Option<Claim<'h>> {
    let polled = Pin::new(entering).poll(&mut Context::from_waker(Waker::noop()));
    match polled {
        std::task::Poll::Ready(claim) => Some(claim),
        std::task::Poll::Pending => None,
    }
}

/// Runs one closure on another thread and one here.
fn beside(
    scene: &Arc<Scene>,
    there: impl FnOnce(&Scene) + Send + 'static,
    here: impl FnOnce(&Scene),
) {
    let other = Arc::clone(scene);
    let other = thread::spawn(move || there(&other));
    here(scene);
    other.join().unwrap();
}

#[test]
fn disjoint_paths_both_succeed() {
    check("disjoint_paths_both_succeed", || {
        let scene = Scene::new();
        beside(
            &scene,
            |scene| drop(scene.try_enter("a", W).expect("disjoint")),
            |scene| drop(scene.try_enter("b", W).expect("disjoint")),
        );
        scene.assert_empty();
    });
}

#[test]
fn an_equal_path_is_had_by_one_at_a_time() {
    check("an_equal_path_is_had_by_one_at_a_time", || {
        let scene = Scene::new();
        let attempt = |scene: &Scene| {
            if let Some(claim) = scene.try_enter("a", W) {
                scene.work(claim);
            }
        };
        beside(&scene, attempt, attempt);
        scene.assert_empty();
    });
}

#[test]
fn a_prefix_conflicts_in_both_orders() {
    check("a_prefix_conflicts_in_both_orders", || {
        let scene = Scene::new();
        let attempt = |path: &'static str| {
            move |scene: &Scene| {
                if let Some(claim) = scene.try_enter(path, W) {
                    scene.work(claim);
                }
            }
        };
        beside(&scene, attempt("a"), attempt("ab"));
        scene.assert_empty();
    });
}

#[test]
fn a_reader_beside_a_writer() {
    check("a_reader_beside_a_writer", || {
        let scene = Scene::new();
        beside(
            &scene,
            |scene| scene.work(scene.enter("ab", W).wait()),
            |scene| {
                if let Some(claim) = scene.try_enter("a", R) {
                    let other = claim.join();
                    let seen = scene.look(claim);
                    assert_eq!(scene.look(other), seen, "nobody writes while it is read");
                }
            },
        );
        scene.assert_empty();
    });
}

#[test]
fn who_waits_is_woken() {
    check("who_waits_is_woken", || {
        let scene = Scene::new();
        let wait = |scene: &Scene| scene.work(scene.enter("a", W).wait());
        beside(&scene, wait, wait);
        assert_eq!(scene.look(scene.enter("a", R).wait()), 2);
        scene.assert_empty();
    });
}

#[test]
fn three_wait_on_related_paths() {
    check("three_wait_on_related_paths", || {
        let scene = Scene::new();
        let wait = |path: &'static str| {
            let scene = Arc::clone(&scene);
            move || scene.work(scene.enter(path, W).wait())
        };
        let others = [wait("a"), wait("")].map(thread::spawn);
        wait("ab")();
        for other in others {
            other.join().unwrap();
        }
        scene.assert_empty();
    });
}

#[test]
fn a_writer_that_panics_gives_its_path_back() {
    check("a_writer_that_panics_gives_its_path_back", || {
        let scene = Scene::new();
        beside(
            &scene,
            |scene| {
                let panicked = catch_unwind(AssertUnwindSafe(|| {
                    let _claim = scene.enter("a", W).wait();
                    resume_unwind(Box::new("on purpose"));
                }));
                assert!(panicked.is_err());
            },
            |scene| scene.work(scene.enter("a", W).wait()),
        );
        scene.assert_empty();
    });
}

#[test]
fn who_gives_up_hands_its_turn_on() {
    check("who_gives_up_hands_its_turn_on", || {
        let scene = Scene::new();
        let held = scene.try_enter("a", W).expect("first");
        let mut early = scene.enter("a", W);
        assert!(poll(&mut early).is_none());
        let other = Arc::clone(&scene);
        let late = thread::spawn(move || other.work(other.enter("a", W).wait()));
        drop(held);
        drop(early);
        late.join().unwrap();
        scene.assert_empty();
    });
}

#[test]
fn commits_of_siblings_both_land() {
    check("commits_of_siblings_both_land", || {
        let scene = Scene::new();
        // A reader's snapshot, so that both have to copy.
        let snapshot = lock(&scene.home).clone();
        beside(&scene, |scene| scene.commit(0), |scene| scene.commit(1));
        assert_eq!((scene.committed(), *snapshot.0), ([1, 1], [0, 0]));
    });
}

#[test]
fn who_has_the_path_next_sees_the_commit() {
    check("who_has_the_path_next_sees_the_commit", || {
        let scene = Scene::new();
        let snapshot = lock(&scene.home).clone();
        let turn = |scene: &Scene| {
            let claim = scene.enter("a", W).wait();
            let [before, _] = scene.committed();
            scene.commit(0);
            drop(claim);
            before
        };
        let other = Arc::clone(&scene);
        let other = thread::spawn(move || turn(&other));
        let mut seen = [turn(&scene), other.join().unwrap()];
        seen.sort_unstable();
        assert_eq!((seen, scene.committed()), ([0, 1], [2, 0]));
        drop(snapshot);
    });
}
