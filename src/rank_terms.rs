//! What counts as one word of a text, and as the same word: identifiers are
//! split at `_` and case, English endings are cut, and a compound is kept
//! whole besides. Files, paths, commit messages and goals are all read by this
//! one rule, so that they can be compared.
//!
//! Not here: how often a word occurs where (`extract::words`), and what that
//! is worth (`rank`).

use std::borrow::Cow;
use std::collections::HashMap;

use rust_stemmers::{Algorithm, Stemmer};

use crate::model::Words;

/// A term is known by 28 bits of its hash: 4 bytes as a varint, and with the
/// 100,000 distinct terms of a large repository one goal word in 2,700 meets a
/// stranger.
pub const TERM_BITS: u32 = 28;

/// Characters of a name in mixed case that people take for one word.
const MAX_NAME: usize = 12;

/// Longer words are data (hashes, base64), not language.
const MAX_WORD: usize = 40;

/// Words of prose and code that say nothing about which file is meant.
/// From the list of SMART, cut to those that occur in source code and issues.
/// Sorted.
pub const STOP: [&str; 121] = [
    "about", "above", "after", "again", "all", "also", "am", "an", "and", "any", "are", "as", "at", "be",
    "because", "been", "before", "being", "below", "between", "both", "but", "by", "can", "cannot", "could",
    "did", "didn", "do", "does", "doesn", "doing", "don", "down", "during", "each", "few", "for", "from",
    "further", "had", "has", "have", "having", "he", "her", "here", "hers", "him", "his", "how", "if", "in",
    "into", "is", "isn", "it", "its", "just", "ll", "me", "more", "most", "my", "no", "nor", "not", "now",
    "of", "on", "only", "or", "other", "our", "out", "over", "own", "re", "same", "she", "should", "so",
    "some", "such", "than", "thanks", "that", "the", "their", "them", "then", "there", "these", "they",
    "this", "those", "through", "to", "too", "under", "until", "up", "using", "ve", "very", "via", "was",
    "we", "were", "what", "when", "where", "which", "while", "who", "why", "will", "with", "would", "you",
    "your",
];

/// The hash of a word by itself, its English ending cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Term(pub u32);

/// One identifier or word of a text, at its byte offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    pub text: &'a str,
    pub start: usize,
}

/// Changes with the rule, so that words counted by another one are not taken
/// for current.
pub const RULE: u32 = 2;

/// Names that are no runs of letters and digits, exactly as people write them.
const MARKED: [&str; 4] = ["C++", "C#", "F#", ".NET"];

/// The identifiers and words of `text`: runs of letters, digits and `_`, and
/// the few names of `MARKED`.
pub fn tokens(text: &str) -> impl Iterator<Item = Token<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while let Some(first) = char_at(text, at) {
            let start = at;
            if let Some(name) = marked(text, start, first) {
                at += name.len();
                return Some(Token { text: name, start });
            }
            at += first.len_utf8();
            if is_word(first) {
                while let Some(next) = char_at(text, at).filter(|next| is_word(*next)) {
                    at += next.len_utf8();
                }
                return Some(Token { text: &text[start..at], start });
            }
        }
        None
    })
}

/// The character that begins at this byte; most are ASCII and need no decoding.
fn char_at(text: &str, at: usize) -> Option<char> {
    match *text.as_bytes().get(at)? {
        byte if byte.is_ascii() => Some(char::from(byte)),
        _ => text[at..].chars().next(),
    }
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// The name of [`MARKED`] that stands at `start`, as a word of its own.
fn marked(text: &str, start: usize, first: char) -> Option<&str> {
    if !matches!(first, 'C' | 'F' | '.')
        || !matches!(text.as_bytes().get(start + 1), Some(b'+' | b'#' | b'N'))
    {
        return None;
    }
    let name = MARKED.iter().find(|name| text[start..].starts_with(**name))?;
    let is_apart = first == '.' || !text[..start].ends_with(is_word);
    let after = &text[start + name.len()..];
    (is_apart && !after.starts_with(is_word)).then_some(&text[start..start + name.len()])
}

/// The words of an identifier: its parts, and besides them each name that case
/// cuts to pieces without a meaning: `NaN`, `IPv6`, `OAuth`, `macOS`.
pub fn words(identifier: &str) -> impl Iterator<Item = &str> {
    parts(identifier).chain(identifier.split('_').filter(|piece| is_name_of_its_own(piece)))
}

/// Short, and cut by case into pieces one of which is too short to be a word,
/// or ends in capitals: `eTag`, `SQLite`, `GraphQL`.
fn is_name_of_its_own(piece: &str) -> bool {
    if !piece.chars().any(char::is_uppercase) {
        return false;
    }
    let length = piece.chars().count();
    if !(3..=MAX_NAME).contains(&length) {
        return false;
    }
    let (mut pieces, mut is_cut_short, mut last) = (0, false, "");
    for part in parts(piece) {
        pieces += 1;
        is_cut_short |= part.chars().count() <= 2;
        last = part;
    }
    pieces > 1 && (is_cut_short || last.chars().all(|c| c.is_uppercase() || c.is_numeric()))
}

/// The parts of an identifier: `parse_HTTPHeader2` is `parse`, `HTTP`,
/// `Header2`.
pub fn parts(identifier: &str) -> impl Iterator<Item = &str> {
    identifier.split('_').flat_map(|piece| {
        let mut rest = piece;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let (part, tail) = rest.split_at(camel_end(rest));
            rest = tail;
            Some(part)
        })
    })
}

/// Where the first camel-case part of `text` ends.
fn camel_end(text: &str) -> usize {
    let mut before: Option<char> = None;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if let Some(before) = before
            && c.is_uppercase()
        {
            let next_is_lower = chars.peek().is_some_and(|&(_, n)| n.is_lowercase());
            if !before.is_uppercase() || next_is_lower {
                return at;
            }
        }
        before = Some(c);
    }
    text.len()
}

/// A map that is asked once for each word of a text. Words come from the
/// repository, so its hash is seeded anew by each process.
pub type WordMap<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// Turns words into terms; remembers those that it has met, because cutting
/// endings is the costly part.
pub struct Terms {
    stemmer: Stemmer,
    known: WordMap<Box<str>, Option<Term>>,
}

/// Words that [`Terms`] remembers at one time: the language of a large project,
/// in half a megabyte.
const MAX_KNOWN: usize = 8_192;

impl Default for Terms {
    fn default() -> Self {
        Self { stemmer: Stemmer::create(Algorithm::English), known: WordMap::default() }
    }
}

impl Terms {
    /// `None` for stop words, single letters, numbers and what is too long.
    pub fn word(&mut self, part: &str) -> Option<Term> {
        if part.len() < 2 || part.len() > MAX_WORD {
            return None;
        }
        let lower = lower(part);
        if let Some(&term) = self.known.get(lower.as_ref()) {
            return term;
        }
        let term = if is_noise(&lower) { None } else { Some(hash(&self.stemmer.stem(&lower), 0)) };
        if self.known.len() >= MAX_KNOWN {
            self.known.clear();
        }
        self.known.insert(lower.into(), term);
        term
    }
}

/// A lower-case English word without its ending; other words as they are.
pub fn stem(word: &str) -> Cow<'_, str> {
    Stemmer::create(Algorithm::English).stem(word)
}

/// The identifier as one word, whatever its spelling: `max_count`, `maxCount`
/// and `MAX_COUNT` are the same. `None` where it is too short to be a name.
pub fn whole(identifier: &str) -> Option<Term> {
    let mut joined = String::with_capacity(identifier.len());
    for c in identifier.chars().filter(|c| *c != '_' && *c != '-') {
        match c.is_ascii() {
            true => joined.push(c.to_ascii_lowercase()),
            false => joined.extend(c.to_lowercase()),
        }
    }
    let fits = joined.len() >= 3 && joined.len() <= 2 * MAX_WORD && !is_number(&joined);
    fits.then(|| hash(&joined, 1))
}

/// `#123`: an issue, by which goals and commit messages name the same thing.
pub fn reference(word: &str) -> Option<Term> {
    let (_, number) = word.split_once('#')?;
    let digits = number.bytes().take_while(u8::is_ascii_digit).count();
    (2..=7).contains(&digits).then(|| hash(&number[..digits], 2))
}

/// Has more than one part, so that its whole is another word than its parts.
pub fn is_compound(identifier: &str) -> bool {
    parts(identifier).filter(|part| part.len() > 1).nth(1).is_some()
}

fn lower(word: &str) -> Cow<'_, str> {
    if word.chars().any(char::is_uppercase) { Cow::Owned(word.to_lowercase()) } else { Cow::Borrowed(word) }
}

fn is_noise(word: &str) -> bool {
    is_number(word) || STOP.binary_search(&word).is_ok()
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|b| b.is_ascii_digit()) || (word.starts_with("0x") && word.len() > 2)
}

/// FNV-1a (draft-eastlake-fnv), the same on every machine and in every release,
/// which makes it fit to be stored.
pub fn fnv(word: &str, salt: u8) -> u64 {
    let basis = 0xcbf2_9ce4_8422_2325 ^ u64::from(salt);
    word.bytes().fold(basis, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// A word folded to [`TERM_BITS`].
fn hash(word: &str, salt: u8) -> Term {
    let hash = fnv(word, salt);
    let folded = (hash >> 32) ^ hash;
    Term((folded & ((1 << TERM_BITS) - 1)) as u32)
}

/// How often one term occurs in a text, and where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub term: u32,
    /// Occurrences outside comments; exact up to 8, then in steps.
    pub body: u16,
    /// Occurrences in comments and docstrings: 0, 1, 2 or 4.
    pub doc: u16,
    /// Part (or whole) of the name of something that is declared here.
    pub defined: bool,
    /// A compound or a declared name as a whole, not a part of one.
    pub whole: bool,
    /// The blocks of [`Counts::block_lines`] lines that hold it, first block
    /// in the lowest bit.
    pub blocks: u64,
}

/// Blocks of a text that are told apart; more lines make longer blocks.
pub const BLOCKS: u32 = 64;

/// Lines in a block, at least: three blocks make about the window of 50 lines
/// that was measured to be worth most.
pub const BLOCK_LINES: u32 = 16;

/// Lines in a block of a text of so many lines.
pub fn block_lines(lines: u32) -> u32 {
    let mut block = BLOCK_LINES;
    while lines.div_ceil(block) > BLOCKS {
        block *= 2;
    }
    block
}

/// Steps in which body occurrences are kept: code 9 stands for 12 and so on.
const STEPS: [u16; 7] = [12, 16, 24, 32, 48, 96, 192];

/// Packs `counts`, which are sorted by term and distinct.
///
/// Layout: varint lines, varint words, then for each term varint of its
/// distance to the last one, a byte (4 bits body, 2 bits doc, defined, whole)
/// and, in texts of several blocks, a varint of the blocks.
pub fn pack(counts: &[Count], lines: u32, words: u32) -> Words {
    let mut bytes = Vec::with_capacity(8 + counts.len() * 6);
    put(&mut bytes, u64::from(lines));
    put(&mut bytes, u64::from(words));
    let one_block = lines <= BLOCK_LINES;
    let mut last = 0;
    for count in counts {
        put(&mut bytes, u64::from(count.term - last));
        last = count.term;
        let body = match count.body {
            few @ 0..=8 => few as u8,
            many => 9 + STEPS.iter().take_while(|step| **step < many).count().min(6) as u8,
        };
        let doc = match count.doc {
            few @ 0..=2 => few as u8,
            _ => 3,
        };
        bytes.push(body | doc << 4 | u8::from(count.defined) << 6 | u8::from(count.whole) << 7);
        if !one_block {
            put(&mut bytes, count.blocks);
        }
    }
    Words(bytes.into())
}

fn put(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// Reads packed [`Words`], in the order of the terms. Damaged bytes end it
/// early; they cannot make it panic.
pub struct Counts<'a> {
    bytes: &'a [u8],
    last: u32,
    /// Lines of the text.
    pub lines: u32,
    /// Words in the text, repeated ones counted again.
    pub words: u32,
}

impl<'a> Counts<'a> {
    /// Starts reading the packed words of one text.
    pub fn of(words: &'a Words) -> Self {
        let mut counts = Self { bytes: &words.0, last: 0, lines: 0, words: 0 };
        counts.lines = counts.varint().unwrap_or(0) as u32;
        counts.words = counts.varint().unwrap_or(0) as u32;
        counts
    }

    /// How many lines of the text share one block.
    pub fn block_lines(&self) -> u32 {
        block_lines(self.lines)
    }

    fn byte(&mut self) -> Option<u8> {
        let (&first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(first)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }
}

impl Iterator for Counts<'_> {
    type Item = Count;

    fn next(&mut self) -> Option<Count> {
        let distance = self.varint()?;
        let packed = self.byte()?;
        let blocks = if self.lines <= BLOCK_LINES { 1 } else { self.varint()? };
        self.last = self.last.wrapping_add(distance as u32);
        let body = u16::from(packed & 0xf);
        Some(Count {
            term: self.last,
            body: match body {
                0..=8 => body,
                code => STEPS[usize::from(code - 9)],
            },
            doc: [0, 1, 2, 4][usize::from(packed >> 4 & 3)],
            defined: packed & 0x40 != 0,
            whole: packed & 0x80 != 0,
            blocks,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_split_at_case_and_underscore() {
        let check = |identifier: &str, expected: &[&str]| {
            let found: Vec<_> = parts(identifier).filter(|p| !p.is_empty()).collect();
            assert_eq!(found, expected, "{identifier}");
        };
        check("parse_HTTPHeader2", &["parse", "HTTP", "Header2"]);
        check("__init__", &["init"]);
        check("base64Variant", &["base64", "Variant"]);
        check("ÄndereÖl", &["Ändere", "Öl"]);
        check("word", &["word"]);
    }

    #[test]
    fn names_in_mixed_case_are_words_besides_their_parts() {
        let check = |text: &str, expected: &[&str]| {
            let found: Vec<&str> =
                tokens(text).flat_map(|token| words(token.text)).filter(|word| word.len() > 1).collect();
            assert_eq!(found, expected, "{text}");
        };
        check("NaN", &["Na", "NaN"]);
        check("is_NaN", &["is", "Na", "NaN"]);
        check("IPv6 OAuth eTag", &["Pv6", "IPv6", "Auth", "OAuth", "Tag", "eTag"]);
        check("macOS iOS GraphQL", &["mac", "OS", "macOS", "OS", "iOS", "Graph", "QL", "GraphQL"]);
        check("SHA256 k8s URLs", &["SHA256", "k8s", "UR", "Ls", "URLs"]);
        check("for C++, C# and .NET.", &["for", "C++", "C#", "and", "NET", ".NET"]);
        check("c++; ABC++ x.NETWORK", &["ABC", "NETWORK"]);
        check("parseHeader max_count", &["parse", "Header", "max", "count"]);
        let mut terms = Terms::default();
        assert_eq!(terms.word("macOS"), terms.word("macos"));
        assert!(terms.word("C++").is_some() && terms.word("C#") != terms.word("F#"));
    }

    #[test]
    fn one_name_in_every_spelling_is_one_term() {
        assert_eq!(whole("max_count"), whole("maxCount"));
        assert_eq!(whole("MAX_COUNT"), whole("max-count"));
        assert_ne!(whole("max_count"), whole("max_counts"));
    }

    #[test]
    fn endings_do_not_matter_and_stop_words_are_none() {
        let mut terms = Terms::default();
        assert_eq!(terms.word("Serializers"), terms.word("serializer"));
        assert_eq!(terms.word("the"), None);
        assert_eq!(terms.word("2024"), None);
    }

    #[test]
    fn what_is_packed_is_read_again() {
        let count =
            |term, body, doc, defined, blocks| Count { term, body, doc, defined, whole: defined, blocks };
        let counts = [
            count(0, 1, 0, false, 1),
            count(7, 8, 4, true, 0b1001),
            count((1 << TERM_BITS) - 1, 192, 2, false, 1 << 63),
        ];
        let words = pack(&counts, 1000, 201);
        assert_eq!(Counts::of(&words).collect::<Vec<_>>(), counts);
        assert_eq!(Counts::of(&words).words, 201);
        assert_eq!(Counts::of(&Words::default()).count(), 0);
    }

    #[test]
    fn damaged_bytes_end_early() {
        let words = Words([0xff; 40].into());
        assert_eq!(Counts::of(&words).count(), 0);
    }
}
