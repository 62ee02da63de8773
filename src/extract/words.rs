//! The words of a text, counted once per content hash: which terms it holds,
//! how often in comments and outside, which of them it declares, and in which
//! part of the text they stand. This is all that ranking reads of a file's
//! body.
//!
//! Not here: what counts as one term (`terms`) and what a match is worth
//! (`rank`).

use std::collections::HashMap;

use crate::model::{Outline, SafeText, SymbolKind, Words};
use crate::rank_terms::{self, Count, Terms};

/// Distinct terms kept of one text, in order of appearance. Hand-written files
/// have fewer; tables and locales have more.
const MAX_TERMS: usize = 30_000;

/// Words that introduce a declaration in languages without a grammar here:
/// the name is the word that follows.
const INTRODUCERS: [&str; 26] = [
    "class",
    "const",
    "def",
    "defmacro",
    "defmodule",
    "defn",
    "defp",
    "enum",
    "extension",
    "fn",
    "fun",
    "func",
    "function",
    "interface",
    "macro_rules",
    "module",
    "namespace",
    "object",
    "protocol",
    "record",
    "struct",
    "sub",
    "trait",
    "type",
    "typedef",
    "union",
];

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

/// Counts the words of `source`. Names of `outline` count as declared; where
/// it has none, those that follow a word such as `class` or `func` do.
pub fn words(source: &SafeText, outline: &Outline) -> Words {
    let mut counter = WordCounter::new(source.as_str(), outline);
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
    terms: Terms,
    /// What each identifier that was met comes to: most of a text repeats.
    known: HashMap<&'a str, Identifier>,
    /// The terms of the parts of all known identifiers, one after the other.
    parts: Vec<u32>,
    counts: HashMap<u32, Count>,
    lines: u32,
    words: u32,
    block_lines: u32,
    guess_names: bool,
}

/// The terms of one identifier: a range of [`WordCounter::parts`], and the
/// whole where it has several.
#[derive(Clone, Copy)]
struct Identifier {
    first: usize,
    end: usize,
    whole: Option<u32>,
}

impl<'a> WordCounter<'a> {
    fn new(source: &'a str, outline: &Outline) -> Self {
        let lines = source.lines().count() as u32;
        Self {
            terms: Terms::default(),
            known: HashMap::new(),
            parts: Vec::new(),
            counts: HashMap::new(),
            lines,
            words: 0,
            block_lines: rank_terms::block_lines(lines),
            guess_names: outline.symbols.is_empty(),
        }
    }

    fn add_line(&mut self, line: u32, text: &'a str, is_doc: bool) {
        for token in rank_terms::tokens(text) {
            self.add(token.text, line, is_doc);
        }
        if self.guess_names
            && !is_doc
            && let Some(name) = declared_name(text)
        {
            self.declare(name, line);
        }
    }

    fn add(&mut self, text: &'a str, line: u32, is_doc: bool) {
        let identifier = self.identifier(text);
        self.words += (identifier.end - identifier.first) as u32;
        for part in identifier.first..identifier.end {
            self.count(self.parts[part], line, is_doc);
        }
        if let Some(whole) = identifier.whole {
            self.count(whole, line, is_doc);
            self.mark_whole(whole);
        }
    }

    fn identifier(&mut self, text: &'a str) -> Identifier {
        if let Some(&known) = self.known.get(text) {
            return known;
        }
        let first = self.parts.len();
        let words = rank_terms::words(text).filter_map(|part| self.terms.word(part));
        self.parts.extend(words.map(|term| term.0));
        let whole = rank_terms::is_compound(text).then(|| rank_terms::whole(text)).flatten();
        let identifier = Identifier { first, end: self.parts.len(), whole: whole.map(|term| term.0) };
        self.known.insert(text, identifier);
        identifier
    }

    fn count(&mut self, term: u32, line: u32, is_doc: bool) {
        if let Some(count) = self.entry(term, line) {
            if is_doc {
                count.doc = count.doc.saturating_add(1);
            } else {
                count.body = count.body.saturating_add(1);
            }
        }
    }

    fn mark_whole(&mut self, term: u32) {
        if let Some(count) = self.counts.get_mut(&term) {
            count.whole = true;
        }
    }

    fn declare(&mut self, name: &str, line: u32) {
        let parts: Vec<u32> = rank_terms::words(name)
            .filter_map(|part| self.terms.word(part))
            .chain(rank_terms::whole(name))
            .map(|term| term.0)
            .collect();
        for term in parts {
            if let Some(count) = self.entry(term, line) {
                count.defined = true;
            }
        }
        if let Some(whole) = rank_terms::whole(name) {
            self.mark_whole(whole.0);
        }
    }

    fn entry(&mut self, term: u32, line: u32) -> Option<&mut Count> {
        if self.counts.len() >= MAX_TERMS && !self.counts.contains_key(&term) {
            return None;
        }
        let count = self.counts.entry(term).or_default();
        count.term = term;
        count.blocks |= 1 << (line / self.block_lines).min(rank_terms::BLOCKS - 1);
        Some(count)
    }

    fn pack(self) -> Words {
        let mut counts: Vec<Count> = self.counts.into_values().collect();
        counts.sort_unstable_by_key(|count| count.term);
        rank_terms::pack(&counts, self.lines, self.words)
    }
}

/// The name that a line declares, as far as its words tell: what follows
/// `class`, `func` ... (in Go behind the receiver), or what stands before the
/// first bracket of a line that opens a block.
fn declared_name(line: &str) -> Option<&str> {
    let opens_block = line.trim_end().ends_with('{');
    let mut introduced = false;
    for token in rank_terms::tokens(line) {
        if INTRODUCERS.contains(&token.text) {
            introduced = true;
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
