//! A set of paths with those who hold them, asked by prefix.

use crate::raw::OwnPath;
use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::iter;
use std::ops::Bound::{self, Excluded, Included, Unbounded};

/// What a path is held for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// To read, beside others that read.
    Read,
    /// To write, alone.
    Write,
}

/// How many hold one path.
#[derive(Clone, Copy, Debug, Default)]
struct Holders {
    readers: usize,
    writers: usize,
}

impl Holders {
    fn of(&mut self, access: Access) -> &mut usize {
        match access {
            Access::Read => &mut self.readers,
            Access::Write => &mut self.writers,
        }
    }

    /// Whether one more, at this path or a related one, would be too many.
    fn exclude(self, access: Access) -> bool {
        self.writers > 0 || access == Access::Write
    }

    fn is_nobody(self) -> bool {
        self.readers == 0 && self.writers == 0
    }
}

/// Paths, each with the number of those who read and who write there.
///
/// Two paths are *related* if one is a prefix of the other. A path *excludes* another if they are
/// related and one of the two writes.
#[derive(Debug)]
pub struct Paths<P = OwnPath> {
    held: BTreeMap<P, Holders>,
}

impl<P> Default for Paths<P> {
    fn default() -> Self {
        let held = BTreeMap::new();
        Self { held }
    }
}

impl<P: Borrow<[u8]> + Ord> Paths<P> {
    /// Whether nobody holds a path that excludes this one. Looks at as many paths as there are where
    /// others branch off from it, and for each of them needs the time of a search.
    pub fn is_free(&self, path: &[u8], access: Access) -> bool {
        self.excluding(path, access).next().is_none()
    }

    /// The paths that exclude this one, in byte order.
    pub fn in_the_way(&self, path: &[u8], access: Access) -> Vec<Vec<u8>> {
        let mut paths: Vec<_> = self.excluding(path, access).map(<[u8]>::to_vec).collect();
        paths.sort_unstable();
        paths
    }

    /// Counts one more who holds `path`.
    pub fn add(&mut self, path: P, access: Access) {
        *self.held.entry(path).or_default().of(access) += 1;
    }

    /// Counts one less.
    ///
    /// # Panics
    /// If nobody holds it.
    pub fn remove(&mut self, path: P, access: Access) {
        let Entry::Occupied(mut entry) = self.held.entry(path) else {
            panic!("a path is given back that nobody holds");
        };
        *entry.get_mut().of(access) -= 1;
        if entry.get().is_nobody() {
            entry.remove();
        }
    }

    fn excluding<'a>(
        &'a self,
        path: &'a [u8],
        access: Access,
    ) -> impl Iterator<Item = &'a [u8]> + use<'a, P> {
        let related = self.above(path).chain(self.at_and_below(path));
        let excluding = related.filter(move |(_, holders)| holders.exclude(access));
        excluding.map(|(path, _)| path)
    }

    /// The paths that begin with `path`, in byte order.
    fn at_and_below<'a>(
        &'a self,
        path: &'a [u8],
    ) -> impl Iterator<Item = (&'a [u8], Holders)> + use<'a, P> {
        self.range((Included(path), Unbounded))
            .take_while(move |(held, _)| held.starts_with(path))
    }

    /// The paths that are shorter and with which `path` begins, the longest first.
    ///
    /// The greatest path before a bound is either one of them, or turns off from `path` somewhere.
    /// In the second case all that are left are prefixes of it, too, since they come before it in
    /// byte order and it comes before `path`: so the search goes on from where it turns off.
    fn above<'a>(
        &'a self,
        path: &'a [u8],
    ) -> impl Iterator<Item = (&'a [u8], Holders)> + use<'a, P> {
        let mut before = Excluded(path);
        iter::from_fn(move || {
            loop {
                let (held, holders) = self.range((Unbounded, before)).next_back()?;
                let pairs = held.iter().zip(path);
                let shared = pairs.take_while(|(a, b)| a == b).count();
                if shared == held.len() {
                    before = Excluded(&path[..shared]);
                    return Some((held, holders));
                }
                before = Included(&path[..shared]);
            }
        })
    }

    fn range<'a>(
        &'a self,
        bounds: (Bound<&'a [u8]>, Bound<&'a [u8]>),
    ) -> impl DoubleEndedIterator<Item = (&'a [u8], Holders)> + use<'a, P> {
        let range = self.held.range::<[u8], _>(bounds);
        range.map(|(path, &holders)| (path.borrow(), holders))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn paths(of: &[(&str, Access)]) -> Paths {
        let mut paths: Paths = Paths::default();
        for &(path, access) in of {
            paths.add(path.as_bytes().into(), access);
        }
        paths
    }

    #[test]
    fn a_prefix_and_an_extension_are_in_the_way_and_siblings_are_not() {
        let paths = paths(&[
            ("ab", Access::Write),
            ("b", Access::Read),
            ("bcd", Access::Read),
        ]);
        for related in ["", "a", "ab", "abc", "ab\0"] {
            assert!(
                !paths.is_free(related.as_bytes(), Access::Read),
                "{related}"
            );
        }
        for apart in ["aa", "ac", "b", "bc", "c", "a\u{7f}"] {
            assert!(paths.is_free(apart.as_bytes(), Access::Read), "{apart}");
        }
        assert_eq!(paths.in_the_way(b"bc", Access::Write), [&b"b"[..], b"bcd"]);
        assert_eq!(
            paths.in_the_way(b"", Access::Write),
            [&b"ab"[..], b"b", b"bcd"]
        );
        assert_eq!(paths.in_the_way(b"", Access::Read), [b"ab"]);
    }

    #[test]
    fn readers_are_counted() {
        let mut paths = paths(&[("a", Access::Read), ("a", Access::Read)]);
        paths.remove(b"a"[..].into(), Access::Read);
        assert!(!paths.is_free(b"ab", Access::Write));
        paths.remove(b"a"[..].into(), Access::Read);
        assert!(paths.is_free(b"ab", Access::Write) && paths.held.is_empty());
    }

    #[test]
    #[should_panic(expected = "a path is given back that nobody holds")]
    fn what_nobody_holds_cannot_be_given_back() {
        Paths::<OwnPath>::default().remove(b"a"[..].into(), Access::Read);
    }

    /// Many siblings along one long path: each is looked at once, not each length of the path.
    #[test]
    fn thousands_of_paths_along_a_long_one() {
        let long = vec![7; 8_000];
        let mut paths: Paths = Paths::default();
        for len in (0..long.len()).step_by(4) {
            paths.add([&long[..len], &[6]].concat().into(), Access::Write);
            paths.add([&long[..len], &[8]].concat().into(), Access::Write);
        }
        assert!(paths.is_free(&long, Access::Write));
        paths.add(long[..4_001].into(), Access::Read);
        assert!(paths.is_free(&long, Access::Read));
        assert_eq!(paths.in_the_way(&long, Access::Write).len(), 1);
    }

    fn path() -> impl Strategy<Value = Vec<u8>> {
        prop::collection::vec(0_u8..3, 0..6)
    }

    fn access() -> impl Strategy<Value = Access> {
        prop_oneof![Just(Access::Read), Just(Access::Write)]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..Default::default() })]

        #[test]
        fn the_same_as_looking_at_every_path(
            held in prop::collection::vec((path(), access()), 0..40),
            gone in 0_usize..40,
            asked in path(),
            wanted in access(),
        ) {
            let mut paths: Paths = Paths::default();
            for (path, access) in &held {
                paths.add(path[..].into(), *access);
            }
            let (gone, left) = held.split_at(gone.min(held.len()));
            for (path, access) in gone {
                paths.remove(path[..].into(), *access);
            }
            let related = |path: &[u8]| path.starts_with(&asked) || asked.starts_with(path);
            let mut expected: Vec<Vec<u8>> = left
                .iter()
                .filter(|(path, access)| {
                    related(path) && (*access == Access::Write || wanted == Access::Write)
                })
                .map(|(path, _)| path.clone())
                .collect();
            expected.sort();
            expected.dedup();
            prop_assert_eq!(paths.is_free(&asked, wanted), expected.is_empty());
            prop_assert_eq!(paths.in_the_way(&asked, wanted), expected);
            prop_assert_eq!(paths.held.is_empty(), left.is_empty());
        }
    }
}
