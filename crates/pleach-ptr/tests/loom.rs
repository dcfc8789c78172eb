//! Models of the slim pointer: every schedule of two or three threads, by loom.
//!
//! Run with `RUSTFLAGS="--cfg pleach_loom" cargo test -p pleach-ptr --release --test loom`, in a
//! target directory of its own. A model fails on a data race, a leak, a double free or a false
//! assertion. Each ordering in `docs/memory-ordering.md` is one of these models' to defend: with
//! `PLEACH_WEAKEN` set to its id, some model must fail.
//!
//! The count saturates at four here, so three owners are the most that are counted exactly.

#![cfg(pleach_loom)]

mod common;

use std::ptr::NonNull;
use std::sync::Arc;

use pleach_atomic::atomic::{AtomicUsize, Ordering};
use pleach_atomic::cell::UnsafeCell;
use pleach_atomic::model::check;
use pleach_atomic::thread;
use pleach_ptr::{Count, PtrKind, Shared, Slim, SlimPtr, Tag};

use common::{Leaky, Live, Watched};

/// Runs a model, and checks that each of its executions leaves no value behind.
fn check_live(name: &str, model: impl Fn(&Live) + Send + Sync + 'static) {
    check(name, move || {
        let live = Live::default();
        model(&live);
        assert_eq!(live.count(), 0, "values alive at the end");
    });
}

#[test]
fn clone_and_drop_free_once() {
    check_live("clone_and_drop_free_once", |live| {
        let a = Shared::new(Watched::new(live, 1));
        let b = a.clone();
        let other = thread::spawn(move || {
            let c = b.clone();
            drop(b);
            assert_eq!(c.get(), 1);
        });
        assert_eq!(a.get(), 1);
        drop(a);
        other.join().unwrap();
    });
}

#[test]
fn drop_against_drop() {
    check_live("drop_against_drop", |live| {
        let a = Shared::new(Watched::new(live, 1));
        let threads = [a.clone(), a.clone()].map(|owner| {
            thread::spawn(move || {
                assert_eq!(owner.get(), 1);
                drop(owner);
            })
        });
        assert_eq!(a.get(), 1);
        drop(a);
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

#[test]
fn make_mut_against_clone() {
    check_live("make_mut_against_clone", |live| {
        let mut a = Shared::new(Watched::new(live, 1));
        let b = a.clone();
        let other = thread::spawn(move || {
            let c = b.clone();
            drop(b);
            assert_eq!(c.get(), 1, "the other owner's write is not seen");
            c
        });
        Shared::make_mut(&mut a).set(2);
        let c = other.join().unwrap();
        assert_eq!((a.get(), c.get()), (2, 1));
        assert!(Shared::is_unique(&a) && Shared::is_unique(&c));
    });
}

#[test]
fn make_mut_against_drop() {
    check_live("make_mut_against_drop", |live| {
        let mut a = Shared::new(Watched::new(live, 1));
        let b = a.clone();
        let other = thread::spawn(move || {
            assert_eq!(b.get(), 1);
            drop(b);
        });
        Shared::make_mut(&mut a).set(2);
        assert_eq!(a.get(), 2);
        other.join().unwrap();
        assert!(Shared::is_unique(&a));
        assert_eq!(live.count(), 1, "the original is gone if a copy was made");
    });
}

#[test]
fn two_make_mut_on_one_value() {
    check_live("two_make_mut_on_one_value", |live| {
        let mut a = Shared::new(Watched::new(live, 1));
        let mut b = a.clone();
        let other = thread::spawn(move || {
            Shared::make_mut(&mut b).set(2);
            assert_eq!(b.get(), 2);
            b
        });
        Shared::make_mut(&mut a).set(3);
        assert_eq!(a.get(), 3);
        let b = other.join().unwrap();
        assert_eq!((a.get(), b.get(), live.count()), (3, 2, 2));
    });
}

#[test]
fn get_mut_then_write_against_reader() {
    check_live("get_mut_then_write_against_reader", |live| {
        let mut a = Shared::new(Watched::new(live, 1));
        let b = a.clone();
        let reader = thread::spawn(move || {
            assert_eq!(b.get(), 1);
            drop(b);
        });
        let written = match Shared::get_mut(&mut a) {
            Some(value) => {
                value.set(2);
                2
            }
            None => 1,
        };
        reader.join().unwrap();
        assert_eq!(a.get(), written);
        assert!(Shared::get_mut(&mut a).is_some());
    });
}

#[test]
fn into_inner_gives_the_value_to_one() {
    check_live("into_inner_gives_the_value_to_one", |live| {
        let a = Shared::new(Watched::new(live, 1));
        let b = a.clone();
        let take = |owner: Shared<Watched>| {
            assert_eq!(owner.get(), 1);
            let mut taken = Shared::into_inner(owner)?;
            taken.set(2);
            Some(taken)
        };
        let other = thread::spawn(move || take(b));
        let taken = [take(a), other.join().unwrap()];
        assert_eq!(taken.iter().flatten().count(), 1);
        assert!(taken.iter().flatten().all(|value| value.get() == 2));
    });
}

#[test]
fn tag_bits_are_kept() {
    check_live("tag_bits_are_kept", |live| {
        let (five, seven) = (Tag::new(5), Tag::new(7));
        let mut a = Shared::with_tag(Watched::new(live, 1), five);
        let b = a.clone();
        let other = thread::spawn(move || {
            let c = b.clone();
            assert!(Shared::ptr_eq(&b, &c));
            assert_eq!((Shared::tag(&b), Shared::tag(&c)), (five, five));
            drop(b);
            Shared::tag(&c)
        });
        Shared::make_mut(&mut a).set(2);
        assert_eq!(Shared::tag(&a), five);
        assert_eq!(other.join().unwrap(), five);
        a = Shared::with_tag(Watched::new(live, 3), seven);
        assert_eq!(Shared::tag(&a), seven);
    });
}

/// A node of a binary tree whose nodes may have several parents.
struct Node {
    _value: Watched,
    _children: [Option<Shared<Node>>; 2],
}

#[test]
fn a_child_tree_frees_each_node_once() {
    check_live("a_child_tree_frees_each_node_once", |live| {
        let node = |children| {
            Shared::new(Node {
                _value: Watched::new(live, 1),
                _children: children,
            })
        };
        let leaf = node([None, None]);
        let inner = node([Some(leaf.clone()), None]);
        let left = node([Some(inner.clone()), None]);
        let right = node([Some(inner), Some(leaf)]);
        let other = thread::spawn(move || drop(left));
        drop(right);
        other.join().unwrap();
    });
}

type Leaked = Shared<u32, Slim, Leaky>;

/// Three owners: the most that are counted exactly.
fn three_owners(blocks: &Leaky) -> [Leaked; 3] {
    let a = Leaked::new_in(1, blocks.clone());
    [a.clone(), a.clone(), a]
}

#[test]
fn saturation_by_one_clone() {
    check("saturation_by_one_clone", || {
        let blocks = Leaky::default();
        let [a, b, c] = three_owners(&blocks);
        let cloner = thread::spawn(move || {
            let d = b.clone();
            drop(b);
            drop(d);
        });
        let reader = thread::spawn(move || {
            assert!(!Shared::is_unique(&c));
            c
        });
        cloner.join().unwrap();
        drop(reader.join().unwrap());
        assert!(
            !Shared::is_unique(&a),
            "no owner of a saturated block is its only one"
        );
        assert_eq!(*a, 1);
        drop(a);
        assert_eq!(blocks.freed(), 0);
    });
}

#[test]
fn saturation_by_two_clones() {
    check("saturation_by_two_clones", || {
        let blocks = Leaky::default();
        let [a, b, c] = three_owners(&blocks);
        let threads = [b, c].map(|owner| {
            thread::spawn(move || {
                let copy = owner.clone();
                drop(owner);
                assert_eq!(*copy, 1);
                drop(copy);
            })
        });
        for thread in threads {
            thread.join().unwrap();
        }
        assert!(!Shared::is_unique(&a));
        drop(a);
        assert_eq!(blocks.freed(), 0);
    });
}

#[test]
fn drop_at_the_edge() {
    check("drop_at_the_edge", || {
        let blocks = Leaky::default();
        let [a, b, c] = three_owners(&blocks);
        let cloner = thread::spawn(move || {
            let d = b.clone();
            drop(b);
            drop(d);
        });
        let dropper = thread::spawn(move || drop(c));
        cloner.join().unwrap();
        dropper.join().unwrap();
        assert_eq!(*a, 1);
        // Saturated if the clone came first, exact if the drop did.
        let exact = Shared::is_unique(&a);
        drop(a);
        assert_eq!(
            blocks.freed(),
            usize::from(exact),
            "freed if and only if exact"
        );
    });
}

#[test]
fn four_owners_are_one_too_many() {
    check("four_owners_are_one_too_many", || {
        let blocks = Leaky::default();
        let [a, b, c] = three_owners(&blocks);
        let d = a.clone();
        // A release between its subtraction and its store must not find the block gone.
        let slow = thread::spawn(move || drop(b));
        let other = thread::spawn(move || drop(c));
        other.join().unwrap();
        drop(a);
        drop(d);
        slow.join().unwrap();
        assert_eq!(blocks.freed(), 0);
    });
}

#[test]
fn saturated_never_comes_back() {
    check("saturated_never_comes_back", || {
        let blocks = Leaky::default();
        let [mut a, b, c] = three_owners(&blocks);
        // Sixteen owners, more than the saturated count is away from the exact ones.
        let many: Vec<_> = (0..13).map(|_| a.clone()).collect();
        drop(many);
        let threads = [b, c].map(|owner| thread::spawn(move || drop(owner)));
        assert!(Shared::get_mut(&mut a).is_none());
        for thread in threads {
            thread.join().unwrap();
        }
        assert!(Shared::get_mut(&mut a).is_none());
        let Err(a) = Shared::try_unwrap(a) else {
            panic!("unwrapped a saturated value");
        };
        *Shared::make_mut(&mut a.clone()) = 2;
        assert_eq!(
            (*a, blocks.freed()),
            (1, 1),
            "a copy was written, and only that freed"
        );
        assert_eq!(Shared::into_inner(a), None);
        assert_eq!(blocks.freed(), 1);
    });
}

/// The block of a version.
#[repr(C, align(8))]
struct Version {
    count: Count,
    /// What it has, and shares with its snapshots.
    value: UnsafeCell<u32>,
}

/// Two versions, the second of which succeeds the first. Their blocks stay until this is dropped, as they
/// do while a reader's token protects them.
struct Published {
    current: AtomicUsize,
    owners: [SlimPtr; 2],
    blocks: [NonNull<Version>; 2],
}

// SAFETY: the values are written by who has sealed their block; the models check it.
unsafe impl Send for Published {}
// SAFETY: as above.
unsafe impl Sync for Published {}

impl Published {
    fn new() -> Arc<Self> {
        let blocks = [1, 2].map(|number| {
            NonNull::from(Box::leak(Box::new(Version {
                count: Count::new(),
                value: UnsafeCell::new(number),
            })))
        });
        Arc::new(Self {
            current: AtomicUsize::new(0),
            // SAFETY: new blocks, each with a count that opens it.
            owners: blocks.map(|block| unsafe { Slim::new(block.cast(), Tag::default()) }),
            blocks,
        })
    }

    fn value(&self, i: usize) -> &UnsafeCell<u32> {
        // SAFETY: there until `self` is dropped.
        unsafe { &self.blocks[i].as_ref().value }
    }

    /// Reads the version under a share of its own; one that was succeeded is refused, and then the next
    /// one is there.
    fn snapshot(&self) {
        let found = self.current.load(Ordering::Acquire);
        match Slim::try_clone(&self.owners[found]) {
            Some(owner) => {
                // SAFETY: `owner` keeps it from being taken over.
                let value = self.value(found).with(|value| unsafe { *value });
                assert_eq!(value, found as u32 + 1);
                assert!(Slim::release(owner).is_none(), "the published one is left");
            }
            None => {
                let next = self.current.load(Ordering::Relaxed);
                assert_eq!((found, next), (0, 1), "refused without a newer version");
            }
        }
    }

    /// Publishes the second version, and takes over what the first one has, if nobody shares it.
    fn succeed(&self) {
        self.current.store(1, Ordering::Release);
        if Slim::seal(&self.owners[0], 1) {
            // SAFETY: the seal.
            self.value(0).with_mut(|value| unsafe { *value = 0 });
        }
    }
}

impl Drop for Published {
    fn drop(&mut self) {
        for block in self.blocks {
            // SAFETY: made of a box; nobody else is left.
            drop(unsafe { Box::from_raw(block.as_ptr()) });
        }
    }
}

#[test]
fn a_seal_against_a_snapshot() {
    check("a_seal_against_a_snapshot", || {
        let published = Published::new();
        let reader = Arc::clone(&published);
        let reader = thread::spawn(move || reader.snapshot());
        published.succeed();
        reader.join().unwrap();
        published.snapshot();
    });
}

#[test]
fn a_seal_against_two_snapshots() {
    check("a_seal_against_two_snapshots", || {
        let published = Published::new();
        let readers = [(), ()].map(|()| {
            let reader = Arc::clone(&published);
            thread::spawn(move || reader.snapshot())
        });
        published.succeed();
        for reader in readers {
            reader.join().unwrap();
        }
    });
}
