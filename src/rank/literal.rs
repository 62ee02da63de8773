//! What the goal spells out and what few files hold: names, quoted texts and
//! rare words, with the lines where they stand. Whoever quotes a text means it,
//! whatever it is.
//!
//! Not here: words that many files hold (`lexical`).

use std::collections::BTreeMap;

use super::goal::{GoalWord, ParsedGoal};
use super::lexical::{Lexical, Match};
use super::table::{Signal, Table};
use crate::model::{Class, Ranked, SafeText, Tree};
use crate::rank_terms::{self, Terms};

/// Texts of one goal that are looked for.
const MOST_LITERALS: usize = 6;

/// Lines told of each.
const MOST_HITS: usize = 15;

/// Lines told of a word that is no name, and was not quoted.
const MOST_OF_WORD: usize = 4;

/// Lines told of one file before those of the next one are.
const OF_ONE_FILE: usize = 3;

/// Files in which a text is looked for, best first.
const MOST_FILES: usize = 200;

/// Files in which a text is looked for that the index of words cannot tell
/// anything of: a stop word, or punctuation alone.
const UNINDEXED_FILES: usize = 40;

/// Characters of a line that is shown.
const MOST_CHARACTERS: usize = 110;

/// A word is rare where at most one in so many files, and no more than so many,
/// hold it, and always where `RARE_FILES` do.
const RARE_SHARE: usize = 50;
const RARE_FILES: usize = 3;
const RARE_AT_MOST: usize = 20;

/// Files beyond which a name is told by its declarations alone.
const FEW_FILES: usize = 20;

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

/// A line that holds a literal.
#[derive(Clone, Debug, PartialEq)]
pub struct LiteralHit {
    pub file: u32,
    /// From 1.
    pub line: u32,
    /// Without indentation, cut.
    pub text: SafeText,
    /// The line declares it.
    pub declares: bool,
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
        if is_name(word) {
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

/// A compound or a flag that the goal spells as a name.
fn is_name(word: &GoalWord) -> bool {
    word.whole && word.name > 0 && (rank_terms::is_compound(&word.text) || word.text.contains('-'))
}

/// The goal's words that a text consists of: a compound as a whole.
fn words_of(text: &str, goal: &ParsedGoal, terms: &mut Terms) -> Vec<u32> {
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
    fn new(text: &str, words: Vec<u32>, is_name: bool, title: bool) -> Self {
        let text = text.to_owned();
        Self { text, words, is_name, title, files: Vec::new(), is_rare: false, weight: 0.0 }
    }

    fn measure(&mut self, tree: &Tree, lexical: &Lexical) {
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

/// The lines that hold a literal, those that declare it first, then code, then
/// documents and data, by the places of their files; a few of each file before
/// more of any. Besides, how many there are of all, if all files were looked at.
pub fn hits(
    tree: &Tree,
    literal: &GoalLiteral,
    ranked: &[Ranked],
    text: &dyn Fn(u32) -> Option<SafeText>,
) -> (Vec<LiteralHit>, Option<usize>) {
    let mut search = Search::new(literal);
    let holds = |file: u32| literal.words.is_empty() || literal.files.binary_search(&file).is_ok();
    let most = if literal.words.is_empty() { UNINDEXED_FILES } else { MOST_FILES };
    let files = ranked
        .iter()
        .filter(|ranked| ranked.score > 0.0)
        .map(|ranked| ranked.file)
        .filter(|file| holds(*file));
    // A plain word in a table of data is there by chance.
    let is_read = |class: Class| class.is_read() && (literal.is_name || class != Class::Data);
    let mut files = files.filter(|file| is_read(tree.files[*file as usize].facts.class));
    let mut rounds: BTreeMap<(bool, bool, usize), Vec<LiteralHit>> = BTreeMap::new();
    let (mut all, mut holding) = (0, 0);
    for file in files.by_ref().take(most) {
        let Some(text) = text(file) else { continue };
        let declared = declarations(tree, file, &literal.text);
        let is_doc = matches!(tree.files[file as usize].facts.class, Class::Doc | Class::Data);
        let (lines, count) = search.lines(&text);
        all += count;
        holding += usize::from(count > 0);
        for (n, (line, text)) in lines.into_iter().enumerate() {
            let declares = declared.contains(&line);
            let round = (!declares, is_doc, if declares { 0 } else { n / OF_ONE_FILE });
            rounds.entry(round).or_default().push(LiteralHit { file, line, text, declares });
        }
    }
    let is_whole = files.next().is_none();
    // Of what stands everywhere only the declaration says something.
    let is_common = holding > FEW_FILES;
    let hits = rounds.into_values().flatten().filter(|hit| hit.declares || !is_common);
    let most = if literal.is_name || literal.is_rare { MOST_HITS } else { MOST_OF_WORD };
    (hits.take(most).collect(), is_whole.then_some(all))
}

/// The lines in which a file declares something of this name.
fn declarations(tree: &Tree, file: u32, name: &str) -> Vec<u32> {
    let Some(name) = rank_terms::whole(name) else { return Vec::new() };
    let symbols = &tree.files[file as usize].content().outline.symbols;
    let declares = symbols.iter().filter(|symbol| rank_terms::whole(symbol.name.as_str()) == Some(name));
    declares.map(|symbol| symbol.line).collect()
}

/// How a literal is told in a line.
struct Search {
    needle: String,
    /// A single word or name: its other spellings count as well.
    term: Option<rank_terms::Term>,
    whole: Option<rank_terms::Term>,
    /// Quotes must stand around it: it would be in every line.
    is_quoted: bool,
    terms: Terms,
}

impl Search {
    fn new(literal: &GoalLiteral) -> Self {
        let mut terms = Terms::default();
        let is_one = rank_terms::tokens(&literal.text).nth(1).is_none();
        let compound = is_one && rank_terms::is_compound(&literal.text);
        let is_word = is_one && !compound && !literal.is_name;
        Self {
            needle: literal.text.to_lowercase(),
            term: if is_word { terms.word(&literal.text) } else { None },
            whole: if compound { rank_terms::whole(&literal.text) } else { None },
            is_quoted: literal.words.is_empty() && rank_terms::tokens(&literal.text).next().is_some(),
            terms,
        }
    }

    /// The first lines that hold it, from 1, as they are shown, and how many do.
    fn lines(&mut self, text: &SafeText) -> (Vec<(u32, SafeText)>, usize) {
        let mut found = Vec::new();
        let mut all = 0;
        for (at, line) in (1..).zip(text.as_str().lines()) {
            if line.len() < 2_000 && self.is_in(line) {
                all += 1;
                if found.len() < MOST_HITS {
                    found.push((at, text.part(line).one_line(MOST_CHARACTERS)));
                }
            }
        }
        (found, all)
    }

    fn is_in(&mut self, line: &str) -> bool {
        if self.is_quoted {
            return self.stands_quoted(line);
        }
        let lower = line.to_lowercase();
        if is_apart(&lower, &self.needle) {
            return true;
        }
        let is_word = |term| self.term == Some(term);
        let mut words = rank_terms::tokens(line).flat_map(|token| rank_terms::words(token.text));
        let by_word = self.term.is_some() && words.any(|word| self.terms.word(word).is_some_and(is_word));
        let is_name = |token: rank_terms::Token| rank_terms::whole(token.text) == self.whole;
        by_word || self.whole.is_some() && rank_terms::tokens(line).any(is_name)
    }

    fn stands_quoted(&self, line: &str) -> bool {
        let lower = line.to_lowercase();
        let is_quote = |c: char| "\"'`".contains(c);
        lower.match_indices(&self.needle).any(|(at, found)| {
            lower[..at].ends_with(is_quote) && lower[at + found.len()..].starts_with(is_quote)
        })
    }
}

/// Holds the text, no letters or digits right beside it.
fn is_apart(line: &str, needle: &str) -> bool {
    let joins = |c: char| c.is_alphanumeric();
    line.match_indices(needle).any(|(at, found)| {
        let opens = !needle.starts_with(joins) || !line[..at].ends_with(joins);
        opens && (!needle.ends_with(joins) || !line[at + found.len()..].starts_with(joins))
    })
}
