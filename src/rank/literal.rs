//! What the goal spells out and what few files hold: names, quoted texts and
//! rare words. Whoever quotes a text means it, whatever it is.
//!
//! Not here: words that many files hold (`lexical`), and the lines where they
//! stand (`hit_lines`).

use super::goal::ParsedGoal;
use super::lexical::{Lexical, Match};
use super::table::{Signal, Table};
use crate::model::{Class, Tree};
use crate::rank_terms::{self, Terms};

/// Texts of one goal that are looked for.
const MOST_LITERALS: usize = 6;

/// A word is rare where at most one in so many files, and no more than so many,
/// hold it, and always where `RARE_FILES` do.
const RARE_SHARE: usize = 50;
const RARE_FILES: usize = 3;
const RARE_AT_MOST: usize = 20;

/// In a small project, a word that more than one of so many files hold is none
/// of few.
const LEAST_WITHOUT: usize = 4;

/// A text that the goal spells out.
#[derive(Clone, Debug, PartialEq)]
pub struct GoalLiteral {
    /// As the goal spells it.
    pub text: String,
    /// Words of the goal that a file with it must hold; empty where the index
    /// of words does not know it.
    pub words: Vec<u32>,
    /// The goal quotes it, or spells it as a name.
    pub is_name: bool,
    /// In the first line.
    pub title: bool,
    /// Files that hold its words, in the order of the tree.
    pub files: Vec<u32>,
    /// Few enough to say something.
    pub is_rare: bool,
    /// How much it tells: rare ones more.
    pub weight: f64,
}

/// The goal's literals, the most telling first.
pub fn literals(tree: &Tree, goal: &ParsedGoal, lexical: &Lexical) -> Vec<GoalLiteral> {
    let mut found: Vec<GoalLiteral> = Vec::new();
    let mut terms = Terms::default();
    for quoted in &goal.quoted {
        let words = words_of(&quoted.text, goal, &mut terms);
        found.push(GoalLiteral::new(&quoted.text, words, true, quoted.title));
    }
    let is_quoted = |text: &str| goal.quoted.iter().any(|quoted| quoted.text.contains(text));
    for (at, word) in goal.words.iter().enumerate().filter(|(_, word)| !is_quoted(&word.text)) {
        if word.is_spelled_as_name() {
            let words = if word.text.contains('-') {
                words_of(&word.text, goal, &mut terms)
            } else {
                vec![at as u32]
            };
            found.push(GoalLiteral::new(&word.text, words, true, word.title));
        } else if word.title
            && !word.whole
            && !word.routine
            && word.text.len() > 2
            && (!word.opens || is_declared(tree, &word.text))
        {
            found.push(GoalLiteral::new(&word.text, vec![at as u32], false, true));
        }
    }
    for literal in &mut found {
        literal.measure(tree, lexical);
    }
    found.retain(|literal| literal.is_name || literal.is_rare);
    found.sort_by(|a, b| b.weight.total_cmp(&a.weight).then_with(|| a.text.cmp(&b.text)));
    found.dedup_by(|a, b| a.text.eq_ignore_ascii_case(&b.text));
    found.truncate(MOST_LITERALS);
    found
}

/// The goal's words that a text consists of: a compound as a whole.
pub fn words_of(text: &str, goal: &ParsedGoal, terms: &mut Terms) -> Vec<u32> {
    let mut found = Vec::new();
    for token in rank_terms::tokens(text) {
        let term = match rank_terms::is_compound(token.text) {
            true => rank_terms::whole(token.text),
            false => terms.word(token.text),
        };
        let at = term.and_then(|term| goal.words.binary_search_by_key(&term.0, |word| word.term).ok());
        found.extend(at.map(|at| at as u32).filter(|at| !found.contains(at)));
    }
    found
}

impl GoalLiteral {
    /// A text that is not measured yet.
    pub fn new(text: &str, words: Vec<u32>, is_name: bool, title: bool) -> Self {
        let text = text.to_owned();
        Self { text, words, is_name, title, files: Vec::new(), is_rare: false, weight: 0.0 }
    }

    /// Finds the files that hold its words, and what it tells.
    pub fn measure(&mut self, tree: &Tree, lexical: &Lexical) {
        let holds = |file: &usize| {
            let matches = &lexical.matches[*file];
            let in_text = |word: &u32| matches.iter().any(|m| m.word == *word && m.body + m.doc > 0.0);
            !self.words.is_empty() && self.words.iter().all(in_text)
        };
        let read = (0..tree.files.len()).filter(|at| tree.files[*at].facts.class.is_read());
        let all = read.clone().count();
        self.files = read.filter(holds).map(|at| at as u32).collect();
        let holding = self.files.len();
        let most = (all / RARE_SHARE).clamp(RARE_FILES, RARE_AT_MOST);
        let is_few = holding <= most && holding * LEAST_WITHOUT <= all;
        self.is_rare = holding > 0 && is_few;
        let idf = (1.0 + all as f64 / (holding as f64 + 0.5)).ln();
        let said = if self.title { 1.0 } else { 0.5 } * if self.is_name { 1.5 } else { 1.0 };
        self.weight = super::quantise(if holding > 0 { idf * said } else { 0.1 * said });
    }
}

/// Whether something is called exactly so.
fn is_declared(tree: &Tree, name: &str) -> bool {
    let mut outlines = tree.files.iter().map(|file| &file.content().outline);
    outlines.any(|outline| outline.symbols.iter().any(|symbol| symbol.name.as_str() == name))
}

/// What a rare word of the first line counts of a name: words of prose are rare
/// by chance.
const WORD_LEADS: f64 = 0.5;

/// How much of the goal's rare literals each file holds, how much of its names it
/// declares, and whether its code holds a rare one of the first line or declares a
/// compound name of it: what is called so is meant, however many files use it.
pub fn fill(tree: &Tree, literals: &[GoalLiteral], lexical: &Lexical, table: &mut Table) {
    for literal in literals {
        let is_name = literal.is_name || literal.title && is_imported(tree, literal);
        let worth = if is_name { 1.0 } else { WORD_LEADS };
        for file in &literal.files {
            let at = *file as usize;
            let has = |word: &u32, is: &dyn Fn(&Match) -> bool| {
                lexical.matches[at].iter().any(|found| found.word == *word && is(found))
            };
            let declares = literal.words.iter().all(|word| has(word, &|found| found.defined));
            // A rare word may stand in any comment.
            let holds =
                literal.is_rare && literal.words.iter().all(|word| has(word, &|found| found.body > 0.0));
            let is_declared = literal.is_name && rank_terms::is_compound(&literal.text) && declares;
            let class = tree.files[at].facts.class;
            if literal.title && matches!(class, Class::Source | Class::Config) && (holds || is_declared) {
                let leads = &mut table.column_mut(Signal::LiteralLeads)[at];
                *leads = leads.max(worth);
            }
            if literal.is_rare {
                table.column_mut(Signal::LiteralHeld)[at] += literal.weight;
            }
            if literal.is_rare && declares && class != Class::Doc {
                table.column_mut(Signal::LiteralDeclared)[at] += literal.weight;
            }
        }
    }
    table.normalise(Signal::LiteralHeld);
    table.normalise(Signal::LiteralDeclared);
}

/// Whether a file imports something of this name: a word that is a library or a
/// module is a name, however the goal spells it.
fn is_imported(tree: &Tree, literal: &GoalLiteral) -> bool {
    let imports = |file: &u32| &tree.files[*file as usize].content().outline.imports;
    let mut modules = literal.files.iter().flat_map(imports).map(|import| import.module.as_str());
    modules
        .any(|module| rank_terms::tokens(module).any(|token| token.text.eq_ignore_ascii_case(&literal.text)))
}
