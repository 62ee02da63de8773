//! A question as words with their worth. Any text is one; a word that nothing
//! holds is taken for the beginning of one, else for a misspelling.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use crate::model::RelPath;
use crate::rank_terms;
use crate::search_terms::{self, Word};
use crate::store::{QueryWord, RecordIndex, Result};

/// Words of a question that are looked for. A pasted page has more, and its
/// first ones say what it is about.
const MAX_WORDS: usize = 32;

/// Characters of a question that are read.
const MAX_QUESTION: usize = 4_000;

/// Words of a question that may be one name: `max count` is `max_count`.
const MOST_IN_A_NAME: usize = 4;

/// How many similar words are tried for a misspelt one.
const MAX_LIKE: usize = 3;

/// A parsed query.
#[derive(Clone, Debug, Default)]
pub struct Query {
    pub terms: Vec<QueryTerm>,
    /// Paths, dotted names and compounds as a whole, in lower case.
    pub wholes: BTreeSet<String>,
    /// Quoted texts, in lower case, with single spaces.
    pub phrases: Vec<String>,
    /// All of it in lower case, on one line.
    pub text: String,
    /// Its letters and digits alone: `max count` is the name `max_count`.
    pub joined: String,
    /// Its words as they are spelled, in lower case.
    pub spelled: BTreeSet<String>,
    /// Its names as code has them in one piece: `max_count` as `maxcount`, and a
    /// question of a few words as one name.
    pub names_in_one_piece: BTreeSet<String>,
    /// Its names exactly as they are spelled.
    pub spelled_names: BTreeSet<String>,
    /// It is one word or name, and asks where that is defined.
    pub is_one_name: bool,
    /// What must not answer it.
    pub left_out: Option<LeftOut>,
    /// Numbers of the indexed files that may answer it; `None` for all.
    pub within: Option<BTreeSet<i64>>,
}

/// A text in a file that is taken for not being there: the question was made of it.
#[derive(Clone, Debug)]
pub struct LeftOut {
    pub path: RelPath,
    /// The lines of what it says something about; it stands there or just above.
    pub lines: (u32, u32),
    words: BTreeMap<String, u8>,
}

/// Lines above a declaration in which its comment may stand.
const ABOVE: u32 = 30;

impl LeftOut {
    /// A text at these lines of a file.
    pub fn new(path: RelPath, lines: (u32, u32), text: &str) -> Self {
        let mut words: BTreeMap<String, u8> = BTreeMap::new();
        for word in rank_terms::tokens(text).flat_map(|token| search_terms::code_words(token.text)) {
            let times = words.entry(word).or_default();
            *times = times.saturating_add(1);
        }
        Self { path, lines, words }
    }

    /// How often a part of the file holds the word because of it.
    pub fn times(&self, (word, _): &QueryWord, (first, last): (u32, u32)) -> u8 {
        let is_near = first <= self.lines.1 && last + ABOVE >= self.lines.0;
        if is_near { self.words.get(word).copied().unwrap_or(0) } else { 0 }
    }
}

/// One word of it.
#[derive(Clone, Debug, PartialEq)]
pub struct QueryTerm {
    /// The words to search for: the word itself, or what replaces it; `true`
    /// for a prefix.
    pub asked: Vec<(String, bool)>,
    /// How much the word counts: rarer words count more.
    pub weight: f64,
    /// The word as it was typed, if others replace it.
    pub misspelt: Option<String>,
}

impl QueryTerm {
    /// Whether one of these words matches the term.
    pub fn is_in(&self, words: &BTreeSet<String>) -> bool {
        self.asked.iter().any(|(word, prefix)| match prefix {
            false => words.contains(word),
            true => words.range(word.clone()..).next().is_some_and(|found| found.starts_with(word.as_str())),
        })
    }
}

impl Query {
    /// A text as a question to a store.
    pub fn new(store: &dyn RecordIndex, text: &str) -> Result<Self> {
        let text: String = text.chars().take(MAX_QUESTION).collect();
        let mut query = Query {
            phrases: phrases(&text),
            text: one_line(&text),
            joined: joined(&text),
            spelled: search_terms::spelled(&text),
            ..Query::default()
        };
        query.read_names(&text);
        let mut seen = BTreeSet::new();
        let rows = store.rows()?.max(1) as f64;
        for (word, prefix) in telling(words(&text)) {
            if word.whole {
                query.wholes.insert(word.text);
            } else if query.terms.len() < MAX_WORDS && seen.insert(word.text.clone()) {
                query.terms.push(term(store, word.text, prefix, rows)?);
            }
        }
        Ok(query)
    }

    /// Takes its names.
    fn read_names(&mut self, text: &str) {
        let folded = search_terms::fold(text);
        self.spelled_names = rank_terms::tokens(&folded).map(|token| token.text.to_string()).collect();
        let count = text.split_whitespace().count();
        self.is_one_name = count == 1;
        let names = self.spelled_names.iter().map(|name| search_terms::in_one_piece(name));
        let tells = |name: &String| self.is_one_name || !rank_terms::STOP.contains(&name.as_str());
        self.names_in_one_piece = names.filter(tells).take(MAX_WORDS).collect();
        if (2..=MOST_IN_A_NAME).contains(&count) {
            self.names_in_one_piece.insert(self.joined.clone());
        }
        self.names_in_one_piece.retain(|name| name.chars().nth(1).is_some());
    }

    /// Whether one of its words has this stem.
    pub fn is_about(&self, stem: &str) -> bool {
        self.terms.iter().flat_map(|term| &term.asked).any(|(word, _)| word == stem)
    }

    /// Every word that is asked for, wholes too.
    pub fn asked(&self) -> Vec<(String, bool)> {
        let wholes = self.wholes.iter().take(MAX_WORDS).map(|whole| (whole.clone(), false));
        self.terms.iter().flat_map(|term| term.asked.clone()).chain(wholes).collect()
    }

    /// The words that must all be there, where nothing stands in for any.
    pub fn required(&self) -> Option<Vec<(String, bool)>> {
        let single = |term: &QueryTerm| match term.asked.as_slice() {
            [one] => Some(one.clone()),
            _ => None,
        };
        self.terms.iter().map(single).collect()
    }

    /// The sum of the weights of all terms.
    pub fn weight(&self) -> f64 {
        self.terms.iter().map(|term| term.weight).sum()
    }

    /// The share of these words that are asked for.
    pub fn share_asked(&self, words: &BTreeSet<String>) -> f64 {
        let is_asked = |word: &&String| {
            self.wholes.contains(*word)
                || self.terms.iter().flat_map(|term| &term.asked).any(|(asked, prefix)| {
                    if *prefix { word.starts_with(asked.as_str()) } else { *word == asked }
                })
        };
        if words.is_empty() { 0.0 } else { words.iter().filter(is_asked).count() as f64 / words.len() as f64 }
    }

    /// The share of the question's words that a name has, as they are spelled.
    pub fn share_spelled(&self, name: &str) -> f64 {
        let words = search_terms::spelled(name);
        let common = self.spelled.intersection(&words).count();
        if common == 0 { 0.0 } else { common as f64 / self.spelled.len() as f64 }
    }

    /// The share of the question's weight that these words cover.
    pub fn coverage(&self, words: &BTreeSet<String>) -> f64 {
        // The sum of nothing is -0.0, which would be shown.
        let covered =
            self.terms.iter().filter(|term| term.is_in(words)).fold(0.0, |sum, term| sum + term.weight);
        if self.terms.is_empty() { 0.0 } else { covered / self.weight() }
    }
}

/// The words of a question that counts are asked of, so that they can be asked for
/// at once.
pub fn counted_words(text: &str) -> BTreeSet<String> {
    let text: String = text.chars().take(MAX_QUESTION).collect();
    let words = telling(words(&text)).into_iter().filter(|(word, _)| !word.whole);
    words.map(|(word, _)| word.text).take(MAX_WORDS).collect()
}

/// Those words that say something: function words are no evidence, unless one of
/// them is all there is.
fn telling(words: Vec<(Word, bool)>) -> Vec<(Word, bool)> {
    static FUNCTION_WORDS: OnceLock<BTreeSet<String>> = OnceLock::new();
    let function_words = FUNCTION_WORDS
        .get_or_init(|| rank_terms::STOP.iter().map(|word| rank_terms::stem(word).into_owned()).collect());
    if words.len() == 1 {
        return words;
    }
    words.into_iter().filter(|(word, _)| word.whole || !function_words.contains(&word.text)).collect()
}

/// The words of a question; a `*` after one asks for its continuations.
fn words(text: &str) -> Vec<(Word, bool)> {
    let mut found = Vec::new();
    for chunk in text.split_whitespace() {
        let is_open = chunk.trim_end_matches(['"', '\'', ')']).ends_with('*');
        let mut words = search_terms::words(chunk);
        let last = words.pop();
        found.extend(words.into_iter().map(|word| (word, false)));
        found.extend(last.map(|word| (word, is_open)));
    }
    found
}

/// How much a word counts that stands in so many of all rows: rarer words count more.
pub fn weigh(rows: f64, frequency: u64) -> f64 {
    (1.0 + (rows - frequency as f64 + 0.5).max(0.0) / (frequency as f64 + 0.5)).ln()
}

fn term(store: &dyn RecordIndex, word: String, prefix: bool, rows: f64) -> Result<QueryTerm> {
    let weigh = |frequency: u64| weigh(rows, frequency);
    // What begins with one letter is a twentieth of all: no answer, and a slow one.
    let exact = (word.clone(), prefix && word.chars().nth(1).is_some());
    let frequency = store.frequency(&exact)?;
    if frequency > 0 {
        return Ok(QueryTerm { asked: vec![exact], weight: weigh(frequency), misspelt: None });
    }
    let begun = (word.clone(), true);
    if word.chars().count() >= 3 && store.frequency(&begun)? > 0 {
        return Ok(QueryTerm {
            asked: vec![begun],
            weight: weigh(store.frequency(&(word.clone(), true))?),
            misspelt: Some(word),
        });
    }
    let like = like(store, &word)?;
    match like.is_empty() {
        true => Ok(QueryTerm { asked: vec![exact], weight: weigh(0), misspelt: None }),
        false => {
            let weight = weigh(like.iter().map(|(_, frequency)| frequency).sum());
            let asked = like.into_iter().map(|(word, _)| (word, false)).collect();
            Ok(QueryTerm { asked, weight, misspelt: Some(word) })
        }
    }
}

/// The words that a misspelling may stand for: those that share pieces of
/// three characters with it, and are one or two slips away.
fn like(store: &dyn RecordIndex, word: &str) -> Result<Vec<(String, u64)>> {
    let length = word.chars().count();
    if length < 4 {
        return Ok(Vec::new());
    }
    let slips = if length < 8 { 1 } else { 2 };
    let pieces: Vec<[char; 3]> = pieces(word).collect();
    let mut alike: BTreeSet<(usize, String)> = BTreeSet::new();
    store.words_like(&pieces, length.saturating_sub(slips), length + slips, &mut |other| {
        if self::pieces(other).any(|piece| pieces.contains(&piece)) {
            let distance = strsim::osa_distance(word, other);
            if distance <= slips {
                alike.insert((distance, other.to_string()));
            }
        }
    })?;
    let mut there = Vec::new();
    for (distance, other) in alike {
        let asked = (other, false);
        let frequency = store.frequency(&asked)?;
        if frequency > 0 {
            there.push((distance, frequency, asked.0));
        }
    }
    there.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)).then(a.2.cmp(&b.2)));
    let best = there.first().map_or(0, |(distance, _, _)| *distance);
    there.retain(|(distance, _, _)| *distance == best);
    there.truncate(MAX_LIKE);
    Ok(there.into_iter().map(|(_, frequency, word)| (word, frequency)).collect())
}

/// Runs of three characters, the ends marked.
fn pieces(word: &str) -> impl Iterator<Item = [char; 3]> + '_ {
    let mut last = ['\0', ' '];
    word.chars().chain([' ']).filter_map(move |c| {
        let piece = [last[0], last[1], c];
        last = [last[1], c];
        (piece[0] != '\0').then_some(piece)
    })
}

fn phrases(text: &str) -> Vec<String> {
    let quoted = text.split('"').skip(1).step_by(2).map(one_line);
    quoted.filter(|phrase| phrase.contains(' ')).collect()
}

/// Folded, in lower case, with single spaces.
pub fn one_line(text: &str) -> String {
    search_terms::fold(text).to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The letters and digits of a name, folded, in lower case.
pub fn joined(text: &str) -> String {
    search_terms::fold(text).chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
