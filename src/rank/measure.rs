//! Every signal of every file for one goal, in the order in which they build
//! on each other: what the files hold, what history says, what is named, and
//! then what stands around the first hits.
//!
//! Not here: what the signals weigh together (the trees), but for the first
//! weights that tell which files are looked at closely.

use std::collections::HashMap;

use super::goal::ParsedGoal;
use super::graph::{self, Graph};
use super::history::Log;
use super::lexical::{self, Lexical, Weights};
use super::literal::{self, GoalLiteral};
use super::table::{SIGNALS, Signal, Table};
use super::{aside, companions, kinds, names, quantise, symbols};
use crate::model::{Class, History, SafeText, Tree};

/// Files whose neighbours are looked at.
const HITS: usize = 20;

/// Strongest files whose neighbours are looked at apart.
const FIRST: usize = 3;

/// Candidates that are compared with the first hits and ordered by the trees,
/// as many as these were trained on; the others follow in the order of the
/// weighted sum. On DEV 98 % of the files sought are among them.
pub const CANDIDATES: usize = 100;

/// What a file of the focus has, at least, of the best file's weighted sum.
const EVIDENT: f64 = 0.15;

/// Matching tests that vote.
const TESTS: usize = 20;

/// What orders the files before the trees judge: the weights of the published
/// baseline of nine signals, and five more set by hand at what each of them
/// gained alone. A fit of them is no better (`benches/relevance/README.md`).
pub const WEIGHTS: [(Signal, f64); 14] = [
    (Signal::Text, 1.0),
    (Signal::Title, 0.6),
    (Signal::PathTitle, 0.4),
    (Signal::DefinedTitle, 0.4),
    (Signal::MessageTitle, 0.8),
    (Signal::MentionPath, 0.4),
    (Signal::MentionName, 0.3),
    (Signal::Dotted, 0.2),
    (Signal::DefinedExact, 0.15),
    (Signal::Window, 0.4),
    (Signal::CoChange, 0.2),
    (Signal::ImportedByHits, 0.1),
    (Signal::TestVote, 0.2),
    (Signal::DottedDefined, 0.2),
];

/// Everything measured for one goal.
pub struct Measured {
    pub goal: ParsedGoal,
    pub lexical: Lexical,
    /// What the goal spells out, the most telling first.
    pub literals: Vec<GoalLiteral>,
    pub log: Log,
    pub graph: Graph,
    /// Strongest files (file, weight), and tests that match.
    pub hits: Vec<(u32, f64)>,
    pub tests: Vec<(u32, f64)>,
    pub table: Table,
    /// What it adds to the score that the goal asks for files of this kind, and
    /// what it takes from it that they stand aside.
    pub of_kind: Vec<f64>,
    /// The weighted sum before the trees.
    pub base: Vec<f64>,
    /// The best of `base`.
    pub best: f64,
}

impl Measured {
    /// Measures every signal of every file for the goal `text`.
    pub fn of(tree: &Tree, history: &History, text: &SafeText) -> Measured {
        let files = tree.files.len();
        let goal = ParsedGoal::parse(text);
        let mut table = Table::new(files);
        let mut lexical = Lexical::read(tree, &goal);
        lexical.fill(tree, &goal, &mut table);
        let mut log = Log::read(tree, history, &goal);
        log.fill(tree, &goal, &mut table);
        names::fill(tree, &goal, &lexical, &mut table);
        fill_roles(tree, &mut table);
        let literals = literal::literals(tree, &goal, &lexical);
        literal::fill(tree, &literals, &lexical, &mut table);

        let is_source = |class: Class| class == Class::Source;
        let mut of_kind = kinds::gains(tree, &goal, &lexical);
        for (gain, loss) in of_kind.iter_mut().zip(aside::losses(tree, &goal)) {
            *gain = if *gain > 0.0 { *gain } else { loss };
        }
        let first = base(tree, &goal, &table, &of_kind);
        let hits = sharpened(best(tree, &first, HITS, is_source), 3);
        let first_hits = sharpened(best(tree, &first, FIRST, is_source), 8);
        let tests = best(tree, &lexical.text, TESTS, |class| class == Class::Test);
        let graph = Graph::of(tree);
        graph.fill(&hits, [Signal::ImportedByHits, Signal::ImportsHits], &mut table);
        let few_tests = sharpened(tests.clone(), 10);
        let tests = sharpened(tests, 3);
        graph.fill_tests(tree, &tests, [Signal::TestVote, Signal::TestName], &mut table);
        graph.fill_tests(tree, &few_tests, [Signal::TestVoteFirst; 2], &mut table);
        for (signal, values) in [
            (Signal::CoChange, log.together(files, &hits)),
            (Signal::SimilarTogether, log.similar_together(files, &first_hits)),
        ] {
            table.set(signal, values);
            table.normalise(signal);
        }
        graph::fill_folders(tree, &first, &mut table);

        let second = base(tree, &goal, &table, &of_kind);
        let candidates = best(tree, &second, CANDIDATES, |_| true);
        companions::fill(tree, &goal, &lexical, &log, &candidates, &mut table);
        fill_symbols(tree, &goal, &lexical, &candidates, &mut table);
        table.set(Signal::GoalFiles, vec![(1.0 + files as f64).ln(); files]);
        let best = second.iter().copied().fold(0.0, f64::max);
        Measured { goal, lexical, literals, log, graph, hits, tests, table, of_kind, base: second, best }
    }

    /// Whether any word of the goal occurs: in a text, a path or a message, or a
    /// file is named.
    pub fn has_evidence(&self, tree: &Tree) -> bool {
        let is_read = |at: usize| tree.files[at].facts.class.is_read();
        (0..tree.files.len()).any(|at| is_read(at) && !self.lexical.matches[at].is_empty()) || self.log.says()
    }

    /// A file that holds something of the goal, and no less than `EVIDENT` of
    /// what the best one has.
    pub fn is_evident(&self, file: usize) -> bool {
        let literal = self.table.column(Signal::LiteralHeld)[file];
        self.base[file] > EVIDENT * self.best || literal > 0.5
    }

    /// Share of the weight of the first line's words that a file holds, in text
    /// or path.
    pub fn held(&self, file: usize) -> f64 {
        let weights = Weights::of(&self.goal);
        let worth = |word: usize| weights.title[word] * self.lexical.idf[word];
        let is_part = |word: &usize| !self.goal.words[*word].whole;
        let all: f64 = (0..self.goal.words.len()).filter(is_part).map(worth).sum();
        let words = self.lexical.matches[file].iter().map(|m| m.word as usize);
        let held: f64 = words.filter(is_part).map(worth).sum();
        if all > 0.0 { held / all } else { 0.0 }
    }

    /// Whether a name of the goal stands in any file.
    pub fn occurs(&self, name: &str) -> bool {
        let literal = self.literals.iter().find(|literal| literal.text == name);
        literal.is_none_or(|literal| literal.words.is_empty() || !literal.files.is_empty())
    }

    /// One entry for each of [`SIGNALS`] and the base score, rounded as the
    /// trees were trained.
    pub fn row(&self, file: usize) -> Vec<f64> {
        let signals = SIGNALS.iter().map(|(signal, _, _)| self.table.column(*signal)[file]);
        signals.chain([self.base[file]]).map(quantise).collect()
    }

    /// The files that the trees judge, best of the base first.
    pub fn candidates(&self, tree: &Tree) -> Vec<u32> {
        best(tree, &self.base, CANDIDATES, |_| true).into_iter().map(|(file, _)| file).collect()
    }
}

/// The power of a weight: the best keep 1, the others fade.
fn sharpened(mut hits: Vec<(u32, f64)>, power: i32) -> Vec<(u32, f64)> {
    for hit in &mut hits {
        hit.1 = hit.1.powi(power);
    }
    hits
}

fn base(tree: &Tree, goal: &ParsedGoal, table: &Table, of_kind: &[f64]) -> Vec<f64> {
    (0..tree.files.len())
        .map(|file| {
            let sum: f64 = WEIGHTS.iter().map(|(signal, weight)| weight * table.column(*signal)[file]).sum();
            let class = tree.files[file].facts.class;
            // A file of the kind that is asked for is an answer as code is.
            let is_asked = of_kind[file] > 0.0 && class.is_read();
            sum * if is_asked { 1.0 } else { role(class, goal) }
        })
        .collect()
}

/// What a file's class leaves of its worth as an answer. People who name a
/// goal mean code that does something, unless they say otherwise.
fn role(class: Class, goal: &ParsedGoal) -> f64 {
    match class {
        Class::Source => 1.0,
        Class::Test if goal.about_tests => 0.9,
        Class::Test => 0.35,
        Class::Doc if goal.about_docs => 0.9,
        Class::Doc | Class::Config => 0.3,
        Class::Data => 0.25,
        _ => 0.0,
    }
}

/// The first `count` files of a kind with their scores, the best having 1.
fn best(tree: &Tree, scores: &[f64], count: usize, kind: impl Fn(Class) -> bool) -> Vec<(u32, f64)> {
    let mut files: Vec<(u32, f64)> = scores
        .iter()
        .enumerate()
        .filter(|(at, score)| kind(tree.files[*at].facts.class) && **score > 0.0)
        .map(|(at, score)| (at as u32, quantise(*score)))
        .collect();
    files.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    files.truncate(count);
    let best = files.first().map_or(1.0, |file| file.1);
    for file in &mut files {
        file.1 /= best;
    }
    files
}

/// The best declarations of each candidate.
fn fill_symbols(
    tree: &Tree,
    goal: &ParsedGoal,
    lexical: &Lexical,
    candidates: &[(u32, f64)],
    table: &mut Table,
) {
    let mut judge = symbols::SymbolScorer::new(tree, goal, lexical);
    for (file, _) in candidates {
        let symbols = judge.symbols(*file as usize);
        let top: f64 = symbols.iter().take(5).map(|(_, score)| score).sum();
        table.column_mut(Signal::TopSymbols)[*file as usize] = top;
    }
    table.normalise(Signal::TopSymbols);
}

/// What a file is, whatever the goal.
fn fill_roles(tree: &Tree, table: &mut Table) {
    let mut share: HashMap<&str, f64> = HashMap::new();
    let mut sources = 0.0;
    for file in tree.files.iter().filter(|file| file.facts.class == Class::Source) {
        *share.entry(file.facts.path.extension()).or_default() += 1.0;
        sources += 1.0;
    }
    let flag = |yes: bool| if yes { 1.0 } else { 0.0 };
    for (at, file) in tree.files.iter().enumerate() {
        let path = &file.facts.path;
        let values = [
            (Signal::IsTest, flag(file.facts.class == Class::Test)),
            (Signal::IsOther, flag(!lexical::is_code(file.facts.class))),
            (
                Signal::LanguageShare,
                share.get(path.extension()).copied().unwrap_or(0.0) / f64::max(sources, 1.0),
            ),
        ];
        for (signal, value) in values {
            table.column_mut(signal)[at] = value;
        }
    }
}
