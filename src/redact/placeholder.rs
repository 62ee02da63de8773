//! What stands in a secret's place: `REDACTED_AWS_ACCESS_KEY_1a2b3c4d`. An
//! identifier in any language, so that the text around it still parses.
//!
//! The last part is 32 bits of a hash of the secret, so that one secret is one
//! name wherever it stands. There is no key in it: the handoff must come out
//! the same on every machine. Whoever holds a guess can therefore test it,
//! with one chance in four thousand million of a false yes; a random token of
//! 60 bits and more cannot be guessed, and 32 bits do not determine it. What
//! people make up can be guessed, so passwords and values of user patterns get
//! no hash at all: `REDACTED_PASSWORD`.

use crate::model::ContentHash;

const MARK: &str = "REDACTED_";

/// Keeps these hashes apart from those of files.
const DOMAIN: &str = "waypost redact 1\0";

/// For a line of a text that cannot be cleaned.
pub(super) fn of_line(line: &str) -> &'static str {
    match line.is_empty() {
        true => "",
        false => "REDACTED_TEXT",
    }
}

/// Adds the placeholder for `secret`, and as many line feeds as it has.
pub(super) fn push(out: &mut String, secret: &str, kind: &str, strong: bool) {
    out.push_str(MARK);
    out.push_str(kind);
    if strong {
        let hash = ContentHash::of(format!("{DOMAIN}{secret}").as_bytes());
        out.push('_');
        out.push_str(&hash.to_hex()[..8]);
    }
    if secret.contains('\n') {
        push_skeleton(out, secret);
    }
}

/// The line feeds of a secret over several lines. Where it is written as one
/// string literal a line, the quotes between the lines stay too, or the text
/// around would not parse.
fn push_skeleton(out: &mut String, secret: &str) {
    let lines: Vec<&str> = secret.split('\n').collect();
    for (index, line) in lines.iter().enumerate() {
        let (first, last) = (index == 0, index + 1 == lines.len());
        let opening = line.find(['"', '\'']);
        let closing = line.rfind(['"', '\'']);
        if let (Some(opening), false) = (opening, first)
            && (last || closing > Some(opening))
        {
            out.push_str(harmless(&line[..=opening]));
        }
        if let (Some(closing), false) = (closing, last)
            && (first || opening < Some(closing))
        {
            out.push_str(harmless(&line[closing..]));
        }
        if !last {
            out.push('\n');
        }
    }
}

/// `part` if it holds no character that could belong to the secret.
fn harmless(part: &str) -> &str {
    let fits = |c: char| c.is_ascii_punctuation() || c == ' ' || c == '\t';
    if part.chars().all(fits) { part } else { "" }
}

/// Whether the bytes `start..end` of `text` lie inside one placeholder, or are
/// nothing but one in its wrapping. What only begins as one (`REDACTED_` and a
/// token) is none.
pub(super) fn covers(text: &str, start: usize, end: usize) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let bytes = text.as_bytes();
    let inner = bytes[start..end].iter().position(is_part).map_or(start, |skipped| start + skipped);
    let left = bytes[..inner].iter().rev().take(64).take_while(|byte| is_part(byte)).count();
    let right = bytes[inner..].iter().take(128).take_while(|byte| is_part(byte)).count();
    let word = &bytes[inner - left..inner + right];
    // The last one that starts at or before the bytes.
    let heads = &word[..word.len().min(left + MARK.len())];
    let Some(at) = heads.windows(MARK.len()).rposition(|window| window == MARK.as_bytes()) else {
        return false;
    };
    let behind = inner - left + at + length(&word[at..]);
    let rest = &bytes[behind.min(end)..end];
    inner < behind && !rest.iter().any(is_part)
}

/// Bytes of the placeholder at the start of `word`.
fn length(word: &[u8]) -> usize {
    let rest = &word[MARK.len()..];
    let kind = KINDS
        .iter()
        .copied()
        .chain(super::shapes::SHAPES.iter().map(|shape| shape.kind))
        .chain(super::assigned::kinds())
        .filter(|kind| rest.starts_with(kind.as_bytes()))
        .map(str::len)
        .max()
        .unwrap_or(0);
    let hash = rest.get(kind..kind + 9).is_some_and(|hash| {
        hash[0] == b'_' && hash[1..].iter().all(|b| b.is_ascii_digit() || matches!(b, b'a'..=b'f'))
    });
    MARK.len() + kind + if hash { 9 } else { 0 }
}

/// Kinds that stand in no table.
const KINDS: &[&str] = &[
    "CARD_NUMBER",
    "CUSTOM",
    "EMAIL",
    "IBAN",
    "PHONE",
    "PRIVATE_KEY",
    "SECRET",
    "TEXT",
    "URL_PASSWORD",
    "URL_TOKEN",
];
