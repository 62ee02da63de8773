//! Values that are secret for the name beside them: `API_KEY = "..."`,
//! `password: ...`, `"token": "..."`, `Authorization: Bearer ...`,
//! `--password ...`, `<pass>...</pass>`.
//!
//! Three questions, each cheap enough for every `key` in a source tree: does
//! the name mean a secret ([`Class`]), is a literal value assigned to it
//! ([`literal`]), and does the value look like one ([`is_secret`]).
//!
//! What is kept on purpose: words that stand in for a secret (`password`,
//! `changeme`, `your-key-here`, `xxxx`), templates (`${VAR}`, `{{ x }}`,
//! `%s`), expressions, identifiers, paths, URLs, messages with spaces. A
//! password of letters only counts in the syntax of settings (`DB_PASS=letmein`,
//! `"password": "letmein",`), not as an argument in code, where it is nearly
//! always a test's.

use super::{Span, entropy};

/// What a key word makes of the value beside it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Class {
    /// Made up by people, so even a weak value counts.
    Password,
    /// Made by machines: counts when it looks random.
    Secret,
    /// Often something else (`key`, `auth`): counts when long and random.
    Weak,
    /// A header: the value follows a scheme such as `Bearer`.
    Header,
}

/// A key word as it is searched for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word {
    class: Class,
    /// Counts only as a word of its own (`db_pass`), not in one (`bypass`).
    whole: bool,
    kind: &'static str,
}

const fn part(class: Class, kind: &'static str) -> Word {
    Word { class, whole: false, kind }
}

const fn whole(class: Class, kind: &'static str) -> Word {
    Word { class, whole: true, kind }
}

#[rustfmt::skip]
pub(super) static WORDS: &[(&str, Word)] = &[
    ("password", part(Class::Password, "PASSWORD")),
    ("passwd", part(Class::Password, "PASSWORD")),
    ("passphrase", part(Class::Password, "PASSWORD")),
    ("passcode", part(Class::Password, "PASSWORD")),
    ("passwort", part(Class::Password, "PASSWORD")),
    ("pass", whole(Class::Password, "PASSWORD")),
    ("pwd", whole(Class::Password, "PASSWORD")),
    ("pw", whole(Class::Password, "PASSWORD")),
    // PowerShell's ConvertTo-SecureString, and SQL's CREATE USER.
    ("securestring", whole(Class::Password, "PASSWORD")),
    ("identified by", whole(Class::Password, "PASSWORD")),
    ("secret", part(Class::Secret, "SECRET")),
    ("token", part(Class::Secret, "TOKEN")),
    ("apikey", part(Class::Secret, "API_KEY")),
    ("api_key", part(Class::Secret, "API_KEY")),
    ("api-key", part(Class::Secret, "API_KEY")),
    ("accesskey", part(Class::Secret, "ACCESS_KEY")),
    ("access_key", part(Class::Secret, "ACCESS_KEY")),
    ("access-key", part(Class::Secret, "ACCESS_KEY")),
    ("privatekey", part(Class::Secret, "PRIVATE_KEY")),
    ("private_key", part(Class::Secret, "PRIVATE_KEY")),
    ("private-key", part(Class::Secret, "PRIVATE_KEY")),
    ("accountkey", part(Class::Secret, "ACCESS_KEY")),
    ("sessionid", part(Class::Secret, "SESSION")),
    ("session_id", part(Class::Secret, "SESSION")),
    ("sessid", part(Class::Secret, "SESSION")),
    ("credential", part(Class::Secret, "CREDENTIAL")),
    ("authorization", whole(Class::Header, "AUTHORIZATION")),
    ("bearer", whole(Class::Header, "AUTHORIZATION")),
    ("key", whole(Class::Weak, "KEY")),
    ("auth", whole(Class::Weak, "CREDENTIAL")),
    ("cred", whole(Class::Weak, "CREDENTIAL")),
    ("creds", whole(Class::Weak, "CREDENTIAL")),
    ("salt", whole(Class::Weak, "SECRET")),
    ("signature", whole(Class::Weak, "SECRET")),
];

/// Whether a span of this kind comes from here.
pub(super) fn is_kind(kind: &str) -> bool {
    WORDS.iter().any(|(_, word)| word.kind == kind)
}

/// Last words of a name that says something about a secret and holds none.
#[rustfmt::skip]
const ABOUT: &[&str] = &[
    "algorithm", "alias", "attempts", "backend", "backends", "chars", "charset", "class", "column", "count", "cls",
    "default", "delimiter", "description", "digest", "dir", "enabled", "endpoint", "endswith", "exact", "icontains", "startswith", "error", "expiry", "expires",
    "field", "fields", "file", "filename", "fingerprint", "folder", "form", "format", "generator", "handler",
    "hasher", "hashers", "header", "help", "hint", "id", "ids", "index", "issuer", "kind", "label", "len", "length",
    "lifetime", "link", "list", "manager", "max", "message", "method", "min", "mode", "model", "msg", "name", "names",
    "param", "path", "paths", "pattern", "placeholder", "policy", "pos", "position", "prefix", "prompt", "provider",
    "ref", "regex", "regexp", "required", "scheme", "scope", "selector", "separator", "serializer", "service", "size",
    "sort", "src", "state", "status", "strategy", "suffix", "template", "text", "timeout", "title", "ttl", "type",
    "types", "uri", "url", "urls", "usage", "user", "username", "validator", "validators", "version", "view", "widget",
];

/// Words before `key` that make it another kind of key.
#[rustfmt::skip]
const OTHER_KEYS: &[&str] = &[
    "cache", "column", "dict", "ed25519", "foreign", "gpg", "group", "hash", "host", "hot", "i18n", "index", "json",
    "keyboard", "lookup", "map", "message", "object", "order", "partition", "primary", "public", "pub", "row", "sort",
    "translation", "unique",
];

/// Words before `token` of what is handed to everybody.
const OTHER_TOKENS: &[&str] =
    &["csrf", "xsrf", "public", "next", "page", "continuation", "cancellation", "sync"];

/// Words before `key` that make it a secret for sure.
#[rustfmt::skip]
const SECRET_KEYS: &[&str] = &[
    "account", "admin", "aes", "app", "application", "client", "consumer", "cookie", "crypt", "crypto", "decryption",
    "deploy", "encrypt", "encryption", "hmac", "license", "master", "secret", "server", "service", "session", "shared",
    "sign", "signing", "storage", "webhook",
];

/// Words in the name of a text that is shown to people: `LABEL_PASSWORD`.
#[rustfmt::skip]
const SHOWN: &[&str] = &[
    "change", "confirm", "current", "enter", "error", "forgot", "hint", "invalid", "label", "mandatory", "message",
    "msg", "placeholder", "remove", "repeat", "reset", "show", "text", "title",
];

/// Values that stand in for a secret, in lower case, without separators.
#[rustfmt::skip]
const STAND_INS: &[&str] = &[
    "admin", "any", "bar", "baz", "bool", "boolean", "bytes", "credentials", "default", "disabled", "dummy", "empty",
    "enabled", "false", "foo", "foobar", "hidden", "int", "key", "lol", "missing", "mypassword", "mysecret",
    "mytoken", "new", "newpass", "newpassword", "nil", "no", "none", "null", "number", "object", "off", "old",
    "oldpassword", "on", "optional", "pass", "passwd", "password", "password1", "password2", "password123", "pw", "pwd",
    "raw", "required", "secret", "secretkey", "self", "some", "somepassword", "somesecret", "str", "string", "test",
    "test123", "testing", "testpass", "testpassword", "testpw", "testsecret", "testtoken", "text", "token", "true",
    "undefined", "unset", "unused", "user", "username", "value", "void", "wrong", "wrongpassword", "yes",
];

/// Parts that only stand-ins have.
#[rustfmt::skip]
const STAND_IN_PARTS: &[&str] = &[
    "changeme", "change-me", "change_me", "replaceme", "replace-", "replace_", "your-", "your_", "yourkey", "yourpass",
    "yoursecret", "yourtoken", "placeholder", "insert-", "insert_", "<your", "fixme", "todo", "redacted", "dummy",
    "not-a-", "not_a_", "notasecret", "goes-here", "goes_here", "-here", "_here", "example", "invalid", "abcdefghij",
];

/// Bytes of a name before and after its key word.
const MAX_NAME: usize = 64;
/// Bytes of white space before a value: aligned tables.
const MAX_GAP: usize = 40;
/// Bytes of a quoted value, and of a bare one.
const MAX_QUOTED: usize = 2_048;
const MAX_BARE: usize = 512;
/// Bytes of a value that are looked at for signs of a stand-in or template.
const MAX_JUDGED: usize = 96;
const MIN_PASSWORD: usize = 4;
const MIN_SECRET: usize = 10;
const MIN_WEAK: usize = 20;

/// The secret value assigned to the name around the key word `bytes[at..end]`.
pub(super) fn value(bytes: &[u8], at: usize, end: usize, word: Word) -> Option<Span> {
    let name_end = end + run(&bytes[end..], MAX_NAME, is_name);
    // Most key words end here: nothing that assigns follows.
    let next = *bytes.get(name_end)?;
    if !matches!(
        next,
        b'"' | b'\''
            | b'`'
            | b'\n'
            | b']'
            | b')'
            | b'\\'
            | b' '
            | b'\t'
            | b'='
            | b':'
            | b'>'
            | b'('
            | b'?'
            | b'!'
            | b'|'
            | b'-'
            | b','
    ) {
        return None;
    }
    let mut name_start = at - run_back(&bytes[..at], MAX_NAME, is_name);
    // An option's dashes are no part of its name.
    name_start += run(&bytes[name_start..at], MAX_NAME, |b| b == b'-' || b == b'.');
    let class = class_of(&bytes[name_start..name_end], at - name_start, end - name_start, word)?;
    let found = literal(bytes, name_start, name_end, class)?;
    let text = &bytes[found.start..found.end];
    let (start, text) = match class {
        Class::Header => {
            let skipped = scheme(text);
            (found.start + skipped, &text[skipped..])
        }
        _ => (found.start, text),
    };
    if !is_secret(class, text, &found, &bytes[name_start..name_end]) {
        return None;
    }
    let mut end = start + text.len();
    if found.cut {
        end += run(&bytes[end..], usize::MAX, is_tokenish);
    }
    Some(Span { start, end, kind: word.kind, strong: class != Class::Password && looks_random(text, 20) })
}

/// What the whole name means, given that it holds `word` at `from..to`.
fn class_of(name: &[u8], from: usize, to: usize, word: Word) -> Option<Class> {
    if word.whole && !(starts_word(name, from) && ends_word(name, to)) {
        return None;
    }
    // Only the last key word of a name decides, and only if no word after it
    // turns the name into one about the secret.
    let tail = &name[to..];
    let last = words_of(tail).last();
    if let Some(last) = last {
        if is_one_of(last, ABOUT) {
            return None;
        }
        if word.class == Class::Header {
            return None;
        }
    }
    if word.class == Class::Weak {
        if tail.iter().any(u8::is_ascii_alphabetic) && word.kind == "KEY" && words_of(tail).count() > 2 {
            return None;
        }
        let before = words_of(&name[..from]).last();
        if before.is_some_and(|before| is_one_of(before, OTHER_KEYS)) {
            return None;
        }
        if word.kind == "KEY"
            && tail.is_empty()
            && before.is_some_and(|before| is_one_of(before, SECRET_KEYS))
        {
            return Some(Class::Secret);
        }
    }
    if word.kind == "TOKEN"
        && words_of(&name[..from]).last().is_some_and(|before| is_one_of(before, OTHER_TOKENS))
    {
        return None;
    }
    // `tokens`, `passwords`, `secrets` hold many; `tokenize`, `secretary` none.
    if word.class == Class::Secret && tail.first().is_some_and(u8::is_ascii_lowercase) {
        let rest = run(tail, MAX_NAME, |b| b.is_ascii_lowercase());
        if !matches!(&tail[..rest], b"s" | b"key" | b"token" | b"id" | b"value" | b"access" | b"access_key") {
            return None;
        }
    }
    Some(word.class)
}

/// A literal beside a name.
struct Literal {
    start: usize,
    end: usize,
    quoted: bool,
    /// Written as settings are: `NAME=value` or `name: value` is all there is
    /// on the line.
    setting: bool,
    /// Given to a command: `--password value`.
    option: bool,
    /// Beside the name with no sign between that assigns.
    listed: bool,
    /// Longer than what is looked at.
    cut: bool,
}

/// The literal that is assigned, passed or compared to the name at
/// `name_start..name_end`; `None` for expressions.
fn literal(bytes: &[u8], name_start: usize, name_end: usize, class: Class) -> Option<Literal> {
    let mut at = name_end;
    // `"name"`, `'name'`, `x["name"]`, `\"name\"`
    let closers = run(&bytes[at..], 4, |b| matches!(b, b'"' | b'\'' | b'`' | b']' | b'\\'));
    at += closers;
    let gap = run(&bytes[at..], MAX_GAP, is_blank);
    at += gap;
    let next = *bytes.get(at)?;
    let quoted_name = bytes[name_end..name_end + closers].iter().any(|b| matches!(b, b'"' | b'\'' | b'`'));
    let mut only_quoted = false;
    let mut entry = false;
    let mut statement = false;
    let mut listed = false;
    let is_option = bytes[..name_start].ends_with(b"-") && {
        let dashes = run_back(&bytes[..name_start], 2, |b| b == b'-');
        name_start == dashes || bytes[name_start - dashes - 1].is_ascii_whitespace()
    };
    let mut equals = false;
    let mut spaced = gap > 0;
    match next {
        b'=' | b':' | b'?' | b'!' | b'|' | b'+' | b'-' | b'.' => {
            let sign = run(&bytes[at..], 4, |b| {
                matches!(b, b'=' | b':' | b'?' | b'!' | b'|' | b'+' | b'~' | b'>' | b'-' | b'.')
            });
            let text = &bytes[at..at + sign];
            if !text.iter().any(|b| matches!(b, b'=' | b':' | b'>')) {
                // `--password value` has its sign before the name.
                return None;
            }
            equals = text == b"=";
            only_quoted = sign > 1 && !matches!(text, b":=" | b"=>");
            at += sign;
            let more = run(&bytes[at..], MAX_GAP, is_blank);
            spaced |= more > 0;
            at += more;
            if matches!(text, b":" | b"?:")
                && let Some(typed) = after_type(bytes, at)
            {
                at = typed;
                only_quoted = true;
            }
            if text == b":"
                && let Some(block) = block_scalar(bytes, name_start, at)
            {
                return Some(block);
            }
        }
        // `- name: DB_PASSWORD` and `value: ...` on the line below.
        b'\n' => return value_below(bytes, name_start, at),
        b',' if quoted_name && bytes[at - gap - 1] != b']' => {
            at += 1;
            at += run(&bytes[at..], MAX_GAP, is_blank);
            let behind = behind_value_word(bytes, at);
            listed = behind == at;
            at = behind;
            only_quoted = true;
        }
        b'(' if closers == 0 && gap == 0 => {
            at += 1;
            only_quoted = true;
        }
        b'>' if closers <= 1 => return element(bytes, name_start, at, class),
        _ if quoted_name && bytes[at..].starts_with(b"value=") => {
            at += 6;
            only_quoted = true;
        }
        // <pass encoding="base64">value</pass>
        _ if gap > 0 && name_start > 0 && bytes[name_start - 1] == b'<' => {
            let close = bytes[at..bytes.len().min(at + 100)].iter().position(|b| *b == b'>')?;
            return element(bytes, name_start, at + close, class);
        }
        // --password value
        _ if gap > 0 && closers == 0 && is_option => {}
        // netrc's `login me password value`
        _ if gap > 0 && closers == 0 && class == Class::Password && is_entry(bytes, name_start) => {
            entry = true;
        }
        b'"' | b'\'' if gap > 0 && closers == 0 && class == Class::Password => {
            only_quoted = true;
            statement = is_statement(bytes, name_start, name_end);
            listed = true;
        }
        // Go's `var token string = "..."`
        _ if gap > 0 && closers == 0 && declared(bytes, at).is_some() => {
            at = declared(bytes, at)?;
            only_quoted = true;
        }
        _ if class == Class::Header && gap > 0 => {}
        _ => return None,
    }
    let line_start = is_line_start(bytes, name_start);
    if let Some(found) = quoted(bytes, at) {
        // PHP's way to name a setting.
        let defined = bytes[..name_start.saturating_sub(closers)].trim_ascii_end().ends_with(b"define(");
        let blank = run(&bytes[found.after..], 2, is_blank);
        let closing = if defined && bytes.get(found.after + blank) == Some(&b')') { blank + 1 } else { 0 };
        let alone = line_start && ends_line(bytes, found.after + closing);
        return Some(Literal {
            start: found.start,
            end: found.end,
            quoted: true,
            setting: statement || alone && (quoted_name || !spaced || next == b':'),
            option: is_option,
            listed,
            cut: found.cut,
        });
    }
    if only_quoted {
        return None;
    }
    let mut length = run(&bytes[at..], MAX_BARE, is_bare);
    // A sentence's full stop is no part of a token.
    while length > 0 && matches!(bytes[at + length - 1], b'.' | b':') {
        length -= 1;
    }
    let mut end = at + length;
    if class == Class::Header {
        let skipped = scheme(&bytes[at..end]);
        if skipped == 0 && is_scheme(&bytes[at..end]) {
            let blank = run(&bytes[end..], 2, is_blank);
            let from = end + blank;
            let token = run(&bytes[from..], MAX_BARE, is_bare);
            at = from;
            end = from + token;
        }
    }
    let after = bytes.get(end).copied().unwrap_or(b'\n');
    if class != Class::Header && is_member(&bytes[at..end]) {
        return None;
    }
    // A call, an index, a path through an object: an expression.
    if matches!(after, b'(' | b'[' | b'{') {
        return None;
    }
    Some(Literal {
        start: at,
        end,
        quoted: false,
        setting: entry
            || line_start && ends_line(bytes, end) && !matches!(after, b',' | b';') && (!spaced || !equals)
            || equals && !spaced && is_variable(bytes, name_start, name_end) && !matches!(after, b',' | b';'),
        option: is_option,
        listed: false,
        cut: end - at == MAX_BARE,
    })
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
        option: false,
        listed: false,
        cut: false,
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
        quoted: false,
        setting: true,
        option: false,
        listed: false,
        cut: length == MAX_BARE,
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
        return Some(Literal { start, end, quoted: true, setting: true, option: false, listed: false, cut });
    }
    let length = run(&bytes[at..], MAX_BARE, is_bare);
    Some(Literal {
        start: at,
        end: at + length,
        quoted: false,
        setting: true,
        option: false,
        listed: false,
        cut: length == MAX_BARE,
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
fn is_statement(bytes: &[u8], name_start: usize, name_end: usize) -> bool {
    let lower = bytes[name_start.saturating_sub(16)..name_end].to_ascii_lowercase();
    [&b"with password"[..], b"encrypted password", b"identified by", b"securestring", b"set password"]
        .iter()
        .any(|end| lower.ends_with(end))
}

/// A variable of the environment, where a command or a file sets it.
fn is_variable(bytes: &[u8], name_start: usize, name_end: usize) -> bool {
    let name = &bytes[name_start..name_end];
    name.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_')
        && (name_start == 0 || bytes[name_start - 1].is_ascii_whitespace() || bytes[name_start - 1] == b'"')
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

/// Whether `text` is what a name of this class would hide.
fn is_secret(class: Class, text: &[u8], found: &Literal, name: &[u8]) -> bool {
    let head = &text[..text.len().min(MAX_JUDGED)];
    let least = match class {
        Class::Password => MIN_PASSWORD,
        Class::Secret | Class::Header => MIN_SECRET,
        Class::Weak => least_of_weak(text),
    };
    if text.len() < least || is_template(head) || is_stand_in(head, found.setting) {
        return false;
    }
    if class != Class::Header && is_location(text) {
        return false;
    }
    match class {
        Class::Password => is_password(text, found, name),
        Class::Secret | Class::Header => looks_random(text, MIN_SECRET) || is_of_one_kind(text),
        Class::Weak => looks_random(text, least) && !is_uuid(text),
    }
}

/// Base64 with its padding is no name of anything, so less of it is enough.
fn least_of_weak(text: &[u8]) -> usize {
    if text.ends_with(b"=") { 12 } else { MIN_WEAK }
}

/// Long enough to be made by a machine, of digits, capitals (base32) or
/// jumbled letters alone.
fn is_of_one_kind(text: &[u8]) -> bool {
    let all = |fits: fn(&u8) -> bool| text.iter().all(fits);
    let is_key = text.len() >= 16 && (all(u8::is_ascii_digit) || all(u8::is_ascii_uppercase))
        || text.len() >= 20 && all(u8::is_ascii_alphabetic) && is_jumbled(text);
    is_key && entropy(text) >= 2.5
}

fn is_password(text: &[u8], found: &Literal, name: &[u8]) -> bool {
    if text.iter().any(|b| is_blank(*b)) {
        return false;
    }
    let has_digit = text.iter().any(u8::is_ascii_digit);
    // What a page says about passwords, in any language.
    if !has_digit && (!text.is_ascii() || words_of(name).any(|word| is_one_of(word, SHOWN))) {
        return false;
    }
    if found.option {
        let starts = matches!(text[0], b'-' | b'<' | b'[' | b'(' | b'{');
        return !starts && text.iter().any(|b| !b.is_ascii_alphabetic()) && (has_digit || !is_wordy(text));
    }
    let letters = text.iter().all(|b| b.is_ascii_alphabetic() || !b.is_ascii());
    let mixed = looks_random(text, 6);
    if !found.quoted {
        let own_name = text == name;
        let code = text
            .iter()
            .any(|b| matches!(b, b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'<' | b'>' | b'*' | b'|'));
        if own_name || code && !found.setting {
            return false;
        }
        if !found.setting {
            return mixed && !is_wordy(text) && text.len() >= 8;
        }
        return if letters {
            // `password: String` is a type, `password: required` prose.
            text.len() >= MIN_PASSWORD && text[0].is_ascii_lowercase() && !names_secret(text)
        } else {
            mixed || !text.contains(&b'.')
        };
    }
    if found.setting {
        return !(is_wordy(text) && text.iter().any(|b| matches!(b, b'.' | b'/' | b':')));
    }
    let digits = text.iter().filter(|b| b.is_ascii_digit()).count();
    let about = is_wordy(text) && names_secret(text) && digits < 2 || is_identifier_path(text);
    match letters {
        true => !found.listed && is_plain_word(text) && names_password_itself(name),
        false => !about && text.len() >= 6,
    }
}

/// `swordfish`: no type, state or identifier.
fn is_plain_word(text: &[u8]) -> bool {
    (5..=24).contains(&text.len())
        && text.iter().all(u8::is_ascii_lowercase)
        && !names_secret(text)
        && !WORDS_OF_SETTINGS.iter().any(|word| word.as_bytes() == text)
}

/// `dbPassword`, `passphrase`: not `password_widget`.
fn names_password_itself(name: &[u8]) -> bool {
    let last = words_of(name).last().unwrap_or_default();
    ["password", "passwd", "passphrase", "passcode", "passwort", "pwd", "pass"]
        .iter()
        .any(|word| last.eq_ignore_ascii_case(word.as_bytes()))
}

/// Random letters and digits, judged by kinds of characters, entropy, and not
/// being made of words.
fn looks_random(text: &[u8], least: usize) -> bool {
    if text.len() < least || !text.is_ascii() {
        return false;
    }
    // Only long keys with many signs have blanks too; sentences have few.
    let signs = text.iter().filter(|b| b.is_ascii_punctuation()).count();
    if text.iter().any(|b| !b.is_ascii_graphic()) && (text.len() < 32 || signs * 8 < text.len()) {
        return false;
    }
    let digits = text.iter().filter(|b| b.is_ascii_digit()).count();
    let letters = text.iter().filter(|b| b.is_ascii_alphabetic()).count();
    if digits == 0 || letters == 0 {
        return false;
    }
    let least_entropy = match text.len() {
        0..12 => 2.5,
        12..20 => 2.8,
        _ => 3.0,
    };
    entropy(text) >= least_entropy && !is_wordy(text)
}

/// Made of words and short numbers: `password_reset_v2`, `utf8`, `FooBar1`.
fn is_wordy(text: &[u8]) -> bool {
    text.split(|b| !b.is_ascii_alphanumeric()).all(|part| {
        let letters = run(part, usize::MAX, |b| b.is_ascii_alphabetic());
        let digits = run(&part[letters..], 5, |b| b.is_ascii_digit());
        let all = letters + digits == part.len();
        all && (letters == 0 || !is_jumbled(&part[..letters]))
    })
}

/// Letters that change case too often for words.
fn is_jumbled(letters: &[u8]) -> bool {
    let changes = letters
        .windows(2)
        .filter(|pair| pair[0].is_ascii_lowercase() != pair[1].is_ascii_lowercase())
        .count();
    letters.len() >= 6 && changes * 2 > letters.len() || letters.len() >= 48
}

fn names_secret(text: &[u8]) -> bool {
    let lower = text.to_ascii_lowercase();
    ["pass", "pw", "secret", "token", "key", "auth", "cred"].iter().any(|word| find(&lower, word.as_bytes()))
}

/// `os.path.join`, `auth.password`: words with dots, colons or arrows.
fn is_identifier_path(text: &[u8]) -> bool {
    text.iter().all(|b| is_name(*b) || *b == b':' || *b == b'/')
        && text.iter().any(|b| matches!(b, b'.' | b':' | b'/' | b'_' | b'-'))
        && is_wordy(text)
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

/// What people write where a secret goes, by itself.
pub(super) fn stands_in(text: &[u8]) -> bool {
    is_stand_in(text, false)
}

/// Filled in later, by a template engine, a shell or a formatter.
pub(super) fn is_template(text: &[u8]) -> bool {
    // Long random text holds any two characters by chance.
    if text.len() >= 40 && entropy(text) > 4.5 && !find(text, b"${") && !find(text, b"{{") {
        return false;
    }
    let starts = text.starts_with(b"$")
        && text.get(1).is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'{' | b'(' | b'_'));
    let first = text.first().copied().unwrap_or(b' ');
    let whole = text.len() <= 40;
    starts
        || whole
            && (first == b'<' && text.ends_with(b">")
                || first == b'{' && text.ends_with(b"}")
                || first == b'[' && text.ends_with(b"]"))
        || whole && first == b'%' && text.len() <= 3
        || [
            "${",
            "{{",
            "}}",
            "<%",
            "%(",
            "{}",
            "#{",
            "$(",
            "%s",
            "{0}",
            "ENC[",
            "REDACTED_",
            "\\(",
            "process.env",
            "os.environ",
            "getenv",
        ]
        .iter()
        .any(|mark| find(text, mark.as_bytes()))
        || has_field(text)
}

/// `{name}` inside a string: an f-string or a format.
fn has_field(text: &[u8]) -> bool {
    let Some(open) = text.iter().position(|b| *b == b'{') else {
        return false;
    };
    let inner =
        run(&text[open + 1..], 40, |b| is_name(b) || matches!(b, b'!' | b':' | b'[' | b']' | b'(' | b')'));
    inner > 0 && text.get(open + 1 + inner) == Some(&b'}')
}

/// What people write where a secret goes.
fn is_stand_in(text: &[u8], setting: bool) -> bool {
    let lower: Vec<u8> = text.to_ascii_lowercase();
    let mut distinct = [false; 256];
    lower.iter().for_each(|b| distinct[usize::from(*b)] = true);
    if distinct.iter().filter(|seen| **seen).count() <= 2
        || lower.starts_with(b"xxx")
        || find(&lower, b"abcdefghijklm")
        || lower.starts_with(b"***")
        || lower.ends_with(b"...")
    {
        return true;
    }
    let bare: Vec<u8> = lower.iter().copied().filter(u8::is_ascii_alphanumeric).collect();
    let listed = STAND_INS.iter().any(|word| word.as_bytes() == bare);
    // Settings do hold `password=admin`; they do not hold `password=none`.
    let weak_but_used =
        setting && bare.len() >= 5 && !WORDS_OF_SETTINGS.iter().any(|word| word.as_bytes() == bare);
    // Forty random characters are a key, also with `EXAMPLE` among them.
    let is_long_random = text.len() >= 32 && entropy(text) > 4.0;
    let mut stem = bare.as_slice();
    if stem.last().is_some_and(u8::is_ascii_digit) {
        stem = &stem[..stem.len() - 1];
    }
    // `newpassword`, `wrong_password2`: what examples call a password.
    let speaks = stem.iter().all(u8::is_ascii_alphabetic) && find(stem, b"password");
    listed && !weak_but_used
        || speaks
        || !is_long_random && STAND_IN_PARTS.iter().any(|part| find(&lower, part.as_bytes()))
}

/// Words that settings and schemas use for "there is none", types and states.
#[rustfmt::skip]
const WORDS_OF_SETTINGS: &[&str] = &[
    "boolean", "bytes", "default", "disabled", "empty", "enabled", "false", "hidden", "missing", "number", "object",
    "optional", "required", "string", "undefined", "unset", "unused", "value", "password", "passwd", "secret", "token",
    "username", "credentials",
];

/// A URL, a path or a digest with its algorithm: no secret in itself.
fn is_location(text: &[u8]) -> bool {
    let path = [&b"/"[..], b"./", b"../", b"~/", b"\\\\"].iter().any(|start| text.starts_with(start));
    let lower = &text[..text.len().min(12)].to_ascii_lowercase();
    path && text.iter().filter(|b| matches!(b, b'/' | b'\\')).count() >= 2
        && !text.contains(&b'=')
        && !text.contains(&b'+')
        || find(&text[..text.len().min(16)], b"://")
        || [
            &b"sha1-"[..],
            b"sha256",
            b"sha384",
            b"sha512",
            b"md5:",
            b"md5-",
            b"arn:",
            b"urn:",
            b"data:",
            b"file:",
            b"vault:",
            b"ssh-",
            b"age1",
            b"projects/",
        ]
        .iter()
        .any(|start| lower.starts_with(start))
}

fn is_uuid(text: &[u8]) -> bool {
    text.len() == 36
        && text.iter().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => *b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

/// Bytes of the scheme and the blank at the start of a header's value.
fn scheme(text: &[u8]) -> usize {
    let word = run(text, 12, |b| b.is_ascii_alphabetic() || b == b'-');
    let blank = run(&text[word..], 4, is_blank);
    if blank > 0 && is_scheme(&text[..word]) { word + blank } else { 0 }
}

fn is_scheme(word: &[u8]) -> bool {
    [
        "bearer",
        "basic",
        "token",
        "apikey",
        "digest",
        "api-key",
        "api-token",
        "apitoken",
        "negotiate",
        "key",
        "genie",
    ]
    .iter()
    .any(|scheme| word.eq_ignore_ascii_case(scheme.as_bytes()))
}

/// The words of a name: `dbPass_2` is `db`, `Pass`, `2`.
fn words_of(name: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    let mut bounds = Vec::with_capacity(8);
    let mut start = 0;
    for at in 0..=name.len() {
        let ends =
            at == name.len() || !name[at].is_ascii_alphanumeric() || at > start && starts_word(name, at);
        if ends {
            if at > start {
                bounds.push(start..at);
            }
            start = if at < name.len() && name[at].is_ascii_alphanumeric() { at } else { at + 1 };
        }
    }
    bounds.into_iter().map(|bound| &name[bound])
}

/// Whether a word of `name` starts at `at`.
fn starts_word(name: &[u8], at: usize) -> bool {
    if at == 0 || at >= name.len() {
        return true;
    }
    let (before, here) = (name[at - 1], name[at]);
    !before.is_ascii_alphanumeric()
        || before.is_ascii_lowercase() && here.is_ascii_uppercase()
        || before.is_ascii_digit() && !here.is_ascii_digit()
}

fn ends_word(name: &[u8], at: usize) -> bool {
    at >= name.len() || starts_word(name, at) || name[at].is_ascii_digit()
}

fn is_one_of(word: &[u8], list: &[&str]) -> bool {
    list.iter().any(|entry| word.eq_ignore_ascii_case(entry.as_bytes()))
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

fn run(bytes: &[u8], most: usize, fits: impl Fn(u8) -> bool) -> usize {
    bytes.iter().take(most).take_while(|b| fits(**b)).count()
}

fn run_back(bytes: &[u8], most: usize, fits: impl Fn(u8) -> bool) -> usize {
    bytes.iter().rev().take(most).take_while(|b| fits(**b)).count()
}

fn find(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// What a value without quotes is made of.
fn is_bare(byte: u8) -> bool {
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

fn is_tokenish(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'_' | b'-' | b'.')
}
