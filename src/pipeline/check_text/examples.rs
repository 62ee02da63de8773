//! Whether a text names something only to show what it might be called.
//!
//! Not here: parts of a path that stand for something else (`paths`).

use std::ops::Range;

use crate::model::RelPath;

/// Words of a sentence in which a file is an example, is to be made, or comes out of something.
#[rustfmt::skip]
const SAYS: [&str; 30] = [
    "a file called", "a file named", "a new ", "add a ", "as an example", "copied", "copies", "copy ", "create", "e.g.",
    "example:", "for example", "for instance", "generate", "if you have", "imagine", "instead of", "let's say", "like this",
    "might", "output", "such as", "suppose", "writes", "written to", "would", "your own", "your package", "your project",
    "your repo",
];

/// Words of a sentence about what was there before.
const SAYS_GONE: [&str; 9] =
    ["delete", "deprecat", "drop", "formerly", "instead", "no longer", "remove", "rename", "used to"];

/// Files and folders of texts that tell of other times: what was, and what is proposed.
#[rustfmt::skip]
const OTHER_TIMES: [&str; 16] = [
    "changelog", "changes", "history", "news", "peps", "proposals", "release", "release-notes", "release_notes", "releases",
    "relnotes", "rfc", "rfcs", "sep", "upgrading", "whatsnew",
];

/// Bytes before and after a claim that are read.
const AROUND: usize = 240;

/// Whether the sentence around a claim says that it shows something.
pub fn is_example(text: &str, at: Range<usize>) -> bool {
    says(text, at, &SAYS)
}

/// Whether the sentence around a claim says that it is gone.
pub fn is_gone(text: &str, at: Range<usize>) -> bool {
    says(text, at, &SAYS_GONE)
}

/// Whether a text tells of another state of the project than that it lies in.
pub fn is_of_other_times(path: &RelPath) -> bool {
    let name = path.name().split('.').next().unwrap_or_default();
    let mut parts = path.parent().split('/').chain([name]).map(str::to_lowercase);
    parts.any(|part| OTHER_TIMES.contains(&part.as_str()))
}

fn says(text: &str, at: Range<usize>, words: &[&str]) -> bool {
    let mut from = at.start.saturating_sub(AROUND);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let mut to = (at.end + AROUND).min(text.len());
    while !text.is_char_boundary(to) {
        to -= 1;
    }
    let before = &text[from..at.start];
    let before = &before[last_end(before)..];
    let after = &text[at.end..to];
    let after = &after[..first_end(after)];
    let sentence = [before, after].map(|part| part.to_lowercase().replace('\n', " "));
    sentence.iter().any(|part| words.iter().any(|word| part.contains(word)))
}

/// Where the sentence begins that a text ends in: behind a blank line or a full stop.
fn last_end(text: &str) -> usize {
    let blank = text.rfind("\n\n").map_or(0, |at| at + 2);
    let stops = text.match_indices(". ").map(|(at, _)| at).filter(|at| !is_abbreviation(&text[..*at]));
    let stop = stops.last().map_or(0, |at| at + 2);
    blank.max(stop)
}

fn first_end(text: &str) -> usize {
    let blank = text.find("\n\n").unwrap_or(text.len());
    let stop = text.match_indices(". ").map(|(at, _)| at).find(|at| !is_abbreviation(&text[..*at]));
    blank.min(stop.unwrap_or(text.len()))
}

fn is_abbreviation(before: &str) -> bool {
    ["e.g", "i.e", "etc", "vs"].iter().any(|short| before.ends_with(short))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: bool) {
        let at = text.find("src/a.rs").unwrap();
        assert_eq!(is_example(text, at..at + 8), expected, "{text}");
    }

    #[test]
    fn notes_of_releases_and_proposals_tell_of_other_times() {
        let is_other = |path: &str| is_of_other_times(&RelPath::new(path).unwrap());
        assert!(
            is_other("docs/release-notes/1.0.md") && is_other("UPGRADING.md") && is_other("sep/sep-1.rst")
        );
        assert!(!is_other("docs/guide.md") && !is_other("CONTRIBUTING.md"));
    }

    #[test]
    fn a_sentence_says_that_it_gives_an_example() {
        check("Put it into a module, e.g. `src/a.rs`.", true);
        check("Create a file\nfor it: `src/a.rs`", true);
        check("For example, x. The parser is in `src/a.rs`.", false);
        check("Create one.\n\nThe parser is in `src/a.rs`.\n\nFor example", false);
    }
}
