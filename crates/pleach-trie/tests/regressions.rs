//! Scenarios that a reading of the code suspected: each stays here with what would go wrong.

#![deny(unsafe_code)]

#[allow(unsafe_code, reason = "an allocator that counts is an unsafe trait")]
mod common;

use common::check;
use pleach_ptr::{PtrKind, Slim, Standard};
use pleach_trie::PathMap;
use pleach_trie::zipper::*;

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
