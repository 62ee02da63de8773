//! Heads of declarations in C and C++, where macros stand that only a
//! preprocessor understands: of more words than a head has places for, those
//! that look most like a macro become white space. So do calls on lines of
//! their own between declarations, Qt's words, and what a module adds.
//!
//! Not here: words in capitals wherever they stand (`macros`), expanding any.

mod alone;
mod code;
mod declaration;
mod ended;
mod named;
#[cfg(test)]
mod tests;
mod words;

use super::blank;
use super::c_tokens::{Kind, Token, Tokens, is_word, raw_delimiter};
use super::macros::until;
use words::{is_attribute, is_class_key, is_macro};

/// Tokens of a head that is looked at.
const MOST_TOKENS: usize = 400;
/// Bytes that are looked through for the end of `<`.
const MOST_ANGLE: usize = 2_000;
/// Levels of brackets.
const MOST_LEVELS: usize = 200;

/// `text` as the parser is to see it, in as many bytes; `None` where brackets
/// do not match up or nothing was found.
pub(super) fn mended(text: &str, has_modules: bool) -> Option<String> {
    let mut scan = Scan::new(text.as_bytes(), has_modules);
    scan.run()?;
    // Only ASCII was replaced, or whole words.
    scan.bytes.and_then(|bytes| String::from_utf8(bytes).ok())
}

#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// The file, a namespace, `extern "C"`.
    File,
    /// A class with the place of its name.
    Class(usize, usize),
    Enum,
    Code,
    /// The braces of a value.
    Value,
}

struct Scope {
    place: Place,
    /// The word of `MACRO(x) {`.
    call: Option<Token>,
    /// The brace of `export {`.
    export: Option<usize>,
}

/// What a head ends with.
#[derive(Clone, Copy, PartialEq)]
enum End {
    Semicolon,
    /// Of a class, a namespace, an enumeration.
    Brace,
    /// The brace of a function.
    Body,
    /// `public:`
    Label,
    /// The scope's own end.
    Close,
}

struct Scan<'t> {
    text: &'t [u8],
    tokens: Tokens<'t>,
    has_modules: bool,
    /// A copy once something is replaced.
    bytes: Option<Vec<u8>>,
    scopes: Vec<Scope>,
    head: Vec<Token>,
    /// Behind `=` of a head.
    in_value: bool,
    /// Behind the body of a class or enumeration.
    behind_body: bool,
}

impl<'t> Scan<'t> {
    fn new(text: &'t [u8], has_modules: bool) -> Self {
        let file = Scope { place: Place::File, call: None, export: None };
        Scan {
            text,
            tokens: Tokens { text, at: 0 },
            has_modules,
            bytes: None,
            scopes: vec![file],
            head: Vec::new(),
            in_value: false,
            behind_body: false,
        }
    }

    /// `None` where brackets do not match up.
    fn run(&mut self) -> Option<()> {
        loop {
            if !matches!(self.place(), Place::File | Place::Class(..)) {
                self.pass_code()?;
            }
            let Some(token) = self.tokens.next() else { break };
            if token.kind == Kind::Text {
                self.shorten_raw(token);
            }
            self.declare(token)?;
        }
        self.hide_comments_in_macros();
        if matches!(self.place(), Place::File) {
            self.finish(End::Close);
        }
        Some(())
    }

    /// A comment ends a macro's value for the grammar, whatever `\` follows.
    fn hide_comments_in_macros(&mut self) {
        let text = self.text;
        for end in self.continuations() {
            let start = text[..end].iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
            let line = &text[start..end];
            let mut at = 0;
            while let Some(open) = line[at..].windows(2).position(|pair| pair == b"/*").map(|open| at + open)
            {
                let length = 2 + until(&line[open + 2..], b"*/");
                if !line[open..open + length].ends_with(b"*/") {
                    break;
                }
                self.hide(start + open, start + open + length);
                at = open + length;
            }
        }
    }

    /// Where lines end that go on behind a `\`.
    fn continuations(&self) -> Vec<usize> {
        let text = std::str::from_utf8(self.text).unwrap_or_default();
        text.match_indices("\\\n").map(|(at, _)| at).collect()
    }

    fn place(&self) -> Place {
        self.scopes.last().map_or(Place::File, |scope| scope.place)
    }

    fn word(&self, token: Token) -> &'t [u8] {
        match token.kind {
            Kind::Word => &self.text[token.start..token.end],
            _ => b"",
        }
    }

    fn has_line_break(&self, from: Token, to: Token) -> bool {
        self.text[from.end..to.start].contains(&b'\n')
    }

    fn bytes(&mut self) -> &mut Vec<u8> {
        let text = self.text;
        self.bytes.get_or_insert_with(|| text.to_vec())
    }

    fn hide(&mut self, start: usize, end: usize) {
        blank(&mut self.bytes()[start..end]);
    }

    fn write(&mut self, token: Token, word: &[u8]) {
        let place = &mut self.bytes()[token.start..token.end];
        place.fill(b' ');
        place[..word.len()].copy_from_slice(word);
    }

    /// A delimiter of sixteen characters is legal, and one more than the
    /// grammar counts.
    fn shorten_raw(&mut self, token: Token) {
        let text = &self.text[token.start..token.end];
        let length = text.iter().take_while(|byte| is_word(**byte)).count();
        let Some(delimiter) = raw_delimiter(text, length).filter(|delimiter| delimiter.len() == 16) else {
            return;
        };
        let (first, close) = (length + 1, text.len().saturating_sub(delimiter.len() + 2));
        if close <= first + delimiter.len() || text[close] != b')' {
            return;
        }
        let start = token.start;
        let bytes = self.bytes();
        bytes.copy_within(start..start + first, start + 1);
        bytes[start] = b' ';
        bytes[start + close] = b' ';
        bytes[start + close + 1] = b')';
    }

    fn declare(&mut self, token: Token) -> Option<()> {
        match token.kind {
            Kind::Mark(b'(' | b'[') => self.group(token)?,
            Kind::Mark(b';') => self.finish(End::Semicolon),
            Kind::Mark(b'{') => self.open_body(token)?,
            Kind::Mark(b'}') => {
                self.finish(End::Close);
                self.close(token);
            }
            Kind::Mark(b':') if self.ends_label() => self.finish(End::Label),
            Kind::Mark(b'<') if self.takes_angle() => self.angle(token),
            _ => {
                let follows_operator = self.head.last().is_some_and(|&last| self.word(last) == b"operator");
                self.in_value |= token.kind == Kind::Mark(b'=') && !follows_operator;
                self.push(token);
            }
        }
        Some(())
    }

    fn push(&mut self, token: Token) {
        if self.head.len() <= MOST_TOKENS {
            self.head.push(token);
        }
    }

    /// What stands in brackets is one token of a head.
    fn group(&mut self, open: Token) -> Option<()> {
        let mut depth = 1usize;
        let mut end = open.end;
        while depth > 0 {
            let token = self.tokens.next()?;
            match token.kind {
                Kind::Mark(b'(' | b'[' | b'{') => depth += 1,
                Kind::Mark(b')' | b']' | b'}') => depth -= 1,
                Kind::Text => self.shorten_raw(token),
                _ => {}
            }
            end = token.end;
            if depth > MOST_LEVELS {
                return None;
            }
        }
        let kind = if open.kind == Kind::Mark(b'(') { Kind::Round } else { Kind::Square };
        self.push(Token { kind, start: open.start, end });
        Some(())
    }

    fn takes_angle(&self) -> bool {
        let last = self.head.last().filter(|last| last.kind == Kind::Word);
        !self.in_value && last.is_some_and(|&last| self.word(last) != b"operator")
    }

    /// Arguments of a template, or a mark where they do not end.
    fn angle(&mut self, open: Token) {
        let mut ahead = self.tokens;
        let (mut depth, mut round) = (1usize, 0usize);
        while let Some(token) = ahead.next().filter(|token| token.end - open.start < MOST_ANGLE) {
            match token.kind {
                Kind::Mark(b'(' | b'[') => round += 1,
                Kind::Mark(b')' | b']') => round = round.saturating_sub(1),
                Kind::Mark(b'<') if round == 0 => depth += 1,
                Kind::Mark(b'>') if round == 0 => depth -= 1,
                Kind::Mark(b';' | b'{' | b'}') => break,
                _ => {}
            }
            if depth == 0 {
                self.tokens = ahead;
                return self.push(Token { kind: Kind::Angle, start: open.start, end: token.end });
            }
        }
        self.push(open);
    }

    fn ends_label(&self) -> bool {
        let is_access = |word: &[u8]| {
            matches!(
                word,
                b"public" | b"private" | b"protected" | b"signals" | b"slots" | b"Q_SIGNALS" | b"Q_SLOTS"
            )
        };
        let is_class = matches!(self.place(), Place::Class(..));
        is_class && self.head.last().is_some_and(|&last| is_access(self.word(last)))
    }

    fn open_body(&mut self, brace: Token) -> Option<()> {
        if self.in_value {
            return self.open(Place::Value, None);
        }
        let place = self.place_of_body();
        let is_export = self.has_modules && self.head.len() == 1 && self.word(self.head[0]) == b"export";
        let name = self.finish_named(if place == Place::Code { End::Body } else { End::Brace });
        let place = match (place, name) {
            (Place::Class(..), Some(name)) => Place::Class(name.start, name.end),
            (place, _) => place,
        };
        if is_export {
            self.hide(brace.start, brace.end);
        }
        self.open(place, is_export.then_some(brace.start))
    }

    fn open(&mut self, place: Place, export: Option<usize>) -> Option<()> {
        self.scopes.push(Scope { place, call: None, export });
        (self.scopes.len() < MOST_LEVELS).then_some(())
    }

    fn place_of_body(&self) -> Place {
        let words: Vec<&[u8]> = self.head.iter().map(|&token| self.word(token)).collect();
        let has = |word: &[u8]| words.contains(&word);
        let is_linkage = has(b"extern") && self.head.last().is_some_and(|last| last.kind == Kind::Text);
        let is_export = self.has_modules && words == [b"export"];
        if has(b"namespace") || is_linkage || is_export {
            Place::File
        } else if has(b"enum") && !self.has_parameters() {
            Place::Enum
        } else if (has(b"class") || has(b"struct") || has(b"union")) && !self.has_parameters() {
            Place::Class(0, 0)
        } else {
            Place::Code
        }
    }

    /// `struct a *f(int b) {`: the class key is of what a function gives.
    fn has_parameters(&self) -> bool {
        let key = self.head.iter().position(|&token| is_class_key(self.word(token))).unwrap_or_default();
        let behind = &self.head[key..];
        let mut at = 1;
        while at < behind.len() {
            match behind[at].kind {
                Kind::Mark(b':') => return false,
                Kind::Mark(b'*' | b'&') => return true,
                // A macro's arguments: a name follows.
                Kind::Round => match behind.get(at + 1).map(|next| next.kind) {
                    Some(Kind::Word | Kind::Square | Kind::Mark(b':')) => {}
                    None if is_attribute(self.word(behind[at - 1])) => {}
                    _ => return !is_macro(self.word(behind[at - 1])),
                },
                _ => {}
            }
            at += 1;
        }
        false
    }

    fn close(&mut self, brace: Token) {
        if self.scopes.len() < 2 {
            return;
        }
        let Some(scope) = self.scopes.pop() else { return };
        if scope.export.is_some() {
            self.hide(brace.start, brace.end);
        }
        match scope.place {
            Place::Class(..) | Place::Enum => self.behind_body = true,
            Place::Value => {}
            Place::File | Place::Code => self.reset(),
        }
        if let Some(call) = scope.call
            && self.is_else_next()
        {
            self.write(call, b"if");
        }
    }

    fn is_else_next(&self) -> bool {
        let mut ahead = self.tokens;
        ahead.next().is_some_and(|next| self.word(next) == b"else")
    }

    fn reset(&mut self) {
        self.head.clear();
        (self.in_value, self.behind_body) = (false, false);
    }
}
