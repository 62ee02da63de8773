//! A file cut into the parts that an answer may point at: what belongs to one
//! declaration and to none inside it, long ones in windows, small neighbours
//! together; and the words of each.
//!
//! Not here: what a word is (`search_terms`), and how words are kept (`store`).

use std::cell::RefCell;
use std::rc::Rc;

use crate::model::{File, Outline, SafeText};
use crate::rank_terms::{self, WordMap};
use crate::search_terms;
use crate::store::{FileWords, InPart, InPath, MOST_TIMES};

/// Characters of a file's text whose words are indexed. Real source is shorter.
const MAX_TEXT: usize = 2_000_000;

/// Lines from which a part is cut into windows, and lines of a window. Half and twice as
/// many are a few tenths of a point of NDCG worse on the questions of `benches/relevance`.
const LONG: usize = 60;
const WINDOW: usize = 40;

/// Lines of a part that is put together with its neighbour.
const SMALL: usize = 12;

/// Lines of a file, counted from 1, and what is declared in them, by index in the
/// outline.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Part {
    first: usize,
    last: usize,
    symbols: Vec<usize>,
}

impl Part {
    fn lines(&self) -> usize {
        self.last + 1 - self.first
    }
}

/// Cuts a text of so many lines by its declarations.
fn cut(lines: usize, outline: &Outline) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for mut run in runs(lines, outline) {
        while run.lines() > LONG {
            let end = run.first + WINDOW - 1;
            parts.push(Part { first: run.first, last: end, symbols: run.symbols.clone() });
            run.first = end + 1;
        }
        match parts.last_mut() {
            Some(last) if run.lines().min(last.lines()) <= SMALL && run.last + 1 - last.first <= WINDOW => {
                last.last = run.last;
                let new = run.symbols.into_iter().filter(|symbol| !last.symbols.contains(symbol));
                last.symbols.extend(new.collect::<Vec<_>>());
            }
            _ => parts.push(run),
        }
    }
    parts
}

/// Runs of lines that belong to the same innermost declaration.
fn runs(lines: usize, outline: &Outline) -> Vec<Part> {
    let mut owner: Vec<Option<usize>> = vec![None; lines + 1];
    for (at, symbol) in outline.symbols.iter().enumerate() {
        let (first, last) = (symbol.line.max(1) as usize, (symbol.end_line as usize).min(lines));
        if first <= last {
            owner[first..=last].fill(Some(at));
        }
    }
    let mut runs: Vec<Part> = Vec::new();
    for (line, own) in owner.iter().enumerate().skip(1) {
        match runs.last_mut() {
            Some(run) if owner[line - 1] == *own => run.last = line,
            _ => runs.push(Part { first: line, last: line, symbols: own.iter().copied().collect() }),
        }
    }
    runs
}

/// The words of a file's path, and of its text by parts.
pub fn words(file: &File, text: Option<&SafeText>) -> FileWords {
    let text = text.map(SafeText::as_str).unwrap_or_default();
    let text = match text.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => &text[..end],
        None => text,
    };
    let folded = search_terms::fold(text);
    let outline = &file.content().outline;
    let lines: Vec<&str> = folded.lines().collect();
    let parts = cut(lines.len(), outline);
    let mut counter = PartCounter::default();
    for (at, part) in parts.iter().enumerate() {
        counter.part(at as u32, &lines[part.first - 1..part.last]);
        for symbol in &part.symbols {
            counter.declare(at as u32, outline.symbols[*symbol].name.as_str());
        }
    }
    counter.path(file.facts.path.name(), file.facts.path.parent());
    FileWords {
        parts: parts.iter().map(|part| (part.first as u32, part.last as u32)).collect(),
        words: counter.words,
        postings: counter.postings,
    }
}

/// The words of a file's name up to its first dot, which what comes behind says
/// nothing of: `auth.service.ts`.
pub fn stem(name: &str) -> &str {
    match name.trim_start_matches('.').split_once('.') {
        Some((stem, _)) => stem,
        None => name,
    }
}

#[derive(Default)]
struct PartCounter<'a> {
    /// The words of each token that was met, by place in `postings`.
    known: WordMap<&'a str, Rc<[u32]>>,
    place_of: WordMap<Rc<str>, u32>,
    postings: Vec<(String, InPath, Vec<InPart>)>,
    /// In all parts together.
    words: u64,
}

impl<'a> PartCounter<'a> {
    fn part(&mut self, part: u32, lines: &[&'a str]) {
        let (mut length, mut touched) = (0_u32, Vec::new());
        for line in lines {
            for token in rank_terms::tokens(line) {
                for at in self.places(token.text).iter() {
                    length += 1;
                    let parts = &mut self.postings[*at as usize].2;
                    match parts.last_mut() {
                        Some(last) if last.part == part => last.times = (last.times + 1).min(MOST_TIMES),
                        _ => {
                            parts.push(InPart { part, times: 1, declared: false, length: 0 });
                            touched.push(*at);
                        }
                    }
                }
            }
        }
        for at in touched {
            if let Some(last) = self.postings[at as usize].2.last_mut() {
                last.length = length;
            }
        }
        self.words += u64::from(length);
    }

    /// A name that is declared in the part that was read last.
    fn declare(&mut self, part: u32, name: &str) {
        for word in name_words(name) {
            let at = self.place(&word);
            let parts = &mut self.postings[at as usize].2;
            match parts.last_mut() {
                Some(last) if last.part == part => last.declared = true,
                _ => parts.push(InPart { part, times: 0, declared: true, length: 0 }),
            }
        }
    }

    fn path(&mut self, name: &str, folder: &str) {
        for word in name_words(stem(name)) {
            let at = self.place(&word);
            self.postings[at as usize].1.name = true;
        }
        for word in name_words(folder) {
            let at = self.place(&word);
            self.postings[at as usize].1.folder = true;
        }
    }

    fn places(&mut self, token: &'a str) -> Rc<[u32]> {
        if let Some(places) = self.known.get(token) {
            return places.clone();
        }
        let places: Rc<[u32]> = cut_once(token).iter().map(|word| self.place(word)).collect();
        self.known.insert(token, places.clone());
        places
    }

    fn place(&mut self, word: &Rc<str>) -> u32 {
        if let Some(at) = self.place_of.get(word) {
            return *at;
        }
        let at = self.postings.len() as u32;
        self.place_of.insert(word.clone(), at);
        self.postings.push((word.to_string(), InPath::default(), Vec::new()));
        at
    }
}

/// The words of a token.
type CutWords = Rc<[Rc<str>]>;

/// Tokens whose words are remembered at one time: the language of a large project, in a
/// few megabytes.
const MOST_KNOWN: usize = 30_000;

thread_local! {
    /// Most tokens of a file stood in the files before it, and cutting endings is slow.
    static KNOWN: RefCell<WordMap<Box<str>, CutWords>> = RefCell::default();
}

fn cut_once(token: &str) -> CutWords {
    KNOWN.with_borrow_mut(|known| {
        if let Some(words) = known.get(token) {
            return words.clone();
        }
        if known.len() >= MOST_KNOWN {
            known.clear();
        }
        let words: CutWords = search_terms::code_words(token).into_iter().map(Rc::from).collect();
        known.insert(token.into(), words.clone());
        words
    })
}

/// The words of a name or path as the index has them.
pub fn name_words(name: &str) -> Vec<Rc<str>> {
    let folded = search_terms::fold(name);
    let mut words = Vec::new();
    for token in rank_terms::tokens(&folded) {
        words.extend(cut_once(token.text).iter().cloned());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Symbol, SymbolKind};

    fn outline(spans: &[(u32, u32)]) -> Outline {
        let symbol = |&(line, end_line): &(u32, u32)| Symbol {
            name: SafeText::default(),
            kind: SymbolKind::Function,
            signature: SafeText::default(),
            doc: SafeText::default(),
            line,
            end_line,
            parent: None,
            public: true,
        };
        Outline { symbols: spans.iter().map(symbol).collect(), ..Outline::default() }
    }

    #[track_caller]
    fn check(lines: usize, spans: &[(u32, u32)], expected: &[(usize, usize)]) {
        let parts = cut(lines, &outline(spans));
        let found: Vec<_> = parts.iter().map(|part| (part.first, part.last)).collect();
        assert_eq!(found, expected);
        let covered: usize = parts.iter().map(Part::lines).sum();
        assert_eq!(covered, lines, "each line is in one part");
    }

    #[test]
    fn parts_follow_declarations_and_cover_every_line_once() {
        check(0, &[], &[]);
        check(10, &[], &[(1, 10)]);
        check(101, &[], &[(1, 40), (41, 80), (81, 101)]);
        check(100, &[], &[(1, 40), (41, 100)]);
        // A class, its method of 30 lines, and what follows it.
        check(60, &[(1, 60), (15, 44)], &[(1, 14), (15, 44), (45, 60)]);
        // Small ones together.
        check(30, &[(1, 5), (6, 10), (11, 30)], &[(1, 30)]);
        // Spans beyond the end are cut.
        check(5, &[(4, 90), (7, 9)], &[(1, 5)]);
    }

    #[test]
    fn a_files_stem_is_what_tells_it_apart() {
        for (name, expected) in [
            ("auth.service.ts", "auth"),
            ("README", "README"),
            (".env.sample", "env"),
            (".bashrc", ".bashrc"),
        ] {
            assert_eq!(stem(name), expected, "{name}");
        }
    }
}
