//! The literal value that is assigned, passed or compared to a name.
//!
//! Not here: how it is given to the name (`way`), several at once (`list`),
//! whether it is a secret.

use std::ops::Range;

use super::bytes::{MAX_BARE, ends_line, is_bare, is_blank, is_line_start, run};
use super::judge::{is_phrase, looks_random};
use super::list::{elements, names_login};
use super::quoted::{QuotedValue, quoted};
use super::value::ValueLiteral;
use super::way::{Found, Place, Way, way};
use super::{ValueClass, is_scheme, scheme};

/// The literal beside the name at `name`; `None` for expressions.
pub(super) fn beside(bytes: &[u8], name: Range<usize>, class: ValueClass) -> Option<ValueLiteral> {
    let place = Place::new(bytes, name)?;
    let way = match way(bytes, &place, class)? {
        Found::Literal(found) => return Some(found),
        Found::Way(way) => way,
    };
    // A pair or a list: see `several`.
    if place.next == b'('
        && names_login(&bytes[place.name.clone()])
        && elements(bytes, way.at, b')').len() > 1
    {
        return None;
    }
    if place.next != b'(' && bytes.get(way.at) == Some(&b'(') && elements(bytes, way.at + 1, b')').len() > 1 {
        return None;
    }
    match quoted(bytes, way.at) {
        Some(found) => Some(in_quotes(bytes, &place, &way, found)),
        None if way.only_quoted => None,
        None => bare(bytes, &place, &way, class),
    }
}

fn in_quotes(bytes: &[u8], place: &Place, way: &Way, found: QuotedValue) -> ValueLiteral {
    let QuotedValue { start, end, after, cut } = found;
    // PHP's way to name a setting.
    let before = &bytes[..place.name.start.saturating_sub(place.closers)];
    let defined = before.trim_ascii_end().ends_with(b"define(");
    let blank = run(&bytes[after..], 2, is_blank);
    let closing = if defined && bytes.get(after + blank) == Some(&b')') { blank + 1 } else { 0 };
    let alone = is_line_start(bytes, place.name.start) && ends_line(bytes, after + closing);
    let setting = way.statement || alone && (place.is_quoted || !way.spaced || place.next == b':');
    ValueLiteral {
        start,
        end,
        quoted: true,
        setting,
        option: place.is_option,
        listed: way.listed,
        aside: way.aside,
        refers: way.refers,
        cut,
    }
}

fn bare(bytes: &[u8], place: &Place, way: &Way, class: ValueClass) -> Option<ValueLiteral> {
    let Range { mut start, mut end } = bare_value(bytes, way.at, class);
    if class == ValueClass::Password
        && is_line_start(bytes, place.name.start)
        && !way.aside
        && !way.refers
        && matches!(place.next, b'=' | b':')
        && let Some(phrase) = phrase(bytes, start, end)
    {
        let literal = ValueLiteral { start, end: phrase, setting: true, ..ValueLiteral::default() };
        return Some(literal);
    }
    let is_assignment = way.equals && !way.spaced || place.next == b':' && !place.is_quoted;
    if is_assignment && class != ValueClass::Header && is_line_start(bytes, place.name.start) {
        end = whole_value(bytes, start, end);
    }
    if way.aside {
        // `log in with user:password`
        let user = bytes[start..end].iter().position(|b| *b == b':').map_or(0, |colon| colon + 1);
        start += user;
    }
    if start == end {
        return None;
    }
    let after = bytes.get(end).copied().unwrap_or(b'\n');
    if class != ValueClass::Header && is_member(&bytes[start..end]) {
        return None;
    }
    // A call, an index, a path through an object: an expression.
    if matches!(after, b'(' | b'[' | b'{') {
        return None;
    }
    let goes_on = matches!(after, b',' | b';');
    let alone = is_line_start(bytes, place.name.start) && ends_line(bytes, end) && !goes_on;
    let setting = way.entry
        || alone && (!way.spaced || !way.equals)
        || way.equals && !way.spaced && is_variable(bytes, &place.name) && !goes_on;
    let cut = end - start == MAX_BARE;
    let setting = setting && !way.aside;
    Some(ValueLiteral {
        start,
        end,
        setting,
        option: place.is_option,
        aside: way.aside,
        refers: way.refers,
        cut,
        ..ValueLiteral::default()
    })
}

/// The end of an unquoted value in the syntax of settings: that of the line, for
/// a value that has `,`, `;`, `(` or `&` in it and no more names or calls.
fn whole_value(bytes: &[u8], start: usize, end: usize) -> usize {
    if !bytes.get(end).is_some_and(|b| b",;(&|{[<>)".contains(b)) {
        return end;
    }
    let is_part = |b: u8| b.is_ascii_graphic() && !matches!(b, b'"' | b'\'' | b'`');
    let stop = end + run(&bytes[end..], MAX_BARE, is_part);
    let ends = bytes.get(stop).is_none_or(|b| matches!(b, b'\n' | b'\r'));
    let rest = &bytes[end..stop];
    let is_one = rest.len() > 1 && !rest.iter().any(|b| b")}]>=:".contains(b));
    if ends && is_one && looks_random(&bytes[start..stop], 6) { stop } else { end }
}

/// The end of a passphrase of some words without quotes: that of the line.
fn phrase(bytes: &[u8], start: usize, end: usize) -> Option<usize> {
    (bytes.get(end) == Some(&b' ') && !looks_random(&bytes[start..end], 6)).then_some(())?;
    let line = &bytes[start..start + run(&bytes[start..], 120, |b| b != b'\n')];
    let line = &line[..line.windows(2).position(|window| window == b" #").unwrap_or(line.len())];
    let text = line.trim_ascii_end();
    is_phrase(text).then_some(start + text.len())
}

/// The value without quotes at `at`, behind the scheme of a header.
fn bare_value(bytes: &[u8], at: usize, class: ValueClass) -> Range<usize> {
    let mut end = at + run(&bytes[at..], MAX_BARE, is_bare);
    // In a string in a string, a line ends so.
    if let Some(feed) = bytes[at..end].windows(2).position(|pair| matches!(pair, b"\\n" | b"\\r" | b"\\t")) {
        end = at + feed;
    }
    // A sentence's full stop is no part of a token.
    while end > at && matches!(bytes[end - 1], b'.' | b':') {
        end -= 1;
    }
    let value = &bytes[at..end];
    if class == ValueClass::Header && scheme(value) == 0 && is_scheme(value) {
        let from = end + run(&bytes[end..], 2, is_blank);
        return from..from + run(&bytes[from..], MAX_BARE, is_bare);
    }
    at..end
}

/// A variable of the environment, where a command or a file sets it.
fn is_variable(bytes: &[u8], name: &Range<usize>) -> bool {
    let letters = &bytes[name.clone()];
    letters.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_')
        && (name.start == 0 || bytes[name.start - 1].is_ascii_whitespace() || bytes[name.start - 1] == b'"')
}

/// `settings.secret`, `Store2.prefix`: a path through objects, not a value.
fn is_member(text: &[u8]) -> bool {
    text.contains(&b'.')
        && text.split(|b| *b == b'.').all(|part| {
            part.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_')
                && part.len() < 40
                && part.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_')
        })
}
