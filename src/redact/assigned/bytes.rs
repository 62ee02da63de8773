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
