//! Values as YAML has them: behind anchors and tags, on the lines below the
//! name, beside a `value` of their own.
//!
//! Not here: items of a list (`list`).

use super::bytes::{MAX_BARE, MAX_GAP, ends_line, is_bare, is_blank, is_name, line_start, run};
use super::quoted::{QuotedValue, quoted};
use super::value::ValueLiteral;

/// Behind YAML's `&anchor` and `!tag`; whether the tag is one of the application,
/// which makes something else of the value: `!vault-ref path`, `!secret name`.
pub(super) fn behind_mark(bytes: &[u8], at: usize) -> (usize, bool) {
    if !matches!(bytes.get(at), Some(b'&' | b'!')) {
        return (at, false);
    }
    let mark = 1 + run(&bytes[at + 1..], 60, |b| is_name(b) || matches!(b, b'!' | b'/' | b':'));
    let blank = run(&bytes[at + mark..], MAX_GAP, is_blank);
    // Rust's `: &str = "..."` has a type there.
    if blank == 0 || bytes.get(at + mark + blank) == Some(&b'=') {
        return (at, false);
    }
    let tag = &bytes[at..at + mark];
    let plain = [&b"!Sub"[..], b"!Base64", b"!str", b"!string", b"!plain", b"!sensitive", b"!unsafe"];
    let refers = tag.starts_with(b"!") && !tag.starts_with(b"!!") && !plain.contains(&tag);
    let next = at + mark + blank;
    let (behind, again) = behind_mark(bytes, next);
    (behind, refers || again)
}

/// A value alone on the line below its name, further in.
pub(super) fn scalar_below(bytes: &[u8], name_start: usize, at: usize) -> Option<ValueLiteral> {
    (bytes.get(at) == Some(&b'\n')).then_some(())?;
    let indent = name_start - line_start(bytes, name_start);
    let blank = run(&bytes[at + 1..], MAX_GAP, is_blank);
    let start = at + 1 + blank;
    if blank <= indent || quoted(bytes, start).is_some() || bytes[start..].starts_with(b"- ") {
        return None;
    }
    let length = run(&bytes[start..], MAX_BARE, is_bare);
    let ends = bytes.get(start + length).is_none_or(|b| *b == b'\n');
    let value = &bytes[start..start + length];
    // A word by itself is rather a type or a remark.
    let is_word = value.iter().all(u8::is_ascii_alphabetic);
    (ends && length > 0 && bytes[start + length - 1] != b':').then_some(ValueLiteral {
        start,
        end: start + length,
        setting: !is_word,
        aside: is_word,
        ..ValueLiteral::default()
    })
}

/// YAML's `name: |` with one value on the lines below.
pub(super) fn block_scalar(bytes: &[u8], name_start: usize, at: usize) -> Option<ValueLiteral> {
    if !matches!(bytes.get(at), Some(b'|' | b'>')) {
        return None;
    }
    let sign = at + 1 + run(&bytes[at + 1..], 2, |b| matches!(b, b'-' | b'+') || b.is_ascii_digit());
    let line = sign + run(&bytes[sign..], 8, is_blank) + 1;
    let indent = name_start - line_start(bytes, name_start);
    (bytes.get(line - 1) == Some(&b'\n')).then_some(())?;
    let start = line + run(&bytes[line..], MAX_GAP, is_blank);
    let length = run(&bytes[start..], MAX_BARE, is_bare);
    (start - line > indent && ends_line(bytes, start + length)).then_some(ValueLiteral {
        start,
        end: start + length,
        setting: true,
        cut: length == MAX_BARE,
        ..ValueLiteral::default()
    })
}

/// The value in `name: SECRET_NAME` over `value: ...`, as Kubernetes and CI
/// files write it.
pub(super) fn value_below(bytes: &[u8], name_start: usize, newline: usize) -> Option<ValueLiteral> {
    let before = bytes[line_start(bytes, name_start)..name_start].trim_ascii();
    let before =
        before.strip_suffix(b"\"").or_else(|| before.strip_suffix(b"'")).unwrap_or(before).trim_ascii();
    if !matches!(before, b"name:" | b"- name:" | b"key:" | b"- key:") {
        return None;
    }
    let mut at = newline + 1;
    at += run(&bytes[at..], MAX_GAP, is_blank);
    at += bytes[at..].strip_prefix(b"value:").map(|_| b"value:".len())?;
    at += run(&bytes[at..], MAX_GAP, is_blank);
    if let Some(found) = quoted(bytes, at) {
        let QuotedValue { start, end, cut, .. } = found;
        return Some(ValueLiteral {
            start,
            end,
            quoted: true,
            setting: true,
            cut,
            ..ValueLiteral::default()
        });
    }
    let length = run(&bytes[at..], MAX_BARE, is_bare);
    Some(ValueLiteral {
        start: at,
        end: at + length,
        setting: true,
        cut: length == MAX_BARE,
        ..ValueLiteral::default()
    })
}

/// Behind `"value":` where that stands at `at`: `"name": "TOKEN", "value": ...`.
pub(super) fn behind_value_word(bytes: &[u8], at: usize) -> usize {
    let words = [&b"\"value\""[..], b"'value'", b"\\\"value\\\""];
    let is_here =
        |word: &&&[u8]| bytes[at..].get(..word.len()).is_some_and(|text| text.eq_ignore_ascii_case(word));
    let Some(length) = words.iter().find(is_here).map(|word| word.len()) else { return at };
    let mut behind = at + length;
    behind += run(&bytes[behind..], 2, is_blank);
    if !matches!(bytes.get(behind), Some(b':' | b'=')) {
        return at;
    }
    behind += run(&bytes[behind..], 2, |b| matches!(b, b':' | b'=' | b'>'));
    behind + run(&bytes[behind..], MAX_GAP, is_blank)
}
