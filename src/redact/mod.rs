//! The border: every text from the repository, from git and from the user
//! becomes [`SafeText`] here or does not get in. Secrets are replaced by typed
//! placeholders, control and invisible characters are spelled out.
//!
//! A text is searched once for key words (one automaton, any case); only where
//! a word stands is anything more tried, on a bounded number of bytes:
//! - `shapes`: tokens known by their form;
//! - `assigned`: values that are secret for the name beside them;
//! - `blocks`: PEM blocks and passwords in URLs;
//! - `encoded`: base64 that holds one of these;
//! - `commands`: passwords in command lines;
//! - `manifest`: the values of Kubernetes Secrets.
//!
//! Beside these: `custom`, patterns of the user's, and `personal`, personal data
//! for those who ask for it. `escape` tells what stands before a token.
//!
//! What this cannot do: know a secret that has no form, no telling name beside
//! it and no user pattern. Files that are secret by name are never read at all;
//! that is the walker's part.

mod assigned;
mod blocks;
mod commands;
mod custom;
mod encoded;
mod escape;
mod manifest;
mod personal;
mod placeholder;
mod shapes;
#[cfg(test)]
mod tests;
mod word_finder;

use std::borrow::Cow;
use std::sync::OnceLock;

use regex::bytes;

use crate::model::{ContentHash, SafeText};
use crate::visible;
pub use custom::BadPattern;
use custom::Patterns;
use shapes::{Edge, SHAPES, Shape, TokenContext};
use word_finder::WordFinder;

/// Bytes after its start that a token of known shape may span. The longest, a
/// JSON web token with a certificate chain, rarely has more than 8 kB.
const MAX_TOKEN: usize = 8_600;

/// Rewritings of one text until nothing new is found. A placeholder can bring
/// together what was apart; more than twice has only been made on purpose.
const MAX_PASSES: usize = 6;

/// Base64 in base64: a manifest's value that holds a configuration with keys.
const MAX_LEVELS: u8 = 2;

/// A secret left in a finished text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretFinding {
    /// Its kind as in the placeholder: `AWS_ACCESS_KEY`.
    pub kind: &'static str,
    /// Counted from 1.
    pub line: u32,
}

/// What is redacted beside known secrets.
#[derive(Clone, Debug, Default)]
pub struct RedactionRules {
    /// Regular expressions of the user's own.
    pub patterns: Vec<String>,
    /// Patterns of an untrusted project.
    pub foreign_patterns: Vec<String>,
    /// E-mail addresses, phone numbers, IBANs and card numbers.
    pub personal: bool,
}

/// Turns raw text into [`SafeText`]. Built once, used from any thread.
pub struct Redactor {
    known: &'static Detectors,
    patterns: Patterns,
    personal: bool,
}

/// What is looked for everywhere; built once a process.
struct Detectors {
    words: WordFinder,
    /// What each of `words` starts.
    starts: Vec<Start>,
    /// What tokens of each shape start with, in their case.
    heads: Vec<Vec<u8>>,
    compiled: Vec<OnceLock<bytes::Regex>>,
}

/// What the tables and rules here make of a text: another fingerprint, another
/// redaction. Raise `RULES` with a change that is none of a table's.
pub fn fingerprint() -> String {
    const RULES: u32 = 5;
    let mut text = format!("rules {RULES}\n");
    for shape in SHAPES {
        let words = shape.words.join(",");
        text.push_str(&format!("{} {words} {} {}\n", shape.kind, shape.pattern, shape.entropy));
    }
    ContentHash::of(text.as_bytes()).to_hex()[..16].to_string()
}

/// A text of ours that may quote what a user typed or what is on the disk, with
/// tokens of known shape replaced: for messages.
pub fn message(text: &str) -> Cow<'_, str> {
    let redactor = Redactor { known: known(), patterns: Patterns::default(), personal: false };
    match redactor.spans(text, FindingsWanted::Known) {
        spans if spans.is_empty() => Cow::Borrowed(text),
        spans => Cow::Owned(replace(text, &spans)),
    }
}

/// The first token of known shape in a text that is about to be shown.
pub fn first_known(text: &str) -> Option<SecretFinding> {
    Redactor { known: known(), patterns: Patterns::default(), personal: false }.leaks(text).into_iter().next()
}

fn known() -> &'static Detectors {
    static KNOWN: OnceLock<Detectors> = OnceLock::new();
    KNOWN.get_or_init(Detectors::new)
}

impl Detectors {
    fn new() -> Detectors {
        let mut words: Vec<&str> = Vec::new();
        let mut starts = Vec::new();
        for (index, shape) in (0..).zip(SHAPES) {
            for word in shape.words {
                words.push(word);
                starts.push(Start::Shape(index));
            }
        }
        for (text, word) in assigned::WORDS {
            words.push(text);
            starts.push(Start::Assigned(*word));
        }
        words.extend([blocks::PEM_WORD, blocks::URL_WORD, "basic "]);
        starts.extend([Start::Pem, Start::Url, Start::Basic]);
        words.extend(blocks::KEY_WORDS);
        starts.extend(blocks::KEY_WORDS.iter().map(|_| Start::Key));
        for (word, index) in commands::words() {
            words.push(word);
            starts.push(Start::Command(index));
        }
        for word in manifest::WORDS {
            words.push(word);
            starts.push(Start::Manifest);
        }
        let heads = SHAPES.iter().map(shapes::head).collect();
        let compiled = SHAPES.iter().map(|_| OnceLock::new()).collect();
        Detectors { words: WordFinder::of(words), starts, heads, compiled }
    }
}

#[derive(Clone, Copy)]
enum Start {
    /// Index in [`SHAPES`].
    Shape(u16),
    Assigned(assigned::KeyWord),
    Pem,
    /// A private key in another format.
    Key,
    Url,
    Basic,
    /// Index in the table of commands.
    Command(u16),
    Manifest,
}

/// A secret in a text, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct SecretSpan {
    start: usize,
    end: usize,
    kind: &'static str,
    /// Hard enough to guess that a hash of it in the placeholder gives nothing
    /// away.
    strong: bool,
}

impl SecretSpan {
    /// To whole characters: a bound in bytes may end within one.
    fn widen(&mut self, text: &str) {
        while !text.is_char_boundary(self.start) {
            self.start -= 1;
        }
        self.end = char_end(text, self.end);
    }
}

/// The first end of a character from `at` on.
fn char_end(text: &str, at: usize) -> usize {
    (at..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

/// Which findings are asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum FindingsWanted {
    /// Tokens of known shape and user patterns: for paths.
    Shapes,
    /// What is a secret by itself, passwords in URLs too: for finished
    /// artefacts. They join texts of many files, so a word in one of them says
    /// nothing about another, and a line does not go on in the next.
    Leak,
    /// The same, with the patterns of an untrusted project.
    Stored,
    /// Tokens of known shape and passwords in URLs: for messages.
    Known,
    /// And values beside telling names, in command lines and in manifests: for
    /// all other text.
    All,
}

impl FindingsWanted {
    /// Whether lines may be of different texts.
    fn is_page(self) -> bool {
        matches!(self, FindingsWanted::Leak | FindingsWanted::Stored)
    }
}

impl Redactor {
    /// With patterns of the user's own.
    ///
    /// # Errors
    /// The first of them that is no regular expression in the syntax of the
    /// `regex` crate, or compiles to too much.
    pub fn new(patterns: &[String]) -> Result<Redactor, BadPattern> {
        Redactor::with(&RedactionRules { patterns: patterns.to_vec(), ..RedactionRules::default() })
    }

    /// # Errors
    /// Like [`Redactor::new`], for foreign patterns too.
    pub fn with(rules: &RedactionRules) -> Result<Redactor, BadPattern> {
        let patterns = Patterns::new(&rules.patterns, &rules.foreign_patterns)?;
        Ok(Redactor { known: known(), patterns, personal: rules.personal })
    }

    /// Foreign patterns that are not used, because they cost too much together.
    pub fn left_out(&self) -> &[String] {
        self.patterns.left_out()
    }

    /// Text of any number of lines, with LF: `\n` and `\t` stay, the number of
    /// lines stays, everything else invisible is spelled out.
    pub fn text(&self, raw: &str) -> SafeText {
        SafeText::from_redacted(self.rewrite(raw, FindingsWanted::All, visible::text))
    }

    /// A name, branch or subject: as [`Redactor::text`], and line feed and tab
    /// are spelled out too (`\u{a}`, `\u{9}`), so that it stays one line.
    pub fn line(&self, raw: &str) -> SafeText {
        SafeText::from_redacted(self.rewrite(raw, FindingsWanted::All, visible::line))
    }

    /// A path: exact, but for tokens of known shape. Names such as
    /// `password=x` are kept, since the path must still be found.
    pub fn name(&self, raw: &str) -> SafeText {
        SafeText::from_redacted(self.rewrite(raw, FindingsWanted::Shapes, |raw| Cow::Borrowed(raw)))
    }

    /// What redaction would take out of a text, in order of lines: nothing for a
    /// text that went through it.
    pub fn findings(&self, text: &str) -> Vec<SecretFinding> {
        self.located(text, FindingsWanted::All)
    }

    /// What a finished artefact of ours may not hold: tokens that their shape
    /// alone gives away, PEM blocks, passwords in URLs and, within a line, what
    /// the user's own patterns match. Placeholders are no finding, and texts that
    /// each went through redaction have none together. In order of lines.
    pub fn leaks(&self, artefact: &str) -> Vec<SecretFinding> {
        self.located(artefact, FindingsWanted::Leak)
    }

    /// The same in stored texts that went through redaction once: what foreign
    /// patterns match counts too.
    pub fn scan(&self, stored: &str) -> Vec<SecretFinding> {
        self.located(stored, FindingsWanted::Stored)
    }

    fn located(&self, artefact: &str, depth: FindingsWanted) -> Vec<SecretFinding> {
        let mut line = 1;
        let mut counted = 0;
        self.spans(artefact, depth)
            .iter()
            .map(|span| {
                line += newlines(&artefact[counted..span.start]);
                counted = span.start;
                SecretFinding { kind: span.kind, line }
            })
            .collect()
    }

    fn rewrite(&self, raw: &str, depth: FindingsWanted, show: fn(&str) -> Cow<'_, str>) -> String {
        // A secret that an invisible character cuts in two is found in the
        // text without it.
        let whole = match visible::without_hidden(raw) {
            None => Cow::Borrowed(raw),
            Some((kept, origin)) => {
                let mut spans = self.spans(&kept, depth);
                for span in &mut spans {
                    span.end = origin.of(span.end - 1) + 1;
                    span.start = origin.of(span.start);
                }
                Cow::Owned(replace(raw, &spans))
            }
        };
        let mut text = show(&whole).into_owned();
        for _ in 0..MAX_PASSES {
            let spans = self.spans(&text, depth);
            if spans.is_empty() {
                return text;
            }
            // A placeholder changes what a character beside it belongs to.
            text = show(&replace(&text, &spans)).into_owned();
        }
        // Made so that every pass uncovers the next secret: nothing of it is kept.
        text.split('\n').map(placeholder::of_line).collect::<Vec<_>>().join("\n")
    }

    /// The secrets in `text`, sorted, apart from each other; none inside a
    /// placeholder.
    fn spans(&self, text: &str, depth: FindingsWanted) -> Vec<SecretSpan> {
        self.spans_within(text, depth, MAX_LEVELS)
    }

    /// Like [`Self::spans`], with base64 in base64 as many `levels` down.
    fn spans_within(&self, text: &str, depth: FindingsWanted, levels: u8) -> Vec<SecretSpan> {
        let mut found = Vec::new();
        match depth.is_page() {
            true => self.patterns.spans_in_lines(text, depth == FindingsWanted::Stored, &mut found),
            false => self.patterns.spans(text, &mut found),
        }
        match depth.is_page() {
            _ if !self.personal => {}
            // Digits of two texts side by side may look like one number.
            true => personal::addresses(text, &mut found),
            false => personal::spans(text, &mut found),
        }
        self.word_spans(text, depth, &mut found);
        if levels > 0 {
            self.encoded(text.as_bytes(), depth, levels, &mut found);
        }
        if !found.is_empty() {
            found.iter_mut().for_each(|span| span.widen(text));
            found.retain(|span| !placeholder::covers(text, span.start, span.end));
            found = merged(found);
        }
        found
    }

    fn word_spans(&self, text: &str, depth: FindingsWanted, found: &mut Vec<SecretSpan>) {
        let bytes = text.as_bytes();
        let mut tried_everywhere = [false; SHAPES.len()];
        // Ends of what was found so far: a word inside it starts nothing new,
        // which keeps hostile repetitions linear.
        let mut token_end = 0;
        let mut any_end = 0;
        let mut manifest_end = 0;
        let mut lines = commands::CommandLines::default();
        let mut names = assigned::KeyWords::default();
        for hit in self.known.words.for_text(bytes.len()).find_overlapping_iter(bytes) {
            let (at, end) = (hit.start(), hit.end());
            let span = match self.known.starts[hit.pattern().as_usize()] {
                Start::Shape(index) => {
                    let shape = &SHAPES[usize::from(index)];
                    if shape.place == TokenContext::Anywhere {
                        if !depth.is_page()
                            && !std::mem::replace(&mut tried_everywhere[usize::from(index)], true)
                        {
                            self.everywhere(bytes, index, found);
                        }
                        continue;
                    }
                    if at < token_end {
                        continue;
                    }
                    self.token(bytes, at, end, index)
                }
                Start::Pem if at >= token_end && depth.is_page() => blocks::pem_on_page(bytes, at),
                Start::Pem if at >= token_end => blocks::pem(bytes, at),
                Start::Key if at >= token_end => blocks::key(bytes, at, end),
                Start::Url if depth != FindingsWanted::Shapes && at >= token_end => {
                    blocks::url_password(bytes, at)
                }
                Start::Basic if depth == FindingsWanted::All && at >= token_end => {
                    encoded::basic(bytes, at, end)
                }
                Start::Command(index) if depth == FindingsWanted::All => {
                    lines.passwords(bytes, at, end, index, found);
                    continue;
                }
                Start::Manifest if depth == FindingsWanted::All => {
                    if at >= manifest_end {
                        manifest_end = manifest::values(bytes, at, end, found);
                    }
                    continue;
                }
                Start::Assigned(word)
                    if depth == FindingsWanted::All && at >= any_end && names.takes(bytes, at) =>
                {
                    any_end = any_end.max(assigned::values(bytes, at, end, word, found).unwrap_or(0));
                    continue;
                }
                _ => None,
            };
            if let Some(span) = span {
                token_end = token_end.max(span.end);
                any_end = any_end.max(span.end);
                found.push(span);
            }
        }
    }

    fn regex(&self, index: u16) -> &bytes::Regex {
        let shape = &SHAPES[usize::from(index)];
        self.known.compiled[usize::from(index)].get_or_init(|| {
            let anchor = if shape.place == TokenContext::Prefix { "^" } else { "" };
            bytes::RegexBuilder::new(&format!("{anchor}(?:{})", shape.pattern))
                .unicode(false)
                .build()
                .expect("a test compiles every pattern of the table")
        })
    }

    /// The token of this shape at the key word `bytes[at..end]`.
    fn token(&self, bytes: &[u8], at: usize, end: usize, index: u16) -> Option<SecretSpan> {
        let shape = &SHAPES[usize::from(index)];
        let before = match shape.place {
            TokenContext::Prefix => 0,
            TokenContext::Inside(before) => before,
            TokenContext::Anywhere => return None,
        };
        if before == 0 {
            // Most key words are only alike: `ac` in a word and `AC` of a token.
            let head = &self.known.heads[usize::from(index)];
            let is_head = bytes[at..].iter().zip(head).all(|(byte, own)| byte == own);
            if !is_head || !fits_before(shape.edge, bytes, at) {
                return None;
            }
        }
        let from = at.saturating_sub(before);
        let window = &bytes[from..bytes.len().min(at + MAX_TOKEN)];
        let window = if before == 0 { window } else { &window[..window.len().min(before + 300)] };
        let hit = self.regex(index).find(window)?;
        let (start, stop) = (from + hit.start(), from + hit.end());
        (start <= at && stop >= end).then_some(())?;
        accepted(shape, bytes, start, stop)
    }

    /// Runs of base64 with a secret in the text that they hold.
    fn encoded(&self, bytes: &[u8], depth: FindingsWanted, levels: u8, found: &mut Vec<SecretSpan>) {
        // On a page, lines are of different texts.
        encoded::runs(bytes, !depth.is_page(), |run, text| {
            if let Some(end) = encoded::bot_token(bytes, run.end, text) {
                found.push(SecretSpan { start: run.start, end, kind: "DISCORD_TOKEN", strong: true });
                return true;
            }
            let inner = self.spans_within(text, depth, levels - 1);
            let Some(first) = inner.first() else { return false };
            found.push(SecretSpan { start: run.start, end: run.end, kind: first.kind, strong: first.strong });
            true
        });
    }

    /// Every token of a shape that is tried on the whole text.
    fn everywhere(&self, bytes: &[u8], index: u16, found: &mut Vec<SecretSpan>) {
        let shape = &SHAPES[usize::from(index)];
        for hit in self.regex(index).captures_iter(bytes) {
            if let Some(token) = hit.get(1).or_else(|| hit.get(0)) {
                found.extend(accepted(shape, bytes, token.start(), token.end()));
            }
        }
    }
}

/// The token at these bytes when its edges and entropy fit its shape.
fn accepted(shape: &Shape, bytes: &[u8], start: usize, end: usize) -> Option<SecretSpan> {
    let text = &bytes[start..end];
    if shape.edge == Edge::Word {
        let after = bytes.get(end).copied().unwrap_or(b' ');
        if !fits_before(shape.edge, bytes, start) || after.is_ascii_alphanumeric() {
            return None;
        }
        // In a name (`rotate_AKIA...`, `fix_x_AKIA..._now`) chance has to show.
        let in_name = after == b'_' || !escape::starts_word(bytes, start);
        if in_name && !has_chance(text) {
            return None;
        }
    }
    if shape.jumbled && (!is_jumbled(text) || bytes.get(end) == Some(&b'(')) || entropy(text) < shape.entropy
    {
        return None;
    }
    // A token that goes on is longer than the table knows: take it whole.
    let goes_on = |b: &&u8| shape.edge == Edge::Any && is_word(**b);
    let end = end + bytes[end..].iter().take_while(goes_on).count();
    Some(SecretSpan { start, end, kind: shape.kind, strong: true })
}

/// Whether a token may start at `at`. Names put words together by `_` and by
/// capitals; an escape before it is no part of a word.
fn fits_before(edge: Edge, bytes: &[u8], at: usize) -> bool {
    if edge == Edge::Any || at == 0 || !is_word(bytes[at - 1]) {
        return true;
    }
    let joins = bytes[at - 1] == b'_' || bytes[at - 1].is_ascii_lowercase() && bytes[at].is_ascii_uppercase();
    joins || escape::ends_at(bytes, at)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Whether capitals, small letters and digits change places as chance has it: in
/// random text at more than half of all places, in identifiers at every fourth
/// at most.
fn is_jumbled(text: &[u8]) -> bool {
    text.iter().any(u8::is_ascii_digit) && changes(text) * 5 >= text.len() * 2
}

/// Whether digits stand among the letters: no word of a name.
fn has_chance(text: &[u8]) -> bool {
    text.iter().any(u8::is_ascii_digit) && changes(text) * 10 >= text.len()
}

/// How often capitals, small letters, digits and signs follow each other.
fn changes(text: &[u8]) -> usize {
    let kind = |byte: u8| match byte {
        b'a'..=b'z' => 1,
        b'A'..=b'Z' => 2,
        b'0'..=b'9' => 3,
        _ => 0,
    };
    text.windows(2).filter(|pair| kind(pair[0]) != kind(pair[1])).count()
}

/// Shannon entropy in bits a byte.
fn entropy(bytes: &[u8]) -> f32 {
    let mut counts = [0u32; 256];
    for byte in bytes {
        counts[usize::from(*byte)] += 1;
    }
    let total = bytes.len() as f32;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| {
            let share = *count as f32 / total;
            -share * share.log2()
        })
        .sum()
}

/// Sorted, with overlapping spans joined. The joined span has the kind of the
/// first strong one: the shape of a token tells more than the name beside it.
fn merged(mut spans: Vec<SecretSpan>) -> Vec<SecretSpan> {
    spans.sort_by_key(|span| (span.start, std::cmp::Reverse(span.end), span.kind));
    let mut out: Vec<SecretSpan> = Vec::with_capacity(spans.len());
    for span in spans {
        match out.last_mut() {
            Some(last) if span.start < last.end => {
                last.end = last.end.max(span.end);
                if assigned::is_kind(last.kind) && !assigned::is_kind(span.kind) {
                    last.kind = span.kind;
                }
                last.strong |= span.strong;
            }
            _ => out.push(span),
        }
    }
    out
}

fn replace(text: &str, spans: &[SecretSpan]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut kept = 0;
    for span in spans {
        out.push_str(&text[kept..span.start]);
        let secret = &text[span.start..span.end];
        placeholder::push(&mut out, secret, span.kind, span.strong);
        kept = span.end;
    }
    out.push_str(&text[kept..]);
    out
}

fn newlines(text: &str) -> u32 {
    text.bytes().filter(|byte| *byte == b'\n').count() as u32
}
