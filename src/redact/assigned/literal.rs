//! The literal value that is assigned, passed or compared to a name.
//!
//! Not here: whether it is a secret.

use std::ops::Range;

use super::bytes::{find, is_bare, is_blank, is_name, run, run_back};
use super::{Class, is_scheme, scheme};

/// Bytes of white space before a value: aligned tables.
const MAX_GAP: usize = 40;
/// Bytes of a quoted value, and of a bare one.
const MAX_QUOTED: usize = 2_048;
const MAX_BARE: usize = 512;

/// A literal beside a name.
#[derive(Default)]
pub(super) struct Literal {
    pub start: usize,
    pub end: usize,
    pub quoted: bool,
    /// Written as settings are: `NAME=value` or `name: value` is all there is
    /// on the line.
    pub setting: bool,
    /// Given to a command: `--password value`.
    pub option: bool,
    /// Beside the name with no sign between that assigns.
    pub listed: bool,
    /// Longer than what is looked at.
    pub cut: bool,
}

/// The name, and what comes right behind it.
struct Place {
    name: Range<usize>,
    /// Quotes and brackets that end the name: `"name"`, `x["name"]`, `\"name\"`.
    closers: usize,
    /// White space behind them.
    gap: usize,
    /// Behind that.
    at: usize,
    next: u8,
    is_quoted: bool,
    /// `--name`.
    is_option: bool,
}

/// The way from the name to its value.
#[derive(Default)]
struct Way {
    /// Where the value begins.
    at: usize,
    /// Without quotes it would be an expression.
    only_quoted: bool,
    /// As `.netrc` has them.
    entry: bool,
    /// SQL's and PowerShell's.
    statement: bool,
    listed: bool,
    /// By `=` alone.
    equals: bool,
    spaced: bool,
}

enum Found {
    Way(Way),
    Literal(Literal),
}

/// The literal beside the name at `name`; `None` for expressions.
pub(super) fn beside(bytes: &[u8], name: Range<usize>, class: Class) -> Option<Literal> {
    let place = Place::new(bytes, name)?;
    let way = match way(bytes, &place, class)? {
        Found::Literal(found) => return Some(found),
        Found::Way(way) => way,
    };
    match quoted(bytes, way.at) {
        Some(found) => Some(in_quotes(bytes, &place, &way, found)),
        None if way.only_quoted => None,
        None => bare(bytes, &place, &way, class),
    }
}

impl Place {
    fn new(bytes: &[u8], name: Range<usize>) -> Option<Self> {
        let closers = run(&bytes[name.end..], 4, |b| matches!(b, b'"' | b'\'' | b'`' | b']' | b'\\'));
        let ended = name.end + closers;
        let gap = run(&bytes[ended..], MAX_GAP, is_blank);
        let at = ended + gap;
        let next = *bytes.get(at)?;
        let is_quoted = bytes[name.end..ended].iter().any(|b| matches!(b, b'"' | b'\'' | b'`'));
        let is_option = bytes[..name.start].ends_with(b"-") && {
            let dashes = run_back(&bytes[..name.start], 2, |b| b == b'-');
            name.start == dashes || bytes[name.start - dashes - 1].is_ascii_whitespace()
        };
        Some(Self { name, closers, gap, at, next, is_quoted, is_option })
    }

    /// Nothing but white space behind the name.
    fn is_apart(&self) -> bool {
        self.gap > 0 && self.closers == 0
    }
}

/// How the value is given to the name.
fn way(bytes: &[u8], place: &Place, class: Class) -> Option<Found> {
    let &Place { closers, gap, at, is_quoted, .. } = place;
    let name = &place.name;
    let mut way = Way { at, spaced: gap > 0, ..Way::default() };
    match place.next {
        b'=' | b':' | b'?' | b'!' | b'|' | b'+' | b'-' | b'.' => return behind_sign(bytes, place),
        // `- name: DB_PASSWORD` and `value: ...` on the line below.
        b'\n' => return value_below(bytes, name.start, at).map(Found::Literal),
        b',' if is_quoted && bytes[at - gap - 1] != b']' => {
            let from = at + 1 + run(&bytes[at + 1..], MAX_GAP, is_blank);
            way.at = behind_value_word(bytes, from);
            way.listed = way.at == from;
            way.only_quoted = true;
        }
        b'(' if closers == 0 && gap == 0 => {
            way.at += 1;
            way.only_quoted = true;
        }
        b'>' if closers <= 1 => return element(bytes, name.start, at, class).map(Found::Literal),
        _ if is_quoted && bytes[at..].starts_with(b"value=") => {
            way.at += 6;
            way.only_quoted = true;
        }
        // <pass encoding="base64">value</pass>
        _ if gap > 0 && name.start > 0 && bytes[name.start - 1] == b'<' => {
            let close = bytes[at..bytes.len().min(at + 100)].iter().position(|b| *b == b'>')?;
            return element(bytes, name.start, at + close, class).map(Found::Literal);
        }
        // --password value
        _ if place.is_apart() && place.is_option => {}
        // netrc's `login me password value`
        _ if place.is_apart() && class == Class::Password && is_entry(bytes, name.start) => way.entry = true,
        b'"' | b'\'' if place.is_apart() && class == Class::Password => {
            way.only_quoted = true;
            way.statement = is_statement(bytes, name);
            way.listed = true;
        }
        // Go's `var token string = "..."`
        _ if place.is_apart() && declared(bytes, at).is_some() => {
            way.at = declared(bytes, at)?;
            way.only_quoted = true;
        }
        _ if class == Class::Header && gap > 0 => {}
        _ => return None,
    }
    Some(Found::Way(way))
}

/// Behind `=`, `:` and their kin.
fn behind_sign(bytes: &[u8], place: &Place) -> Option<Found> {
    let length = run(&bytes[place.at..], 4, |b| {
        matches!(b, b'=' | b':' | b'?' | b'!' | b'|' | b'+' | b'~' | b'>' | b'-' | b'.')
    });
    let sign = &bytes[place.at..place.at + length];
    if !sign.iter().any(|b| matches!(b, b'=' | b':' | b'>')) {
        // `--password value` has its sign before the name.
        return None;
    }
    let mut at = place.at + length;
    let more = run(&bytes[at..], MAX_GAP, is_blank);
    at += more;
    let mut only_quoted = length > 1 && !matches!(sign, b":=" | b"=>");
    if matches!(sign, b":" | b"?:")
        && let Some(typed) = after_type(bytes, at)
    {
        at = typed;
        only_quoted = true;
    }
    if sign == b":"
        && let Some(block) = block_scalar(bytes, place.name.start, at)
    {
        return Some(Found::Literal(block));
    }
    let (equals, spaced) = (sign == b"=", place.gap + more > 0);
    Some(Found::Way(Way { at, only_quoted, equals, spaced, ..Way::default() }))
}

fn in_quotes(bytes: &[u8], place: &Place, way: &Way, found: Quoted) -> Literal {
    let Quoted { start, end, after, cut } = found;
    // PHP's way to name a setting.
    let before = &bytes[..place.name.start.saturating_sub(place.closers)];
    let defined = before.trim_ascii_end().ends_with(b"define(");
    let blank = run(&bytes[after..], 2, is_blank);
    let closing = if defined && bytes.get(after + blank) == Some(&b')') { blank + 1 } else { 0 };
    let alone = is_line_start(bytes, place.name.start) && ends_line(bytes, after + closing);
    let setting = way.statement || alone && (place.is_quoted || !way.spaced || place.next == b':');
    Literal { start, end, quoted: true, setting, option: place.is_option, listed: way.listed, cut }
}

fn bare(bytes: &[u8], place: &Place, way: &Way, class: Class) -> Option<Literal> {
    let Range { start, end } = bare_value(bytes, way.at, class);
    let after = bytes.get(end).copied().unwrap_or(b'\n');
    if class != Class::Header && is_member(&bytes[start..end]) {
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
    Some(Literal { start, end, setting, option: place.is_option, cut, ..Literal::default() })
}

/// The value without quotes at `at`, behind the scheme of a header.
fn bare_value(bytes: &[u8], at: usize, class: Class) -> Range<usize> {
    let mut end = at + run(&bytes[at..], MAX_BARE, is_bare);
    // A sentence's full stop is no part of a token.
    while end > at && matches!(bytes[end - 1], b'.' | b':') {
        end -= 1;
    }
    let value = &bytes[at..end];
    if class == Class::Header && scheme(value) == 0 && is_scheme(value) {
        let from = end + run(&bytes[end..], 2, is_blank);
        return from..from + run(&bytes[from..], MAX_BARE, is_bare);
    }
    at..end
}

/// The text of an XML element whose start tag ends at `close`.
fn element(bytes: &[u8], name_start: usize, close: usize, class: Class) -> Option<Literal> {
    let opens = name_start > 0 && matches!(bytes[name_start - 1], b'<' | b':');
    if !opens || class == Class::Header {
        return None;
    }
    let mut start = close + 1;
    start += run(&bytes[start..], MAX_GAP, |b| b.is_ascii_whitespace());
    let length = run(&bytes[start..], MAX_QUOTED, |b| !matches!(b, b'<' | b'\n' | b'>' | b'{'));
    let after = start + length + run(&bytes[start + length..], MAX_GAP, |b| b.is_ascii_whitespace());
    (bytes.get(after) == Some(&b'<')).then_some(Literal {
        start,
        end: start + bytes[start..start + length].trim_ascii_end().len(),
        quoted: true,
        setting: true,
        ..Literal::default()
    })
}

/// YAML's `name: |` with one value on the lines below.
fn block_scalar(bytes: &[u8], name_start: usize, at: usize) -> Option<Literal> {
    if !matches!(bytes.get(at), Some(b'|' | b'>')) {
        return None;
    }
    let sign = at + 1 + run(&bytes[at + 1..], 1, |b| matches!(b, b'-' | b'+'));
    let line = sign + run(&bytes[sign..], 8, is_blank) + 1;
    let indent = name_start - line_start(bytes, name_start);
    (bytes.get(line - 1) == Some(&b'\n')).then_some(())?;
    let start = line + run(&bytes[line..], MAX_GAP, is_blank);
    let length = run(&bytes[start..], MAX_BARE, is_bare);
    (start - line > indent && ends_line(bytes, start + length)).then_some(Literal {
        start,
        end: start + length,
        setting: true,
        cut: length == MAX_BARE,
        ..Literal::default()
    })
}

/// The value in `name: SECRET_NAME` over `value: ...`, as Kubernetes and CI
/// files write it.
fn value_below(bytes: &[u8], name_start: usize, newline: usize) -> Option<Literal> {
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
        let Quoted { start, end, cut, .. } = found;
        return Some(Literal { start, end, quoted: true, setting: true, cut, ..Literal::default() });
    }
    let length = run(&bytes[at..], MAX_BARE, is_bare);
    Some(Literal {
        start: at,
        end: at + length,
        setting: true,
        cut: length == MAX_BARE,
        ..Literal::default()
    })
}

/// Behind `"value":` where that stands at `at`: `"name": "TOKEN", "value": ...`.
fn behind_value_word(bytes: &[u8], at: usize) -> usize {
    let word = [&b"\"value\""[..], b"'value'", b"\\\"value\\\""];
    let Some(length) = word.iter().find(|word| bytes[at..].starts_with(word)).map(|word| word.len()) else {
        return at;
    };
    let mut behind = at + length;
    behind += run(&bytes[behind..], 2, is_blank);
    if !matches!(bytes.get(behind), Some(b':' | b'=')) {
        return at;
    }
    behind += run(&bytes[behind..], 2, |b| matches!(b, b':' | b'=' | b'>'));
    behind + run(&bytes[behind..], MAX_GAP, is_blank)
}

/// Behind the type and the sign of a declaration: `string = "`.
fn declared(bytes: &[u8], at: usize) -> Option<usize> {
    let kind =
        run(&bytes[at..], 24, |b| b.is_ascii_alphanumeric() || matches!(b, b'*' | b'[' | b']' | b'.' | b'_'));
    let blank = run(&bytes[at + kind..], 2, is_blank);
    let sign = at + kind + blank;
    (kind > 0 && blank > 0 && bytes.get(sign) == Some(&b'=')).then_some(())?;
    let start = sign + 1 + run(&bytes[sign + 1..], MAX_GAP, is_blank);
    matches!(bytes.get(start), Some(b'"' | b'`' | b'\'')).then_some(start)
}

/// SQL's `WITH PASSWORD '...'` and `IDENTIFIED BY '...'`, PowerShell's
/// `ConvertTo-SecureString '...'`.
fn is_statement(bytes: &[u8], name: &Range<usize>) -> bool {
    let lower = bytes[name.start.saturating_sub(16)..name.end].to_ascii_lowercase();
    [&b"with password"[..], b"encrypted password", b"identified by", b"securestring", b"set password"]
        .iter()
        .any(|end| lower.ends_with(end))
}

/// A variable of the environment, where a command or a file sets it.
fn is_variable(bytes: &[u8], name: &Range<usize>) -> bool {
    let letters = &bytes[name.clone()];
    letters.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_')
        && (name.start == 0 || bytes[name.start - 1].is_ascii_whitespace() || bytes[name.start - 1] == b'"')
}

/// Behind a type annotation: `: &str = "`, `: Final[str] = "`.
fn after_type(bytes: &[u8], at: usize) -> Option<usize> {
    // A quote opens the value itself.
    if matches!(bytes.get(at), Some(b'\'' | b'<')) {
        return None;
    }
    let kind = run(&bytes[at..], 48, |b| {
        b.is_ascii_alphanumeric()
            || matches!(
                b,
                b'_' | b'&' | b'\'' | b'<' | b'>' | b'[' | b']' | b'|' | b'.' | b' ' | b'?' | b',' | b':'
            )
    });
    let mut next = at + kind;
    if kind == 0 || bytes.get(next) != Some(&b'=') {
        return None;
    }
    next += 1;
    next += run(&bytes[next..], MAX_GAP, is_blank);
    quoted(bytes, next).map(|_| next)
}

/// Whether the name stands where `.netrc` has its `password`.
fn is_entry(bytes: &[u8], name_start: usize) -> bool {
    let line = &bytes[line_start(bytes, name_start)..name_start];
    let before = line.trim_ascii_start();
    match before.is_empty() {
        true => is_netrc_line_before(bytes, name_start),
        false => {
            // Pairs of a word of its own and a value: no sentence.
            let words: Vec<&[u8]> =
                before.split(|b| b.is_ascii_whitespace()).filter(|word| !word.is_empty()).collect();
            let is_key =
                |word: &&[u8]| matches!(*word, b"login" | b"machine" | b"user" | b"username" | b"default");
            words.len().is_multiple_of(2) && words.iter().step_by(2).all(is_key)
        }
    }
}

/// `.netrc` and its kin put `login me` on the line above `password value`.
fn is_netrc_line_before(bytes: &[u8], name_start: usize) -> bool {
    let here = line_start(bytes, name_start);
    if here == 0 {
        return false;
    }
    let above = &bytes[line_start(bytes, here - 1)..here - 1];
    let above = above.trim_ascii_start();
    above.starts_with(b"login ") || above.starts_with(b"username ") || above.starts_with(b"user ")
}

struct Quoted {
    start: usize,
    end: usize,
    /// Behind the closing quote.
    after: usize,
    cut: bool,
}

/// The string literal at `at`, behind a prefix (`b"`, `r#"`, `String::from("`)
/// if need be.
fn quoted(bytes: &[u8], at: usize) -> Option<Quoted> {
    let mut at = at;
    let lead = run(&bytes[at..], 40, |b| is_name(b) || matches!(b, b':' | b'(' | b'#' | b'@'));
    let prefix = &bytes[at..at + lead];
    let is_call = prefix.ends_with(b"(");
    if is_call {
        let lower = prefix.to_ascii_lowercase();
        let reads =
            ["env", "get", "input", "prompt", "ask", "_(", "find", "lookup", "has", "label", "field", "t("];
        if reads.iter().any(|word| find(&lower, word.as_bytes())) {
            return None;
        }
    } else if lead > 3 {
        return None;
    }
    at += lead;
    let mut escaped = false;
    if bytes.get(at) == Some(&b'\\') {
        escaped = true;
        at += 1;
    }
    let quote = *bytes.get(at)?;
    if !matches!(quote, b'"' | b'\'' | b'`') {
        return None;
    }
    let count = run(&bytes[at..], 3, |b| b == quote);
    at += if count == 3 { 3 } else { 1 };
    let limit = bytes.len().min(at + MAX_QUOTED);
    let mut end = at;
    while end < limit {
        match bytes[end] {
            b'\n' => break,
            b'\\' if escaped => break,
            b'\\' => end += 2,
            byte if byte == quote && !escaped => break,
            _ => end += 1,
        }
    }
    let end = end.min(limit);
    let closed = bytes.get(end).is_some_and(|b| *b == quote || (escaped && *b == b'\\'));
    let cut = end == limit && end < bytes.len();
    // Cut inside a character: leave the rest of it to the extension.
    let mut end = end;
    while end > at && !closed && bytes.get(end).is_some_and(|b| b & 0xc0 == 0x80) {
        end -= 1;
    }
    (closed || cut || bytes.get(end).is_none_or(|b| *b == b'\n')).then(|| Quoted {
        start: at,
        end,
        after: (end + count.max(1) + usize::from(escaped)).min(bytes.len()),
        cut,
    })
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

fn line_start(bytes: &[u8], at: usize) -> usize {
    let from = at.saturating_sub(200);
    bytes[from..at].iter().rposition(|b| *b == b'\n').map_or(from, |newline| from + newline + 1)
}

/// Whether only what settings have before a name stands before this one.
fn is_line_start(bytes: &[u8], name_start: usize) -> bool {
    let start = line_start(bytes, name_start);
    let mut lead = bytes[start..name_start].trim_ascii();
    for word in [&b"export"[..], b"define(", b"set", b"ENV", b"ARG", b"-", b"*", b"#", b"//", b";", b"$"] {
        lead = lead.strip_prefix(word).unwrap_or(lead).trim_ascii();
    }
    lead.iter().all(|b| matches!(b, b'"' | b'\'' | b'-' | b'$' | b'{' | b'+'))
}

/// Whether nothing but punctuation or a comment follows on the line.
fn ends_line(bytes: &[u8], at: usize) -> bool {
    let rest = &bytes[at..bytes.len().min(at + 40)];
    let skipped = run(rest, 8, |b| is_blank(b) || matches!(b, b',' | b';' | b'\\' | b'}'));
    rest.get(skipped).is_none_or(|b| matches!(b, b'\n' | b'#' | b'/' | b'<'))
}
