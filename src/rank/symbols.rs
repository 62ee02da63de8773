//! Which declarations of the best files matter for the goal: by their names,
//! signatures and docs, and by the goal's words in their bodies.
//!
//! Not here: which files are best.

use std::collections::HashMap;

use super::MAX_WORDS;
use super::goal::{GoalWord, ParsedGoal};
use super::lexical::{Lexical, Weights};
use crate::model::{Class, Outline, Reason, ReasonKind, SafeText, Symbol, SymbolKind, Tree};
use crate::rank_terms::{self, Counts, Terms};

/// What a goal word counts in each part of a declaration. Set by hand; on the
/// cases that name functions, half or double of one moves a point or two.
const IN_NAME: f64 = 2.0;
const IN_PARENT: f64 = 0.5;
const IN_SIGNATURE: f64 = 0.5;
const IN_DOC: f64 = 0.5;
const IN_BODY: f64 = 0.9;

/// What it counts that the goal spells the whole name.
const EXACT: f64 = 2.0;

/// What a test counts that stands beside the code.
const AMONG_TESTS: f64 = 0.1;

/// How rare a word is, at least, that says something beside others: no more
/// than half of the files hold it.
const RARE: f64 = 0.65;

/// Scores the declarations of files for one goal.
pub struct SymbolScorer<'a> {
    tree: &'a Tree,
    lexical: &'a Lexical,
    weights: Weights,
    index: HashMap<u32, u32>,
    terms: Terms,
    /// What each word of the goal tells of a line, and behind them the names
    /// that are looked for besides.
    tells: Vec<f64>,
    is_name: Vec<bool>,
    names: HashMap<String, u32>,
    about_tests: bool,
}

impl<'a> SymbolScorer<'a> {
    /// Prepares the scoring of declarations for one goal.
    pub fn new(tree: &'a Tree, goal: &'a ParsedGoal, lexical: &'a Lexical) -> Self {
        Self {
            tree,
            lexical,
            weights: Weights::of(goal),
            index: goal.words.iter().enumerate().map(|(at, word)| (word.term, at as u32)).collect(),
            terms: Terms::default(),
            tells: Vec::new(),
            is_name: goal.words.iter().map(GoalWord::is_spelled_as_name).collect(),
            names: HashMap::new(),
            about_tests: goal.about_tests,
        }
        .telling(goal)
    }

    fn telling(mut self, goal: &ParsedGoal) -> Self {
        let tells = |(at, word): (usize, &GoalWord)| match word.routine || word.is_area() {
            true => 0.0,
            false => self.value(at),
        };
        self.tells = goal.words.iter().enumerate().map(tells).collect();
        self
    }

    /// Looks in lines for a name besides the words of the goal, worth so much.
    pub fn look_for(&mut self, name: &str, worth: f64) {
        if !self.names.contains_key(name) {
            self.names.insert(name.to_owned(), self.tells.len() as u32);
            self.tells.push(worth);
        }
    }

    /// Each declaration of a file with its score, the best first, those
    /// without any of the goal's words left out.
    pub fn symbols(&mut self, file: usize) -> Vec<(u32, f64)> {
        let content = self.tree.files[file].content().clone();
        let outline = &content.outline;
        let block_lines = Counts::of(&content.words).block_lines();
        let names = self.names(outline);
        let mut scored: Vec<(u32, f64)> = Vec::new();
        for at in 0..outline.symbols.len() {
            let symbol = &outline.symbols[at];
            let words = self.in_body(file, symbol, block_lines);
            let lines = f64::from(symbol.end_line.saturating_sub(symbol.line) + 1);
            let local = names[at] + self.surroundings(outline, at, &names) + self.body(&words, lines);
            let score = super::quantise(local * kind_weight(symbol.kind));
            if score > 0.0 {
                scored.push((at as u32, score));
            }
        }
        scored.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        scored
    }

    /// [`symbols`](Self::symbols) as they are told: tests beside the code, which say the
    /// goal's words as it does, stand behind it unless the goal is about them.
    pub fn told(&mut self, file: usize) -> Vec<(u32, f64)> {
        let mut scored = self.symbols(file);
        let facts = &self.tree.files[file];
        if facts.facts.class == Class::Test || self.about_tests {
            return scored;
        }
        let outline = &facts.content().outline;
        for (_, score) in scored.iter_mut().filter(|(symbol, _)| outline.is_among_tests(*symbol as usize)) {
            *score = super::quantise(*score * AMONG_TESTS);
        }
        scored.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        scored
    }

    /// What the name of each declaration is worth.
    fn names(&mut self, outline: &Outline) -> Vec<f64> {
        outline.symbols.iter().map(|symbol| self.name(symbol.name.as_str())).collect()
    }

    fn name(&mut self, name: &str) -> f64 {
        let mut sum = 0.0;
        if let Some(word) = rank_terms::whole(name).and_then(|whole| self.index.get(&whole.0)) {
            let w = *word as usize;
            sum += EXACT * self.weights.exact[w] * self.lexical.idf_defined[w];
        }
        sum + IN_NAME * self.words(name)
    }

    /// The goal's words in a text, each counted once.
    fn words(&mut self, text: &str) -> f64 {
        self.found(text).iter().map(|word| self.value(*word as usize)).sum()
    }

    /// Which of the goal's words a text holds: indices in [`ParsedGoal::words`].
    pub fn found(&mut self, text: &str) -> Vec<u32> {
        let mut seen: Vec<u32> = Vec::new();
        for token in rank_terms::tokens(text) {
            for part in rank_terms::words(token.text) {
                if let Some(word) = self.terms.word(part).and_then(|term| self.index.get(&term.0))
                    && !seen.contains(word)
                {
                    seen.push(*word);
                }
            }
        }
        seen
    }

    /// Which of the goal's words a line holds, compounds as a whole besides
    /// their parts.
    pub fn in_line(&mut self, line: &str) -> Vec<u32> {
        let mut found = self.found(line);
        for token in rank_terms::tokens(line).filter(|token| rank_terms::is_compound(token.text)) {
            let word = rank_terms::whole(token.text).and_then(|whole| self.index.get(&whole.0));
            found.extend(word.filter(|word| !found.contains(word)));
        }
        if !self.names.is_empty() {
            let named = rank_terms::tokens(line).filter_map(|token| self.names.get(token.text));
            found.extend(named);
            found.sort_unstable();
            found.dedup();
        }
        found
    }

    /// What it is worth that the goal spells this whole name.
    pub fn exact(&self, name: &str) -> f64 {
        let word = rank_terms::whole(name).and_then(|whole| self.index.get(&whole.0));
        word.map_or(0.0, |w| self.weights.exact[*w as usize] * self.lexical.idf_defined[*w as usize])
    }

    /// What a word of the goal is worth in this tree, by its place in the goal and its rarity.
    pub fn value(&self, word: usize) -> f64 {
        (self.weights.title[word] + 0.4 * self.weights.all[word]) * self.lexical.idf[word]
    }

    /// Whether the goal spells a word as a name, or it is looked for as one.
    pub fn is_name(&self, word: u32) -> bool {
        self.is_name.get(word as usize).copied().unwrap_or(true)
    }

    /// A word that says something and that most files do not hold.
    pub fn is_telling(&self, word: u32) -> bool {
        let rarity = self.lexical.idf.get(word as usize).copied().unwrap_or(RARE);
        self.tells(word) > 0.0 && rarity >= RARE
    }

    /// What a word or name that [`SymbolScorer::in_line`] found tells of its line.
    pub fn tells(&self, word: u32) -> f64 {
        self.tells[word as usize]
    }

    fn surroundings(&mut self, outline: &Outline, at: usize, names: &[f64]) -> f64 {
        let symbol = &outline.symbols[at];
        let parent = symbol.parent.map_or(0.0, |parent| names.get(parent as usize).copied().unwrap_or(0.0));
        IN_PARENT * parent
            + IN_SIGNATURE * self.words(symbol.signature.as_str())
            + IN_DOC * self.words(symbol.doc.as_str())
    }

    /// What it is worth that so many lines hold these words.
    fn body(&self, words: &[u32], lines: f64) -> f64 {
        IN_BODY * self.worth(words) / (1.0 + (1.0 + lines / 20.0).ln())
    }

    /// What words of the goal are worth together.
    fn worth(&self, words: &[u32]) -> f64 {
        words.iter().map(|word| self.value(*word as usize)).sum()
    }

    /// The goal's words in the blocks of lines that a declaration touches.
    fn in_body(&self, file: usize, symbol: &Symbol, block_lines: u32) -> Vec<u32> {
        let first = (symbol.line.saturating_sub(1) / block_lines).min(63);
        let last = (symbol.end_line.saturating_sub(1) / block_lines).clamp(first, 63);
        let mask = (first..=last).fold(0_u64, |mask, block| mask | 1 << block);
        let matches = self.lexical.matches[file].iter();
        matches.filter(|m| m.blocks & mask != 0).map(|m| m.word).collect()
    }

    /// What the score of a declaration rests on, the strongest first: the
    /// words of `goal`, whose text the judge was made from, in each part of it.
    pub fn reasons(&mut self, goal: &SafeText, words: &[GoalWord], file: usize, symbol: u32) -> Vec<Reason> {
        let content = self.tree.files[file].content().clone();
        let declared = &content.outline.symbols[symbol as usize];
        let parent = declared.parent.map(|parent| &content.outline.symbols[parent as usize].name);
        let block_lines = Counts::of(&content.words).block_lines();
        let parts = [
            (ReasonKind::Name, IN_NAME, self.found(declared.name.as_str())),
            (ReasonKind::Parent, IN_PARENT * IN_NAME, self.found(parent.map_or("", |name| name.as_str()))),
            (ReasonKind::Signature, IN_SIGNATURE, self.found(declared.signature.as_str())),
            (ReasonKind::Doc, IN_DOC, self.found(declared.doc.as_str())),
            (ReasonKind::Body, IN_BODY, self.in_body(file, declared, block_lines)),
        ];
        let mut reasons = Vec::new();
        for (kind, weight, mut found) in parts {
            found.sort_by(|a, b| self.value(*b as usize).total_cmp(&self.value(*a as usize)).then(a.cmp(b)));
            let sum: f64 = found.iter().map(|word| self.value(*word as usize)).sum();
            let texts: Vec<&str> =
                found.iter().take(MAX_WORDS).map(|word| words[*word as usize].text.as_str()).collect();
            if !texts.is_empty() {
                let evidence = goal.parts(&texts, ", ");
                reasons.push(Reason { kind, weight: super::quantise(weight * sum), evidence, file: None });
            }
        }
        reasons.sort_by(|a, b| b.weight.total_cmp(&a.weight).then(a.kind.name().cmp(b.kind.name())));
        reasons
    }
}

/// People change what runs: functions before types before the rest.
pub fn kind_weight(kind: SymbolKind) -> f64 {
    match kind {
        SymbolKind::Function | SymbolKind::Method | SymbolKind::Macro => 1.0,
        SymbolKind::Class
        | SymbolKind::Struct
        | SymbolKind::Enum
        | SymbolKind::Trait
        | SymbolKind::Interface
        | SymbolKind::Type => 0.5,
        _ => 0.4,
    }
}
