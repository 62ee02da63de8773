//! The values of Kubernetes Secrets: everything in `data` and `stringData` is
//! secret, whatever its name. In YAML, in flow style, in JSON, escaped or not; in
//! Terraform's `kubernetes_secret`, in kustomize's `secretGenerator`, and in
//! `kubectl create secret`.
//!
//! Not here: values that are secret for their own names.

use super::{SecretSpan, assigned, escape};

/// What a manifest is known by.
pub(super) const WORDS: &[&str] = &["kind", "kubernetes_secret", "secretgenerator", "--from-literal"];

/// Bytes before and after the kind that belong to its document.
const MAX_BEFORE: usize = 8_192;
const MAX_AFTER: usize = 32_768;

/// Bytes of a line that are read.
const MAX_LINE: usize = 8_192;

/// Shorter values are numbers and switches.
const MIN_VALUE: usize = 3;

/// Mappings in mappings that are read.
const MAX_DEPTH: usize = 4;

/// The values in the manifest whose key word stands at `bytes[at..end]`;
/// returns how far it was looked at.
pub(super) fn values(bytes: &[u8], at: usize, end: usize, found: &mut Vec<SecretSpan>) -> usize {
    match bytes[at] {
        b'-' => literal(bytes, end, found),
        b'k' | b'K' if end - at == 4 => match is_secret(bytes, at, end) {
            true => document(bytes, at, found),
            false => at,
        },
        b'k' | b'K' => block(bytes, end, found),
        _ => generator(bytes, at, end, found),
    }
}

/// Whether `kind` at these bytes is that of a Secret: `kind: Secret`,
/// `"kind" : "Secret"`, `\"kind\":\"Secret\"`, `kind: !!str 'Secret'`.
fn is_secret(bytes: &[u8], at: usize, end: usize) -> bool {
    if !escape::starts_word(bytes, at) {
        return false;
    }
    let mut here = end + quotes(&bytes[end..]);
    here += blanks(&bytes[here..]);
    if !matches!(bytes.get(here), Some(b':' | b'=')) {
        return false;
    }
    here += 1;
    here += bytes[here..].iter().take(40).take_while(|b| b.is_ascii_whitespace()).count();
    if bytes[here..].starts_with(b"!!str") {
        here += 5 + blanks(&bytes[here + 5..]);
    }
    here += quotes(&bytes[here..]);
    let word = &bytes[here..bytes.len().min(here + 6)];
    let after = bytes.get(here + 6).copied().unwrap_or(b' ');
    word.eq_ignore_ascii_case(b"secret")
        && !(after.is_ascii_alphanumeric() || matches!(after, b'-' | b'_' | b'.'))
}

/// All of the document around the kind at `at`.
fn document(bytes: &[u8], at: usize, found: &mut Vec<SecretSpan>) -> usize {
    let from = at.saturating_sub(MAX_BEFORE);
    let start = [&b"\n---"[..], b"\n..."]
        .iter()
        .filter_map(|end| last_of(&bytes[from..at], end))
        .max()
        .map_or(from, |line| from + line + 4);
    let limit = bytes.len().min(at + MAX_AFTER);
    let stop = [&b"\n---"[..], b"\n..."]
        .iter()
        .filter_map(|end| first_of(&bytes[at..limit], end))
        .min()
        .map_or(limit, |line| at + line);
    let mut here = start;
    while let Some((name, behind)) = next_data(&bytes[..stop], here) {
        here = mapping(&bytes[..stop], name, behind, found).max(behind);
    }
    stop
}

/// The next `data:` or `stringData:`, quoted or not: where its name starts, and
/// behind its colon.
fn next_data(bytes: &[u8], from: usize) -> Option<(usize, usize)> {
    let mut at = from;
    loop {
        at += bytes[at..].windows(4).position(|word| word.eq_ignore_ascii_case(b"data"))?;
        let end = at + 4;
        let lower = bytes[at.saturating_sub(6)..at].to_ascii_lowercase();
        let start = if lower.ends_with(b"string") || lower.ends_with(b"binary") { at - 6 } else { at };
        let mut behind = end + quotes(&bytes[end..]);
        behind += blanks(&bytes[behind..]);
        let before = start.checked_sub(1).map_or(b'\n', |before| bytes[before]);
        let begins = before.is_ascii_whitespace() || matches!(before, b'"' | b'\'' | b'{' | b',' | b'.');
        if begins && matches!(bytes.get(behind), Some(b':' | b'=')) {
            behind += 1 + bytes[behind + 1..].iter().take(1).take_while(|b| **b == b'>').count();
            return Some((start, behind));
        }
        at = end;
    }
}

/// The values of the mapping behind a name; returns where it ends.
fn mapping(bytes: &[u8], name: usize, behind: usize, found: &mut Vec<SecretSpan>) -> usize {
    let mut at = behind;
    loop {
        at +=
            bytes[at..].iter().take(MAX_LINE).take_while(|b| b.is_ascii_whitespace() || **b == b'\\').count();
        match bytes.get(at) {
            // A comment, an anchor or a tag.
            Some(b'#' | b'&' | b'!') => {
                let stop: fn(&u8) -> bool =
                    if bytes[at] == b'#' { |b| *b != b'\n' } else { |b| !b.is_ascii_whitespace() };
                at += bytes[at..].iter().take(MAX_LINE).take_while(|b| stop(b)).count();
            }
            // `map[string]string{`, `Map.of(`: an expression that makes the mapping.
            Some(b'm') if bytes[at..].starts_with(b"map[") => {
                let Some(open) = first_of(&bytes[at..bytes.len().min(at + 60)], b"{") else { return at };
                at += open;
            }
            Some(b'{') => return flow(bytes, at, found, 0),
            _ => break,
        }
    }
    let line = line_start(bytes, name);
    lines(bytes, indent_of(bytes, line, name), behind, found)
}

/// The values of `{ a: b, "c": "d" }` whose bracket stands at `open`.
fn flow(bytes: &[u8], open: usize, found: &mut Vec<SecretSpan>, depth: usize) -> usize {
    let mut at = open + 1;
    let mut is_value = false;
    while at < bytes.len() {
        match bytes[at] {
            b'}' => return at + 1,
            b':' | b'=' => is_value = true,
            b',' | b'\n' if !is_value => {}
            b',' => is_value = false,
            b'{' if depth < MAX_DEPTH => {
                at = flow(bytes, at, found, depth + 1);
                is_value = false;
                continue;
            }
            b'"' | b'\'' => {
                let end = string_end(bytes, at);
                if is_value {
                    keep_quoted(bytes, at, end, found);
                    is_value = false;
                }
                at = end;
                continue;
            }
            b if b.is_ascii_whitespace() || b == b'\\' || b == b'>' => {}
            _ => {
                let length = bytes[at..]
                    .iter()
                    .take(MAX_LINE)
                    .take_while(|b| {
                        !matches!(b, b',' | b'}' | b'{' | b'\n' | b'"' | b'\'')
                            && (is_value || !matches!(b, b':' | b'='))
                    })
                    .count()
                    .max(1);
                if is_value {
                    keep_quoted(bytes, at, at + bytes[at..at + length].trim_ascii_end().len(), found);
                }
                at += length;
                continue;
            }
        }
        at += 1;
    }
    at
}

/// Behind the string whose quote stands at `at`; an escaped quote closes one that
/// is escaped.
fn string_end(bytes: &[u8], at: usize) -> usize {
    let quote = bytes[at];
    let is_escaped = at > 0 && bytes[at - 1] == b'\\';
    let mut here = at + 1;
    while here < bytes.len().min(at + MAX_LINE) {
        match bytes[here] {
            b'\\' if bytes.get(here + 1) == Some(&quote) && is_escaped => return here + 2,
            b'\\' => here += 1,
            b if b == quote => return here + 1,
            _ => {}
        }
        here += 1;
    }
    here.min(bytes.len())
}

/// The values on the lines below that are further in than `indent`.
fn lines(bytes: &[u8], indent: usize, behind: usize, found: &mut Vec<SecretSpan>) -> usize {
    // The indentation of a name whose value is on the lines below.
    let mut block: Option<usize> = None;
    let Some(first) = bytes[behind..].iter().position(|b| *b == b'\n') else { return behind };
    let mut at = behind + first + 1;
    for line in bytes[at..].split_inclusive(|b| *b == b'\n') {
        let text = line.trim_ascii();
        let inner = line.len() - line.trim_ascii_start().len();
        let begin = at + inner;
        if !text.is_empty() && !text.starts_with(b"#") {
            if inner <= indent {
                return at;
            }
            match block {
                Some(name) if inner > name => keep_line(bytes, begin, begin + text.len(), found),
                _ => block = entry(bytes, begin, text, found).then_some(inner),
            }
        }
        at += line.len();
    }
    at
}

/// The value of `name: value`; whether it is on the lines below instead.
fn entry(bytes: &[u8], begin: usize, text: &[u8], found: &mut Vec<SecretSpan>) -> bool {
    let name = match text[0] {
        b'"' | b'\'' => string_end(text, 0),
        _ => 0,
    };
    let colon =
        first_of(&text[name..], b": ").or_else(|| text.ends_with(b":").then(|| text.len() - 1 - name));
    let Some(colon) = colon.map(|colon| name + colon) else { return false };
    let mut at = begin + colon + 1;
    at += blanks(&bytes[at..]);
    while matches!(bytes.get(at), Some(b'&' | b'!')) {
        at += bytes[at..].iter().take(80).take_while(|b| !b.is_ascii_whitespace()).count();
        at += blanks(&bytes[at..]);
    }
    let value = &bytes[at..(begin + text.len()).max(at)];
    match value.first() {
        None | Some(b'|' | b'>' | b'#') => return true,
        Some(b'"' | b'\'') => keep_quoted(bytes, at, string_end(bytes, at), found),
        Some(_) => {
            let length = first_of(value, b" #").unwrap_or(value.len());
            keep_quoted(bytes, at, at + value[..length].trim_ascii_end().len(), found);
        }
    }
    false
}

/// Terraform's `resource "kubernetes_secret" "x" { data = { a = "b" } }`.
fn block(bytes: &[u8], end: usize, found: &mut Vec<SecretSpan>) -> usize {
    let limit = bytes.len().min(end + MAX_AFTER);
    let stop = first_of(&bytes[end..limit], b"\n}").map_or(limit, |close| end + close);
    let mut here = end;
    while let Some((name, behind)) = next_data(&bytes[..stop], here) {
        let open = behind + bytes[behind..stop].iter().take_while(|b| b.is_ascii_whitespace()).count();
        here = match bytes.get(open) {
            Some(b'{') if open < stop => terraform(&bytes[..stop], open, found),
            _ => behind.max(name),
        };
    }
    stop
}

/// `a = "b"` on lines, up to the bracket that closes.
fn terraform(bytes: &[u8], open: usize, found: &mut Vec<SecretSpan>) -> usize {
    let close = bytes[open..].iter().position(|b| *b == b'}').map_or(bytes.len(), |close| open + close);
    let mut at = open + 1;
    for line in bytes[at..close].split_inclusive(|b| matches!(b, b'\n' | b',')) {
        if let Some(sign) = line.iter().position(|b| matches!(b, b'=' | b':')) {
            let mut value = at + sign + 1;
            value += blanks(&bytes[value..]);
            if matches!(bytes.get(value), Some(b'"')) {
                keep_quoted(bytes, value, string_end(bytes, value), found);
            }
        }
        at += line.len();
    }
    close
}

/// kustomize's `secretGenerator:` with `literals:` of `name=value`.
fn generator(bytes: &[u8], at: usize, end: usize, found: &mut Vec<SecretSpan>) -> usize {
    let indent = at - line_start(bytes, at);
    let limit = bytes.len().min(end + MAX_AFTER);
    let Some(first) = bytes[end..limit].iter().position(|b| *b == b'\n') else { return end };
    let mut here = end + first + 1;
    let mut is_list = false;
    for line in bytes[here..limit].split_inclusive(|b| *b == b'\n') {
        let text = line.trim_ascii();
        let inner = line.len() - line.trim_ascii_start().len();
        if !text.is_empty() && (inner < indent || inner == indent && !text.starts_with(b"-")) {
            return here;
        }
        let item = text.strip_prefix(b"- ").unwrap_or(text).trim_ascii();
        if text.ends_with(b":") {
            is_list = item == b"literals:";
        } else if is_list && text.starts_with(b"- ") {
            let start = here + inner + (text.len() - item.len());
            pair(bytes, start, start + item.len(), found);
        }
        here += line.len();
    }
    here
}

/// `kubectl create secret generic x --from-literal=name=value`.
fn literal(bytes: &[u8], end: usize, found: &mut Vec<SecretSpan>) -> usize {
    if !matches!(bytes.get(end), Some(b'=' | b' ')) {
        return end;
    }
    let start = end + 1 + blanks(&bytes[end + 1..]);
    let quote = bytes.get(start).copied().filter(|b| matches!(b, b'"' | b'\''));
    let stop = match quote {
        Some(_) => string_end(bytes, start),
        None => {
            let mut inside = None;
            start
                + bytes[start..]
                    .iter()
                    .take(MAX_LINE)
                    .take_while(|b| {
                        match inside {
                            Some(open) if open == **b => inside = None,
                            None if matches!(b, b'"' | b'\'') => inside = Some(**b),
                            _ => {}
                        }
                        inside.is_some() && **b != b'\n' || !b.is_ascii_whitespace()
                    })
                    .count()
        }
    };
    pair(bytes, start, stop, found);
    stop
}

/// The value in `name=value`.
fn pair(bytes: &[u8], start: usize, end: usize, found: &mut Vec<SecretSpan>) {
    if let Some(sign) = bytes[start..end].iter().position(|b| *b == b'=') {
        keep_quoted(bytes, start + sign + 1, end, found);
    }
}

/// A value without its quotes, unless it is filled in later.
fn keep_quoted(bytes: &[u8], start: usize, end: usize, found: &mut Vec<SecretSpan>) {
    let (mut start, mut end) = (start, end);
    while start < end && matches!(bytes[start], b'"' | b'\'' | b'\\') {
        start += 1;
    }
    while start < end && matches!(bytes[end - 1], b'"' | b'\'' | b',' | b'\\' | b'\n') {
        end -= 1;
    }
    keep_line(bytes, start, end, found);
}

fn keep_line(bytes: &[u8], start: usize, end: usize, found: &mut Vec<SecretSpan>) {
    let text = &bytes[start..end];
    let is_plain = matches!(text, b"null" | b"true" | b"false");
    if text.len() >= MIN_VALUE && !is_plain && !assigned::is_template(text) && !text.contains(&b'\n') {
        found.push(SecretSpan { start, end, kind: "SECRET", strong: false });
    }
}

fn quotes(bytes: &[u8]) -> usize {
    bytes.iter().take(3).take_while(|b| matches!(b, b'"' | b'\'' | b'\\')).count()
}

fn blanks(bytes: &[u8]) -> usize {
    bytes.iter().take(80).take_while(|b| matches!(b, b' ' | b'\t')).count()
}

fn line_start(bytes: &[u8], at: usize) -> usize {
    let from = at.saturating_sub(MAX_LINE);
    bytes[from..at].iter().rposition(|b| *b == b'\n').map_or(from, |feed| from + feed + 1)
}

/// The column of a name, behind the dashes of a list and its quote.
fn indent_of(bytes: &[u8], line: usize, name: usize) -> usize {
    let quote = usize::from(name > line && matches!(bytes[name - 1], b'"' | b'\''));
    name - line - quote
}

fn first_of(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

fn last_of(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).rposition(|window| window == part)
}
