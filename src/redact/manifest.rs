//! The values in a Kubernetes Secret: everything below `data` and `stringData`
//! is secret, whatever its name.

use super::{Span, assigned};

/// How the kind is written, any case.
pub(super) const WORDS: &[&str] =
    &["kind: secret", "kind: \"secret\"", "kind: 'secret'", "\"kind\": \"secret\"", "\"kind\":\"secret\""];

/// Bytes before and after the kind that belong to its document.
const MAX_BEFORE: usize = 8_192;
const MAX_AFTER: usize = 32_768;

/// Shorter values are numbers and switches.
const MIN_VALUE: usize = 3;

/// The values in the document around the kind at `bytes[at..end]`; gives where
/// it ends, or how far it was looked at.
pub(super) fn values(bytes: &[u8], at: usize, end: usize, found: &mut Vec<Span>) -> usize {
    if bytes.get(end).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'-' || *b == b'_') {
        return at;
    }
    let from = at.saturating_sub(MAX_BEFORE);
    let start = last_of(&bytes[from..at], b"\n---").map_or(from, |line| from + line + 4);
    let limit = bytes.len().min(end + MAX_AFTER);
    let stop = first_of(&bytes[end..limit], b"\n---").map_or(limit, |line| end + line);
    match bytes[at] {
        b'"' => json(bytes, start, stop, found),
        _ => yaml(bytes, start, stop, found),
    }
    stop
}

fn yaml(bytes: &[u8], start: usize, stop: usize, found: &mut Vec<Span>) {
    // The indentation of `data:`, while below it.
    let mut data: Option<usize> = None;
    // The indentation of a name whose value is on the lines below.
    let mut block: Option<usize> = None;
    let mut at = start;
    for line in bytes[start..stop].split_inclusive(|b| *b == b'\n') {
        let text = line.trim_ascii();
        let indent = line.len() - line.trim_ascii_start().len();
        let begin = at + indent;
        at += line.len();
        if text.is_empty() || text.starts_with(b"#") {
            continue;
        }
        if block.is_some_and(|name| indent > name) {
            keep(found, begin, begin + text.len());
            continue;
        }
        block = None;
        if data.is_some_and(|data| indent <= data) {
            data = None;
        }
        if data.is_none() {
            let is_data = matches!(text, b"data:" | b"stringData:" | b"\"data\":" | b"\"stringData\":");
            data = is_data.then_some(indent);
            continue;
        }
        let Some(colon) = first_of(text, b": ").or_else(|| text.ends_with(b":").then(|| text.len() - 1))
        else {
            continue;
        };
        let value = text[colon + 1..].trim_ascii();
        if value.is_empty() || matches!(value[0], b'|' | b'>') {
            block = Some(indent);
            continue;
        }
        let value = value.split(|b| *b == b' ').next().unwrap_or(value);
        let behind = begin + colon + 1;
        let blank = bytes[behind..].iter().take_while(|b| **b == b' ').count();
        quoted(bytes, behind + blank, behind + blank + value.len(), found);
    }
}

/// Every string that follows a colon below `"data": {`.
fn json(bytes: &[u8], start: usize, stop: usize, found: &mut Vec<Span>) {
    for name in [&b"\"data\""[..], b"\"stringData\""] {
        let Some(at) = first_of(&bytes[start..stop], name) else { continue };
        let behind = start + at + name.len();
        let Some(open) = bytes[behind..stop].iter().take(20).position(|b| *b == b'{') else { continue };
        let close = bytes[behind..stop].iter().position(|b| *b == b'}').map_or(stop, |close| behind + close);
        let mut is_value = false;
        let mut parts = behind + open;
        for part in bytes[behind + open..close].split(|b| *b == b'"').enumerate() {
            let (index, text) = part;
            if index % 2 == 1 {
                if is_value {
                    quoted(bytes, parts, parts + text.len(), found);
                }
                is_value = !is_value;
            }
            parts += text.len() + 1;
        }
    }
}

fn quoted(bytes: &[u8], start: usize, end: usize, found: &mut Vec<Span>) {
    let (mut start, mut end) = (start, end);
    while start < end && matches!(bytes[start], b'"' | b'\'') {
        start += 1;
    }
    while start < end && matches!(bytes[end - 1], b'"' | b'\'' | b',') {
        end -= 1;
    }
    if !assigned::is_template(&bytes[start..end]) {
        keep(found, start, end);
    }
}

fn keep(found: &mut Vec<Span>, start: usize, end: usize) {
    if end - start >= MIN_VALUE {
        found.push(Span { start, end, kind: "SECRET", strong: false });
    }
}

fn first_of(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

fn last_of(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).rposition(|window| window == part)
}
