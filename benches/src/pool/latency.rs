//! How long single operations take, the slowest among them, beside a clock that measures nothing.

use super::Work;
use super::heaps::Heap;
use crate::race::Sheet;
use allocator_api2::alloc::Allocator;
use anyhow::{Result, ensure};
use fastrand::Rng;
use std::alloc::Layout;
use std::hint::black_box;
use std::ptr::NonNull;
use std::time::Instant;

const SEED: u64 = 0x6c61_7465;

/// Replaces random blocks of a mix of sizes and times each replacement.
pub(crate) fn blocks<H: Heap>(work: &Work, sheet: &mut Sheet<'_>) -> Result<()> {
    let heap = H::fresh();
    let heap = heap.face();
    let mut rng = Rng::with_seed(SEED);
    let mut layout = move || Layout::from_size_align(16 + rng.usize(..1_008), 8);
    let take = |layout| Ok((heap.allocate(layout)?.cast(), layout));
    let held: Result<Vec<_>> = (0..work.live).map(|_| take(layout()?)).collect();
    let mut held: Vec<(NonNull<u8>, Layout)> = held?;
    let mut places = Rng::with_seed(!SEED);
    let mut times = Vec::with_capacity(work.blocks);
    for _ in 0..work.blocks {
        let (place, layout) = (places.usize(..work.live), layout()?);
        let start = Instant::now();
        let (old, shape) = std::mem::replace(&mut held[place], take(layout)?);
        // SAFETY: the block is of this heap, with this layout, and in nobody's hands.
        unsafe { heap.deallocate(black_box(old), shape) };
        times.push(start.elapsed().as_nanos() as f64);
    }
    for (block, layout) in held {
        // SAFETY: as above.
        unsafe { heap.deallocate(block, layout) };
    }
    tell(times, sheet)
}

/// The same without blocks: what the clock costs, and what the system does between two looks at it.
pub(crate) fn nothing(work: &Work, sheet: &mut Sheet<'_>) -> Result<()> {
    let mut places = Rng::with_seed(!SEED);
    let mut times = Vec::with_capacity(work.blocks);
    for _ in 0..work.blocks {
        let place = places.usize(..work.live);
        let start = Instant::now();
        black_box(place);
        times.push(start.elapsed().as_nanos() as f64);
    }
    tell(times, sheet)
}

fn tell(mut times: Vec<f64>, sheet: &mut Sheet<'_>) -> Result<()> {
    ensure!(!times.is_empty(), "nothing was timed");
    times.sort_by(f64::total_cmp);
    let last = times.len() - 1;
    sheet.note("median", times[last / 2]);
    sheet.note("rare", times[last - last / 10_000]);
    sheet.note("slowest", times[last]);
    Ok(())
}
