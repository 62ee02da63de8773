//! Secrets in base64: private keys and settings as CI variables and manifests
//! carry them, JSON web tokens encoded once more, and `Basic` credentials.
//!
//! A run of base64 is decoded only where its first characters say that there is
//! JSON or a PEM block in it, and judged by what is found in the decoded text.

use super::{Span, is_word};

/// `-----BEGIN`, `{\n "`, `{\t`, `{"`, `eyJ` again, in base64; any case.
pub(super) const WORDS: &[&str] = &["ls0tls1crudjti", "ewog", "ewoj", "ewoi", "eyj", "zxlk"];

/// Bytes of a run that are decoded. A service account's key has 2.4 kB.
const MAX_RUN: usize = 8_192;

/// Shorter runs hold no key.
const MIN_RUN: usize = 40;

/// A run of base64 that starts at `at`, and the text in it.
pub(super) fn run(bytes: &[u8], at: usize) -> Option<(usize, String)> {
    if at > 0 && is_base64(bytes[at - 1]) {
        return None;
    }
    let rest = &bytes[at..bytes.len().min(at + MAX_RUN)];
    let mut length = rest.iter().position(|b| !is_base64(*b)).unwrap_or(rest.len());
    if length < MIN_RUN {
        return None;
    }
    let decoded = decode(&rest[..length])?;
    length += rest[length..].iter().take(2).take_while(|b| **b == b'=').count();
    Some((at + length, decoded))
}

/// The credentials behind the word `Basic`: base64 of `user:password`.
pub(super) fn basic(bytes: &[u8], at: usize, end: usize) -> Option<Span> {
    if at > 0 && is_word(bytes[at - 1]) {
        return None;
    }
    let start = end + bytes[end..].iter().take(4).take_while(|b| **b == b' ').count();
    let rest = &bytes[start..bytes.len().min(start + 512)];
    let length = rest.iter().position(|b| !is_base64(*b) && *b != b'=').unwrap_or(rest.len());
    if length < 6 {
        return None;
    }
    let decoded = decode(rest[..length].trim_ascii_end())?;
    let (user, password) = decoded.split_once(':')?;
    let printable = decoded.bytes().all(|b| b.is_ascii_graphic() || b == b' ');
    (printable && !(user.is_empty() && password.is_empty())).then_some(Span {
        start,
        end: start + length,
        kind: "AUTHORIZATION",
        strong: false,
    })
}

/// Standard or URL-safe base64 as text; what is cut off at the end is dropped.
fn decode(run: &[u8]) -> Option<String> {
    let mut out = Vec::with_capacity(run.len() * 3 / 4);
    let (mut bits, mut count) = (0u32, 0);
    for byte in run {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => break,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    String::from_utf8(out).ok()
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn both_alphabets_decode_and_padding_ends() {
        assert_eq!(decode(b"dXNlcjpwYXNz").as_deref(), Some("user:pass"));
        assert_eq!(decode(b"dTpw==").as_deref(), Some("u:p"));
        assert_eq!(decode(b"fn5-Pw"), decode(b"fn5+Pw=="));
        assert_eq!(decode(b"////"), None);
    }
}
