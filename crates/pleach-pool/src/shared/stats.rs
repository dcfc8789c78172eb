//! What a shared pool tells of itself.

use pleach_atomic::atomic::Ordering;

use super::Core;
use super::local::Counts;
use super::segment::Use;
use crate::class::{CLASSES, Class, SMALL_MAX};
use crate::memory::geometry::{self, HEADER_BYTES};
use crate::stats::PoolStats;

/// What the adaptive pool looks at.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Observed {
    pub(crate) operations: u64,
    pub(crate) contended: u64,
    pub(crate) refills: u64,
    pub(crate) threads: usize,
    pub(crate) committed: usize,
    pub(crate) live: usize,
}

/// The sums of a class.
#[derive(Debug, Default, Clone, Copy)]
struct Sum {
    allocs: u64,
    frees: u64,
    cached: usize,
}

impl Sum {
    fn add(&mut self, counts: &Counts) {
        self.allocs = self.allocs.wrapping_add(counts.allocs.get());
        self.frees = self.frees.wrapping_add(counts.frees.get());
    }

    fn live(&self) -> usize {
        // Counts of different moments may be behind each other.
        self.allocs.saturating_sub(self.frees) as usize
    }
}

impl Core {
    pub(crate) fn stats(&self) -> PoolStats {
        let mut stats = PoolStats {
            capacity_bytes: self.limit,
            failed: self.failed.get(),
            contended: self.contended.get(),
            overhead_bytes: self.registry.bytes(),
            ..PoolStats::default()
        };
        self.add_large(&mut stats);
        let mut sums = [Sum::default(); CLASSES];
        for (sum, counts) in sums.iter_mut().zip(&self.outside) {
            sum.add(counts);
        }
        self.registry.visit(|local, magazines| {
            stats.contended += local.contended.get();
            for ((sum, counts), magazine) in sums.iter_mut().zip(&local.counts).zip(magazines) {
                sum.add(counts);
                sum.cached += magazine.free.len();
                stats.overhead_bytes += magazine.free.capacity() * size_of::<usize>();
            }
        });
        for (class, sum) in Class::all().zip(&sums) {
            let list = &self.classes[class.index()];
            let retired = list.retired.get() as usize;
            let used = sum.live() + sum.cached + retired;
            let free = (list.slots.get() as usize).saturating_sub(used);
            stats.live_blocks += sum.live();
            stats.live_bytes += sum.live() * class.size();
            stats.cached_bytes += sum.cached * class.size();
            stats.slack_bytes += retired * class.size();
            stats.free_bytes += free * class.size();
            stats.allocs += sum.allocs;
            stats.frees += sum.frees;
            if free > 0 {
                stats.largest_free = stats.largest_free.max(class.size());
            }
        }
        self.add_segments(&mut stats);
        stats
    }

    /// A cheap look, without stopping anybody.
    pub(crate) fn observe(&self) -> Observed {
        let mut observed = Observed {
            threads: self.registry.threads(),
            contended: self.contended.get(),
            committed: self.committed.load(Ordering::Relaxed),
            ..Observed::default()
        };
        let mut live = [0_i64; CLASSES];
        self.registry.look(|local| {
            observed.contended += local.contended.get();
            observed.refills += local.refills.get();
            for (live, counts) in live.iter_mut().zip(&local.counts) {
                let (allocs, frees) = (counts.allocs.get(), counts.frees.get());
                observed.operations += allocs + frees;
                *live += allocs.wrapping_sub(frees) as i64;
            }
        });
        for (class, live) in Class::all().zip(live) {
            observed.live += live.max(0) as usize * class.size();
        }
        observed
    }

    fn add_large(&self, stats: &mut PoolStats) {
        let large = self.lock_large();
        stats.live_blocks += large.counts.live_blocks;
        stats.live_bytes += large.counts.live_bytes;
        stats.free_bytes += large.pages.free_bytes();
        stats.slack_bytes += large.counts.retired_bytes;
        stats.largest_free = stats.largest_free.max(large.pages.largest_free());
        stats.overhead_bytes += large.pages.overhead_bytes();
        stats.allocs += large.counts.allocs;
        stats.frees += large.counts.allocs - large.counts.live_blocks as u64;
        stats.contended += large.counts.contended;
    }

    fn add_segments(&self, stats: &mut PoolStats) {
        for (_, segment) in self.table.iter() {
            stats.overhead_bytes += size_of_val(segment);
            for span in segment.spans() {
                stats.overhead_bytes += span.links.bytes() + span.generations.bytes();
            }
            if segment.base().is_none() {
                continue;
            }
            stats.committed_bytes += segment.bytes();
            stats.huge_page_bytes += segment.huge_page_bytes();
            stats.slack_bytes += HEADER_BYTES;
            if segment.used_for != Use::Small {
                continue;
            }
            let spans = &segment.spans()[..self.geometry.spans_per_segment()];
            for (number, span) in (0..).zip(spans) {
                match span.class() {
                    Some(class) => stats.slack_bytes += geometry::tail(number, class),
                    None => {
                        stats.free_bytes += geometry::span_bytes(number);
                        stats.largest_free = stats.largest_free.max(SMALL_MAX);
                    }
                }
            }
        }
    }
}
