//! Scenarios that a reading of the code suspected: each stays here with what would go wrong.

#![deny(unsafe_code)]

#[allow(unsafe_code, reason = "an allocator that counts is an unsafe trait")]
mod common;

use common::check;
use pleach_ptr::{AllocError, Allocator, Global, Layout, PtrKind, Slim, Standard};
use pleach_testkit::values::{CountedId, Seeded, live};
use pleach_trie::PathMap;
use pleach_trie::zipper::*;
use std::cell::Cell;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr::NonNull;
use std::sync::MutexGuard;

/// Keys of 50 shared bytes and ends of various lengths: the walk from one to the next replaces the
/// end alone.
fn tails<K: PtrKind>() -> (PathMap<u64, K>, usize) {
    let run = "r".repeat(50);
    let ends = [
        "a",
        "bb",
        "c".repeat(13).as_str(),
        "d",
        "e".repeat(9).as_str(),
    ]
    .map(String::from);
    let keys = ends.map(|end| run.clone() + &end);
    let longest = keys.iter().map(String::len).max().unwrap_or(0);
    (keys.into_iter().zip(0..).collect(), longest)
}

fn a_reserved_path_stays_where_it_is<K: PtrKind>() {
    let (map, longest) = tails::<K>();
    let mut z = map.read_zipper();
    z.reserve_buffers(longest, 4);
    let address = z.origin_path().as_ptr();
    while z.to_next_val() {
        assert_eq!(z.origin_path().as_ptr(), address, "at {:?}", z.path());
    }
    while z.to_next_step() {
        assert_eq!(z.origin_path().as_ptr(), address, "at {:?}", z.path());
    }
}

/// A short end was copied as 16 bytes, for which there has to be room.
#[test]
fn a_walk_over_short_ends_moves_the_reserved_path() {
    a_reserved_path_stays_where_it_is::<Slim>();
    a_reserved_path_stays_where_it_is::<Standard>();
}

fn a_long_key_of_which_little_exists<K: PtrKind>() {
    let (map, longest) = tails::<K>();
    let mut z = map.read_zipper();
    z.reserve_buffers(longest, 4);
    let address = z.origin_path().as_ptr();
    let key = "r".repeat(1 << 12);
    assert_eq!(z.descend_to_existing(&key), 50);
    assert_eq!(z.origin_path().as_ptr(), address);
    z.reset();
    assert_eq!(z.descend_to_val(&key), 50);
    assert_eq!(z.origin_path().as_ptr(), address);
}

/// The whole key was appended before it was looked at.
#[test]
fn a_descent_along_a_long_key_moves_the_reserved_path() {
    a_long_key_of_which_little_exists::<Slim>();
    a_long_key_of_which_little_exists::<Standard>();
}

thread_local! {
    static ALLOCATIONS_LEFT: Cell<Option<usize>> = const { Cell::new(None) };
}

/// The global allocator, but an allocation of this thread may unwind.
#[derive(Clone, Copy, Default)]
struct Unwinding;

#[allow(unsafe_code, reason = "an allocator is an unsafe trait")]
// SAFETY: every block is the global allocator's.
unsafe impl Allocator for Unwinding {
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        match ALLOCATIONS_LEFT.get() {
            Some(0) => {
                ALLOCATIONS_LEFT.set(None);
                resume_unwind(Box::new("no more blocks"));
            }
            left => ALLOCATIONS_LEFT.set(left.map(|left| left - 1)),
        }
        Global.allocate(layout)
    }

    unsafe fn deallocate(&self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's promise, and the block came from `Global`.
        unsafe { Global.deallocate(block, layout) }
    }
}

/// The value left a branch point before the smaller node was allocated.
fn a_branch_loses_its_value_once<K: PtrKind>() {
    let mut map = PathMap::<CountedId, K, Unwinding>::default();
    for i in 0..40 {
        map.insert(format!("key/{i:02}"), CountedId::seeded(i));
    }
    map.insert("key/", CountedId::seeded(99));
    ALLOCATIONS_LEFT.set(Some(0));
    let removed = catch_unwind(AssertUnwindSafe(|| map.remove_val_at("key/", false)));
    ALLOCATIONS_LEFT.set(None);
    check(&map);
    let here = map.get("key/").is_some_and(|value| value.is(99));
    let gone = removed.is_ok_and(|value| value.is_some_and(|value| value.is(99)));
    assert!(here != gone, "the value is in one place");
    assert_eq!(live(), map.len() as u64);
    drop(map);
    assert_eq!(live(), 0);
}

#[test]
fn an_allocator_that_unwinds_drops_a_value_twice() {
    a_branch_loses_its_value_once::<Slim>();
    a_branch_loses_its_value_once::<Standard>();
}

/// An allocator that may be shared, but not sent.
#[derive(Clone, Default)]
struct Unsendable(PhantomData<MutexGuard<'static, ()>>);

#[allow(unsafe_code, reason = "an allocator is an unsafe trait")]
// SAFETY: every block is the global allocator's.
unsafe impl Allocator for Unsendable {
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        Global.allocate(layout)
    }

    unsafe fn deallocate(&self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's promise, and the block came from `Global`.
        unsafe { Global.deallocate(block, layout) }
    }
}

/// Whether `T: Sync`: the inherent constant hides that of the trait where it applies.
struct IsSync<T>(PhantomData<T>);

trait Otherwise {
    const ANSWER: bool = false;
}

impl<T> Otherwise for IsSync<T> {}

impl<T: Sync> IsSync<T> {
    const ANSWER: bool = true;
}

/// A shared map can be cloned by another thread, which then owns an allocator.
#[test]
fn a_map_is_shared_although_its_allocator_may_not_be_sent() {
    let answers = [
        IsSync::<PathMap<u8>>::ANSWER,
        IsSync::<Unsendable>::ANSWER,
        IsSync::<PathMap<u8, Slim, Unsendable>>::ANSWER,
        IsSync::<PathMap<u8, Standard, Unsendable>>::ANSWER,
    ];
    assert_eq!(answers, [true, true, false, false]);
}

/// Keys that fill buckets, burst them, make a fan, and are starts of each other.
fn mixed<K: PtrKind>() -> PathMap<u64, K> {
    let words = (0..70_u64).map(|i| (format!("word/{}", i * 7 % 64), i));
    let fan = (0..90_u64).map(|i| (format!("f{}", char::from(33 + i as u8)), i));
    let nested = (0..20_u64).map(|i| ("n".repeat(i as usize * 30), i));
    words.chain(fan).chain(nested).collect()
}

/// What a zipper says about where it is.
fn view<Z: ZipperMoving + ZipperValues<u64>>(z: &Z) -> (Vec<u8>, bool, Option<u64>, usize, usize) {
    let value = z.val().copied();
    assert_eq!(z.is_val(), value.is_some());
    (
        z.path().to_vec(),
        z.path_exists(),
        value,
        z.child_count(),
        z.val_count(),
    )
}

/// The short ways of a walk must not outlive the place they were for.
fn a_walk_is_left_and_resumed<K: PtrKind>() {
    let map = mixed::<K>();
    let mut z = map.read_zipper();
    let fresh = |path: &[u8]| {
        let mut z = map.read_zipper();
        z.descend_to(path);
        z
    };
    let leave: [fn(&mut ReadZipper<'_, u64, K>); 12] = [
        |z| {
            z.descend_to_existing("/");
        },
        |z| {
            z.descend_to_val("0");
        },
        |z| z.descend_to("off"),
        |z| z.descend_to(""),
        |z| {
            z.descend_until();
        },
        |z| {
            z.ascend_until();
        },
        |z| {
            z.ascend_until_branch();
        },
        |z| {
            z.ascend(0);
        },
        |z| {
            z.to_next_sibling_byte();
        },
        |z| {
            z.to_prev_sibling_byte();
        },
        |z| {
            z.to_next_k_path(1);
        },
        |z| {
            z.descend_last_path();
        },
    ];
    while z.to_next_val() {
        assert_eq!(view(&z), view(&fresh(z.path())));
        for leave in leave {
            let mut other = z.clone();
            leave(&mut other);
            assert_eq!(view(&other), view(&fresh(other.path())));
            let mut again = fresh(other.path());
            assert_eq!(other.to_next_val(), again.to_next_val());
            assert_eq!(view(&other), view(&again));
        }
    }
}

#[test]
fn a_walk_that_was_left_reads_the_entry_it_left() {
    a_walk_is_left_and_resumed::<Slim>();
    a_walk_is_left_and_resumed::<Standard>();
}

/// A walk of a zipper that writes where it stops, while a clone of it and a clone of the map look on.
fn a_walk_edits<K: PtrKind>(edit: impl Fn(&mut WriteZipperOwned<u64, K>, u64)) {
    let map = mixed::<K>();
    let before: Vec<_> = map.iter().map(|(key, value)| (key, *value)).collect();
    let mut z = map.clone().into_write_zipper("");
    let mut turn = 0;
    while z.to_next_val() {
        let onlooker = z.clone();
        let seen = view(&onlooker);
        edit(&mut z, turn);
        assert_eq!(view(&onlooker), seen);
        let read = onlooker.into_read_zipper();
        assert_eq!(view(&read), seen);
        turn += 1;
        if turn > 400 {
            break;
        }
    }
    check(&z.into_map());
    let after: Vec<_> = map.iter().map(|(key, value)| (key, *value)).collect();
    assert_eq!(after, before);
}

fn walks_edit<K: PtrKind>() {
    a_walk_edits::<K>(|z, turn| {
        z.set_val(turn);
    });
    a_walk_edits::<K>(|z, turn| {
        z.remove_val(turn.is_multiple_of(2));
    });
    a_walk_edits::<K>(|z, turn| *z.get_val_mut().expect("stopped at a value") += turn);
    a_walk_edits::<K>(|z, _| {
        z.remove_branches(false);
    });
    a_walk_edits::<K>(|z, _| drop(z.take_map(true)));
    a_walk_edits::<K>(|z, turn| {
        if turn < 30 {
            z.insert_prefix("in/");
        }
    });
    a_walk_edits::<K>(|z, turn| {
        z.remove_prefix(1 + turn as usize % 3);
    });
}

#[test]
fn a_walk_that_edits_reads_nodes_that_are_gone() {
    walks_edit::<Slim>();
    walks_edit::<Standard>();
}
