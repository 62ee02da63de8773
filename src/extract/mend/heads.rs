//! Heads of declarations in C and C++, where macros stand that only a
//! preprocessor understands: of more words than a head has places for, those
//! that look most like a macro become white space. So do calls on lines of
//! their own between declarations, Qt's words, and what a module adds.
//!
//! Not here: words in capitals wherever they stand (`macros`), expanding any.

mod code;

use super::blank;
use super::c_tokens::{Kind, Token, Tokens, is_word, raw_delimiter};
use super::macros::until;

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

    // --- where declarations stand ---

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

    // --- heads ---

    fn finish(&mut self, end: End) {
        self.finish_named(end);
    }

    /// Mends a head; the name of the class that it declares.
    fn finish_named(&mut self, end: End) -> Option<Token> {
        let head = std::mem::take(&mut self.head);
        let behind_body = self.behind_body;
        self.reset();
        if head.is_empty() || head.len() > MOST_TOKENS {
            return None;
        }
        if behind_body {
            self.behind_body_of_class(&head);
            return None;
        }
        let start = self.leading(&head, end);
        let rest = &head[start..];
        match end {
            _ if rest.is_empty() || self.module(rest, end) => None,
            End::Label => {
                self.label(rest);
                None
            }
            _ if rest.iter().any(|&token| is_no_head(self.word(token))) => None,
            End::Body => {
                self.declaration(rest, end);
                None
            }
            _ => match self.named(rest, end) {
                Named::Not => {
                    self.declaration(rest, end);
                    None
                }
                Named::Unnamed => None,
                Named::As(name) => Some(name),
            },
        }
    }

    /// `} __packed name;`
    fn behind_body_of_class(&mut self, head: &[Token]) {
        for (index, &token) in head.iter().enumerate() {
            let is_called = head.get(index + 1).is_some_and(|next| next.kind == Kind::Round);
            if self.word(token).starts_with(b"__") && !is_attribute(self.word(token)) {
                let end = if is_called { head[index + 1].end } else { token.end };
                self.hide(token.start, end);
            }
        }
    }

    /// Hides `export` and macros on lines of their own; where the rest begins.
    fn leading(&mut self, head: &[Token], end: End) -> usize {
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

    fn is_class_name(&self, word: &[u8]) -> bool {
        matches!(self.place(), Place::Class(start, end) if &self.text[start..end] == word)
    }

    /// `f(a)` before `int a;`: parameters as they once were declared.
    fn is_old_style(&self, head: &[Token], at: usize) -> bool {
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

    /// `signals:` is `public:`, and so is `public slots:`.
    fn label(&mut self, rest: &[Token]) {
        let last = rest[rest.len() - 1];
        let is_second = rest.len() > 1 && is_keyword(self.word(rest[rest.len() - 2]));
        match self.word(last) {
            b"signals" | b"Q_SIGNALS" => self.write(last, b"public"),
            b"slots" | b"Q_SLOTS" if is_second => self.hide(last.start, last.end),
            _ => {}
        }
    }

    /// `module m;`, `import x;`: the latter is a `using` for the parser, with one
    /// name.
    fn module(&mut self, rest: &[Token], end: End) -> bool {
        let word = self.word(rest[0]);
        let is_one = self.has_modules && end == End::Semicolon && self.place() == Place::File;
        let last = rest[rest.len() - 1];
        let is_name = rest.get(1).is_some_and(|second| match second.kind {
            Kind::Word => rest.len() == 2 || !is_word_list(rest),
            Kind::Text | Kind::Angle | Kind::Mark(b':' | b'<') => true,
            _ => false,
        });
        match word {
            b"module" if is_one && (rest.len() == 1 || is_name) => self.hide(rest[0].start, last.end),
            b"import" if is_one && is_name => {
                self.write(rest[0], b"using");
                let is_text = rest[1].kind == Kind::Text;
                for byte in &mut self.bytes()[rest[1].start..last.end] {
                    *byte = match *byte {
                        b'"' if is_text => b' ',
                        byte if is_word(byte) && byte < 0x80 => byte,
                        _ => b'_',
                    };
                }
            }
            _ => return false,
        }
        true
    }

    /// Heads of classes, enumerations and namespaces.
    fn named(&mut self, rest: &[Token], end: End) -> Named {
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

    fn score(&self, rest: &[Token], unit: (usize, usize)) -> u32 {
        match unit.1 - unit.0 {
            1 => likeness(self.word(rest[unit.0])),
            _ => 0,
        }
    }

    /// The last of those.
    fn least_like_a_macro(&self, rest: &[Token], units: &[(usize, usize)]) -> Option<(usize, usize)> {
        units.iter().rev().copied().min_by_key(|&unit| self.score(rest, unit))
    }

    /// A function, a variable or a type's name: hides what its head has no
    /// place for.
    fn declaration(&mut self, rest: &[Token], end: End) {
        let Some(found) = Specifiers::read(self, rest) else { return };
        for &(start, over) in &found.calls {
            self.hide(rest[start].start, rest[over - 1].end);
        }
        if let Some((start, over)) = found.type_macro {
            // `API(int) f(void)`: the type stays.
            self.hide(rest[start].start, rest[start + 1].start + 1);
            self.hide(rest[over - 1].end - 1, rest[over - 1].end);
            return;
        }
        let mut units = found.units;
        while units.len() > found.places {
            let most = units.iter().map(|unit| unit.likeness).max();
            let Some(index) = units.iter().position(|unit| Some(unit.likeness) == most) else { break };
            let unit = units.remove(index);
            self.hide(rest[unit.start].start, rest[unit.end - 1].end);
        }
        for &token in &found.before_conversion {
            self.hide(token.start, token.end);
        }
        if let Some(at) = found.parameters {
            self.convention_in(rest, at);
            self.trailing(&rest[at + 1..], end);
        }
    }

    /// `(CONVENTION *name)(..)`
    fn convention_in(&mut self, rest: &[Token], at: usize) {
        let group = rest[at];
        let mut inner = Tokens { text: &self.text[..group.end - 1], at: group.start + 1 };
        let is_called = rest.get(at + 1).is_some_and(|next| next.kind == Kind::Round);
        let (Some(word), Some(star), Some(name)) = (inner.next(), inner.next(), inner.next()) else { return };
        let is_pointer = word.kind == Kind::Word && star.kind == Kind::Mark(b'*') && name.kind == Kind::Word;
        if is_called && is_pointer && !is_keyword(self.word(word)) {
            self.hide(word.start, word.end);
        }
    }

    /// Macros behind the parameters of a function.
    fn trailing(&mut self, behind: &[Token], end: End) {
        let mut found: Vec<(usize, usize)> = Vec::new();
        let mut at = 0;
        let is_all = loop {
            let Some(&token) = behind.get(at) else { break true };
            let word = self.word(token);
            let is_call = behind.get(at + 1).is_some_and(|next| next.kind == Kind::Round);
            match token.kind {
                Kind::Word if is_trailing(word) || is_attribute(word) => at += 1 + usize::from(is_call),
                Kind::Word if is_keyword(word) => return,
                Kind::Word => {
                    found.push((at, at + 1 + usize::from(is_call)));
                    at += 1 + usize::from(is_call);
                }
                Kind::Round | Kind::Square | Kind::Mark(b'&') => at += 1,
                _ => break false,
            }
        };
        let is_sure =
            |&(start, over): &(usize, usize)| over > start + 1 || likeness(self.word(behind[start])) > 1;
        let is_lone = found.len() == 1 && is_all && end != End::Close;
        if is_lone || found.iter().all(is_sure) {
            for (start, over) in found {
                self.hide(behind[start].start, behind[over - 1].end);
            }
        }
    }
}

enum Named {
    /// No class, enumeration or namespace is declared.
    Not,
    Unnamed,
    As(Token),
}

/// A name in a head, with what qualifies it, or a macro with its arguments.
struct Unit {
    start: usize,
    end: usize,
    likeness: u32,
}

/// What stands before the parameters or the value of a declaration.
#[derive(Default)]
struct Specifiers {
    /// Names, without that of a function.
    units: Vec<Unit>,
    /// How many of them a head can have.
    places: usize,
    /// Macros with arguments.
    calls: Vec<(usize, usize)>,
    /// `API(int)`
    type_macro: Option<(usize, usize)>,
    /// The brackets behind the name.
    parameters: Option<usize>,
    /// `inline` of `inline A::operator int()`, on which the grammar stumbles.
    before_conversion: Vec<Token>,
}

impl Specifiers {
    /// `None` where it is no declaration that is known.
    fn read(scan: &Scan<'_>, rest: &[Token]) -> Option<Self> {
        let mut found = Specifiers::default();
        let (mut has_type, mut has_star, mut has_name) = (false, false, false);
        let mut at = 0;
        while let Some(&token) = rest.get(at) {
            let word = scan.word(token);
            let next = rest.get(at + 1).map(|next| next.kind);
            match token.kind {
                Kind::Word if word == b"template" => at += 1 + usize::from(next == Some(Kind::Angle)),
                Kind::Word if word == b"operator" => {
                    found.conversion(scan, rest, at, has_star);
                    has_type |= found.places == 0;
                    has_name = true;
                    break;
                }
                Kind::Word if is_attribute(word) && next == Some(Kind::Round) => {
                    has_type |= matches!(word, b"decltype" | b"typeof" | b"__typeof__" | b"_Atomic");
                    at += 2;
                }
                Kind::Word if is_class_key(word) || word == b"typename" => {
                    has_type = true;
                    at += 1;
                    while rest.get(at).is_some_and(|token| token.kind == Kind::Square) {
                        at += 1;
                    }
                    at = scan.unit_end(rest, at);
                }
                Kind::Word if is_builtin(word) => {
                    has_type = true;
                    at += 1;
                }
                Kind::Word if is_keyword(word) => at += 1,
                Kind::Word => {
                    let over = scan.unit_end(rest, at);
                    let behind = rest.get(over).map(|token| token.kind);
                    if rest.get(over).is_some_and(|&token| scan.word(token) == b"operator") {
                        // `A::operator`
                        found.conversion(scan, rest, over, false);
                        has_name = true;
                        has_type |= found.places == 0;
                        break;
                    }
                    if behind != Some(Kind::Round) {
                        found.push(scan, rest, at, over, has_star);
                        at = over;
                        continue;
                    }
                    let after = rest.get(over + 1);
                    let is_first = !has_type && !has_star && found.units.is_empty();
                    if !is_first && scan.is_called_macro(token, after.copied(), &found.units, has_type) {
                        found.calls.push((at, over + 1));
                        at = over + 1;
                        continue;
                    }
                    let is_prefix = is_first
                        && !scan.is_constructor(rest, at, over)
                        && !scan.is_old_style(rest, over - 1);
                    if is_prefix && over == at + 1 && after.is_some_and(|&after| scan.is_head_word(after)) {
                        if scan.is_typed(rest, over) {
                            found.type_macro = Some((at, over + 1));
                            return Some(found);
                        }
                        found.calls.push((at, over + 1));
                        at = over + 1;
                        continue;
                    }
                    if after.is_some_and(|after| after.kind == Kind::Round) && !has_name {
                        found.push(scan, rest, at, over, has_star);
                    } else {
                        has_type |= scan.is_constructor(rest, at, over);
                    }
                    found.parameters = Some(over);
                    has_name = true;
                    break;
                }
                Kind::Mark(b'*' | b'&') => {
                    has_star = true;
                    at += 1;
                }
                Kind::Mark(b'~') => {
                    has_type = true;
                    at += 1;
                }
                Kind::Scope | Kind::Text => at += 1,
                Kind::Square if scan.text[token.start..].starts_with(b"[[") => at += 1,
                Kind::Round if has_type || !found.units.is_empty() => {
                    found.parameters = Some(at);
                    has_name = true;
                    break;
                }
                Kind::Square | Kind::Arrow | Kind::Mark(b'=' | b',' | b':') => break,
                _ => return None,
            }
        }
        found.places = usize::from(!has_type) + usize::from(!has_name);
        // `LIST(a) b;`: what is called is the type.
        if found.units.len() < found.places {
            found.calls.clear();
        }
        Some(found)
    }

    fn push(&mut self, scan: &Scan<'_>, rest: &[Token], start: usize, end: usize, has_star: bool) {
        let likeness = scan.score(rest, (start, end)) + u32::from(has_star && end == start + 1);
        self.units.push(Unit { start, end, likeness });
    }

    /// A conversion has no type before its name: `places` tells it.
    fn conversion(&mut self, scan: &Scan<'_>, rest: &[Token], at: usize, has_star: bool) {
        let is_word = rest.get(at + 1).is_some_and(|next| matches!(next.kind, Kind::Word | Kind::Scope));
        let word = rest.get(at + 1).map_or(&b""[..], |&next| scan.word(next));
        let is_conversion = is_word && !has_star && !matches!(word, b"new" | b"delete" | b"co_await");
        self.places = usize::from(!is_conversion);
        if is_conversion {
            let is_qualified = at > 0 && rest[at - 1].kind == Kind::Scope;
            self.take_specifiers(scan, &rest[..at], if is_qualified { 1 } else { 2 });
        }
    }

    fn take_specifiers(&mut self, scan: &Scan<'_>, before: &[Token], least: usize) {
        let is_one = |token: &&Token| {
            matches!(
                scan.word(**token),
                b"inline" | b"constexpr" | b"consteval" | b"constinit" | b"virtual" | b"static" | b"friend"
            )
        };
        self.before_conversion = before.iter().filter(is_one).copied().collect();
        if self.before_conversion.len() < least {
            self.before_conversion.clear();
        }
    }
}

impl Scan<'_> {
    /// A word that a declaration begins or goes on with.
    fn is_head_word(&self, token: Token) -> bool {
        let word = self.word(token);
        !word.is_empty()
            && !is_trailing(word)
            && !matches!(word, b"asm" | b"__asm__" | b"__asm" | b"requires")
    }

    /// `MACRO(8)` between a type and a name, or behind both.
    fn is_called_macro(&self, token: Token, after: Option<Token>, units: &[Unit], has_type: bool) -> bool {
        if !is_macro(self.word(token)) {
            return false;
        }
        match after.filter(|after| after.kind == Kind::Word) {
            Some(after) => {
                let next = self.word(after);
                self.is_head_word(after) && !is_keyword(next) && !is_macro(next)
            }
            None => {
                let is_named = units.last().is_some_and(|unit| unit.likeness < 3);
                let is_over =
                    after.is_none_or(|after| matches!(after.kind, Kind::Mark(b'=' | b',') | Kind::Square));
                is_over && is_named && units.len() + usize::from(has_type) > 1
            }
        }
    }

    /// `(int)` before `name(..)`: a type in brackets.
    fn is_typed(&self, rest: &[Token], round: usize) -> bool {
        let name = rest.get(round + 1).copied();
        let is_name = name.is_some_and(|name| !self.word(name).is_empty() && !is_keyword(self.word(name)));
        let is_called = rest.get(round + 2).is_some_and(|next| next.kind == Kind::Round);
        let inner = &self.text[rest[round].start + 1..rest[round].end - 1];
        let is_type = inner.iter().any(u8::is_ascii_alphabetic)
            && !inner.first().is_some_and(u8::is_ascii_digit)
            && inner
                .iter()
                .all(|&byte| is_word(byte) || matches!(byte, b' ' | b'*' | b'&' | b':' | b'<' | b'>'));
        is_name && is_called && is_type
    }

    /// Behind `a::b<c>`, from `at` on; `operator` is no part of it.
    fn unit_end(&self, rest: &[Token], at: usize) -> usize {
        let kind = |at: usize| rest.get(at).map(|token| token.kind);
        let mut end = at + usize::from(kind(at) == Some(Kind::Scope));
        if kind(end) != Some(Kind::Word) {
            return end;
        }
        end += 1;
        loop {
            end += usize::from(kind(end) == Some(Kind::Angle));
            match (kind(end), kind(end + 1)) {
                (Some(Kind::Scope), Some(Kind::Word)) if self.word(rest[end + 1]) == b"operator" => {
                    return end + 1;
                }
                (Some(Kind::Scope), Some(Kind::Word)) => end += 2,
                (Some(Kind::Scope), Some(Kind::Mark(b'~'))) if kind(end + 2) == Some(Kind::Word) => end += 3,
                (Some(Kind::Scope), Some(Kind::Mark(b'*'))) => return end + 1,
                _ => return end,
            }
        }
    }

    /// `A` in a class `A`, `A::A` outside of it.
    fn is_constructor(&self, rest: &[Token], start: usize, end: usize) -> bool {
        let words: Vec<&[u8]> = rest[start..end].iter().map(|&token| self.word(token)).collect();
        let words: Vec<&[u8]> = words.into_iter().filter(|word| !word.is_empty()).collect();
        match words[..] {
            [word] => self.is_class_name(word),
            [.., class, name] => class == name,
            _ => false,
        }
    }
}

/// `module x;` and not `module x y;`.
fn is_word_list(rest: &[Token]) -> bool {
    rest.windows(2).skip(1).any(|pair| pair.iter().all(|token| token.kind == Kind::Word))
}

fn is_class_key(word: &[u8]) -> bool {
    matches!(word, b"class" | b"struct" | b"union" | b"enum")
}

fn is_builtin(word: &[u8]) -> bool {
    #[rustfmt::skip]
    const TYPES: [&[u8]; 17] = [
        b"auto", b"bool", b"char", b"char16_t", b"char32_t", b"char8_t", b"double", b"float", b"int", b"long", b"short",
        b"signed", b"unsigned", b"void", b"wchar_t", b"_Bool", b"__int128",
    ];
    TYPES.contains(&word)
}

/// A word of the language, or one that the grammar knows as such.
fn is_keyword(word: &[u8]) -> bool {
    #[rustfmt::skip]
    const WORDS: [&[u8]; 52] = [
        b"const", b"volatile", b"static", b"extern", b"inline", b"register", b"typedef", b"struct", b"union", b"enum",
        b"class", b"namespace", b"template", b"typename", b"public", b"private", b"protected", b"friend", b"virtual",
        b"explicit", b"constexpr", b"consteval", b"constinit", b"mutable", b"thread_local", b"operator", b"noexcept",
        b"restrict", b"override", b"final", b"alignas", b"decltype", b"using", b"requires", b"concept", b"default",
        b"delete", b"_Noreturn", b"_Thread_local", b"_Atomic", b"_Alignas", b"__inline", b"__inline__", b"__forceinline",
        b"__extension__", b"__restrict", b"__restrict__", b"__thread", b"__volatile__", b"__const", b"__cdecl",
        b"__stdcall",
    ];
    const MORE: [&[u8]; 3] = [b"__fastcall", b"__thiscall", b"__vectorcall"];
    is_builtin(word) || WORDS.contains(&word) || MORE.contains(&word) || is_attribute(word)
}

/// Words with arguments that the grammar knows.
fn is_attribute(word: &[u8]) -> bool {
    #[rustfmt::skip]
    const WORDS: [&[u8]; 14] = [
        b"alignas", b"_Alignas", b"__attribute__", b"__attribute", b"__declspec", b"decltype", b"typeof", b"__typeof__",
        b"explicit", b"noexcept", b"throw", b"_Atomic", b"__based", b"__alignas",
    ];
    WORDS.contains(&word)
}

/// What may stand behind the parameters of a function.
fn is_trailing(word: &[u8]) -> bool {
    matches!(
        word,
        b"const"
            | b"volatile"
            | b"noexcept"
            | b"override"
            | b"final"
            | b"throw"
            | b"try"
            | b"mutable"
            | b"restrict"
    )
}

/// A head with one of these is not looked at.
fn is_no_head(word: &[u8]) -> bool {
    #[rustfmt::skip]
    const WORDS: [&[u8]; 23] = [
        b"using", b"static_assert", b"_Static_assert", b"asm", b"__asm__", b"__asm", b"return", b"if", b"for", b"while",
        b"switch", b"case", b"goto", b"break", b"continue", b"else", b"do", b"sizeof", b"new", b"concept", b"import",
        b"co_return", b"requires",
    ];
    WORDS.contains(&word)
}

fn is_capital(word: &[u8]) -> bool {
    word.len() > 2
        && word[0].is_ascii_uppercase()
        && word.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_')
}

fn is_macro(word: &[u8]) -> bool {
    likeness(word) > 2
}

/// How much a word looks like a macro: 0 for what may be any name.
fn likeness(word: &[u8]) -> u32 {
    #[rustfmt::skip]
    const PARTS: [&str; 21] = [
        "export", "import", "_api", "dll", "visib", "packed", "align", "deprecat", "attribute", "inline", "nodiscard",
        "noreturn", "extern", "callconv", "stdcall", "cdecl", "callback", "_call", "_cc", "public_", "hidden",
    ];
    let lower = String::from_utf8_lossy(word).to_lowercase();
    let is_marked = is_capital(word) || word.starts_with(b"__");
    let is_told =
        PARTS.iter().any(|part| lower.contains(part)) || word.ends_with(b"API") || word.ends_with(b"CALL");
    let is_named =
        is_told || matches!(word, b"WINAPI" | b"APIENTRY" | b"NTAPI" | b"EFIAPI" | b"CDECL" | b"PASCAL");
    3 * u32::from(is_marked) + 2 * u32::from(is_named && !word.ends_with(b"_t"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(mended(text, true).as_deref().unwrap_or(text), expected);
    }

    #[test]
    fn of_the_words_before_a_class_name_one_is_kept() {
        check("class MyExport Two : Base {};", "class          Two : Base {};");
        check("class my_api(1) Two final {};", "class           Two final {};");
        check("class Two MY_FINAL : Base {};", "class Two          : Base {};");
        check("struct a b{1, 2};", "struct a b{1, 2};");
        check("struct a *b(int c) { return d; }", "struct a *b(int c) { return d; }");
        check("struct a b(int c) { return d; }", "struct a b(int c) { return d; }");
        check("class my_export Two;", "class           Two;");
        check("struct a b;", "struct a b;");
    }

    #[test]
    fn of_the_words_before_a_name_as_many_are_kept_as_have_a_place() {
        check("my_export int f(void);", "          int f(void);");
        check("MY_API T *MY_CC f(T *t);", "       T *      f(T *t);");
        check("static T my_call f() {}", "static T         f() {}");
        check("API(int) f(void);", "    int  f(void);");
        check("int x __packed;", "int x         ;");
        check("void (MY_CC *f)(int);", "void (      *f)(int);");
        check("u8 __aligned(8) b[4];", "u8              b[4];");
        check("static FAST int F_A(int x) { y; }", "static      int F_A(int x) { y; }");
        check("const char *a MY_ATTR(weak);", "const char *a              ;");
        check("int f(void) my_attribute;", "int f(void)             ;");
        for text in [
            "T f(U u);",
            "std::vector<int> a::f() const noexcept;",
            "int f(a, b) T a; U b; { }",
            "struct a b = { .c = 1 };",
            "unsigned long long x;",
            "typedef struct a b;",
            "T A::operator()(int x) const { y z; }",
            "A::A(int x) : y(x), z{x} {}",
            "auto f() -> T;",
            "DWORD x = MAX;",
            "T x(1), y;",
            "LIST(a) b;",
            "typedef LIST(a) b;",
        ] {
            check(text, text);
        }
    }

    #[test]
    fn calls_on_lines_of_their_own_are_hidden() {
        check("GEN(a)\nGEN(b)\nint f(void);", "      \n      \nint f(void);");
        check("struct s {\n  gen(a)\n  int x;\n};", "struct s {\n        \n  int x;\n};");
        check("class A {\n  M(A)\n  A();\n  N(A)\n};", "class A {\n      \n  A();\n      \n};");
        for text in
            ["main(a, b)\nint b;\n{ }", "BOOL\nf(int x);", "A::A(int x)\n  : y(x) {}", "TEST(a, b) { c d; }"]
        {
            check(text, text);
        }
    }

    #[test]
    fn comments_in_macros_are_hidden() {
        check(
            "#define A(x) \\\n  f(x) /* why */ \\\n  g(x) /* end */\nint x;",
            "#define A(x) \\\n  f(x)           \\\n  g(x) /* end */\nint x;",
        );
    }

    #[test]
    fn labels_of_qt_are_labels() {
        check(
            "class A {\nsignals:\n  void s();\npublic slots:\n};",
            "class A {\npublic :\n  void s();\npublic      :\n};",
        );
    }

    #[test]
    fn modules_are_read_as_what_the_grammar_knows() {
        check("export module a.b;\nimport c.d;", "                 ;\nusing  c_d;");
        check("export { int f(); }", "         int f();  ");
        check("import \"x.h\";\nimport <y>;", "using   x_h ;\nusing  _y_;");
        assert_eq!(mended("export int x;", false).as_deref(), Some("       int x;"));
    }

    #[test]
    fn a_macro_before_else_is_an_if() {
        check("int f() { IF_A(p) { a(); } else { b(); } }", "int f() { if  (p) { a(); } else { b(); } }");
        check("int f() { FOR_A(p) { a(); } b(); }", "int f() { FOR_A(p) { a(); } b(); }");
    }

    #[test]
    fn a_raw_string_keeps_its_length() {
        let text = "x = R\"0123456789abcdef(y)0123456789abcdef\";";
        check(text, "x =  R\"123456789abcdef(y )123456789abcdef\";");
        for prefix in ["R", "LR", "uR", "UR", "u8R"] {
            for inside in ["", "y", "a(b)c)", "line\nline", "\")0123456789abcde\""] {
                let [long, short] = ["0123456789abcdef", "123456789abcdef"];
                check(
                    &format!("x = {prefix}\"{long}({inside}){long}\";"),
                    &format!("x =  {prefix}\"{short}({inside} ){short}\";"),
                );
            }
        }
        check("x = R\"0123456789abcde(y)0123456789abcde\";", "x = R\"0123456789abcde(y)0123456789abcde\";");
    }

    #[test]
    fn brackets_that_do_not_match_up_are_left_alone() {
        for text in ["int f(", "}}}} my_export int x;", "class A { ( };"] {
            assert!(mended(text, true).is_none() || text.starts_with('}'), "{text}");
        }
        assert!(mended(&"{".repeat(1_000), true).is_none());
        assert!(mended(&"f(".repeat(1_000), true).is_none());
    }
}
