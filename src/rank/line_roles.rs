//! What each line of a file is there for: code, an import, a comment, the
//! documentation of a declaration. Told by how lines begin, so that one rule
//! serves all languages.
//!
//! Not here: which lines say something of a goal.

use crate::model::{Outline, SymbolKind};

/// What a line is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineRole {
    Code,
    Import,
    Comment,
    /// A docstring, or a comment that documents a declaration or the file.
    Doc,
    Blank,
}

/// Lines of one import, at most: brackets that never close end it.
const LONGEST_IMPORT: usize = 80;

/// The role of each line.
pub fn of(outline: &Outline, text: &str) -> Vec<LineRole> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    // A line of prose that begins like a comment is none.
    if outline.symbols.iter().any(|symbol| symbol.kind == SymbolKind::Section) {
        let role = |line: &&str| if line.is_empty() { LineRole::Blank } else { LineRole::Code };
        return lines.iter().map(role).collect();
    }
    let declared: Vec<u32> = outline.symbols.iter().map(|symbol| symbol.line).collect();
    let mut state = TextState::Code;
    let role = |(at, line): (u32, &&str)| {
        // Quotes in a text may look like those that open one: a declaration ends it.
        if declared.contains(&at) {
            state = TextState::Code;
        }
        state.next(line)
    };
    let mut roles: Vec<LineRole> = (1..).zip(&lines).map(role).collect();
    for import in &outline.imports {
        let first = (import.line as usize).saturating_sub(1);
        let last = first + lines.get(first..).map_or(0, length_of_import);
        for role in roles.get_mut(first..last).into_iter().flatten() {
            *role = LineRole::Import;
        }
    }
    roles
}

/// Lines until the brackets that the first one opens are closed.
fn length_of_import(lines: &[&str]) -> usize {
    let mut open = 0_i32;
    for (at, line) in lines.iter().take(LONGEST_IMPORT).enumerate() {
        let count = |marks: [char; 2]| line.matches(marks).count() as i32;
        open += count(['(', '{']) - count([')', '}']);
        if open <= 0 {
            return at + 1;
        }
    }
    1
}

/// What is open at the end of a line.
enum TextState {
    Code,
    /// A text in triple quotes, which is a docstring where it begins a line.
    Quoted(&'static str, LineRole),
    Block(LineRole),
}

impl TextState {
    fn next(&mut self, line: &str) -> LineRole {
        match *self {
            Self::Code => self.begin(line),
            Self::Quoted(mark, role) => {
                if line.matches(mark).count() % 2 == 1 {
                    *self = Self::Code;
                }
                role
            }
            Self::Block(role) => {
                if line.contains("*/") {
                    *self = Self::Code;
                }
                role
            }
        }
    }

    fn begin(&mut self, line: &str) -> LineRole {
        if line.is_empty() {
            return LineRole::Blank;
        }
        if line.starts_with("/*") {
            let role = if line.starts_with("/**") { LineRole::Doc } else { LineRole::Comment };
            if !line.contains("*/") {
                *self = Self::Block(role);
            }
            return role;
        }
        for mark in ["\"\"\"", "'''"] {
            let begins = line.trim_start_matches(['r', 'u', 'b', 'f', 'R']).starts_with(mark);
            let role = if begins { LineRole::Doc } else { LineRole::Code };
            if line.matches(mark).count() % 2 == 1 {
                *self = Self::Quoted(mark, role);
            }
            if begins {
                return role;
            }
        }
        of_line(line)
    }
}

/// The role of a line by its beginning alone.
fn of_line(line: &str) -> LineRole {
    let begins = |marks: &[&str]| marks.iter().any(|mark| line.starts_with(mark));
    if begins(&["///", "//!", "##'", "--|", "-- |"]) {
        LineRole::Doc
    } else if begins(&["//", "# ", "#!", "##", "-- ", "<!--", ";;"]) || line == "#" {
        LineRole::Comment
    } else {
        LineRole::Code
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Import, SafeText};

    fn check(text: &str, imports: &[u32], expected: &str) {
        let import = |line: &u32| Import { module: SafeText::default(), names: Vec::new(), line: *line };
        let outline = Outline { imports: imports.iter().map(import).collect(), ..Outline::default() };
        let letter = |role: LineRole| match role {
            LineRole::Code => 'c',
            LineRole::Import => 'i',
            LineRole::Comment => '#',
            LineRole::Doc => 'd',
            LineRole::Blank => ' ',
        };
        assert_eq!(of(&outline, text).into_iter().map(letter).collect::<String>(), expected, "{text}");
    }

    #[test]
    fn docstrings_and_doc_comments_are_told_from_code() {
        check("def f():\n    \"\"\"One line.\"\"\"\n    return 1\n", &[], "cdc");
        check("def f():\n    \"\"\"First.\n\n    More.\n    \"\"\"\n    # why\n    return 1", &[], "cdddd#c");
        check("s = \"\"\"\ntext\n\"\"\"\nx = 1", &[], "cccc");
        check("//! A file.\n\n/// A function.\n#[test]\nfn f() {}\n// why\n", &[], "d dcc#");
        check("/**\n * Doc.\n */\nint f();\n/* why */\n", &[], "dddc#");
        check("#include <a.h>\n#if X\n", &[], "cc");
    }

    #[test]
    fn an_import_lasts_until_its_brackets_close() {
        check("use a::{\n    b,\n    c,\n};\nfn f() {}\n", &[1], "iiiic");
        check("import os\nfrom a import (\n    b,\n)\nx = 1\n", &[1, 2], "iiiic");
        check("import (\nx", &[1], "ic");
    }
}
