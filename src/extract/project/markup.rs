//! The words of a line of a document, without its mark-up: Markdown, HTML,
//! reStructuredText and AsciiDoc, as one line may mix them.
//!
//! Not here: paragraphs, and which of them say something (`prose`).

/// A text without its HTML comments.
pub(super) fn without_comments(text: &str) -> String {
    let mut rest = text;
    let mut kept = String::with_capacity(text.len());
    while let Some((before, after)) = rest.split_once("<!--") {
        kept.push_str(before);
        match after.split_once("-->") {
            Some((_, after)) => rest = after,
            None => return kept,
        }
    }
    kept.push_str(rest);
    kept
}

/// The words of a line: images and tags dropped, links to their text.
pub(super) fn inline(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let taken = match c {
            '`' => code(rest, &mut out),
            '!' if rest.starts_with("![") => link(&rest[1..], None).map(|len| len + 1),
            '[' => link(rest, Some(&mut out)),
            '<' => tag(rest, &mut out),
            '*' if rest.starts_with("**") => Some(2),
            '_' if rest.starts_with("__") && !rest.starts_with("__init") => dunder(rest),
            ':' => role(rest),
            '|' => substitution(rest),
            '&' => entity(rest, &mut out),
            '_' | '*' => emphasis(rest, out.chars().next_back(), &mut out),
            _ => None,
        };
        let taken = taken.unwrap_or_else(|| {
            out.push(c);
            c.len_utf8()
        });
        rest = &rest[taken..];
    }
    out
}

fn entity(rest: &str, out: &mut String) -> Option<usize> {
    let known = [
        ("&nbsp;", " "),
        ("&bull;", "•"),
        ("&middot;", "·"),
        ("&mdash;", "—"),
        ("&ndash;", "–"),
        ("&amp;", "&"),
        ("&quot;", "\""),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&copy;", "©"),
        ("&trade;", "™"),
    ];
    let (name, text) = known.iter().find(|(name, _)| rest.starts_with(name))?;
    out.push_str(text);
    Some(name.len())
}

/// `_one_ word` or `*some words*`, not `snake_case` nor `2 * 3`.
fn emphasis(rest: &str, before: Option<char>, out: &mut String) -> Option<usize> {
    let mark = rest.chars().next()?;
    if before.is_some_and(|c| c.is_alphanumeric() || c == mark) {
        return None;
    }
    let len = rest[1..].find(mark)?;
    let inside = &rest[1..1 + len];
    let after = rest[len + 2..].chars().next();
    let fits = len > 0
        && len < 80
        && !inside.starts_with(' ')
        && !inside.ends_with(' ')
        && !inside.contains('`')
        && !after.is_some_and(|c| c.is_alphanumeric() || c == mark);
    fits.then(|| {
        out.push_str(inside);
        len + 2
    })
}

/// `__bold__` loses its marks, `__name__` as a word of code keeps them.
fn dunder(rest: &str) -> Option<usize> {
    let word = rest.split(|c: char| c.is_whitespace()).next()?;
    (!word[2..].contains("__") || word.len() < 3).then_some(2)
}

/// Code spans keep their marks; reStructuredText's links and double back
/// quotes are brought to the same form.
fn code(rest: &str, out: &mut String) -> Option<usize> {
    let marks = rest.bytes().take_while(|b| *b == b'`').count();
    let body = &rest[marks..];
    let len = body.find(&"`".repeat(marks))?;
    let after = &body[len + marks..];
    let mut taken = marks + len + marks;
    let inside = &body[..len];
    let underscores = after.bytes().take_while(|b| *b == b'_').count();
    if marks == 1 && underscores > 0 {
        taken += underscores;
        out.push_str(inside.split(" <").next().unwrap_or(inside));
    } else {
        out.push('`');
        out.push_str(inside);
        out.push('`');
    }
    Some(taken)
}

/// Length of `[text](target)` or `[text][name]` or `[text]`; the text's words
/// go to `out`.
fn link(rest: &str, out: Option<&mut String>) -> Option<usize> {
    let close = matching(rest, '[', ']')?;
    let text = &rest[1..close];
    let after = &rest[close + 1..];
    let target = match after.chars().next() {
        Some('(') => matching(after, '(', ')')? + 1,
        Some('[') => matching(after, '[', ']')? + 1,
        _ => 0,
    };
    if let Some(out) = out
        && text.len() < 2_000
    {
        out.push_str(&inline(text));
    }
    Some(close + 1 + target)
}

fn matching(text: &str, open: char, close: char) -> Option<usize> {
    let mut depth = 0usize;
    for (at, c) in text.char_indices().take(4_000) {
        if c == open {
            depth += 1;
            // Links nest twice at most: a badge in a link.
            if depth > 8 {
                return None;
            }
        } else if c == close {
            depth -= 1;
            if depth == 0 {
                return Some(at);
            }
        }
    }
    None
}

fn tag(rest: &str, out: &mut String) -> Option<usize> {
    let next = rest[1..].chars().next()?;
    let is_tag = next.is_ascii_alphabetic() || next == '/';
    // The bound and the stop at the next `<` keep a text of `<` alone linear.
    let end = rest[1..].bytes().take(2_000).position(|byte| matches!(byte, b'<' | b'>'))? + 1;
    if rest.as_bytes()[end] == b'<' {
        return None;
    }
    if rest[..end].contains("://") && !rest[..end].contains(' ') {
        // An address in angle brackets is a word of its sentence.
        out.push_str(&rest[1..end]);
        return Some(end + 1);
    }
    if rest[1..end].to_ascii_lowercase().starts_with("br") {
        out.push(' ');
    }
    is_tag.then_some(end + 1)
}

/// reStructuredText's `:role:` before a back quote.
fn role(rest: &str) -> Option<usize> {
    let end = rest[1..].find(':')? + 2;
    let name = &rest[1..end - 1];
    let is_role = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    (is_role && rest[end..].starts_with('`')).then_some(end)
}

/// reStructuredText's `|name|`, which stands for an image.
fn substitution(rest: &str) -> Option<usize> {
    let end = rest[1..].find('|')? + 2;
    let name = &rest[1..end - 1];
    (!name.is_empty() && name.len() < 40 && !name.contains(' ')).then_some(end)
}
