//! Auto traits and variance of the public types.

use pleach_ptr::{AllocError, Allocator, Global, Layout, Slim, Standard};
use pleach_trie::zipper::*;
use pleach_trie::{PathMap, map};
use static_assertions::{assert_impl_all, assert_not_impl_any};
use std::cell::Cell;
use std::marker::PhantomData;
use std::ptr::NonNull;
use std::rc::Rc;
use std::sync::MutexGuard;

/// An allocator that may be sent, but not shared.
#[derive(Clone, Default)]
struct NotSync(PhantomData<Cell<()>>);

/// An allocator that may be neither sent nor shared.
#[derive(Clone, Default)]
struct NotSend(PhantomData<Rc<()>>);

// SAFETY: all blocks are the global allocator's.
unsafe impl Allocator for NotSync {
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        Global.allocate(layout)
    }

    unsafe fn deallocate(&self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's block came from `allocate` above.
        unsafe { Global.deallocate(block, layout) }
    }
}

// SAFETY: all blocks are the global allocator's.
unsafe impl Allocator for NotSend {
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        Global.allocate(layout)
    }

    unsafe fn deallocate(&self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's block came from `allocate` above.
        unsafe { Global.deallocate(block, layout) }
    }
}

/// Values that may be shared, but not sent.
type Unsendable = MutexGuard<'static, u8>;
/// Values that may be sent, but not shared.
type Unsharable = Cell<u8>;

assert_impl_all!(PathMap<u64>: Send, Sync, Unpin);
assert_impl_all!(PathMap<u64, Standard>: Send, Sync, Unpin);
assert_not_impl_any!(PathMap<Unsendable>: Send, Sync);
assert_not_impl_any!(PathMap<Unsharable>: Send, Sync);
assert_not_impl_any!(PathMap<Unsharable, Standard>: Send, Sync);
assert_impl_all!(PathMap<u64, Slim, NotSync>: Send);
assert_not_impl_any!(PathMap<u64, Slim, NotSync>: Sync);
assert_not_impl_any!(PathMap<u64, Slim, NotSend>: Send, Sync);

assert_impl_all!(ReadZipper<'static, u64>: Send, Sync, Clone);
assert_impl_all!(ReadZipper<'static, u64, Standard>: Send, Sync, Clone);
assert_not_impl_any!(ReadZipper<'static, Unsendable>: Send, Sync);
assert_not_impl_any!(ReadZipper<'static, Unsharable>: Send, Sync);
assert_not_impl_any!(ReadZipper<'static, u64, Slim, NotSync>: Send, Sync);

assert_impl_all!(ReadZipperOwned<u64>: Send, Sync, Clone);
assert_not_impl_any!(ReadZipperOwned<Unsendable>: Send, Sync);
assert_not_impl_any!(ReadZipperOwned<Unsharable>: Send, Sync);
assert_impl_all!(ReadZipperOwned<u64, Slim, NotSync>: Send);
assert_not_impl_any!(ReadZipperOwned<u64, Slim, NotSync>: Sync);
assert_not_impl_any!(ReadZipperOwned<u64, Slim, NotSend>: Send, Sync);

assert_impl_all!(WriteZipper<'static, u64>: Send);
assert_not_impl_any!(WriteZipper<'static, u64>: Sync, Clone);
assert_not_impl_any!(WriteZipper<'static, Unsendable>: Send);
assert_not_impl_any!(WriteZipper<'static, Unsharable>: Send);
assert_not_impl_any!(WriteZipper<'static, u64, Slim, NotSend>: Send);

assert_impl_all!(WriteZipperOwned<u64>: Send, Clone);
assert_not_impl_any!(WriteZipperOwned<u64>: Sync);
assert_not_impl_any!(WriteZipperOwned<Unsharable>: Send);
assert_not_impl_any!(WriteZipperOwned<u64, Slim, NotSend>: Send);

assert_impl_all!(ZipperHead<'static, u64>: Send, Sync);
assert_not_impl_any!(ZipperHead<'static, u64>: Clone);
assert_not_impl_any!(ZipperHead<'static, Unsendable>: Send, Sync);
assert_not_impl_any!(ZipperHead<'static, Unsharable>: Send, Sync);
assert_impl_all!(ZipperHead<'static, u64, Slim, NotSync>: Send, Sync);
assert_not_impl_any!(ZipperHead<'static, u64, Slim, NotSend>: Send, Sync);

assert_impl_all!(ZipperHeadOwned<u64>: Send, Sync, Clone, Unpin);
assert_impl_all!(ZipperHeadOwned<u64, Standard>: Send, Sync, Clone);
assert_not_impl_any!(ZipperHeadOwned<Unsharable>: Send, Sync);
assert_not_impl_any!(ZipperHeadOwned<u64, Slim, NotSend>: Send, Sync);

assert_impl_all!(WriteZipperTracked<'static, u64>: Send);
assert_not_impl_any!(WriteZipperTracked<'static, u64>: Sync, Clone);
assert_not_impl_any!(WriteZipperTracked<'static, Unsendable>: Send);
assert_not_impl_any!(WriteZipperTracked<'static, Unsharable>: Send);
assert_not_impl_any!(WriteZipperTracked<'static, u64, Slim, NotSend>: Send);

assert_impl_all!(ReadZipperTracked<'static, u64>: Send, Sync, Clone);
assert_not_impl_any!(ReadZipperTracked<'static, Unsendable>: Send, Sync);
assert_not_impl_any!(ReadZipperTracked<'static, Unsharable>: Send, Sync);
assert_not_impl_any!(ReadZipperTracked<'static, u64, Slim, NotSync>: Sync);

assert_impl_all!(AcquireWrite<'static, u64>: Send, Sync, Unpin);
assert_impl_all!(AcquireRead<'static, u64>: Send, Sync, Unpin);
assert_impl_all!(PathConflict: Send, Sync, std::error::Error, Clone);

assert_impl_all!(Witness<'static>: Send, Sync, Copy);
assert_impl_all!(OwnedWitness<u64>: Send, Sync, Clone);
assert_not_impl_any!(OwnedWitness<Unsharable>: Send, Sync);

assert_impl_all!(map::Iter<'static, u64>: Send, Sync, Clone, Default);
assert_impl_all!(map::Keys<'static, u64>: Send, Sync, Clone, Default);
assert_impl_all!(map::Values<'static, u64>: Send, Sync, Clone, Default);
assert_not_impl_any!(map::Iter<'static, Unsharable>: Send, Sync);
assert_not_impl_any!(map::Values<'static, Unsharable>: Send, Sync);

assert_impl_all!(ByteMask: Send, Sync, Copy);

// What is covariant can be used where a shorter lifetime is asked for: these compile.

fn _map<'a, K: pleach_ptr::PtrKind>(map: PathMap<&'static str, K>) -> PathMap<&'a str, K> {
    map
}

fn _read_zipper<'a>(z: ReadZipper<'static, &'static str>) -> ReadZipper<'a, &'a str> {
    z
}

fn _read_zipper_owned<'a>(z: ReadZipperOwned<&'static str>) -> ReadZipperOwned<&'a str> {
    z
}

fn _read_zipper_tracked<'a>(
    z: ReadZipperTracked<'static, &'static str>,
) -> ReadZipperTracked<'a, &'a str> {
    z
}

fn _witness<'a>(witness: Witness<'static>) -> Witness<'a> {
    witness
}

fn _owned_witness<'a>(witness: OwnedWitness<&'static str>) -> OwnedWitness<&'a str> {
    witness
}

fn _iter<'a>(entries: map::Iter<'static, &'static str>) -> map::Iter<'a, &'a str> {
    entries
}

#[test]
fn a_value_read_from_a_temporary_zipper_lives_as_long_as_the_map() {
    let map = PathMap::from([("key", String::from("value"))]);
    let value = map.read_zipper_at_path("key").get_val();
    let forked = map.read_zipper().fork_read_zipper().get_val_at("key");
    assert_eq!(value, forked);
}
