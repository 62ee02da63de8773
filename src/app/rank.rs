//! Ranks files and symbols for a goal, and explains the rank of a single file.

use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;

use super::open::{goal, store};
use super::path_filter::PathFilter;
use super::{App, Error, Result};
use crate::model::{self, Class, RelPath, SafeText, SymbolKind, Tree};
use crate::pipeline::{self, Context, EvidenceStrength, Explained, FocusPlace, RankedSymbol, Reading};

/// The goal to rank for, and how many results to return.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The goal; `None` uses the recorded one.
    pub goal: Option<String>,
    pub limit: usize,
    pub files: RankedClass,
    pub filter: PathFilter,
}

/// Which files take part in the answer; their order is the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RankedClass {
    #[default]
    All,
    WithoutTests,
    TestsAlone,
}

impl RankedClass {
    fn holds(self, tree: &Tree, file: u32) -> bool {
        let is_test = tree.files[file as usize].facts.class == Class::Test;
        match self {
            Self::All => true,
            Self::WithoutTests => !is_test,
            Self::TestsAlone => is_test,
        }
    }
}

impl Request {
    /// For each file of the tree whether the answer may name it.
    fn told(&self, tree: &Tree) -> Vec<bool> {
        let paths: Vec<&RelPath> = tree.files.iter().map(|file| &file.facts.path).collect();
        let passing = (!self.filter.is_empty()).then(|| self.filter.passing(&paths));
        let passes = |file: usize| passing.as_ref().is_none_or(|passing| passing.contains(&file));
        (0..paths.len()).map(|file| self.files.holds(tree, file as u32) && passes(file)).collect()
    }
}

/// Files, best first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FileRanking {
    pub goal: Option<SafeText>,
    /// How sure the order is: `clear`, `close`, `weak` or `none`; `None` without
    /// a goal.
    pub evidence: Option<&'static str>,
    /// A sentence that explains this word.
    #[serde(skip)]
    pub means: &'static str,
    pub files: Vec<RankedFile>,
}

/// A file with its score and what speaks for it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RankedFile {
    pub path: RelPath,
    pub score: f64,
    /// The strongest reason first.
    pub reasons: Vec<ReasonReport>,
    /// Qualified names, the most relevant first.
    pub symbols: Vec<SafeText>,
    /// The strongest reasons in a few words.
    #[serde(skip)]
    pub said: SafeText,
}

/// Symbols, best first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SymbolRanking {
    pub goal: SafeText,
    pub symbols: Vec<RankedSymbolReport>,
}

/// A declaration with its score and what speaks for it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RankedSymbolReport {
    pub path: RelPath,
    /// Qualified.
    pub name: SafeText,
    pub kind: SymbolKind,
    pub signature: SafeText,
    pub line: u32,
    pub end_line: u32,
    /// `path:first-last`
    pub place: String,
    pub score: f64,
    pub reasons: Vec<ReasonReport>,
    /// The strongest reasons in a few words.
    #[serde(skip)]
    pub said: SafeText,
}

/// One signal that moved a score, and the text that it rests on.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ReasonReport {
    pub signal: &'static str,
    pub weight: f64,
    /// The evidence, such as matched words; may be empty.
    pub evidence: SafeText,
    /// The file that the evidence is about, if it is another one.
    pub file: Option<RelPath>,
}

/// A file's place in the ranking for a goal.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Explanation {
    pub path: RelPath,
    pub goal: SafeText,
    /// Place in the ranking, counted from 1.
    pub place: usize,
    pub of: usize,
    /// What speaks for the file in a few words each, the strongest first.
    pub reasons: Vec<SafeText>,
    /// The signals that moved the score most come first.
    pub signals: Vec<SignalReport>,
    /// Signals in which the file is far behind the best one.
    pub would_bring_up: Vec<&'static str>,
}

/// What one signal measured for a file, and what it did to the file's score.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SignalReport {
    pub signal: &'static str,
    /// The file's value, and the largest of any file.
    pub value: f64,
    pub best: f64,
    /// How much the signal moved the score, up or down.
    pub moved: f64,
}

/// Ranks the files for the goal; without a goal, or where nothing speaks for any file, the most
/// central come first.
pub fn files(app: &App, request: &Request) -> Result<FileRanking> {
    let context = app.context()?;
    let store = store(&context)?;
    let reading = pipeline::read(&context, store.as_ref())?;
    let memory = crate::records::load(&context)?;
    let history = pipeline::history(&context, store.as_ref(), &reading.head);
    let goal = goal(&context, &memory, request.goal.as_deref());
    let (ranked, evidence) = match &goal {
        Some(goal) => {
            reading.load();
            let (ranked, evidence) = pipeline::judged(&context, &reading, &history, goal, &memory);
            (Some(ranked), Some(evidence))
        }
        None => (None, None),
    };
    // Where nothing speaks for any file, the central ones are all there is to tell.
    let ranked = ranked.filter(|_| evidence != Some(EvidenceStrength::None));
    let ranked = ranked.unwrap_or_else(|| pipeline::rank(&context, &reading, &history, None, &memory));
    let told = request.told(&reading.tree);
    let best = ranked.iter().filter(|ranked| told[ranked.file as usize]).take(request.limit);
    let files = best.map(|ranked| ranked_file(&context, &reading, ranked)).collect();
    app.warn_of_missing(&reading);
    drop_later((reading, history, ranked));
    let (evidence, means) = evidence.map(pipeline::told).unzip();
    Ok(FileRanking { goal, evidence, means: means.unwrap_or_default(), files })
}

/// Ranks the declarations of the best files; fails without a goal.
pub fn symbols(app: &App, request: &Request) -> Result<SymbolRanking> {
    let context = app.context()?;
    let store = store(&context)?;
    let reading = pipeline::read(&context, store.as_ref())?;
    let memory = crate::records::load(&context)?;
    let history = pipeline::history(&context, store.as_ref(), &reading.head);
    let goal = goal(&context, &memory, request.goal.as_deref()).ok_or_else(|| {
        Error::new("symbols can only be ranked for a goal").with_hint("give one with --goal")
    })?;
    reading.load();
    let is_all = request.files == RankedClass::All && request.filter.is_empty();
    let most = if is_all { request.limit } else { usize::MAX };
    let ranked = pipeline::rank_symbols(&context, &reading, &history, &goal, &memory, most);
    let told = request.told(&reading.tree);
    let held = ranked.iter().filter(|ranked| told[ranked.file as usize]);
    let symbols = held.take(request.limit).map(|ranked| symbol(&context, &reading.tree, ranked)).collect();
    app.warn_of_missing(&reading);
    drop_later((reading, history));
    Ok(SymbolRanking { goal, symbols })
}

/// Explains the place of a file in the ranking for a goal, by default the
/// recorded one.
pub fn explain(app: &App, path: &Path, asked: Option<&str>) -> Result<Explanation> {
    let context = app.context()?;
    let store = store(&context)?;
    let path = app.project_path(&context, path)?;
    let reading = pipeline::read(&context, store.as_ref())?;
    let memory = crate::records::load(&context)?;
    let history = pipeline::history(&context, store.as_ref(), &reading.head);
    let goal = goal(&context, &memory, asked).ok_or_else(|| {
        Error::new("a place can only be explained for a goal").with_hint("give one with --goal")
    })?;
    reading.load();
    let found = pipeline::explain(&context, &reading, &history, &goal, &memory, &path);
    let FocusPlace { place, of, signals, mut reasons } = found.ok_or_else(|| {
        Error::new(format!("`{path}` is not among the project's files")).about(path.as_str())
    })?;
    let file = reading.tree.index_of(&path);
    reasons.extend(file.into_iter().flat_map(|file| pipeline::counterparts(&context, &reading, file)));
    app.warn_of_missing(&reading);
    drop_later((reading, history));
    let would_bring_up = missing(&signals);
    let signal = |signal: Explained| {
        let Explained { signal, value, best, moved } = signal;
        SignalReport { signal, value, best, moved }
    };
    Ok(Explanation {
        path,
        goal,
        place,
        of,
        reasons,
        signals: signals.into_iter().map(signal).collect(),
        would_bring_up,
    })
}

/// Frees tens of thousands of outlines on another thread, since that would take
/// a tenth of the whole time.
fn drop_later<T: Send + 'static>(large: T) {
    std::thread::spawn(move || drop(large));
}

fn ranked_file(context: &Context, reading: &Reading, ranked: &model::Ranked) -> RankedFile {
    let tree = &reading.tree;
    let file = &tree.files[ranked.file as usize];
    let symbols = ranked.symbols.iter().map(|index| file.content().outline.qualified_name(*index as usize));
    RankedFile {
        path: file.facts.path.clone(),
        score: ranked.score,
        reasons: reasons(tree, &ranked.reasons),
        symbols: symbols.collect(),
        said: SafeText::join(
            &pipeline::said(context, tree, &ranked.reasons, 3)
                .into_iter()
                .chain(pipeline::counterparts(context, reading, ranked.file))
                .collect::<Vec<_>>(),
            "; ",
        ),
    }
}

fn symbol(context: &Context, tree: &Tree, ranked: &RankedSymbol) -> RankedSymbolReport {
    let file = &tree.files[ranked.file as usize];
    let outline = &file.content().outline;
    let index = ranked.symbol as usize;
    let declared = &outline.symbols[index];
    RankedSymbolReport {
        path: file.facts.path.clone(),
        name: outline.qualified_name(index),
        kind: declared.kind,
        signature: declared.signature.clone(),
        line: declared.line,
        end_line: declared.end_line,
        place: format!("{}:{}-{}", file.facts.path, declared.line, declared.end_line),
        score: ranked.score,
        reasons: reasons(tree, &ranked.reasons),
        said: said(context, tree, &ranked.reasons),
    }
}

/// The three strongest reasons, on one line.
fn said(context: &Context, tree: &Tree, reasons: &[model::Reason]) -> SafeText {
    SafeText::join(&pipeline::said(context, tree, reasons, 3), "; ")
}

fn reasons(tree: &Tree, reasons: &[model::Reason]) -> Vec<ReasonReport> {
    let reason = |reason: &model::Reason| ReasonReport {
        signal: reason.kind.name(),
        weight: reason.weight,
        evidence: reason.evidence.clone(),
        file: reason.file.map(|file| tree.files[file as usize].facts.path.clone()),
    };
    reasons.iter().map(reason).collect()
}

/// Signals that could still move the file up, at most.
const MISSING: usize = 5;

/// Signals in which the file is far behind the best one, the worst first.
fn missing(signals: &[Explained]) -> Vec<&'static str> {
    let is_behind =
        |signal: &&Explained| signal.moved <= 0.0 && signal.best > 0.0 && signal.value < 0.5 * signal.best;
    let mut behind: Vec<&Explained> = signals.iter().filter(is_behind).collect();
    behind.sort_by(|a, b| a.moved.total_cmp(&b.moved).then(a.signal.cmp(b.signal)));
    behind.iter().take(MISSING).map(|signal| signal.signal).collect()
}
