//! Scenarios of the slim pointer that are too large for loom: eight threads with trees that share
//! their nodes, under random schedules.
//!
//! Run with `cargo xtask shuttle`. Every tree has a model beside it, which holds the values alone.

#![cfg(pleach_shuttle)]

mod common;

use std::sync::Arc;

use pleach_atomic::model::{below, random};
use pleach_atomic::sync::Mutex;
use pleach_atomic::thread::{self, JoinHandle};
use pleach_ptr::{Shared, Slim};

use common::{Leaky, Live, Watched};

/// How many threads there are in a scenario, the first included.
const THREADS: usize = 8;

/// What each thread does with its tree.
const STEPS: usize = 8;

/// Bits of a key, one for each level.
const BITS: usize = 3;

/// A binary trie of copy-on-write nodes.
#[derive(Clone)]
struct Tree(Shared<Node>);

#[derive(Clone)]
struct Node {
    value: Watched,
    children: [Option<Shared<Node>>; 2],
}

/// What a tree has to hold: a value for each key, zero for none.
type Model = [u32; 1 << BITS];

/// The keys that begin with the first bits of `key`.
fn below_prefix(key: usize, bits: usize) -> impl Iterator<Item = usize> {
    (0..1 << BITS).filter(move |other| other >> (BITS - bits) == key >> (BITS - bits))
}

/// The bit of `key` that chooses at this level.
fn bit(key: usize, level: usize) -> usize {
    (key >> (BITS - 1 - level)) & 1
}

impl Tree {
    fn new(live: &Live) -> Self {
        Self(Shared::new(Node::new(live)))
    }

    fn get(&self, key: usize) -> u32 {
        let mut node = &self.0;
        for level in 0..BITS {
            match &node.children[bit(key, level)] {
                Some(child) => node = child,
                None => return 0,
            }
        }
        node.value.get()
    }

    /// Writes where it is alone and copies what it shares.
    fn set(&mut self, live: &Live, key: usize, value: u32) {
        let mut node = Shared::make_mut(&mut self.0);
        for level in 0..BITS {
            let child = &mut node.children[bit(key, level)];
            let child = child.get_or_insert_with(|| Shared::new(Node::new(live)));
            node = Shared::make_mut(child);
        }
        node.value.set(value);
    }

    /// The place of the branch that the first `bits` of `key` lead to, if its parent exists.
    fn place(&mut self, key: usize, bits: usize) -> Option<&mut Option<Shared<Node>>> {
        let mut node = Shared::make_mut(&mut self.0);
        for level in 0..bits - 1 {
            let child = node.children[bit(key, level)].as_mut()?;
            node = Shared::make_mut(child);
        }
        Some(&mut node.children[bit(key, bits - 1)])
    }
}

impl Node {
    fn new(live: &Live) -> Self {
        Self {
            value: Watched::new(live, 0),
            children: [None, None],
        }
    }
}

/// A tree and what it has to hold.
#[derive(Clone)]
struct Pair {
    tree: Tree,
    model: Model,
}

impl Pair {
    fn new(live: &Live) -> Self {
        let mut pair = Self {
            tree: Tree::new(live),
            model: [0; 1 << BITS],
        };
        for key in [1, 2, 3, 6] {
            pair.set(live, key, 100);
        }
        pair
    }

    fn set(&mut self, live: &Live, key: usize, value: u32) {
        self.tree.set(live, key, value);
        self.model[key] = value;
    }

    /// Takes a branch over from another tree, or what it has in place of one: nothing.
    fn graft(&mut self, other: &mut Self, key: usize, bits: usize) {
        let branch = other.tree.place(key, bits).and_then(|place| place.clone());
        let Some(place) = self.tree.place(key, bits) else {
            return;
        };
        *place = branch;
        for key in below_prefix(key, bits) {
            self.model[key] = other.model[key];
        }
    }

    fn check(&self) {
        for (key, &value) in self.model.iter().enumerate() {
            assert_eq!(self.tree.get(key), value, "key {key}");
        }
    }
}

/// Runs a scenario, and checks that each of its executions leaves no value behind.
fn scenario(name: &str, iterations: usize, model: impl Fn(&Live) + Send + Sync + 'static) {
    random(name, iterations, move || {
        let live = Live::default();
        model(&live);
        assert_eq!(live.count(), 0, "values alive at the end");
    });
}

/// Runs one thread for each number below `THREADS`, number 0 here, and waits for all.
fn on_threads<T: Send + 'static>(work: impl Fn(usize) -> T + Clone + Send + 'static) -> Vec<T> {
    let others: Vec<JoinHandle<T>> = (1..THREADS)
        .map(|number| {
            let work = work.clone();
            thread::spawn(move || work(number))
        })
        .collect();
    let mut results = vec![work(0)];
    results.extend(others.into_iter().map(|other| other.join().unwrap()));
    results
}

/// What threads do with trees that pass from one to the other.
fn edit(live: &Live, slots: &[Mutex<Pair>], mut own: Pair, number: usize) {
    for step in 0..STEPS {
        let (key, slot) = (below(1 << BITS), below(slots.len()));
        match below(5) {
            0 => {
                let value = u32::try_from(1 + number * STEPS + step).unwrap();
                own.set(live, key, value);
            }
            1 => {
                let copy = slots[slot].lock().unwrap().clone();
                own = copy;
            }
            2 => *slots[slot].lock().unwrap() = own.clone(),
            3 => {
                let mut other = slots[slot].lock().unwrap().clone();
                own.graft(&mut other, key, 1 + below(BITS));
                other.check();
            }
            _ => own.check(),
        }
    }
    own.check();
}

#[test]
fn trees_that_pass_between_threads_stay_equal_to_their_models() {
    let name = "trees_that_pass_between_threads_stay_equal_to_their_models";
    scenario(name, 30_000, |live| {
        let first = Pair::new(live);
        let slots = [first.clone(), first.clone()].map(Mutex::new);
        let slots: Arc<[Mutex<Pair>]> = Arc::from(slots);
        let work = {
            let (live, slots) = (live.clone(), Arc::clone(&slots));
            move |number| edit(&live, &slots, first.clone(), number)
        };
        on_threads(work);
        for slot in &*slots {
            slot.lock().unwrap().check();
        }
    });
}

#[test]
fn each_thread_writes_a_copy_of_one_tree() {
    scenario("each_thread_writes_a_copy_of_one_tree", 30_000, |live| {
        let first = Pair::new(live);
        let written = {
            let (live, first) = (live.clone(), first.clone());
            on_threads(move |number| {
                let mut own = first.clone();
                own.set(&live, number, 1);
                own.check();
                own
            })
        };
        first.check();
        for pair in &written {
            pair.check();
        }
    });
}

#[test]
fn one_of_eight_owners_gets_the_value() {
    scenario("one_of_eight_owners_gets_the_value", 30_000, |live| {
        let owners: Vec<_> = {
            let owner = Shared::new(Watched::new(live, 1));
            let others = (1..THREADS)
                .map(|_| Some(owner.clone()))
                .collect::<Vec<_>>();
            others.into_iter().chain([Some(owner)]).collect()
        };
        let owners = Arc::new(owners.into_iter().map(Mutex::new).collect::<Vec<_>>());
        let taken = on_threads(move |number| {
            let owner = owners[number].lock().unwrap().take().unwrap();
            assert_eq!(owner.get(), 1);
            let mut value = Shared::into_inner(owner)?;
            value.set(2);
            Some(value)
        });
        assert_eq!(taken.iter().flatten().count(), 1);
    });
}

#[test]
fn a_saturated_block_is_never_freed() {
    random("a_saturated_block_is_never_freed", 3_000, || {
        let blocks = Leaky::default();
        let first = Shared::<u32, Slim, Leaky>::new_in(1, blocks.clone());
        let owners = {
            let first = first.clone();
            // 320 in all: more than are counted exactly here.
            on_threads(move |_| (0..40).map(|_| first.clone()).collect::<Vec<_>>())
        };
        let owners = Arc::new(owners.into_iter().map(Mutex::new).collect::<Vec<_>>());
        on_threads(move |number| {
            let mut owners = owners[number].lock().unwrap();
            assert!(owners.iter().all(|owner| !Shared::is_unique(owner)));
            owners.clear();
        });
        assert_eq!((*first, Shared::is_unique(&first)), (1, false));
        drop(first);
        assert_eq!(blocks.freed(), 0);
    });
}
