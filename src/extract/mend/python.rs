//! In brackets a line of Python may be indented less than the block around it.
//! Where such a line follows an operator, the grammar's scanner ends the block. The
//! breaks of such lines become spaces.
//!
//! Lines of the tree then differ from those of the source, bytes do not.

use super::patch::Patch;

pub(super) fn mended(text: &str) -> Option<String> {
    let mut scan = Scan { patch: Patch::new(text), at: 0, depth: 0, indent: 0, comment: None };
    scan.line_start();
    while scan.at < text.len() {
        scan.step();
    }
    scan.patch.done()
}

struct Scan<'t> {
    patch: Patch<'t>,
    at: usize,
    /// Brackets that are open.
    depth: usize,
    /// Columns before the statement.
    indent: usize,
    /// The start of the comment that ends this line.
    comment: Option<usize>,
}

impl<'t> Scan<'t> {
    fn rest(&self) -> &'t [u8] {
        &self.patch.text.as_bytes()[self.at..]
    }

    fn step(&mut self) {
        let rest = self.rest();
        match rest[0] {
            b'\n' => return self.line_break(),
            b'#' => {
                self.comment = Some(self.at);
                self.at += rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
                return;
            }
            b'"' | b'\'' => {
                self.at += string(rest);
                return;
            }
            // The line goes on.
            b'\\' => self.at += 1,
            b'(' | b'[' | b'{' => self.depth += 1,
            b')' | b']' | b'}' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        self.at = (self.at + 1).min(self.patch.text.len());
    }

    fn line_break(&mut self) {
        let at = self.at;
        self.at += 1;
        if self.depth == 0 {
            self.comment = None;
            return self.line_start();
        }
        if self.is_indented_less() {
            if let Some(comment) = self.comment {
                self.patch.blank(comment..at);
            }
            self.patch.bytes[at] = b' ';
        }
        self.comment = None;
    }

    /// The next line with code on it has fewer columns before it than the statement.
    fn is_indented_less(&self) -> bool {
        for line in self.patch.text[self.at..].split('\n').take(50) {
            let code = line.trim_start_matches([' ', '\t']);
            if !code.is_empty() && !code.starts_with('#') {
                return columns(line) < self.indent;
            }
        }
        false
    }

    fn line_start(&mut self) {
        let line = self.patch.text[self.at..].split('\n').next().unwrap_or_default();
        self.indent = columns(line);
    }
}

fn columns(line: &str) -> usize {
    let blanks = line.bytes().take_while(|byte| matches!(byte, b' ' | b'\t'));
    blanks.map(|byte| if byte == b'\t' { 8 } else { 1 }).sum()
}

/// Length of the string that begins here; one that is not closed ends with its line.
fn string(rest: &[u8]) -> usize {
    let quote = rest[0];
    let is_long = rest.len() >= 3 && rest[1] == quote && rest[2] == quote;
    let mut at = if is_long { 3 } else { 1 };
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 1,
            b'\n' if !is_long => return at,
            byte if byte == quote && !is_long => return at + 1,
            byte if byte == quote && rest[at..].starts_with(&[quote; 3]) => return at + 3,
            _ => {}
        }
        at += 1;
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::super::patch::check;
    use super::*;

    #[test]
    fn a_line_in_brackets_that_is_indented_less_is_joined() {
        check(mended, "def a():\n    x = f(a +\n  b)\n    y", "def a():\n    x = f(a +   b)\n    y");
        check(
            mended,
            "def a():\n    x = f(a + # why (\n# b\n\nb)",
            "def a():\n    x = f(a +              b)",
        );
        check(mended, "if a:\n\tx = [1 if\n2]\n", "if a:\n\tx = [1 if 2]\n");
    }

    #[test]
    fn other_lines_stay() {
        for text in [
            "def a():\n    x = f(a,\n      b)\n    y\n",
            "x = f(\na)\n",
            "def a():\n    x = '''(\n'''\n    y = \"(\"\n# (\nb\n",
            "def a():\n    x = 1 + \\\n  2\n",
            "def a(:\n'",
        ] {
            check(mended, text, text);
        }
    }
}
