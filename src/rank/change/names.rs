//! The names that a change is about: the identifiers of its lines and the
//! declarations around them, the rare ones first, and which other files hold them.
//!
//! Not here: commits and paths.

use std::collections::HashMap;

use crate::model::{
    Class, Diff, DiffFile, DiffHunk, DiffStatus, Outline, SafeText, Symbol, SymbolKind, Tree,
};
use crate::rank_terms::{self, Counts, Terms};

/// Names of a change that are looked for, at most: of a sweep the first ones.
const MOST: usize = 400;

/// What a name counts that stands on a line that changed and is itself as it
/// was, what one around the change counts, and a line in the middle.
const STAYS: f64 = 0.5;
const AROUND: f64 = 0.6;
const CHANGES: f64 = 1.0;

/// What a single word counts in a comment.
const SAID: f64 = 0.4;

/// Lines of a hunk that are read, and bytes of a line.
const MOST_LINES: usize = 600;
const LONGEST: usize = 1_000;

/// One name of a change.
#[derive(Clone, Debug)]
pub struct ChangedName {
    pub term: u32,
    /// As it is written.
    pub name: SafeText,
    pub weight: f64,
    /// A name of several parts, or the name of a declaration.
    pub whole: bool,
    /// It is declared where the change is.
    pub declared: bool,
}

/// How a file holds a name of the change.
#[derive(Clone, Copy, Debug)]
pub struct NameHit {
    /// Index in the names.
    pub name: u32,
    pub count: u16,
    /// The file declares it.
    pub defined: bool,
}

/// The names of a change, and the files of the tree that hold them.
pub struct NameIndex {
    /// The heaviest first.
    pub names: Vec<ChangedName>,
    /// For each file of the tree what it holds.
    pub hits: Vec<Vec<NameHit>>,
    /// How rare each name is: the logarithm of files over files that hold it.
    pub rarity: Vec<f64>,
    /// Words of each file, and the mean of those that have any.
    pub words: Vec<f64>,
    pub mean_words: f64,
}

impl NameIndex {
    /// Reads the names of a change and looks for them in all files.
    pub fn of(tree: &Tree, diff: &Diff) -> Self {
        let names = names_of(tree, diff);
        let mut at: HashMap<u32, (u32, bool)> = HashMap::with_capacity(2 * names.len());
        for (index, name) in (0..).zip(&names) {
            at.insert(name.term, (index, false));
            // A single word is told from parts of names where it is declared.
            let declared = rank_terms::whole(name.name.as_str()).filter(|_| !name.whole);
            declared.into_iter().for_each(|term| _ = at.insert(term.0, (index, true)));
        }
        let mut held = vec![0_u32; names.len()];
        let mut hits = Vec::with_capacity(tree.files.len());
        let mut words = Vec::with_capacity(tree.files.len());
        for file in &tree.files {
            let counts = Counts::of(&file.content().words);
            words.push(f64::from(counts.words));
            let found = hits_of(counts, &at);
            found.iter().for_each(|hit| held[hit.name as usize] += 1);
            hits.push(found);
        }
        let files = words.iter().filter(|words| **words > 0.0).count().max(1) as f64;
        let mean_words = (words.iter().sum::<f64>() / files).max(1.0);
        let rarity =
            held.iter().map(|held| ((files + 1.0) / (f64::from(*held) + 0.5)).ln().max(0.0)).collect();
        Self { names, hits, rarity, words, mean_words }
    }
}

/// The names that a text holds, each once.
fn hits_of(counts: Counts, at: &HashMap<u32, (u32, bool)>) -> Vec<NameHit> {
    let mut found: Vec<NameHit> = Vec::new();
    for count in counts {
        let Some(&(name, is_declared)) = at.get(&count.term) else { continue };
        let defined = is_declared || count.defined && count.whole;
        match found.iter_mut().find(|hit| hit.name == name) {
            Some(hit) => {
                (hit.count, hit.defined) = (hit.count.max(count.body + count.doc), hit.defined || defined)
            }
            None => found.push(NameHit { name, count: count.body + count.doc, defined }),
        }
    }
    found
}

fn names_of(tree: &Tree, diff: &Diff) -> Vec<ChangedName> {
    let mut collected = Collected::default();
    for file in &diff.files {
        let known = tree.index_of(&file.path).map(|at| &tree.files[at as usize]);
        let is_prose = known.is_some_and(|known| known.facts.class == Class::Doc);
        for hunk in &file.hunks {
            collected.add_hunk(hunk, is_prose);
        }
        let Some(content) = known.map(|known| known.content()) else { continue };
        for symbol in symbols_around(&content.outline, file, diff.is_applied) {
            collected.add(&symbol.name, AROUND);
            collected.declare(symbol.name.as_str());
        }
    }
    collected.finish()
}

/// The declarations that a file's changed lines stand in, innermost first; those
/// that stand outside where it was named alone.
pub fn symbols_around<'a>(outline: &'a Outline, file: &DiffFile, is_applied: bool) -> Vec<&'a Symbol> {
    if file.status == DiffStatus::Named {
        return outline.symbols.iter().filter(|symbol| symbol.public && is_named(symbol)).collect();
    }
    let spans: Vec<(u32, u32)> = file.hunks.iter().map(|hunk| hunk.span(is_applied)).collect();
    let touches = |symbol: &&Symbol| {
        spans.iter().any(|(first, last)| *first <= symbol.end_line && symbol.line <= *last)
    };
    outline.symbols.iter().filter(|symbol| is_named(symbol)).filter(touches).collect()
}

fn is_named(symbol: &Symbol) -> bool {
    !matches!(symbol.kind, SymbolKind::Section | SymbolKind::Module | SymbolKind::Impl | SymbolKind::Variable)
}

/// A line that is a comment as a whole, as most languages write it.
fn is_comment(line: &str) -> bool {
    let marks = ["//", "/*", "* ", "# ", "-- ", "\"\"\"", "<!--"];
    marks.iter().any(|mark| line.trim_start().starts_with(mark))
}

#[derive(Default)]
struct Collected {
    terms: Terms,
    found: HashMap<u32, ChangedName>,
}

impl Collected {
    /// The words of lines that were removed and added. Of prose only what no other
    /// prose would say: names of several parts.
    fn add_hunk(&mut self, hunk: &DiffHunk, is_prose: bool) {
        let read = |lines: &'_ [SafeText]| -> Vec<SafeText> {
            let short = lines.iter().take(MOST_LINES).filter(|line| line.as_str().len() < LONGEST);
            short.cloned().collect()
        };
        let (removed, added) = (read(&hunk.removed), read(&hunk.added));
        let mut balance: HashMap<&str, i32> = HashMap::new();
        for (lines, sign) in [(&removed, -1), (&added, 1)] {
            for token in lines.iter().flat_map(|line| rank_terms::tokens(line.as_str())) {
                *balance.entry(token.text).or_default() += sign;
            }
        }
        for line in removed.iter().chain(&added) {
            let says = is_prose || is_comment(line.as_str());
            for token in rank_terms::tokens(line.as_str()) {
                let is_word = says && !rank_terms::is_compound(token.text);
                let changes = balance.get(token.text).is_some_and(|sum| *sum != 0);
                let weight = if changes { CHANGES } else { STAYS };
                match (is_word, is_prose) {
                    (true, true) => {}
                    (true, false) => self.add(&line.part(token.text), SAID * weight),
                    _ => self.add(&line.part(token.text), weight),
                }
            }
        }
    }

    fn add(&mut self, name: &SafeText, weight: f64) {
        let Some((term, whole)) = self.term(name.as_str()) else { return };
        let known = self.found.entry(term).or_insert_with(|| ChangedName {
            term,
            name: name.clone(),
            weight: 0.0,
            whole,
            declared: false,
        });
        known.weight = known.weight.max(weight);
    }

    fn declare(&mut self, name: &str) {
        let Some((term, _)) = self.term(name) else { return };
        if let Some(known) = self.found.get_mut(&term) {
            known.declared = true;
        }
    }

    /// A name of several parts as a whole, any other as the word that it is.
    fn term(&mut self, name: &str) -> Option<(u32, bool)> {
        match rank_terms::is_compound(name) {
            true => rank_terms::whole(name).map(|term| (term.0, true)),
            false => self.terms.word(name.trim_matches('_')).map(|term| (term.0, false)),
        }
    }

    fn finish(self) -> Vec<ChangedName> {
        let mut names: Vec<ChangedName> = self.found.into_values().collect();
        names.sort_by(|a, b| b.weight.total_cmp(&a.weight).then(a.name.cmp(&b.name)));
        names.truncate(MOST);
        names
    }
}
