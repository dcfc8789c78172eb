//! What cursors move on: a trie, borrowed, owned or made when it is needed.

use super::Trie;
use pleach_ptr::{Allocator, PtrKind};

/// Where a cursor finds its trie.
///
/// # Safety
/// `trie` returns the same trie each time, and while the cursor lives that trie changes only
/// through [`Cursor::edit`](super::Cursor::edit) and [`Cursor::release`](super::Cursor::release).
pub(crate) unsafe trait Source {
    /// Value type.
    type V;
    /// Pointer kind.
    type K: PtrKind;
    /// Allocator.
    type A: Allocator;
    /// Whether a descent looks at nodes at once, and not only when the first question is asked.
    const EAGER: bool;
    /// The trie.
    fn trie(&self) -> &Trie<Self::V, Self::K, Self::A>;
}

/// A source that may be changed through its cursor.
///
/// # Safety
/// `trie_mut` returns the trie that [`Source::trie`] returns.
pub(crate) unsafe trait SourceMut: Source {
    /// The trie.
    fn trie_mut(&mut self) -> &mut Trie<Self::V, Self::K, Self::A>;

    /// The value at `path`, to change.
    fn value_mut(&mut self, path: &[u8]) -> Option<&mut Self::V>
    where
        Self::V: Clone,
    {
        self.trie_mut().get_mut(path)
    }

    /// The value at `path`, made by `make` where there is none.
    fn value_or_insert_with(&mut self, path: &[u8], make: impl FnOnce() -> Self::V) -> &mut Self::V
    where
        Self::V: Clone,
    {
        self.trie_mut().get_or_insert_with(path, make)
    }

    /// Sets the value at `path`, or takes it out; the old one comes back.
    fn set_value(&mut self, path: &[u8], value: Option<Self::V>) -> Option<Self::V>
    where
        Self::V: Clone,
    {
        self.trie_mut().set(path, value)
    }
}

// SAFETY: a shared borrow keeps the trie unchanged.
unsafe impl<V, K: PtrKind, A: Allocator> Source for &Trie<V, K, A> {
    type V = V;
    type K = K;
    type A = A;
    const EAGER: bool = true;
    fn trie(&self) -> &Trie<V, K, A> {
        self
    }
}

// SAFETY: an exclusive borrow; only `edit` and `release` reach `trie_mut`.
unsafe impl<V, K: PtrKind, A: Allocator> Source for &mut Trie<V, K, A> {
    type V = V;
    type K = K;
    type A = A;
    const EAGER: bool = false;
    fn trie(&self) -> &Trie<V, K, A> {
        self
    }
}

// SAFETY: as above.
unsafe impl<V, K: PtrKind, A: Allocator> SourceMut for &mut Trie<V, K, A> {
    fn trie_mut(&mut self) -> &mut Trie<V, K, A> {
        self
    }
}

// SAFETY: the cursor owns the trie; only `edit` and `release` reach `trie_mut`.
unsafe impl<V, K: PtrKind, A: Allocator> Source for Trie<V, K, A> {
    type V = V;
    type K = K;
    type A = A;
    const EAGER: bool = true;
    fn trie(&self) -> &Trie<V, K, A> {
        self
    }
}

// SAFETY: as above.
unsafe impl<V, K: PtrKind, A: Allocator> SourceMut for Trie<V, K, A> {
    fn trie_mut(&mut self) -> &mut Trie<V, K, A> {
        self
    }
}
