//! The head of a declaration on one line, as the language writes it: the
//! tokens up to the body, without comments, long values and the leftovers of
//! line breaks.
//!
//! Not here: where a declaration begins and its body starts (queries say it).

use std::ops::Range;

use tree_sitter::{Node, TreeCursor};

use crate::limits;
use crate::model::SafeText;

/// Characters of a default value, constant or decorator argument that a
/// signature still shows.
const SHORT: usize = 40;

/// The tokens of `node` that start before `end`, on one line. Nodes in a
/// field of `elide` that are long are cut down to their brackets. Decorators
/// give way when they would push the `name` out.
pub(super) fn of(source: &SafeText, node: Node<'_>, name: Node<'_>, end: usize, elide: &[u16]) -> SafeText {
    let line = source.reduced_from(node.start_byte(), " ;…)]}", |text| {
        let (mut line, name_at) = fold(text, node, name.start_byte(), end, elide);
        if line[..name_at].chars().count() > limits::MAX_SIGNATURE / 2 {
            let row = text[..name.start_byte()].rfind('\n').map_or(0, |at| at + 1);
            let from = row.max(node.start_byte());
            let head = text[from..name.start_byte()].trim_start();
            line = format!("… {head}{}", &line[name_at..]);
        }
        line.truncate(line.trim_end_matches([' ', '{', ':', ';', '(', ',', '=']).len());
        line
    });
    line.one_line(limits::MAX_SIGNATURE)
}

/// The text as it stands in the source, on one line: for a tree that was made
/// of another one.
pub(super) fn as_written(source: &SafeText, bytes: Range<usize>) -> SafeText {
    let line = source.slice(bytes).reduced(" ", |text| {
        let mut line = String::new();
        for part in text.lines().map(str::trim).filter(|part| !part.is_empty()) {
            space(&mut line, "\n", part);
            line.push_str(part);
        }
        line.truncate(line.trim_end_matches([' ', '{', ':', ';', '(', ',', '=']).len());
        line
    });
    line.one_line(limits::MAX_SIGNATURE)
}

/// Like [`of`], the whole node and nothing cut.
pub(super) fn whole(source: &SafeText, node: Node<'_>) -> SafeText {
    let start = node.start_byte();
    source.reduced_from(start, " ;…)]}", |text| fold(text, node, start, node.end_byte(), &[]).0)
}

/// The line, and where in it the token at `name` stands (0 when it does not).
fn fold(text: &str, node: Node<'_>, name: usize, end: usize, elide: &[u16]) -> (String, usize) {
    let mut line = String::new();
    let mut name_at = 0;
    let mut last_end = node.start_byte();
    let mut braces = 0usize;
    let mut cursor = node.walk();
    // Cutting happens on characters later; bytes bound the work here.
    let enough = limits::MAX_SIGNATURE * 4;
    loop {
        let here = cursor.node();
        if here.start_byte() >= end || line.len() > enough {
            return (line, name_at);
        }
        let token = token(text, &cursor, name, end, elide);
        match token {
            SignatureToken::Skip => {}
            SignatureToken::Inside => {
                if cursor.goto_first_child() {
                    continue;
                }
            }
            SignatureToken::Text(part, rest) => {
                let gap = &text[last_end.min(here.start_byte())..here.start_byte()];
                if braces > 0 && gap.contains('\n') && ends_member(&line, part) {
                    line.push(';');
                }
                // Some keywords are no nodes: `constructor` in Kotlin. Of others only
                // the first letters are, or nothing is, where the text was mended.
                let gap = push_keywords(&mut line, gap);
                let is_hidden = !gap.trim().is_empty() && line.ends_with(['*', '&', '(']);
                let gap = if is_hidden { "" } else { gap };
                space(&mut line, gap, part);
                match part {
                    "{" => braces += 1,
                    "}" => braces = braces.saturating_sub(1),
                    _ => {}
                }
                if here.start_byte() == name {
                    name_at = line.len();
                }
                line.push_str(part);
                line.push_str(rest);
                last_end = here.end_byte();
            }
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return (line, name_at);
            }
        }
    }
}

enum SignatureToken<'t> {
    Skip,
    Inside,
    /// Text of the source and what stands for the rest of it.
    Text(&'t str, &'static str),
}

fn token<'t>(
    text: &'t str,
    cursor: &TreeCursor<'_>,
    name: usize,
    end: usize,
    elide: &[u16],
) -> SignatureToken<'t> {
    let node = cursor.node();
    let part = text.get(node.byte_range()).unwrap_or_default();
    // What the parser did not understand before the name belongs to the type.
    let is_odd_type = node.is_error() && node.start_byte() < name;
    if (node.is_extra() && !is_odd_type) || part.is_empty() {
        return SignatureToken::Skip;
    }
    // A function as a value: the signature ends within it.
    if node.end_byte() > end && node.child_count() > 0 {
        return SignatureToken::Inside;
    }
    let in_elided = cursor.field_id().is_some_and(|id| elide.contains(&id.get()));
    if in_elided && (part.contains('\n') || part.chars().nth(SHORT).is_some()) {
        let (part, rest) = cut(part);
        return SignatureToken::Text(part, rest);
    }
    match is_covered(node, part) {
        true => SignatureToken::Inside,
        false => SignatureToken::Text(part, ""),
    }
}

/// Whether a node's children hold all its text but a line break at its end.
/// Leaves have none, and the quotes of some strings are no tokens of the tree.
fn is_covered(node: Node<'_>, text: &str) -> bool {
    let Some(last) = node.child_count().checked_sub(1) else {
        return false;
    };
    // Reaching the last child takes a step for each; strings have few.
    if last > 64 {
        return true;
    }
    if node.named_child_count() == 0 && !touches(node, text) {
        return false;
    }
    let starts = node.child(0).map(|child| child.start_byte());
    let ends = node.child(last).map(|child| child.end_byte());
    let end = node.start_byte() + text.trim_end().len();
    starts == Some(node.start_byte()) && ends.is_some_and(|last| last >= end)
}

/// Whether only white space stands between a node's children. In strings and
/// headings the text is no token, only its marks are.
fn touches(node: Node<'_>, text: &str) -> bool {
    let mut cursor = node.walk();
    let mut last = 0;
    node.children(&mut cursor).all(|child| {
        let start = child.start_byte() - node.start_byte();
        let gap = text.get(last..start).unwrap_or_default();
        last = child.end_byte() - node.start_byte();
        gap.trim().is_empty()
    })
}

/// `(…)` of a bracketed text, `name(…)` of a call, else `…`.
fn cut(part: &str) -> (&str, &'static str) {
    let Some(open) = part.find(['(', '[', '{', '"', '\'']) else {
        return ("", "…");
    };
    let head = &part[..open];
    let rest = match (&part[open..=open], part.chars().next_back()) {
        ("(", Some(')')) => "…)",
        ("[", Some(']')) => "…]",
        ("{", Some('}')) => "…}",
        _ => return ("", "…"),
    };
    match head.len() <= SHORT && !head.contains(char::is_whitespace) {
        true => (&part[..=open], rest),
        false => ("", "…"),
    }
}

/// Adds the words of a gap that holds nothing but words in lower case and
/// comments; what is left of it is behind them.
fn push_keywords<'g>(line: &mut String, gap: &'g str) -> &'g str {
    let words: Vec<&str> = gap.lines().map(without_comment).flat_map(str::split_whitespace).collect();
    if words.is_empty() || !words.iter().all(|word| word.bytes().all(|byte| byte.is_ascii_lowercase())) {
        return gap;
    }
    let mut before = &gap[..gap.len() - gap.trim_start().len()];
    for word in words {
        space(line, before, word);
        line.push_str(word);
        before = " ";
    }
    &gap[gap.trim_end().len()..]
}

fn without_comment(line: &str) -> &str {
    line.split("//").next().unwrap_or(line)
}

/// A line break between these two, in braces, parts two members: `{ a: A` and
/// `b: B }`.
fn ends_member(line: &str, next: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let ends = |c: char| is_word(c) || matches!(c, ')' | ']' | '}' | '>' | '"' | '\'' | '`');
    line.ends_with(ends) && next.starts_with(|c| is_word(c) || matches!(c, '[' | '"' | '\''))
}

/// What stands between the last token and the next: nothing where nothing
/// stood, nothing inside a bracket that was broken over lines, else a space.
fn space(line: &mut String, gap: &str, next: &str) {
    if line.is_empty() || gap.is_empty() {
        return;
    }
    let broken = gap.contains('\n');
    if broken && next.starts_with([')', ']', '>', '}']) && line.ends_with(',') {
        line.pop();
    }
    if broken && next.starts_with([')', ']', '>']) {
        return;
    }
    if broken && line.ends_with(['(', '[', '<']) {
        return;
    }
    line.push(' ');
}
