//! Values that are secret for the name beside them: `API_KEY = "..."`,
//! `password: ...`, `"token": "..."`, `Authorization: Bearer ...`,
//! `--password ...`, `<pass>...</pass>`.
//!
//! Three questions, each cheap enough for every `key` in a source tree: does
//! the name mean a secret ([`name`]), is a literal value assigned to it
//! ([`literal`]), and does the value look like one ([`judge`]).
//!
//! What is kept on purpose: words that stand in for a secret (`password`,
//! `changeme`, `your-key-here`, `xxxx`), templates (`${VAR}`, `{{ x }}`,
//! `%s`), expressions, identifiers, paths, URLs, messages with spaces. A
//! password of letters only counts in the syntax of settings (`DB_PASS=letmein`,
//! `"password": "letmein",`), not as an argument in code, where it is nearly
//! always a test's.

mod bytes;
mod judge;
mod lead;
mod list;
mod literal;
mod markup;
mod name;
mod quoted;
mod reversed;
mod value;
mod way;
mod yaml;

use std::ops::Range;

use super::{SecretSpan, entropy, escape, is_jumbled};
use bytes::{is_bare, is_blank, is_name, is_tokenish, run, run_back};
pub(super) use judge::{is_made, is_template, stands_in};
use value::ValueLiteral;

/// Bytes of a name before and after its key word.
const MAX_NAME: usize = 64;

/// What a key word makes of the value beside it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum ValueClass {
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
pub(super) struct KeyWord {
    class: ValueClass,
    /// Counts only as a word of its own (`db_pass`), not in one (`bypass`).
    whole: bool,
    kind: &'static str,
}

impl KeyWord {
    /// Whether it counts inside a word too.
    fn is_part(self) -> bool {
        !self.whole
    }
}

const fn part(class: ValueClass, kind: &'static str) -> KeyWord {
    KeyWord { class, whole: false, kind }
}

const fn whole(class: ValueClass, kind: &'static str) -> KeyWord {
    KeyWord { class, whole: true, kind }
}

#[rustfmt::skip]
pub(super) static WORDS: &[(&str, KeyWord)] = &[
    ("password", part(ValueClass::Password, "PASSWORD")),
    ("passwd", part(ValueClass::Password, "PASSWORD")),
    ("passphrase", part(ValueClass::Password, "PASSWORD")),
    ("passcode", part(ValueClass::Password, "PASSWORD")),
    ("passwort", part(ValueClass::Password, "PASSWORD")),
    ("pass", whole(ValueClass::Password, "PASSWORD")),
    ("pwd", whole(ValueClass::Password, "PASSWORD")),
    ("pw", whole(ValueClass::Password, "PASSWORD")),
    ("pswd", part(ValueClass::Password, "PASSWORD")),
    ("passwrd", part(ValueClass::Password, "PASSWORD")),
    ("sshpass", part(ValueClass::Password, "PASSWORD")),
    ("storepass", part(ValueClass::Password, "PASSWORD")),
    ("keypass", part(ValueClass::Password, "PASSWORD")),
    ("requirepass", part(ValueClass::Password, "PASSWORD")),
    ("masterauth", part(ValueClass::Password, "PASSWORD")),
    ("psk", whole(ValueClass::Password, "PASSWORD")),
    ("kennwort", part(ValueClass::Password, "PASSWORD")),
    ("contrase\u{f1}a", part(ValueClass::Password, "PASSWORD")),
    ("contrasena", part(ValueClass::Password, "PASSWORD")),
    ("mot_de_passe", part(ValueClass::Password, "PASSWORD")),
    ("motdepasse", part(ValueClass::Password, "PASSWORD")),
    ("\u{5bc6}\u{7801}", part(ValueClass::Password, "PASSWORD")),
    ("log in with", whole(ValueClass::Password, "PASSWORD")),
    ("login with", whole(ValueClass::Password, "PASSWORD")),
    ("log in as", whole(ValueClass::Password, "PASSWORD")),
    ("login as", whole(ValueClass::Password, "PASSWORD")),
    // PowerShell's ConvertTo-SecureString, and SQL's CREATE USER.
    ("securestring", whole(ValueClass::Password, "PASSWORD")),
    ("identified by", whole(ValueClass::Password, "PASSWORD")),
    ("secret", part(ValueClass::Secret, "SECRET")),
    ("token", part(ValueClass::Secret, "TOKEN")),
    ("apikey", part(ValueClass::Secret, "API_KEY")),
    ("api_key", part(ValueClass::Secret, "API_KEY")),
    ("api-key", part(ValueClass::Secret, "API_KEY")),
    ("accesskey", part(ValueClass::Secret, "ACCESS_KEY")),
    ("access_key", part(ValueClass::Secret, "ACCESS_KEY")),
    ("access-key", part(ValueClass::Secret, "ACCESS_KEY")),
    ("privatekey", part(ValueClass::Secret, "PRIVATE_KEY")),
    ("private_key", part(ValueClass::Secret, "PRIVATE_KEY")),
    ("private-key", part(ValueClass::Secret, "PRIVATE_KEY")),
    ("privkey", part(ValueClass::Secret, "PRIVATE_KEY")),
    ("accountkey", part(ValueClass::Secret, "ACCESS_KEY")),
    ("sessionid", part(ValueClass::Secret, "SESSION")),
    ("session_id", part(ValueClass::Secret, "SESSION")),
    ("sessid", part(ValueClass::Secret, "SESSION")),
    ("credential", part(ValueClass::Secret, "CREDENTIAL")),
    ("authorization", whole(ValueClass::Header, "AUTHORIZATION")),
    ("bearer", whole(ValueClass::Header, "AUTHORIZATION")),
    ("key", whole(ValueClass::Weak, "KEY")),
    ("auth", whole(ValueClass::Weak, "CREDENTIAL")),
    ("cred", whole(ValueClass::Weak, "CREDENTIAL")),
    ("creds", whole(ValueClass::Weak, "CREDENTIAL")),
    ("salt", whole(ValueClass::Weak, "SECRET")),
    ("pepper", whole(ValueClass::Weak, "SECRET")),
    ("session", whole(ValueClass::Weak, "SESSION")),
    ("signature", whole(ValueClass::Weak, "SECRET")),
];

/// The kinds of spans that come from here, some more than once.
pub(super) fn kinds() -> impl Iterator<Item = &'static str> {
    WORDS.iter().map(|(_, word)| word.kind)
}

/// Whether a span of this kind comes from here.
pub(super) fn is_kind(kind: &str) -> bool {
    kinds().any(|own| own == kind)
}

/// Key words in one run without white space, quotes or brackets that are read.
/// `a.key=token=...` has a few; in `key=key=key=...` each would be the value of
/// all before it.
const MAX_IN_RUN: u8 = 32;

/// The key words of a text, in order.
#[derive(Default)]
pub(super) struct KeyWords {
    /// Where the current run ends, and how many words were read in it.
    end: usize,
    words: u8,
}

impl KeyWords {
    /// Whether the key word at `at` is to be read.
    pub(super) fn takes(&mut self, bytes: &[u8], at: usize) -> bool {
        if at >= self.end {
            *self = Self { end: at + run(&bytes[at..], MAX_NAME * 4, is_bare), words: 0 };
        }
        self.words = self.words.saturating_add(1);
        self.words <= MAX_IN_RUN
    }
}

/// The secret values assigned to the name around the key word `bytes[at..end]`;
/// returns where the last one ends.
pub(super) fn values(
    bytes: &[u8],
    at: usize,
    end: usize,
    word: KeyWord,
    found: &mut Vec<SecretSpan>,
) -> Option<usize> {
    let name_end = end + run(&bytes[end..], MAX_NAME, is_name);
    let assigns = bytes.get(name_end).is_some_and(|next| may_assign(*next));
    let mut name_start = at - run_back(&bytes[..at], MAX_NAME, is_name);
    let may_be_reversed =
        word.class != ValueClass::Header && reversed::may_be(bytes, &(name_start..name_end));
    // Most key words end here: nothing that assigns follows or stands before.
    if !assigns && !may_be_reversed {
        return None;
    }
    // An escape is no part of a name: `\npwd=...`
    if name_start < at && !word.is_part() && escape::ends_at(bytes, at) {
        name_start = at;
    }
    if name_start < at
        && name_start > 0
        && bytes[name_start - 1] == b'\\'
        && matches!(bytes[name_start], b'n' | b't' | b'r')
    {
        name_start += 1;
    }
    // An option's dashes are no part of its name.
    name_start += run(&bytes[name_start..at], MAX_NAME, |b| b == b'-' || b == b'.');
    let class = name::class_of(&bytes[name_start..name_end], at - name_start, end - name_start, word)?;
    let name = name_start..name_end;
    let before = found.len();
    match literal::beside(bytes, name.clone(), class) {
        Some(literal) => found.extend(secret(bytes, &name, class, word, literal)),
        // Of a pair, the second is the password, whatever the key word.
        None => match list::several(bytes, name.clone(), class) {
            Some((class, literals)) => {
                found.extend(literals.into_iter().filter_map(|each| secret(bytes, &name, class, word, each)));
            }
            None if may_be_reversed => {
                let literal = reversed::before(bytes, &name)?;
                found.extend(secret(bytes, &name, class, word, literal));
            }
            None => {}
        },
    }
    found[before..].last().map(|span| span.end)
}

/// The part of the literal that is a secret, if it is one.
fn secret(
    bytes: &[u8],
    name: &Range<usize>,
    class: ValueClass,
    word: KeyWord,
    found: ValueLiteral,
) -> Option<SecretSpan> {
    let text = &bytes[found.start..found.end];
    let (start, text) = match class {
        ValueClass::Header => {
            let skipped = scheme(text);
            (found.start + skipped, &text[skipped..])
        }
        _ => (found.start, text),
    };
    if !judge::is_secret(class, text, &found, &bytes[name.clone()]) {
        return None;
    }
    let mut end = start + text.len();
    if found.cut {
        end += run(&bytes[end..], usize::MAX, is_tokenish);
    }
    Some(SecretSpan {
        start,
        end,
        kind: word.kind,
        strong: class != ValueClass::Password && judge::looks_random(text, 20),
    })
}

/// What stands right behind a name that has a value.
#[rustfmt::skip]
fn may_assign(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`' | b'\n' | b']' | b')' | b'\\' | b' ' | b'\t' | b'=' | b':' | b'>' | b'(' | b'?'
        | b'!' | b'|' | b'-' | b',' | b'[' | b'{' | b'<' | b'*' | 0xef)
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
        "geniekey",
        "splunk",
        "ssws",
    ]
    .iter()
    .any(|scheme| word.eq_ignore_ascii_case(scheme.as_bytes()))
}
