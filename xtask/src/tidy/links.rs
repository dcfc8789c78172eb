//! Links between documents.

use std::fs;
use std::path::Path;

use super::Breach;
use crate::source::Source;

/// Checks that the relative links of a document lead to files, and their anchors to headings.
pub(super) fn check(file: &Source, root: &Path) -> Vec<Breach> {
    if !file.has_extension("md") {
        return Vec::new();
    }
    let here = root.join(&file.path);
    let broken = links(&file.text).filter(|(_, link)| !leads_somewhere(&here, link));
    broken
        .map(|(number, link)| Breach {
            place: format!("{}:{number}", file.path),
            what: format!("the link to {link} leads nowhere"),
            rule: "docs/verification.md, tidy",
        })
        .collect()
}

/// The targets of `[text](target)` outside of code, with their lines.
fn links(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut code = false;
    let prose = (1..).zip(text.lines()).filter(move |(_, line)| {
        let fence = line.trim_start().starts_with("```");
        code ^= fence;
        !code && !fence
    });
    prose.flat_map(|(number, line)| {
        let targets = line.split("](").skip(1);
        targets.filter_map(move |rest| Some((number, rest.split_once(')')?.0)))
    })
}

fn leads_somewhere(from: &Path, link: &str) -> bool {
    if link.contains("://") || link.starts_with("mailto:") {
        return true;
    }
    let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = match path {
        "" => from.to_owned(),
        _ => from.with_file_name(path),
    };
    if anchor.is_empty() {
        return target.exists();
    }
    let text = fs::read_to_string(target).unwrap_or_default();
    let mut headings = text.lines().filter(|line| line.starts_with('#'));
    headings.any(|heading| slug(heading) == anchor)
}

/// The anchor of a heading.
fn slug(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = text
        .chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_files_and_headings() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let text = "See [it](Cargo.toml), [nobody](nowhere.md#x) and\n```\n[code](gone)\n```\n\
                    [web](https://example.org), [here](../README.md#try-it), [no](../README.md#no).";
        let found = check(&Source::new("x.md", text), root);
        let found: Vec<_> = found.iter().map(Breach::to_string).collect();
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("x.md:1: the link to nowhere.md#x"));
        assert!(found[1].starts_with("x.md:5: the link to ../README.md#no"));
    }

    #[test]
    fn anchors_are_those_of_headings() {
        assert_eq!(
            slug("## Pointers (`pleach-ptr`, slim)"),
            "pointers-pleach-ptr-slim"
        );
    }
}
