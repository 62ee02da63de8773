//! Heads of classes, enumerations and namespaces: of the words behind the key
//! word one is the name, and the others are macros.
//!
//! Not here: what is of such a type (`declaration`).

use super::super::c_tokens::{Kind, Token};
use super::words::{is_attribute, is_class_key, is_keyword, likeness};
use super::{End, Scan};

pub(super) enum Named {
    /// No class, enumeration or namespace is declared.
    Not,
    Unnamed,
    As(Token),
}

impl Scan<'_> {
    /// Heads of classes, enumerations and namespaces.
    pub(super) fn named(&mut self, rest: &[Token], end: End) -> Named {
        let is_key = |&token: &Token| is_class_key(self.word(token)) || self.word(token) == b"namespace";
        let Some(key) = rest.iter().position(is_key) else { return Named::Not };
        let is_enum = self.word(rest[key]) == b"enum";
        // The grammar has no place for these behind `enum`, nor for both behind `class`.
        let has_call = rest[key..]
            .windows(2)
            .any(|pair| is_attribute(self.word(pair[0])) && pair[1].kind == Kind::Round);
        let mut units: Vec<(usize, usize)> = Vec::new();
        let mut calls: Vec<(usize, usize)> = Vec::new();
        let mut at = key + 1;
        while let Some(&token) = rest.get(at) {
            let word = self.word(token);
            let is_call = rest.get(at + 1).is_some_and(|next| next.kind == Kind::Round);
            match token.kind {
                Kind::Square if is_enum || has_call => calls.push((at, at + 1)),
                Kind::Square => {}
                Kind::Word if is_attribute(word) && is_call => {
                    if is_enum {
                        calls.push((at, at + 2));
                    }
                    at += 1;
                }
                Kind::Word if is_class_key(word) => {}
                Kind::Word if is_call => {
                    calls.push((at, at + 2));
                    at += 1;
                }
                Kind::Word if matches!(word, b"final" | b"sealed" | b"abstract") && !units.is_empty() => {}
                Kind::Word if is_keyword(word) => break,
                Kind::Word => {
                    let over = self.unit_end(rest, at);
                    units.push((at, over));
                    at = over;
                    continue;
                }
                _ => break,
            }
            at += 1;
        }
        let stop = rest.get(at).map(|token| token.kind);
        let has_body = end == End::Brace && matches!(stop, None | Some(Kind::Mark(b':')));
        if !has_body {
            return self.forward(rest, key, &units, end, stop);
        }
        let Some(name) = self.least_like_a_macro(rest, &units) else { return Named::Unnamed };
        if units.len() > 1 && stop.is_none() && !self.opens_members() && self.scores(rest, &units) == 0 {
            return Named::Not;
        }
        for &(start, over) in units.iter().filter(|unit| **unit != name).chain(&calls) {
            self.hide(rest[start].start, rest[over - 1].end);
        }
        self.before_key(&rest[..key]);
        let last = rest[name.0..name.1].iter().rev().find(|token| token.kind == Kind::Word);
        last.map_or(Named::Unnamed, |&name| Named::As(name))
    }

    /// `class EXPORT Name;` and the type of something.
    fn forward(
        &mut self,
        rest: &[Token],
        key: usize,
        units: &[(usize, usize)],
        end: End,
        stop: Option<Kind>,
    ) -> Named {
        let is_class = self.word(rest[key]) == b"class";
        let [first, _] = units else { return Named::Not };
        let least = if is_class { 2 } else { 3 };
        if end == End::Semicolon && stop.is_none() && self.score(rest, *first) >= least {
            self.hide(rest[first.0].start, rest[first.1 - 1].end);
            return Named::Unnamed;
        }
        Named::Not
    }

    /// Macros before `class`.
    fn before_key(&mut self, before: &[Token]) {
        if before.iter().any(|&token| matches!(self.word(token), b"requires" | b"concept")) {
            return;
        }
        let mut at = 0;
        while let Some(&token) = before.get(at) {
            let word = self.word(token);
            let is_call = before.get(at + 1).is_some_and(|next| next.kind == Kind::Round);
            let over = at + 1 + usize::from(is_call);
            if token.kind == Kind::Word && !is_keyword(word) && !is_attribute(word) {
                self.hide(token.start, before[over - 1].end);
            }
            at = over;
        }
    }

    /// What follows in the braces are members, not values.
    fn opens_members(&self) -> bool {
        let mut depth = 0usize;
        for token in self.tokens.take(1_000) {
            match token.kind {
                Kind::Mark(b';') => return true,
                Kind::Mark(b':') if depth == 0 => return true,
                Kind::Mark(b'{' | b'(') => depth += 1,
                Kind::Mark(b')') => depth = depth.saturating_sub(1),
                Kind::Mark(b'}') if depth == 0 => return false,
                Kind::Mark(b'}') => depth -= 1,
                _ => {}
            }
        }
        false
    }

    fn scores(&self, rest: &[Token], units: &[(usize, usize)]) -> u32 {
        units.iter().map(|&unit| self.score(rest, unit)).sum()
    }

    pub(super) fn score(&self, rest: &[Token], unit: (usize, usize)) -> u32 {
        match unit.1 - unit.0 {
            1 => likeness(self.word(rest[unit.0])),
            _ => 0,
        }
    }

    /// The last of those.
    fn least_like_a_macro(&self, rest: &[Token], units: &[(usize, usize)]) -> Option<(usize, usize)> {
        units.iter().rev().copied().min_by_key(|&unit| self.score(rest, unit))
    }
}
