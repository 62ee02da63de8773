//! Lines by the bytes of a text, and how many of them an outline accounts for.
//!
//! Not here: what a declaration is.

use std::ops::Range;

use tree_sitter::{Node, Tree};

/// The number of lines; a last one needs no end.
pub(super) fn line_count(text: &str) -> u32 {
    let breaks = text.bytes().filter(|&byte| byte == b'\n').count();
    let open_end = !text.is_empty() && !text.ends_with('\n');
    (breaks + usize::from(open_end)) as u32
}

/// Where each line of a text begins.
pub(super) struct LineStarts {
    starts: Vec<usize>,
}

impl LineStarts {
    /// Finds the line starts of a text in one pass; only `\n` ends a line.
    pub fn new(text: &str) -> Self {
        let breaks = text.bytes().enumerate().filter(|&(_, byte)| byte == b'\n');
        Self { starts: std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect() }
    }

    /// The line that a byte stands on, counted from 1.
    pub fn of(&self, byte: usize) -> u32 {
        self.starts.partition_point(|&start| start <= byte) as u32
    }

    /// The last line that has a character of `bytes` on it.
    pub fn last_of(&self, bytes: &Range<usize>) -> u32 {
        self.of(bytes.end.saturating_sub(1).max(bytes.start))
    }

    fn text<'t>(&self, text: &'t str, index: usize) -> &'t str {
        let end = self.starts.get(index + 1).copied().unwrap_or(text.len());
        text.get(self.starts[index]..end).unwrap_or_default()
    }
}

/// Nodes that are looked at for comments in what no declaration covers.
const MOST_NODES: usize = 20_000;

/// Which lines are accounted for.
pub(super) struct Covered<'l> {
    lines: &'l LineStarts,
    /// By line, counted from 0.
    is_covered: Vec<bool>,
}

impl<'l> Covered<'l> {
    /// Starts with no line covered.
    pub fn new(lines: &'l LineStarts) -> Self {
        Self { lines, is_covered: vec![false; lines.starts.len()] }
    }

    /// Marks every line that the bytes touch.
    pub fn add(&mut self, bytes: Range<usize>) {
        let first = self.lines.of(bytes.start) as usize - 1;
        let last = self.lines.last_of(&bytes) as usize - 1;
        self.is_covered[first..=last].fill(true);
    }

    /// Comments outside of what is covered already.
    pub fn add_comments(&mut self, tree: &Tree) {
        let uncovered = self.uncovered_before();
        let is_covered = |node: Node<'_>, lines: &LineStarts| {
            let bytes = node.byte_range();
            let (first, last) = (lines.of(bytes.start) as usize - 1, lines.last_of(&bytes) as usize);
            uncovered[first] == uncovered[last]
        };
        let mut cursor = tree.walk();
        for _ in 0..MOST_NODES {
            let node = cursor.node();
            let is_comment = is_comment(node);
            if is_comment {
                self.add(node.byte_range());
            }
            if !is_comment && !is_covered(node, self.lines) && cursor.goto_first_child() {
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return;
                }
            }
        }
    }

    /// For each line how many before it nothing covers, and how many in all.
    fn uncovered_before(&self) -> Vec<u32> {
        let mut count = 0;
        let counts = self.is_covered.iter().map(|&covered| {
            count += u32::from(!covered);
            count
        });
        std::iter::once(0).chain(counts).collect()
    }

    /// Per thousand of the lines with a word on them; all of nothing.
    pub fn share(&self, text: &str) -> u16 {
        let mut with_word = 0;
        let mut covered = 0;
        for (index, &is_covered) in self.is_covered.iter().enumerate() {
            let has_word = self.lines.text(text, index).chars().any(char::is_alphanumeric);
            with_word += usize::from(has_word);
            covered += usize::from(has_word && is_covered);
        }
        match with_word {
            0 => 1_000,
            // Rounded down: 1,000 is all of them.
            all => (covered * 1_000 / all) as u16,
        }
    }
}

fn is_comment(node: Node<'_>) -> bool {
    node.is_named() && node.kind().contains("comment")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_on_the_lines_that_they_stand_on() {
        let lines = LineStarts::new("a\n\nbc\n");
        assert_eq!([0, 1, 2, 3, 5, 6].map(|byte| lines.of(byte)), [1, 1, 2, 3, 3, 4]);
        assert_eq!(lines.last_of(&(0..2)), 1);
        assert_eq!(lines.last_of(&(0..3)), 2);
        assert_eq!(lines.last_of(&(3..3)), 3);
    }

    #[test]
    fn the_share_counts_lines_with_words() {
        let text = "a\n}\n\nb\nc\n";
        let lines = LineStarts::new(text);
        let mut covered = Covered::new(&lines);
        assert_eq!(covered.share(text), 0);
        covered.add(5..6);
        assert_eq!(covered.share(text), 333);
        covered.add(0..8);
        assert_eq!(covered.share(text), 1_000);
        assert_eq!(Covered::new(&LineStarts::new("")).share(""), 1_000);
    }
}
