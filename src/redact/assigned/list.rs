//! Several literals behind one name: a list, a pair of user and password.
//!
//! Not here: single ones (`literal`).

use std::ops::Range;

use super::ValueClass;
use super::bytes::{MAX_BARE, MAX_GAP, is_bare, is_blank, run};
use super::quoted::{QuotedValue, quoted};
use super::value::ValueLiteral;
use super::way::Place;

/// Elements of a list that are looked at.
const MAX_ELEMENTS: usize = 64;

/// The literals in a list or a pair behind the name, and what they mean:
/// `tokens = ["...", "..."]`, `auth=("user", "...")`, YAML's `- ...` below.
pub(super) fn several(
    bytes: &[u8],
    name: Range<usize>,
    class: ValueClass,
) -> Option<(ValueClass, Vec<ValueLiteral>)> {
    if class == ValueClass::Header {
        return None;
    }
    let place = Place::new(bytes, name)?;
    if place.next == b'(' {
        let mut both = elements(bytes, place.at + 1, b')');
        (both.len() == 2 && names_login(&bytes[place.name.clone()])).then(|| both.remove(0))?;
        return Some((ValueClass::Password, both));
    }
    matches!(place.next, b'=' | b':').then_some(())?;
    let mut at = place.at + 1 + run(&bytes[place.at + 1..], 1, |b| b == b'=' || b == b'>');
    at += run(&bytes[at..], MAX_GAP, is_blank);
    match bytes.get(at)? {
        b'[' => {
            let mut all = elements(bytes, at + 1, b']');
            if all.len() == 2 && names_login(&bytes[place.name.clone()]) {
                all.remove(0);
                return Some((ValueClass::Password, all));
            }
            all.iter_mut().for_each(|each| each.aside = true);
            Some((class, all))
        }
        b'(' => {
            let mut both = elements(bytes, at + 1, b')');
            let is_pair = both.len() == 2 && class == ValueClass::Weak;
            let meant = if is_pair { ValueClass::Password } else { class };
            both.drain(..usize::from(is_pair));
            Some((meant, both))
        }
        b'\n' if place.next == b':' => Some((class, items(bytes, at + 1))),
        _ => None,
    }
}

/// `auth`, `BasicAuth`, `basic_auth`: followed by a user and a password.
pub(super) fn names_login(name: &[u8]) -> bool {
    name.len() >= 4 && name[name.len() - 4..].eq_ignore_ascii_case(b"auth")
}

/// Quoted elements up to the bracket that closes them.
pub(super) fn elements(bytes: &[u8], at: usize, close: u8) -> Vec<ValueLiteral> {
    let mut found = Vec::new();
    let mut at = at;
    while found.len() < MAX_ELEMENTS {
        at += run(&bytes[at..], 80, |b| b.is_ascii_whitespace() || b == b',');
        if bytes.get(at).is_none_or(|b| *b == close) {
            return found;
        }
        let Some(QuotedValue { start, end, after, cut }) = quoted(bytes, at) else { return Vec::new() };
        found.push(ValueLiteral { start, end, quoted: true, listed: true, cut, ..ValueLiteral::default() });
        at = after;
    }
    found
}

/// YAML's items, one a line.
fn items(bytes: &[u8], at: usize) -> Vec<ValueLiteral> {
    let mut found = Vec::new();
    let mut at = at;
    while found.len() < MAX_ELEMENTS {
        let dash = at + run(&bytes[at..], MAX_GAP, is_blank);
        if !bytes[dash..].starts_with(b"- ") {
            break;
        }
        let from = dash + 2;
        let (start, end) = match quoted(bytes, from) {
            Some(found) => (found.start, found.end),
            None => (from, from + run(&bytes[from..], MAX_BARE, is_bare)),
        };
        found.push(ValueLiteral { start, end, aside: true, ..ValueLiteral::default() });
        let Some(next) = bytes[end..].iter().take(200).position(|b| *b == b'\n') else { break };
        at = end + next + 1;
    }
    found
}
