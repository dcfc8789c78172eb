//! [`Retired`]: what was taken out of a structure and waits for its readers.

use std::collections::VecDeque;
use std::fmt;

use pleach_atomic::scaled;
use pleach_atomic::sync::{Arc, Mutex};

use crate::lock::lock;
use crate::manager::Shared;
use crate::{Policy, Stall, SyncError, TokenManager};

/// How many items are freed at once.
const BATCH: usize = scaled(64, 2);

/// A list that has grown beyond this gives its memory back when it is empty.
const KEPT: usize = 1024;

/// Items taken out of a structure, each of which is dropped when no reader can see it any more.
///
/// It belongs to the structure, and not to the threads that write: a thread that ends leaves nothing
/// behind, and whoever comes next frees what it has retired. Dropping the list drops all items.
///
/// # Examples
///
/// ```
/// use pleach_sync::{ConcurrencyLevel, Retired, TokenManager};
///
/// let tokens = TokenManager::new(ConcurrencyLevel::OneWriteMultiRead);
/// let retired = Retired::new(&tokens);
///
/// let reader = tokens.reader_token()?;
/// retired.retire("seen by the reader", 18);
/// assert_eq!(retired.reclaim(), 0);
/// drop(reader);
/// assert_eq!(retired.reclaim(), 1);
/// # Ok::<(), pleach_sync::SyncError>(())
/// ```
pub struct Retired<T> {
    shared: Arc<Shared>,
    /// With their stamps, which do not fall.
    items: Mutex<VecDeque<Item<T>>>,
}

struct Item<T> {
    stamp: u64,
    bytes: u64,
    value: T,
}

impl<T> Retired<T> {
    /// An empty list of items that the readers of `manager` may see.
    #[must_use]
    pub fn new(manager: &TokenManager) -> Self {
        Self {
            shared: Arc::clone(manager.shared()),
            items: Mutex::new(VecDeque::new()),
        }
    }

    /// Takes an item of about `bytes` bytes that new readers cannot reach any more, and drops it when
    /// none can: later, in a call of [`reclaim`](Self::reclaim).
    pub fn retire(&self, item: T, bytes: u64) {
        self.take([(item, bytes)]);
    }

    /// Takes several items at once, each with its bytes, and gives them one stamp.
    pub fn retire_all(&self, items: Vec<(T, u64)>) {
        self.take(items);
    }

    fn take<I>(&self, items: I)
    where
        I: IntoIterator<Item = (T, u64), IntoIter: ExactSizeIterator>,
    {
        let items = items.into_iter();
        let (count, mut weight) = (items.len(), 0);
        let mut list = lock(&self.items);
        // Under the lock, so that the list is in the order of its stamps.
        let stamp = self.shared.stamp();
        for (value, bytes) in items {
            weight += bytes;
            list.push_back(Item {
                stamp,
                bytes,
                value,
            });
        }
        drop(list);
        self.shared.counts.retired.add(count as u64);
        self.shared.counts.pending_bytes.add(weight);
    }

    /// Drops some of the items that no reader can see any more, the oldest first; returns how many.
    ///
    /// Takes a look at the slot of every token, and drops no more than a few dozen items, so that a
    /// call takes no longer for what has piled up. Called after every write, it frees more than is
    /// retired.
    ///
    /// # Panics
    ///
    /// If an item's drop does; the items after it wait for the next call.
    pub fn reclaim(&self) -> usize {
        if self.is_empty() {
            return 0;
        }
        let horizon = self.shared.horizon();
        let free = (0..BATCH).map_while(|_| self.pop(horizon));
        // Outside of the lock: what is dropped may call us.
        free.map(drop).count()
    }

    /// The oldest item, if it is free.
    fn pop(&self, horizon: u64) -> Option<T> {
        let mut list = lock(&self.items);
        let item = list.pop_front_if(|item| item.stamp <= horizon)?;
        if list.is_empty() && list.capacity() > KEPT {
            *list = VecDeque::new();
        }
        drop(list);
        self.forget(1, item.bytes);
        Some(item.value)
    }

    /// Says whether the manager's [`Policy`] lets a writer go on, after freeing what can be freed.
    ///
    /// # Errors
    ///
    /// [`SyncError::Backpressure`].
    pub fn admit(&self) -> Result<(), SyncError> {
        let limit = match &self.shared.policy {
            Policy::Grow => return Ok(()),
            Policy::Backpressure { limit } | Policy::Notify { limit, .. } => *limit,
        };
        let counts = &self.shared.counts;
        while counts.pending_bytes.get() > limit && self.reclaim() > 0 {}
        let pending = counts.pending_bytes.get();
        if pending <= limit {
            return Ok(());
        }
        if let Policy::Notify { call, .. } = &self.shared.policy {
            call(&Stall {
                pending_bytes: pending,
                behind: self.shared.behind(),
            });
            return Ok(());
        }
        counts.refused.add(1);
        Err(SyncError::Backpressure { pending, limit })
    }

    /// How many items wait.
    #[must_use]
    pub fn len(&self) -> usize {
        lock(&self.items).len()
    }

    /// Whether none waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Takes items off the statistics.
    fn forget(&self, count: usize, bytes: u64) {
        self.shared.counts.reclaimed.add(count as u64);
        self.shared.counts.pending_bytes.sub(bytes);
    }
}

impl<T> Drop for Retired<T> {
    fn drop(&mut self) {
        let items = std::mem::take(&mut *lock(&self.items));
        let bytes = items.iter().map(|item| item.bytes).sum();
        self.forget(items.len(), bytes);
    }
}

impl<T> fmt::Debug for Retired<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retired").field("len", &self.len()).finish()
    }
}
