//! Ignore files and who wins: the deepest file that has a matching line, and
//! its last such line, as git decides.
//!
//! Not here: how a line is spelled for the `ignore` crate, which does the
//! matching (`line`), and where the files lie. The crate's own walker is not used:
//! it opens ignore files through links and named pipes, and folders by path.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::line;

/// The patterns of one ignore file.
#[derive(Debug)]
pub struct List {
    patterns: Gitignore,
    /// Numbers, from 1, of lines that can never match; 0 when all of them
    /// together are more than the crate can hold, and none counts.
    pub broken: Vec<usize>,
}

/// What a list says of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Ignored,
    Kept,
}

impl List {
    pub fn parse(text: &[u8], ignore_case: bool) -> Self {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let lines = text.split(|&byte| byte == b'\n').map(without_line_end);
        Self::of_lines(lines, ignore_case)
    }

    /// A line that makes no pattern is left out and named in `broken`.
    pub fn of_lines<'a>(lines: impl Iterator<Item = &'a [u8]>, ignore_case: bool) -> Self {
        // Paths are already below the folder of the file when they get here.
        let mut builder = GitignoreBuilder::new("");
        // It cannot fail; the signature is the crate's history.
        let _ = builder.case_insensitive(ignore_case);
        let mut broken = Vec::new();
        for (number, line) in (1..).zip(lines) {
            if line.starts_with(b"#") {
                continue;
            }
            let Some(globs) = line::spelled(line) else {
                let says_nothing = line.iter().all(|byte| matches!(byte, b' ' | b'/' | b'!'));
                broken.extend((!says_nothing).then_some(number));
                continue;
            };
            for glob in globs {
                if builder.add_line(None, &glob).is_err() {
                    broken.push(number);
                }
            }
        }
        let patterns = builder.build().unwrap_or_else(|_| {
            // Together they are more than the crate holds.
            broken.push(0);
            Gitignore::empty()
        });
        Self { patterns, broken }
    }

    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// The last matching pattern decides. `path` is below the folder of the
    /// ignore file.
    pub fn verdict(&self, path: &[u8], is_dir: bool) -> Option<Verdict> {
        let path = Path::new(OsStr::from_bytes(path));
        match self.patterns.matched(path, is_dir) {
            Match::None => None,
            Match::Ignore(_) => Some(Verdict::Ignored),
            Match::Whitelist(_) => Some(Verdict::Kept),
        }
    }
}

/// A carriage return before the line feed is part of the line end; git cuts
/// lines at a NUL.
fn without_line_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let end = line.iter().position(|&byte| byte == 0);
    &line[..end.unwrap_or(line.len())]
}

/// The ignore files of one folder, above those of its parents.
#[derive(Debug)]
pub struct Scope {
    pub parent: Option<Arc<Scope>>,
    /// Bytes of a path before the part below this folder.
    pub base: usize,
    pub list: List,
}

/// The verdict of the deepest scope that has one.
pub fn verdict(scope: Option<&Arc<Scope>>, path: &[u8], is_dir: bool) -> Option<Verdict> {
    let mut scope = scope;
    while let Some(this) = scope {
        if let Some(verdict) = this.list.verdict(&path[this.base..], is_dir) {
            return Some(verdict);
        }
        scope = this.parent.as_ref();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, path: &str, is_dir: bool, expected: Option<Verdict>) {
        let list = List::parse(text.as_bytes(), false);
        let verdict = list.verdict(path.as_bytes(), is_dir);
        assert_eq!(verdict, expected, "{text:?} on `{path}`");
    }

    #[test]
    fn the_last_matching_line_wins_with_and_without_wildcards() {
        check("a\n!a\n", "a", false, Some(Verdict::Kept));
        check("!a\n*\n", "a", false, Some(Verdict::Ignored));
        check("*\n!a\n", "a", false, Some(Verdict::Kept));
        check("*\n!a/\n", "a", false, Some(Verdict::Ignored));
        check("/a\n!a\n", "a", false, Some(Verdict::Kept));
        check("!a\n/a\n", "x/a", false, Some(Verdict::Kept));
    }

    #[test]
    fn byte_order_mark_line_ends_and_comments_are_no_patterns() {
        check("\u{feff}a\r\n", "a", false, Some(Verdict::Ignored));
        check("#a\n", "#a", false, None);
        check("a\0b\n", "a", false, Some(Verdict::Ignored));
        check("\n \n/\n", "a", true, None);
    }

    #[test]
    fn lines_that_never_match_are_named() {
        let list = List::parse(b"ok\n[a\nb\\\n\n", false);
        assert_eq!(list.broken, [2, 3]);
    }

    #[test]
    fn a_hundred_thousand_rules_take_no_time() {
        let text: String = (0..100_000).map(|n| format!("file{n}\n")).collect();
        let list = List::parse(text.as_bytes(), false);
        for _ in 0..1_000 {
            assert_eq!(list.verdict(b"a/file", false), None);
        }
    }
}
