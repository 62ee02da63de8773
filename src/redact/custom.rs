//! Patterns of `redact_patterns`.
//!
//! The user's own are obeyed everywhere, in finished pages too. Those of an
//! untrusted project only take something out of what comes in, and have a bound
//! in number, size and work, whatever they are and whatever they are tried on.
//!
//! Not here: where the patterns come from.

use std::ops::Range;

use regex::{Regex, RegexBuilder};

use super::SecretSpan;
use crate::visible;

/// Compiled size of one pattern. Room for any pattern written by a person, not
/// for `(a{1000}){1000}`.
const MAX_SIZE: usize = 1 << 20;

/// Patterns of the user's own. Each may take some megabytes while it is used.
const MAX_OWN: usize = 500;

/// What a pattern of the user's may remember of its text, a thread.
const OWN_CACHE: usize = 1 << 20;

/// Patterns of an untrusted project, their compiled size together, and what
/// each may remember of its text, a thread.
const MAX_FOREIGN: usize = 32;
const MAX_FOREIGN_SIZE: usize = 8 << 20;
const FOREIGN_CACHE: usize = 1 << 17;

/// The step in which the size of a pattern is found out.
const LEAST_SIZE: usize = 1 << 14;

/// Bytes that foreign patterns may read, for each byte of a text. Patterns that
/// match here and there read each byte a few times; `a|[a-z]*Z` reads the rest
/// of the text for each match.
const WORK: usize = 128;

/// Bytes behind the first end of a match in which its last end is looked for.
const AHEAD: usize = 64;

/// A pattern that is no regular expression, or more than can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot use the redaction pattern `{pattern}`: {cause}")]
pub struct BadPattern {
    pub pattern: String,
    pub cause: String,
}

/// Compiled patterns, by whose they are.
#[derive(Default)]
pub(super) struct Patterns {
    own: Vec<Regex>,
    foreign: Vec<Regex>,
    left_out: Vec<String>,
}

impl Patterns {
    pub(super) fn new(own: &[String], foreign: &[String]) -> Result<Self, BadPattern> {
        if let Some(over) = own.get(MAX_OWN) {
            return Err(bad(over, format!("there are more than {MAX_OWN}")));
        }
        let own = own
            .iter()
            .map(|pattern| {
                compiled(pattern, MAX_SIZE, OWN_CACHE).map_err(|error| bad(pattern, error.to_string()))
            })
            .collect::<Result<_, _>>()?;
        let mut patterns = Self { own, ..Self::default() };
        patterns.add_foreign(foreign)?;
        Ok(patterns)
    }

    /// Takes those of the first patterns that fit.
    fn add_foreign(&mut self, patterns: &[String]) -> Result<(), BadPattern> {
        let mut room = MAX_FOREIGN_SIZE;
        for (at, pattern) in patterns.iter().enumerate() {
            let fits = if at < MAX_FOREIGN { sized(pattern, room)? } else { None };
            match fits {
                Some((regex, size)) => {
                    room -= size;
                    self.foreign.push(regex);
                }
                None => self.left_out.push(visible::line(pattern).into_owned()),
            }
        }
        Ok(())
    }

    /// The foreign patterns that are not used because they cost too much.
    pub(super) fn left_out(&self) -> &[String] {
        &self.left_out
    }

    /// What the patterns match in a text on its way in.
    pub(super) fn spans(&self, text: &str, found: &mut Vec<SecretSpan>) {
        self.own_spans(text, found);
        let mut work = text.len().saturating_mul(WORK).saturating_add(1 << 16);
        for regex in &self.foreign {
            bounded(regex, text, &mut work, found);
        }
    }

    fn own_spans(&self, text: &str, found: &mut Vec<SecretSpan>) {
        for regex in &self.own {
            found.extend(regex.find_iter(text).filter(|hit| !hit.is_empty()).map(|hit| span(hit.range())));
        }
    }

    /// What the user's patterns match within a line of a page that joins texts,
    /// and, with `foreign`, what those of a project match. In a finished page
    /// these may be words of our own.
    pub(super) fn spans_in_lines(&self, page: &str, foreign: bool, found: &mut Vec<SecretSpan>) {
        let mut all = Vec::new();
        match foreign {
            true => self.spans(page, &mut all),
            false => self.own_spans(page, &mut all),
        }
        found.extend(all.into_iter().filter(|span| !page[span.start..span.end].contains('\n')));
    }
}

fn span(range: Range<usize>) -> SecretSpan {
    SecretSpan { start: range.start, end: range.end, kind: "CUSTOM", strong: false }
}

fn bad(pattern: &str, cause: String) -> BadPattern {
    BadPattern { pattern: visible::line(pattern).into_owned(), cause }
}

fn compiled(pattern: &str, size: usize, cache: usize) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).size_limit(size).dfa_size_limit(cache).build()
}

/// The pattern and about its size, if that is no more than `room`. It is tried
/// with growing bounds, so that nothing larger is ever made.
fn sized(pattern: &str, room: usize) -> Result<Option<(Regex, usize)>, BadPattern> {
    let mut size = LEAST_SIZE.max(pattern.len());
    while size <= room.min(MAX_SIZE) {
        match compiled(pattern, size, FOREIGN_CACHE) {
            Ok(regex) => return Ok(Some((regex, size))),
            Err(regex::Error::CompiledTooBig(_)) => size *= 2,
            Err(error) => return Err(bad(pattern, error.to_string())),
        }
    }
    Ok(None)
}

/// The matches of a pattern that may be made to take long. Looking for the first
/// end of a match reads no further; its last end is looked for in a window that
/// grows with it. When `work` is used up, the rest of the text counts as matched.
fn bounded(regex: &Regex, text: &str, work: &mut usize, found: &mut Vec<SecretSpan>) {
    let mut at = 0;
    while let Some(first_end) = regex.shortest_match_at(text, at) {
        let Some(hit) = longest(regex, text, at, first_end, work) else {
            found.push(span(at..text.len()));
            return;
        };
        let empty = hit.is_empty();
        at = hit.end;
        if !empty {
            found.push(span(hit));
        } else {
            // Past the next character.
            let Some(next) = text[at..].chars().next() else { return };
            at += next.len_utf8();
        }
    }
}

/// The match from `at` on whose first end is known; `None` when the work for it
/// is used up.
fn longest(regex: &Regex, text: &str, at: usize, first_end: usize, work: &mut usize) -> Option<Range<usize>> {
    let mut ahead = AHEAD;
    loop {
        let least = (first_end + ahead).min(text.len());
        let end = (least..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
        *work = work.checked_sub(end - at)?;
        let hit = regex.find_at(&text[..end], at).map_or(first_end..first_end, |hit| hit.range());
        if hit.end < end || end == text.len() {
            return Some(hit);
        }
        ahead *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn foreign(patterns: &[&str]) -> Patterns {
        let patterns: Vec<String> = patterns.iter().map(|pattern| (*pattern).to_string()).collect();
        Patterns::new(&[], &patterns).expect("good patterns")
    }

    fn matched<'a>(patterns: &Patterns, text: &'a str) -> Vec<&'a str> {
        let mut found = Vec::new();
        patterns.spans(text, &mut found);
        found.iter().map(|span| &text[span.start..span.end]).collect()
    }

    #[test]
    fn a_foreign_pattern_matches_what_an_own_one_does() {
        let long = format!("x {}", "ab12".repeat(900));
        for (pattern, text) in [
            ("ACME-[0-9]+", "ACME-4711, ACME-1 and ACME-x ACME-99"),
            ("(?i)codename \\w+", "Codename Ölfass codename x"),
            ("(?s)BEGIN.*END", "a BEGIN b\nEND c END d"),
            ("[a-z0-9]{40,}", &long),
            ("(?m)^secret.*$", "secret one\nno\nsecret two"),
            ("a*", "baab"),
            ("\\bkey\\b", "key keys key"),
            ("é$", "é é"),
        ] {
            let own = Patterns::new(&[pattern.to_string()], &[]).expect("a pattern");
            assert_eq!(matched(&foreign(&[pattern]), text), matched(&own, text), "{pattern}");
        }
    }

    #[test]
    fn foreign_patterns_are_bounded_in_number_and_size() {
        let many: Vec<String> = (0..5_000).map(|n| format!("(?i){n}[a-z]{{3}}\\w{{12}}")).collect();
        let patterns = Patterns::new(&["mine".into()], &many).expect("patterns");
        assert!((8..=MAX_FOREIGN).contains(&patterns.foreign.len()), "{}", patterns.foreign.len());
        assert_eq!(patterns.foreign.len() + patterns.left_out().len(), 5_000);
        let small: Vec<String> = (0..40).map(|n| format!("ACME-{n}")).collect();
        assert_eq!(Patterns::new(&[], &small).expect("patterns").foreign.len(), MAX_FOREIGN);
        assert_eq!(foreign(&["(a{1000}){1000}"]).left_out(), ["(a{1000}){1000}"]);
        assert!(Patterns::new(&[], &["(".into()]).is_err());
        let own: Vec<String> = (0..=MAX_OWN).map(|n| format!("ACME-{n}")).collect();
        assert!(Patterns::new(&own, &[]).is_err());
    }

    /// Without a bound, each of these reads the rest of the text for each match.
    #[test]
    fn a_foreign_pattern_cannot_take_quadratic_time() {
        for pattern in ["a|[a-z]*Z", "(?s)a|.*Z", "[ab]|(?:[ab]{1,40}x?){1,9}Z", "a", "", "\\w|(?s).*\\dZ"] {
            let text = "ab".repeat(500_000);
            let started = std::time::Instant::now();
            matched(&foreign(&[pattern]), &text);
            assert!(started.elapsed().as_secs() < 20, "{pattern}: {:?}", started.elapsed());
        }
    }
}
