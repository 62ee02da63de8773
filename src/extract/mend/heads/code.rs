//! The bodies of functions, of which only the brackets and calls of macros
//! before `else` are looked at, and values.
//!
//! Not here: declarations.

use super::super::c_tokens::{Kind, Token, Tokens, is_word, word_start};
use super::{MOST_LEVELS, Place, Scan, Scope};

/// Bytes that are passed over.
const PLAIN: [bool; 256] = {
    let mut plain = [true; 256];
    let special = b"{}()\"'/#";
    let mut at = 0;
    while at < special.len() {
        plain[special[at] as usize] = false;
        at += 1;
    }
    plain
};

impl Scan<'_> {
    /// Up to the next place where declarations stand; `None` where brackets
    /// do not match up.
    pub(super) fn pass_code(&mut self) -> Option<()> {
        // Brackets that are open, and the one that was closed last with its end.
        let mut open: Vec<usize> = Vec::new();
        let mut closed = (0, 0);
        while !matches!(self.place(), Place::File | Place::Class(..)) {
            let rest = &self.text[self.tokens.at..];
            let plain = rest.iter().position(|&byte| !PLAIN[byte as usize]).unwrap_or(rest.len());
            let at = self.tokens.at + plain;
            self.tokens.at = at + 1;
            match self.text.get(at) {
                Some(b'(') => open.push(at),
                Some(b')') => closed = (open.pop().unwrap_or_default(), at + 1),
                Some(b'{') => self.open_block(at, closed)?,
                Some(b'}') => self.close(Token { kind: Kind::Mark(b'}'), start: at, end: at + 1 }),
                Some(_) => self.pass_text(at),
                None => {
                    self.tokens.at = self.text.len();
                    return Some(());
                }
            }
            if open.len() > MOST_LEVELS {
                return None;
            }
        }
        Some(())
    }

    /// A comment, a directive, a string.
    fn pass_text(&mut self, at: usize) {
        let start = match self.text[at] {
            b'"' | b'\'' => word_start(self.text, at),
            _ => at,
        };
        let mut tokens = Tokens { text: self.text, at: start };
        self.tokens.at = match self.text[at] {
            b'/' | b'#' => tokens.skipped().unwrap_or(at + 1),
            _ => {
                let first = tokens.next();
                let end = first.map_or(at + 1, |token| token.end);
                if let Some(token) = first.filter(|token| token.kind == Kind::Text) {
                    self.shorten_raw(token);
                }
                // Behind `L` the string itself.
                match end > at {
                    true => end,
                    false => Tokens { text: self.text, at }.next().map_or(at + 1, |token| token.end),
                }
            }
        };
    }

    fn open_block(&mut self, at: usize, closed: (usize, usize)) -> Option<()> {
        let place = if self.place() == Place::Code { Place::Code } else { Place::Value };
        let is_behind = self.text[..at].trim_ascii_end().len() == closed.1;
        let call = if is_behind { self.block_macro(closed.0) } else { None };
        self.scopes.push(Scope { place, call, export: None });
        (self.scopes.len() < MOST_LEVELS).then_some(())
    }

    /// The word before a bracket, where it begins a statement and is no `if`.
    fn block_macro(&self, bracket: usize) -> Option<Token> {
        let end = self.text[..bracket].trim_ascii_end().len();
        let start = word_start(self.text, end);
        let word = &self.text[start..end];
        let is_named = word.len() > 1 && !word[0].is_ascii_digit();
        let is_known = matches!(word, b"if" | b"for" | b"while" | b"switch" | b"catch" | b"constexpr");
        let before = self.text[..start].trim_ascii_end();
        let begins = match before.last() {
            Some(&byte) if is_word(byte) => {
                matches!(&before[word_start(before, before.len())..], b"else" | b"do")
            }
            Some(byte) => b";{}:)".contains(byte) || before.ends_with(b"*/"),
            None => false,
        };
        (is_named && !is_known && begins).then_some(Token { kind: Kind::Word, start, end })
    }
}
