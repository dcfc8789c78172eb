//! Heads: random histories against a model that applies commits in order, and what is special.

mod common;

use common::ledger::Ledger;
use common::zip::{apply_edit, assert_stands};
use common::{assert_same, map_of, model_of};
use pleach_ptr::{PtrKind, Slim, Standard};
use pleach_testkit::values::{CountedId, Seeded, clones, live, panic_at_clone, panic_at_drop};
use pleach_testkit::{Edit, EditScript, Key, Model, ModelZipper, edit_script};
use pleach_trie::zipper::*;
use pleach_trie::{PathConflict, PathMap};
use proptest::prelude::*;
use std::fmt::Debug;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Barrier, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

/// What happens next in a history; the numbers choose a path or a zipper.
#[derive(Clone, Debug)]
enum Act {
    Write(usize, usize),
    Read(usize, usize),
    /// So many edits, and a look at the zipper after each of them or not.
    Edit(usize, usize, bool),
    Commit(usize),
    CleanUp(usize),
    Panic(usize),
    Forget,
    Clone(usize),
    Leave(usize),
    Look,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let n = || 0_usize..64;
    let act = prop_oneof![
        4 => (n(), 0_usize..6).prop_map(|(key, len)| Act::Write(key, len)),
        2 => (n(), 0_usize..6).prop_map(|(key, len)| Act::Read(key, len)),
        6 => (n(), 1_usize..6, any::<bool>()).prop_map(|(i, edits, look)| Act::Edit(i, edits, look)),
        3 => n().prop_map(Act::Commit),
        1 => n().prop_map(Act::CleanUp),
        1 => n().prop_map(Act::Panic),
        1 => n().prop_map(Act::Clone),
        2 => n().prop_map(Act::Leave),
        1 => Just(Act::Look),
    ];
    (prop::collection::vec(act, 0..60), any::<bool>()).prop_map(|(mut acts, forget)| {
        acts.extend(forget.then_some(Act::Forget));
        acts
    })
}

struct Writer<'h, V, K: PtrKind> {
    path: Key,
    zipper: WriteZipperTracked<'h, V, K, Ledger>,
    oracle: ModelZipper<u64>,
}

struct Reader<'h, V, K: PtrKind> {
    path: Option<Key>,
    zipper: ReadZipperTracked<'h, V, K, Ledger>,
    oracle: Model<u64>,
}

/// A head with its zippers, beside a model of what is committed.
struct History<'h, V, K: PtrKind> {
    committed: Model<u64>,
    writers: Vec<Writer<'h, V, K>>,
    readers: Vec<Reader<'h, V, K>>,
}

fn related(a: &[u8], b: &[u8]) -> bool {
    a.starts_with(b) || b.starts_with(a)
}

impl<V, K: PtrKind> History<'_, V, K> {
    /// The paths that exclude `path`, in order.
    fn in_the_way(&self, path: &[u8], write: bool) -> Vec<Key> {
        let writers = self.writers.iter().map(|writer| &writer.path);
        let readers = self
            .readers
            .iter()
            .filter_map(|reader| reader.path.as_ref());
        let mut paths: Vec<_> = writers
            .chain(readers.filter(|_| write))
            .filter(|held| related(held, path))
            .cloned()
            .collect();
        paths.sort();
        paths.dedup();
        paths
    }

    fn conflict(&self, path: &[u8], write: bool) -> Option<PathConflict> {
        let conflicting_paths = self.in_the_way(path, write);
        (!conflicting_paths.is_empty()).then(|| PathConflict {
            attempted_path: path.to_vec(),
            conflicting_paths,
        })
    }

    /// The oracle of a writer at `path`: what is there, and nothing else.
    fn draft(&self, path: &[u8]) -> ModelZipper<u64> {
        let mut draft = Model::new();
        if self.committed.exists(path) {
            draft.create_path(path);
            draft.put(path, self.committed.subtrie(path));
        }
        ModelZipper::new(draft, path)
    }

    fn commit(&mut self, path: &[u8], draft: &Model<u64>) {
        if draft.exists(path) {
            self.committed.create_path(path);
        }
        self.committed.put(path, draft.subtrie(path));
    }
}

fn run_history<V, K>(script: &EditScript, acts: &[Act])
where
    V: Seeded + Debug + Send + Sync,
    K: PtrKind,
{
    let mut map: PathMap<V, K, Ledger> = map_of(&script.keys);
    let before = (map.clone(), model_of(&script.keys));
    let kept = [map_of(&script.other)];
    let models = [model_of(&script.other)];
    let head = map.zipper_head();
    let committed = play(&head, script, acts, &kept, &models);
    std::mem::forget(head);
    assert_same(&map, &committed);
    assert_same(&before.0, &before.1);
}

/// Plays the acts on a head, and returns what is committed at the end.
fn play<V, K>(
    head: &ZipperHead<'_, V, K, Ledger>,
    script: &EditScript,
    acts: &[Act],
    kept: &[PathMap<V, K, Ledger>],
    models: &[Model<u64>],
) -> Model<u64>
where
    V: Seeded + Debug + Send + Sync,
    K: PtrKind,
{
    let mut edits = script.edits.iter().cycle();
    let mut history = History {
        committed: model_of(&script.keys),
        writers: Vec::new(),
        readers: Vec::new(),
    };
    let path = |key: usize, len: usize| match script.keys.get(key % (script.keys.len() + 1)) {
        Some(key) => key[..key.len().min(len)].to_vec(),
        None => vec![b'a'; len],
    };
    for act in acts {
        if history.committed.locations().count() > 1_000 {
            break;
        }
        match *act {
            Act::Write(key, len) => {
                let path = path(key, len);
                let zipper = head.write_zipper_at_exclusive_path(&path);
                let conflict = history.conflict(&path, true);
                assert_eq!(zipper.as_ref().err(), conflict.as_ref());
                if let Ok(zipper) = zipper {
                    let oracle = history.draft(&path);
                    history.writers.push(Writer {
                        path,
                        zipper,
                        oracle,
                    });
                }
            }
            Act::Read(key, len) => {
                let path = path(key, len);
                let zipper = head.read_zipper_at_path(&path);
                let conflict = history.conflict(&path, false);
                assert_eq!(zipper.as_ref().err(), conflict.as_ref());
                if let Ok(zipper) = zipper {
                    history.readers.push(Reader {
                        path: Some(path),
                        zipper,
                        oracle: history.committed.clone(),
                    });
                }
            }
            Act::Look => history.readers.push(Reader {
                path: None,
                zipper: head.read_zipper(),
                oracle: history.committed.clone(),
            }),
            Act::Edit(writer, count, look) => {
                let len = history.writers.len();
                if let Some(writer) = history.writers.get_mut(writer % len.max(1)) {
                    for edit in edits.by_ref().take(count) {
                        if writer.oracle.model().locations().count() > 1_000 {
                            break;
                        }
                        let outcome = apply_edit(edit, &mut writer.zipper, kept);
                        let expected = edit.apply(&mut writer.oracle, models);
                        assert!(outcome.agrees(&expected), "{edit:?} gave {outcome:?}");
                        if look {
                            assert_stands(&writer.zipper, &writer.oracle);
                        }
                    }
                }
            }
            Act::Commit(i) | Act::CleanUp(i) | Act::Panic(i) if !history.writers.is_empty() => {
                let Writer {
                    path,
                    zipper,
                    oracle,
                } = history.writers.swap_remove(i % history.writers.len());
                match act {
                    Act::Panic(_) => {
                        let panicked = catch_unwind(AssertUnwindSafe(|| {
                            let _zipper = zipper;
                            resume_unwind(Box::new("on purpose"));
                        }));
                        assert!(panicked.is_err());
                    }
                    Act::CleanUp(_) => {
                        head.cleanup_write_zipper(zipper);
                        history.commit(&path, oracle.model());
                        history.committed.prune_path(&path);
                    }
                    _ => {
                        drop(zipper);
                        history.commit(&path, oracle.model());
                    }
                }
            }
            Act::Clone(i) if !history.readers.is_empty() => {
                let reader = &history.readers[i % history.readers.len()];
                let clone = Reader {
                    path: reader.path.clone(),
                    zipper: reader.zipper.clone(),
                    oracle: reader.oracle.clone(),
                };
                history.readers.push(clone);
            }
            Act::Leave(i) if !history.readers.is_empty() => {
                let reader = history.readers.swap_remove(i % history.readers.len());
                assert_reads(&reader);
            }
            Act::Forget => history.writers.drain(..).for_each(|writer| {
                // Only what it holds of the trie, so that nothing leaks.
                let mut zipper = writer.zipper;
                zipper.reset();
                drop(zipper.take_map(false));
                std::mem::forget(zipper);
            }),
            _ => {}
        }
        let committed = head.read_zipper().make_map();
        assert_same(&committed, &history.committed);
    }
    history.readers.iter().for_each(assert_reads);
    while let Some(writer) = history.writers.pop() {
        drop(writer.zipper);
        history.commit(&writer.path, writer.oracle.model());
    }
    history.committed
}

fn assert_reads<V, K>(reader: &Reader<'_, V, K>)
where
    V: Seeded + Debug,
    K: PtrKind,
{
    let path = reader.path.as_deref().unwrap_or_default();
    let oracle = ModelZipper::new(reader.oracle.clone(), path);
    assert_stands(&reader.zipper, &oracle);
    assert_same(&reader.zipper.make_map(), &reader.oracle.subtrie(path));
    let witness = reader.zipper.witness();
    let entries = reader.zipper.iter_with_witness(&witness);
    assert!(
        entries
            .map(|(key, _)| key)
            .eq(oracle.iter().into_iter().map(|(key, _)| key))
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    #[test]
    fn histories_slim(script in edit_script(60), acts in acts()) {
        run_history::<u64, Slim>(&script, &acts);
    }

    #[test]
    fn histories_standard(script in edit_script(60), acts in acts()) {
        run_history::<String, Standard>(&script, &acts);
    }
}

/// Something that is done to a value, or a look at everything.
fn value_edit() -> impl Strategy<Value = Option<Edit>> {
    prop_oneof![
        4 => any::<u64>().prop_map(|seed| Some(Edit::SetVal(seed))),
        2 => Just(Some(Edit::UnsetVal)),
        2 => any::<bool>().prop_map(|prune| Some(Edit::RemoveVal(prune))),
        2 => any::<u64>().prop_map(|seed| Some(Edit::GetMut(seed))),
        2 => any::<u64>().prop_map(|seed| Some(Edit::GetOrSet(seed))),
        1 => any::<u64>().prop_map(|seed| Some(Edit::GetOrSetWith(seed))),
        1 => Just(Some(Edit::CreatePath)),
        1 => Just(None),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..Default::default() })]

    /// Writers that change one value or a few, most of them without a look at what is there.
    #[test]
    fn small_writers(
        keys in prop::collection::btree_set(prop::collection::vec(0_u8..3, 0..4), 0..60),
        dangling in prop::collection::vec(0_u8..3, 0..4),
        writers in prop::collection::vec(
            (
                prop::collection::vec(0_u8..3, 0..4),
                prop::collection::vec((prop::collection::vec(0_u8..3, 0..2), value_edit()), 0..4),
                any::<bool>(),
            ),
            0..6,
        ),
    ) {
        let keys: Vec<Key> = keys.into_iter().collect();
        let mut map: PathMap<CountedId, Slim, Ledger> = map_of(&keys);
        map.create_path(&dangling);
        let mut history = History::<CountedId, Slim> {
            committed: model_of(&keys),
            writers: Vec::new(),
            readers: Vec::new(),
        };
        history.committed.create_path(&dangling);
        let head = map.zipper_head();
        for (path, edits, snapshot) in writers {
            let snapshot = snapshot.then(|| head.read_zipper());
            let mut zipper = head.write_zipper_at_exclusive_path(&path).unwrap();
            let mut oracle = history.draft(&path);
            for (below, edit) in &edits {
                zipper.move_to_path(below);
                oracle.move_to_path(below);
                match edit {
                    Some(edit) => {
                        let outcome = apply_edit(edit, &mut zipper, &[]);
                        prop_assert!(outcome.agrees(&edit.apply(&mut oracle, &[])), "{edit:?}");
                    }
                    None => assert_stands(&zipper, &oracle),
                }
            }
            drop(zipper);
            history.commit(&path, oracle.model());
            assert_same(&head.read_zipper().make_map(), &history.committed);
            drop(snapshot);
        }
        drop(head);
        drop(map);
        prop_assert_eq!((live(), Ledger::First.bytes()), (0, 0));
    }
}

/// A writer copies nothing but the value it changes, whatever lies beside that and above it.
#[test]
fn a_small_writer_copies_one_value() {
    let keys: Vec<Key> = (0..2_000_u32).map(|i| i.to_be_bytes().to_vec()).collect();
    let mut map: PathMap<CountedId, Slim, Ledger> = map_of(&keys);
    let head = map.zipper_head();
    let copied = |path: &[u8], write: bool| {
        let before = clones();
        let mut z = head.write_zipper_at_exclusive_path(path).unwrap();
        if write {
            z.move_to_path(&keys[700][path.len()..]);
            z.set_val(CountedId::seeded(1));
        }
        drop(z);
        clones() - before
    };
    for len in 0..=4 {
        let path = &keys[700][..len];
        assert_eq!(
            (copied(path, false), copied(path, true)),
            (0, 1),
            "{path:?}"
        );
    }
    assert_eq!(copied(b"elsewhere", false), 0);
}

/// A writer that panics, is forgotten or writes nothing leaves the map as it was, and so does not the
/// head that is forgotten after a commit.
#[test]
fn what_leaves_the_committed_version_and_what_does_not() {
    let mut map = PathMap::from([("a/1", 1)]);
    let before = map.clone();
    let head = map.zipper_head();
    drop(head.write_zipper_at_exclusive_path("nowhere").unwrap());
    drop(head.write_zipper_at_exclusive_path("a").unwrap());
    assert!(head.read_zipper().make_map().ptr_eq(&before));
    let mut forgotten = head.write_zipper_at_exclusive_path("a").unwrap();
    forgotten.remove_branches(true);
    std::mem::forget(forgotten);
    assert!(head.write_zipper_at_exclusive_path("a/1").is_err());
    let mut z = head.write_zipper_at_exclusive_path("b").unwrap();
    z.set_val(2);
    drop(z);
    std::mem::forget(head);
    assert!(map.iter().eq([(b"a/1".to_vec(), &1), (b"b".to_vec(), &2)]));
}

/// A drop during a panic that was there before the zipper commits, as any other.
#[test]
fn a_zipper_made_during_a_panic_commits() {
    struct WriteOnDrop(ZipperHeadOwned<u8>);
    impl Drop for WriteOnDrop {
        fn drop(&mut self) {
            self.0.write_zipper().unwrap().set_val(7);
        }
    }
    let head = PathMap::new().into_zipper_head("");
    let guard = WriteOnDrop(head.clone());
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _guard = guard;
        resume_unwind(Box::new("on purpose"));
    }));
    assert!(panicked.is_err());
    assert_eq!(head.try_into_map().unwrap().get(""), Some(&7));
}

#[test]
fn a_thread_that_ends_in_a_panic_gives_its_path_back() {
    let head = PathMap::from([("a/1", 1)]).into_zipper_head("");
    let mut z = head.write_zipper_at_exclusive_path("a").unwrap();
    let thread = thread::spawn(move || {
        z.remove_branches(true);
        resume_unwind(Box::new("on purpose"));
    });
    assert!(thread.join().is_err());
    assert_eq!(head.acquire_write("a").val_count(), 1);
}

/// At the k-th clone and at the k-th drop of a value, for all k: the path is free, the map valid, the
/// edits there or not there as a whole, and nothing leaks.
#[test]
fn panics_of_values_leave_all_or_nothing() {
    let keys: Vec<Key> = (0..200_u8).map(|i| vec![b'k', i / 8, i % 8]).collect();
    let arm: [fn(u64); 2] = [panic_at_clone, panic_at_drop];
    let mut struck = 0;
    let paths = [&b"k\x03"[..], b"k\x03\x04"];
    let paths = paths
        .into_iter()
        .flat_map(|path| [(path, false), (path, true)]);
    for (arm, (path, look)) in arm
        .into_iter()
        .flat_map(|arm| paths.clone().map(move |path| (arm, path)))
    {
        for k in 1.. {
            let mut map: PathMap<CountedId, Slim, Ledger> = map_of(&keys);
            let snapshot = map.clone();
            let before = model_of(&keys);
            let mut after = ModelZipper::new(before.clone(), path);
            after.set_val(901);
            let head = map.zipper_head();
            arm(k);
            let mut wrote = false;
            let panicked = catch_unwind(AssertUnwindSafe(|| {
                let mut z = head.write_zipper_at_exclusive_path(path).unwrap();
                z.set_val(CountedId::seeded(901));
                wrote = true;
                assert!(!look || z.is_val());
                drop(z);
            }));
            arm(0);
            assert!(head.write_zipper().is_ok(), "no path is held");
            drop(head);
            let now = common::zip::locations(&map);
            assert!(
                now.agrees(&before) || (wrote && now.agrees(after.model())),
                "at {k}"
            );
            common::check(&map);
            assert_same(&snapshot, &before);
            drop((map, snapshot, now));
            assert_eq!((live(), Ledger::First.bytes()), (0, 0), "at {k}");
            if panicked.is_ok() {
                break;
            }
            struck += 1;
        }
    }
    assert!(struck >= 8, "values were cloned");
}

/// A look copies values; if one of them panics, what was written before is still there.
#[test]
fn a_look_that_panics_loses_no_edit() {
    let keys: Vec<Key> = (0..200_u8).map(|i| vec![b'k', i / 8, i % 8]).collect();
    let mut struck = 0;
    for k in 1.. {
        let mut map: PathMap<CountedId> = map_of(&keys);
        let head = map.zipper_head();
        let mut z = head.write_zipper_at_exclusive_path(b"k\x03").unwrap();
        z.set_val(CountedId::seeded(901));
        panic_at_clone(k);
        let looked = catch_unwind(AssertUnwindSafe(|| assert!(z.is_val())));
        panic_at_clone(0);
        drop(z);
        drop(head);
        assert_eq!(map.get(b"k\x03"), Some(&CountedId::seeded(901)), "at {k}");
        assert_eq!(map.len(), 201);
        if looked.is_ok() {
            break;
        }
        struck += 1;
    }
    assert!(struck > 0, "values were cloned");
}

/// A value that uses a head whenever it is cloned or dropped.
struct Nosy(Arc<Mutex<Option<ZipperHeadOwned<Nosy>>>>);

impl Nosy {
    fn look(&self) {
        let head = self.0.lock().unwrap().clone();
        if let Some(head) = head {
            let _ = head.read_zipper().val_count();
            let claimed = head.read_zipper_at_path("elsewhere");
            drop(claimed);
        }
    }
}

impl Clone for Nosy {
    fn clone(&self) -> Self {
        self.look();
        Self(self.0.clone())
    }
}

impl Drop for Nosy {
    fn drop(&mut self) {
        self.look();
    }
}

#[test]
fn values_that_use_the_head_do_not_deadlock() {
    let place = Arc::default();
    let mut map = PathMap::new();
    for i in 0..100_u8 {
        map.insert([b'k', i / 8, i % 8], Nosy(Arc::clone(&place)));
        map.insert([b'k', i / 8], Nosy(Arc::clone(&place)));
    }
    let head = map.into_zipper_head("");
    *place.lock().unwrap() = Some(head.clone());
    for i in 0..100_u8 {
        let snapshot = (i % 2 == 0).then(|| head.read_zipper());
        let mut z = head.write_zipper_at_exclusive_path([b'k', i / 8]).unwrap();
        if i % 4 != 0 {
            z.descend_to([i % 8]);
        }
        match i % 3 {
            0 => drop(z.remove_val(true)),
            1 => drop(z.set_val(Nosy(Arc::clone(&place)))),
            _ => drop(z.take_map(true)),
        }
        head.cleanup_write_zipper(z);
        drop(snapshot);
    }
    *place.lock().unwrap() = None;
    assert!(head.try_into_map().is_ok());
}

#[test]
fn a_writer_at_a_place_below_the_map_and_a_head_of_a_writer() {
    let mut map = PathMap::from([("te", 0), ("tea", 1), ("to", 2)]);
    let mut z = map.write_zipper_at_path("t");
    z.descend_to("e");
    let head = z.zipper_head();
    let mut a = head.write_zipper_at_exclusive_path("a").unwrap();
    let mut n = head.write_zipper_at_exclusive_path("n").unwrap();
    assert_eq!(
        (a.origin_path(), a.root_prefix_path()),
        (&b"tea"[..], &b"tea"[..])
    );
    a.set_val(10);
    n.set_val(11);
    {
        let inner = n.zipper_head();
        inner
            .write_zipper_at_exclusive_path("t")
            .unwrap()
            .set_val(12);
    }
    drop((a, n));
    assert_eq!(head.read_zipper().val_count(), 3 + 1);
    assert_eq!(head.read_zipper().origin_path(), b"te");
    drop(head);
    assert_eq!(z.val_count(), 4);
    drop(z);
    let keys = ["te", "tea", "ten", "tent", "to"].map(|key| key.as_bytes().to_vec());
    assert!(map.keys().eq(keys));
    let head = map.into_zipper_head("te");
    let mut z = head.write_zipper().unwrap();
    assert!(z.remove_branches(true));
    drop(z);
    assert_eq!(head.try_into_map().unwrap().len(), 2);
}

#[test]
fn cleaning_up_removes_what_leads_nowhere_down_to_the_head() {
    let head = PathMap::from([("ab", 1)]).into_zipper_head("a");
    let mut z = head.write_zipper_at_exclusive_path("b").unwrap();
    z.remove_val(true);
    drop(z);
    assert!(head.read_zipper_at_path("b").unwrap().path_exists());
    head.cleanup_write_zipper(head.write_zipper_at_exclusive_path("b").unwrap());
    assert!(!head.read_zipper_at_path("b").unwrap().path_exists());
    let map = head.try_into_map().unwrap();
    assert!(map.path_exists_at("a") && map.val_count() == 0);
}

#[test]
fn an_owned_map_comes_back_only_when_no_zipper_holds_a_path() {
    let head = PathMap::from([("a", 1)]).into_zipper_head("");
    let writer = head.write_zipper_at_exclusive_path("a").unwrap();
    let head = head.try_into_map().unwrap_err();
    drop(writer);
    let reader = head.read_zipper_at_path("a").unwrap();
    let head = head.try_into_map().unwrap_err();
    let snapshot = head.read_zipper();
    drop(reader);
    let mut map = head.try_into_map().unwrap();
    map.clear();
    assert_eq!(snapshot.val_at("a"), Some(&1));
}

#[test]
fn a_witness_outlives_everything_and_serves_its_own_root_alone() {
    let head = PathMap::from([("a", String::from("v"))]).into_zipper_head("");
    let mut z = head.read_zipper_at_path("a").unwrap();
    let witness = z.witness();
    let value = z.get_val_with_witness(&witness).unwrap();
    z.descend_to("elsewhere");
    drop(z);
    head.write_zipper_at_exclusive_path("a")
        .unwrap()
        .set_val(String::from("w"));
    let after = head.read_zipper_at_path("a").unwrap();
    assert_eq!(after.get_val_with_witness(&witness), None);
    assert_eq!(after.iter_with_witness(&witness).count(), 0);
    drop((after, head));
    assert_eq!(value, "v");
}

/// Wakes by counting.
#[derive(Default)]
struct Bell(AtomicUsize);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Relaxed);
    }
}

#[test]
fn a_future_waits_for_its_turn_wakes_once_and_may_be_dropped() {
    let head = PathMap::<u8>::new().into_zipper_head("");
    let bell = Arc::new(Bell::default());
    let waker = Waker::from(bell.clone());
    let mut context = Context::from_waker(&waker);
    let z = head.write_zipper_at_exclusive_path("ab").unwrap();
    let mut next = pin!(head.acquire_write_async("a"));
    assert!(next.as_mut().poll(&mut context).is_pending());
    {
        let mut dropped = pin!(head.acquire_read_async("a"));
        assert!(dropped.as_mut().poll(&mut context).is_pending());
    }
    let mut reader = pin!(head.acquire_read_async("b"));
    assert!(reader.as_mut().poll(&mut context).is_ready());
    drop(z);
    assert_eq!(bell.0.load(Relaxed), 1);
    let Poll::Ready(mut z) = next.as_mut().poll(&mut context) else {
        panic!("it is its turn");
    };
    z.set_val(1);
    let z: WriteZipperTracked<'static, u8> = z;
    thread::spawn(move || drop(z)).join().unwrap();
    assert_eq!(head.acquire_read("a").val(), Some(&1));
}

#[test]
fn those_who_wait_come_in_the_order_of_their_arrival() {
    let head = PathMap::<Vec<usize>>::new().into_zipper_head("");
    let first = head.acquire_write("q");
    let mut threads = Vec::new();
    for i in 0..6 {
        let waiting = head.clone();
        let path = ["q", "qa"][i % 2];
        let mut queued = Box::pin(head.acquire_write_async(path));
        assert!(
            queued
                .as_mut()
                .poll(&mut Context::from_waker(Waker::noop()))
                .is_pending()
        );
        threads.push(thread::spawn(move || {
            let mut z = loop {
                let poll = queued
                    .as_mut()
                    .poll(&mut Context::from_waker(Waker::noop()));
                match poll {
                    Poll::Ready(z) => break z,
                    Poll::Pending => thread::yield_now(),
                }
            };
            z.get_val_or_set_mut(Vec::new()).push(i);
            drop(z);
            drop(waiting);
        }));
    }
    assert!(
        head.acquire_write_timeout("q", Duration::from_millis(1))
            .is_err()
    );
    drop(first);
    threads
        .into_iter()
        .for_each(|thread| thread.join().unwrap());
    let map = head.try_into_map().unwrap();
    assert_eq!(map.get("q"), Some(&vec![0, 2, 4]));
    assert_eq!(map.get("qa"), Some(&vec![1, 3, 5]));
}

#[test]
fn disjoint_writers_commit_beside_each_other_and_a_reader_sees_whole_commits() {
    let mut map: PathMap<u64> = PathMap::new();
    let head = map.zipper_head();
    let start = Barrier::new(5);
    thread::scope(|s| {
        for t in 0..4_u8 {
            let (head, start) = (&head, &start);
            s.spawn(move || {
                start.wait();
                for round in 1..=100 {
                    let mut z = head.acquire_write([t]);
                    for i in 0..40_u8 {
                        z.move_to_path([i]);
                        z.set_val(round);
                    }
                }
            });
        }
        s.spawn(|| {
            start.wait();
            let mut last = [0; 4];
            while last != [100; 4] {
                let z = head.read_zipper();
                for t in 0..4_u8 {
                    let rounds = (0..40_u8).map(|i| *z.val_at([t, i]).unwrap_or(&0));
                    let rounds: Vec<_> = rounds.collect();
                    assert!(rounds.iter().all(|&round| round == rounds[0]), "{rounds:?}");
                    assert!(rounds[0] >= last[t as usize], "back in time");
                    last[t as usize] = rounds[0];
                }
            }
        });
    });
    drop(head);
    assert_eq!(map.len(), 160);
}
