//! Kotlin's grammar lets modifiers be names, so that it takes `internal open
//! class A {}` for two infix calls, and it ends a declaration only at a line
//! break: `object O { val x = 2 }` is a call too. The first modifier becomes an
//! annotation for the parser, a named `object` a `class`, and separators stand
//! where a body ends on the line of its last member.
//!
//! Not here: what such a declaration is called (the language's query).

use std::ops::Range;

use super::{Mended, blank};

/// Strings within strings, beyond which a text is left as it is.
const MOST_LEVELS: usize = 50;

/// `None` where nothing is to be mended, or brackets do not match up.
pub(super) fn mended(text: &str, modifiers: &[String]) -> Option<Mended> {
    let mut scan = Scan::new(text, modifiers);
    let mut tokens = Tokens { text: text.as_bytes(), at: 0 };
    while let Some(token) = tokens.next_token()? {
        scan.take(token);
        scan.before = Some(token);
    }
    scan.mended()
}

#[derive(Clone, Copy, PartialEq)]
struct Token {
    start: usize,
    end: usize,
    kind: TokenKind,
}

#[derive(Clone, Copy, PartialEq)]
enum TokenKind {
    Word,
    /// A name in backticks, a number, a string.
    Atom,
    Mark(u8),
}

/// Brackets that are open.
#[derive(Clone, Copy)]
enum Frame {
    Type(Body),
    /// Members stand behind the first `;`.
    Enum {
        has_members: bool,
    },
    Block,
    Annotation,
    /// `context(`, from its word on.
    Context(Token),
    Other,
}

/// A type whose body may follow.
#[derive(Clone, Copy)]
struct Head {
    is_enum: bool,
    body: Body,
    /// Brackets open around it.
    depth: usize,
}

#[derive(Clone, Copy, Default)]
struct Body {
    /// Of a class, and not of an `object` expression.
    is_named: bool,
    /// Behind `by x`, which a body may go on with, and what follows too.
    is_delegating: bool,
}

struct Scan<'t> {
    text: &'t str,
    modifiers: &'t [String],
    bytes: Vec<u8>,
    separators: Vec<usize>,
    is_changed: bool,
    open: Vec<Frame>,
    before: Option<Token>,
    head: Option<Head>,
    /// Modifiers that follow on each other up to here.
    run: Vec<Token>,
    /// Where an annotation ends.
    annotated: Option<usize>,
    /// Where a body ends.
    closed: Option<(usize, Body)>,
}

impl<'t> Scan<'t> {
    fn new(text: &'t str, modifiers: &'t [String]) -> Self {
        Scan {
            text,
            modifiers,
            bytes: text.as_bytes().to_vec(),
            separators: Vec::new(),
            is_changed: false,
            open: Vec::new(),
            before: None,
            head: None,
            run: Vec::new(),
            annotated: None,
            closed: None,
        }
    }

    fn mended(self) -> Option<Mended> {
        if !self.is_changed && self.separators.is_empty() {
            return None;
        }
        // ASCII was replaced by ASCII, or whole characters by spaces.
        let text = String::from_utf8(self.bytes).ok()?;
        Some(Mended { text, separators: self.separators })
    }

    fn take(&mut self, token: Token) {
        self.end_head(token);
        match token.kind {
            TokenKind::Word => self.word(token),
            TokenKind::Atom => self.run.clear(),
            TokenKind::Mark(b'@') => self.separate(token, true),
            TokenKind::Mark(byte) => self.mark(token, byte),
        }
    }

    fn word_of(&self, token: Token) -> &'t str {
        &self.text[token.start..token.end]
    }

    fn mark_before(&self) -> Option<u8> {
        match self.before?.kind {
            TokenKind::Mark(byte) => Some(byte),
            _ => None,
        }
    }

    fn word_before(&self) -> Option<&'t str> {
        self.before.filter(|token| token.kind == TokenKind::Word).map(|token| self.word_of(token))
    }

    /// A line break stands before `token`.
    fn opens_line(&self, token: Token) -> bool {
        let last = self.before.map_or(0, |before| before.end);
        self.before.is_none() || self.text[last..token.start].contains('\n')
    }

    fn word(&mut self, token: Token) {
        let word = self.word_of(token);
        if self.is_annotation_name() {
            self.annotated = Some(token.end);
            return;
        }
        let is_type = matches!(word, "class" | "interface" | "object");
        let is_keyword = (is_type || matches!(word, "fun" | "val" | "var" | "typealias"))
            && !matches!(self.mark_before(), Some(b':' | b'.'));
        let is_modifier = self.modifiers.iter().any(|modifier| modifier == word);
        let begins =
            is_keyword || is_modifier || matches!(word, "enum" | "companion" | "init" | "constructor");
        self.separate(token, begins);
        let goes_on = match word {
            "enum" | "companion" => true,
            "fun" => self.word_after(token) == Some("interface"),
            _ => is_modifier,
        };
        if goes_on {
            self.run_on(token);
        } else if is_keyword {
            self.declaration(token, word, is_type);
        } else {
            self.run.clear();
        }
    }

    /// `token` is a modifier, or a keyword that goes with one.
    fn run_on(&mut self, token: Token) {
        if self.run.is_empty() && !self.begins_statement(token) {
            return;
        }
        self.run.push(token);
    }

    fn begins_statement(&self, token: Token) -> bool {
        let is_annotated = self.annotated.is_some() && self.annotated == self.before.map(|before| before.end);
        is_annotated || self.opens_line(token) || matches!(self.mark_before(), Some(b'{' | b'}' | b';'))
    }

    /// `Name` of `@Name`, `@file:a.Name`.
    fn is_annotation_name(&self) -> bool {
        let Some(before) = self.before else { return false };
        match before.kind {
            TokenKind::Mark(b'@') => true,
            TokenKind::Mark(b'.' | b':') => self.annotated == Some(before.start),
            _ => false,
        }
    }

    /// A keyword of a declaration, with the modifiers before it.
    fn declaration(&mut self, token: Token, word: &str, is_type: bool) {
        let is_companion = self.run.iter().any(|&token| self.word_of(token) == "companion");
        let is_named = is_companion || self.word_after(token).is_some();
        if is_type {
            let is_enum = self.run.iter().any(|&token| self.word_of(token) == "enum");
            let body = Body { is_named, is_delegating: false };
            self.head = Some(Head { is_enum, body, depth: self.open.len() });
        }
        if word == "object" && is_named && !is_companion {
            self.replace(token, b"class");
        }
        // One or two before `fun` are not mistaken.
        if (is_type && is_named) || self.run.len() > 2 {
            let mut mark: &[u8] = b"@_";
            for token in std::mem::take(&mut self.run) {
                if self.is_free(token) {
                    self.replace(token, std::mem::take(&mut mark));
                }
            }
        }
        self.run.clear();
    }

    /// A modifier that says nothing to the query.
    fn is_free(&self, token: Token) -> bool {
        let word = self.word_of(token);
        word != "const" && self.modifiers.iter().any(|modifier| modifier == word)
    }

    /// The name behind `token`.
    fn word_after(&self, token: Token) -> Option<&'t str> {
        let mut tokens = Tokens { text: self.text.as_bytes(), at: token.end };
        let next = tokens.next_token().flatten()?;
        let is_name = next.kind == TokenKind::Word || self.text[next.start..].starts_with('`');
        is_name.then(|| self.word_of(next))
    }

    /// Another declaration follows on the line of a body, or goes on with it.
    fn separate(&mut self, token: Token, begins: bool) {
        let Some((end, body)) = self.closed.take() else { return };
        let is_next = !self.opens_line(token) && (begins || body.is_named);
        if is_next || body.is_delegating {
            self.separators.push(end);
        }
    }

    /// Forgets the type at whose head we stand where `token` shows that it has
    /// no body.
    fn end_head(&mut self, token: Token) {
        if self.head.is_none_or(|head| head.depth != self.open.len()) {
            return;
        }
        let is_by = token.kind == TokenKind::Word && self.word_of(token) == "by";
        if !self.is_of_head(token) {
            self.head = None;
        } else if let Some(head) = self.head.as_mut().filter(|_| is_by) {
            head.body.is_delegating = true;
        }
    }

    fn is_of_head(&self, token: Token) -> bool {
        let word = match token.kind {
            TokenKind::Mark(byte) => return !matches!(byte, b'=' | b';' | b'}' | b')'),
            TokenKind::Word => self.word_of(token),
            TokenKind::Atom => "",
        };
        match word {
            "fun" | "val" | "var" | "typealias" | "init" => false,
            "where" | "by" | "constructor" => true,
            _ if !self.opens_line(token) => true,
            _ if self.modifiers.iter().any(|modifier| modifier == word) => true,
            _ => {
                let goes_on =
                    matches!(self.word_before(), Some("class" | "interface" | "object" | "by" | "where"));
                goes_on || matches!(self.mark_before(), Some(b':' | b',' | b'>' | b'@' | b'.'))
            }
        }
    }

    fn mark(&mut self, token: Token, byte: u8) {
        match byte {
            b'{' => self.open_brace(),
            b'(' | b'[' => self.open_bracket(token),
            b'}' | b')' | b']' => return self.close(token),
            b';' => {
                if let Some(Frame::Enum { has_members }) = self.open.last_mut() {
                    *has_members = true;
                }
            }
            b'.' | b':' if self.annotated.is_some() && self.annotated == self.before.map(|last| last.end) => {
                self.annotated = Some(token.start);
            }
            _ => {}
        }
        self.run.clear();
        self.closed = None;
    }

    fn open_brace(&mut self) {
        let head = self.head.filter(|head| head.depth == self.open.len());
        let frame = match (head, self.open.last()) {
            (Some(Head { is_enum: true, .. }), _) => Frame::Enum { has_members: false },
            (Some(head), _) => Frame::Type(head.body),
            // The body of one of its constants.
            (None, Some(Frame::Enum { has_members: false })) => Frame::Type(Body::default()),
            _ => Frame::Block,
        };
        if head.is_some() {
            self.head = None;
        }
        self.open.push(frame);
    }

    fn open_bracket(&mut self, token: Token) {
        let is_glued = self.before.is_some_and(|before| before.end == token.start);
        let is_annotation = is_glued && self.annotated == Some(token.start);
        let frame = match self.before {
            _ if is_annotation => Frame::Annotation,
            Some(before) if self.word_before() == Some("context") => Frame::Context(before),
            _ => Frame::Other,
        };
        self.open.push(frame);
    }

    fn close(&mut self, token: Token) {
        self.run.clear();
        self.closed = None;
        let Some(frame) = self.open.pop() else { return };
        if self.head.is_some_and(|head| head.depth > self.open.len()) {
            self.head = None;
        }
        match frame {
            Frame::Type(body) => {
                self.end_member(token);
                self.closed = Some((token.end, body));
            }
            Frame::Enum { has_members } => {
                if has_members {
                    self.end_member(token);
                }
                self.closed = Some((token.end, Body { is_named: true, is_delegating: false }));
            }
            Frame::Block => self.closed = Some((token.end, Body::default())),
            Frame::Annotation => self.annotated = Some(token.end),
            Frame::Context(word) => self.context(word, token),
            Frame::Other => {}
        }
    }

    /// The last member of a body that closes here.
    fn end_member(&mut self, close: Token) {
        let is_ended = matches!(self.mark_before(), Some(b'{' | b';' | b','));
        if !is_ended && !self.opens_line(close) {
            self.separators.push(close.start);
        }
    }

    /// `context(a: A)` before a declaration is one of its modifiers.
    fn context(&mut self, word: Token, close: Token) {
        let next = Token { start: close.start, end: close.end, kind: TokenKind::Word };
        let follows = self.word_after(next).is_some_and(|word| {
            let is_keyword =
                matches!(word, "class" | "interface" | "object" | "fun" | "val" | "var" | "context" | "enum");
            is_keyword || self.modifiers.iter().any(|modifier| modifier == word)
        });
        if follows || self.text[close.end..].trim_start().starts_with('@') {
            self.replace(word, b"@_");
            self.hide_arguments(word.end + 1..close.start);
            self.annotated = Some(close.end);
        }
    }

    /// They become one name, or nothing where they have several lines.
    fn hide_arguments(&mut self, place: Range<usize>) {
        let arguments = &mut self.bytes[place];
        match arguments.contains(&b'\n') {
            true => blank(arguments),
            false => arguments.fill(b'_'),
        }
    }

    /// `text` and spaces in place of a word that is longer.
    fn replace(&mut self, token: Token, text: &[u8]) {
        self.is_changed = true;
        let place = &mut self.bytes[token.start..token.end];
        place.fill(b' ');
        place[..text.len()].copy_from_slice(text);
    }
}

/// The words and marks of code, without comments.
struct Tokens<'t> {
    text: &'t [u8],
    at: usize,
}

impl Tokens<'_> {
    /// The outer `None` where strings nest too deep to be followed.
    fn next_token(&mut self) -> Option<Option<Token>> {
        loop {
            let rest = &self.text[self.at..];
            let Some(&byte) = rest.first() else { return Some(None) };
            let skipped = match byte {
                _ if byte.is_ascii_whitespace() => 1,
                b'/' if rest.starts_with(b"//") => line_length(rest),
                b'/' if rest.starts_with(b"/*") => comment(rest),
                _ => 0,
            };
            if skipped > 0 {
                self.at += skipped;
                continue;
            }
            let (length, kind) = match byte {
                b'"' => (string(rest, 0)?, TokenKind::Atom),
                b'\'' => (character(rest), TokenKind::Atom),
                b'`' => (1 + line_until(&rest[1..], b'`'), TokenKind::Atom),
                b'0'..=b'9' => (word_length(rest), TokenKind::Atom),
                _ if is_name(byte) => (word_length(rest), TokenKind::Word),
                _ => (1, TokenKind::Mark(byte)),
            };
            let start = self.at;
            self.at += length.min(rest.len());
            return Some(Some(Token { start, end: self.at, kind }));
        }
    }
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn word_length(rest: &[u8]) -> usize {
    rest.iter().take_while(|byte| is_name(**byte)).count()
}

fn line_length(rest: &[u8]) -> usize {
    rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len())
}

/// Up to `end`, or to the end of the line.
fn line_until(rest: &[u8], end: u8) -> usize {
    let at = rest.iter().position(|&byte| byte == end || byte == b'\n');
    at.map_or(rest.len(), |at| at + usize::from(rest[at] == end))
}

/// Comments nest.
fn comment(rest: &[u8]) -> usize {
    let (mut at, mut depth) = (2, 1);
    while depth > 0 && at < rest.len() {
        let (step, change) = match &rest[at..] {
            [b'/', b'*', ..] => (2, 1),
            [b'*', b'/', ..] => (2, -1),
            _ => (1, 0),
        };
        at += step;
        depth += change;
    }
    at
}

fn character(rest: &[u8]) -> usize {
    let mut at = 1;
    while at < rest.len() && rest[at] != b'\'' && rest[at] != b'\n' {
        at += if rest[at] == b'\\' { 2 } else { 1 };
    }
    at + 1
}

/// A string with what is computed in it; `None` where that nests too deep.
fn string(rest: &[u8], level: usize) -> Option<usize> {
    if level > MOST_LEVELS {
        return None;
    }
    let is_raw = rest.starts_with(b"\"\"\"");
    let mut at = if is_raw { 3 } else { 1 };
    while at < rest.len() {
        match &rest[at..] {
            [b'$', b'{', ..] => at += computed(&rest[at..], level)?,
            [b'"', b'"', b'"', ..] if is_raw => return Some(at + 3 + quotes(&rest[at + 3..])),
            [b'"' | b'\n', ..] if !is_raw => return Some(at + 1),
            [b'\\', ..] if !is_raw => at += 2,
            _ => at += 1,
        }
    }
    Some(at)
}

/// A raw string may end in quotes of its own.
fn quotes(rest: &[u8]) -> usize {
    rest.iter().take_while(|&&byte| byte == b'"').count()
}

/// `${ .. }` in a string.
fn computed(rest: &[u8], level: usize) -> Option<usize> {
    let (mut at, mut depth) = (2, 1);
    while depth > 0 && at < rest.len() {
        match rest[at] {
            b'"' => at += string(&rest[at..], level + 1)?,
            b'\'' => at += character(&rest[at..]),
            byte => {
                depth += match byte {
                    b'{' => 1,
                    b'}' => -1,
                    _ => 0,
                };
                at += 1;
            }
        }
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the parser reads.
    fn read(text: &str) -> String {
        let modifiers = ["internal", "open", "data", "private", "inline", "suspend", "const", "sealed"];
        let modifiers = modifiers.map(str::to_string);
        match mended(text, &modifiers) {
            Some(mended) => mended.with_separators().unwrap_or(mended.text),
            None => text.to_string(),
        }
    }

    fn check(text: &str, expected: &str) {
        assert_eq!(read(text), expected);
    }

    #[test]
    fn modifiers_of_a_type_become_an_annotation() {
        check("internal open class A {\n}\n", "@_            class A {\n}\n");
        check("@A(1) private sealed interface B", "@A(1) @_             interface B");
        check("private data object C\n\nclass D {}", "@_           class  C\n\nclass D {}");
        check("private suspend inline fun f() {}", "@_                     fun f() {}");
        check(
            "private const val x = 1\nprivate inline fun f() {}",
            "private const val x = 1\nprivate inline fun f() {}",
        );
        check("val x = data\nopen class B", "val x = data\n@_   class B");
    }

    #[test]
    fn a_member_on_the_line_of_its_body_is_ended() {
        check("object O { val x = 2 }\nfun f() = 1", "class  O { val x = 2 ;}\nfun f() = 1");
        check(
            "class D { companion object { const val K = 1 } }",
            "class D { companion object { const val K = 1 ;} ;}",
        );
        check("class C : B by d {val a = 1}", "class C : B by d {val a = 1;}");
        check(
            "enum class E { A { val x = 1 }, B; fun f() = 2 }",
            "enum class E { A { val x = 1 ;}, B; fun f() = 2 ;}",
        );
        check("val x = object : A { override fun f() {} }", "val x = object : A { override fun f() {} ;}");
        check("class A { fun a() {} fun b() {} } class B", "class A { fun a() {}; fun b() {} ;}; class B");
    }

    #[test]
    fn what_follows_a_delegating_class_does_not_go_on_with_it() {
        check("class C : B by d {\n}\n\nclass D", "class C : B by d {\n};\n\nclass D");
        check("class C : B by d {\n}\n}", "class C : B by d {\n}\n}");
    }

    #[test]
    fn a_context_is_an_annotation() {
        check("context(l: Log) fun m() {}", "@_     (______) fun m() {}");
        check("fun f() = context(a) { 1 }", "fun f() = context(a) { 1 }");
    }

    #[test]
    fn calls_blocks_and_texts_are_left_alone() {
        for text in [
            "val x = a::class\nfun f() { open(x) }",
            "fun f() = listOf(1).map { it }",
            "val s = \"${a { \"}\" }} class A { val x = 1 }\"",
            "// class A { val x = 1 }\n/* /* */ object A */",
            "class A\n\nfoo { bar() }",
            "enum class E { A, B }",
            "class A { }",
            "val data = private\nfoo()",
        ] {
            check(text, text);
        }
    }

    #[test]
    fn strings_that_nest_too_deep_are_not_followed() {
        let text = "\"${".repeat(200);
        assert!(mended(&text, &[]).is_none());
    }
}
