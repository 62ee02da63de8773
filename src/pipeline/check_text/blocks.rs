//! What each line of a text is: prose, a line for a shell, or part of an example,
//! in Markdown and reStructuredText.
//!
//! Not here: what a line claims.

/// How a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Markup {
    Markdown,
    Restructured,
}

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    Prose,
    Shell,
    /// Of a block that is no command: its names are its own.
    Example,
    /// The border of a block.
    Mark,
}

/// Languages of blocks that hold commands.
const SHELLS: [&str; 9] =
    ["bash", "sh", "shell", "console", "zsh", "shell-session", "sh-session", "fish", "terminal"];

/// Directives whose content is no prose.
const BLOCKS: [&str; 8] =
    ["code", "code-block", "doctest", "ipython", "parsed-literal", "raw", "sourcecode", "toctree"];

/// Spaces before a line of Markdown's indented code.
const INDENT: usize = 4;

/// Tells the lines of a text apart, one after the other.
pub struct Blocks {
    markup: Markup,
    open: Open,
    /// The line before was blank, or the text begins here.
    after_blank: bool,
    /// Indented lines belong to an item of a list.
    in_list: bool,
}

enum Open {
    Nothing,
    /// Between lines of backticks or tildes.
    Fence {
        mark: char,
        length: usize,
        kind: LineKind,
    },
    /// Lines that are indented more than the one that opened them.
    Indented {
        beyond: usize,
        kind: LineKind,
    },
}

impl Blocks {
    /// At the beginning of a text.
    pub fn new(markup: Markup) -> Self {
        Self { markup, open: Open::Nothing, after_blank: true, in_list: false }
    }

    /// What the next line is.
    pub fn kind(&mut self, line: &str) -> LineKind {
        let is_blank = line.trim().is_empty();
        let kind = self.of(line, is_blank);
        self.after_blank = is_blank;
        kind
    }

    fn of(&mut self, line: &str, is_blank: bool) -> LineKind {
        let indent = line.len() - line.trim_start().len();
        match self.open {
            Open::Fence { mark, length, kind } => {
                let is_end = line.trim().chars().all(|c| c == mark) && line.trim().len() >= length;
                if !is_end {
                    return kind;
                }
                self.open = Open::Nothing;
                return LineKind::Mark;
            }
            Open::Indented { beyond, kind } if is_blank || indent > beyond => {
                return match kind == LineKind::Example && line.trim_start().starts_with("$ ") {
                    true => LineKind::Shell,
                    false => kind,
                };
            }
            Open::Indented { .. } => self.open = Open::Nothing,
            Open::Nothing => {}
        }
        if let Some((mark, length, kind)) = fence(line) {
            self.open = Open::Fence { mark, length, kind };
            return LineKind::Mark;
        }
        match self.markup {
            Markup::Restructured => self.restructured(line, indent),
            Markup::Markdown => self.markdown(line, indent, is_blank),
        }
    }

    fn restructured(&mut self, line: &str, indent: usize) -> LineKind {
        let plain = line.trim();
        let directive = plain.strip_prefix(".. ").and_then(|rest| rest.split_once("::"));
        if let Some((name, argument)) = directive {
            if BLOCKS.contains(&name) {
                let kind =
                    if SHELLS.contains(&argument.trim()) { LineKind::Shell } else { LineKind::Example };
                self.open = Open::Indented { beyond: indent, kind };
                return LineKind::Mark;
            }
        } else if plain.ends_with("::") {
            self.open = Open::Indented { beyond: indent, kind: LineKind::Example };
        }
        LineKind::Prose
    }

    fn markdown(&mut self, line: &str, indent: usize, is_blank: bool) -> LineKind {
        if is_blank {
            return LineKind::Prose;
        }
        if indent < INDENT {
            self.in_list = is_item(line.trim()) || (self.in_list && (indent > 0 || !self.after_blank));
        } else if self.after_blank && !self.in_list {
            self.open = Open::Indented { beyond: INDENT - 1, kind: LineKind::Example };
            return if line.trim().starts_with("$ ") { LineKind::Shell } else { LineKind::Example };
        }
        LineKind::Prose
    }
}

/// The mark, its length and what stands in the block that a line opens.
fn fence(line: &str) -> Option<(char, usize, LineKind)> {
    let line = line.trim();
    let mark = line.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
    let length = line.chars().take_while(|c| *c == mark).count();
    let info = line[length..].trim();
    if length < 3 || (mark == '`' && info.contains('`')) {
        return None;
    }
    let language = info.split([' ', ',', '{', ':']).next().unwrap_or_default().to_lowercase();
    let is_shell = SHELLS.contains(&language.as_str());
    Some((mark, length, if is_shell { LineKind::Shell } else { LineKind::Example }))
}

/// Begins an item of a list.
fn is_item(line: &str) -> bool {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let rest = &line[digits..];
    let marks: [&str; 3] = if digits > 0 { [". ", ") ", ". "] } else { ["- ", "* ", "+ "] };
    marks.iter().any(|mark| rest.starts_with(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(markup: Markup, text: &str, expected: &str) {
        let mut blocks = Blocks::new(markup);
        let letter = |line: &str| match blocks.kind(line) {
            LineKind::Prose => 'p',
            LineKind::Shell => 's',
            LineKind::Example => 'e',
            LineKind::Mark => 'm',
        };
        assert_eq!(text.lines().map(letter).collect::<String>(), expected, "{text}");
    }

    #[test]
    fn blocks_of_markdown_are_fences_and_indented_lines_outside_of_lists() {
        check(Markup::Markdown, "a\n```sh\nmake\n```\nb", "pmsmp");
        check(Markup::Markdown, "~~~~ py\n```\nx\n~~~~\nb", "meemp");
        check(Markup::Markdown, "Say:\n\n    src/a.rs\n\n    $ make\nand", "ppeesp");
        check(Markup::Markdown, "- one\n\n    still one\n", "ppp");
        check(Markup::Markdown, "1. one\n   two\n\n    three\n\nfour\n\n    five", "pppppppe");
    }

    #[test]
    fn blocks_of_restructured_text_are_indented_behind_colons() {
        check(Markup::Restructured, "Like this::\n\n    src/a.py\n\nend", "peeep");
        check(
            Markup::Restructured,
            ".. code-block:: console\n\n    $ make\n\n.. note:: a\n\n    b",
            "msssppp",
        );
    }
}
