//! Whether the options that a text gives to the project's own programs are spelled
//! anywhere in the project.
//!
//! Not here: options of other programs, of which nothing can be known.

use std::collections::HashSet;

use crate::model::{Class, File, RelPath, SafeText};
use crate::pipeline::Reading;
use crate::rank_terms::{Counts, Terms};

/// Files with all words of an option that are read, at most: beyond, it counts as there.
const MOST_READ: usize = 60;

/// Options that parsers of command lines add by themselves.
const BUILT_IN: [&str; 5] = ["help", "version", "color", "no-color", "install-completion"];

/// What starts a program that is named next.
const STARTERS: [&str; 6] = ["npx ", "uvx ", "pipx run ", "python -m ", "python3 -m ", "sudo "];

/// The first long option of a call of one of `programs` that is spelled nowhere but in the text
/// itself. Options behind the second plain word may belong to a command that the program runs.
pub fn missing_option<'a>(
    reading: &Reading,
    programs: &[SafeText],
    (line, itself): (&'a str, Option<&RelPath>),
    text_of: &dyn Fn(u32) -> Option<SafeText>,
) -> Option<&'a str> {
    let call = STARTERS.iter().find_map(|start| line.strip_prefix(start)).unwrap_or(line);
    let mut words = call.split_whitespace();
    let program = words.next()?;
    if !programs.iter().any(|known| known.as_str() == program) {
        return None;
    }
    let mut plain = 0;
    let options = words.take_while(|word| {
        plain += usize::from(!word.starts_with('-'));
        plain < 2 && *word != "--"
    });
    options
        .filter_map(|word| word.strip_prefix("--"))
        .map(|word| word.split('=').next().unwrap_or(word))
        .filter(|option| is_option(option) && !BUILT_IN.contains(option))
        .find(|option| !is_spelled(reading, option, itself, text_of))
}

fn is_option(word: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    word.len() > 3 && word.chars().all(is_plain) && !word.starts_with('-') && !word.ends_with('-')
}

/// Whether any file but the text itself spells it, in one of the ways in which code declares it.
fn is_spelled(
    reading: &Reading,
    option: &str,
    itself: Option<&RelPath>,
    text_of: &dyn Fn(u32) -> Option<SafeText>,
) -> bool {
    let option = option.strip_prefix("no-").unwrap_or(option);
    let mut terms = Terms::default();
    let parts: Vec<u32> = option.split('-').filter_map(|part| terms.word(part)).map(|term| term.0).collect();
    let snake = option.replace('-', "_");
    let spellings = [option.to_string(), camel(option), snake.to_uppercase(), snake];
    let is_read = |file: &&File| {
        Some(&file.facts.path) != itself
            && matches!(file.facts.class, Class::Source | Class::Test | Class::Doc | Class::Config)
    };
    let holds = |file: &File| {
        let known: HashSet<u32> = Counts::of(&file.content().words)
            .map(|count| count.term)
            .filter(|term| parts.contains(term))
            .collect();
        parts.iter().all(|part| known.contains(part))
    };
    let all = (0..).zip(&reading.tree.files).filter(|(_, file)| is_read(file) && holds(file));
    let (mut read, mut found) = (0, false);
    for (at, _) in all {
        read += 1;
        found = read > MOST_READ
            || text_of(at)
                .is_none_or(|text| spellings.iter().any(|name| text.as_str().contains(name.as_str())));
        if found {
            break;
        }
    }
    found
}

fn camel(option: &str) -> String {
    let mut parts = option.split('-');
    let first = parts.next().unwrap_or_default().to_string();
    parts.fold(first, |name, part| {
        let mut letters = part.chars();
        let capital = letters.next().map(|c| c.to_ascii_uppercase());
        name.chars().chain(capital).chain(letters).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_words_with_hyphens() {
        assert!(is_option("no-ignore-vcs"));
        for not in ["", "x", "Foo", "foo-", "foo_bar", "-foo"] {
            assert!(!is_option(not), "{not}");
        }
        assert_eq!(camel("no-ignore-vcs"), "noIgnoreVcs");
    }
}
