//! Set algebra of the oracles, location by location.

use crate::Model;

/// What an operation makes of two maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// All that either has.
    Union,
    /// What both have.
    Intersection,
    /// What the left alone has.
    Difference,
    /// What one alone has.
    SymmetricDifference,
    /// What the left has at and below a value of the right.
    Restriction,
}

/// All rules.
pub const RULES: [Rule; 5] = [
    Rule::Union,
    Rule::Intersection,
    Rule::Difference,
    Rule::SymmetricDifference,
    Rule::Restriction,
];

impl<V: Clone> Model<V> {
    /// What `rule` makes of this map and another; `both` decides what becomes of two values.
    #[must_use]
    pub fn combine(
        &self,
        other: &Self,
        rule: Rule,
        mut both: impl FnMut(&V, &V) -> Option<V>,
    ) -> Self {
        let mut result = Self::new();
        let left = self.locations().map(|(path, _)| path);
        let right = other.locations().map(|(path, _)| path);
        for path in left.chain(right.filter(|path| !self.exists(path))) {
            let (here, there) = (self.exists(path), other.exists(path));
            let covered = (0..=path.len()).any(|len| other.contains(&path[..len]));
            let (stays, value) = match rule {
                Rule::Restriction => (here && covered, self.get(path).filter(|_| covered).cloned()),
                _ => match (self.get(path), other.get(path)) {
                    (Some(a), Some(b)) => (false, both(a, b)),
                    (Some(a), None) => (false, rule.keeps_left().then(|| a.clone())),
                    (None, Some(b)) => (false, rule.keeps_right().then(|| b.clone())),
                    (None, None) => (false, None),
                },
            };
            let stays = stays
                || match rule {
                    Rule::Union => true,
                    Rule::Intersection => there && self.is_dangling(path),
                    Rule::Difference => here && !there,
                    Rule::SymmetricDifference => here != there,
                    Rule::Restriction => false,
                };
            match value {
                Some(value) => drop(result.insert(path, value)),
                None if stays => drop(result.create_path(path)),
                None => {}
            }
        }
        result
    }
}

impl Rule {
    fn keeps_left(self) -> bool {
        matches!(
            self,
            Self::Union | Self::Difference | Self::SymmetricDifference
        )
    }

    fn keeps_right(self) -> bool {
        matches!(self, Self::Union | Self::SymmetricDifference)
    }
}
