//! Maps, sets and masks out of a fuzzer's bytes.

use crate::{ByteMask, PathMap, PathSet};
use arbitrary::{Arbitrary, Result, Unstructured};
use pleach_ptr::{Allocator, PtrKind};

impl<'a, V, K, A> Arbitrary<'a> for PathMap<V, K, A>
where
    V: Arbitrary<'a> + Clone,
    K: PtrKind,
    A: Allocator + Default,
{
    /// A map whose keys start like others: each begins with some bytes of the one drawn before it.
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let mut map = Self::default();
        let mut key = Vec::new();
        while u.arbitrary()? {
            key.truncate(u.int_in_range(0..=key.len())?);
            key.extend_from_slice(u.arbitrary()?);
            map.insert(&key, u.arbitrary()?);
        }
        Ok(map)
    }
}

impl<'a, K: PtrKind, A: Allocator + Default> Arbitrary<'a> for PathSet<K, A> {
    /// The keys of an arbitrary map.
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        PathMap::arbitrary(u).map(Self::from)
    }
}

impl<'a> Arbitrary<'a> for ByteMask {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        u.arbitrary().map(Self)
    }

    fn size_hint(depth: usize) -> (usize, Option<usize>) {
        <[u64; 4]>::size_hint(depth)
    }
}
