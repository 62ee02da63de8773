//! C and C++ as tokens, without comments, directives and white space: enough to
//! see where declarations begin and end.
//!
//! Not here: what the tokens mean (`heads`).

use super::macros::{literal, until};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Word,
    Number,
    /// A string or a character.
    Text,
    /// `::`
    Scope,
    /// `->`
    Arrow,
    Mark(u8),
    /// What stands in `()`, `[]`, `<>`, brackets included. Only in heads.
    Round,
    Square,
    Angle,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Token {
    pub kind: Kind,
    pub start: usize,
    pub end: usize,
}

#[derive(Clone, Copy)]
pub(super) struct Tokens<'t> {
    pub text: &'t [u8],
    pub at: usize,
}

impl Iterator for Tokens<'_> {
    type Item = Token;
    fn next(&mut self) -> Option<Token> {
        loop {
            let rest = &self.text[self.at..];
            let byte = *rest.first()?;
            let skipped = match byte {
                _ if byte.is_ascii_whitespace() || byte == 0x0b => white(rest),
                b'#' => directive(rest),
                b'/' => comment(rest),
                _ => 0,
            };
            if skipped == 0 {
                let (kind, length) = token(rest, byte);
                let start = self.at;
                self.at = (start + length).min(self.text.len());
                return Some(Token { kind, start, end: self.at });
            }
            self.at += skipped;
        }
    }
}

impl Tokens<'_> {
    /// The end of a comment or directive that begins here.
    pub fn skipped(&self) -> Option<usize> {
        let rest = &self.text[self.at..];
        let length = if rest.starts_with(b"#") { directive(rest) } else { comment(rest) };
        (length > 0).then_some(self.at + length)
    }
}

fn white(rest: &[u8]) -> usize {
    rest.iter().position(|byte| !byte.is_ascii_whitespace() && *byte != 0x0b).unwrap_or(rest.len())
}

/// 0 where none begins.
fn comment(rest: &[u8]) -> usize {
    match rest {
        [b'/', b'/', ..] => line(rest),
        [b'/', b'*', ..] => block_comment(rest),
        _ => 0,
    }
}

fn block_comment(rest: &[u8]) -> usize {
    let mut at = 2;
    while let Some(slash) = rest[at..].iter().position(|&byte| byte == b'/') {
        at += slash + 1;
        if at > 3 && rest[at - 2] == b'*' {
            return at;
        }
    }
    rest.len()
}

/// Where the word begins that ends at `end`.
pub(super) fn word_start(text: &[u8], end: usize) -> usize {
    let word = text[..end].iter().rev().take_while(|byte| is_word(**byte)).count();
    end - word
}

fn token(rest: &[u8], byte: u8) -> (Kind, usize) {
    match byte {
        b'0'..=b'9' => (Kind::Number, number(rest)),
        b'"' | b'\'' => (Kind::Text, literal(rest)),
        b':' if rest.starts_with(b"::") => (Kind::Scope, 2),
        b'-' if rest.starts_with(b"->") => (Kind::Arrow, 2),
        _ if is_word(byte) => {
            let length = rest.iter().take_while(|byte| is_word(**byte)).count();
            match raw_string(rest, length) {
                Some(raw) => (Kind::Text, raw),
                None => (Kind::Word, length),
            }
        }
        _ => (Kind::Mark(byte), 1),
    }
}

pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn number(rest: &[u8]) -> usize {
    let is_part = |at: usize| {
        let next = rest.get(at + 1).copied().unwrap_or_default();
        is_word(rest[at]) || rest[at] == b'.' || (rest[at] == b'\'' && is_word(next))
    };
    (0..rest.len()).find(|&at| !is_part(at)).unwrap_or(rest.len())
}

/// The delimiter of the raw string whose prefix is the first `length` bytes.
pub(super) fn raw_delimiter(rest: &[u8], length: usize) -> Option<&[u8]> {
    let prefix = &rest[..length];
    if !matches!(prefix, b"R" | b"LR" | b"uR" | b"UR" | b"u8R") || rest.get(length) != Some(&b'"') {
        return None;
    }
    let after = &rest[length + 1..];
    let open = after.iter().take(17).position(|&byte| byte == b'(')?;
    Some(&after[..open])
}

fn raw_string(rest: &[u8], length: usize) -> Option<usize> {
    let delimiter = raw_delimiter(rest, length)?;
    let start = length + 1 + delimiter.len() + 1;
    let closing = [b")", delimiter, b"\""].concat();
    Some(start + until(&rest[start..], &closing))
}

fn line(rest: &[u8]) -> usize {
    rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len())
}

/// A line with those that `\` or a comment adds to it.
fn directive(rest: &[u8]) -> usize {
    let mut at = 0;
    while at < rest.len() {
        at += match rest[at] {
            b'\\' => 2,
            b'\n' => break,
            b'"' => literal(&rest[at..]),
            b'/' if rest[at..].starts_with(b"/*") => block_comment(&rest[at..]),
            b'/' if rest[at..].starts_with(b"//") => line(&rest[at..]),
            _ => 1,
        };
    }
    at.min(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let tokens = Tokens { text: text.as_bytes(), at: 0 };
        let found: Vec<&str> = tokens.map(|token| &text[token.start..token.end]).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn code_is_cut_into_tokens() {
        check("a::b->c 1'000u", &["a", "::", "b", "->", "c", "1'000u"]);
        check("#define A \\\n  b /* c\n d */ e\nf // g\nh", &["f", "h"]);
        check(
            "x = R\"--(a \" ) b)--\" u8R\"()\" 'c' \"\\\"\"",
            &["x", "=", "R\"--(a \" ) b)--\"", "u8R\"()\"", "'c'", "\"\\\"\""],
        );
        check("#define GLOB \"/*\"\nint é;", &["int", "é", ";"]);
    }
}
