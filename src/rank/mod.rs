//! Which files and symbols matter, for a goal in a person's words or for the
//! project as such. Pure: the same tree, history and goal give the same order
//! on every machine.
//!
//! Not here: reading files or git, and how a ranking is shown.

mod companions;
mod goal;
mod graph;
mod history;
mod lexical;
mod names;
mod symbols;
mod table;

use std::collections::HashMap;

use crate::model::{Class, History, Ranked, Reason, RelPath, SafeText, Tree};
use goal::Goal;
use graph::Graph;
use history::Log;
use lexical::Lexical;
pub use table::{SIGNALS, Signal, Table};

/// Files whose neighbours are looked at.
const HITS: usize = 20;

/// Strongest files whose neighbours are looked at apart.
const FIRST: usize = 3;

/// Files that are compared with the first hits.
const CANDIDATES: usize = 300;

/// Matching tests that vote.
const TESTS: usize = 20;

/// First weights by hand; the nine signals of the published baseline.
const WEIGHTS: [(Signal, f64); 14] = [
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

/// Rounds so that the last bits, in which machines may differ, decide nothing.
pub(crate) fn quantise(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

/// Everything measured for one goal.
pub struct Measured {
    goal: Goal,
    lexical: Lexical,
    pub table: Table,
    /// The weighted sum before learning.
    pub base: Vec<f64>,
}

pub fn measure(tree: &Tree, history: &History, goal: &SafeText) -> Measured {
    let goal = Goal::parse(goal);
    let mut table = Table::new(tree.files.len());
    let mut lexical = Lexical::read(tree, &goal);
    lexical.fill(tree, &goal, &mut table);
    let mut log = Log::read(tree, history, &goal);
    log.fill(tree, &goal, &mut table);
    names::fill(tree, &goal, &lexical, &mut table);
    fill_roles(tree, &mut table);
    let first = base(tree, &goal, &table);
    let graph = Graph::of(tree);
    let hits = sharpened(best(tree, &first, HITS, |class| class == Class::Source), 3);
    let first_hits = sharpened(best(tree, &first, FIRST, |class| class == Class::Source), 8);
    graph.fill(tree, &hits, [Signal::ImportedByHits, Signal::ImportsHits], &mut table);
    graph.fill(tree, &first_hits, [Signal::ImportedByFirst, Signal::ImportsFirst], &mut table);
    let tests = best(tree, &lexical.text, TESTS, |class| class == Class::Test);
    graph.fill_tests(tree, &sharpened(tests.clone(), 3), [Signal::TestVote, Signal::TestName], &mut table);
    graph.fill_tests(tree, &sharpened(tests, 10), [Signal::TestVoteFirst, Signal::TestVoteFirst], &mut table);
    table.set(Signal::CoChange, log.together(tree.files.len(), &hits));
    table.set(Signal::CoChangeFirst, log.together(tree.files.len(), &first_hits));
    table.normalise(Signal::CoChange);
    table.normalise(Signal::CoChangeFirst);
    graph::fill_folders(tree, &first, &first_hits, &mut table);
    let second = base(tree, &goal, &table);
    let candidates = best(tree, &second, CANDIDATES, |_| true);
    companions::fill(tree, &goal, &lexical, &log, &candidates, &mut table);
    table.set(Signal::SimilarTogether, log.similar_together(tree.files.len(), &first_hits));
    table.normalise(Signal::SimilarTogether);
    fill_symbols(tree, &goal, &lexical, &candidates, &mut table);
    fill_goal(tree, &goal, history, &mut table);
    let base = base(tree, &goal, &table);
    Measured { goal, lexical, table, base }
}

/// The power of a weight: the best keep 1, the others fade.
fn sharpened(mut hits: Vec<(u32, f64)>, power: i32) -> Vec<(u32, f64)> {
    for hit in &mut hits {
        hit.1 = hit.1.powi(power);
    }
    hits
}

/// The best declarations of each candidate.
fn fill_symbols(tree: &Tree, goal: &Goal, lexical: &Lexical, candidates: &[(u32, f64)], table: &mut Table) {
    let mut judge = symbols::Judge::new(tree, goal, lexical);
    for (file, _) in candidates {
        let symbols = judge.symbols(*file as usize);
        let top: f64 = symbols.iter().take(5).map(|(_, score)| score).sum();
        table.column_mut(Signal::BestSymbol)[*file as usize] = symbols.first().map_or(0.0, |s| s.1);
        table.column_mut(Signal::TopSymbols)[*file as usize] = top;
    }
    table.normalise(Signal::BestSymbol);
    table.normalise(Signal::TopSymbols);
}

/// What is said of the goal itself, the same for every file.
fn fill_goal(tree: &Tree, goal: &Goal, history: &History, table: &mut Table) {
    let count =
        |keep: &dyn Fn(&goal::Word) -> bool| goal.words.iter().filter(|word| keep(word)).count() as f64;
    let values = [
        (Signal::GoalWords, (1.0 + count(&|w| !w.whole)).ln()),
        (Signal::GoalTitle, count(&|w| w.title && !w.whole)),
        (Signal::GoalCode, (1.0 + count(&|w| w.code > 0)).ln()),
        (Signal::GoalNames, (1.0 + count(&|w| w.name > 0 && w.whole)).ln()),
        (Signal::GoalHistory, (1.0 + history.commits.len() as f64).ln()),
        (Signal::GoalFiles, (1.0 + tree.files.len() as f64).ln()),
    ];
    for (signal, value) in values {
        table.set(signal, vec![value; tree.files.len()]);
    }
}

/// How fast the declarations of a file lose with its place: the exponent of
/// the place. At 0 places do not count, at 1 the second file's count half.
const FADE: f64 = 0.7;

/// The declarations that matter most in the files `ranked` (best first), as
/// (file, symbol, score), best first: those of better files before their like
/// in others.
pub fn symbols_of(tree: &Tree, measured: &Measured, ranked: &[u32]) -> Vec<(u32, u32, f64)> {
    let mut judge = symbols::Judge::new(tree, &measured.goal, &measured.lexical);
    let mut all = Vec::new();
    for (place, &file) in ranked.iter().enumerate() {
        let weight = 1.0 / (1.0 + place as f64).powf(FADE);
        for (symbol, score) in judge.symbols(file as usize) {
            all.push((file, symbol, quantise(score * weight)));
        }
    }
    all.sort_by(|a, b| b.2.total_cmp(&a.2).then((a.0, a.1).cmp(&(b.0, b.1))));
    all
}

fn base(tree: &Tree, goal: &Goal, table: &Table) -> Vec<f64> {
    (0..tree.files.len())
        .map(|file| {
            let sum: f64 = WEIGHTS.iter().map(|(signal, weight)| weight * table.column(*signal)[file]).sum();
            sum * role(tree.files[file].facts.class, goal)
        })
        .collect()
}

/// What a file's class takes from its place as an answer.
fn role(class: Class, goal: &Goal) -> f64 {
    match class {
        Class::Source => 1.0,
        Class::Test if goal.about_tests => 0.9,
        Class::Test => 0.35,
        Class::Doc if goal.about_docs => 0.7,
        Class::Doc | Class::Config => 0.3,
        Class::Data => 0.25,
        _ => 0.05,
    }
}

fn fill_roles(tree: &Tree, table: &mut Table) {
    let mut share: HashMap<&str, f64> = HashMap::new();
    let mut sources = 0.0;
    for file in &tree.files {
        if file.facts.class == Class::Source {
            *share.entry(file.facts.path.extension()).or_default() += 1.0;
            sources += 1.0;
        }
    }
    for (at, file) in tree.files.iter().enumerate() {
        let path = &file.facts.path;
        let flag = |yes: bool| if yes { 1.0 } else { 0.0 };
        let lines = crate::terms::Counts::of(&file.content.words).lines;
        let defined = file.content.outline.symbols.len();
        let values = [
            (Signal::Size, f64::from(lines + 1).ln()),
            (Signal::Defines, (1.0 + defined as f64).ln()),
            (Signal::IsTest, flag(file.facts.class == Class::Test)),
            (Signal::IsOther, flag(!lexical::is_code(file.facts.class))),
            (Signal::IsIndex, flag(names::is_index(path))),
            (
                Signal::IsExample,
                flag(path.as_str().split('/').any(|p| p.starts_with("example") || p.starts_with("bench"))),
            ),
            (Signal::Depth, path.as_str().split('/').count() as f64),
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

/// The first `count` files of a kind with their scores, the best having 1.
pub(crate) fn best(
    tree: &Tree,
    scores: &[f64],
    count: usize,
    kind: impl Fn(Class) -> bool,
) -> Vec<(u32, f64)> {
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

/// All files, the one that matters most for `goal` first. `pins` stand before
/// all others, in their order.
pub fn for_goal(tree: &Tree, history: &History, goal: &SafeText, pins: &[RelPath]) -> Vec<Ranked> {
    let measured = measure(tree, history, goal);
    let mut ranked: Vec<Ranked> = measured
        .base
        .iter()
        .enumerate()
        .map(|(at, score)| Ranked {
            file: at as u32,
            score: quantise(*score),
            reasons: reasons(&measured.table, at),
            symbols: Vec::new(),
        })
        .collect();
    let pinned = |ranked: &Ranked| pins.contains(&tree.files[ranked.file as usize].facts.path);
    ranked.sort_by(|a, b| {
        pinned(b).cmp(&pinned(a)).then(b.score.total_cmp(&a.score)).then(a.file.cmp(&b.file))
    });
    ranked
}

/// All files by how central they are, from content alone: what much code
/// imports, and what that imports, comes first.
pub fn central(tree: &Tree) -> Vec<Ranked> {
    let start: Vec<f64> = tree.files.iter().map(|file| central_role(file.facts.class)).collect();
    let total = start.iter().sum::<f64>().max(f64::MIN_POSITIVE);
    let start: Vec<f64> = start.iter().map(|weight| weight / total).collect();
    let scores = Graph::of(tree).page_rank(&start);
    let mut ranked: Vec<Ranked> = scores
        .iter()
        .enumerate()
        .map(|(at, score)| {
            let class = tree.files[at].facts.class;
            Ranked {
                file: at as u32,
                score: quantise(score * central_role(class) * tree.files.len() as f64),
                reasons: Vec::new(),
                symbols: Vec::new(),
            }
        })
        .collect();
    ranked.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.file.cmp(&b.file)));
    ranked
}

/// Code that runs in production explains a project; the rest follows.
fn central_role(class: Class) -> f64 {
    match class {
        Class::Source => 1.0,
        Class::Test => 0.1,
        Class::Doc | Class::Config => 0.05,
        _ => 0.01,
    }
}

fn reasons(table: &Table, file: usize) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = WEIGHTS
        .iter()
        .map(|(signal, weight)| Reason {
            signal: SIGNALS[*signal as usize].1,
            weight: quantise(weight * table.column(*signal)[file]),
            evidence: SafeText::default(),
            file: None,
        })
        .filter(|reason| reason.weight > 0.0)
        .collect();
    reasons.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    reasons
}
