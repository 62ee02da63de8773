//! What a name means for the value beside it.
//!
//! Not here: key words, by which a name is found.

use super::bytes::run;
use super::{KeyWord, MAX_NAME, ValueClass};

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
    "cache", "column", "dict", "ed25519", "encrypted", "foreign", "gpg", "group", "hash", "host", "hot", "i18n", "index", "json",
    "keyboard", "lookup", "map", "message", "object", "order", "partition", "primary", "public", "pub", "row", "sort",
    "translation", "unique",
];

/// Words before `token` of what is handed to everybody.
const OTHER_TOKENS: &[&str] =
    &["csrf", "xsrf", "public", "next", "page", "continuation", "cancellation", "sync"];

/// Words before `key` that make it a secret for sure.
#[rustfmt::skip]
const SECRET_KEYS: &[&str] = &[
    "access", "account", "admin", "aes", "api", "app", "application", "auth", "client", "consumer", "cookie", "crypt", "crypto", "decryption",
    "deploy", "encrypt", "encryption", "hmac", "jwt", "license", "master", "private", "root", "secret", "server", "service", "session", "shared",
    "sign", "signing", "storage", "webhook",
];

/// What the whole name means, given that it holds `word` at `from..to`.
pub(super) fn class_of(name: &[u8], from: usize, to: usize, word: KeyWord) -> Option<ValueClass> {
    let starts = starts_word(name, from) || is_behind_owner(name, from, word);
    if word.whole && !(starts && ends_word(name, to)) {
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
        if word.class == ValueClass::Header {
            return None;
        }
    }
    if word.class == ValueClass::Weak {
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
            return Some(ValueClass::Secret);
        }
    }
    if word.kind == "TOKEN"
        && words_of(&name[..from]).last().is_some_and(|before| is_one_of(before, OTHER_TOKENS))
    {
        return None;
    }
    // `tokens`, `passwords`, `secrets` hold many; `tokenize`, `secretary` none.
    if word.class == ValueClass::Secret && tail.first().is_some_and(u8::is_ascii_lowercase) {
        let rest = run(tail, MAX_NAME, |b| b.is_ascii_lowercase());
        if !matches!(&tail[..rest], b"s" | b"key" | b"token" | b"id" | b"value" | b"access" | b"access_key") {
            return None;
        }
    }
    Some(word.class)
}

/// Whether `pass`, `pw` or `pwd` stands right behind a word for whose it is, as in
/// `rootpw` and `dbpass`: not `bypass`, `compass`.
fn is_behind_owner(name: &[u8], from: usize, word: KeyWord) -> bool {
    #[rustfmt::skip]
    const OWNERS: &[&str] = &[
        "admin", "app", "auth", "backup", "bind", "cert", "client", "db", "default", "email", "encrypt", "ftp", "http", "imap",
        "jmx", "key", "keystore", "ldap", "login", "mail", "master", "mongo", "mq", "my", "mysql", "net", "oracle", "pg", "pop",
        "postgres", "proxy", "rabbit", "rdp", "redis", "remote", "root", "rpc", "server", "service", "sftp", "smtp", "sql",
        "ssh", "ssl", "store", "sudo", "svn", "sys", "system", "tomcat", "trust", "truststore", "user", "vnc", "vpn", "web",
        "wifi", "wlan", "wpa", "zip",
    ];
    let letters = name[..from].iter().rev().take(12).take_while(|b| b.is_ascii_alphabetic()).count();
    word.class == ValueClass::Password && letters > 0 && is_one_of(&name[from - letters..from], OWNERS)
}

/// The words of a name: `dbPass_2` is `db`, `Pass`, `2`.
pub(super) fn words_of(name: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
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

pub(super) fn is_one_of(word: &[u8], list: &[&str]) -> bool {
    list.iter().any(|entry| word.eq_ignore_ascii_case(entry.as_bytes()))
}
