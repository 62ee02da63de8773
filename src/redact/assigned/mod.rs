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
mod literal;
mod name;
mod quoted;
mod reversed;
mod value;

use std::ops::Range;

use super::{Span, entropy, escape, is_jumbled};
use bytes::{is_bare, is_blank, is_name, is_tokenish, run, run_back};
pub(super) use judge::{is_made, is_template, stands_in};
use value::Literal;

/// Bytes of a name before and after its key word.
const MAX_NAME: usize = 64;

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

impl Word {
    /// Whether it counts inside a word too.
    fn is_part(self) -> bool {
        !self.whole
    }
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
    ("pswd", part(Class::Password, "PASSWORD")),
    ("passwrd", part(Class::Password, "PASSWORD")),
    ("sshpass", part(Class::Password, "PASSWORD")),
    ("storepass", part(Class::Password, "PASSWORD")),
    ("keypass", part(Class::Password, "PASSWORD")),
    ("requirepass", part(Class::Password, "PASSWORD")),
    ("masterauth", part(Class::Password, "PASSWORD")),
    ("psk", whole(Class::Password, "PASSWORD")),
    ("kennwort", part(Class::Password, "PASSWORD")),
    ("contrase\u{f1}a", part(Class::Password, "PASSWORD")),
    ("contrasena", part(Class::Password, "PASSWORD")),
    ("mot_de_passe", part(Class::Password, "PASSWORD")),
    ("motdepasse", part(Class::Password, "PASSWORD")),
    ("\u{5bc6}\u{7801}", part(Class::Password, "PASSWORD")),
    ("log in with", whole(Class::Password, "PASSWORD")),
    ("login with", whole(Class::Password, "PASSWORD")),
    ("log in as", whole(Class::Password, "PASSWORD")),
    ("login as", whole(Class::Password, "PASSWORD")),
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
    ("privkey", part(Class::Secret, "PRIVATE_KEY")),
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
    ("pepper", whole(Class::Weak, "SECRET")),
    ("session", whole(Class::Weak, "SESSION")),
    ("signature", whole(Class::Weak, "SECRET")),
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
pub(super) struct Names {
    /// Where the current run ends, and how many words were read in it.
    end: usize,
    words: u8,
}

impl Names {
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
/// gives where the last one ends.
pub(super) fn values(
    bytes: &[u8],
    at: usize,
    end: usize,
    word: Word,
    found: &mut Vec<Span>,
) -> Option<usize> {
    let name_end = end + run(&bytes[end..], MAX_NAME, is_name);
    let assigns = bytes.get(name_end).is_some_and(|next| may_assign(*next));
    let mut name_start = at - run_back(&bytes[..at], MAX_NAME, is_name);
    let may_be_reversed = word.class != Class::Header && reversed::may_be(bytes, &(name_start..name_end));
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
        None => match literal::several(bytes, name.clone(), class) {
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
fn secret(bytes: &[u8], name: &Range<usize>, class: Class, word: Word, found: Literal) -> Option<Span> {
    let text = &bytes[found.start..found.end];
    let (start, text) = match class {
        Class::Header => {
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
    Some(Span {
        start,
        end,
        kind: word.kind,
        strong: class != Class::Password && judge::looks_random(text, 20),
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
