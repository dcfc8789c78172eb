//! What two maps say of each other: equality, order and hashes of what is in them, and the value
//! at a key that is known to be there.
//!
//! All of it sees keys and values only: neither how nodes came to lie nor locations without a value.
//! Two maps are compared by walking both at once, location by location from the root, past every
//! node that both share.

use super::{Literal, PathMap};
use crate::ByteMask;
use crate::raw::{Cursor, Trie};
use pleach_ptr::{Allocator, PtrKind};
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::ops::Index;

/// So many values are compared one by one; more are looked through for shared nodes first. A leaf
/// holds about as many.
const FEW: u64 = 256;

impl<V: PartialEq, K: PtrKind, A: Allocator> PartialEq for PathMap<V, K, A> {
    /// Whether both have the same keys with equal values.
    ///
    /// Maps of different lengths differ at once. Values in nodes that both maps share are taken to
    /// be equal, even where they do not equal themselves; so the time is that of the nodes not shared.
    fn eq(&self, other: &Self) -> bool {
        let values = |a: &V, b: &V| (a == b).then_some(Ordering::Equal);
        self.trie.count() == other.trie.count()
            && compare(&self.trie, &other.trie, values) == Some(Ordering::Equal)
    }
}

impl<V: Eq, K: PtrKind, A: Allocator> Eq for PathMap<V, K, A> {}

impl<V: PartialOrd, K: PtrKind, A: Allocator> PartialOrd for PathMap<V, K, A> {
    /// Compares the entries in order, as [`iter`](PathMap::iter) returns them; shared nodes are
    /// passed over as in `==`.
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        compare(&self.trie, &other.trie, V::partial_cmp)
    }
}

impl<V: Ord, K: PtrKind, A: Allocator> Ord for PathMap<V, K, A> {
    fn cmp(&self, other: &Self) -> Ordering {
        let values = |a: &V, b: &V| Some(a.cmp(b));
        compare(&self.trie, &other.trie, values).unwrap_or(Ordering::Equal)
    }
}

impl<V: Hash, K: PtrKind, A: Allocator> Hash for PathMap<V, K, A> {
    /// Hashes the number of entries and each of them: what a `BTreeMap<Vec<u8>, V>` does.
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_usize(self.len());
        let mut cursor = Cursor::new(&self.trie, &[]);
        let mut value = value_from(&mut cursor, true);
        while let Some(found) = value {
            cursor.origin_path().hash(state);
            found.hash(state);
            value = value_from(&mut cursor, false);
        }
    }
}

impl<Q, V, K, A> Index<&Q> for PathMap<V, K, A>
where
    Q: AsRef<[u8]> + ?Sized,
    K: PtrKind,
    A: Allocator,
{
    type Output = V;

    /// The value at `path`; time in the length of `path`.
    ///
    /// # Panics
    /// If there is none: see [`get`](PathMap::get).
    #[track_caller]
    fn index(&self, path: &Q) -> &V {
        match self.get(path) {
            Some(value) => value,
            None => panic!("no value at {:?}", Literal(path)),
        }
    }
}

/// A cursor over one of the two.
type Side<'a, V, K, A> = Cursor<&'a Trie<V, K, A>>;

/// The order of the entries of two tries, by keys and then by what `values` says; none as soon as
/// it says nothing.
fn compare<V, K: PtrKind, A: Allocator>(
    a: &Trie<V, K, A>,
    b: &Trie<V, K, A>,
    mut values: impl FnMut(&V, &V) -> Option<Ordering>,
) -> Option<Ordering> {
    if a.ptr_eq(b) {
        return Some(Ordering::Equal);
    }
    // Both stand at the same path, on the trie or off it; what comes before it is equal.
    let (mut a, mut b) = (Cursor::new(a, &[]), Cursor::new(b, &[]));
    // Lengths of the paths above whose branches are not all compared, and the bytes that are left.
    let mut open = Vec::<(usize, ByteMask)>::new();
    loop {
        let least = a.count().min(b.count());
        if is_same(&a, &b) {
        } else if least <= FEW {
            // Where one has more, the first that the other lacks decides.
            let steps = least + u64::from(a.count() != b.count());
            for i in 0..steps {
                let (x, y) = (value_from(&mut a, i == 0), value_from(&mut b, i == 0));
                let order = match (x, y) {
                    (Some(x), Some(y)) => match a.path().cmp(b.path()) {
                        Ordering::Equal => values(x, y),
                        order => Some(order),
                    },
                    (x, y) => Some(x.is_some().cmp(&y.is_some())),
                };
                if order != Some(Ordering::Equal) {
                    return order;
                }
            }
        } else {
            let order = match (a.get(), b.get()) {
                (Some(x), Some(y)) => values(x, y),
                // Both have values below: the one with a value here comes first.
                (x, y) => Some(y.is_some().cmp(&x.is_some())),
            };
            if order != Some(Ordering::Equal) {
                return order;
            }
            if descend_common(&mut a, &mut b) {
                continue;
            }
            open.push((a.path().len(), a.mask() | b.mask()));
        }
        let (len, byte) = loop {
            let Some((len, bytes)) = open.last_mut() else {
                return Some(Ordering::Equal);
            };
            match bytes.iter().next() {
                Some(byte) => {
                    bytes.clear_bit(byte);
                    break (*len, byte);
                }
                None => drop(open.pop()),
            }
        };
        for cursor in [&mut a, &mut b] {
            cursor.ascend(cursor.path().len() - len);
            cursor.descend(&[byte]);
        }
    }
}

/// Whether all that is at and below both places is one node.
fn is_same<V, K: PtrKind, A: Allocator>(a: &Side<'_, V, K, A>, b: &Side<'_, V, K, A>) -> bool {
    match (a.node(), b.node()) {
        (Some((a, _)), Some((b, _))) => a == b,
        _ => false,
    }
}

/// Where one way leads on, and the same in both: moves both along it, up to a value or a branch of
/// either.
fn descend_common<'a, V, K: PtrKind, A: Allocator>(
    a: &mut Side<'a, V, K, A>,
    b: &mut Side<'a, V, K, A>,
) -> bool {
    let from = a.path().len();
    a.descend_until(usize::MAX);
    b.descend_until(usize::MAX);
    let runs = a.path()[from..].iter().zip(&b.path()[from..]);
    let to = from + runs.take_while(|(a, b)| a == b).count();
    for cursor in [a, b] {
        cursor.ascend(cursor.path().len() - to);
    }
    to > from
}

/// Moves to the next value, or stays at the one that is there if that counts.
fn value_from<'a, V, K: PtrKind, A: Allocator>(
    cursor: &mut Side<'a, V, K, A>,
    here: bool,
) -> Option<&'a V> {
    let value = if here { cursor.get() } else { None };
    value.or_else(|| {
        if cursor.next_value() {
            cursor.get()
        } else {
            None
        }
    })
}
