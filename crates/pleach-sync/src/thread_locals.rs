//! [`ThreadLocalStorage`]: a value for each thread, and for each instance.

use std::cell::{Cell, RefCell, RefMut};
use std::fmt;

use thread_local::ThreadLocal;

/// A value for each thread that asks, which belongs to this instance: it is dropped with it.
///
/// `std::thread_local!` has one value a thread for a whole program; this has one for each thread and
/// each instance, in crate `thread_local`'s table. Values do not go with their threads: they stay until
/// the instance is dropped, to be summed up by [`iter_mut`](Self::iter_mut), and a thread that is
/// started later may go on with the value of one that has ended.
///
/// # Examples
///
/// ```
/// use pleach_sync::ThreadLocalStorage;
///
/// let mut words = ThreadLocalStorage::<Vec<&str>>::new();
/// std::thread::scope(|scope| {
///     scope.spawn(|| words.borrow_mut().push("there"));
///     words.borrow_mut().push("here");
/// });
/// let mut all: Vec<_> = words.iter_mut().flat_map(|words| words.drain(..)).collect();
/// all.sort_unstable();
/// assert_eq!(all, ["here", "there"]);
/// ```
#[derive(Default)]
pub struct ThreadLocalStorage<T: Send> {
    values: ThreadLocal<Entry<T>>,
}

struct Entry<T> {
    value: RefCell<T>,
    /// Whether a shared borrow of the value has been given away for ever.
    lent: Cell<bool>,
}

impl<T: Send> ThreadLocalStorage<T> {
    /// No values.
    #[must_use]
    pub fn new() -> Self {
        Self {
            values: ThreadLocal::new(),
        }
    }

    /// This thread's value, which `init` makes if there is none. It stays where it is.
    ///
    /// From then on it is shared: it can no longer be borrowed mutably through `&self`.
    ///
    /// # Panics
    ///
    /// If the value is mutably borrowed, by a caller further up.
    pub fn get_or_init(&self, init: impl FnOnce() -> T) -> &T {
        let entry = self.entry(init);
        if !entry.lent.get() {
            // Forgotten, it counts for ever.
            std::mem::forget(entry.value.borrow());
            entry.lent.set(true);
        }
        // SAFETY: a shared borrow is counted for as long as there is the entry, so no mutable one is
        // given out; `iter_mut` and `drop` have the whole instance to themselves, and the entry does
        // not move while it is borrowed.
        unsafe { &*entry.value.as_ptr() }
    }

    /// All threads' values, those of threads that have ended too.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.values.iter_mut().map(|entry| entry.value.get_mut())
    }

    /// Drops all threads' values.
    pub fn clear(&mut self) {
        self.values.clear();
    }

    fn entry(&self, init: impl FnOnce() -> T) -> &Entry<T> {
        self.values.get_or(|| Entry {
            value: RefCell::new(init()),
            lent: Cell::new(false),
        })
    }
}

impl<T: Send + Default> ThreadLocalStorage<T> {
    /// This thread's value, to change.
    ///
    /// # Panics
    ///
    /// If it is borrowed, by a caller further up or for ever ([`get_or_init`](Self::get_or_init)).
    #[track_caller]
    pub fn borrow_mut(&self) -> RefMut<'_, T> {
        self.entry(T::default).value.borrow_mut()
    }

    /// Calls `f` with this thread's value.
    ///
    /// # Panics
    ///
    /// If it is mutably borrowed, by a caller further up.
    pub fn with<R>(&self, f: impl FnOnce(&T) -> R) -> R {
        f(&self.entry(T::default).value.borrow())
    }
}

impl<T: Send> fmt::Debug for ThreadLocalStorage<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadLocalStorage").finish_non_exhaustive()
    }
}
