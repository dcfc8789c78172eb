//! A store of runs of units: taking one and giving it back are O(1), and neighbours coalesce.
//!
//! This is the good-fit scheme of TLSF (M. Masmano, I. Ripoll, A. Crespo, J. Real: *TLSF: a new
//! dynamic memory allocator for real-time systems*, 2004), with its tags beside the memory and not
//! in it. Free runs hang in bins by size, sixteen for each doubling; a bitmap finds the first bin
//! whose runs are all long enough. Where it finds none, a few runs of the bin below are looked at,
//! so that a run that fits is missed only behind many that do not.
//!
//! ```text
//!   units   | free run of 4         | used run of 2 | free ...
//!   tags    | 4F |    |    | 4F     | 2   | 2       | ...
//!   links   | bin's next, previous
//! ```

use crate::memory::geometry::NIL;

/// Marks the tag of a free run.
const FREE: u32 = 1 << 31;

/// The longest run.
pub(crate) const RUN_MAX: u32 = FREE - 1;

/// The bins of each doubling, as a logarithm.
const SPLIT_LOG: u32 = 4;

/// The bins up to [`RUN_MAX`].
const BINS: usize = (31 - SPLIT_LOG as usize + 1) << SPLIT_LOG;

/// How many runs of a bin are looked at that may be too short.
const LOOKS: usize = 16;

/// The store. Units are numbered; each has tags whether it is in a run or not.
#[derive(Debug)]
pub(crate) struct Runs {
    units: Vec<Unit>,
    bins: [u32; BINS],
    occupied: [u64; BINS.div_ceil(64)],
    free_units: usize,
}

/// What the store keeps of a unit.
#[derive(Debug, Clone, Copy)]
struct Unit {
    /// At both ends of a run: its length, and whether it is free. Elsewhere old news.
    tag: u32,
    /// At the first unit of a free run: its neighbours in its bin.
    next: u32,
    previous: u32,
}

/// A unit that is in no run, which nothing coalesces with.
const BARRIER: Unit = Unit {
    tag: 0,
    next: NIL,
    previous: NIL,
};

/// The bin that a run of this length hangs in.
const fn bin_of(length: u32) -> usize {
    if length < 1 << SPLIT_LOG {
        return length as usize;
    }
    let log = length.ilog2();
    let part = (length >> (log - SPLIT_LOG)) as usize & ((1 << SPLIT_LOG) - 1);
    ((log - SPLIT_LOG + 1) as usize) << SPLIT_LOG | part
}

/// The first bin whose runs are all at least so long.
const fn bin_above(length: u32) -> usize {
    if length < 1 << SPLIT_LOG {
        return length as usize;
    }
    let step = 1 << (length.ilog2() - SPLIT_LOG);
    bin_of(length + (step - 1))
}

impl Runs {
    /// Bytes of tables for each unit.
    pub(crate) const UNIT_OVERHEAD: usize = size_of::<Unit>();

    pub(crate) const fn new() -> Self {
        Self {
            units: Vec::new(),
            bins: [NIL; BINS],
            occupied: [0; BINS.div_ceil(64)],
            free_units: 0,
        }
    }

    /// How many units are free.
    pub(crate) const fn free_units(&self) -> usize {
        self.free_units
    }

    /// How many units have a number.
    pub(crate) fn len(&self) -> usize {
        self.units.len()
    }

    /// Numbers units up to `len` (not included) if there is memory for their tags.
    pub(crate) fn reserve(&mut self, len: usize) -> bool {
        let more = len.saturating_sub(self.units.len());
        if self.units.try_reserve_exact(more).is_err() {
            return false;
        }
        self.units.resize(self.units.len() + more, BARRIER);
        true
    }

    /// Adds a free run of units that are numbered, are in none, and lie between such.
    pub(crate) fn add(&mut self, start: u32, length: u32) {
        self.free_units += length as usize;
        self.insert(start, length);
    }

    /// Takes away a free run, which becomes units in no run.
    pub(crate) fn remove(&mut self, start: u32) {
        let length = self.units[start as usize].tag & !FREE;
        self.unlink(start, length);
        self.units[start as usize] = BARRIER;
        self.units[(start + length - 1) as usize] = BARRIER;
        self.free_units -= length as usize;
    }

    /// Takes a run of this length whose first unit is a multiple of `align`.
    pub(crate) fn take(&mut self, length: u32, align: u32) -> Option<u32> {
        let wanted = length.checked_add(align - 1).filter(|&n| n <= RUN_MAX)?;
        let found = self.find(wanted)?;
        let whole = self.units[found as usize].tag & !FREE;
        self.unlink(found, whole);
        let start = found.next_multiple_of(align);
        let (before, after) = (start - found, whole - (start - found) - length);
        if before > 0 {
            self.insert(found, before);
        }
        if after > 0 {
            self.insert(start + length, after);
        }
        self.tag(start, length, 0);
        self.free_units -= length as usize;
        Some(start)
    }

    /// Gives back a run that was taken. Returns the free run that it is part of now.
    pub(crate) fn give(&mut self, start: u32) -> (u32, u32) {
        let length = self.length(start);
        self.free_units += length as usize;
        let (mut first, mut whole) = (start, length);
        if let Some(before) = self.free_run_at(start.checked_sub(1)) {
            first -= before;
            whole += before;
            self.unlink(first, before);
        }
        if let Some(after) = self.free_run_at(Some(start + length)) {
            self.unlink(start + length, after);
            whole += after;
        }
        self.insert(first, whole);
        (first, whole)
    }

    /// The length of a run that is taken.
    pub(crate) fn length(&self, start: u32) -> u32 {
        let tag = self.units[start as usize].tag;
        debug_assert!(tag & FREE == 0 && tag > 0, "the run is taken");
        tag
    }

    /// The length of the longest free run (of the first few of its bin).
    pub(crate) fn longest(&self) -> u32 {
        let Some(bin) = self.last_bin() else {
            return 0;
        };
        let tags = self.looks(bin).map(|run| self.units[run as usize].tag);
        tags.max().map_or(0, |tag| tag & !FREE)
    }

    /// The free runs, as first units and lengths.
    pub(crate) fn free_runs(&self) -> impl Iterator<Item = (u32, u32)> {
        let heads = self.bins.iter().filter(|&&head| head != NIL);
        heads.flat_map(|&head| {
            let next = |&run: &u32| Some(self.units[run as usize].next).filter(|&run| run != NIL);
            let runs = std::iter::successors(Some(head), next);
            runs.map(|run| (run, self.units[run as usize].tag & !FREE))
        })
    }

    /// A free run that is at least so long.
    fn find(&self, length: u32) -> Option<u32> {
        if let Some(bin) = self.first_bin(bin_above(length)) {
            return Some(self.bins[bin]);
        }
        let fits = |&run: &u32| self.units[run as usize].tag & !FREE >= length;
        self.looks(bin_of(length)).find(fits)
    }

    /// The first few runs of a bin.
    fn looks(&self, bin: usize) -> impl Iterator<Item = u32> {
        let next = |&run: &u32| Some(self.units[run as usize].next).filter(|&run| run != NIL);
        let head = Some(self.bins[bin]).filter(|&run| run != NIL);
        std::iter::successors(head, next).take(LOOKS)
    }

    /// The first bin from this one on that has a run.
    fn first_bin(&self, from: usize) -> Option<usize> {
        let mut word = from / 64;
        let mut bits = *self.occupied.get(word)? & (u64::MAX << (from % 64));
        while bits == 0 {
            word += 1;
            bits = *self.occupied.get(word)?;
        }
        Some(word * 64 + bits.trailing_zeros() as usize)
    }

    fn last_bin(&self) -> Option<usize> {
        let word = self.occupied.iter().rposition(|&bits| bits != 0)?;
        Some(word * 64 + self.occupied[word].ilog2() as usize)
    }

    /// The length of the free run that has an end at this unit.
    fn free_run_at(&self, unit: Option<u32>) -> Option<u32> {
        let tag = self.units.get(unit? as usize)?.tag;
        (tag & FREE != 0).then_some(tag & !FREE)
    }

    fn insert(&mut self, start: u32, length: u32) {
        let bin = bin_of(length);
        let next = self.bins[bin];
        self.tag(start, length, FREE);
        self.units[start as usize].next = next;
        self.units[start as usize].previous = NIL;
        if next != NIL {
            self.units[next as usize].previous = start;
        }
        self.bins[bin] = start;
        self.occupied[bin / 64] |= 1 << (bin % 64);
    }

    fn unlink(&mut self, start: u32, length: u32) {
        let bin = bin_of(length);
        let Unit { next, previous, .. } = self.units[start as usize];
        if next != NIL {
            self.units[next as usize].previous = previous;
        }
        if previous != NIL {
            self.units[previous as usize].next = next;
            return;
        }
        self.bins[bin] = next;
        if next == NIL {
            self.occupied[bin / 64] &= !(1 << (bin % 64));
        }
    }

    /// Writes the tags of a run. Of a free one only the ends are looked at, and tags inside it are
    /// old news that nobody reads: a unit is an end when its neighbour's run says so.
    fn tag(&mut self, start: u32, length: u32, flag: u32) {
        self.units[start as usize].tag = length | flag;
        self.units[(start + length - 1) as usize].tag = length | flag;
    }
}

#[cfg(all(test, not(any(pleach_loom, pleach_shuttle))))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn store(units: u32) -> Runs {
        let mut runs = Runs::new();
        assert!(runs.reserve(units as usize + 2));
        runs.add(1, units);
        runs
    }

    #[test]
    fn bins_rise_with_the_length() {
        let lengths = (0..4096).chain([RUN_MAX / 2, RUN_MAX - 1, RUN_MAX]);
        let bins: Vec<_> = lengths.clone().map(bin_of).collect();
        assert!(bins.is_sorted());
        assert!(*bins.last().unwrap() < BINS);
        for length in 1..4096 {
            let bin = bin_above(length);
            assert!(bin == bin_of(length) || bin == bin_of(length) + 1);
        }
    }

    #[test]
    fn all_can_be_taken_at_once_and_again() {
        for units in [1, 15, 16, 17, 1000, 1 << 16] {
            let mut runs = store(units);
            let start = runs.take(units, 1).unwrap();
            assert_eq!((start, runs.free_units(), runs.longest()), (1, 0, 0));
            assert_eq!(runs.take(1, 1), None);
            assert_eq!(runs.give(start), (1, units));
            assert_eq!(runs.longest(), units);
        }
    }

    #[test]
    fn a_start_is_aligned_and_what_lies_before_it_stays_free() {
        let mut runs = store(64);
        let start = runs.take(4, 8).unwrap();
        assert_eq!(start, 8);
        assert_eq!(runs.free_units(), 60);
        assert_eq!(runs.give(start), (1, 64));
    }

    #[test]
    fn a_removed_run_is_a_barrier() {
        let mut runs = Runs::new();
        assert!(runs.reserve(32));
        runs.add(1, 10);
        runs.add(12, 10);
        runs.remove(1);
        let start = runs.take(10, 1).unwrap();
        assert_eq!((start, runs.take(1, 1)), (12, None));
        assert_eq!(runs.give(start), (12, 10));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn runs_are_disjoint_and_add_up(script in prop::collection::vec((any::<bool>(), 1u32..60, 0u32..4), 1..200)) {
            const UNITS: u32 = 500;
            let mut runs = store(UNITS);
            let mut taken: Vec<(u32, u32)> = Vec::new();
            for (take, n, align) in script {
                if take || taken.is_empty() {
                    let align = 1 << align;
                    match runs.take(n, align) {
                        Some(start) => {
                            prop_assert!(start.is_multiple_of(align));
                            prop_assert!(start >= 1 && start + n <= UNITS + 1);
                            prop_assert!(taken.iter().all(|&(s, l)| start + n <= s || s + l <= start));
                            taken.push((start, n));
                        }
                        None => prop_assert!(runs.longest() < n + align - 1),
                    }
                } else {
                    let (start, length) = taken.swap_remove(n as usize % taken.len());
                    prop_assert_eq!(runs.length(start), length);
                    runs.give(start);
                }
                let used: u32 = taken.iter().map(|&(_, length)| length).sum();
                prop_assert_eq!(runs.free_units(), (UNITS - used) as usize);
                let free: u32 = runs.free_runs().map(|(_, length)| length).sum();
                prop_assert_eq!(free, UNITS - used);
            }
            for (start, _) in taken {
                runs.give(start);
            }
            prop_assert_eq!(runs.free_runs().collect::<Vec<_>>(), vec![(1, UNITS)]);
        }
    }
}
