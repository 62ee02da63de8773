//! Scanning bytes: runs of a kind, and the kinds that matter here.
//!
//! Not here: what they mean.

pub(super) fn run(bytes: &[u8], most: usize, fits: impl Fn(u8) -> bool) -> usize {
    bytes.iter().take(most).take_while(|b| fits(**b)).count()
}

pub(super) fn run_back(bytes: &[u8], most: usize, fits: impl Fn(u8) -> bool) -> usize {
    bytes.iter().rev().take(most).take_while(|b| fits(**b)).count()
}

pub(super) fn find(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

pub(super) fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

pub(super) fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// What a value without quotes is made of.
pub(super) fn is_bare(byte: u8) -> bool {
    !byte.is_ascii_whitespace()
        && !byte.is_ascii_control()
        && !matches!(
            byte,
            b',' | b';'
                | b'"'
                | b'\''
                | b'`'
                | b'<'
                | b'>'
                | b'&'
                | b'|'
                | b'('
                | b')'
                | b'['
                | b']'
                | b'{'
                | b'}'
        )
}

pub(super) fn is_tokenish(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'_' | b'-' | b'.')
}

/// Bytes of white space before a value: aligned tables.
pub(super) const MAX_GAP: usize = 40;

/// Bytes of a bare value.
pub(super) const MAX_BARE: usize = 512;

pub(super) fn line_start(bytes: &[u8], at: usize) -> usize {
    let from = at.saturating_sub(200);
    bytes[from..at].iter().rposition(|b| *b == b'\n').map_or(from, |newline| from + newline + 1)
}

/// Whether only what settings have before a name stands before this one.
pub(super) fn is_line_start(bytes: &[u8], name_start: usize) -> bool {
    let line = &bytes[line_start(bytes, name_start)..name_start];
    // In a string in a string, a line ends so.
    let start = line.windows(2).rposition(|pair| pair == b"\\n").map_or(0, |feed| feed + 2);
    let mut lead = line[start..].trim_ascii();
    for word in [
        &b"export"[..],
        b"define(",
        b"setenv",
        b"setx",
        b"set",
        b"ENV",
        b"ARG",
        b"Environment=",
        b"-",
        b"*",
        b"#",
        b"//",
        b";",
        b"$",
    ] {
        lead = lead.strip_prefix(word).unwrap_or(lead).trim_ascii();
    }
    lead.iter().all(|b| matches!(b, b'"' | b'\'' | b'-' | b'$' | b'{' | b'+' | b'*'))
}

/// Whether nothing but punctuation or a comment follows on the line.
pub(super) fn ends_line(bytes: &[u8], at: usize) -> bool {
    let rest = &bytes[at..bytes.len().min(at + 40)];
    let skipped = run(rest, 8, |b| is_blank(b) || matches!(b, b',' | b';' | b'\\' | b'}'));
    rest.starts_with(b"\\n") || rest.get(skipped).is_none_or(|b| matches!(b, b'\n' | b'#' | b'/' | b'<'))
}
