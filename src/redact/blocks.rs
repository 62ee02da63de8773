//! Private keys in PEM blocks and passwords in URLs.

use super::assigned::{self, is_made};
use super::encoded::decoded_bytes;
use super::{SecretSpan, entropy, is_jumbled};

pub(super) const PEM_WORD: &str = "-----begin";
/// Formats of keys with a head and an end of their own.
pub(super) const KEY_WORDS: &[&str] = &["---- begin ssh2 encrypted", "<rsakeyvalue>", "private-lines: "];
pub(super) const URL_WORD: &str = "://";

/// Bytes of a PEM block. RSA with 16,384 bits has 13 kB.
const MAX_PEM: usize = 32_768;

/// Bytes of a key in another format.
const MAX_KEY: usize = 16_384;

/// Bytes of the part of a URL before its host.
const MAX_USERINFO: usize = 512;

/// Base64 characters that make a block more than a mention of its first line.
const MIN_PEM_BODY: usize = 24;

/// Base64 characters in a row that make what follows a first line a key.
const MIN_KEY_RUN: usize = 20;

/// Base64 characters of a line that can be nothing but a line of a key: nearly
/// the 64 of PEM.
const MIN_KEY_LINE: usize = 60;

/// The private key whose first line starts at `at`. It ends with its `END`
/// line or, where that is missing, with the last line that can belong to it.
pub(super) fn pem(bytes: &[u8], at: usize) -> Option<SecretSpan> {
    let (block, body_start) = head(bytes, at)?;
    let body_end = match find(block, b"-----", body_start) {
        Some(end) if block[end..].starts_with(b"-----END") && is_body(&block[body_start..end]) => {
            let line = end + 8;
            find(&block[..block.len().min(line + 100)], b"-----", line)? + 5
        }
        _ => {
            let body = &block[body_start..][..body_length(&block[body_start..])];
            // Prose and code that follow a mention have base64 characters too.
            has_key(body, MIN_KEY_RUN).then_some(body_start + body.len())?
        }
    };
    let body = &block[body_start..body_end];
    let size = body.iter().filter(|b| is_base64(**b)).count();
    (size >= MIN_PEM_BODY).then_some(SecretSpan {
        start: at,
        end: at + body_end,
        kind: "PRIVATE_KEY",
        strong: true,
    })
}

/// The same on a page that joins many texts: the line below a mention of a key's
/// first line is about something else, unless it and the next, or the end of the
/// block, can be nothing but a key. Three texts of which one is the first line of
/// a key, one any token and one the last line are none: the token begins as no
/// key does.
pub(super) fn pem_on_page(bytes: &[u8], at: usize) -> Option<SecretSpan> {
    let (block, body_start) = head(bytes, at)?;
    let mut lines = block[body_start..].split(|b| *b == b'\n');
    let first = body_start + lines.next().map_or(0, <[u8]>::len);
    if let Some(span) = pem(&bytes[..at + first], at) {
        return Some(span);
    }
    let is_header = |line: &&[u8]| find(line, b": ", 0).is_some() || line.trim_ascii().is_empty();
    let mut below = lines.skip_while(is_header).map(key_line);
    let run = below.next().flatten()?;
    let body = find(block, run, body_start).unwrap_or(body_start);
    let is_key = begins_a_key(run) || hides_its_beginning(&block[..body]);
    // Of one length, or the end of the block.
    let is_wrapped = match below.next().flatten() {
        Some(second) => run.len() == second.len(),
        None => find(block, b"-----END", 0).is_some(),
    };
    if is_key && is_wrapped { pem(bytes, at) } else { None }
}

/// Whether base64 begins as that of a private key: with a sequence in DER, of a
/// version or of an algorithm, or with OpenSSH's name of its format.
fn begins_a_key(run: &[u8]) -> bool {
    matches!(
        decoded_bytes(&run[..run.len().min(8)])[..],
        [0x30, 0..=0x7f, 0x02 | 0x30, ..]
            | [0x30, 0x81, _, 0x02 | 0x30, ..]
            | [0x30, 0x82, _, _, 0x02 | 0x30, ..]
            | [b'o', b'p', b'e', b'n', b's', b's']
    )
}

/// Whether what stands above the base64 says that it is encrypted, or packets of
/// PGP.
fn hides_its_beginning(above: &[u8]) -> bool {
    find(above, b"Proc-Type: ", 0).is_some() || find(above, b"PGP PRIVATE KEY", 0).is_some()
}

/// The base64 that is all there is on the line, but for what wraps it.
fn key_line(line: &[u8]) -> Option<&[u8]> {
    let run = line.split(|b| !is_base64(*b)).max_by_key(|run| run.len())?;
    let padding = run.iter().rev().take_while(|b| **b == b'=').count();
    let is_key = line.len() - run.len() <= 16
        && padding <= 2
        && !run[..run.len() - padding].contains(&b'=')
        && has_key(run, MIN_KEY_LINE);
    is_key.then_some(run)
}

/// The block at `at`, and where in it the first line ends. It ends before the
/// next one, so that a text of many heads is read once.
fn head(bytes: &[u8], at: usize) -> Option<(&[u8], usize)> {
    let block = &bytes[at..bytes.len().min(at + MAX_PEM)];
    let label_end = find(&block[..block.len().min(120)], b"-----", PEM_WORD.len())?;
    find(&block[PEM_WORD.len()..label_end], b"PRIVATE KEY", 0)?;
    let next = find(block, b"-----BEGIN", label_end + 5).unwrap_or(block.len());
    Some((&block[..next], label_end + 5))
}

/// The key in SSH2's, XML's or PuTTY's format whose head stands at
/// `bytes[at..end]`. Where another head follows first, this one has no body.
pub(super) fn key(bytes: &[u8], at: usize, end: usize) -> Option<SecretSpan> {
    let block = &bytes[at..bytes.len().min(at + MAX_KEY)];
    let head = end - at;
    let length = match bytes[at] {
        b'-' => ssh2_length(block, head)?,
        b'<' => xml_length(block, head)?,
        _ => putty_length(block, head)?,
    };
    Some(SecretSpan { start: at, end: at + length, kind: "PRIVATE_KEY", strong: true })
}

/// `---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----` to `---- END ...`.
fn ssh2_length(block: &[u8], head: usize) -> Option<usize> {
    let end = find(block, b"---- ", head + b" PRIVATE KEY ----".len())?;
    let is_body = |b: &u8| is_base64(*b) || b" \r\n\t:@\",.-_()".contains(b);
    let body = &block[head..end];
    let has_body = body.iter().filter(|b| is_base64(**b)).count() >= MIN_PEM_BODY + 10;
    (block[end..].starts_with(b"---- END") && has_body && body.iter().all(is_body)).then_some(end + 8)
}

/// .NET's `<RSAKeyValue>`, which holds the private exponent in `<D>`.
fn xml_length(block: &[u8], head: usize) -> Option<usize> {
    let is_body = |b: &u8| is_base64(*b) || matches!(b, b'<' | b'>' | b' ' | b'\r' | b'\n' | b'\t');
    let body = head + block[head..].iter().take_while(|b| is_body(b)).count();
    let next = find(&block[..body], b"<RSAKeyValue>", head).unwrap_or(body);
    let exponent = find(&block[..next], b"<D>", head)? + 3;
    let end = find(&block[..next], b"</D>", exponent)?;
    (end - exponent >= 20).then_some(end + 4)
}

/// PuTTY's `Private-Lines: 8` and so many lines of base64.
fn putty_length(block: &[u8], head: usize) -> Option<usize> {
    let digits = block[head..].iter().take(4).take_while(|b| b.is_ascii_digit()).count();
    let mut end = head + digits;
    let mut lines = 0;
    while lines < 200 {
        let feed = block[end..].iter().take(2).take_while(|b| matches!(b, b'\r' | b'\n')).count();
        let length = block[end + feed..].iter().take(80).take_while(|b| is_base64(**b)).count();
        let ends = block.get(end + feed + length).is_none_or(|b| matches!(b, b'\r' | b'\n'));
        if feed == 0 || !(4..=64).contains(&length) || !ends {
            break;
        }
        end += feed + length;
        lines += 1;
    }
    (digits > 0 && lines > 0).then_some(end)
}

/// Whether `body` has a run of base64 of this length that no word, path or
/// digest is.
fn has_key(body: &[u8], least: usize) -> bool {
    let is_key = |run: &[u8]| {
        let both = run.iter().any(u8::is_ascii_uppercase) && run.iter().any(u8::is_ascii_lowercase);
        run.len() >= least && both && is_jumbled(run) && entropy(run) >= 3.5
    };
    body.split(|b| !is_base64(*b)).any(is_key)
}

/// How far a key without an end goes: up to the last line that fits.
fn body_length(block: &[u8]) -> usize {
    let mut length = 0;
    let mut end = 0;
    for (index, line) in block.split(|b| *b == b'\n').enumerate() {
        let fits = if index == 0 {
            // The rest of the first line may hold the whole key, escaped.
            let cut = line.iter().position(|b| matches!(b, b'"' | b'\'' | b'`' | b'<')).unwrap_or(line.len());
            end = cut;
            cut == line.len()
        } else {
            is_body(line)
        };
        if !fits {
            break;
        }
        length += line.len() + usize::from(index > 0);
        if line.iter().any(|b| is_base64(*b)) {
            end = length;
        }
    }
    end
}

/// Whether every line could stand inside a PEM block: base64 in any wrapping
/// (indentation, quotes, comment signs, escapes), a header, or nothing.
fn is_body(body: &[u8]) -> bool {
    body.split(|b| *b == b'\n').all(|line| {
        let longest = line.split(|b| !is_base64(*b)).map(<[u8]>::len).max().unwrap_or(0);
        let rest = line.iter().filter(|b| !is_base64(**b)).count();
        longest >= 16 && rest <= 24 + line.len() / 8
            || longest + rest <= 80 && rest <= 4 && longest > 0 && !line.contains(&b'(')
            || line.iter().all(|b| !b.is_ascii_alphanumeric())
            || find(line, b": ", 0).is_some_and(|colon| colon <= 20)
            || find(line, b"ENCRYPTED", 0).is_some()
    })
}

/// The password in `scheme://user:password@host`, or the lone token in
/// `scheme://token@host`; `at` is the position of `://`.
pub(super) fn url_password(bytes: &[u8], at: usize) -> Option<SecretSpan> {
    if at == 0 || !bytes[at - 1].is_ascii_alphanumeric() {
        return None;
    }
    let start = at + URL_WORD.len();
    let rest = &bytes[start..bytes.len().min(start + MAX_USERINFO)];
    let stop = rest
        .iter()
        .position(|b| {
            b.is_ascii_whitespace()
                || matches!(b, b'"' | b'\'' | b'`' | b'<' | b'>' | b',' | b')' | b'\\' | b']')
        })
        .unwrap_or(rest.len());
    // The last `@` before the path: passwords hold `@` more often than hosts.
    let authority = rest[..stop].iter().position(|b| matches!(b, b'/' | b'?' | b'#')).unwrap_or(stop);
    let sign =
        rest[..authority].iter().rposition(|b| *b == b'@').or_else(|| unescaped_password(&rest[..stop]))?;
    let userinfo = &rest[..sign];
    match userinfo.iter().position(|b| *b == b':') {
        Some(colon) => {
            let password = &userinfo[colon + 1..];
            is_url_password(&userinfo[..colon], password).then_some(SecretSpan {
                start: start + colon + 1,
                end: start + sign,
                kind: "URL_PASSWORD",
                strong: false,
            })
        }
        None => is_url_token(userinfo).then_some(SecretSpan {
            start,
            end: start + sign,
            kind: "URL_TOKEN",
            strong: true,
        }),
    }
}

/// The `@` after a password that holds `/`, `?` or `#` although it should not:
/// `user:pa/ss@host`. Only where the part before the slash is no port.
fn unescaped_password(rest: &[u8]) -> Option<usize> {
    let colon = rest.iter().position(|b| *b == b':')?;
    let slash = rest.iter().position(|b| matches!(b, b'/' | b'?' | b'#'))?;
    let sign = rest.iter().position(|b| *b == b'@')?;
    let port = rest.get(colon + 1..slash)?;
    let is_port = port.iter().all(u8::is_ascii_digit) && !(port.is_empty() && rest[slash] == b'#');
    (!is_port && !rest[..colon].contains(&b'.') && sign < slash + 40).then_some(sign)
}

/// Words that stand in for a user. Beside a real name `password` is a password.
const USERS: &[&[u8]] = &[
    b"user",
    b"username",
    b"usr",
    b"login",
    b"name",
    b"me",
    b"foo",
    b"u",
    b"a",
    b"x",
    b"id",
    b"youruser",
    b"your_user",
    b"myuser",
    b"some_user",
    b"someuser",
    b"user_name",
];

/// Words that stand in for a password.
const PASSWORDS: &[&[u8]] = &[
    b"password",
    b"passwd",
    b"pass",
    b"pwd",
    b"pw",
    b"secret",
    b"token",
    b"yourpassword",
    b"your-password",
    b"your_password",
    b"mypassword",
    b"p",
    b"bar",
    b"b",
    b"y",
    b"pswd",
    b"passw0rd",
    b"my_password",
    b"some_password",
];

fn is_url_password(user: &[u8], password: &[u8]) -> bool {
    let user = user.to_ascii_lowercase();
    let lower = password.to_ascii_lowercase();
    !password.is_empty()
        && !(PASSWORDS.contains(&lower.as_slice()) && (user.is_empty() || USERS.contains(&user.as_slice())))
        && !is_filled_in(password)
        && !password.iter().all(|b| matches!(b, b'*' | b'x' | b'X' | b'.'))
        && !password.starts_with(b"REDACTED_")
}

/// Whether a program or a person puts the password here later: `$PASS`, `{pw}`,
/// `%s`, `<password>`.
fn is_filled_in(password: &[u8]) -> bool {
    let first = password[0];
    let is_name = |text: &[u8]| {
        let digits = text.iter().filter(|b| b.is_ascii_digit()).count();
        let made = is_made(text) || digits > 0 && text.iter().any(u8::is_ascii_uppercase) && !is_upper(text);
        text.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.')) && !made
    };
    let inner = password.get(1..password.len().saturating_sub(1)).unwrap_or_default();
    let is_escape = password.len() >= 3 && password[1].is_ascii_hexdigit() && password[2].is_ascii_hexdigit();
    match first {
        b':' => true,
        b'%' => !is_escape || password.ends_with(b"%"),
        b'$' => password.len() == 1 || is_name(&password[1..]) || matches!(password[1], b'{' | b'(' | b'$'),
        b'[' => password.ends_with(b"]") && is_name(inner),
        b'<' => password.ends_with(b">") || password.len() < 3,
        b'{' if !password.contains(&b'}') => password.len() < 3 || password[1] == b'{',
        b'#' => password.len() < 3 || password[1] == b'{',
        _ => password.contains(&b'{') && !is_made(password) || assigned::is_template(password),
    }
}

fn is_upper(text: &[u8]) -> bool {
    !text.iter().any(u8::is_ascii_lowercase)
}

fn is_url_token(token: &[u8]) -> bool {
    token.len() >= 20
        && token.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
        && token.iter().any(u8::is_ascii_digit)
        && token.iter().any(u8::is_ascii_alphabetic)
        && entropy(token) >= 3.0
        && !token.starts_with(b"REDACTED_")
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

fn find(haystack: &[u8], needle: &[u8], from: usize) -> Option<usize> {
    let rest = haystack.get(from..)?;
    rest.windows(needle.len()).position(|window| window == needle).map(|at| at + from)
}
