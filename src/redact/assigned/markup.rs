//! Values in markup: the text of an element, a cell of a table.
//!
//! Not here: attributes, which have a sign (`way`).

use std::ops::Range;

use super::ValueClass;
use super::bytes::{MAX_BARE, MAX_GAP, is_bare, is_blank, is_name, line_start, run, run_back};
use super::value::ValueLiteral;

/// Bytes of a text.
const MAX_TEXT: usize = 2_048;

/// The next cell of a table in Markdown: one word, in backticks if need be.
pub(super) fn cell(bytes: &[u8], name: &Range<usize>, at: usize) -> Option<ValueLiteral> {
    let line = bytes[line_start(bytes, name.start)..name.start].trim_ascii_start();
    line.starts_with(b"|").then_some(())?;
    let mut start = at + run(&bytes[at..], MAX_GAP, is_blank);
    start += run(&bytes[start..], 3, |b| matches!(b, b'`' | b'*'));
    let length = run(&bytes[start..], MAX_BARE, is_bare);
    let end = start + length - run_back(&bytes[start..start + length], 2, |b| b == b'*');
    let after = end + run(&bytes[end..], MAX_GAP, |b| matches!(b, b' ' | b'\t' | b'`' | b'*'));
    (bytes.get(after) == Some(&b'|')).then_some(ValueLiteral {
        start,
        end,
        aside: true,
        ..ValueLiteral::default()
    })
}

/// Whether the name is the `name` of an XML element: `<string name="password">`.
pub(super) fn is_attribute(bytes: &[u8], name_start: usize) -> bool {
    let lead = &bytes[name_start.saturating_sub(7)..name_start];
    let lead = lead.to_ascii_lowercase();
    [&b"name=\""[..], b"key=\"", b"name='", b"key='"].iter().any(|own| lead.ends_with(own))
}

/// The text of the element behind the one that ends at `at`: `</key><string>...`,
/// `</param-name><param-value>...`.
pub(super) fn next_element(bytes: &[u8], at: usize) -> Option<ValueLiteral> {
    let tag = run(&bytes[at + 2..], 24, is_name);
    let name = bytes[at + 2..at + 2 + tag].to_ascii_lowercase();
    let is_name = name.ends_with(b"name") || name.ends_with(b"key");
    let end = at + 2 + tag;
    (is_name && bytes.get(end) == Some(&b'>')).then_some(())?;
    value_element(bytes, end + 1)
}

/// The text of an element for values at `at`: `<value>...`, `<string>...`.
pub(super) fn value_element(bytes: &[u8], at: usize) -> Option<ValueLiteral> {
    let open = at + run(&bytes[at..], MAX_GAP * 2, |b| b.is_ascii_whitespace());
    (bytes.get(open) == Some(&b'<')).then_some(())?;
    let tag = run(&bytes[open + 1..], 24, is_name);
    let name = bytes[open + 1..open + 1 + tag].to_ascii_lowercase();
    (name.ends_with(b"value") || name == b"string").then_some(())?;
    let close = run(&bytes[open + 1 + tag..], 80, |b| !matches!(b, b'>' | b'<' | b'\n'));
    let end = open + 1 + tag + close;
    (bytes.get(end) == Some(&b'>')).then_some(())?;
    text_of(bytes, end + 1)
}

/// The text of an XML element whose start tag ends at `close`.
pub(super) fn element(
    bytes: &[u8],
    name_start: usize,
    close: usize,
    class: ValueClass,
) -> Option<ValueLiteral> {
    let opens = name_start > 0 && matches!(bytes[name_start - 1], b'<' | b':');
    if !opens || class == ValueClass::Header {
        return None;
    }
    text_of(bytes, close + 1)
}

/// The text at `at` up to the next tag.
pub(super) fn text_of(bytes: &[u8], at: usize) -> Option<ValueLiteral> {
    let is_quoted = bytes[at..].starts_with(b"<![CDATA[");
    let mut start = if is_quoted { at + 9 } else { at };
    start += run(&bytes[start..], MAX_GAP, |b| b.is_ascii_whitespace());
    let length = run(&bytes[start..], MAX_TEXT, |b| !matches!(b, b'<' | b'\n' | b'>' | b'{'));
    let after = start + length + run(&bytes[start + length..], MAX_GAP, |b| b.is_ascii_whitespace());
    let text = bytes[start..start + length].trim_ascii_end();
    let text = if is_quoted { text.strip_suffix(b"]]")? } else { text };
    let closes = if is_quoted { b'>' } else { b'<' };
    (bytes.get(after) == Some(&closes)).then_some(ValueLiteral {
        start,
        end: start + text.len(),
        quoted: true,
        setting: true,
        ..ValueLiteral::default()
    })
}
