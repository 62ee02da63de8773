//! The words of a text, counted once per content hash: which terms it holds,
//! how often in comments and outside, which of them it declares, and in which
//! part of the text they stand. This is all that ranking reads of a file's
//! body.
//!
//! Not here: what counts as one term (`terms`) and what a match is worth
//! (`rank`).

use std::cell::RefCell;

use crate::model::{Outline, SafeText, SymbolKind, Words};
use crate::rank_terms::{self, Count, Terms, WordMap};

/// Distinct terms kept of one text, in order of appearance. Hand-written files
/// have fewer; tables and locales have more.
const MAX_TERMS: usize = 30_000;

/// Words before a bracket that do not declare anything: `if (x) {`.
const CONTROL: [&str; 14] = [
    "await",
    "catch",
    "do",
    "else",
    "elif",
    "for",
    "if",
    "match",
    "new",
    "return",
    "switch",
    "synchronized",
    "throw",
    "while",
];

thread_local! {
    /// Most words of a text stood in the texts before it.
    static TERMS: RefCell<Terms> = RefCell::default();
}

/// Counts the words of `source`. Names of `outline` count as declared; where
/// it has none, those that follow a word such as `class` or `func` do.
pub fn words(source: &SafeText, outline: &Outline) -> Words {
    TERMS.with_borrow_mut(|terms| counted(source, outline, terms))
}

fn counted(source: &SafeText, outline: &Outline, terms: &mut Terms) -> Words {
    let mut counter = WordCounter::new(source.as_str(), outline, terms);
    let mut comments = Comments::default();
    for (line, text) in source.as_str().lines().enumerate() {
        let is_doc = comments.holds(text);
        counter.add_line(line as u32, text, is_doc);
    }
    for symbol in outline.symbols.iter().filter(|symbol| names_a_file(symbol.kind)) {
        counter.declare(symbol.name.as_str(), symbol.line.saturating_sub(1));
    }
    counter.pack()
}

/// A declaration that people would look a file up for. Fields, variants and
/// variables are many, and named like everything else.
fn names_a_file(kind: SymbolKind) -> bool {
    !matches!(kind, SymbolKind::Field | SymbolKind::Variant | SymbolKind::Variable | SymbolKind::Impl)
}

struct WordCounter<'a> {
    terms: &'a mut Terms,
    /// What each identifier that was met comes to: most of a text repeats.
    known: WordMap<&'a str, Identifier>,
    /// Places in `counts` of the terms of all known identifiers, one identifier
    /// after the other.
    places: Vec<u32>,
    place_of: WordMap<u32, u32>,
    counts: Vec<Count>,
    lines: u32,
    words: u32,
    block_lines: u32,
    guess_names: bool,
}

/// The terms of one identifier: a range of [`WordCounter::places`], and the
/// place of the whole where it has several parts.
#[derive(Clone, Copy)]
struct Identifier {
    first: u32,
    end: u32,
    /// How many words it is, those for which there is no place among them.
    words: u32,
    whole: Option<u32>,
}

impl<'a> WordCounter<'a> {
    fn new(source: &'a str, outline: &Outline, terms: &'a mut Terms) -> Self {
        let lines = source.lines().count() as u32;
        Self {
            terms,
            known: WordMap::default(),
            places: Vec::new(),
            place_of: WordMap::default(),
            counts: Vec::new(),
            lines,
            words: 0,
            block_lines: rank_terms::block_lines(lines),
            guess_names: outline.symbols.is_empty(),
        }
    }

    fn add_line(&mut self, line: u32, text: &'a str, is_doc: bool) {
        let block = self.block(line);
        for token in rank_terms::tokens(text) {
            self.add(token.text, block, is_doc);
        }
        if self.guess_names
            && !is_doc
            && let Some(name) = declared_name(text)
        {
            self.declare(name, line);
        }
    }

    fn add(&mut self, text: &'a str, block: u64, is_doc: bool) {
        let identifier = self.identifier(text);
        self.words += identifier.words;
        for place in identifier.first..identifier.end {
            self.count(self.places[place as usize], block, is_doc);
        }
        if let Some(whole) = identifier.whole {
            self.count(whole, block, is_doc);
            self.counts[whole as usize].whole = true;
        }
    }

    fn identifier(&mut self, text: &'a str) -> Identifier {
        if let Some(&known) = self.known.get(text) {
            return known;
        }
        let first = self.places.len() as u32;
        let mut words = 0;
        for part in rank_terms::words(text) {
            if let Some(term) = self.terms.word(part) {
                words += 1;
                let place = self.place(term.0);
                self.places.extend(place);
            }
        }
        let end = self.places.len() as u32;
        let whole = rank_terms::is_compound(text).then(|| rank_terms::whole(text)).flatten();
        let whole = whole.and_then(|term| self.place(term.0));
        let identifier = Identifier { first, end, words, whole };
        self.known.insert(text, identifier);
        identifier
    }

    fn count(&mut self, place: u32, block: u64, is_doc: bool) {
        let count = &mut self.counts[place as usize];
        count.blocks |= block;
        let occurrences = if is_doc { &mut count.doc } else { &mut count.body };
        *occurrences = occurrences.saturating_add(1);
    }

    fn declare(&mut self, name: &str, line: u32) {
        let block = self.block(line);
        let whole = rank_terms::whole(name);
        let mut places = Vec::new();
        for part in rank_terms::words(name) {
            let term = self.terms.word(part);
            places.extend(term.and_then(|term| self.place(term.0)));
        }
        let whole = whole.and_then(|term| self.place(term.0));
        for place in places.into_iter().chain(whole) {
            let count = &mut self.counts[place as usize];
            count.defined = true;
            count.blocks |= block;
        }
        if let Some(whole) = whole {
            self.counts[whole as usize].whole = true;
        }
    }

    /// The bit of the block that a line stands in.
    fn block(&self, line: u32) -> u64 {
        1 << (line / self.block_lines).min(rank_terms::BLOCKS - 1)
    }

    /// Where a term is counted; `None` for a new one beyond [`MAX_TERMS`].
    fn place(&mut self, term: u32) -> Option<u32> {
        if let Some(&place) = self.place_of.get(&term) {
            return Some(place);
        }
        let place = self.counts.len() as u32;
        (self.counts.len() < MAX_TERMS).then(|| {
            self.counts.push(Count { term, ..Count::default() });
            self.place_of.insert(term, place);
            place
        })
    }

    fn pack(mut self) -> Words {
        self.counts.sort_unstable_by_key(|count| count.term);
        rank_terms::pack(&self.counts, self.lines, self.words)
    }
}

/// The name that a line declares, as far as its words tell: what follows
/// `class`, `func` ... (in Go behind the receiver), or what stands before the
/// first bracket of a line that opens a block.
fn declared_name(line: &str) -> Option<&str> {
    let opens_block = line.trim_end().ends_with('{');
    let mut introduced = false;
    for token in rank_terms::tokens(line) {
        if introduces(token.text) {
            introduced = true;
            continue;
        }
        if !introduced && !opens_block {
            continue;
        }
        let after = line[token.start + token.text.len()..].trim_start();
        let is_receiver = introduced && line[..token.start].trim_end().ends_with('(');
        if introduced && !is_receiver {
            return Some(token.text).filter(|name| !name.starts_with(|c: char| c.is_numeric()));
        }
        if is_receiver {
            let behind = after.split_once(')')?.1;
            return rank_terms::tokens(behind).next().map(|token| token.text);
        }
        if opens_block && after.starts_with('(') {
            return Some(token.text).filter(|name| !CONTROL.contains(name));
        }
    }
    None
}

/// Words that introduce a declaration in languages without a grammar here:
/// the name is the word that follows.
fn introduces(word: &str) -> bool {
    matches!(
        word,
        "class"
            | "const"
            | "def"
            | "defmacro"
            | "defmodule"
            | "defn"
            | "defp"
            | "enum"
            | "extension"
            | "fn"
            | "fun"
            | "func"
            | "function"
            | "interface"
            | "macro_rules"
            | "module"
            | "namespace"
            | "object"
            | "protocol"
            | "record"
            | "struct"
            | "sub"
            | "trait"
            | "type"
            | "typedef"
            | "union"
    )
}

/// Tells comment lines from code by how they begin, for every language at
/// once; a comment behind code counts as code.
#[derive(Default)]
struct Comments {
    /// What ends the block comment or docstring that is open.
    open: Option<&'static str>,
}

impl Comments {
    fn holds(&mut self, line: &str) -> bool {
        let text = line.trim_start();
        if let Some(end) = self.open {
            if text.contains(end) {
                self.open = None;
            }
            return true;
        }
        for (start, end) in
            [("\"\"\"", "\"\"\""), ("r\"\"\"", "\"\"\""), ("'''", "'''"), ("/*", "*/"), ("<!--", "-->")]
        {
            if let Some(rest) = text.strip_prefix(start) {
                if !rest.contains(end) {
                    self.open = Some(end);
                }
                return true;
            }
        }
        is_line_comment(text)
    }
}

fn is_line_comment(text: &str) -> bool {
    if let Some(rest) = text.strip_prefix('#') {
        // `#[derive]`, `#include` and `#!` are code
        return rest.is_empty() || rest.starts_with([' ', '\t', '#', ':']);
    }
    ["//", "--", ";;", "* ", "*/"].iter().any(|start| text.starts_with(start)) || text == "*"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rank_terms::Counts;

    /// The count of `word` (a whole name where `whole`) in `source`.
    fn check(source: &str, word: &str, expected: Option<(u16, u16, bool)>) {
        let words = words(&SafeText::from_redacted(source.to_owned()), &Outline::default());
        let terms = [Terms::default().word(word), rank_terms::whole(word)];
        let found = Counts::of(&words)
            .find(|count| terms.iter().flatten().any(|term| term.0 == count.term))
            .map(|count| (count.body, count.doc, count.defined));
        assert_eq!(found, expected, "`{word}` in {source:?}");
    }

    #[test]
    fn comments_are_told_from_code() {
        check("// parse it\nparse(); // parse\n", "parse", Some((2, 1, false)));
        check("\"\"\"\nParses.\n\"\"\"\nx = 1\n", "parse", Some((0, 1, false)));
        check("#[parse]\n#include <parse>\n# parse\n", "parse", Some((2, 1, false)));
    }

    #[test]
    fn names_are_guessed_where_there_is_no_grammar() {
        check("export class MaxCount {}", "max_count", Some((1, 0, true)));
        check("call(max_count)", "max_count", Some((1, 0, false)));
        check("public interface Reader", "reader", Some((1, 0, true)));
        check("func (s *Store) LoadAll(x int) {", "load_all", Some((1, 0, true)));
        check("  public static int readNext(int x) {", "readNext", Some((1, 0, true)));
        check("  if (readNext(x)) {", "readNext", Some((1, 0, false)));
    }

    #[test]
    fn a_packed_text_is_small() {
        let source = include_str!("words.rs");
        let words = words(&SafeText::from_redacted(source.to_owned()), &Outline::default());
        assert!(words.size() * 3 < source.len(), "{}", words.size());
    }
}
