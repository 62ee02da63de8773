//! Macros on lines of their own before a declaration, and what looks like one
//! and is its type.
//!
//! Not here: macros within a head (`named`, `declaration`).

use super::super::c_tokens::{Kind, Token};
use super::words::{is_capital, is_keyword, is_macro};
use super::{End, Place, Scan};

impl Scan<'_> {
    /// Hides `export` and macros on lines of their own; where the rest begins.
    pub(super) fn leading(&mut self, head: &[Token], end: End) -> usize {
        let mut at = 0;
        while let Some(&token) = head.get(at) {
            let word = self.word(token);
            if self.has_modules && word == b"export" {
                self.hide(token.start, token.end);
                at += 1;
                continue;
            }
            if word.is_empty() || is_keyword(word) {
                break;
            }
            let is_call = head.get(at + 1).is_some_and(|next| next.kind == Kind::Round);
            let next = at + 1 + usize::from(is_call);
            if !self.is_statement_macro(head, at, next, end) {
                break;
            }
            self.hide(token.start, head[next - 1].end);
            at = next;
        }
        at
    }

    /// Whether the word at `at`, with its arguments up to `next`, is a macro
    /// that stands for whole declarations.
    fn is_statement_macro(&self, head: &[Token], at: usize, next: usize, end: End) -> bool {
        let word = self.word(head[at]);
        let is_call = next > at + 1;
        let Some(&following) = head.get(next) else {
            return end == End::Close && (is_call || is_macro(word));
        };
        if self.is_class_name(word) {
            return false;
        }
        let is_line = self.has_line_break(head[next - 1], following);
        let begins = matches!(following.kind, Kind::Word | Kind::Square | Kind::Scope | Kind::Mark(b'~'));
        if !is_line {
            // `GEN(a) GEN(b)`, and a line break behind the last.
            let call_ends = head.get(next + 1).filter(|token| is_call && token.kind == Kind::Round);
            let last = call_ends.and_then(|call| Some((*call, *head.get(next + 2)?)));
            return last.is_some_and(|(call, after)| {
                !is_keyword(self.word(following))
                    && after.kind == Kind::Word
                    && self.has_line_break(call, after)
            });
        }
        match is_call {
            true => begins && !self.is_old_style(head, at) && !self.is_type_of(head, at, next, end),
            false => begins && is_capital(word) && !self.is_type_alone(head, next),
        }
    }

    pub(super) fn is_class_name(&self, word: &[u8]) -> bool {
        matches!(self.place(), Place::Class(start, end) if &self.text[start..end] == word)
    }

    /// `f(a)` before `int a;`: parameters as they once were declared.
    pub(super) fn is_old_style(&self, head: &[Token], at: usize) -> bool {
        let arguments = &self.text[head[at + 1].start + 1..head[at + 1].end - 1];
        let mut names = arguments.split(|&byte| byte == b',').map(|name| name.trim_ascii());
        let last = head.iter().rev().find(|token| token.kind != Kind::Square);
        let is_one = |name: &[u8]| !name.is_empty() && last.is_some_and(|&last| self.word(last) == name);
        names.any(is_one)
    }

    /// `API(int)` before `name(..)`: the type of what follows.
    fn is_type_of(&self, head: &[Token], at: usize, next: usize, end: End) -> bool {
        let name = self.word(head[next]);
        let is_name = !name.is_empty() && !is_keyword(name) && !self.is_class_name(name);
        let is_called = head.get(next + 1).is_some_and(|token| token.kind == Kind::Round);
        let is_all = head.len() == next + 2 && end != End::Close;
        let has_capital = self.word(head[at]).iter().any(u8::is_ascii_uppercase);
        is_name && is_called && is_all && (has_capital || end == End::Body)
    }

    /// A type on a line of its own: `BOOL` before `name(..)`.
    fn is_type_alone(&self, head: &[Token], next: usize) -> bool {
        let follows = self.word(head[next]);
        if self.is_class_name(follows) || head[next].kind == Kind::Square {
            return false;
        }
        if is_keyword(follows) {
            return follows == b"const";
        }
        let behind = self.unit_end(head, next);
        head.get(behind).is_some_and(|token| token.kind == Kind::Round) && !is_capital(follows)
            || head[next].kind == Kind::Scope
    }
}
