//! Why a path could not be had.

use std::error::Error;
use std::fmt;

/// A path was asked for that zippers in use exclude: see
/// [`ZipperHead`](crate::zipper::ZipperHead).
///
/// # Examples
/// ```
/// use pleach_trie::{PathConflict, PathMap};
///
/// let mut map = PathMap::<u32>::new();
/// let head = map.zipper_head();
/// let _ab = head.write_zipper_at_exclusive_path("ab").unwrap();
/// let conflict: PathConflict = head.read_zipper_at_path("abc").unwrap_err();
/// assert_eq!(conflict.attempted_path, b"abc");
/// assert_eq!(conflict.conflicting_paths, [b"ab"]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PathConflict {
    /// The path that was asked for, from the head's root.
    pub attempted_path: Vec<u8>,
    /// The paths in its way, in byte order, each once.
    pub conflicting_paths: Vec<Vec<u8>>,
}

impl fmt::Display for PathConflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            attempted_path,
            conflicting_paths,
        } = self;
        write!(
            f,
            "Path {attempted_path:?} conflicts with existing zippers at {conflicting_paths:?}"
        )
    }
}

impl Error for PathConflict {}
