//! Walking over values that may be changed, from both ends.
//!
//! A walk makes the nodes of its way its own before it hands out the first value of a leaf, and
//! from then on touches no byte of the values there: header, prefix, index and suffixes are all it
//! reads. So the values handed out before are never reached by another reference.

use super::cursor::Cursor;
use super::header::Header;
use super::source::Source;
use super::trie::Trie;
use pleach_ptr::{Allocator, PtrKind};
use std::marker::PhantomData;
use std::ptr::NonNull;

/// A trie that is borrowed exclusively for `'a`, seen by the two ends of a walk.
struct Lent<'a, V, K: PtrKind, A: Allocator> {
    trie: NonNull<Trie<V, K, A>>,
    marker: PhantomData<&'a mut Trie<V, K, A>>,
}

// SAFETY: an exclusive borrow; only the walk changes the trie, and then has both cursors start anew.
unsafe impl<V, K: PtrKind, A: Allocator> Source for Lent<'_, V, K, A> {
    type V = V;
    type K = K;
    type A = A;
    const EAGER: bool = true;
    fn trie(&self) -> &Trie<V, K, A> {
        // SAFETY: borrowed for 'a, and not changed while the reference lives.
        unsafe { self.trie.as_ref() }
    }
}

/// One end of a walk.
struct End<'a, V, K: PtrKind, A: Allocator> {
    cursor: Cursor<Lent<'a, V, K, A>>,
    /// The node whose values are being handed out, which is owned.
    node: Option<NonNull<Header>>,
    /// The focus itself is not, or no longer, to come.
    passed: bool,
    /// Nodes on the cursor's stack may have been replaced.
    stale: bool,
}

/// A walk over the values of a trie, in order, from both ends.
pub(crate) struct WalkMut<'a, V, K: PtrKind, A: Allocator> {
    trie: NonNull<Trie<V, K, A>>,
    front: End<'a, V, K, A>,
    back: End<'a, V, K, A>,
    /// Values between the ends; saturated, it stays.
    left: u64,
}

// SAFETY: an exclusive borrow of a trie, and cursors over it.
unsafe impl<V: Send + Sync, K: PtrKind, A: Allocator + Send> Send for WalkMut<'_, V, K, A> {}
// SAFETY: shared borrows of a walk tell its length and nothing else.
unsafe impl<V: Send + Sync, K: PtrKind, A: Allocator + Send + Sync> Sync for WalkMut<'_, V, K, A> {}

impl<'a, V: Clone, K: PtrKind, A: Allocator> WalkMut<'a, V, K, A> {
    /// A walk over the values from `low` on and before `high`, of which there are so many.
    pub(crate) fn new(
        trie: &'a mut Trie<V, K, A>,
        low: &[u8],
        high: Option<&[u8]>,
        count: u64,
    ) -> Self {
        let trie = NonNull::from(trie);
        let end = |at: &[u8], passed| {
            let marker = PhantomData;
            let mut cursor = Cursor::new(Lent { trie, marker }, &[]);
            cursor.descend(at);
            End {
                cursor,
                node: None,
                passed,
                stale: false,
            }
        };
        Self {
            trie,
            front: end(low, false),
            back: end(high.unwrap_or(&[]), high.is_some()),
            left: count,
        }
    }

    /// The next value from the front, with its key.
    pub(crate) fn next(&mut self) -> Option<(&[u8], &'a mut V)> {
        self.left.checked_sub(1)?;
        self.front.renew();
        let found = match std::mem::replace(&mut self.front.passed, true) {
            false => self.front.cursor.value_slot().is_some() || self.front.cursor.next_value(),
            true => self.front.cursor.next_value(),
        };
        self.count_down(found)?;
        Self::hand_out(self.trie, &mut self.front, &mut self.back)
    }

    /// The next value from the back, with its key.
    pub(crate) fn next_back(&mut self) -> Option<(&[u8], &'a mut V)> {
        self.left.checked_sub(1)?;
        self.back.renew();
        let found = match std::mem::replace(&mut self.back.passed, true) {
            false => self.back.cursor.last_value(),
            true => self.back.cursor.prev_value(),
        };
        self.count_down(found)?;
        Self::hand_out(self.trie, &mut self.back, &mut self.front)
    }

    /// One value less to come, or none any more: if an end has found nothing or passed the other.
    /// The count is not trusted with that, for no value may be handed out twice.
    fn count_down(&mut self, found: bool) -> Option<()> {
        let (front, back) = (&self.front, &self.back);
        let (low, high) = (front.cursor.origin_path(), back.cursor.origin_path());
        let met = back.passed && (low > high || front.passed && low == high);
        self.left = match self.left {
            _ if met || !found => 0,
            u64::MAX => u64::MAX,
            left => left - 1,
        };
        (found && !met).then_some(())
    }

    /// The value on which `end` stands, after its node has been made the trie's own.
    fn hand_out<'w>(
        mut trie: NonNull<Trie<V, K, A>>,
        end: &'w mut End<'a, V, K, A>,
        other: &mut End<'a, V, K, A>,
    ) -> Option<(&'w [u8], &'a mut V)> {
        if end.node != Some(end.cursor.value_slot()?.0) {
            (end.stale, other.stale) = (true, true);
            // SAFETY: borrowed for 'a; no reference into the trie is alive but values that have
            // been handed out, whose nodes are owned already and stay as they are.
            unsafe { trie.as_mut() }.own_through(end.cursor.origin_path());
            end.renew();
        }
        let (node, mut value) = end.cursor.value_slot()?;
        end.node = Some(node);
        // SAFETY: the node is the trie's own, and each value is handed out once: an end moves on
        // before each, and stops where it meets the other.
        Some((end.cursor.origin_path(), unsafe { value.as_mut() }))
    }
}

impl<V, K: PtrKind, A: Allocator> WalkMut<'_, V, K, A> {
    /// Values to come; saturates.
    pub(crate) fn left(&self) -> u64 {
        self.left
    }
}

impl<V, K: PtrKind, A: Allocator> End<'_, V, K, A> {
    /// Looks at the nodes of the path anew if they may have been replaced. Before that, nothing may
    /// be asked of the cursor.
    fn renew(&mut self) {
        if std::mem::take(&mut self.stale) {
            self.cursor.renew();
        }
    }
}
