//! The walk that iterators over shared tries are made of.

use crate::raw::{Cursor, Trie};
use pleach_ptr::{Allocator, PtrKind};
use std::borrow::Cow;
#[cfg(feature = "rayon")]
use std::ops::Range;
use std::ops::{Bound, RangeBounds};

/// One end of a walk.
struct End<'a, V, K: PtrKind, A: Allocator> {
    cursor: Cursor<&'a Trie<V, K, A>>,
    /// The focus itself is not, or no longer, to come.
    passed: bool,
}

impl<'a, V, K: PtrKind, A: Allocator> End<'a, V, K, A> {
    fn at(trie: &'a Trie<V, K, A>, path: &[u8], passed: bool) -> Self {
        let mut cursor = Cursor::new(trie, &[]);
        cursor.descend(path);
        Self { cursor, passed }
    }

    /// The end opposite to this one, if that has not moved: the last value below the same root.
    fn opposite(&self) -> Self {
        let mut cursor = self.cursor.clone();
        let passed = !cursor.last_value();
        Self { cursor, passed }
    }

    #[inline]
    fn next(&mut self) -> Option<&'a V> {
        let mut found = match std::mem::replace(&mut self.passed, true) {
            true => None,
            false => self.cursor.get(),
        };
        if found.is_none() && self.cursor.next_value() {
            found = self.cursor.get();
        }
        found
    }

    fn next_back(&mut self) -> Option<&'a V> {
        let mut found = match std::mem::replace(&mut self.passed, true) {
            true => None,
            false => self.cursor.get(),
        };
        if found.is_none() && self.cursor.prev_value() {
            found = self.cursor.get();
        }
        found
    }
}

impl<V, K: PtrKind, A: Allocator> Clone for End<'_, V, K, A> {
    fn clone(&self) -> Self {
        Self {
            cursor: self.cursor.clone(),
            passed: self.passed,
        }
    }
}

/// Values in order, from both ends.
///
/// The number of those ahead says when the ends have met. Where it is saturated there are so many
/// that they never will.
pub(super) struct Walk<'a, V, K: PtrKind, A: Allocator> {
    front: Option<End<'a, V, K, A>>,
    /// None as long as nothing was asked of an end that is the last value.
    back: Option<End<'a, V, K, A>>,
    /// Values ahead; `u64::MAX` stands for any number from there on.
    ahead: u64,
}

impl<'a, V, K: PtrKind, A: Allocator> Walk<'a, V, K, A> {
    /// A walk over nothing.
    pub(super) const OVER: Self = Self {
        front: None,
        back: None,
        ahead: 0,
    };

    /// The values at and below `path`.
    pub(super) fn below(trie: &'a Trie<V, K, A>, path: &[u8]) -> Self {
        let cursor = Cursor::new(trie, path);
        Self {
            ahead: cursor.count(),
            front: Some(End {
                cursor,
                passed: false,
            }),
            back: None,
        }
    }

    /// The values whose keys are in `span`.
    pub(super) fn across(trie: &'a Trie<V, K, A>, span: &Span<'_>) -> Self {
        Self {
            front: Some(End::at(trie, &span.low, false)),
            back: span.high.as_ref().map(|high| End::at(trie, high, true)),
            ahead: span.count(trie),
        }
    }

    /// The values from number `from` on and before number `to`; where the count is saturated, `to` at
    /// `u64::MAX` is the end.
    #[cfg(feature = "rayon")]
    pub(super) fn positions(trie: &'a Trie<V, K, A>, Range { start, end }: Range<u64>) -> Self {
        let Some(first) = trie.nth(start).filter(|_| start < end) else {
            return Self::OVER;
        };
        let after = if end < trie.count() {
            trie.nth(end)
        } else {
            None
        };
        Self {
            front: Some(End::at(trie, &first, false)),
            back: after.map(|key| End::at(trie, &key, true)),
            ahead: end - start,
        }
    }

    /// Moves the front to the next value.
    #[inline]
    pub(super) fn next(&mut self) -> Option<&'a V> {
        if self.ahead == 0 {
            return None;
        }
        let found = self.front.as_mut()?.next();
        self.count_down(found)
    }

    /// Moves the back to the value before.
    pub(super) fn next_back(&mut self) -> Option<&'a V> {
        if self.ahead == 0 {
            return None;
        }
        let front = self.front.as_ref()?;
        let found = self
            .back
            .get_or_insert_with(|| front.opposite())
            .next_back();
        self.count_down(found)
    }

    #[inline]
    fn count_down(&mut self, found: Option<&'a V>) -> Option<&'a V> {
        self.ahead = match (found, self.ahead) {
            (None, _) => 0,
            (_, u64::MAX) => u64::MAX,
            (_, ahead) => ahead - 1,
        };
        found
    }

    /// The key of the value that the front found last.
    pub(super) fn front_key(&self) -> &[u8] {
        key(&self.front)
    }

    /// The key of the value that the back found last.
    pub(super) fn back_key(&self) -> &[u8] {
        key(&self.back)
    }

    /// Values ahead; saturates.
    pub(super) fn ahead(&self) -> u64 {
        self.ahead
    }
}

fn key<'w, V, K: PtrKind, A: Allocator>(end: &'w Option<End<'_, V, K, A>>) -> &'w [u8] {
    end.as_ref().map_or(&[], |end| end.cursor.origin_path())
}

impl<V, K: PtrKind, A: Allocator> Clone for Walk<'_, V, K, A> {
    fn clone(&self) -> Self {
        Self {
            front: self.front.clone(),
            back: self.back.clone(),
            ahead: self.ahead,
        }
    }
}

/// The keys from `low` on and before `high`. Every range is one: `key` and a zero byte is what comes
/// after `key`.
pub(crate) struct Span<'k> {
    low: Cow<'k, [u8]>,
    high: Option<Cow<'k, [u8]>>,
}

impl<'k> Span<'k> {
    /// The keys in `range`.
    pub(crate) fn of<T: AsRef<[u8]> + ?Sized + 'k>(range: &'k impl RangeBounds<T>) -> Self {
        let at = |key: &'k T| Cow::from(key.as_ref());
        let after = |key: &'k T| Cow::from([key.as_ref(), &[0]].concat());
        Self {
            low: match range.start_bound() {
                Bound::Unbounded => Cow::from(&[][..]),
                Bound::Included(key) => at(key),
                Bound::Excluded(key) => after(key),
            },
            high: match range.end_bound() {
                Bound::Unbounded => None,
                Bound::Included(key) => Some(after(key)),
                Bound::Excluded(key) => Some(at(key)),
            },
        }
    }

    /// The first key, if it is one, and the one after the last.
    pub(super) fn bounds(&self) -> (&[u8], Option<&[u8]>) {
        (&self.low, self.high.as_deref())
    }

    /// The number of values whose keys are among these; saturates.
    pub(crate) fn count<V, K: PtrKind, A: Allocator>(&self, trie: &Trie<V, K, A>) -> u64 {
        let end = match &self.high {
            Some(high) => trie.rank(high),
            None => trie.count(),
        };
        match end {
            u64::MAX => self.sum(trie),
            end => end.saturating_sub(trie.rank(&self.low)),
        }
    }

    /// The same where ranks say nothing since they are saturated: the sum of the largest subtries
    /// that lie in between.
    #[cold]
    fn sum<V, K: PtrKind, A: Allocator>(&self, trie: &Trie<V, K, A>) -> u64 {
        let mut sum = 0u64;
        let mut at = End::at(trie, &self.low, false).cursor;
        while self.high.as_ref().is_none_or(|high| at.path() < &high[..]) {
            let leads_on = self
                .high
                .as_ref()
                .is_some_and(|high| high.starts_with(at.path()));
            let (values, child) = match leads_on {
                true => (u64::from(at.value().is_some()), at.mask().iter().next()),
                false => (at.count(), None),
            };
            sum = sum.saturating_add(values);
            match child {
                Some(byte) => at.descend(&[byte]),
                None => {
                    if !to_next_sibling(&mut at) {
                        break;
                    }
                }
            }
        }
        sum
    }
}

/// To what comes after the focus and all that is below it; false if nothing does.
fn to_next_sibling<V, K: PtrKind, A: Allocator>(at: &mut Cursor<&Trie<V, K, A>>) -> bool {
    while let Some(&byte) = at.path().last() {
        at.ascend(1);
        if let Some(next) = at.mask().next_bit(byte) {
            at.descend(&[next]);
            return true;
        }
    }
    false
}
