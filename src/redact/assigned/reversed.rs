//! A literal that stands before the name: `"x" == password`,
//! `"x".equals(password)`, `strcmp("x", password)`, `value: x` above
//! `name: PASSWORD`, `value="x" name="password"`.
//!
//! Not here: literals behind the name, which are the rule.

use std::ops::Range;

use super::bytes::{find, is_bare, is_blank, is_name, run, run_back};
use super::quoted::{QuotedValue, quoted_before};
use super::value::ValueLiteral;

/// Bytes of white space between a value and the name below it.
const MAX_GAP: usize = 80;

/// Whether something before a name may give it a value. Cheap: most names have
/// white space or a word before them.
pub(super) fn may_be(bytes: &[u8], name: &Range<usize>) -> bool {
    let lead = &bytes[name.start.saturating_sub(8)..name.start];
    let lead = lead.trim_ascii_end();
    let lead = &lead[..lead.len() - run_back(lead, 2, |b| matches!(b, b'$' | b'@' | b'*' | b'&'))];
    let lead = lead.trim_ascii_end();
    match lead.last() {
        Some(b'=' | b'(' | b',' | b'"' | b'\'' | b':' | b'>') => true,
        Some(b'q' | b'Q' | b'e' | b's') => {
            [&b" eq"[..], b"-eq", b" ne", b"-ne", b" is"].iter().any(|word| lead.ends_with(word))
        }
        _ => false,
    }
}

/// The literal before the name at `name`.
pub(super) fn before(bytes: &[u8], name: &Range<usize>) -> Option<ValueLiteral> {
    compared(bytes, name).or_else(|| named_below(bytes, name))
}

/// `"x" == password`, `"x".equals(password)`, `strcmp("x", password)`.
fn compared(bytes: &[u8], name: &Range<usize>) -> Option<ValueLiteral> {
    let sigil = run_back(&bytes[..name.start], 2, |b| matches!(b, b'$' | b'@' | b'*' | b'&'));
    let at = name.start - sigil;
    let at = at - run_back(&bytes[..at], 2, is_blank);
    let end = match bytes[..at].last()? {
        b'=' | b'>' => {
            let sign = run_back(&bytes[..at], 3, |b| matches!(b, b'=' | b'!' | b'<' | b'>'));
            let is_sign = matches!(&bytes[at - sign..at], b"=" | b"==" | b"===" | b"!=" | b"!==" | b"<>");
            is_sign.then_some(at - sign)?
        }
        b'(' => before_method(bytes, at - 1)?,
        b',' => {
            let end = at - 1 - run_back(&bytes[..at - 1], 4, is_blank);
            let found = quoted_before(bytes, end)?;
            let open = found.start.checked_sub(1)?;
            let open = open - run_back(&bytes[..open], 2, |b| b.is_ascii_whitespace() || b == b'\\');
            compares(bytes, open).then_some(end)?
        }
        _ => {
            let word = run_back(&bytes[..at], 4, |b| b.is_ascii_alphabetic() || b == b'-');
            let compares = matches!(&bytes[at - word..at], b"eq" | b"-eq" | b"ne" | b"-ne" | b"is");
            compares.then_some(at - word)?
        }
    };
    let end = end - run_back(&bytes[..end], 2, is_blank);
    let QuotedValue { start, end, .. } = quoted_before(bytes, end)?;
    Some(ValueLiteral { start, end, quoted: true, listed: true, ..ValueLiteral::default() })
}

/// Where the literal ends whose method is called by the bracket at `open`:
/// `"x".equals(`.
fn before_method(bytes: &[u8], open: usize) -> Option<usize> {
    let length = run_back(&bytes[..open], 24, |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'?'));
    let dot = (open - length).checked_sub(1)?;
    let is_method = bytes[dot] == b'.' && is_comparison(&bytes[open - length..open]);
    is_method.then_some(dot)
}

/// Whether the call whose arguments begin behind the bracket at `open - 1` compares
/// them.
pub(super) fn compares(bytes: &[u8], open: usize) -> bool {
    if open == 0 || bytes[open - 1] != b'(' {
        return false;
    }
    let length = run_back(&bytes[..open - 1], 40, |b| is_name(b) || matches!(b, b'!' | b':'));
    is_comparison(&bytes[open - 1 - length..open - 1])
}

pub(super) fn is_comparison(name: &[u8]) -> bool {
    let lower = name.to_ascii_lowercase();
    let parts = ["cmp", "equal", "compare", "is_eq", "assert_eq", "assert_ne", "verify"];
    lower.ends_with(b"eq") || parts.iter().any(|part| find(&lower, part.as_bytes()))
}

/// The value above or before the name of a pair: `- value: x` over
/// `name: PASSWORD`, `{"value": "x", "name": "PASSWORD"}`,
/// `<add value="x" key="Password"/>`.
fn named_below(bytes: &[u8], name: &Range<usize>) -> Option<ValueLiteral> {
    let at = name.start - run_back(&bytes[..name.start], 2, |b| matches!(b, b'"' | b'\'' | b'\\'));
    let at = at - run_back(&bytes[..at], 4, is_blank);
    let sign = run_back(&bytes[..at], 2, |b| matches!(b, b':' | b'=' | b'>'));
    (sign > 0).then_some(())?;
    let at = at - sign - run_back(&bytes[..at - sign], 2, is_blank);
    let at = at - run_back(&bytes[..at], 2, |b| matches!(b, b'"' | b'\'' | b'\\'));
    let word = run_back(&bytes[..at], 8, |b| b.is_ascii_alphabetic());
    let is_name = [&b"name"[..], b"key"].iter().any(|own| bytes[at - word..at].eq_ignore_ascii_case(own));
    is_name.then_some(())?;
    let mut end = at - word;
    end -= run_back(&bytes[..end], 2, |b| matches!(b, b'"' | b'\'' | b'\\'));
    let gap = run_back(&bytes[..end], MAX_GAP, |b| b.is_ascii_whitespace());
    end -= gap;
    end -= run_back(&bytes[..end], 1, |b| b == b',');
    if let Some(QuotedValue { start, end, .. }) = quoted_before(bytes, end) {
        let lead = start - 1 - usize::from(start > 1 && bytes[start - 2] == b'\\');
        return is_value(bytes, lead).then_some(ValueLiteral {
            start,
            end,
            quoted: true,
            setting: true,
            ..ValueLiteral::default()
        });
    }
    let length = run_back(&bytes[..end], 512, is_bare);
    let start = end - length;
    let is_line = gap > 0 && bytes[end..].iter().take(gap).any(|b| *b == b'\n');
    (length > 0 && is_line && is_value(bytes, start)).then_some(ValueLiteral {
        start,
        end,
        setting: true,
        ..ValueLiteral::default()
    })
}

/// Whether `value` and a sign that assigns stand before `at`.
fn is_value(bytes: &[u8], at: usize) -> bool {
    let at = at - run_back(&bytes[..at], 4, is_blank);
    let sign = run_back(&bytes[..at], 2, |b| matches!(b, b':' | b'=' | b'>'));
    let at = at - sign;
    let at = at - run_back(&bytes[..at], 2, is_blank);
    let at = at - run_back(&bytes[..at], 2, |b| matches!(b, b'"' | b'\'' | b'\\'));
    sign > 0 && at >= 5 && bytes[at - 5..at].eq_ignore_ascii_case(b"value")
}

/// Behind a call of the name or around it, to the literal that it is compared to
/// or that takes its place: `getPassword() == "x"`, `env("PASSWORD") || "x"`,
/// `expect(password).toBe("x")`. `at` is the position of a closing bracket.
pub(super) fn behind_call(bytes: &[u8], at: usize) -> Option<usize> {
    const SIGNS: &[&[u8]] = &[
        b"===", b"!==", b"==", b"!=", b"||", b"??", b"?:", b"//", b"or ", b"eq ", b"-eq ", b"ne ", b"is ",
        b"<>", b"=",
    ];
    let mut at = at + run(&bytes[at..], 3, |b| b == b')');
    if bytes.get(at) == Some(&b'.') {
        let length = run(&bytes[at + 1..], 24, |b| b.is_ascii_alphanumeric() || b == b'_');
        let method = bytes[at + 1..at + 1 + length].to_ascii_lowercase();
        let takes = [
            "to",
            "should",
            "tobe",
            "isequal",
            "be",
            "eq",
            "equal",
            "eql",
            "orelse",
            "unwrap_or",
            "unwrap_or_else",
            "getorelse",
            "or",
            "is",
        ];
        let fits = is_comparison(&method) || takes.iter().any(|own| method == own.as_bytes());
        at += 1 + length;
        at += run(&bytes[at..], 1, |b| b == b'(' || b == b' ');
        let closure = [&b"|_| "[..], b"|| ", b"() => ", b"eq(", b"eq "]
            .into_iter()
            .find(|lead| bytes[at..].starts_with(lead));
        return fits.then_some(at + closure.map_or(0, <[u8]>::len));
    }
    at += run(&bytes[at..], 4, is_blank);
    let sign = SIGNS.iter().find(|sign| bytes[at..].starts_with(sign))?;
    at += sign.len();
    Some(at + run(&bytes[at..], 4, is_blank))
}
