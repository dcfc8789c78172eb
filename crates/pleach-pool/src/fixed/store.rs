//! One region, divided into runs of units.

use std::ptr::NonNull;

use crate::class::{MAX_ALIGN, check_align};
use crate::config::FiveLevelPoolConfig;
use crate::error::{AllocError, FreeError, PoolError};
use crate::handle::{Generation, Handle, PoolId};
use crate::memory::region::Region;
use crate::memory::runs::{RUN_MAX, Runs};
use crate::stats::PoolStats;

/// The bytes of a unit.
const UNIT: usize = 64;

/// The number of the first unit: units whose numbers are multiples of an alignment are aligned, and
/// the ones before it belong to no run.
const FIRST: u32 = (MAX_ALIGN / UNIT) as u32;

/// A pool of one region.
#[derive(Debug)]
pub(crate) struct FixedStore {
    id: PoolId,
    region: Region,
    runs: Runs,
    /// The words of the units.
    generations: Vec<u32>,
    units: u32,
    live_blocks: usize,
    retired_units: usize,
    allocs: u64,
    failed: u64,
}

impl FixedStore {
    pub(crate) fn new(config: &FiveLevelPoolConfig) -> Result<Self, PoolError> {
        config.validate()?;
        let bytes = config.fixed_bytes / UNIT * UNIT;
        let none = || PoolError::OutOfMemory { bytes };
        let mut region = Region::new(bytes, MAX_ALIGN, config.huge_pages).ok_or_else(none)?;
        region.touch();
        let units = (bytes / UNIT) as u32;
        let mut runs = Runs::new();
        // One more, which belongs to no run either.
        let numbers = (FIRST + units) as usize + 1;
        if !runs.reserve(numbers) {
            return Err(none());
        }
        runs.add(FIRST, units);
        let mut generations = Vec::new();
        let reserved = generations.try_reserve_exact(units as usize);
        reserved.map_err(|_| none())?;
        // Writes each of them, so that the system has nothing left to do.
        generations.resize(units as usize, 0);
        Ok(Self {
            id: PoolId::fresh(),
            region,
            runs,
            generations,
            units,
            live_blocks: 0,
            retired_units: 0,
            allocs: 0,
            failed: 0,
        })
    }

    /// Takes a block for a size, which is not zero, and an alignment.
    #[inline]
    pub(crate) fn take(
        &mut self,
        size: usize,
        align: usize,
    ) -> Result<(NonNull<u8>, usize), AllocError> {
        let unit = self
            .take_run(size, align)
            .inspect_err(|_| self.failed += 1)?;
        Ok((self.address(unit), self.runs.length(unit) as usize * UNIT))
    }

    /// Takes back a block in use.
    #[inline]
    pub(crate) fn give(&mut self, block: NonNull<u8>) {
        let offset = block.addr().get() - self.region.base().addr().get();
        self.runs.give(FIRST + (offset / UNIT) as u32);
        self.live_blocks -= 1;
    }

    /// Tells whether a block of one size and alignment is also one of the other.
    pub(crate) fn is_same_place(old: (usize, usize), new: (usize, usize)) -> bool {
        old.0.div_ceil(UNIT) == new.0.div_ceil(UNIT) && new.1 <= old.1.max(UNIT)
    }

    /// Takes a block and names it.
    pub(crate) fn alloc(&mut self, size: usize, align: usize) -> Result<Handle, AllocError> {
        let unit = self
            .take_run(size, align)
            .inspect_err(|_| self.failed += 1)?;
        let index = unit - FIRST;
        let word = &mut self.generations[index as usize];
        let generation = Generation::from_word(*word).next();
        *word = generation.word();
        Ok(Handle::new(self.id, index, generation))
    }

    /// Frees the block of a handle.
    pub(crate) fn free(&mut self, handle: Handle) -> Result<(), FreeError> {
        let (index, generation) = handle.resolve(self.id).ok_or(FreeError::Foreign)?;
        let word = &mut self.generations[index as usize];
        if *word != generation.word() {
            return Err(FreeError::Stale);
        }
        let generation = generation.next();
        *word = generation.word();
        self.live_blocks -= 1;
        if generation.is_retired() {
            self.retired_units += self.runs.length(FIRST + index) as usize;
        } else {
            self.runs.give(FIRST + index);
        }
        Ok(())
    }

    /// The bytes of the block that a handle names, which is in use.
    pub(crate) fn bytes(&self, handle: Handle) -> Option<NonNull<[u8]>> {
        let (index, _) = handle.resolve(self.id)?;
        let unit = FIRST + index;
        let bytes = self.runs.length(unit) as usize * UNIT;
        Some(NonNull::slice_from_raw_parts(self.address(unit), bytes))
    }

    pub(crate) fn stats(&self) -> PoolStats {
        let free = self.runs.free_units();
        let live = self.units as usize - free - self.retired_units;
        PoolStats {
            capacity_bytes: self.region.bytes(),
            committed_bytes: self.region.bytes(),
            live_bytes: live * UNIT,
            live_blocks: self.live_blocks,
            free_bytes: free * UNIT,
            slack_bytes: self.retired_units * UNIT,
            largest_free: self.runs.longest() as usize * UNIT,
            overhead_bytes: self.runs.len() * Runs::UNIT_OVERHEAD + self.generations.len() * 4,
            allocs: self.allocs,
            frees: self.allocs - self.live_blocks as u64,
            failed: self.failed,
            huge_page_bytes: self.region.huge_page_bytes(),
            ..PoolStats::default()
        }
    }

    fn take_run(&mut self, size: usize, align: usize) -> Result<u32, AllocError> {
        check_align(align)?;
        let max = RUN_MAX as usize * UNIT;
        if size > max {
            return Err(AllocError::TooLarge { asked: size, max });
        }
        let units = size.div_ceil(UNIT) as u32;
        let found = self.runs.take(units, align.div_ceil(UNIT) as u32);
        let unit = found.ok_or_else(|| AllocError::Capacity {
            asked: size,
            free_total: self.runs.free_units() * UNIT,
            largest_free: self.runs.longest() as usize * UNIT,
        })?;
        self.allocs += 1;
        self.live_blocks += 1;
        Ok(unit)
    }

    fn address(&self, unit: u32) -> NonNull<u8> {
        self.region.at((unit - FIRST) as usize * UNIT)
    }
}
