//! Collecting in parallel.

use crate::{PathMap, PathSet};
use pleach_ptr::{PtrKind, SharedAllocator};
use rayon::prelude::*;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// No part with fewer entries is worth a task of its own.
const LEAST: usize = 1024;

/// Parts for each thread: some take longer than others.
const PARTS: usize = 4;

/// A part of a map, and what is to be inserted there, sorted.
type Part<P, V, K, A> = (PathMap<V, K, A>, Vec<(P, V)>);

impl<P, V, K, A> FromParallelIterator<(P, V)> for PathMap<V, K, A>
where
    P: AsRef<[u8]> + Send,
    V: Clone + Send + Sync,
    K: PtrKind,
    A: SharedAllocator + Default + Send,
{
    /// A map of the entries; of those with the same key, the last stays, in the order of the iterator.
    fn from_par_iter<I: IntoParallelIterator<Item = (P, V)>>(entries: I) -> Self {
        let mut map = Self::default();
        map.par_extend(entries);
        map
    }
}

impl<P, V, K, A> ParallelExtend<(P, V)> for PathMap<V, K, A>
where
    P: AsRef<[u8]> + Send,
    V: Clone + Send + Sync,
    K: PtrKind,
    A: SharedAllocator + Send,
{
    /// Inserts the entries; of those with the same key, the last stays, in the order of the iterator.
    ///
    /// The iterator runs to its end before anything is inserted, so a panic there leaves the map as
    /// it was. A panic of a value's `Clone`, which is called where nodes are shared, or `Drop` leaves
    /// the map valid: with some of the entries, and perhaps without a branch that was on its way.
    fn par_extend<I: IntoParallelIterator<Item = (P, V)>>(&mut self, entries: I) {
        let mut entries: Vec<(P, V)> = entries.into_par_iter().collect();
        // Stable: of equal keys the last stays the last. std sorts faster than rayon does on one
        // thread, and rayon merges what is sorted already.
        let by_key = |a: &(P, V), b: &(P, V)| a.0.as_ref().cmp(b.0.as_ref());
        let run = entries.len().div_ceil(rayon::current_num_threads());
        let runs = entries.par_chunks_mut(run.max(LEAST));
        runs.for_each(|run| run.sort_by(by_key));
        entries.par_sort_by(by_key);
        let mut parts = Vec::new();
        let inserted = catch_unwind(AssertUnwindSafe(|| {
            divide(self, entries, &mut parts);
            parts.par_iter_mut().for_each(|(map, entries)| {
                map.extend(last_of_each(mem::take(entries)));
            });
        }));
        for (mut part, _) in parts.into_iter().rev() {
            self.append(&mut part);
        }
        if let Err(panic) = inserted {
            resume_unwind(panic);
        }
    }
}

/// Cuts sorted entries, and the map they go to, into parts that can be worked on in parallel, last
/// first. `map` is left empty, but for what is not cut yet when a value's `Clone` panics.
fn divide<P, V, K, A>(
    map: &mut PathMap<V, K, A>,
    mut entries: Vec<(P, V)>,
    parts: &mut Vec<Part<P, V, K, A>>,
) where
    P: AsRef<[u8]>,
    V: Clone,
    K: PtrKind,
    A: SharedAllocator,
{
    let most = (rayon::current_num_threads() * PARTS).min(entries.len() / LEAST);
    let step = entries.len().div_ceil(most.max(1));
    while entries.len() > step {
        let key = entries[entries.len() - step].0.as_ref();
        // All entries of a key go to one part.
        let cut = entries.partition_point(|(path, _)| path.as_ref() < key);
        let after = map.split_off(key);
        parts.push((after, entries.split_off(cut)));
    }
    let rest = PathMap::with_kind_in(map.trie.allocator().clone());
    parts.push((mem::replace(map, rest), entries));
}

/// Entries without those whose key comes again. They are sorted.
fn last_of_each<P: AsRef<[u8]>, V>(mut entries: Vec<(P, V)>) -> Vec<(P, V)> {
    entries.dedup_by(|later, last| {
        let again = later.0.as_ref() == last.0.as_ref();
        if again {
            mem::swap(later, last);
        }
        again
    });
    entries
}

impl<'a, P, V, K, A> ParallelExtend<(&'a P, &'a V)> for PathMap<V, K, A>
where
    P: AsRef<[u8]> + ?Sized + Sync,
    V: Copy + Send + Sync,
    K: PtrKind,
    A: SharedAllocator + Send,
{
    fn par_extend<I: IntoParallelIterator<Item = (&'a P, &'a V)>>(&mut self, entries: I) {
        self.par_extend(entries.into_par_iter().map(|(path, &value)| (path, value)));
    }
}

impl<P, K, A> FromParallelIterator<P> for PathSet<K, A>
where
    P: AsRef<[u8]> + Send,
    K: PtrKind,
    A: SharedAllocator + Default + Send,
{
    fn from_par_iter<I: IntoParallelIterator<Item = P>>(keys: I) -> Self {
        let mut set = Self::default();
        set.par_extend(keys);
        set
    }
}

impl<P, K, A> ParallelExtend<P> for PathSet<K, A>
where
    P: AsRef<[u8]> + Send,
    K: PtrKind,
    A: SharedAllocator + Send,
{
    fn par_extend<I: IntoParallelIterator<Item = P>>(&mut self, keys: I) {
        let entries = keys.into_par_iter().map(|key| (key, ()));
        self.as_map_mut().par_extend(entries);
    }
}
