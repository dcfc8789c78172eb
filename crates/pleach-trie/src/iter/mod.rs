//! Iterators over the entries of a trie, in byte order, from both ends.

mod lend;
mod owned;
mod shared;
mod walk;

pub use lend::{IterMut, RangeMut, ValuesMut};
pub use owned::{IntoIter, IntoKeys, IntoValues};
pub use shared::{Iter, Keys, Range, Values};
pub(crate) use walk::Span;

use crate::map::saturate;

/// The size hint of an iterator with as many items to come; `u64::MAX` stands for any number from
/// there on.
fn hint(ahead: u64) -> (usize, Option<usize>) {
    let len = saturate(ahead);
    (len, (ahead < u64::MAX && len < usize::MAX).then_some(len))
}
