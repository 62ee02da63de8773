//! Whether a value looks like a secret, a stand-in for one, or neither.
//!
//! Not here: where the value is from.

use super::bytes::{find, is_blank, is_name, run};
use super::name::{is_one_of, words_of};
use super::value::ValueLiteral;
use super::{ValueClass, entropy, is_jumbled as is_mixed};

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

/// Bytes of a value that are looked at for signs of a stand-in or template.
const MAX_JUDGED: usize = 96;
const MIN_PASSWORD: usize = 4;
const MIN_SECRET: usize = 10;
const MIN_ASIDE: usize = 8;
const MIN_WEAK: usize = 20;

/// Whether `text` is what a name of this class would hide.
pub(super) fn is_secret(class: ValueClass, text: &[u8], found: &ValueLiteral, name: &[u8]) -> bool {
    let head = &text[..text.len().min(MAX_JUDGED)];
    let least = match class {
        ValueClass::Password => MIN_PASSWORD,
        ValueClass::Secret | ValueClass::Header => MIN_SECRET,
        ValueClass::Weak => least_of_weak(text),
    };
    if text.len() < least || is_template(head) || is_stand_in(head, found.setting) {
        return false;
    }
    if class != ValueClass::Header && is_location(text) {
        return false;
    }
    if found.aside && !looks_random(text, MIN_ASIDE) {
        return false;
    }
    if found.refers && !(is_made(text) && text.len() >= MIN_WEAK) {
        return false;
    }
    match class {
        ValueClass::Password => is_password(text, found, name),
        ValueClass::Secret | ValueClass::Header => looks_random(text, MIN_SECRET) || is_of_one_kind(text),
        ValueClass::Weak => looks_random(text, least) && !is_uuid(text),
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
    is_key && entropy(text) >= 2.5 && !is_counting(text)
}

fn is_password(text: &[u8], found: &ValueLiteral, name: &[u8]) -> bool {
    if text.iter().any(|b| is_blank(*b)) {
        return is_passphrase(text, found, name);
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
            mixed || !text.iter().any(|b| matches!(b, b'.' | b'/' | b'#'))
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

/// Words in a row that are a secret together: one of them is none, or they are
/// four and more and make no sentence.
fn is_passphrase(text: &[u8], found: &ValueLiteral, name: &[u8]) -> bool {
    let is_told =
        found.aside || found.listed || found.option || words_of(name).any(|word| is_one_of(word, SHOWN));
    let is_plain = |word: &[u8]| (3..=12).contains(&word.len()) && word.iter().all(u8::is_ascii_lowercase);
    let are_words = found.quoted && words(text).count() >= 4 && words(text).all(is_plain);
    !is_told && (is_phrase(text) || are_words && !is_spoken(text) && names_password_itself(name))
}

/// Words with one among them that looks random, and no sentence or code.
pub(super) fn is_phrase(text: &[u8]) -> bool {
    let is_code =
        text.iter().any(|b| matches!(b, b'(' | b')' | b'{' | b'}' | b'<' | b'>' | b'[' | b']' | b'=' | b'|'));
    !is_code
        && (2..=12).contains(&words(text).count())
        && words(text).any(|word| looks_random(word, 6))
        && !is_spoken(text)
}

fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|b| is_blank(*b)).filter(|word| !word.is_empty())
}

fn is_spoken(text: &[u8]) -> bool {
    #[rustfmt::skip]
    const OF_SENTENCES: &[&str] = &[
        "a", "an", "and", "are", "as", "at", "be", "by", "can", "cannot", "changed", "confirm", "do", "does", "enter", "error",
        "failed", "for", "forgot", "from", "has", "have", "if", "in", "invalid", "is", "it", "key", "least", "length", "match",
        "missing", "must", "new", "no", "not", "of", "old", "on", "or", "pass", "passphrase", "password", "please", "required",
        "reset", "secret", "select", "set", "should", "that", "the", "this", "to", "token", "too", "use", "used", "user", "was",
        "where", "will", "with", "you", "your", "der", "die", "das", "und", "el", "la", "de", "le", "les",
    ];
    !text.is_ascii() || words(text).any(|word| is_one_of(word, OF_SENTENCES))
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
pub(super) fn looks_random(text: &[u8], least: usize) -> bool {
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
    let is_hex = text.iter().all(u8::is_ascii_hexdigit) && text.len() >= 16;
    let least_entropy = match text.len() {
        // Sixteen digits have few to choose from.
        16..20 if is_hex => 2.2,
        0..12 => 2.5,
        12..20 => 2.8,
        _ => 3.0,
    };
    entropy(text) >= least_entropy && !is_wordy(text) && !is_counting(text)
}

/// `0102030405060708`: bytes that count.
fn is_counting(text: &[u8]) -> bool {
    let value = |digit: u8| char::from(digit).to_digit(16);
    let bytes: Option<Vec<u32>> =
        text.chunks(2).map(|pair| Some(value(pair[0])? * 16 + value(*pair.get(1)?)?)).collect();
    bytes.is_some_and(|bytes| bytes.windows(2).all(|pair| pair[1] == pair[0] + 1))
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

/// What people write where a secret goes, by itself.
pub(in crate::redact) fn stands_in(text: &[u8]) -> bool {
    is_stand_in(text, false)
}

/// Filled in later, by a template engine, a shell or a formatter.
pub(in crate::redact) fn is_template(text: &[u8]) -> bool {
    // Long random text holds any two characters by chance.
    if text.len() >= 40 && entropy(text) > 4.5 && !find(text, b"${") && !find(text, b"{{") {
        return false;
    }
    let starts = text.starts_with(b"$")
        && text.get(1).is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'{' | b'(' | b'_'))
        && !is_made(&text[1..1 + run(&text[1..], 96, |b| b.is_ascii_alphanumeric())]);
    let first = text.first().copied().unwrap_or(b' ');
    let whole = text.len() <= 40 && !is_made(text.get(1..text.len().saturating_sub(1)).unwrap_or_default());
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
    inner > 0 && text.get(open + 1 + inner) == Some(&b'}') && !is_made(&text[open + 1..open + 1 + inner])
}

/// Letters of both kinds and digits that change places as in no name: what
/// stands around it does not make a template of it.
pub(in crate::redact) fn is_made(text: &[u8]) -> bool {
    text.len() >= 8
        && text.iter().any(u8::is_ascii_uppercase)
        && text.iter().any(u8::is_ascii_lowercase)
        && text.iter().all(u8::is_ascii_graphic)
        && is_mixed(text)
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
        || !is_long_random
            && STAND_IN_PARTS.iter().any(|part| find(&lower, part.as_bytes()) && !is_hidden(text, part))
}

/// Whether a secret only holds such a part: what is left without it is no word.
fn is_hidden(text: &[u8], part: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let Some(at) = lower.windows(part.len()).position(|window| window == part.as_bytes()) else {
        return false;
    };
    let rest = [&text[..at], &text[at + part.len()..]].concat();
    let count = |fits: fn(&u8) -> bool| rest.iter().filter(|b| fits(b)).count();
    let (digits, letters) = (count(u8::is_ascii_digit), count(u8::is_ascii_alphabetic));
    let both = count(u8::is_ascii_uppercase) > 0 && count(u8::is_ascii_lowercase) > 0;
    // A sign in it is no separator of words.
    let signs = count(|b| b.is_ascii_punctuation() && !matches!(b, b'-' | b'_' | b'.'));
    let is_random = !is_wordy(&rest) || signs > 0 && rest.len() >= 8;
    digits >= 2 && letters >= 3 && digits + letters >= 6 && both && is_random
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
