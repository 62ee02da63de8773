//! Which files and symbols matter, for a goal in a person's words or for the
//! project as such. Pure: the same tree, history and goal give the same order
//! on every machine.
//!
//! A goal's ranking goes through three stages: every file is measured by some
//! forty signals (`measure`), a weighted sum of a few tells the candidates,
//! and learnt trees (`trees`) order those.
//!
//! Not here: reading files or git, and how a ranking is shown.

mod answer;
mod aside;
pub mod baseline;
mod central;
pub mod change;
mod companions;
mod decisive;
mod goal;
mod graph;
mod history;
mod hit_lines;
mod kinds;
mod lexical;
mod line_roles;
mod literal;
mod measure;
mod names;
mod places;
mod reasons;
mod spelled;
mod symbols;
mod table;
mod tested;
#[cfg(test)]
mod tests;
mod trees;
mod twins;
mod uses;

use crate::model::{Class, GeneratedFile, History, Ranked, Reason, ReasonKind, RelPath, SafeText, Tree};
pub use answer::{
    AlreadyThere, EvidenceStrength, FileToEdit, FileToLook, GoalAnswer, LiteralLines, MOST_EDITED, answer,
    tests_by_content,
};
pub use central::{central, current};
pub use hit_lines::LiteralHit;
use lexical::Weights;
pub use line_roles::{LineRole, of as line_roles};
pub use measure::{Measured, WEIGHTS};
pub use places::Place;
use reasons::Reasons;
pub use table::{SIGNALS, Signal};
pub use tested::TestOf;
use trees::Forest;
pub use twins::{Twin, of as twins};

/// Files whose reasons and symbols are worked out.
const EXPLAINED: usize = 60;

/// Goal words quoted in a reason.
const MAX_WORDS: usize = 5;

/// Symbols kept of one file.
const SYMBOLS: usize = 20;

/// How much less a symbol of the second file weighs than its like in the
/// first, and so on: the power of the place. From half of the 139 cases that
/// name functions; 0.7 is a point worse.
const FADE: f64 = 1.0;

/// Files whose symbols compete in [`symbols()`].
const SYMBOL_FILES: usize = 15;

/// The score of a file that is read and has nothing to do with the goal.
const LEAST: f64 = 1e-6;

/// What the weighted sum adds to the trees' score: it steadies them where a
/// project is unlike those they were trained on (DEV, repository unseen: MRR
/// +0.6 at 1, flat from 0.5 to 1).
const STEADY: f64 = 0.7;

/// What a test loses against other candidates unless the goal is about tests:
/// enough to stand behind all code that fits. Half of it speaks for tests and
/// docs where the goal is about them. No figure of DEV depends on it.
const TEST_LOSS: f64 = 2.0;

/// What it adds that a file holds all rare names of the goal, and that it
/// declares them; and that its code holds a rare name of the first line, so that
/// it stands before files that merely say the other words.
const LITERAL_HELD: f64 = 0.4;
const LITERAL_DECLARED: f64 = 0.4;
const LITERAL_LEADS: f64 = 1.5;

/// What it adds to a file's score that the user said it matters: more than
/// any sum of signals. A pin adds it twice.
const SAID: f64 = 20.0;

/// Rounds so that the last bits, in which machines may differ, decide nothing.
fn quantise(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

/// A symbol's place in the ranking for a goal.
#[derive(Clone, Debug, PartialEq)]
pub struct RankedSymbol {
    /// Index in [`Tree::files`].
    pub file: u32,
    /// Index in the file's outline.
    pub symbol: u32,
    pub score: f64,
    /// Strongest first.
    pub reasons: Vec<Reason>,
}

/// One signal of one file, for `waypost explain`.
#[derive(Clone, Debug, PartialEq)]
pub struct Explained {
    pub signal: &'static str,
    /// The file's value, and the largest of any file.
    pub value: f64,
    pub best: f64,
    /// What it moved the score, up or down; 0 below the candidates.
    pub moved: f64,
}

/// What is known of the tree besides its files.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hints<'a> {
    /// They stand first.
    pub pins: &'a [RelPath],
    /// What nobody edits: it comes last.
    pub generated: &'a [GeneratedFile],
}

impl Hints<'_> {
    fn is_generated(&self, path: &RelPath) -> bool {
        self.generated.iter().any(|made| path == &made.path || path.is_below(made.path.as_str()))
    }
}

/// All files, the one that matters most for `goal` first; before all others
/// stand pins, then the files that the goal's first line spells out. The first ones carry reasons and symbols.
/// Files that are not read (vendored, generated, lock files ...) come last.
pub fn for_goal(tree: &Tree, history: &History, goal: &SafeText, hints: Hints) -> Vec<Ranked> {
    explained(tree, history, goal, &Measured::of(tree, history, goal), hints)
}

/// [`for_goal`], and how sure the order is.
pub fn judged_for_goal(
    tree: &Tree,
    history: &History,
    goal: &SafeText,
    hints: Hints,
) -> (Vec<Ranked>, EvidenceStrength) {
    let measured = Measured::of(tree, history, goal);
    let ranked = explained(tree, history, goal, &measured, hints);
    let evidence = answer::evidence(tree, &measured, &ranked);
    (ranked, evidence)
}

/// The files for which there is evidence, best first: those of a focus.
pub fn focused(tree: &Tree, history: &History, goal: &SafeText, hints: Hints) -> Vec<Ranked> {
    let measured = Measured::of(tree, history, goal);
    let mut ranked = explained(tree, history, goal, &measured, hints);
    let focused = answer::focused(tree, &measured, &ranked);
    ranked.retain(|ranked| focused.contains(&ranked.file));
    ranked
}

/// The order with reasons and symbols of the first files.
fn explained(
    tree: &Tree,
    history: &History,
    goal: &SafeText,
    measured: &Measured,
    hints: Hints,
) -> Vec<Ranked> {
    let mut ranked = order(tree, measured, hints);
    let said = said(tree, measured, hints);
    let reasons = Reasons { history, goal, measured, weights: Weights::of(&measured.goal) };
    let mut judge = symbols::SymbolScorer::new(tree, &measured.goal, &measured.lexical);
    for entry in ranked.iter_mut().take(EXPLAINED) {
        let file = entry.file as usize;
        entry.reasons = reasons.of(file, &moved(measured, file));
        if let Some(&(_, kind, weight)) = said.iter().find(|(said, _, _)| *said == entry.file) {
            entry.reasons.retain(|reason| reason.kind != kind);
            let evidence = SafeText::default();
            entry.reasons.insert(0, Reason { kind, weight, evidence, file: None });
        }
        let symbols = judge.told(file);
        entry.symbols = symbols.iter().take(SYMBOLS).map(|(symbol, _)| *symbol).collect();
    }
    ranked
}

/// The symbols that matter most for `goal`, best first, at most `limit`.
pub fn symbols(
    tree: &Tree,
    history: &History,
    goal: &SafeText,
    hints: Hints,
    limit: usize,
) -> Vec<RankedSymbol> {
    let measured = Measured::of(tree, history, goal);
    symbols_in(tree, goal, &measured, &order(tree, &measured, hints), limit)
}

/// [`symbols()`] of files that are ranked already.
pub fn symbols_in(
    tree: &Tree,
    goal: &SafeText,
    measured: &Measured,
    ranked: &[Ranked],
    limit: usize,
) -> Vec<RankedSymbol> {
    let mut judge = symbols::SymbolScorer::new(tree, &measured.goal, &measured.lexical);
    let mut all = Vec::new();
    for (place, entry) in ranked.iter().take(SYMBOL_FILES).enumerate() {
        let weight = (1.0 + place as f64).powf(-FADE);
        for (symbol, score) in judge.told(entry.file as usize) {
            all.push(RankedSymbol {
                file: entry.file,
                symbol,
                score: quantise(score * weight),
                reasons: Vec::new(),
            });
        }
    }
    all.sort_by(|a, b| b.score.total_cmp(&a.score).then((a.file, a.symbol).cmp(&(b.file, b.symbol))));
    all.truncate(limit);
    for ranked in &mut all {
        ranked.reasons = judge.reasons(goal, &measured.goal.words, ranked.file as usize, ranked.symbol);
    }
    all
}

/// Every signal of one file, what it moved, largest first. `None` for a path
/// that is not in the tree.
pub fn explain(tree: &Tree, history: &History, goal: &SafeText, path: &RelPath) -> Option<Vec<Explained>> {
    let file = tree.files.binary_search_by(|file| file.facts.path.cmp(path)).ok()?;
    let measured = Measured::of(tree, history, goal);
    let moved = moved(&measured, file);
    let mut explained: Vec<Explained> = SIGNALS
        .iter()
        .enumerate()
        .map(|(at, (signal, _, name))| {
            let column = measured.table.column(*signal);
            Explained {
                signal: name,
                value: quantise(column[file]),
                best: quantise(column.iter().copied().fold(0.0, f64::max)),
                moved: quantise(moved[at]),
            }
        })
        .collect();
    explained.push(Explained {
        signal: "weighted sum",
        value: quantise(measured.base[file]),
        best: quantise(measured.best),
        moved: quantise(moved[SIGNALS.len()]),
    });
    explained.sort_by(|a, b| b.moved.abs().total_cmp(&a.moved.abs()).then(a.signal.cmp(b.signal)));
    Some(explained)
}

/// What each signal and the weighted sum, last, moved the score.
fn moved(measured: &Measured, file: usize) -> Vec<f64> {
    let mut parts = Forest::get().judge(&measured.row(file)).parts;
    parts[SIGNALS.len()] += STEADY * measured.base[file];
    for (signal, weight) in LITERAL {
        parts[signal as usize] += weight * measured.table.column(signal)[file];
    }
    parts
}

/// What the rare names of a goal add, by hand: the trees do not know them.
const LITERAL: [(Signal, f64); 3] = [
    (Signal::LiteralHeld, LITERAL_HELD),
    (Signal::LiteralDeclared, LITERAL_DECLARED),
    (Signal::LiteralLeads, LITERAL_LEADS),
];

fn judged(tree: &Tree, measured: &Measured, file: usize) -> f64 {
    let trees = Forest::get().judge(&measured.row(file)).score;
    let role = match tree.files[file].facts.class {
        Class::Test if measured.goal.about_tests => TEST_LOSS / 2.0,
        Class::Test => -TEST_LOSS,
        Class::Doc if measured.goal.about_docs => TEST_LOSS / 2.0,
        _ => 0.0,
    };
    let literal: f64 =
        LITERAL.iter().map(|(signal, weight)| weight * measured.table.column(*signal)[file]).sum();
    trees + STEADY * measured.base[file] + literal + role + measured.of_kind[file]
}

/// The files that the user said matter, by a pin or by the goal's first line:
/// the reason and what it adds to the score.
fn said(tree: &Tree, measured: &Measured, hints: Hints) -> Vec<(u32, ReasonKind, f64)> {
    let pinned = hints.pins.iter().filter_map(|pin| tree.index_of(pin));
    let pinned = pinned.map(|file| (file, ReasonKind::Pinned, 2.0 * SAID));
    let asked = names::asked(tree, &measured.goal).into_iter();
    let asked = asked.map(|file| (file, ReasonKind::Named, SAID));
    let mut said: Vec<_> = pinned.chain(asked).collect();
    said.sort_by_key(|(file, _, _)| *file);
    said.dedup_by_key(|(file, _, _)| *file);
    said
}

/// Candidates by the trees, then the others by the weighted sum, ties by path;
/// no reasons yet. Candidates score 1 and more, the others below 1.
pub fn order(tree: &Tree, measured: &Measured, hints: Hints) -> Vec<Ranked> {
    let best = measured.best.max(f64::MIN_POSITIVE);
    let mut scores: Vec<f64> = tree
        .files
        .iter()
        .zip(&measured.base)
        .map(|(file, score)| if file.facts.class.is_read() { (0.999 * score / best).max(LEAST) } else { 0.0 })
        .map(quantise)
        .collect();
    let candidates = measured.candidates(tree);
    let judged: Vec<f64> = candidates.iter().map(|file| judged(tree, measured, *file as usize)).collect();
    let worst = judged.iter().copied().fold(f64::INFINITY, f64::min);
    for (file, score) in candidates.iter().zip(&judged) {
        scores[*file as usize] = quantise(1.0 + score - worst);
    }
    for (score, file) in scores.iter_mut().zip(&tree.files) {
        if hints.is_generated(&file.facts.path) {
            *score = 0.0;
        }
    }
    for (file, _, weight) in said(tree, measured, hints) {
        scores[file as usize] = quantise(scores[file as usize] + weight);
    }
    let mut ranked: Vec<Ranked> = scores
        .iter()
        .enumerate()
        .map(|(at, score)| Ranked {
            file: at as u32,
            score: *score,
            reasons: Vec::new(),
            symbols: Vec::new(),
        })
        .collect();
    ranked.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.file.cmp(&b.file)));
    ranked
}
