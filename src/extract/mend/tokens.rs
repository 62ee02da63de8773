//! The words and marks of code in braces, as far as the strategies beside this
//! need them: comments are left out, a literal is one token.
//!
//! Not here: exact lexing. A quote that is no string's ends with its line.

use std::ops::Range;

use super::macros::{self, until};

/// Whose literals and comments.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    CSharp,
    Go,
    Java,
    Rust,
    TypeScript,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// A name, a keyword or a number.
    Word,
    Literal,
    /// One character.
    Mark,
}

#[derive(Clone, Debug)]
pub(super) struct Token {
    pub kind: Kind,
    pub start: usize,
    pub end: usize,
}

/// Tokens that the parameters of a type may have, so that a `<` that is none of
/// theirs costs little.
const MOST_PARAMETERS: usize = 1_000;

pub(super) struct Tokens<'t> {
    text: &'t str,
    all: Vec<Token>,
    /// For each bracket that opens, the token that closes it.
    closed_by: Vec<Option<u32>>,
}

impl<'t> Tokens<'t> {
    /// Splits a text into tokens by the lexical rules of `of`; never fails.
    pub fn new(text: &'t str, of: Of) -> Self {
        let mut all: Vec<Token> = Vec::new();
        let mut at = 0;
        while let Some(&byte) = text.as_bytes().get(at) {
            let rest = &text.as_bytes()[at..];
            if byte.is_ascii_whitespace() {
                at += 1;
                continue;
            }
            let comment = comment(rest, of);
            if comment > 0 {
                at += comment;
                continue;
            }
            let literal =
                literal(text.as_bytes(), at, of, all.last().map(|last| &text[last.start..last.end]));
            let (kind, length) = match (literal, word(rest)) {
                (0, 0) => (Kind::Mark, 1),
                (0, length) => (Kind::Word, length),
                (length, _) => (Kind::Literal, length),
            };
            let end = (at + length).min(text.len());
            all.push(Token { kind, start: at, end });
            at = end;
        }
        let mut tokens = Self { text, closed_by: vec![None; all.len()], all };
        tokens.match_brackets();
        tokens
    }

    /// Each kind by itself, so that one that is missing does not unsettle the others.
    fn match_brackets(&mut self) {
        let mut open: [Vec<usize>; 3] = Default::default();
        for index in 0..self.len() {
            let text = self.text(index);
            if let Some(kind) = ["(", "[", "{"].iter().position(|mark| *mark == text) {
                open[kind].push(index);
            } else if let Some(kind) = [")", "]", "}"].iter().position(|mark| *mark == text)
                && let Some(start) = open[kind].pop()
            {
                self.closed_by[start] = Some(index as u32);
            }
        }
    }

    /// The number of tokens.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// The token's text; nothing beyond the last.
    pub fn text(&self, index: usize) -> &'t str {
        self.all.get(index).and_then(|token| self.text.get(token.start..token.end)).unwrap_or_default()
    }

    /// Whether the token is a word that does not begin with a digit; `false` beyond the end.
    pub fn is_word(&self, index: usize) -> bool {
        self.all.get(index).is_some_and(|token| {
            token.kind == Kind::Word && !self.text.as_bytes()[token.start].is_ascii_digit()
        })
    }

    /// Whether the token is a literal; `false` beyond the end.
    pub fn is_literal(&self, index: usize) -> bool {
        self.all.get(index).is_some_and(|token| token.kind == Kind::Literal)
    }

    /// The text of the token before `index`, empty where there is none.
    pub fn before(&self, index: usize) -> &'t str {
        index.checked_sub(1).map_or("", |index| self.text(index))
    }

    /// The byte where a token starts; the length of the text beyond the last token.
    pub fn start(&self, index: usize) -> usize {
        self.all.get(index).map_or(self.text.len(), |token| token.start)
    }

    /// The bytes of one token.
    pub fn range(&self, index: usize) -> Range<usize> {
        self.span(index, index)
    }

    /// From the start of the first to the end of the last, both included.
    pub fn span(&self, first: usize, last: usize) -> Range<usize> {
        let end = self.all.get(last).map_or(self.text.len(), |token| token.end);
        self.start(first).min(end)..end
    }

    /// A line break stands between a token and the next.
    pub fn ends_line(&self, index: usize) -> bool {
        let end = self.all.get(index).map_or(self.text.len(), |token| token.end);
        self.text.get(end..self.start(index + 1)).is_some_and(|gap| gap.contains('\n'))
    }

    /// The token that closes the bracket at `open`: `(`, `[`, `{`, or `<` of
    /// parameters. `None` where nothing does.
    pub fn close(&self, open: usize) -> Option<usize> {
        match self.text(open) {
            "<" => self.close_parameters(open),
            _ => self.closed_by.get(open).copied().flatten().map(|close| close as usize),
        }
    }

    fn close_parameters(&self, open: usize) -> Option<usize> {
        let mut depth = 0;
        for index in open..self.len().min(open + MOST_PARAMETERS) {
            match self.text(index) {
                "<" => depth += 1,
                ">" if matches!(self.before(index), "-" | "=") => {}
                ">" => depth -= 1,
                ";" | "{" => return None,
                _ => {}
            }
            if depth == 0 {
                return Some(index);
            }
        }
        None
    }
}

fn word(rest: &[u8]) -> usize {
    let is_part =
        |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(**byte, b'_' | b'$') || **byte >= 0x80;
    rest.iter().take_while(is_part).count()
}

fn comment(rest: &[u8], of: Of) -> usize {
    if rest.starts_with(b"//") || (of == Of::CSharp && rest[0] == b'#') {
        return rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
    }
    if !rest.starts_with(b"/*") {
        return 0;
    }
    match of {
        Of::Rust => nested_comment(rest),
        _ => 2 + until(&rest[2..], b"*/"),
    }
}

fn nested_comment(rest: &[u8]) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        match &rest[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => {
                (depth, at) = (depth - 1, at + 2);
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    rest.len()
}

/// Length of the literal that begins here, 0 where none does.
fn literal(text: &[u8], at: usize, of: Of, before: Option<&str>) -> usize {
    let rest = &text[at..];
    match (of, rest[0]) {
        (Of::Rust, b'r' | b'b' | b'c') => rust_prefixed(rest),
        (Of::Rust, b'\'') => character_or_lifetime(rest),
        (Of::Rust, b'"') => several_lines(rest),
        (Of::Go | Of::TypeScript, b'`') if of == Of::Go => 1 + until(&rest[1..], b"`"),
        (Of::TypeScript, b'`') => template(rest),
        (Of::TypeScript, b'/') => regex(rest, before),
        (Of::Java, b'"') if rest.starts_with(b"\"\"\"") => text_block(rest),
        (Of::CSharp, b'"' | b'@' | b'$') => csharp_string(rest),
        (_, b'"' | b'\'') => macros::literal(rest),
        _ => 0,
    }
}

/// A string that may go on over lines.
fn several_lines(rest: &[u8]) -> usize {
    let mut at = 1;
    while at < rest.len() && rest[at] != b'"' {
        at += if rest[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(rest.len())
}

/// `b"x"`, `c"x"`, `r"x"`, `br#"x"#`, `b'x'`.
fn rust_prefixed(rest: &[u8]) -> usize {
    let letters = rest.iter().take_while(|byte| matches!(byte, b'r' | b'b' | b'c')).count();
    let after = &rest[letters..];
    let is_raw = rest[letters - 1] == b'r';
    let marks = after.iter().take_while(|&&byte| byte == b'#').count();
    match after.get(marks) {
        Some(b'"') if is_raw => {
            let end = [b"\"".as_slice(), &b"#".repeat(marks)].concat();
            letters + marks + 1 + until(&after[marks + 1..], &end)
        }
        Some(b'"') if marks == 0 => letters + several_lines(after),
        Some(b'\'') if marks == 0 && letters == 1 => letters + macros::literal(after),
        _ => 0,
    }
}

fn character_or_lifetime(rest: &[u8]) -> usize {
    if rest.get(1) == Some(&b'\\') {
        return macros::literal(rest);
    }
    // One character of up to four bytes, then a quote.
    let end = rest.iter().skip(2).take(4).position(|&byte| byte == b'\'');
    match end {
        Some(end) if end == 0 || rest[1] >= 0x80 => end + 3,
        _ => 1 + word(&rest[1..]),
    }
}

fn text_block(rest: &[u8]) -> usize {
    let mut at = 3;
    while at < rest.len() && !rest[at..].starts_with(b"\"\"\"") {
        at += if rest[at] == b'\\' { 2 } else { 1 };
    }
    (at + 3).min(rest.len())
}

/// Up to the closing backtick; what stands in `${}` may hold further ones.
fn template(rest: &[u8]) -> usize {
    let mut at = 1;
    // Braces open in each of the templates that are within each other.
    let mut open: Vec<usize> = vec![0];
    while at < rest.len() {
        let in_code = open.last().is_some_and(|&braces| braces > 0);
        match rest[at] {
            b'\\' => at += 1,
            b'`' if in_code => open.push(0),
            b'`' => {
                open.pop();
                if open.is_empty() {
                    return at + 1;
                }
            }
            b'$' if !in_code && rest.get(at + 1) == Some(&b'{') => {
                if let Some(braces) = open.last_mut() {
                    *braces = 1;
                }
                at += 1;
            }
            b'{' if in_code => *open.last_mut().unwrap_or(&mut 0) += 1,
            b'}' if in_code => *open.last_mut().unwrap_or(&mut 0) -= 1,
            _ => {}
        }
        at += 1;
    }
    rest.len()
}

/// `/` opens one where no value stands before it.
fn regex(rest: &[u8], before: Option<&str>) -> usize {
    let is_value = |word: &str| {
        let last = word.as_bytes().last().copied().unwrap_or(b' ');
        let is_keyword =
            matches!(word, "return" | "typeof" | "case" | "in" | "of" | "new" | "void" | "else" | "do");
        !is_keyword && (word_ends(last) || matches!(last, b')' | b']' | b'}' | b'"' | b'\'' | b'`'))
    };
    if before.is_none_or(is_value) {
        return 0;
    }
    let mut in_class = false;
    let mut at = 1;
    while at < rest.len() && rest[at] != b'\n' {
        match rest[at] {
            b'\\' => at += 1,
            b'[' => in_class = true,
            b']' => in_class = false,
            b'/' if !in_class => return at + 1,
            _ => {}
        }
        at += 1;
    }
    0
}

fn word_ends(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$'
}

/// Plain, verbatim, raw and interpolated strings; the code in the holes of an
/// interpolated one is taken for text.
fn csharp_string(rest: &[u8]) -> usize {
    let marks = rest.iter().take_while(|byte| matches!(byte, b'@' | b'$')).count();
    let quotes = rest[marks..].iter().take_while(|&&byte| byte == b'"').count();
    let is_verbatim = rest[..marks].contains(&b'@');
    let body = &rest[marks..];
    match quotes {
        0 => 0,
        1 if is_verbatim => marks + 1 + verbatim(&body[1..]),
        1 => marks + macros::literal(body),
        2 if !is_verbatim => marks + 2,
        2 => marks + 2,
        _ => marks + quotes + until(&body[quotes..], &b"\"".repeat(quotes)),
    }
}

/// A doubled quote stands for one.
fn verbatim(rest: &[u8]) -> usize {
    let mut at = 0;
    while at < rest.len() {
        match (rest[at], rest.get(at + 1)) {
            (b'"', Some(b'"')) => at += 2,
            (b'"', _) => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(of: Of, text: &str, expected: &[&str]) {
        let tokens = Tokens::new(text, of);
        let texts: Vec<&str> = (0..tokens.len()).map(|index| tokens.text(index)).collect();
        assert_eq!(texts, expected);
    }

    #[test]
    fn literals_are_one_token_and_comments_none() {
        check(
            Of::Rust,
            "a 'b' '\\'' 'l /* x /* y */ z */ r#\"q\"r\"# b'x' c\"d\n\" r",
            &["a", "'b'", "'\\''", "'l", "r#\"q\"r\"#", "b'x'", "c\"d\n\"", "r"],
        );
        check(Of::Go, "a `b\n\"` 'c' // d\ne", &["a", "`b\n\"`", "'c'", "e"]);
        check(
            Of::TypeScript,
            "a = /[/\"]/ / b `x ${ `}` } y` c",
            &["a", "=", "/[/\"]/", "/", "b", "`x ${ `}` } y`", "c"],
        );
        check(Of::Java, "a \"\"\"\n\"b\" \\\"\"\" \"\"\" c", &["a", "\"\"\"\n\"b\" \\\"\"\" \"\"\"", "c"]);
        check(
            Of::CSharp,
            "a @\"b\"\"\\\" $\"c\" \"\"\"d \" \"\"\" \"\" e",
            &["a", "@\"b\"\"\\\"", "$\"c\"", "\"\"\"d \" \"\"\"", "\"\"", "e"],
        );
    }

    #[test]
    fn brackets_find_their_ends() {
        let tokens = Tokens::new("a<b<c>, fn() -> d> (e[f(1)])", Of::Rust);
        let close = |open: &str| {
            let at = (0..tokens.len()).find(|&index| tokens.text(index) == open).unwrap();
            tokens.close(at).map(|close| tokens.start(close))
        };
        assert_eq!(close("<"), Some(17));
        assert_eq!(close("["), Some(26));
        assert_eq!(Tokens::new("a < b; c", Of::Rust).close(1), None);
    }
}
