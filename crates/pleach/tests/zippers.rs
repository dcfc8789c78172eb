//! Generic code over the traits of zippers: each zipper has those that are promised, and so have
//! references to it and boxes of it.

use pleach::ptr::{Allocator, PtrKind, Standard};
use pleach::zipper::*;
use pleach::{PathConflict, PathMap};
use std::error::Error;

fn look(zipper: &dyn Zipper) -> (bool, usize) {
    assert_eq!(zipper.child_mask().count_bits(), zipper.child_count());
    (zipper.is_val(), zipper.child_count())
}

fn locations(mut zipper: impl ZipperMoving) -> Vec<Vec<u8>> {
    zipper.reset();
    let mut found = Vec::new();
    while zipper.to_next_step() {
        found.push(zipper.path().to_vec());
    }
    found
}

fn values<V: Clone>(mut zipper: impl ZipperIteration + ZipperValues<V>) -> Vec<V> {
    zipper.reset();
    let mut found: Vec<V> = zipper.val().cloned().into_iter().collect();
    while zipper.to_next_val() {
        found.push(zipper.val().cloned().unwrap());
    }
    found
}

fn lasting<'a, V>(mut zipper: impl ZipperReadOnlyIteration<'a, V>) -> Vec<&'a V> {
    let mut found: Vec<&'a V> = zipper.get_val().into_iter().collect();
    while let Some(value) = zipper.to_next_get_val() {
        found.push(value);
    }
    found
}

fn witnessed<V: Clone, Z: ZipperReadOnlyConditionalValues<V>>(zipper: Z) -> Vec<V> {
    let witness: Z::Witness = zipper.witness();
    let entries = zipper.iter_with_witness(&witness);
    entries.map(|(_, value)| value.clone()).collect()
}

fn forked<V>(zipper: impl ZipperForking<V>) -> (Vec<u8>, usize) {
    let fork = zipper.fork_read_zipper();
    assert!(fork.at_root());
    (fork.origin_path().to_vec(), fork.val_count())
}

/// Writes one value and takes it back.
fn write<V, K, A, Z>(mut zipper: Z)
where
    V: Clone + Default,
    K: PtrKind,
    A: Allocator,
    Z: ZipperWriting<V, K, A> + ZipperValues<V>,
{
    zipper.descend_to("written");
    *zipper.get_val_or_set_mut(V::default()) = V::default();
    assert!(zipper.val().is_some());
    assert!(zipper.remove_val(false).is_some());
    zipper.prune_ascend();
    zipper.reset();
}

/// What every zipper can do. The root has a value 0, and below it are "a", "ab" and "b".
fn reads<Z>(zipper: &mut Z)
where
    Z: ZipperIteration + ZipperValues<u32> + ZipperAbsolutePath + ZipperPathBuffer,
    Z: ZipperConcrete + ZipperSubtries<u32> + ZipperForking<u32>,
{
    zipper.prepare_buffers();
    assert_eq!(look(zipper), (true, 2));
    assert_eq!(zipper.origin_path(), zipper.root_prefix_path());
    let (root, count) = forked(&mut *zipper);
    assert_eq!((&root[..], count), (zipper.root_prefix_path(), 4));
    assert_eq!(zipper.make_map().len(), 4);
    assert_eq!(zipper.shared_node_id(), None);
    assert_eq!(zipper.descend_to_existing("abc"), 2);
    assert!(zipper.ascend_until() && zipper.ascend_until() && !zipper.ascend_until());
}

fn map() -> PathMap<u32> {
    PathMap::from([("p", 0), ("pa", 1), ("pab", 2), ("pb", 3), ("x", 9)])
}

const VALUES: [u32; 4] = [0, 1, 2, 3];

#[test]
fn read_zipper() {
    let map = map();
    let mut zipper = map.read_zipper_at_path("p");
    reads(&mut zipper);
    assert_eq!(locations(&mut zipper), [&b"a"[..], b"ab", b"b"]);
    assert_eq!(values(&mut zipper), VALUES);
    assert_eq!(values(Box::new(zipper.clone())), VALUES);
    assert_eq!(lasting(&mut zipper), [&0, &1, &2, &3]);
    assert_eq!(witnessed(&mut zipper), VALUES);
    assert_eq!(witnessed(Box::new(zipper.clone())), VALUES);
    assert_eq!(forked(Box::new(zipper.clone())), (b"p".to_vec(), 4));
    assert_eq!(lasting(zipper), [&0, &1, &2, &3]);
}

#[test]
fn owned_zippers() {
    let mut zipper = map().into_read_zipper("p");
    reads(&mut zipper);
    assert_eq!(values(zipper.clone()), VALUES);
    assert_eq!(witnessed(&mut zipper), VALUES);
    assert_eq!(zipper.into_map(), map());

    let mut zipper = map().into_write_zipper("p");
    reads(&mut zipper);
    write(&mut zipper);
    write(Box::new(zipper.clone()));
    assert_eq!(values(&mut zipper), VALUES);
    assert_eq!(zipper.into_map(), map());
}

#[test]
fn write_zipper() {
    let mut map = map();
    let source = map.clone();
    let mut zipper = map.write_zipper_at_path("p");
    reads(&mut zipper);
    write(&mut zipper);
    write(Box::new(&mut zipper));
    assert_eq!(values(&mut zipper), VALUES);
    zipper.graft(&source.read_zipper_at_path("pa"));
    zipper.graft(&Box::new(source.read_zipper_at_path("p")));
    assert_eq!(values(&mut zipper), VALUES);
}

#[test]
fn zippers_of_heads() -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut map = map();
    let head = map.zipper_head();
    let mut writer = head.write_zipper_at_exclusive_path("p")?;
    reads(&mut writer);
    write(&mut writer);
    assert_eq!(values(&mut writer), VALUES);
    let conflict: PathConflict = head.read_zipper_at_path("").unwrap_err();
    assert_eq!(conflict.conflicting_paths, [b"p"]);
    drop(writer);
    let mut reader = head.read_zipper_at_path("p")?;
    reads(&mut reader);
    assert_eq!(values(reader.clone()), VALUES);
    assert_eq!(witnessed(&mut reader), VALUES);
    assert_eq!(witnessed(reader), VALUES);
    Ok(())
}

#[test]
fn zippers_of_another_kind_and_behind_a_pointer() {
    let slim = map();
    let standard: PathMap<u32, Standard> = slim.iter().map(|(key, value)| (key, *value)).collect();
    let zippers: [Box<dyn Zipper + '_>; 2] = [
        Box::new(slim.read_zipper_at_path("p")),
        Box::new(standard.read_zipper_at_path("p")),
    ];
    assert!(zippers.iter().all(|zipper| look(&**zipper) == (true, 2)));
    assert_eq!(values(standard.read_zipper_at_path("p")), VALUES);
    let mut copy = standard.clone();
    write(copy.write_zipper());
    copy.write_zipper_at_path("q")
        .graft(&standard.read_zipper());
    assert_eq!(copy.len(), 10);
}

/// A zipper of a user's own, which counts how often it goes down.
struct Counted<Z> {
    zipper: Z,
    descents: usize,
}

impl<Z: Zipper> Zipper for Counted<Z> {
    fn path_exists(&self) -> bool {
        self.zipper.path_exists()
    }

    fn is_val(&self) -> bool {
        self.zipper.is_val()
    }

    fn child_mask(&self) -> ByteMask {
        self.zipper.child_mask()
    }
}

impl<Z: ZipperMoving> ZipperMoving for Counted<Z> {
    fn path(&self) -> &[u8] {
        self.zipper.path()
    }

    fn val_count(&self) -> usize {
        self.zipper.val_count()
    }

    fn descend_to(&mut self, path: impl AsRef<[u8]>) {
        self.descents += 1;
        self.zipper.descend_to(path);
    }

    fn ascend(&mut self, n: usize) -> bool {
        self.zipper.ascend(n)
    }
}

/// Hands a zipper on that it knows nothing of, by reference and in a box.
fn hand_on(zipper: &mut impl ZipperMoving) -> Vec<Vec<u8>> {
    let found = locations(&mut *zipper);
    assert_eq!(locations(Box::new(zipper)), found);
    found
}

fn hand_on_to_write<Z: ZipperWriting<u32> + ZipperValues<u32>>(zipper: &mut Z) {
    write(&mut *zipper);
    write(Box::new(zipper));
}

#[test]
fn generic_code_hands_zippers_on() {
    let mut map = map();
    let mut own = Counted {
        zipper: map.read_zipper_at_path("p"),
        descents: 0,
    };
    assert_eq!(hand_on(&mut own), [&b"a"[..], b"ab", b"b"]);
    assert_eq!(own.descents, 6);
    let boxed: Box<dyn Zipper + '_> = Box::new(own);
    assert_eq!(look(&boxed), (true, 2));
    drop(boxed);
    let mut zipper = map.write_zipper();
    hand_on_to_write(&mut zipper);
    hand_on_to_write(&mut &mut zipper);
    assert_eq!(hand_on(&mut zipper).len(), 5);
}
