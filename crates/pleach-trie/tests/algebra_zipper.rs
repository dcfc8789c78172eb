//! Set algebra through write zippers, against the oracle and the table of statuses.

mod common;

use common::lattice::{Count, Plan, Value, assert_is, build_two, is_exact, plan, status};
use pleach_ptr::{PtrKind, Slim, Standard};
use pleach_testkit::keys::{Pick, key_set, pick};
use pleach_testkit::{Key, Model, Rule};
use pleach_trie::PathMap;
use pleach_trie::algebra::*;
use pleach_trie::zipper::*;
use proptest::option::of;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// An operation of `ZipperWriting`.
#[derive(Clone, Copy, Debug)]
enum Operation {
    JoinInto,
    JoinMapInto,
    JoinIntoTake(bool),
    MeetInto(bool),
    Meet2,
    SubtractInto(bool),
    Restrict,
    Restricting,
    JoinKPathInto(usize, bool),
    MeetKPathInto(usize, bool),
}

use Operation::*;

fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        Just(JoinInto),
        Just(JoinMapInto),
        any::<bool>().prop_map(JoinIntoTake),
        any::<bool>().prop_map(MeetInto),
        Just(Meet2),
        any::<bool>().prop_map(SubtractInto),
        Just(Restrict),
        Just(Restricting),
        (0..5_usize, any::<bool>()).prop_map(|(k, prune)| JoinKPathInto(k, prune)),
        (0..5_usize, any::<bool>()).prop_map(|(k, prune)| MeetKPathInto(k, prune)),
    ]
}

/// What a call says: a status, or whether.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Said {
    Status(AlgebraicStatus),
    Whether(bool),
}

/// Where a write zipper stands: its root, its path.
struct Stand {
    root: Key,
    path: Key,
}

impl Stand {
    fn focus(&self) -> Key {
        [&self.root[..], &self.path].concat()
    }

    fn zipper<'m, V, K: PtrKind>(&self, map: &'m mut PathMap<V, K>) -> WriteZipper<'m, V, K> {
        let mut z = map.write_zipper_at_path(&self.root);
        z.descend_to(&self.path);
        z
    }
}

fn apply<V: Value, K: PtrKind>(
    operation: Operation,
    map: &mut PathMap<V, K>,
    at: &Stand,
    source: &mut PathMap<V, K>,
    from: &Stand,
) -> Said {
    let mut z = at.zipper(map);
    if let JoinIntoTake(prune) = operation {
        return Said::Status(z.join_into_take(&mut from.zipper(source), prune));
    }
    let source = source.read_zipper_at_path(from.focus());
    Said::Status(match operation {
        JoinInto | JoinIntoTake(_) => z.join_into(&source),
        JoinMapInto => z.join_map_into(source.make_map()),
        MeetInto(prune) => z.meet_into(&source, prune),
        Meet2 => {
            let focus = PathMap::clone(&z.make_map());
            z.meet_2(&focus.read_zipper(), &source)
        }
        SubtractInto(prune) => z.subtract_into(&source, prune),
        Restrict => z.restrict(&source),
        Restricting => return Said::Whether(z.restricting(&source)),
        JoinKPathInto(k, prune) => return Said::Whether(z.join_k_path_into(k, prune)),
        MeetKPathInto(k, prune) => return Said::Whether(z.meet_k_path_into(k, prune)),
    })
}

/// What is below each location `k` bytes down, without the values there.
fn layer<V: Clone>(model: &Model<V>, k: usize) -> Vec<Model<V>> {
    let paths = model.locations().map(|(path, _)| path);
    let part = |path: &[u8]| {
        let mut part = model.subtrie(path);
        part.remove_val_at(b"", false);
        part
    };
    paths.filter(|path| path.len() == k).map(part).collect()
}

/// What is made of two models.
type Fold<'f, V> = &'f dyn Fn(&Model<V>, &Model<V>) -> Model<V>;

fn expect<V: Value>(
    operation: Operation,
    model: &mut Model<V>,
    at: &Stand,
    source: &mut Model<V>,
    from: &Stand,
) -> Said {
    let join = |a: &V, b: &V| a.pjoin(b).into_option([a, b]);
    let meet = |a: &V, b: &V| a.pmeet(b).into_option([a, b]);
    let (focus, origin) = (at.focus(), from.focus());
    let (here, there) = (model.subtrie(&focus), source.subtrie(&origin));
    let fold = |k: usize, by: Fold<'_, V>| {
        if k == 0 {
            return here.clone();
        }
        let parts = layer(&here, k).into_iter();
        let mut all = parts.reduce(|a, b| by(&a, &b)).unwrap_or_default();
        if let Some(value) = here.get(b"") {
            all.insert(b"", value.clone());
        }
        all
    };
    let (result, prune) = match operation {
        JoinInto | JoinMapInto | JoinIntoTake(_) => {
            (here.combine(&there, Rule::Union, join), false)
        }
        MeetInto(prune) => (here.combine(&there, Rule::Intersection, meet), prune),
        Meet2 => (here.combine(&there, Rule::Intersection, meet), false),
        SubtractInto(prune) => {
            let subtract = |a: &V, b: &V| a.psubtract(b).into_option([a, b]);
            (here.combine(&there, Rule::Difference, subtract), prune)
        }
        Restrict => (here.combine(&there, Rule::Restriction, meet), false),
        Restricting if !model.exists(&focus) => return Said::Whether(false),
        Restricting => (there.combine(&here, Rule::Restriction, meet), false),
        JoinKPathInto(k, prune) => {
            let by = |a: &Model<V>, b: &Model<V>| a.combine(b, Rule::Union, join);
            (fold(k, &by), prune)
        }
        MeetKPathInto(k, prune) => {
            let by = |a: &Model<V>, b: &Model<V>| a.combine(b, Rule::Intersection, meet);
            (fold(k, &by), prune)
        }
    };
    let said = match operation {
        Restricting => Said::Whether(true),
        JoinKPathInto(..) | MeetKPathInto(..) => Said::Whether(!result.children(b"").is_empty()),
        _ => Said::Status(status(&here, &result)),
    };
    model.put(&focus, result);
    if prune {
        model.prune_down_to(&focus, at.root.len());
    }
    if let JoinIntoTake(prune) = operation {
        source.put(&origin, Model::new());
        if prune {
            source.prune_down_to(&origin, from.root.len());
        }
    }
    said
}

/// The place of a zipper: perhaps a root, and a path.
type Place = (Option<Pick>, Option<Pick>);

fn place() -> impl Strategy<Value = Place> {
    (of(pick()), of(pick()))
}

fn stand((root, path): &Place, keys: &[Key]) -> Stand {
    let key = |pick: &Option<Pick>| pick.as_ref().map(|pick| pick.from(keys));
    let (root, path) = (key(root).unwrap_or_default(), key(path).unwrap_or_default());
    // A path that goes on from the root leads to locations more often than two of them do.
    let path = path.strip_prefix(&root[..]).map(Key::from).unwrap_or(path);
    Stand { root, path }
}

fn run<V: Value, K: PtrKind>(
    keys: &[Key],
    plans: &[Plan; 2],
    places: &[Place; 2],
    operations: &[Operation],
) {
    let (at, from) = (stand(&places[0], keys), stand(&places[1], keys));
    let [first, second] = build_two::<V, K>(keys, plans);
    for &operation in operations {
        let (mut map, mut model) = first.clone();
        let (mut source, mut oracle) = second.clone();
        let said = apply(operation, &mut map, &at, &mut source, &from);
        let expected = expect(operation, &mut model, &at, &mut oracle, &from);
        assert_is(&map, &model, &format!("the result of {operation:?}"));
        assert_is(&source, &oracle, &format!("the source of {operation:?}"));
        if is_exact::<V>() || matches!(said, Said::Whether(_)) {
            assert_eq!(
                said, expected,
                "{operation:?} of {:?} and {:?}",
                first.1, second.1
            );
        }
        if said == Said::Status(AlgebraicStatus::Identity) {
            assert!(map.ptr_eq(&first.0), "unchanged, and yet another node");
        }
    }
    assert_is(&first.0, &first.1, "the first map");
    assert_is(&second.0, &second.1, "the second map");
}

fn operations() -> impl Strategy<Value = Vec<Operation>> {
    proptest::collection::vec(operation(), 4)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..Default::default() })]

    #[test]
    fn units(keys in key_set(), a in plan(), b in plan(), at in place(), from in place(), ops in operations()) {
        run::<(), Slim>(&keys, &[a, b], &[at, from], &ops);
    }

    #[test]
    fn integers(keys in key_set(), a in plan(), b in plan(), at in place(), from in place(), ops in operations()) {
        run::<u64, Slim>(&keys, &[a, b], &[at, from], &ops);
    }

    #[test]
    fn integers_standard(keys in key_set(), a in plan(), b in plan(), at in place(), from in place(), ops in operations()) {
        run::<u64, Standard>(&keys, &[a, b], &[at, from], &ops);
    }

    #[test]
    fn sets(keys in key_set(), a in plan(), b in plan(), at in place(), from in place(), ops in operations()) {
        run::<BTreeSet<u64>, Slim>(&keys, &[a, b], &[at, from], &ops);
    }

    #[test]
    fn counts(keys in key_set(), a in plan(), b in plan(), at in place(), from in place(), ops in operations()) {
        run::<Count, Slim>(&keys, &[a, b], &[at, from], &ops);
    }
}

fn set(keys: &[&str]) -> PathMap<()> {
    keys.iter().map(|key| (key, ())).collect()
}

/// The statuses of semantics that others rely on, at the root, with pruning.
#[test]
fn statuses_are_those_of_the_table() {
    use AlgebraicStatus::{Element, Identity, None};
    type Row = (
        &'static [&'static str],
        &'static [&'static str],
        AlgebraicStatus,
        (AlgebraicStatus, &'static [&'static str]),
        (AlgebraicStatus, &'static [&'static str]),
    );
    let table: [Row; 7] = [
        (
            &["a", "b"],
            &["a"],
            Identity,
            (Element, &["a"]),
            (Element, &["b"]),
        ),
        (
            &["a"],
            &["a", "b"],
            Element,
            (Identity, &["a"]),
            (None, &[]),
        ),
        (&["a"], &["b"], Element, (None, &[]), (Identity, &["a"])),
        (&["a"], &["a"], Identity, (Identity, &["a"]), (None, &[])),
        (&[], &["a"], Element, (None, &[]), (None, &[])),
        (&["a"], &[], Identity, (None, &[]), (Identity, &["a"])),
        (&[], &[], None, (None, &[]), (None, &[])),
    ];
    for (own, other, join, meet, subtract) in table {
        let source = set(other);
        let mut map = set(own);
        assert_eq!(map.write_zipper().join_into(&source.read_zipper()), join);
        let mut map = set(own);
        let said = map.write_zipper().meet_into(&source.read_zipper(), true);
        assert_eq!((said, map), (meet.0, set(meet.1)));
        let mut map = set(own);
        let said = map
            .write_zipper()
            .subtract_into(&source.read_zipper(), true);
        assert_eq!((said, map), (subtract.0, set(subtract.1)));
    }
    type Keys = &'static [&'static str];
    let restrictions: [(Keys, Keys, AlgebraicStatus, Keys); 3] = [
        (&["abc", "abd", "x"], &["ab"], Element, &["abc", "abd"]),
        (&["abc"], &["abc"], Identity, &["abc"]),
        (&["ab"], &["abc"], None, &[]),
    ];
    for (own, other, status, left) in restrictions {
        let mut map = set(own);
        let said = map.write_zipper().restrict(&set(other).read_zipper());
        assert_eq!((said, map), (status, set(left)));
    }
}

/// The value at the focus belongs to what is joined, met and restricted.
#[test]
fn the_focus_value_takes_part() {
    let source = PathMap::from([("s", 1), ("sa", 2)]);
    let from = source.read_zipper_at_path("s");
    let mut map = PathMap::new();
    map.write_zipper_at_path("k").join_into(&from);
    assert_eq!(map, PathMap::from([("k", 1), ("ka", 2)]));
    map.insert("kb", 3);
    assert!(map.write_zipper_at_path("k").restrict(&from).is_identity());
    map.write_zipper_at_path("k").meet_2(&from, &from);
    assert_eq!(map, PathMap::from([("k", 1), ("ka", 2)]));
    assert!(
        map.write_zipper_at_path("k")
            .meet_2(&from, &from)
            .is_identity()
    );
    let mut taken = source.clone();
    let mut z = map.write_zipper();
    z.descend_to("new");
    assert!(
        z.join_into_take(&mut taken.write_zipper_at_path("s"), true)
            .is_element()
    );
    drop(z);
    assert_eq!(map.get("new"), Some(&1));
    assert!(taken.path_exists_at("s") && taken.values().next().is_none());
}

#[test]
fn paths_are_shortened_and_joined() {
    let mut map = PathMap::from([("abc", 1), ("axd", 2), ("q", 3), ("abcde", 4), ("", 5)]);
    let snapshot = map.clone();
    assert!(map.write_zipper().join_k_path_into(0, true));
    assert!(map.ptr_eq(&snapshot));
    assert!(map.write_zipper().join_k_path_into(1, true));
    assert_eq!(
        map,
        PathMap::from([("", 5), ("bc", 1), ("bcde", 4), ("xd", 2)])
    );
    assert!(!map.write_zipper().join_k_path_into(9, true));
    assert_eq!(map, PathMap::from([("", 5)]));
    let mut leaf = PathMap::from([("a", 1)]);
    assert!(!leaf.write_zipper_at_path("a").meet_k_path_into(0, false));
    assert!(!leaf.write_zipper_at_path("a").meet_k_path_into(1, false));
    assert!(!leaf.write_zipper().meet_k_path_into(1, false));
    assert!(leaf.is_empty());
}
