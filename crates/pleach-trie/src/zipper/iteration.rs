//! Moving along all values, or all paths of one length.

use super::ZipperMoving;
use super::moving::climb_to_next;

/// A zipper that visits what is below a place, in byte order.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
/// use pleach_trie::zipper::*;
///
/// let map = PathMap::from([("b", 2), ("a", 1), ("ab", 3)]);
/// let mut z = map.read_zipper();
/// let mut paths = Vec::new();
/// while z.to_next_val() {
///     paths.push(z.path().to_vec());
/// }
/// assert_eq!(paths, [&b"a"[..], b"ab", b"b"]);
/// ```
pub trait ZipperIteration: ZipperMoving {
    /// Moves to the next value after the focus, in byte order; where none is left, it answers `false`
    /// and the focus is at the root.
    ///
    /// A value at the place where the walk starts is not visited: ask
    /// [`is_val`](super::Zipper::is_val) first.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let map = PathMap::from([("a", 1), ("b", 2)]);
    /// let mut z = map.read_zipper();
    /// z.descend_to("a");
    /// assert!(z.to_next_val());
    /// assert_eq!(z.val(), Some(&2));
    /// assert!(!z.to_next_val() && z.at_root());
    /// ```
    fn to_next_val(&mut self) -> bool {
        while self.to_next_step() {
            if self.is_val() {
                return true;
            }
        }
        false
    }

    /// Moves to the last location below the focus in byte order; false if there is none.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let map = PathMap::from([("tea", 1), ("ten", 2)]);
    /// let mut z = map.read_zipper();
    /// assert!(z.descend_last_path());
    /// assert_eq!(z.path(), b"ten");
    /// ```
    fn descend_last_path(&mut self) -> bool {
        let before = self.path().len();
        while self.descend_until() || self.descend_last_byte() {}
        self.path().len() > before
    }

    /// Moves to the first location exactly `k` bytes below the focus; false if there is none, or if
    /// `k` is 0.
    ///
    /// Time in the locations that are less than `k` bytes below the focus, at worst.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let numbers = [7_u32, 42, 1_000];
    /// let map: PathMap<()> = numbers.iter().map(|n| (n.to_be_bytes(), ())).collect();
    /// let mut z = map.read_zipper();
    /// let mut found = Vec::new();
    /// let mut more = z.descend_first_k_path(4);
    /// while more {
    ///     found.push(u32::from_be_bytes(z.path().try_into().unwrap()));
    ///     more = z.to_next_k_path(4);
    /// }
    /// assert_eq!(found, numbers);
    /// ```
    fn descend_first_k_path(&mut self, k: usize) -> bool {
        let floor = self.path().len();
        k > 0 && descend_to_depth(self, floor, floor.saturating_add(k))
    }

    /// Moves to the next location in byte order with a path as long as the focus's, below the
    /// ancestor `k` bytes up; where none is left, it answers `false` and the focus is at that
    /// ancestor, or at the root if that is nearer.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let map = PathMap::from([("aa", 1), ("b", 2), ("cc", 3)]);
    /// let mut z = map.read_zipper();
    /// z.descend_to("aa");
    /// assert!(z.to_next_k_path(2));
    /// assert_eq!(z.path(), b"cc");
    /// assert!(!z.to_next_k_path(2) && z.at_root());
    /// ```
    fn to_next_k_path(&mut self, k: usize) -> bool {
        let depth = self.path().len();
        let Some(floor) = depth.checked_sub(k) else {
            self.reset();
            return false;
        };
        climb_to_next(self, floor) && descend_to_depth(self, floor, depth)
    }
}

/// Moves to the first location in byte order that is not before the focus and has a path of `depth`
/// bytes, below the ancestor with one of `floor` bytes; where there is none, to that ancestor, and
/// returns false.
fn descend_to_depth<Z>(zipper: &mut Z, floor: usize, depth: usize) -> bool
where
    Z: ZipperMoving + ?Sized,
{
    loop {
        let below = depth - zipper.path().len();
        if below == 0 {
            return true;
        }
        let descended = zipper.descend_until_max_bytes(below) || zipper.descend_first_byte();
        if !descended && !climb_to_next(zipper, floor) {
            return false;
        }
    }
}
