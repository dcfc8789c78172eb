//! Models of tokens, reclamation and primitives: every schedule of two or three threads, by loom.
//!
//! Run with `RUSTFLAGS="--cfg pleach_loom" cargo test -p pleach-sync --release --test loom`, in a
//! target directory of its own. A model fails on a data race, a leak, a double free, a deadlock or a
//! false assertion. Each ordering in `docs/memory-ordering.md` is one of these models' to defend: with
//! `PLEACH_WEAKEN` set to its id, some model must fail.

#![cfg(pleach_loom)]

use std::sync::Arc as StdArc;
use std::sync::Mutex as StdMutex;
use std::time::Duration;

use pleach_atomic::atomic::{AtomicPtr, AtomicU32, Ordering};
use pleach_atomic::cell::UnsafeCell;
use pleach_atomic::model::check;
use pleach_atomic::sync::Arc;
use pleach_atomic::thread;
use pleach_sync::ConcurrencyLevel::{MultiWriteMultiRead, OneWriteMultiRead};
use pleach_sync::{AtomicFlag, Futex, ReaderToken, Retired, SyncError, TokenManager, Versioned};

/// What a value is overwritten with when it is dropped.
const DROPPED: u32 = 0xdead;

/// How many watched values are alive in this execution. Not a loom type: it must not order what the
/// tokens have to order.
#[derive(Clone, Default)]
struct Live(StdArc<StdMutex<usize>>);

impl Live {
    fn count(&self) -> usize {
        *self.0.lock().unwrap()
    }
}

/// A value that loom watches: to read it and to drop it are accesses, and two that nothing orders are
/// a data race.
struct Watched {
    cell: UnsafeCell<u32>,
    live: Live,
}

// SAFETY: the cell is written by `new` and `drop` alone, which have it to themselves.
unsafe impl Sync for Watched {}

impl Watched {
    fn new(live: &Live, value: u32) -> Self {
        *live.0.lock().unwrap() += 1;
        let watched = Self {
            cell: UnsafeCell::new(0),
            live: live.clone(),
        };
        // SAFETY: nobody else has it; loom sees a write.
        watched.cell.with_mut(|cell| unsafe { *cell = value });
        watched
    }

    fn get(&self) -> u32 {
        // SAFETY: nobody writes while `self` is borrowed; loom checks it.
        let value = self.cell.with(|value| unsafe { *value });
        assert_ne!(value, DROPPED, "read after it was dropped");
        value
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        assert_ne!(self.get(), DROPPED, "dropped twice");
        // SAFETY: `self` is borrowed exclusively; loom checks it.
        self.cell.with_mut(|value| unsafe { *value = DROPPED });
        *self.live.0.lock().unwrap() -= 1;
    }
}

/// A manager and a number of its readers.
struct World {
    tokens: TokenManager,
    number: Versioned<Watched>,
    live: Live,
}

impl World {
    fn read(&self, token: &ReaderToken<'_>) -> u32 {
        self.number.read(token).unwrap().get()
    }

    /// Adds one; frees what can be freed.
    fn add(&self) {
        let writer = self.tokens.writer_token().unwrap();
        let add = |number: &Watched| Ok(Watched::new(&self.live, number.get() + 1));
        self.number.update(&writer, 1, add).unwrap();
    }
}

/// Runs a model of a number that begins at zero, and checks that no value is left.
fn check_world(name: &str, model: impl Fn(&Arc<World>) + Send + Sync + 'static) {
    check(name, move || {
        let live = Live::default();
        let tokens = TokenManager::new(MultiWriteMultiRead);
        let number = Versioned::new(&tokens, Watched::new(&live, 0));
        let world = Arc::new(World {
            tokens,
            number,
            live: live.clone(),
        });
        model(&world);
        drop(world);
        assert_eq!(live.count(), 0, "values alive at the end");
    });
}

/// Runs `f` in a thread.
fn spawn<S: 'static, T: 'static>(
    shared: &Arc<S>,
    f: impl FnOnce(&S) -> T + 'static,
) -> thread::JoinHandle<T> {
    let shared = Arc::clone(shared);
    thread::spawn(move || f(&shared))
}

#[test]
fn acquire_against_advance() {
    check_world("acquire_against_advance", |world| {
        let writer = spawn(world, |world| {
            world.add();
            world.add();
        });
        let token = world.tokens.reader_token().unwrap();
        let value = world.number.read(&token).unwrap();
        let seen = value.get();
        // Still there, whatever was written meanwhile.
        assert_eq!(value.get(), seen);
        drop(token);
        writer.join().unwrap();
    });
}

/// A place where readers may find a value, until it is unlinked. Fewer steps than a [`Versioned`], so
/// that models of it can have one thread more.
struct Link {
    tokens: TokenManager,
    link: AtomicPtr<Watched>,
    retired: Retired<Box<Watched>>,
}

impl Link {
    fn read(&self, token: &ReaderToken<'_>) -> u32 {
        assert!(token.is_valid_for(&self.tokens));
        let item = self.link.load(Ordering::Acquire);
        // SAFETY: null, or protected by the token.
        unsafe { item.as_ref() }.map_or(0, Watched::get)
    }

    fn read_once(&self) {
        let token = self.tokens.reader_token().unwrap();
        assert!(self.read(&token) <= 1);
    }

    fn unlink(&self) {
        let item = self.link.load(Ordering::Relaxed);
        self.link.store(std::ptr::null_mut(), Ordering::Relaxed);
        // SAFETY: made of a box below, and unlinked once.
        self.retired.retire(unsafe { Box::from_raw(item) }, 1);
    }
}

/// Runs a model of a link to one, and checks that it is unlinked and freed in the end.
fn check_link(name: &str, model: impl Fn(&Arc<Link>) + Send + Sync + 'static) {
    check(name, move || {
        let live = Live::default();
        let tokens = TokenManager::new(MultiWriteMultiRead);
        let retired = Retired::new(&tokens);
        let item = Box::into_raw(Box::new(Watched::new(&live, 1)));
        let link = Arc::new(Link {
            tokens,
            link: AtomicPtr::new(item),
            retired,
        });
        model(&link);
        link.retired.reclaim();
        assert_eq!(live.count(), 0, "values alive at the end");
    });
}

#[test]
fn reclaimed_only_after_all_tokens() {
    check_link("reclaimed_only_after_all_tokens", |link| {
        let token = link.tokens.reader_token().unwrap();
        let reader = spawn(link, Link::read_once);
        let seen = link.read(&token);
        link.unlink();
        link.retired.reclaim();
        assert_eq!((seen, link.retired.len()), (1, 1));
        drop(token);
        link.retired.reclaim();
        reader.join().unwrap();
    });
}

/// The schedule that the ancestor of this protocol gets wrong: its writer stamps with the version that
/// it itself entered under, and a reader that entered in between, under a newer one, is overtaken. One
/// reader before that version, one under it, and one after.
#[test]
fn a_stamp_is_newer_than_its_readers() {
    check_link("a_stamp_is_newer_than_its_readers", |link| {
        let early = link.tokens.reader_token().unwrap();
        // Another writer's stamp: the version of who unlinks next is an old one.
        let other = Retired::new(&link.tokens);
        other.retire((), 0);
        let reader = spawn(link, Link::read_once);
        let between = link.tokens.reader_token().unwrap();
        let seen = link.read(&between);
        link.unlink();
        drop(early);
        link.retired.reclaim();
        assert_eq!((seen, link.retired.len()), (1, 1));
        drop(between);
        reader.join().unwrap();
    });
}

#[test]
fn a_stalled_reader_keeps_nothing_older() {
    check("a_stalled_reader_keeps_nothing_older", || {
        let live = Live::default();
        let tokens = Arc::new(TokenManager::new(OneWriteMultiRead));
        let retired = Retired::new(&tokens);
        retired.retire(Watched::new(&live, 1), 1);
        let stalled = tokens.reader_token().unwrap();
        let other = {
            let tokens = Arc::clone(&tokens);
            thread::spawn(move || drop(tokens.reader_token().unwrap()))
        };
        retired.retire(Watched::new(&live, 2), 1);
        retired.reclaim();
        other.join().unwrap();
        retired.reclaim();
        assert_eq!((retired.len(), live.count()), (1, 1));
        drop(stalled);
        assert_eq!((retired.reclaim(), live.count()), (1, 0));
    });
}

#[test]
fn token_drop_against_reclaim() {
    check_link("token_drop_against_reclaim", |link| {
        link.unlink();
        let token = link.tokens.reader_token().unwrap();
        let reclaimer = spawn(link, |link| link.retired.reclaim());
        let reader = spawn(link, Link::read_once);
        assert_eq!(link.read(&token), 0);
        drop(token);
        reclaimer.join().unwrap();
        reader.join().unwrap();
    });
}

#[test]
fn nested_token() {
    check_link("nested_token", |link| {
        let reader = spawn(link, |link| {
            let outer = link.tokens.reader_token().unwrap();
            let inner = link.tokens.reader_token().unwrap();
            drop(outer);
            assert!(link.read(&inner) <= 1);
        });
        link.unlink();
        link.retired.reclaim();
        reader.join().unwrap();
    });
}

/// A token's slot is used by the thread's next token, which may enter under a version that says that
/// what the first one has read is free.
#[test]
fn token_after_token() {
    check_link("token_after_token", |link| {
        let reader = spawn(link, |link| {
            link.read_once();
            link.read_once();
        });
        link.unlink();
        link.retired.reclaim();
        reader.join().unwrap();
    });
}

/// A thread's idle slots go with it, and what it has read is free after that.
#[test]
fn thread_exit_with_a_token() {
    check_link("thread_exit_with_a_token", |link| {
        let reader = spawn(link, Link::read_once);
        link.unlink();
        link.retired.reclaim();
        reader.join().unwrap();
        assert_eq!(link.tokens.stats().readers_active, 0);
    });
}

/// The slot of a thread that ends is all that tells its next owner of what was read under it; and a
/// third one frees that, if it finds that the next owner has entered under a newer version.
#[test]
fn slot_reuse() {
    check_link("slot_reuse", |link| {
        let reader = spawn(link, Link::read_once);
        link.unlink();
        let next = spawn(link, |link| drop(link.tokens.reader_token()));
        link.retired.reclaim();
        reader.join().unwrap();
        next.join().unwrap();
    });
}

#[test]
fn two_reclaimers() {
    check_link("two_reclaimers", |link| {
        link.unlink();
        let token = link.tokens.reader_token().unwrap();
        link.retired
            .retire(Box::new(Watched::new(&Live::default(), 2)), 1);
        let reclaimers = [(); 2].map(|()| spawn(link, |link| link.retired.reclaim()));
        drop(token);
        let freed: usize = reclaimers.into_iter().map(|r| r.join().unwrap()).sum();
        assert!((1..=2).contains(&freed), "{freed} freed");
        link.retired.reclaim();
    });
}

/// One thread retires, another frees, a third reads: the one that frees has to know of the unlinking
/// before it looks at the slots.
#[test]
fn another_thread_frees() {
    check_link("another_thread_frees", |link| {
        let reader = spawn(link, Link::read_once);
        let reclaimer = spawn(link, |link| link.retired.reclaim());
        link.unlink();
        reader.join().unwrap();
        reclaimer.join().unwrap();
    });
}

#[test]
fn a_reader_sees_a_whole_version_and_never_goes_back() {
    check_world(
        "a_reader_sees_a_whole_version_and_never_goes_back",
        |world| {
            let writer = spawn(world, World::add);
            let token = world.tokens.reader_token().unwrap();
            let first = world.read(&token);
            let second = world.read(&token);
            assert!(first <= second && second <= 1);
            drop(token);
            let token = world.tokens.reader_token().unwrap();
            assert!(second <= world.read(&token));
            drop(token);
            writer.join().unwrap();
        },
    );
}

/// A version that has a part elsewhere, which remains when the version is succeeded.
struct Whole(*mut Watched);

// SAFETY: a pointer to what is read; who drops it has it alone, as loom checks.
unsafe impl Send for Whole {}
// SAFETY: as above.
unsafe impl Sync for Whole {}

impl Whole {
    fn new(live: &Live, number: u32) -> Self {
        Self(Box::into_raw(Box::new(Watched::new(live, number))))
    }

    fn get(&self) -> u32 {
        // SAFETY: there as long as readers of the version are.
        unsafe { &*self.0 }.get()
    }

    /// Takes the part.
    fn remains(&self) -> Box<Watched> {
        // SAFETY: each model takes it once.
        unsafe { Box::from_raw(self.0) }
    }
}

#[test]
fn what_remains_of_a_version_stays_for_its_readers() {
    check("what_remains_of_a_version_stays_for_its_readers", || {
        let live = Live::default();
        let tokens = Arc::new(TokenManager::new(OneWriteMultiRead));
        let versions =
            Versioned::<_, Option<Box<Watched>>>::with_remains(&tokens, Whole::new(&live, 1));
        let shared = Arc::new((versions, live.clone()));
        let writer = thread::spawn({
            let (tokens, shared) = (Arc::clone(&tokens), Arc::clone(&shared));
            move || {
                let (versions, live) = &*shared;
                let token = tokens.writer_token().unwrap();
                let make = |now: &Whole| Ok((Whole::new(live, 2), now.get()));
                let settle = |old: &Whole, number| {
                    assert_eq!(number, 1);
                    Some(old.remains())
                };
                versions.succeed(&token, 1, make, settle).unwrap();
            }
        });
        let (versions, live) = &*shared;
        let token = tokens.reader_token().unwrap();
        let version = versions.read(&token).unwrap();
        let number = version.get();
        assert_eq!(version.get(), number);
        assert!(number == 1 || versions.is_current(version));
        drop(token);
        writer.join().unwrap();
        drop(versions.with(Whole::remains));
        while versions.reclaim() > 0 {}
        assert_eq!(live.count(), 0, "parts alive at the end");
    });
}

#[test]
fn two_writers_lose_no_update() {
    check_world("two_writers_lose_no_update", |world| {
        let writer = spawn(world, World::add);
        world.add();
        writer.join().unwrap();
        let token = world.tokens.reader_token().unwrap();
        assert_eq!(world.read(&token), 2);
    });
}

#[test]
fn last_handle_dropped_while_a_reader_loads() {
    check_world("last_handle_dropped_while_a_reader_loads", |world| {
        world.add();
        let reader = spawn(world, |world| {
            let token = world.tokens.reader_token().unwrap();
            world.read(&token)
        });
        // The main thread's handle goes with the model; here it is the reader's that may be the last.
        let dropper = spawn(world, |_| ());
        dropper.join().unwrap();
        assert_eq!(reader.join().unwrap(), 1);
    });
}

#[test]
fn one_writer_at_a_time() {
    check("one_writer_at_a_time", || {
        let tokens = Arc::new(TokenManager::new(OneWriteMultiRead));
        let inside = Arc::new(Watched::new(&Live::default(), 0));
        let write = |tokens: &TokenManager, inside: &Watched| {
            let token = tokens.writer_token().unwrap();
            // SAFETY: there is one writer; loom checks it.
            inside.cell.with_mut(|value| unsafe { *value += 1 });
            drop(token);
        };
        let threads = [(); 2].map(|()| {
            let (tokens, inside) = (Arc::clone(&tokens), Arc::clone(&inside));
            thread::spawn(move || write(&tokens, &inside))
        });
        match tokens.try_writer_token() {
            Ok(token) => drop(token),
            Err(error) => assert_eq!(error, SyncError::Busy),
        }
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(inside.get(), 2);
    });
}

/// A futex and something to hand over.
struct Handover {
    futex: Futex,
    cell: UnsafeCell<u32>,
}

// SAFETY: one thread writes before it changes the futex's word, the others read after they saw that.
unsafe impl Sync for Handover {}
// SAFETY: as above.
unsafe impl Send for Handover {}

impl Handover {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            futex: Futex::new(0),
            cell: UnsafeCell::new(0),
        })
    }

    fn wait(&self) {
        while self.futex.word().load(Ordering::Acquire) == 0 {
            self.futex.wait(0, None).unwrap();
        }
        // SAFETY: the word is set after the cell is written; loom checks it.
        assert_eq!(self.cell.with(|value| unsafe { *value }), 1);
    }

    fn set(&self) {
        // SAFETY: as above.
        self.cell.with_mut(|value| unsafe { *value = 1 });
        self.futex.word().store(1, Ordering::Release);
    }
}

#[test]
fn no_wake_up_is_lost() {
    check("no_wake_up_is_lost", || {
        let shared = Handover::new();
        let waiter = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || shared.wait())
        };
        shared.set();
        shared.futex.wake(1);
        waiter.join().unwrap();
    });
}

#[test]
fn wake_against_timeout() {
    check("wake_against_timeout", || {
        let futex = Arc::new(Futex::new(0));
        let waiters = [Some(Duration::from_secs(1)), None].map(|timeout| {
            let futex = Arc::clone(&futex);
            thread::spawn(move || futex.wait(0, timeout).is_ok())
        });
        // One wake for each, and a word that has changed for who comes later: a wake that goes to
        // somebody whose time is up at that moment must not leave the other asleep.
        futex.word().store(1, Ordering::Release);
        futex.wake(1);
        futex.wake(1);
        let [_, woken] = waiters.map(|waiter| waiter.join().unwrap());
        assert!(woken);
    });
}

#[test]
fn shutdown_wakes_all() {
    check("shutdown_wakes_all", || {
        let shared = Handover::new();
        let waiters = [(); 2].map(|()| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || shared.wait())
        });
        shared.set();
        shared.futex.wake(u32::MAX);
        for waiter in waiters {
            waiter.join().unwrap();
        }
    });
}

#[test]
fn a_wake_before_the_wait_is_no_wake() {
    check("a_wake_before_the_wait_is_no_wake", || {
        let futex = Arc::new(Futex::new(0));
        let waiter = {
            let futex = Arc::clone(&futex);
            thread::spawn(move || {
                let timeout = Some(Duration::from_secs(1));
                futex.wait(0, timeout).is_ok()
            })
        };
        let woken = futex.wake(1);
        assert_eq!(waiter.join().unwrap(), woken == 1);
    });
}

/// A flag, and a number that it guards.
struct Flagged {
    flag: AtomicFlag,
    cell: UnsafeCell<u32>,
    tries: AtomicU32,
}

// SAFETY: the models write the cell where the flag says that they may; loom checks it.
unsafe impl Sync for Flagged {}
// SAFETY: as above.
unsafe impl Send for Flagged {}

impl Flagged {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            flag: AtomicFlag::new(),
            cell: UnsafeCell::new(0),
            tries: AtomicU32::new(0),
        })
    }

    fn add(&self) -> u32 {
        // SAFETY: see the type.
        self.cell.with_mut(|value| unsafe {
            *value += 1;
            *value
        })
    }

    fn get(&self) -> u32 {
        // SAFETY: see the type.
        self.cell.with(|value| unsafe { *value })
    }
}

#[test]
fn a_flag_hands_over_what_came_before() {
    check("a_flag_hands_over_what_came_before", || {
        let shared = Flagged::new();
        let setter = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                shared.add();
                assert!(!shared.flag.set());
            })
        };
        if shared.flag.is_set() {
            assert_eq!(shared.get(), 1);
        }
        setter.join().unwrap();
    });
}

#[test]
fn who_finds_a_flag_set_sees_what_came_before() {
    check("who_finds_a_flag_set_sees_what_came_before", || {
        let shared = Flagged::new();
        let threads = [(); 2].map(|()| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                if shared.tries.fetch_add(1, Ordering::Relaxed) == 0 {
                    shared.add();
                    shared.flag.set();
                } else if shared.flag.set() {
                    assert_eq!(shared.get(), 1);
                }
            })
        });
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

#[test]
fn a_flag_excludes_until_it_is_cleared() {
    check("a_flag_excludes_until_it_is_cleared", || {
        let shared = Flagged::new();
        let threads = [(); 2].map(|()| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                if !shared.flag.set() {
                    shared.add();
                    assert!(shared.flag.clear());
                }
            })
        });
        for thread in threads {
            thread.join().unwrap();
        }
        assert!((1..=2).contains(&shared.get()));
    });
}

#[test]
fn who_clears_a_flag_sees_what_came_before_it_was_set() {
    check("who_clears_a_flag_sees_what_came_before_it_was_set", || {
        let shared = Flagged::new();
        let setter = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                shared.add();
                shared.flag.set();
            })
        };
        if shared.flag.clear() {
            assert_eq!(shared.get(), 1);
        }
        setter.join().unwrap();
    });
}
