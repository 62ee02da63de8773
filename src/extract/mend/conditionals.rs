//! `#if` that tears a declaration or a statement apart: `if (a) { #else if (b)
//! { #endif`. No grammar follows both ways, so the lines of such a group and
//! all but its longest branch become white space of the same length. Groups
//! whose branches hold whole statements stay as they are.
//!
//! Not here: deciding which branch a build takes, expanding macros.

use super::blank;
use super::macros::{self, until};

/// Groups within each other, and brackets within each other, beyond which
/// nothing is hidden.
const MOST_LEVELS: usize = 200;

/// `text` without torn branches, in as many bytes; `None` when nothing is torn.
pub(super) fn hidden(text: &str) -> Option<String> {
    if !text.contains("endif") {
        return None;
    }
    let groups = Scan::new(text.as_bytes()).groups()?;
    let mut bytes = text.as_bytes().to_vec();
    for group in groups.iter().filter(|group| group.is_torn) {
        let kept = group.kept();
        for (index, branch) in group.branches.iter().enumerate() {
            blank(&mut bytes[branch.line..branch.start]);
            if Some(index) != kept {
                blank(&mut bytes[branch.start..branch.end]);
            }
        }
        blank(&mut bytes[group.end.0..group.end.1]);
    }
    // Whole lines were replaced.
    groups.iter().any(|group| group.is_torn).then(|| String::from_utf8(bytes).ok()).flatten()
}

#[derive(Default)]
struct Group {
    branches: Vec<Branch>,
    /// The line of its `#endif`.
    end: (usize, usize),
    is_torn: bool,
}

impl Group {
    /// The longest branch, so that least is lost, of those that are not dead.
    fn kept(&self) -> Option<usize> {
        let branches = self.branches.iter().enumerate().filter(|(_, branch)| !branch.is_dead);
        branches.rev().max_by_key(|(_, branch)| branch.end - branch.start).map(|(index, _)| index)
    }
}

struct Branch {
    /// Start of the directive's line.
    line: usize,
    start: usize,
    end: usize,
    is_dead: bool,
    /// Brackets open at its end.
    after: Vec<Bracket>,
}

#[derive(Clone, Copy, PartialEq)]
enum Bracket {
    /// `(`, `[`, or the braces of a value: no place for a directive.
    Value,
    Block,
}

/// One pass over the text, with the brackets open at each place.
struct Scan<'t> {
    text: &'t [u8],
    at: usize,
    open: Vec<Bracket>,
    /// The last byte of code, 0 at the start of a branch.
    last: u8,
    /// One was over in this branch.
    has_statement: bool,
    groups: Vec<Group>,
    /// Those that are not closed, with the brackets open at their start.
    around: Vec<(usize, Vec<Bracket>)>,
    /// Closed, and no code has followed yet.
    closed: Vec<usize>,
}

impl<'t> Scan<'t> {
    fn new(text: &'t [u8]) -> Self {
        let (open, groups, around, closed) = Default::default();
        Self { text, at: 0, open, last: 0, has_statement: false, groups, around, closed }
    }

    /// `None` where directives or brackets do not match up.
    fn groups(mut self) -> Option<Vec<Group>> {
        let mut is_line_start = true;
        while let Some(&byte) = self.text.get(self.at) {
            let rest = &self.text[self.at..];
            match byte {
                b'\n' => is_line_start = true,
                b' ' | b'\t' | b'\r' => {}
                b'#' if is_line_start => {
                    self.directive()?;
                    continue;
                }
                _ if rest.starts_with(b"//") || rest.starts_with(b"/*") => {
                    self.at += comment(rest);
                    continue;
                }
                _ => {
                    is_line_start = false;
                    self.code(byte)?;
                    continue;
                }
            }
            self.at += 1;
        }
        self.around.is_empty().then_some(self.groups)
    }

    /// One token of code.
    fn code(&mut self, byte: u8) -> Option<()> {
        let rest = &self.text[self.at..];
        if !self.closed.is_empty() {
            // What follows goes on with what stands in the branches.
            let goes_on = byte == b'{' || is_word(rest, b"else");
            for group in self.closed.drain(..).filter(|_| goes_on) {
                self.groups[group].is_torn = true;
            }
        }
        let length = match byte {
            b'"' | b'\'' => literal(self.text, self.at),
            _ if byte.is_ascii_alphanumeric() || byte == b'_' => word(rest),
            _ => 1,
        };
        match byte {
            b'(' | b'[' => self.open.push(Bracket::Value),
            b'{' if matches!(self.last, b'=' | b',' | b'(' | b'[') => self.open.push(Bracket::Value),
            b'{' if self.last == b'{' && self.open.last() == Some(&Bracket::Value) => {
                self.open.push(Bracket::Value);
            }
            b'{' => self.open.push(Bracket::Block),
            b')' | b']' | b'}' => {
                let floor = self.around.last().map_or(0, |(_, open)| open.len());
                if self.open.len() <= floor {
                    self.tear();
                }
                self.open.pop();
            }
            _ => {}
        }
        if is_word(rest, b"else") && self.last == 0 {
            self.tear();
        }
        self.last = self.text[self.at + length - 1];
        self.has_statement |= matches!(byte, b';' | b'}');
        self.at += length;
        (self.open.len() < MOST_LEVELS).then_some(())
    }

    /// The innermost group that is open is torn.
    fn tear(&mut self) {
        if let Some(&(group, _)) = self.around.last() {
            self.groups[group].is_torn = true;
        }
    }

    /// A line of a directive, with those that `\` or a comment adds to it.
    fn directive(&mut self) -> Option<()> {
        let start = self.at;
        let mut end = start;
        while end < self.text.len() && (self.text[end] != b'\n' || self.text[end - 1] == b'\\') {
            let rest = &self.text[end..];
            end += if rest.starts_with(b"/*") { comment(rest) } else { 1 };
        }
        self.at = end;
        let line = &self.text[start..end];
        let after = line[1..].trim_ascii_start();
        let (name, condition) = after.split_at(word(after));
        match name {
            b"if" | b"ifdef" | b"ifndef" => self.opened(start, end, is_dead(name, condition)),
            b"else" | b"elif" | b"elifdef" | b"elifndef" => self.branched(start, end),
            b"endif" => self.ended(start, end),
            _ => Some(()),
        }
    }

    fn opened(&mut self, line: usize, start: usize, is_dead: bool) -> Option<()> {
        let at_statement = match (self.open.last(), self.last) {
            (Some(Bracket::Value), _) => false,
            (Some(Bracket::Block), last) => matches!(last, 0 | b';' | b'{' | b'}' | b':' | b',' | b']'),
            (None, last) => matches!(last, 0 | b';' | b'{' | b'}' | b')' | b'"' | b'>' | b']'),
        };
        let branch = Branch { line, start, end: start, is_dead, after: Vec::new() };
        self.groups.push(Group { branches: vec![branch], end: (0, 0), is_torn: !at_statement });
        self.around.push((self.groups.len() - 1, self.open.clone()));
        (self.last, self.has_statement) = (0, false);
        (self.around.len() < MOST_LEVELS).then_some(())
    }

    fn branched(&mut self, line: usize, start: usize) -> Option<()> {
        self.close_branch(line)?;
        let (group, open) = self.around.last()?;
        self.open.clone_from(open);
        let branch = Branch { line, start, end: start, is_dead: false, after: Vec::new() };
        self.groups[*group].branches.push(branch);
        (self.last, self.has_statement) = (0, false);
        Some(())
    }

    fn ended(&mut self, line: usize, after: usize) -> Option<()> {
        self.close_branch(line)?;
        let (index, open) = self.around.pop()?;
        let group = &mut self.groups[index];
        group.end = (line, after);
        // What was torn in one is torn for the whole.
        self.open = group.kept().map_or(open, |kept| group.branches[kept].after.clone());
        self.closed.push(index);
        (self.last, self.has_statement) = (b';', true);
        Some(())
    }

    fn close_branch(&mut self, end: usize) -> Option<()> {
        let (group, open) = self.around.last()?;
        let group = &mut self.groups[*group];
        let ends = matches!(self.last, 0 | b';' | b'{' | b'}' | b':' | b',' | b')' | b'>' | b'"');
        // Behind whole declarations, a macro that looks like nothing else.
        let is_whole = open.is_empty() && self.has_statement;
        group.is_torn |= (!ends && !is_whole) || self.open.len() != open.len();
        let branch = group.branches.last_mut()?;
        branch.end = end;
        branch.after = self.open.clone();
        Some(())
    }
}

/// Whether a branch that tears is better left out: `#if 0`, and `extern "C" {`
/// for C++.
fn is_dead(name: &[u8], condition: &[u8]) -> bool {
    match name {
        b"if" => matches!(condition.trim_ascii(), b"0" | b"defined(__cplusplus)" | b"defined __cplusplus"),
        _ => name == b"ifdef" && condition.trim_ascii() == b"__cplusplus",
    }
}

fn is_word(rest: &[u8], expected: &[u8]) -> bool {
    &rest[..word(rest)] == expected
}

fn word(rest: &[u8]) -> usize {
    rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count()
}

fn comment(rest: &[u8]) -> usize {
    match rest.starts_with(b"//") {
        true => rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len()),
        false => 2 + until(&rest[2..], b"*/"),
    }
}

/// A string or a character, raw and long ones too.
fn literal(text: &[u8], at: usize) -> usize {
    let rest = &text[at..];
    let before = &text[..at];
    if rest[0] == b'\'' && before.last().is_some_and(u8::is_ascii_hexdigit) {
        // `1'000`
        return 1;
    }
    if rest.starts_with(b"\"\"\"") {
        return 3 + until(&rest[3..], b"\"\"\"");
    }
    let is_verbatim = before.ends_with(b"@") || before.ends_with(b"@$");
    let is_raw = before.ends_with(b"R");
    if rest[0] == b'"' && (is_verbatim || is_raw) {
        let end: &[u8] = if is_raw { b")\"" } else { b"\"" };
        return 1 + until(&rest[1..], end);
    }
    macros::literal(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(hidden(text).as_deref(), expected, "{text}");
    }

    #[test]
    fn whole_statements_stay() {
        for text in [
            "#if A\nint f(void);\n#else\nint g(void);\n#endif\n",
            "#ifndef H\n#define H\nint f(void) {\n#if B\n  g();\n#else\n  h();\n#endif\n  i();\n}\n#endif\n",
            "enum e {\n  A,\n#if X\n  B,\n#endif\n  C,\n};\n",
            "struct s {\n#if X\n  int a;\n#endif\n};\n",
            "#endif\nint x;\n",
            "#if A /* one {\n two */\nint x;\n#else\nint y;\nint f() NEVER\n#endif\nint z;\n",
            "#if A\nint x;\n",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn of_torn_ones_the_longest_branch_stays() {
        check(
            "void f() {\n#if A\n  if (a) {\n#else\n  if (b) {\n#endif\n  }\n}\n",
            Some("void f() {\n     \n  if (a) {\n     \n          \n      \n  }\n}\n"),
        );
        check(
            "f(a,\n#if A\n  b\n#else\n  c\n#endif\n);\n",
            Some("f(a,\n     \n  b\n     \n   \n      \n);\n"),
        );
        check(
            "void f() {\n  if (a) x();\n#if A\n  else if (b) y();\n#endif\n  z();\n}\n",
            Some("void f() {\n  if (a) x();\n     \n  else if (b) y();\n      \n  z();\n}\n"),
        );
        check(
            "#ifdef __cplusplus\nextern \"C\" {\n#endif\nint f(void);\n#ifdef __cplusplus\n}\n#endif\n",
            Some("                  \n            \n      \nint f(void);\n                  \n \n      \n"),
        );
        check(
            "#if 0\nint f(int a)\n#else\nint f(char a)\n#endif\n{\n}\n",
            Some("     \n            \n     \nint f(char a)\n      \n{\n}\n"),
        );
    }

    #[test]
    fn brackets_in_strings_and_comments_do_not_count() {
        for text in [
            "#if A\nchar *a = \"{\"; /* { */ char b = '{'; // {\n#else\nint x;\n#endif\n",
            "class A {\n#if A\n  string a = @\"{\\\";\n#endif\n}\n",
        ] {
            check(text, None);
        }
    }
}
