//! A map drawn as text, node by node.

use super::PathMap;
use crate::raw::{Kind, Sight};
use pleach_ptr::{Allocator, Global, PtrKind, Slim};
use std::fmt;

/// Lines that a picture has at most, unless it is told otherwise.
const LINES: usize = 64;

/// The nodes of a map as text, a line for each node and each entry: what [`PathMap::tree`] returns.
///
/// A node's line says which byte leads to it, its kind, what all its keys go on with, how many values
/// are in it and below if that does not show, and whether another map, or another place of this one,
/// shares it. Below stand its entries: what is left of the key, and the value, unless it is a location
/// that dangles.
pub struct Tree<'a, V, K: PtrKind = Slim, A: Allocator = Global> {
    map: &'a PathMap<V, K, A>,
    lines: usize,
    entries: bool,
}

impl<V, K: PtrKind, A: Allocator> Tree<'_, V, K, A> {
    /// The same with at most so many lines, and one more that counts the values left out.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let map = PathMap::from([("a", 1), ("b", 2), ("c", 3)]);
    /// let picture = map.tree().lines(2).to_string();
    /// assert_eq!(picture.lines().last(), Some("… 2 more values"));
    /// ```
    pub fn lines(self, most: usize) -> Self {
        Self {
            lines: most,
            ..self
        }
    }

    /// The same without entries: one line for each node.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let map: PathMap<u8> = (0..40).map(|n| (format!("key {n}"), n)).collect();
    /// let mut edited = map.clone();
    /// edited.insert("key 30", 0);
    /// let picture = edited.tree().nodes().lines(5).to_string();
    /// assert_eq!(picture.lines().collect::<Vec<_>>(), [
    ///     r#"sparse "key ", 40 values"#,
    ///     r#"  '0' bucket "", 1 value, shared"#,
    ///     r#"  '1' bucket "", 11 values, shared"#,
    ///     r#"  '2' bucket "", 11 values, shared"#,
    ///     r#"  '3' bucket "", 11 values"#,
    ///     "… 6 more values",
    /// ]);
    /// ```
    pub fn nodes(self) -> Self {
        Self {
            entries: false,
            ..self
        }
    }
}

impl<V: fmt::Debug, K: PtrKind, A: Allocator> fmt::Display for Tree<'_, V, K, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let trie = &self.map.trie;
        let mut page = Page {
            f,
            most: self.lines,
            written: 0,
            rest: (trie.count() < u64::MAX).then(|| trie.count()),
            full: false,
            result: Ok(()),
        };
        trie.survey(|node| {
            let title = Title {
                node: &node,
                entries: self.entries,
            };
            if !self.entries {
                page.line(node.depth, node.values() as u64, format_args!("{title}"));
                return !page.full;
            }
            page.line(node.depth, 0, format_args!("{title}"));
            node.entries(|suffix, value| {
                let suffix = suffix.escape_ascii();
                match value {
                    Some(value) => {
                        let entry = format_args!("\"{suffix}\" → {value:?}");
                        page.line(node.depth + 1, 1, entry);
                    }
                    None => page.line(node.depth + 1, 0, format_args!("\"{suffix}\"")),
                }
            });
            !page.full
        });
        page.end()
    }
}

impl<V, K: PtrKind, A: Allocator> fmt::Debug for Tree<'_, V, K, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct("Tree");
        fields.field("lines", &self.lines).finish_non_exhaustive()
    }
}

/// A picture that is being written, as long as there is room.
struct Page<'p, 'f> {
    f: &'p mut fmt::Formatter<'f>,
    most: usize,
    written: usize,
    /// Values that have not been shown, if they can be counted.
    rest: Option<u64>,
    /// A line had to be left out.
    full: bool,
    result: fmt::Result,
}

impl Page<'_, '_> {
    /// Writes a line that shows so many values, unless the page is full.
    fn line(&mut self, depth: usize, values: u64, text: fmt::Arguments<'_>) {
        self.full |= self.written == self.most || self.result.is_err();
        if !self.full {
            self.result = write!(self.f, "{}{:2$}{text}", self.feed(), "", 2 * depth);
            self.written += 1;
            self.rest = self.rest.map(|rest| rest - values);
        }
    }

    /// What separates the next line from the one above.
    fn feed(&self) -> &'static str {
        if self.written == 0 { "" } else { "\n" }
    }

    fn end(self) -> fmt::Result {
        self.result?;
        match self.rest {
            _ if self.written == 0 && !self.full => self.f.write_str("empty"),
            _ if !self.full => Ok(()),
            Some(rest) => write!(self.f, "{}… {rest} more {}", self.feed(), noun(rest)),
            None => write!(self.f, "{}… more values than can be counted", self.feed()),
        }
    }
}

fn noun(values: u64) -> &'static str {
    if values == 1 { "value" } else { "values" }
}

/// The line of a node.
struct Title<'t, 'a, V, K: PtrKind> {
    node: &'t Sight<'a, V, K>,
    /// Its entries follow.
    entries: bool,
}

impl<V, K: PtrKind> fmt::Display for Title<'_, '_, V, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let node = self.node;
        if let Some(byte) = node.byte {
            write!(f, "'{}' ", byte.escape_ascii())?;
        }
        let (kind, branches) = match node.kind() {
            Kind::Sparse => ("sparse", true),
            Kind::Wide => ("wide", true),
            Kind::Bucket => ("bucket", false),
            Kind::Dense => ("dense", false),
        };
        write!(f, "{kind} \"{}\"", node.prefix().escape_ascii())?;
        match node.count() {
            _ if self.entries && !branches => {}
            u64::MAX => f.write_str(", more values than can be counted")?,
            count => write!(f, ", {count} {}", noun(count))?,
        }
        f.write_str(if node.shared { ", shared" } else { "" })
    }
}

impl<V, K: PtrKind, A: Allocator> PathMap<V, K, A> {
    /// A picture of the nodes, to look at small maps with. Its
    /// [`to_string`](ToString::to_string) has at most 64 lines, or as many as
    /// [`lines`](Tree::lines) allows, and takes time in these.
    ///
    /// # Examples
    /// ```
    /// use pleach_trie::PathMap;
    ///
    /// let map = PathMap::from([("roman", 5), ("romane", 6), ("romulus", 7)]);
    /// let picture = map.tree().to_string();
    /// assert_eq!(picture.lines().collect::<Vec<_>>(), [
    ///     r#"bucket "rom""#,
    ///     r#"  "an" → 5"#,
    ///     r#"  "ane" → 6"#,
    ///     r#"  "ulus" → 7"#,
    /// ]);
    /// ```
    pub fn tree(&self) -> Tree<'_, V, K, A> {
        Tree {
            map: self,
            lines: LINES,
            entries: true,
        }
    }
}
