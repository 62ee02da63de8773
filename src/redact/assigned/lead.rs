//! Words before a name that give it the value behind it without a sign.
//!
//! Not here: signs (`way`).

use std::ops::Range;

use super::bytes::line_start;

/// How a word before the name gives it the value behind it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sets {
    Quoted,
    Any,
}

/// `#define NAME "..."`, `setenv NAME value`, `ENV NAME value`.
pub(super) fn sets(bytes: &[u8], name_start: usize) -> Option<Sets> {
    let lead = bytes[line_start(bytes, name_start)..name_start].trim_ascii();
    let last = lead.rsplit(u8::is_ascii_whitespace).next()?;
    match last {
        b"set(" | b"SET(" | b"#define" | b"define" | b"(setq" | b"(def" | b"(defvar" | b"(defconst"
        | b"(define" => Some(Sets::Quoted),
        b"ENV" | b"ARG" | b"setenv" | b"setx" | b"SetEnv" => Some(Sets::Any),
        b"set" if lead.ends_with(b"configure set") => Some(Sets::Any),
        b"-x" | b"-gx" | b"-Ux" | b"-xg" if lead.starts_with(b"set ") => Some(Sets::Any),
        _ => None,
    }
}

/// Behind `is` and its kin, and behind the name itself where it is a verb.
pub(super) fn behind_verb(bytes: &[u8], name: &Range<usize>, at: usize) -> Option<usize> {
    if bytes[name.clone()].ends_with(b"with") || bytes[name.clone()].ends_with(b"as") {
        return Some(at);
    }
    let verb =
        [&b"is "[..], b"was ", b"is: ", b"to "].into_iter().find(|verb| bytes[at..].starts_with(verb))?;
    Some(at + verb.len())
}

/// Settings of servers that are a name and a value with a blank between.
pub(super) fn is_directive(bytes: &[u8], name: &Range<usize>) -> bool {
    let own = &bytes[name.clone()];
    let names = [
        "requirepass",
        "masterauth",
        "rootpw",
        "bindpw",
        "olcrootpw",
        "sentinel_pass",
        "auth-pass",
        "masteruserpass",
    ];
    let lead = bytes[line_start(bytes, name.start)..name.start].trim_ascii();
    names.iter().any(|name| own.eq_ignore_ascii_case(name.as_bytes())) && (lead.is_empty() || lead == b"#")
}

/// SQL's `WITH PASSWORD '...'` and `IDENTIFIED BY '...'`, PowerShell's
/// `ConvertTo-SecureString '...'`.
pub(super) fn is_statement(bytes: &[u8], name: &Range<usize>) -> bool {
    let lower = bytes[name.start.saturating_sub(16)..name.end].to_ascii_lowercase();
    [&b"with password"[..], b"encrypted password", b"identified by", b"securestring", b"set password"]
        .iter()
        .any(|end| lower.ends_with(end))
}

/// Whether the name stands where `.netrc` has its `password`.
pub(super) fn is_entry(bytes: &[u8], name_start: usize) -> bool {
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
