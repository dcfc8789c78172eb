//! What a command asks for.

use super::{Case, Group};
use anyhow::{Result, ensure};

/// Which groups, data, rows and columns, and how often.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    /// Names of cases; empty for the usual ones.
    pub(crate) sets: Vec<String>,
    /// Keys of rows; empty for all.
    pub(crate) cells: Vec<String>,
    /// Names of columns; empty for all.
    pub(crate) only: Vec<String>,
    /// Rounds of a case.
    pub(crate) rounds: usize,
    /// Little data.
    pub(crate) quick: bool,
    /// Values of type `()` in place of `u64`, where a group has both.
    pub(crate) unit: bool,
    /// The processor's counters as well, where a group has rows for them.
    pub(crate) counters: bool,
}

impl Request {
    /// Whether a case was asked for by name, or belongs to the usual ones and none was.
    pub(crate) fn wants(&self, set: &str, usual: bool) -> bool {
        if self.sets.is_empty() {
            usual
        } else {
            self.sets.iter().any(|asked| asked == set)
        }
    }

    /// Whether less than everything was asked for: growth curves are left out then.
    pub(crate) fn is_narrow(&self) -> bool {
        !(self.sets.is_empty() && self.cells.is_empty())
    }

    /// The first if little data is asked for, else the second.
    pub(crate) fn size<T>(&self, quick: T, full: T) -> T {
        if self.quick { quick } else { full }
    }

    /// The cases of these groups, with what was not asked for left out.
    ///
    /// # Errors
    ///
    /// If a name belongs to nothing.
    pub(crate) fn cases(&self, groups: &[Group]) -> Result<Vec<Case>> {
        let mut cases: Vec<Case> = groups
            .iter()
            .flat_map(|&group| crate::cases(group, self))
            .collect();
        let known = |kind: &str, asked: &[String], is: &dyn Fn(&Case, &str) -> bool| {
            let unknown = asked
                .iter()
                .find(|name| !cases.iter().any(|case| is(case, name)));
            ensure!(
                unknown.is_none(),
                "there is no {kind} `{}` in what was asked for",
                unknown.map_or("", String::as_str)
            );
            Ok(())
        };
        known("set", &self.sets, &|case, name| case.name == name)?;
        known("cell", &self.cells, &|case, name| {
            case.rows.iter().any(|row| row.key == name)
        })?;
        known("engine", &self.only, &|case, name| {
            case.columns.iter().any(|column| column.name == name)
        })?;
        let asked = |names: &[String], name: &str| {
            names.is_empty() || names.iter().any(|asked| asked == name)
        };
        for case in &mut cases {
            case.rows.retain(|row| asked(&self.cells, row.key));
            case.columns.retain(|column| asked(&self.only, column.name));
        }
        cases.retain(|case| !case.rows.is_empty() && !case.columns.is_empty());
        if self.counters {
            cases = cases.into_iter().map(Case::with_counters).collect();
        }
        Ok(cases)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(sets: &[&str], cells: &[&str], only: &[&str]) -> Request {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Request {
            sets: owned(sets),
            cells: owned(cells),
            only: owned(only),
            rounds: 1,
            ..Request::default()
        }
    }

    #[test]
    fn a_request_narrows_what_is_measured() {
        let cases = request(&["wn"], &["hit"], &["blart"])
            .cases(&[Group::Trie])
            .unwrap();
        assert_eq!(cases.len(), 1);
        assert_eq!(cases[0].rows[0].key, "hit");
        assert_eq!(cases[0].columns[0].name, "blart");
    }

    #[test]
    fn names_of_nothing_are_refused() {
        for request in [
            request(&["nowhere"], &[], &[]),
            request(&[], &["nothing"], &[]),
            request(&[], &[], &["nobody"]),
        ] {
            assert!(request.cases(&[Group::Trie]).is_err());
        }
    }
}
