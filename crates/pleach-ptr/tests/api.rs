//! What both pointer kinds promise, on one thread and on real ones.

#![cfg(not(pleach_loom))]

use std::cell::Cell;
use std::fmt::Debug;
use std::hash::{BuildHasher, RandomState};
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;
use std::rc::Rc;

use pleach_atomic::thread;
use pleach_ptr::{
    AllocError, Allocator, Count, Global, Layout, PtrKind, Shared, Slim, SlimPtr, Standard, Tag,
};
use static_assertions::{assert_impl_all, assert_not_impl_any};

/// The global allocator, and how many blocks of it are out.
#[derive(Clone, Copy)]
struct Counting<'a>(&'a Cell<isize>);

// SAFETY: all is passed on to the global allocator.
unsafe impl Allocator for Counting<'_> {
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        self.0.set(self.0.get() + 1);
        Global.allocate(layout)
    }

    unsafe fn deallocate(&self, block: NonNull<u8>, layout: Layout) {
        self.0.set(self.0.get() - 1);
        // SAFETY: the block is one of the global allocator's, with this layout.
        unsafe { Global.deallocate(block, layout) };
    }
}

/// A value that counts its lives, and panics in `clone` or `drop` when told to.
struct Biting<'a> {
    live: &'a Cell<isize>,
    bites: &'a Cell<bool>,
}

impl<'a> Biting<'a> {
    fn new(live: &'a Cell<isize>, bites: &'a Cell<bool>) -> Self {
        live.set(live.get() + 1);
        Self { live, bites }
    }
}

impl Clone for Biting<'_> {
    fn clone(&self) -> Self {
        assert!(!self.bites.get(), "bitten");
        Self::new(self.live, self.bites)
    }
}

impl Drop for Biting<'_> {
    fn drop(&mut self) {
        self.live.set(self.live.get() - 1);
        assert!(!self.bites.get(), "bitten");
    }
}

fn shares_until_written<K: PtrKind>() {
    let blocks = Cell::new(0);
    let mut a = Shared::<_, K, _>::with_kind_in(vec![1, 2], Tag::default(), Counting(&blocks));
    assert!(Shared::is_unique(&a));
    Shared::make_mut(&mut a).push(3);
    assert_eq!(blocks.get(), 1, "written in place");

    let b = a.clone();
    assert!(Shared::ptr_eq(&a, &b) && !Shared::is_unique(&a) && !Shared::is_unique(&b));
    assert!(Shared::get_mut(&mut a).is_none());
    Shared::make_mut(&mut a).push(4);
    assert!(!Shared::ptr_eq(&a, &b) && Shared::is_unique(&a) && Shared::is_unique(&b));
    assert_eq!((&*a, &*b), (&vec![1, 2, 3, 4], &vec![1, 2, 3]));
    Shared::get_mut(&mut a).unwrap().clear();
    assert!(a.is_empty());

    drop((a, b));
    assert_eq!(blocks.get(), 0);
}

fn gives_the_value_to_the_last<K: PtrKind>() {
    let blocks = Cell::new(0);
    let a =
        Shared::<_, K, _>::with_kind_in(String::from("value"), Tag::default(), Counting(&blocks));
    let b = a.clone();
    let a = Shared::try_unwrap(a).expect_err("shared");
    assert_eq!(Shared::into_inner(a), None);
    assert_eq!(Shared::try_unwrap(b).unwrap(), "value");

    let a =
        Shared::<_, K, _>::with_kind_in(String::from("other"), Tag::default(), Counting(&blocks));
    assert_eq!(Shared::into_inner(a).unwrap(), "other");
    assert_eq!(blocks.get(), 0);
}

fn keeps_tags<K: PtrKind>() {
    for tag in (0..8).map(Tag::new) {
        let mut a = Shared::<_, K>::with_kind_in(1, tag, Global);
        let b = a.clone();
        *Shared::make_mut(&mut a) = 2;
        assert_eq!((Shared::tag(&a), Shared::tag(&b)), (tag, tag));
        assert_eq!((*a, *b), (2, 1));
    }
}

fn holds_any_size_and_alignment<K: PtrKind>() {
    #[derive(Clone, Copy, PartialEq, Debug)]
    #[repr(align(128))]
    struct Aligned(u8);

    fn round_trip<T: Copy + PartialEq + Debug, K: PtrKind>(value: T) {
        let a = Shared::<T, K>::from(value);
        assert!((&raw const *a).is_aligned());
        assert_eq!(*a.clone(), value);
        assert_eq!(Shared::into_inner(a), Some(value));
    }

    round_trip::<_, K>(());
    round_trip::<_, K>(7_u8);
    round_trip::<_, K>(u128::MAX);
    round_trip::<_, K>(Aligned(9));
    round_trip::<_, K>([5_u8; 4096]);
}

fn survives_a_panicking_clone<K: PtrKind>() {
    let (blocks, live, bites) = (Cell::new(0), Cell::new(0), Cell::new(false));
    let mut a = Shared::<_, K, _>::with_kind_in(
        Biting::new(&live, &bites),
        Tag::default(),
        Counting(&blocks),
    );
    let b = a.clone();
    bites.set(true);
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        Shared::make_mut(&mut a);
    }));
    bites.set(false);
    assert!(panicked.is_err());
    assert!(Shared::ptr_eq(&a, &b) && !Shared::is_unique(&a));
    drop((a, b));
    assert_eq!((blocks.get(), live.get()), (0, 0));
}

fn frees_although_drop_panics<K: PtrKind>() {
    let (blocks, live, bites) = (Cell::new(0), Cell::new(0), Cell::new(false));
    let new = || {
        Shared::<_, K, _>::with_kind_in(
            Biting::new(&live, &bites),
            Tag::default(),
            Counting(&blocks),
        )
    };
    let (a, mut b) = (new(), new());
    bites.set(true);
    assert!(catch_unwind(AssertUnwindSafe(|| drop(a))).is_err());
    assert_eq!((blocks.get(), live.get()), (1, 1));
    // Overwritten: the old value bites, and the new one is in place.
    bites.set(false);
    let next = new();
    bites.set(true);
    assert!(catch_unwind(AssertUnwindSafe(|| b = next)).is_err());
    bites.set(false);
    assert_eq!((blocks.get(), live.get()), (1, 1));
    drop(b);
    assert_eq!((blocks.get(), live.get()), (0, 0));
}

fn compares_by_value<K: PtrKind>() {
    let shared = |value: &str| Shared::<String, K>::from(value.to_owned());
    let (a, b) = (shared("a"), shared("b"));
    assert_eq!(a, shared("a"));
    assert!(a < b && a != b);
    assert_eq!(a.cmp(&b), "a".cmp("b"));
    let state = RandomState::new();
    assert_eq!(state.hash_one(&a), state.hash_one("a"));
    assert_eq!(format!("{a:?}"), "\"a\"");
    assert_eq!(Shared::<String, K>::default(), shared(""));
}

fn shares_between_threads<K: PtrKind>() {
    let rounds = if cfg!(miri) { 50 } else { 20_000 };
    let mut shared = Shared::<_, K>::from(vec![0_u64; 4]);
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let mut mine = shared.clone();
            thread::spawn(move || {
                for round in 0..rounds {
                    let before = mine.clone();
                    Shared::make_mut(&mut mine)[1] += 1;
                    assert_eq!((before[1], mine[1]), (round, round + 1));
                }
                mine[1]
            })
        })
        .collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), rounds);
    }
    assert_eq!(Shared::get_mut(&mut shared).unwrap()[1], 0);
}

/// A block of our own, as a tree would lay it out.
#[repr(C, align(8))]
struct Node {
    count: Count,
    payload: [u64; 3],
}

fn counts_blocks_of_our_own<K: PtrKind>() {
    let block = Box::into_raw(Box::new(Node {
        count: Count::new(),
        payload: [1, 2, 3],
    }));
    let block = NonNull::new(block).unwrap();
    let tag = Tag::new(3);
    // SAFETY: a new block, aligned to 8, that starts with its count, and that is freed below.
    let a = unsafe { K::new(block.cast(), tag) };
    assert!(K::is_unique(&a));
    let b = K::clone(&a);
    assert!(!K::is_unique(&a) && K::ptr_eq(&a, &b));
    assert_eq!((K::tag(&a), K::tag(&b)), (tag, tag));
    assert_eq!(K::block(&b), block.cast());
    assert!(format!("{a:?}").contains("tag: 3"));
    // SAFETY: the block lives until it is released, and nobody writes to it.
    assert_eq!(unsafe { block.as_ref() }.payload, [1, 2, 3]);

    assert_eq!(K::release(a), None);
    assert!(K::is_unique(&b));
    let released = K::release(b).expect("the last owner is given the block");
    assert_eq!(released, block.cast());
    // SAFETY: made by `Box::into_raw`, and released by its last owner.
    let node = unsafe { Box::from_raw(released.cast::<Node>().as_ptr()) };
    assert!(format!("{:?}", node.count).starts_with("Count"));
}

/// Everything above, for one kind.
fn keeps_its_promises<K: PtrKind>() {
    shares_until_written::<K>();
    gives_the_value_to_the_last::<K>();
    keeps_tags::<K>();
    holds_any_size_and_alignment::<K>();
    survives_a_panicking_clone::<K>();
    frees_although_drop_panics::<K>();
    compares_by_value::<K>();
    shares_between_threads::<K>();
    counts_blocks_of_our_own::<K>();
}

#[test]
fn slim_keeps_its_promises() {
    keeps_its_promises::<Slim>();
}

#[test]
fn standard_keeps_its_promises() {
    keeps_its_promises::<Standard>();
}

#[test]
fn auto_traits_are_those_of_arc() {
    assert_impl_all!(Shared<String>: Send, Sync, Unpin, std::panic::UnwindSafe);
    assert_impl_all!(Shared<String, Standard>: Send, Sync, Unpin);
    assert_not_impl_any!(Shared<Rc<u8>>: Send, Sync);
    assert_not_impl_any!(Shared<Cell<u8>>: Send, Sync);
    assert_not_impl_any!(Shared<u8, Slim, Counting<'static>>: Send, Sync);
    assert_not_impl_any!(SlimPtr: Send, Sync, Clone);
}

#[test]
fn a_pointer_is_one_word_and_so_is_an_option_of_it() {
    assert_eq!(mem::size_of::<Shared<u64>>(), mem::size_of::<usize>());
    assert_eq!(
        mem::size_of::<Option<Shared<u64>>>(),
        mem::size_of::<usize>()
    );
    assert_eq!(
        mem::size_of::<Option<Shared<u64, Standard>>>(),
        mem::size_of::<usize>()
    );
}

#[test]
fn shared_is_covariant() {
    fn shorter<'a, K: PtrKind>(value: Shared<&'static str, K>) -> Shared<&'a str, K> {
        value
    }
    assert_eq!(*shorter(Shared::<_, Slim>::from("a")), "a");
    assert_eq!(*shorter(Shared::<_, Standard>::from("a")), "a");
}
