//! Entering and leaving a section in which what is shared stays: the protected number is read once.

use crate::clock::{at_once, timed};
use crate::race::Sheet;
use anyhow::{Result, ensure};
use arc_swap::ArcSwap;
use crossbeam_epoch::{Atomic, Owned};
use left_right::{Absorb, ReadHandle, WriteHandle};
use pleach::sync::{ConcurrencyLevel, LocalTokens, TokenManager, Versioned};
use seize::Guard;
use std::cell::Cell;
use std::hint::black_box;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Mutex, RwLock};

/// How often.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rounds(pub(crate) usize);

/// The protected number.
const NUMBER: u64 = 3;

fn one_thread(rounds: Rounds, sheet: &mut Sheet<'_>, read: impl Fn() -> u64) -> Result<()> {
    sheet.cell("enter-1", || {
        let (sum, time) = timed(rounds.0, || (0..rounds.0).map(|_| read()).sum::<u64>());
        ensure!(
            sum == NUMBER * rounds.0 as u64,
            "what was read adds up to {sum}"
        );
        Ok(time)
    })
}

fn both(rounds: Rounds, sheet: &mut Sheet<'_>, read: impl Fn(usize) -> u64 + Sync) -> Result<()> {
    one_thread(rounds, sheet, || read(0))?;
    sheet.cell("enter-2", || {
        let (sums, wall) = at_once(2, |thread| (0..rounds.0).map(|_| read(thread)).sum::<u64>());
        let due = NUMBER * rounds.0 as u64;
        ensure!(sums == [due; 2], "what was read adds up to {sums:?}");
        // Each thread has its own: the time of one round of one thread.
        Ok(wall.as_nanos() as f64 / rounds.0 as f64)
    })
}

fn level(level: ConcurrencyLevel, rounds: Rounds, sheet: &mut Sheet<'_>) -> Result<()> {
    let tokens = TokenManager::new(level);
    let number = Versioned::new(&tokens, NUMBER);
    both(rounds, sheet, |_| {
        let token = tokens.reader_token();
        let read = token.as_ref().map(|token| number.read(token).copied());
        black_box(read.ok().and_then(Result::ok).unwrap_or(0))
    })
}

/// A reader token of level 3.
pub(crate) fn level_3(rounds: &Rounds, sheet: &mut Sheet<'_>) -> Result<()> {
    level(ConcurrencyLevel::OneWriteMultiRead, *rounds, sheet)
}

/// A reader token of level 4.
pub(crate) fn level_4(rounds: &Rounds, sheet: &mut Sheet<'_>) -> Result<()> {
    level(ConcurrencyLevel::MultiWriteMultiRead, *rounds, sheet)
}

/// A token of one thread's own.
pub(crate) fn local(rounds: &Rounds, sheet: &mut Sheet<'_>) -> Result<()> {
    let (tokens, number) = (LocalTokens::new(), Cell::new(NUMBER));
    one_thread(*rounds, sheet, || {
        let reader = black_box(tokens.reader());
        let read = number.get();
        drop(reader);
        read
    })
}

/// `crossbeam_epoch::pin`.
pub(crate) fn epoch(rounds: &Rounds, sheet: &mut Sheet<'_>) -> Result<()> {
    let number = Atomic::new(NUMBER);
    both(*rounds, sheet, |_| {
        let guard = crossbeam_epoch::pin();
        let read = number.load(Ordering::Acquire, &guard);
        // SAFETY: nobody frees the number before `both` returns.
        unsafe { *read.deref() }
    })?;
    // SAFETY: nobody else has it any more.
    drop(unsafe { number.try_into_owned() }.map(Owned::into_box));
    Ok(())
}

/// `seize::Collector::enter`.
pub(crate) fn seize(rounds: &Rounds, sheet: &mut Sheet<'_>) -> Result<()> {
    let collector = seize::Collector::new();
    let mut number = NUMBER;
    let number = AtomicPtr::new(&raw mut number);
    both(*rounds, sheet, |_| {
        let guard = collector.enter();
        let read = guard.protect(&number, Ordering::Acquire);
        // SAFETY: the number lives on this stack until `both` returns.
        unsafe { *read }
    })
}

/// `ArcSwap::load`.
pub(crate) fn arc_swap(rounds: &Rounds, sheet: &mut Sheet<'_>) -> Result<()> {
    let number = ArcSwap::from_pointee(NUMBER);
    both(*rounds, sheet, |_| **number.load())
}

/// A number that a left-right pair keeps twice.
#[derive(Clone, Debug, Default)]
struct Number(u64);

impl Absorb<u64> for Number {
    fn absorb_first(&mut self, number: &mut u64, _: &Self) {
        self.0 = *number;
    }

    fn sync_with(&mut self, first: &Self) {
        self.0 = first.0;
    }
}

/// `left_right::ReadHandle::enter`, a handle a thread.
pub(crate) fn left_right(rounds: &Rounds, sheet: &mut Sheet<'_>) -> Result<()> {
    let (mut writer, reader): (WriteHandle<Number, u64>, ReadHandle<Number>) = left_right::new();
    writer.append(NUMBER);
    writer.publish();
    let of = |reader: &ReadHandle<Number>| reader.enter().map_or(0, |number| number.0);
    one_thread(*rounds, sheet, || of(&reader))?;
    sheet.cell("enter-2", || {
        let readers = [(); 2].map(|()| Mutex::new(reader.clone()));
        let (sums, wall) = at_once(2, |thread| {
            let reader = readers[thread].lock().expect("one thread has it");
            (0..rounds.0).map(|_| of(&reader)).sum::<u64>()
        });
        let due = NUMBER * rounds.0 as u64;
        ensure!(sums == [due; 2], "what was read adds up to {sums:?}");
        Ok(wall.as_nanos() as f64 / rounds.0 as f64)
    })
}

/// `RwLock::read`.
pub(crate) fn rw_lock(rounds: &Rounds, sheet: &mut Sheet<'_>) -> Result<()> {
    let number = RwLock::new(NUMBER);
    both(*rounds, sheet, |_| {
        number.read().map_or(0, |number| *number)
    })
}
