//! Pairs of maps: which keys of a sorted set each of them has.

use fastrand::Rng;

const SEED: u64 = 0x0061_6c67_6562_7261;

/// How two maps are made of one set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Each key in one of them, at random.
    Halves,
    /// Half of each map's keys are in the other, too.
    Half,
    /// A hundredth of each map's keys is in the other, too.
    Hundredth,
    /// The second is a snapshot of the first that received so many new keys.
    Edits(usize),
    /// The second is a clone of the first.
    Itself,
    /// A hundred maps, with each key in one of them.
    Parts,
    /// The first has all keys, the second heads of some.
    Prefixes,
}

/// Places in the sorted set, in ascending order.
#[derive(Debug)]
pub(crate) struct Pair {
    /// The keys of the first map.
    pub(crate) first: Vec<usize>,
    /// The keys of the second map, those of the first included if it is a snapshot.
    pub(crate) second: Vec<usize>,
}

impl Shape {
    /// Whether a set of `len` keys is large enough.
    pub(crate) fn fits(self, len: usize) -> bool {
        !matches!(self, Self::Edits(edits) if 2 * edits > len)
    }

    /// Whether the second map is made of the first by edits.
    pub(crate) fn is_snapshot(self) -> bool {
        matches!(self, Self::Edits(_) | Self::Itself)
    }

    /// The pair of a set of `len` keys. Empty second map for [`Self::Parts`] and
    /// [`Self::Prefixes`], which are made otherwise.
    pub(crate) fn pair(self, len: usize) -> Pair {
        let mut rng = Rng::with_seed(SEED);
        let mut pair = Pair {
            first: Vec::new(),
            second: Vec::new(),
        };
        // In the first, in both, in the second.
        let parts: [u32; 3] = match self {
            Self::Halves => [50, 0, 50],
            Self::Half => [33, 33, 33],
            Self::Hundredth => [99, 2, 99],
            Self::Edits(edits) => return Self::edited(len, edits, &mut rng),
            Self::Itself => [0, 1, 0],
            Self::Parts | Self::Prefixes => [1, 0, 0],
        };
        for place in 0..len {
            let sum: u32 = parts.iter().sum();
            let drawn = rng.u32(..sum);
            if drawn < parts[0] + parts[1] {
                pair.first.push(place);
            }
            if drawn >= parts[0] {
                pair.second.push(place);
            }
        }
        pair
    }

    fn edited(len: usize, edits: usize, rng: &mut Rng) -> Pair {
        let mut order: Vec<usize> = (0..len).collect();
        rng.shuffle(&mut order);
        let mut first = order.split_off(edits);
        first.sort_unstable();
        let second = (0..len).collect();
        Pair { first, second }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys of the first, of both, of the second.
    fn shares(shape: Shape) -> [usize; 3] {
        let pair = shape.pair(10_000);
        let both = pair
            .first
            .iter()
            .filter(|place| pair.second.contains(place));
        [pair.first.len(), both.count(), pair.second.len()]
    }

    #[test]
    fn pairs_share_what_they_say() {
        let [first, both, second] = shares(Shape::Halves);
        assert_eq!((first + second, both), (10_000, 0));
        let [first, both, second] = shares(Shape::Half);
        assert!(both * 2 > first - 300 && both * 2 < second + 300);
        assert_eq!(shares(Shape::Edits(10)), [9_990, 9_990, 10_000]);
        assert_eq!(shares(Shape::Itself), [10_000; 3]);
    }
}
