//! Reading values.

use super::ZipperIteration;

/// A zipper that reads values, for as long as it stays where it is.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
/// use pleach_trie::zipper::*;
///
/// let map = PathMap::from([("tea", 1), ("ten", 2)]);
/// let mut z = map.read_zipper();
/// z.descend_to("te");
/// assert_eq!(z.val(), None);
/// assert_eq!(z.val_at("n"), Some(&2));
/// ```
pub trait ZipperValues<V> {
    /// The value at the focus.
    fn val(&self) -> Option<&V>;

    /// The value at `path` below the focus.
    fn val_at(&self, path: impl AsRef<[u8]>) -> Option<&V>;
}

/// A zipper that reads values which stay when it moves or goes.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
/// use pleach_trie::zipper::*;
///
/// let map = PathMap::from([("tea", 1), ("ten", 2)]);
/// let mut z = map.read_zipper();
/// z.descend_to("te");
/// let ten = z.get_val_at("n");
/// z.descend_to("a");
/// let tea = z.get_val();
/// drop(z);
/// assert_eq!((tea, ten), (Some(&1), Some(&2)));
/// ```
pub trait ZipperReadOnlyValues<'a, V>: ZipperValues<V> {
    /// The value at the focus.
    fn get_val(&self) -> Option<&'a V>;

    /// The value at `path` below the focus.
    fn get_val_at(&self, path: impl AsRef<[u8]>) -> Option<&'a V>;
}

/// A zipper that visits values which stay when it moves on.
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
/// use pleach_trie::zipper::*;
///
/// let map = PathMap::from([("a", 1), ("b", 2)]);
/// let mut z = map.read_zipper();
/// let a = z.to_next_get_val();
/// let b = z.to_next_get_val();
/// assert_eq!((a, b, z.to_next_get_val()), (Some(&1), Some(&2), None));
/// ```
pub trait ZipperReadOnlyIteration<'a, V>: ZipperReadOnlyValues<'a, V> + ZipperIteration {
    /// Moves to the next value after the focus and returns it; where none is left, the focus is at
    /// the root.
    fn to_next_get_val(&mut self) -> Option<&'a V> {
        match self.to_next_val() {
            true => self.get_val(),
            false => None,
        }
    }
}

/// A zipper whose values live as long as a *witness*, wherever the zipper goes.
///
/// The witness keeps alive what the zipper's root leads to. That of a [`ReadZipper`] is but the
/// lifetime of the map's borrow; that of a [`ReadZipperOwned`] owns a share of its map.
///
/// [`ReadZipper`]: super::ReadZipper
/// [`ReadZipperOwned`]: super::ReadZipperOwned
///
/// # Examples
/// ```
/// use pleach_trie::PathMap;
/// use pleach_trie::zipper::*;
///
/// let map = PathMap::from([("here", "v"), ("other", "w")]);
/// let mut z = map.into_read_zipper("");
/// z.move_to_path("here");
/// let witness = z.witness();
/// let value = z.get_val_with_witness(&witness);
/// z.move_to_path("other");
/// drop(z);
/// assert_eq!(value, Some(&"v"));
/// ```
pub trait ZipperReadOnlyConditionalValues<V>: ZipperValues<V> {
    /// What keeps the values alive.
    type Witness;

    /// A witness for the values of this zipper.
    fn witness(&self) -> Self::Witness;

    /// The value at the focus; none under the witness of a zipper with another map.
    fn get_val_with_witness<'w>(&self, witness: &'w Self::Witness) -> Option<&'w V>;

    /// The keys and values at and below the focus in byte order, keys without the zipper's
    /// [root prefix](super::ZipperAbsolutePath::root_prefix_path); none under the witness of a zipper
    /// with another map.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    /// use pleach_trie::zipper::*;
    ///
    /// let map = PathMap::from([("a/x/1", 1), ("a/x/2", 2), ("a/y", 3)]);
    /// let mut z = map.read_zipper_at_path("a/");
    /// z.descend_to("x");
    /// let witness = z.witness();
    /// let entries: Vec<_> = z.iter_with_witness(&witness).collect();
    /// assert_eq!(entries, [(b"x/1".to_vec(), &1), (b"x/2".to_vec(), &2)]);
    /// ```
    fn iter_with_witness<'w>(
        &self,
        witness: &'w Self::Witness,
    ) -> impl Iterator<Item = (Vec<u8>, &'w V)> + use<'w, Self, V>
    where
        V: 'w;
}

impl<'z, V, Z> ZipperReadOnlyConditionalValues<V> for &'z mut Z
where
    Z: ZipperReadOnlyConditionalValues<V> + ?Sized,
{
    type Witness = Z::Witness;

    fn witness(&self) -> Self::Witness {
        (**self).witness()
    }

    fn get_val_with_witness<'w>(&self, witness: &'w Self::Witness) -> Option<&'w V> {
        (**self).get_val_with_witness(witness)
    }

    fn iter_with_witness<'w>(
        &self,
        witness: &'w Self::Witness,
    ) -> impl Iterator<Item = (Vec<u8>, &'w V)> + use<'w, 'z, V, Z>
    where
        V: 'w,
    {
        (**self).iter_with_witness(witness)
    }
}

impl<V, Z> ZipperReadOnlyConditionalValues<V> for Box<Z>
where
    Z: ZipperReadOnlyConditionalValues<V> + ?Sized,
{
    type Witness = Z::Witness;

    fn witness(&self) -> Self::Witness {
        (**self).witness()
    }

    fn get_val_with_witness<'w>(&self, witness: &'w Self::Witness) -> Option<&'w V> {
        (**self).get_val_with_witness(witness)
    }

    fn iter_with_witness<'w>(
        &self,
        witness: &'w Self::Witness,
    ) -> impl Iterator<Item = (Vec<u8>, &'w V)> + use<'w, V, Z>
    where
        V: 'w,
    {
        (**self).iter_with_witness(witness)
    }
}
