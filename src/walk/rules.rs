//! Ignore files and who wins: the deepest file that has a matching line, and
//! its last such line, as git decides.
//!
//! Not here: what one pattern means (`glob`), and where the files lie.

use std::collections::HashMap;
use std::rc::Rc;

use super::glob::Pattern;

/// The patterns of one ignore file, with a shortcut to those without
/// wildcards, so that huge generated rule files stay cheap.
#[derive(Debug, Default)]
pub struct List {
    patterns: Vec<Pattern>,
    /// Pattern indices by whole name or whole path, ascending.
    literals: HashMap<Vec<u8>, Vec<usize>>,
    /// Pattern indices with wildcards, ascending.
    wildcards: Vec<usize>,
    /// Numbers, from 1, of lines that can never match.
    pub broken: Vec<usize>,
    ignore_case: bool,
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

    pub fn of_lines<'a>(lines: impl Iterator<Item = &'a [u8]>, ignore_case: bool) -> Self {
        let mut list = Self {
            ignore_case,
            ..Self::default()
        };
        for (number, line) in (1..).zip(lines) {
            if line.starts_with(b"#") {
                continue;
            }
            match Pattern::parse(line, ignore_case) {
                Some(pattern) => list.push(pattern),
                None if line.iter().all(|byte| matches!(byte, b' ' | b'/' | b'!')) => {}
                None => list.broken.push(number),
            }
        }
        list
    }

    fn push(&mut self, pattern: Pattern) {
        let index = self.patterns.len();
        match &pattern.literal {
            Some(literal) => self
                .literals
                .entry(literal.clone())
                .or_default()
                .push(index),
            None => self.wildcards.push(index),
        }
        self.patterns.push(pattern);
    }

    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// The last matching pattern decides. `path` is below the folder of the
    /// ignore file.
    pub fn verdict(&self, path: &[u8], is_dir: bool) -> Option<Verdict> {
        if self.is_empty() {
            return None;
        }
        let folded;
        let path = if self.ignore_case {
            folded = path.to_ascii_lowercase();
            &folded
        } else {
            path
        };
        let name = name_of(path);
        let fits = |index: &&usize| {
            let pattern = &self.patterns[**index];
            is_dir || !pattern.folders_only
        };
        let literal = |text: &[u8], anchored: bool| {
            let indices = self.literals.get(text)?;
            let of_kind = |index: &&usize| self.patterns[**index].anchored == anchored;
            indices.iter().rev().filter(of_kind).find(fits).copied()
        };
        let best = literal(name, false).max(literal(path, true));
        let wildcard = self
            .wildcards
            .iter()
            .rev()
            .take_while(|&&index| best.is_none_or(|best| index > best))
            .filter(fits)
            .find(|&&index| {
                let pattern = &self.patterns[index];
                pattern.matches(if pattern.anchored { path } else { name })
            });
        let winner = wildcard.copied().or(best)?;
        Some(if self.patterns[winner].negated {
            Verdict::Kept
        } else {
            Verdict::Ignored
        })
    }
}

/// A carriage return before the line feed is part of the line end; git cuts
/// lines at a NUL.
fn without_line_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let end = line.iter().position(|&byte| byte == 0);
    &line[..end.unwrap_or(line.len())]
}

fn name_of(path: &[u8]) -> &[u8] {
    let start = path.iter().rposition(|&byte| byte == b'/');
    &path[start.map_or(0, |slash| slash + 1)..]
}

/// The ignore files of one folder, above those of its parents.
#[derive(Debug)]
pub struct Scope {
    pub parent: Option<Rc<Scope>>,
    /// Bytes of a path before the part below this folder.
    pub base: usize,
    pub list: List,
}

/// The verdict of the deepest scope that has one.
pub fn verdict(scope: Option<&Rc<Scope>>, path: &[u8], is_dir: bool) -> Option<Verdict> {
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
