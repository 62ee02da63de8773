//! The names that a goal spells out, of which a page shows the lines: what it
//! quotes, compounds, the last part of dotted names, and identifiers that join
//! two words that stand side by side in its first line.
//!
//! Not here: what names are worth to the order of files (`literal`), and their
//! lines (`hit_lines`).

use super::goal::{GoalWord, ParsedGoal};
use super::lexical::Lexical;
use super::literal::{GoalLiteral, words_of};
use crate::model::{Class, File, Tree};
use crate::rank_terms::{self, Terms};

/// Names whose lines are shown.
const MOST_NAMES: usize = 6;

/// Files that hold a word of the first line that is no name, at most: words of
/// prose are rare by chance.
const FEW: usize = 3;

/// Letters of a name that is a single word, at least.
const SHORTEST: usize = 3;

/// Names made of two words of the first line, at most.
const MOST_JOINED: usize = 2;

/// The names of the goal, the most telling first. `first` are the best files.
pub fn names(tree: &Tree, goal: &ParsedGoal, lexical: &Lexical, first: &[u32]) -> Vec<GoalLiteral> {
    let mut terms = Terms::default();
    let mut found = Vec::new();
    let mut name =
        |text: &str, title: bool| GoalLiteral::new(text, words_of(text, goal, &mut terms), true, title);
    for quoted in &goal.quoted {
        found.push(name(last_part(tree, &quoted.text), quoted.title));
    }
    for dotted in goal.dotted.iter().filter(|dotted| is_code(tree, dotted)) {
        let last = dotted.last().map_or("", String::as_str);
        if last.len() >= SHORTEST {
            found.push(name(last, goal.title.contains(last)));
        }
    }
    for word in goal.words.iter().filter(|word| word.is_spelled_as_name() && !word.is_area()) {
        found.push(name(&word.text, word.title));
    }
    let first_word = first_word(&goal.title);
    for (at, word) in (0..).zip(&goal.words).filter(|(_, word)| is_plain(word) && word.text != first_word) {
        found.push(GoalLiteral::new(&word.text, vec![at], false, true));
    }
    for literal in &mut found {
        literal.measure(tree, lexical);
    }
    found.retain(|literal| literal.is_name || literal.is_rare && literal.files.len() <= FEW);
    found.extend(joined(tree, goal, first));
    found.sort_by(|a, b| b.weight.total_cmp(&a.weight).then_with(|| a.text.cmp(&b.text)));
    let mut known = Vec::new();
    found.retain(|literal| {
        let lower = literal.text.to_lowercase();
        let is_new = !known.contains(&lower);
        known.push(lower);
        is_new
    });
    found.truncate(MOST_NAMES);
    found
}

/// A word of the first line that may be rare.
fn is_plain(word: &GoalWord) -> bool {
    let is_prose = word.title && !word.whole && word.name == 0;
    is_prose && !word.routine && !word.scope && word.text.len() >= SHORTEST
}

/// The word with which a first line begins, its scope aside: what is to be done.
fn first_word(title: &str) -> &str {
    let rest = title.split_once(": ").map_or(title, |(_, rest)| rest);
    rank_terms::tokens(rest).next().map_or("", |token| token.text)
}

/// What a quoted text names: of `A::b`, `a.b()` and `a->b` the last part, of a
/// call what is called.
fn last_part<'a>(tree: &Tree, text: &'a str) -> &'a str {
    let called = text.split_once('(').filter(|(_, rest)| rest.ends_with(')')).map_or(text, |(name, _)| name);
    let is_joint = |c: char| c == '_' || c.is_alphanumeric() || ".:#->".contains(c);
    if called.is_empty() || !called.chars().all(is_joint) || is_file(tree, called) {
        return text;
    }
    let mut parts = called.split(['.', ':', '#', '>']).map(|part| part.trim_matches('-'));
    match parts.rfind(|part| !part.is_empty()) {
        Some(last) if last.len() >= SHORTEST && last.len() < text.len() => last,
        _ => text,
    }
}

/// Whether a file bears this name.
fn is_file(tree: &Tree, name: &str) -> bool {
    let name = name.rsplit('/').next().unwrap_or(name);
    tree.files.iter().any(|file| file.facts.path.name() == name)
}

/// A dotted name that is none of a file, a version or an address.
fn is_code(tree: &Tree, dotted: &[String]) -> bool {
    let is_name = |part: &String| part.chars().next().is_some_and(|c| c == '_' || c.is_alphabetic());
    dotted.iter().all(is_name) && !is_file(tree, &dotted.join("."))
}

/// Identifiers of the best files that consist of two words that stand side by
/// side in the first line, the rarest first: `with_stmt` where it speaks of with
/// statements, whatever little the first word says by itself.
fn joined(tree: &Tree, goal: &ParsedGoal, first: &[u32]) -> Vec<GoalLiteral> {
    let mut terms = Terms::default();
    let said: Vec<&str> = rank_terms::tokens(&goal.title).map(|token| token.text).collect();
    let is_told = |word: &str| {
        let word = word.to_lowercase();
        goal.words.iter().any(|known| is_plain(known) && known.text.to_lowercase() == word)
    };
    let pairs: Vec<[&str; 2]> =
        said.windows(2).filter(|pair| is_told(pair[1])).map(|pair| [pair[0], pair[1]]).collect();
    let mut found: Vec<GoalLiteral> = Vec::new();
    for file in first.iter().filter(|file| tree.files[**file as usize].facts.class == Class::Source) {
        let outline = &tree.files[*file as usize].content().outline;
        let declared = outline.symbols.iter().map(|symbol| symbol.name.as_str());
        for name in declared.chain(outline.references.iter().map(|(name, _)| name.as_str())) {
            let parts: Vec<&str> = rank_terms::parts(name).filter(|part| !part.is_empty()).collect();
            let [a, b] = parts[..] else { continue };
            let mut says =
                |pair: &&[&str; 2]| spells(&mut terms, a, pair[0]) && spells(&mut terms, b, pair[1]);
            if !pairs.iter().any(|pair| says(&pair)) {
                continue;
            }
            if found.iter().all(|known| known.text != name) {
                found.push(GoalLiteral::new(name, Vec::new(), true, true));
            }
        }
    }
    for literal in &mut found {
        literal.files = mentioning(tree, &literal.text);
        let rarity = (1.0 + tree.files.len() as f64 / (literal.files.len() as f64 + 0.5)).ln();
        literal.weight = super::quantise(rarity);
    }
    found.sort_by(|a, b| b.weight.total_cmp(&a.weight).then_with(|| a.text.cmp(&b.text)));
    found.truncate(MOST_JOINED);
    found
}

/// The files whose code declares or uses a name.
fn mentioning(tree: &Tree, name: &str) -> Vec<u32> {
    let mentions = |(_, file): &(u32, &File)| {
        let outline = &file.content().outline;
        let is_used = outline.references.binary_search_by(|(known, _)| known.as_str().cmp(name)).is_ok();
        is_used || outline.symbols.iter().any(|symbol| symbol.name.as_str() == name)
    };
    (0..).zip(&tree.files).filter(mentions).map(|(at, _)| at).collect()
}

/// Whether a part of an identifier stands for a word: the word itself, another
/// form of it, or its consonants as programmers shorten words (`stmt`).
fn spells(terms: &mut Terms, part: &str, word: &str) -> bool {
    let (part, word) = (part.to_lowercase(), word.to_lowercase());
    if part == word || terms.word(&part).is_some_and(|term| terms.word(&word) == Some(term)) {
        return true;
    }
    let is_short = part.len() >= SHORTEST && !part.contains(['a', 'e', 'i', 'o', 'u']);
    let mut letters = word.chars();
    is_short && part.chars().next() == word.chars().next() && part.chars().all(|c| letters.any(|l| l == c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_part_of_a_name_is_what_it_names() {
        let tree = Tree::default();
        let check = |text: &str, expected: &str| assert_eq!(last_part(&tree, text), expected, "{text}");
        check("PreProcessor::supports_renderer", "supports_renderer");
        check("File::lock()", "lock");
        check("cliOptions.skillName", "skillName");
        check("parser->state", "state");
        check("open(path)", "open");
        check("prompt=True", "prompt=True");
        check("no such file", "no such file");
        check("a.b", "a.b");
        check("max_count", "max_count");
    }

    #[test]
    fn parts_of_names_stand_for_words_in_their_forms() {
        let check = |part: &str, word: &str, is: bool| {
            assert_eq!(spells(&mut Terms::default(), part, word), is, "{part} {word}")
        };
        check("stmt", "statements", true);
        check("with", "with", true);
        check("Streams", "stream", true);
        check("state", "statement", false);
        check("for", "formatting", false);
    }

    #[test]
    fn the_first_word_of_a_title_is_what_is_to_be_done() {
        assert_eq!(first_word("Expose the API"), "Expose");
        assert_eq!(first_word("fix(cli): Use `x`"), "Use");
    }
}
