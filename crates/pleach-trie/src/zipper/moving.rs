//! Looking around and moving: what every zipper can do.

use crate::ByteMask;
use std::collections::TryReserveError;

/// A place in a trie, or off it: the zipper's focus.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
/// use pleach_trie::zipper::*;
///
/// let map = PathMap::from([("tea", 1), ("ten", 2)]);
/// let mut z = map.read_zipper();
/// z.descend_to("te");
/// assert!(z.path_exists() && !z.is_val());
/// assert_eq!(z.child_count(), 2);
/// ```
pub trait Zipper {
    /// Whether the focus is a location of the map.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let map = PathMap::from([("tea", 1)]);
    /// assert!(map.read_zipper_at_path("te").path_exists());
    /// assert!(!map.read_zipper_at_path("to").path_exists());
    /// ```
    fn path_exists(&self) -> bool;

    /// Whether there is a value at the focus.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let map = PathMap::from([("tea", 1)]);
    /// assert!(map.read_zipper_at_path("tea").is_val());
    /// assert!(!map.read_zipper_at_path("te").is_val());
    /// ```
    fn is_val(&self) -> bool;

    /// The bytes that lead from the focus to a location; none off the trie.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let map = PathMap::from([("tea", 1), ("ten", 2)]);
    /// assert!(map.read_zipper_at_path("te").child_mask().iter().eq(*b"an"));
    /// ```
    fn child_mask(&self) -> ByteMask;

    /// How many bytes lead from the focus to a location.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let map = PathMap::from([("tea", 1), ("ten", 2)]);
    /// assert_eq!(map.read_zipper_at_path("te").child_count(), 2);
    /// ```
    fn child_count(&self) -> usize {
        self.child_mask().count_bits()
    }
}

/// A zipper that moves.
///
/// Methods that return `bool` tell whether the focus moved as asked; where they answer `false`, it
/// has not moved at all, unless they say otherwise.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
/// use pleach_trie::zipper::*;
///
/// let map = PathMap::from([("tea", 1), ("ten", 2), ("tent", 3)]);
/// let mut z = map.read_zipper();
/// assert!(z.descend_until());
/// assert_eq!(z.path(), b"te");
/// assert!(z.descend_last_byte());
/// assert_eq!(z.path(), b"ten");
/// assert!(z.to_prev_sibling_byte());
/// assert_eq!(z.path(), b"tea");
/// assert!(z.ascend(3) && z.at_root());
/// ```
pub trait ZipperMoving: Zipper {
    /// The bytes from the zipper's root to its focus.
    fn path(&self) -> &[u8];

    /// The number of values at and below the focus; `usize::MAX` if there are more.
    ///
    /// The zippers of this crate do not walk for it: it takes the time of one step.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let map = PathMap::from([("te", 0), ("tea", 1), ("to", 2)]);
    /// assert_eq!(map.read_zipper_at_path("te").val_count(), 2);
    /// ```
    fn val_count(&self) -> usize;

    /// Appends `path` to the path, whether it leads to a location or not.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let map = PathMap::from([("tea", 1)]);
    /// let mut z = map.read_zipper();
    /// z.descend_to("toad");
    /// assert_eq!(z.path(), b"toad");
    /// assert!(!z.path_exists());
    /// ```
    fn descend_to(&mut self, path: impl AsRef<[u8]>);

    /// Moves up `n` bytes. False if the root is nearer than that: the focus is then at the root.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let map = PathMap::from([("tea", 1)]);
    /// let mut z = map.read_zipper();
    /// z.descend_to("tea");
    /// assert!(z.ascend(2));
    /// assert_eq!(z.path(), b"t");
    /// assert!(!z.ascend(2) && z.at_root());
    /// ```
    fn ascend(&mut self, n: usize) -> bool;

    /// Whether the focus is the zipper's root.
    fn at_root(&self) -> bool {
        self.path().is_empty()
    }

    /// Moves to the root.
    fn reset(&mut self) {
        self.ascend(self.path().len());
    }

    /// Moves to `path`, which starts at the root, and returns how many bytes it has in common with
    /// the path before; only the others are walked.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let map = PathMap::from([("tea", 1), ("ten", 2)]);
    /// let mut z = map.read_zipper();
    /// assert_eq!(z.move_to_path("tea"), 0);
    /// assert_eq!(z.move_to_path("ten"), 2);
    /// assert!(z.is_val());
    /// ```
    fn move_to_path(&mut self, path: impl AsRef<[u8]>) -> usize {
        let path = path.as_ref();
        let here = self.path();
        let pairs = here.iter().zip(path);
        let shared = pairs.take_while(|(a, b)| a == b).count();
        self.ascend(here.len() - shared);
        self.descend_to(&path[shared..]);
        shared
    }

    /// Appends `path` to the path, and tells whether the focus is a location now.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let map = PathMap::from([("tea", 1)]);
    /// assert!(map.read_zipper().descend_to_check("te"));
    /// assert!(!map.read_zipper().descend_to_check("to"));
    /// ```
    fn descend_to_check(&mut self, path: impl AsRef<[u8]>) -> bool {
        self.descend_to(path);
        self.path_exists()
    }

    /// Follows `path` as far as there are locations, and returns how many bytes that is.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let map = PathMap::from([("tea", 1)]);
    /// let mut z = map.read_zipper();
    /// assert_eq!(z.descend_to_existing("tens"), 2);
    /// assert_eq!(z.path(), b"te");
    /// ```
    fn descend_to_existing(&mut self, path: impl AsRef<[u8]>) -> usize {
        let path = path.as_ref();
        let moved = path
            .iter()
            .take_while(|&&byte| self.descend_to_existing_byte(byte));
        moved.count()
    }

    /// Follows `path` as far as there are locations, but not beyond the first value below the place
    /// where it starts; returns how many bytes that is.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let map = PathMap::from([("10.", 1), ("10.0.", 2)]);
    /// let mut z = map.read_zipper();
    /// assert_eq!(z.descend_to_val("10.0.0.1"), 3);
    /// assert_eq!(z.descend_to_val("0.0.1"), 2);
    /// assert_eq!(z.path(), b"10.0.");
    /// ```
    fn descend_to_val(&mut self, path: impl AsRef<[u8]>) -> usize {
        for (moved, &byte) in path.as_ref().iter().enumerate() {
            if !self.descend_to_existing_byte(byte) {
                return moved;
            }
            if self.is_val() {
                return moved + 1;
            }
        }
        path.as_ref().len()
    }

    /// Appends `byte` to the path, whether it leads to a location or not.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let map = PathMap::from([("tea", 1)]);
    /// let mut z = map.read_zipper();
    /// z.descend_to_byte(b't');
    /// assert_eq!(z.path(), b"t");
    /// ```
    fn descend_to_byte(&mut self, byte: u8) {
        self.descend_to([byte]);
    }

    /// Moves down by `byte` if that leads to a location.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let map = PathMap::from([("tea", 1)]);
    /// let mut z = map.read_zipper();
    /// assert!(!z.descend_to_existing_byte(b'x') && z.at_root());
    /// assert!(z.descend_to_existing_byte(b't'));
    /// ```
    fn descend_to_existing_byte(&mut self, byte: u8) -> bool {
        let exists = self.child_mask().test_bit(byte);
        if exists {
            self.descend_to_byte(byte);
        }
        exists
    }

    /// Moves down by the byte with `index` others before it among those that lead to a location.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let map = PathMap::from([("a", 1), ("b", 2)]);
    /// let mut z = map.read_zipper();
    /// assert!(!z.descend_indexed_byte(2));
    /// assert!(z.descend_indexed_byte(1));
    /// assert_eq!(z.path(), b"b");
    /// ```
    fn descend_indexed_byte(&mut self, index: usize) -> bool {
        let byte = self.child_mask().indexed_bit::<true>(index);
        byte.inspect(|&byte| self.descend_to_byte(byte)).is_some()
    }

    /// Moves down by the least byte that leads to a location.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let map = PathMap::from([("a", 1), ("b", 2)]);
    /// let mut z = map.read_zipper();
    /// assert!(z.descend_first_byte());
    /// assert_eq!(z.path(), b"a");
    /// assert!(!z.descend_first_byte());
    /// ```
    fn descend_first_byte(&mut self) -> bool {
        self.descend_indexed_byte(0)
    }

    /// Moves down by the greatest byte that leads to a location.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let map = PathMap::from([("a", 1), ("b", 2)]);
    /// let mut z = map.read_zipper();
    /// assert!(z.descend_last_byte());
    /// assert_eq!(z.path(), b"b");
    /// ```
    fn descend_last_byte(&mut self) -> bool {
        let byte = self.child_mask().indexed_bit::<false>(0);
        byte.inspect(|&byte| self.descend_to_byte(byte)).is_some()
    }

    /// Moves down while exactly one byte leads on, to the next value, branch or end.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let map = PathMap::from([("tea", 1), ("teas", 2)]);
    /// let mut z = map.read_zipper();
    /// assert!(z.descend_until());
    /// assert_eq!(z.path(), b"tea");
    /// assert!(z.descend_until());
    /// assert_eq!(z.path(), b"teas");
    /// assert!(!z.descend_until());
    /// ```
    fn descend_until(&mut self) -> bool {
        self.descend_until_max_bytes(usize::MAX)
    }

    /// As [`descend_until`](Self::descend_until), but at most `max` bytes.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let map = PathMap::from([("tea", 1)]);
    /// let mut z = map.read_zipper();
    /// assert!(z.descend_until_max_bytes(2));
    /// assert_eq!(z.path(), b"te");
    /// ```
    fn descend_until_max_bytes(&mut self, max: usize) -> bool {
        let mut moved = 0;
        while moved < max && self.child_count() == 1 {
            self.descend_first_byte();
            moved += 1;
            if self.is_val() {
                break;
            }
        }
        moved > 0
    }

    /// Moves up one byte; false at the root.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let map = PathMap::from([("tea", 1)]);
    /// let mut z = map.read_zipper();
    /// z.descend_to("t");
    /// assert!(z.ascend_byte() && !z.ascend_byte());
    /// ```
    fn ascend_byte(&mut self) -> bool {
        self.ascend(1)
    }

    /// Moves up to the nearest ancestor that has a value, branches or is the root; false at the root.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let map = PathMap::from([("tea", 1), ("teapot", 2)]);
    /// let mut z = map.read_zipper();
    /// z.descend_to("teapot");
    /// assert!(z.ascend_until());
    /// assert_eq!(z.path(), b"tea");
    /// ```
    fn ascend_until(&mut self) -> bool {
        let moved = self.ascend_byte();
        while moved && !self.at_root() && !self.is_val() && self.child_count() < 2 {
            self.ascend_byte();
        }
        moved
    }

    /// Moves up to the nearest ancestor that branches or is the root; false at the root.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let map = PathMap::from([("tea", 1), ("teapot", 2), ("ten", 3)]);
    /// let mut z = map.read_zipper();
    /// z.descend_to("teapot");
    /// assert!(z.ascend_until_branch());
    /// assert_eq!(z.path(), b"te");
    /// ```
    fn ascend_until_branch(&mut self) -> bool {
        let moved = self.ascend_byte();
        while moved && !self.at_root() && self.child_count() < 2 {
            self.ascend_byte();
        }
        moved
    }

    /// Moves to the location with the next greater last byte under the same parent. The focus itself
    /// need not be a location.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let map = PathMap::from([("a", 1), ("c", 2)]);
    /// let mut z = map.read_zipper();
    /// z.descend_to("b");
    /// assert!(z.to_next_sibling_byte());
    /// assert_eq!(z.path(), b"c");
    /// assert!(!z.to_next_sibling_byte());
    /// ```
    fn to_next_sibling_byte(&mut self) -> bool {
        to_sibling(self, ByteMask::next_bit)
    }

    /// Moves to the location with the next smaller last byte under the same parent. The focus itself
    /// need not be a location.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let map = PathMap::from([("a", 1), ("c", 2)]);
    /// let mut z = map.read_zipper();
    /// z.descend_to("c");
    /// assert!(z.to_prev_sibling_byte());
    /// assert_eq!(z.path(), b"a");
    /// ```
    fn to_prev_sibling_byte(&mut self) -> bool {
        to_sibling(self, ByteMask::prev_bit)
    }

    /// Moves to the next location in byte order, with a value or without; where none is left, it
    /// answers `false` and the focus is at the root.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let map = PathMap::from([("ab", 1), ("c", 2)]);
    /// let mut z = map.read_zipper();
    /// let mut seen = Vec::new();
    /// while z.to_next_step() {
    ///     seen.push(z.path().to_vec());
    /// }
    /// assert_eq!(seen, [&b"a"[..], b"ab", b"c"]);
    /// assert!(z.at_root());
    /// ```
    fn to_next_step(&mut self) -> bool {
        self.descend_first_byte() || climb_to_next(self, 0)
    }
}

/// Moves to the sibling that `choose` picks from the parent's children.
fn to_sibling<Z>(zipper: &mut Z, choose: impl FnOnce(&ByteMask, u8) -> Option<u8>) -> bool
where
    Z: ZipperMoving + ?Sized,
{
    let Some(&byte) = zipper.path().last() else {
        return false;
    };
    zipper.ascend_byte();
    let sibling = choose(&zipper.child_mask(), byte);
    zipper.descend_to_byte(sibling.unwrap_or(byte));
    sibling.is_some()
}

/// Moves to the first location in byte order that is after the focus, not below it, and below its
/// ancestor with a path of `floor` bytes; where there is none, to that ancestor, and returns false.
pub(super) fn climb_to_next<Z: ZipperMoving + ?Sized>(zipper: &mut Z, floor: usize) -> bool {
    while let Some(&byte) = zipper.path()[floor..].last() {
        zipper.ascend_byte();
        if let Some(next) = zipper.child_mask().next_bit(byte) {
            zipper.descend_to_byte(next);
            return true;
        }
    }
    false
}

/// A zipper that knows where its root is in the map.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
/// use pleach_trie::zipper::*;
///
/// let map = PathMap::from([("app/port", 80)]);
/// let mut z = map.read_zipper_at_path("app/");
/// z.descend_to("port");
/// assert_eq!(z.root_prefix_path(), b"app/");
/// assert_eq!(z.origin_path(), b"app/port");
/// ```
pub trait ZipperAbsolutePath: ZipperMoving {
    /// The bytes from the map's root to the focus.
    fn origin_path(&self) -> &[u8];

    /// The bytes from the map's root to the zipper's root.
    fn root_prefix_path(&self) -> &[u8];
}

/// A zipper that can set memory aside for its path.
///
/// Moving allocates only to grow the path and a stack of nodes. After a reservation, paths of at most
/// that length do not make the buffer move: [`origin_path`](ZipperAbsolutePath::origin_path) keeps its
/// address. Systems that hand out memory on first use make even a large reservation cheap.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
/// use pleach_trie::zipper::*;
///
/// let map = PathMap::from([("tea", 1)]);
/// let mut z = map.read_zipper();
/// z.reserve_buffers(1 << 20, 64);
/// let address = z.origin_path().as_ptr();
/// z.descend_to(vec![0; 1 << 20]);
/// assert_eq!(z.origin_path().as_ptr(), address);
/// ```
pub trait ZipperPathBuffer: ZipperMoving {
    /// Makes room for paths of `path_len` bytes from the map's root and `stack_depth` nodes.
    ///
    /// # Errors
    /// If there is not that much memory.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let map = PathMap::<()>::new();
    /// assert!(map.read_zipper().try_reserve_buffers(usize::MAX, 0).is_err());
    /// ```
    fn try_reserve_buffers(
        &mut self,
        path_len: usize,
        stack_depth: usize,
    ) -> Result<(), TryReserveError>;

    /// Makes room for paths of `path_len` bytes from the map's root and `stack_depth` nodes.
    ///
    /// # Panics
    /// If there is not that much memory: see [`try_reserve_buffers`](Self::try_reserve_buffers).
    #[track_caller]
    fn reserve_buffers(&mut self, path_len: usize, stack_depth: usize) {
        if let Err(error) = self.try_reserve_buffers(path_len, stack_depth) {
            panic!("buffers for a path of {path_len} bytes and {stack_depth} nodes: {error}");
        }
    }

    /// Makes room for paths as most maps have them.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let map = PathMap::from([("tea", 1)]);
    /// map.read_zipper().prepare_buffers();
    /// ```
    fn prepare_buffers(&mut self) {
        const PATH_LEN: usize = 128;
        const STACK_DEPTH: usize = 16;
        self.reserve_buffers(PATH_LEN, STACK_DEPTH);
    }
}
