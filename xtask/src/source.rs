//! The files of the workspace as text.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::workspace::Workspace;

/// What the checks read: sources, documents, manifests and scripts.
const EXTENSIONS: [&str; 5] = ["rs", "md", "toml", "sh", "html"];

/// A file.
pub(crate) struct Source {
    /// From the root of the workspace, with `/` between folders.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Source {
    /// A file of this text.
    #[cfg(test)]
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    /// All files worth reading, in order of their paths; hidden folders and build products aside.
    pub(crate) fn all(workspace: &Workspace) -> Result<Vec<Self>> {
        let mut found = Vec::new();
        let mut folders = vec![workspace.root()];
        while let Some(folder) = folders.pop() {
            let entries = fs::read_dir(&folder)
                .with_context(|| format!("{} cannot be read", folder.display()))?;
            for entry in entries {
                let path = entry?.path();
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                if path.is_dir() {
                    let skip = name == "target" || (name.starts_with('.') && name != ".ci");
                    if !skip && path != workspace.target_root() {
                        folders.push(path);
                    }
                } else if is_read(&path) {
                    found.push(Self::load(&workspace.root(), &path)?);
                }
            }
        }
        found.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(found)
    }

    fn load(root: &Path, path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path)
            .with_context(|| format!("{} cannot be read", path.display()))?;
        let inner = path.strip_prefix(root)?.to_string_lossy();
        Ok(Self {
            path: inner.replace('\\', "/"),
            text,
        })
    }

    /// Whether it ends in `.` and this.
    pub(crate) fn has_extension(&self, extension: &str) -> bool {
        Path::new(&self.path)
            .extension()
            .is_some_and(|e| e == extension)
    }

    /// The folder of its crate and its path in there, if it is below `crates`.
    pub(crate) fn in_crate(&self) -> Option<(&str, &str)> {
        self.path.strip_prefix("crates/")?.split_once('/')
    }
}

fn is_read(path: &Path) -> bool {
    let script = path.file_name().is_some_and(|name| name == "run");
    script
        || EXTENSIONS
            .iter()
            .any(|e| path.extension().is_some_and(|x| x == *e))
}

/// A Rust source without its comments, its lines kept.
///
/// Comments that share a line with code stay: the house style has none.
pub(crate) fn code_of(text: &str) -> String {
    let lines = text.lines().map(|line| match line.trim_start() {
        comment if comment.starts_with("//") => "",
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}
