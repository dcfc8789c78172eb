//! A growing pool that threads share: one structure, which levels 2 to 4 enter by different doors.
//!
//! Innermost first:
//!
//! - [`words`]: tables of words beside blocks;
//! - [`segment`]: segments, and the table that finds them;
//! - [`list`]: lock-free stacks of indices;
//! - [`small`]: lists of free blocks by class, and where new ones are carved;
//! - [`large`]: pages and huge blocks, behind one lock;
//! - [`fence`], [`local`], [`registry`]: what a thread has for itself;
//! - [`reclaim`]: what nobody uses goes back;
//! - here: the doors, handles and statistics.
//!
//! Locks are taken in this order: a class's (level 2; never two of them), the one of maintenance,
//! then the registry's or the one of large blocks. None is held while another pool or user code is
//! called, and level 2 lets go of its own before maintenance.

mod fence;
mod large;
mod list;
mod local;
mod reclaim;
mod registry;
mod segment;
mod small;
mod stats;
mod words;

use std::ptr::NonNull;

use pleach_atomic::atomic::{AtomicUsize, Ordering};
#[cfg(any(pleach_loom, pleach_shuttle))]
use pleach_atomic::model::planted;
use pleach_atomic::stat::Tally;
use pleach_atomic::sync::Mutex;
use pleach_atomic::sync::counted::{Arc, Weak};

use self::large::Large;
use self::list::{BATCH_MAX, List};
use self::local::{Counts, Local};
use self::registry::Registry;
use self::segment::{Segment, Table, Use};
use self::small::ClassList;
pub(crate) use self::stats::Observed;
use crate::class::{CLASSES, Class};
use crate::config::FiveLevelPoolConfig;
use crate::error::{AllocError, FreeError, PoolError};
use crate::handle::{Generation, Handle, PoolId};
use crate::memory::geometry::{self, Geometry, HEADER_BYTES, PAGE_BYTES, SpanId};
use crate::memory::large::Kind;
use crate::memory::region::Region;

/// The door by which small blocks go in and out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    /// Level 2: the class's lock.
    Locked,
    /// Level 3: the class's list.
    LockFree,
    /// Level 4: the thread's magazine.
    Cached,
}

/// The pool.
#[derive(Debug)]
pub(crate) struct Core {
    /// For threads that have a local of it.
    me: Weak<Self>,
    id: PoolId,
    geometry: Geometry,
    limit: usize,
    huge_pages: bool,
    /// How many blocks of each class a magazine has.
    magazine_limits: [u32; CLASSES],
    table: Table,
    classes: Box<[ClassList]>,
    free_spans: List,
    committed: AtomicUsize,
    large: Mutex<Large>,
    /// Held by who drains, reclaims or trims.
    maintenance: Mutex<()>,
    registry: Registry,
    /// The counts of threads that have no local any more.
    outside: [Counts; CLASSES],
    contended: Tally,
    failed: Tally,
}

/// Why there is no block.
#[derive(Debug, Clone, Copy)]
enum Short {
    /// The limit is reached, or the numbers of segments are used up.
    Full,
    /// The system has none.
    NoMemory,
}

impl Core {
    pub(crate) fn new(config: &FiveLevelPoolConfig) -> Result<Arc<Self>, PoolError> {
        config.validate()?;
        let geometry = Geometry::new(config.segment_bytes);
        let limit = |class: Class| config.magazine_bytes.min(4096 * class.size()) / class.size();
        let mut limits = Class::all().map(limit);
        let table = Table::new(geometry).ok_or(PoolError::OutOfMemory {
            bytes: geometry.segments_max() * size_of::<usize>(),
        })?;
        Ok(Arc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            id: PoolId::fresh(),
            geometry,
            limit: config.max_bytes.unwrap_or(usize::MAX),
            huge_pages: config.huge_pages,
            magazine_limits: std::array::from_fn(|_| limits.next().unwrap_or(0) as u32),
            table,
            classes: Class::all().map(|_| ClassList::new()).collect(),
            free_spans: List::new(),
            committed: AtomicUsize::new(0),
            large: Mutex::new(Large::new(geometry)),
            maintenance: Mutex::new(()),
            registry: Registry::new(),
            outside: std::array::from_fn(|_| Counts::default()),
            contended: Tally::new(0),
            failed: Tally::new(0),
        }))
    }

    /// Takes a block for a size, which is not zero, and an alignment.
    #[inline(always)]
    pub(crate) fn take(
        &self,
        door: Door,
        size: usize,
        align: usize,
    ) -> Result<(NonNull<u8>, usize), AllocError> {
        let Some(class) = Class::of(size, align) else {
            return self.take_by_layout(size, align);
        };
        match self.take_small(door, class) {
            Ok(block) => Ok((block, class.size())),
            Err(short) => Err(self.failure(short, size)),
        }
    }

    #[cold]
    fn take_by_layout(
        &self,
        size: usize,
        align: usize,
    ) -> Result<(NonNull<u8>, usize), AllocError> {
        let kind = Kind::of(self.geometry, size, align).inspect_err(|_| self.count_failure())?;
        match self.take_large(kind) {
            Ok(block) => Ok((block, kind.bytes())),
            Err(short) => Err(self.failure(short, size)),
        }
    }

    /// Takes back a block that `take` gave for this size and alignment, and that nobody uses.
    ///
    /// # Safety
    ///
    /// As it says.
    #[inline]
    pub(crate) unsafe fn give(&self, door: Door, block: NonNull<u8>, size: usize, align: usize) {
        match Class::of(size, align) {
            // SAFETY: the caller's promise.
            Some(class) => unsafe { self.give_small(door, class, block) },
            // SAFETY: the caller's promise.
            None => unsafe { self.give_large(block) },
        }
    }

    /// Tells whether blocks of two layouts are the same.
    pub(crate) fn is_same_kind(&self, a: (usize, usize), b: (usize, usize)) -> bool {
        let kind = |(size, align)| Kind::of(self.geometry, size, align);
        kind(a) == kind(b)
    }

    /// Takes a block and names it.
    #[inline]
    pub(crate) fn alloc(
        &self,
        door: Door,
        size: usize,
        align: usize,
    ) -> Result<Handle, AllocError> {
        let (block, _) = self.take(door, size, align)?;
        // SAFETY: the block was just given out for this layout.
        let index = unsafe {
            match Class::of(size, align) {
                Some(class) => self.index(block, class),
                None => self.large_index(block, size, align),
            }
        };
        let (id, slot) = self.geometry.locate(index);
        let segment = self.table.get(id.segment).expect("a block has a segment");
        let generations = &segment.span(id.span).generations;
        let word = match generations.get(slot) {
            Some(word) => word,
            None => generations.make(slot, self.words_of(segment, id)),
        };
        // Relaxed: the block is ours, and nobody changes the word of a block that no handle names.
        let generation = Generation::from_word(word.load(Ordering::Relaxed)).next();
        word.store(generation.word(), Ordering::Relaxed);
        Ok(Handle::new(self.id, index, generation))
    }

    /// How many blocks of a span have words.
    #[cold]
    fn words_of(&self, segment: &Segment, id: SpanId) -> u32 {
        match (segment.used_for, segment.span(id.span).class()) {
            (Use::Small, Some(class)) => geometry::slots(id.span, class),
            (Use::Pages { .. }, _) => large::PAGES_PER_SPAN,
            _ => 1,
        }
    }

    /// Frees the block of a handle.
    #[inline]
    pub(crate) fn free(&self, door: Door, handle: Handle) -> Result<(), FreeError> {
        let (index, generation) = handle.resolve(self.id).ok_or(FreeError::Foreign)?;
        let (id, slot) = self.geometry.locate(index);
        let segment = self.table.get(id.segment).ok_or(FreeError::Stale)?;
        let span = segment.span(id.span);
        let word = span.generations.get(slot).ok_or(FreeError::Stale)?;
        if !generation.is_named() || !claim(word, generation) {
            return Err(FreeError::Stale);
        }
        let retired = generation.next().is_retired();
        match (segment.used_for, span.class()) {
            (Use::Small, Some(class)) if retired => {
                self.classes[class.index()].retired.add(1);
                self.count_free(class);
            }
            (Use::Small, Some(class)) => {
                let block = segment.at(self.geometry.offset(id.span, slot, class.size()));
                // SAFETY: the handle named a block in use, and names none from here on.
                unsafe { self.give_small(door, class, block) };
            }
            _ if retired => self.retire_large(self.bytes_at(index).1),
            // SAFETY: as above.
            _ => unsafe { self.give_large(self.bytes_at(index).0) },
        }
        Ok(())
    }

    /// The bytes of the block that a handle names, which is in use. Takes no lock.
    pub(crate) fn bytes(&self, handle: Handle) -> Option<NonNull<[u8]>> {
        let (index, _) = handle.resolve(self.id)?;
        let (block, bytes) = self.bytes_at(index);
        Some(NonNull::slice_from_raw_parts(block, bytes))
    }

    /// The address and size of a block in use.
    fn bytes_at(&self, index: u32) -> (NonNull<u8>, usize) {
        let (id, slot) = self.geometry.locate(index);
        let segment = self.table.get(id.segment).expect("a block has a segment");
        let span = segment.span(id.span);
        match (segment.used_for, span.class()) {
            (Use::Small, Some(class)) => (self.address(index, class), class.size()),
            (Use::Pages { .. }, _) => {
                let page = id.span as usize * (geometry::SPAN_BYTES / PAGE_BYTES) + slot as usize;
                let pages = span.links.get(slot).expect("pages have a length each");
                // Relaxed: written before the handle was made.
                let bytes = pages.load(Ordering::Relaxed) as usize * PAGE_BYTES;
                (segment.at(page * PAGE_BYTES), bytes)
            }
            _ => (segment.at(HEADER_BYTES), segment.bytes() - HEADER_BYTES),
        }
    }

    /// Sets the word of a handle's block close to the end of its lives.
    #[cfg(all(test, not(any(pleach_loom, pleach_shuttle))))]
    pub(crate) fn age(&self, handle: Handle) -> Handle {
        let (index, _) = handle.resolve(self.id).expect("our own");
        let (id, slot) = self.geometry.locate(index);
        let last = Generation::from_word(Generation::RETIRED.word() - 1);
        let generations = &self
            .table
            .get(id.segment)
            .unwrap()
            .span(id.span)
            .generations;
        generations
            .get(slot)
            .unwrap()
            .store(last.word(), Ordering::Relaxed);
        Handle::new(self.id, index, last)
    }

    #[inline]
    fn take_small(&self, door: Door, class: Class) -> Result<NonNull<u8>, Short> {
        if let Door::Cached = door
            && let Some(block) = self.last_local().and_then(|local| local.take(class))
        {
            return Ok(block);
        }
        self.take_slowly(door, class)
    }

    #[inline(never)]
    fn take_slowly(&self, door: Door, class: Class) -> Result<NonNull<u8>, Short> {
        let local = self.local();
        if let (Door::Cached, Some(local)) = (door, local)
            && let Some(block) = self.refill(local, class)
        {
            return Ok(block);
        }
        self.take_shared(door, class, local)
    }

    /// Takes a block from the class's list, beside the magazines.
    #[inline]
    fn take_shared(
        &self,
        door: Door,
        class: Class,
        local: Option<&Local>,
    ) -> Result<NonNull<u8>, Short> {
        let mut lost = 0;
        let index = match door {
            Door::Locked => {
                let _guard = self.lock(class, &mut lost);
                self.pop(class, &mut lost)
            }
            _ => self.pop(class, &mut lost),
        };
        self.count_lost(local, lost);
        let index = match index {
            Ok(index) => index,
            Err(_) => self.with_maintenance(|| self.pop(class, &mut 0))?,
        };
        match local {
            Some(local) => local.counts[class.index()].allocs.bump(),
            None => drop(self.outside[class.index()].allocs.add(1)),
        }
        Ok(self.address(index, class))
    }

    /// # Safety
    ///
    /// The block is of this pool and class, in the caller's hands, and not used from here on.
    #[inline]
    unsafe fn give_small(&self, door: Door, class: Class, block: NonNull<u8>) {
        if let Door::Cached = door
            && let Some(local) = self.last_local()
            && local.keep(class, block)
        {
            return;
        }
        // SAFETY: the caller's promise.
        unsafe { self.give_slowly(door, class, block) };
    }

    /// # Safety
    ///
    /// As for `give_small`.
    #[inline(never)]
    unsafe fn give_slowly(&self, door: Door, class: Class, block: NonNull<u8>) {
        let local = self.local();
        if let (Door::Cached, Some(local)) = (door, local)
            // SAFETY: the caller's promise.
            && unsafe { self.spill(local, class, block) }
        {
            return;
        }
        let mut lost = 0;
        // SAFETY: the caller's promise.
        let index = unsafe { self.index(block, class) };
        match door {
            Door::Locked => {
                let _guard = self.lock(class, &mut lost);
                self.push(index, class, &mut lost);
            }
            _ => self.push(index, class, &mut lost),
        }
        self.count_lost(local, lost);
        match local {
            Some(local) => local.counts[class.index()].frees.bump(),
            None => drop(self.outside[class.index()].frees.add(1)),
        }
    }

    /// Takes a block from a magazine, which is filled if it is empty.
    #[cold]
    fn refill(&self, local: &Local, class: Class) -> Option<NonNull<u8>> {
        let limit = self.magazine_limits[class.index()] as usize;
        let most = (limit / 2).min(BATCH_MAX);
        if most == 0 {
            return None;
        }
        let mut entry = local.enter()?;
        let mut lost = 0;
        let block = entry.magazine(class, |magazine| {
            if let Some(block) = magazine.free.pop() {
                return Some(block);
            }
            local.refills.bump();
            magazine.free.reserve_exact(most);
            let filled = self.pop_into(class, most, &mut magazine.free, &mut lost);
            filled.ok().and_then(|()| magazine.free.pop())
        });
        drop(entry);
        self.count_lost(Some(local), lost);
        let block = block?;
        local.counts[class.index()].allocs.bump();
        Some(block)
    }

    /// Puts a block into a magazine, which is made larger or emptied by half if it is full, or
    /// beside it. False if a visitor is there.
    ///
    /// # Safety
    ///
    /// As for `give_small`.
    #[cold]
    unsafe fn spill(&self, local: &Local, class: Class, block: NonNull<u8>) -> bool {
        let limit = self.magazine_limits[class.index()] as usize;
        let Some(mut entry) = local.enter() else {
            return false;
        };
        let mut lost = 0;
        entry.magazine(class, |magazine| {
            if !magazine.has_room() && !magazine.grow(limit) {
                // The older half: what was freed last is likely to be in the processor's cache.
                let half = magazine.free.len().div_ceil(2);
                let blocks = magazine.free.drain(..half);
                // SAFETY: the blocks of a magazine are of its class and free.
                unsafe { self.push_all(class, blocks, &mut lost) };
                local.refills.bump();
            }
            if !magazine.keep(block) {
                // SAFETY: the caller's promise.
                unsafe { self.push_all(class, std::iter::once(block), &mut lost) };
            }
        });
        drop(entry);
        self.count_lost(Some(local), lost);
        local.counts[class.index()].frees.bump();
        true
    }

    /// The lock of a class, for level 2.
    #[inline]
    fn lock(&self, class: Class, lost: &mut u32) -> pleach_atomic::sync::MutexGuard<'_, ()> {
        let lock = &self.classes[class.index()].lock;
        if let Ok(guard) = lock.try_lock() {
            return guard;
        }
        *lost += 1;
        lock.lock().expect("nothing panics under this lock")
    }

    #[inline]
    fn count_lost(&self, local: Option<&Local>, lost: u32) {
        if lost > 0 {
            let contended = local.map_or(&self.contended, |local| &local.contended);
            contended.add(u64::from(lost));
        }
    }

    /// Counts an operation of the calling thread, for who looks after some. Threads that are about
    /// to end do not count.
    #[inline]
    pub(crate) fn tick(&self) -> u64 {
        let Some(local) = self.local() else {
            return 1;
        };
        local.ticks.bump();
        local.ticks.get()
    }

    fn count_free(&self, class: Class) {
        match self.local() {
            Some(local) => local.counts[class.index()].frees.bump(),
            None => drop(self.outside[class.index()].frees.add(1)),
        }
    }

    /// Counts a request that failed.
    pub(crate) fn count_failure(&self) {
        self.failed.add(1);
    }

    #[cold]
    fn failure(&self, short: Short, asked: usize) -> AllocError {
        self.count_failure();
        match short {
            Short::NoMemory => AllocError::OutOfMemory { asked },
            Short::Full => {
                let stats = self.stats();
                AllocError::Capacity {
                    asked,
                    free_total: stats.free_bytes,
                    largest_free: stats.largest_free,
                }
            }
        }
    }

    /// Takes memory for a segment from the system, if the limit allows.
    fn commit(&self, number: u32, bytes: usize) -> Result<Region, Short> {
        let mut committed = self.committed.load(Ordering::Relaxed);
        loop {
            let more = committed.checked_add(bytes).ok_or(Short::Full)?;
            if more > self.limit {
                return Err(Short::Full);
            }
            // Relaxed: a sum, by which nothing else is ordered.
            let done = self.committed.compare_exchange(
                committed,
                more,
                Ordering::Relaxed,
                Ordering::Relaxed,
            );
            match done {
                Ok(_) => break,
                Err(other) => committed = other,
            }
        }
        let region = Region::segment(self.geometry, bytes, number, self.huge_pages);
        region.ok_or_else(|| {
            self.uncommit(bytes);
            Short::NoMemory
        })
    }

    fn uncommit(&self, bytes: usize) {
        self.committed.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// Ends a block's life, if it is still the one of this generation: of several that try, one does.
fn claim(word: &pleach_atomic::atomic::AtomicU32, generation: Generation) -> bool {
    let next = generation.next().word();
    #[cfg(any(pleach_loom, pleach_shuttle))]
    if planted("pool_free_unasked") {
        let is_current = word.load(Ordering::Relaxed) == generation.word();
        word.store(next, Ordering::Relaxed);
        return is_current;
    }
    // Relaxed: the word decides and publishes nothing; the handle came to us in order, and the
    // block goes on through a list or a magazine.
    let claimed = word.compare_exchange(
        generation.word(),
        next,
        Ordering::Relaxed,
        Ordering::Relaxed,
    );
    claimed.is_ok()
}

#[cfg(all(test, not(any(pleach_loom, pleach_shuttle))))]
mod tests {
    use super::*;
    use crate::memory::geometry::NIL;

    fn core() -> Arc<Core> {
        Core::new(&FiveLevelPoolConfig::memory_optimized()).unwrap()
    }

    #[test]
    fn a_block_whose_lives_are_used_up_is_retired() {
        let core = core();
        for door in [Door::Locked, Door::LockFree, Door::Cached] {
            for size in [100, 10_000] {
                let handle = core.alloc(door, size, 16).unwrap();
                let block = core.bytes(handle).unwrap();
                let last = core.age(handle);
                core.free(door, last).unwrap();
                assert_eq!(core.free(door, last), Err(FreeError::Stale));
                assert_eq!(core.free(door, handle), Err(FreeError::Stale));
                let next = core.alloc(door, size, 16).unwrap();
                assert_ne!(core.bytes(next).unwrap().cast::<u8>(), block.cast());
                core.free(door, next).unwrap();
            }
        }
        let stats = core.stats();
        assert!(stats.adds_up() && stats.live_blocks == 0 && stats.slack_bytes > 30_000);
    }

    /// The bytes of a block are there for its owner while every lock of the pool is held.
    #[test]
    fn bytes_are_reached_without_a_lock() {
        let core = core();
        let handles =
            [100, 10_000, 1 << 20].map(|size| core.alloc(Door::Locked, size, 16).unwrap());
        let classes: Vec<_> = core.classes.iter().map(|list| list.lock.lock()).collect();
        let others = (core.maintenance.lock(), core.lock_large());
        for (handle, least) in handles.into_iter().zip([100, 10_000, 1 << 20]) {
            assert!(core.bytes(handle).unwrap().len() >= least);
        }
        drop((classes, others));
    }

    /// Walks the lists, which the statistics do not, and finds as many free blocks as they tell.
    #[test]
    fn lists_hold_what_the_statistics_say() {
        let core = core();
        let mut handles = Vec::new();
        for n in 0..5000 {
            let door = [Door::Locked, Door::LockFree, Door::Cached][n % 3];
            handles.push(core.alloc(door, n % 700 + 1, 16).unwrap());
            if n % 3 == 0 {
                let handle = handles.swap_remove(n * 7 % handles.len());
                core.free(door, handle).unwrap();
            }
        }
        core.drain();
        let mut free = 0;
        for class in Class::all() {
            let list = &core.classes[class.index()];
            let mut index = list.free.take_all();
            let mut indices = std::collections::BTreeSet::new();
            while index != NIL {
                assert!(indices.insert(index), "a block is twice in a list");
                index = core.link(index).unwrap().load(Ordering::Relaxed);
            }
            free += indices.len() * class.size();
            if let Some(place) = list.take_cursor() {
                let span = core.geometry.span_id(place.span).span;
                let uncarved = geometry::slots(span, class) - place.next;
                free += uncarved as usize * class.size();
            }
        }
        let mut span = core.free_spans.take_all();
        while span != NIL {
            free += geometry::span_bytes(core.geometry.span_id(span).span);
            span = core.span_link(span).unwrap().load(Ordering::Relaxed);
        }
        let stats = core.stats();
        assert!(stats.adds_up());
        assert_eq!((stats.free_bytes, stats.live_blocks), (free, handles.len()));
    }
}
