//! Blocks that are known by their address, each written when it is taken and read when it goes.

use super::Work;
use super::heaps::Heap;
use crate::clock::{at_once, timed};
use crate::race::Sheet;
use allocator_api2::alloc::Allocator;
use anyhow::{Result, ensure};
use bumpalo::Bump;
use fastrand::Rng;
use std::alloc::Layout;
use std::collections::VecDeque;
use std::hint::black_box;
use std::ptr::NonNull;
use std::sync::Mutex;
use std::sync::mpsc::{SyncSender, sync_channel};

const BATCH: usize = 1_000;
const SMALL: usize = 64;
const SEED: u64 = 0x0070_6f6f_6c21;

/// A block that its thread, or the one it was sent to, has for itself.
struct Block {
    start: NonNull<u8>,
    size: usize,
}

// SAFETY: a block belongs to who holds it.
unsafe impl Send for Block {}

impl Block {
    /// Takes a block and marks its first byte, or all of them.
    #[inline]
    fn take(heap: &impl Allocator, size: usize, mark: u8, all: bool) -> Self {
        let block = heap.allocate(layout(size)).expect("there is memory");
        let start = black_box(block.cast::<u8>());
        let written = if all { size } else { 1 };
        // SAFETY: the block has `size` bytes, at least one, and nobody else's.
        unsafe { start.write_bytes(mark, written) };
        Self { start, size }
    }

    /// Reads the mark and gives the block back to the heap that it came from.
    #[inline]
    fn give(self, heap: &impl Allocator) -> u8 {
        // SAFETY: `take` wrote the byte.
        let mark = unsafe { self.start.read() };
        // SAFETY: the block is of this heap, with this layout, by the use in this module, where
        // each sample has one heap alone.
        unsafe { heap.deallocate(self.start, layout(self.size)) };
        mark
    }
}

fn layout(size: usize) -> Layout {
    Layout::from_size_align(size, 8).expect("sizes are small")
}

/// The samples of one thread.
pub(crate) fn alone<H: Heap>(work: &Work, sheet: &mut Sheet<'_>) -> Result<()> {
    sheet.cell("pair-one-thread", || {
        let heap = H::fresh();
        let (sum, time) = timed(work.blocks, || pairs(heap.face(), work.blocks));
        ensure!(sum == marks(work.blocks), "the marks add up to {sum}");
        Ok(time)
    })?;
    sheet.cell("lifo", || batches::<H>(work, Vec::pop))?;
    sheet.cell("fifo", || {
        let heap = H::fresh();
        let heap = heap.face();
        let rounds = work.blocks / BATCH;
        let mut held = VecDeque::with_capacity(BATCH);
        let (sum, time) = timed(rounds * BATCH, || {
            let mut sum = 0;
            for _ in 0..rounds {
                held.extend((0..BATCH).map(|n| Block::take(heap, SMALL, n as u8, false)));
                while let Some(block) = held.pop_front() {
                    sum += u64::from(block.give(heap));
                }
            }
            sum
        });
        ensure!(
            sum == marks(BATCH) * rounds as u64,
            "the marks add up to {sum}"
        );
        Ok(time)
    })?;
    sheet.cell("mix-one-thread", || {
        let heap = H::fresh();
        let (kept, time) = timed(work.blocks + work.live, || {
            mix(heap.face(), work.live, work.blocks, SEED)
        });
        ensure!(
            kept == work.blocks + work.live,
            "{kept} blocks kept their marks"
        );
        Ok(time)
    })
}

fn batches<H: Heap>(work: &Work, next: fn(&mut Vec<Block>) -> Option<Block>) -> Result<f64> {
    let heap = H::fresh();
    let heap = heap.face();
    let rounds = work.blocks / BATCH;
    let mut held = Vec::with_capacity(BATCH);
    let (sum, time) = timed(rounds * BATCH, || {
        let mut sum = 0;
        for _ in 0..rounds {
            held.extend((0..BATCH).map(|n| Block::take(heap, SMALL, n as u8, false)));
            while let Some(block) = next(&mut held) {
                sum += u64::from(block.give(heap));
            }
        }
        sum
    });
    ensure!(
        sum == marks(BATCH) * rounds as u64,
        "the marks add up to {sum}"
    );
    Ok(time)
}

/// The samples of one thread and of two, wall time of these.
pub(crate) fn shared<H: Heap<Face: Sync> + Sync>(work: &Work, sheet: &mut Sheet<'_>) -> Result<()> {
    alone::<H>(work, sheet)?;
    sheet.cell("pair-two-threads", || {
        let heap = H::fresh();
        let heap = heap.face();
        let (sums, wall) = at_once(2, |_| pairs(heap, work.blocks));
        ensure!(
            sums == [marks(work.blocks); 2],
            "the marks add up to {sums:?}"
        );
        Ok(wall.as_nanos() as f64 / (2 * work.blocks) as f64)
    })?;
    sheet.cell("mix-two-threads", || {
        let heap = H::fresh();
        let (heap, live) = (heap.face(), work.live / 2);
        let (kept, wall) = at_once(2, |thread| {
            mix(heap, live, work.blocks, SEED ^ thread as u64)
        });
        let blocks = work.blocks + live;
        ensure!(kept == [blocks; 2], "{kept:?} blocks kept their marks");
        Ok(wall.as_nanos() as f64 / (2 * blocks) as f64)
    })?;
    sheet.cell("pass", || pass::<H>(work, false))?;
    sheet.cell("pass-back", || pass::<H>(work, true))
}

fn pairs(heap: &impl Allocator, count: usize) -> u64 {
    (0..count)
        .map(|n| u64::from(Block::take(heap, SMALL, n as u8, false).give(heap)))
        .sum()
}

/// The sum of the marks of so many blocks.
fn marks(count: usize) -> u64 {
    (0..count).map(|n| u64::from(n as u8)).sum()
}

/// Blocks of all sizes, taken in place of random others and written from end to end; the number of
/// those that had their marks when they went.
fn mix(heap: &impl Allocator, live: usize, count: usize, seed: u64) -> usize {
    let mut rng = Rng::with_seed(seed);
    // Small ones more often.
    let mut size = move || 16 + rng.usize(..1_008).min(rng.usize(..1_008));
    let mut rng = Rng::with_seed(!seed);
    let take = |place: usize, size: usize| Block::take(heap, size, place as u8, true);
    let mut held: Vec<Block> = (0..live).map(|place| take(place, size())).collect();
    let mut kept = 0;
    for _ in 0..count {
        let place = rng.usize(..live);
        let block = std::mem::replace(&mut held[place], take(place, size()));
        kept += usize::from(block.give(heap) == place as u8);
    }
    let rest = held.into_iter().enumerate();
    kept + rest
        .filter_map(|(place, block)| (block.give(heap) == place as u8).then_some(()))
        .count()
}

/// Blocks that one thread takes and the other gives back, a hundred to a message; `back`: the other
/// takes one for each, too, which the first gives back.
fn pass<H: Heap<Face: Sync>>(work: &Work, back: bool) -> Result<f64> {
    const MESSAGE: usize = 100;
    let heap = H::fresh();
    let heap = heap.face();
    let messages = work.blocks / MESSAGE;
    let fill = |message: &mut Vec<Block>| {
        message.extend((0..MESSAGE).map(|n| Block::take(heap, SMALL, n as u8, false)));
    };
    let empty = |message: &mut Vec<Block>| -> u64 {
        message
            .drain(..)
            .map(|block| u64::from(block.give(heap)))
            .sum()
    };
    let (to_consumer, from_producer) = sync_channel::<Vec<Block>>(64);
    // Emptied messages go back, no more than are under way: neither side waits for the other's end.
    let (to_producer, from_consumer) = sync_channel::<Vec<Block>>(256);
    let ends = [(to_consumer, from_consumer), (to_producer, from_producer)];
    let ends = ends.map(|end| Mutex::new(Some(end)));
    let (sums, wall) = at_once(2, |thread| {
        let end = ends[thread].lock().ok().and_then(|mut end| end.take());
        let (to, from) = end.expect("each end has one thread");
        let mut to = Some(to);
        let send = |to: &Option<SyncSender<_>>, message| {
            let sent = to.as_ref().map(|to| to.send(message));
            assert!(matches!(sent, Some(Ok(()))), "the other end listens");
        };
        let mut sum = 0;
        if thread == 0 {
            for _ in 0..messages {
                let mut message = from.try_recv().unwrap_or_default();
                sum += empty(&mut message);
                fill(&mut message);
                send(&to, message);
            }
            to = None;
        }
        for mut message in from {
            sum += empty(&mut message);
            if thread == 1 {
                if back {
                    fill(&mut message);
                }
                send(&to, message);
            }
        }
        sum
    });
    let ways = if back { 2 } else { 1 };
    let (sum, expected) = (
        sums.iter().sum::<u64>(),
        marks(MESSAGE) * (ways * messages) as u64,
    );
    ensure!(sum == expected, "the marks add up to {sum}");
    Ok(wall.as_nanos() as f64 / (ways * messages * MESSAGE) as f64)
}

/// bumpalo's arena, which is emptied as a whole.
pub(crate) fn bumped(work: &Work, sheet: &mut Sheet<'_>) -> Result<()> {
    let take = |bump: &Bump, n: usize| {
        u64::from(
            *black_box(bump.alloc([n as u8; SMALL]))
                .first()
                .unwrap_or(&0),
        )
    };
    for (key, batch) in [("pair-one-thread", 1), ("lifo", BATCH)] {
        sheet.cell(key, || {
            let mut bump = Bump::with_capacity(2 * BATCH * SMALL);
            let rounds = work.blocks / batch;
            let (sum, time) = timed(rounds * batch, || {
                let mut sum = 0;
                for round in 0..rounds {
                    sum += (0..batch).map(|n| take(&bump, n + round)).sum::<u64>();
                    bump.reset();
                }
                sum
            });
            black_box(sum);
            Ok(time)
        })?;
    }
    Ok(())
}
