//! The signals of every file for one goal: a column of numbers per signal.
//!
//! Not here: how a signal is measured, and what it weighs.

/// What is measured of a file. The order is the order of [`SIGNALS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(usize)]
pub enum Signal {
    Text,
    Title,
    Early,
    Rare,
    Alias,
    DefinedTitle,
    DefinedAll,
    DefinedExact,
    PathTitle,
    PathAll,
    Window,
    MessageTitle,
    MessageAll,
    Similar,
    SimilarTop,
    Recency,
    MentionPath,
    MentionName,
    MentionStem,
    Dotted,
    DottedDefined,
    CoChange,
    ImportedByHits,
    ImportsHits,
    TestVote,
    TestName,
    Folder,
    IsTest,
    IsOther,
    LanguageShare,
    TestVoteFirst,
    TouchShare,
    ContentLike,
    Residual,
    UsedByFirst,
    CoChangeBest,
    TopSymbols,
    Scope,
    LastTouch,
    SimilarRecent,
    SimilarTogether,
    GoalFiles,
    LiteralHeld,
    LiteralDeclared,
}

/// Groups of signals that rest on the same evidence, as they are reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SignalGroup {
    Words,
    Passage,
    Declares,
    Path,
    Named,
    Messages,
    Similar,
    Together,
    Imports,
    Tests,
    Beside,
    Activity,
    Role,
    /// What the goal spells out.
    Literal,
    /// The same for every file: asked about only beside other signals.
    Goal,
}

use Signal::*;

/// Every signal with its group and the name that `waypost explain` lists.
pub const SIGNALS: [(Signal, SignalGroup, &str); 44] = [
    (Text, SignalGroup::Words, "words"),
    (Title, SignalGroup::Words, "words of the first line"),
    (Early, SignalGroup::Words, "words of the first lines"),
    (Rare, SignalGroup::Words, "rare words"),
    (Alias, SignalGroup::Words, "other spellings"),
    (DefinedTitle, SignalGroup::Declares, "declared names, first line"),
    (DefinedAll, SignalGroup::Declares, "declared names"),
    (DefinedExact, SignalGroup::Declares, "declares a name of the goal"),
    (PathTitle, SignalGroup::Path, "path, first line"),
    (PathAll, SignalGroup::Path, "path"),
    (Window, SignalGroup::Passage, "one passage"),
    (MessageTitle, SignalGroup::Messages, "commit messages, first line"),
    (MessageAll, SignalGroup::Messages, "commit messages"),
    (Similar, SignalGroup::Similar, "similar commits"),
    (SimilarTop, SignalGroup::Similar, "most similar commit"),
    (Recency, SignalGroup::Activity, "recently changed"),
    (MentionPath, SignalGroup::Named, "path named"),
    (MentionName, SignalGroup::Named, "file named"),
    (MentionStem, SignalGroup::Path, "module named"),
    (Dotted, SignalGroup::Named, "dotted name"),
    (DottedDefined, SignalGroup::Declares, "dotted name declared"),
    (CoChange, SignalGroup::Together, "changes together with hits"),
    (ImportedByHits, SignalGroup::Imports, "imported by hits"),
    (ImportsHits, SignalGroup::Imports, "imports hits"),
    (TestVote, SignalGroup::Tests, "exercised by matching tests"),
    (TestName, SignalGroup::Tests, "namesake of matching tests"),
    (Folder, SignalGroup::Beside, "folder of hits"),
    (IsTest, SignalGroup::Role, "a test"),
    (IsOther, SignalGroup::Role, "no code"),
    (LanguageShare, SignalGroup::Role, "main language"),
    (TestVoteFirst, SignalGroup::Tests, "exercised by the best matching tests"),
    (TouchShare, SignalGroup::Activity, "share of changes"),
    (ContentLike, SignalGroup::Beside, "reads like the first hits"),
    (Residual, SignalGroup::Words, "words that the first hits lack"),
    (UsedByFirst, SignalGroup::Imports, "declares what the first hits use"),
    (CoChangeBest, SignalGroup::Together, "changes together with the best hit"),
    (TopSymbols, SignalGroup::Declares, "several declarations"),
    (Scope, SignalGroup::Path, "path, the goal's scope"),
    (LastTouch, SignalGroup::Activity, "last touched"),
    (SimilarRecent, SignalGroup::Similar, "similar recent commits"),
    (SimilarTogether, SignalGroup::Together, "similar commits to the first hits"),
    (GoalFiles, SignalGroup::Goal, "files in the project"),
    (LiteralHeld, SignalGroup::Literal, "holds rare names"),
    (LiteralDeclared, SignalGroup::Literal, "declares rare names"),
];

/// One number for each signal of each file, 0 until it is set.
pub struct Table {
    /// `[signal][file]`
    columns: Vec<Vec<f64>>,
}

impl Table {
    /// A table for so many files, all values 0.
    pub fn new(files: usize) -> Self {
        Self { columns: vec![vec![0.0; files]; SIGNALS.len()] }
    }

    /// The values of one signal, by file.
    pub fn column(&self, signal: Signal) -> &[f64] {
        &self.columns[signal as usize]
    }

    /// The values of one signal, to be changed in place.
    pub fn column_mut(&mut self, signal: Signal) -> &mut Vec<f64> {
        &mut self.columns[signal as usize]
    }

    /// Replaces the values of one signal; `values` has one entry for each file.
    pub fn set(&mut self, signal: Signal, values: Vec<f64>) {
        self.columns[signal as usize] = values;
    }

    /// Divides a column by its largest value, so that the best file has 1.
    pub fn normalise(&mut self, signal: Signal) {
        normalise(&mut self.columns[signal as usize]);
    }
}

/// Divides by the largest value; leaves zeros alone.
pub fn normalise(values: &mut [f64]) {
    let best = values.iter().copied().fold(0.0, f64::max);
    if best > 0.0 {
        for value in values {
            *value /= best;
        }
    }
}
