//! Putting an item into a comma-separated list in braces, and taking one out,
//! without touching a byte of the others: in the style of its neighbours, with
//! comments and trailing commas where they are.
//!
//! Not here: what the list means. The crate's own editing tree is not used,
//! since it breaks a list on one line into several.

use std::ops::Range;

use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{PrettyFormatter, Serializer};

use super::text::line_end;

/// Where a list stands in its text.
#[derive(Clone, Debug)]
pub struct List {
    /// Behind the opening brace.
    pub open: usize,
    /// Before the closing one.
    pub close: usize,
    /// A member with its key, or an element.
    pub items: Vec<Range<usize>>,
}

/// What is put in: a member with its key, or an element.
pub struct Item<'a> {
    pub key: Option<&'a str>,
    pub value: &'a Value,
}

/// Puts an item behind the last one. `unit` is one level of indentation.
pub fn append(text: &str, list: &List, item: &Item, unit: &str) -> String {
    match list.items.last() {
        None => append_first(text, list, item, unit),
        Some(last) if is_on_own_line(text, last.start) => append_line(text, list, last, item, unit),
        Some(last) => append_beside(text, list, last, item),
    }
}

fn append_first(text: &str, list: &List, item: &Item, unit: &str) -> String {
    let (before, inner, after) = (&text[..list.open], &text[list.open..list.close], &text[list.close..]);
    let spread = text.contains('\n') || text.trim().len() <= 2 + inner.len();
    if !spread {
        let gap = if inner.trim().is_empty() { inner } else { "" };
        return format!("{before}{gap}{}{inner}{after}", item.on_one_line(text.contains("\": ")));
    }
    let base = indent_of(text, list.open);
    let (end, indent) = (line_end(text), format!("{base}{unit}"));
    let lines = item.on_lines(&indent, unit, end);
    match inner.trim().is_empty() {
        true => format!("{before}{end}{indent}{lines}{end}{base}{after}"),
        false => format!("{before}{end}{indent}{lines}{inner}{after}"),
    }
}

/// On a line of its own behind the last one and its comment.
fn append_line(text: &str, list: &List, last: &Range<usize>, item: &Item, unit: &str) -> String {
    let comma = comma_after(text, last.end, list.close);
    let behind = comma.map_or(last.end, |comma| comma + 1);
    let at = end_of_comments(text, behind).unwrap_or(behind);
    let indent = indent_of(text, last.start);
    let lines = item.on_lines(indent, unit, line_end(text));
    let (own, theirs) = if comma.is_some() { (",", "") } else { ("", ",") };
    let end = line_end(text);
    format!("{}{theirs}{}{end}{indent}{lines}{own}{}", &text[..last.end], &text[last.end..at], &text[at..])
}

fn append_beside(text: &str, list: &List, last: &Range<usize>, item: &Item) -> String {
    let before = &text[..last.start];
    let gap = match list.items.len() {
        1 if text.contains("\": ") => " ",
        1 => "",
        _ => &before[before.trim_end().len()..],
    };
    let one = item.on_one_line(text.contains("\": "));
    match comma_after(text, last.end, list.close) {
        Some(comma) => format!("{}{gap}{one},{}", &text[..=comma], &text[comma + 1..]),
        None => format!("{},{gap}{one}{}", &text[..last.end], &text[last.end..]),
    }
}

/// Puts another value in the place of one.
pub fn replace(text: &str, range: Range<usize>, value: &Value, unit: &str) -> String {
    let made = match text[range.clone()].contains('\n') {
        true => {
            pretty(value, unit).replace('\n', &format!("{}{}", line_end(text), indent_of(text, range.start)))
        }
        false => value.to_string(),
    };
    format!("{}{made}{}", &text[..range.start], &text[range.end..])
}

/// Takes an item out, with its comma and the comment behind it on its line.
pub fn remove(text: &str, list: &List, at: usize) -> String {
    let item = &list.items[at];
    match comma_after(text, item.end, list.close) {
        Some(comma) => remove_before(text, item, comma + 1),
        None => remove_last(text, list, at),
    }
}

fn remove_before(text: &str, item: &Range<usize>, behind: usize) -> String {
    let own_line = is_on_own_line(text, item.start);
    if let Some(end) = end_of_comments(text, behind).filter(|_| own_line) {
        let end = text[end..].find('\n').map_or(text.len(), |at| end + at + 1);
        return format!("{}{}", &text[..line_start(text, item.start)], &text[end..]);
    }
    let rest = text[behind..].trim_start_matches([' ', '\t']);
    format!("{}{rest}", &text[..item.start])
}

fn remove_last(text: &str, list: &List, at: usize) -> String {
    let item = &list.items[at];
    let before = &text[..item.start];
    let kept = before.trim_end();
    let rest = &text[item.end..];
    let Some(previous) = at.checked_sub(1).map(|at| &list.items[at]) else {
        let inner = &kept[list.open..];
        let is_bare = inner.is_empty() && text[item.end..list.close].trim().is_empty();
        return match is_bare {
            true => format!("{}{}", &text[..list.open], &text[list.close..]),
            false => format!("{kept}{}{rest}", closing_line(text, inner, rest)),
        };
    };
    let comma = comma_after(text, previous.end, item.start).unwrap_or(previous.end);
    let comments = kept.get(comma + 1..).unwrap_or_default();
    let line = closing_line(text, comments, rest);
    format!("{}{comments}{line}{rest}", &text[..comma])
}

/// Behind a comment to the end of the line, what follows needs a line of its own.
fn closing_line(text: &str, before: &str, rest: &str) -> &'static str {
    let is_comment = before.rsplit('\n').next().is_some_and(|line| line.contains("//"));
    let ends = rest.trim_start_matches([' ', '\t', '\r']).starts_with('\n');
    if is_comment && !ends { line_end(text) } else { "" }
}

impl Item<'_> {
    fn key(&self, gap: &str) -> String {
        self.key.map_or_else(String::new, |key| format!("{}:{gap}", Value::from(key)))
    }

    fn on_one_line(&self, spaced: bool) -> String {
        format!("{}{}", self.key(if spaced { " " } else { "" }), self.value)
    }

    fn on_lines(&self, indent: &str, unit: &str, end: &str) -> String {
        let text = pretty(self.value, unit);
        format!("{}{}", self.key(" "), text.replace('\n', &format!("{end}{indent}")))
    }
}

/// A value on several lines.
pub fn pretty(value: &Value, unit: &str) -> String {
    let mut bytes = Vec::new();
    let formatter = PrettyFormatter::with_indent(unit.as_bytes());
    // A value that is in memory can always be written there.
    let _ = value.serialize(&mut Serializer::with_formatter(&mut bytes, formatter));
    String::from_utf8_lossy(&bytes).into_owned()
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |line| line + 1)
}

/// Nothing but white space stands before it on its line, which is not the first.
fn is_on_own_line(text: &str, at: usize) -> bool {
    let start = line_start(text, at);
    start > 0 && text[start..at].trim().is_empty()
}

/// The white space that the line of this byte begins with.
fn indent_of(text: &str, at: usize) -> &str {
    let line = &text[line_start(text, at)..];
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

fn comma_after(text: &str, from: usize, end: usize) -> Option<usize> {
    let at = skip_trivia(text, from);
    (at < end && text[at..].starts_with(',')).then_some(at)
}

/// Behind white space and comments.
fn skip_trivia(text: &str, from: usize) -> usize {
    let mut rest = &text[from..];
    loop {
        rest = rest.trim_start();
        let behind = match rest.get(..2) {
            Some("//") => rest.find('\n').map_or("", |at| &rest[at..]),
            Some("/*") => rest.find("*/").map_or("", |at| &rest[at + 2..]),
            _ => return text.len() - rest.len(),
        };
        rest = behind;
    }
}

/// The end of the line, before its line end, when nothing but comments follow on
/// it and it does end there.
fn end_of_comments(text: &str, from: usize) -> Option<usize> {
    let mut rest = &text[from..];
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\r']);
        let line = rest.find('\n')?;
        rest = match rest.get(..2) {
            _ if line == 0 => break,
            Some("//") => &rest[line..],
            Some("/*") => &rest[rest.find("*/").filter(|end| *end < line)? + 2..],
            _ => return None,
        };
    }
    let end = text.len() - rest.len();
    Some(if text[..end].ends_with('\r') { end - 1 } else { end })
}
