//! Secrets in base64: private keys and settings as CI variables and manifests
//! carry them, JSON web tokens encoded once more, and `Basic` credentials.
//!
//! A run of base64 is decoded where its first bytes are text, and judged by what
//! is found in the decoded text.

use std::ops::Range;

use super::{SecretSpan, escape};

/// Bytes of a run that are decoded. A service account's key has 2.4 kB.
const MAX_RUN: usize = 8_192;

/// Shorter runs hold no more than a name.
const MIN_RUN: usize = 24;

/// Lines of less than this are not wrapped base64.
const MIN_WRAPPED: usize = 48;

/// White space before the next line of wrapped base64.
const MAX_INDENT: usize = 16;

/// Base64 that holds text, in order. `lines` joins what is wrapped, too.
pub(super) fn runs(bytes: &[u8], lines: bool, mut found: impl FnMut(Range<usize>, &str) -> bool) {
    let mut at = 0;
    // Where the wrapped run before ends, which need not be joined again.
    let mut joined = 0;
    while let Some(run) = next_run(bytes, at) {
        at = run.end;
        if lines && run.start >= joined {
            let (text, end) = wrapped(bytes, &run);
            if end > run.end {
                joined = end;
                if is_text_start(&text)
                    && let Some(decoded) = decode(&text)
                    && found(run.start..end, &decoded)
                {
                    at = end;
                    continue;
                }
            }
        }
        let run_bytes = &bytes[run.start..run.end.min(run.start + MAX_RUN)];
        if is_text_start(run_bytes)
            && let Some(decoded) = decode(run_bytes)
        {
            let padding = bytes[run.end..].iter().take(2).take_while(|b| **b == b'=').count();
            found(run.start..run.end + padding, &decoded);
        }
    }
}

/// The next run of base64 from `at` that is long enough. Steps over text by as
/// many bytes as a run has at least.
fn next_run(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let mut from = at;
    loop {
        let last = from + MIN_RUN - 1;
        let window = bytes.get(from..=last)?;
        match window.iter().rposition(|b| !is_plain(*b)) {
            Some(other) => from += other + 1,
            None => {
                let more = bytes[last..].iter().take_while(|b| is_base64(**b)).count();
                return Some(from..last + more);
            }
        }
    }
}

/// The run and the lines of base64 below it that go on with it, without what is
/// between them, and where they end.
fn wrapped(bytes: &[u8], run: &Range<usize>) -> (Vec<u8>, usize) {
    let width = run.len();
    let mut text = bytes[run.clone()].to_vec();
    let mut end = run.end;
    if width < MIN_WRAPPED {
        return (text, end);
    }
    while text.len() < MAX_RUN {
        let Some(line) = bytes[end..].strip_prefix(b"\n") else { break };
        let indent = line.iter().take(MAX_INDENT).take_while(|b| matches!(b, b' ' | b'\t')).count();
        let length = line[indent..].iter().take(width + 1).take_while(|b| is_base64(**b)).count();
        let padding = line[indent + length..].iter().take(2).take_while(|b| **b == b'=').count();
        let behind = end + 1 + indent + length + padding;
        let ends = bytes.get(behind).is_none_or(|b| *b == b'\n');
        if length == 0 || length > width || !ends {
            break;
        }
        text.extend_from_slice(&line[indent..indent + length]);
        end = behind;
        if length < width || padding > 0 {
            break;
        }
    }
    (text, end)
}

/// Whether the first bytes in a run are text: by chance they are in one of five
/// thousand.
fn is_text_start(run: &[u8]) -> bool {
    let upper = run.iter().take(MIN_RUN).any(u8::is_ascii_uppercase);
    upper
        && decoded_bytes(&run[..run.len().min(12)])
            .iter()
            .all(|b| matches!(b, b' '..=b'~' | b'\n' | b'\r' | b'\t' | 0xc2..=0xf4 | 0x80..=0xbf))
}

/// The credentials behind the word `Basic`: base64 of `user:password`.
pub(super) fn basic(bytes: &[u8], at: usize, end: usize) -> Option<SecretSpan> {
    if !escape::starts_word(bytes, at) {
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
    (printable && !(user.is_empty() && password.is_empty())).then_some(SecretSpan {
        start,
        end: start + length,
        kind: "AUTHORIZATION",
        strong: false,
    })
}

/// The end of one of Discord's tokens, whose first part, which ends at `at`, is
/// base64 of the bot's number.
pub(super) fn bot_token(bytes: &[u8], at: usize, decoded: &str) -> Option<usize> {
    let is_number = (17..=20).contains(&decoded.len()) && decoded.bytes().all(|b| b.is_ascii_digit());
    let mut end = at;
    for lengths in [6..=7, 27..=40] {
        (is_number && bytes.get(end) == Some(&b'.')).then_some(())?;
        let length = bytes[end + 1..].iter().take(41).take_while(|b| is_base64(**b)).count();
        lengths.contains(&length).then_some(())?;
        end += 1 + length;
    }
    Some(end)
}

/// Standard or URL-safe base64 as text; what is cut off at the end is dropped.
fn decode(run: &[u8]) -> Option<String> {
    let mut out = decoded_bytes(run);
    if let Err(error) = std::str::from_utf8(&out)
        && error.error_len().is_none()
    {
        out.truncate(error.valid_up_to());
    }
    String::from_utf8(out).ok().filter(|text| !text.contains(|c: char| c.is_control() && !c.is_whitespace()))
}

/// The bytes of base64 in either alphabet, up to what is none.
pub(super) fn decoded_bytes(run: &[u8]) -> Vec<u8> {
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
    out
}

fn is_base64(byte: u8) -> bool {
    is_plain(byte) || matches!(byte, b'-' | b'_')
}

/// The alphabet that most base64 has, and few names. A table: every few bytes of
/// all text are looked up.
fn is_plain(byte: u8) -> bool {
    const TABLE: [bool; 256] = {
        let mut table = [false; 256];
        let mut byte = 0;
        while byte < 256 {
            let b = byte as u8;
            table[byte] = b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/');
            byte += 1;
        }
        table
    };
    TABLE[usize::from(byte)]
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
