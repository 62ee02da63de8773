//! String literals, in the spelling of any language: `"x"`, `b'x'`, `r#"x"#`,
//! `String::from("x")`, `"""x"""`, `$'x'`, `q(x)`, `R"(x)"`, `[[x]]`, `$$x$$`,
//! and here-documents of one line.
//!
//! Not here: what the string is assigned to.

use super::bytes::{find, is_blank, is_name, run};

/// Bytes of a quoted value.
const MAX_QUOTED: usize = 2_048;

/// Bytes of white space before the one line of a long string.
const MAX_INDENT: usize = 200;

pub(super) struct QuotedValue {
    pub start: usize,
    pub end: usize,
    /// Behind the closing quote.
    pub after: usize,
    /// Longer than what is looked at.
    pub cut: bool,
}

/// The string literal at `at`, behind a prefix if need be.
pub(super) fn quoted(bytes: &[u8], at: usize) -> Option<QuotedValue> {
    let at = if bytes[at.min(bytes.len())..].starts_with(b"new ") { at + 4 } else { at };
    if let Some(found) = bracketed(bytes, at) {
        return Some(found);
    }
    let mut at = at + prefix(bytes, at)?;
    let escaped = bytes.get(at) == Some(&b'\\');
    at += usize::from(escaped);
    let quote = *bytes.get(at)?;
    if !matches!(quote, b'"' | b'\'' | b'`') {
        return None;
    }
    let count = run(&bytes[at..], 3, |b| b == quote);
    if count == 3 && matches!(bytes.get(at + 3), Some(b'\n' | b'\r')) {
        return one_line(bytes, at + 3, |line| line.starts_with(&[quote; 3]));
    }
    // Nix: `''x''`.
    if count == 2 && quote == b'\'' && !escaped && bytes.get(at + 2).is_some_and(u8::is_ascii_alphanumeric) {
        return until(bytes, at + 2, b"''");
    }
    plain(bytes, at, quote, count, escaped)
}

/// The string in quotes at `at`.
fn plain(bytes: &[u8], at: usize, quote: u8, count: usize, escaped: bool) -> Option<QuotedValue> {
    let start = at + if count == 3 { 3 } else { 1 };
    let limit = bytes.len().min(start + MAX_QUOTED);
    let mut end = start;
    while end < limit {
        match bytes[end] {
            b'\n' => break,
            b'\\' if escaped => break,
            b'\\' => end += 2,
            byte if byte == quote && !escaped => break,
            _ => end += 1,
        }
    }
    let mut end = end.min(limit);
    let closed = bytes.get(end).is_some_and(|b| *b == quote || (escaped && *b == b'\\'));
    let cut = end == limit && end < bytes.len();
    // Cut inside a character: leave the rest of it to the extension.
    while end > start && !closed && bytes.get(end).is_some_and(|b| b & 0xc0 == 0x80) {
        end -= 1;
    }
    let after = (end + count.max(1) + usize::from(escaped)).min(bytes.len());
    (closed || cut || bytes.get(end).is_none_or(|b| *b == b'\n')).then_some(QuotedValue {
        start,
        end,
        after,
        cut,
    })
}

/// Bytes before the quote: `b`, `r#`, `$`, `String::from(`, `[]byte(`, `<<`.
/// `None` where they make an expression of it that only reads something.
fn prefix(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    let is_part = |b: u8| {
        is_name(b) || matches!(b, b':' | b'(' | b'#' | b'@' | b'$' | b'&' | b'<' | b'[' | b']' | b'!' | b'>')
    };
    let lead = run(rest, 40, is_part);
    let prefix = &rest[..lead];
    if prefix.ends_with(b"(") {
        let lower = prefix.to_ascii_lowercase();
        let reads =
            ["env", "get", "input", "prompt", "ask", "_(", "find", "lookup", "has", "label", "field", "t("];
        return (!reads.iter().any(|word| find(&lower, word.as_bytes()))).then_some(lead);
    }
    let letters = run(prefix, 40, |b| b.is_ascii_alphanumeric());
    let signs = &prefix[letters..];
    let fits =
        letters <= 3 && (signs.iter().all(|b| matches!(b, b'#' | b'@' | b'$' | b'&')) || prefix == b"<<");
    fits.then_some(lead)
}

/// Strings between other signs than quotes.
fn bracketed(bytes: &[u8], at: usize) -> Option<QuotedValue> {
    let rest = bytes.get(at..)?;
    match rest.first()? {
        b'q' | b'Q' | b'%' | b'~' => operator(bytes, at),
        b'R' | b'L' | b'u' | b'U' => raw(bytes, at),
        b'$' if rest.starts_with(b"$(cat <<") => here_document(bytes, at + 6),
        b'$' => dollars(bytes, at),
        b'[' => {
            let level = run(&rest[1..], 8, |b| b == b'=');
            let open = level + 2;
            let is_text = rest.get(level + 1) == Some(&b'[')
                && rest.get(open).is_some_and(|b| {
                    !b.is_ascii_whitespace() && !matches!(b, b'"' | b'\'' | b'[' | b'{' | b'(')
                });
            let close = [&b"]"[..], &b"========"[..level], b"]"].concat();
            if is_text { until(bytes, at + open, &close) } else { None }
        }
        b'<' => here_document(bytes, at),
        _ => None,
    }
}

/// Perl's and Ruby's `q(x)`, `qq{x}`, `%q(x)`, Elixir's `~s(x)`.
fn operator(bytes: &[u8], at: usize) -> Option<QuotedValue> {
    const OPERATORS: &[&[u8]] = &[b"qq", b"q", b"Q", b"%q", b"%Q", b"~s", b"~S"];
    let operator = OPERATORS.iter().find(|operator| {
        let next = bytes.get(at + operator.len());
        bytes[at..].starts_with(operator) && next.is_some_and(|b| b"([{<|/!~\"^".contains(b))
    })?;
    let open = at + operator.len();
    let close = match bytes[open] {
        b'(' => b')',
        b'[' => b']',
        b'{' => b'}',
        b'<' => b'>',
        sign => sign,
    };
    until(bytes, open + 1, &[close])
}

/// C++'s `R"x(...)x"`.
fn raw(bytes: &[u8], at: usize) -> Option<QuotedValue> {
    let lead = run(&bytes[at..], 3, |b| b.is_ascii_alphanumeric());
    let quote = at + lead;
    (lead > 0 && bytes[quote - 1] == b'R' && bytes.get(quote) == Some(&b'"')).then_some(())?;
    let name =
        run(&bytes[quote + 1..], 16, |b| b.is_ascii_graphic() && !matches!(b, b'(' | b')' | b'"' | b'\\'));
    (bytes.get(quote + 1 + name) == Some(&b'(')).then_some(())?;
    let close = [&b")"[..], &bytes[quote + 1..quote + 1 + name], b"\""].concat();
    until(bytes, quote + name + 2, &close)
}

/// PostgreSQL's `$$x$$` and `$tag$x$tag$`.
fn dollars(bytes: &[u8], at: usize) -> Option<QuotedValue> {
    let name = run(&bytes[at + 1..], 16, |b| b.is_ascii_alphanumeric() || b == b'_');
    (bytes.get(at + 1 + name) == Some(&b'$')).then_some(())?;
    let sign = &bytes[at..at + name + 2];
    until(bytes, at + sign.len(), sign)
}

/// A here-document of one line: `<<EOF`, `<<-"EOT"`, `<<~EOS`, `<<<EOT`.
fn here_document(bytes: &[u8], at: usize) -> Option<QuotedValue> {
    let mut from = at + run(&bytes[at..], 3, |b| b == b'<');
    (from >= at + 2).then_some(())?;
    from += run(&bytes[from..], 3, |b| matches!(b, b'-' | b'~' | b'"' | b'\'' | b' '));
    let length = run(&bytes[from..], 32, |b| b.is_ascii_alphanumeric() || b == b'_');
    let name = &bytes[from..from + length];
    let mut line = from + length;
    line += run(&bytes[line..], 8, |b| !b.is_ascii_alphanumeric() && b != b'\n');
    (length > 1 && bytes.get(line) == Some(&b'\n')).then_some(())?;
    one_line(bytes, line, |text| {
        text.strip_prefix(name).is_some_and(|rest| !rest.first().is_some_and(u8::is_ascii_alphanumeric))
    })
}

/// The one line between the line feed at `feed` and a line that closes.
fn one_line(bytes: &[u8], feed: usize, closes: impl Fn(&[u8]) -> bool) -> Option<QuotedValue> {
    let start = feed + run(&bytes[feed..], MAX_INDENT, |b| b.is_ascii_whitespace());
    let length = run(&bytes[start..], MAX_QUOTED, |b| b != b'\n');
    let next = start + length + run(&bytes[start + length..], MAX_INDENT, |b| b.is_ascii_whitespace());
    let end = start + bytes[start..start + length].trim_ascii_end().len();
    (end > start && closes(&bytes[next..])).then_some(QuotedValue { start, end, after: next, cut: false })
}

/// The text from `start` to `close` on the same line.
fn until(bytes: &[u8], start: usize, close: &[u8]) -> Option<QuotedValue> {
    let line = &bytes[start..bytes.len().min(start + MAX_QUOTED)];
    let line = &line[..line.iter().position(|b| *b == b'\n').unwrap_or(line.len())];
    let length = line.windows(close.len()).position(|window| window == close)?;
    (length > 0).then_some(QuotedValue {
        start,
        end: start + length,
        after: start + length + close.len(),
        cut: false,
    })
}

/// The string literal whose closing quote stands right before `end`.
pub(super) fn quoted_before(bytes: &[u8], end: usize) -> Option<QuotedValue> {
    let close = end.checked_sub(1)?;
    let quote = bytes[close];
    if !matches!(quote, b'"' | b'\'' | b'`') {
        return None;
    }
    let escaped = close > 0 && bytes[close - 1] == b'\\';
    let stop = close - usize::from(escaped);
    let from = stop.saturating_sub(256);
    let line = &bytes[from..stop];
    let line = &line[line.iter().rposition(|b| *b == b'\n').map_or(0, |feed| feed + 1)..];
    let length = line.iter().rev().position(|b| *b == quote)?;
    (length > 0).then_some(QuotedValue { start: stop - length, end: stop, after: end, cut: false })
}

/// Behind white space, over the end of the line or not, and a backslash before
/// it, to a string literal.
pub(super) fn over_lines(bytes: &[u8], at: usize) -> Option<usize> {
    let continued = bytes.get(at) == Some(&b'\\');
    let feed = at + usize::from(continued);
    let feed = feed + run(&bytes[feed..], 4, |b| is_blank(b) || b == b'\r');
    (bytes.get(feed) == Some(&b'\n')).then_some(())?;
    Some(feed + 1 + run(&bytes[feed + 1..], MAX_INDENT, is_blank))
}
